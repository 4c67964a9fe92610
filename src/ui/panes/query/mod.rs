//! Query: an editor and the answer's grid.

mod editor;
mod grid;
mod inspect;
mod offers;

pub use grid::table;
pub use inspect::draw as inspect;

use crate::app::panes::query::{Answer, grid::Grid, is_explain};
use crate::app::{Model, Running, Slot, Target};
use crate::domain::SqlError;
use crate::ui::widgets::{empty, framed, remark};
use crate::ui::{Hits, Look, text};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Paragraph, Wrap};

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    // The editor grows with its text; the grid keeps the larger part.
    let lines = u16::try_from(model.query.editor.lines().len()).unwrap_or(u16::MAX);
    let most = area.height * 2 / 5;
    let top = lines.saturating_add(3).clamp(6.min(most), most);
    let [top, bottom] = Layout::vertical([Constraint::Length(top), Constraint::Min(0)]).areas(area);
    hits.add(top, Target::Row { panel: 0, row: 0 });
    answer(frame, bottom, model, look, hits);
    // Offers may lie over the answer.
    editor::draw(frame, top, area, model, look);
}

fn answer(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let query = &model.query;
    let focus = query.panel == 1;
    let running = model.jobs.in_slot(&Slot::Query).map(|(_, running)| running);
    let since = running.map(|r| text::duration(model.now_ms - r.since_ms));
    match (&query.answer, since) {
        (Answer::Grid(grid), since) if since.is_none() || !grid.done => {
            let note = match model.jobs.in_slot(&Slot::Ask("export")) {
                Some((_, running)) => exporting(running),
                None => note(grid, since.as_deref(), usize::from(area.width)),
            };
            let inside = framed(frame, area, "Result", remark(&note, look), focus, look);
            grid::draw(frame, inside, grid, focus, look, hits);
        }
        (_, Some(since)) => {
            let inside = framed(frame, area, "Result", remark(&since, look), focus, look);
            empty(frame, inside, &["Running …", "c cancels it on the server (Esc first, while writing)."], look);
        }
        (Answer::Failed(error, sql), None) => {
            let inside = framed(frame, area, "Result", remark("failed", look), focus, look);
            failed(frame, inside, error, sql, &query.suggestions, look);
        }
        (Answer::Cancelled, None) => {
            let inside = framed(frame, area, "Result", Line::default(), focus, look);
            empty(frame, inside, &["Cancelled: it was ended on the server.", "x runs it again."], look);
        }
        _ => {
            let inside = framed(frame, area, "Result", Line::default(), focus, look);
            empty(frame, inside, &["No result yet.", "x, F5 or Ctrl-r runs the statement under the cursor."], look);
        }
    }
}

/// The answer's size, time and id, as far as there is room.
fn note(grid: &Grid, since: Option<&str>, columns: usize) -> String {
    let known = text::group(grid.known);
    let rows = match (grid.done, grid.cut) {
        (false, _) => format!("{known} rows so far"),
        (true, true) => format!("cancelled after {known} rows"),
        (true, false) if grid.known == 1 => "1 row".into(),
        (true, false) => format!("{known} rows"),
    };
    let took = since.map_or_else(|| text::duration(grid.took_ms), str::to_owned);
    let place = if grid.known > 1 { format!("{} of ", text::group(grid.row.at() + 1)) } else { String::new() };
    let note = format!("{place}{rows}  {took}");
    if columns > note.len() + 60 { format!("{note}  {}", text::cut(&grid.query_id, 36)) } else { note }
}

/// How far an export is.
fn exporting(running: &Running) -> String {
    let done = running.progress.as_ref().map_or(0, |p| p.done);
    format!("{}: {} rows", running.job.title(), text::group(done))
}

fn failed(frame: &mut Frame<'_>, area: Rect, error: &SqlError, sql: &str, near: &[String], look: &Look) {
    let mut lines = Vec::new();
    if is_explain(sql) && error.code == "000002" {
        lines.push(Line::styled("This statement has no plan to show.", look.theme.text));
        lines.push(Line::styled("EXPLAIN takes queries, INSERT, UPDATE, DELETE and MERGE.", look.theme.muted));
        lines.push(Line::default());
    }
    let mut head = vec![Span::styled(format!("{} ", look.glyphs.failed), look.theme.bad)];
    if !error.code.is_empty() {
        let code = format!("{} ({})", text::clean(&error.code), text::clean(&error.sqlstate));
        head.push(Span::styled(code, look.theme.bad));
    }
    if let (Some(line), Some(position)) = (error.line, error.position) {
        head.push(Span::styled(format!("  line {line}, position {position}"), look.theme.muted));
    }
    lines.push(Line::from(head));
    lines.extend(error.message.lines().map(|l| Line::raw(format!("  {}", text::clean(l)))));
    lines.extend(place(error, sql, usize::from(area.width).saturating_sub(4), look));
    if !near.is_empty() {
        lines.push(Line::default());
        lines.push(meant(near, look));
    }
    if let Some(id) = &error.query_id {
        lines.push(Line::default());
        lines.push(Line::styled(format!("  query {}   y copies the id", text::clean(id)), look.theme.muted));
    }
    frame.render_widget(Paragraph::new(Text::from(lines)).wrap(Wrap { trim: false }), area);
}

/// The line of the statement that a refusal is about, with a caret below the place; of a long line the part around it.
fn place(error: &SqlError, sql: &str, columns: usize, look: &Look) -> Vec<Line<'static>> {
    let line = error.line.and_then(|n| sql.lines().nth(usize::try_from(n).ok()?.checked_sub(1)?));
    let (Some(line), Some(position)) = (line, error.position) else { return Vec::new() };
    let position = usize::try_from(position).unwrap_or(usize::MAX).min(line.chars().count());
    let room = columns.saturating_sub(4).max(8);
    let skip = if text::width(line) > room { position.saturating_sub(room / 2) } else { 0 };
    let before: String = line.chars().skip(skip).take(position - skip).collect();
    let rest: String = line.chars().skip(position).collect();
    // As wide as the word at the place, so that it is found at a glance.
    let word = rest.chars().take_while(|c| c.is_alphanumeric() || "_.$".contains(*c)).count();
    let lead = if skip > 0 { "…" } else { "" };
    let shown = format!("{lead}{}{}", text::clean(&before), text::clean(&rest));
    let indent = text::width(&text::clean(&before)) + text::width(lead);
    let caret = "^".repeat(word.max(1).min(room.saturating_sub(indent).max(1)));
    vec![
        Line::default(),
        Line::styled(format!("    {}", text::cut(&shown, room)), look.theme.string),
        Line::styled(format!("    {}{caret}", " ".repeat(indent)), look.theme.bad),
    ]
}

/// Names that may have been meant.
fn meant(near: &[String], look: &Look) -> Line<'static> {
    let mut words = vec![Span::styled("  Did you mean ", look.theme.muted)];
    for (i, name) in near.iter().enumerate() {
        let between = match i {
            0 => "",
            i if i + 1 == near.len() => " or ",
            _ => ", ",
        };
        words.push(Span::styled(between, look.theme.muted));
        words.push(Span::styled(text::clean(name).into_owned(), look.theme.accent));
    }
    words.push(Span::styled("?", look.theme.muted));
    Line::from(words)
}
