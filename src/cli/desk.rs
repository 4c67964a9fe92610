//! What most commands begin with: paths, settings, the log, the profile's services, and what cancels them.

use super::args::Global;
use super::failure::Failure;
use super::progress::{self, Reporter};
use super::signals;
use crate::config::{self, Connected, Paths, Settings};
use crate::domain::CallRecord;
use crate::jobs::Context;
use crate::jobs::deploy::Pipeline;
use crate::jobs::ports::Warehouse;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tracing_appender::non_blocking::WorkerGuard;

/// What a command works with.
pub struct Desk {
    /// The profile's services.
    pub services: Connected,
    /// Cancelled by Ctrl-C and SIGTERM.
    pub cancel: CancellationToken,
    /// Shows progress.
    reporter: Arc<Reporter>,
    /// Writes the log out at the end.
    _log: WorkerGuard,
}

impl Desk {
    /// Reads the settings, starts the log, reaches (or starts) the profile's services.
    async fn open(global: &Global) -> Result<Self, Failure> {
        let cancel = signals::watch()?;
        let paths = Paths::find(global.home.as_deref())?;
        let settings = Settings::load(&paths.settings)?;
        let log = config::start_log(&paths.logs)?;
        let profile = settings.profile_name(global.profile.as_deref()).to_owned();
        let opening = config::connect(&paths, &settings, &profile, Some(Arc::new(|call| log_call(&call))));
        let services = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(Failure::failed("cancelled")),
            services = opening => services?,
        };
        Ok(Self { services, cancel, reporter: Reporter::new(), _log: log })
    }

    /// A job's context.
    pub fn context(&self) -> Context {
        progress::context(&self.reporter, &self.cancel)
    }

    /// Takes the moving line away, before results are written.
    pub fn quiet(&self) {
        self.reporter.end();
    }

    /// A session, as `role` where given.
    pub async fn session(&self, role: Option<&str>) -> Result<Arc<dyn Warehouse>, Failure> {
        Ok(self.services.warehouses.connect(role).await?)
    }
}

/// What a command works with that needs no profile: the log, progress, and what cancels it.
pub struct Bare {
    cancel: CancellationToken,
    reporter: Arc<Reporter>,
    _log: WorkerGuard,
}

impl Bare {
    /// Starts the log.
    pub fn open(global: &Global) -> Result<Self, Failure> {
        let cancel = signals::watch()?;
        let log = config::start_log(&Paths::find(global.home.as_deref())?.logs)?;
        Ok(Self { cancel, reporter: Reporter::new(), _log: log })
    }

    /// A job's context.
    pub fn context(&self) -> Context {
        progress::context(&self.reporter, &self.cancel)
    }

    /// Takes the moving line away, before results are written.
    pub fn quiet(&self) {
        self.reporter.end();
    }
}

/// Opens a desk, works at it, and closes what was opened whatever came of it.
pub async fn at<T>(global: &Global, work: impl AsyncFnOnce(&Desk) -> Result<T, Failure>) -> Result<T, Failure> {
    let desk = Desk::open(global).await?;
    let result = work(&desk).await;
    desk.quiet();
    desk.services.ending.end().await;
    result
}

/// The pipeline that ships, or one's own.
pub fn pipeline(global: &Global) -> Result<Pipeline, Failure> {
    Ok(match &global.pipeline {
        Some(folder) => Pipeline::open(folder)?,
        None => Pipeline::builtin()?,
    })
}

/// Refuses what changes something.
pub fn may_change(global: &Global, what: &str) -> Result<(), Failure> {
    if global.readonly { Err(Failure::usage(format!("--readonly refuses to {what}"))) } else { Ok(()) }
}

/// Every call goes to the log.
pub fn log_call(call: &CallRecord) {
    let id = call.id.as_deref().unwrap_or("-");
    match &call.outcome {
        Ok(summary) => tracing::info!(service = ?call.service, micros = call.micros, id, "{} → {summary}", call.text),
        Err(error) => tracing::warn!(service = ?call.service, micros = call.micros, id, "{} ✗ {error}", call.text),
    }
}
