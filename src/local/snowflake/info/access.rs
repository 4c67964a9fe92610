//! Roles and privileges.

use super::rows::{fields, text, time, yes};
use super::{Ask, Rows};
use crate::local::snowflake::access::closure;
use crate::local::snowflake::catalog::{Grantee, Kind, Object};
use crate::local::snowflake::error::SfResult;
use crate::local::snowflake::session::Cx;

/// APPLICABLE_ROLES: the roles that the user can use, and from whom.
pub fn applicable_roles(cx: &mut Cx<'_>, _: &Ask<'_>) -> SfResult<Rows> {
    let catalog = cx.catalog();
    let own: Vec<String> = catalog
        .role_grants
        .iter()
        .filter(|g| matches!(&g.to, Grantee::User(u) if *u == cx.s.user))
        .map(|g| g.role.clone())
        .collect();
    let all = closure(&catalog, own);
    let rows = catalog
        .role_grants
        .iter()
        .filter_map(|g| match &g.to {
            Grantee::User(u) if *u == cx.s.user => Some((u, g)),
            Grantee::Role(r) if all.contains(r) => Some((r, g)),
            _ => None,
        })
        .map(|(grantee, g)| vec![text(grantee), text(&g.role), text(&g.by), text("NO")])
        .collect();
    Ok((fields(&["GRANTEE", "ROLE_NAME", "ROLE_OWNER", "IS_GRANTABLE"]), rows))
}

/// ENABLED_ROLES: the roles that count now.
pub fn enabled_roles(cx: &mut Cx<'_>, _: &Ask<'_>) -> SfResult<Rows> {
    let catalog = cx.catalog();
    let rows =
        cx.roles().iter().map(|r| vec![text(r), catalog.get(Kind::Role, &[r]).map(|o| o.owner.clone())]).collect();
    Ok((fields(&["ROLE_NAME", "ROLE_OWNER"]), rows))
}

fn privileges(cx: &Cx<'_>, ask: &Ask<'_>, names: &[&str], wanted: fn(&Object, &str) -> bool) -> Rows {
    if ask.columns_only {
        return (fields(names), Vec::new());
    }
    let table = names[3] == "TABLE_CATALOG";
    let rows = cx.in_scope("SELECT", |s| {
        let mut rows = Vec::new();
        let objects = s.catalog.all().filter(|o| o.dropped_ms.is_none() && s.sees(o));
        let objects = objects.filter(|o| o.name.len() == 1 || o.name[0] == ask.database);
        for o in objects {
            let owner = (!o.owner.is_empty()).then_some(("OWNERSHIP", &o.owner, &o.owner, true, o.created_ms));
            let grants = s.catalog.grants.iter().filter(|g| g.on == Some(o.id));
            let all = owner
                .into_iter()
                .chain(grants.map(|g| (g.privilege.as_str(), &g.by, &g.to, g.grant_option, g.created_ms)));
            for (privilege, by, to, option, at) in all.filter(|p| wanted(o, p.0)) {
                let deep = o.name.len() == 3;
                let mut row = vec![
                    text(by),
                    text(to),
                    text("ROLE"),
                    o.name.first().cloned().filter(|_| o.name.len() > 1),
                    o.name.get(1).cloned().filter(|_| deep),
                    text(o.bare()),
                ];
                if !table {
                    row.push(text(o.kind().sql()));
                }
                row.extend([text(privilege), yes(option)]);
                if table {
                    row.push(yes(false));
                }
                row.push(time(at));
                rows.push(row);
            }
        }
        rows
    });
    (fields(names), rows)
}

const OBJECT: &[&str] = &[
    "GRANTOR",
    "GRANTEE",
    "GRANTED_TO",
    "OBJECT_CATALOG",
    "OBJECT_SCHEMA",
    "OBJECT_NAME",
    "OBJECT_TYPE",
    "PRIVILEGE_TYPE",
    "IS_GRANTABLE",
    "CREATED:t",
];
const TABLE: &[&str] = &[
    "GRANTOR",
    "GRANTEE",
    "GRANTED_TO",
    "TABLE_CATALOG",
    "TABLE_SCHEMA",
    "TABLE_NAME",
    "PRIVILEGE_TYPE",
    "IS_GRANTABLE",
    "WITH_HIERARCHY",
    "CREATED:t",
];

/// OBJECT_PRIVILEGES.
pub fn object_privileges(cx: &mut Cx<'_>, ask: &Ask<'_>) -> SfResult<Rows> {
    Ok(privileges(cx, ask, OBJECT, |_, _| true))
}

/// TABLE_PRIVILEGES.
pub fn table_privileges(cx: &mut Cx<'_>, ask: &Ask<'_>) -> SfResult<Rows> {
    Ok(privileges(cx, ask, TABLE, |o, _| matches!(o.kind(), Kind::Table | Kind::View)))
}

/// USAGE_PRIVILEGES.
pub fn usage_privileges(cx: &mut Cx<'_>, ask: &Ask<'_>) -> SfResult<Rows> {
    Ok(privileges(cx, ask, OBJECT, |_, p| p == "USAGE"))
}
