//! ORDER BY items: NULL is the largest value in Snowflake.

use super::super::types::Ty;
use super::{Bound, Env};
use sqlparser::ast::{Expr, OrderBy, OrderByKind, OrderByOptions, OrderBySort};

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

/// What ORDER BY says; the parser takes `ORDER BY ALL` for a column, which it is where one is called so.
#[must_use]
pub fn kind(order_by: &OrderBy, is_column: impl Fn(&str) -> bool) -> OrderByKind {
    if let OrderByKind::Expressions(items) = &order_by.kind
        && let [item] = items.as_slice()
        && let Expr::Identifier(i) = &item.expr
        && i.quote_style.is_none()
        && i.value.eq_ignore_ascii_case("ALL")
        && !is_column("ALL")
    {
        return OrderByKind::All(item.options.clone());
    }
    order_by.kind.clone()
}

fn sort_key(key: &Bound) -> String {
    match key.ty {
        Ty::Tz { .. } => format!("({}).t", key.sql),
        _ => key.sql.clone(),
    }
}
