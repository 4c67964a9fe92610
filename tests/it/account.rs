//! An engine in memory and a session of its administrator.

use snowdeck::jobs::SystemClock;
use snowdeck::local::snowflake::engine::{Engine, Options};
use snowdeck::local::snowflake::error::SfError;
use snowdeck::local::snowflake::session::{Login, Request, Session};
use snowdeck::local::snowflake::wire::encode::cell_text;
use std::sync::Arc;

/// The engine and the session.
pub struct Account {
    pub engine: Arc<Engine>,
    pub session: Arc<Session>,
}

/// A fresh account.
pub fn account() -> Account {
    let admin = ("ADMIN".to_owned(), "secret-for-tests".to_owned());
    let options =
        Options { objects: None, clock: Arc::new(SystemClock), account: "LOCAL".into(), admin: admin.clone() };
    let engine = Engine::open(None, options).unwrap();
    let login = Login { user: admin.0, password: Some(admin.1), ..Login::default() };
    let session = engine.login(&login).unwrap();
    Account { engine, session }
}

/// A fresh account whose session stands in DB.S.
pub fn in_schema() -> Account {
    let a = account();
    a.script(&[("CREATE DATABASE DB", ""), ("CREATE SCHEMA DB.S", ""), ("USE SCHEMA DB.S", "")]);
    a
}

impl Account {
    /// Rows as text, cells joined by `|`, rows by `;`.
    pub fn run(&self, sql: &str) -> Result<String, SfError> {
        let query_id = self.engine.new_query_id();
        let request = Request { query_id: query_id.clone(), sql: sql.to_owned(), ..Request::default() };
        let answer = self.session.execute(&request)?;
        self.engine.keep_result(&query_id, &self.session.user, Arc::new(answer.clone()));
        let mut rows = Vec::new();
        for r in 0..answer.rows.len() {
            let cells: Vec<String> = (0..answer.fields.len())
                .map(|c| cell_text(&answer, r, c).unwrap().unwrap_or_else(|| "NULL".into()))
                .collect();
            rows.push(cells.join("|"));
        }
        Ok(rows.join(";"))
    }

    /// Runs a script of `statement => expected` lines; `!002003` expects an error, nothing expects success.
    pub fn script(&self, lines: &[(&str, &str)]) {
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
