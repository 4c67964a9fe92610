//! ORDER BY items: NULL is the largest value in Snowflake.

use super::super::types::Ty;
use super::{Bound, Env};
use sqlparser::ast::{OrderByOptions, OrderBySort};

/// A DuckDB order item with direction and the place of NULLs spelled out.
#[must_use]
pub fn item(key: &Bound, options: &OrderByOptions, env: &Env) -> String {
    format!("{} {}", sort_key(key), direction(options, env))
}

/// `ASC NULLS LAST`, `DESC NULLS FIRST` …
#[must_use]
pub fn direction(options: &OrderByOptions, env: &Env) -> String {
    let descending = matches!(options.sort, Some(OrderBySort::Desc));
    let first_by_default = descending == env.get("DEFAULT_NULL_ORDERING").eq_ignore_ascii_case("LAST");
    let first = options.nulls_first.unwrap_or(first_by_default);
    format!("{} NULLS {}", if descending { "DESC" } else { "ASC" }, if first { "FIRST" } else { "LAST" })
}

fn sort_key(key: &Bound) -> String {
    match key.ty {
        Ty::Tz { .. } => format!("({}).t", key.sql),
        _ => key.sql.clone(),
    }
}
