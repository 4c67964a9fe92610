//! What is offered for the word at the cursor.

use crate::app::panes::query::complete::Completion;
use crate::ui::widgets::{panel, window};
use crate::ui::{Look, text};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};

/// Rows that are seen at a time.
const ROWS: usize = 8;

/// Draws them below the cursor, or above it where there is more room; `typed` is the width of what is typed of the word.
pub fn draw(frame: &mut Frame<'_>, whole: Rect, at: Position, offered: &Completion, typed: usize, look: &Look) {
    let names = offered.offers.iter().map(|o| text::width(&o.text)).max().unwrap_or(0).clamp(8, 48);
    let notes = offered.offers.iter().map(|o| text::width(&o.note)).max().unwrap_or(0).min(16);
    let width = u16::try_from(names + notes + 5).unwrap_or(60).min(whole.width);
    let rows = u16::try_from(offered.offers.len().min(ROWS)).unwrap_or(8) + 2;
    let below = whole.bottom().saturating_sub(at.y + 1);
    let above = at.y.saturating_sub(whole.y);
    let (y, height) = if below >= rows || below >= above {
        (at.y + 1, rows.min(below))
    } else {
        (at.y - rows.min(above), rows.min(above))
    };
    let x = at.x.saturating_sub(u16::try_from(typed + 2).unwrap_or(0)).min(whole.right().saturating_sub(width));
    let spot = Rect { x: x.max(whole.x), y, width, height }.intersection(whole);
    if spot.height < 3 {
        return;
    }
    Clear.render(spot, frame.buffer_mut());
    frame.buffer_mut().set_style(spot, look.theme.text);
    let block = panel("", Line::styled(" Tab takes ", look.theme.muted), true, look);
    let inside = block.inner(spot);
    frame.render_widget(block, spot);
    let seen = window(offered.offers.len(), offered.cursor.at(), usize::from(inside.height));
    let room = usize::from(inside.width).saturating_sub(notes + 1);
    for (y, i) in (inside.y..inside.bottom()).zip(seen) {
        let line = Rect { y, height: 1, ..inside };
        let offer = &offered.offers[i];
        let chosen = i == offered.cursor.at();
        let (name, note) =
            if chosen { (look.theme.selected, look.theme.selected) } else { (look.theme.text, look.theme.muted) };
        let words = Line::from(vec![
            Span::styled(text::left(&offer.text, room), name),
            Span::styled(format!(" {}", text::left(&offer.note, notes)), note),
        ]);
        frame.render_widget(words, line);
    }
}
