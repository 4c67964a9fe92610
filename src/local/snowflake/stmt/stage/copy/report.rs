//! COPY's result set and its refusal.

use crate::local::snowflake::answer::{Answer, Field, kind};
use crate::local::snowflake::error::SfError;
use crate::local::snowflake::load::{RowError, StagedFile};
use crate::local::snowflake::types::Ty;

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// All records are in.
    Loaded,
    /// The good records are in.
    Partly,
    /// None is.
    Failed,
    /// It had been loaded before.
    Skipped,
}

impl Status {
    /// As results print it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Loaded => "LOADED",
            Self::Partly => "PARTIALLY_LOADED",
            Self::Failed => "LOAD_FAILED",
            Self::Skipped => "LOAD_SKIPPED",
        }
    }
}

/// A row of the result.
#[derive(Debug, Clone)]
pub struct FileResult {
    /// The file.
    pub file: StagedFile,
    /// Entity tag of what was read.
    pub etag: String,
    /// What became of it.
    pub status: Status,
    /// Records read.
    pub parsed: u64,
    /// Records loaded.
    pub loaded: u64,
    /// How many errors were allowed.
    pub limit: Option<u64>,
    /// Bad records.
    pub errors: u64,
    /// The first of them.
    pub first: Option<RowError>,
    /// Its column, as `"T"["C":2]`.
    pub column: Option<String>,
}

/// The result's columns.
#[must_use]
pub fn fields() -> Vec<Field> {
    [
        ("file", Ty::TEXT),
        ("status", Ty::TEXT),
        ("rows_parsed", Ty::INT),
        ("rows_loaded", Ty::INT),
        ("error_limit", Ty::INT),
        ("errors_seen", Ty::INT),
        ("first_error", Ty::TEXT),
        ("first_error_line", Ty::INT),
        ("first_error_character", Ty::INT),
        ("first_error_column_name", Ty::TEXT),
    ]
    .map(|(n, t)| Field::new(n, t))
    .to_vec()
}

/// The result; one sentence where no file was new.
#[must_use]
pub fn answer(results: &[FileResult]) -> Answer {
    if results.is_empty() {
        return Answer::status(kind::COPY, "Copy executed with 0 files processed.");
    }
    let rows: Vec<Vec<Option<String>>> = results
        .iter()
        .map(|r| {
            let e = r.first.as_ref();
            let place = |n: u64| (n > 0).then(|| n.to_string());
            vec![
                Some(r.file.shown.clone()),
                Some(r.status.text().to_owned()),
                Some(r.parsed.to_string()),
                Some(r.loaded.to_string()),
                r.limit.map(|n| n.to_string()),
                Some(r.errors.to_string()),
                e.map(|e| e.message.clone()),
                e.and_then(|e| place(e.line)),
                e.and_then(|e| place(e.character)),
                r.column.clone(),
            ]
        })
        .collect();
    Answer::texts(kind::COPY, fields(), &rows)
}

/// The refusal of ABORT_STATEMENT: what, where, and what to do.
#[must_use]
pub fn refusal(file: &StagedFile, e: &RowError, column: Option<&str>) -> SfError {
    let mut text = e.message.clone();
    if e.line > 0 {
        text.push_str(&format!("\n  File '{}', line {}, character {}", file.name, e.line, e.character));
        if let Some(column) = column {
            text.push_str(&format!("\n  Row {}, column {column}", e.row));
        }
    }
    text.push_str(
        "\n  If you would like to continue loading when an error is encountered, use other values such as 'SKIP_FILE' or \
         'CONTINUE' for the ON_ERROR option. For more information on loading options, please run 'info loading_data' in a SQL client.",
    );
    SfError::execution(e.code, e.state, text)
}
