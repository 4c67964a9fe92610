//! One pipe's loading: its waiting files, a batch in a transaction, with the owner's rights.

use super::super::catalog::{Body, Object};
use super::super::engine::Engine;
use super::super::error::{SfError, SfResult};
use super::super::session::{Cx, QueryInfo, Session};
use super::super::stmt::stage::copy::{Arrived, Copy, PipeBatch};
use super::{Waiting, Watch, memory};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Files in one transaction.
const FILES: usize = 500;
/// Bytes in one transaction, unless the first file is larger.
const BYTES: u64 = 256 << 20;

/// A pipe's loading that runs.
pub struct Job {
    /// The pipe's object id.
    pub pipe: i64,
    /// Look for files first.
    pub scan: bool,
    /// Its session, to interrupt it.
    pub session: Arc<Session>,
    /// It is to end.
    pub stop: Arc<AtomicBool>,
}

/// The pipe, as long as it is there and not paused.
fn alive(engine: &Engine, id: i64) -> Option<Arc<Object>> {
    let object = engine.catalog().by_id(id).filter(|o| o.dropped_ms.is_none()).cloned()?;
    matches!(&object.body, Body::Pipe(p) if !p.paused).then_some(object)
}

/// Loads until nothing waits.
///
/// # Errors
/// What keeps a batch from being loaded; its files go on waiting.
pub fn run(engine: &Arc<Engine>, job: &Job) -> SfResult<()> {
    if job.scan
        && let Some(pipe) = alive(engine, job.pipe)
    {
        scan(engine, &pipe)?;
    }
    while !job.stop.load(Ordering::Relaxed) {
        let Some(pipe) = alive(engine, job.pipe) else { return Ok(()) };
        let batch = engine.pipes.read(job.pipe, |state| next(&state.waiting));
        if batch.is_empty() {
            return Ok(());
        }
        let Body::Pipe(p) = &pipe.body else { return Ok(()) };
        let copy = Copy::for_pipe(&p.definition)?;
        let batch = PipeBatch { pipe: pipe.id, files: batch };
        let results = in_session(engine, &job.session, &p.definition, &job.stop, |cx| copy.ingest(cx, &batch))?;
        engine.pipes.change(job.pipe, |state| {
            for r in &results {
                state.waiting.remove(&r.file.key);
            }
            state.error = None;
        });
    }
    Ok(())
}

fn next(waiting: &BTreeMap<String, Waiting>) -> Vec<Arrived> {
    let mut bytes = 0;
    let mut out = Vec::new();
    for (key, w) in waiting.iter().take(FILES) {
        if !out.is_empty() && bytes + w.size > BYTES {
            break;
        }
        bytes += w.size;
        out.push(Arrived { key: key.clone(), received_us: w.received_us });
    }
    out
}

/// Adds the files that REFRESH has sent, and for a pipe that ingests by itself those that were stored since it was made (at
/// most as long ago as it remembers files) and that it does not know.
fn scan(engine: &Engine, pipe: &Object) -> SfResult<()> {
    let watch = Watch::of(&engine.catalog(), pipe)?;
    let conn = engine.connect()?;
    let now_us = engine.now_us();
    let mut found: BTreeMap<String, Waiting> = memory::sent(&conn, pipe.id)?
        .into_iter()
        .map(|(key, received_us, size)| (key, Waiting { received_us, size }))
        .collect();
    if watch.auto {
        let known = memory::all(&conn, pipe.id, now_us)?;
        let made_ms = if let Body::Pipe(p) = &pipe.body { p.since_ms } else { 0 };
        let since_ms = made_ms.max(engine.clock.machine_ms() - memory::DAYS * memory::DAY_US / 1000);
        for f in watch.location.list(engine, None)? {
            let old = known.get(&f.key).is_some_and(|k| k.loaded || k.tags.contains(&f.etag));
            if !old && f.modified_ms >= since_ms && watch.takes(&f.bucket, &f.key, f.size) {
                found.entry(f.key).or_insert(Waiting { received_us: now_us, size: f.size });
            }
        }
    }
    engine.pipes.change(pipe.id, |state| {
        for (key, w) in found {
            state.waiting.entry(key).or_insert(w);
        }
    });
    Ok(())
}

/// Runs `f` in a session of its own as the pipe's owner, in the pipe's schema.
///
/// # Errors
/// DuckDB's; what `f` refuses.
pub fn as_owner<T>(engine: &Arc<Engine>, pipe: &Object, f: impl FnOnce(&mut Cx<'_>) -> SfResult<T>) -> SfResult<T> {
    let session = session_of(engine, pipe)?;
    let out = in_session(engine, &session, "", &Arc::new(AtomicBool::new(false)), f);
    session.close();
    out
}

/// A session as the pipe's owner, in the pipe's schema.
///
/// # Errors
/// DuckDB's.
pub fn session_of(engine: &Arc<Engine>, pipe: &Object) -> SfResult<Arc<Session>> {
    let part = |i: usize| pipe.name.get(i).map_or("", String::as_str);
    engine.internal_session(&pipe.owner, part(0), part(1))
}

fn in_session<T>(
    engine: &Arc<Engine>,
    session: &Session,
    text: &str,
    stop: &Arc<AtomicBool>,
    f: impl FnOnce(&mut Cx<'_>) -> SfResult<T>,
) -> SfResult<T> {
    session.with(|s| {
        let q = QueryInfo {
            id: engine.new_query_id(),
            text: text.to_owned(),
            now_us: engine.now_us(),
            binds: BTreeMap::new(),
            bind_rows: None,
            cancelled: stop.clone(),
        };
        let mut cx = Cx { engine, s, q };
        let out = f(&mut cx);
        // Nothing that failed half-way may stay open, nor its locks be kept.
        cx.rollback()?;
        out
    })?
}

/// What a job's thread tells when it has ended, whatever happened in it.
pub fn outcome(engine: &Arc<Engine>, job: &Job) -> Option<SfError> {
    let run = std::panic::AssertUnwindSafe(|| run(engine, job));
    let out = std::panic::catch_unwind(run).unwrap_or_else(|_| Err(SfError::internal("unknown defect")));
    job.session.close();
    out.err().filter(|_| !job.stop.load(Ordering::Relaxed))
}
