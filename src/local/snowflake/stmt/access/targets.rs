//! What GRANT and REVOKE are about.

use crate::local::snowflake::catalog::{Kind, Object, ObjectName};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::resolve::Scope;
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::stmt::ddl::drop::{accept_kind, object_name};
use std::sync::Arc;

/// A target as written.
#[derive(Debug, Clone)]
pub enum Target {
    /// ON ACCOUNT.
    Account,
    /// ON TABLE n.
    One(Kind, ObjectName),
    /// ON ALL TABLES IN SCHEMA n: kind, container's kind and name.
    All(Kind, Kind, ObjectName),
    /// ON FUTURE TABLES IN SCHEMA n.
    Future(Kind, Kind, ObjectName),
}

impl Target {
    /// The kind that privileges are checked against; `None` for the account.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Self::Account => None,
            Self::One(kind, _) | Self::All(kind, ..) | Self::Future(kind, ..) => Some(*kind),
        }
    }
}

/// Behind ON.
///
/// # Errors
/// 001003; 000002 for kinds that are not supported.
pub fn parse(c: &mut Cursor<'_>) -> SfResult<Target> {
    if c.accept("ACCOUNT") {
        return Ok(Target::Account);
    }
    let (all, future) = (c.accept("ALL"), c.accept("FUTURE"));
    if all || future {
        let kind = plural(c)?;
        c.expect("IN")?;
        let around = if c.accept("SCHEMA") {
            Kind::Schema
        } else {
            c.expect("DATABASE")?;
            Kind::Database
        };
        let name = c.name()?;
        return Ok(if all { Target::All(kind, around, name) } else { Target::Future(kind, around, name) });
    }
    let Some(kind) = accept_kind(c) else {
        let word = c.ident()?;
        return Err(SfError::unsupported(&format!("GRANT ON {word}")));
    };
    Ok(Target::One(kind, object_name(c, kind)?))
}

/// `TABLES`, `FILE FORMATS` …
///
/// # Errors
/// 001003; 000002 for kinds that are not supported.
pub fn plural(c: &mut Cursor<'_>) -> SfResult<Kind> {
    let mut words = String::new();
    for _ in 0..3 {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(&c.ident()?);
        if let Some(kind) = Kind::parse(&words) {
            return Ok(kind);
        }
        if c.sees(&["IN"]) {
            break;
        }
    }
    if words == "MATERIALIZED VIEWS" {
        return Ok(Kind::View);
    }
    Err(SfError::unsupported(&format!("grants on {words}")))
}

/// The objects that a target means now; none for the account and for future ones.
///
/// # Errors
/// 002003 for an object or container that is missing or invisible.
pub fn objects(cx: &Cx<'_>, target: &Target) -> SfResult<Vec<Arc<Object>>> {
    match target {
        Target::Account | Target::Future(..) => Ok(Vec::new()),
        Target::One(kind, name) => {
            let found = cx.find(*kind, name)?;
            if found.kind() != *kind {
                return Err(SfError::missing(&kind.sentence(), &name.display()));
            }
            Ok(vec![found])
        }
        Target::All(kind, around, name) => {
            let around = cx.find(*around, name)?;
            cx.in_scope("GRANT", |s| {
                let inside = s.catalog.of_kind(*kind).filter(|o| o.name.len() > around.name.len());
                Ok(inside.filter(|o| o.name.starts_with(&around.name) && s.sees(o)).cloned().collect())
            })
        }
    }
}

/// Whether the session may grant a privilege on an object: as its owner, as the owner of the managed-access schema that it is
/// in, with MANAGE GRANTS, or holding the privilege with the grant option.
#[must_use]
pub fn may_grant(s: &Scope<'_>, object: Option<&Object>, privilege: &str) -> bool {
    let option = |id: Option<i64>| {
        s.catalog
            .grants
            .iter()
            .any(|g| g.on == id && g.privilege == privilege && g.grant_option && s.roles.contains(&g.to))
    };
    if s.account_privilege("MANAGE GRANTS") {
        return true;
    }
    let Some(object) = object else { return option(None) };
    if let Some(schema) = managed_schema(s, object) {
        return s.roles.contains(&schema.owner);
    }
    s.roles.contains(&object.owner) || option(Some(object.id))
}

/// The schema WITH MANAGED ACCESS that an object is in.
fn managed_schema<'c>(s: &Scope<'c>, object: &Object) -> Option<&'c Arc<Object>> {
    use crate::local::snowflake::catalog::Body;
    if object.name.len() < 3 {
        return None;
    }
    let schema = s.catalog.get(Kind::Schema, &object.name[..2])?;
    matches!(&schema.body, Body::Schema(c) if c.managed_access).then_some(schema)
}
