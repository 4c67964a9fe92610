//! The fields, the faults, the feed.

use crate::app::overlay::{Overlay, Purpose};
use crate::app::panes::generate::fields::{FIRST_FAULT, FIRST_FEED, ROWS, Row, row};
use crate::app::{Model, Slot, Target};
use crate::ui::widgets::{framed, place, remark, window};
use crate::ui::{Hits, Look, text};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use tui_input::Input;

/// Columns of a row's name and of its text.
const NAME: usize = 16;
const VALUE: usize = 10;

/// A line of the panel: a row, or a heading.
#[derive(Clone, Copy)]
enum Part {
    Row(usize),
    Heading(&'static str),
    Blank,
}

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let on = (FIRST_FAULT..FIRST_FEED).filter(|at| model.generate.values[*at] != "0").count();
    let note = if on > 0 { format!("faults: {on} on") } else { String::new() };
    let parts = parts();
    // Where not all is seen, it is said that there is more.
    let place = place(
        model.generate.row.at(),
        ROWS,
        if parts.len() > usize::from(area.height.saturating_sub(2)) { 0 } else { u16::MAX },
    );
    let note = [note, place].into_iter().filter(|n| !n.is_empty()).collect::<Vec<_>>().join("  ");
    let inside = framed(frame, area, "What to generate", remark(&note, look), true, look);
    let selected = parts.iter().position(|p| matches!(p, Part::Row(at) if *at == model.generate.row.at()));
    for (y, i) in
        (inside.y..inside.bottom()).zip(window(parts.len(), selected.unwrap_or(0), usize::from(inside.height)))
    {
        let spot = Rect { y, height: 1, ..inside };
        match parts[i] {
            Part::Blank => {}
            Part::Heading(words) => frame.render_widget(Line::styled(words, look.theme.title), spot),
            Part::Row(at) => {
                one(frame, spot, at, model, look);
                hits.add(spot, Target::Row { panel: 0, row: at });
            }
        }
    }
}

fn parts() -> Vec<Part> {
    let mut parts = Vec::with_capacity(ROWS + 6);
    for at in 0..ROWS {
        match at {
            FIRST_FAULT => parts.extend([Part::Blank, Part::Heading("Faults on purpose, as a share")]),
            FIRST_FEED => parts.extend([Part::Blank, Part::Heading("Live feed, of transactions now")]),
            _ => {}
        }
        parts.push(Part::Row(at));
    }
    parts
}

fn one(frame: &mut Frame<'_>, spot: Rect, at: usize, model: &Model, look: &Look) {
    let here = model.generate.row.at() == at;
    let of = row(at);
    if matches!(of, Row::Start | Row::Feed) {
        return button(frame, spot, of, here, model, look);
    }
    let typed = match model.overlays.last() {
        Some(Overlay::Line { purpose: Purpose::Field(field), input, .. }) if *field == at => Some(input),
        _ => None,
    };
    let value = typed.map_or(model.generate.values[at].as_str(), Input::value);
    let problem = model.generate.problem(at, value.trim());
    let off = matches!(of, Row::Fault(_)) && value == "0";
    let style = match () {
        () if typed.is_some() => look.theme.text,
        () if here => look.theme.selected,
        () if off => look.theme.waiting,
        () => look.theme.number,
    };
    let mark = match of {
        Row::Fault(_) if off => look.glyphs.waiting,
        Row::Fault(_) => look.glyphs.running,
        _ => " ",
    };
    let (note, note_style) = match problem {
        Some(why) => (format!("{} {why}", look.glyphs.failed), look.theme.bad),
        None => (of.about().to_owned(), look.theme.muted),
    };
    let name = if here { look.theme.accent } else { look.theme.text };
    let shown = if off { "off" } else { value };
    let room = usize::from(spot.width).saturating_sub(2 + NAME + 1 + VALUE + 1);
    let line = Line::from(vec![
        Span::styled(format!("{mark} "), if off { look.theme.waiting } else { look.theme.accent }),
        Span::styled(text::left(of.name(), NAME), name),
        Span::raw(" "),
        Span::styled(text::left(shown, VALUE), style),
        Span::raw(" "),
        Span::styled(text::left(&note, room), note_style),
    ]);
    frame.render_widget(line, spot);
    if let Some(input) = typed {
        edit(frame, spot, input, look);
    }
}

/// What is being typed, with the terminal's cursor.
fn edit(frame: &mut Frame<'_>, spot: Rect, input: &Input, look: &Look) {
    let x = spot.x + u16::try_from(2 + NAME + 1).unwrap_or(0);
    let field = Rect { x, width: u16::try_from(VALUE).unwrap_or(0), height: 1, y: spot.y }.intersection(spot);
    let skip = input.visual_scroll(VALUE.saturating_sub(1));
    let shown: String = text::clean(input.value()).chars().skip(skip).collect();
    let style = look.theme.accent.add_modifier(ratatui::style::Modifier::UNDERLINED);
    frame.render_widget(Span::styled(text::left(&shown, VALUE), style), field);
    let cursor = u16::try_from(input.visual_cursor().saturating_sub(skip)).unwrap_or(0);
    frame.set_cursor_position(Position::new((x + cursor).min(field.right().saturating_sub(1)), spot.y));
}

fn button(frame: &mut Frame<'_>, spot: Rect, of: Row, here: bool, model: &Model, look: &Look) {
    let feed = model.jobs.in_slot(&Slot::Feed).map(|(_, running)| running);
    let words = match (of, feed) {
        (Row::Feed, Some(_)) => " Stop the feed ",
        (Row::Feed, None) => " Start the feed ",
        _ => " Generate and upload ",
    };
    let style = if here { look.theme.selected } else { look.theme.accent };
    let mut spans = vec![Span::raw("  "), Span::styled(words, style)];
    match (of, feed, &model.generate.fed) {
        (Row::Feed, Some(running), _) => {
            let done = running.progress.as_ref().map_or(0, |p| p.done);
            let ms = u64::try_from(model.now_ms - running.since_ms).unwrap_or(0).max(1);
            spans.push(Span::styled(format!(" {} ", look.glyphs.running), look.theme.running));
            spans.push(Span::styled(rate(done * 10_000 / ms), look.theme.number));
            spans.push(Span::styled(format!("/s, {} sent", text::group(done)), look.theme.muted));
        }
        (Row::Feed, None, Some(fed)) => {
            spans.push(Span::styled(format!("  {} sent", text::group(fed.transactions)), look.theme.muted));
        }
        (Row::Start, ..) => spans.push(Span::styled("  f files only", look.theme.muted)),
        _ => {}
    }
    frame.render_widget(crate::ui::widgets::fit(spans, usize::from(spot.width)), spot);
}

/// A rate from tenths.
fn rate(tenths: u64) -> String {
    if tenths >= 10_000 { text::group(tenths / 10) } else { format!("{}.{}", tenths / 10, tenths % 10) }
}
