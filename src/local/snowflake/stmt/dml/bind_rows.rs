//! Arrays of bound values as one relation: `INSERT … VALUES (?, ?)` with many sets runs once, not once a set.

use super::super::super::bind::binder::Binder;
use super::super::super::bind::{Bound, quote_text};
use super::super::super::error::{SfError, SfResult};
use super::super::super::session::Bind;
use super::super::super::types::Ty;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Sets of bound values as the columns of a DuckDB relation `b`.
#[derive(Debug, Clone)]
pub struct BindRows {
    /// DuckDB SQL of the relation.
    sql: Arc<str>,
    /// The typed column of each bind, by its key.
    columns: BTreeMap<String, Bound>,
}

impl BindRows {
    /// Columns from sets that all have the same keys.
    ///
    /// # Errors
    /// A value that is not of its type's form.
    pub fn new(sets: &[BTreeMap<String, Bind>]) -> SfResult<Self> {
        let mut columns = BTreeMap::new();
        let mut list = Vec::new();
        for key in sets.first().into_iter().flat_map(BTreeMap::keys) {
            let values: Vec<Option<&Bind>> = sets.iter().map(|s| s.get(key)).collect();
            let name = format!("p{}", list.len() + 1);
            columns.insert(key.clone(), column(&format!("b.{name}"), &values)?);
            list.push(format!("unnest({}) AS {name}", texts(&values)));
        }
        Ok(Self { sql: format!("(SELECT {}) AS b", list.join(", ")).into(), columns })
    }

    /// The fields of staged files, whose load has this number, as binds `1`, `2` …
    #[must_use]
    pub fn staged(load: i64, width: usize) -> Self {
        let column = |i: usize| (i.to_string(), Bound::new(format!("b.f{i}"), Ty::TEXT));
        Self { sql: format!("sf_stage({load}) AS b").into(), columns: (1..=width).map(column).collect() }
    }

    /// What stands behind FROM.
    #[must_use]
    pub fn relation(&self) -> &str {
        &self.sql
    }

    /// A bind's column.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Bound> {
        self.columns.get(key)
    }
}

/// The values as a DuckDB list of texts. One long literal is read faster than many short ones; it is cut at a mark that no
/// value has, and NULL is such a mark too.
fn texts(values: &[Option<&Bind>]) -> String {
    let text = |v: Option<&Bind>| v.and_then(|b| b.value.clone());
    let has = |mark: &str| values.iter().any(|v| v.is_some_and(|b| b.value.as_ref().is_some_and(|t| t.contains(mark))));
    // Some number below u32::MAX is free: there are fewer values than that.
    let free = |from: u32| {
        (from..u32::MAX)
            .map(|n| format!("\u{1f}{n}\u{1e}"))
            .find(|mark| !has(mark))
            .unwrap_or_else(|| "\u{1f}".to_owned())
    };
    let (cut, null) = (free(0), free(1_000));
    let all: Vec<String> = values.iter().map(|v| text(*v).unwrap_or_else(|| null.clone())).collect();
    let (cut_sql, null_sql) = (quote_text(&cut), quote_text(&null));
    let split = format!("string_split({}, {cut_sql})", quote_text(&all.join(&cut)));
    if values.iter().all(|v| v.is_some_and(|b| b.value.is_some())) {
        return split;
    }
    format!("list_transform({split}, lambda x : nullif(x, {null_sql}))")
}

/// A column of bound texts in its Snowflake type (the wire's forms are those of single values).
fn column(sql: &str, values: &[Option<&Bind>]) -> SfResult<Bound> {
    let given = || values.iter().filter_map(|v| v.and_then(|b| b.value.as_deref()));
    let Some(ty) = values.iter().flatten().map(|b| b.ty.as_str()).next() else { return Ok(Bound::null()) };
    let bad = |v: &str| SfError::compile("002016", "22000", format!("Invalid value '{v}' for a bind of type {ty}"));
    let whole = |text: &str| text.trim().parse::<i128>().map(|_| ()).map_err(|_| bad(text));
    let check = |f: &dyn Fn(&str) -> SfResult<()>| given().try_for_each(f);
    let big = format!("CAST({sql} AS HUGEINT)");
    // Integer division rounds to zero, times before 1970 need the floor.
    let floor = |n: &str, by: i64| format!("CAST(({n} - ((({n} % {by}) + {by}) % {by})) // {by} AS BIGINT)");
    Ok(match ty {
        "FIXED" => {
            let (mut digits, mut scale) = (1usize, 0usize);
            for v in given() {
                let body = v.strip_prefix('-').unwrap_or(v);
                if body.is_empty() || !body.chars().all(|c| c.is_ascii_digit() || c == '.') {
                    return Err(bad(v));
                }
                let (a, b) = body.split_once('.').unwrap_or((body, ""));
                digits = digits.max(a.trim_start_matches('0').len());
                scale = scale.max(b.len());
            }
            let p = (digits + scale).clamp(1, 38);
            let ty = Ty::number(u32::try_from(p).unwrap_or(38), u32::try_from(scale).unwrap_or(0));
            Bound::new(format!("CAST({sql} AS {})", ty.duck()), ty)
        }
        "REAL" => {
            check(&|v| v.parse::<f64>().map(|_| ()).map_err(|_| bad(v)))?;
            Bound::new(format!("CAST({sql} AS DOUBLE)"), Ty::Float)
        }
        "BOOLEAN" => Bound::new(format!("(lower({sql}) IN ('true', '1'))"), Ty::Boolean),
        "DATE" => {
            check(&whole)?;
            Bound::new(format!("(DATE '1970-01-01' + CAST({} AS INTEGER))", floor(&big, 86_400_000)), Ty::Date)
        }
        "TIME" => {
            check(&whole)?;
            Bound::new(format!("CAST(make_timestamp({}) AS TIME)", floor(&big, 1000)), Ty::TIME)
        }
        "TIMESTAMP_NTZ" | "TIMESTAMP" | "TIMESTAMP_LTZ" => {
            check(&whole)?;
            let ty = if ty == "TIMESTAMP_LTZ" { Ty::LTZ } else { Ty::NTZ };
            Bound::new(format!("make_timestamp({})", floor(&big, 1000)), ty)
        }
        "TIMESTAMP_TZ" => {
            check(&|v| {
                let (ns, offset) = v.split_once(' ').unwrap_or((v, "1440"));
                whole(ns).and_then(|()| whole(offset))
            })?;
            let part = |n: u8| format!("CAST(split_part({sql}, ' ', {n}) AS HUGEINT)");
            // Some drivers send the instant alone.
            let pack = format!(
                "struct_pack(t := make_timestamp({}), o := CAST(coalesce(TRY_{}, 1440) - 1440 AS SMALLINT))",
                floor(&part(1), 1000),
                part(2)
            );
            Bound::new(format!("CASE WHEN {sql} IS NOT NULL THEN {pack} END"), Ty::TZ)
        }
        "BINARY" => Bound::new(format!("from_hex({sql})"), Ty::BINARY),
        _ => Bound::new(sql, Ty::TEXT),
    })
}

impl Binder<'_, '_> {
    /// Where the arrays of bound values stand, behind FROM.
    #[must_use]
    pub fn bind_relation(&self) -> Option<String> {
        self.cx.q.bind_rows.as_ref().map(|rows| rows.relation().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sets(ty: &str, values: &[Option<&str>]) -> Vec<BTreeMap<String, Bind>> {
        let bind = |v: Option<&str>| Bind { ty: ty.into(), value: v.map(str::to_owned) };
        values.iter().map(|v| BTreeMap::from([("1".to_owned(), bind(*v))])).collect()
    }

    fn read(ty: &str, values: &[Option<&str>]) -> Vec<Option<String>> {
        let rows = BindRows::new(&sets(ty, values)).unwrap();
        let conn = duckdb::Connection::open_in_memory().unwrap();
        let sql = format!("SELECT CAST({} AS VARCHAR) FROM {}", rows.get("1").unwrap().sql, rows.relation());
        let mut statement = conn.prepare(&sql).unwrap();
        statement.query_map([], |r| r.get(0)).unwrap().map(Result::unwrap).collect()
    }

    fn some(values: &[&str]) -> Vec<Option<String>> {
        values.iter().map(|v| Some((*v).to_owned())).collect()
    }

    #[test]
    fn values_keep_their_types_and_order() {
        assert_eq!(read("FIXED", &[Some("1"), Some("-22.5")]), some(&["1.0", "-22.5"]));
        assert_eq!(
            read("DATE", &[Some("0"), Some("-1"), Some("86400000")]),
            some(&["1970-01-01", "1969-12-31", "1970-01-02"])
        );
        assert_eq!(
            read("TIMESTAMP_NTZ", &[Some("-1000000000"), Some("1500")]),
            some(&["1969-12-31 23:59:59", "1970-01-01 00:00:00.000001"])
        );
        assert_eq!(read("TIME", &[Some("3723000004000")]), some(&["01:02:03.000004"]));
        assert_eq!(
            read("BOOLEAN", &[Some("true"), Some("False"), None]),
            [Some("true".into()), Some("false".into()), None]
        );
    }

    #[test]
    fn texts_may_hold_anything() {
        let odd = ["it's", "", "\u{1f}0\u{1e}", "\u{1f}1000\u{1e}", "a\nb", "NULL"];
        let mut values: Vec<Option<&str>> = odd.iter().copied().map(Some).collect();
        values.push(None);
        let mut want = some(&odd);
        want.push(None);
        assert_eq!(read("TEXT", &values), want);
    }

    #[test]
    fn what_is_no_number_is_refused() {
        assert!(BindRows::new(&sets("FIXED", &[Some("1"), Some("x")])).is_err());
        assert!(BindRows::new(&sets("DATE", &[Some("2024-01-01")])).is_err());
    }
}
