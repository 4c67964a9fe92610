//! The S3 endpoint beside other people's programs: moto answers the same calls alike, and the AWS CLI and s5cmd work.

use crate::served::{Served, said};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A Python with boto3, moto[server], awscli and s5cmd; `None`, visibly, where there is none.
fn python() -> Option<PathBuf> {
    let named = std::env::var_os("SNOWDECK_PYTHON_S3").map(PathBuf::from);
    if named.is_none() {
        println!("LEFT OUT: SNOWDECK_PYTHON_S3 names no Python with boto3, moto[server], awscli and s5cmd");
    }
    named
}

fn program(name: &Path, served: &Served, home: &Path) -> Command {
    let mut command = Command::new(name);
    command
        .env("HOME", home)
        .env("AWS_ACCESS_KEY_ID", served.text("access_key"))
        .env("AWS_SECRET_ACCESS_KEY", served.text("secret_key"))
        .env("AWS_REGION", served.text("region"))
        .env("AWS_ENDPOINT_URL_S3", served.text("s3_endpoint"))
        .env("S3_ENDPOINT_URL", served.text("s3_endpoint"));
    command
}

#[test]
fn moto_answers_the_same_calls_alike() {
    let Some(python) = python() else { return };
    let home = tempfile::tempdir().unwrap();
    let served = Served::start(home.path());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/s3_peer.py");
    let mut command = program(&python, &served, home.path());
    let output = command.arg(script).env("S3_PEER", served.about.to_string()).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let result: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", said(&output)));
    assert!(result["cases"].as_u64() >= Some(15), "{result}");
    assert_eq!(result["differences"], serde_json::json!([]), "{result:#}");
    assert!(served.stop().success());
}

#[test]
fn the_aws_cli_and_s5cmd_move_a_folder_there_and_back() {
    let Some(python) = python() else { return };
    let home = tempfile::tempdir().unwrap();
    let served = Served::start(home.path());
    let from = home.path().join("from");
    for (name, size) in [("a/one.csv", 10), ("a/b c+d.txt", 5000), ("ü/large.bin", 20 << 20), ("empty", 0)] {
        let path = from.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, (0..size).map(|n| u8::try_from(n % 251).unwrap()).collect::<Vec<u8>>()).unwrap();
    }
    let bin = python.parent().unwrap();
    let folder = format!("{}/", from.display());
    let checked = |output: Output| assert!(output.status.success(), "{}", said(&output));
    let same = |to: &Path| {
        let differs = Command::new("diff").arg("-r").arg(&from).arg(to).output().unwrap();
        assert!(differs.status.success(), "{}", said(&differs));
    };
    let run = |name: &str, args: &[&str]| program(&bin.join(name), &served, home.path()).args(args).output().unwrap();
    let (aws, s5) = (home.path().join("aws"), home.path().join("s5"));
    checked(run("aws", &["s3", "mb", "s3://tools"]));
    checked(run("aws", &["s3", "sync", &folder, "s3://tools/aws/"]));
    checked(run("aws", &["s3", "sync", "s3://tools/aws/", aws.to_str().unwrap()]));
    same(&aws);
    checked(run("s5cmd", &["cp", &folder, "s3://tools/s5/"]));
    checked(run("s5cmd", &["cp", "s3://tools/s5/*", &format!("{}/", s5.display())]));
    same(&s5);
    checked(run("s5cmd", &["rm", "s3://tools/s5/*"]));
    let listed = run("aws", &["s3", "ls", "--recursive", "s3://tools/"]);
    assert!(listed.stdout.split(|b| *b == b'\n').filter(|l| !l.is_empty()).count() == 4, "{}", said(&listed));
    assert!(served.stop().success());
}
