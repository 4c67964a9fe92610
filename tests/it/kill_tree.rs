//! The task tree of the built-in pipeline is killed and broken at any task; resumed, it ends as if nothing had happened.

use crate::convex::Convex;
use crate::kill::{Dice, rounds};
use crate::pipeline_counts::{compare, recount, snapshots};
use std::path::Path;
use std::time::Duration;

/// A run of the tree over the story's few rows takes about this long.
const LONGEST: Duration = Duration::from_millis(2500);

/// Each of the story's loads is killed at a moment of its own, and some moments are before the tree or behind it.
#[test]
fn a_killed_tree_resumes_and_ends_as_an_undisturbed_one() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let snapshots = snapshots(root.path());
    let mut dice = Dice::new();
    let mut convex = Convex::start();
    let kills = rounds(6);
    for (number, (what, folder)) in snapshots.iter().enumerate() {
        let so_far: Vec<&Path> = snapshots[..=number].iter().map(|(_, f)| f.as_path()).collect();
        let Some(expected) = recount(&so_far) else { return };
        convex.store(folder);
        convex.load();
        for _ in 0..kills.div_ceil(snapshots.len()) {
            let delay = dice.time(LONGEST);
            convex.victim.kill_during(delay, |wire, _| async move {
                let retried = wire.run("EXECUTE TASK CONVEX_CONTROL.LOAD_CONVEX RETRY LAST").await;
                if retried.is_err() {
                    let _ = wire.run("EXECUTE TASK CONVEX_CONTROL.LOAD_CONVEX").await;
                }
            });
            convex.victim.restart();
            convex.wait();
        }
        assert_eq!(convex.resume(), "", "{what}");
        // What was taken in behind a failed attempt waits for a run of its own.
        assert_eq!(convex.run_tree(), "", "{what}");
        compare(&convex, &expected, &format!("{what}, killed {} times", convex.victim.kills));
    }
    assert!(convex.victim.kills >= kills, "{} kills", convex.victim.kills);
}

/// Each task of the tree with a table that it writes.
const TASKS: [(&str, &str); 17] = [
    ("LOAD_CONVEX", "CONVEX_CONTROL.JOB_RUN"),
    ("FLATTEN_TRANSACTIONS", "CONVEX_STAGE.STG_TRANSACTION_LINE"),
    ("VAULT_CUSTOMER", "CONVEX_VAULT.SAT_CUSTOMER"),
    ("VAULT_PRODUCT", "CONVEX_VAULT.SAT_PRODUCT"),
    ("VAULT_TRANSACTION", "CONVEX_VAULT.SAT_TRANSACTION_LINE"),
    ("VAULT_DELIVERY", "CONVEX_VAULT.EFFSAT_TRANSACTION_LINE"),
    ("PIT_CUSTOMER", "CONVEX_VAULT.PIT_CUSTOMER"),
    ("PIT_PRODUCT", "CONVEX_VAULT.PIT_PRODUCT"),
    ("DIM_CUSTOMER", "CONVEX_WAREHOUSE.DIM_CUSTOMER"),
    ("DIM_PRODUCT", "CONVEX_WAREHOUSE.DIM_PRODUCT"),
    ("DIM_DATE", "CONVEX_WAREHOUSE.DIM_DATE"),
    ("FACT_PURCHASE_LINE", "CONVEX_WAREHOUSE.FACT_PURCHASE_LINE"),
    ("MART_CUSTOMER_PURCHASES", "CONVEX_DATAMART.MART_CUSTOMER_PURCHASES"),
    ("MART_DAILY_SALES", "CONVEX_DATAMART.MART_DAILY_SALES"),
    ("MART_CATEGORY_LOYALTY", "CONVEX_DATAMART.MART_CATEGORY_LOYALTY"),
    ("MART_CUSTOMER_RFM", "CONVEX_DATAMART.MART_CUSTOMER_RFM"),
    ("FINISH_CONVEX", "CONVEX_CONTROL.RECONCILIATION"),
];

/// A task waits for a table that another session holds; there the process is killed. Every task with `SNOWDECK_KILLS=all`.
#[test]
fn a_tree_killed_at_any_task_resumes_and_its_book_is_closed() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let snapshots = snapshots(root.path());
    let mut loaded = Convex::start();
    let (_, folder) = &snapshots[0];
    let Some(expected) = recount(&[folder]) else { return };
    loaded.store(folder);
    loaded.load();
    let all = std::env::var("SNOWDECK_KILLS").is_ok_and(|v| v == "all");
    let tree = "SELECT COUNT(DISTINCT NAME) FROM TABLE(INFORMATION_SCHEMA.TASK_DEPENDENTS(TASK_NAME => 'CONVEX_CONTROL.LOAD_CONVEX'))";
    assert_eq!(loaded.victim.text(tree), (TASKS.len() - 1).to_string(), "the finalizer apart");
    let drawn = TASKS[usize::try_from(Dice::new().below(16)).expect("a number")].0;
    for (task, table) in TASKS.into_iter().filter(|(task, _)| all || *task == drawn || *task == "FINISH_CONVEX") {
        let mut convex = loaded.copy();
        let victim = &mut convex.victim;
        let holder = victim.another_session();
        for sql in ["USE DATABASE CONVEX_INSURANCE", "BEGIN", &format!("DELETE FROM {table} WHERE 1 = 0")] {
            victim.run_in(&holder, sql).unwrap_or_else(|e| panic!("{sql}: {e:?}"));
        }
        victim.script(&["EXECUTE TASK CONVEX_CONTROL.LOAD_CONVEX"]);
        let running = format!(
            "SELECT COUNT(*) FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY(RESULT_LIMIT => 1000)) \
             WHERE NAME = '{task}' AND STATE = 'EXECUTING'"
        );
        victim.wait_for(&running, "1", Duration::from_mins(1));
        victim.kill();
        victim.restart();
        convex.wait();
        assert_eq!(convex.resume(), "", "killed at {task}");
        assert_eq!(convex.run_tree(), "", "killed at {task}");
        compare(&convex, &expected, &format!("killed at {task}"));
        let open = "SELECT COUNT_IF(STATE <> 'SUCCEEDED'), COUNT_IF(ENDED_AT IS NULL) FROM CONVEX_CONTROL.JOB_RUN";
        assert_eq!(convex.victim.text(open), "0|0", "killed at {task}");
    }
}

#[test]
fn a_branch_that_fails_leaves_the_others_right_and_is_retried() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let snapshots = snapshots(root.path());
    let mut convex = Convex::start();
    let (_, folder) = &snapshots[0];
    let Some(expected) = recount(&[folder]) else { return };
    convex.store(folder);
    convex.load();
    let victim = &convex.victim;
    victim.script(&["ALTER TABLE CONVEX_VAULT.SAT_PRODUCT RENAME TO CONVEX_VAULT.ELSEWHERE"]);
    let failed = convex.run_tree();
    assert!(failed.starts_with("VAULT_PRODUCT|FAILED|") && failed.contains("SAT_PRODUCT"), "{failed}");
    // The other branches are as they should be, and what stands behind the failed one has not begun.
    for table in ["CONVEX_VAULT.SAT_CUSTOMER", "CONVEX_VAULT.LINK_TRANSACTION_LINE", "CONVEX_WAREHOUSE.DIM_CUSTOMER"] {
        assert_eq!(
            victim.text(&format!("SELECT COUNT(*) FROM {table}")),
            expected["counts"][table].to_string(),
            "{table}"
        );
    }
    for table in ["CONVEX_VAULT.PIT_PRODUCT", "CONVEX_WAREHOUSE.FACT_PURCHASE_LINE", "CONVEX_DATAMART.MART_DAILY_SALES"]
    {
        assert_eq!(victim.text(&format!("SELECT COUNT(*) FROM {table}")), "0", "{table}");
    }
    victim.script(&["ALTER TABLE CONVEX_VAULT.ELSEWHERE RENAME TO CONVEX_VAULT.SAT_PRODUCT"]);
    assert_eq!(convex.resume(), "");
    compare(&convex, &expected, "after the retry");
    let twice = victim.text(
        "SELECT LISTAGG(DISTINCT NAME, ',') WITHIN GROUP (ORDER BY NAME) \
         FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY(RESULT_LIMIT => 1000)) WHERE ATTEMPT_NUMBER = 2",
    );
    assert!(twice.contains("VAULT_PRODUCT") && !twice.contains("VAULT_CUSTOMER"), "{twice}");
}
