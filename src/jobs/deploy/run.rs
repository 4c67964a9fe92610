//! Runs steps of a deployment, one statement at a time, and stops at the first that fails.

use super::advice::{Advice, advise};
use super::journal::{Ended, Journal};
use super::plan::Deployment;
use super::savepoint;
use super::selection::Order;
use super::summary::summary;
use crate::domain::{Change, Deployed, QueryOutcome, SqlError, StepState, Survey};
use crate::jobs::ports::{Warehouse, Warehouses};
use crate::jobs::{Context, Event, JobError};
use std::fmt;

/// Rows of an answer that are kept for the Deploy pane.
const ANSWER_ROWS: usize = 200;

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
    /// The line of SQL, where in it, and what to do.
    pub advice: Advice,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.title, self.place, self.error)?;
        if let Some(suggestion) = &self.advice.suggestion {
            write!(f, "\n{suggestion}")?;
        }
        Ok(())
    }
}

/// How far a deployment came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeployOutcome {
    /// Totals. What was left out because it had run before does not count.
    pub deployed: Deployed,
    /// The statement that failed, if one did; none after it was run.
    pub failure: Option<Failure>,
    /// Savepoints that were made, oldest first.
    pub savepoints: Vec<String>,
}

/// Holds the plan against the journal without running anything. Costs one short session where there is a journal.
///
/// # Errors
/// The service cannot be reached. A journal that cannot be read is told in [`Survey::unread`].
pub async fn survey(ctx: &Context, warehouses: &dyn Warehouses, deployment: &Deployment) -> Result<Survey, JobError> {
    let mut journal = Journal::new(ctx, warehouses, deployment);
    let survey = journal.survey(ctx).await;
    journal.close().await;
    survey
}

/// Runs what the order asks for in one session, in order, up to the first failure, and keeps the journal. Every change goes
/// out as [`Event::Step`]. A step whose predecessors in the same file were left out gets the `USE` and `SET` statements
/// above it first, so that any step can be run in a fresh session.
///
/// # Errors
/// [`JobError::Usage`] for an order that the plan cannot follow, [`JobError::Cancelled`], a service that cannot be reached.
/// A refused statement is not an error here but the outcome's `failure`.
pub async fn run(
    ctx: &Context,
    warehouses: &dyn Warehouses,
    deployment: &Deployment,
    order: &Order,
) -> Result<DeployOutcome, JobError> {
    let mut journal = Journal::new(ctx, warehouses, deployment);
    let result = with_journal(ctx, warehouses, deployment, order, &mut journal).await;
    if let Some(problem) = journal.close().await {
        ctx.emit(Event::Note(problem));
    }
    result
}

/// Takes back what an undo deployment says ([`super::Pipeline::prepare_undo`]). The journal first forgets its stages, so
/// that whatever becomes of the undo, the next deployment makes them again.
///
/// # Errors
/// As [`run`].
pub async fn undo(
    ctx: &Context,
    warehouses: &dyn Warehouses,
    deployment: &Deployment,
) -> Result<DeployOutcome, JobError> {
    let mut journal = Journal::new(ctx, warehouses, deployment);
    journal.void(ctx, deployment.voids()).await;
    // It may lie in what is about to be dropped.
    if let Some(problem) = journal.close().await {
        ctx.emit(Event::Note(problem));
    }
    let places = deployment.plan().steps().map(|(i, j, _)| (i, j)).collect();
    let order = Order::default();
    let session = warehouses.connect(None).await?;
    let run = Run::new(ctx, warehouses, session.as_ref(), deployment, &order, Survey::default());
    let result = run.steps(places, None).await;
    session.close().await;
    result
}

async fn with_journal(
    ctx: &Context,
    warehouses: &dyn Warehouses,
    deployment: &Deployment,
    order: &Order,
    journal: &mut Journal<'_>,
) -> Result<DeployOutcome, JobError> {
    let mut places = order.selection.resolve(deployment)?;
    let mut survey = Survey::default();
    if !order.again {
        survey = journal.survey(ctx).await?;
        if let Some(note) = journal.renew(ctx).await?.or_else(|| survey.unread.take()) {
            ctx.emit(Event::Note(note));
        }
        let asked = |place: &(usize, usize)| order.edits.contains_key(place) || order.skips.contains_key(place);
        places.retain(|place| survey.change(place.0, place.1).is_pending() || asked(place));
    }
    if places.is_empty() {
        return Ok(DeployOutcome::default());
    }
    let session = warehouses.connect(None).await?;
    let run = Run::new(ctx, warehouses, session.as_ref(), deployment, order, survey);
    let result = run.steps(places, Some(journal)).await;
    session.close().await;
    result
}

/// One run through a list of steps.
struct Run<'a> {
    ctx: &'a Context,
    warehouses: &'a dyn Warehouses,
    session: &'a dyn Warehouse,
    deployment: &'a Deployment,
    order: &'a Order,
    survey: Survey,
    /// The step after which nothing is left to run.
    last: Option<(usize, usize)>,
    /// Steps that ran here.
    ran: Vec<(usize, usize)>,
    /// The file whose `USE` and `SET` statements hold in the session, and which of them have run.
    scene: Option<(usize, &'a str, Vec<usize>)>,
    outcome: DeployOutcome,
}

impl<'a> Run<'a> {
    fn new(
        ctx: &'a Context,
        warehouses: &'a dyn Warehouses,
        session: &'a dyn Warehouse,
        deployment: &'a Deployment,
        order: &'a Order,
        survey: Survey,
    ) -> Self {
        let outcome = DeployOutcome::default();
        Self { ctx, warehouses, session, deployment, order, survey, last: None, ran: Vec::new(), scene: None, outcome }
    }

    async fn steps(
        mut self,
        places: Vec<(usize, usize)>,
        mut journal: Option<&mut Journal<'_>>,
    ) -> Result<DeployOutcome, JobError> {
        self.last = places.last().copied();
        for stage in places.chunk_by(|a, b| a.0 == b.0) {
            if self.ctx.cancel.is_cancelled() {
                return Err(JobError::Cancelled);
            }
            if let (true, Some((first, _))) = (self.order.savepoints, stage.first()) {
                let made = savepoint::take(self.ctx, self.warehouses, self.deployment, *first).await?;
                self.outcome.savepoints.extend(made);
            }
            if let (Some(journal), true) = (&mut journal, stage.len() > 1) {
                journal.begin(self.ctx, stage).await;
            }
            for &place in stage {
                if !self.one(place, &mut journal).await? {
                    return Ok(self.outcome);
                }
            }
        }
        Ok(self.outcome)
    }

    /// Runs or skips one step; tells whether to go on.
    async fn one(
        &mut self,
        place @ (stage, step): (usize, usize),
        journal: &mut Option<&mut Journal<'_>>,
    ) -> Result<bool, JobError> {
        if self.ctx.cancel.is_cancelled() {
            return Err(JobError::Cancelled);
        }
        let edited = self.order.edits.get(&place).map(String::as_str);
        let reason = self.order.skips.get(&place).map(String::as_str);
        let started_ms = self.ctx.clock.now_ms();
        let (state, answer) = if reason.is_some() {
            (StepState::Skipped, None)
        } else {
            self.outcome.deployed.statements += 1;
            self.run(place, edited).await?
        };
        if let Some(journal) = journal {
            let ended_ms = self.ctx.clock.now_ms();
            journal.end(self.ctx, &Ended { place, edited, state: &state, reason, started_ms, ended_ms }).await;
            if self.last == Some(place) {
                // Who sees the last step done may start the next job at once: this one should be over then.
                journal.write(self.ctx.clock.now_ms()).await;
            }
        }
        self.ctx.emit(Event::Step { stage, step, state: state.clone(), answer });
        self.ran.push(place);
        let StepState::Failed { error } = state else { return Ok(true) };
        if self.ctx.cancel.is_cancelled() {
            return Err(JobError::Cancelled);
        }
        self.outcome.deployed.failed += 1;
        self.outcome.failure = Some(self.failure(place, edited, error));
        Ok(false)
    }

    /// Runs a step, and first what sets its scene; gives its state and its answer.
    async fn run(
        &mut self,
        (stage, step): (usize, usize),
        edited: Option<&str>,
    ) -> Result<(StepState, Option<QueryOutcome>), JobError> {
        let deployment = self.deployment;
        let own = deployment.sql(stage, step).unwrap_or_default();
        let sql = edited.map(|text| deployment.unhide((stage, step), text)).transpose()?;
        let sql = sql.as_deref().unwrap_or(own);
        self.ctx.emit(Event::Step { stage, step, state: StepState::Running, answer: None });
        let started = self.ctx.clock.now_ms();
        let mut result = Ok(QueryOutcome::default());
        for index in self.missing_scene(stage, step) {
            let before = deployment.sql(stage, index).unwrap_or_default();
            result = self.session.query(before, Some(1), &self.ctx.cancel).await;
            if result.is_err() {
                break;
            }
        }
        if result.is_ok() {
            result = self.session.query(sql, Some(ANSWER_ROWS), &self.ctx.cancel).await;
        }
        self.set_scene(stage, step);
        Ok(match result {
            Ok(answer) => {
                let ms = u64::try_from(self.ctx.clock.now_ms() - started).unwrap_or(0);
                let state = StepState::Done { query_id: answer.query_id.clone(), ms, summary: summary(&answer) };
                (state, Some(answer))
            }
            Err(mut error) => {
                error.message = deployment.redact(&error.message);
                (StepState::Failed { error }, None)
            }
        })
    }

    /// The statements above a step in its file that set the scene for it and have not run in this session.
    fn missing_scene(&self, stage: usize, step: usize) -> Vec<usize> {
        let wanted = self.deployment.context_of(stage, step);
        let file = self.file(stage, step);
        match &self.scene {
            Some((of, in_file, ran)) if *of == stage && *in_file == file => {
                // One that is missing in the middle would take back what those after it have set.
                let first = wanted.iter().position(|i| !ran.contains(i)).unwrap_or(wanted.len());
                wanted[first..].to_vec()
            }
            _ => wanted,
        }
    }

    fn set_scene(&mut self, stage: usize, step: usize) {
        let mut ran = self.deployment.context_of(stage, step);
        if self.deployment.sql(stage, step).is_some_and(super::sets_context) {
            ran.push(step);
        }
        self.scene = Some((stage, self.file(stage, step), ran));
    }

    fn file(&self, stage: usize, step: usize) -> &'a str {
        let of = self.deployment.plan().stages.get(stage).and_then(|s| s.steps.get(step));
        of.map_or("", |s| s.file.as_str())
    }

    fn failure(&self, (stage, step): (usize, usize), edited: Option<&str>, error: SqlError) -> Failure {
        let plan = self.deployment.plan();
        let done = |i, j| self.ran.contains(&(i, j)) || self.survey.change(i, j) == Change::Unchanged;
        let advice = advise(plan, (stage, step), edited, &error, &done);
        let titles = plan.stages.get(stage).and_then(|s| Some((s, s.steps.get(step)?)));
        let title = titles.map_or_else(String::new, |(s, of)| format!("{}: {}", s.title, of.title));
        Failure { stage, step, title, place: advice.place.clone(), error, advice }
    }
}
