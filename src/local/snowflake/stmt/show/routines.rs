//! SHOW PROCEDURES and USER FUNCTIONS.

use super::scope::{Rows, ShowScope, fields, text, time, yes};
use crate::local::snowflake::catalog::{Body, Kind, Routine};
use crate::local::snowflake::error::SfResult;
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::stmt::ddl::types::argument;

/// `NAME(NUMBER, VARCHAR) RETURN VARCHAR`.
#[must_use]
pub fn signature(name: &str, r: &Routine) -> String {
    let bare = name.split('(').next().unwrap_or(name);
    let args: Vec<String> = r
        .args
        .iter()
        .map(|(_, t, default)| {
            let ty = argument(t.0);
            if default.is_some() { format!("DEFAULT {ty}") } else { ty.to_owned() }
        })
        .collect();
    let returns = match &r.returns_table {
        Some(columns) => {
            let list: Vec<String> = columns.iter().map(|(n, t)| format!("{n} {}", argument(t.0))).collect();
            format!("TABLE ({})", list.join(", "))
        }
        None => argument(r.returns.0).to_owned(),
    };
    format!("{bare}({}) RETURN {returns}", args.join(", "))
}

fn list(cx: &Cx<'_>, scope: &ShowScope, what: Kind) -> SfResult<Rows> {
    let mut names = vec![
        "created_on:t",
        "name",
        "schema_name",
        "is_builtin",
        "is_aggregate",
        "is_ansi",
        "min_num_arguments:n",
        "max_num_arguments:n",
        "arguments",
        "description",
        "catalog_name",
        "is_table_function",
        "valid_for_clustering",
        "is_secure",
        "secrets",
        "external_access_integrations",
    ];
    if what == Kind::Function {
        names.extend(["is_external_function", "language", "is_memoizable", "is_data_metric"]);
    }
    // LIKE is about the name without its signature.
    let all = ShowScope { like: None, starts_with: None, ..scope.clone() };
    let mut rows = Vec::new();
    for o in all.objects(cx, what)? {
        let (Body::Procedure(r) | Body::Function(r)) = &o.body else { continue };
        let bare = o.bare().split('(').next().unwrap_or_default();
        if !scope.matches(bare) {
            continue;
        }
        let least = r.args.iter().filter(|(_, _, d)| d.is_none()).count();
        let mut row = vec![
            time(o.created_ms),
            text(bare),
            text(&o.name[1]),
            text("N"),
            text("N"),
            text("N"),
            text(least.to_string()),
            text(r.args.len().to_string()),
            text(signature(bare, r)),
            text(if o.comment.is_empty() {
                format!("user-defined {}", what.sql().to_ascii_lowercase())
            } else {
                o.comment.clone()
            }),
            text(&o.name[0]),
            yes(r.returns_table.is_some()),
            text("N"),
            yes(r.secure),
            None,
            None,
        ];
        if what == Kind::Function {
            row.extend([text("N"), text(r.language.to_ascii_uppercase()), text("N"), text("N")]);
        }
        rows.push(row);
    }
    Ok((fields(&names), rows))
}

/// SHOW PROCEDURES.
pub fn procedures(cx: &mut Cx<'_>, scope: &ShowScope) -> SfResult<Rows> {
    list(cx, scope, Kind::Procedure)
}

/// SHOW [USER] FUNCTIONS: those that users made.
pub fn functions(cx: &mut Cx<'_>, scope: &ShowScope) -> SfResult<Rows> {
    list(cx, scope, Kind::Function)
}
