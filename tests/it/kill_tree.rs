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
