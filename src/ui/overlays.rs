//! What lies on top: help, palette, questions, texts.

use super::widgets::{List, framed, remark};
use super::{Hits, Look, text};
use crate::app::overlay::{Choice, ON_TOP, Overlay, Purpose, palette_rows};
use crate::app::pick::Pick;
use crate::app::prompt::Prompt;
use crate::app::reading::{self, fold};
use crate::app::{Action, Context, Model, Target, Tone, keymap};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Clear, Paragraph};
use tui_input::Input;

/// Columns of a question.
const QUESTION: u16 = 66;

/// Draws the topmost.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    match model.overlays.last() {
        None => {}
        Some(Overlay::Help { contexts, scroll }) => help(frame, area, model, contexts, *scroll, look),
        Some(Overlay::Palette { input, cursor }) => palette(frame, area, model, (input, cursor.at()), look, hits),
        Some(Overlay::Confirm { question, detail, .. }) => {
            let keys = Line::from(vec![
                Span::styled("y", look.theme.key),
                Span::raw(" yes    "),
                Span::styled("n", look.theme.key),
                Span::styled(" no (Enter)", look.theme.number),
            ]);
            let line = question_box(frame, area, question, &[detail.as_str()], keys, look);
            hits.add(Rect { width: 5.min(line.width), ..line }, Target::Do(Action::Yes));
            let no = Rect { x: line.x + 9, width: 12, ..line };
            hits.add(no.intersection(line), Target::Do(Action::No));
        }
        Some(Overlay::TypeName { question, name, input, .. }) => type_name(frame, area, question, name, input, look),
        Some(Overlay::Reader { title, text, tone, scroll }) => reader(frame, area, title, text, (*tone, *scroll), look),
        Some(Overlay::Choice { of, cursor, .. }) => choice(frame, area, model, (*of, cursor.at()), look, hits),
        Some(Overlay::Line { purpose: Purpose::Prompt(prompt), input, .. }) => line(frame, area, *prompt, input, look),
        Some(Overlay::Pick(list)) => pick(frame, area, list, look, hits),
        Some(Overlay::Inspect(cell)) => super::panes::query::inspect(frame, area, cell, look, hits),
        // The status line and the pane show what is typed there.
        Some(Overlay::Line { purpose: Purpose::Filter(_) | Purpose::Field(_) | Purpose::Reason { .. }, .. }) => {}
    }
}

/// A box in the middle.
fn middle(area: Rect, columns: u16, rows: u16) -> Rect {
    let (width, height) = (columns.min(area.width.saturating_sub(4)), rows.min(area.height.saturating_sub(2)));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}

fn open(frame: &mut Frame<'_>, area: Rect, title: &str, note: &str, look: &Look) -> Rect {
    frame.render_widget(Clear, area);
    frame.buffer_mut().set_style(area, look.theme.text);
    framed(frame, area, title, remark(note, look), true, look)
}

fn help(frame: &mut Frame<'_>, area: Rect, model: &Model, contexts: &[Context], scroll: usize, look: &Look) {
    let columns = reading::help((area.width.into(), area.height.into())).0;
    let mut lines = Vec::new();
    for context in contexts {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(Line::styled(context.title(), look.theme.title));
        for row in keymap::rows(&[*context]) {
            let keys = model.keymap.keys(row).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            for (i, words) in fold(row.help, columns).into_iter().enumerate() {
                let keys = if i == 0 { keys.as_str() } else { "" };
                lines.push(Line::from(vec![
                    Span::styled(format!("  {}", text::left(keys, reading::KEYS - 2)), look.theme.key),
                    Span::raw(words),
                ]));
            }
        }
        for line in crate::app::help_notes(model, *context) {
            lines.push(Line::styled(text::clean(&line).into_owned(), look.theme.muted));
        }
    }
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let spot = middle(area, u16::try_from(reading::HELP).unwrap_or(area.width), height);
    let inside = open(frame, spot, "Keys", "j/k scroll  Esc closes", look);
    scrolled(frame, inside, Text::from(lines), scroll);
}

fn scrolled(frame: &mut Frame<'_>, area: Rect, text: Text<'_>, scroll: usize) {
    let most = text.lines.len().saturating_sub(usize::from(area.height));
    let first = u16::try_from(scroll.min(most)).unwrap_or(u16::MAX);
    frame.render_widget(Paragraph::new(text).scroll((first, 0)), area);
}

fn palette(
    frame: &mut Frame<'_>,
    area: Rect,
    model: &Model,
    (input, selected): (&Input, usize),
    look: &Look,
    hits: &mut Hits,
) {
    let rows = palette_rows(input.value(), model.pane);
    let spot = middle(area, 84, 20);
    let inside = open(frame, spot, "What to do", "Enter does it  Esc closes", look);
    let first = Rect { height: 1.min(inside.height), ..inside };
    typed(frame, first, ":", input, look);
    let rest = Rect { y: inside.y + 2.min(inside.height), height: inside.height.saturating_sub(2), ..inside };
    if rows.is_empty() {
        frame.render_widget(Line::styled("nothing by that name", look.theme.muted), rest);
    }
    let columns = usize::from(rest.width);
    let list = List { len: rows.len(), selected, panel: ON_TOP, focus: true };
    list.draw(frame, rest, look, hits, |i| {
        let row = rows[i];
        let key = model.keymap.first(row);
        let place = match row.context {
            Context::Pane(pane) => pane.title(),
            _ => "",
        };
        Line::from(vec![
            Span::styled(text::left(place, 10), look.theme.muted),
            Span::raw(text::left(row.help, columns.saturating_sub(20))),
            Span::styled(text::right(&key, 10), look.theme.key),
        ])
    });
}

/// A list at the right, so that what the choice does can be seen beside it.
fn choice(
    frame: &mut Frame<'_>,
    area: Rect,
    model: &Model,
    (of, selected): (Choice, usize),
    look: &Look,
    hits: &mut Hits,
) {
    let (title, rows): (&str, Vec<String>) = match of {
        Choice::Theme => ("Theme", model.themes.clone()),
        Choice::Alert => {
            let row = |a: &crate::domain::Alert| {
                let at = text::clock(a.raised_ms, model.env.utc_offset_s);
                text::cut(&text::clean(&format!("{at}  {}", a.text)), usize::from(area.width).saturating_sub(12))
                    .into_owned()
            };
            ("Alerts: Enter acknowledges", model.alerts.open(model.now_ms).map(row).collect())
        }
        Choice::Chapter => {
            let chapters = model.tour.as_ref().map_or(&[][..], |t| &t.script.chapters);
            ("Chapters", (1..).zip(chapters).map(|(i, c)| format!("{i}  {}", c.title)).collect())
        }
    };
    let widest = rows.iter().map(|r| text::width(r)).max().unwrap_or(0).max(28);
    let columns = u16::try_from(widest + 6).unwrap_or(u16::MAX);
    let rows_high = u16::try_from(rows.len()).unwrap_or(u16::MAX).saturating_add(4);
    let mut spot = middle(area, columns, rows_high);
    if of == Choice::Theme {
        spot.x = area.right().saturating_sub(spot.width + 2);
    }
    let inside = open(frame, spot, title, "", look);
    let body = Rect { height: inside.height.saturating_sub(2), ..inside };
    let columns = usize::from(body.width);
    let list = List { len: rows.len(), selected, panel: ON_TOP, focus: true };
    list.draw(frame, body, look, hits, |i| Line::raw(text::left(&rows[i], columns)));
    let keys = Line::from(vec![
        Span::styled("Enter", look.theme.key),
        Span::styled(" takes it  ", look.theme.muted),
        Span::styled("Esc", look.theme.key),
        Span::styled(" leaves it", look.theme.muted),
    ]);
    frame.render_widget(keys, Rect { y: inside.bottom().saturating_sub(1), height: 1.min(inside.height), ..inside });
}

fn pick(frame: &mut Frame<'_>, area: Rect, list: &Pick, look: &Look, hits: &mut Hits) {
    let rows = list.shown();
    // As high as all rows, so that it keeps its place while the list is narrowed.
    let spot = middle(area, 100, u16::try_from(list.rows.len()).unwrap_or(u16::MAX).saturating_add(5).min(20));
    let inside = open(frame, spot, &list.title, "Enter picks  Esc closes", look);
    typed(frame, Rect { height: 1.min(inside.height), ..inside }, ">", &list.input, look);
    let rest = Rect { y: inside.y + 2.min(inside.height), height: inside.height.saturating_sub(2), ..inside };
    if rows.is_empty() {
        return frame.render_widget(Line::styled("nothing like that", look.theme.muted), rest);
    }
    let columns = usize::from(rest.width);
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let notes = rows.iter().any(|r| !r.note.is_empty());
    let names = rows.iter().map(|r| text::width(&r.text)).max().unwrap_or(0).clamp(10, 40);
    let shown = List { len: rows.len(), selected: list.cursor.at(), panel: ON_TOP, focus: true };
    shown.draw(frame, rest, look, hits, |i| {
        let row = rows[i];
        if !notes {
            return Line::raw(text::left(&one_line(&row.text), columns));
        }
        Line::from(vec![
            Span::raw(text::left(&row.text, names)),
            Span::styled(text::left(&format!("  {}", row.note), columns.saturating_sub(names)), look.theme.muted),
        ])
    });
}

/// A line that a pane asks for.
fn line(frame: &mut Frame<'_>, area: Rect, prompt: Prompt, input: &Input, look: &Look) {
    let spot = middle(area, 70, 6);
    let inside = open(frame, spot, prompt.title(), "Enter takes it  Esc cancels", look);
    typed(frame, Rect { height: 1, y: inside.y + 1, ..inside }, ">", input, look);
    let words = match prompt.problem(input.value().trim()) {
        None => Line::styled(format!("  {}", prompt.help()), look.theme.muted),
        Some(why) => Line::styled(format!("  {} {why}", look.glyphs.failed), look.theme.warn),
    };
    frame.render_widget(words, Rect { height: 1, y: inside.y + 2, ..inside });
}

/// A line that is being typed, with the terminal's cursor in it.
fn typed(frame: &mut Frame<'_>, area: Rect, mark: &str, input: &Input, look: &Look) {
    if area.width < 4 || area.height == 0 {
        return;
    }
    let columns = usize::from(area.width) - 3;
    let skip = input.visual_scroll(columns);
    let shown: String = text::clean(input.value()).chars().skip(skip).collect();
    let line = Line::from(vec![
        Span::styled(format!("{mark} "), look.theme.accent),
        Span::raw(text::cut(&shown, columns).into_owned()),
    ]);
    frame.render_widget(line, area);
    let x = area.x + 2 + u16::try_from(input.visual_cursor().saturating_sub(skip)).unwrap_or(0);
    frame.set_cursor_position(Position::new(x.min(area.right() - 1), area.y));
}

/// Asks; gives back the last line of the box.
fn question_box(
    frame: &mut Frame<'_>,
    area: Rect,
    question: &str,
    detail: &[&str],
    keys: Line<'_>,
    look: &Look,
) -> Rect {
    let columns = middle(area, QUESTION, 1).width;
    let room = usize::from(columns.saturating_sub(4)).max(1);
    let lines = |words: &str| fold(&text::clean(words), room);
    let mut all: Vec<Line<'_>> = lines(question).into_iter().map(|l| Line::styled(l, look.theme.warn)).collect();
    all.push(Line::default());
    all.extend(detail.iter().flat_map(|d| lines(d)).map(Line::raw));
    // Nothing of what is asked may be missing: the box is as high as its words.
    let height = u16::try_from(all.len()).unwrap_or(u16::MAX).saturating_add(4);
    let inside = open(frame, middle(area, columns, height), "Sure?", "", look);
    let body = Rect { height: inside.height.saturating_sub(2), ..inside };
    frame.render_widget(Paragraph::new(Text::from(all)), body);
    let last = Rect { y: inside.bottom().saturating_sub(1), height: 1.min(inside.height), ..inside };
    frame.render_widget(keys, last);
    last
}

fn type_name(frame: &mut Frame<'_>, area: Rect, question: &str, name: &str, input: &Input, look: &Look) {
    let ask = format!("Type {name} to go on; Esc leaves everything as it is.");
    let line = question_box(frame, area, question, &[&ask], Line::default(), look);
    typed(frame, line, ">", input, look);
}

fn reader(frame: &mut Frame<'_>, area: Rect, title: &str, words: &str, (tone, scroll): (Tone, usize), look: &Look) {
    let (inner, _) = reading::reader((area.width.into(), area.height.into()));
    let columns = u16::try_from(inner + 4).unwrap_or(area.width);
    let lines: Vec<Line<'_>> = words.lines().flat_map(|l| fold(&text::clean(l), inner)).map(Line::raw).collect();
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(4);
    let (mark, _) = look.tone(tone);
    let heading = if tone == Tone::Plain { title.to_owned() } else { format!("{mark} {title}") };
    let most = lines.len().saturating_sub(reading::reader((area.width.into(), area.height.into())).1);
    let keys = if most > 0 { "j/k scroll  y copies  Esc closes" } else { "y copies  Esc closes" };
    let inside = open(frame, middle(area, columns, height), &heading, keys, look);
    let body = Rect { y: inside.y + 1.min(inside.height), height: inside.height.saturating_sub(1), ..inside };
    scrolled(frame, body, Text::from(lines).style(look.theme.text), scroll);
}
