//! What could be meant by what is being typed.

use super::catalog::{BEFORE_TABLES, Catalog, Used, dot, identifier, used};
use super::words::{Kind, Word, words};
use crate::app::{Cursor, Place};
use std::collections::HashSet;

/// Kinds of objects that nothing can be selected from.
const NO_TABLES: [&str; 3] = ["task", "pipe", "procedure"];
/// The most that is offered.
const MOST: usize = 100;

/// Words that a statement is made of.
pub const KEYWORDS: [&str; 72] = [
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP BY",
    "ORDER BY",
    "HAVING",
    "QUALIFY",
    "LIMIT",
    "DISTINCT",
    "JOIN",
    "LEFT JOIN",
    "FULL JOIN",
    "CROSS JOIN",
    "LATERAL FLATTEN",
    "ON",
    "USING",
    "AS",
    "AND",
    "OR",
    "NOT",
    "IN",
    "IS NULL",
    "IS NOT NULL",
    "BETWEEN",
    "LIKE",
    "ILIKE",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "UNION ALL",
    "EXCEPT",
    "INTERSECT",
    "WITH",
    "INSERT INTO",
    "VALUES",
    "UPDATE",
    "SET",
    "DELETE FROM",
    "MERGE INTO",
    "CREATE OR REPLACE",
    "CREATE TABLE",
    "CREATE VIEW",
    "ALTER",
    "DROP",
    "TRUNCATE TABLE",
    "SHOW TABLES",
    "SHOW TASKS",
    "SHOW STREAMS",
    "SHOW GRANTS",
    "DESCRIBE TABLE",
    "COPY INTO",
    "LIST",
    "CALL",
    "EXECUTE TASK",
    "USE ROLE",
    "USE WAREHOUSE",
    "USE DATABASE",
    "USE SCHEMA",
    "COUNT",
    "SUM",
    "AVG",
    "MIN",
    "MAX",
    "COALESCE",
    "TO_DATE",
    "TO_NUMBER",
    "CURRENT_TIMESTAMP",
    "ROW_NUMBER",
    "OVER",
    "PARTITION BY",
];

/// One offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What is written.
    pub text: String,
    /// What it is.
    pub note: String,
}

/// Offers for the word that ends at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The byte at which that word begins.
    pub start: usize,
    /// Offers, the best first; never none.
    pub offers: Vec<Offer>,
    /// The selected one.
    pub cursor: Cursor,
}

/// Offers for what stands before byte `at` of a statement. `None` within a string or comment, where nothing fits, and,
/// unless `asked`, where hardly anything is typed.
#[must_use]
pub fn complete(sql: &str, at: usize, catalog: &Catalog, place: &Place, asked: bool) -> Option<Completion> {
    let before = words(sql.get(..at)?);
    if before.last().is_some_and(|w| w.kind == Kind::Open) {
        return None;
    }
    let partial = before.last().filter(|w| w.at.end == at && matches!(w.kind, Kind::Name(_) | Kind::Quoted(_)));
    let (start, typed) = match partial {
        Some(Word { kind: Kind::Name(name) | Kind::Quoted(name), at: place }) => (place.start, name.as_str()),
        _ => (at, ""),
    };
    let head = &before[..before.len() - usize::from(partial.is_some())];
    let path = path(head);
    if path.is_empty() && typed.chars().count() < 2 && !asked {
        return None;
    }
    let mut offers = Offers { typed, first: Vec::new(), then: Vec::new(), seen: HashSet::new() };
    let tables = used(&words(sql));
    if path.is_empty() {
        let wants_table = head.last().is_some_and(|w| BEFORE_TABLES.iter().any(|k| w.is(k)));
        unqualified(&mut offers, &tables, wants_table, catalog, place);
    } else {
        qualified(&mut offers, &path, &tables, catalog, place);
    }
    let offers = offers.end();
    // What is written already needs no offer.
    let written = matches!(&offers[..], [one] if one.text.eq_ignore_ascii_case(typed));
    (!offers.is_empty() && !written).then(|| Completion { start, offers, cursor: Cursor::default() })
}

/// The names before the last one, where a dot leads to it.
fn path(words: &[Word]) -> Vec<String> {
    let mut path = Vec::new();
    let mut at = words.len();
    while at >= 2 && dot(words.get(at - 1)) {
        let Some(name) = words[at - 2].name() else { break };
        path.insert(0, name);
        at -= 2;
    }
    path
}

fn unqualified(offers: &mut Offers<'_>, tables: &[Used], wants_table: bool, catalog: &Catalog, place: &Place) {
    if !wants_table {
        for used in tables {
            columns(offers, used, catalog, place);
            if let Some(alias) = &used.alias {
                offers.add(identifier(alias), "alias");
            }
        }
    }
    // The session's own schema first.
    for near in [true, false] {
        for database in &catalog.databases {
            for object in &database.objects {
                let here = database.name == place.database && object.schema == place.schema;
                let fits = !wants_table || !NO_TABLES.contains(&object.kind.as_str());
                if here == near && fits {
                    offers.add_by(&object.name, Catalog::written(database, object, place), &object.kind);
                }
            }
        }
    }
    for database in &catalog.databases {
        for schema in &database.schemas {
            let written = identifier(schema);
            let text = if database.name == place.database {
                written
            } else {
                format!("{}.{written}", identifier(&database.name))
            };
            offers.add_by(schema, text, "schema");
        }
    }
    for name in &catalog.names {
        offers.add(identifier(name), "database");
    }
    if !wants_table {
        for word in KEYWORDS {
            offers.add(word.to_owned(), "");
        }
    }
}

fn qualified(offers: &mut Offers<'_>, path: &[String], tables: &[Used], catalog: &Catalog, place: &Place) {
    if let [name] = path {
        for used in tables {
            if used.alias.as_ref() == Some(name) || used.path.last() == Some(name) {
                columns(offers, used, catalog, place);
            }
        }
    }
    if let Some((_, object)) = catalog.find(path, place).next() {
        for column in &object.columns {
            offers.add(identifier(&column.name), &column.kind);
        }
    }
    for database in &catalog.databases {
        let inside = |schema: &str| match path {
            [one] => one == schema,
            [of, one] => *of == database.name && one == schema,
            _ => false,
        };
        for object in database.objects.iter().filter(|o| inside(&o.schema)) {
            offers.add(identifier(&object.name), &object.kind);
        }
        if matches!(path, [one] if *one == database.name) {
            for schema in &database.schemas {
                offers.add(identifier(schema), "schema");
            }
        }
    }
}

fn columns(offers: &mut Offers<'_>, used: &Used, catalog: &Catalog, place: &Place) {
    let Some((_, object)) = catalog.find(&used.path, place).next() else { return };
    for column in &object.columns {
        offers.add(identifier(&column.name), &column.kind);
    }
}

/// Gathers what fits.
struct Offers<'a> {
    typed: &'a str,
    /// What begins with what is typed.
    first: Vec<Offer>,
    /// What has it elsewhere.
    then: Vec<Offer>,
    seen: HashSet<String>,
}

impl Offers<'_> {
    fn add(&mut self, text: String, note: &str) {
        let name = text.trim_matches('"').to_owned();
        self.add_by(&name, text, note);
    }

    /// Adds a text that is found by `name`.
    fn add_by(&mut self, name: &str, text: String, note: &str) {
        if self.first.len() >= MOST {
            return;
        }
        let (name, typed) = (name.to_lowercase(), self.typed.to_lowercase());
        let list = match name.find(&typed) {
            Some(0) => &mut self.first,
            Some(_) if typed.len() >= 2 && self.then.len() < MOST => &mut self.then,
            _ => return,
        };
        if !self.seen.insert(text.clone()) {
            return;
        }
        // Who types small letters wants to go on in them; what is in quotes has its own case.
        let small = self.typed.chars().any(char::is_lowercase) && !text.contains('"');
        let text = if small { text.to_lowercase() } else { text };
        list.push(Offer { text, note: note.to_lowercase() });
    }

    fn end(mut self) -> Vec<Offer> {
        self.first.append(&mut self.then);
        self.first.truncate(MOST);
        self.first
    }
}

#[cfg(test)]
#[path = "complete_tests.rs"]
pub(super) mod tests;
