//! Small parts that several panes are made of.

mod fold;
mod sql;

pub use fold::folded;
pub use sql::highlight;

use super::{Hits, Look, text};
use crate::app::{Progress, Target};
use ratatui::Frame;
use ratatui::layout::{Alignment, Rect};
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Block, Padding, Paragraph, Wrap};
use std::ops::Range;

/// A framed panel. Its title is at the left, `note` at the right.
pub fn panel<'a>(title: &str, note: Line<'a>, focus: bool, look: &Look) -> Block<'a> {
    let frame = if focus { look.theme.frame_focus } else { look.theme.frame };
    let mut block =
        Block::bordered().border_set(look.glyphs.border).border_style(frame).padding(Padding::horizontal(1));
    if !title.is_empty() {
        block = block.title(Span::styled(format!(" {} ", text::clean(title)), heading(focus, look)));
    }
    if note.width() > 0 {
        block = block.title(note.alignment(Alignment::Right));
    }
    block
}

/// A panel's title: as the frame where that has the keys, else as text, since the frames of others are faint.
fn heading(focus: bool, look: &Look) -> Style {
    let title = look.theme.title;
    if focus || title.fg.is_some() { title } else { title.fg(look.theme.text.fg.unwrap_or(Color::Reset)) }
}

/// Draws the panel and returns what is inside.
pub fn framed(frame: &mut Frame<'_>, area: Rect, title: &str, note: Line<'_>, focus: bool, look: &Look) -> Rect {
    let block = panel(title, note, focus, look);
    let inside = block.inner(area);
    frame.render_widget(block, area);
    inside
}

/// A rule across a panel that begins another part of it: title at the left, `note` at the right. `area` is the panel with
/// its frame, `y` the rule's row.
pub fn rule(frame: &mut Frame<'_>, area: Rect, y: u16, title: &str, note: Line<'_>, focus: bool, look: &Look) {
    if y >= area.bottom().saturating_sub(1) || area.width < 4 {
        return;
    }
    let style = if focus { look.theme.frame_focus } else { look.theme.frame };
    let ascii = look.glyphs.rule == "|";
    let (left, right) = if ascii { ("+", "+") } else { ("├", "┤") };
    let across = look.glyphs.border.horizontal_top.repeat(usize::from(area.width) - 2);
    let row = Rect { y, height: 1, ..area };
    frame.render_widget(Line::styled(format!("{left}{across}{right}"), style), row);
    let title = Span::styled(format!(" {} ", text::clean(title)), heading(focus, look));
    let cells = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    let room = area.width - 3;
    let width = cells(title.width()).min(room);
    frame.render_widget(title, Rect { x: area.x + 1, width, ..row });
    let wide = cells(note.width());
    if wide > 0 && width + wide + 2 <= room {
        frame.render_widget(note, Rect { x: area.right() - 1 - wide, width: wide, ..row });
    }
}

/// Words in lines of at most `columns`, cleaned. A word that is longer is cut.
#[must_use]
pub fn wrapped(words: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in words.split_whitespace() {
        let word = text::clean(word);
        let word = text::cut(&word, columns);
        if !line.is_empty() && text::width(&line) + 1 + text::width(&word) > columns {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// A short remark for a panel's upper right corner.
#[must_use]
pub fn remark(words: &str, look: &Look) -> Line<'static> {
    if words.is_empty() { Line::default() } else { Line::styled(format!(" {} ", text::clean(words)), look.theme.muted) }
}

/// The rows of a list that are seen: the selected one in the middle, as far as the ends allow.
#[must_use]
pub fn window(len: usize, selected: usize, height: usize) -> Range<usize> {
    let first = selected.saturating_sub(height / 2).min(len.saturating_sub(height));
    first..(first + height).min(len)
}

/// A list.
pub struct List {
    /// Rows in all.
    pub len: usize,
    /// The selected row.
    pub selected: usize,
    /// The panel's index in its pane, for clicks.
    pub panel: usize,
    /// The panel has the keys.
    pub focus: bool,
}

impl List {
    /// Draws the rows that are seen; `row` makes one.
    pub fn draw<'a>(
        self,
        frame: &mut Frame<'_>,
        area: Rect,
        look: &Look,
        hits: &mut Hits,
        row: impl Fn(usize) -> Line<'a>,
    ) {
        for (y, i) in (area.y..area.bottom()).zip(window(self.len, self.selected, usize::from(area.height))) {
            let spot = Rect { y, height: 1, ..area };
            let mut line = row(i);
            if i == self.selected {
                let style = if self.focus { look.theme.selected } else { look.theme.selected_idle };
                if self.focus {
                    // The selection speaks for the whole row; colours within it would only blur it.
                    line.spans.iter_mut().for_each(|s| s.style = Style::default());
                }
                frame.buffer_mut().set_style(spot, style);
            }
            frame.render_widget(line, spot);
            hits.add(spot, Target::Row { panel: self.panel, row: i });
        }
    }
}

/// Where the selection is: `12 of 340`; nothing where all rows are seen.
#[must_use]
pub fn place(selected: usize, len: usize, height: u16) -> String {
    if len > usize::from(height) {
        format!("{} of {}", text::group(selected + 1), text::group(len))
    } else {
        String::new()
    }
}

/// What an empty panel says.
pub fn empty(frame: &mut Frame<'_>, area: Rect, lines: &[&str], look: &Look) {
    let text: Vec<Line<'_>> = lines
        .iter()
        .enumerate()
        .map(|(i, l)| Line::styled((*l).to_owned(), if i == 0 { look.theme.text } else { look.theme.muted }))
        .collect();
    let height = u16::try_from(lines.len()).unwrap_or(1).min(area.height);
    let top = area.y + (area.height - height) / 3;
    let paragraph = Paragraph::new(text).alignment(Alignment::Center).wrap(Wrap { trim: true });
    frame.render_widget(paragraph, Rect { y: top, height: area.bottom() - top, ..area });
}

/// An error in a panel.
pub fn failure(frame: &mut Frame<'_>, area: Rect, what: &str, why: &str, hint: &str, look: &Look) {
    let mut lines = vec![Line::styled(format!("{} {what}", look.glyphs.failed), look.theme.bad)];
    lines.extend(why.lines().map(|l| Line::raw(text::clean(l).into_owned())));
    lines.push(Line::styled(hint.to_owned(), look.theme.muted));
    frame.render_widget(Paragraph::new(Text::from(lines)).wrap(Wrap { trim: false }), area);
}

/// How far, from 0 to 1, where the end is known.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a bar has few cells")]
pub fn ratio(progress: &Progress) -> Option<f64> {
    let (done, total) = match (progress.total, progress.total_bytes) {
        (Some(total), _) if total > 0 => (progress.done, total),
        (_, Some(total)) if total > 0 => (progress.bytes, total),
        _ => return None,
    };
    Some((done as f64 / total as f64).clamp(0.0, 1.0))
}

/// A bar with its percentage.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "0 to 1 of few cells"
)]
pub fn bar(ratio: f64, columns: usize, look: &Look) -> Vec<Span<'static>> {
    let full = ((ratio * columns as f64).round() as usize).min(columns);
    vec![
        Span::styled(look.glyphs.full.repeat(full), look.theme.accent),
        Span::styled(look.glyphs.empty.repeat(columns - full), look.theme.muted),
        Span::styled(format!(" {:>3}%", (ratio * 100.0).floor() as u8), look.theme.number),
    ]
}

/// Spans cut to a width, so that nothing is wrapped.
#[must_use]
pub fn fit(spans: Vec<Span<'static>>, columns: usize) -> Line<'static> {
    let mut out = Vec::with_capacity(spans.len());
    let mut left = columns;
    for span in spans {
        let width = span.width();
        if width <= left {
            left -= width;
            out.push(span);
        } else {
            out.push(Span::styled(text::cut(&span.content, left).into_owned(), span.style));
            break;
        }
    }
    Line::from(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_holds_the_selection() {
        for len in 0..20 {
            for height in 0..8 {
                for selected in 0..len {
                    let w = window(len, selected, height);
                    assert!(w.len() <= height && w.end <= len);
                    assert!(height == 0 || w.contains(&selected), "{len} {height} {selected} {w:?}");
                }
            }
        }
    }
}
