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

/// A SYSTEM$ function about tasks; `None` where the name is not one.
///
/// # Errors
/// What the function refuses.
pub fn system_function(
    _binder: &mut super::super::bind::binder::Binder<'_, '_>,
    _name: &str,
    _args: &[super::super::bind::Bound],
) -> super::super::error::SfResult<Option<super::super::bind::Bound>> {
    Ok(None)
}
