//! COPY INTO a location: a query's rows as staged files.

mod options;
mod write;

use super::super::{Class, Statement};
use super::location::{self, Location, StageRef};
use crate::local::snowflake::answer::{Answer, Field, kind};
use crate::local::snowflake::bind::Bound;
use crate::local::snowflake::bind::binder::Binder;
use crate::local::snowflake::bind::cast::{self, Mode};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::load::Kind;
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::stmt::dml;
use crate::local::snowflake::types::Ty;
use options::UnloadOptions;
use sqlparser::tokenizer::Token;
use write::{Output, Written};

struct Unload {
    place: StageRef,
    query: String,
    /// PARTITION BY.
    partition: Option<String>,
    options: UnloadOptions,
}

/// A bound unload.
struct Plan {
    location: Location,
    /// DuckDB SQL: the files' columns as `v1` …, behind the partition as `p` where there is one.
    sql: String,
    names: Vec<String>,
    types: Vec<Ty>,
    output: Output,
}

/// Behind COPY INTO, at the place.
///
/// # Errors
/// 001003; 001008 for a bad option; 000002 for options that are not supported.
pub fn parse(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let place = StageRef::take(c)?;
    c.expect("FROM")?;
    let query = if *c.peek(0) == Token::LParen {
        c.in_parens()?.to_owned()
    } else {
        format!("SELECT * FROM {}", c.name()?.display())
    };
    let partition = if c.accept("PARTITION BY") {
        // Options follow without a comma: they end the expression.
        Some(if *c.peek(0) == Token::LParen { c.in_parens()?.to_owned() } else { c.ident()? })
    } else {
        None
    };
    let options = options::parse(c)?;
    if partition.is_some() && (options.single || options.overwrite) {
        let other = if options.single { "SINGLE" } else { "OVERWRITE" };
        return Err(SfError::unsupported(&format!("{other} = TRUE with PARTITION BY")));
    }
    Ok(Box::new(Unload { place, query, partition, options }))
}

impl Unload {
    fn plan(&self, b: &mut Binder<'_, '_>) -> SfResult<Plan> {
        let user = b.cx.s.user.clone();
        let (location, output) = b.with_scope(|s| {
            let location = Location::find(s, &user, &self.place, true)?;
            let output = Output::new(s, &self.options, location.definition().map(|d| &d.file_format))?;
            Ok::<_, SfError>((location, output))
        })?;
        for (parameter, value) in &output.format.inputs {
            let name = parameter.replace("INPUT", "OUTPUT");
            if name == "TIMESTAMP_OUTPUT_FORMAT" {
                for kind in ["NTZ", "LTZ", "TZ"] {
                    b.env.values.insert(format!("TIMESTAMP_{kind}_OUTPUT_FORMAT"), value.clone());
                }
            }
            b.env.values.insert(name, value.clone());
        }
        let text = match &self.partition {
            Some(p) => format!("SELECT {p}, q.* FROM ({}) AS q", self.query),
            None => self.query.clone(),
        };
        let mut c = Cursor::new(&text)?;
        let query = c.query()?;
        c.end()?;
        let (sql, fields) = b.query(&query, None)?;
        let first = usize::from(self.partition.is_some());
        let mut list = Vec::new();
        if let Some(p) = fields.first().filter(|_| first == 1) {
            let p = cast::cast(&Bound::new("q.c1", p.ty), Ty::TEXT, Mode::Explicit, &b.env)?;
            list.push(format!("{} AS p", p.sql));
        }
        let (mut names, mut types) = (Vec::new(), Vec::new());
        for (i, field) in fields.iter().enumerate().skip(first) {
            let value = Bound::new(format!("q.c{}", i + 1), field.ty);
            let value = match &output.format.kind {
                Kind::Csv(_) => cast::cast(&value, Ty::TEXT, Mode::Explicit, &b.env)?.sql,
                Kind::Json(_) if !field.ty.is_semi() || fields.len() != first + 1 => return Err(one_document()),
                Kind::Parquet { .. } if matches!(field.ty, Ty::Tz { .. } | Ty::Ltz { .. }) => {
                    return Err(SfError::unsupported(&format!("unloading {} to Parquet", field.ty.family())));
                }
                _ => value.sql,
            };
            list.push(format!("{value} AS v{}", names.len() + 1));
            names.push(field.name.clone());
            types.push(field.ty);
        }
        Ok(Plan { location, sql: format!("SELECT {} FROM ({sql}) AS q", list.join(", ")), names, types, output })
    }
}

fn one_document() -> SfError {
    SfError::compile(
        "002019",
        "0A000",
        "JSON file format can unload one and only one column of type variant, object, or array. Use OBJECT_CONSTRUCT to make it.",
    )
}

impl Statement for Unload {
    fn class(&self) -> Class {
        Class::Dml
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        cx.need_warehouse()?;
        let written = dml::run(cx, |b| self.plan(b), |_| Vec::new(), |cx, plan| self.write(cx, &plan))?;
        if self.options.detailed {
            let rows: Vec<_> = written
                .iter()
                .map(|w| [w.name.clone(), w.stored.to_string(), w.rows.to_string()].map(Some).to_vec())
                .collect();
            return Ok(Answer::texts(kind::UNLOAD, self.fields(), &rows));
        }
        let sum = |f: fn(&Written) -> u64| Some(written.iter().map(f).sum::<u64>().to_string());
        let row = vec![sum(|w| w.rows), sum(|w| w.bytes), sum(|w| w.stored)];
        Ok(Answer::texts(kind::UNLOAD, self.fields(), &[row]))
    }

    fn describe(&self, _cx: &mut Cx<'_>) -> SfResult<Vec<Field>> {
        Ok(self.fields())
    }
}

impl Unload {
    fn fields(&self) -> Vec<Field> {
        if self.options.detailed {
            return vec![
                Field::new("FILE_NAME", Ty::TEXT),
                Field::new("FILE_SIZE", Ty::INT),
                Field::new("ROW_COUNT", Ty::INT),
            ];
        }
        ["rows_unloaded", "input_bytes", "output_bytes"].map(|n| Field::new(n, Ty::INT)).to_vec()
    }

    /// Writes the files: first all to memory or disk, then to the stage.
    fn write(&self, cx: &mut Cx<'_>, plan: &Plan) -> SfResult<Vec<Written>> {
        let work = cx.work_table();
        cx.s.conn.execute_batch(&format!("CREATE TEMP TABLE {work} AS {}", plan.sql))?;
        let out = self.files(cx, plan, &work);
        cx.s.conn.execute_batch(&format!("DROP TABLE IF EXISTS {work}"))?;
        out
    }

    fn files(&self, cx: &mut Cx<'_>, plan: &Plan, work: &str) -> SfResult<Vec<Written>> {
        let store = location::store(cx.engine)?;
        if !plan.location.is_external() {
            store.ensure_bucket(&plan.location.bucket).map_err(|e| location::failed(&e))?;
        }
        let partitions: Vec<Option<String>> = if self.partition.is_some() {
            let mut statement = cx.s.conn.prepare(&format!("SELECT DISTINCT p FROM {work} ORDER BY p"))?;
            statement.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?
        } else {
            vec![None]
        };
        let mut out = Vec::new();
        for partition in partitions {
            let filter = match (&self.partition, &partition) {
                (None, _) => "true".to_owned(),
                (Some(_), Some(p)) => format!("p = {}", crate::local::snowflake::bind::quote_text(p)),
                (Some(_), None) => "p IS NULL".to_owned(),
            };
            let folder = self.partition.as_ref().map(|_| partition.as_deref().unwrap_or("_NULL_"));
            let job = write::Job { conn: &cx.s.conn, work, filter, names: &plan.names, types: &plan.types };
            let pieces = plan.output.pieces(&job, &self.options)?;
            for (i, piece) in pieces.into_iter().enumerate() {
                let key = self.key(cx, plan, folder, i);
                let there = store.head(&plan.location.bucket, &key).is_ok();
                if there && !self.options.overwrite {
                    return Err(SfError::execution(
                        "001030",
                        "22000",
                        format!(
                            "Files already existing at the unload destination: {}. Use overwrite option to force unloading.",
                            plan.location.file(&key, "", 0, 0).shown
                        ),
                    ));
                }
                let stored = store
                    .put(&plan.location.bucket, &key, &piece.content, crate::local::s3::PutOptions::default())
                    .map_err(|e| location::failed(&e))?;
                let name = plan.location.file(&key, "", 0, 0).name;
                out.push(Written { name, rows: piece.rows, bytes: piece.bytes, stored: stored.size });
            }
        }
        Ok(out)
    }

    /// A file's key: `path/data_0_0_0.csv.gz`, `path` where SINGLE.
    fn key(&self, cx: &Cx<'_>, plan: &Plan, folder: Option<&str>, piece: usize) -> String {
        let prefix = &plan.location.prefix;
        let bare = self.place.path.is_empty() || self.place.path.ends_with('/');
        if self.options.single {
            return if bare { join(prefix, "data") } else { prefix.clone() };
        }
        let id = if self.options.query_id || folder.is_some() { format!("_{}", cx.q.id) } else { String::new() };
        let tail = format!("{id}_0_{piece}_0{}", plan.output.extension);
        match (folder, bare) {
            (Some(f), _) => join(&join(prefix, f), &format!("data{tail}")),
            (None, true) => join(prefix, &format!("data{tail}")),
            (None, false) => format!("{prefix}{tail}"),
        }
    }
}

fn join(prefix: &str, name: &str) -> String {
    let between = if prefix.is_empty() || prefix.ends_with('/') { "" } else { "/" };
    format!("{prefix}{between}{name}")
}
