//! COPY INTO a table: its options, what it answers, what it remembers, and looking without loading.

use crate::lake::Lake;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

fn lake() -> Lake {
    let lake = Lake::new();
    lake.script(&["CREATE TABLE S.T (ID NUMBER NOT NULL, NAME VARCHAR(5))"]);
    lake
}

const IDS: &str = "SELECT LISTAGG(ID, ',') WITHIN GROUP (ORDER BY ID) FROM S.T";
const NOTHING: &str = "Copy executed with 0 files processed.";

#[test]
fn validation_loads_nothing() {
    let lake = lake();
    lake.put("in/a.csv", "1,a\nx,b\n3,much too long\n,d\n5,e,5\n");
    lake.put("in/b.csv", "6,f\n");
    let copy = |more: &str| format!("COPY INTO S.T FROM @S.ST {more}");
    let all = lake.run(&copy("VALIDATION_MODE = RETURN_ERRORS")).unwrap();
    let rows: Vec<Vec<&str>> = all.split(';').map(|r| r.split('|').collect()).collect();
    // ERROR, FILE, LINE, CHARACTER, BYTE_OFFSET, CATEGORY, CODE, SQL_STATE, COLUMN_NAME, ROW_NUMBER, ROW_START_LINE
    let brief: Vec<String> = rows.iter().map(|r| [r[0], r[1], r[2], r[3], r[5], r[6], r[9]].join("|")).collect();
    assert_eq!(
        brief,
        [
            "Numeric value 'x' is not recognized|in/a.csv|2|1|conversion|100038|2",
            "String 'much too long' is too long and would be truncated|in/a.csv|3|3|conversion|100078|3",
            "NULL result in a non-nullable column|in/a.csv|4|1|conversion|100072|4",
            "Number of columns in file (3) does not match that of the corresponding table (2), use file format option \
             error_on_column_count_mismatch=false to ignore this error|in/a.csv|5|5|parsing|100080|5",
        ]
    );
    lake.is(&copy("VALIDATION_MODE = 'RETURN_1_ROWS'"), "1|a");
    let text = lake.fails(&copy("VALIDATION_MODE = RETURN_2_ROWS"), "100038");
    assert!(text.contains("File 'in/a.csv', line 2, character 1"), "{text}");
    lake.is(&copy("FILES = ('b.csv') VALIDATION_MODE = RETURN_10_ROWS"), "6|f");
    lake.is(&copy("FILES = ('b.csv') VALIDATION_MODE = RETURN_ERRORS"), "");
    lake.is("SELECT COUNT(*) FROM S.T", "0");
    // What was loaded in part has no new errors, but it has errors.
    lake.run(&copy("ON_ERROR = CONTINUE")).unwrap();
    lake.is(IDS, "1,6");
    lake.is(&copy("VALIDATION_MODE = RETURN_ERRORS"), "");
    assert_eq!(lake.run(&copy("VALIDATION_MODE = RETURN_ALL_ERRORS")).unwrap(), all);
    lake.fails("COPY INTO S.T FROM (SELECT $1, $2 FROM @S.ST) VALIDATION_MODE = RETURN_ERRORS", "001008");
    lake.fails(&copy("VALIDATION_MODE = RETURN_SOME"), "001008");
}

#[test]
fn a_past_copy_is_looked_at_again() {
    let lake = lake();
    lake.put("in/a.csv", "1,a\nx,b\n3,c\ny,d\n");
    lake.put("in/b.csv", "6,f\n");
    lake.run("COPY INTO S.T FROM @S.ST ON_ERROR = CONTINUE").unwrap();
    lake.is("SELECT COUNT(*) FROM S.T", "3");
    let id = lake.run("SELECT LAST_QUERY_ID(-2)").unwrap();
    let errors = "Numeric value 'x' is not recognized|in/a.csv|2;Numeric value 'y' is not recognized|in/a.csv|4";
    lake.is("SELECT ERROR, FILE, LINE FROM TABLE(VALIDATE(S.T, JOB_ID => '_last')) ORDER BY LINE", errors);
    lake.is(&format!("SELECT ERROR, FILE, LINE FROM TABLE(VALIDATE(S.T, JOB_ID => '{id}')) ORDER BY LINE"), errors);
    lake.run("COPY INTO S.T FROM @S.ST FILES = ('b.csv') FORCE = TRUE").unwrap();
    lake.is("SELECT COUNT(*) FROM TABLE(VALIDATE(S.T, JOB_ID => '_last'))", "0");
    lake.fails("SELECT * FROM TABLE(VALIDATE(S.T, JOB_ID => '01234567-0000-0000-0000-000000000000'))", "000709");
    lake.fails("SELECT * FROM TABLE(VALIDATE(S.NONE, JOB_ID => '_last'))", "002003");
}

#[test]
fn texts_of_documents_are_trimmed_and_may_mean_null() {
    let lake = lake();
    lake.script(&["CREATE TABLE S.J (ID NUMBER, NAME VARCHAR, DOC VARIANT)"]);
    lake.put("in/j.json", "{\"id\":1,\"name\":\" a \"}\n{\"id\":2,\"name\":\"-\"}\n{\"id\":3,\"name\":\"\\\\N\"}\n");
    let copy = |more: &str| {
        format!(
            "COPY INTO S.J FROM @S.ST FILES = ('j.json') FORCE = TRUE FILE_FORMAT = (TYPE = JSON {more}) \
             MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE"
        )
    };
    lake.run(&copy("TRIM_SPACE = TRUE NULL_IF = ('-')")).unwrap();
    lake.is("SELECT ID, NAME FROM S.J ORDER BY ID", "1|a;2|NULL;3|\\N");
    lake.run("TRUNCATE TABLE S.J").unwrap();
    lake.run(&copy("")).unwrap();
    lake.is("SELECT ID, NAME FROM S.J ORDER BY ID", "1| a ;2|-;3|NULL");
}

#[test]
fn metadata_goes_into_columns() {
    let lake = lake();
    lake.script(&["CREATE TABLE S.M (ID NUMBER, F VARCHAR, N NUMBER, NAME VARCHAR)"]);
    lake.put("in/m.json", "{\"id\":1,\"name\":\"a\"}\n{\"id\":2,\"f\":\"not this\"}\n");
    lake.put("in/m.csv", "name,id\nc,3\n");
    let copy = |format: &str, file: &str| {
        format!(
            "COPY INTO S.M FROM @S.ST FILES = ('{file}') FILE_FORMAT = ({format}) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE \
             INCLUDE_METADATA = (F = METADATA$FILENAME, N = METADATA$FILE_ROW_NUMBER)"
        )
    };
    lake.run(&copy("TYPE = JSON", "m.json")).unwrap();
    lake.fails(&copy("TYPE = CSV PARSE_HEADER = TRUE", "m.csv"), "001008");
    lake.run(&copy("TYPE = CSV PARSE_HEADER = TRUE ERROR_ON_COLUMN_COUNT_MISMATCH = FALSE", "m.csv")).unwrap();
    lake.is("SELECT ID, F, N, NAME FROM S.M ORDER BY ID", "1|in/m.json|1|a;2|in/m.json|2|NULL;3|in/m.csv|1|c");
    lake.fails("COPY INTO S.M FROM @S.ST INCLUDE_METADATA = (F = METADATA$FILENAME)", "001008");
    let by_name = "FILE_FORMAT = (TYPE = JSON) MATCH_BY_COLUMN_NAME = CASE_SENSITIVE";
    lake.fails(&format!("COPY INTO S.M FROM @S.ST {by_name} INCLUDE_METADATA = (G = METADATA$FILENAME)"), "000904");
    lake.fails(&format!("COPY INTO S.M FROM @S.ST {by_name} INCLUDE_METADATA = (F = METADATA$NONE)"), "000904");
    let text = lake.fails(&format!("COPY INTO S.M FROM (SELECT $1 FROM @S.ST) {by_name}"), "001008");
    assert!(text.ends_with("match_by_column_name is not supported with copy transform."), "{text}");
}

#[test]
fn a_size_limit_stops_behind_the_file_that_passes_it() {
    let lake = lake();
    for (name, id) in [("a", 1), ("b", 2), ("c", 3), ("d", 4)] {
        lake.put(&format!("in/{name}.csv"), format!("{id},aaaaa\n"));
    }
    let count = |lake: &Lake| lake.run("SELECT COUNT(*) FROM S.T").unwrap();
    lake.run("COPY INTO S.T FROM @S.ST SIZE_LIMIT = 1").unwrap();
    assert_eq!(count(&lake), "1", "one file at least");
    lake.run("COPY INTO S.T FROM @S.ST SIZE_LIMIT = 9").unwrap();
    assert_eq!(count(&lake), "3", "8 bytes are below the limit, 16 are behind it");
    lake.run("COPY INTO S.T FROM @S.ST SIZE_LIMIT = 9").unwrap();
    lake.is("COPY INTO S.T FROM @S.ST SIZE_LIMIT = 9", NOTHING);
    lake.is(IDS, "1,2,3,4");
}

#[test]
fn loaded_files_are_purged_and_failures_alone_are_told() {
    let lake = lake();
    lake.put("in/a.csv", "1,a\n");
    lake.put("in/b.csv", "x,b\n");
    let told =
        lake.run("COPY INTO S.T FROM @S.ST ON_ERROR = SKIP_FILE PURGE = TRUE RETURN_FAILED_ONLY = TRUE").unwrap();
    assert!(
        told.starts_with("s3://lake/in/b.csv|LOAD_FAILED|1|0|1|1|Numeric value 'x'") && !told.contains(';'),
        "{told}"
    );
    let left = lake.run("LIST @S.ST").unwrap();
    assert!(left.starts_with("s3://lake/in/b.csv|") && !left.contains(';'), "{left}");
    // A file that failed may be tried again.
    let told = lake.run("COPY INTO S.T FROM @S.ST ON_ERROR = SKIP_FILE").unwrap();
    assert!(told.contains("LOAD_FAILED"), "{told}");
    for value in ["SKIP_FILE_0", "'SKIP_FILE_101%'", "IGNORE"] {
        lake.fails(&format!("COPY INTO S.T FROM @S.ST ON_ERROR = {value}"), "001008");
    }
    let text = lake.fails("COPY INTO S.T FROM @S.ST FILES = ('b.csv', 'gone.csv')", "091016");
    assert!(text.contains("'s3://lake/in/gone.csv' was not found"), "{text}");
    let rows = lake.run("COPY INTO S.T FROM @S.ST FILES = ('b.csv', 'gone.csv') ON_ERROR = SKIP_FILE").unwrap();
    assert_eq!(rows.matches("LOAD_FAILED").count(), 2, "{rows}");
}

#[test]
fn the_history_belongs_to_the_table() {
    let lake = lake();
    let copy = "COPY INTO S.T FROM @S.ST";
    lake.put("in/a.csv", "1,a\n");
    lake.run(copy).unwrap();
    lake.script(&["DELETE FROM S.T"]);
    lake.is(copy, NOTHING);
    lake.script(&["CREATE OR REPLACE TABLE S.T (ID NUMBER, NAME VARCHAR(5))"]);
    lake.run(copy).unwrap();
    lake.is(IDS, "1");
    lake.is(
        "SELECT FILE_NAME, TABLE_NAME, STATUS, ROW_COUNT, ERROR_COUNT FROM INFORMATION_SCHEMA.LOAD_HISTORY",
        "s3://lake/in/a.csv|T|LOADED|1|0",
    );
}

#[test]
fn after_64_days_a_file_is_uncertain() {
    let lake = lake();
    let copy = "COPY INTO S.T FROM @S.ST";
    lake.put("in/a.csv", "1,a\n");
    lake.put("in/b.csv", "2,b\n");
    lake.run("COPY INTO S.T FROM @S.ST FILES = ('a.csv')").unwrap();
    lake.clock.forward(65 * DAY);
    lake.put("in/c.csv", "3,c\n");
    let told = lake.run(copy).unwrap();
    assert!(told.contains("c.csv|LOADED") && !told.contains(';'), "{told}");
    let told = lake.run("COPY INTO S.T FROM @S.ST LOAD_UNCERTAIN_FILES = TRUE").unwrap();
    assert_eq!(told.matches("LOADED").count(), 2, "a's load is forgotten, b's never was: {told}");
    lake.is(IDS, "1,1,2,3");
}

#[test]
fn a_transformation_is_a_simple_select() {
    let lake = lake();
    for select in [
        "SELECT $1, $2 FROM @S.ST ORDER BY 1",
        "SELECT $1, $2 FROM @S.ST LIMIT 1",
        "SELECT $1, MAX($2) FROM @S.ST GROUP BY $1",
        "SELECT a.$1, b.$2 FROM @S.ST a, @S.ST b",
        "SELECT t.$1, f.value FROM @S.ST t, LATERAL FLATTEN(t.$1) f",
        "SELECT $1, $2 FROM (SELECT $1, $2 FROM @S.ST)",
        "SELECT ID, NAME FROM S.T",
    ] {
        lake.fails(&format!("COPY INTO S.T FROM ({select})"), "002134");
    }
    lake.fails("COPY INTO S.T FROM (SELECT $1, $2 FROM @S.%T)", "000002");
}

#[test]
fn a_table_grows_with_its_files() {
    let lake = lake();
    lake.script(&["CREATE TABLE S.E (ID NUMBER NOT NULL, NAME VARCHAR) ENABLE_SCHEMA_EVOLUTION = TRUE"]);
    lake.put(
        "in/e/1.json",
        "{\"ID\":1,\"price\":2.50,\"tags\":[1],\"seen\":\"2026-01-31\"}\n{\"ID\":2,\"price\":10}\n",
    );
    let copy = |file: &str, more: &str| {
        format!("COPY INTO S.E FROM @S.ST/e/ FILES = ('{file}') MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE {more}")
    };
    let json = "FILE_FORMAT = (TYPE = JSON)";
    lake.run(&copy("1.json", json)).unwrap();
    lake.is("SELECT ID, NAME, PRICE, TAGS, SEEN FROM S.E ORDER BY ID", "1|NULL|2.5|[1]|20484;2|NULL|10.0|NULL|NULL");
    let csv = "FILE_FORMAT = (TYPE = CSV PARSE_HEADER = TRUE)";
    lake.put("in/e/2.csv", "name,ok\nx,true\n");
    lake.run(&copy("2.csv", csv)).unwrap();
    lake.is("SELECT ID, NAME, OK FROM S.E WHERE OK", "NULL|x|1");
    lake.is(
        "SELECT LISTAGG(COLUMN_NAME || ':' || DATA_TYPE || ':' || IS_NULLABLE, ' ') WITHIN GROUP (ORDER BY ORDINAL_POSITION) \
         FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'E'",
        "ID:NUMBER:YES NAME:TEXT:YES PRICE:NUMBER:YES SEEN:DATE:YES TAGS:VARIANT:YES OK:BOOLEAN:YES",
    );
    // Where the table does not say so, other fields are left out.
    lake.script(&["ALTER TABLE S.E SET ENABLE_SCHEMA_EVOLUTION = FALSE"]);
    lake.put("in/e/3.json", "{\"ID\":3,\"more\":1}\n");
    lake.run(&copy("3.json", json)).unwrap();
    lake.fails("SELECT MORE FROM S.E", "000904");
    lake.script(&["ALTER TABLE S.E SET ENABLE_SCHEMA_EVOLUTION = TRUE", "BEGIN"]);
    lake.put("in/e/4.json", "{\"ID\":4,\"more\":1}\n");
    lake.fails(&copy("4.json", json), "000002");
    lake.script(&["ROLLBACK"]);
    lake.run(&copy("4.json", json)).unwrap();
    lake.is("SELECT ID FROM S.E WHERE MORE = 1", "4");
}

#[test]
fn a_directory_table_knows_what_was_refreshed() {
    let lake = lake();
    lake.put("in/d/a.csv", "1\n");
    lake.script(&["CREATE STAGE S.D URL = 's3://lake/in/d/' DIRECTORY = (ENABLE = TRUE)"]);
    lake.put("in/d/b.csv", "22\n");
    let names = "SELECT RELATIVE_PATH, SIZE FROM DIRECTORY(@S.D) ORDER BY 1";
    lake.is(names, "a.csv|2");
    lake.put("in/d/a.csv", "333\n");
    lake.is(
        "ALTER STAGE S.D REFRESH",
        "a.csv|REGISTERED_UPDATE|File registered (updated) successfully.;b.csv|REGISTERED_NEW|File registered successfully.",
    );
    lake.is(names, "a.csv|4;b.csv|3");
    lake.run("REMOVE @S.D/a").unwrap();
    lake.is("ALTER STAGE S.D REFRESH SUBPATH = 'a'", "a.csv|UNREGISTERED|File unregistered successfully.");
    lake.is("SELECT d.RELATIVE_PATH, d.ETAG = d.MD5, d.LAST_MODIFIED IS NULL FROM DIRECTORY( @S.D ) AS d", "b.csv|1|0");
    lake.fails("SELECT * FROM DIRECTORY(@S.ST)", "001008");
    lake.fails("ALTER STAGE S.ST REFRESH", "001008");
    lake.script(&["ALTER STAGE S.D SET DIRECTORY = (ENABLE = TRUE AUTO_REFRESH = TRUE)"]);
    lake.put("in/d/c.csv", "1\n");
    lake.is(names, "b.csv|3;c.csv|2");
    lake.fails("CREATE STREAM S.DS ON STAGE S.D", "000002");
}
