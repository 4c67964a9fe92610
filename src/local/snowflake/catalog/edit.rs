//! A change of the catalog in the making.

use super::{Catalog, FutureGrant, Grant, Object, RoleGrant};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Collects changes on top of a snapshot; [`super::save`] writes them, then the snapshot is published.
#[derive(Debug)]
pub struct Edit {
    catalog: Catalog,
    pub(super) touched: BTreeSet<i64>,
    pub(super) removed: BTreeSet<i64>,
    pub(super) grants_touched: bool,
}

impl Edit {
    /// Starts on a snapshot.
    #[must_use]
    pub fn new(base: &Catalog) -> Self {
        Self { catalog: base.clone(), touched: BTreeSet::new(), removed: BTreeSet::new(), grants_touched: false }
    }

    /// The catalog with the changes so far.
    #[must_use]
    pub fn view(&self) -> &Catalog {
        &self.catalog
    }

    /// An id for a new object.
    pub fn next_id(&mut self) -> i64 {
        self.catalog.next_id += 1;
        self.catalog.next_id
    }

    /// Adds an object or replaces the one with its id. A live object of the same name must have been dropped or removed.
    pub fn put(&mut self, object: Object) {
        let key = |o: &Object| (o.kind().namespace(), o.name.clone());
        if let Some(old) = self.catalog.by_id.get(&object.id)
            && old.dropped_ms.is_none()
            && self.catalog.by_name.get(&key(old)) == Some(&old.id)
        {
            self.catalog.by_name.remove(&key(old));
        }
        if object.dropped_ms.is_none() {
            self.catalog.by_name.insert(key(&object), object.id);
        }
        self.touched.insert(object.id);
        self.removed.remove(&object.id);
        self.catalog.by_id.insert(object.id, Arc::new(object));
    }

    /// Changes an object in place; nothing happens where the id is unknown.
    pub fn change(&mut self, id: i64, f: impl FnOnce(&mut Object)) {
        if let Some(old) = self.catalog.by_id.get(&id) {
            let mut new = Object::clone(old);
            f(&mut new);
            self.put(new);
        }
    }

    /// Drops an object so that it can be undropped.
    pub fn drop(&mut self, id: i64, now_ms: i64) {
        self.change(id, |o| o.dropped_ms = Some(now_ms));
    }

    /// Removes an object for good, with its grants.
    pub fn remove(&mut self, id: i64) {
        if let Some(old) = self.catalog.by_id.remove(&id) {
            let key = (old.kind().namespace(), old.name.clone());
            if self.catalog.by_name.get(&key) == Some(&id) {
                self.catalog.by_name.remove(&key);
            }
            self.touched.remove(&id);
            self.removed.insert(id);
            if self.catalog.grants.iter().any(|g| g.on == Some(id)) {
                self.grants().retain(|g| g.on != Some(id));
            }
        }
    }

    /// The grants, for change.
    pub fn grants(&mut self) -> &mut Vec<Grant> {
        self.grants_touched = true;
        Arc::make_mut(&mut self.catalog.grants)
    }

    /// The future grants, for change.
    pub fn future_grants(&mut self) -> &mut Vec<FutureGrant> {
        self.grants_touched = true;
        Arc::make_mut(&mut self.catalog.future_grants)
    }

    /// The role grants, for change.
    pub fn role_grants(&mut self) -> &mut Vec<RoleGrant> {
        self.grants_touched = true;
        Arc::make_mut(&mut self.catalog.role_grants)
    }

    /// The finished catalog.
    #[must_use]
    pub fn finish(self) -> Catalog {
        self.catalog
    }
}
