//! `snowdeck deploy`.

use super::args::{Deploy, Global};
use super::desk::{self, Desk};
use super::failure::Failure;
use super::output::{self, Table};
use super::rehearse;
use crate::config::ProfileKind;
use crate::domain::{Plan, Survey, printable_lines};
use crate::jobs::deploy::{self, DeployOutcome, Deployment, Order, Selection};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub async fn run(global: &Global, args: Deploy) -> Result<(), Failure> {
    if !args.plan {
        desk::may_change(global, "deploy")?;
    }
    let pipeline = desk::pipeline(global)?;
    desk::at(global, async |desk: &Desk| {
        let deployment = pipeline.prepare(&desk.services.variables)?;
        if let Some(stage) = &args.restore {
            return restore(global, &args, desk, &deployment, stage).await;
        }
        let order = order(&args, &deployment)?;
        if args.rehearse {
            return rehearse::run(global, desk, &pipeline, &deployment, (!args.plan).then_some(&order)).await;
        }
        let warehouses = desk.services.warehouses.as_ref();
        if !args.plan && desk.services.kind == ProfileKind::Local {
            // Stages look into the bucket; of the embedded cloud nobody else makes it.
            desk.services.store.ensure_bucket().await?;
        }
        if args.plan {
            let places = order.selection.resolve(&deployment)?;
            let survey = deploy::survey(&desk.context(), warehouses, &deployment).await?;
            desk.quiet();
            return plan(global, deployment.plan(), &places, &survey);
        }
        let outcome = deploy::run(&desk.context(), warehouses, &deployment, &order).await?;
        desk.quiet();
        told(global, &outcome)
    })
    .await
}

/// What came of a deployment.
fn told(global: &Global, outcome: &DeployOutcome) -> Result<(), Failure> {
    let statements = outcome.deployed.statements;
    match &outcome.failure {
        Some(failure) => Err(refusal(failure)
            .or_hint("the statements before it stay; mend the cause and deploy again: nothing is done twice")),
        None if global.json => output::json(&json!({
            "ok": true, "statements": statements, "failed": outcome.deployed.failed, "savepoints": outcome.savepoints,
        })),
        None if statements == 0 => output::line("nothing to do: everything is deployed as the files say"),
        None => output::line(&format!("{statements} statements run")),
    }
}

/// A refused statement: where, the line with a caret under what is meant, and what to do.
pub fn refusal(failure: &deploy::Failure) -> Failure {
    let advice = &failure.advice;
    let mut shown = String::new();
    if !advice.code.trim().is_empty() {
        shown = format!("\n    {}", printable_lines(&advice.code));
        if let Some(caret) = advice.caret {
            shown.push_str(&format!("\n    {}{}", " ".repeat(caret.at), "^".repeat(caret.length)));
        }
    }
    let told = Failure::from(failure.error.clone()).at(&format!("{} ({})", failure.title, failure.place)).and(&shown);
    match &advice.suggestion {
        Some(suggestion) => told.hint(suggestion.clone()),
        None => told,
    }
}

async fn restore(
    global: &Global,
    args: &Deploy,
    desk: &Desk,
    deployment: &Deployment,
    stage: &str,
) -> Result<(), Failure> {
    desk.quiet();
    if !args.yes {
        super::undo::confirm(
            &format!("Put {} back to what it was before {stage}?", deployment.database()),
            deployment.database(),
        )?;
    }
    let outcome = deploy::restore(&desk.context(), desk.services.warehouses.as_ref(), deployment, stage).await?;
    desk.quiet();
    told(global, &outcome)
}

fn order(args: &Deploy, deployment: &Deployment) -> Result<Order, Failure> {
    let plan = deployment.plan();
    let selection = match (&args.through, &args.stage, &args.step) {
        (Some(place), ..) if place.contains(':') => Selection::FromTo((0, 0), statement_at(place, plan)?),
        (Some(stage), ..) => Selection::Through(stage.clone()),
        (_, Some(stage), _) => Selection::Named(stage.clone()),
        (.., Some(place)) => {
            let (stage, step) = statement_at(place, plan)?;
            Selection::Step(stage, step)
        }
        _ => Selection::All,
    };
    let skips = args.skip.iter().map(|text| skip(text, plan)).collect::<Result<BTreeMap<_, _>, _>>()?;
    Ok(Order { selection, again: args.again, savepoints: args.savepoint, skips, ..Order::default() })
}

/// `FILE:LINE=REASON`, any line of the statement.
fn skip(text: &str, plan: &Plan) -> Result<((usize, usize), String), Failure> {
    let (place, reason) = text.split_once('=').ok_or_else(|| {
        Failure::usage(format!("{text:?} is no statement to skip: write FILE:LINE=REASON as the plan shows it"))
    })?;
    if reason.trim().is_empty() {
        return Err(Failure::usage(format!("{text:?}: say why it is skipped")));
    }
    Ok((statement_at(place, plan)?, reason.trim().to_owned()))
}

/// The statement at `FILE:LINE`, any line of it.
fn statement_at(place: &str, plan: &Plan) -> Result<(usize, usize), Failure> {
    let parts = place.rsplit_once(':').and_then(|(file, line)| Some((file, line.trim().parse::<u32>().ok()?)));
    let (file, line) =
        parts.ok_or_else(|| Failure::usage(format!("{place:?} is no place: write FILE:LINE as the plan shows it")))?;
    let holds = |step: &crate::domain::Step| {
        let lines = u32::try_from(step.sql.lines().count()).unwrap_or(1).max(1);
        step.file == file && (step.line..step.line + lines).contains(&line)
    };
    let found = plan.steps().find(|(_, _, step)| holds(step));
    let (i, j, _) =
        found.ok_or_else(|| Failure::usage(format!("there is no statement at {place}: --plan shows the places")))?;
    Ok((i, j))
}

/// The steps that are meant, and what the journal says of them.
fn plan(global: &Global, plan: &Plan, places: &[(usize, usize)], survey: &Survey) -> Result<(), Failure> {
    let wanted = plan.steps().filter(|(i, j, _)| places.contains(&(*i, *j)));
    if global.json {
        let mut stages: Vec<Value> =
            plan.stages.iter().map(|s| json!({ "id": s.id, "title": s.title, "steps": [] })).collect();
        for (i, j, step) in wanted {
            let mut shown = json!(step);
            let standing = survey.standings.get(i).and_then(|s| s.get(j)).cloned().unwrap_or_default();
            shown["change"] = json!(standing.change);
            shown["last"] = json!(standing.last);
            shown["warning"] = json!(standing.warning);
            if let Some(steps) = stages[i]["steps"].as_array_mut() {
                steps.push(shown);
            }
        }
        stages.retain(|s| s["steps"].as_array().is_some_and(|steps| !steps.is_empty()));
        return output::json(&json!({
            "pipeline": plan.pipeline, "stages": stages, "removed": survey.removed, "pending": survey.pending(),
            "unread": survey.unread,
        }));
    }
    let mut table = Table::new(&["", "", "STAGE", "STEP", "WHAT FOR", "WHERE"]);
    let mut warnings = Vec::new();
    for (i, j, step) in wanted {
        let caption = step.caption.lines().next().unwrap_or_default().to_owned();
        let place = format!("{}:{}", step.file, step.line);
        if let Some(warning) = survey.standings.get(i).and_then(|s| s.get(j)).and_then(|s| s.warning.as_ref()) {
            warnings.push(format!("{place}  {}: {warning}", step.title));
        }
        table.row([
            format!("{}.{}", i + 1, j + 1),
            survey.change(i, j).word().to_owned(),
            plan.stages[i].id.clone(),
            step.title.clone(),
            caption,
            place,
        ]);
    }
    output::line(&format!("{}{}", table.text(), notes(survey, &warnings)))
}

/// What stands below the table.
fn notes(survey: &Survey, warnings: &[String]) -> String {
    let mut text = format!("\n\n{} to run", survey.pending());
    for past in &survey.removed {
        text.push_str(&format!(
            "\nremoved  {}:{}  {} ({}): still there, no file makes it any more",
            past.file, past.line, past.title, past.stage
        ));
    }
    for warning in warnings.iter().chain(&survey.unread) {
        text.push_str(&format!("\nwarning  {warning}"));
    }
    printable_lines(&text).into_owned()
}
