//! The statements run lately, for QUERY_HISTORY and LAST_QUERY_ID.

use super::answer::Answer;
use super::engine::Engine;
use super::error::SfResult;
use super::session::{Request, State};
use parking_lot::Mutex;
use std::collections::VecDeque;

/// How many are kept.
const KEPT: usize = 10_000;

/// One statement.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Query id.
    pub id: String,
    /// Text as sent.
    pub text: String,
    /// Where it ran.
    pub database: Option<String>,
    /// Where it ran.
    pub schema: Option<String>,
    /// Who ran it.
    pub user: String,
    /// As which role.
    pub role: String,
    /// On which warehouse.
    pub warehouse: Option<String>,
    /// QUERY_TAG.
    pub tag: String,
    /// In which session.
    pub session: u64,
    /// The task whose run it belongs to, by object id.
    pub task: Option<i64>,
    /// The statement type's number.
    pub kind: u32,
    /// Code and text of the failure.
    pub error: Option<(String, String)>,
    /// Epoch microseconds.
    pub started_us: i64,
    /// Epoch microseconds.
    pub ended_us: i64,
    /// Rows in the result.
    pub rows: u64,
    /// It has not ended yet.
    pub running: bool,
}

/// A ring of entries.
#[derive(Debug, Default)]
pub struct QueryHistory(Mutex<VecDeque<Entry>>);

impl QueryHistory {
    /// When a statement began and ended, epoch microseconds.
    #[must_use]
    pub fn times(&self, id: &str) -> Option<(i64, i64)> {
        self.0.lock().iter().rev().find(|e| e.id == id).map(|e| (e.started_us, e.ended_us))
    }

    /// Notes a statement that has ended.
    pub fn record(
        &self,
        engine: &Engine,
        session: u64,
        s: &State,
        request: &Request,
        started_us: i64,
        out: &SfResult<Answer>,
    ) {
        let entry = Entry {
            id: request.query_id.clone(),
            text: crate::domain::redact(&request.sql),
            database: s.database.clone(),
            schema: s.schema.clone(),
            user: s.user.clone(),
            role: s.role.clone(),
            warehouse: s.warehouse.clone(),
            tag: s.params.get("QUERY_TAG").to_owned(),
            session,
            task: s.task.as_ref().map(|t| t.id),
            kind: out.as_ref().map_or(0, |a| a.kind),
            error: out.as_ref().err().map(|e| (e.code.to_owned(), e.message.clone())),
            started_us,
            ended_us: engine.now_us(),
            rows: out.as_ref().map_or(0, |a| match a.stats {
                Some(stats) => stats.inserted + stats.updated + stats.deleted,
                None => a.rows.len() as u64,
            }),
            running: false,
        };
        let mut ring = self.0.lock();
        ring.push_back(entry);
        if ring.len() > KEPT {
            ring.pop_front();
        }
    }

    /// The statements that run now, the asking one aside.
    #[must_use]
    pub fn running(engine: &Engine, asking: &str) -> Vec<Entry> {
        let entry = |s: &std::sync::Arc<super::session::Session>| {
            let (running, info) = (s.running().filter(|r| r.id != asking)?, s.info());
            Some(Entry {
                id: running.id,
                text: running.text,
                database: info.database,
                schema: info.schema,
                user: s.user.clone(),
                role: info.role.unwrap_or_default(),
                warehouse: info.warehouse,
                tag: String::new(),
                session: s.id,
                task: running.task,
                kind: 0,
                error: None,
                started_us: running.started_us,
                ended_us: engine.now_us(),
                rows: 0,
                running: true,
            })
        };
        engine.sessions().iter().filter_map(entry).collect()
    }

    /// All entries, the oldest first.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.0.lock().iter().cloned().collect()
    }
}
