//! `snowdeck tasks`.

use super::args::{Global, Tasks};
use super::desk::{self, Desk};
use super::failure::Failure;
use super::output::{self, Table};
use crate::domain::{TaskNode, TaskRun};
use crate::jobs::deploy::Manifest;
use crate::jobs::marts;
use crate::jobs::ports::Warehouse;
use crate::jobs::tasks::{self, TreeEnd, TreeRun};
use serde_json::json;

pub async fn run(global: &Global, args: Tasks) -> Result<(), Failure> {
    if !matches!(args, Tasks::Ls | Tasks::History { .. }) {
        desk::may_change(global, "run, end or switch tasks")?;
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
        Tasks::Run => ran(global, desk, &tasks::execute(&desk.context(), session, manifest).await?),
        Tasks::Retry => ran(global, desk, &tasks::retry(&desk.context(), session, manifest).await?),
        Tasks::Cancel => {
            let nodes = tasks::list(session, manifest, &desk.cancel).await?;
            let finalizers: Vec<String> = nodes.into_iter().filter(|n| n.finalizes.is_some()).map(|n| n.name).collect();
            let ended = tasks::cancel_running(&desk.context(), session, manifest, &finalizers).await?;
            desk.quiet();
            if global.json {
                output::json(&json!({ "ok": true, "ended": ended }))
            } else {
                output::line(&format!("{ended} task execution(s) ended"))
            }
        }
        Tasks::Suspend => {
            tasks::suspend(&desk.context(), session, manifest).await?;
            switched(global, desk, manifest, "suspended")
        }
        Tasks::Resume => {
            tasks::resume(&desk.context(), session, manifest).await?;
            switched(global, desk, manifest, "resumed")
        }
    }
}

fn switched(global: &Global, desk: &Desk, manifest: &Manifest, state: &str) -> Result<(), Failure> {
    desk.quiet();
    let root = &manifest.tasks.root;
    if global.json {
        output::json(&json!({ "ok": true, "root": root, "state": state }))
    } else {
        output::line(&format!("{root} {state}"))
    }
}

/// Tells of a run that has ended.
fn ran(global: &Global, desk: &Desk, tree: &TreeRun) -> Result<(), Failure> {
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
