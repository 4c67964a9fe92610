//! Snowflake's own clients, unmodified, against a served cloud: the scripts of `tests/python`, one a client.

use crate::served::{Served, said};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

#[test]
fn connector_4() {
    checks("SNOWDECK_PYTHON_4", "client_connector.py", "4.", "snowflake-connector-python 4.x and pandas");
}

#[test]
fn connector_5() {
    checks("SNOWDECK_PYTHON_5", "client_connector.py", "5.", "snowflake-connector-python 5.x and pandas");
}

#[test]
fn sqlalchemy() {
    checks("SNOWDECK_PYTHON_4", "client_sqlalchemy.py", "1.", "snowflake-sqlalchemy");
}

#[test]
fn snow_cli() {
    checks("SNOWDECK_PYTHON_SNOW_CLI", "client_snow_cli.py", "3.", "snowflake-cli");
}

#[test]
fn dbt_builds_a_project_and_changes_nothing_the_second_time() {
    let Some(seen) = run("SNOWDECK_PYTHON_DBT", "client_dbt.py", "dbt-snowflake") else { return };
    assert!(seen["version"].as_str().is_some_and(|v| v.starts_with("1.")), "{seen}");
    assert!(seen["first"].as_u64() >= Some(15), "seeds, models, a snapshot and tests: {seen}");
}

/// Runs a script of checks: all must pass.
fn checks(variable: &str, script: &str, version: &str, what: &str) {
    let Some(seen) = run(variable, script, what) else { return };
    assert!(seen["version"].as_str().is_some_and(|v| v.starts_with(version)), "{seen}");
    let failed = seen["failed"].as_object().expect("a list of failures");
    let told: Vec<String> = failed.iter().map(|(k, v)| format!("{k}:\n{}", v.as_str().unwrap_or_default())).collect();
    assert!(told.is_empty(), "{script}:\n{}", told.join("\n"));
    assert!(seen["passed"].as_array().is_some_and(|p| p.len() > 4), "{seen}");
}

/// Runs a script on a cloud of its own; `None` where there is no such interpreter.
fn run(variable: &str, script: &str, what: &str) -> Option<Value> {
    let Ok(python) = std::env::var(variable) else {
        println!("LEFT OUT: {variable} names no Python with {what} (.ci/run makes one)");
        return None;
    };
    let home = tempfile::tempdir().expect("temp dir");
    let served = Served::start(home.path());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python");
    let output = Command::new(python)
        .arg(folder.join(script))
        .env("SERVED", served.about.to_string()) // the environment, so that no secret stands on a command line
        .env("HOME", home.path())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("Python starts");
    assert!(output.status.success(), "{}", said(&output));
    assert!(served.stop().success());
    let text = String::from_utf8_lossy(&output.stdout);
    Some(serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {}", said(&output))))
}
