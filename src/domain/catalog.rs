//! What a database holds, as far as writing SQL needs to know it.

/// A column of a table or view.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CatalogColumn {
    /// Its name.
    pub name: String,
    /// Its type, as INFORMATION_SCHEMA says it.
    pub kind: String,
}

/// A table, a view, a stage and so on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CatalogObject {
    /// Bare schema name.
    pub schema: String,
    /// Bare name.
    pub name: String,
    /// What it is, in lower case: `table`, `view`, `stream` …
    pub kind: String,
    /// Its columns in their order; empty for what has none.
    pub columns: Vec<CatalogColumn>,
}

/// One database.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CatalogDatabase {
    /// Its name.
    pub name: String,
    /// Its schemas.
    pub schemas: Vec<String>,
    /// What is in them.
    pub objects: Vec<CatalogObject>,
}
