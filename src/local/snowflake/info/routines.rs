//! PROCEDURES and FUNCTIONS.

use super::rows::{fields, filled, objects, text, time, yes};
use super::{Ask, Rows};
use crate::local::snowflake::catalog::{Body, Kind, Routine};
use crate::local::snowflake::error::SfResult;
use crate::local::snowflake::session::Cx;

fn list(cx: &Cx<'_>, ask: &Ask<'_>, kind: Kind) -> Rows {
    let word = kind.sql();
    let mut names: Vec<String> =
        ["CATALOG", "SCHEMA", "NAME", "OWNER"].iter().map(|part| format!("{word}_{part}")).collect();
    names.extend(["ARGUMENT_SIGNATURE", "DATA_TYPE"].map(String::from));
    names.push(format!("{word}_LANGUAGE"));
    names.push(format!("{word}_DEFINITION"));
    names.extend(["IS_SECURE", "CREATED:t", "LAST_ALTERED:t", "COMMENT"].map(String::from));
    let columns: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut rows = Vec::new();
    for o in objects(cx, ask.database, kind) {
        let (Body::Procedure(r) | Body::Function(r)) = &o.body else { continue };
        rows.push(vec![
            text(&o.name[0]),
            text(&o.name[1]),
            text(o.bare().split('(').next().unwrap_or_default()),
            text(&o.owner),
            text(arguments(r)),
            text(returns(r)),
            text(r.language.to_ascii_uppercase()),
            text(&r.body),
            yes(r.secure),
            time(o.created_ms),
            time(o.created_ms),
            filled(&o.comment),
        ]);
    }
    (fields(&columns), rows)
}

fn arguments(r: &Routine) -> String {
    let list: Vec<String> = r.args.iter().map(|(n, t, _)| format!("{n} {}", t.0.display())).collect();
    format!("({})", list.join(", "))
}

fn returns(r: &Routine) -> String {
    match &r.returns_table {
        Some(columns) => {
            let list: Vec<String> = columns.iter().map(|(n, t)| format!("{n} {}", t.0.display())).collect();
            format!("TABLE ({})", list.join(", "))
        }
        None => r.returns.0.display(),
    }
}

/// PROCEDURES.
pub fn procedures(cx: &mut Cx<'_>, ask: &Ask<'_>) -> SfResult<Rows> {
    Ok(list(cx, ask, Kind::Procedure))
}

/// FUNCTIONS.
pub fn functions(cx: &mut Cx<'_>, ask: &Ask<'_>) -> SfResult<Rows> {
    Ok(list(cx, ask, Kind::Function))
}
