//! The catalog as one statement sees it.

use super::{FutureGrant, Grant, Kind, Object, RoleGrant};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An immutable snapshot. Cloning copies pointers only.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    pub(super) by_id: BTreeMap<i64, Arc<Object>>,
    pub(super) by_name: BTreeMap<(Kind, Vec<String>), i64>,
    /// Privileges held.
    pub grants: Arc<Vec<Grant>>,
    /// Privileges that new objects will get.
    pub future_grants: Arc<Vec<FutureGrant>>,
    /// Roles held by roles and users.
    pub role_grants: Arc<Vec<RoleGrant>>,
    /// The next object id.
    pub(super) next_id: i64,
}

impl Catalog {
    /// A live object by kind and full name. Asking for a table finds a view of that name too, and the other way round.
    #[must_use]
    pub fn get<S: AsRef<str>>(&self, kind: Kind, name: &[S]) -> Option<&Arc<Object>> {
        let key = (kind.namespace(), name.iter().map(|p| p.as_ref().to_owned()).collect::<Vec<_>>());
        self.by_id.get(self.by_name.get(&key)?)
    }

    /// An object by id, dropped ones included.
    #[must_use]
    pub fn by_id(&self, id: i64) -> Option<&Arc<Object>> {
        self.by_id.get(&id)
    }

    /// Every live object of a kind, by name.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Arc<Object>> {
        self.by_name
            .range((kind.namespace(), Vec::new())..)
            .take_while(move |((k, _), _)| *k == kind.namespace())
            .filter_map(|(_, id)| self.by_id.get(id))
            .filter(move |o| o.kind() == kind)
    }

    /// Every live object whose name starts with these parts (a database's or a schema's content), containers included.
    pub fn inside<'a>(&'a self, prefix: &'a [String]) -> impl Iterator<Item = &'a Arc<Object>> {
        self.by_name
            .iter()
            .filter(move |((_, name), _)| name.len() > prefix.len() && name.starts_with(prefix))
            .filter(|((kind, _), _)| kind.depth() > 1)
            .filter_map(|(_, id)| self.by_id.get(id))
    }

    /// Dropped objects of a kind and full name, the latest first.
    #[must_use]
    pub fn dropped<S: AsRef<str>>(&self, kind: Kind, name: &[S]) -> Vec<&Arc<Object>> {
        let mut found: Vec<_> = self
            .by_id
            .values()
            .filter(|o| o.dropped_ms.is_some() && o.kind().namespace() == kind.namespace())
            .filter(|o| o.name.len() == name.len() && o.name.iter().zip(name).all(|(a, b)| a == b.as_ref()))
            .collect();
        found.sort_by_key(|o| (std::cmp::Reverse(o.dropped_ms), std::cmp::Reverse(o.id)));
        found
    }

    /// Every object, dropped ones included.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Object>> {
        self.by_id.values()
    }
}
