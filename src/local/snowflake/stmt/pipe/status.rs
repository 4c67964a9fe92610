//! What state a pipe is in.

use super::super::stage::copy::Copy;
use super::alter;
use crate::local::snowflake::catalog::{Body, Object};
use crate::local::snowflake::engine::Engine;
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::pipe::{as_owner, memory};
use chrono::DateTime;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Why a pipe's COPY cannot be run now: its table, stage or format is gone, or its owner may not use them any more.
#[must_use]
pub fn invalid(engine: &Arc<Engine>, pipe: &Object) -> Option<SfError> {
    let Body::Pipe(p) = &pipe.body else { return None };
    Copy::for_pipe(&p.definition).and_then(|copy| as_owner(engine, pipe, |cx| copy.check(cx))).err()
}

/// `executionState`.
fn execution_state(engine: &Arc<Engine>, pipe: &Object) -> (&'static str, Option<SfError>) {
    let Body::Pipe(p) = &pipe.body else { return ("STOPPED_MISSING_PIPE", None) };
    if p.cloned {
        return ("STOPPED_CLONED", None);
    }
    if p.paused {
        return ("PAUSED", None);
    }
    if let Some(e) = invalid(engine, pipe) {
        let gone = |what: &str| e.code == "002003" && e.message.contains(&format!("{what} '"));
        let state = if gone("Table") {
            "STOPPED_MISSING_TABLE"
        } else if gone("Stage") {
            "STOPPED_STAGE_DROPPED"
        } else if gone("File format") {
            "STOPPED_FILE_FORMAT_DROPPED"
        } else if e.code == "003001" {
            "STALLED_STAGE_PERMISSION_ERROR"
        } else {
            "STALLED_COMPILATION_ERROR"
        };
        return (state, Some(e));
    }
    match engine.pipes.read(pipe.id, |state| state.error.clone()) {
        Some((_, e)) => ("STALLED_EXECUTION_ERROR", Some(e)),
        None => ("RUNNING", None),
    }
}

fn stamp(us: i64) -> Value {
    DateTime::from_timestamp_micros(us).map(|t| t.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()).into()
}

/// The JSON text of SYSTEM$PIPE_STATUS.
///
/// # Errors
/// DuckDB's.
pub fn json(engine: &Arc<Engine>, pipe: &Object) -> SfResult<String> {
    let conn = engine.connect()?;
    let (state, error) = execution_state(engine, pipe);
    let (waiting, received) = engine.pipes.read(pipe.id, |s| (s.waiting.clone(), s.received.clone()));
    let sent = memory::sent(&conn, pipe.id)?;
    let pending: BTreeSet<&str> =
        waiting.keys().map(String::as_str).chain(sent.iter().map(|(key, ..)| key.as_str())).collect();
    let oldest = waiting
        .iter()
        .map(|(key, w)| (w.received_us, key.as_str()))
        .chain(sent.iter().map(|(key, at, _)| (*at, key.as_str())))
        .min();
    let mut out = Map::new();
    out.insert("executionState".into(), state.into());
    out.insert("pendingFileCount".into(), pending.len().into());
    if let Some((at, key)) = oldest {
        out.insert("oldestFileTimestamp".into(), stamp(at));
        out.insert("oldestPendingFilePath".into(), key.into());
    }
    if let Some((key, at)) = memory::last(&conn, pipe.id)? {
        out.insert("lastIngestedTimestamp".into(), stamp(at));
        out.insert("lastIngestedFilePath".into(), key.into());
    }
    if matches!(&pipe.body, Body::Pipe(p) if p.auto_ingest) {
        out.insert("numOutstandingMessagesOnChannel".into(), 0.into());
    }
    if let Some((at, key)) = received {
        out.insert("lastReceivedMessageTimestamp".into(), stamp(at));
        out.insert("lastForwardedMessageTimestamp".into(), stamp(at));
        out.insert("lastForwardedFilePath".into(), key.into());
    }
    if let Some(e) = error {
        let key = if state == "STALLED_EXECUTION_ERROR" { "fault" } else { "error" };
        out.insert(key.into(), e.message.into());
    }
    Ok(Value::Object(out).to_string())
}

/// Resumes whatever holds the pipe back.
///
/// # Errors
/// 091415 for a stale pipe without `staleness_check_override`.
pub fn force_resume(engine: &Arc<Engine>, pipe: &Object, overrides: &str) -> SfResult<()> {
    let Body::Pipe(p) = &pipe.body else { return Ok(()) };
    let now = engine.clock.now_ms();
    let overridden = overrides.split(',').any(|o| o.trim().eq_ignore_ascii_case("staleness_check_override"));
    if alter::is_stale(p, now) && !overridden {
        let text = format!(
            "Pipe '{}' cannot be resumed: it has been paused for more than 14 days. Use 'staleness_check_override'.",
            pipe.bare()
        );
        return Err(SfError::execution("091415", "22000", text));
    }
    let conn = engine.connect()?;
    engine.ddl(&conn, |edit, _| {
        edit.change(pipe.id, |o| {
            if let Body::Pipe(p) = &mut o.body {
                alter::pause(p, false, now);
            }
        });
        Ok(())
    })?;
    engine.pipes.look(None);
    Ok(())
}
