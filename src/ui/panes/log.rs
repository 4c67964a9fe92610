//! Log: every call, the newest last.

use crate::app::Model;
use crate::app::panes::log::service;
use crate::domain::CallRecord;
use crate::ui::widgets::{List, empty, framed, remark};
use crate::ui::{Hits, Look, text};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let log = &model.log;
    let shown = if log.rows.len() == log.calls.len() {
        format!("{} calls", text::group(log.calls.len()))
    } else {
        format!("{} of {} calls", text::group(log.rows.len()), text::group(log.calls.len()))
    };
    let note = if log.follow { shown } else { format!("{shown}  G follows") };
    let inside = framed(frame, area, "Calls", remark(&note, look), true, look);
    if log.rows.is_empty() {
        let words: &[&str] = if log.filter.is_empty() {
            &["No call yet.", "Every statement and every S3 call is listed here as it is made."]
        } else {
            &["Nothing passes the filter.", "Esc clears it."]
        };
        return empty(frame, inside, words, look);
    }
    let columns = Columns::of(usize::from(inside.width));
    frame
        .render_widget(Line::styled(columns.head(), look.theme.muted), Rect { height: 1.min(inside.height), ..inside });
    let rest = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
    let list = List { len: log.rows.len(), selected: log.cursor.at(), panel: 0, focus: true };
    list.draw(frame, rest, look, hits, |i| columns.row(&log.calls[log.rows[i]], model.env.utc_offset_s, look));
}

struct Columns {
    text: usize,
    outcome: usize,
    id: usize,
}

impl Columns {
    /// Columns for a width; the query id needs a wide terminal.
    fn of(width: usize) -> Self {
        let id = if width >= 150 { 38 } else { 0 };
        let rest = width.saturating_sub(9 + 4 + 9 + 2 + 2 + id);
        let outcome = (rest / 3).min(40);
        Self { text: rest.saturating_sub(outcome + 1), outcome, id }
    }

    fn head(&self) -> String {
        let id = if self.id > 0 { text::left("ID", self.id) } else { String::new() };
        format!(
            "{}{}{}  {}{} {}",
            text::left("TIME", 9),
            text::left("", 4),
            text::right("TOOK", 9),
            id,
            text::left("  CALL", self.text + 2),
            "OUTCOME"
        )
    }

    fn row(&self, call: &CallRecord, offset_s: i32, look: &Look) -> Line<'static> {
        let (mark, style, outcome) = match &call.outcome {
            Ok(words) => (look.glyphs.done, look.theme.ok, words),
            Err(words) => (look.glyphs.failed, look.theme.bad, words),
        };
        let took = if call.micros < 10_000 {
            format!("{}.{} ms", call.micros / 1_000, call.micros % 1_000 / 100)
        } else {
            text::duration(i64::try_from(call.micros / 1_000).unwrap_or(i64::MAX))
        };
        let one_line = call.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut spans = vec![
            Span::styled(text::left(&text::clock_s(call.started_ms, offset_s), 9), look.theme.muted),
            Span::raw(text::left(service(call), 4)),
            Span::styled(text::right(&took, 9), look.theme.muted),
            Span::raw("  "),
        ];
        if self.id > 0 {
            spans.push(Span::styled(text::left(call.id.as_deref().unwrap_or(""), self.id), look.theme.muted));
        }
        spans.push(Span::styled(format!("{mark} "), style));
        spans.push(Span::raw(text::left(&one_line, self.text)));
        spans.push(Span::raw(" "));
        let style = if call.outcome.is_ok() { look.theme.muted } else { look.theme.bad };
        spans.push(Span::styled(text::left(outcome, self.outcome), style));
        Line::from(spans)
    }
}
