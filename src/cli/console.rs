//! `snowdeck` without a command: the console.

use super::args::Global;
use super::desk;
use super::failure::Failure;
use crate::clients::Observer;
use crate::config::{self, LOCAL_PROFILE, Paths, Settings};
use crate::domain::CallRecord;
use crate::jobs::SystemClock;
use crate::runtime::{self, Open, Opened, Options, Services};
use parking_lot::Mutex;
use std::io::IsTerminal;
use std::sync::Arc;

/// What is to be ended in order once the console is left.
type Keep = Arc<Mutex<Option<config::Ending>>>;

pub async fn run(global: &Global) -> Result<(), Failure> {
    if global.json {
        return Err(Failure::usage("the console prints no JSON").hint("do the whole job with: snowdeck run --json"));
    }
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return Err(Failure::usage("the console needs a terminal, and this is none")
            .hint("without one, do the whole job with: snowdeck run"));
    }
    let paths = Paths::find(global.home.as_deref())?;
    let settings = Settings::load(&paths.settings)?;
    let profile = settings.profile_name(global.profile.as_deref()).to_owned();
    if profile != LOCAL_PROFILE {
        settings.account(&profile)?; // a mistyped name is told before the screen is taken
    }
    let _log = config::start_log(&paths.logs)?;
    let options = Options {
        profile: profile.clone(),
        local: profile == LOCAL_PROFILE,
        readonly: global.readonly,
        ascii: false,
        mouse: true,
        files: paths.files.clone(),
        clock: Arc::new(SystemClock),
        state: paths.state.clone(),
        logs: paths.logs.clone(),
        profiles: std::iter::once(LOCAL_PROFILE.to_owned()).chain(settings.profiles.keys().cloned()).collect(),
        open: opener(&paths, &settings),
    };
    let keep = Keep::default();
    let kept = Arc::clone(&keep);
    let connect = Box::new(move |observer: Observer| {
        let opening = async move { services(&paths, &settings, &profile, &observer, &kept).await };
        Box::pin(opening) as futures::future::BoxFuture<'static, _>
    });
    let result = runtime::run(options, connect).await;
    let ending = keep.lock().take();
    if let Some(ending) = ending {
        ending.end().await;
    }
    result.map_err(|e| Failure::failed(e.to_string()))
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
    observer: &Observer,
    keep: &Keep,
) -> Result<Services, String> {
    let both = logged(observer);
    let pipeline = crate::jobs::deploy::Pipeline::builtin().map_err(|e| e.to_string())?;
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
