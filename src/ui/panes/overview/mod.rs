//! Overview: the pipeline as a picture, what goes on, and what went before.

mod picture;
mod summary;

use crate::app::picture::parts;
use crate::app::{Link, Model, picture_room};
use crate::domain::TaskState;
use crate::ui::widgets::{bar, fit, framed, ratio, remark};
use crate::ui::{Hits, Look, text};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Paragraph, Wrap};

/// Rows of the panel with the picture, besides its boxes: frame, headings, two lines below each box, the summary.
const AROUND: u16 = 7;

/// From this age on it is said how old the counts are, milliseconds: two polls of the embedded cloud.
const SAID_MS: i64 = 25_000;

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let room = u16::try_from(picture_room(model)).unwrap_or(u16::MAX);
    // Where the body is lower than the terminal has room for (a tour's caption), the picture is what stays.
    let room = room.min(area.height.saturating_sub(AROUND + 2) / 2).max(1);
    // Boxes are as high as the fullest is, so that what goes on has the rest.
    let fullest = parts(model, usize::from(room)).iter().map(|p| p.items.len()).max().unwrap_or(0);
    let room = room.min(u16::try_from(fullest).unwrap_or(room).max(3));
    let boxes = 2 * room + 2;
    let spare = u16::from(area.height >= boxes + AROUND + 12);
    let [top, bottom] =
        Layout::vertical([Constraint::Length(boxes + AROUND + 2 * spare), Constraint::Min(0)]).areas(area);
    let title = model.deploy.plan.as_ref().map_or("Pipeline", |p| p.pipeline.as_str());
    let inside = framed(frame, top, title, run_note(model, look), true, look);
    let inside = Rect { y: inside.y + spare, height: inside.height.saturating_sub(spare), ..inside };
    let below = picture::draw(frame, inside, model, look, hits, room);
    let rest = Rect { y: below + spare, height: inside.bottom().saturating_sub(below + spare), ..inside };
    summary::draw(frame, rest, model, look);
    if bottom.height < 3 {
        return;
    }
    let [left, right] = Layout::horizontal([Constraint::Fill(2), Constraint::Fill(3)]).areas(bottom);
    now(frame, left, model, look);
    events(frame, right, model, look);
}

/// The work that goes on, with how long it takes as a rule; else how old the counts are.
fn run_note(model: &Model, look: &Look) -> Line<'static> {
    if let Some(work) = model.jobs.work() {
        let since = model.now_ms - work.since_ms;
        let title = work.job.title();
        let left = model.overview.took.get(&title).map(|took| took - since).filter(|left| *left >= 1_000);
        let estimate =
            left.map_or(String::new(), |ms| format!("{} about {} left ", look.glyphs.dot, text::duration(ms)));
        return Line::from(vec![
            Span::styled(format!(" {} ", look.glyphs.running), look.theme.running),
            Span::raw(format!("{} {} ", text::cut(&title, 30), text::duration(since))),
            Span::styled(estimate, look.theme.muted),
        ]);
    }
    let counted = model.counts_age_ms().filter(|age| *age > SAID_MS);
    let read = model.tasks.stale_ms(model.now_ms);
    let words = [
        counted.map(|age| format!("counted {} ago", text::age(age))),
        read.map(|age| format!("tasks read {} ago", text::age(age))),
    ];
    let words: Vec<String> = words.into_iter().flatten().collect();
    if words.is_empty() {
        return Line::default();
    }
    // An account is looked at seldom, to spare it: up to two polls old is as fresh as it gets there.
    let (counts, tasks) = if model.env.local { (SAID_MS, 0) } else { (130_000, 630_000) };
    let old = counted.is_some_and(|age| age > counts) || read.is_some_and(|age| age > tasks);
    let style = if old { look.theme.warn } else { look.theme.muted };
    Line::styled(format!(" {} ", words.join(&format!(" {} ", look.glyphs.dot))), style)
}

fn now(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look) {
    let inside = framed(frame, area, "Now", remark("", look), false, look);
    let mut lines: Vec<Line<'_>> = Vec::new();
    let columns = usize::from(inside.width);
    if let Some(work) = model.jobs.work() {
        let phase = work.phase.clone().unwrap_or_else(|| work.job.title());
        lines.push(Line::from(vec![
            Span::styled(format!("{} ", look.glyphs.running), look.theme.running),
            Span::raw(text::left(&phase, columns.saturating_sub(2))),
        ]));
        if let Some(progress) = &work.progress {
            let label = format!("  {} {}", text::clean(&progress.label), text::group(progress.done));
            let mut spans = vec![Span::styled(label, look.theme.muted), Span::raw(" ")];
            if let Some(ratio) = ratio(progress) {
                spans.extend(bar(ratio, 10, look));
            }
            lines.push(fit(spans, columns));
        }
    }
    for run in model.tasks.runs.iter().filter(|r| r.state == TaskState::Executing) {
        let since = run.started_ms.map_or(String::new(), |s| text::duration(model.now_ms - s));
        lines.push(Line::from(vec![
            Span::styled(format!("{} ", look.glyphs.running), look.theme.running),
            Span::raw(text::left(&run.name, columns.saturating_sub(12))),
            Span::styled(text::right(&since, 10), look.theme.muted),
        ]));
    }
    if lines.is_empty() {
        lines.push(Line::styled(idle_words(model), look.theme.muted));
    }
    frame.render_widget(Paragraph::new(Text::from(lines)).wrap(Wrap { trim: false }), inside);
}

fn idle_words(model: &Model) -> String {
    match model.link {
        Link::Connecting => "Connecting …".into(),
        Link::Down(_) => "Not connected. E shows why.".into(),
        Link::Up(_) => {
            let what = model.generate.order().map_or_else(|_| "what 2 is set to".into(), |order| order.words());
            format!("Nothing is running. r runs it all: {what}.")
        }
    }
}

fn events(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look) {
    let inside = framed(frame, area, "Last events", Line::default(), false, look);
    let columns = usize::from(inside.width);
    for (y, note) in (inside.y..inside.bottom()).zip(&model.overview.notes) {
        let (mark, style) = look.tone(note.tone);
        let clock = text::clock_s(note.at_ms, model.env.utc_offset_s);
        let line = Line::from(vec![
            Span::styled(format!("{clock} "), look.theme.muted),
            Span::styled(format!("{mark} "), style),
            Span::raw(text::left(&note.text, columns.saturating_sub(11))),
        ]);
        frame.render_widget(line, Rect { y, height: 1, ..inside });
    }
    if model.overview.notes.is_empty() {
        frame.render_widget(Line::styled("Nothing yet.", look.theme.muted), inside);
    }
}
