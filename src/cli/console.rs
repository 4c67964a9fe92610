//! `snowdeck` without a command: the console.

use super::args::Global;
use super::desk;
use super::failure::Failure;
use crate::clients::Observer;
use crate::config::{self, LOCAL_PROFILE, Paths, Settings};
use crate::domain::CallRecord;
use crate::jobs::SystemClock;
use crate::jobs::deploy::Pipeline;
use crate::runtime::{self, Connect, ConsoleError, Open, Opened, Options, Recording, Services, TourOptions};
use parking_lot::Mutex;
use std::io::IsTerminal;
use std::sync::Arc;

/// What is to be ended in order once the console is left.
type Keep = Arc<Mutex<Option<config::Ending>>>;

pub async fn run(global: &Global) -> Result<(), Failure> {
    if global.json {
        return Err(Failure::usage("the console prints no JSON").hint("do the whole job with: snowdeck run --json"));
    }
    terminal()?;
    let paths = Paths::find(global.home.as_deref())?;
    let (settings, notice) = settings(global, &paths)?;
    let profile = settings.profile_name(global.profile.as_deref()).to_owned();
    if profile != LOCAL_PROFILE {
        settings.account(&profile)?; // a mistyped name is told before the screen is taken
    }
    let pipeline = desk::pipeline(global)?; // a mistake in one's own is told before the screen is taken, too
    show(&paths, settings, &profile, Show { readonly: global.readonly, notice, tour: None, pipeline }).await
}

/// Refuses where there is no terminal.
pub fn terminal() -> Result<(), Failure> {
    if std::io::stdout().is_terminal() && std::io::stdin().is_terminal() {
        return Ok(());
    }
    Err(Failure::usage("the console needs a terminal, and this is none")
        .hint("without one, do the whole job with: snowdeck run"))
}

/// How the console is shown.
pub struct Show {
    /// Refuse everything that changes something.
    pub readonly: bool,
    /// Something to say.
    pub notice: Option<String>,
    /// A tour to give.
    pub tour: Option<TourOptions>,
    /// The pipeline that it is for.
    pub pipeline: Pipeline,
}

/// Shows the console until it is left.
pub async fn show(paths: &Paths, settings: Settings, profile: &str, show: Show) -> Result<(), Failure> {
    opened(paths, settings, profile, show, runtime::run).await
}

/// Plays a tour without a terminal.
pub async fn record(paths: &Paths, settings: Settings, tour: TourOptions, to: Recording) -> Result<(), Failure> {
    let show = Show { readonly: false, notice: None, tour: Some(tour), pipeline: Pipeline::builtin()? };
    opened(paths, settings, LOCAL_PROFILE, show, move |options, connect| runtime::record(options, connect, to)).await
}

/// Gives the console its options and its way to the services, and ends in order what it has opened.
async fn opened<F: Future<Output = Result<(), ConsoleError>>>(
    paths: &Paths,
    settings: Settings,
    profile: &str,
    show: Show,
    console: impl FnOnce(Options, Connect) -> F,
) -> Result<(), Failure> {
    let _log = config::start_log(&paths.logs)?;
    let options = Options {
        profile: profile.to_owned(),
        local: profile == LOCAL_PROFILE,
        readonly: show.readonly,
        paths: paths.clone(),
        notice: show.notice,
        tour: show.tour,
        clock: Arc::new(SystemClock),
        profiles: std::iter::once(LOCAL_PROFILE.to_owned()).chain(settings.profiles.keys().cloned()).collect(),
        open: opener(paths, &settings),
    };
    let keep = Keep::default();
    let (kept, paths, profile, pipeline) = (Arc::clone(&keep), paths.clone(), profile.to_owned(), show.pipeline);
    let connect: Connect = Box::new(move |observer: Observer| {
        Box::pin(async move { services(&paths, &settings, &profile, pipeline, &observer, &kept).await })
    });
    let result = console(options, connect).await;
    let ending = keep.lock().take();
    if let Some(ending) = ending {
        ending.end().await;
    }
    result.map_err(|e| Failure::failed(e.to_string()))
}

/// The settings. A file that does not read is shown in the console, which then works with the embedded cloud; it ends
/// the start only where a profile was asked for that must come from it.
fn settings(global: &Global, paths: &Paths) -> Result<(Settings, Option<String>), Failure> {
    match Settings::load(&paths.settings) {
        Ok(settings) => Ok((settings, None)),
        Err(error) if global.profile.as_deref().is_none_or(|p| p == LOCAL_PROFILE) => {
            Ok((Settings::default(), Some(format!("{error}; working with the embedded cloud"))))
        }
        Err(error) => Err(error.into()),
    }
}

/// Reaches other profiles, for the Query pane.
fn opener(paths: &Paths, settings: &Settings) -> Open {
    let (paths, settings) = (paths.clone(), settings.clone());
    Arc::new(move |profile, observer| {
        let (paths, settings) = (paths.clone(), settings.clone());
        Box::pin(async move {
            let connected = config::connect(&paths, &settings, &profile, Some(logged(&observer))).await;
            let connected = connected.map_err(|e| e.to_string())?;
            let account = connected.kind == config::ProfileKind::Account;
            Ok(Opened { warehouses: connected.warehouses, account, keep: Arc::new(connected.ending) })
        })
    })
}

/// An observer that writes every call to the log file, too.
fn logged(observer: &Observer) -> Observer {
    let told = Arc::clone(observer);
    Arc::new(move |call: CallRecord| {
        desk::log_call(&call);
        told(call);
    })
}

async fn services(
    paths: &Paths,
    settings: &Settings,
    profile: &str,
    pipeline: Pipeline,
    observer: &Observer,
    keep: &Keep,
) -> Result<Services, String> {
    let both = logged(observer);
    let connected = config::connect(paths, settings, profile, Some(both)).await.map_err(|e| e.to_string())?;
    *keep.lock() = Some(connected.ending);
    Ok(Services {
        warehouses: connected.warehouses,
        store: connected.store,
        pipeline,
        variables: connected.variables,
        snowflake: connected.endpoint,
        keep: None,
    })
}
