//! Who can do what, tried as each role.

use crate::init::{folder, json};
use crate::served::{run, said};
use serde_json::Value;

/// The cell of a trial and a role.
fn cell<'a>(tried: &'a Value, trial: &str, role: &str) -> &'a Value {
    let all = tried["trials"].as_array().expect("a list");
    let found = all.iter().find(|t| t["trial"] == trial && t["role"] == role);
    found.unwrap_or_else(|| panic!("no {trial} as {role}: {tried}"))
}

#[test]
fn a_right_too_many_or_too_few_is_seen() {
    let (home, folder) = folder();
    let (home, folder) = (home.path(), folder.as_path());
    json(home, folder, &["deploy"], 0);
    let tried = json(home, folder, &["access"], 0);
    assert_eq!(tried["ok"], true, "{tried}");
    let refused = cell(&tried, "change the mart", "BIKE_HIRE_READER");
    assert_eq!((&refused["expected"], &refused["seen"]), (&"refused".into(), &"refused".into()), "{refused}");
    assert!(refused["answer"].as_str().is_some_and(|a| a.contains("003001")), "{refused}");
    let sql = |text: &str| {
        let output = run(home, &["sql", "-q", text]);
        assert!(output.status.success(), "{text}: {}", said(&output));
    };
    sql(
        "GRANT USAGE ON SCHEMA BIKE_HIRE.RAW TO ROLE BIKE_HIRE_READER; GRANT SELECT ON TABLE BIKE_HIRE.RAW.RIDE TO ROLE BIKE_HIRE_READER",
    );
    sql("REVOKE SELECT ON TABLE BIKE_HIRE.SERVE.MART_STATION_USE FROM ROLE BIKE_HIRE_READER");
    let tried = json(home, folder, &["access"], 1);
    assert_eq!(tried["ok"], false);
    assert_eq!(cell(&tried, "read the raw rides", "BIKE_HIRE_READER")["seen"], "allowed");
    assert_eq!(cell(&tried, "read the mart", "BIKE_HIRE_READER")["seen"], "refused");
    assert_eq!(cell(&tried, "read the mart", "BIKE_HIRE_OWNER")["ok"], true);
    let output = run(home, &["access", "--pipeline", folder.to_str().expect("UTF-8")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("✗ allowed, expected refused"), "{}", said(&output));
}

#[test]
fn the_built_in_pipeline_lets_data_scientists_see_the_datamart_and_nothing_else() {
    let home = tempfile::tempdir().expect("a folder");
    let output = run(home.path(), &["deploy"]);
    assert!(output.status.success(), "{}", said(&output));
    let output = run(home.path(), &["access", "--json"]);
    assert!(output.status.success(), "{}", said(&output));
    let tried: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let all = tried["trials"].as_array().expect("a list");
    assert!(all.iter().filter(|t| t["seen"] == "refused").count() >= 7, "{tried}");
    assert!(all.iter().all(|t| t["ok"] == true), "{tried}");
}
