//! SHOW PARAMETERS and VARIABLES.

use super::scope::{Listing, Rows, ShowScope, fields, like, text, time};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::params::KNOWN;
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::stmt::Statement;
use crate::local::snowflake::stmt::task::show_parameters;

/// `[LIKE 'p'] [IN | FOR {SESSION | ACCOUNT}]`, behind SHOW PARAMETERS.
///
/// # Errors
/// 001003; 000002 for other places.
pub fn parse(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let (mut pattern, mut task) = (None, None);
    loop {
        if c.accept("LIKE") {
            pattern = Some(c.string()?);
        } else if c.accept("IN") || c.accept("FOR") {
            if c.accept("TASK") {
                task = Some(c.name()?);
            } else if !c.accept("SESSION") && !c.accept("ACCOUNT") {
                let word = c.ident()?;
                return Err(SfError::unsupported(&format!("SHOW PARAMETERS IN {word}")));
            }
        } else {
            break;
        }
    }
    Ok(Listing::show(move |cx| match &task {
        Some(name) => show_parameters(cx, name, pattern.as_deref()),
        None => Ok(rows(cx, pattern.as_deref())),
    }))
}

fn rows(cx: &Cx<'_>, pattern: Option<&str>) -> Rows {
    let rows = KNOWN
        .iter()
        .filter(|(name, _, _)| pattern.is_none_or(|p| like(p, name)))
        .map(|(name, default, ty)| {
            vec![
                text(*name),
                text(cx.s.params.get(name)),
                text(*default),
                text(if cx.s.params.is_set(name) { "SESSION" } else { "" }),
                text(""),
                text(*ty),
            ]
        })
        .collect();
    (fields(&["key", "value", "default", "level", "description", "type"]), rows)
}

/// SHOW VARIABLES.
pub fn variables(cx: &mut Cx<'_>, scope: &ShowScope) -> SfResult<Rows> {
    let now = cx.q.now_us / 1000;
    let vars: Vec<_> =
        cx.s.vars.iter().filter(|(n, _)| scope.matches(n)).map(|(n, b)| (n.clone(), b.clone())).collect();
    let mut rows = Vec::new();
    for (name, value) in vars {
        let shown: Option<String> = match &value.literal {
            Some(text) => Some(text.clone()),
            None => cx.s.conn.query_row(&format!("SELECT CAST({} AS VARCHAR)", value.sql), [], |r| r.get(0))?,
        };
        rows.push(vec![None, time(now), time(now), text(name), shown, text(value.ty.wire()), text("")]);
    }
    Ok((fields(&["session_id:n", "created_on:t", "updated_on:t", "name", "value", "type", "comment"]), rows))
}
