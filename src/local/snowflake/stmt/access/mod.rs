//! Roles, users, grants.

use super::{CreateEntry, Entry};

/// What this module understands.
pub const ENTRIES: &[Entry] = &[];
/// What CREATE makes here.
pub const CREATE: &[CreateEntry] = &[];
