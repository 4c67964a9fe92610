//! `snowdeck tasks`.

use super::args::{Global, Tasks};
use super::desk::{self, Desk};
use super::failure::Failure;
use super::output::{self, Table};
use crate::domain::{TaskNode, TaskRun};
use crate::jobs::deploy::Manifest;
use crate::jobs::marts;
use crate::jobs::ports::Warehouse;
use crate::jobs::tasks::{self, TreeEnd};
use serde_json::json;

pub async fn run(global: &Global, args: Tasks) -> Result<(), Failure> {
    if matches!(args, Tasks::Run) {
        desk::may_change(global, "run tasks")?;
    }
    let pipeline = desk::pipeline(global)?;
    let manifest = pipeline.manifest();
    desk::at(global, async |desk: &Desk| {
        let session = marts::owner_session(desk.services.warehouses.as_ref(), manifest, &desk.cancel).await?;
        let result = in_session(global, &args, desk, session.as_ref(), manifest).await;
        session.close().await;
        result
    })
    .await
}

async fn in_session(
    global: &Global,
    args: &Tasks,
    desk: &Desk,
    session: &dyn Warehouse,
    manifest: &Manifest,
) -> Result<(), Failure> {
    match args {
        Tasks::Ls => {
            let nodes = tasks::list(session, manifest, &desk.cancel).await?;
            desk.quiet();
            if global.json { output::json(&nodes) } else { output::line(&tree(&nodes)) }
        }
        Tasks::History { limit } => {
            let runs = tasks::history(session, manifest, *limit, &desk.cancel).await?;
            desk.quiet();
            if global.json { output::json(&runs) } else { output::line(&history(&runs)) }
        }
        Tasks::Run => {
            let tree = tasks::execute(&desk.context(), session, manifest).await?;
            desk.quiet();
            let ok = tree.end != TreeEnd::Failed;
            if global.json {
                output::json(&json!({ "ok": ok, "tasks": tree.outcomes() }))?;
            } else {
                output::line(&history(&tree.runs))?;
            }
            if ok {
                return Ok(());
            }
            let failures = tree.failures().join("\n");
            if global.json { Err(Failure::told()) } else { Err(Failure::failed(failures)) }
        }
    }
}

fn tree(nodes: &[TaskNode]) -> String {
    let mut table = Table::new(&["TASK", "STATE", "AFTER", "SCHEDULE", "WHEN"]);
    for node in nodes {
        let after = match &node.finalizes {
            Some(root) => format!("finalizes {root}"),
            None => node.predecessors.join(", "),
        };
        table.row([
            node.name.clone(),
            if node.started { "started" } else { "suspended" }.to_owned(),
            after,
            node.schedule.clone().unwrap_or_default(),
            node.condition.clone().unwrap_or_default(),
        ]);
    }
    table.text()
}

fn history(runs: &[TaskRun]) -> String {
    let mut table = Table::new(&["TASK", "STATE", "STARTED (UTC)", "MS>", "TRY>", "ERROR"]);
    for run in runs {
        let state = serde_json::to_value(run.state).ok().and_then(|s| s.as_str().map(str::to_owned));
        let error = [run.error_code.as_deref(), run.error_message.as_deref()].into_iter().flatten();
        table.row([
            run.name.clone(),
            state.unwrap_or_default(),
            run.started_ms.and_then(output::moment).unwrap_or_default(),
            run.millis().map(|ms| ms.to_string()).unwrap_or_default(),
            run.attempt.to_string(),
            error.collect::<Vec<_>>().join(" "),
        ]);
    }
    table.text()
}
