//! ALTER PIPE: SET, UNSET, REFRESH.

use super::super::stage::copy::Copy;
use super::super::{Class, Statement};
use super::create::{boolean, integration, unknown};
use crate::local::snowflake::answer::{Answer, Field, kind};
use crate::local::snowflake::catalog::{Body, Edit, Kind, Object, ObjectName, Options, Pipe};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::pipe::{self, Watch, memory};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::types::Ty;
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use std::sync::Arc;

/// How old a file may be that REFRESH sends, in days.
const REFRESH_DAYS: i64 = 7;

/// One change of the pipe.
type Step = Box<dyn FnOnce(&mut Object)>;

enum Change {
    Set(Options),
    Unset(Vec<String>),
    Refresh { prefix: String, after_us: Option<i64> },
}

struct Alter {
    if_exists: bool,
    name: ObjectName,
    change: Change,
}

/// Behind ALTER PIPE.
///
/// # Errors
/// 001003, 001420, 001008.
pub fn parse(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let if_exists = c.accept("IF EXISTS");
    let name = c.name()?;
    let change = if c.accept("REFRESH") {
        let options = c.options()?;
        let mut change = (String::new(), None);
        for (key, value) in options {
            match key.as_str() {
                "PREFIX" => change.0 = value,
                "MODIFIED_AFTER" => change.1 = Some(moment(&value)?),
                _ => return Err(unknown(&key)),
            }
        }
        Change::Refresh { prefix: change.0, after_us: change.1 }
    } else if c.accept("SET") {
        if c.sees(&["TAG"]) {
            return Err(SfError::unsupported("TAG of a pipe"));
        }
        let options = c.options()?;
        if options.is_empty() {
            return Err(c.unexpected());
        }
        Change::Set(options)
    } else if c.accept("UNSET") {
        if c.sees(&["TAG"]) {
            return Err(SfError::unsupported("TAG of a pipe"));
        }
        let mut keys = vec![c.ident()?];
        while c.accept_token(&sqlparser::tokenizer::Token::Comma) {
            keys.push(c.ident()?);
        }
        Change::Unset(keys)
    } else {
        return Err(c.unexpected());
    };
    Ok(Box::new(Alter { if_exists, name, change }))
}

/// An ISO 8601 time, in UTC where it names no zone; epoch microseconds.
fn moment(text: &str) -> SfResult<i64> {
    let plain = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
    if let Ok(t) = DateTime::parse_from_rfc3339(text) {
        return Ok(t.timestamp_micros());
    }
    for form in ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f %z"] {
        if let Ok(t) = DateTime::parse_from_str(text, form) {
            return Ok(t.timestamp_micros());
        }
    }
    if let Some(t) = plain.iter().find_map(|f| NaiveDateTime::parse_from_str(text, f).ok()) {
        return Ok(t.and_utc().timestamp_micros());
    }
    match NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().and_then(|d| d.and_hms_opt(0, 0, 0)) {
        Some(t) => Ok(t.and_utc().timestamp_micros()),
        None => Err(SfError::new("100035", "22007", format!("Timestamp '{text}' is not recognized"))),
    }
}

/// The pipe, if the session may do what the options need: OPERATE is enough to pause and to refresh.
fn target(cx: &Cx<'_>, name: &ObjectName, operating: bool) -> SfResult<Arc<Object>> {
    let found = cx.find(Kind::Pipe, name)?;
    let privileges: &[&str] = if operating { &["OWNERSHIP", "OPERATE"] } else { &["OWNERSHIP"] };
    cx.in_scope("ALTER PIPE", |s| s.require_any(&found, privileges))?;
    Ok(found)
}

impl Statement for Alter {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let operating = match &self.change {
            Change::Refresh { .. } => true,
            Change::Set(options) => options.keys().all(|k| k == "PIPE_EXECUTION_PAUSED"),
            Change::Unset(keys) => keys.iter().all(|k| k == "PIPE_EXECUTION_PAUSED"),
        };
        let found = match target(cx, &self.name, operating) {
            Err(e) if self.if_exists && e.code == "002003" => return Ok(Answer::done(kind::DDL)),
            other => other?,
        };
        match self.change {
            Change::Set(options) => set(cx, &found, options),
            Change::Unset(keys) => unset(cx, &found, &keys),
            Change::Refresh { prefix, after_us } => refresh(cx, &found, &prefix, after_us),
        }
    }

    fn describe(&self, _cx: &mut Cx<'_>) -> SfResult<Vec<Field>> {
        Ok(match self.change {
            Change::Refresh { .. } => fields(),
            _ => vec![Field::new("status", Ty::TEXT)],
        })
    }
}

fn set(cx: &mut Cx<'_>, found: &Object, options: Options) -> SfResult<Answer> {
    let now = cx.engine.clock.now_ms();
    let mut changes: Vec<Step> = Vec::new();
    for (key, value) in options {
        match key.as_str() {
            "PIPE_EXECUTION_PAUSED" => {
                let paused = boolean(&key, &value)?;
                if !paused {
                    resumable(found, now)?;
                }
                changes.push(Box::new(move |o| of(o, |p| pause(p, paused, now))));
            }
            "COMMENT" => changes.push(Box::new(move |o| o.comment = value)),
            "ERROR_INTEGRATION" => {
                let name = integration(cx, &value)?;
                changes.push(Box::new(move |o| of(o, |p| drop(p.options.insert(key, name)))));
            }
            _ => return Err(unknown(&key)),
        }
    }
    change(cx, found, changes)
}

fn unset(cx: &mut Cx<'_>, found: &Object, keys: &[String]) -> SfResult<Answer> {
    let now = cx.engine.clock.now_ms();
    let mut changes: Vec<Step> = Vec::new();
    for key in keys {
        match key.as_str() {
            "PIPE_EXECUTION_PAUSED" => {
                resumable(found, now)?;
                changes.push(Box::new(move |o| of(o, |p| pause(p, false, now))));
            }
            "COMMENT" => changes.push(Box::new(|o| o.comment = String::new())),
            "ERROR_INTEGRATION" => {
                changes.push(Box::new(|o| of(o, |p| drop(p.options.remove("ERROR_INTEGRATION")))));
            }
            _ => return Err(unknown(key)),
        }
    }
    change(cx, found, changes)
}

fn of(o: &mut Object, f: impl FnOnce(&mut Pipe)) {
    if let Body::Pipe(p) = &mut o.body {
        f(p);
    }
}

/// Pauses or resumes.
pub fn pause(p: &mut Pipe, paused: bool, now_ms: i64) {
    if paused != p.paused {
        p.paused_ms = paused.then_some(now_ms);
    }
    p.paused = paused;
    if !paused {
        (p.changed_hands, p.cloned) = (false, false);
    }
}

/// Whether a pipe has been paused so long that what it missed is no longer known.
#[must_use]
pub fn is_stale(p: &Pipe, now_ms: i64) -> bool {
    p.paused && p.paused_ms.is_some_and(|at| now_ms - at > memory::DAYS * memory::DAY_US / 1000)
}

/// A pipe that has changed hands or is stale is resumed by SYSTEM$PIPE_FORCE_RESUME alone. (The rule is documented, the
/// refusal's code and words are not.)
fn resumable(o: &Object, now_ms: i64) -> SfResult<()> {
    let Body::Pipe(p) = &o.body else { return Ok(()) };
    let why = if p.changed_hands {
        "its owner has changed"
    } else if is_stale(p, now_ms) {
        "it has been paused for more than 14 days"
    } else {
        return Ok(());
    };
    let text = format!("Pipe '{}' cannot be resumed: {why}. Use SYSTEM$PIPE_FORCE_RESUME.", o.bare());
    Err(SfError::execution("091415", "22000", text))
}

fn change(cx: &mut Cx<'_>, found: &Object, changes: Vec<Step>) -> SfResult<Answer> {
    let engine = cx.engine.clone();
    engine.ddl(&cx.s.conn, |edit: &mut Edit, _| {
        edit.change(found.id, |o| changes.into_iter().for_each(|f| f(o)));
        Ok(())
    })?;
    engine.pipes.look(None);
    Ok(Answer::done(kind::DDL))
}

fn fields() -> Vec<Field> {
    ["File", "Status"].map(|n| Field::new(n, Ty::TEXT)).to_vec()
}

/// Sends staged files to the pipe: those of the last seven days that neither the pipe nor its table has loaded.
fn refresh(cx: &mut Cx<'_>, found: &Object, prefix: &str, after_us: Option<i64>) -> SfResult<Answer> {
    let Body::Pipe(p) = &found.body else { return Err(SfError::no_operation()) };
    let engine = cx.engine.clone();
    let watch = Watch::of(&cx.catalog(), found)?;
    let now_us = engine.now_us();
    let since_us = after_us.unwrap_or(i64::MIN).max(engine.clock.machine_ms() * 1000 - REFRESH_DAYS * memory::DAY_US);
    let copy = Copy::for_pipe(&p.definition)?;
    let in_table = pipe::as_owner(&engine, found, |cx| copy.known(cx))?;
    let in_pipe = memory::all(&cx.s.conn, found.id, now_us)?;
    let mut listed = watch.location.clone();
    listed.prefix.push_str(prefix);
    let files: Vec<_> = listed
        .list(&engine, None)?
        .into_iter()
        .filter(|f| f.modified_ms * 1000 >= since_us && watch.takes(&f.bucket, &f.key, f.size))
        .filter(|f| !in_pipe.get(&f.key).is_some_and(|k| k.loaded))
        .filter(|f| !in_table.contains(&(f.shown.clone(), f.etag.clone())))
        .collect();
    let rows: Vec<memory::Row<'_>> = files
        .iter()
        .map(|f| memory::Row {
            pipe: found.id,
            key: &f.key,
            etag: &f.etag,
            size: f.size,
            loaded: 0,
            state: "SENT",
            received_us: now_us,
            at_us: now_us,
        })
        .collect();
    let all: Vec<String> = rows.chunks(1000).filter_map(memory::insert).collect();
    if !all.is_empty() {
        cx.s.conn.execute_batch(&format!("BEGIN TRANSACTION; {}; COMMIT", all.join("; ")))?;
        engine.pipes.look(Some(found.id));
    }
    let rows: Vec<_> = files.iter().map(|f| vec![Some(watch.relative(&f.key)), Some("SENT".to_owned())]).collect();
    Ok(Answer::texts(kind::DDL, fields(), &rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_with_and_without_a_zone() {
        let noon = moment("2026-03-01T12:00:00Z").unwrap();
        assert_eq!(moment("2026-03-01T04:00:00-08:00").unwrap(), noon);
        assert_eq!(moment("2026-03-01T12:00:00").unwrap(), noon);
        assert_eq!(moment("2026-03-01").unwrap(), noon - 12 * 3_600_000_000);
        assert_eq!(moment("soon").unwrap_err().code, "100035");
    }

    #[test]
    fn a_pause_of_two_weeks_is_stale() {
        let mut p = Pipe::default();
        pause(&mut p, true, 1000);
        pause(&mut p, true, 2000);
        assert_eq!(p.paused_ms, Some(1000), "paused again is paused since then");
        let day = 86_400_000;
        assert!(!is_stale(&p, 14 * day) && is_stale(&p, 15 * day));
        pause(&mut p, false, 3000);
        assert!(!is_stale(&p, 15 * day) && p.paused_ms.is_none());
    }
}
