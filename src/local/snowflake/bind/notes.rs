//! What EXPLAIN needs to know of a binding: DuckDB's plan says neither a table's alias nor what must not be shown.

use super::super::catalog::{Object, quote_name};
use super::binder::Binder;

/// A table that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// Its store.
    pub store: i64,
    /// The alias that the statement gives it.
    pub alias: Option<String>,
    /// The secure view or protected relation inside which it is read: the only name to be shown.
    pub veil: Option<String>,
}

/// What was met while binding, in the order in which DuckDB numbers its scans: FROM before what uses it.
#[derive(Debug, Default)]
pub struct Notes {
    /// Tables.
    pub scans: Vec<Scan>,
    /// A secure view or function of another role, or a policy, was bound: expressions would tell what it hides.
    pub veiled: bool,
    /// A relation of the information schema.
    pub system: Option<String>,
    veil: Vec<String>,
}

impl Binder<'_, '_> {
    /// Notes a table under its alias, where notes are taken.
    pub fn note_table(&mut self, store: i64, alias: Option<String>) {
        if let Some(notes) = &mut self.notes {
            let veil = notes.veil.first().cloned();
            notes.scans.push(Scan { store, alias, veil });
        }
    }

    /// Whether a secure object hides its inside: its owner may know it all.
    #[must_use]
    pub fn hides(&self, object: &Object, secure: bool) -> bool {
        secure && !self.namespace().roles.contains(&object.owner)
    }

    /// Binds what must not be shown: the inside of an object, whose name is shown instead.
    pub fn behind_veil<T>(&mut self, object: Option<&Object>, f: impl FnOnce(&mut Self) -> T) -> T {
        let drawn = match (object, &mut self.notes) {
            (Some(object), Some(notes)) => {
                notes.veiled = true;
                notes.veil.push(quote_name(&object.name));
                true
            }
            _ => false,
        };
        let out = f(self);
        if let Some(notes) = self.notes.as_mut().filter(|_| drawn) {
            notes.veil.pop();
        }
        out
    }
}
