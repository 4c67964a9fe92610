//! From names as written to objects, with access control: what a role may not see does not exist for it.

use super::access::{self, RoleSet};
use super::catalog::{Catalog, Kind, Object, ObjectName};
use super::error::{SfError, SfResult};
use super::session::Cx;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A session's temporary objects. Kinds that share a namespace share the key.
pub type Temp = BTreeMap<(Kind, Vec<String>), Arc<Object>>;

/// Where names resolve and with whose rights: the session's, or a view's, task's or procedure's owner's.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The catalog of the statement.
    pub catalog: &'a Catalog,
    /// Every role whose privileges count.
    pub roles: &'a RoleSet,
    /// Current database.
    pub database: Option<&'a str>,
    /// Current schema.
    pub schema: Option<&'a str>,
    /// Temporary objects of the session; `None` where they do not count.
    pub temp: Option<&'a Temp>,
    /// What the refusal for a missing current database names: `SELECT`, `CREATE TABLE`, or `operation`.
    pub verb: &'a str,
}

impl Scope<'_> {
    /// The full name: current database and schema filled in.
    ///
    /// # Errors
    /// 090105 without a current database, 090106 without a current schema, 001003-like for too many parts.
    pub fn full_name(&self, kind: Kind, name: &ObjectName) -> SfResult<Vec<String>> {
        let (want, have) = (kind.depth(), name.0.len());
        if have > want {
            return Err(SfError::compile("001003", "42000", format!("invalid object name '{}'.", name.display())));
        }
        let mut full = Vec::with_capacity(want);
        if have < want {
            full.push(self.database.ok_or_else(|| self.no_current("090105", "database"))?.to_owned());
        }
        if have + 1 < want {
            full.push(self.schema.ok_or_else(|| self.no_current("090106", "schema"))?.to_owned());
        }
        full.extend(name.0.iter().cloned());
        Ok(full)
    }

    fn no_current(&self, code: &'static str, what: &str) -> SfError {
        let verb = if self.verb.is_empty() { "operation" } else { self.verb };
        SfError::new(
            code,
            "22000",
            format!(
                "Cannot perform {verb}. This session does not have a current {what}. Call 'USE {}', or use a qualified name.",
                what.to_ascii_uppercase()
            ),
        )
    }

    /// The object behind a name; temporary ones hide permanent ones.
    ///
    /// # Errors
    /// 002003 where it is missing or invisible, with the kind's word and the name as written; 090105/090106.
    pub fn find(&self, kind: Kind, name: &ObjectName) -> SfResult<Arc<Object>> {
        self.find_as(kind, name, &kind.sentence())
    }

    /// A table or view that a query reads: missing ones are called `Object`. An unqualified name that the current schema
    /// does not have is looked for in PUBLIC (the search path `$current, $public`).
    ///
    /// # Errors
    /// As [`Scope::find`].
    pub fn find_relation(&self, name: &ObjectName) -> SfResult<Arc<Object>> {
        let found = self.find_as(Kind::Table, name, "Object").or_else(|e| {
            let public = name.0.len() == 1 && self.schema.is_some_and(|s| s != "PUBLIC");
            match self.database {
                Some(db) if public => {
                    let full = ObjectName(vec![db.to_owned(), "PUBLIC".into(), name.0[0].clone()]);
                    self.find_as(Kind::Table, &full, "Object").map_err(|_| e)
                }
                _ => Err(e),
            }
        });
        // A query is told of the relation alone: whether its schema is there is not for everyone to know.
        found.map_err(|e| if e.code == "002003" { SfError::missing("Object", &name.display()) } else { e })
    }

    /// As [`Scope::find`], with another word for the kind.
    ///
    /// # Errors
    /// As [`Scope::find`].
    pub fn find_as(&self, kind: Kind, name: &ObjectName, word: &str) -> SfResult<Arc<Object>> {
        let full = self.full_name(kind, name)?;
        if let Some(object) = self.temp.and_then(|t| t.get(&(kind.namespace(), full.clone()))) {
            return Ok(object.clone());
        }
        self.containers(&full)?;
        let found = self.catalog.get(kind, &full).filter(|o| self.sees(o)).cloned();
        // Tables and views are named as they were written, other objects in full.
        let relation = kind.namespace() == Kind::Table;
        found.ok_or_else(|| {
            SfError::missing(word, &if relation { name.display() } else { super::catalog::quote_name(&full) })
        })
    }

    /// Like [`Scope::find`], `None` where it is missing or invisible.
    ///
    /// # Errors
    /// 090105/090106.
    pub fn find_opt(&self, kind: Kind, name: &ObjectName) -> SfResult<Option<Arc<Object>>> {
        self.full_name(kind, name)?;
        Ok(self.find(kind, name).ok())
    }

    /// The database and schema around a full name must be visible.
    ///
    /// # Errors
    /// 002003 for the first that is not.
    pub fn containers(&self, full: &[String]) -> SfResult<()> {
        for (depth, kind) in [(1, Kind::Database), (2, Kind::Schema)] {
            if full.len() > depth {
                let seen = full.get(1).is_some_and(|s| depth == 2 && s == "INFORMATION_SCHEMA")
                    || self.catalog.get(kind, &full[..depth]).is_some_and(|o| self.sees(o));
                if !seen {
                    return Err(SfError::missing(&kind.sentence(), &super::catalog::quote_name(&full[..depth])));
                }
            }
        }
        Ok(())
    }

    /// Whether the roles may know of the object: they own it or hold a privilege on it and may use what it is in. Roles and
    /// users are known to all; MANAGE GRANTS sees everything.
    #[must_use]
    pub fn sees(&self, object: &Object) -> bool {
        matches!(object.kind(), Kind::Role | Kind::User)
            || self.account_privilege("MANAGE GRANTS")
            || (access::has_any_privilege(self.catalog, self.roles, object)
                && access::may_use_chain(self.catalog, self.roles, &object.name))
    }

    /// Whether one of the roles holds a privilege on the account.
    #[must_use]
    pub fn account_privilege(&self, privilege: &str) -> bool {
        self.catalog.grants.iter().any(|g| g.on.is_none() && g.privilege == privilege && self.roles.contains(&g.to))
    }

    /// A privilege on an object that is visible, with USAGE on what it is in. `OWNERSHIP` asks for the owner's role.
    ///
    /// # Errors
    /// 003001.
    pub fn require(&self, object: &Object, privilege: &str) -> SfResult<()> {
        self.require_any(object, &[privilege])
    }

    /// One of several privileges.
    ///
    /// # Errors
    /// 003001.
    pub fn require_any(&self, object: &Object, privileges: &[&str]) -> SfResult<()> {
        for (depth, kind) in [(1, Kind::Database), (2, Kind::Schema)] {
            if object.name.len() > depth
                && let Some(around) = self.catalog.get(kind, &object.name[..depth])
                && !access::has_privilege(self.catalog, self.roles, around, "USAGE")
            {
                return Err(refused(around));
            }
        }
        if privileges.iter().any(|p| access::has_privilege(self.catalog, self.roles, object, p)) {
            return Ok(());
        }
        Err(refused(object))
    }
}

fn refused(object: &Object) -> SfError {
    SfError::privileges(&object.kind().sql().to_ascii_lowercase(), object.bare())
}

impl Cx<'_> {
    /// Runs `f` with the session's scope: its catalog, active roles, current schema and temporary objects.
    pub fn in_scope<T>(&self, verb: &str, f: impl FnOnce(&Scope<'_>) -> T) -> T {
        let catalog = self.catalog();
        let roles = access::session_roles(&catalog, self.s);
        f(&Scope {
            catalog: &catalog,
            roles: &roles,
            database: self.s.database.as_deref(),
            schema: self.s.schema.as_deref(),
            temp: Some(&self.s.temp),
            verb,
        })
    }

    /// The full name: current database and schema filled in.
    ///
    /// # Errors
    /// 090105 without a current database, 090106 without a current schema.
    pub fn full_name(&self, kind: Kind, name: &ObjectName) -> SfResult<Vec<String>> {
        self.in_scope("operation", |s| s.full_name(kind, name))
    }

    /// The object behind a name; temporary ones hide permanent ones.
    ///
    /// # Errors
    /// 002003 where it is missing or invisible; 090105/090106.
    pub fn find(&self, kind: Kind, name: &ObjectName) -> SfResult<Arc<Object>> {
        self.in_scope("operation", |s| s.find(kind, name))
    }

    /// The table or view that a query reads.
    ///
    /// # Errors
    /// 002003 for an `Object` that is missing or invisible; 090105/090106 that name the verb.
    pub fn find_relation(&self, name: &ObjectName, verb: &str) -> SfResult<Arc<Object>> {
        self.in_scope(verb, |s| s.find_relation(name))
    }

    /// A privilege on a visible object; `OWNERSHIP` for the owner.
    ///
    /// # Errors
    /// 003001.
    pub fn require(&self, object: &Object, privilege: &str) -> SfResult<()> {
        self.in_scope("operation", |s| s.require(object, privilege))
    }

    /// A warehouse must be active: only what reads tables needs one, so the binder asks where a real account would.
    ///
    /// # Errors
    /// 000606.
    pub fn need_warehouse(&self) -> SfResult<()> {
        let catalog = self.catalog();
        match &self.s.warehouse {
            Some(w) if catalog.get(Kind::Warehouse, &[w]).is_some() => Ok(()),
            // The engine's own sessions (serverless tasks, pipes) bring their own computing power.
            _ if self.s.user == "SYSTEM" => Ok(()),
            _ => Err(SfError::new(
                "000606",
                "57P03",
                "No active warehouse selected in the current session.  Select an active warehouse with the 'use warehouse' command.",
            )),
        }
    }
}
