//! A task of a run as a text to read: every attempt with its times, error, value and statement.

use super::State;
use crate::app::overlay::Overlay;
use crate::app::{Cx, Tone};
use crate::domain::{TaskNode, TaskRun, TaskState};
use std::fmt::Write as _;

impl State {
    /// Opens it.
    pub(super) fn read(&self, cx: &mut Cx<'_>) {
        let Some(node) = self.selected() else { return };
        let attempts = self.run_id().map(|id| self.attempts(id, &node.name)).unwrap_or_default();
        let failed = attempts.last().is_some_and(|r| r.error_message.is_some() && r.state != TaskState::Skipped);
        let tone = if failed { Tone::Bad } else { Tone::Plain };
        cx.overlays.push(Overlay::reader(node.name.clone(), self.text(node, &attempts), tone));
    }

    fn text(&self, node: &TaskNode, attempts: &[&TaskRun]) -> String {
        let mut out = String::new();
        if !node.comment.is_empty() {
            let _ = writeln!(out, "{}\n", node.comment);
        }
        if attempts.is_empty() {
            out.push_str("It has had no part in this run.\n\n");
        }
        for run in attempts {
            self.attempt(run, &mut out);
        }
        if !node.predecessors.is_empty() {
            let _ = writeln!(out, "after   {}", node.predecessors.join(", "));
        }
        if let Some(root) = &node.finalizes {
            let _ = writeln!(out, "when {root} and all behind it have ended");
        }
        if let Some(condition) = &node.condition {
            let _ = writeln!(out, "when    {condition}");
        }
        let _ = write!(out, "\n{}", node.definition);
        out
    }

    fn attempt(&self, run: &TaskRun, out: &mut String) {
        let _ = write!(out, "attempt {}: {}", run.attempt, words(run.state));
        if let Some(queued) = run.scheduled_ms.zip(run.started_ms).map(|(q, s)| s - q).filter(|ms| *ms > 0) {
            let _ = write!(out, ", waited {queued} ms");
        }
        if let Some(ms) = run.millis().filter(|_| run.state.is_over()) {
            let _ = write!(out, ", ran {ms} ms");
        }
        if let Some(rows) = run.query_id.as_ref().and_then(|id| self.touched.get(id)) {
            let _ = write!(out, ", {rows} rows");
        }
        out.push('\n');
        if let Some(id) = &run.query_id {
            let _ = writeln!(out, "query   {id}");
        }
        if let Some(message) = &run.error_message {
            let _ = writeln!(out, "{}  {message}", run.error_code.as_deref().unwrap_or_default());
        }
        if let Some(value) = &run.return_value {
            out.push_str("returned\n");
            for line in pretty(value) {
                let _ = writeln!(out, "  {line}");
            }
        }
        out.push('\n');
    }
}

/// A state in small letters.
#[must_use]
pub const fn words(state: TaskState) -> &'static str {
    match state {
        TaskState::Scheduled => "queued",
        TaskState::Executing => "running",
        TaskState::Succeeded => "succeeded",
        TaskState::Failed => "failed",
        TaskState::FailedAndAutoSuspended => "failed, and the tree was suspended for it",
        TaskState::Cancelled => "cancelled",
        TaskState::Skipped => "skipped",
    }
}

/// A return value for people: a JSON object or array indented, anything else as it is.
#[must_use]
pub fn pretty(value: &str) -> Vec<String> {
    let json = serde_json::from_str::<serde_json::Value>(value).ok().filter(|v| v.is_object() || v.is_array());
    let text = json.and_then(|v| serde_json::to_string_pretty(&v).ok()).unwrap_or_else(|| value.to_owned());
    text.lines().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_made_readable() {
        assert_eq!(pretty("{\"rows\":3}"), ["{", "  \"rows\": 3", "}"]);
        assert_eq!(pretty("31 files"), ["31 files"]);
        assert_eq!(pretty("7"), ["7"]);
    }
}
