//! Who may do what. There is no superuser: a role has what it was granted, what it owns and what it inherits.

use super::super::catalog::{Catalog, Grantee, Kind, Object};
use super::super::session::{Secondary, State};
use std::collections::BTreeSet;

/// Names of roles whose privileges count together.
pub type RoleSet = BTreeSet<String>;

/// A role with every role that it inherits, PUBLIC included.
#[must_use]
pub fn closure(catalog: &Catalog, start: impl IntoIterator<Item = String>) -> RoleSet {
    let mut all: RoleSet = RoleSet::from(["PUBLIC".to_owned()]);
    let mut todo: Vec<String> = start.into_iter().collect();
    while let Some(role) = todo.pop() {
        if all.insert(role.clone()) || role == "PUBLIC" {
            for g in catalog.role_grants.iter() {
                if matches!(&g.to, Grantee::Role(r) if *r == role) && !all.contains(&g.role) {
                    todo.push(g.role.clone());
                }
            }
        }
    }
    all
}

/// The roles that count in a session: the primary role and the active secondary ones, with all they inherit.
#[must_use]
pub fn session_roles(catalog: &Catalog, s: &State) -> RoleSet {
    let mut start = vec![s.role.clone()];
    match &s.secondary {
        Secondary::None => {}
        Secondary::Some(roles) => start.extend(roles.iter().cloned()),
        Secondary::All => start.extend(
            catalog
                .role_grants
                .iter()
                .filter(|g| matches!(&g.to, Grantee::User(u) if *u == s.user))
                .map(|g| g.role.clone()),
        ),
    }
    closure(catalog, start)
}

/// Whether one of the roles owns the object or holds the privilege on it.
#[must_use]
pub fn has_privilege(catalog: &Catalog, roles: &RoleSet, object: &Object, privilege: &str) -> bool {
    roles.contains(&object.owner)
        || catalog.grants.iter().any(|g| g.on == Some(object.id) && g.privilege == privilege && roles.contains(&g.to))
}

/// Whether the object is visible: one of the roles owns it or holds any privilege on it.
#[must_use]
pub fn has_any_privilege(catalog: &Catalog, roles: &RoleSet, object: &Object) -> bool {
    roles.contains(&object.owner) || catalog.grants.iter().any(|g| g.on == Some(object.id) && roles.contains(&g.to))
}

/// Whether the roles may use the database and schema around an object.
#[must_use]
pub fn may_use_chain(catalog: &Catalog, roles: &RoleSet, name: &[String]) -> bool {
    let usable =
        |kind, parts: &[String]| catalog.get(kind, parts).is_some_and(|o| has_privilege(catalog, roles, o, "USAGE"));
    (name.len() < 2 || usable(Kind::Database, &name[..1])) && (name.len() < 3 || usable(Kind::Schema, &name[..2]))
}
