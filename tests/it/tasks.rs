//! Task graphs on a running scheduler: every rule, every refusal, with a clock that is moved ahead.

use crate::account::{Account, in_schema};
use snowdeck::local::snowflake::scheduler::{Scheduler, State};
use snowdeck::local::snowflake::session::Login;
use std::time::{Duration, Instant};

/// An account with a scheduler, a log table L and a warehouse.
fn scheduled() -> (Account, Scheduler) {
    let a = in_schema();
    a.script(&[("USE WAREHOUSE COMPUTE_WH", ""), ("CREATE TABLE L (X VARCHAR)", "")]);
    let scheduler = Scheduler::start(a.engine.clone()).unwrap();
    (a, scheduler)
}

/// Waits until `n` graph runs have ended; gives their states, the oldest first.
fn wait(a: &Account, n: usize) -> Vec<State> {
    let until = Instant::now() + Duration::from_mins(1);
    loop {
        let all = a.engine.tasks.history.graphs();
        let ended: Vec<State> = all.iter().map(|g| g.state).filter(|s| !s.is_open()).collect();
        if ended.len() >= n {
            return ended;
        }
        assert!(Instant::now() < until, "still open: {all:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until a graph's run has begun.
fn begun(a: &Account, name: &str) {
    let until = Instant::now() + Duration::from_mins(1);
    while !a.engine.tasks.history.graphs().iter().any(|g| g.name[2] == name && g.state == State::Executing) {
        assert!(Instant::now() < until, "{name} does not begin");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Cancels what runs of some tasks until `n` graph runs have ended: a run may begin behind a cancellation.
fn cancel(a: &Account, names: &[&str], n: usize) {
    let until = Instant::now() + Duration::from_mins(1);
    while a.engine.tasks.history.graphs().iter().filter(|g| !g.state.is_open()).count() < n {
        assert!(Instant::now() < until, "not cancelled");
        for name in names {
            a.run(&format!("SELECT SYSTEM$USER_TASK_CANCEL_ONGOING_EXECUTIONS('{name}')")).unwrap();
        }
    }
}

fn task(name: &str, rest: &str) -> String {
    format!("CREATE TASK {name} WAREHOUSE = COMPUTE_WH {rest}")
}

#[test]
fn a_tasks_statements_are_shown_to_its_owner_and_to_who_watches_it_or_its_warehouse() {
    let (a, _scheduler) = scheduled();
    a.script(&[
        (&task("T1", "AS INSERT INTO L SELECT 'x' FROM TABLE(GENERATOR(ROWCOUNT => 3))"), ""),
        ("EXECUTE TASK T1", ""),
        ("CREATE USER U PASSWORD = 'pw'", ""),
        ("GRANT USAGE ON DATABASE DB TO ROLE PUBLIC", ""),
    ]);
    assert_eq!(wait(&a, 1), [State::Succeeded]);
    let roles = [
        ("OWNS", "GRANT OWNERSHIP ON TASK T1 TO ROLE OWNS", "3"),
        ("MONITORS", "GRANT MONITOR ON TASK T1 TO ROLE MONITORS", "3"),
        ("WATCHES", "GRANT MONITOR ON WAREHOUSE COMPUTE_WH TO ROLE WATCHES", "3"),
        ("USES", "GRANT USAGE ON WAREHOUSE COMPUTE_WH TO ROLE USES", ""),
    ];
    for (role, grant, seen) in roles {
        a.script(&[(&format!("CREATE ROLE {role}"), ""), (&format!("GRANT ROLE {role} TO USER U"), ""), (grant, "")]);
        let login =
            Login { user: "U".into(), password: Some("pw".into()), role: Some(role.into()), ..Login::default() };
        let u = Account { engine: a.engine.clone(), session: a.engine.login(&login).unwrap() };
        let sql = "SELECT ROWS_PRODUCED FROM TABLE(DB.INFORMATION_SCHEMA.QUERY_HISTORY()) WHERE USER_NAME = 'SYSTEM'";
        assert_eq!(u.run("USE SECONDARY ROLES NONE").and_then(|_| u.run(sql)).unwrap(), seen, "{role}");
    }
}

#[test]
fn the_rules_of_a_graph_in_snowflakes_words() {
    let a = in_schema();
    a.script(&[
        ("CREATE SCHEMA DB.S2", ""),
        (&task("DB.S2.R9", "AS SELECT 1"), "Task R9 successfully created."),
        ("USE SCHEMA DB.S", ""),
        (&task("R1", "SCHEDULE = '5 MINUTES' AS SELECT 1"), ""),
        (&task("R2", "SCHEDULE = '5 MINUTES' AS SELECT 1"), ""),
        (&task("R3", "SCHEDULE = '5 MINUTES' AS SELECT 1"), ""),
        (&task("C1", "AFTER R1 AS SELECT 1"), ""),
        (&task("F1", "FINALIZE = R1 AS SELECT 1"), ""),
        (&task("R4", "AS SELECT 1"), ""),
        (&task("C4", "AFTER R4 AS SELECT 1"), ""),
    ]);
    for (sql, text) in [
        ("ALTER TASK C1 ADD AFTER R2", "The graph has more than one root task (one without predecessors)"),
        ("ALTER TASK C1 SET SCHEDULE = '5 MINUTES'", "Task C1 cannot have both a schedule and a predecessor."),
        ("ALTER TASK C1 ADD AFTER NO_SUCH_TASK", "Invalid predecessor NO_SUCH_TASK was specified."),
        ("ALTER TASK C1 ADD AFTER S2.R9", "Cannot have predecessor R9 from a different schema."),
        ("ALTER TASK C1 REMOVE AFTER R3", "Task C1 does not have predecessor R3."),
        (
            "ALTER TASK C1 SET ALLOW_OVERLAPPING_EXECUTION = TRUE",
            "Cannot set allow_overlapping_execution on non-root task DB.S.C1.",
        ),
        (
            "ALTER TASK C1 SET OVERLAP_POLICY = ALLOW_ALL_OVERLAP",
            "Cannot set allow_overlapping_execution on non-root task DB.S.C1.",
        ),
        (
            "ALTER TASK C1 SET TASK_AUTO_RETRY_ATTEMPTS = 3",
            "Cannot set parameter TASK_AUTO_RETRY_ATTEMPTS on non-root task C1. Non-root tasks use the parameter setting from their root task. Please set this on the root task for this task instead.",
        ),
        ("ALTER TASK C1 SET CONFIG = $${\"a\":1}$$", "Task DB.S.C1 cannot both be a non-root task and have a config."),
        ("ALTER TASK F1 SET CONFIG = $${\"a\":1}$$", "Task DB.S.F1 cannot both be a non-root task and have a config."),
        ("CREATE TASK F2 FINALIZE = C1 AS SELECT 1", "Task DB.S.F2 cannot finalize a non-root task DB.S.C1."),
        ("CREATE TASK F2 FINALIZE = R1 AS SELECT 1", "Finalize target R1 already have finalizer."),
        ("CREATE TASK F2 FINALIZE = S2.R9 AS SELECT 1", "Cannot finalize graph S2.R9 in a different schema."),
        ("CREATE TASK F2 FINALIZE = S2.NO_SUCH AS SELECT 1", "Invalid finalized root task S2.NO_SUCH was specified."),
        ("ALTER TASK F1 SET SCHEDULE = '5 MINUTES'", "Task F1 cannot have a schedule and be a finalizer task."),
        ("ALTER TASK R4 SET FINALIZE = R2", "Task DB.S.R4 cannot have children as a finalizer task."),
        ("ALTER TASK C4 SET FINALIZE = R2", "Task DB.S.C4 cannot have predecessors as a finalizer task."),
        ("ALTER TASK R2 SET FINALIZE = R2", "Task R2 cannot finalize itself."),
        ("ALTER TASK R4 ADD AFTER C4", "Task R4 cannot be its own predecessor: the graph would have a cycle."),
        (
            "CREATE TASK W WAREHOUSE = COMPUTE_WH TARGET_COMPLETION_INTERVAL = '5 MINUTES' AS SELECT 1",
            "TARGET_COMPLETION_INTERVAL is only allowed for serverless Tasks.",
        ),
        (
            "CREATE TASK W TARGET_COMPLETION_INTERVAL = '5 MINUTES' WAREHOUSE = COMPUTE_WH AS SELECT 1",
            "TARGET_COMPLETION_INTERVAL is only allowed for serverless Tasks.",
        ),
        ("CREATE TASK W AUTOCOMMIT = FALSE AS SELECT 1", "AUTOCOMMIT"),
        ("CREATE TASK W TASK_AUTO_RETRY_ATTEMPTS = 31 AS SELECT 1", "TASK_AUTO_RETRY_ATTEMPTS"),
        ("CREATE TASK W WHEN (SELECT COUNT(*) FROM L) > 0 AS SELECT 1", "task condition expression"),
        ("CREATE TASK W WHEN CURRENT_DATE() > '2020-01-01' AS SELECT 1", "task condition expression"),
    ] {
        let e = a.run(sql).expect_err(sql);
        assert!(e.message.ends_with(text) || e.message.contains(text), "{sql}\n got {e}\nwant {text}");
    }
    // Setting what is the default already is no violation; a list that repeats itself counts once.
    a.script(&[
        ("ALTER TASK C1 SET ALLOW_OVERLAPPING_EXECUTION = FALSE", ""),
        (&task("D", "AFTER R3, R3 AS SELECT 1"), ""),
        ("ALTER TASK R1 UNSET SCHEDULE", ""),
    ]);
    let e = a.run("ALTER TASK R1 ADD AFTER R2").unwrap_err();
    assert!(e.message.starts_with("This task has a finalizer and cannot be made a child task."), "{e}");
}

#[test]
fn a_started_root_holds_its_graph() {
    let a = in_schema();
    a.script(&[
        (&task("R", "SCHEDULE = '5 MINUTES' AS SELECT 1"), ""),
        (&task("C", "AFTER R AS SELECT 1"), ""),
        (&task("F", "FINALIZE = R AS SELECT 1"), ""),
        ("ALTER TASK R RESUME", ""),
    ]);
    let text = "Unable to update graph with root task DB.S.R since that root task is not suspended.";
    for sql in [
        "ALTER TASK C RESUME",
        "ALTER TASK C SUSPEND",
        "ALTER TASK C SET COMMENT = 'x'",
        "ALTER TASK C MODIFY AS SELECT 2",
        "ALTER TASK F SUSPEND",
        "ALTER TASK R SET SCHEDULE = '6 MINUTES'",
        "CREATE TASK D WAREHOUSE = COMPUTE_WH AFTER C AS SELECT 1",
        "CREATE OR ALTER TASK C WAREHOUSE = COMPUTE_WH AFTER R AS SELECT 2",
    ] {
        let e = a.run(sql).expect_err(sql);
        assert_eq!((e.code, e.state, e.message.as_str()), ("091421", "22000", text), "{sql}");
    }
    a.script(&[("ALTER TASK R SUSPEND", ""), ("ALTER TASK C RESUME", ""), ("ALTER TASK F RESUME", "")]);
}

#[test]
fn who_may_run_a_task() {
    let a = in_schema();
    a.script(&[
        ("CREATE ROLE R", ""),
        ("GRANT USAGE ON DATABASE DB TO ROLE R", ""),
        ("GRANT USAGE, CREATE TASK ON SCHEMA DB.S TO ROLE R", ""),
        ("GRANT USAGE ON WAREHOUSE COMPUTE_WH TO ROLE R", ""),
        ("GRANT ROLE R TO USER ADMIN", ""),
        ("USE ROLE R", ""),
        ("USE SCHEMA DB.S", ""),
        (&task("T", "SCHEDULE = '5 MINUTES' AS SELECT 1"), ""),
    ]);
    let e = a.run("ALTER TASK T RESUME").unwrap_err();
    let text = "Cannot execute task, EXECUTE TASK privilege must be granted to owner role";
    assert_eq!((e.code, e.state, e.message.as_str()), ("091089", "23001", text));
    a.script(&[
        ("USE ROLE ACCOUNTADMIN", ""),
        ("GRANT EXECUTE TASK ON ACCOUNT TO ROLE R", ""),
        ("REVOKE USAGE ON WAREHOUSE COMPUTE_WH FROM ROLE R", ""),
        ("USE ROLE R", ""),
    ]);
    let e = a.run("ALTER TASK T RESUME").unwrap_err();
    assert_eq!(e.message, "USAGE privilege on the task's warehouse must be granted to owner role");
}

#[test]
fn links_are_cut_by_drop_and_by_a_new_owner() {
    let a = in_schema();
    a.script(&[
        ("CREATE ROLE R", ""),
        (&task("ROOT", "AS SELECT 1"), ""),
        (&task("A", "AFTER ROOT AS SELECT 1"), ""),
        (&task("B", "AFTER A AS SELECT 1"), ""),
        (&task("F", "FINALIZE = ROOT AS SELECT 1"), ""),
        ("ALTER TASK A RESUME", ""),
        ("ALTER TASK B RESUME", ""),
        ("GRANT OWNERSHIP ON TASK A TO ROLE R", ""),
    ]);
    let listed = |name: &str| {
        a.run(&format!("SHOW TASKS LIKE '{name}'")).unwrap();
        a.run("SELECT \"predecessors\", \"state\", \"last_suspended_reason\" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))")
            .unwrap()
    };
    assert_eq!(listed("A"), "[]|suspended|CHILD_BECAME_ROOT");
    assert_eq!(listed("B"), "[]|suspended|CHILD_BECAME_ROOT");
    a.script(&[("DROP TASK ROOT", "ROOT successfully dropped.")]);
    assert_eq!(listed("F"), "[]|suspended|FINALIZER_BECAME_ROOT");
}

#[test]
fn schedules_follow_the_clock_that_is_moved_ahead() {
    let (a, _scheduler) = scheduled();
    a.script(&[
        (&task("R", "SCHEDULE = '60 MINUTES' AS INSERT INTO L VALUES ('hourly')"), ""),
        (&task("C", "SCHEDULE = 'USING CRON 0 4 * * * Asia/Tokyo' AS INSERT INTO L VALUES ('daily')"), ""),
        ("ALTER TASK R RESUME", ""),
    ]);
    let before = a.run("SELECT CURRENT_TIMESTAMP()::TIMESTAMP_NTZ").unwrap();
    a.script(&[("CALL SYSTEM$SNOWDECK_ADVANCE_CLOCK(1800)", "")]);
    assert!(a.run("SELECT CURRENT_TIMESTAMP()::TIMESTAMP_NTZ").unwrap() > before, "the session's time follows");
    assert!(a.engine.tasks.history.graphs().is_empty(), "half an hour is not an hour");
    a.script(&[("CALL SYSTEM$SNOWDECK_ADVANCE_CLOCK(1800)", "")]);
    assert_eq!(wait(&a, 1), [State::Succeeded]);
    a.script(&[
        ("SELECT X FROM L", "hourly"),
        ("ALTER TASK R SUSPEND", ""),
        ("ALTER TASK C RESUME", ""),
        ("CALL SYSTEM$SNOWDECK_ADVANCE_CLOCK(86400)", ""),
    ]);
    wait(&a, 2);
    a.script(&[
        (
            "SELECT NAME, STATE, SCHEDULED_FROM, CONVERT_TIMEZONE('Asia/Tokyo', SCHEDULED_TIME)::TIME(0)::VARCHAR \
             FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY(TASK_NAME => 'C')) WHERE STATE <> 'SCHEDULED'",
            "C|SUCCEEDED|SCHEDULE|04:00:00",
        ),
        ("CALL SYSTEM$SNOWDECK_ADVANCE_CLOCK(-1)", "!001008"),
        ("CALL SYSTEM$SNOWDECK_ADVANCE_CLOCK()", "!000938"),
        ("USE ROLE PUBLIC", ""),
        ("USE SECONDARY ROLES NONE", ""),
        ("CALL SYSTEM$SNOWDECK_ADVANCE_CLOCK(1)", "!003001"),
    ]);
}

#[test]
fn a_short_run_has_ended_when_execute_task_answers_and_a_long_one_goes_on() {
    let (a, _scheduler) = scheduled();
    a.script(&[
        (&task("LONG", "AS BEGIN LOOP LET x := 1; END LOOP; END"), ""),
        ("EXECUTE TASK LONG", "Task LONG is scheduled to run immediately."),
    ]);
    begun(&a, "LONG");
    a.script(&[("SELECT STATE FROM TABLE(INFORMATION_SCHEMA.CURRENT_TASK_GRAPHS())", "EXECUTING")]);
    cancel(&a, &["LONG"], 1);
    assert_eq!(wait(&a, 1), [State::Cancelled]);
    a.script(&[
        ("SELECT STATE FROM TABLE(INFORMATION_SCHEMA.COMPLETE_TASK_GRAPHS(ROOT_TASK_NAME => 'LONG'))", "CANCELLED"),
        ("EXECUTE TASK NO_SUCH", "!002003"),
    ]);
}

#[test]
fn what_a_run_knows_about_itself() {
    let (a, _scheduler) = scheduled();
    let info = |what: &str| format!("SYSTEM$TASK_RUNTIME_INFO('{what}')");
    let body = format!(
        "INSERT INTO L SELECT {} || ' ' || ({} = RUN) || ' ' || NVL({}, 'none') || ' ' || SYSTEM$GET_TASK_GRAPH_CONFIG('env.name') \
         || ' ' || SYSTEM$CURRENT_USER_TASK_NAME() FROM (SELECT {} AS RUN)",
        info("CURRENT_ROOT_TASK_NAME"),
        info("CURRENT_TASK_GRAPH_RUN_GROUP_ID"),
        info("LAST_SUCCESSFUL_TASK_GRAPH_RUN_GROUP_ID"),
        info("CURRENT_TASK_GRAPH_RUN_GROUP_ID"),
    );
    a.script(&[
        (&task("R", "CONFIG = $${\"env\":{\"name\":\"dev\",\"size\":1}}$$ AS SELECT SYSTEM$SET_RETURN_VALUE('v')"), ""),
        (&task("C", &format!("AFTER R WHEN SYSTEM$GET_PREDECESSOR_RETURN_VALUE('R') = 'v' AS {body}")), ""),
        ("ALTER TASK C RESUME", ""),
        ("EXECUTE TASK R USING CONFIG = $${\"env\":{\"name\":\"test\"}}$$", ""),
    ]);
    assert_eq!(wait(&a, 1), [State::Succeeded], "{:?}", a.engine.tasks.history.tasks());
    a.script(&[
        ("SELECT X FROM L", "R true none test C"),
        (
            "SELECT RETURN_VALUE, CONFIG, ATTEMPT_NUMBER, GRAPH_VERSION > 1 FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY(TASK_NAME => 'R'))",
            "v|{\"env\":{\"name\":\"test\",\"size\":1}}|1|1",
        ),
        ("SELECT SYSTEM$TASK_RUNTIME_INFO('CURRENT_ROOT_TASK_NAME')", "!001044"),
        ("SELECT SYSTEM$SET_RETURN_VALUE('x')", "!001044"),
        ("EXECUTE TASK C", "!091088"),
    ]);
}

#[test]
fn overlap_and_timeouts() {
    let (a, _scheduler) = scheduled();
    let endless = "AS BEGIN LOOP LET x := 1; END LOOP; END";
    a.script(&[
        (&task("ONE", &format!("SCHEDULE = '10 MINUTES' {endless}")), ""),
        (&task("MANY", &format!("SCHEDULE = '10 MINUTES' OVERLAP_POLICY = ALLOW_ALL_OVERLAP {endless}")), ""),
        ("ALTER TASK ONE RESUME", ""),
        ("ALTER TASK MANY RESUME", ""),
    ]);
    let open =
        |name: &str| a.engine.tasks.history.graphs().iter().filter(|g| g.name[2] == name && g.state.is_open()).count();
    for n in 1..=3 {
        a.script(&[("CALL SYSTEM$SNOWDECK_ADVANCE_CLOCK(600)", "")]);
        let until = Instant::now() + Duration::from_mins(1);
        while open("MANY") < n {
            assert!(Instant::now() < until, "{} of {n}", open("MANY"));
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    assert_eq!(open("ONE"), 1, "a run whose predecessor is still busy is left out");
    a.script(&[("ALTER TASK ONE SUSPEND", ""), ("ALTER TASK MANY SUSPEND", "")]);
    cancel(&a, &["ONE", "MANY"], 4);
    a.script(&[(&task("SLOW", &format!("STATEMENT_TIMEOUT_IN_SECONDS = 1 {endless}")), ""), ("EXECUTE TASK SLOW", "")]);
    wait(&a, 5);
    a.script(&[(
        "SELECT STATE, ERROR_CODE, ERROR_MESSAGE FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY(TASK_NAME => 'SLOW', ERROR_ONLY => TRUE))",
        "FAILED|000630|Statement reached its statement or warehouse timeout of 1 second(s) and was canceled.",
    )]);
}

#[test]
fn a_graph_changed_since_its_failure_is_not_retried() {
    let (a, _scheduler) = scheduled();
    a.script(&[
        (&task("R", "AS SELECT 1"), ""),
        (&task("C", "AFTER R AS INSERT INTO NOPE VALUES (1)"), ""),
        ("ALTER TASK C RESUME", ""),
        ("EXECUTE TASK R", ""),
    ]);
    assert_eq!(wait(&a, 1), [State::Failed]);
    a.script(&[
        (
            "SELECT FIRST_ERROR_TASK_NAME, FIRST_ERROR_CODE, STATE FROM TABLE(INFORMATION_SCHEMA.COMPLETE_TASK_GRAPHS(ERROR_ONLY => TRUE))",
            "C|002003|FAILED",
        ),
        ("ALTER TASK C MODIFY AS INSERT INTO L VALUES ('mended')", ""),
    ]);
    let e = a.run("EXECUTE TASK R RETRY LAST").unwrap_err();
    assert_eq!(e.message, "Cannot perform retry: no suitable run of graph with root task R to retry.");
    a.script(&[("EXECUTE TASK R", "")]);
    assert_eq!(wait(&a, 2)[1], State::Succeeded);
    let e = a.run("EXECUTE TASK R RETRY LAST").unwrap_err();
    assert_eq!(e.message, "Cannot perform retry: graph with root task R had no failures.");
}

#[test]
fn a_run_keeps_the_definitions_that_it_began_with() {
    let (a, _scheduler) = scheduled();
    a.script(&[
        ("CREATE TABLE GO (X NUMBER)", ""),
        (&task("R", "AS BEGIN LET n := 0; WHILE (n = 0) DO SELECT COUNT(*) INTO :n FROM GO; END WHILE; END"), ""),
        (&task("C", "AFTER R AS INSERT INTO L VALUES ('old')"), ""),
        ("ALTER TASK C RESUME", ""),
        ("EXECUTE TASK R", ""),
    ]);
    begun(&a, "R");
    a.script(&[("ALTER TASK C MODIFY AS INSERT INTO L VALUES ('new')", ""), ("INSERT INTO GO VALUES (1)", "1")]);
    wait(&a, 1);
    a.script(&[("SELECT X FROM L", "old"), ("EXECUTE TASK R", "")]);
    wait(&a, 2);
    a.script(&[("SELECT X FROM L WHERE X = 'new'", "new")]);
}

#[test]
fn create_or_alter_clone_and_parameters() {
    let a = in_schema();
    a.script(&[
        ("CREATE OR ALTER TASK T WAREHOUSE = COMPUTE_WH SCHEDULE = '5 MINUTES' COMMENT = 'a' AS SELECT 1", "Task T successfully created."),
        ("ALTER TASK T SET USER_TASK_TIMEOUT_MS = 1000", ""),
        ("CREATE OR ALTER TASK T WAREHOUSE = COMPUTE_WH SCHEDULE = '6 MINUTES' AS SELECT 2", "Statement executed successfully."),
        ("SHOW PARAMETERS LIKE 'USER_TASK_TIMEOUT_MS' IN TASK T", "USER_TASK_TIMEOUT_MS|3600000|3600000||How long a run may take, in milliseconds|NUMBER"),
        ("ALTER TASK T SET USER_TASK_TIMEOUT_MS = 1000", ""),
        ("CREATE TASK T2 CLONE T", "Task T2 successfully created."),
        ("SHOW TASKS", ""),
        (
            "SELECT \"name\", \"schedule\", \"definition\", \"comment\", \"state\" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) ORDER BY 1",
            "T|6 MINUTES|SELECT 2||suspended;T2|6 MINUTES|SELECT 2||suspended",
        ),
        ("SHOW PARAMETERS IN TASK NOPE", "!002003"),
    ]);
    let rows = a.run("SHOW PARAMETERS LIKE 'USER_TASK_TIMEOUT_MS' IN TASK T2").unwrap();
    assert!(rows.starts_with("USER_TASK_TIMEOUT_MS|1000|3600000|TASK|"), "{rows}");
}

#[test]
fn what_a_task_sends_when_it_fails_or_succeeds() {
    let (a, _scheduler) = scheduled();
    a.script(&[
        ("CREATE NOTIFICATION INTEGRATION BAD TYPE = EMAIL ENABLED = TRUE", ""),
        ("CREATE NOTIFICATION INTEGRATION GOOD TYPE = EMAIL ENABLED = TRUE", ""),
        (&task("R", "ERROR_INTEGRATION = NOPE AS SELECT 1"), "!002003"),
        (&task("R", "ERROR_INTEGRATION = BAD SUCCESS_INTEGRATION = GOOD AS SELECT 1"), ""),
        (&task("C", "AFTER R AS INSERT INTO NOPE VALUES (1)"), ""),
        ("ALTER TASK C RESUME", ""),
        ("EXECUTE TASK R", ""),
    ]);
    wait(&a, 1);
    a.script(&[(
        "WITH H AS (SELECT INTEGRATION_NAME AS I, PARSE_JSON(PARSE_JSON(MESSAGE):\"application/json\"::VARCHAR) AS J \
             FROM TABLE(INFORMATION_SCHEMA.NOTIFICATION_HISTORY())) \
             SELECT I, J:messageType::VARCHAR, J:taskName::VARCHAR, J:messages[0].errorCode::VARCHAR FROM H ORDER BY I",
        "BAD|USER_TASK_FAILED|DB.S.C|002003;GOOD|USER_TASK_SUCCEEDED|DB.S.R|NULL",
    )]);
}

#[test]
fn a_task_made_again_keeps_its_history() {
    let (a, _scheduler) = scheduled();
    a.script(&[(&task("R", "AS SELECT 1"), ""), ("EXECUTE TASK R", "")]);
    wait(&a, 1);
    let history = "SELECT NAME, STATE FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY())";
    a.script(&[
        ("CREATE OR REPLACE TASK R WAREHOUSE = COMPUTE_WH AS SELECT 2", ""),
        (history, "R|SUCCEEDED"),
        ("SELECT COUNT(*) FROM TABLE(INFORMATION_SCHEMA.COMPLETE_TASK_GRAPHS())", "1"),
        ("DROP TASK R", ""),
        (history, ""),
    ]);
}

#[test]
fn what_the_history_may_be_asked_for() {
    let (a, _scheduler) = scheduled();
    a.script(&[
        ("CREATE SCHEMA DB.S2", ""),
        (&task("DB.S2.R", "AS SELECT 1"), ""),
        ("USE SCHEMA DB.S", ""),
        (&task("R", "SCHEDULE = '60 MINUTES' WHEN 1 = 1 AS SELECT 1"), ""),
        (&task("C", "AFTER R WHEN 1 = 2 AS SELECT 2"), ""),
        (&task("D", "AFTER C AS SELECT 3"), ""),
        ("SELECT SYSTEM$TASK_DEPENDENTS_ENABLE('DB.S.R')", ""),
        ("EXECUTE TASK R", ""),
    ]);
    wait(&a, 1);
    a.script(&[("EXECUTE TASK DB.S2.R", "")]);
    wait(&a, 2);
    let history = |args: &str, rest: &str| {
        let sql = format!(
            "SELECT NAME, STATE FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY({args})) {rest} ORDER BY SCHEMA_NAME, NAME, STATE"
        );
        a.run(&sql).unwrap()
    };
    // The skipped child's own child has not run; the next run of the schedule is announced.
    assert_eq!(history("", "WHERE SCHEMA_NAME = 'S'"), "C|SKIPPED;R|SCHEDULED;R|SUCCEEDED");
    assert_eq!(history("SCHEMA_NAME => 'S2'", ""), "R|SUCCEEDED");
    assert_eq!(history("TASK_NAME => 'C'", ""), "C|SKIPPED");
    assert_eq!(history("DATABASE_NAME => 'ELSEWHERE'", ""), "");
    assert_eq!(history("ERROR_ONLY => TRUE", ""), "");
    assert_eq!(history("RESULT_LIMIT => 1", ""), "R|SCHEDULED", "the newest first");
    assert_eq!(history("SCHEDULED_TIME_RANGE_END => DATEADD('minute', -5, CURRENT_TIMESTAMP())", ""), "");
    assert_eq!(history("SCHEDULED_TIME_RANGE_START => DATEADD('minute', 5, CURRENT_TIMESTAMP())", ""), "R|SCHEDULED");
    a.run("SHOW TASKS LIKE 'R' IN SCHEMA DB.S").unwrap();
    let id = a.run("SELECT \"id\" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))").unwrap();
    assert_eq!(history(&format!("ROOT_TASK_ID => '{id}'"), "WHERE STATE <> 'SCHEDULED'"), "C|SKIPPED;R|SUCCEEDED");
    a.script(&[
        ("SELECT * FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY(RESULT_LIMIT => 0))", "!001008"),
        ("SELECT * FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY(RESULT_LIMIT => 10001))", "!001008"),
        (
            "SELECT NAME, STATE FROM TABLE(INFORMATION_SCHEMA.TASK_DEPENDENTS(TASK_NAME => 'DB.S.R', RECURSIVE => FALSE)) ORDER BY 1",
            "C|started;R|started",
        ),
        ("SELECT COUNT(*) FROM TABLE(INFORMATION_SCHEMA.TASK_DEPENDENTS('DB.S.R'))", "3"),
        ("SELECT * FROM TABLE(INFORMATION_SCHEMA.TASK_DEPENDENTS('NOPE'))", "!002003"),
        ("ALTER TASK R SUSPEND", ""),
        ("ALTER TASK C REMOVE WHEN", ""),
        ("ALTER TASK D MODIFY WHEN SYSTEM$GET_PREDECESSOR_RETURN_VALUE() IS NULL", ""),
        ("EXECUTE TASK R", ""),
    ]);
    wait(&a, 3);
    assert_eq!(history("", "WHERE SCHEMA_NAME = 'S'"), "C|SKIPPED;C|SUCCEEDED;D|SUCCEEDED;R|SUCCEEDED;R|SUCCEEDED");
}
