//! `snowdeck undo`.

use super::args::{Global, Undo};
use super::desk::{self, Desk};
use super::failure::Failure;
use super::output::{self, Table};
use crate::domain::{Plan, printable};
use crate::jobs::deploy;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};

/// Rows that go with a statement, by its place.
type Losses = BTreeMap<(usize, usize), u64>;

pub async fn run(global: &Global, args: Undo) -> Result<(), Failure> {
    if !args.plan {
        desk::may_change(global, "drop what was deployed")?;
    }
    let pipeline = desk::pipeline(global)?;
    let stages = &pipeline.manifest().stages;
    let first = args.from.clone().or_else(|| stages.first().map(|s| s.id.get_ref().clone())).unwrap_or_default();
    desk::at(global, async |desk: &Desk| {
        let deployment = pipeline.prepare_undo(&desk.services.variables, &first)?;
        let losses = if args.plan || !args.yes {
            deploy::losses(&desk.context(), desk.services.warehouses.as_ref(), &deployment).await?
        } else {
            Losses::new()
        };
        desk.quiet();
        if args.plan {
            return preview(global, deployment.plan(), &losses);
        }
        if !args.yes {
            let question = format!("{}\n\nRun all of this?", table(deployment.plan(), &losses));
            confirm(&question, &pipeline.manifest().database)?;
        }
        let outcome = deploy::undo(&desk.context(), desk.services.warehouses.as_ref(), &deployment).await?;
        desk.quiet();
        let statements = outcome.deployed.statements;
        match outcome.failure {
            Some(failure) => Err(super::deploy::refusal(&failure)),
            None if global.json => output::json(&json!({ "ok": true, "statements": statements })),
            None => output::line(&format!("{statements} statements run")),
        }
    })
    .await
}

/// What would be run, in order, and the rows that go with it.
fn preview(global: &Global, plan: &Plan, losses: &Losses) -> Result<(), Failure> {
    if !global.json {
        return output::line(&table(plan, losses));
    }
    let mut shown = json!(plan);
    for ((stage, step), rows) in losses {
        shown["stages"][stage]["steps"][step]["rows"] = json!(rows);
    }
    output::json(&shown)
}

fn table(plan: &Plan, losses: &Losses) -> String {
    let mut table = Table::new(&["STAGE", "STEP", "ROWS LOST>", "WHAT FOR", "WHERE"]);
    for (i, j, step) in plan.steps() {
        let caption = step.caption.lines().next().unwrap_or_default().to_owned();
        let place = format!("{}:{}", step.file, step.line);
        let rows = losses.get(&(i, j)).map(u64::to_string).unwrap_or_default();
        table.row([plan.stages[i].id.clone(), step.title.clone(), rows, caption, place]);
    }
    table.text()
}

/// Asks on the terminal for the database's name.
pub fn confirm(question: &str, database: &str) -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage("this drops what is there: confirm with --yes"));
    }
    let mut terminal = std::io::stderr().lock();
    let shown = printable(database);
    write!(terminal, "{question} Type the database's name, {shown}: ")?;
    terminal.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    if answer.trim() == database { Ok(()) } else { Err(Failure::failed("nothing was dropped")) }
}
