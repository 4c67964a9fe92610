//! SHOW GRANTS in its forms.

use super::scope::{Listing, Row, Rows, ShowScope, fields, text, time, truth};
use crate::local::snowflake::catalog::{Catalog, Grantee, Kind, Object, ObjectName, quote_ident, quote_name};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::stmt::Statement;
use crate::local::snowflake::stmt::ddl::drop::{expect_kind, object_name};
use sqlparser::tokenizer::Token;

#[derive(Clone)]
enum Form {
    Own,
    OnAccount,
    On(Kind, ObjectName),
    ToRole(String),
    ToUser(String),
    OfRole(String),
}

/// Behind SHOW GRANTS.
///
/// # Errors
/// 001003; 000002 for other forms.
pub fn parse(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let form = if c.accept("ON ACCOUNT") {
        Form::OnAccount
    } else if c.accept("ON") {
        let kind = expect_kind(c, "SHOW GRANTS ON")?;
        Form::On(kind, object_name(c, kind)?)
    } else if c.accept("OF ROLE") {
        Form::OfRole(c.single()?)
    } else if c.accept("TO USER") {
        Form::ToUser(c.single()?)
    } else if c.accept("TO") {
        for refused in ["SHARE", "APPLICATION", "DATABASE ROLE"] {
            let mark = c.mark();
            if c.accept(refused) && matches!(c.peek(0), Token::Word(_)) {
                return Err(SfError::unsupported(&format!("SHOW GRANTS TO {refused}")));
            }
            c.rewind(mark);
        }
        c.accept("ROLE");
        Form::ToRole(c.single()?)
    } else {
        Form::Own
    };
    let scope = ShowScope::parse(c, false)?;
    Ok(Listing::show(move |cx| {
        let (fields, rows) = list(cx, &form)?;
        Ok((fields, scope.limit(rows, |_| "")))
    }))
}

const ON: &[&str] = &[
    "created_on:t",
    "privilege",
    "granted_on",
    "name",
    "granted_to",
    "grantee_name",
    "grant_option",
    "granted_by",
    "granted_by_role_type",
];
const OWN: &[&str] = &[
    "created_on:t",
    "privilege",
    "granted_on",
    "name",
    "role",
    "granted_to",
    "grantee_name",
    "grant_option",
    "granted_by",
];

/// `FILE_FORMAT`.
fn granted_on(kind: Kind) -> String {
    kind.sql().replace(' ', "_")
}

/// `created_on … granted_by`.
fn grant_row(at: i64, privilege: &str, on: &str, name: &str, to: &str, option: bool, by: &str) -> Row {
    vec![time(at), text(privilege), text(on), text(name), text("ROLE"), text(to), truth(option), text(by)]
}

fn list(cx: &mut Cx<'_>, form: &Form) -> SfResult<Rows> {
    let catalog = cx.catalog();
    match form {
        Form::Own => {
            let user = cx.s.user.clone();
            Ok((fields(OWN), of_user(&catalog, &user)))
        }
        Form::ToUser(user) => {
            if catalog.get(Kind::User, &[user]).is_none() {
                return Err(SfError::missing("User", user));
            }
            Ok((fields(OWN), of_user(&catalog, user)))
        }
        Form::OnAccount => {
            let account = cx.engine.account.clone();
            let rows = catalog.grants.iter().filter(|g| g.on.is_none());
            let rows = rows
                .map(|g| {
                    let mut row =
                        grant_row(g.created_ms, &g.privilege, "ACCOUNT", &account, &g.to, g.grant_option, &g.by);
                    row.push(text(if g.by.is_empty() { "" } else { "ROLE" }));
                    row
                })
                .collect();
            Ok((fields(ON), rows))
        }
        Form::On(kind, name) => {
            let found =
                cx.find(*kind, name).map_err(|e| if e.code == "002003" { SfError::no_operation() } else { e })?;
            Ok((fields(ON), on_object(&catalog, &found)))
        }
        Form::ToRole(role) => {
            if catalog.get(Kind::Role, &[role]).is_none() {
                return Err(SfError::missing("Role", role));
            }
            Ok((fields(&ON[..8]), to_role(&catalog, role, &cx.engine.account)))
        }
        Form::OfRole(role) => {
            if catalog.get(Kind::Role, &[role]).is_none() {
                return Err(SfError::missing("Role", role));
            }
            let names = ["created_on:t", "role", "granted_to", "grantee_name", "granted_by"];
            let rows = catalog
                .role_grants
                .iter()
                .filter(|g| g.role == *role)
                .map(|g| {
                    let (to, name) = match &g.to {
                        Grantee::Role(r) => ("ROLE", r),
                        Grantee::User(u) => ("USER", u),
                    };
                    vec![time(g.created_ms), text(&g.role), text(to), text(name), text(&g.by)]
                })
                .collect();
            Ok((fields(&names), rows))
        }
    }
}

/// A user's roles; PUBLIC, which everybody has, is not listed.
fn of_user(catalog: &Catalog, user: &str) -> Vec<Row> {
    let mut rows: Vec<_> = catalog
        .role_grants
        .iter()
        .filter(|g| g.role != "PUBLIC" && matches!(&g.to, Grantee::User(u) if u == user))
        .collect();
    rows.sort_by(|a, b| a.role.cmp(&b.role));
    rows.into_iter()
        .map(|g| {
            vec![
                time(g.created_ms),
                text("USAGE"),
                text("ROLE"),
                text(quote_ident(&g.role)),
                text(&g.role),
                text("USER"),
                text(user),
                truth(false),
                text(&g.by),
            ]
        })
        .collect()
}

fn on_object(catalog: &Catalog, o: &Object) -> Vec<Row> {
    let (on, name) = (granted_on(o.kind()), quote_name(&o.name));
    let mut rows = Vec::new();
    if !o.owner.is_empty() {
        let mut row = grant_row(o.created_ms, "OWNERSHIP", &on, &name, &o.owner, true, &o.owner);
        row.push(text("ROLE"));
        rows.push(row);
    }
    for g in catalog.grants.iter().filter(|g| g.on == Some(o.id)) {
        let mut row = grant_row(g.created_ms, &g.privilege, &on, &name, &g.to, g.grant_option, &g.by);
        row.push(text(if g.by.is_empty() { "" } else { "ROLE" }));
        rows.push(row);
    }
    if o.kind() == Kind::Role {
        for g in catalog.role_grants.iter().filter(|g| g.role == o.bare()) {
            let (to, grantee) = match &g.to {
                Grantee::Role(r) => ("ROLE", r),
                Grantee::User(u) => ("USER", u),
            };
            let mut row = grant_row(g.created_ms, "USAGE", "ROLE", &name, grantee, false, &g.by);
            row[4] = text(to);
            row.push(text(if g.by.is_empty() { "" } else { "ROLE" }));
            rows.push(row);
        }
    }
    rows
}

fn to_role(catalog: &Catalog, role: &str, account: &str) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for g in catalog.grants.iter().filter(|g| g.to == role) {
        let (on, name) = match g.on {
            None => ("ACCOUNT".to_owned(), account.to_owned()),
            Some(id) => match catalog.by_id(id).filter(|o| o.dropped_ms.is_none()) {
                Some(o) => (granted_on(o.kind()), quote_name(&o.name)),
                None => continue,
            },
        };
        rows.push(grant_row(g.created_ms, &g.privilege, &on, &name, role, g.grant_option, &g.by));
    }
    for o in catalog.all().filter(|o| o.owner == role && o.dropped_ms.is_none()) {
        rows.push(grant_row(o.created_ms, "OWNERSHIP", &granted_on(o.kind()), &quote_name(&o.name), role, true, role));
    }
    for g in catalog.role_grants.iter().filter(|g| g.to == Grantee::Role(role.to_owned())) {
        rows.push(grant_row(g.created_ms, "USAGE", "ROLE", &quote_ident(&g.role), role, false, &g.by));
    }
    rows
}

#[derive(Clone)]
enum Future {
    In(Kind, ObjectName),
    To(String),
}

/// Behind SHOW FUTURE GRANTS.
///
/// # Errors
/// 001003.
pub fn parse_future(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let form = if c.accept("IN SCHEMA") {
        Future::In(Kind::Schema, c.name()?)
    } else if c.accept("IN DATABASE") {
        Future::In(Kind::Database, c.name()?)
    } else {
        c.expect("TO")?;
        c.accept("ROLE");
        Future::To(c.single()?)
    };
    Ok(Listing::show(move |cx| {
        let names = ["created_on:t", "privilege", "grant_on", "name", "grant_to", "grantee_name", "grant_option"];
        let catalog = cx.catalog();
        let place = match &form {
            Future::In(kind, name) => Some(cx.find(*kind, name).map_err(|_| SfError::no_operation())?.id),
            Future::To(_) => None,
        };
        let wanted = |g: &crate::local::snowflake::catalog::FutureGrant| match &form {
            Future::In(..) => Some(g.inside) == place,
            Future::To(role) => g.to == *role,
        };
        let rows = catalog
            .future_grants
            .iter()
            .filter(|g| wanted(g))
            .filter_map(|g| {
                let around = catalog.by_id(g.inside).filter(|o| o.dropped_ms.is_none())?;
                let on = granted_on(g.kind);
                let name = format!("{}.<{on}>", quote_name(&around.name));
                let mut row = vec![time(g.created_ms), text(&g.privilege), text(on), text(name), text("ROLE")];
                row.extend([text(&g.to), truth(g.grant_option)]);
                Some(row)
            })
            .collect();
        Ok((fields(&names), rows))
    }))
}
