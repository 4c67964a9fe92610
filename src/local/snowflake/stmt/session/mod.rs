//! The session: USE, SET, ALTER SESSION, transactions.

mod parameters;
pub mod transaction;
mod use_;
mod variables;

use super::Entry;

/// What this module understands.
pub const ENTRIES: &[Entry] = &[
    Entry(&["USE"], use_::parse),
    Entry(&["SET"], variables::parse_set),
    Entry(&["UNSET"], variables::parse_unset),
    Entry(&["ALTER", "SESSION"], parameters::parse_alter),
    // A scripting block begins with BEGIN too: what follows decides.
    Entry(&["BEGIN"], transaction::begin),
    Entry(&["BEGIN", "TRANSACTION"], transaction::begin),
    Entry(&["BEGIN", "WORK"], transaction::begin),
    Entry(&["BEGIN", "NAME"], transaction::begin_named),
    Entry(&["START", "TRANSACTION"], transaction::begin),
    Entry(&["COMMIT"], transaction::commit),
    Entry(&["ROLLBACK"], transaction::rollback),
];
pub use variables::constant;
