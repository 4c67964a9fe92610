//! Pipes: what they load, once, with whose rights, and what is told of them.

use crate::lake::Lake;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

/// A lake with a table T, a pipe P on the stage's path `p/` and the thread that feeds it.
fn piped() -> Lake {
    let mut lake = Lake::new();
    lake.script(&[
        "CREATE TABLE S.T (ID NUMBER, NAME VARCHAR(5))",
        "CREATE PIPE S.P AUTO_INGEST = TRUE COMMENT = 'c' AS COPY INTO T FROM @ST/p/",
    ]);
    lake.listen();
    lake
}

const IDS: &str = "SELECT LISTAGG(ID, ',') WITHIN GROUP (ORDER BY ID) FROM S.T";

/// A member of the pipe's status.
fn status(lake: &Lake, pipe: &str, member: &str) -> String {
    lake.run(&format!("SELECT PARSE_JSON(SYSTEM$PIPE_STATUS('{pipe}')):{member}::VARCHAR")).unwrap()
}

#[test]
fn new_files_are_loaded_by_themselves_once() {
    let lake = piped();
    lake.put("in/p/a.csv", "1,a\n2,b\n");
    lake.put("in/other/x.csv", "9,x\n");
    lake.becomes(IDS, "1,2");
    // The name counts, not the content; a bulk COPY would load it again.
    lake.put("in/p/a.csv", "3,c\n");
    lake.put("in/p/b.csv", "4,d\n");
    lake.becomes(IDS, "1,2,4");
    assert_eq!(status(&lake, "S.P", "executionState"), "RUNNING");
    assert_eq!(status(&lake, "S.P", "lastIngestedFilePath"), "in/p/b.csv");
    lake.becomes("SELECT PARSE_JSON(SYSTEM$PIPE_STATUS('S.P')):pendingFileCount::NUMBER", "0");
    lake.is(
        "SELECT FILE_NAME, STAGE_LOCATION, STATUS, ROW_COUNT, PIPE_NAME, PIPE_RECEIVED_TIME IS NULL FROM \
         TABLE(INFORMATION_SCHEMA.COPY_HISTORY(TABLE_NAME => 'S.T', START_TIME => DATEADD(HOUR, -1, CURRENT_TIMESTAMP()))) \
         ORDER BY 1",
        "p/a.csv|s3://lake/in/|Loaded|2|P|0;p/b.csv|s3://lake/in/|Loaded|1|P|0",
    );
    lake.is("SELECT COUNT(*) FROM INFORMATION_SCHEMA.LOAD_HISTORY", "0");
    lake.is(
        "SELECT PIPE_NAME, FILES_INSERTED, BYTES_INSERTED FROM \
         TABLE(INFORMATION_SCHEMA.PIPE_USAGE_HISTORY(PIPE_NAME => 'S.P'))",
        "DB.S.P|2|12",
    );
}

#[test]
fn the_memory_is_the_pipes_not_the_tables() {
    let lake = piped();
    lake.put("in/p/a.csv", "1,a\n");
    lake.becomes(IDS, "1");
    // COPY knows nothing of it.
    lake.script(&["COPY INTO S.T FROM @S.ST/p/"]);
    lake.is(IDS, "1,1");
    lake.script(&["TRUNCATE TABLE S.T"]);
    lake.is("ALTER PIPE S.P REFRESH", "");
    lake.clock.forward(5 * DAY);
    lake.is("ALTER PIPE S.P REFRESH", "");
    // A bulk COPY has a history of its own, which REFRESH asks too.
    lake.script(&["COPY INTO S.T FROM @S.ST/p/"]);
    lake.is(IDS, "1");
    lake.script(&["CREATE OR REPLACE PIPE S.P AS COPY INTO T FROM @ST/p/"]);
    lake.is("ALTER PIPE S.P REFRESH", "");
    lake.script(&["TRUNCATE TABLE S.T"]);
    lake.is("ALTER PIPE S.P REFRESH", "p/a.csv|SENT");
    lake.becomes(IDS, "1");
    // After two weeks a name is forgotten.
    lake.clock.forward(15 * DAY);
    lake.put("in/p/a.csv", "7,g\n");
    lake.is("ALTER PIPE S.P REFRESH", "p/a.csv|SENT");
    lake.becomes(IDS, "1,7");
}

#[test]
fn refresh_sends_what_was_there_before() {
    let lake = piped();
    lake.script(&["ALTER PIPE S.P SET PIPE_EXECUTION_PAUSED = TRUE", "CREATE PIPE S.Q AS COPY INTO T FROM @ST/q"]);
    lake.put("in/q/1/old.csv", "1,a\n");
    lake.clock.forward(6 * DAY);
    lake.put("in/q/1/new.csv", "2,b\n");
    lake.put("in/q/2/new.csv", "3,c\n");
    assert_eq!(status(&lake, "S.Q", "pendingFileCount"), "0");
    let after = lake.run("SELECT TO_CHAR(DATEADD(DAY, 5, CURRENT_TIMESTAMP()), 'YYYY-MM-DD\"T\"HH24:MI:SS')").unwrap();
    lake.is(&format!("ALTER PIPE S.Q REFRESH MODIFIED_AFTER = '{after}'"), "");
    lake.is("ALTER PIPE S.Q REFRESH PREFIX = '/2/'", "q/2/new.csv|SENT");
    lake.becomes(IDS, "3");
    lake.clock.forward(2 * DAY);
    lake.is("ALTER PIPE S.Q REFRESH", "q/1/new.csv|SENT");
    lake.becomes(IDS, "2,3");
}

#[test]
fn a_bad_file_is_left_out_whole() {
    let lake = piped();
    lake.put("in/p/bad.csv", "1,a\nx,b\n");
    lake.put("in/p/good.csv", "5,e\n");
    lake.becomes(IDS, "5");
    let history = "SELECT FILE_NAME, STATUS, FIRST_ERROR_MESSAGE, FIRST_ERROR_LINE_NUMBER FROM \
         TABLE(INFORMATION_SCHEMA.COPY_HISTORY(TABLE_NAME => 'S.T', START_TIME => DATEADD(HOUR, -1, CURRENT_TIMESTAMP()), \
         PIPE_NAME => 'S.P')) ORDER BY 1, LAST_LOAD_TIME";
    let failed = "p/bad.csv|Load failed|Numeric value 'x' is not recognized|2";
    lake.becomes(history, &format!("{failed};p/good.csv|Loaded|NULL|NULL"));
    // What was never loaded is loaded when it comes again.
    lake.put("in/p/bad.csv", "1,a\n");
    lake.becomes(IDS, "1,5");
    lake.script(&["CREATE PIPE S.C AUTO_INGEST = TRUE AS COPY INTO T FROM @ST/c/ ON_ERROR = CONTINUE"]);
    lake.put("in/c/bad.csv", "7,a\nx,b\n8,c\n");
    lake.becomes(IDS, "1,5,7,8");
}

#[test]
fn a_paused_pipe_catches_up() {
    let lake = piped();
    lake.script(&["ALTER PIPE S.P SET PIPE_EXECUTION_PAUSED = TRUE"]);
    assert_eq!(status(&lake, "S.P", "executionState"), "PAUSED");
    lake.put("in/p/a.csv", "1,a\n");
    std::thread::sleep(Duration::from_millis(300));
    lake.is(IDS, "");
    lake.script(&["ALTER PIPE S.P SET PIPE_EXECUTION_PAUSED = FALSE COMMENT = 'd'"]);
    lake.becomes(IDS, "1");
    lake.script(&["ALTER PIPE S.P SET PIPE_EXECUTION_PAUSED = TRUE"]);
    lake.clock.forward(15 * DAY);
    lake.fails("ALTER PIPE S.P SET PIPE_EXECUTION_PAUSED = FALSE", "091415");
    lake.fails("SELECT SYSTEM$PIPE_FORCE_RESUME('S.P')", "091415");
    lake.fails("SELECT SYSTEM$PIPE_FORCE_RESUME('S.P', 'nonsense')", "001008");
    lake.script(&["SELECT SYSTEM$PIPE_FORCE_RESUME('S.P', 'staleness_check_override')"]);
    assert_eq!(status(&lake, "S.P", "executionState"), "RUNNING");
}

#[test]
fn what_arrives_while_nobody_listens_is_found_after_a_restart() {
    let mut lake = piped();
    lake.put("in/p/a.csv", "1,a\n");
    lake.becomes(IDS, "1");
    lake.deafen();
    lake.put("in/p/b.csv", "2,b\n");
    lake.put("in/p/bad.csv", "x,b\n");
    lake.restart();
    lake.put("in/p/c.csv", "3,c\n");
    lake.is(IDS, "1");
    lake.listen();
    lake.becomes(IDS, "1,2,3");
    lake.restart();
    lake.listen();
    lake.becomes("SELECT PARSE_JSON(SYSTEM$PIPE_STATUS('S.P')):pendingFileCount::NUMBER", "0");
    lake.put("in/p/d.csv", "4,d\n");
    lake.becomes(IDS, "1,2,3,4");
    let failures = "SELECT COUNT(*) FROM TABLE(INFORMATION_SCHEMA.COPY_HISTORY(TABLE_NAME => 'S.T', \
         START_TIME => DATEADD(HOUR, -1, CURRENT_TIMESTAMP()))) WHERE STATUS = 'Load failed'";
    lake.is(failures, "1");
}

#[test]
fn a_pattern_does_not_see_the_stages_own_path() {
    let lake = piped();
    lake.script(&[
        "CREATE TABLE S.U (ID NUMBER)",
        "CREATE PIPE S.Q AUTO_INGEST = TRUE AS COPY INTO U FROM @ST/q/ PATTERN = 'q/[0-9]+[.]csv'",
        "CREATE PIPE S.NONE AUTO_INGEST = TRUE AS COPY INTO U FROM @ST/q/ PATTERN = 'in/q/.*'",
    ]);
    lake.put("in/q/a.csv", "1\n");
    lake.put("in/q/22.csv", "2\n");
    lake.becomes("SELECT LISTAGG(ID, ',') FROM S.U", "2");
    lake.is("SELECT PATTERN FROM INFORMATION_SCHEMA.PIPES WHERE PIPE_NAME = 'Q'", "q/[0-9]+[.]csv");
    lake.is("SELECT COUNT(*) FROM S.U", "1");
}

#[test]
fn transformations_and_streams_see_a_pipes_rows() {
    let lake = piped();
    lake.script(&[
        "CREATE TABLE S.R (DOC VARIANT, FILE VARCHAR, N NUMBER, AT TIMESTAMP_LTZ)",
        "CREATE STREAM S.RS ON TABLE S.R APPEND_ONLY = TRUE",
        "CREATE PIPE S.RP AUTO_INGEST = TRUE AS (COPY INTO R FROM (SELECT $1, METADATA$FILENAME, \
         METADATA$FILE_ROW_NUMBER, METADATA$START_SCAN_TIME FROM @ST/r/) FILE_FORMAT = (TYPE = JSON))",
    ]);
    lake.put("in/r/d=1/t.json", "{\"a\":1}\n{\"a\":2}\n");
    lake.put("in/r/d=2/t.json", "");
    lake.becomes(
        "SELECT DOC:a::NUMBER, FILE, N, AT IS NULL FROM S.RS ORDER BY N",
        "1|in/r/d=1/t.json|1|0;2|in/r/d=1/t.json|2|0",
    );
}

#[test]
fn a_pipe_works_with_its_owners_rights() {
    let lake = piped();
    lake.script(&[
        "CREATE ROLE LOADER",
        "CREATE USER LU PASSWORD = 'pw-For-tests1' DEFAULT_ROLE = LOADER",
        "GRANT ROLE LOADER TO USER LU",
        "GRANT ROLE LOADER TO ROLE SYSADMIN",
        "GRANT USAGE ON DATABASE DB TO ROLE LOADER",
        "GRANT USAGE, CREATE PIPE ON SCHEMA DB.S TO ROLE LOADER",
        "GRANT USAGE ON STAGE S.ST TO ROLE LOADER",
        "GRANT INSERT ON TABLE S.T TO ROLE LOADER",
    ]);
    let user = lake.login("LU", "pw-For-tests1");
    lake.run_as(&user, "USE SCHEMA DB.S").unwrap();
    let create = "CREATE PIPE OWN AUTO_INGEST = TRUE AS COPY INTO T FROM @ST/own/";
    assert_eq!(lake.run_as(&user, create).unwrap_err().code, "003001", "SELECT on the table is missing");
    lake.script(&["GRANT SELECT ON TABLE S.T TO ROLE LOADER"]);
    lake.run_as(&user, create).unwrap();
    lake.put("in/own/a.csv", "1,a\n");
    lake.becomes(IDS, "1");
    lake.script(&["REVOKE INSERT ON TABLE S.T FROM ROLE LOADER"]);
    lake.put("in/own/b.csv", "2,b\n");
    std::thread::sleep(Duration::from_millis(300));
    lake.is(IDS, "1");
    assert!(lake.run_as(&user, "SELECT SYSTEM$PIPE_STATUS('OWN')").unwrap().contains("STALLED_"));
    lake.script(&["GRANT INSERT ON TABLE S.T TO ROLE LOADER"]);
    lake.becomes(IDS, "1,2");
    // Others need a privilege on the pipe to see and to operate it.
    assert_eq!(lake.run_as(&user, "SELECT SYSTEM$PIPE_STATUS('P')").unwrap_err().code, "002003");
    lake.script(&["GRANT MONITOR ON PIPE S.P TO ROLE LOADER"]);
    lake.run_as(&user, "SELECT SYSTEM$PIPE_STATUS('P')").unwrap();
    let pause = "ALTER PIPE P SET PIPE_EXECUTION_PAUSED = TRUE";
    assert_eq!(lake.run_as(&user, pause).unwrap_err().code, "003001");
    lake.script(&["GRANT OPERATE ON PIPE S.P TO ROLE LOADER"]);
    lake.run_as(&user, pause).unwrap();
    assert_eq!(lake.run_as(&user, "ALTER PIPE P SET COMMENT = 'x'").unwrap_err().code, "003001");
    // A new owner has to resume it.
    lake.script(&["GRANT OWNERSHIP ON PIPE S.P TO ROLE LOADER COPY CURRENT GRANTS"]);
    let resume = "ALTER PIPE P SET PIPE_EXECUTION_PAUSED = FALSE";
    assert_eq!(lake.run_as(&user, resume).unwrap_err().code, "091415");
    lake.run_as(&user, "SELECT SYSTEM$PIPE_FORCE_RESUME('P')").unwrap();
    assert!(lake.run_as(&user, "SELECT SYSTEM$PIPE_STATUS('P')").unwrap().contains("RUNNING"));
}

#[test]
fn what_a_pipe_cannot_be_is_refused() {
    let lake = piped();
    for (option, name) in [
        ("FILES = ('a')", "FILES"),
        ("SIZE_LIMIT = 10", "SIZE_LIMIT"),
        ("PURGE = TRUE", "PURGE"),
        ("FORCE = TRUE", "FORCE"),
        ("RETURN_FAILED_ONLY = TRUE", "RETURN_FAILED_ONLY"),
        ("VALIDATION_MODE = RETURN_ERRORS", "VALIDATION_MODE"),
        ("ON_ERROR = ABORT_STATEMENT", "ON_ERROR = ABORT_STATEMENT"),
    ] {
        let text = lake.fails(&format!("CREATE PIPE S.X AS COPY INTO T FROM @ST {option}"), "001008");
        assert_eq!(text, format!("SQL compilation error: Invalid copy option '{name}' in pipe definition."));
    }
    lake.fails("CREATE PIPE S.X AS COPY INTO T FROM @~", "001008");
    lake.fails("CREATE PIPE S.X AS COPY INTO T FROM 's3://lake/'", "000002");
    lake.fails("CREATE PIPE S.X AWS_SNS_TOPIC = 'arn' AS COPY INTO T FROM @ST", "000002");
    lake.fails("CREATE PIPE S.X NONSENSE = 1 AS COPY INTO T FROM @ST", "001420");
    lake.fails("CREATE PIPE S.X AS COPY INTO T FROM (SELECT $1, $2 FROM @ST WHERE $1 > 1)", "002134");
    lake.fails("CREATE PIPE S.X AS SELECT 1", "001003");
    lake.fails("CREATE PIPE S.P AS COPY INTO T FROM @ST", "002002");
    lake.fails("CREATE PIPE S.X ERROR_INTEGRATION = NONE_SUCH AS COPY INTO T FROM @ST", "002003");
    lake.is("CREATE PIPE IF NOT EXISTS S.P AS COPY INTO NOWHERE FROM @ST", "P already exists, statement succeeded.");
    lake.fails("ALTER PIPE S.NONE REFRESH", "002003");
    lake.is("ALTER PIPE IF EXISTS S.NONE REFRESH", "Statement executed successfully.");
    lake.fails("ALTER PIPE S.P RENAME TO S.Q", "001003");
    lake.fails("CREATE OR ALTER PIPE S.P AS COPY INTO T FROM @ST", "000002");
}

#[test]
fn pipes_are_listed_and_say_what_stops_them() {
    let lake = piped();
    lake.script(&["SHOW PIPES LIKE 'p' IN SCHEMA DB.S"]);
    lake.is(
        "SELECT \"name\", \"definition\", \"owner\", \"comment\", \"kind\", \"invalid_reason\" FROM \
         TABLE(RESULT_SCAN(LAST_QUERY_ID()))",
        "P|COPY INTO T FROM @ST/p/|ACCOUNTADMIN|c|STAGE|NULL",
    );
    lake.is(
        "SELECT DEFINITION, IS_AUTOINGEST_ENABLED, COMMENT FROM INFORMATION_SCHEMA.PIPES",
        "COPY INTO T FROM @ST/p/|YES|c",
    );
    lake.script(&["ALTER PIPE S.P SET COMMENT = 'new'", "ALTER PIPE S.P UNSET COMMENT"]);
    let ddl = lake.run("SELECT GET_DDL('PIPE', 'S.P')").unwrap();
    assert!(ddl.to_lowercase().contains("pipe") && ddl.ends_with("COPY INTO T FROM @ST/p/;"), "{ddl}");
    lake.script(&["ALTER TABLE S.T RENAME TO S.T2"]);
    assert_eq!(status(&lake, "S.P", "executionState"), "STOPPED_MISSING_TABLE");
    lake.script(&["DESC PIPE S.P"]);
    let why = lake.run("SELECT \"invalid_reason\" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))").unwrap();
    assert!(why.contains("Table 'T' does not exist"), "{why}");
    lake.put("in/p/a.csv", "1,a\n");
    std::thread::sleep(Duration::from_millis(200));
    lake.script(&["ALTER TABLE S.T2 RENAME TO S.T"]);
    lake.becomes(IDS, "1");
    lake.script(&["DROP STAGE S.ST"]);
    assert_eq!(status(&lake, "S.P", "executionState"), "STOPPED_STAGE_DROPPED");
    lake.script(&["CREATE SCHEMA DB.C CLONE DB.S"]);
    assert_eq!(status(&lake, "DB.C.P", "executionState"), "STOPPED_CLONED");
    lake.is("DROP PIPE S.P", "P successfully dropped.");
    lake.fails("SELECT SYSTEM$PIPE_STATUS('S.P')", "002003");
}
