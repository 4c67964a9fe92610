//! Jobs on tokio: started, cancelled, watched. A panic in one becomes its error message.

mod ask;
mod bucket;
mod deploys;
mod make;
mod marts;
mod read;
mod sessions;
mod trees;
mod work;

use super::reports::Reports;
use super::{Connect, Options, Services};
use crate::app::{Failure, Job, Reply};
use crate::clients::Observer;
use crate::domain::JobId;
use crate::jobs::{Context, JobError};
use sessions::Sessions;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What all jobs share.
pub struct Shared {
    options: Options,
    services: OnceLock<Connected>,
    /// Told of every call to a service.
    observer: Observer,
}

/// The services once they answer, with the sessions that are kept open.
pub struct Connected {
    services: Services,
    sessions: Sessions,
    /// The rows of the Query pane's last answer.
    results: ask::Results,
}

impl Shared {
    /// The services. The state machine starts nothing before they answer.
    fn connected(&self) -> Result<&Connected, JobError> {
        self.services.get().ok_or_else(|| JobError::Failed("the services are not connected yet".into()))
    }
}

struct Started {
    cancel: CancellationToken,
    task: JoinHandle<()>,
}

/// Starts and ends jobs.
pub struct Runner {
    shared: Arc<Shared>,
    connect: Option<Connect>,
    reports: Reports,
    started: BTreeMap<JobId, Started>,
}

impl Runner {
    /// A runner with nothing to do yet.
    pub fn new(options: Options, connect: Connect, reports: Reports) -> Self {
        let observer = reports.observer();
        let shared = Arc::new(Shared { options, services: OnceLock::new(), observer });
        Self { shared, connect: Some(connect), reports, started: BTreeMap::new() }
    }

    /// The time.
    pub fn now_ms(&self) -> i64 {
        self.shared.options.clock.now_ms()
    }

    /// Starts a job; its end is reported under `id`.
    pub fn start(&mut self, id: JobId, job: Job) {
        self.started.retain(|_, s| !s.task.is_finished());
        let cancel = CancellationToken::new();
        let clock = Arc::clone(&self.shared.options.clock);
        let ctx = Context { cancel: cancel.clone(), sink: self.reports.of(id), clock };
        let (shared, reports) = (Arc::clone(&self.shared), self.reports.clone());
        let connect = if job == Job::Connect { self.connect.take() } else { None };
        let observer = self.reports.observer();
        let work = tokio::spawn(async move {
            match connect {
                Some(connect) => read::connect(&shared, connect(observer)).await,
                None => run(&ctx, &shared, job).await,
            }
        });
        let token = cancel.clone();
        let task = tokio::spawn(async move {
            let result = match work.await {
                Ok(result) => result.map_err(|e| failure(e, token.is_cancelled())),
                Err(e) => Err(Failure { text: panicked(e), ..Failure::default() }),
            };
            reports.ended(id, result).await;
        });
        self.started.insert(id, Started { cancel, task });
    }

    /// Asks a job to end.
    pub fn cancel(&self, id: JobId) {
        if let Some(started) = self.started.get(&id) {
            started.cancel.cancel();
        }
    }

    /// Asks all jobs to end and gives them some time to leave nothing half done.
    pub async fn end(self, patience: Duration) {
        let tasks: Vec<_> = self
            .started
            .into_values()
            .map(|s| {
                s.cancel.cancel();
                s.task
            })
            .collect();
        let _ = tokio::time::timeout(patience, futures::future::join_all(tasks)).await;
        if let Some(connected) = self.shared.services.get() {
            let _ = tokio::time::timeout(patience, connected.sessions.close()).await;
        }
    }
}

async fn run(ctx: &Context, shared: &Shared, job: Job) -> Result<Reply, JobError> {
    let on = shared.connected();
    match job {
        // A second Connect cannot come: the first is the console's first job, and it is started once.
        Job::Connect => Err(JobError::Failed("the services have been asked for already".into())),
        Job::Plan => read::plan(on?),
        Job::Counts => read::counts(ctx, on?).await,
        Job::Tasks => trees::read(ctx, on?).await,
        Job::TaskRows { ids } => trees::rows(ctx, on?, &ids).await,
        Job::List { prefix, after } => read::list(ctx, on?, prefix, after).await,
        Job::Preview { key, .. } => bucket::preview(ctx, on?, key).await,
        Job::Query { sql, result } => ask::query(ctx, shared, on?, sql, result).await,
        Job::Ask(what) => ask::ask(ctx, shared, on?, what).await,
        Job::Reconcile => read::reconcile(ctx, on?).await,
        Job::Mart { info } => marts::mart(ctx, on?, &info).await,
        Job::Explain { check } => marts::explain(ctx, on?, check).await,
        Job::Bucket(what) => bucket::bucket(ctx, on?, what).await,
        Job::Generate { order, upload } => work::generate(ctx, on?, &shared.options.paths.files, &order, upload).await,
        Job::Make(what) => make::make(ctx, on?, what).await,
        Job::Upload => work::upload(ctx, on?, &shared.options.paths.files).await.map(Reply::Uploaded),
        Job::Deploy { steps, edits, skips } => deploys::deploy(ctx, on?, steps, edits, skips).await,
        Job::Survey => deploys::survey(ctx, on?).await,
        Job::Rehearse => deploys::rehearse(ctx, on?).await,
        Job::UndoPlan { from } => deploys::undo_plan(on?, from),
        Job::Undo { from } => deploys::undo(ctx, on?, from).await,
        Job::Execute { .. } => trees::execute(ctx, on?, trees::How::Fresh).await,
        Job::Retry { .. } => trees::execute(ctx, on?, trees::How::Retry).await,
        Job::CancelRun { but } => trees::cancel_run(ctx, on?, &but).await,
        Job::FastForward { .. } => trees::fast_forward(ctx, on?).await,
        Job::Toggle { resume, .. } => trees::toggle(ctx, on?, resume).await,
        Job::ToggleOne { task, root_started } => trees::toggle_one(ctx, on?, &task, root_started).await,
        Job::Alerts => read::alerts(ctx, on?).await,
        Job::Acknowledge { causes } => read::acknowledge(ctx, on?, &causes).await,
        Job::Holds { sql } => read::holds(ctx, on?, &sql).await,
        Job::ResetAll => work::reset(ctx, on?, &shared.options.paths.files).await,
        Job::RunAll { order } => work::run_all(ctx, on?, &shared.options.paths.files, &order).await,
    }
}

fn failure(error: JobError, cancelled: bool) -> Failure {
    let text = error.to_string();
    match error {
        JobError::Cancelled => Failure { text, sql: None, cancelled: true },
        JobError::Sql(error) => Failure { text, cancelled: cancelled && error.code.is_empty(), sql: Some(error) },
        _ => Failure { text, sql: None, cancelled: false },
    }
}

fn panicked(error: tokio::task::JoinError) -> String {
    let Ok(payload) = error.try_into_panic() else { return "the job was stopped".into() };
    let words = payload.downcast_ref::<&str>().map(|s| (*s).to_owned());
    let words = words.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default();
    format!("a fault in snowdeck itself ended this job: {words}\nThe log file has the place. Everything else goes on.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_a_message() {
        let error = tokio::spawn(async { panic!("table {}", 17) }).await.expect_err("a panic");
        assert!(panicked(error).contains("table 17"));
    }
}
