//! The server is killed while task graphs run. After each restart every graph comes to its end, a stream is consumed
//! exactly where its rows arrived, and what the history calls SUCCEEDED has happened once.

use crate::kill::{Dice, Victim, rounds};
use std::time::Duration;

/// How long after the start of a round the process may live.
const LONGEST: Duration = Duration::from_millis(900);
/// How long a graph may take to end after a restart.
const PATIENCE: Duration = Duration::from_mins(2);

const HISTORY: &str = "TABLE(INFORMATION_SCHEMA.TASK_HISTORY(RESULT_LIMIT => 10000))";

fn graph(victim: &Victim) {
    victim.script(&[
        "CREATE DATABASE DB",
        "CREATE SCHEMA DB.S",
        "CREATE WAREHOUSE W",
        "CREATE TABLE ARRIVED (N NUMBER)",
        "CREATE STREAM NEWS ON TABLE ARRIVED",
        "CREATE TABLE MOVED (N NUMBER)",
        "CREATE TABLE ONE (RUN VARCHAR)",
        "CREATE TABLE FIRST (RUN VARCHAR)",
        "CREATE TABLE SECOND (RUN VARCHAR)",
        "CREATE TABLE LAST (RUN VARCHAR)",
        "CREATE TASK R WAREHOUSE = W AS INSERT INTO MOVED SELECT N FROM NEWS",
        "CREATE TASK A WAREHOUSE = W AFTER R AS \
         INSERT INTO ONE SELECT SYSTEM$TASK_RUNTIME_INFO('CURRENT_TASK_GRAPH_RUN_GROUP_ID')",
        "CREATE TASK B WAREHOUSE = W AFTER R AS BEGIN \
         INSERT INTO FIRST SELECT SYSTEM$TASK_RUNTIME_INFO('CURRENT_TASK_GRAPH_RUN_GROUP_ID'); \
         INSERT INTO SECOND SELECT SYSTEM$TASK_RUNTIME_INFO('CURRENT_TASK_GRAPH_RUN_GROUP_ID'); END",
        "CREATE TASK F WAREHOUSE = W FINALIZE = R AS \
         INSERT INTO LAST SELECT SYSTEM$TASK_RUNTIME_INFO('CURRENT_TASK_GRAPH_RUN_GROUP_ID')",
        "ALTER TASK A RESUME",
        "ALTER TASK B RESUME",
        "ALTER TASK F RESUME",
    ]);
}

/// Runs of `task` that the history calls SUCCEEDED and `table` does not have exactly once, or the other way round.
fn disagreeing(task: &str, table: &str) -> String {
    format!(
        "SELECT COALESCE(H.RUN, T.RUN), H.STATE, T.N FROM \
         (SELECT RUN_ID::VARCHAR AS RUN, STATE FROM {HISTORY} WHERE NAME = '{task}') H \
         FULL JOIN (SELECT RUN, COUNT(*) AS N FROM {table} GROUP BY RUN) T ON T.RUN = H.RUN \
         WHERE NOT ((H.STATE = 'SUCCEEDED' AND T.N = 1) OR (H.STATE <> 'SUCCEEDED' AND T.N IS NULL))"
    )
}

fn check(victim: &Victim, accepted: usize) {
    let kills = victim.kills;
    victim.wait_for("SELECT COUNT(*) FROM TABLE(INFORMATION_SCHEMA.CURRENT_TASK_GRAPHS())", "0", PATIENCE);
    let twice = "SELECT N, COUNT(*) FROM MOVED GROUP BY N HAVING COUNT(*) > 1";
    assert_eq!(victim.text(twice), "", "moved twice after {kills} kills");
    // What has arrived was moved or is still in the stream: never both, never neither.
    let lost = "SELECT A.N FROM ARRIVED A LEFT JOIN (SELECT N FROM MOVED UNION ALL SELECT N FROM NEWS) B ON A.N = B.N \
         GROUP BY A.N HAVING COUNT(B.N) <> 1";
    assert_eq!(victim.text(lost), "", "lost or doubled after {kills} kills");
    for (task, table) in [("A", "ONE"), ("F", "LAST")] {
        assert_eq!(victim.text(&disagreeing(task, table)), "", "{task} after {kills} kills");
    }
    // A block that was interrupted counts as failed, however far it came; it is never begun a second time by itself.
    let half = format!(
        "SELECT H.RUN, H.STATE, X.N, Y.N FROM \
         (SELECT RUN_ID::VARCHAR AS RUN, STATE FROM {HISTORY} WHERE NAME = 'B') H \
         LEFT JOIN (SELECT RUN, COUNT(*) AS N FROM FIRST GROUP BY RUN) X ON X.RUN = H.RUN \
         LEFT JOIN (SELECT RUN, COUNT(*) AS N FROM SECOND GROUP BY RUN) Y ON Y.RUN = H.RUN \
         WHERE (H.STATE = 'SUCCEEDED' AND (COALESCE(X.N, 0) <> 1 OR COALESCE(Y.N, 0) <> 1)) \
            OR COALESCE(X.N, 0) > 1 OR COALESCE(Y.N, 0) > COALESCE(X.N, 0) \
            OR H.STATE NOT IN ('SUCCEEDED', 'FAILED')"
    );
    assert_eq!(victim.text(&half), "", "the block after {kills} kills");
    let runs = format!("SELECT COUNT(*) FROM {HISTORY} WHERE NAME = 'R' AND STATE = 'SUCCEEDED'");
    let known: usize = victim.text(&runs).parse().expect("a number");
    assert!(known >= accepted, "{accepted} runs were accepted, the history knows {known} after {kills} kills");
}

#[test]
fn a_killed_server_ends_its_graphs_and_loses_nothing() {
    let mut dice = Dice::new();
    let mut victim = Victim::start(&["USE SCHEMA DB.S", "USE WAREHOUSE W"]);
    graph(&victim);
    let (mut accepted, mut next) = (0, 0);
    for _ in 0..rounds(12) {
        let delay = dice.time(LONGEST);
        let from = next;
        next += 1000;
        accepted += victim.kill_during(delay, move |wire, _| async move {
            let mut accepted = 0;
            for n in from..from + 1000 {
                if wire.run(&format!("INSERT INTO ARRIVED VALUES ({n})")).await.is_err()
                    || wire.run("EXECUTE TASK R").await.is_err()
                {
                    break;
                }
                accepted += 1;
            }
            accepted
        });
        victim.restart();
        check(&victim, accepted);
    }
    victim.script(&["EXECUTE TASK R"]);
    check(&victim, accepted + 1);
    assert_eq!(victim.text("SELECT COUNT(*) FROM NEWS"), "0", "the last run takes the rest");
}
