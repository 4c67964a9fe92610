//! One task in the shown run: how it went, what it says, what it runs.

use crate::app::Model;
use crate::app::panes::tasks::{pretty, words};
use crate::domain::{TaskNode, TaskRun, TaskState};
use crate::ui::widgets::{folded, highlight, wrapped};
use crate::ui::{Look, text};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::Paragraph;

/// From so many rows on there is room for a condition in full.
const ROOMY: u16 = 10;

/// Draws the selected task.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look) {
    let Some(node) = model.tasks.selected() else { return };
    let lines = lines(node, (usize::from(area.width), area.height >= ROOMY), model, look);
    let most = lines.len().saturating_sub(usize::from(area.height));
    let first = u16::try_from(model.tasks.scroll.min(most)).unwrap_or(u16::MAX);
    frame.render_widget(Paragraph::new(Text::from(lines)).scroll((first, 0)), area);
}

fn lines(node: &TaskNode, (columns, roomy): (usize, bool), model: &Model, look: &Look) -> Vec<Line<'static>> {
    let attempts = model.tasks.run_id().map(|id| model.tasks.attempts(id, &node.name)).unwrap_or_default();
    let mut lines = Vec::new();
    match attempts.split_last() {
        Some((last, before)) => {
            lines.extend(outcome(node, last, columns, model, look));
            for run in before.iter().rev() {
                lines.push(earlier(run, columns, look));
            }
        }
        None => lines.push(Line::styled(unreached(node, model), look.theme.muted)),
    }
    if !node.started && !attempts.is_empty() {
        let words = format!("{} suspended since: runs pass it over; S resumes it", look.glyphs.suspended);
        lines.push(Line::styled(words, look.theme.warn));
    }
    let muted = |words: String| Line::styled(text::left(&words, columns).trim_end().to_owned(), look.theme.muted);
    if !node.comment.is_empty() {
        lines.extend(wrapped(&node.comment, columns).into_iter().map(|l| Line::styled(l, look.theme.comment)));
    }
    if let Some(root) = &node.finalizes {
        lines.push(muted(format!("finalizer: runs when {root} and all behind it have ended, whatever came of them")));
    }
    if !node.predecessors.is_empty() {
        lines.push(muted(format!("after {}", node.predecessors.join(", "))));
    }
    if let Some(condition) = &node.condition {
        let one = format!("when {}", condition.split_whitespace().collect::<Vec<_>>().join(" "));
        if roomy {
            lines.extend(folded(vec![Span::styled(text::clean(&one).into_owned(), look.theme.muted)], columns));
        } else {
            lines.push(muted(one));
        }
    }
    lines.push(Line::default());
    lines.extend(highlight(&node.definition, look).into_iter().flat_map(|l| folded(l, columns)));
    lines
}

fn unreached(node: &TaskNode, model: &Model) -> String {
    if !node.started {
        return "suspended: runs pass it over; S resumes it".into();
    }
    if model.tasks.summaries().is_empty() {
        return "has not run yet".into();
    }
    "had no part in this run: what comes before it has not succeeded, or not yet".into()
}

/// The last attempt: state and numbers in one line, then its error or value.
fn outcome(node: &TaskNode, run: &TaskRun, columns: usize, model: &Model, look: &Look) -> Vec<Line<'static>> {
    let (mark, style) = look.task(run.state);
    let mut parts = Vec::new();
    if run.attempt > 1 {
        parts.push(format!("attempt {}", run.attempt));
    }
    let waited = run.started_ms.zip(model.tasks.ready_ms(node)).map(|(start, ready)| start - ready);
    if let Some(ms) = waited.filter(|ms| *ms > 0) {
        parts.push(format!("waited {}", text::duration(ms)));
    }
    let took = super::graph::took(run, model);
    if !took.is_empty() {
        parts.push(format!("ran {took}"));
    }
    if let Some(rows) = run.query_id.as_ref().and_then(|id| model.tasks.touched.get(id)) {
        parts.push(format!("{} {}", text::group(*rows), if *rows == 1 { "row" } else { "rows" }));
    }
    parts.extend(run.query_id.as_ref().map(|id| format!("query {}", text::clean(id))));
    let dot = format!(" {} ", look.glyphs.dot);
    let rest = parts.into_iter().fold(String::new(), |all, part| format!("{all}{dot}{part}"));
    let head = format!("{mark} {}", words(run.state));
    let room = columns.saturating_sub(text::width(&head));
    let mut lines = vec![Line::from(vec![
        Span::styled(head, style),
        Span::styled(text::cut(&rest, room).into_owned(), look.theme.muted),
    ])];
    if let Some(message) = &run.error_message {
        let code = run.error_code.as_deref().unwrap_or_default();
        let tone = if run.state == TaskState::Skipped { look.theme.muted } else { look.theme.bad };
        for line in message.lines().enumerate().map(|(i, l)| if i == 0 { format!("{code} {l}") } else { l.to_owned() })
        {
            lines.extend(wrapped(&line, columns).into_iter().map(|l| Line::styled(l, tone)));
        }
    }
    if let Some(value) = &run.return_value {
        for (i, line) in pretty(value).iter().enumerate() {
            let lead = if i == 0 { "returned " } else { "         " };
            let line = text::left(line, columns.saturating_sub(9));
            lines.push(Line::from(vec![
                Span::styled(lead, look.theme.muted),
                Span::styled(line.trim_end().to_owned(), look.theme.string),
            ]));
        }
    }
    lines
}

/// An attempt before the last, in one line.
fn earlier(run: &TaskRun, columns: usize, look: &Look) -> Line<'static> {
    let (mark, style) = look.task(run.state);
    let why = run.error_message.as_deref().map_or_else(|| words(run.state).to_owned(), str::to_owned);
    let why = why.split_whitespace().collect::<Vec<_>>().join(" ");
    let head = format!("{mark} attempt {} ", run.attempt);
    let room = columns.saturating_sub(text::width(&head));
    Line::from(vec![
        Span::styled(head, style),
        Span::styled(text::left(&why, room).trim_end().to_owned(), look.theme.muted),
    ])
}
