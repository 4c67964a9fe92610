use crate::local::snowflake::testing::{check, engine_of, login, rows, run, session};

fn column(s: &crate::local::snowflake::session::Session, sql: &str, name: &str) -> Vec<String> {
    let answer = run(s, sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
    let at = answer.fields.iter().position(|f| f.name == name).unwrap_or_else(|| panic!("{sql} has no {name}"));
    rows(&answer).into_iter().map(|r| r[at].clone()).collect()
}

#[test]
fn lists_what_is_there() {
    let s = session();
    check(
        &s,
        &[
            ("CREATE TABLE T (A INT PRIMARY KEY, B VARCHAR(5) COMMENT 'b')", ""),
            ("CREATE TRANSIENT TABLE T2 (A INT REFERENCES T (A))", ""),
            ("CREATE VIEW V AS SELECT A FROM T", ""),
            ("CREATE SEQUENCE Q START 3", ""),
            ("INSERT INTO T VALUES (1, 'x'), (2, 'y')", ""),
            ("SHOW TABLES LIKE 't_'", "#1"),
            ("SHOW TERSE OBJECTS IN SCHEMA D.S", "#3"),
            ("SHOW TABLES IN SCHEMA NOPE", "002043"),
            ("SHOW TABLES IN ACCOUNT STARTS WITH 'T' LIMIT 1", "#1"),
            ("SHOW COLUMNS IN TABLE T", "#2"),
            ("SHOW COLUMNS LIKE 'b' IN TABLE T", "#1"),
            ("SHOW PRIMARY KEYS IN TABLE T", "#1"),
            ("SHOW IMPORTED KEYS IN SCHEMA D.S", "#1"),
            ("SHOW PARAMETERS LIKE 'TIMEZONE'", "TIMEZONE"),
            ("SHOW ICEBERG TABLES", "000002"),
            ("DESC TABLE T", "#2"),
            ("DESC T", "#2"),
            ("DESCRIBE VIEW V", "#1"),
            ("DESC TABLE NOPE", "002003"),
            ("DESC USER ADMIN", "NAME"),
            ("SHOW GRANTS ON TABLE T", "#1"),
            ("SHOW GRANTS TO USER ADMIN", "#4"),
            ("SHOW GRANTS OF ROLE SYSADMIN", "#2"),
            ("DROP TABLE T2", ""),
            ("SHOW TABLES HISTORY", "#2"),
        ],
    );
    assert_eq!(column(&s, "SHOW TABLES LIKE 'T'", "rows"), ["2"]);
    assert_eq!(column(&s, "SHOW SEQUENCES", "next_value"), ["3"]);
    assert_eq!(column(&s, "SHOW SCHEMAS IN DATABASE D", "name"), ["INFORMATION_SCHEMA", "PUBLIC", "S"]);
    assert_eq!(column(&s, "DESC TABLE T", "primary key"), ["Y", "N"]);
    assert_eq!(column(&s, "DESC TABLE T", "type"), ["NUMBER(38,0)", "VARCHAR(5)"]);
    assert_eq!(column(&s, "SHOW DATABASES", "is_current"), ["Y"]);
}

#[test]
fn the_information_schema_answers() {
    let s = session();
    check(
        &s,
        &[
            ("CREATE TABLE T (A NUMBER(10,2) NOT NULL, B VARCHAR, C TIMESTAMP_NTZ)", ""),
            (
                "SELECT DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'T' AND ORDINAL_POSITION = 2",
                "TEXT",
            ),
            ("SELECT TABLE_TYPE FROM D.INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'T'", "BASE TABLE"),
            ("SELECT SCHEMA_NAME FROM INFORMATION_SCHEMA.SCHEMATA", "#3"),
            ("SELECT * FROM INFORMATION_SCHEMA.NOPE", "002003"),
            ("SELECT * FROM INFORMATION_SCHEMA.PACKAGES", "000002"),
            ("SELECT QUERY_TEXT FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 2))", "#2"),
            ("SELECT * FROM INFORMATION_SCHEMA.OBJECT_PRIVILEGES WHERE OBJECT_NAME = 'T'", "#1"),
            ("SELECT * FROM INFORMATION_SCHEMA.LOAD_HISTORY", "#0"),
            ("SHOW VIEWS IN SCHEMA D.INFORMATION_SCHEMA", ""),
            ("SHOW TABLES IN SCHEMA D.INFORMATION_SCHEMA", "#0"),
        ],
    );
    for (view, ()) in crate::local::snowflake::info::computed() {
        run(&s, &format!("SELECT * FROM INFORMATION_SCHEMA.{view}")).unwrap_or_else(|e| panic!("{view}: {e}"));
    }
}

#[test]
fn ddl_text_makes_the_same_table_again() {
    let s = session();
    let sql =
        "CREATE TABLE T (A INT NOT NULL DEFAULT 1 COMMENT 'it''s', \"b\" VARCHAR(3), PRIMARY KEY (A)) COMMENT = 'x'";
    check(&s, &[(sql, "")]);
    let first = rows(&run(&s, "SELECT GET_DDL('TABLE', 'T')").unwrap())[0][0].clone();
    assert!(
        first.starts_with("create or replace TABLE T (\n\tA NUMBER(38,0) NOT NULL DEFAULT 1 COMMENT 'it''s',"),
        "{first}"
    );
    run(&s, &first).unwrap();
    assert_eq!(rows(&run(&s, "SELECT GET_DDL('TABLE', 'T')").unwrap())[0][0], first);
}

#[test]
fn others_see_only_what_they_may() {
    let s = session();
    check(
        &s,
        &[
            ("CREATE TABLE T (A INT)", ""),
            ("CREATE TABLE HIDDEN (A INT)", ""),
            ("CREATE ROLE R", ""),
            ("CREATE USER U PASSWORD = 'u' DEFAULT_ROLE = R", ""),
            ("GRANT ROLE R TO USER U", ""),
            ("GRANT USAGE ON DATABASE D TO ROLE R", ""),
            ("GRANT USAGE ON SCHEMA D.S TO ROLE R", ""),
            ("GRANT SELECT ON TABLE T TO ROLE R", ""),
            ("SHOW FUTURE GRANTS IN SCHEMA D.S", "#0"),
        ],
    );
    let u = login(&engine_of(&s), "U", "u");
    assert_eq!(column(&u, "SHOW TABLES IN DATABASE D", "name"), ["T"]);
    check(
        &u,
        &[
            ("SELECT TABLE_NAME FROM D.INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'S'", "#1"),
            ("DESC TABLE D.S.HIDDEN", "002003"),
            ("DESC USER ADMIN", "003001"),
            ("SHOW GRANTS", "#1"),
        ],
    );
}
