//! A cell in full.

use crate::app::overlay::ON_TOP;
use crate::app::panes::query::inspect::{Inspect, JsonLine};
use crate::app::{Target, reading};
use crate::ui::widgets::{framed, place, remark, window};
use crate::ui::{Hits, Look, text};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

/// Draws it over the pane.
pub fn draw(frame: &mut Frame<'_>, area: Rect, inspect: &Inspect, look: &Look, hits: &mut Hits) {
    let inner = reading::inspector((area.width.into(), area.height.into()));
    let columns = u16::try_from(inner + 4).unwrap_or(area.width).min(area.width);
    let shown = inspect.shown();
    let rows = u16::try_from(shown.len()).unwrap_or(u16::MAX).saturating_add(2).clamp(6, area.height.saturating_sub(2));
    let spot = Rect {
        x: area.x + (area.width - columns) / 2,
        y: area.y + (area.height.saturating_sub(rows)) / 2,
        width: columns,
        height: rows,
    };
    frame.render_widget(Clear, spot);
    frame.buffer_mut().set_style(spot, look.theme.text);
    let keys = if inspect.json { "Space folds  a all  y copies  Esc closes" } else { "y copies  Esc closes" };
    let place = place(inspect.cursor.at(), shown.len(), rows.saturating_sub(2));
    let note = if place.is_empty() { keys.to_owned() } else { format!("{place}  {keys}") };
    let inside = framed(frame, spot, &inspect.title, remark(&note, look), true, look);
    let room = usize::from(inside.width);
    for (y, i) in (inside.y..inside.bottom()).zip(window(shown.len(), inspect.cursor.at(), usize::from(inside.height)))
    {
        let line = &inspect.lines[shown[i]];
        let folded = inspect.folded.contains(&shown[i]);
        let here = i == inspect.cursor.at();
        let spot = Rect { y, height: 1, ..inside };
        if here && inspect.json {
            frame.buffer_mut().set_style(spot, look.theme.selected_idle);
        }
        frame.render_widget(coloured(line, folded, inspect, room, look), spot);
        hits.add(spot, Target::Row { panel: ON_TOP, row: i });
    }
}

/// A line of a document: its key set off from its value.
fn coloured(line: &JsonLine, folded: bool, inspect: &Inspect, room: usize, look: &Look) -> Line<'static> {
    if !inspect.json {
        return Line::raw(text::cut(&text::clean(&line.text), room).into_owned());
    }
    let indent = "  ".repeat(line.depth.min(20));
    let mark = match (line.closes.is_some(), folded) {
        (true, true) => look.glyphs.closed,
        (true, false) => look.glyphs.open,
        _ => " ",
    };
    let mut spans = vec![Span::styled(format!("{indent}{mark} "), look.theme.muted)];
    let key_end = if !line.more && line.text.starts_with('"') { line.text.find("\": ").map(|at| at + 2) } else { None };
    let (key, value) = line.text.split_at(key_end.unwrap_or(0));
    spans.push(Span::styled(text::clean(key).into_owned(), look.theme.keyword));
    let style = match value.trim_start().chars().next() {
        _ if line.more => look.theme.string,
        Some('"') => look.theme.string,
        Some('{' | '[' | '}' | ']') => look.theme.muted,
        _ => look.theme.number,
    };
    spans.push(Span::styled(text::clean(value).into_owned(), style));
    if folded {
        let closing = line.closes.and_then(|at| inspect.lines.get(at)).map_or("", |l| l.text.as_str());
        spans.push(Span::styled(format!(" … {closing}"), look.theme.muted));
    }
    crate::ui::widgets::fit(spans, room)
}
