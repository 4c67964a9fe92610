//! Masking and row access policies: their definitions, where they are set, and where they are listed. How they act is in
//! `bind/policy.rs`.

mod alter;
mod attach;
mod create;
mod list;

pub use alter::parse as parse_alter;
pub use attach::{PolicyUse, mask, mask_clause, row, row_clause, set_on};
pub use create::unused;
pub use list::{describe, name_of, references, show_masking, show_row_access};

use super::{CreateEntry, Entry};

/// What this module understands.
pub const ENTRIES: &[Entry] = &[
    Entry(&["ALTER", "MASKING", "POLICY"], create::alter_masking),
    Entry(&["ALTER", "ROW", "ACCESS", "POLICY"], create::alter_row_access),
];
/// What CREATE makes here.
pub const CREATE: &[CreateEntry] = &[
    CreateEntry(&["MASKING", "POLICY"], create::parse_masking),
    CreateEntry(&["ROW", "ACCESS", "POLICY"], create::parse_row_access),
];
