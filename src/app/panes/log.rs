//! Every call to a service.

use super::{moved, passes};
use crate::app::overlay::Overlay;
use crate::app::{Action, Cursor, Cx, Tone};
use crate::domain::{CallRecord, Service};
use std::collections::VecDeque;

/// How many calls are kept; the log file has the rest.
const KEPT: usize = 5_000;

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
    /// The filter.
    pub filter: String,
}

impl Default for State {
    fn default() -> Self {
        let (calls, rows) = (VecDeque::new(), Vec::new());
        Self { calls, rows, cursor: Cursor::default(), follow: true, filter: String::new() }
    }
}

impl State {
    /// Adds a call.
    pub fn push(&mut self, call: CallRecord) {
        if self.calls.len() >= KEPT {
            // A tenth at once, so that a busy log is not rebuilt at every call.
            self.calls.drain(..KEPT / 10);
            self.rebuild();
            self.cursor.step(-isize::try_from(KEPT / 10).unwrap_or(0), self.rows.len());
        }
        if matches(&self.filter, &call) {
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

    fn rebuild(&mut self) {
        self.rows = (0..self.calls.len()).filter(|i| matches(&self.filter, &self.calls[*i])).collect();
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
        let Some(call) = self.selected() else { return };
        match action {
            Action::Enter | Action::Right => {
                let tone = if call.outcome.is_ok() { Tone::Plain } else { Tone::Bad };
                cx.overlays.push(Overlay::reader(title(call), detail(call), tone));
            }
            Action::EditSql if call.service == Service::Sql => cx.open_sql = Some(call.text.clone()),
            Action::EditSql => cx.say(Tone::Warn, "This is an S3 call, not a statement"),
            Action::Copy => cx.copy("call", call.text.clone()),
            _ => {}
        }
    }
}

fn matches(filter: &str, call: &CallRecord) -> bool {
    let outcome = match &call.outcome {
        Ok(text) | Err(text) => text,
    };
    let status = if call.outcome.is_ok() { "ok" } else { "failed" };
    filter.trim().is_empty()
        || passes(
            filter,
            &format!("{} {} {} {status} {}", service(call), call.text, outcome, call.id.as_deref().unwrap_or("")),
        )
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
