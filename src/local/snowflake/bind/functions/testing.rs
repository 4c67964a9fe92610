//! Runs bound expressions on DuckDB, for the tests.

use super::super::super::error::SfResult;
use super::super::super::types::Ty;
use super::super::super::udf;
use super::super::cast::{Mode, cast, to_text};
use super::super::{Bound, Env, quote_text};
use super::{Call, bind_call};
use duckdb::Connection;

/// A session in Los Angeles with Snowflake's defaults.
pub(crate) fn env() -> Env {
    let mut env = Env { now_us: 1_704_164_645_678_901, timezone: "America/Los_Angeles".into(), ..Env::default() };
    for (k, v) in [("WEEK_START", "0"), ("TIMESTAMP_OUTPUT_FORMAT", "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM")] {
        env.values.insert(k.into(), v.into());
    }
    env.values.insert("TIMESTAMP_NTZ_OUTPUT_FORMAT".into(), "YYYY-MM-DD HH24:MI:SS.FF3".into());
    env
}

/// A text literal.
pub(crate) fn t(value: &str) -> Bound {
    Bound::text(value)
}

/// A number literal with just the digits it needs.
pub(crate) fn num(text: &str) -> Bound {
    let bare = text.trim_start_matches('-');
    let (whole, frac) = bare.split_once('.').unwrap_or((bare, ""));
    let digits = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let ty = Ty::number(digits(whole.len() + frac.len()), digits(frac.len()));
    let sql = format!("CAST('{text}' AS {})", ty.duck());
    Bound { sql, ty, nullable: false, literal: Some(text.to_owned()) }
}

/// A VARIANT.
pub(crate) fn v(json: &str) -> Bound {
    Bound::new(quote_text(json), Ty::Variant)
}

/// Binds and runs a call.
pub(crate) fn call(name: &str, args: Vec<Bound>) -> SfResult<Option<String>> {
    let env = env();
    value(&bind_call(&Call { name, args, env: &env, line: 1, position: 7 })?)
}

/// The value as text, after checking that DuckDB gives exactly the type that the expression claims.
pub(crate) fn value(e: &Bound) -> SfResult<Option<String>> {
    let conn = Connection::open_in_memory()?;
    udf::register(&conn)?;
    on(&conn, e)
}

/// As [`value`], on a connection that has tables.
pub(crate) fn on(conn: &Connection, e: &Bound) -> SfResult<Option<String>> {
    let found: String = conn.query_row(&format!("SELECT typeof({})", e.sql), [], |r| r.get(0))?;
    assert!(found == e.ty.duck() || found == "\"NULL\"", "{}: {found} is not {}", e.sql, e.ty.duck());
    let env = env();
    let text = match e.ty {
        ty if ty.is_semi() => e.sql.clone(),
        _ => match to_text(e, &env) {
            Some(text) => text,
            None => cast(e, Ty::TEXT, Mode::Explicit, &env)?.sql,
        },
    };
    Ok(conn.query_row(&format!("SELECT CAST({text} AS VARCHAR)"), [], |r| r.get(0))?)
}
