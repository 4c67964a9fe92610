//! The server is killed while a MERGE or a transaction of several statements runs: after each restart all of it has
//! happened, or nothing.

use crate::kill::{Dice, Victim, rounds};
use std::time::Duration;

/// Keys in the merged table.
const KEYS: usize = 3000;
/// How long after the start of a round the process may live.
const LONGEST: Duration = Duration::from_millis(1500);

/// Each MERGE raises every key's counter and adds one key; each transaction writes one row to both journals.
const MERGE: &str = "MERGE INTO COUNTERS T USING (SELECT K, N FROM COUNTERS UNION ALL SELECT MAX(K) + 1, MAX(N) FROM COUNTERS) S \
     ON T.K = S.K WHEN MATCHED THEN UPDATE SET N = S.N + 1 WHEN NOT MATCHED THEN INSERT (K, N) VALUES (S.K, S.N + 1)";

fn check(victim: &Victim) {
    let after = victim.kills;
    assert_eq!(
        victim.text("SELECT COUNT(DISTINCT N), COUNT(*) - COUNT(DISTINCT K) FROM COUNTERS"),
        "1|0",
        "{after} kills"
    );
    let grown = format!("SELECT COUNT(*) - {KEYS} = MAX(N) FROM COUNTERS");
    assert_eq!(victim.text(&grown), "1", "one key a MERGE, after {after} kills");
    let lost = "SELECT COUNT(*) FROM (SELECT N FROM FIRST_HALF MINUS SELECT N FROM SECOND_HALF)";
    assert_eq!(victim.text(lost), "0", "no half of a transaction, after {after} kills");
    assert_eq!(victim.text("SELECT (SELECT COUNT(*) FROM FIRST_HALF) = (SELECT COUNT(*) FROM SECOND_HALF)"), "1");
    // What the stream says is what the table has gained since it was made.
    let seen = "SELECT (SELECT COUNT(*) FROM HALVES) = (SELECT COUNT(*) FROM FIRST_HALF)";
    assert_eq!(victim.text(seen), "1", "the stream after {after} kills");
}

#[test]
fn a_killed_server_merges_and_commits_whole_or_not_at_all() {
    let mut dice = Dice::new();
    let mut victim = Victim::start(&["USE SCHEMA DB.S"]);
    victim.script(&[
        "CREATE DATABASE DB",
        "CREATE SCHEMA DB.S",
        &format!("CREATE TABLE COUNTERS AS SELECT SEQ4()::NUMBER AS K, 0::NUMBER AS N FROM TABLE(GENERATOR(ROWCOUNT => {KEYS}))"),
        "CREATE TABLE FIRST_HALF (N NUMBER)",
        "CREATE TABLE SECOND_HALF (N NUMBER)",
        "CREATE STREAM HALVES ON TABLE FIRST_HALF APPEND_ONLY = TRUE",
    ]);
    let rounds = rounds(6);
    for round in 0..rounds {
        let delay = dice.time(LONGEST);
        victim.kill_during(delay, move |wire, _| async move {
            for n in 0.. {
                let key = round * 1_000_000 + n;
                for sql in [
                    MERGE.to_owned(),
                    "BEGIN".to_owned(),
                    format!("INSERT INTO FIRST_HALF VALUES ({key})"),
                    "INSERT INTO FIRST_HALF VALUES ('no number')".to_owned(),
                    format!("INSERT INTO SECOND_HALF VALUES ({key})"),
                    "COMMIT".to_owned(),
                ] {
                    match wire.run(&sql).await {
                        Err((code, _)) if code == "gone" => return,
                        Err((code, text)) => assert!(sql.contains("'no number'"), "{sql}\n{code}: {text}"),
                        Ok(_) => {}
                    }
                }
            }
        });
        victim.restart();
        check(&victim);
    }
    victim.script(&[MERGE]);
    check(&victim);
    assert!(victim.kills >= rounds, "{} kills", victim.kills);
}
