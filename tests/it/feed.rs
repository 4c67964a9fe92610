//! Data that goes on: days appended, a live feed, and the check of what was written.

use crate::served::{run, said, snowdeck};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

fn done(home: &Path, args: &[&str]) -> Value {
    let output = run(home, args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
}

fn refused(home: &Path, args: &[&str], code: i32, part: &str) {
    let output = run(home, args);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {}", said(&output));
    assert!(said(&output).contains(part), "{args:?} does not say {part:?}: {}", said(&output));
}

fn days(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(folder.join("transactions"))
        .expect("days")
        .map(|day| {
            let day = day.expect("a day");
            let file = std::fs::read(day.path().join("transactions.json")).expect("a file");
            (day.file_name().into_string().expect("UTF-8"), file)
        })
        .collect()
}

#[test]
fn appended_days_are_those_of_one_run() {
    let home = tempfile::tempdir().expect("temp dir");
    let home = home.path();
    let (whole, parts) = (home.join("whole"), home.join("parts"));
    let (whole_out, parts_out) = (whole.to_str().expect("UTF-8"), parts.to_str().expect("UTF-8"));
    let made = |out: &str, more: &[&str]| {
        let args = ["generate", "--json", "--preset", "retail", "--customers", "400", "--from", "2019-01-01"];
        done(home, &[&args[..], &["--out", out], more].concat())
    };
    made(whole_out, &["--to", "2019-01-12"]);
    made(parts_out, &["--to", "2019-01-08"]);
    made(parts_out, &["--append"]);
    let more = made(parts_out, &["--append", "--days", "3"]);
    assert_eq!((more["customers"].as_u64(), more["products"].as_u64()).1, Some(0));
    assert_eq!(days(&whole).len(), 12);
    assert!(days(&whole) == days(&parts));
    refused(home, &["generate", "--out", parts_out, "--append", "--seed", "7"], 2, "not those of seed 7");
    refused(home, &["generate", "--out", parts_out, "--append", "--compress", "gzip"], 2, "2019-01-12");
    refused(home, &["generate", "--out", home.join("none").to_str().expect("UTF-8"), "--append"], 1, "customers.csv");
}

#[test]
fn starter_data_goes_on_with_the_same_customers() {
    let home = tempfile::tempdir().expect("temp dir");
    let home = home.path();
    let out = home.join("data");
    let out = out.to_str().expect("UTF-8");
    done(home, &["generate", "--out", out, "--customers", "2000", "--json"]);
    let more = done(home, &["generate", "--out", out, "--append", "--days", "10", "--json"]);
    let transactions = more["transactions"].as_u64().expect("a number");
    assert!((3_300..4_000).contains(&transactions), "18.3 % of 2000 on 10 days: {transactions}");
    assert!(days(Path::new(out)).contains_key("d=2019-01-10"));
    let verified = done(home, &["verify", out, "--json"]);
    assert_eq!((&verified["ok"], &verified["days"]), (&Value::Bool(true), &Value::from(41)));
}

#[test]
fn verify_says_what_is_wrong() {
    let home = tempfile::tempdir().expect("temp dir");
    let home = home.path();
    let out = home.join("data");
    let text = out.to_str().expect("UTF-8");
    let fine = done(home, &["generate", "--out", text, "--verify", "--json"]);
    assert_eq!(fine["ok"], true, "{fine}");
    let counts = |report: &Value| ["transactions", "lines", "buyers", "days"].map(|name| report[name].clone());
    for form in [&["--compress", "gzip"][..], &["--format", "csv"], &["--format", "csv", "--compress", "zstd"]] {
        let other = home.join(form.concat());
        let other = other.to_str().expect("UTF-8");
        let same = done(home, &[&["generate", "--out", other, "--verify", "--json"], form].concat());
        assert_eq!((&same["ok"], counts(&same)), (&Value::Bool(true), counts(&fine)), "{form:?}");
    }
    refused(home, &["generate", "--out", text, "--format", "parquet", "--verify"], 2, "could not be verified");
    refused(home, &["generate", "--out", "s3://", "--compress", "gzip", "--verify"], 2, "plain NDJSON in a bucket");
    let spoiled = ["generate", "--out", text, "--faults", "unknown_product=0.05,malformed=0.05", "--verify", "--json"];
    let output = run(home, &spoiled);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let wrong: Vec<_> = report["checks"].as_array().expect("checks").iter().filter(|c| c["ok"] == false).collect();
    assert!(wrong.iter().any(|c| c["name"] == "no unknown products"), "{report}");
    assert!(wrong.iter().any(|c| c["name"] == "no rows that do not read"), "{report}");
    let ledger = std::fs::read_to_string(out.join("faults.ndjson")).expect("the ledger");
    assert!(ledger.lines().count() > 30);
    std::fs::write(home.join("r.toml"), "[visits]\nrate = 7\n").expect("written");
    let recipe = home.join("r.toml");
    refused(
        home,
        &["generate", "--out", text, "--recipe", recipe.to_str().expect("UTF-8")],
        2,
        "r.toml:2: visits.rate",
    );
    refused(home, &["generate", "--out", text, "--preset", "shop"], 2, "retail");
    refused(home, &["generate", "--out", text, "--shard", "3/2"], 2, "I/N");
}

#[test]
fn a_feed_keeps_its_rate_and_leaves_whole_files() {
    let home = tempfile::tempdir().expect("temp dir");
    let home = home.path();
    refused(home, &["feed", "--rate", "10", "--for", "1s"], 2, "make the customers first");
    done(home, &["generate", "--out", "s3://", "--customers", "50", "--verify", "--json"]);
    let fed = done(home, &["feed", "--rate", "200", "--for", "3s", "--every", "500ms", "--json"]);
    assert_eq!(fed["transactions"], 600, "{fed}");
    assert!(fed["files"].as_u64().is_some_and(|n| (2..=6).contains(&n)), "{fed}");
    assert!(fed["rate"].as_f64().is_some_and(|rate| rate > 100.0), "{fed}");
    refused(home, &["feed", "--rate", "0"], 2, "a rate of 0");

    // Stopped by Ctrl-C: what was sent is told, and every file is whole.
    let mut child = snowdeck(home)
        .args(["feed", "--rate", "50", "--every", "200ms", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let began = Instant::now();
    let pid = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw).expect("a process");
    let mut told = BufReader::new(child.stderr.take().expect("piped"));
    let mut line = String::new();
    while !line.contains("feed") {
        line.clear();
        assert!(told.read_line(&mut line).expect("read") > 0, "it ended before it fed");
    }
    std::thread::sleep(Duration::from_secs(2));
    let _ = rustix::process::kill_process(pid, rustix::process::Signal::INT);
    let output = child.wait_with_output().expect("it ends");
    assert!(began.elapsed() < Duration::from_mins(1));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let stopped: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let sum = 600 + stopped["transactions"].as_u64().expect("a number");
    let listed = done(home, &["s3", "ls", "-r", "--json", "convex-transactions/"]);
    let mut lines = 0;
    for object in listed["objects"].as_array().expect("objects") {
        let key = object["key"].as_str().expect("a key");
        if key.contains("/feed-") {
            let text = run(home, &["s3", "cat", key]).stdout;
            assert!(text.ends_with(b"}\n"));
            lines += text.split(|b| *b == b'\n').filter(|l| serde_json::from_slice::<Value>(l).is_ok()).count() as u64;
        }
    }
    assert_eq!(lines, sum);
    done(home, &["generate", "--out", "s3://", "--customers", "50", "--append", "--json"]);
}
