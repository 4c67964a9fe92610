//! Log: every call, the newest last.

use crate::app::Model;
use crate::app::panes::log::{Kind, service};
use crate::domain::{CallRecord, Service};
use crate::ui::widgets::{List, empty, folded, framed, highlight, panel, remark};
use crate::ui::{Hits, Look, text};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::Paragraph;

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    // Where there is room the selected call is shown in full below the list.
    let detail = if area.height >= 28 && !model.log.rows.is_empty() { area.height / 3 } else { 0 };
    let [top, below] = Layout::vertical([Constraint::Min(0), Constraint::Length(detail)]).areas(area);
    list(frame, top, model, look, hits);
    if let Some(call) = model.log.selected().filter(|_| detail > 0) {
        call_in_full(frame, below, call, model, look);
    }
}

fn list(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let log = &model.log;
    let mut note = if log.rows.len() == log.calls.len() {
        format!("{} calls", text::group(log.calls.len()))
    } else {
        format!("{} of {} calls", text::group(log.rows.len()), text::group(log.calls.len()))
    };
    if !log.follow {
        note.push_str("  G follows");
    }
    let title = match (log.kind, log.failed) {
        (Kind::All, false) => "Calls",
        (Kind::All, true) => "Calls that failed",
        (Kind::Sql, false) => "Statements",
        (Kind::Sql, true) => "Statements that failed",
        (Kind::S3, false) => "S3 calls",
        (Kind::S3, true) => "S3 calls that failed",
    };
    let file = format!("also in {}", model.env.logs);
    let room = usize::from(area.width).saturating_sub(6);
    let file = Line::styled(format!(" {} ", text::cut(&text::clean(&file), room)), look.theme.muted);
    let block = panel(title, remark(&note, look), true, look).title_bottom(file);
    let inside = block.inner(area);
    frame.render_widget(block, area);
    if log.rows.is_empty() {
        let all = log.filter.is_empty() && log.kind == Kind::All && !log.failed;
        let words: &[&str] = if all {
            &["No call yet.", "Every statement and every S3 call is listed here as it is made."]
        } else {
            &["Nothing passes.", "Esc clears the filter, v and f show other kinds."]
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

/// The selected call: its text in colours, how it ended, its id.
fn call_in_full(frame: &mut Frame<'_>, area: Rect, call: &CallRecord, model: &Model, look: &Look) {
    let when = text::day_clock(call.started_ms, model.env.utc_offset_s);
    let title = if call.service == Service::Sql { "Statement" } else { "S3 call" };
    let inside = framed(frame, area, title, remark(&when, look), false, look);
    let (mark, style, outcome) = match &call.outcome {
        Ok(words) => (look.glyphs.done, look.theme.ok, words),
        Err(words) => (look.glyphs.failed, look.theme.bad, words),
    };
    let columns = usize::from(inside.width);
    let mut lines: Vec<Line<'static>> = match call.service {
        Service::Sql => highlight(&call.text, look).into_iter().flat_map(|l| folded(l, columns)).collect(),
        Service::S3 => folded(vec![Span::raw(text::clean(&call.text).into_owned())], columns),
    };
    let height = usize::from(inside.height);
    if lines.len() + 2 > height {
        lines.truncate(height.saturating_sub(3));
        lines.push(Line::styled("…  Enter shows all", look.theme.muted));
    }
    let id = call.id.as_deref().map_or_else(String::new, |id| format!("   {}", text::clean(id)));
    lines.push(Line::default());
    lines.push(Line::from(vec![
        Span::styled(format!("{mark} "), style),
        Span::raw(text::clean(outcome).into_owned()),
        Span::styled(format!("   {}{id}", took(call)), look.theme.muted),
    ]));
    frame.render_widget(Paragraph::new(Text::from(lines)), inside);
}

/// How long it took.
fn took(call: &CallRecord) -> String {
    if call.micros < 10_000 {
        format!("{}.{} ms", call.micros / 1_000, call.micros % 1_000 / 100)
    } else {
        text::duration(i64::try_from(call.micros / 1_000).unwrap_or(i64::MAX))
    }
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
        let took = took(call);
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
