//! Snowflake's own connector for Python reads the marts, in both majors.

use crate::served::{Served, run, said};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

#[test]
fn connector_4_reads_the_marts() {
    reads_the_marts("4");
}

#[test]
fn connector_5_reads_the_marts() {
    reads_the_marts("5");
}

fn reads_the_marts(major: &str) {
    let variable = format!("SNOWDECK_PYTHON_{major}");
    let Ok(python) = std::env::var(&variable) else {
        println!("LEFT OUT: {variable} names no Python with snowflake-connector-python {major}.x (.ci/run makes one)");
        return;
    };
    let home = tempfile::tempdir().expect("temp dir");
    let job = run(home.path(), &["run", "--json"]);
    assert!(job.status.success(), "{}", said(&job));
    let report: Value = serde_json::from_slice(&job.stdout).expect("the report");
    let served = Served::start(home.path());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/read_marts.py");
    let output = Command::new(python)
        .arg(script)
        .env("SERVED", served.about.to_string()) // the environment, so that no secret stands on a command line
        .env("HOME", home.path())
        .output()
        .expect("Python starts");
    assert!(output.status.success(), "{}", said(&output));
    let read: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", said(&output)));
    assert!(read["version"].as_str().is_some_and(|v| v.starts_with(&format!("{major}."))), "{read}");
    let marts = report["marts"].as_array().expect("marts");
    assert!(!marts.is_empty());
    for mart in marts {
        let name = mart["name"].as_str().expect("a name");
        assert_eq!(read["admin"][name], mart["rows"], "{name} as the administrator");
        assert_eq!(read["scientist"][name], mart["rows"], "{name} as the data scientist");
    }
    assert_eq!(read["purchases"], report["generated"]["lines"], "purchase counts add up to the lines");
    assert_eq!(read["refused"]["errno"], 2003, "{read}");
    assert_eq!(read["refused"]["sqlstate"], "42S02", "{read}");
    assert!(served.stop().success());
}
