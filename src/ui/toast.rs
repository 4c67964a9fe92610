//! The passing message: at the right end of its line where there is room for it, else in a box of its own above.

use super::{Look, text, widgets};
use crate::app::Model;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};
use ratatui::widgets::{Block, Clear, Padding, Paragraph};

/// The widest that words are set in the box: longer lines are hard to read in passing.
const WIDEST: usize = 64;

/// Draws it; `used` columns of the line are taken at the left.
pub fn draw(frame: &mut Frame<'_>, line: Rect, used: usize, model: &Model, look: &Look) {
    let Some(toast) = &model.toast else { return };
    let (mark, style) = look.tone(toast.tone);
    let words = format!("{mark} {}", toast.text.split_whitespace().collect::<Vec<_>>().join(" "));
    let words = text::clean(&words);
    let room = usize::from(line.width).saturating_sub(if used > 0 { used + 3 } else { 2 });
    let wide = text::width(&words);
    if wide <= room {
        let width = u16::try_from(wide + 2).unwrap_or(line.width).min(line.width);
        let spot = Rect { x: line.right() - width, width, ..line };
        frame.render_widget(Clear, spot);
        frame.buffer_mut().set_style(spot, look.theme.text);
        return frame.render_widget(Line::styled(format!(" {words} "), style), spot);
    }
    boxed(frame, line, &words, style, look);
}

/// As many lines as the words take, in a frame that stands on `line`.
fn boxed(frame: &mut Frame<'_>, line: Rect, words: &str, style: ratatui::style::Style, look: &Look) {
    let whole = frame.area();
    let columns = usize::from(line.width).saturating_sub(6).min(WIDEST);
    let mut lines = widgets::wrapped(words, columns);
    // Half of the screen is more than anybody reads in passing.
    let most = usize::from(whole.height / 2).saturating_sub(2).max(1);
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            *last = format!("{}…", text::cut(last, columns.saturating_sub(1)).trim_end_matches('…'));
        }
    }
    let widest = lines.iter().map(|l| text::width(l)).max().unwrap_or(0);
    let width = u16::try_from(widest + 4).unwrap_or(line.width).min(line.width);
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX).min(line.y.saturating_sub(whole.y));
    let spot = Rect { x: line.right() - width, y: line.y - height, width, height };
    frame.render_widget(Clear, spot);
    frame.buffer_mut().set_style(spot, look.theme.text);
    let block = Block::bordered().border_set(look.glyphs.border).border_style(style).padding(Padding::horizontal(1));
    let inside = block.inner(spot);
    frame.render_widget(block, spot);
    let lines: Vec<Line<'_>> = lines.into_iter().map(|l| Line::styled(l, style)).collect();
    frame.render_widget(Paragraph::new(Text::from(lines)), inside);
}
