//! The command line: exit codes, and what it says to wrong input.

use crate::served::{Served, account_profile, run, said, snowdeck};
use std::io::Read;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

/// Runs, and checks the exit code and that each of `parts` is said.
fn check(home: &Path, args: &[&str], code: i32, parts: &[&str]) {
    let output = run(home, args);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
    for part in parts {
        assert!(text.contains(part), "{args:?} does not say {part:?}: {text}");
    }
    assert!(!text.contains("panicked"), "{args:?}: {text}");
}

#[test]
fn wrong_usage_is_exit_code_2() {
    let home = tempfile::tempdir().expect("temp dir");
    let home = home.path();
    check(home, &["no-such-command"], 2, &["no-such-command"]);
    check(home, &["sql"], 2, &["--query"]);
    check(home, &["generate", "--out", "x", "--from", "2018-13-01"], 2, &["2018-13-01"]);
    check(home, &["sql", "-q", "select 1", "--profile", "prod"], 2, &["prod", "local", "[profiles.prod]"]);
    check(home, &["sql", "-q", "drop table t", "--readonly"], 2, &["--readonly"]);
    check(home, &["run", "--readonly"], 2, &["--readonly"]);
    check(home, &["local", "reset"], 0, &["nothing"]);
}

#[test]
fn without_a_terminal_the_console_names_run() {
    let home = tempfile::tempdir().expect("temp dir");
    check(home.path(), &[], 2, &["terminal", "snowdeck run"]);
}

#[test]
fn a_mistake_in_the_settings_names_its_place() {
    let home = tempfile::tempdir().expect("temp dir");
    std::fs::write(home.path().join("config.toml"), "[local]\nbuckett = \"x\"\n").expect("written");
    check(home.path(), &["info"], 2, &["config.toml:2:1", "buckett"]);
}

#[test]
fn a_missing_file_is_named() {
    let home = tempfile::tempdir().expect("temp dir");
    check(home.path(), &["sql", "-f", "/no/such/file.sql"], 1, &["/no/such/file.sql", "No such file"]);
    check(home.path(), &["s3", "put", "/no/such/file.csv", "k"], 1, &["/no/such/file.csv", "No such file"]);
    check(
        home.path(),
        &["deploy", "--plan", "--pipeline", "/no/such/folder"],
        1,
        &["/no/such/folder", "snowdeck init"],
    );
}

#[test]
fn a_port_in_use_is_named() {
    let home = tempfile::tempdir().expect("temp dir");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("its address").port().to_string();
    check(home.path(), &["local", "serve", "--s3-port", &port], 1, &[&port, "in use", "S3"]);
    check(home.path(), &["local", "serve", "--snowflake-port", &port], 1, &[&port, "in use", "Snowflake"]);
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let home = tempfile::tempdir().expect("temp dir");
    let mut child = snowdeck(home.path())
        .args(["generate", "--stdout", "transactions", "--customers", "50000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut first = [0; 10];
    let mut reader = child.stdout.take().expect("piped");
    reader.read_exact(&mut first).expect("some bytes");
    drop(reader);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(!said(&output).contains("panicked"), "{}", said(&output));
}

#[test]
fn one_cloud_per_home() {
    let home = tempfile::tempdir().expect("temp dir");
    let home = home.path();
    check(home, &["local", "env"], 1, &["no cloud is running", "local serve"]);
    let served = Served::start(home);
    check(home, &["local", "env"], 0, &["SNOWFLAKE_PORT", &served.about["port"].to_string()]);
    check(home, &["local", "serve"], 1, &["is running", &served.about["pid"].to_string()]);
    check(home, &["local", "reset", "--yes"], 1, &["is running"]);
    std::fs::write(home.join("file"), "hello").expect("written");
    check(home, &["s3", "put", home.join("file").to_str().expect("UTF-8"), "a/b"], 0, &["a/b"]);
    check(home, &["s3", "cat", "a/b"], 0, &["hello"]);
    check(home, &["s3", "cat", "a/none"], 1, &["a/none", "s3 ls"]);
    check(home, &["s3", "ls", "s3://other/"], 2, &["convex-insurance"]);
    assert_eq!(served.stop().code(), Some(0), "SIGTERM ends it in order");
    assert!(!home.join("cloud/address.json").exists());
    // Killed, a cloud leaves its address behind: nobody believes it, and what was stored is there.
    Served::start(home).kill();
    assert!(home.join("cloud/address.json").exists());
    check(home, &["local", "env"], 1, &["no cloud is running"]);
    check(home, &["s3", "cat", "a/b"], 0, &["hello"]);
    check(home, &["local", "reset", "--yes"], 0, &["removed"]);
    assert!(!home.join("cloud").exists());
}

/// The path that an account takes, against the embedded endpoint: Snowflake's own connections.toml.
#[test]
fn an_account_profile_logs_in_or_says_why_not() {
    let home = tempfile::tempdir().expect("temp dir");
    let home = home.path();
    let served = Served::start(home);
    account_profile(home, &served, served.text("password"));
    check(home, &["sql", "--profile", "remote", "-q", "select 1 as ONE", "--format", "csv"], 0, &["ONE\n1"]);
    account_profile(home, &served, "wrong-and-never-shown");
    check(home, &["sql", "--profile", "remote", "-q", "select 1"], 1, &["390100", "password is wrong"]);
    let output = run(home, &["sql", "--profile", "remote", "-q", "select 1"]);
    assert!(!said(&output).contains("wrong-and-never-shown"));
}

#[test]
fn a_refused_statement_says_code_and_place() {
    let home = tempfile::tempdir().expect("temp dir");
    check(home.path(), &["sql", "-q", "select * from nowhere.s.t"], 1, &["002003", "[query "]);
    let output = run(home.path(), &["sql", "--json", "-q", "select * from nowhere.s.t"]);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
    assert_eq!(document["ok"], false);
    assert_eq!(document["error"]["code"], "002003");
    check(home.path(), &["sql", "-q", "selec 1"], 1, &["001003", "line 1"]);
}
