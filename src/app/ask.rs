//! Work of the Query pane besides running a statement, and what comes back.

use crate::domain::{CatalogDatabase, Cell, Column, QueryOutcome};
use crate::jobs::query::Window;
use crate::jobs::query::memory::{Memory, Saved};

/// One piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Read rows of an answer.
    Window {
        /// The answer's number.
        result: u64,
        /// The first row, from 0.
        from: u64,
    },
    /// Read one cell in full.
    Cell {
        /// The answer's number.
        result: u64,
        /// Its row, from 0.
        row: u64,
        /// Its column, from 0.
        column: usize,
    },
    /// Write an answer to a file.
    Export {
        /// The answer's number.
        result: u64,
        /// The file; its name's end tells the form.
        path: String,
    },
    /// List the databases.
    Databases,
    /// Read one database's objects and columns.
    Database(String),
    /// Read the history and the named queries.
    Memory,
    /// Add a statement to the history.
    Remember(String),
    /// Keep a query under a name.
    Save(Saved),
    /// List the roles that the user may take.
    Roles,
    /// Go on in another session.
    Switch {
        /// The profile, where it is another than the console's.
        profile: Option<String>,
        /// The role, where it is not the profile's.
        role: Option<String>,
    },
}

impl Ask {
    /// Asks of one kind replace each other.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Window { .. } => "window",
            Self::Cell { .. } => "cell",
            Self::Export { .. } => "export",
            Self::Databases | Self::Database(_) => "catalog",
            Self::Memory => "memory",
            Self::Remember(_) => "remember",
            Self::Save(_) => "save",
            Self::Roles => "roles",
            Self::Switch { .. } => "switch",
        }
    }

    /// What is going on.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Window { .. } | Self::Cell { .. } => "reading the result".into(),
            Self::Export { path, .. } => format!("export to {path}"),
            Self::Databases | Self::Database(_) => "reading the catalog".into(),
            Self::Memory => "reading the history".into(),
            Self::Remember(_) => "keeping the history".into(),
            Self::Save(query) => format!("keeping {}", query.name),
            Self::Roles => "listing roles".into(),
            Self::Switch { profile: Some(profile), .. } => format!("switching to {profile}"),
            Self::Switch { role, .. } => format!("switching to {}", role.as_deref().unwrap_or("the profile's role")),
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// Rows of the answer with this number.
    Window(u64, Window),
    /// A cell in full.
    Cell {
        /// Its column.
        column: Column,
        /// Its row, from 0.
        row: u64,
        /// What it holds.
        text: Cell,
    },
    /// So many rows are in the file.
    Exported(u64, String),
    /// The databases' names, and where the session stands.
    Databases(Vec<String>, Place),
    /// One of them.
    Database(CatalogDatabase),
    /// What was kept.
    Memory(Memory),
    /// It is in the history.
    Remembered,
    /// The query is kept, in that file.
    Saved(Saved, String),
    /// The roles' names.
    Roles(Vec<String>),
    /// The session that statements run in now.
    Switched(Place),
}

/// Where a session stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The profile.
    pub profile: String,
    /// It is an account, not the embedded cloud.
    pub account: bool,
    /// The role.
    pub role: String,
    /// The warehouse; empty where there is none.
    pub warehouse: String,
    /// The database; empty where there is none.
    pub database: String,
    /// The schema; empty where there is none.
    pub schema: String,
}

/// The end of a statement whose rows went to disk.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fetched {
    /// The answer, without rows.
    pub outcome: QueryOutcome,
    /// The first rows.
    pub first: Window,
    /// Where the session stands, where that may have changed.
    pub place: Option<Place>,
}
