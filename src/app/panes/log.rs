//! Every call to a service.

use super::{moved, passes};
use crate::app::overlay::Overlay;
use crate::app::{Action, Cursor, Cx, Tone};
use crate::domain::{CallRecord, Service};
use std::collections::VecDeque;

/// How many calls are kept; the log file has the rest.
const KEPT: usize = 5_000;
/// Characters of a call's text that are kept; the log file has the rest.
const TEXT: usize = 20_000;

/// Which calls are shown, beside the filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// All.
    #[default]
    All,
    /// Statements.
    Sql,
    /// S3 calls.
    S3,
}

/// The pane's state.
#[derive(Debug, Clone)]
pub struct State {
    /// Calls, the newest last.
    pub calls: VecDeque<CallRecord>,
    /// Indices of those that pass the filter.
    pub rows: Vec<usize>,
    /// Selected row.
    pub cursor: Cursor,
    /// The selection goes with the newest call.
    pub follow: bool,
    /// The filter: words; `>100ms` or `>2s` for what took longer.
    pub filter: String,
    /// Only calls of this service.
    pub kind: Kind,
    /// Only calls that failed.
    pub failed: bool,
}

impl Default for State {
    fn default() -> Self {
        let (calls, rows) = (VecDeque::new(), Vec::new());
        Self {
            calls,
            rows,
            cursor: Cursor::default(),
            follow: true,
            filter: String::new(),
            kind: Kind::All,
            failed: false,
        }
    }
}

impl State {
    /// Adds a call.
    pub fn push(&mut self, mut call: CallRecord) {
        if let Some((at, _)) = call.text.char_indices().nth(TEXT) {
            call.text.truncate(at);
            call.text.push('…');
        }
        if self.calls.len() >= KEPT {
            // A tenth at once, so that a busy log is not rebuilt at every call.
            self.calls.drain(..KEPT / 10);
            self.rebuild();
            self.cursor.step(-isize::try_from(KEPT / 10).unwrap_or(0), self.rows.len());
        }
        if self.passes(&call) {
            self.rows.push(self.calls.len());
        }
        self.calls.push_back(call);
        if self.follow {
            self.cursor.set(usize::MAX, self.rows.len());
        }
    }

    /// The selected call.
    #[must_use]
    pub fn selected(&self) -> Option<&CallRecord> {
        self.calls.get(*self.rows.get(self.cursor.at())?)
    }

    /// Sets the filter.
    pub fn set_filter(&mut self, text: String) {
        self.filter = text;
        self.rebuild();
    }

    /// Whether a call is shown.
    fn passes(&self, call: &CallRecord) -> bool {
        let kind = match self.kind {
            Kind::All => true,
            Kind::Sql => call.service == Service::Sql,
            Kind::S3 => call.service == Service::S3,
        };
        kind && (!self.failed || call.outcome.is_err()) && matches(&self.filter, call)
    }

    fn rebuild(&mut self) {
        self.rows = (0..self.calls.len()).filter(|i| self.passes(&self.calls[*i])).collect();
        self.cursor.clamp(self.rows.len());
        if self.follow {
            self.cursor.set(usize::MAX, self.rows.len());
        }
    }

    /// What an action does here.
    pub fn act(&mut self, action: Action, cx: &mut Cx<'_>) {
        if moved(&mut self.cursor, action, self.rows.len(), cx.half) {
            self.follow = self.cursor.at() + 1 >= self.rows.len();
            return;
        }
        match action {
            Action::View => {
                self.kind = match self.kind {
                    Kind::All => Kind::Sql,
                    Kind::Sql => Kind::S3,
                    Kind::S3 => Kind::All,
                };
                return self.rebuild();
            }
            Action::Toggle => {
                self.failed = !self.failed;
                return self.rebuild();
            }
            _ => {}
        }
        let Some(call) = self.selected() else { return };
        match action {
            Action::Enter | Action::Right => {
                let tone = if call.outcome.is_ok() { Tone::Plain } else { Tone::Bad };
                cx.overlays.push(Overlay::reader(title(call), detail(call), tone));
            }
            Action::EditSql if call.service == Service::Sql => cx.open_sql = Some(call.text.clone()),
            Action::EditSql => cx.say(Tone::Warn, "This is an S3 call, not a statement"),
            Action::Copy => cx.copy("call", call.text.clone()),
            Action::CopyLink => cx.copy("query id", call.id.clone().unwrap_or_default()),
            _ => {}
        }
    }
}

fn matches(filter: &str, call: &CallRecord) -> bool {
    let outcome = match &call.outcome {
        Ok(text) | Err(text) => text,
    };
    if filter.trim().is_empty() {
        return true;
    }
    let (longer, words): (Vec<&str>, Vec<&str>) = filter.split_whitespace().partition(|w| micros(w).is_some());
    if longer.into_iter().filter_map(micros).any(|least| call.micros < least) {
        return false;
    }
    let status = if call.outcome.is_ok() { "ok" } else { "failed" };
    let id = call.id.as_deref().unwrap_or("");
    passes(&words.join(" "), &format!("{} {} {outcome} {status} {id}", service(call), call.text))
}

/// Microseconds of `>100ms` or `>2s`; `None` for any other word.
fn micros(word: &str) -> Option<u64> {
    let rest = word.strip_prefix('>')?;
    let (number, unit) = rest.split_at(rest.find(|c: char| c.is_alphabetic())?);
    let number: f64 = number.parse().ok().filter(|n| (0.0..1e9).contains(n))?;
    let micros = match unit {
        "ms" => number * 1e3,
        "s" => number * 1e6,
        _ => return None,
    };
    format!("{micros:.0}").parse().ok()
}

/// The service's name.
#[must_use]
pub const fn service(call: &CallRecord) -> &'static str {
    match call.service {
        Service::Sql => "sql",
        Service::S3 => "s3",
    }
}

fn title(call: &CallRecord) -> String {
    format!("{} call", if call.service == Service::Sql { "Snowflake" } else { "S3" })
}

fn detail(call: &CallRecord) -> String {
    let outcome = match &call.outcome {
        Ok(text) => format!("ok: {text}"),
        Err(text) => format!("failed: {text}"),
    };
    let id = call.id.as_deref().unwrap_or("none");
    format!("{}\n\n{outcome}\nid       {id}\nduration {}.{:03} ms", call.text, call.micros / 1000, call.micros % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(service: Service, text: &str, micros: u64, ok: bool) -> CallRecord {
        let outcome = if ok { Ok("1 row".into()) } else { Err("002003: no".into()) };
        CallRecord { started_ms: 0, service, text: text.into(), micros, id: Some("01b2".into()), outcome }
    }

    fn shown(log: &State) -> Vec<&str> {
        log.rows.iter().map(|i| log.calls[*i].text.as_str()).collect()
    }

    #[test]
    fn calls_are_found_by_words_kind_outcome_and_time() {
        let mut log = State::default();
        log.push(call(Service::Sql, "SELECT 1", 1_500, true));
        log.push(call(Service::S3, "PutObject x", 2_000_000, true));
        log.push(call(Service::Sql, "DROP TABLE x", 90_000, false));
        log.set_filter("x sql".into());
        assert_eq!(shown(&log), ["DROP TABLE x"]);
        log.set_filter(">50ms".into());
        assert_eq!(shown(&log), ["PutObject x", "DROP TABLE x"]);
        log.set_filter(">1s put".into());
        assert_eq!(shown(&log), ["PutObject x"]);
        log.set_filter("failed".into());
        assert_eq!(shown(&log), ["DROP TABLE x"]);
        log.set_filter(String::new());
        log.kind = Kind::S3;
        log.rebuild();
        assert_eq!(shown(&log), ["PutObject x"]);
        (log.kind, log.failed) = (Kind::All, true);
        log.rebuild();
        assert_eq!(shown(&log), ["DROP TABLE x"]);
        log.push(call(Service::Sql, &"é".repeat(30_000), 1, false));
        assert_eq!(log.calls[3].text.chars().count(), TEXT + 1);
    }
}
