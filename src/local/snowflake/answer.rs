//! What a statement gives back.

use super::error::SfResult;
use super::rows::Rows;
use super::types::Ty;
use arrow::array::{ArrayRef, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field as ArrowField, Schema};
use std::sync::Arc;

/// A result column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name that clients see, exact case.
    pub name: String,
    /// Its type.
    pub ty: Ty,
    /// Whether NULL may come.
    pub nullable: bool,
}

impl Field {
    /// A nullable column.
    #[must_use]
    pub fn new(name: impl Into<String>, ty: Ty) -> Self {
        Self { name: name.into(), ty, nullable: true }
    }
}

/// Rows written, which drivers report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DmlStats {
    /// Inserted.
    pub inserted: u64,
    /// Updated.
    pub updated: u64,
    /// Deleted.
    pub deleted: u64,
}

/// The protocol's `statementTypeId`s.
pub mod kind {
    #![allow(missing_docs, reason = "the names are the documentation: Snowflake's own statement types")]
    pub const SELECT: u32 = 0x1000;
    pub const INSERT: u32 = 0x3100;
    pub const UPDATE: u32 = 0x3200;
    pub const DELETE: u32 = 0x3300;
    pub const MERGE: u32 = 0x3400;
    pub const MULTI_INSERT: u32 = 0x3500;
    pub const COPY: u32 = 0x3600;
    pub const UNLOAD: u32 = 0x3700;
    pub const CALL: u32 = 0x4000;
    pub const ALTER_SESSION: u32 = 0x4100;
    pub const USE: u32 = 0x4300;
    pub const USE_DATABASE: u32 = 0x4301;
    pub const USE_SCHEMA: u32 = 0x4302;
    pub const USE_WAREHOUSE: u32 = 0x4303;
    pub const SHOW: u32 = 0x4400;
    pub const DESCRIBE: u32 = 0x4500;
    pub const LIST: u32 = 0x4701;
    pub const TRANSACTION: u32 = 0x5000;
    pub const DDL: u32 = 0x6000;
    pub const GET: u32 = 0x7101;
    pub const PUT: u32 = 0x7102;
    pub const REMOVE: u32 = 0x7103;
    pub const MULTI_STATEMENT: u32 = 0xA000;
}

/// The answer to one statement.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Columns.
    pub fields: Vec<Field>,
    /// Rows in the types in which DuckDB stores them ([`Ty::duck`]); a SHOW's or status' rows are text in any type's place.
    pub rows: Rows,
    /// One of [`kind`].
    pub kind: u32,
    /// Rows written.
    pub stats: Option<DmlStats>,
    /// For PUT and GET: what drivers need to move the files themselves.
    pub transfer: Option<Transfer>,
}

/// Files that the driver moves itself: what PUT and GET answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Transfer {
    /// To the stage rather than from it.
    pub upload: bool,
    /// PUT: the local path, wildcards included. GET: the files' keys below `root`.
    pub sources: Vec<String>,
    /// The object store's bucket.
    pub bucket: String,
    /// What the keys start with; ends in a slash.
    pub root: String,
    /// GET: the local folder.
    pub local: Option<String>,
    /// PARALLEL.
    pub parallel: u64,
    /// AUTO_COMPRESS.
    pub auto_compress: bool,
    /// OVERWRITE.
    pub overwrite: bool,
    /// SOURCE_COMPRESSION.
    pub source_compression: String,
}

impl Answer {
    /// A query's result.
    #[must_use]
    pub fn query(fields: Vec<Field>, rows: Rows) -> Self {
        Self { fields, rows, kind: kind::SELECT, stats: None, transfer: None }
    }

    /// One column `status` with one row.
    #[must_use]
    pub fn status(kind: u32, text: impl Into<String>) -> Self {
        Self::texts(kind, vec![Field::new("status", Ty::TEXT)], &[vec![Some(text.into())]])
    }

    /// `Statement executed successfully.`
    #[must_use]
    pub fn done(kind: u32) -> Self {
        Self::status(kind, "Statement executed successfully.")
    }

    /// Rows given as text. Columns may have any type: the text is in the *wire's JSON form* for that type (a NUMBER as
    /// digits, a timestamp as epoch seconds), which [`super::wire`] passes through.
    #[must_use]
    pub fn texts(kind: u32, fields: Vec<Field>, rows: &[Vec<Option<String>>]) -> Self {
        let columns: Vec<ArrayRef> = (0..fields.len())
            .map(|i| {
                let mut b = StringBuilder::new();
                for row in rows {
                    b.append_option(row.get(i).and_then(Option::as_deref));
                }
                Arc::new(b.finish()) as ArrayRef
            })
            .collect();
        let schema =
            Schema::new(fields.iter().map(|f| ArrowField::new(&f.name, DataType::Utf8, true)).collect::<Vec<_>>());
        let batches = match RecordBatch::try_new(Arc::new(schema), columns) {
            Ok(batch) if !rows.is_empty() => vec![batch],
            _ => Vec::new(),
        };
        Self { fields, rows: batches.into(), kind, stats: None, transfer: None }
    }

    /// A DML's counts: columns like `number of rows inserted`, one row.
    #[must_use]
    pub fn counts(kind: u32, counts: &[(String, u64)], stats: DmlStats) -> Self {
        let fields = counts.iter().map(|(name, _)| Field::new(name.clone(), Ty::INT)).collect();
        let row = counts.iter().map(|(_, n)| Some(n.to_string())).collect();
        Self { stats: Some(stats), ..Self::texts(kind, fields, &[row]) }
    }

    /// Two answers of the same DML with other binds, counts added up.
    #[must_use]
    pub fn plus(self, other: &Self) -> Self {
        let (Some(a), Some(b)) = (self.stats, other.stats) else { return other.clone() };
        let stats = DmlStats {
            inserted: a.inserted + b.inserted,
            updated: a.updated + b.updated,
            deleted: a.deleted + b.deleted,
        };
        let number = |answer: &Self, i| -> u64 {
            super::wire::encode::cell_text(answer, 0, i).ok().flatten().and_then(|t| t.parse().ok()).unwrap_or(0)
        };
        let counts: Vec<_> = self
            .fields
            .iter()
            .enumerate()
            .map(|(i, f)| (f.name.clone(), number(&self, i) + number(other, i)))
            .collect();
        Self::counts(self.kind, &counts, stats)
    }

    /// The first cell as text in the wire's JSON form, for statements that use another's result.
    ///
    /// # Errors
    /// Internal, where the stored type is not what the field says.
    pub fn first_text(&self) -> SfResult<Option<String>> {
        super::wire::encode::cell_text(self, 0, 0)
    }
}
