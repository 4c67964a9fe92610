//! Schedules, triggers, limits and restarts.

use super::{GraphRecord, Scheduler, State, mark_committed};
use crate::jobs::Clock;
use crate::local::snowflake::engine::{Engine, Options};
use crate::local::snowflake::session::Session;
use crate::local::snowflake::testing::{check, login, rows, run};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

/// A clock that the test moves.
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

fn open(file: Option<&Path>) -> (Arc<Engine>, Arc<Hand>) {
    let clock = Arc::new(Hand(AtomicI64::new(1_700_000_000_000)));
    let options =
        Options { objects: None, clock: clock.clone(), account: "TEST".into(), admin: ("ADMIN".into(), "pw".into()) };
    (Engine::open(file, options).unwrap(), clock)
}

/// A session in D.S with a log table.
fn prepare(engine: &Arc<Engine>) -> Arc<Session> {
    let s = login(engine, "ADMIN", "pw");
    check(
        &s,
        &[
            ("CREATE DATABASE D", ""),
            ("CREATE SCHEMA D.S", ""),
            ("USE WAREHOUSE COMPUTE_WH", ""),
            ("CREATE TABLE L (X NUMBER)", ""),
        ],
    );
    s
}

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

fn log(s: &Session) -> Vec<Vec<String>> {
    rows(&run(s, "SELECT X FROM D.S.L ORDER BY X").unwrap())
}

#[test]
fn a_schedule_follows_the_engines_clock() {
    let (engine, clock) = open(None);
    let s = prepare(&engine);
    let _scheduler = Scheduler::start(engine.clone()).unwrap();
    check(
        &s,
        &[
            ("CREATE TASK R WAREHOUSE = COMPUTE_WH SCHEDULE = '60 MINUTES' AS INSERT INTO L VALUES (1)", ""),
            ("ALTER TASK R RESUME", ""),
        ],
    );
    for n in 1..=3 {
        clock.0.fetch_add(3_600_000, Ordering::Relaxed);
        engine.tasks.desk.poke();
        let graphs = wait(&engine, n);
        assert_eq!((graphs.len(), graphs[n - 1].from.as_str()), (n, "SCHEDULE"));
    }
    assert_eq!(log(&s).len(), 3);
}

#[test]
fn new_rows_trigger_a_task() {
    let (engine, _clock) = open(None);
    let s = prepare(&engine);
    let _scheduler = Scheduler::start(engine.clone()).unwrap();
    check(
        &s,
        &[
            ("CREATE TABLE T (X NUMBER)", ""),
            ("CREATE STREAM ST ON TABLE T", ""),
            (
                "CREATE TASK TR WAREHOUSE = COMPUTE_WH WHEN SYSTEM$STREAM_HAS_DATA('ST') AS INSERT INTO L SELECT X FROM ST",
                "",
            ),
            ("ALTER TASK TR RESUME", ""),
            ("INSERT INTO T VALUES (5), (6)", ""),
        ],
    );
    let graphs = wait(&engine, 1);
    assert_eq!((graphs[0].state, graphs[0].from.as_str()), (State::Succeeded, "TRIGGER"));
    assert_eq!(log(&s), [["5"], ["6"]]);
}

#[test]
fn time_limits_cancellations_retries_and_suspension() {
    let (engine, _clock) = open(None);
    let s = prepare(&engine);
    let _scheduler = Scheduler::start(engine.clone()).unwrap();
    let endless = "BEGIN LOOP LET x := 1; END LOOP; END";
    run(&s, &format!("CREATE TASK SLOW WAREHOUSE = COMPUTE_WH USER_TASK_TIMEOUT_MS = 200 AS {endless}")).unwrap();
    run(&s, "EXECUTE TASK SLOW").unwrap();
    assert_eq!(wait(&engine, 1)[0].first_error.as_ref().unwrap().1, "000630");

    run(&s, &format!("CREATE TASK ENDLESS WAREHOUSE = COMPUTE_WH AS {endless}")).unwrap();
    run(&s, "EXECUTE TASK ENDLESS").unwrap();
    let until = Instant::now() + Duration::from_mins(1);
    while engine.tasks.history.graphs().iter().filter(|g| !g.state.is_open()).count() < 2 {
        assert!(Instant::now() < until);
        run(&s, "SELECT SYSTEM$USER_TASK_CANCEL_ONGOING_EXECUTIONS('ENDLESS')").unwrap();
    }
    assert_eq!(engine.tasks.history.last_of(run_root(&engine, "ENDLESS")).unwrap().state, State::Cancelled);

    check(
        &s,
        &[
            (
                "CREATE TASK BAD WAREHOUSE = COMPUTE_WH SCHEDULE = '1 HOUR' TASK_AUTO_RETRY_ATTEMPTS = 1 \
                 SUSPEND_TASK_AFTER_NUM_FAILURES = 1 AS INSERT INTO NOPE VALUES (1)",
                "",
            ),
            ("ALTER TASK BAD RESUME", ""),
            ("EXECUTE TASK BAD", ""),
        ],
    );
    let graphs = wait(&engine, 4);
    let last = graphs.iter().rev().find(|g| g.name[2] == "BAD").unwrap();
    assert_eq!((last.key.attempt, last.from.as_str()), (2, "AUTOMATIC RETRY"));
    let until = Instant::now() + Duration::from_mins(1);
    loop {
        let listed = rows(&run(&s, "SHOW TASKS LIKE 'BAD'").unwrap());
        if listed[0][10] == "suspended" {
            assert_eq!(listed[0][20], "SUSPENDED_DUE_TO_ERRORS");
            break;
        }
        assert!(Instant::now() < until, "not suspended");
    }
}

fn run_root(engine: &Engine, name: &str) -> i64 {
    engine.tasks.history.graphs().iter().find(|g| g.name[2] == name).unwrap().key.root
}

/// What a crash leaves: two graphs in the middle of their roots, the first one's work committed, the second one's not.
#[test]
fn a_restart_finishes_what_was_begun_exactly_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("warehouse.duckdb");
    {
        let (engine, _clock) = open(Some(&file));
        let s = prepare(&engine);
        check(
            &s,
            &[
                ("CREATE TASK R1 WAREHOUSE = COMPUTE_WH AS INSERT INTO L VALUES (1)", ""),
                ("CREATE TASK C1 WAREHOUSE = COMPUTE_WH AFTER R1 AS INSERT INTO L VALUES (10)", ""),
                ("ALTER TASK C1 RESUME", ""),
                ("CREATE TASK R2 WAREHOUSE = COMPUTE_WH AS INSERT INTO L VALUES (2)", ""),
                ("CREATE TASK R3 WAREHOUSE = COMPUTE_WH AS BEGIN INSERT INTO L VALUES (3); END", ""),
                ("EXECUTE TASK R1", ""),
                ("EXECUTE TASK R2", ""),
                ("EXECUTE TASK R3", ""),
            ],
        );
        for mut graph in engine.tasks.history.graphs() {
            let mut root = engine.tasks.history.tasks_of(graph.key).remove(0);
            (graph.state, root.state) = (State::Executing, State::Executing);
            if root.name[2] == "R1" {
                mark_committed(&engine.connect().unwrap(), graph.key, root.task).unwrap();
            }
            engine.tasks.history.put_graph(&engine, graph);
            engine.tasks.history.put_task(&engine, root);
        }
        s.close();
    }
    let (engine, _clock) = open(Some(&file));
    let s = login(&engine, "ADMIN", "pw");
    run(&s, "USE WAREHOUSE COMPUTE_WH").unwrap();
    let _scheduler = Scheduler::start(engine.clone()).unwrap();
    let graphs = wait(&engine, 3);
    let state = |name: &str| graphs.iter().find(|g| g.name[2] == name).unwrap().state;
    assert_eq!((state("R1"), state("R2"), state("R3")), (State::Succeeded, State::Succeeded, State::Failed));
    // R1's row was never written in this test, only its mark: it must not run again. R3 may have done anything.
    assert_eq!(log(&s), [["2"], ["10"]]);
}
