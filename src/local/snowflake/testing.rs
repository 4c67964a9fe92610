//! An engine in memory for tests.

use super::answer::Answer;
use super::engine::{Engine, Options};
use super::error::SfResult;
use super::session::{Login, Request, Session};
use std::sync::Arc;

/// The first user's password.
const PASSWORD: &str = "pw";

/// An engine in memory with the user `ADMIN`.
pub fn engine() -> Arc<Engine> {
    let options = Options {
        objects: None,
        clock: Arc::new(crate::jobs::SystemClock),
        account: "TEST".into(),
        admin: ("ADMIN".into(), PASSWORD.into()),
    };
    Engine::open(None, options).expect("engine in memory")
}

/// A session of a user with this password.
pub fn login(engine: &Arc<Engine>, user: &str, password: &str) -> Arc<Session> {
    let login = Login { user: user.into(), password: Some(password.into()), ..Login::default() };
    engine.login(&login).expect("login")
}

/// A session of `ADMIN` in a fresh database `D`, schema `S`.
pub fn session() -> Arc<Session> {
    let session = login(&engine(), "ADMIN", PASSWORD);
    for sql in ["CREATE DATABASE D", "CREATE SCHEMA D.S"] {
        run(&session, sql).expect(sql);
    }
    session
}

/// The engine behind a session.
pub fn engine_of(session: &Session) -> Arc<Engine> {
    session.engine().clone()
}

/// Runs one statement.
pub fn run(session: &Session, sql: &str) -> SfResult<Answer> {
    session.execute(&Request { query_id: uuid::Uuid::new_v4().to_string(), sql: sql.into(), ..Request::default() })
}

/// Every row as text.
pub fn rows(answer: &Answer) -> Vec<Vec<String>> {
    (0..answer.rows.len())
        .map(|r| {
            (0..answer.fields.len())
                .map(|c| super::wire::encode::cell_text(answer, r, c).ok().flatten().unwrap_or_else(|| "NULL".into()))
                .collect()
        })
        .collect()
}

/// Runs statements in turn. What is expected: a status sentence or first cell, `=a|b` for all cells of the first row, `#n` for
/// n rows, a six-digit error code, `~text` for an error that contains the text, or nothing.
pub fn check(session: &Session, table: &[(&str, &str)]) {
    for (sql, want) in table {
        let got = run(session, sql);
        let code = want.len() == 6 && want.chars().all(|c| c.is_ascii_digit());
        match (&got, *want) {
            (Err(e), _) if code => assert_eq!(e.code, *want, "{sql}: {e}"),
            (Err(e), w) if w.starts_with('~') => assert!(e.message.contains(&w[1..]), "{sql}: {e}"),
            (Err(e), _) => panic!("{sql}: {e}"),
            (Ok(_), "") => {}
            (Ok(a), w) if code || w.starts_with('~') => panic!("{sql} should fail, gave {:?}", rows(a)),
            (Ok(a), w) if w.starts_with('#') => assert_eq!(a.rows.len().to_string(), w[1..], "{sql}: {:?}", rows(a)),
            (Ok(a), w) => {
                let all = rows(a);
                let first = all.first().cloned().unwrap_or_default();
                match w.strip_prefix('=') {
                    Some(cells) => assert_eq!(first.join("|"), cells, "{sql}"),
                    None => assert_eq!(first.first().map_or("", String::as_str), w, "{sql}"),
                }
            }
        }
    }
}
