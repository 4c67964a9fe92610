//! The editor.

use super::offers;
use crate::app::{Model, Place, statement_around};
use crate::ui::widgets::{empty, framed, highlight, window};
use crate::ui::{Look, text};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

/// Draws it; `whole` is the pane, over which offers may lie.
pub fn draw(frame: &mut Frame<'_>, area: Rect, whole: Rect, model: &Model, look: &Look) {
    let query = &model.query;
    let note = standing(query.place.as_ref(), model, usize::from(area.width).saturating_sub(12), look);
    let title = if query.back > 0 { format!("SQL, {} back", query.back) } else { "SQL".to_owned() };
    let inside = framed(frame, area, &title, note, query.panel == 0, look);
    let written = query.text();
    if written.is_empty() && !query.typing {
        let words = ["Nothing written yet.", "i starts writing; x, F5 or Ctrl-r runs the statement."];
        return empty(frame, inside, &words, look);
    }
    let cursor = query.editor.cursor();
    let (row, col) = (cursor.0, cursor.1);
    let lines = highlight(&written, look);
    let digits = lines.len().to_string().len().max(2);
    let marked = statement_around(&written, query.cursor_byte());
    let text_area = Rect { x: inside.x + u16::try_from(digits + 2).unwrap_or(0), ..inside }.intersection(inside);
    // The line before the cursor, cleaned as it is drawn, says in which column the cursor stands.
    let before: String = query.editor.lines().get(row).map_or(String::new(), |l| l.chars().take(col).collect());
    let column = text::width(&text::clean(&before).replace('\t', "  "));
    let shift = column.saturating_sub(usize::from(text_area.width).saturating_sub(2));
    let seen = window(lines.len(), row, usize::from(inside.height));
    let mut offset: usize = written.split('\n').take(seen.start).map(|l| l.len() + 1).sum();
    for (y, i) in (inside.y..inside.bottom()).zip(seen) {
        let len = written.split('\n').nth(i).map_or(0, str::len);
        let ours = marked.as_ref().is_some_and(|m| offset < m.end && offset + len > m.start);
        let number = Span::styled(format!("{:>digits$} ", i + 1), look.theme.waiting);
        let bar = Span::styled(if ours { look.glyphs.rule } else { " " }, look.theme.accent);
        frame.render_widget(Line::from(vec![number, bar]), Rect { y, height: 1, ..inside });
        let line = Line::from(lines[i].clone());
        let spot = Rect { y, height: 1, ..text_area };
        let wide = line.width();
        let line = ratatui::widgets::Paragraph::new(line);
        frame.render_widget(line.scroll((0, u16::try_from(shift).unwrap_or(0))), spot);
        goes_on(frame, spot, (shift > 0 && wide > 0, wide > shift + usize::from(spot.width)), look);
        if query.typing && i == row && model.overlays.is_empty() {
            let x = text_area.x + u16::try_from(column - shift).unwrap_or(0);
            let at = Position::new(x.min(inside.right().saturating_sub(1)), y);
            frame.set_cursor_position(at);
            if let Some(offered) = &query.completion {
                offers::draw(frame, whole, at, offered, typed(&written, offered.start, query.cursor_byte()), look);
            }
        }
        offset += len + 1;
    }
}

/// Says that a line goes on beyond an edge.
fn goes_on(frame: &mut Frame<'_>, line: Rect, (left, right): (bool, bool), look: &Look) {
    let ends = [(left, line.x), (right, line.right().saturating_sub(1))];
    for (_, x) in ends.into_iter().filter(|(on, _)| *on) {
        if let Some(cell) = frame.buffer_mut().cell_mut(Position::new(x, line.y)).filter(|_| line.width > 2) {
            cell.set_symbol("…").set_style(look.theme.muted);
        }
    }
}

/// Columns of what is typed of the word that is being completed.
fn typed(written: &str, start: usize, end: usize) -> usize {
    written.get(start..end).map_or(0, |t| text::width(&text::clean(t)))
}

/// Where the session stands, for the frame's corner.
fn standing(place: Option<&Place>, model: &Model, columns: usize, look: &Look) -> Line<'static> {
    let Some(place) = place else {
        let hint = if model.query.typing { " Ctrl-r runs  Esc leaves " } else { "" };
        return Line::styled(hint, look.theme.muted);
    };
    let mut spans = Vec::new();
    let other = place.profile != model.env.profile;
    if other || place.account {
        let style = if place.account { look.theme.account } else { look.theme.local };
        spans.push(Span::styled(format!(" {} ", text::cut(&text::clean(&place.profile), 16)), style));
    }
    let schema = match (place.database.is_empty(), place.schema.is_empty()) {
        (true, _) => "no database".to_owned(),
        (false, true) => place.database.clone(),
        (false, false) => format!("{}.{}", place.database, place.schema),
    };
    let dot = look.glyphs.dot;
    let all = format!(" {} {dot} {schema} {dot} {} ", place.role, place.warehouse);
    let some = format!(" {} {dot} {schema} ", place.role);
    let words = [all, some, format!(" {} ", place.role)];
    let used: usize = spans.iter().map(Span::width).sum();
    let fits = words.iter().find(|w| text::width(w) + used <= columns).or(words.last());
    spans.push(Span::styled(text::clean(fits.map_or("", String::as_str)).into_owned(), look.theme.muted));
    Line::from(spans)
}
