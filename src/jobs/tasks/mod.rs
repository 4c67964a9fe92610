//! The task tree: what it looks like, what it did, and a run of it.

mod control;
mod graph;
mod history;
mod rows;
mod run;
mod schedule;

pub use control::{cancel_running, resume, suspend, switch_one};
pub use graph::{Graph, list};
pub use history::{history, history_of};
pub use rows::rows;
pub use run::{TreeEnd, TreeRun, execute, retry};
pub use schedule::{fast_forward, timing};
