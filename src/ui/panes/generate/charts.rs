//! How what is made spreads over days and categories.

use crate::app::Outlook;
use crate::ui::widgets::fit;
use crate::ui::{Look, text};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Eighths of a cell.
const EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
/// Columns of the axis' numbers.
const AXIS: usize = 8;

/// Draws both.
pub fn draw(frame: &mut Frame<'_>, area: Rect, outlook: &Outlook, look: &Look) {
    let bars = u16::try_from(outlook.categories.len()).unwrap_or(u16::MAX).saturating_add(1);
    let days = area.height.saturating_sub(bars).max(3).min(area.height);
    let top = Rect { height: days, ..area };
    per_day(frame, top, &outlook.days, look);
    let rest = Rect { y: area.y + days, height: area.height - days, ..area };
    per_category(frame, rest, &outlook.categories, look);
}

/// Columns, one for a day or for some days.
fn per_day(frame: &mut Frame<'_>, area: Rect, days: &[(String, u64)], look: &Look) {
    if days.is_empty() || area.height < 3 || usize::from(area.width) <= AXIS {
        return frame.render_widget(Line::styled("no transactions", look.theme.muted), area);
    }
    let room = usize::from(area.width) - AXIS;
    let sums = gathered(days, room);
    let wide = (room / sums.len()).clamp(1, 3);
    let most = sums.iter().copied().max().unwrap_or(0).max(1);
    let height = usize::from(area.height) - 1;
    for line in 0..height {
        let label = match line {
            0 => text::group(most),
            l if l + 1 == height => "0".into(),
            _ => String::new(),
        };
        let from_below = (height - 1 - line) as u64;
        let mut bars = String::new();
        for sum in &sums {
            let eighths = sum * height as u64 * 8 / most;
            let here = usize::try_from(eighths.saturating_sub(from_below * 8).min(8)).unwrap_or(8);
            // A day with something is never empty.
            let here = if line + 1 == height && *sum > 0 { here.max(1) } else { here };
            bars.push_str(&cell(here, look).repeat(wide));
        }
        let spans = vec![
            Span::styled(format!("{} ", text::right(&label, AXIS - 1)), look.theme.muted),
            Span::styled(bars, look.theme.accent),
        ];
        let y = area.y + u16::try_from(line).unwrap_or(0);
        frame.render_widget(Line::from(spans), Rect { y, height: 1, ..area });
    }
    let (first, last) = (days.first().map_or("", |d| d.0.as_str()), days.last().map_or("", |d| d.0.as_str()));
    let span = (sums.len() * wide).max(first.len());
    let gap = span.saturating_sub(first.len() + last.len()).max(1);
    let words = if span > first.len() + last.len() {
        format!("{}{first}{}{last}", " ".repeat(AXIS), " ".repeat(gap))
    } else {
        format!("{}{first} on", " ".repeat(AXIS))
    };
    let y = area.bottom() - 1;
    frame.render_widget(Line::styled(words, look.theme.muted), Rect { y, height: 1, ..area });
}

/// A cell that is filled from below.
fn cell(eighths: usize, look: &Look) -> &'static str {
    if look.glyphs.full == EIGHTHS[8] {
        EIGHTHS[eighths]
    } else if eighths >= 4 {
        look.glyphs.full
    } else if eighths > 0 {
        look.glyphs.empty
    } else {
        " "
    }
}

/// The days' numbers in at most so many groups of equal length; the mean of each.
fn gathered(days: &[(String, u64)], room: usize) -> Vec<u64> {
    let each = days.len().div_ceil(room.max(1)).max(1);
    days.chunks(each).map(|some| some.iter().map(|d| d.1).sum::<u64>() / some.len() as u64).collect()
}

/// A bar for each.
fn per_category(frame: &mut Frame<'_>, area: Rect, categories: &[(String, u64)], look: &Look) {
    let all: u64 = categories.iter().map(|c| c.1).sum::<u64>().max(1);
    let most = categories.first().map_or(1, |c| c.1.max(1));
    let room = usize::from(area.width).saturating_sub(10 + 6 + 2).max(1);
    for (y, (name, count)) in (area.y + 1..area.bottom()).zip(categories) {
        let length = usize::try_from(count * room as u64 / most).unwrap_or(room).max(1);
        let spans = vec![
            Span::raw(text::left(name, 10)),
            Span::styled(look.glyphs.full.repeat(length), look.theme.accent),
            Span::styled(format!(" {}", percent(*count, all)), look.theme.muted),
        ];
        frame.render_widget(fit(spans, usize::from(area.width)), Rect { y, height: 1, ..area });
    }
}

/// A share with one digit behind the point.
fn percent(part: u64, all: u64) -> String {
    let tenths = part.saturating_mul(1_000) / all;
    format!("{}.{} %", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_gathered_into_the_room() {
        let days: Vec<(String, u64)> = (0..100).map(|i| (String::new(), i)).collect();
        assert_eq!(gathered(&days, 200).len(), 100);
        assert_eq!(gathered(&days, 30).len(), 25);
        assert_eq!(gathered(&days, 1), [49]);
        assert_eq!(percent(1, 3), "33.3 %");
    }
}
