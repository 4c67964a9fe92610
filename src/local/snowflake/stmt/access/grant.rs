//! GRANT and REVOKE.

use super::targets::{self, Target, may_grant};
use super::{future, ownership, privileges};
use crate::local::snowflake::access::closure;
use crate::local::snowflake::answer::{Answer, kind};
use crate::local::snowflake::catalog::{Edit, Grant, Grantee, Kind, Object, RoleGrant};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::stmt::{Class, Statement};
use sqlparser::tokenizer::Token;
use std::sync::Arc;

/// A GRANT or REVOKE of privileges.
pub(super) struct Privileges {
    /// REVOKE rather than GRANT.
    pub revoke: bool,
    /// Upper-case; empty means ALL.
    pub privileges: Vec<String>,
    /// On what.
    pub target: Target,
    /// The role's name.
    pub role: String,
    /// WITH GRANT OPTION, or GRANT OPTION FOR.
    pub grant_option: bool,
    /// CASCADE.
    pub cascade: bool,
}

struct Roles {
    revoke: bool,
    role: String,
    to: Grantee,
}

/// Behind GRANT.
///
/// # Errors
/// 001003; 000002; 003006.
pub fn parse_grant(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    parse(c, false)
}

/// Behind REVOKE.
///
/// # Errors
/// 001003; 000002; 003006.
pub fn parse_revoke(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    parse(c, true)
}

fn parse(c: &mut Cursor<'_>, revoke: bool) -> SfResult<Box<dyn Statement>> {
    let end = if revoke { "FROM" } else { "TO" };
    for refused in ["DATABASE ROLE", "APPLICATION ROLE", "CALLER", "INHERITED CALLER", "IMPORTED PRIVILEGES"] {
        if c.accept(refused) {
            return Err(SfError::unsupported(&format!("{} {refused}", if revoke { "REVOKE" } else { "GRANT" })));
        }
    }
    if c.accept("ROLE") {
        let role = c.single()?;
        c.expect(end)?;
        let to = if c.accept("USER") {
            Grantee::User(c.single()?)
        } else {
            c.expect("ROLE")?;
            Grantee::Role(c.single()?)
        };
        return Ok(Box::new(Roles { revoke, role, to }));
    }
    let option_for = revoke && c.accept("GRANT OPTION FOR");
    let privileges = privilege_list(c)?;
    c.expect("ON")?;
    let target = targets::parse(c)?;
    c.expect(end)?;
    for refused in ["USER", "DATABASE ROLE", "APPLICATION ROLE", "SHARE", "APPLICATION"] {
        let mark = c.mark();
        if c.accept(refused) && matches!(c.peek(0), Token::Word(_)) {
            return Err(SfError::unsupported(&format!("privileges of a {refused}")));
        }
        c.rewind(mark);
    }
    c.accept("ROLE");
    let role = c.single()?;
    if !revoke && privileges == ["OWNERSHIP"] {
        return ownership::parse(c, target, role);
    }
    let kind = target.kind();
    for p in &privileges {
        if p == "OWNERSHIP" && !matches!(target, Target::Future(..)) {
            return Err(SfError::compile("003006", "42601", "OWNERSHIP can only be transferred with GRANT OWNERSHIP."));
        }
        privileges::check(kind, p)?;
    }
    let grant_option = option_for || (!revoke && c.accept("WITH GRANT OPTION"));
    let cascade = revoke && c.accept("CASCADE");
    c.accept("RESTRICT");
    Ok(Box::new(Privileges { revoke, privileges, target, role, grant_option, cascade }))
}

/// `SELECT, INSERT`, `ALL [PRIVILEGES]` (which is an empty list).
fn privilege_list(c: &mut Cursor<'_>) -> SfResult<Vec<String>> {
    if c.accept("ALL PRIVILEGES") || c.accept("ALL") {
        return Ok(Vec::new());
    }
    let mut out = Vec::new();
    loop {
        let mut words = Vec::new();
        while matches!(c.peek(0), Token::Word(_)) && !c.sees(&["ON"]) {
            words.push(c.ident()?);
        }
        if words.is_empty() {
            return Err(c.unexpected());
        }
        out.push(words.join(" "));
        if !c.accept_token(&Token::Comma) {
            return Ok(out);
        }
    }
}

/// A role that a statement names.
///
/// # Errors
/// 002003.
pub(super) fn known_role(cx: &Cx<'_>, role: &str) -> SfResult<()> {
    match cx.catalog().get(Kind::Role, &[role]) {
        Some(_) => Ok(()),
        None => Err(SfError::missing("Role", role)),
    }
}

impl Statement for Privileges {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        known_role(cx, &self.role)?;
        if matches!(self.target, Target::Future(..)) {
            return future::run(cx, &self);
        }
        let objects = targets::objects(cx, &self.target)?;
        let places: Vec<Option<Arc<Object>>> = match self.target {
            Target::Account => vec![None],
            _ => objects.into_iter().map(Some).collect(),
        };
        let names: Vec<String> = if self.privileges.is_empty() {
            let all = self.target.kind().map_or(privileges::ACCOUNT, privileges::all_on);
            all.iter().map(|p| (*p).to_owned()).collect()
        } else {
            self.privileges.clone()
        };
        let (mut todo, mut refused) = (Vec::new(), Vec::new());
        cx.in_scope("GRANT", |s| {
            for place in &places {
                for name in &names {
                    if may_grant(s, place.as_deref(), name) {
                        todo.push((place.clone(), name.clone()));
                    } else if !refused.contains(name) {
                        refused.push(name.clone());
                    }
                }
            }
        });
        if todo.is_empty() && !refused.is_empty() {
            let (what, name) = match places.first().and_then(Option::as_ref) {
                Some(o) => (o.kind().sql().to_ascii_lowercase(), o.bare().to_owned()),
                None => ("account".into(), cx.engine.account.clone()),
            };
            return Err(SfError::privileges(&what, &name));
        }
        let (now, by) = (cx.engine.clock.now_ms(), cx.s.role.clone());
        let engine = cx.engine.clone();
        engine.ddl(&cx.s.conn, |edit, _| {
            for (place, privilege) in &todo {
                if self.revoke {
                    self.take(edit, place.as_deref(), privilege)?;
                } else {
                    self.give(edit, place.as_deref(), privilege, &by, now);
                }
            }
            Ok(())
        })?;
        // ALL means what there is to grant; what was asked for by name and refused is told.
        if !refused.is_empty() && !self.privileges.is_empty() {
            let done = if self.revoke { "Revoke" } else { "Grant" };
            let verb = if self.revoke { "revoked" } else { "granted" };
            return Err(SfError::new(
                "003011",
                "42501",
                format!("{done} partially executed: privileges [{}] not {verb}.", refused.join(", ")),
            ));
        }
        Ok(Answer::done(kind::DDL))
    }
}

impl Privileges {
    fn give(&self, edit: &mut Edit, place: Option<&Object>, privilege: &str, by: &str, now: i64) {
        let on = place.map(|o| o.id);
        let grants = edit.grants();
        if let Some(old) = grants.iter_mut().find(|g| g.on == on && g.privilege == privilege && g.to == self.role) {
            old.grant_option |= self.grant_option;
            return;
        }
        grants.push(Grant {
            privilege: privilege.to_owned(),
            on,
            to: self.role.clone(),
            grant_option: self.grant_option,
            // With MANAGE GRANTS one grants in the owner's name.
            by: place.map_or_else(|| by.to_owned(), |o| o.owner.clone()),
            created_ms: now,
        });
    }

    fn take(&self, edit: &mut Edit, place: Option<&Object>, privilege: &str) -> SfResult<()> {
        let on = place.map(|o| o.id);
        let owner = place.map_or("", |o| o.owner.as_str());
        let mut gone = vec![self.role.clone()];
        let mut at = 0;
        while let Some(role) = gone.get(at).cloned() {
            let passed_on = edit.view().grants.iter().filter(|g| {
                g.on == on && g.privilege == privilege && g.by == role && role != owner && !gone.contains(&g.to)
            });
            let more: Vec<String> = passed_on.map(|g| g.to.clone()).collect();
            if !more.is_empty() && !self.cascade {
                return Err(SfError::new(
                    "003012",
                    "2BP01",
                    format!(
                        "SQL execution error: Cannot revoke {privilege}: role '{role}' has granted it to others. Use CASCADE."
                    ),
                ));
            }
            gone.extend(more);
            at += 1;
        }
        let keep_privilege = self.grant_option;
        edit.grants().retain_mut(|g| {
            if g.on != on || g.privilege != privilege || !gone.contains(&g.to) {
                return true;
            }
            g.grant_option = false;
            keep_privilege && g.to == self.role
        });
        Ok(())
    }
}

impl Statement for Roles {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let catalog = cx.catalog();
        let role = catalog.get(Kind::Role, &[&self.role]).ok_or_else(|| SfError::missing("Role", &self.role))?;
        match &self.to {
            Grantee::Role(r) => known_role(cx, r)?,
            Grantee::User(u) if catalog.get(Kind::User, &[u]).is_none() => return Err(SfError::missing("User", u)),
            Grantee::User(_) => {}
        }
        let allowed = cx.in_scope("GRANT", |s| s.account_privilege("MANAGE GRANTS") || s.roles.contains(&role.owner));
        if !allowed {
            return Err(SfError::privileges("role", &self.role));
        }
        if let Grantee::Role(to) = &self.to
            && !self.revoke
            && self.role != "PUBLIC"
            && closure(&catalog, [self.role.clone()]).contains(to)
        {
            return Err(SfError::new(
                "003025",
                "42501",
                format!(
                    "SQL compilation error:\nRole '{}' cannot be granted to role '{to}': that would make a circle.",
                    self.role
                ),
            ));
        }
        let (now, by) = (cx.engine.clock.now_ms(), cx.s.role.clone());
        let engine = cx.engine.clone();
        engine.ddl(&cx.s.conn, |edit, _| {
            let grants = edit.role_grants();
            if self.revoke {
                grants.retain(|g| g.role != self.role || g.to != self.to);
            } else if !grants.iter().any(|g| g.role == self.role && g.to == self.to) {
                grants.push(RoleGrant { role: self.role, to: self.to, by, created_ms: now });
            }
            Ok(())
        })?;
        Ok(Answer::done(kind::DDL))
    }
}
