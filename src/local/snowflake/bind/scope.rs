//! What names mean inside a query.

use super::super::answer::Field;
use super::super::error::{SfError, SfResult};
use super::super::types::Ty;
use super::Bound;
use sqlparser::ast::{Expr, Ident, WindowSpec};
use std::cell::RefCell;

/// A column that a query can name.
#[derive(Debug, Clone)]
pub struct Col {
    /// Exact name.
    pub name: String,
    /// DuckDB SQL.
    pub sql: String,
    /// Type.
    pub ty: Ty,
    /// Whether NULL may come.
    pub nullable: bool,
    /// Not part of `*`.
    pub hidden: bool,
    /// The right side of USING: only a qualifier finds it.
    pub merged: bool,
}

/// A relation in FROM.
#[derive(Debug, Clone, Default)]
pub struct Rel {
    /// DuckDB alias.
    pub alias: String,
    /// What qualifies its columns: an alias, or the full name.
    pub name: Vec<String>,
    /// Its columns.
    pub cols: Vec<Col>,
    /// It gives one row per number: SEQ4() counts them.
    pub generator: Option<String>,
    /// For a join in parentheses: the relations before this one.
    pub more: Vec<Rel>,
    /// Where changes are tracked: the SQL of a row's identity, and of whether the window changed it.
    pub track: Option<(String, String)>,
}

impl Rel {
    /// A relation whose columns are `c1` … under a DuckDB alias.
    #[must_use]
    pub fn of_fields(alias: &str, fields: &[Field]) -> Self {
        let cols = fields
            .iter()
            .enumerate()
            .map(|(i, f)| Col {
                name: f.name.clone(),
                sql: format!("{alias}.c{}", i + 1),
                ty: f.ty,
                nullable: f.nullable,
                hidden: false,
                merged: false,
            })
            .collect();
        Self { alias: alias.to_owned(), cols, ..Self::default() }
    }

    /// Whether a qualifier (`t`, `s.t`, `d.s.t`) means this relation.
    #[must_use]
    pub fn is(&self, qualifier: &[String]) -> bool {
        !qualifier.is_empty() && self.name.ends_with(qualifier)
    }
}

/// The relations and aliases of one SELECT, with those around it.
pub struct Scope<'p> {
    /// Relations of FROM.
    pub rels: Vec<Rel>,
    /// Select-list aliases, usable in WHERE, GROUP BY, HAVING, QUALIFY and later items.
    pub aliases: Vec<(String, Expr)>,
    /// Aliases being bound now: one that names itself means a column.
    pub busy: RefCell<Vec<String>>,
    /// For a grouped SELECT: the SQL of its keys. Columns outside aggregates must be among them.
    pub keys: Option<Vec<String>>,
    /// Windows of the WINDOW clause.
    pub windows: Vec<(String, WindowSpec)>,
    /// The SELECT around this one.
    pub parent: Option<&'p Scope<'p>>,
}

impl<'p> Scope<'p> {
    /// A scope without relations.
    #[must_use]
    pub fn new(parent: Option<&'p Scope<'p>>) -> Self {
        Self {
            rels: Vec::new(),
            aliases: Vec::new(),
            busy: RefCell::new(Vec::new()),
            keys: None,
            windows: Vec::new(),
            parent,
        }
    }

    /// A column by qualifier and name in this scope alone.
    ///
    /// # Errors
    /// An ambiguous name.
    pub fn column(&self, qualifier: &[String], name: &str) -> SfResult<Option<(&Rel, &Col)>> {
        let mut found: Option<(&Rel, &Col)> = None;
        for rel in &self.rels {
            if !qualifier.is_empty() && !rel.is(qualifier) {
                continue;
            }
            if let Some(col) = rel.cols.iter().find(|c| c.name == name && !(qualifier.is_empty() && c.merged)) {
                if let Some((_, first)) = found
                    && first.sql != col.sql
                {
                    return Err(SfError::compile("002028", "42601", format!("ambiguous column name '{name}'")));
                }
                found = Some((rel, col));
            }
        }
        Ok(found)
    }

    /// Whether a qualifier names a relation here or around.
    #[must_use]
    pub fn has_relation(&self, qualifier: &[String]) -> bool {
        self.rels.iter().any(|r| r.is(qualifier)) || self.parent.is_some_and(|p| p.has_relation(qualifier))
    }

    /// The select-list item behind an alias.
    #[must_use]
    pub fn alias(&self, name: &str) -> Option<Expr> {
        if self.busy.borrow().iter().any(|b| b == name) {
            return None;
        }
        self.aliases.iter().find(|(n, _)| n == name).map(|(_, e)| e.clone())
    }
}

/// An identifier's exact name.
#[must_use]
pub fn fold(ident: &Ident) -> String {
    if ident.quote_style.is_some() { ident.value.clone() } else { ident.value.to_ascii_uppercase() }
}

/// Line from 1 and position from 0 of an identifier.
#[must_use]
pub fn place(ident: &Ident) -> (u64, u64) {
    (ident.span.start.line.max(1), ident.span.start.column.saturating_sub(1))
}

impl From<&Col> for Bound {
    fn from(col: &Col) -> Self {
        Self { sql: col.sql.clone(), ty: col.ty, nullable: col.nullable, literal: None }
    }
}
