//! Jobs of the deployment.

use super::Connected;
use crate::app::Reply;
use crate::jobs::deploy::{self, Deployment, Order, Selection};
use crate::jobs::{Context, Event, JobError};
use std::sync::Arc;

/// A place in the plan.
type Place = (usize, usize);

fn prepare(on: &Connected) -> Result<Deployment, JobError> {
    on.services.pipeline.prepare(&on.services.variables)
}

/// Runs statements in one session, up to the first that fails.
pub async fn deploy(
    ctx: &Context,
    on: &Connected,
    steps: Vec<Place>,
    edits: Vec<(Place, String)>,
    skips: Vec<(Place, String)>,
) -> Result<Reply, JobError> {
    let deployment = prepare(on)?;
    // The console has decided which: it may be that one is to run again.
    let again = Order::again(Selection::Steps(steps));
    let order = Order { edits: edits.into_iter().collect(), skips: skips.into_iter().collect(), ..again };
    let done = deploy::run(ctx, on.services.warehouses.as_ref(), &deployment, &order).await;
    on.sessions.deployed().await;
    done?;
    Ok(Reply::Deployed)
}

/// Holds the plan against the journal.
pub async fn survey(ctx: &Context, on: &Connected) -> Result<Reply, JobError> {
    let deployment = prepare(on)?;
    Ok(Reply::Surveyed(deploy::survey(ctx, on.services.warehouses.as_ref(), &deployment).await?))
}

fn prepare_undo(on: &Connected, from: Option<&str>) -> Result<Deployment, JobError> {
    let pipeline = &on.services.pipeline;
    let all = || pipeline.manifest().stages.first().map(|s| s.id.get_ref().clone()).unwrap_or_default();
    let first = from.map_or_else(all, str::to_owned);
    pipeline.prepare_undo(&on.services.variables, &first)
}

/// What an undo would run.
pub fn undo_plan(on: &Connected, from: Option<String>) -> Result<Reply, JobError> {
    let plan = prepare_undo(on, from.as_deref())?.plan().clone();
    Ok(Reply::UndoPlan(from, plan))
}

/// Takes the deployment back, or the stage of this id and those after it.
pub async fn undo(ctx: &Context, on: &Connected, from: Option<String>) -> Result<Reply, JobError> {
    let deployment = prepare_undo(on, from.as_deref())?;
    // Its steps are not those of the Deploy pane: only what they come to is told.
    let quiet = Context { sink: Arc::new(crate::jobs::Silent), ..ctx.clone() };
    ctx.emit(Event::Phase("undo".into()));
    let outcome = deploy::undo(&quiet, on.services.warehouses.as_ref(), &deployment).await?;
    on.sessions.forget().await;
    match outcome.failure {
        None => Ok(Reply::Undone(from)),
        Some(failure) => Err(JobError::Failed(failure.to_string())),
    }
}

/// Runs the plan on a fresh embedded cloud; where that goes well, what is left of it here, and tells what differs.
#[cfg(feature = "local")]
pub async fn rehearse(ctx: &Context, on: &Connected) -> Result<Reply, JobError> {
    use crate::jobs::deploy::Target;
    use crate::jobs::sources;
    let services = &on.services;
    let failed = |e: &dyn std::fmt::Display| JobError::Failed(format!("the rehearsal could not be set up: {e}"));
    let folder = tempfile::tempdir().map_err(|e| failed(&e))?;
    ctx.emit(Event::Phase("a fresh embedded cloud".into()));
    let bucket = services.store.bucket();
    let stage = crate::config::rehearsal(folder.path(), bucket, &services.variables).await.map_err(|e| failed(&e))?;
    let listening = Context { sink: Arc::new(OnlyHere::new(&ctx.sink)), ..ctx.clone() };
    let work = async {
        let manifest = services.pipeline.manifest();
        let files = sources::sample(ctx, services.store.as_ref(), stage.store.as_ref(), manifest).await?;
        let (there, here) = (services.pipeline.prepare(&stage.variables)?, prepare(on)?);
        let first = Target { warehouses: stage.warehouses.as_ref(), deployment: &there };
        let second = Target { warehouses: services.warehouses.as_ref(), deployment: &here };
        Ok::<_, JobError>((files, deploy::rehearse(&listening, &first, Some((&second, &Order::default()))).await?))
    };
    let result = work.await;
    stage.ending.end().await;
    let (files, came) = result?;
    let good = came.rehearsed.failure.is_none()
        && came.target.as_ref().is_none_or(|t| t.failure.is_none())
        && came.differences.is_empty();
    Ok(Reply::Rehearsed(told(files, &came, services.pipeline.manifest()), good))
}

/// The steps of the rehearsal are not those of the Deploy pane; those of the deployment that follows are.
#[cfg(feature = "local")]
struct OnlyHere {
    to: Arc<dyn crate::jobs::Sink>,
    here: std::sync::atomic::AtomicBool,
}

#[cfg(feature = "local")]
impl OnlyHere {
    fn new(to: &Arc<dyn crate::jobs::Sink>) -> Self {
        Self { to: Arc::clone(to), here: false.into() }
    }
}

#[cfg(feature = "local")]
impl crate::jobs::Sink for OnlyHere {
    fn event(&self, event: Event) {
        use std::sync::atomic::Ordering;
        match &event {
            Event::Phase(phase) => self.here.store(phase == "deploy", Ordering::Relaxed),
            Event::Step { .. } if !self.here.load(Ordering::Relaxed) => return,
            _ => {}
        }
        self.to.event(event);
    }

    fn progress(&self, progress: crate::jobs::Progress) {
        self.to.progress(progress);
    }
}

/// What differs, in words.
#[cfg(feature = "local")]
fn what(of: &str) -> &str {
    match of {
        "columns" => "other columns",
        "rows" => "other rows",
        "error" => "refused in one place",
        "object" => "here it was there before: is it the same?",
        "statement" => "only one of the plans has it",
        other => other,
    }
}

/// A rehearsal in words.
#[cfg(feature = "local")]
fn told(files: u64, came: &deploy::Rehearsal, manifest: &deploy::Manifest) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    let first = &came.rehearsed;
    let _ = writeln!(out, "rehearsed   {} statements, with {files} of the bucket's files", first.deployed.statements);
    if let Some(failure) = &first.failure {
        let _ = writeln!(out, "\nIt failed at the rehearsal, and nothing was touched here:\n{failure}");
        return out;
    }
    let Some(target) = &came.target else { return out };
    let _ = writeln!(out, "run here    {} statements", target.deployed.statements);
    if let Some(failure) = &target.failure {
        let _ = writeln!(out, "\nIt went well at the rehearsal and failed here:\n{failure}");
    }
    if came.differences.is_empty() {
        out.push_str("\nNothing came out differently.\n");
    } else {
        let _ = writeln!(out, "\n{} came out differently", came.differences.len());
        for d in &came.differences {
            let _ = writeln!(out, "\n  {}: {}   {}   {}", d.stage, d.title, d.place, what(d.what));
            let indented = |text: &str| text.replace('\n', "\n               ");
            let _ = writeln!(out, "    rehearsed  {}", indented(&d.rehearsed));
            let _ = writeln!(out, "    here       {}", indented(&d.target));
        }
        let loads = |d: &deploy::Difference| manifest.stages.iter().any(|s| s.load && *s.id.get_ref() == d.stage);
        if came.differences.iter().any(loads) {
            out.push_str(
                "\nA load takes files that have not been loaded before: at the rehearsal all, here perhaps none.\n",
            );
        }
    }
    out
}

/// Without the embedded cloud there is nothing to rehearse on.
#[cfg(not(feature = "local"))]
#[allow(clippy::unused_async, reason = "the same form as with the embedded cloud")]
pub async fn rehearse(_: &Context, _: &Connected) -> Result<Reply, JobError> {
    Err(JobError::Usage("this build has no embedded cloud to rehearse on (feature `local`)".into()))
}
