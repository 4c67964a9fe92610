//! SHOW, DESCRIBE and POLICY_REFERENCES.

use super::super::show::scope::{Rows, ShowScope, fields, text, time};
use super::attach::seen;
use crate::local::snowflake::catalog::{Body, ColumnDef, Kind, Object, Policy, RowPolicy, quote_name};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use std::sync::Arc;

/// SHOW MASKING POLICIES.
///
/// # Errors
/// 002043 for a missing container.
pub fn show_masking(cx: &mut Cx<'_>, scope: &ShowScope) -> SfResult<Rows> {
    show(cx, scope, Kind::MaskingPolicy)
}

/// SHOW ROW ACCESS POLICIES.
///
/// # Errors
/// 002043 for a missing container.
pub fn show_row_access(cx: &mut Cx<'_>, scope: &ShowScope) -> SfResult<Rows> {
    show(cx, scope, Kind::RowAccessPolicy)
}

fn show(cx: &Cx<'_>, scope: &ShowScope, kind: Kind) -> SfResult<Rows> {
    let names = [
        "created_on:t",
        "name",
        "database_name",
        "schema_name",
        "kind",
        "owner",
        "comment",
        "owner_role_type",
        "options",
    ];
    let rows = scope.objects(cx, kind)?;
    let rows = rows
        .iter()
        .map(|o| {
            vec![
                time(o.created_ms),
                text(o.bare()),
                text(&o.name[0]),
                text(&o.name[1]),
                text(kind.sql().replace(' ', "_")),
                text(&o.owner),
                text(&o.comment),
                text("ROLE"),
                text(""),
            ]
        })
        .collect();
    Ok((fields(&names), rows))
}

/// DESC MASKING POLICY and DESC ROW ACCESS POLICY.
#[must_use]
pub fn describe(o: &Object, p: &Policy) -> Rows {
    let args: Vec<String> = p.args.iter().map(|(n, t)| format!("{n} {}", t.0.display())).collect();
    let row = vec![text(o.bare()), text(format!("({})", args.join(", "))), text(p.returns.0.display()), text(&p.body)];
    (fields(&["name", "signature", "return_type", "body"]), vec![row])
}

/// The full name of a policy, for those who may know of it.
#[must_use]
pub fn name_of(cx: &Cx<'_>, policy: i64) -> Option<String> {
    seen(cx, policy).map(|o| quote_name(&o.name))
}

fn policies(o: &Object) -> (&[ColumnDef], Option<&RowPolicy>) {
    match &o.body {
        Body::Table(t) => (&t.columns, t.row_policy.as_ref()),
        Body::View(v) => (&v.columns, v.row_policy.as_ref()),
        _ => (&[], None),
    }
}

/// Whether a policy is set on a table or view.
pub(super) fn uses(o: &Object, policy: i64) -> bool {
    let (columns, rows) = policies(o);
    rows.is_some_and(|r| r.policy == policy)
        || columns.iter().any(|c| c.mask.as_ref().is_some_and(|m| m.policy == policy))
}

/// POLICY_REFERENCES(POLICY_NAME => …) or (REF_ENTITY_NAME => …, REF_ENTITY_DOMAIN => …).
///
/// # Errors
/// 002003 for what is missing or invisible; 000938 without arguments.
pub fn references(cx: &mut Cx<'_>, name: &str, args: &[(String, String)]) -> SfResult<Option<Rows>> {
    if name != "POLICY_REFERENCES" {
        return Ok(None);
    }
    let arg = |key: &str| args.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str());
    let (policy, entity) = match (arg("POLICY_NAME"), arg("REF_ENTITY_NAME")) {
        (Some(policy), None) => {
            let name = Cursor::new(policy)?.name()?;
            let found = cx.find(Kind::MaskingPolicy, &name).or_else(|_| cx.find(Kind::RowAccessPolicy, &name))?;
            (Some(found.id), None)
        }
        (None, Some(entity)) => {
            let kind = match arg("REF_ENTITY_DOMAIN").map(str::to_ascii_uppercase).as_deref() {
                Some("TABLE") => Kind::Table,
                Some("VIEW") => Kind::View,
                other => return Err(SfError::unsupported(&format!("REF_ENTITY_DOMAIN {}", other.unwrap_or("unset")))),
            };
            (None, Some(cx.find(kind, &Cursor::new(entity)?.name()?)?.id))
        }
        _ => return Err(SfError::compile("000938", "22023", "POLICY_REFERENCES needs POLICY_NAME or REF_ENTITY_NAME")),
    };
    let catalog = cx.catalog();
    let mut rows = Vec::new();
    for o in catalog.all().filter(|o| o.dropped_ms.is_none() && entity.is_none_or(|id| id == o.id)) {
        let (columns, row_policy) = policies(o);
        for c in columns {
            let Some(mask) = c.mask.as_ref().filter(|m| policy.is_none_or(|id| id == m.policy)) else { continue };
            if let Some(p) = seen(cx, mask.policy) {
                rows.push(reference(&p, o, Some(&c.name), &names(columns, &mask.args[1..])));
            }
        }
        if let Some(r) = row_policy.filter(|r| policy.is_none_or(|id| id == r.policy))
            && let Some(p) = seen(cx, r.policy)
        {
            rows.push(reference(&p, o, None, &names(columns, &r.args)));
        }
    }
    let columns = [
        "POLICY_DB",
        "POLICY_SCHEMA",
        "POLICY_NAME",
        "POLICY_KIND",
        "REF_DATABASE_NAME",
        "REF_SCHEMA_NAME",
        "REF_ENTITY_NAME",
        "REF_ENTITY_DOMAIN",
        "REF_COLUMN_NAME",
        "REF_ARG_COLUMN_NAMES",
        "TAG_DATABASE",
        "TAG_SCHEMA",
        "TAG_NAME",
        "POLICY_STATUS",
    ];
    Ok(Some((fields(&columns), rows)))
}

/// Columns by physical name, as they are called.
fn names(columns: &[ColumnDef], phys: &[String]) -> Vec<String> {
    phys.iter().filter_map(|p| columns.iter().find(|c| c.phys == *p)).map(|c| c.name.clone()).collect()
}

fn reference(p: &Arc<Object>, on: &Object, column: Option<&String>, args: &[String]) -> Vec<Option<String>> {
    let list: Vec<String> = args.iter().map(|a| format!("\"{a}\"")).collect();
    vec![
        text(&p.name[0]),
        text(&p.name[1]),
        text(p.bare()),
        text(p.kind().sql().replace(' ', "_")),
        text(&on.name[0]),
        text(&on.name[1]),
        text(on.bare()),
        text(on.kind().sql()),
        column.cloned(),
        (!list.is_empty()).then(|| format!("[ {} ]", list.join(", "))),
        None,
        None,
        None,
        text("ACTIVE"),
    ]
}
