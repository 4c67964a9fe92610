//! A pipeline of one's own, from `init` to reconciled marts, by the program alone.

use crate::served::{run, said};
use serde_json::Value;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A home, and the pipeline that `init` writes.
pub fn folder() -> (TempDir, PathBuf) {
    let home = TempDir::new().expect("a folder");
    let folder = home.path().join("bikes");
    ok(home.path(), &["init", folder.to_str().expect("UTF-8")]);
    (home, folder)
}

/// Runs with `--pipeline`; the JSON that it prints.
pub fn json(home: &Path, folder: &Path, args: &[&str], code: i32) -> Value {
    let mut all = vec!["--json", "--pipeline", folder.to_str().expect("UTF-8")];
    all.extend(args);
    let output = run(home, &all);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}: {}", said(&output)))
}

/// Changes a file of the pipeline.
pub fn edit(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).expect("it can be read");
    assert!(text.contains(from), "{file} has no {from:?}");
    std::fs::write(path, text.replace(from, to)).expect("it can be written");
}

fn ok(home: &Path, args: &[&str]) {
    let output = run(home, args);
    assert!(output.status.success(), "{args:?}: {}", said(&output));
}

#[test]
fn a_pipeline_of_another_shape_runs_from_its_own_files() {
    let (home, folder) = folder();
    let (home, folder) = (home.path(), folder.as_path());
    let report = json(home, folder, &["run"], 0);
    assert_eq!(report["ok"], true, "{report}");
    assert_eq!(report["uploaded"]["objects"], 3);
    assert_eq!(report["tasks"].as_array().map(Vec::len), Some(2), "{report}");
    assert_eq!(report["marts"][0]["rows"], 4, "{report}");
    let layer =
        |name: &str| report["reconciliation"].as_array().expect("a list").iter().find(|l| l["layer"] == name).cloned();
    assert_eq!(layer("serve.RIDE").expect("a layer")["expected"], 9);
    // Nothing twice: not the files, not the statements, not the rows.
    let report = json(home, folder, &["run"], 0);
    assert_eq!((report["ok"].as_bool(), report["uploaded"]["objects"].as_u64()), (Some(true), Some(0)), "{report}");
    assert_eq!(json(home, folder, &["deploy"], 0)["statements"], 0);
    // More rides, in a file of their own.
    let ride = "{\"ride_id\":\"R010\",\"bike_id\":\"B01\",\"from_station\":\"S4\",\"to_station\":\"S1\",\"started_at\":\"2024-05-03 09:00:00\",\"minutes\":5}\n";
    std::fs::write(folder.join("data/rides/more.json"), ride).expect("it can be written");
    let report = json(home, folder, &["run"], 0);
    assert_eq!((report["ok"].as_bool(), report["uploaded"]["objects"].as_u64()), (Some(true), Some(1)), "{report}");
    assert_eq!(json(home, folder, &["marts"], 0)["ok"], true);
    assert_eq!(json(home, folder, &["tasks", "ls"], 0).as_array().map(Vec::len), Some(2));
    for (verb, started) in [("suspend", false), ("resume", true)] {
        json(home, folder, &["tasks", verb], 0);
        let list = json(home, folder, &["tasks", "ls"], 0);
        let root =
            list.as_array().and_then(|l| l.iter().find(|t| t["predecessors"].as_array().is_some_and(Vec::is_empty)));
        assert_eq!(root.and_then(|t| t["started"].as_bool()), Some(started), "{verb}: {list}");
    }
    assert_eq!(json(home, folder, &["tasks", "cancel"], 0)["ended"], 0);
    assert_eq!(json(home, folder, &["doctor"], 0)["ok"], true);
}

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let (home, folder) = folder();
    let output = run(home.path(), &["init", folder.to_str().expect("UTF-8")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("is not empty"), "{}", said(&output));
}

#[test]
fn mistakes_in_the_manifest_name_file_and_line() {
    let (home, folder) = folder();
    let fails = |from: &str, to: &str, parts: &[&str]| {
        edit(&folder, "pipeline.toml", from, to);
        let output = run(home.path(), &["deploy", "--plan", "--pipeline", folder.to_str().expect("UTF-8")]);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        let manifest = format!("{}:", folder.join("pipeline.toml").display());
        assert!(said(&output).contains(&manifest), "{}", said(&output));
        for part in parts {
            assert!(said(&output).contains(part), "{part}: {}", said(&output));
        }
        edit(&folder, "pipeline.toml", to, from);
    };
    fails("title = \"Load\"", "titel = \"Load\"", &[":55: ", "titel"]);
    fails("data/rides", "data/ridez", &[":35: ", "data/ridez"]);
    fails("prefix = \"bike-hire/rides/\"", "prefix = \"bike-hire/rides\"", &[":36: ", "bike-hire/rides/"]);
    fails("\"stations_rows\"", "\"station_rows\"", &[":93: ", "raw.STATION", "stations_rows"]);
    fails("table = \"SERVE.RIDE\"", "table = \"RIDE\"", &[":109: ", "SCHEMA.TABLE"]);
    fails("sql/30_load.sql", "sql/30_lode.sql", &[":56: ", "sql/30_lode.sql"]);
    fails("allowed = [\"BIKE_HIRE_OWNER\", \"BIKE_HIRE_READER\"]", "allowed = []", &[":118: ", "read the mart"]);
}

#[test]
fn doctor_says_what_is_wrong_and_what_to_do() {
    let home = TempDir::new().expect("a folder");
    let output = run(home.path(), &["doctor", "--json"]);
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(found["ok"], true, "{found}");
    let state = |name: &str| {
        let checks = found["checks"].as_array().expect("a list");
        checks.iter().find(|c| c["name"] == name).unwrap_or_else(|| panic!("no {name}: {found}"))["state"].clone()
    };
    for name in [
        "terminal",
        "cloud folder",
        "settings",
        "embedded cloud",
        "profile",
        "Snowflake",
        "bucket",
        "region",
        "pipeline",
        "statements",
    ] {
        assert_eq!(state(name), "ok", "{name}: {found}");
    }
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("its address").port();
    let settings = format!("[local]\ns3_port = {port}\nregion = \"eu-west-1\"\n");
    std::fs::write(home.path().join("config.toml"), settings).expect("written");
    let output = run(home.path(), &["doctor"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    for part in ["✗ S3 port", &port.to_string(), "→ set another under [local]"] {
        assert!(said(&output).contains(part), "{part}: {}", said(&output));
    }
}

#[test]
fn a_deployment_stops_at_a_place_and_one_statement_runs_alone() {
    let (home, folder) = folder();
    let deploy = |more: &[&str]| {
        let mut args = vec!["deploy", "--pipeline", folder.to_str().expect("UTF-8")];
        args.extend(more);
        run(home.path(), &args)
    };
    let says = |output: &std::process::Output, code: i32, part: &str| {
        assert_eq!(output.status.code(), Some(code), "{}", said(output));
        let all = format!("{}{}", String::from_utf8_lossy(&output.stdout), said(output));
        assert!(all.contains(part), "{part}: {all}");
    };
    says(&deploy(&["--through", "sql/10_account.sql:2"]), 0, "1 statements run");
    says(&deploy(&["--step", "sql/10_account.sql:5"]), 0, "1 statements run");
    says(&deploy(&["--step", "sql/10_account.sql:5", "--again"]), 0, "1 statements run");
    says(&deploy(&["--through", "sql/nowhere.sql:1"]), 2, "there is no statement at sql/nowhere.sql:1");
    says(&deploy(&["--step", "account"]), 2, "FILE:LINE");
}
