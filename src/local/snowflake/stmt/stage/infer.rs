//! INFER_SCHEMA: columns and types of staged files.

use super::format;
use super::location::{self, Location, StageRef};
use crate::local::snowflake::answer::Field;
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::load::{self, Format, Kind, Load, RowError, StagedFile, parquet};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::types::Ty;
use crate::local::snowflake::udf::json::value::{Json, Reading, parse};
use indexmap::IndexMap;

/// Files looked at unless MAX_FILE_COUNT says otherwise.
const MOST_FILES: usize = 1000;
/// Records of a file looked at unless MAX_RECORDS_PER_FILE says otherwise.
const MOST_RECORDS: u64 = 1000;

type Rows = (Vec<Field>, Vec<Vec<Option<String>>>);

/// What is known of a column.
struct Found {
    ty: Guess,
    files: Vec<String>,
}

/// A column's type as far as its values tell.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Guess {
    /// Only NULL was met.
    Unknown,
    /// Digits before and behind the point.
    Number(usize, usize),
    /// As Snowflake names it.
    Named(&'static str),
}

impl Guess {
    fn join(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a,
            (Self::Unknown, x) | (x, Self::Unknown) => x,
            (Self::Number(a, b), Self::Number(c, d)) => Self::Number(a.max(c), b.max(d)),
            (Self::Number(..), Self::Named("REAL")) | (Self::Named("REAL"), Self::Number(..)) => Self::Named("REAL"),
            (Self::Named("DATE"), Self::Named("TIMESTAMP_NTZ"))
            | (Self::Named("TIMESTAMP_NTZ"), Self::Named("DATE")) => Self::Named("TIMESTAMP_NTZ"),
            (Self::Named("OBJECT" | "ARRAY" | "VARIANT"), _) | (_, Self::Named("OBJECT" | "ARRAY" | "VARIANT")) => {
                Self::Named("VARIANT")
            }
            _ => Self::Named("TEXT"),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Unknown => "TEXT".into(),
            Self::Number(whole, scale) if whole + scale > 38 => "REAL".into(),
            Self::Number(whole, scale) => format!("NUMBER({}, {scale})", (whole + scale).max(1)),
            Self::Named(name) => (*name).to_owned(),
        }
    }

    /// Of a field's text.
    fn of_text(text: &str) -> Self {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let numeric = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
        if !digits.is_empty() && digits != "." && numeric(whole) && numeric(fraction) {
            return Self::Number(whole.trim_start_matches('0').len(), fraction.len());
        }
        if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
            return Self::Named("BOOLEAN");
        }
        if digits.starts_with(|c: char| c.is_ascii_digit())
            && digits.contains(['e', 'E'])
            && text.parse::<f64>().is_ok()
        {
            return Self::Named("REAL");
        }
        if chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok() {
            return Self::Named("DATE");
        }
        if chrono::NaiveTime::parse_from_str(text, "%H:%M:%S%.f").is_ok() {
            return Self::Named("TIME");
        }
        let stamp = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"];
        if stamp.iter().any(|f| chrono::NaiveDateTime::parse_from_str(text, f).is_ok()) {
            return Self::Named("TIMESTAMP_NTZ");
        }
        Self::Named("TEXT")
    }

    fn of_json(value: &Json<'_>) -> Self {
        match value {
            Json::Null => Self::Unknown,
            Json::Bool(_) => Self::Named("BOOLEAN"),
            Json::Number(n) if n.contains(['e', 'E']) => Self::Named("REAL"),
            Json::Number(n) => Self::of_text(n),
            Json::Text(_) => Self::Named("TEXT"),
            Json::Array(_) => Self::Named("ARRAY"),
            Json::Object(_) => Self::Named("OBJECT"),
        }
    }

    /// Of DuckDB's type of a Parquet column.
    fn of_duck(ty: &str, binary_as_text: bool) -> Self {
        match ty {
            "BOOLEAN" => Self::Named("BOOLEAN"),
            "TINYINT" | "SMALLINT" | "INTEGER" | "BIGINT" | "UTINYINT" | "USMALLINT" | "UINTEGER" | "UBIGINT"
            | "HUGEINT" | "UHUGEINT" => Self::Number(38, 0),
            "FLOAT" | "DOUBLE" => Self::Named("REAL"),
            "DATE" => Self::Named("DATE"),
            "TIME" | "TIME_NS" => Self::Named("TIME"),
            "TIMESTAMP" | "TIMESTAMP_S" | "TIMESTAMP_MS" | "TIMESTAMP_NS" => Self::Named("TIMESTAMP_NTZ"),
            "TIMESTAMP WITH TIME ZONE" => Self::Named("TIMESTAMP_LTZ"),
            "BLOB" if !binary_as_text => Self::Named("BINARY"),
            t if t.ends_with(']') => Self::Named("ARRAY"),
            t if t.starts_with("STRUCT") || t.starts_with("MAP") => Self::Named("OBJECT"),
            t => match t.strip_prefix("DECIMAL(").and_then(|r| r.strip_suffix(')')?.split_once(',')) {
                Some((p, s)) => {
                    let (p, s) = (p.trim().parse().unwrap_or(38), s.trim().parse().unwrap_or(0));
                    Self::Number(p - s.min(p), s)
                }
                None => Self::Named("TEXT"),
            },
        }
    }
}

/// `INFER_SCHEMA(LOCATION => …, FILE_FORMAT => … [, IGNORE_CASE, MAX_FILE_COUNT, MAX_RECORDS_PER_FILE])`.
///
/// # Errors
/// 002003 for a missing stage or format, what the format refuses, files that cannot be read.
pub fn infer(cx: &mut Cx<'_>, given: &[(String, String)]) -> SfResult<Rows> {
    let get = |name: &str| given.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str());
    let known = ["LOCATION", "FILE_FORMAT", "IGNORE_CASE", "MAX_FILE_COUNT", "MAX_RECORDS_PER_FILE", "KIND"];
    if let Some((unknown, _)) = given.iter().find(|(k, _)| !known.contains(&k.as_str())) {
        return Err(SfError::unsupported(&format!("argument {unknown} of INFER_SCHEMA")));
    }
    if get("KIND").is_some_and(|k| !k.eq_ignore_ascii_case("STANDARD")) {
        return Err(SfError::unsupported("INFER_SCHEMA for Iceberg tables"));
    }
    let missing = |name: &str| SfError::compile("000938", "22023", format!("missing argument {name} of INFER_SCHEMA"));
    let place = StageRef::parse(get("LOCATION").ok_or_else(|| missing("LOCATION"))?)?;
    let name = Cursor::new(get("FILE_FORMAT").ok_or_else(|| missing("FILE_FORMAT"))?)?.name()?;
    let number = |name: &str| get(name).and_then(|n| n.parse::<u64>().ok());
    let (location, format) = cx.in_scope("SELECT", |s| {
        Ok::<_, SfError>((Location::find(s, &cx.s.user, &place, false)?, format::named(s, &name)?))
    })?;
    let mut files = location.list(cx.engine, None)?;
    files.truncate(number("MAX_FILE_COUNT").and_then(|n| usize::try_from(n).ok()).unwrap_or(MOST_FILES));
    let records = number("MAX_RECORDS_PER_FILE").unwrap_or(MOST_RECORDS);
    let fold = get("IGNORE_CASE").is_some_and(|v| v.eq_ignore_ascii_case("TRUE"));
    let mut found: IndexMap<String, Found> = IndexMap::new();
    for file in &files {
        let columns =
            columns(cx, &format, file, records).map_err(|e| SfError::execution(e.code, e.state, e.message))?;
        for (name, guess) in columns {
            let name = if fold { name.to_uppercase() } else { name };
            let entry = found.entry(name).or_insert(Found { ty: Guess::Unknown, files: Vec::new() });
            entry.ty = entry.ty.clone().join(guess);
            entry.files.push(file.name.clone());
        }
    }
    Ok((fields(), rows(&found, &format)))
}

fn fields() -> Vec<Field> {
    [
        ("COLUMN_NAME", Ty::TEXT),
        ("TYPE", Ty::TEXT),
        ("NULLABLE", Ty::Boolean),
        ("EXPRESSION", Ty::TEXT),
        ("FILENAMES", Ty::TEXT),
        ("ORDER_ID", Ty::INT),
    ]
    .into_iter()
    .map(|(n, t)| Field::new(n, t))
    .collect()
}

fn rows(found: &IndexMap<String, Found>, format: &Format) -> Vec<Vec<Option<String>>> {
    found
        .iter()
        .enumerate()
        .map(|(i, (name, f))| {
            let ty = f.ty.text();
            let source = if format.is_json() { format!("$1:{}", quoted(name)) } else { format!("${}", i + 1) };
            let expression = format!("{source}::{ty}");
            [name.clone(), ty, "true".into(), expression, f.files.join(", "), i.to_string()].map(Some).to_vec()
        })
        .collect()
}

/// A key of a path: quoted where it is no plain word.
fn quoted(name: &str) -> String {
    let plain =
        name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !name.starts_with(|c: char| c.is_ascii_digit());
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// A file's columns in order.
fn columns(cx: &Cx<'_>, format: &Format, file: &StagedFile, most: u64) -> Result<Vec<(String, Guess)>, RowError> {
    let store = location::store(cx.engine).map_err(|e| RowError::fatal(e.code, e.state, e.message))?;
    match &format.kind {
        Kind::Parquet { binary_as_text, .. } => {
            let (_, object) = store.get(&file.bucket, &file.key).map_err(|e| parquet::broken(&e))?;
            let on_disk = parquet::OnDisk::new(object).map_err(|e| parquet::broken(&e))?;
            let found = parquet::connect().and_then(|conn| on_disk.columns(&conn)).map_err(|e| parquet::broken(&e))?;
            Ok(found.into_iter().map(|(n, ty)| (n, Guess::of_duck(&ty, *binary_as_text))).collect())
        }
        Kind::Csv(csv) => {
            // The header is a record like any other here.
            let plain = Format { kind: Kind::Csv(load::Csv { parse_header: false, ..csv.clone() }), ..format.clone() };
            let load = Load::new(store, vec![file.clone()], plain, 1, cx.q.now_us);
            delimited(&load, csv.parse_header, most)
        }
        Kind::Json(_) => documents(&Load::new(store, vec![file.clone()], format.clone(), 1, cx.q.now_us), most),
    }
}

fn delimited(load: &Load, header: bool, most: u64) -> Result<Vec<(String, Guess)>, RowError> {
    let (mut records, _) = load::open(load, 0)?;
    let mut out: Vec<(String, Guess)> = Vec::new();
    let mut named = !header;
    loop {
        let mut batch = load::Batch::default();
        if !records.next(&mut batch)? || records.row() > most + u64::from(header) {
            return Ok(out);
        }
        let texts = (0..batch.fields()).map(|i| batch.get(0, i).map(|b| String::from_utf8_lossy(b).into_owned()));
        if named {
            for (i, text) in texts.enumerate() {
                if out.len() <= i {
                    out.push((format!("c{}", i + 1), Guess::Unknown));
                }
                if let Some(text) = text {
                    out[i].1 = out[i].1.clone().join(Guess::of_text(&text));
                }
            }
        } else {
            out = texts.map(|t| (t.unwrap_or_default(), Guess::Unknown)).collect();
            named = true;
        }
    }
}

fn documents(load: &Load, most: u64) -> Result<Vec<(String, Guess)>, RowError> {
    let (mut records, _) = load::open(load, 0)?;
    let mut out: IndexMap<String, Guess> = IndexMap::new();
    loop {
        let mut batch = load::Batch::default();
        if !records.next(&mut batch)? || records.row() > most {
            return Ok(out.into_iter().collect());
        }
        let Some(text) = batch.get(0, 0).and_then(|b| std::str::from_utf8(b).ok()) else { continue };
        let Ok(Some(Json::Object(members))) = parse(text, Reading::default()) else { continue };
        for (key, value) in &members {
            let entry = out.entry(key.to_string()).or_insert(Guess::Unknown);
            *entry = entry.clone().join(Guess::of_json(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_say_what_a_column_holds() {
        for (texts, expected) in [
            (vec!["1", "-22"], "NUMBER(2, 0)"),
            (vec!["1.5", "100"], "NUMBER(4, 1)"),
            (vec!["0"], "NUMBER(1, 0)"),
            (vec!["1", "1e5"], "REAL"),
            (vec!["true", "False"], "BOOLEAN"),
            (vec!["2024-01-02", "2024-01-02 03:04:05"], "TIMESTAMP_NTZ"),
            (vec!["2024-01-02"], "DATE"),
            (vec!["10:20:30"], "TIME"),
            (vec!["1", "x"], "TEXT"),
            (vec![], "TEXT"),
        ] {
            let joined = texts.iter().fold(Guess::Unknown, |g, t| g.join(Guess::of_text(t)));
            assert_eq!(joined.text(), expected, "{texts:?}");
        }
        assert_eq!(Guess::of_duck("DECIMAL(10,2)", true).text(), "NUMBER(10, 2)");
        assert_eq!(Guess::of_duck("BLOB", false).text(), "BINARY");
    }
}
