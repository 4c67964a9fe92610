//! Snowflake Scripting: blocks, EXECUTE IMMEDIATE, procedures and CALL.
//!
//! A block is parsed into a tree once; its SQL statements stay text and run through the same way as any other, its
//! expressions are bound like those of a query. Variables live in the frames of [`State::script`], where the binder finds
//! them under `:name` and, in expressions, under the bare name.
//!
//! [`State::script`]: super::super::session::State::script

mod block;
mod call;
mod error;
mod immediate;
mod parse;
mod procedure;
mod run;
mod system;
#[cfg(test)]
mod tests;
mod tree;
mod vars;

pub use procedure::{arguments, columns};

use super::{CreateEntry, Entry};

/// Statements of this module.
pub const ENTRIES: &[Entry] = &[
    Entry(&["BEGIN"], block::parse_begin),
    Entry(&["DECLARE"], block::parse_declare),
    Entry(&["EXECUTE", "IMMEDIATE"], immediate::parse),
    Entry(&["CALL"], call::parse),
];
/// What CREATE makes here.
pub const CREATE: &[CreateEntry] = &[CreateEntry(&["PROCEDURE"], procedure::parse)];
