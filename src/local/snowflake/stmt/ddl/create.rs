//! What every CREATE does: the name, the privilege, OR REPLACE and IF NOT EXISTS, the owner, future grants.

use super::super::CreateHead;
use super::drop::Dropping;
use crate::local::snowflake::access;
use crate::local::snowflake::answer::{Answer, kind};
use crate::local::snowflake::catalog::{Body, Catalog, Edit, Grant, Kind, Object, ObjectName, quote_name};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::resolve::Scope;
use crate::local::snowflake::session::{Cx, State};
use duckdb::Connection;
use std::sync::Arc;

/// An object to be made.
#[derive(Debug, Clone)]
pub struct New {
    /// What.
    pub kind: Kind,
    /// Its name as written.
    pub name: ObjectName,
    /// OR REPLACE, TEMPORARY …
    pub head: CreateHead,
    /// IF NOT EXISTS.
    pub if_not_exists: bool,
    /// COMMENT.
    pub comment: String,
    /// COPY GRANTS: the replaced object's grants stay.
    pub copy_grants: bool,
}

impl New {
    /// Without a comment and without COPY GRANTS.
    #[must_use]
    pub fn new(kind: Kind, name: ObjectName, head: CreateHead, if_not_exists: bool) -> Self {
        Self { kind, name, head, if_not_exists, comment: String::new(), copy_grants: false }
    }
}

/// What became of a CREATE.
pub enum Made {
    /// It was made.
    Created(Arc<Object>),
    /// IF NOT EXISTS, and there is one.
    Present(Arc<Object>),
}

impl Made {
    /// The status sentence.
    #[must_use]
    pub fn answer(&self) -> Answer {
        match self {
            Self::Created(o) => {
                let word = if o.kind() == Kind::Stage { "Stage area".to_owned() } else { o.kind().sentence() };
                // Overloaded routines carry their signature in the name; the sentence does not.
                let bare = o.bare().split('(').next().unwrap_or_default();
                Answer::status(kind::DDL, format!("{word} {bare} successfully created."))
            }
            Self::Present(o) => Answer::status(kind::DDL, format!("{} already exists, statement succeeded.", o.bare())),
        }
    }
}

/// Makes an object: `build` gets the edit, the connection (in a transaction that commits with the catalog) and the new id,
/// does the physical part and gives the definition. Names are resolved, privileges checked, the old object replaced.
///
/// # Errors
/// 090105/090106, 002003 for a missing container, 003001, 002002 where the name is taken, and what `build` refuses.
pub fn create(
    cx: &mut Cx<'_>,
    new: &New,
    build: impl FnOnce(&mut Edit, &Connection, i64) -> SfResult<Body>,
) -> SfResult<Made> {
    if new.head.or_replace && new.if_not_exists {
        return Err(SfError::compile("001424", "42601", "options IF NOT EXISTS and OR REPLACE are incompatible."));
    }
    let temporary = new.head.temporary && new.kind.depth() == 3;
    let full = may_create(cx, new, temporary)?;
    let catalog = cx.catalog();
    let hidden = cx.s.temp.get(&(new.kind.namespace(), full.clone())).cloned();
    let old = if temporary { hidden.clone() } else { catalog.get(new.kind, &full).cloned() };
    if let Some(old) = &old {
        if new.if_not_exists {
            return Ok(Made::Present(old.clone()));
        }
        replaceable(cx, new, old)?;
    }
    let now = cx.engine.clock.now_ms();
    let engine = cx.engine.clone();
    let role = cx.s.role.clone();
    let object = engine.ddl(&cx.s.conn, |edit, conn| {
        if let Some(old) = old.as_ref().filter(|_| !temporary) {
            super::drop::drop_object(edit, conn, old, &Dropping { role: &role, now_ms: now })?;
        }
        let id = edit.next_id();
        let body = build(edit, conn, id)?;
        let mut object = Object {
            id,
            name: full.clone(),
            owner: role.clone(),
            comment: new.comment.clone(),
            created_ms: now,
            dropped_ms: None,
            body,
        };
        if !temporary {
            inherit_grants(edit, &mut object, old.as_deref().filter(|_| new.copy_grants), now);
            edit.put(object.clone());
        }
        Ok(Arc::new(object))
    })?;
    if temporary {
        if let Some(old) = hidden {
            forget_temporary(cx.s, &old)?;
        }
        cx.s.temp.insert((new.kind.namespace(), full), object.clone());
    }
    Ok(Made::Created(object))
}

/// Removes a temporary object of the session with its rows.
///
/// # Errors
/// DuckDB's.
pub fn forget_temporary(s: &mut State, object: &Object) -> SfResult<()> {
    s.temp.remove(&(object.kind().namespace(), object.name.clone()));
    if let Some(t) = object.table() {
        super::table::drop_physical(&s.conn, t)?;
    }
    Ok(())
}

fn replaceable(cx: &Cx<'_>, new: &New, old: &Object) -> SfResult<()> {
    if !new.head.or_replace {
        return Err(SfError::exists(&new.name.display()));
    }
    if old.kind() != new.kind {
        return Err(SfError::compile(
            "002203",
            "42710",
            format!("Object '{}' already exists as {}", new.name.display(), old.kind().sql()),
        ));
    }
    cx.require(old, "OWNERSHIP")
}

/// The full name, if the session's primary role may make such an object there. A temporary table needs no privilege but
/// USAGE on its schema.
fn may_create(cx: &Cx<'_>, new: &New, temporary: bool) -> SfResult<Vec<String>> {
    let catalog = cx.catalog();
    let verb = format!("CREATE {}", new.kind.sql());
    let full = cx.in_scope(&verb, |s| {
        let full = s.full_name(new.kind, &new.name)?;
        s.containers(&full)?;
        Ok::<_, SfError>(full)
    })?;
    if full.get(1).is_some_and(|s| s == "INFORMATION_SCHEMA") && full.len() == 3 {
        return Err(SfError::privileges("schema", "INFORMATION_SCHEMA"));
    }
    let free = temporary && new.kind == Kind::Table;
    if !free {
        require_create(&catalog, cx, new.kind, &full)?;
    }
    Ok(full)
}

/// Whether the session's primary role (with what it inherits) may make an object of a kind in the place that a full name
/// says: secondary roles do not count.
///
/// # Errors
/// 003001 for the schema, database or account.
pub fn require_create(catalog: &Catalog, cx: &Cx<'_>, what: Kind, full: &[String]) -> SfResult<()> {
    let roles = access::closure(catalog, [cx.s.role.clone()]);
    let scope = Scope { catalog, roles: &roles, database: None, schema: None, temp: None, verb: "" };
    let privilege = format!("CREATE {}", what.sql());
    let around = match full.len() {
        1 => {
            return if scope.account_privilege(&privilege) {
                Ok(())
            } else {
                Err(SfError::privileges("account", &cx.engine.account))
            };
        }
        2 => catalog.get(Kind::Database, &full[..1]),
        _ => catalog.get(Kind::Schema, &full[..2]),
    };
    let around = around.ok_or_else(|| SfError::missing("Schema", &quote_name(&full[..full.len() - 1])))?;
    scope.require(around, &privilege)
}

/// The grants that a new object starts with: the replaced one's, or those of the future grants.
pub fn inherit_grants(edit: &mut Edit, object: &mut Object, copied: Option<&Object>, now: i64) {
    if let Some(old) = copied {
        let kept: Vec<Grant> = edit.view().grants.iter().filter(|g| g.on == Some(old.id)).cloned().collect();
        edit.grants().extend(kept.into_iter().map(|g| Grant { on: Some(object.id), ..g }));
        return;
    }
    let view = edit.view();
    let inside = |kind: Kind, depth: usize| {
        (object.name.len() > depth).then(|| view.get(kind, &object.name[..depth]).map(|o| o.id)).flatten()
    };
    let of = |id: Option<i64>| -> Vec<_> {
        view.future_grants.iter().filter(|g| Some(g.inside) == id && g.kind == object.kind()).cloned().collect()
    };
    // A schema's future grants for a kind put the database's for that kind out of force.
    let mut future = of(inside(Kind::Schema, 2));
    if future.is_empty() {
        future = of(inside(Kind::Database, 1));
    }
    for f in future {
        if f.privilege == "OWNERSHIP" {
            object.owner.clone_from(&f.to);
        } else {
            edit.grants().push(Grant {
                privilege: f.privilege,
                on: Some(object.id),
                to: f.to,
                grant_option: f.grant_option,
                by: object.owner.clone(),
                created_ms: now,
            });
        }
    }
}
