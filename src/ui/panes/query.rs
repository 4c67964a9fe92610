//! Query: an editor and the answer's grid.

use crate::app::panes::query::Answer;
use crate::app::{Model, Slot, Target, statement_around};
use crate::domain::{Cell, QueryOutcome};
use crate::ui::widgets::{empty, framed, highlight, remark, window};
use crate::ui::{Hits, Look, text};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::text::{Line, Span};

/// The widest that a column is drawn.
const WIDEST: usize = 40;

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let [top, bottom] = Layout::vertical([Constraint::Fill(2), Constraint::Fill(3)]).areas(area);
    editor(frame, top, model, look);
    hits.add(top, Target::Row { panel: 0, row: 0 });
    answer(frame, bottom, model, look, hits);
}

fn editor(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look) {
    let query = &model.query;
    let note = if query.typing { "Ctrl-r runs  Esc leaves" } else { "i writes  x runs" };
    let inside = framed(frame, area, "SQL", remark(note, look), query.panel == 0, look);
    let whole = query.text();
    if whole.is_empty() && !query.typing {
        return empty(
            frame,
            inside,
            &["Nothing written yet.", "i starts writing; x, F5 or Ctrl-r runs the statement."],
            look,
        );
    }
    let cursor = query.editor.cursor();
    let (row, col) = (cursor.0, cursor.1);
    let lines = highlight(&whole, look);
    let digits = lines.len().to_string().len().max(2);
    let marked = statement_around(&whole, query.cursor_byte());
    let text_area = Rect { x: inside.x + u16::try_from(digits + 2).unwrap_or(0), ..inside }.intersection(inside);
    // The line before the cursor, cleaned as it is drawn, says in which column the cursor stands.
    let before: String = query.editor.lines().get(row).map_or(String::new(), |l| l.chars().take(col).collect());
    let column = text::width(&text::clean(&before).replace('\t', "  "));
    let shift = column.saturating_sub(usize::from(text_area.width).saturating_sub(2));
    let mut offset: usize = lines
        .iter()
        .zip(whole.split('\n'))
        .take(window(lines.len(), row, usize::from(inside.height)).start)
        .map(|(_, l)| l.len() + 1)
        .sum();
    for (y, i) in (inside.y..inside.bottom()).zip(window(lines.len(), row, usize::from(inside.height))) {
        let len = whole.split('\n').nth(i).map_or(0, str::len);
        let ours = marked.as_ref().is_some_and(|m| offset < m.end && offset + len > m.start);
        let number = Span::styled(format!("{:>digits$} ", i + 1), look.theme.waiting);
        let bar = Span::styled(if ours { look.glyphs.rule } else { " " }, look.theme.accent);
        frame.render_widget(Line::from(vec![number, bar]), Rect { y, height: 1, ..inside });
        let line = ratatui::widgets::Paragraph::new(Line::from(lines[i].clone()));
        frame.render_widget(line.scroll((0, u16::try_from(shift).unwrap_or(0))), Rect { y, height: 1, ..text_area });
        if query.typing && i == row && model.overlays.is_empty() {
            let x = text_area.x + u16::try_from(column - shift).unwrap_or(0);
            frame.set_cursor_position(Position::new(x.min(inside.right().saturating_sub(1)), y));
        }
        offset += len + 1;
    }
}

fn answer(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let query = &model.query;
    let focus = query.panel == 1;
    if let Some((_, running)) = model.jobs.in_slot(&Slot::Query) {
        let since = text::duration(model.now_ms - running.since_ms);
        let inside = framed(frame, area, "Result", remark(&since, look), focus, look);
        return empty(frame, inside, &["Running …", "c cancels it on the server (Esc first, while writing)."], look);
    }
    match &query.answer {
        Answer::None => {
            let inside = framed(frame, area, "Result", Line::default(), focus, look);
            empty(frame, inside, &["No result yet.", "x, F5 or Ctrl-r runs the statement under the cursor."], look);
        }
        Answer::Failed(error, sql) => {
            let inside = framed(frame, area, "Result", remark("failed", look), focus, look);
            super::deploy::error_panel(frame, inside, error, sql, look);
        }
        Answer::Rows(outcome, ms) => {
            let shown = outcome.rows.len();
            let all = usize::try_from(outcome.total).unwrap_or(usize::MAX);
            let rows = if all > shown {
                format!("first {} of {} rows", text::group(shown), text::group(all))
            } else {
                format!("{} rows", text::group(shown))
            };
            let note = format!("{rows}  {}  {}", text::duration(*ms), text::cut(&outcome.query_id, 36));
            let inside = framed(frame, area, "Result", remark(&note, look), focus, look);
            grid(frame, inside, outcome, (query.row.at(), query.col.at()), look, hits);
        }
    }
}

/// Widths of the columns, measured over some rows.
fn widths(outcome: &QueryOutcome, rows: std::ops::Range<usize>) -> Vec<usize> {
    let cell = |c: &Cell| c.as_deref().map_or(4, |t| text::width(&text::clean(t)));
    outcome
        .columns
        .iter()
        .enumerate()
        .map(|(i, column)| {
            let rows = outcome.rows.get(rows.clone()).unwrap_or_default();
            let widest = rows.iter().filter_map(|r| r.get(i)).map(cell).max().unwrap_or(0);
            widest.max(text::width(&text::clean(&column.name))).clamp(1, WIDEST)
        })
        .collect()
}

fn grid(
    frame: &mut Frame<'_>,
    area: Rect,
    outcome: &QueryOutcome,
    (row, col): (usize, usize),
    look: &Look,
    hits: &mut Hits,
) {
    if area.height < 2 || outcome.columns.is_empty() {
        return;
    }
    let seen = window(outcome.rows.len(), row, usize::from(area.height) - 1);
    let widths = widths(outcome, seen.clone());
    // The first column from which the selected one is seen whole.
    let room = usize::from(area.width);
    let mut first = 0;
    while first < col && widths[first..=col.min(widths.len() - 1)].iter().map(|w| w + 2).sum::<usize>() > room {
        first += 1;
    }
    let head: Vec<Span<'_>> = cells(outcome, &widths, first, |i| Some(outcome.columns[i].name.clone()))
        .into_iter()
        .map(|(_, t)| Span::styled(t, look.theme.muted))
        .collect();
    frame.render_widget(Line::from(head), Rect { height: 1, ..area });
    for (y, i) in (area.y + 1..area.bottom()).zip(seen) {
        let spot = Rect { y, height: 1, ..area };
        let null = |c: usize| outcome.rows[i].get(c).is_none_or(Option::is_none);
        let line: Vec<Span<'_>> = cells(outcome, &widths, first, |c| outcome.rows[i].get(c).cloned().flatten())
            .into_iter()
            .map(|(c, t)| match () {
                () if i == row && c == col => Span::styled(t, look.theme.selected),
                () if i == row => Span::styled(t, look.theme.selected_idle),
                () if null(c) => Span::styled(t, look.theme.muted),
                () => Span::raw(t),
            })
            .collect();
        frame.render_widget(Line::from(line), spot);
        hits.add(spot, Target::Row { panel: 1, row: i });
    }
}

/// The cells of one row from column `first` on, as wide as their columns.
fn cells(
    outcome: &QueryOutcome,
    widths: &[usize],
    first: usize,
    cell: impl Fn(usize) -> Option<String>,
) -> Vec<(usize, String)> {
    (first..outcome.columns.len())
        .map(|i| {
            let words = cell(i).unwrap_or_else(|| "NULL".into());
            let set = if outcome.columns[i].is_number() { text::right } else { text::left };
            (i, format!("{}  ", set(&words, widths[i])))
        })
        .collect()
}

/// An answer as lines, for panels that show one among other things.
pub fn table(outcome: &QueryOutcome, columns: usize, most: usize, look: &Look) -> Vec<Line<'static>> {
    let rows = 0..outcome.rows.len().min(most);
    let widths = widths(outcome, rows.clone());
    let line = |cell: &dyn Fn(usize) -> Option<String>| -> String {
        let whole: String = cells(outcome, &widths, 0, cell).into_iter().map(|(_, t)| t).collect();
        text::cut(whole.trim_end(), columns).into_owned()
    };
    let mut lines = vec![Line::styled(line(&|i| Some(outcome.columns[i].name.clone())), look.theme.muted)];
    lines.extend(rows.map(|r| Line::raw(line(&|i| outcome.rows[r].get(i).cloned().flatten()))));
    if outcome.rows.len() > most {
        lines.push(Line::styled(format!("… {} more", text::group(outcome.rows.len() - most)), look.theme.muted));
    }
    lines
}
