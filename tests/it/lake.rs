//! An engine with an object store and a bucket `lake`, for tests of stages and pipes.

use snowdeck::jobs::{Clock, SystemClock};
use snowdeck::local::s3::{PutOptions, Store};
use snowdeck::local::snowflake::engine::{Engine, Options};
use snowdeck::local::snowflake::error::SfError;
use snowdeck::local::snowflake::pipe::Ingest;
use snowdeck::local::snowflake::session::{Login, Request, Session};
use snowdeck::local::snowflake::wire::encode::cell_text;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

/// The machine's clock, which the test may put forward.
#[derive(Default)]
pub struct Hand(AtomicI64);

impl Hand {
    /// Puts the clock forward.
    pub fn forward(&self, time: Duration) {
        self.0.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::Relaxed);
    }
}

impl Clock for Hand {
    fn now_ms(&self) -> i64 {
        SystemClock.now_ms() + self.0.load(Ordering::Relaxed)
    }
}

/// The engine and what belongs to it.
pub struct Lake {
    pub clock: Arc<Hand>,
    pub store: Store,
    pub dir: tempfile::TempDir,
    running: Option<(Arc<Engine>, Arc<Session>)>,
    ingest: Option<Ingest>,
}

impl Lake {
    /// With the database DB, schema S, warehouse W and a stage ST on `s3://lake/in/`.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(Hand::default());
        let store = Store::open_with_clock(&dir.path().join("objects"), clock.clone()).unwrap();
        store.create_bucket("lake").unwrap();
        let mut lake = Self { clock, store, dir, running: None, ingest: None };
        lake.open();
        lake.script(&[
            "CREATE DATABASE DB",
            "CREATE SCHEMA DB.S",
            "CREATE WAREHOUSE W",
            "CREATE STAGE S.ST URL = 's3://lake/in/' FILE_FORMAT = (TYPE = CSV)",
        ]);
        lake
    }

    fn open(&mut self) {
        let admin = ("ADMIN".to_owned(), "secret-for-tests".to_owned());
        let options = Options {
            objects: Some(self.store.clone()),
            clock: self.clock.clone(),
            account: "LOCAL".into(),
            admin: admin.clone(),
        };
        let engine = Engine::open(Some(&self.dir.path().join("db")), options).unwrap();
        let login = Login { user: admin.0, password: Some(admin.1), ..Login::default() };
        let session = engine.login(&login).unwrap();
        self.running = Some((engine, session));
    }

    /// Starts the thread that feeds pipes.
    pub fn listen(&mut self) {
        self.ingest = Some(Ingest::start(self.engine().clone()).unwrap());
    }

    /// Ends the thread that feeds pipes.
    pub fn deafen(&mut self) {
        self.ingest = None;
    }

    /// Closes the engine and opens its file again, in DB.S.
    pub fn restart(&mut self) {
        self.deafen();
        if let Some((_, session)) = self.running.take() {
            session.close();
        }
        self.open();
        self.script(&["USE SCHEMA DB.S", "USE WAREHOUSE W"]);
    }

    pub fn engine(&self) -> &Arc<Engine> {
        &self.running.as_ref().unwrap().0
    }

    pub fn session(&self) -> &Arc<Session> {
        &self.running.as_ref().unwrap().1
    }

    /// A session of another user.
    pub fn login(&self, user: &str, password: &str) -> Arc<Session> {
        let login = Login { user: user.into(), password: Some(password.into()), ..Login::default() };
        self.engine().login(&login).unwrap()
    }

    pub fn put(&self, key: &str, content: impl AsRef<[u8]>) {
        self.store.put("lake", key, content.as_ref(), PutOptions::default()).unwrap();
    }

    /// Rows as text, cells joined by `|`, rows by `;`.
    pub fn run(&self, sql: &str) -> Result<String, SfError> {
        self.run_as(self.session(), sql)
    }

    /// As [`Self::run`], in another session.
    pub fn run_as(&self, session: &Session, sql: &str) -> Result<String, SfError> {
        let query_id = self.engine().new_query_id();
        let request = Request { query_id: query_id.clone(), sql: sql.to_owned(), ..Request::default() };
        let answer = session.execute(&request)?;
        self.engine().keep_result(&query_id, &session.user, Arc::new(answer.clone()));
        let row = |r| {
            let cell = |c| cell_text(&answer, r, c).unwrap().unwrap_or_else(|| "NULL".into());
            (0..answer.fields.len()).map(cell).collect::<Vec<_>>().join("|")
        };
        Ok((0..answer.rows.len()).map(row).collect::<Vec<_>>().join(";"))
    }

    #[track_caller]
    pub fn script(&self, statements: &[&str]) {
        for sql in statements {
            if let Err(e) = self.run(sql) {
                panic!("{sql}\n{e}");
            }
        }
    }

    #[track_caller]
    pub fn is(&self, sql: &str, expected: &str) {
        match self.run(sql) {
            Ok(got) => assert_eq!(got, expected, "{sql}"),
            Err(e) => panic!("{sql}\n{e}"),
        }
    }

    /// Asks again for up to half a minute, until the answer is as expected.
    #[track_caller]
    pub fn becomes(&self, sql: &str, expected: &str) {
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let got = self.run(sql).unwrap_or_else(|e| panic!("{sql}\n{e}"));
            if got == expected {
                return;
            }
            assert!(Instant::now() < until, "{sql}\nstill {got}, not {expected}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[track_caller]
    pub fn fails(&self, sql: &str, code: &str) -> String {
        let e = self.run(sql).expect_err(sql);
        assert_eq!(e.code, code, "{sql}\n{e}");
        e.message
    }
}
