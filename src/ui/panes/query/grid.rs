//! The answer's grid.

use crate::app::Target;
use crate::app::panes::query::grid::{Grid, WIDEST};
use crate::app::panes::{several_lines, shown_width};
use crate::domain::{Cell, Column, QueryOutcome};
use crate::ui::widgets::{empty, window};
use crate::ui::{Hits, Look, text};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, grid: &Grid, focus: bool, look: &Look, hits: &mut Hits) {
    let columns = grid.columns();
    if area.height < 2 || columns.is_empty() {
        return;
    }
    let (row, col) = (grid.row.at(), grid.col.at());
    let room = usize::from(area.width);
    let first = first_column(&grid.widths, col, room);
    let digits = text::group(grid.len()).len();
    // Numbers of the rows where there is room for them.
    let gutter = if room >= 60 && grid.len() > 1 { digits + 1 } else { 0 };
    let first = if gutter > 0 { first_column(&grid.widths, col, room - gutter) } else { first };
    let head = cells(columns, &grid.widths, first, |i| Some(columns[i].name.clone()));
    let mut spans = vec![Span::raw(" ".repeat(gutter))];
    spans.extend(
        head.into_iter()
            .map(|(i, t)| Span::styled(t, if i == col && focus { look.theme.accent } else { look.theme.muted })),
    );
    frame.render_widget(Line::from(spans), Rect { height: 1, ..area });
    if grid.is_empty() {
        let rest = Rect { y: area.y + 1, height: area.height - 1, ..area };
        return empty(frame, rest, &["No rows."], look);
    }
    if let (1, 1, Some(text)) = (grid.len(), columns.len(), grid.cell().filter(|t| t.contains('\n'))) {
        let rest = Rect { y: area.y + 1, height: area.height - 1, ..area };
        hits.add(rest, Target::Row { panel: 1, row: 0 });
        return alone(frame, rest, text, look);
    }
    for (y, i) in (area.y + 1..area.bottom()).zip(window(grid.len(), row, usize::from(area.height) - 1)) {
        let spot = Rect { y, height: 1, ..area };
        let mut spans = Vec::new();
        if gutter > 0 {
            spans.push(Span::styled(format!("{} ", text::right(&text::group(i + 1), digits)), look.theme.waiting));
        }
        match grid.row(i) {
            Some(here) => {
                let null = |c: usize| here.get(c).is_none_or(Option::is_none);
                let line = cells(columns, &grid.widths, first, |c| here.get(c).cloned().flatten());
                spans.extend(line.into_iter().map(|(c, t)| match () {
                    () if i == row && c == col && focus => Span::styled(t, look.theme.selected),
                    () if i == row => Span::styled(t, look.theme.selected_idle),
                    () if null(c) => Span::styled(t, look.theme.muted),
                    () => Span::raw(t),
                }));
            }
            // On its way from the disk: for a frame or two.
            None => spans.push(Span::styled("…", look.theme.muted)),
        }
        frame.render_widget(Line::from(spans), spot);
        hits.add(spot, Target::Row { panel: 1, row: i });
    }
}

/// A text of several lines that is all there is of the answer, a plan or a definition: its lines, as far as there is room.
fn alone(frame: &mut Frame<'_>, area: Rect, text: &str, look: &Look) {
    let columns = usize::from(area.width);
    let lines: Vec<&str> = text.trim_end().split('\n').map(str::trim_end).collect();
    let room = usize::from(area.height);
    let wide = lines.iter().any(|l| text::width(&text::clean(l)) > columns);
    let seen = if lines.len() > room || wide { room.saturating_sub(1) } else { room }.min(lines.len());
    for (y, line) in (area.y..).zip(&lines[..seen]) {
        let line = Line::raw(text::left(line, columns).trim_end().to_owned());
        frame.render_widget(line, Rect { y, height: 1, ..area });
    }
    let words = match lines.len() - seen {
        0 if !wide => return,
        0 => "… Enter shows all of it".to_owned(),
        more => format!("… {} more lines: Enter shows all", text::group(more)),
    };
    let y = area.y + u16::try_from(seen).unwrap_or(0);
    frame.render_widget(Line::styled(words, look.theme.muted), Rect { y, height: 1, ..area }.intersection(area));
}

/// The first column from which the selected one is seen whole.
fn first_column(widths: &[usize], col: usize, room: usize) -> usize {
    let last = col.min(widths.len().saturating_sub(1));
    let mut first = 0;
    while first < col && widths[first..=last].iter().map(|w| w + 2).sum::<usize>() > room {
        first += 1;
    }
    first
}

/// The cells of one row from column `first` on, as wide as their columns.
fn cells(
    columns: &[Column],
    widths: &[usize],
    first: usize,
    cell: impl Fn(usize) -> Option<String>,
) -> Vec<(usize, String)> {
    (first..columns.len())
        .map(|i| {
            let words = cell(i).unwrap_or_else(|| "NULL".into());
            let width = widths.get(i).copied().unwrap_or(1);
            let shown = match several_lines(&words) {
                Some((first, mark)) => marked(first, &mark, width),
                None if columns[i].is_number() => text::right(&words, width),
                None => text::left(&words, width),
            };
            (i, format!("{shown}  "))
        })
        .collect()
}

/// The first line of a text, and at its end the mark that there are others, whatever of the line has no room.
fn marked(first: &str, mark: &str, columns: usize) -> String {
    let room = columns.saturating_sub(text::width(mark) + 1);
    text::left(&format!("{} {mark}", text::cut(&text::clean(first), room)), columns)
}

/// An answer as lines, for panels that show one among other things.
pub fn table(outcome: &QueryOutcome, columns: usize, most: usize, look: &Look) -> Vec<Line<'static>> {
    let rows = 0..outcome.rows.len().min(most);
    let width = |i: usize, column: &Column| {
        let wide = |c: &Cell| c.as_deref().map_or(4, shown_width);
        let rows = outcome.rows.get(rows.clone()).unwrap_or_default();
        let widest = rows.iter().filter_map(|r| r.get(i)).map(wide).max().unwrap_or(0);
        widest.max(text::width(&text::clean(&column.name))).clamp(1, WIDEST)
    };
    let widths: Vec<usize> = outcome.columns.iter().enumerate().map(|(i, c)| width(i, c)).collect();
    let line = |cell: &dyn Fn(usize) -> Option<String>| -> String {
        let whole: String = cells(&outcome.columns, &widths, 0, cell).into_iter().map(|(_, t)| t).collect();
        text::cut(whole.trim_end(), columns).into_owned()
    };
    let mut lines = vec![Line::styled(line(&|i| Some(outcome.columns[i].name.clone())), look.theme.muted)];
    lines.extend(rows.clone().map(|r| Line::raw(line(&|i| outcome.rows[r].get(i).cloned().flatten()))));
    if outcome.rows.len() > most {
        lines.push(Line::styled(format!("… {} more", text::group(outcome.rows.len() - most)), look.theme.muted));
    }
    lines
}
