//! Tasks: definitions, graphs, what their statements may ask, what their history shows.

mod alter;
mod check;
mod create;
mod execute;
mod functions;
pub mod graph;
mod options;
mod or_alter;
mod parameters;
mod show;
mod tables;
#[cfg(test)]
mod tests;

pub use execute::HEAD_START;
pub use functions::system_function;
pub use graph::{on_drop, sever};
pub use parameters::show as show_parameters;
pub use tables::table_function;

use super::super::scheduler::GraphKey;
use super::{CreateEntry, Entry};
use parking_lot::Mutex;
use std::collections::BTreeMap;

/// Statements of this module.
pub const ENTRIES: &[Entry] = &[
    Entry(&["ALTER", "TASK"], alter::parse),
    Entry(&["EXECUTE", "TASK"], execute::parse),
    Entry(&["SHOW", "TASKS"], show::parse),
    Entry(&["SHOW", "TERSE", "TASKS"], show::parse_terse),
    Entry(&["DESC", "TASK"], show::parse_describe),
    Entry(&["DESCRIBE", "TASK"], show::parse_describe),
];
/// What CREATE makes here.
pub const CREATE: &[CreateEntry] = &[CreateEntry(&["TASK"], create::parse)];

/// The task run in which a session's statements run.
#[derive(Debug, Default)]
pub struct TaskScope {
    /// The task's bare name.
    pub task: String,
    /// Its object id.
    pub id: i64,
    /// The graph's run.
    pub key: Option<GraphKey>,
    /// The root's full name.
    pub root: Vec<String>,
    /// SCHEDULE, EXECUTE_TASK …
    pub from: String,
    /// Epoch milliseconds.
    pub scheduled_ms: i64,
    /// What SYSTEM$SET_RETURN_VALUE left.
    pub return_value: Mutex<Option<String>>,
    /// Return values of the predecessors, by bare name.
    pub predecessors: BTreeMap<String, Option<String>>,
    /// The graph's CONFIG.
    pub config: Option<String>,
}
