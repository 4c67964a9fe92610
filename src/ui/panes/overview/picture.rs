//! The boxes of the picture and the flows between them.

use crate::app::picture::{Condition, Foot, Part, parts};
use crate::app::{Model, Target};
use crate::ui::{Hits, Look, text};
use ratatui::Frame;
use ratatui::layout::{Alignment, Rect};
use ratatui::style::Style;
use ratatui::symbols::border;
use ratatui::text::Line;
use ratatui::widgets::Block;

/// From this width on a box has its label and number on one line.
const WIDE: u16 = 22;

/// The selected box where there is only ASCII.
const MARKED: border::Set<'static> = border::Set {
    top_left: "#",
    top_right: "#",
    bottom_left: "#",
    bottom_right: "#",
    vertical_left: "#",
    vertical_right: "#",
    horizontal_top: "#",
    horizontal_bottom: "#",
};

/// Draws the boxes with `room` numbers each. Returns the row below them.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits, room: u16) -> u16 {
    let parts = parts(model, usize::from(room));
    let gap = match area.width {
        0..90 => 2,
        90..150 => 3,
        _ => 5,
    };
    let count = u16::try_from(parts.len()).unwrap_or(1);
    let width = (area.width.saturating_sub(gap * (count - 1)) / count).min(30);
    let used = width * count + gap * (count - 1);
    let left = area.x + area.width.saturating_sub(used) / 2;
    let boxes = Rect { x: left, y: area.y + 1, width, height: 2 * room + 2 }.intersection(area);
    for (i, part) in (0_u16..).zip(&parts) {
        let spot = Rect { x: left + i * (width + gap), ..boxes };
        let selected = (usize::from(i) == model.overview.part.at()).then_some(model.overview.item);
        one(frame, spot, part, selected, look);
        clicks(spot, part, usize::from(i), hits);
        if let Some(next) = parts.get(usize::from(i) + 1) {
            let between = Rect { x: spot.right(), width: gap, ..spot };
            let lanes = if i < 2 { next.items.len().min(part.items.len()) } else { 1 };
            arrows(frame, between, lanes, next.moving(), model.now_ms, look);
        }
        below(frame, Rect { y: spot.bottom(), height: 1, ..spot }, part, i, model, look);
    }
    boxes.bottom() + 2
}

fn clicks(spot: Rect, part: &Part, panel: usize, hits: &mut Hits) {
    hits.add(spot, Target::Row { panel, row: 0 });
    for (row, y) in (0..part.items.len()).zip((spot.y + 1..spot.bottom()).step_by(2)) {
        hits.add(Rect { y, height: 2, ..spot }, Target::Row { panel, row });
    }
}

fn one(frame: &mut Frame<'_>, spot: Rect, part: &Part, selected: Option<usize>, look: &Look) {
    let above = Rect { y: spot.y.saturating_sub(1), height: 1, ..spot };
    let style = if selected.is_some() { look.theme.accent } else { look.theme.title };
    centred(frame, above, &part.title, style);
    let line = match part.condition {
        Condition::Failed => look.theme.bad,
        _ if selected.is_some() || part.moving() => look.theme.frame_focus,
        _ => look.theme.frame,
    };
    let set = match selected {
        Some(_) if look.glyphs.shaft == "-" => MARKED,
        Some(_) => border::THICK,
        None => look.glyphs.boxes,
    };
    let block = Block::bordered().border_set(set).border_style(line);
    let inside = block.inner(spot);
    frame.render_widget(block, spot);
    let columns = usize::from(inside.width);
    for ((i, item), y) in part.items.iter().enumerate().zip((inside.y..inside.bottom()).step_by(2)) {
        let here = selected == Some(i);
        let label_style = if here { look.theme.accent } else { look.theme.muted };
        let (number, style) = match item.number {
            Some(0) => ("0".into(), look.theme.muted),
            Some(n) => (text::group(n), look.theme.number),
            None => (look.glyphs.dot.to_owned(), look.theme.muted),
        };
        if spot.width >= WIDE {
            let number_width = text::width(&number);
            let label = text::left(&item.label, columns.saturating_sub(number_width + 1));
            frame.render_widget(Line::styled(label, label_style), Rect { y, height: 1, ..inside });
            frame.render_widget(Line::styled(number, style), number_spot(inside, y, number_width));
        } else {
            frame.render_widget(
                Line::styled(text::left(&item.label, columns), label_style),
                Rect { y, height: 1, ..inside },
            );
            frame.render_widget(
                Line::styled(text::right(&number, columns), style),
                Rect { y: y + 1, height: 1, ..inside },
            );
        }
    }
}

/// The right end of a row.
fn number_spot(inside: Rect, y: u16, width: usize) -> Rect {
    let width = u16::try_from(width).unwrap_or(u16::MAX).min(inside.width);
    Rect { x: inside.right() - width, y, width, height: 1 }
}

fn centred(frame: &mut Frame<'_>, spot: Rect, words: &str, style: Style) {
    let words = text::cut(words, usize::from(spot.width)).into_owned();
    frame.render_widget(Line::styled(words, style).alignment(Alignment::Center), spot);
}

/// Two lines below a box: what is in it, and how it is.
fn below(frame: &mut Frame<'_>, spot: Rect, part: &Part, index: u16, model: &Model, look: &Look) {
    let foot = match &part.foot {
        Foot::Seed(seed) => format!("seed {seed}"),
        Foot::Bytes(bytes) => text::bytes(*bytes),
        Foot::Rows(rows) => format!("{} rows", text::group(*rows)),
        Foot::Change(change) => format!("{} rows", text::change(*change)),
        Foot::Missing => "not there".into(),
        Foot::Empty => "empty".into(),
        Foot::Unknown => String::new(),
    };
    let style = if matches!(part.foot, Foot::Change(_)) { look.theme.running } else { look.theme.muted };
    centred(frame, spot, &foot, style);
    let (words, style) = condition(part, (index, usize::from(spot.width)), model, look);
    centred(frame, Rect { y: spot.y + 1, ..spot }, &words, style);
}

fn condition(part: &Part, (index, columns): (u16, usize), model: &Model, look: &Look) -> (String, Style) {
    let glyphs = &look.glyphs;
    match part.condition {
        Condition::Quiet => (String::new(), look.theme.muted),
        Condition::Moving => {
            let doing = ["writing", "uploading", "loading"];
            let words = doing.get(usize::from(index)).or(doing.last()).copied().unwrap_or_default();
            (format!("{} {words}", glyphs.running), look.theme.running)
        }
        Condition::Waiting => (format!("{} waiting", glyphs.waiting), look.theme.waiting),
        Condition::Failed => (format!("{} failed", glyphs.failed), look.theme.bad),
        Condition::Rejected(n) => (format!("{} {} kept", glyphs.failed, text::group(n)), look.theme.warn),
        Condition::Loaded(at) => {
            let age = format!("{} {}", glyphs.done, text::age(model.now_ms - at));
            // A narrow box has no room for all ages in full.
            let words = format!("{age} old");
            (if text::width(&words) > columns { age } else { words }, look.theme.ok)
        }
    }
}

fn arrows(frame: &mut Frame<'_>, area: Rect, lanes: usize, moving: bool, now_ms: i64, look: &Look) {
    let columns = usize::from(area.width);
    let mut cells = vec![look.glyphs.shaft; columns];
    if let Some(last) = cells.last_mut() {
        *last = look.glyphs.arrow;
    }
    if moving && columns > 0 {
        // Without motion the mark stays in the middle: it still says that rows are on their way.
        let step = if look.still { 0 } else { usize::try_from(now_ms.rem_euclid(100_000) / 150).unwrap_or(0) };
        let at = if look.still { columns / 2 } else { step % columns };
        cells[at] = look.glyphs.moving;
    }
    let style: Style = if moving { look.theme.running } else { look.theme.frame };
    for lane in 0..lanes.max(1) {
        let lane = if lanes <= 1 { (area.height.saturating_sub(2)) / 4 } else { u16::try_from(lane).unwrap_or(0) };
        let y = area.y + 1 + lane * 2;
        if y + 1 < area.bottom() {
            frame.render_widget(Line::styled(cells.concat(), style), Rect { y, height: 1, ..area });
        }
    }
}
