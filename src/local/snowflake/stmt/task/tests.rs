//! Graphs on a running scheduler.

use crate::local::snowflake::engine::Engine;
use crate::local::snowflake::scheduler::{GraphRecord, Scheduler, State};
use crate::local::snowflake::session::Session;
use crate::local::snowflake::testing::{check, engine_of, rows, run, session};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A session in D.S with a log table, on an engine with a scheduler.
fn start() -> (Arc<Session>, Arc<Engine>, Scheduler) {
    let session = session();
    let engine = engine_of(&session);
    check(&session, &[("USE WAREHOUSE COMPUTE_WH", ""), ("CREATE TABLE L (X NUMBER)", "")]);
    let scheduler = Scheduler::start(engine.clone()).unwrap();
    (session, engine, scheduler)
}

/// Waits until `n` graph runs have ended.
fn wait(engine: &Engine, n: usize) -> Vec<GraphRecord> {
    let until = Instant::now() + Duration::from_mins(1);
    loop {
        let all = engine.tasks.history.graphs();
        if all.iter().filter(|g| !g.state.is_open()).count() >= n {
            return all;
        }
        assert!(Instant::now() < until, "still open: {all:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn states(engine: &Engine) -> Vec<(String, &'static str)> {
    let mut all: Vec<_> = engine.tasks.history.tasks().iter().map(|t| (t.name[2].clone(), t.state.name())).collect();
    all.sort();
    all
}

/// Sum and number of the log's rows.
fn sums(session: &Session) -> String {
    let all = rows(&run(session, "SELECT X FROM L").unwrap());
    let sum: i64 = all.iter().map(|r| r[0].parse::<i64>().unwrap()).sum();
    format!("{sum}|{}", all.len())
}

#[test]
fn children_run_when_all_predecessors_have_succeeded() {
    let (s, engine, _scheduler) = start();
    check(
        &s,
        &[
            (
                "CREATE TASK R WAREHOUSE = COMPUTE_WH SCHEDULE = '60 MINUTES' AS INSERT INTO L VALUES (1)",
                "Task R successfully created.",
            ),
            ("CREATE TASK A WAREHOUSE = COMPUTE_WH AFTER R AS INSERT INTO L VALUES (10)", ""),
            ("CREATE TASK B WAREHOUSE = COMPUTE_WH AFTER R AS INSERT INTO L VALUES (100)", ""),
            (
                "CREATE TASK C WAREHOUSE = COMPUTE_WH AFTER A, B, A AS INSERT INTO L SELECT X * 10 FROM L WHERE X = 100",
                "",
            ),
            ("CREATE TASK F WAREHOUSE = COMPUTE_WH FINALIZE = R AS INSERT INTO L VALUES (10000)", ""),
            ("SELECT SYSTEM$TASK_DEPENDENTS_ENABLE('D.S.R')", ""),
            ("EXECUTE TASK R", "Task R is scheduled to run immediately."),
        ],
    );
    let graphs = wait(&engine, 1);
    assert_eq!((graphs[0].state, graphs[0].from.as_str()), (State::Succeeded, "EXECUTE_TASK"));
    assert_eq!(sums(&s), "11111|5");
    assert!(states(&engine).iter().all(|(_, state)| *state == "SUCCEEDED"), "{:?}", states(&engine));
}

#[test]
fn a_failure_stops_the_successors_and_retry_goes_on_from_there() {
    let (s, engine, _scheduler) = start();
    check(
        &s,
        &[
            ("CREATE TASK R WAREHOUSE = COMPUTE_WH AS INSERT INTO L VALUES (1)", ""),
            ("CREATE TASK A WAREHOUSE = COMPUTE_WH AFTER R AS INSERT INTO T2 VALUES (10)", ""),
            ("CREATE TASK B WAREHOUSE = COMPUTE_WH AFTER A AS INSERT INTO L VALUES (100)", ""),
            ("CREATE TASK F WAREHOUSE = COMPUTE_WH FINALIZE = R AS INSERT INTO L VALUES (1000)", ""),
            ("ALTER TASK A RESUME", ""),
            ("ALTER TASK B RESUME", ""),
            ("ALTER TASK F RESUME", ""),
            ("EXECUTE TASK R RETRY LAST", "~no suitable run of graph with root task R to retry."),
            ("EXECUTE TASK R", ""),
        ],
    );
    assert_eq!(wait(&engine, 1)[0].state, State::Failed);
    assert_eq!(sums(&s), "1001|2");
    let want = [("A", "FAILED"), ("F", "SUCCEEDED"), ("R", "SUCCEEDED")].map(|(n, st)| (n.to_owned(), st));
    assert_eq!(states(&engine), want);
    let error = engine.tasks.history.tasks().into_iter().find(|t| t.name[2] == "A").unwrap().error.unwrap();
    assert_eq!(error.0, "002003");
    check(&s, &[("CREATE TABLE T2 (X NUMBER)", ""), ("EXECUTE TASK R RETRY LAST", "")]);
    let graphs = wait(&engine, 2);
    assert_eq!(
        (graphs[1].state, graphs[1].key.attempt, graphs[1].from.as_str()),
        (State::Succeeded, 2, "MANUAL RETRY")
    );
    assert_eq!((graphs[1].key.run_id, sums(&s).as_str()), (graphs[0].key.run_id, "2101|4"));
    check(&s, &[("EXECUTE TASK R RETRY LAST", "~had no failures.")]);
}

#[test]
fn suspended_children_are_passed_over() {
    let (s, engine, _scheduler) = start();
    check(
        &s,
        &[
            ("CREATE TASK R WAREHOUSE = COMPUTE_WH AS INSERT INTO L VALUES (1)", ""),
            ("CREATE TASK A WAREHOUSE = COMPUTE_WH AFTER R AS INSERT INTO L VALUES (10)", ""),
            ("CREATE TASK B WAREHOUSE = COMPUTE_WH AFTER A AS INSERT INTO L VALUES (100)", ""),
            ("ALTER TASK B RESUME", ""),
            ("EXECUTE TASK R", ""),
        ],
    );
    wait(&engine, 1);
    assert_eq!(sums(&s), "101|2");
}

#[test]
fn a_condition_that_does_not_hold_skips_the_run() {
    let (s, engine, _scheduler) = start();
    check(
        &s,
        &[
            ("CREATE TASK R WAREHOUSE = COMPUTE_WH WHEN 1 = 2 AS INSERT INTO L VALUES (1)", ""),
            ("CREATE TASK A WAREHOUSE = COMPUTE_WH AFTER R AS INSERT INTO L VALUES (10)", ""),
            ("ALTER TASK A RESUME", ""),
            ("EXECUTE TASK R", ""),
        ],
    );
    assert_eq!(wait(&engine, 1)[0].state, State::Skipped);
    assert_eq!((states(&engine), sums(&s).as_str()), (vec![("R".to_owned(), "SKIPPED")], "0|0"));
}

#[test]
fn return_values_go_from_task_to_task() {
    let (s, engine, _scheduler) = start();
    check(
        &s,
        &[
            (
                "CREATE TASK R WAREHOUSE = COMPUTE_WH CONFIG = $${\"n\": \"5\"}$$ AS SELECT SYSTEM$SET_RETURN_VALUE('7')",
                "",
            ),
            (
                "CREATE TASK A WAREHOUSE = COMPUTE_WH AFTER R WHEN SYSTEM$GET_PREDECESSOR_RETURN_VALUE('R') = '7' \
                 AS INSERT INTO L SELECT SYSTEM$GET_PREDECESSOR_RETURN_VALUE()::INT + SYSTEM$GET_TASK_GRAPH_CONFIG('n')::INT",
                "",
            ),
            ("ALTER TASK A RESUME", ""),
            ("EXECUTE TASK R", ""),
        ],
    );
    assert_eq!(wait(&engine, 1)[0].state, State::Succeeded, "{:?}", engine.tasks.history.tasks());
    assert_eq!(sums(&s), "12|1");
    let root = engine.tasks.history.tasks().into_iter().find(|t| t.name[2] == "R").unwrap();
    assert_eq!(root.return_value.as_deref(), Some("7"));
}

#[test]
fn rules_of_a_graph_are_kept_in_snowflakes_words() {
    let s = session();
    check(
        &s,
        &[
            ("CREATE SCHEMA D.S2", ""),
            ("CREATE TASK R9 WAREHOUSE = COMPUTE_WH AS SELECT 1", ""),
            ("USE SCHEMA D.S", ""),
            ("CREATE TASK R1 WAREHOUSE = COMPUTE_WH SCHEDULE = '5 MINUTES' AS SELECT 1", ""),
            ("CREATE TASK R2 WAREHOUSE = COMPUTE_WH SCHEDULE = '5 MINUTES' AS SELECT 1", ""),
            ("CREATE TASK C1 WAREHOUSE = COMPUTE_WH AFTER R1 AS SELECT 1", ""),
            (
                "CREATE TASK C2 WAREHOUSE = COMPUTE_WH AFTER NO_SUCH AS SELECT 1",
                "~Invalid predecessor NO_SUCH was specified.",
            ),
            (
                "CREATE TASK C2 WAREHOUSE = COMPUTE_WH AFTER S2.R9 AS SELECT 1",
                "~Cannot have predecessor R9 from a different schema.",
            ),
            ("CREATE TASK C2 WAREHOUSE = COMPUTE_WH AFTER R1, R2 AS SELECT 1", "~more than one root task"),
            ("ALTER TASK C1 SET SCHEDULE = '5 MINUTES'", "~Task C1 cannot have both a schedule and a predecessor."),
            ("ALTER TASK C1 REMOVE AFTER R2", "~Task C1 does not have predecessor R2."),
            (
                "ALTER TASK C1 SET ALLOW_OVERLAPPING_EXECUTION = TRUE",
                "~Cannot set allow_overlapping_execution on non-root task D.S.C1.",
            ),
            ("ALTER TASK C1 SET ALLOW_OVERLAPPING_EXECUTION = FALSE", ""),
            (
                "ALTER TASK C1 SET TASK_AUTO_RETRY_ATTEMPTS = 2",
                "~Cannot set parameter TASK_AUTO_RETRY_ATTEMPTS on non-root task C1.",
            ),
            (
                "ALTER TASK C1 SET CONFIG = $${\"a\": 1}$$",
                "~Task D.S.C1 cannot both be a non-root task and have a config.",
            ),
            (
                "CREATE TASK F2 WAREHOUSE = COMPUTE_WH FINALIZE = C1 AS SELECT 1",
                "~Task D.S.F2 cannot finalize a non-root task D.S.C1.",
            ),
            ("CREATE TASK F1 WAREHOUSE = COMPUTE_WH FINALIZE = R1 AS SELECT 1", ""),
            (
                "CREATE TASK F2 WAREHOUSE = COMPUTE_WH FINALIZE = R1 AS SELECT 1",
                "~Finalize target R1 already have finalizer.",
            ),
            ("ALTER TASK F1 SET SCHEDULE = '5 MINUTES'", "~Task F1 cannot have a schedule and be a finalizer task."),
            (
                "CREATE TASK C3 WAREHOUSE = COMPUTE_WH AFTER F1 AS SELECT 1",
                "~Task D.S.F1 cannot have children as a finalizer task.",
            ),
            ("ALTER TASK R1 SET FINALIZE = R1", "~Task R1 cannot finalize itself."),
            ("ALTER TASK R1 UNSET SCHEDULE", ""),
            ("ALTER TASK R1 ADD AFTER R2", "~This task has a finalizer and cannot be made a child task."),
            ("ALTER TASK R1 SET SCHEDULE = '5 MINUTES'", ""),
            ("ALTER TASK R1 RESUME", "Statement executed successfully."),
            ("ALTER TASK C1 RESUME", "091421"),
            (
                "ALTER TASK C1 SET COMMENT = 'x'",
                "~Unable to update graph with root task D.S.R1 since that root task is not suspended.",
            ),
            ("CREATE TASK C4 WAREHOUSE = COMPUTE_WH AFTER C1 AS SELECT 1", "091421"),
            ("ALTER TASK R1 SUSPEND", ""),
            ("DROP TASK R1", "R1 successfully dropped."),
            ("SHOW TASKS LIKE 'c%'", "#1"),
            ("EXECUTE TASK C1", "Task C1 is scheduled to run immediately."),
            ("CREATE TASK W WAREHOUSE = NO_WH AS SELECT 1", "002003"),
            ("CREATE TASK W SCHEDULE = 'soon' AS SELECT 1", "001008"),
        ],
    );
    let listed = run(&s, "SHOW TASKS IN SCHEMA D.S").unwrap();
    let names: Vec<&str> = listed.fields.iter().map(|f| f.name.as_str()).collect();
    assert_eq!((names.len(), names[9], names[26]), (27, "predecessors", "created_by_user"));
    let c1 = rows(&listed).into_iter().find(|r| r[1] == "C1").unwrap();
    assert_eq!((c1[9].as_str(), c1[10].as_str(), c1[20].as_str()), ("[]", "suspended", "CHILD_BECAME_ROOT"));
}

#[test]
fn history_is_a_table() {
    let (s, engine, _scheduler) = start();
    check(
        &s,
        &[
            (
                "CREATE TASK R WAREHOUSE = COMPUTE_WH SCHEDULE = 'USING CRON 0 3 * * * UTC' AS INSERT INTO L VALUES (1)",
                "",
            ),
            ("ALTER TASK R RESUME", ""),
            ("EXECUTE TASK R", ""),
        ],
    );
    wait(&engine, 1);
    check(
        &s,
        &[
            (
                "SELECT STATE, SCHEDULED_FROM, ATTEMPT_NUMBER FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY(TASK_NAME => 'r')) WHERE QUERY_ID IS NOT NULL",
                "=SUCCEEDED|EXECUTE_TASK|1",
            ),
            ("SELECT STATE FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY()) LIMIT 1", "SCHEDULED"),
            ("SELECT ROOT_TASK_NAME, STATE FROM TABLE(INFORMATION_SCHEMA.COMPLETE_TASK_GRAPHS())", "=R|SUCCEEDED"),
            (
                "SELECT NAME FROM TABLE(INFORMATION_SCHEMA.TASK_DEPENDENTS(TASK_NAME => 'D.S.R', RECURSIVE => TRUE))",
                "R",
            ),
        ],
    );
}
