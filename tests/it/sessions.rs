//! An account in memory with a clock of its own, for tests that speak SQL.

use snowdeck::jobs::Clock;
use snowdeck::local::snowflake::engine::{Engine, Options};
use snowdeck::local::snowflake::error::SfError;
use snowdeck::local::snowflake::session::{Login, Request, Session};
use snowdeck::local::snowflake::wire::encode::cell_text;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Time that the test moves.
pub struct Hand(AtomicI64);

impl Hand {
    /// Lets time pass.
    pub fn pass(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

pub const DAY_MS: i64 = 86_400_000;
const PASSWORD: &str = "secret-for-tests";

pub struct Account {
    pub engine: Arc<Engine>,
    pub clock: Arc<Hand>,
}

/// A session of an account.
pub struct User {
    engine: Arc<Engine>,
    pub session: Arc<Session>,
}

impl Account {
    /// With the administrator `ADMIN`.
    pub fn new() -> Self {
        let clock = Arc::new(Hand(AtomicI64::new(1_790_000_000_000)));
        let options = Options {
            objects: None,
            clock: clock.clone(),
            account: "LOCAL".into(),
            admin: ("ADMIN".into(), PASSWORD.into()),
        };
        Self { engine: Engine::open(None, options).unwrap(), clock }
    }

    /// Another session of the administrator.
    pub fn admin(&self) -> User {
        self.login("ADMIN", PASSWORD, None).unwrap()
    }

    /// A session of the administrator in the schema `DB.S`, which is made.
    pub fn in_schema(&self) -> User {
        let admin = self.admin();
        admin.script(&[("CREATE DATABASE DB", ""), ("CREATE SCHEMA DB.S", ""), ("USE SCHEMA DB.S", "")]);
        admin
    }

    pub fn login(&self, user: &str, password: &str, role: Option<&str>) -> Result<User, SfError> {
        let login = Login {
            user: user.into(),
            password: Some(password.into()),
            role: role.map(str::to_owned),
            ..Login::default()
        };
        Ok(User { engine: self.engine.clone(), session: self.engine.login(&login)? })
    }
}

impl User {
    /// Rows as text, cells joined by `|`, rows by `;`.
    pub fn run(&self, sql: &str) -> Result<String, SfError> {
        let query_id = self.engine.new_query_id();
        let request = Request { query_id: query_id.clone(), sql: sql.to_owned(), ..Request::default() };
        let answer = self.session.execute(&request)?;
        self.engine.keep_result(&query_id, &self.session.user, Arc::new(answer.clone()));
        let rows = (0..answer.rows.len()).map(|r| {
            let cell = |c| cell_text(&answer, r, c).unwrap().unwrap_or_else(|| "NULL".into());
            (0..answer.fields.len()).map(cell).collect::<Vec<_>>().join("|")
        });
        Ok(rows.collect::<Vec<_>>().join(";"))
    }

    /// What a statement answers; it must succeed.
    pub fn get(&self, sql: &str) -> String {
        self.run(sql).unwrap_or_else(|e| panic!("{sql}\n{e}"))
    }

    /// The refusal of a statement that must fail.
    pub fn fail(&self, sql: &str) -> SfError {
        match self.run(sql) {
            Err(e) => e,
            Ok(rows) => panic!("{sql}\nshould fail, gave {rows}"),
        }
    }

    /// Statements and what they answer: rows, nothing for any success, `!002003` for a code, `~text` for an error's text.
    pub fn script(&self, lines: &[(&str, &str)]) {
        for (sql, want) in lines {
            let got = self.run(sql);
            match (got, want.strip_prefix('!'), want.strip_prefix('~')) {
                (Err(e), Some(code), _) => assert_eq!(&e.code, &code, "{sql}\n{e}"),
                (Err(e), _, Some(text)) => assert!(e.message.contains(text), "{sql}\n{e}"),
                (Ok(rows), None, None) => {
                    assert!(want.is_empty() || rows == *want, "{sql}\n got {rows}\nwant {want}");
                }
                (Ok(rows), ..) => panic!("{sql}\nshould fail with {want}, gave {rows}"),
                (Err(e), ..) => panic!("{sql}\n{e}"),
            }
        }
    }

    /// One column of the last SHOW or DESCRIBE.
    pub fn column(&self, show: &str, column: &str) -> String {
        self.get(show);
        self.get(&format!("SELECT \"{column}\" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))"))
    }
}
