//! Runs bound expressions on DuckDB, for the tests.

use super::super::super::error::SfResult;
use super::super::super::types::Ty;
use super::super::super::udf;
use super::super::cast::{Mode, cast, to_text};
use super::super::{Bound, Env};
use duckdb::Connection;

/// A session in Los Angeles with Snowflake's defaults.
pub(crate) fn env() -> Env {
    let mut env = Env { now_us: 1_704_164_645_678_901, timezone: "America/Los_Angeles".into(), ..Env::default() };
    for (k, v) in [
        ("WEEK_START", "0"),
        ("WEEK_OF_YEAR_POLICY", "0"),
        ("TIMESTAMP_OUTPUT_FORMAT", "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM"),
    ] {
        env.values.insert(k.into(), v.into());
    }
    env
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
    let claimed = e.ty.duck();
    assert!(found == claimed || found == "\"NULL\"" || found == "NULL", "{}: {found} is not {claimed}", e.sql);
    let env = env();
    let text = if e.ty.is_semi() { Some(e.sql.clone()) } else { to_text(e, &env) };
    let text = match text {
        Some(t) => t,
        None => cast(e, Ty::TEXT, Mode::Explicit, &env)?.sql,
    };
    Ok(conn.query_row(&format!("SELECT CAST({text} AS VARCHAR)"), [], |r| r.get(0))?)
}
