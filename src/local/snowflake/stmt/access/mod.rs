//! Roles, users, grants.

mod future;
mod grant;
mod ownership;
mod privileges;
pub mod role;
mod targets;
pub mod user;

pub use privileges::all_on;

use super::{CreateEntry, Entry};

/// What this module understands.
pub const ENTRIES: &[Entry] = &[
    Entry(&["GRANT"], grant::parse_grant),
    Entry(&["REVOKE"], grant::parse_revoke),
    Entry(&["ALTER", "ROLE"], role::parse_alter),
    Entry(&["ALTER", "USER"], user::parse_alter),
];
/// What CREATE makes here.
pub const CREATE: &[CreateEntry] =
    &[CreateEntry(&["ROLE"], role::parse_create), CreateEntry(&["USER"], user::parse_create)];
