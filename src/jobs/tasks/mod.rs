//! The task tree: what it looks like, what it did, and a run of it.

mod graph;
mod history;
mod run;

pub use graph::{Graph, list};
pub use history::{history, history_of};
pub use run::{TreeEnd, TreeRun, execute, resume, retry, suspend};
