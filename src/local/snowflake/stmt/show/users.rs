//! SHOW ROLES and USERS.

use super::scope::{Rows, ShowScope, fields, text, time, truth, yes};
use crate::local::snowflake::access::closure;
use crate::local::snowflake::catalog::{Body, Grantee, Kind};
use crate::local::snowflake::error::SfResult;
use crate::local::snowflake::session::Cx;

/// SHOW ROLES.
pub fn roles(cx: &mut Cx<'_>, scope: &ShowScope) -> SfResult<Rows> {
    let names = [
        "created_on:t",
        "name",
        "is_default",
        "is_current",
        "is_inherited",
        "assigned_to_users:n",
        "granted_to_roles:n",
        "granted_roles:n",
        "owner",
        "comment",
        "is_from_organization_user_group",
    ];
    let catalog = cx.catalog();
    let inherited = closure(&catalog, [cx.s.role.clone()]);
    let default = catalog.get(Kind::User, &[&cx.s.user]).and_then(|u| match &u.body {
        Body::User(u) => u.default_role.clone(),
        _ => None,
    });
    let mut rows = Vec::new();
    for o in scope.objects(cx, Kind::Role)? {
        let name = o.bare();
        let count = |f: &dyn Fn(&crate::local::snowflake::catalog::RoleGrant) -> bool| {
            text(catalog.role_grants.iter().filter(|g| f(g)).count().to_string())
        };
        rows.push(vec![
            time(o.created_ms),
            text(name),
            yes(default.as_deref() == Some(name)),
            yes(cx.s.role == name),
            yes(cx.s.role != name && inherited.contains(name)),
            count(&|g| g.role == name && matches!(g.to, Grantee::User(_))),
            count(&|g| g.role == name && matches!(g.to, Grantee::Role(_))),
            count(&|g| matches!(&g.to, Grantee::Role(r) if r == name)),
            text(&o.owner),
            text(&o.comment),
            text("N"),
        ]);
    }
    Ok((fields(&names), rows))
}

/// SHOW USERS: those who may not manage users see only what is theirs.
pub fn users(cx: &mut Cx<'_>, scope: &ShowScope) -> SfResult<Rows> {
    let names = [
        "name",
        "created_on:t",
        "login_name",
        "display_name",
        "first_name",
        "last_name",
        "email",
        "mins_to_unlock",
        "days_to_expiry",
        "comment",
        "disabled",
        "must_change_password",
        "snowflake_lock",
        "default_warehouse",
        "default_namespace",
        "default_role",
        "default_secondary_roles",
        "ext_authn_duo",
        "ext_authn_uid",
        "mins_to_bypass_mfa",
        "owner",
        "last_success_login:t",
        "expires_at_time:t",
        "locked_until_time:t",
        "has_password",
        "has_rsa_public_key",
        "type",
        "has_mfa",
        "has_pat",
        "has_workload_identity",
        "is_from_organization_user",
    ];
    let manager = cx.in_scope("SHOW", |s| s.account_privilege("MANAGE GRANTS") || s.account_privilege("CREATE USER"));
    let roles = cx.roles();
    let mut rows = Vec::new();
    for o in scope.objects(cx, Kind::User)? {
        let Body::User(u) = &o.body else { continue };
        if !manager && o.bare() != cx.s.user && !roles.contains(&o.owner) {
            continue;
        }
        let p = |key: &str| text(u.properties.get(key).cloned().unwrap_or_default());
        let shown = u.properties.get("DISPLAY_NAME").cloned().unwrap_or_else(|| o.bare().to_owned());
        let no = || truth(false);
        rows.push(vec![
            text(o.bare()),
            time(o.created_ms),
            text(&u.login_name),
            text(shown),
            p("FIRST_NAME"),
            p("LAST_NAME"),
            p("EMAIL"),
            p("MINS_TO_UNLOCK"),
            p("DAYS_TO_EXPIRY"),
            text(&o.comment),
            truth(u.disabled),
            truth(u.properties.get("MUST_CHANGE_PASSWORD").is_some_and(|v| v.eq_ignore_ascii_case("true"))),
            no(),
            text(u.default_warehouse.clone().unwrap_or_default()),
            text(u.default_namespace.clone().unwrap_or_default()),
            text(u.default_role.clone().unwrap_or_default()),
            text(if u.secondary_all { "[\"ALL\"]" } else { "[]" }),
            no(),
            text(""),
            p("MINS_TO_BYPASS_MFA"),
            text(&o.owner),
            None,
            None,
            None,
            truth(!u.password_hash.is_empty()),
            truth(u.public_keys.iter().any(|k| !k.is_empty())),
            text(u.properties.get("TYPE").map_or_else(|| "PERSON".to_owned(), |t| t.to_ascii_uppercase())),
            no(),
            no(),
            no(),
            no(),
        ]);
    }
    Ok((fields(&names), rows))
}
