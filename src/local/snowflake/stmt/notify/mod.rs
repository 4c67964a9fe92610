//! Notification integrations, and what sends through them.

mod functions;
mod integration;
mod send;
#[cfg(test)]
mod tests;

pub use functions::function;
pub use integration::{check as check_options, describe, required};
pub use send::{is_procedure, procedure, task_ended};

use super::{CreateEntry, Entry};

/// Statements of this module.
pub const ENTRIES: &[Entry] = &[Entry(&["SHOW", "NOTIFICATION", "INTEGRATIONS"], integration::parse_show)];
/// What CREATE makes here.
pub const CREATE: &[CreateEntry] = &[CreateEntry(&["NOTIFICATION", "INTEGRATION"], integration::parse_create)];
