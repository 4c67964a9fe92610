//! FLATTEN: one row for each element of an array or member of an object.
//!
//! Objects on their own level are unfolded by DuckDB itself; arrays are cut by a Rust function that reads the stored text
//! without building a tree, which is several times faster; RECURSIVE is a Rust function altogether.

use super::super::super::error::{SfError, SfResult};
use super::super::super::types::Ty;
use super::super::{Bound, quote_text};
use super::variant::{PathStep, path};

/// FLATTEN's output columns in order.
pub const COLUMNS: [(&str, Ty); 6] = [
    ("SEQ", Ty::INT),
    ("KEY", Ty::TEXT),
    ("PATH", Ty::TEXT),
    ("INDEX", Ty::INT),
    ("VALUE", Ty::Variant),
    ("THIS", Ty::Variant),
];

/// What FLATTEN unfolds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Objects and arrays.
    #[default]
    Both,
    /// Objects only.
    Object,
    /// Arrays only.
    Array,
}

impl Mode {
    /// Reads `'OBJECT'`, `'ARRAY'` or `'BOTH'`.
    ///
    /// # Errors
    /// 001422 for any other word.
    pub fn parse(text: &str) -> SfResult<Self> {
        match text.to_ascii_uppercase().as_str() {
            "BOTH" => Ok(Self::Both),
            "OBJECT" => Ok(Self::Object),
            "ARRAY" => Ok(Self::Array),
            _ => Err(SfError::compile("001422", "22023", format!("invalid value [{text}] for parameter 'MODE'"))),
        }
    }
}

/// A FLATTEN call.
#[derive(Debug, Clone)]
pub struct Flatten {
    /// INPUT: VARIANT, OBJECT or ARRAY.
    pub input: Bound,
    /// PATH as written, empty where none.
    pub path: String,
    /// PATH's steps ([`super::variant::parse_path`]).
    pub steps: Vec<PathStep>,
    /// OUTER.
    pub outer: bool,
    /// RECURSIVE.
    pub recursive: bool,
    /// MODE.
    pub mode: Mode,
    /// Which of [`COLUMNS`] the query uses; the others come out as NULL.
    pub wanted: [bool; 6],
}

impl Flatten {
    /// Of an input, all else as Snowflake's defaults, every column wanted.
    #[must_use]
    pub fn new(input: Bound) -> Self {
        Self {
            input,
            path: String::new(),
            steps: Vec::new(),
            outer: false,
            recursive: false,
            mode: Mode::Both,
            wanted: [true; 6],
        }
    }
}

/// A query with columns `c1`…`c6` ([`COLUMNS`]), without a FROM that it needs from outside: `LATERAL (…) AS r7`. Where
/// FLATTEN stands behind other relations, [`join_sql`] is several times faster.
#[must_use]
pub fn relation_sql(f: &Flatten) -> String {
    rows_sql(f, "SELECT ", "", "")
}

/// Unfolds along the rows of `from` (what stands behind FROM, relations called `aliases`): a query to put into FROM in its
/// place. Its columns are the former relations as structs under their own aliases and FLATTEN's as struct `out`, so that
/// `r1.c1` and `r7.c5` go on meaning what they meant.
#[must_use]
pub fn join_sql(from: &str, aliases: &[&str], out: &str, f: &Flatten) -> String {
    let keep: String = aliases.iter().map(|a| format!("{a}, ")).collect();
    let rows = rows_sql(f, &format!("SELECT {keep}"), &keep, &format!(" FROM {from}"));
    let pack = (1..=6).map(|i| format!("c{i} := sf_c{i}")).collect::<Vec<_>>().join(", ");
    format!("SELECT {keep}struct_pack({pack}) AS {out} FROM ({rows})")
}

/// The unfolded rows. With `keep` the columns are called `sf_c1`…, else `c1`….
fn rows_sql(f: &Flatten, select: &str, keep: &str, from: &str) -> String {
    let prefix = if keep.is_empty() { "" } else { "sf_" };
    let this = path(&f.input, &f.steps).sql;
    let seq = if f.wanted[0] { ", row_number() OVER () AS sf_seq" } else { "" };
    let base = format!("{select}CAST({this} AS VARCHAR) AS sf_b{seq}{from}");
    let lists = if f.recursive { recursive_lists(f) } else { level_lists(f) };
    let lists = format!("SELECT *, {lists} FROM ({base})");
    let mut items = vec![if f.outer {
        "CASE WHEN coalesce(len(sf_v), 0) > 0 THEN sf_v ELSE [CAST(NULL AS VARCHAR)] END AS sf_v".to_owned()
    } else {
        "sf_v".to_owned()
    }];
    if !f.recursive && (f.wanted[1] || f.wanted[2]) {
        items.push("sf_k".into());
    }
    if !f.recursive && (f.wanted[2] || f.wanted[3]) {
        items.push("CASE WHEN starts_with(sf_b, '[') THEN range(CAST(len(sf_v) AS BIGINT)) END AS sf_i".into());
    }
    let carry = if f.wanted[0] { "sf_seq, " } else { "" };
    let cells = format!("SELECT {keep}sf_b, {carry}{} FROM ({lists})", items.join(", "));
    let mut unnest = vec!["unnest(sf_v) AS sf_e".to_owned()];
    if !f.recursive && (f.wanted[1] || f.wanted[2]) {
        unnest.push("unnest(sf_k) AS sf_ke".into());
    }
    if !f.recursive && (f.wanted[2] || f.wanted[3]) {
        unnest.push("unnest(sf_i) AS sf_ie".into());
    }
    let unfolded = format!("SELECT {keep}{carry}sf_b, {} FROM ({cells})", unnest.join(", "));
    let outputs = if f.recursive { recursive_outputs() } else { level_outputs(f) };
    let items: Vec<String> = outputs
        .iter()
        .zip(f.wanted)
        .zip(COLUMNS)
        .enumerate()
        .map(|(i, ((sql, wanted), (_, ty)))| {
            let sql = if wanted { sql.as_str() } else { "NULL" };
            format!("CAST({sql} AS {}) AS {prefix}c{}", ty.duck(), i + 1)
        })
        .collect();
    format!("SELECT {keep}{} FROM ({unfolded})", items.join(", "))
}

/// Lists of one container's values and keys.
fn level_lists(f: &Flatten) -> String {
    let (array, object) = (f.mode != Mode::Object, f.mode != Mode::Array);
    let arm = |on: bool, open: &str, sql: &str| {
        if on { format!(" WHEN starts_with(sf_b, '{open}') THEN {sql}") } else { String::new() }
    };
    let mut lists = vec![format!(
        "CASE{}{} END AS sf_v",
        arm(array, "[", "sf_elements(sf_b)"),
        arm(object, "{", "CAST(json_extract(sf_b, '$.*') AS VARCHAR[])"),
    )];
    if f.wanted[1] || f.wanted[2] {
        let keys = arm(object, "{", "json_keys(sf_b)");
        lists.push(if keys.is_empty() {
            "CAST([] AS VARCHAR[]) AS sf_k".into()
        } else {
            format!("CASE{keys} END AS sf_k")
        });
    }
    lists.join(", ")
}

fn level_outputs(f: &Flatten) -> [String; 6] {
    let at = quote_text(&f.path);
    let dot = quote_text(&if f.path.is_empty() { String::new() } else { format!("{}.", f.path) });
    [
        "sf_seq".into(),
        "sf_ke".into(),
        format!(
            "CASE WHEN sf_ie IS NOT NULL THEN {at} || '[' || sf_ie || ']' \
             WHEN regexp_full_match(sf_ke, '[A-Za-z_][A-Za-z0-9_$]*') THEN {dot} || sf_ke \
             WHEN sf_ke IS NOT NULL THEN {at} || '[''' || sf_ke || ''']' END"
        ),
        "sf_ie".into(),
        "sf_e".into(),
        "sf_b".into(),
    ]
}

/// The Rust function gives for each row a JSON array `[key, path, index, value, this]`.
fn recursive_lists(f: &Flatten) -> String {
    let mode = match f.mode {
        Mode::Both => "BOTH",
        Mode::Object => "OBJECT",
        Mode::Array => "ARRAY",
    };
    format!("sf_flatten_all(sf_b, {}, '{mode}') AS sf_v", quote_text(&f.path))
}

fn recursive_outputs() -> [String; 6] {
    [
        "sf_seq".into(),
        "json_extract_string(sf_e, '$[0]')".into(),
        "json_extract_string(sf_e, '$[1]')".into(),
        "json_extract_string(sf_e, '$[2]')".into(),
        "json_extract(sf_e, '$[3]')".into(),
        "coalesce(json_extract(sf_e, '$[4]'), sf_b)".into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::super::super::udf;
    use super::super::testing::v;
    use super::*;
    use duckdb::Connection;

    fn flat(sql: &str) -> Vec<String> {
        let conn = Connection::open_in_memory().unwrap();
        udf::register(&conn).unwrap();
        conn.execute_batch(
            "CREATE TABLE t AS SELECT * FROM (VALUES (1, '[10,\"a,]\"]'), (2, '[]'), (3, NULL)) v(i, j)",
        )
        .unwrap();
        let sql = format!("SELECT concat_ws('|', *COLUMNS(*)) FROM ({sql})");
        let mut statement = conn.prepare(&sql).unwrap();
        let rows = statement.query_map([], |r| r.get::<_, String>(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    fn shown(f: &Flatten) -> Vec<String> {
        flat(&format!(
            "SELECT concat_ws(',', coalesce(c2, '-'), c3, coalesce(c4::VARCHAR, '-'), c5) FROM ({})",
            relation_sql(f)
        ))
    }

    #[test]
    fn one_level() {
        let f = Flatten::new(v(r#"{"a":1,"b c":[77,88]}"#));
        assert_eq!(shown(&f), ["a,a,-,1", "b c,['b c'],-,[77,88]"]);
        let f = Flatten { mode: Mode::Array, ..f };
        assert!(shown(&f).is_empty());
        let f = Flatten { path: "b".into(), steps: vec![PathStep::Key("b".into())], ..Flatten::new(v(r#"{"b":[7]}"#)) };
        assert_eq!(shown(&f), ["-,b[0],0,7"]);
    }

    #[test]
    fn recursive_goes_depth_first() {
        let f = Flatten { recursive: true, ..Flatten::new(v(r#"{"a":1,"b":[77,{"d":null}]}"#)) };
        assert_eq!(
            shown(&f),
            ["a,a,-,1", "b,b,-,[77,{\"d\":null}]", "-,b[0],0,77", "-,b[1],1,{\"d\":null}", "d,b[1].d,-,null"]
        );
    }

    #[test]
    fn along_other_rows() {
        let input = Bound::new("r1.j", Ty::Variant);
        let f = Flatten { wanted: [false, false, false, true, true, false], ..Flatten::new(input) };
        let sql = join_sql("t AS r1", &["r1"], "r2", &f);
        let show = |sql: &str| {
            flat(&format!("SELECT r1.i::VARCHAR AS a, r2.c4::VARCHAR AS b, r2.c5 AS c FROM ({sql}) ORDER BY 1, 2"))
        };
        assert_eq!(show(&sql).len(), 2);
        let outer = join_sql("t AS r1", &["r1"], "r2", &Flatten { outer: true, ..f });
        let rows = flat(&format!(
            "SELECT r1.i::VARCHAR AS a, coalesce(r2.c4::VARCHAR, '-') AS b, coalesce(r2.c5, '-') AS c FROM ({outer}) ORDER BY 1, 2"
        ));
        assert_eq!(rows, ["1|0|10", "1|1|\"a,]\"", "2|-|-", "3|-|-"]);
    }
}
