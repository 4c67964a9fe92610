//! The server is killed while COPY loads files. After each restart every file must be in the table whole, once, or not at
//! all yet; in the end all must be in.

use crate::kill::{Dice, Victim, rounds};
use std::fmt::Write as _;
use std::time::Duration;

/// Rows of each file.
const ROWS: usize = 400;
/// Files of a round.
const FILES: usize = 12;
/// How long after the start of a round the process may live.
const LONGEST: Duration = Duration::from_millis(1500);

const COPY: &str = "COPY INTO BY_COPY FROM (SELECT $1, $2, METADATA$FILENAME FROM @COPIED)";

fn content(file: &str) -> Vec<u8> {
    let mut out = String::new();
    for row in 0..ROWS {
        let _ = writeln!(out, "{row},{file}");
    }
    out.into_bytes()
}

/// Every file that is in a table is there whole and once.
fn check(victim: &Victim, table: &str) {
    let odd = format!(
        "SELECT FILE, COUNT(*), COUNT(DISTINCT N) FROM {table} GROUP BY FILE \
         HAVING COUNT(*) <> {ROWS} OR COUNT(DISTINCT N) <> {ROWS} OR COUNT_IF(SPLIT_PART(FILE, '/', 2) <> TAG) > 0"
    );
    assert_eq!(victim.text(&odd), "", "{table} after {} kills", victim.kills);
}

#[test]
fn a_killed_server_loads_each_file_once() {
    let mut dice = Dice::new();
    let mut victim = Victim::start(&["USE SCHEMA DB.S", "USE WAREHOUSE W"]);
    victim.bucket("lake");
    victim.script(&[
        "CREATE DATABASE DB",
        "CREATE SCHEMA DB.S",
        "CREATE WAREHOUSE W",
        "CREATE STAGE COPIED URL = 's3://lake/copied/'",
        "CREATE TABLE BY_COPY (N NUMBER, TAG VARCHAR, FILE VARCHAR)",
    ]);
    let rounds = rounds(20);
    for round in 0..rounds {
        for n in 0..FILES {
            let name = format!("r{round:04}-{n:03}.csv");
            victim.put("lake", &format!("copied/{name}"), &content(&name));
        }
        let delay = dice.time(LONGEST);
        victim.kill_during(delay, |wire, _| async move { while wire.run(COPY).await.is_ok() {} });
        victim.restart();
        check(&victim, "BY_COPY");
    }
    victim.script(&[COPY]);
    check(&victim, "BY_COPY");
    let stored = (rounds * FILES).to_string();
    assert_eq!(victim.text("SELECT COUNT(DISTINCT FILE) FROM BY_COPY"), stored, "none is lost");
    assert!(victim.kills >= rounds, "{} kills", victim.kills);
}
