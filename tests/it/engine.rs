//! The engine through its sessions: statements in, answers out.

use snowdeck::jobs::SystemClock;
use snowdeck::local::snowflake::engine::{Engine, Options};
use snowdeck::local::snowflake::error::SfError;
use snowdeck::local::snowflake::session::{Login, Request, Session};
use snowdeck::local::snowflake::wire::encode::cell_text;
use std::sync::Arc;

struct Account {
    engine: Arc<Engine>,
    session: Arc<Session>,
}

fn account() -> Account {
    let admin = ("ADMIN".to_owned(), "secret-for-tests".to_owned());
    let options =
        Options { objects: None, clock: Arc::new(SystemClock), account: "LOCAL".into(), admin: admin.clone() };
    let engine = Engine::open(None, options).unwrap();
    let login = Login { user: admin.0, password: Some(admin.1), ..Login::default() };
    let session = engine.login(&login).unwrap();
    Account { engine, session }
}

impl Account {
    /// Rows as text, cells joined by `|`, rows by `;`.
    fn run(&self, sql: &str) -> Result<String, SfError> {
        let query_id = self.engine.new_query_id();
        let request = Request { query_id: query_id.clone(), sql: sql.to_owned(), ..Request::default() };
        let answer = self.session.execute(&request)?;
        self.engine.keep_result(&query_id, &self.session.user, Arc::new(answer.clone()));
        let mut rows = Vec::new();
        for r in 0..answer.rows() {
            let cells: Vec<String> = (0..answer.fields.len())
                .map(|c| cell_text(&answer, r, c).unwrap().unwrap_or_else(|| "NULL".into()))
                .collect();
            rows.push(cells.join("|"));
        }
        Ok(rows.join(";"))
    }

    /// Runs a script of `statement => expected` lines; `!002003` expects an error, nothing expects success.
    fn script(&self, lines: &[(&str, &str)]) {
        for (sql, expected) in lines {
            let got = self.run(sql);
            match (expected.strip_prefix('!'), got) {
                (Some(code), Err(e)) => assert_eq!(&e.code, &code, "{sql}\n{e}"),
                (Some(code), Ok(rows)) => panic!("{sql}\nshould fail with {code}, gave {rows}"),
                (None, Ok(rows)) => {
                    assert!(expected.is_empty() || rows == *expected, "{sql}\n got {rows}\nwant {expected}");
                }
                (None, Err(e)) => panic!("{sql}\n{e}"),
            }
        }
    }
}

fn in_schema() -> Account {
    let a = account();
    a.script(&[("CREATE DATABASE DB", ""), ("CREATE SCHEMA DB.S", ""), ("USE SCHEMA DB.S", "")]);
    a
}

#[test]
fn selects() {
    let a = in_schema();
    a.script(&[
        ("SELECT 1", "1"),
        ("SELECT 1 + 2 * 3 AS X", "7"),
        ("SELECT COLUMN1, COLUMN2 FROM VALUES (1, 'a'), (2, 'b') ORDER BY 1 DESC", "2|b;1|a"),
        ("SELECT X.N FROM (SELECT 1 AS N UNION ALL SELECT 2) AS X WHERE N > 1", "2"),
        ("WITH C AS (SELECT 5 AS V) SELECT V FROM C", "5"),
        ("SELECT NOPE", "!000904"),
        ("SELECT * FROM NOPE", "!002003"),
        ("SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 10))", "10"),
        ("SELEC 1", "!001003"),
        ("SELECT NO_SUCH_FUNCTION(1)", "!002140"),
    ]);
}

#[test]
fn dml_and_streams() {
    let a = in_schema();
    a.script(&[
        ("CREATE TABLE T (ID NUMBER(10,0) NOT NULL, NAME VARCHAR(10))", "Table T successfully created."),
        ("INSERT INTO T VALUES (1, 'a'), (2, 'b')", "2"),
        ("CREATE STREAM ST ON TABLE T", "Stream ST successfully created."),
        ("SELECT COUNT(*) FROM ST", "0"),
        ("INSERT INTO T (ID) SELECT 3", "1"),
        ("UPDATE T SET NAME = 'bb' WHERE ID = 2", "1|0"),
        ("DELETE FROM T WHERE ID = 1", "1"),
        (
            "SELECT ID, NAME, METADATA$ACTION, METADATA$ISUPDATE FROM ST ORDER BY ID, METADATA$ACTION",
            "1|a|DELETE|0;2|b|DELETE|1;2|bb|INSERT|1;3|NULL|INSERT|0",
        ),
        ("CREATE TABLE LOG (ID NUMBER, A VARCHAR)", ""),
        ("INSERT INTO LOG SELECT ID, METADATA$ACTION FROM ST", "4"),
        ("SELECT COUNT(*) FROM ST", "0"),
        ("INSERT INTO T VALUES (NULL, 'x')", "!100072"),
        ("MERGE INTO T USING (SELECT 2 AS ID, 'm' AS NAME UNION ALL SELECT 9, 'n') AS S ON T.ID = S.ID WHEN MATCHED THEN UPDATE SET NAME = S.NAME WHEN NOT MATCHED THEN INSERT (ID, NAME) VALUES (S.ID, S.NAME)", "1|1"),
        ("SELECT ID, NAME FROM T ORDER BY ID", "2|m;3|NULL;9|n"),
        ("INSERT ALL WHEN ID > 2 THEN INTO LOG VALUES (ID, 'big') ELSE INTO LOG (ID) VALUES (ID) SELECT ID FROM T", "2|1"),
        ("SELECT COUNT(*), COUNT(A) FROM LOG", "7|6"),
        ("BEGIN", ""),
        ("INSERT INTO LOG SELECT ID, 'tx' FROM ST", "3"),
        ("SELECT COUNT(*) FROM ST", "3"),
        ("ROLLBACK", ""),
        ("SELECT COUNT(*) FROM ST", "3"),
        ("INSERT OVERWRITE INTO LOG SELECT ID, 'o' FROM LOG WHERE A IS NULL", "1"),
        ("SELECT * FROM LOG", "2|o"),
        ("TRUNCATE TABLE T", ""),
        ("SELECT COUNT(*) FROM T", "0"),
    ]);
}
