//! GRANT OWNERSHIP.

use super::grant::known_role;
use super::targets::{self, Target};
use crate::local::snowflake::answer::{Answer, kind};
use crate::local::snowflake::catalog::{Body, Object, quote_name};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::stmt::{Class, Statement};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Current {
    Keep,
    Copy,
    Revoke,
}

struct Ownership {
    target: Target,
    role: String,
    current: Current,
}

/// Behind the role's name. Ownership of future objects is a future grant.
///
/// # Errors
/// 001003.
pub(super) fn parse(c: &mut Cursor<'_>, target: Target, role: String) -> SfResult<Box<dyn Statement>> {
    if matches!(target, Target::Future(..)) {
        return Ok(Box::new(super::grant::Privileges {
            revoke: false,
            privileges: vec!["OWNERSHIP".into()],
            target,
            role,
            grant_option: false,
            cascade: false,
        }));
    }
    if matches!(target, Target::Account) {
        return Err(c.unexpected());
    }
    let current = if c.accept("COPY CURRENT GRANTS") {
        Current::Copy
    } else if c.accept("REVOKE CURRENT GRANTS") {
        Current::Revoke
    } else {
        Current::Keep
    };
    Ok(Box::new(Ownership { target, role, current }))
}

impl Statement for Ownership {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        known_role(cx, &self.role)?;
        let objects = targets::objects(cx, &self.target)?;
        let catalog = cx.catalog();
        for o in &objects {
            let allowed = cx.in_scope("GRANT", |s| s.account_privilege("MANAGE GRANTS") || s.roles.contains(&o.owner));
            if !allowed {
                return Err(SfError::privileges(&o.kind().sql().to_ascii_lowercase(), o.bare()));
            }
            let dependent = catalog.grants.iter().find(|g| g.on == Some(o.id) && g.to != self.role);
            if let Some(g) = dependent.filter(|_| self.current == Current::Keep && o.owner != self.role) {
                return Err(SfError::new(
                    "003036",
                    "0L000",
                    format!(
                        "SQL execution error: Dependent grant of privilege '{}' on securable '{}' to role '{}' exists. It must be revoked first. More than one dependent grant may exist: use 'SHOW GRANTS' command to view them. To revoke all dependent grants while transferring object ownership, use convenience command 'GRANT OWNERSHIP ON <target_objects> TO <target_role> REVOKE CURRENT GRANTS'.",
                        g.privilege,
                        quote_name(&o.name),
                        g.to
                    ),
                ));
            }
        }
        let engine = cx.engine.clone();
        let now = engine.clock.now_ms();
        engine.ddl(&cx.s.conn, |edit, _| {
            for o in &objects {
                if self.current == Current::Revoke {
                    edit.grants().retain(|g| g.on != Some(o.id));
                } else {
                    // The grants go on in the new owner's name; what the new owner held is part of owning.
                    edit.grants().retain(|g| g.on != Some(o.id) || g.to != self.role);
                    for g in edit.grants().iter_mut().filter(|g| g.on == Some(o.id) && g.by == o.owner) {
                        g.by.clone_from(&self.role);
                    }
                }
                edit.change(o.id, |o| pass(o, &self.role, now));
            }
            super::super::task::sever(edit, now);
            Ok(())
        })?;
        Ok(Answer::done(kind::DDL))
    }
}

/// A task or pipe stops when it changes hands.
fn pass(o: &mut Object, role: &str, now_ms: i64) {
    if o.owner == role {
        return;
    }
    role.clone_into(&mut o.owner);
    match &mut o.body {
        Body::Task(t) if t.started => {
            t.started = false;
            t.last_suspended_ms = Some(now_ms);
            t.last_suspended_reason = Some("GRANT_OWNERSHIP".into());
        }
        Body::Alert(o) => drop(o.insert("STATE".into(), "suspended".into())),
        Body::Pipe(p) => (p.paused, p.changed_hands) = (true, true),
        _ => {}
    }
}
