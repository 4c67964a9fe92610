//! `snowdeck deploy`.

use super::args::{Deploy, Global};
use super::desk::{self, Desk};
use super::failure::Failure;
use super::output::{self, Table};
use crate::domain::Plan;
use crate::jobs::deploy::{self, Selection};
use serde_json::json;

pub async fn run(global: &Global, args: Deploy) -> Result<(), Failure> {
    if !args.plan {
        desk::may_change(global, "deploy")?;
    }
    let pipeline = desk::pipeline(args.pipeline.as_deref())?;
    desk::at(global, async |desk: &Desk| {
        let deployment = pipeline.prepare(&desk.services.variables)?;
        let selection = args.through.clone().map_or(Selection::All, Selection::Through);
        if args.plan {
            let places = selection.resolve(&deployment)?;
            desk.quiet();
            return plan(global, deployment.plan(), &places);
        }
        let session = desk.session(None).await?;
        let result = deploy::run(&desk.context(), session.as_ref(), &deployment, &selection).await;
        session.close().await;
        let outcome = result?;
        desk.quiet();
        let (statements, failed) = (outcome.deployed.statements, outcome.deployed.failed);
        match outcome.failure {
            Some(failure) => Err(Failure::from(failure.error.clone())
                .at(&format!("{} ({})", failure.title, failure.place))
                .or_hint("the statements before it stay; mend the cause and deploy again: nothing is done twice")),
            None if global.json => output::json(&json!({ "ok": true, "statements": statements, "failed": failed })),
            None => output::line(&format!("{statements} statements run")),
        }
    })
    .await
}

/// The steps that would run.
fn plan(global: &Global, plan: &Plan, places: &[(usize, usize)]) -> Result<(), Failure> {
    if global.json {
        let mut wanted = plan.clone();
        for (i, stage) in wanted.stages.iter_mut().enumerate() {
            let mut at = 0;
            stage.steps.retain(|_| {
                at += 1;
                places.contains(&(i, at - 1))
            });
        }
        wanted.stages.retain(|stage| !stage.steps.is_empty());
        return output::json(&wanted);
    }
    let mut table = Table::new(&["", "STAGE", "STEP", "WHAT FOR", "WHERE"]);
    for (i, j, step) in plan.steps().filter(|(i, j, _)| places.contains(&(*i, *j))) {
        let caption = step.caption.lines().next().unwrap_or_default().to_owned();
        table.row([
            format!("{}.{}", i + 1, j + 1),
            plan.stages[i].id.clone(),
            step.title.clone(),
            caption,
            format!("{}:{}", step.file, step.line),
        ]);
    }
    output::line(&table.text())
}
