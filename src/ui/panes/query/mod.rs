//! Query: an editor and the answer's grid.

mod editor;
mod grid;
mod inspect;
mod offers;

pub use grid::table;
pub use inspect::draw as inspect;

use crate::app::panes::query::{Answer, grid::Grid, is_explain};
use crate::app::{Model, Slot, Target};
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
            let note = note(grid, since.as_deref(), usize::from(area.width));
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

fn failed(frame: &mut Frame<'_>, area: Rect, error: &SqlError, sql: &str, near: &[String], look: &Look) {
    let mut lines = Vec::new();
    if is_explain(sql) && error.code == "000002" {
        lines.push(Line::styled("The engine runs this statement, but does not tell how.", look.theme.text));
        lines.push(Line::styled("On an account EXPLAIN shows the plan.", look.theme.muted));
        lines.push(Line::default());
    }
    lines.extend(super::deploy::error_lines(error, sql, look));
    if !near.is_empty() {
        lines.push(Line::default());
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
        lines.push(Line::from(words));
    }
    frame.render_widget(Paragraph::new(Text::from(lines)).wrap(Wrap { trim: false }), area);
}
