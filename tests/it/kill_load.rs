//! The server is killed while files are being loaded, by COPY and by a pipe at the same time. After each restart every file
//! must be in its table whole, once, or not at all yet; in the end all must be in.

use crate::kill::{Dice, Victim, put, rounds};
use std::fmt::Write as _;
use std::time::Duration;

/// Rows of each file.
const ROWS: usize = 400;
/// Files of a round, for each of the two ways.
const FILES: usize = 12;
/// How long after the start of a round the process may live.
const LONGEST: Duration = Duration::from_millis(1500);
/// How long loading may take once nobody kills any more.
const PATIENCE: Duration = Duration::from_mins(2);

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
        "CREATE STAGE PIPED URL = 's3://lake/piped/'",
        "CREATE TABLE BY_COPY (N NUMBER, TAG VARCHAR, FILE VARCHAR)",
        "CREATE TABLE BY_PIPE (N NUMBER, TAG VARCHAR, FILE VARCHAR)",
        "CREATE PIPE P AUTO_INGEST = TRUE AS COPY INTO BY_PIPE FROM (SELECT $1, $2, METADATA$FILENAME FROM @PIPED)",
    ]);
    let rounds = rounds(20);
    // Files that the server has said it has; others may be there or not.
    let mut stored = [0_usize; 2];
    for round in 0..rounds {
        let name = move |n: usize| format!("r{round:04}-{n:03}.csv");
        stored[0] += FILES;
        for n in 0..FILES {
            victim.put("lake", &format!("copied/{}", name(n)), &content(&name(n)));
        }
        let delay = dice.time(LONGEST);
        let piped = victim.kill_during(delay, move |wire, s3| async move {
            let copy = tokio::spawn(async move { while wire.run(COPY).await.is_ok() {} });
            let mut done = Vec::new();
            for n in 0..FILES {
                if put(&s3, "lake", &format!("piped/{}", name(n)), content(&name(n))).await {
                    done.push(name(n));
                }
            }
            copy.await.expect("the loop ends");
            done.len()
        });
        stored[1] += piped;
        victim.restart();
        check(&victim, "BY_COPY");
        check(&victim, "BY_PIPE");
    }
    victim.script(&[COPY]);
    check(&victim, "BY_COPY");
    assert_eq!(victim.text("SELECT COUNT(DISTINCT FILE) FROM BY_COPY"), stored[0].to_string(), "none is lost");
    // A file whose storing was cut off in its reply is there all the same: the stage tells.
    let there = victim.run("LIST @PIPED").expect("listed").len();
    assert!(there >= stored[1], "{there} of {} stored files are there", stored[1]);
    victim.wait_for("SELECT COUNT(DISTINCT FILE) FROM BY_PIPE", &there.to_string(), PATIENCE);
    check(&victim, "BY_PIPE");
    assert!(victim.kills >= rounds, "{} kills", victim.kills);
}
