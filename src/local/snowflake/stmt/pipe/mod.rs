//! Pipes as statements: CREATE, ALTER, SHOW, DESCRIBE, and what SYSTEM$ functions tell of them. Their work is in
//! [`crate::local::snowflake::pipe`].

mod alter;
mod create;
mod functions;
mod show;
mod status;

pub use functions::system_function;
pub use show::{pattern, show};
pub use status::invalid;

use super::{CreateEntry, Entry};

/// Statements of this module.
pub const ENTRIES: &[Entry] = &[
    Entry(&["ALTER", "PIPE"], alter::parse),
    Entry(&["DESC", "PIPE"], show::parse_describe),
    Entry(&["DESCRIBE", "PIPE"], show::parse_describe),
];
/// What CREATE makes here.
pub const CREATE: &[CreateEntry] = &[CreateEntry(&["PIPE"], create::parse)];
