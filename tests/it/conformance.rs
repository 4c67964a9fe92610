//! The conformance suites beside the checkout: SQL and what a real account answers.

use crate::served::{Served, said};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How many of a hundred runnable tests must pass.
const BAR: u64 = 95;

#[test]
fn real_answers_are_met() {
    let folder = std::env::var_os("SNOWDECK_CONFORMANCE")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance"), PathBuf::from);
    if !folder.join("run.py").is_file() {
        println!("LEFT OUT: no suites in {} (SNOWDECK_CONFORMANCE names their folder)", folder.display());
        return;
    }
    let Ok(python) = std::env::var("SNOWDECK_PYTHON_4") else {
        println!("LEFT OUT: SNOWDECK_PYTHON_4 names no Python with snowflake-connector-python 4.x (.ci/run makes one)");
        return;
    };
    let home = tempfile::tempdir().expect("temp dir");
    let served = Served::start(home.path());
    let report = home.path().join("report.json");
    let output = Command::new(python)
        .arg(folder.join("run.py"))
        .args(["--port", &served.about["port"].to_string(), "--user", served.text("user")])
        .args(["--password", served.text("password"), "--account", served.text("account")])
        .arg("--json")
        .arg(&report)
        .args(["--list-failures", "400"])
        .env("HOME", home.path())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("Python starts");
    let text = std::fs::read_to_string(&report).unwrap_or_else(|e| panic!("{e}: {}", said(&output)));
    let report: Value = serde_json::from_str(&text).expect("a JSON report");
    let number = |name: &str| report["total"][name].as_u64().unwrap_or_else(|| panic!("no {name} in the report"));
    let (passed, all) = (number("pass"), number("pass") + number("fail"));
    println!("{passed} of {all} pass");
    assert!(all > 300, "the suites have been read");
    assert!(passed * 100 >= all * BAR, "{passed} of {all} pass, fewer than {BAR} %:\n{}", said(&output));
    assert!(served.stop().success());
}
