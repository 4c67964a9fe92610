//! USE.

use crate::local::snowflake::access::closure;
use crate::local::snowflake::answer::{Answer, kind};
use crate::local::snowflake::catalog::{Catalog, Grantee, Kind, ObjectName};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::{Cx, Secondary};
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::stmt::{Class, Statement};
use sqlparser::tokenizer::Token;

enum Use {
    Database(ObjectName),
    Schema(ObjectName),
    Warehouse(ObjectName),
    Role(ObjectName),
    Secondary(Secondary),
}

/// Behind USE.
///
/// # Errors
/// 001003.
pub fn parse(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let what = if c.accept("SECONDARY ROLES") {
        Use::Secondary(secondary(c)?)
    } else if c.accept("DATABASE") {
        Use::Database(c.name()?)
    } else if c.accept("SCHEMA") {
        Use::Schema(c.name()?)
    } else if c.accept("WAREHOUSE") {
        Use::Warehouse(c.name()?)
    } else if c.accept("ROLE") {
        Use::Role(c.name()?)
    } else {
        let name = c.name()?;
        if name.0.len() == 1 { Use::Database(name) } else { Use::Schema(name) }
    };
    Ok(Box::new(what))
}

fn secondary(c: &mut Cursor<'_>) -> SfResult<Secondary> {
    if c.accept("ALL") {
        return Ok(Secondary::All);
    }
    if c.accept("NONE") {
        return Ok(Secondary::None);
    }
    let mut roles = vec![c.single()?];
    while c.accept_token(&Token::Comma) {
        roles.push(c.single()?);
    }
    Ok(Secondary::Some(roles))
}

/// A role that a user holds, itself or through another.
fn holds(catalog: &Catalog, user: &str, role: &str) -> bool {
    let direct = catalog.role_grants.iter().filter(|g| matches!(&g.to, Grantee::User(u) if u == user));
    catalog.get(Kind::Role, &[role]).is_some() && closure(catalog, direct.map(|g| g.role.clone())).contains(role)
}

fn not_assigned(role: &str) -> SfError {
    SfError::new(
        "003013",
        "42501",
        format!(
            "SQL access control error:\nRequested role '{role}' is not assigned to the executing user.  Specify another role to activate."
        ),
    )
}

impl Statement for Use {
    fn class(&self) -> Class {
        Class::Session
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let catalog = cx.catalog();
        let number = match *self {
            Self::Database(name) => {
                if name.0.len() != 1 || cx.find(Kind::Database, &name).is_err() {
                    return Err(SfError::no_operation());
                }
                let public = ObjectName(vec![name.0[0].clone(), "PUBLIC".into()]);
                cx.s.schema = cx.find(Kind::Schema, &public).is_ok().then(|| "PUBLIC".to_owned());
                cx.s.database = Some(name.0[0].clone());
                kind::USE_DATABASE
            }
            Self::Schema(name) => {
                let full = cx.full_name(Kind::Schema, &name)?;
                let database = ObjectName(vec![full[0].clone()]);
                let virtual_one = full[1] == "INFORMATION_SCHEMA" && cx.find(Kind::Database, &database).is_ok();
                if !virtual_one && cx.find(Kind::Schema, &name).is_err() {
                    return Err(SfError::no_operation());
                }
                cx.s.database = Some(full[0].clone());
                cx.s.schema = Some(full[1].clone());
                kind::USE_SCHEMA
            }
            Self::Warehouse(name) => {
                let found = cx.find(Kind::Warehouse, &name).map_err(|_| SfError::no_operation())?;
                cx.s.warehouse = Some(found.bare().to_owned());
                kind::USE_WAREHOUSE
            }
            Self::Role(name) => {
                if name.0.len() != 1 || !holds(&catalog, &cx.s.user, &name.0[0]) {
                    return Err(not_assigned(&name.display()));
                }
                name.0[0].clone_into(&mut cx.s.role);
                kind::USE
            }
            Self::Secondary(roles) => {
                if let Secondary::Some(list) = &roles
                    && let Some(other) = list.iter().find(|r| !holds(&catalog, &cx.s.user, r))
                {
                    return Err(not_assigned(other));
                }
                cx.s.secondary = roles;
                kind::USE
            }
        };
        Ok(Answer::done(number))
    }
}
