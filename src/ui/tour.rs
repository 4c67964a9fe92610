//! The tour on the screen: a caption below the pane that it shows, or a slide of its own with large numbers.

use super::{Look, text};
use crate::app::tour::{Phase, Tour, number};
use crate::app::{Context, Model, keymap};
use ratatui::Frame;
use ratatui::layout::{Alignment, Rect};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Block, Borders, Clear, Paragraph, Wrap};

/// Draws the caption.
pub fn caption(frame: &mut Frame<'_>, area: Rect, model: &Model, tour: &Tour, look: &Look) {
    let block = Block::new().borders(Borders::TOP).border_set(look.glyphs.border).border_style(look.theme.frame_focus);
    let chapter = tour.script.chapters.get(tour.chapter).map_or("", |c| c.title.as_str());
    let title = Span::styled(format!(" {chapter} "), look.theme.accent);
    let used = title.width() + 4;
    let inside = block.inner(area);
    frame.render_widget(block.title(title), area);
    // What passes by is seen as an operator sees it; the line above the words has room for it.
    super::toast::draw(frame, Rect { height: 1.min(area.height), ..area }, used, model, look);
    let words = Rect { x: inside.x + 2, width: inside.width.saturating_sub(4), ..inside };
    let height = words.height.saturating_sub(1);
    let caption = tour.now().map_or("", |s| s.caption.trim());
    let paragraph = Paragraph::new(Text::from(caption.replace('\n', " "))).wrap(Wrap { trim: true });
    frame.render_widget(paragraph.style(look.theme.text), Rect { height, ..words });
    controls(frame, Rect { y: inside.bottom().saturating_sub(1), height: 1, ..words }, model, tour, look);
}

/// Draws a slide.
pub fn slide(frame: &mut Frame<'_>, area: Rect, model: &Model, tour: &Tour, look: &Look) {
    let Some(step) = tour.now() else { return };
    frame.render_widget(Clear, area);
    frame.buffer_mut().set_style(area, look.theme.text);
    let width = area.width.saturating_sub(8).min(110);
    let column = Rect { x: area.x + (area.width - width) / 2, width, ..area };
    let top = area.y + area.height / 6;
    let title = Paragraph::new(step.title.as_str()).alignment(Alignment::Center).wrap(Wrap { trim: true });
    frame.render_widget(title.style(look.theme.accent), Rect { y: top, height: 2, ..column });
    let mut y = top + 3;
    if !step.numbers.is_empty() {
        numbers(
            frame,
            Rect { y, height: 5.min(area.bottom().saturating_sub(y)), ..column },
            model,
            &step.numbers,
            look,
        );
        y += 6;
    }
    let words =
        Paragraph::new(step.caption.trim().replace('\n', " ")).alignment(Alignment::Center).wrap(Wrap { trim: true });
    let height = area.bottom().saturating_sub(y + 3);
    let narrow = width.min(76);
    let spot = Rect { x: area.x + (area.width - narrow) / 2, width: narrow, y: y.min(area.bottom()), height };
    frame.render_widget(words, spot);
    controls(frame, Rect { y: area.bottom().saturating_sub(2), height: 1, ..column }, model, tour, look);
    let last = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area };
    super::toast::draw(frame, last, 0, model, look);
}

/// Numbers side by side, as large as there is room for.
fn numbers(frame: &mut Frame<'_>, area: Rect, model: &Model, named: &[String], look: &Look) {
    let count = u16::try_from(named.len()).unwrap_or(1).max(1);
    let width = area.width / count;
    for (i, name) in (0_u16..).zip(named) {
        let (value, label) = number(model, name);
        let spot = Rect { x: area.x + i * width, width, ..area };
        let digits = value.map_or_else(|| look.glyphs.dot.to_owned(), text::group);
        let large = large(&digits);
        let fits = large.iter().all(|l| text::width(l) < usize::from(width)) && look.glyphs.shaft != "-";
        let lines = if fits { large.to_vec() } else { vec![String::new(), digits, String::new()] };
        for (y, line) in (spot.y..spot.bottom()).zip(lines) {
            let line = Line::styled(line, look.theme.number).alignment(Alignment::Center);
            frame.render_widget(line, Rect { y, height: 1, ..spot });
        }
        let line = Line::styled(text::cut(&label, usize::from(width)).into_owned(), look.theme.muted);
        let y = (spot.y + 4).min(spot.bottom().saturating_sub(1));
        frame.render_widget(line.alignment(Alignment::Center), Rect { y, height: 1, ..spot });
    }
}

/// Digits of five dots by three, a row of the terminal holding two of the dots.
const DIGITS: [[u8; 5]; 10] = [
    [0b111, 0b101, 0b101, 0b101, 0b111],
    [0b010, 0b110, 0b010, 0b010, 0b111],
    [0b111, 0b001, 0b111, 0b100, 0b111],
    [0b111, 0b001, 0b111, 0b001, 0b111],
    [0b101, 0b101, 0b111, 0b001, 0b001],
    [0b111, 0b100, 0b111, 0b001, 0b111],
    [0b111, 0b100, 0b111, 0b101, 0b111],
    [0b111, 0b001, 0b001, 0b001, 0b001],
    [0b111, 0b101, 0b111, 0b101, 0b111],
    [0b111, 0b101, 0b111, 0b001, 0b111],
];

fn large(digits: &str) -> [String; 3] {
    let mut out = [String::new(), String::new(), String::new()];
    for c in digits.chars() {
        let Some(dots) = c.to_digit(10).and_then(|d| DIGITS.get(d as usize)) else {
            for line in &mut out {
                line.push(' ');
            }
            continue;
        };
        for (row, line) in out.iter_mut().enumerate() {
            let (above, beneath) = (dots[2 * row], dots.get(2 * row + 1).copied().unwrap_or(0));
            for bit in [0b100, 0b010, 0b001] {
                line.push(match (above & bit != 0, beneath & bit != 0) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                });
            }
            line.push(' ');
        }
    }
    out
}

/// The last line: where the tour is, what it is doing, and the keys.
fn controls(frame: &mut Frame<'_>, area: Rect, model: &Model, tour: &Tour, look: &Look) {
    let (at, of) = tour.place();
    let mut spans = Vec::new();
    for (i, _) in tour.script.chapters.iter().enumerate() {
        let (mark, style) = match i.cmp(&tour.chapter) {
            std::cmp::Ordering::Less => (look.glyphs.running, look.theme.muted),
            std::cmp::Ordering::Equal => (look.glyphs.here, look.theme.accent),
            std::cmp::Ordering::Greater => (look.glyphs.waiting, look.theme.muted),
        };
        spans.push(Span::styled(format!("{mark} "), style));
    }
    spans.push(Span::styled(format!(" {at} of {of}  "), look.theme.muted));
    let (words, style) = doing(model, tour, look);
    spans.push(Span::styled(words, style));
    frame.render_widget(super::widgets::fit(spans, usize::from(area.width)), area);
    let mut hints = Vec::new();
    for row in keymap::rows(&[Context::Present]) {
        let always = matches!(row.hint, "next" | "back" | "leave");
        if always || (row.hint == "chapters" && area.width >= 96) {
            hints.push(Span::styled(model.keymap.first(row), look.theme.key));
            hints.push(Span::styled(format!(" {}  ", row.hint), look.theme.muted));
        }
    }
    let line = Line::from(hints);
    let width = u16::try_from(line.width()).unwrap_or(u16::MAX);
    if area.width > width + 30 {
        frame.render_widget(line, Rect { x: area.right() - width, width, ..area });
    }
}

fn doing(model: &Model, tour: &Tour, look: &Look) -> (String, ratatui::style::Style) {
    match &tour.phase {
        Phase::Preparing { .. } | Phase::Playing | Phase::Waiting { .. } => {
            let work = model.jobs.work().map(|w| w.phase.clone().unwrap_or_else(|| w.job.title()));
            (format!("{} {}", look.glyphs.running, work.unwrap_or_else(|| "one moment".into())), look.theme.running)
        }
        Phase::Shown { .. } if tour.pace.auto => ("goes on by itself".into(), look.theme.muted),
        Phase::Shown { .. } => (String::new(), look.theme.muted),
        Phase::Stuck(why) => (format!("{} {}", look.glyphs.failed, text::clean(why)), look.theme.bad),
        Phase::Resetting => (format!("{} taking everything back", look.glyphs.running), look.theme.running),
        Phase::Over => (format!("{} the end", look.glyphs.done), look.theme.ok),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_digits_are_three_rows_of_the_same_width() {
        let shown = large("4 07");
        assert!(shown.iter().all(|l| text::width(l) == 13), "{shown:?}");
        assert_eq!(large("1"), ["▄█  ", " █  ", "▀▀▀ "]);
    }
}
