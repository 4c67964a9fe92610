//! Tasks: definitions, graphs, the scheduler and their history.

/// The task run in which a session's statements run.
#[derive(Debug, Default)]
pub struct TaskScope {
    /// The task's bare name.
    pub task: String,
    /// What SYSTEM$SET_RETURN_VALUE left.
    pub return_value: parking_lot::Mutex<Option<String>>,
    /// Return values of the predecessors, by bare name.
    pub predecessors: std::collections::BTreeMap<String, Option<String>>,
    /// The graph's CONFIG.
    pub config: Option<String>,
}
