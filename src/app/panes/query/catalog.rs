//! What is known of the databases, and what names in a statement mean.

use super::words::{Kind, Word};
use crate::app::Place;
use crate::domain::{CatalogDatabase, CatalogObject};

/// The catalog as far as it has been read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalog {
    /// It has been asked for.
    pub asked: bool,
    /// Names of all databases.
    pub names: Vec<String>,
    /// Databases that have been read.
    pub databases: Vec<CatalogDatabase>,
    /// Databases that are still to be read, the next last.
    pub left: Vec<String>,
}

/// A table that a statement reads or writes, and what it is called there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// Its name's parts, the database first.
    pub path: Vec<String>,
    /// What the statement calls it.
    pub alias: Option<String>,
}

/// Keywords behind which a table's name stands.
pub const BEFORE_TABLES: [&str; 9] = ["FROM", "JOIN", "INTO", "UPDATE", "TABLE", "VIEW", "DESCRIBE", "DESC", "STREAM"];
/// Keywords that cannot be an alias.
const NO_ALIAS: [&str; 30] = [
    "ON",
    "USING",
    "WHERE",
    "GROUP",
    "ORDER",
    "HAVING",
    "QUALIFY",
    "LIMIT",
    "JOIN",
    "INNER",
    "LEFT",
    "RIGHT",
    "FULL",
    "CROSS",
    "NATURAL",
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "MINUS",
    "SET",
    "VALUES",
    "SELECT",
    "WHEN",
    "AT",
    "BEFORE",
    "LATERAL",
    "PIVOT",
    "UNPIVOT",
    "SAMPLE",
    "CHANGES",
];

impl Catalog {
    /// Takes a database; one of that name is replaced.
    pub fn take(&mut self, database: CatalogDatabase) {
        self.databases.retain(|d| d.name != database.name);
        self.databases.push(database);
    }

    /// The objects that a name in a statement can mean, with their database. Without a schema those of the session's
    /// schema come first.
    pub fn find<'a>(
        &'a self,
        path: &'a [String],
        place: &'a Place,
    ) -> impl Iterator<Item = (&'a CatalogDatabase, &'a CatalogObject)> {
        let (name, schema, database) = match path {
            [name] => (Some(name), None, None),
            [schema, name] => (Some(name), Some(schema), None),
            [database, schema, name] => (Some(name), Some(schema), Some(database)),
            _ => (None, None, None),
        };
        let near = move |d: &CatalogDatabase, o: &CatalogObject| (d.name == place.database, o.schema == place.schema);
        let mut found: Vec<_> = self
            .databases
            .iter()
            .filter(move |d| database.is_none_or(|n| *n == d.name))
            .flat_map(|d| d.objects.iter().map(move |o| (d, o)))
            .filter(|(_, o)| Some(&o.name) == name && schema.is_none_or(|s| *s == o.schema))
            .collect();
        found.sort_by_key(|(d, o)| std::cmp::Reverse(near(d, o)));
        found.into_iter()
    }

    /// The shortest way to write an object in a session that stands at `place`.
    #[must_use]
    pub fn written(database: &CatalogDatabase, object: &CatalogObject, place: &Place) -> String {
        let name = identifier(&object.name);
        match () {
            () if database.name == place.database && object.schema == place.schema => name,
            () if database.name == place.database => format!("{}.{name}", identifier(&object.schema)),
            () => format!("{}.{}.{name}", identifier(&database.name), identifier(&object.schema)),
        }
    }
}

/// A name as SQL takes it: in quotes where it needs them.
#[must_use]
pub fn identifier(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || "_$".contains(c));
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// The tables that a statement names, by its words.
#[must_use]
pub fn used(words: &[Word]) -> Vec<Used> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if BEFORE_TABLES.iter().any(|k| words[at].is(k)) {
            at = tables(words, at + 1, &mut found);
        } else {
            at += 1;
        }
    }
    found
}

/// Tables from `at` on, parted by commas. The place behind them.
fn tables(words: &[Word], mut at: usize, found: &mut Vec<Used>) -> usize {
    loop {
        let mut path = Vec::new();
        while let Some(name) = words.get(at).and_then(Word::name) {
            path.push(name);
            at += 1;
            if !dot(words.get(at)) {
                break;
            }
            at += 1;
        }
        if path.is_empty() {
            return at;
        }
        if words.get(at).is_some_and(|w| w.is("AS")) {
            at += 1;
        }
        let alias = words.get(at).filter(|w| NO_ALIAS.iter().all(|k| !w.is(k))).and_then(Word::name);
        at += usize::from(alias.is_some());
        found.push(Used { path, alias });
        if words.get(at).is_none_or(|w| w.kind != Kind::Sign(',')) {
            return at;
        }
        at += 1;
    }
}

/// Whether a word is the dot in a name.
#[must_use]
pub fn dot(word: Option<&Word>) -> bool {
    word.is_some_and(|w| w.kind == Kind::Sign('.'))
}
