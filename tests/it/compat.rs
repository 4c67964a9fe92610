//! docs/compatibility.md: what each probe of `tests/compat/probes.toml` gives must be what the page says.
//! `SNOWDECK_BLESS=1` writes the page anew.

use serde::Deserialize;
use snowdeck::jobs::SystemClock;
use snowdeck::local::s3::{PutOptions, Store};
use snowdeck::local::snowflake::bind::{aggregate, functions};
use snowdeck::local::snowflake::engine::{Engine, Options};
use snowdeck::local::snowflake::error::SfError;
use snowdeck::local::snowflake::session::{Login, Request, Session};
use std::fmt::Write;
use std::sync::Arc;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/compatibility.md");

#[derive(Deserialize)]
struct Probes {
    section: Vec<Section>,
}

#[derive(Deserialize)]
struct Section {
    title: String,
    probes: Vec<Vec<String>>,
}

struct Account {
    engine: Arc<Engine>,
    session: Arc<Session>,
    _dir: tempfile::TempDir,
}

impl Account {
    fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        store.create_bucket("lake").unwrap();
        store.put("lake", "in/one.csv", b"a\nb\n", PutOptions::default()).unwrap();
        let admin = ("ADMIN".to_owned(), "secret-for-tests".to_owned());
        let options = Options {
            objects: Some(store),
            clock: Arc::new(SystemClock),
            account: "LOCAL".into(),
            admin: admin.clone(),
        };
        let engine = Engine::open(None, options).unwrap();
        let login = Login { user: admin.0, password: Some(admin.1), ..Login::default() };
        let session = engine.login(&login).unwrap();
        Self { engine, session, _dir: dir }
    }

    fn run(&self, sql: &str) -> Result<(), SfError> {
        let query_id = self.engine.new_query_id();
        let request = Request { query_id: query_id.clone(), sql: sql.to_owned(), ..Request::default() };
        let answer = self.session.execute(&request)?;
        self.engine.keep_result(&query_id, &self.session.user, Arc::new(answer));
        Ok(())
    }

    /// What each section starts from.
    fn fresh(&self) {
        for sql in [
            "USE ROLE ACCOUNTADMIN",
            "CREATE OR REPLACE DATABASE DB",
            "CREATE SCHEMA DB.P",
            "CREATE WAREHOUSE IF NOT EXISTS W",
            "CREATE TABLE T (ID INT, K VARCHAR, V INT, D DATE)",
            "INSERT INTO T VALUES (1, 'a', 10, '2024-01-01'), (2, 'b', 20, '2024-01-02')",
            "CREATE VIEW TV AS SELECT * FROM T",
            "CREATE STAGE ST URL = 's3://lake/in/'",
            "CREATE STAGE INNER_ST",
            "CREATE FILE FORMAT FF TYPE = CSV",
        ] {
            self.run(sql).unwrap_or_else(|e| panic!("{sql}\n{e}"));
        }
    }
}

/// A table cell: no line ends, no bars.
fn cell(text: &str) -> String {
    text.replace("SQL compilation error:\n", "").replace('\n', " ").replace('|', "\\|")
}

fn section(out: &mut String, account: &Account, section: &Section) {
    account.fresh();
    let _ = writeln!(out, "\n## {}\n\n| what | statement | here |\n|---|---|---|", section.title);
    for probe in &section.probes {
        let [what, sql, why @ ..] = probe.as_slice() else { panic!("{probe:?} is no probe") };
        let here = match (account.run(sql), why) {
            (Ok(()), []) => "native".to_owned(),
            (Ok(()), [why, ..]) => format!("accepted without effect: {why}"),
            (Err(e), _) => format!("refused: `{} ({}) {}`", e.code, e.state, cell(&e.message)),
        };
        let _ = writeln!(out, "| {} | `{}` | {here} |", cell(what), cell(sql));
    }
}

fn names(out: &mut String, title: &str, list: impl IntoIterator<Item = &'static str>) {
    let mut list: Vec<&str> = list.into_iter().collect();
    list.sort_unstable();
    list.dedup();
    let _ = writeln!(out, "\n{title} ({}): {}.", list.len(), list.join(", "));
}

#[test]
fn the_page_says_what_the_probes_give() {
    let text = include_str!("../compat/probes.toml");
    let probes: Probes = toml::from_str(text).unwrap();
    let account = Account::open();
    let mut page = String::from(
        "# Compatibility with Snowflake\n\nThis page is written by the tests (`tests/compat/probes.toml` has the \
         statements) and checked by them. *Native* statements run and do what they do in Snowflake; *accepted without \
         effect* ones are understood, kept where reflection shows them, and change nothing; all others are *refused* \
         with the error that is given here. Nothing is ignored silently.\n",
    );
    for s in &probes.section {
        section(&mut page, &account, s);
    }
    let _ = writeln!(page, "\n## Functions");
    names(&mut page, "Scalar functions", functions::names());
    names(&mut page, "Aggregate and window functions", aggregate::names());
    names(&mut page, "Refused by name, `000002 (0A000)`", functions::missing::MISSING.iter().copied());
    let _ = writeln!(page, "\nEvery other name is `002140 (42601) Unknown function`, as in Snowflake.");
    if std::env::var_os("SNOWDECK_BLESS").is_some() {
        std::fs::write(PAGE, &page).unwrap();
    }
    let committed = std::fs::read_to_string(PAGE).unwrap_or_default();
    for (new, old) in page.lines().zip(committed.lines()) {
        assert_eq!(new, old, "docs/compatibility.md says otherwise; SNOWDECK_BLESS=1 writes it anew");
    }
    assert_eq!(page, committed, "docs/compatibility.md has another length; SNOWDECK_BLESS=1 writes it anew");
}

#[test]
fn what_is_missing_is_refused_by_name() {
    let account = Account::open();
    account.fresh();
    for name in functions::missing::MISSING {
        assert!(functions::lookup(name).is_none() && aggregate::lookup(name).is_none(), "{name} is there");
        let e = account.run(&format!("SELECT {name}(1)")).unwrap_err();
        assert_eq!((e.code, e.message.as_str()), ("000002", format!("Unsupported feature '{name}'.").as_str()));
    }
}
