//! `snowdeck local`: the embedded cloud for other programs.

use super::args::{Global, Local};
use super::failure::Failure;
use super::{desk, output, signals};
use crate::config::{self, ConfigError, Paths, Settings};
use crate::local::{Address, Cloud, CloudHome, Credentials, Ports};
use serde_json::{Value, json};
use std::io::{IsTerminal, Write};

pub async fn run(global: &Global, args: Local) -> Result<(), Failure> {
    let paths = Paths::find(global.home.as_deref())?;
    let settings = Settings::load(&paths.settings)?;
    let home = CloudHome::new(&paths.cloud);
    match args {
        Local::Serve { snowflake_port, s3_port } => {
            let ports = Ports {
                snowflake: snowflake_port.unwrap_or(settings.local.snowflake_port),
                s3: s3_port.unwrap_or(settings.local.s3_port),
            };
            serve(global, &paths, &settings, &home, ports).await
        }
        Local::Env => env(global, &settings, &home),
        Local::Reset { yes } => reset(global, &home, yes),
    }
}

async fn serve(
    global: &Global,
    paths: &Paths,
    settings: &Settings,
    home: &CloudHome,
    ports: Ports,
) -> Result<(), Failure> {
    let stop = signals::watch()?;
    let _log = config::start_log(&paths.logs)?;
    let cloud = Cloud::start(home, ports, &settings.local.region).await.map_err(ConfigError::from)?;
    let described = describe(cloud.address(), cloud.credentials(), &settings.local.bucket);
    let told = if global.json {
        // One line, so that the program that started us can read it while we go on.
        output::line(&described.to_string())
    } else {
        output::line(&format!(
            "Snowflake  http://{}:{}  account {}  user {}\nS3         http://{}:{}  region {}\n\nThe credentials are in {}; `snowdeck local env` prints them for a shell.\nServing until Ctrl-C.",
            cloud.address().host,
            cloud.address().snowflake_port,
            cloud.credentials().account,
            cloud.credentials().user,
            cloud.address().host,
            cloud.address().s3_port,
            cloud.address().region,
            home.folder().join("credentials.json").display(),
        ))
    };
    if told.is_ok() {
        stop.cancelled().await;
    }
    cloud.shutdown().await;
    told
}

/// All that another program needs. The data-science user is there once the pipeline has been deployed.
fn describe(address: &Address, who: &Credentials, bucket: &str) -> Value {
    json!({
        "protocol": "http",
        "host": address.host,
        "port": address.snowflake_port,
        "account": who.account,
        "user": who.user,
        "password": who.password.expose(),
        "s3_endpoint": format!("http://{}:{}", address.host, address.s3_port),
        "access_key": who.access_key,
        "secret_key": who.secret_key.expose(),
        "region": address.region,
        "bucket": bucket,
        "data_scientist": { "user": SCIENCE_USER, "password": who.science_password.expose() },
        "pid": address.pid,
    })
}

/// The data-science user's name in the pipeline that ships.
const SCIENCE_USER: &str = "CONVEX_DS_USER";

fn env(global: &Global, settings: &Settings, home: &CloudHome) -> Result<(), Failure> {
    let none = || {
        Failure::failed(format!("no cloud is running in {}", home.folder().display()))
            .hint("start one with: snowdeck local serve")
    };
    let address = home.running().map_err(ConfigError::from)?.ok_or_else(none)?;
    let who = home.credentials().map_err(ConfigError::from)?.ok_or_else(none)?;
    if global.json {
        return output::json(&describe(&address, &who, &settings.local.bucket));
    }
    let endpoint = format!("http://{}:{}", address.host, address.s3_port);
    let lines = [
        ("SNOWFLAKE_ACCOUNT", who.account.as_str()),
        ("SNOWFLAKE_HOST", &address.host),
        ("SNOWFLAKE_PORT", &address.snowflake_port.to_string()),
        ("SNOWFLAKE_PROTOCOL", "http"),
        ("SNOWFLAKE_USER", &who.user),
        ("SNOWFLAKE_PASSWORD", who.password.expose()),
        ("AWS_ENDPOINT_URL_S3", &endpoint),
        ("AWS_ACCESS_KEY_ID", &who.access_key),
        ("AWS_SECRET_ACCESS_KEY", who.secret_key.expose()),
        ("AWS_REGION", &address.region),
    ]
    .map(|(name, value)| format!("export {name}='{}'", value.replace('\'', r"'\''")));
    output::line(&lines.join("\n"))
}

fn reset(global: &Global, home: &CloudHome, yes: bool) -> Result<(), Failure> {
    desk::may_change(global, "remove the local cloud")?;
    if !yes && home.folder().exists() {
        confirm(home)?;
    }
    let removed = home.reset().map_err(ConfigError::from)?;
    if global.json {
        return output::json(&json!({ "ok": true, "removed": removed, "folder": home.folder() }));
    }
    let folder = home.folder().display();
    output::line(&if removed { format!("removed {folder}") } else { format!("there was nothing in {folder}") })
}

/// Asks on the terminal; the answer must be typed in full.
fn confirm(home: &CloudHome) -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage("this removes the local database, objects and credentials: confirm with --yes"));
    }
    let mut terminal = std::io::stderr().lock();
    write!(terminal, "Remove the local database, objects and credentials in {}? Type yes: ", home.folder().display())?;
    terminal.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    if answer.trim() == "yes" { Ok(()) } else { Err(Failure::failed("nothing was removed")) }
}
