//! Alerts on a running scheduler.

use crate::local::snowflake::engine::Engine;
use crate::local::snowflake::scheduler::{AlertRun, Scheduler};
use crate::local::snowflake::session::Session;
use crate::local::snowflake::testing::{check, engine_of, rows, run, session};
use std::sync::Arc;
use std::time::{Duration, Instant};

fn start() -> (Arc<Session>, Arc<Engine>, Scheduler) {
    let session = session();
    let engine = engine_of(&session);
    check(
        &session,
        &[
            ("USE WAREHOUSE COMPUTE_WH", ""),
            ("CREATE TABLE T (X NUMBER)", ""),
            ("CREATE TABLE L (WHAT VARCHAR, AT TIMESTAMP_LTZ)", ""),
        ],
    );
    let scheduler = Scheduler::start(engine.clone()).unwrap();
    (session, engine, scheduler)
}

fn wait(engine: &Engine, n: usize) -> Vec<AlertRun> {
    let until = Instant::now() + Duration::from_mins(1);
    loop {
        let all = engine.tasks.alerts.all();
        if all.iter().filter(|r| !r.state.is_open()).count() >= n {
            return all;
        }
        assert!(Instant::now() < until, "still open: {all:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

const ALERT: &str = "CREATE ALERT A WAREHOUSE = COMPUTE_WH SCHEDULE = '60 MINUTE' COMMENT = 'watch' \
     IF (EXISTS (SELECT X FROM T WHERE X > 5)) \
     THEN INSERT INTO L SELECT 'big', SNOWFLAKE.ALERT.SCHEDULED_TIME()";

#[test]
fn an_alert_acts_when_its_condition_finds_rows() {
    let (s, engine, _scheduler) = start();
    check(
        &s,
        &[
            (ALERT, "Alert A successfully created."),
            (ALERT, "002002"),
            ("EXECUTE ALERT A", "Statement executed successfully."),
        ],
    );
    assert_eq!(wait(&engine, 1)[0].state.name(), "CONDITION_FALSE");
    check(
        &s,
        &[
            ("INSERT INTO T VALUES (7)", ""),
            ("ALTER ALERT A RESUME", "Statement executed successfully."),
            ("CALL SYSTEM$SNOWDECK_ADVANCE_CLOCK(3600)", ""),
        ],
    );
    let runs = wait(&engine, 2);
    assert_eq!((runs[1].state.name(), runs[1].from.as_str()), ("TRIGGERED", "SCHEDULE"));
    check(
        &s,
        &[
            ("SELECT WHAT FROM L", "big"),
            (
                "SELECT STATE, SCHEDULED_FROM, NAME FROM TABLE(INFORMATION_SCHEMA.ALERT_HISTORY(ALERT_NAME => 'A')) \
                 WHERE STATE = 'TRIGGERED' AND ACTION_QUERY_ID IS NOT NULL",
                "=TRIGGERED|SCHEDULE|A",
            ),
            ("SELECT STATE FROM TABLE(INFORMATION_SCHEMA.ALERT_HISTORY()) LIMIT 1", "SCHEDULED"),
            ("ALTER ALERT A SUSPEND", ""),
            ("SELECT STATE FROM TABLE(INFORMATION_SCHEMA.ALERT_HISTORY()) WHERE STATE = 'SCHEDULED'", "#0"),
        ],
    );
}

#[test]
fn failures_say_which_part_failed_and_suspend() {
    let (s, engine, _scheduler) = start();
    check(
        &s,
        &[
            ("INSERT INTO T VALUES (7)", ""),
            (
                "CREATE ALERT C WAREHOUSE = COMPUTE_WH SCHEDULE = '1 MINUTE' IF (EXISTS (SELECT * FROM NOPE)) THEN SELECT 1",
                "",
            ),
            (
                "CREATE ALERT B WAREHOUSE = COMPUTE_WH SCHEDULE = '1 MINUTE' SUSPEND_ALERT_AFTER_NUM_FAILURES = 1 \
                 IF (EXISTS (SELECT 1)) THEN INSERT INTO NOPE VALUES (1)",
                "",
            ),
            ("ALTER ALERT B RESUME", ""),
            ("EXECUTE ALERT C", ""),
        ],
    );
    wait(&engine, 1);
    run(&s, "EXECUTE ALERT B").unwrap();
    let runs = wait(&engine, 2);
    let states: Vec<_> = runs.iter().map(|r| (r.name[2].as_str(), r.state.name())).collect();
    assert_eq!(states, [("C", "CONDITION_FAILED"), ("B", "ACTION_FAILED")]);
    assert_eq!(runs[1].error.as_ref().unwrap().0, "002003");
    let until = Instant::now() + Duration::from_mins(1);
    while rows(&run(&s, "SHOW ALERTS LIKE 'B'").unwrap())[0][8] != "suspended" {
        assert!(Instant::now() < until, "not suspended");
    }
}

#[test]
fn definitions_change_and_wrong_ones_are_refused() {
    let s = session();
    check(
        &s,
        &[
            ("USE WAREHOUSE COMPUTE_WH", ""),
            ("CREATE TABLE T (X NUMBER)", ""),
            ("CREATE ALERT N WAREHOUSE = COMPUTE_WH IF (EXISTS (SELECT 1)) THEN SELECT 1", "~ALERT on new data"),
            ("CREATE ALERT N SCHEDULE = 'soon' IF (EXISTS (SELECT 1)) THEN SELECT 1", "001008"),
            ("CREATE ALERT N SCHEDULE = '1 MINUTE' COLOUR = 'red' IF (EXISTS (SELECT 1)) THEN SELECT 1", "001420"),
            ("CREATE ALERT N SCHEDULE = '1 MINUTE' IF (EXISTS (DELETE FROM T)) THEN SELECT 1", "000002"),
            ("CREATE ALERT N SCHEDULE = '1 MINUTE' IF (EXISTS (SELECT 1)) THEN", "001003"),
            ("CREATE ALERT N WAREHOUSE = NO_WH SCHEDULE = '1 MINUTE' IF (EXISTS (SELECT 1)) THEN SELECT 1", "002003"),
            ("CREATE ALERT A WAREHOUSE = COMPUTE_WH SCHEDULE = '1 MINUTE' IF (EXISTS (SELECT 1)) THEN SELECT 1", ""),
            (
                "CREATE ALERT IF NOT EXISTS A SCHEDULE = '1 MINUTE' IF (EXISTS (SELECT 1)) THEN SELECT 1",
                "A already exists, statement succeeded.",
            ),
            ("ALTER ALERT A SET SCHEDULE = 'USING CRON 0 9 * * * UTC', COMMENT = 'new'", ""),
            ("ALTER ALERT A MODIFY CONDITION EXISTS (SELECT X FROM T)", ""),
            ("ALTER ALERT A MODIFY ACTION INSERT INTO T VALUES (1)", ""),
            ("ALTER ALERT A UNSET COMMENT", ""),
            ("ALTER ALERT A UNSET WAREHOUSE", ""),
            ("ALTER ALERT NOPE RESUME", "002003"),
            ("ALTER ALERT IF EXISTS NOPE RESUME", ""),
            ("SELECT SNOWFLAKE.ALERT.SCHEDULED_TIME()", "001044"),
            ("SELECT SNOWFLAKE.ALERT.NOPE()", "002141"),
        ],
    );
    let listed = run(&s, "SHOW ALERTS").unwrap();
    let row = &rows(&listed)[0];
    assert_eq!(listed.fields[11].name, "owner_role_type");
    assert_eq!(
        row[5..11],
        ["", "NULL", "USING CRON 0 9 * * * UTC", "suspended", "SELECT X FROM T", "INSERT INTO T VALUES (1)"]
    );
    check(&s, &[("DESC ALERT A", "#1"), ("DROP ALERT A", "A successfully dropped."), ("SHOW ALERTS", "#0")]);
}

#[test]
fn an_owner_without_execute_alert_cannot_resume() {
    let s = session();
    check(
        &s,
        &[
            ("USE WAREHOUSE COMPUTE_WH", ""),
            ("CREATE ROLE R", ""),
            ("GRANT USAGE ON DATABASE D TO ROLE R", ""),
            ("GRANT USAGE, CREATE ALERT ON SCHEMA D.S TO ROLE R", ""),
            ("GRANT USAGE ON WAREHOUSE COMPUTE_WH TO ROLE R", ""),
            ("GRANT ROLE R TO USER ADMIN", ""),
            ("USE ROLE R", ""),
            ("CREATE ALERT A WAREHOUSE = COMPUTE_WH SCHEDULE = '1 MINUTE' IF (EXISTS (SELECT 1)) THEN SELECT 1", ""),
            ("ALTER ALERT A RESUME", "~EXECUTE ALERT privilege must be granted to owner role"),
            ("EXECUTE ALERT A", "091089"),
            ("USE ROLE ACCOUNTADMIN", ""),
            ("GRANT EXECUTE ALERT ON ACCOUNT TO ROLE R", ""),
            ("USE ROLE R", ""),
            ("ALTER ALERT A RESUME", ""),
        ],
    );
}
