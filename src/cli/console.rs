//! `snowdeck` without a command: the console.

use super::args::Global;
use super::desk;
use super::failure::Failure;
use crate::clients::Observer;
use crate::config::{self, LOCAL_PROFILE, Paths, Settings};
use crate::domain::CallRecord;
use crate::jobs::SystemClock;
use crate::jobs::deploy::Pipeline;
use crate::runtime::{self, Options, Services};
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
    let pipeline = desk::pipeline(global)?; // a mistake in one's own is told before the screen is taken, too
    let _log = config::start_log(&paths.logs)?;
    let options = Options {
        profile: profile.clone(),
        local: profile == LOCAL_PROFILE,
        readonly: global.readonly,
        ascii: false,
        mouse: true,
        files: paths.files.clone(),
        clock: Arc::new(SystemClock),
    };
    let keep = Keep::default();
    let kept = Arc::clone(&keep);
    let connect = Box::new(move |observer: Observer| {
        let opening = async move { services(&paths, &settings, &profile, pipeline, &observer, &kept).await };
        Box::pin(opening) as futures::future::BoxFuture<'static, _>
    });
    let result = runtime::run(options, connect).await;
    let ending = keep.lock().take();
    if let Some(ending) = ending {
        ending.end().await;
    }
    result.map_err(|e| Failure::failed(e.to_string()))
}

async fn services(
    paths: &Paths,
    settings: &Settings,
    profile: &str,
    pipeline: Pipeline,
    observer: &Observer,
    keep: &Keep,
) -> Result<Services, String> {
    let told = Arc::clone(observer);
    let both: Observer = Arc::new(move |call: CallRecord| {
        desk::log_call(&call);
        told(call);
    });
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
