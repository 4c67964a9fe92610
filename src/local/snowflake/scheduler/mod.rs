//! Task graphs at work: when they are due, what runs next, what became of it.
//!
//! [`Tasks`] is a part of the engine: the history of all runs (kept in DuckDB) and the desk where EXECUTE TASK leaves its
//! orders. [`Scheduler`] is one thread that sleeps until a schedule is due, an order comes in or a task ends; each task runs
//! in a thread and a session of its own, as the role that owns it.
//!
//! What a crash leaves behind: every commit of a task's session writes a mark in the same transaction. At the next start a
//! task that was one DML statement counts as succeeded if its mark is there and runs again if it is not, so it happens exactly
//! once; any other interrupted task (a block, a CALL) is FAILED, as nobody can tell how far it came: EXECUTE TASK … RETRY
//! LAST repeats it. Either way the rest of its graph goes on from there.

mod alert_history;
mod alerts;
mod desk;
mod due;
mod graph_run;
mod history;
mod recover;
mod run_task;
#[cfg(test)]
mod tests;
mod worker;

pub use alert_history::{AlertHistory, AlertRun, AlertState};
pub use desk::{Desk, Order};
pub use due::Schedule;
pub use history::{GraphKey, GraphRecord, History, State, TaskRun, mark_committed};
pub use run_task::statement;
pub use worker::Scheduler;

/// What the engine keeps of tasks.
#[derive(Default)]
pub struct Tasks {
    /// Every run of the last weeks.
    pub history: History,
    /// Every alert run of the last weeks.
    pub alerts: AlertHistory,
    /// Orders to the scheduler.
    pub desk: Desk,
}
