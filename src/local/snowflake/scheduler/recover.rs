//! Runs that the last process left unfinished.

use super::super::catalog::Body;
use super::super::engine::Engine;
use super::super::stmt::{self, Class};
use super::history::{GraphRecord, State, TaskRun};
use super::run_task::statement;
use std::sync::Arc;

/// Settles what was EXECUTING and gives the graph runs that go on (see the module's head).
pub fn recover(engine: &Arc<Engine>) -> Vec<GraphRecord> {
    let open: Vec<GraphRecord> = engine.tasks.history.graphs().into_iter().filter(|g| g.state.is_open()).collect();
    for graph in &open {
        for run in engine.tasks.history.tasks_of(graph.key) {
            if run.state == State::Executing {
                settle(engine, run);
            }
        }
    }
    open
}

fn settle(engine: &Arc<Engine>, mut run: TaskRun) {
    let one_dml = stmt::parse(statement(&run.definition)).is_ok_and(|s| s.class() == Class::Dml);
    let now = engine.clock.now_ms();
    if one_dml && engine.tasks.history.has_committed(run.key, run.task) {
        run.state = State::Succeeded;
        run.ended_ms = Some(now);
    } else if one_dml {
        // Nothing of it was committed: it starts again.
        run.state = State::Scheduled;
        (run.started_ms, run.query_id) = (None, None);
    } else {
        run.state = State::Failed;
        run.ended_ms = Some(now);
        let text =
            "The task was interrupted by the end of the server process. EXECUTE TASK <root> RETRY LAST repeats it.";
        run.error = Some(("000603".into(), text.into()));
    }
    tracing::info!(task = run.name.join("."), state = run.state.name(), "settled after a restart");
    engine.tasks.history.put_task(engine, run);
}

/// Whether a graph's root is still there.
pub fn exists(engine: &Engine, graph: &GraphRecord) -> bool {
    engine.catalog().by_id(graph.key.root).is_some_and(|o| o.dropped_ms.is_none() && matches!(o.body, Body::Task(_)))
}
