//! Runs steps of a deployment, one statement at a time, and stops at the first that fails.

use super::journal::{Entry, write};
use super::plan::Deployment;
use crate::domain::{Deployed, QueryOutcome, SqlError, StepState};
use crate::jobs::ports::Warehouse;
use crate::jobs::{Context, Event, JobError};
use std::fmt;

/// Rows of an answer that are kept for the Deploy pane.
const ANSWER_ROWS: usize = 200;

/// Which steps to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// Every step.
    All,
    /// Every step but those of the stages that load data.
    WithoutLoad,
    /// Only the stages that load data.
    Load,
    /// From the first step to the end of the stage of this id.
    Through(String),
    /// One stage.
    Stage(usize),
    /// One step.
    Step(usize, usize),
    /// These steps, in the order of the plan.
    Steps(Vec<(usize, usize)>),
    /// From the first place to the second, both included.
    FromTo((usize, usize), (usize, usize)),
}

impl Selection {
    /// The places of the steps that are meant, in order.
    ///
    /// # Errors
    /// [`JobError::Usage`] where the plan has no such stage or step.
    pub fn resolve(&self, deployment: &Deployment) -> Result<Vec<(usize, usize)>, JobError> {
        let plan = deployment.plan();
        let all = || plan.steps().map(|(i, j, _)| (i, j));
        let found: Vec<(usize, usize)> = match self {
            Self::All => all().collect(),
            Self::WithoutLoad => all().filter(|(i, _)| !deployment.is_load(*i)).collect(),
            Self::Load => all().filter(|(i, _)| deployment.is_load(*i)).collect(),
            Self::Through(id) => {
                let last = plan.stages.iter().position(|s| s.id == *id).ok_or_else(|| {
                    let known: Vec<&str> = plan.stages.iter().map(|s| s.id.as_str()).collect();
                    JobError::Usage(format!("there is no stage `{id}`; the stages are {}", known.join(", ")))
                })?;
                all().filter(|(i, _)| *i <= last).collect()
            }
            Self::Stage(stage) => all().filter(|(i, _)| i == stage).collect(),
            Self::Step(stage, step) => all().filter(|place| *place == (*stage, *step)).collect(),
            Self::Steps(steps) => all().filter(|place| steps.contains(place)).collect(),
            Self::FromTo(from, to) => all().filter(|place| from <= place && place <= to).collect(),
        };
        if found.is_empty() && !matches!(self, Self::Load | Self::WithoutLoad) {
            return Err(JobError::Usage("the plan has no such step".into()));
        }
        Ok(found)
    }
}

/// Where a deployment stopped, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Index of the stage.
    pub stage: usize,
    /// Index of the step in the stage.
    pub step: usize,
    /// Title of the stage and of the step.
    pub title: String,
    /// The file and the line in it to which the error points, as near as it is known.
    pub place: String,
    /// The server's answer.
    pub error: SqlError,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.title, self.place, self.error)
    }
}

/// How far a deployment came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeployOutcome {
    /// Totals.
    pub deployed: Deployed,
    /// The statement that failed, if one did; none after it was run.
    pub failure: Option<Failure>,
}

/// Runs the selected steps in one session, in order, up to the first failure. Every change goes out as
/// [`Event::Step`]. A step that does not follow its predecessor in the same file gets the `USE` and `SET` statements above
/// it first, so that any step can be run in a fresh session.
///
/// # Errors
/// [`JobError::Usage`] for a selection that the plan does not have, [`JobError::Cancelled`]. A refused statement is not
/// an error here but the outcome's `failure`.
pub async fn run(
    ctx: &Context,
    session: &dyn Warehouse,
    deployment: &Deployment,
    selection: &Selection,
) -> Result<DeployOutcome, JobError> {
    let places = selection.resolve(deployment)?;
    let mut entries = Vec::with_capacity(places.len());
    let result = run_steps(ctx, session, deployment, places, &mut entries).await;
    if let Some(problem) = write(session, deployment, &entries).await {
        ctx.emit(Event::Note(problem));
    }
    result
}

async fn run_steps(
    ctx: &Context,
    session: &dyn Warehouse,
    deployment: &Deployment,
    places: Vec<(usize, usize)>,
    entries: &mut Vec<Entry>,
) -> Result<DeployOutcome, JobError> {
    let mut outcome = DeployOutcome::default();
    let mut last = None;
    for (stage, step) in places {
        if ctx.cancel.is_cancelled() {
            return Err(JobError::Cancelled);
        }
        let state = run_step(ctx, session, deployment, (stage, step), last).await;
        last = Some((stage, step));
        outcome.deployed.statements += 1;
        entries.push(Entry { stage, step, state: state.clone() });
        if let StepState::Failed { error } = state {
            if ctx.cancel.is_cancelled() {
                return Err(JobError::Cancelled);
            }
            outcome.deployed.failed += 1;
            outcome.failure = Some(failure(deployment, stage, step, error));
            break;
        }
    }
    Ok(outcome)
}

async fn run_step(
    ctx: &Context,
    session: &dyn Warehouse,
    deployment: &Deployment,
    (stage, step): (usize, usize),
    last: Option<(usize, usize)>,
) -> StepState {
    let emit = |state, answer| ctx.emit(Event::Step { stage, step, state, answer });
    emit(StepState::Running, None);
    let started = ctx.clock.now_ms();
    let context = if follows(last, (stage, step)) { Vec::new() } else { deployment.context_of(stage, step) };
    let mut result = Ok(QueryOutcome::default());
    for index in context.into_iter().chain([step]) {
        let sql = deployment.sql(stage, index).unwrap_or_default();
        result = session.query(sql, Some(ANSWER_ROWS), &ctx.cancel).await;
        if result.is_err() {
            break;
        }
    }
    match result {
        Ok(answer) => {
            let ms = u64::try_from(ctx.clock.now_ms() - started).unwrap_or(0);
            let state = StepState::Done { query_id: answer.query_id.clone(), ms, summary: summary(&answer) };
            emit(state.clone(), Some(answer));
            state
        }
        Err(mut error) => {
            error.message = deployment.redact(&error.message);
            let state = StepState::Failed { error };
            emit(state.clone(), None);
            state
        }
    }
}

/// Whether the step comes directly after the last one in the same stage, whose session it shares. (Every file begins
/// with its own `USE` statements, so a change of file needs nothing else.)
fn follows(last: Option<(usize, usize)>, (stage, step): (usize, usize)) -> bool {
    step.checked_sub(1).is_some_and(|before| last == Some((stage, before)))
}

fn failure(deployment: &Deployment, stage: usize, step: usize, error: SqlError) -> Failure {
    let found = deployment.plan().stages.get(stage).and_then(|s| Some((s, s.steps.get(step)?)));
    let Some((in_stage, in_step)) = found else {
        return Failure { stage, step, title: String::new(), place: String::new(), error };
    };
    let line = in_step.line + error.line.map_or(0, |line| line.saturating_sub(1));
    Failure {
        stage,
        step,
        title: format!("{}: {}", in_stage.title, in_step.title),
        place: format!("{}:{line}", in_step.file),
        error,
    }
}

/// An answer in one line: `Table T successfully created.`, `31 files, 742 rows loaded`, `64 rows inserted`, `31 rows`.
#[must_use]
pub fn summary(answer: &QueryOutcome) -> String {
    let number = |row: usize, column: &str| answer.cell(row, column).and_then(|c| c.parse::<i64>().ok()).unwrap_or(0);
    if answer.column("rows_loaded").is_some() && answer.column("file").is_some() {
        let loaded: i64 = (0..answer.rows.len()).map(|row| number(row, "rows_loaded")).sum();
        return format!("{} files, {loaded} rows loaded", answer.total.max(answer.rows.len() as u64));
    }
    if answer.columns.len() == 1 && answer.column("status").is_some() {
        return answer.cell(0, "status").unwrap_or_default().lines().next().unwrap_or_default().to_owned();
    }
    if answer.columns.first().is_some_and(|c| c.name.to_lowercase().starts_with("number of rows")) {
        let of = |verb: &str| -> i64 {
            let wanted = answer.columns.iter().filter(|c| c.name.to_lowercase().contains(verb));
            wanted.map(|c| number(0, &c.name)).sum()
        };
        let parts =
            [("inserted", of("rows inserted")), ("updated", of("rows updated")), ("deleted", of("rows deleted"))];
        let told: Vec<String> =
            parts.iter().filter(|(_, n)| *n > 0).map(|(verb, n)| format!("{n} rows {verb}")).collect();
        return if told.is_empty() { "no rows changed".into() } else { told.join(", ") };
    }
    match answer.total.max(answer.rows.len() as u64) {
        1 => "1 row".into(),
        n => format!("{n} rows"),
    }
}
