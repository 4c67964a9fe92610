//! Alerts: definitions, and what their statements may ask.

use parking_lot::Mutex;

/// The alert run in which a session's statements run.
#[derive(Debug, Default)]
pub struct AlertScope {
    /// Epoch milliseconds.
    pub scheduled_ms: i64,
    /// When the last run was scheduled that evaluated its condition without an error, epoch milliseconds; the alert's
    /// creation before the first.
    pub last_success_ms: i64,
    /// The condition's query id, once it has run.
    pub condition_query_id: Mutex<Option<String>>,
}
