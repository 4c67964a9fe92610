//! No secret reaches a log, an output or an error.

use crate::served::{Served, account_profile, said, snowdeck};
use std::fs;
use std::path::Path;

/// Every command that talks to the services, with the log as loud as it goes; then the search.
#[test]
fn no_log_and_no_output_holds_a_secret() {
    let home = tempfile::tempdir().expect("temp dir");
    let home = home.path();
    let served = Served::start(home);
    let mut secrets = vec!["Stated-Passw0rd".to_owned(), "Wrong-Passw0rd".to_owned(), "Stated-Key".to_owned()];
    for secret in [served.text("password"), served.text("secret_key")] {
        secrets.push(secret.to_owned());
    }
    secrets.push(served.about["data_scientist"]["password"].as_str().expect("a password").to_owned());
    assert!(secrets.iter().all(|s| s.len() >= 10), "secrets that can be searched for");

    let quoting = format!("select '{}' from no_such_table", served.text("password"));
    let mut all_said = String::new();
    let mut run = |args: &[&str]| {
        let output = snowdeck(home).env("SNOWDECK_LOG", "trace").args(args).output().expect("the binary starts");
        all_said.push_str(&said(&output));
    };
    run(&["info"]);
    run(&["info", "--json"]);
    run(&["generate", "--out", "s3://"]);
    run(&["s3", "ls", "-r"]);
    run(&["s3", "cat", "none"]);
    run(&["sql", "-q", "select 1"]);
    run(&["sql", "-q", "create user u password = 'Stated-Passw0rd'"]);
    run(&["sql", "-q", "alter user nobody set password = 'Stated-Passw0rd'"]);
    run(&["sql", "-q", "create stage s url='s3://b/' credentials=(aws_key_id='x' aws_secret_key='Stated-Key')"]);
    run(&["deploy", "--plan"]);
    run(&["deploy", "--plan", "--json"]);
    run(&["deploy", "--json"]);
    run(&["local", "serve"]);
    // Its output may repeat what was typed; the log may not.
    snowdeck(home).env("SNOWDECK_LOG", "trace").args(["sql", "-q", &quoting]).output().expect("the binary starts");
    account_profile(home, &served, "Wrong-Passw0rd");
    run(&["sql", "--profile", "remote", "-q", "select 1"]);
    served.stop();

    for secret in &secrets {
        assert!(!all_said.contains(secret.as_str()), "an output holds a secret: {}", around(&all_said, secret));
    }
    let logs = home.join("logs");
    let texts = texts_below(&logs);
    assert!(!texts.is_empty(), "there is a log");
    for (name, text) in texts {
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{name} holds a secret: {}", around(&text, secret));
        }
    }
}

/// Files that hold secrets on purpose are for the user alone.
#[test]
fn kept_secrets_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().expect("temp dir");
    let served = Served::start(home.path());
    for name in ["credentials.json", "address.json", "lock"] {
        let mode = fs::metadata(home.path().join("cloud").join(name)).expect(name).permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}: {mode:o}");
    }
    let folder = fs::metadata(home.path().join("cloud")).expect("folder").permissions().mode();
    assert_eq!(folder & 0o077, 0, "{folder:o}");
    served.stop();
}

/// The line around a find, with the secret itself masked.
fn around(text: &str, secret: &str) -> String {
    text.lines().find(|line| line.contains(secret)).unwrap_or_default().replace(secret, "<SECRET>")
}

fn texts_below(folder: &Path) -> Vec<(String, String)> {
    fs::read_dir(folder)
        .expect("the folder of the logs")
        .map(|entry| entry.expect("entry").path())
        .map(|path| {
            (path.display().to_string(), String::from_utf8_lossy(&fs::read(&path).expect("readable")).into_owned())
        })
        .collect()
}
