//! What lies on this machine: folders, the settings file, the cloud's home and ports.

use super::Check;
use crate::config::{Paths, Settings};
use std::path::Path;

/// Every folder can be written to.
pub fn folders(paths: &Paths) -> Vec<Check> {
    let all = [("cloud folder", &paths.cloud), ("files folder", &paths.files), ("logs folder", &paths.logs)];
    all.into_iter().map(|(name, path)| folder(name, path)).collect()
}

fn folder(name: &'static str, path: &Path) -> Check {
    let shown = path.display().to_string();
    // What is not there yet is made in the nearest folder that is.
    let there = path.ancestors().find(|p| p.exists());
    match there.map(|p| (p.is_dir(), tempfile::tempfile_in(p))) {
        Some((true, Ok(_))) => Check::ok(name, shown),
        Some((true, Err(error))) => Check::failed(
            name,
            format!("{shown}: {error}"),
            "make it writable for you, or choose another place with --home DIR or SNOWDECK_HOME",
        ),
        Some((false, _)) => Check::failed(name, format!("{shown} is no folder"), "move that file away"),
        None => Check::failed(
            name,
            format!("{shown}: nothing of that path is there"),
            "choose another place with --home DIR",
        ),
    }
}

/// The settings file in words.
pub fn settings(paths: &Paths) -> String {
    let there = if paths.settings.exists() { "" } else { " (not there: defaults)" };
    format!("{}{there}", paths.settings.display())
}

/// The cloud's home and ports.
#[cfg(feature = "local")]
pub fn cloud(paths: &Paths, settings: &Settings) -> Vec<Check> {
    use crate::local::CloudHome;
    const HOME: &str = "embedded cloud";
    let home = CloudHome::new(&paths.cloud);
    let running = match home.running() {
        Ok(running) => running,
        Err(error) => return vec![Check::failed(HOME, error.to_string(), "make the folder readable for you")],
    };
    if let Some(address) = running {
        let found = format!(
            "running as process {}: Snowflake on port {}, S3 on port {}",
            address.pid, address.snowflake_port, address.s3_port
        );
        return vec![Check::ok(HOME, found)];
    }
    let mut checks = vec![Check::ok(HOME, "not running: a command starts it for itself")];
    let ports = [("Snowflake port", settings.local.snowflake_port), ("S3 port", settings.local.s3_port)];
    checks.extend(ports.into_iter().map(|(name, number)| port(name, number)));
    checks
}

/// This build has no cloud of its own.
#[cfg(not(feature = "local"))]
pub fn cloud(_: &Paths, _: &Settings) -> Vec<Check> {
    vec![Check::ok("embedded cloud", "not in this build")]
}

#[cfg(feature = "local")]
fn port(name: &'static str, number: u16) -> Check {
    if number == 0 {
        return Check::ok(name, "the system chooses");
    }
    match std::net::TcpListener::bind(("127.0.0.1", number)) {
        Ok(_) => Check::ok(name, format!("{number}, free")),
        Err(error) => Check::failed(
            name,
            format!("{number}: {error}"),
            "set another under [local] in the settings file, or 0 to let the system choose",
        ),
    }
}
