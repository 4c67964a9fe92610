//! `snowdeck info`: paths and versions.

use super::args::Global;
use super::{failure::Failure, output};
use crate::config::{Paths, Settings};
use serde_json::json;

pub fn run(global: &Global) -> Result<(), Failure> {
    let paths = Paths::find(global.home.as_deref())?;
    let settings = Settings::load(&paths.settings)?;
    let profile = settings.profile_name(global.profile.as_deref());
    let mut profiles = vec![crate::config::LOCAL_PROFILE];
    profiles.extend(settings.profiles.keys().map(String::as_str));
    let running = running(&paths)?;
    if global.json {
        return output::json(&json!({
            "version": env!("CARGO_PKG_VERSION"),
            "embedded_cloud": cfg!(feature = "local"),
            "profile": profile,
            "profiles": profiles,
            "settings": paths.settings,
            "cloud": paths.cloud,
            "files": paths.files,
            "logs": paths.logs,
            "running": running.map(|(pid, snowflake, s3)| json!({"pid": pid, "snowflake": snowflake, "s3": s3})),
        }));
    }
    let there = if paths.settings.exists() { "" } else { "  (not there: defaults)" };
    let cloud = match running {
        Some((pid, snowflake, s3)) => format!("running as process {pid}: Snowflake {snowflake}, S3 {s3}"),
        None if cfg!(feature = "local") => "not running".to_owned(),
        None => "not in this build".to_owned(),
    };
    output::line(&format!(
        "snowdeck  {}\nprofile   {profile}  (of {})\nsettings  {}{there}\ncloud     {}\n          {cloud}\nfiles     {}\nlogs      {}",
        env!("CARGO_PKG_VERSION"),
        profiles.join(", "),
        paths.settings.display(),
        paths.cloud.display(),
        paths.files.display(),
        paths.logs.display(),
    ))
}

#[cfg(feature = "local")]
fn running(paths: &Paths) -> Result<Option<(u32, String, String)>, Failure> {
    let address = crate::local::CloudHome::new(&paths.cloud).running().map_err(crate::config::ConfigError::from)?;
    Ok(address.map(|a| {
        let at = |port: u16| format!("http://{}:{port}", a.host);
        (a.pid, at(a.snowflake_port), at(a.s3_port))
    }))
}

#[cfg(not(feature = "local"))]
#[allow(clippy::unnecessary_wraps, reason = "the same form as with the embedded cloud")]
fn running(_paths: &Paths) -> Result<Option<(u32, String, String)>, Failure> {
    Ok(None)
}
