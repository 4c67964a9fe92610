//! Overview: the pipeline as a picture, what goes on, and what went before.

use super::picture::{Part, parts};
use crate::app::{Model, PaneId, Target};
use crate::domain::TaskState;
use crate::ui::widgets::{bar, fit, framed, ratio, remark};
use crate::ui::{Hits, Look, text};
use ratatui::Frame;
use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Block, Paragraph, Wrap};

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let tall = area.height >= 30;
    let [top, bottom] =
        Layout::vertical([Constraint::Length(if tall { 20 } else { 15 }), Constraint::Min(0)]).areas(area);
    let title = model.deploy.plan.as_ref().map_or("Pipeline", |p| p.pipeline.as_str());
    let inside = framed(frame, top, title, run_note(model, look), true, look);
    picture(frame, inside, model, look, hits, tall);
    let [left, right] = Layout::horizontal([Constraint::Fill(2), Constraint::Fill(3)]).areas(bottom);
    now(frame, left, model, look);
    events(frame, right, model, look);
}

fn run_note(model: &Model, look: &Look) -> Line<'static> {
    match model.jobs.work() {
        Some(work) => {
            let since = text::duration(model.now_ms - work.since_ms);
            Line::from(vec![
                Span::styled(format!(" {} ", look.glyphs.running), look.theme.running),
                Span::raw(format!("{} {since} ", text::cut(&work.job.title(), 30))),
            ])
        }
        None => match model.counts_age_ms() {
            // Up to two polls old is as fresh as it gets; older than that is said.
            Some(age) if age > 25_000 => Line::styled(format!(" counted {} ago ", text::age(age)), look.theme.warn),
            _ => Line::default(),
        },
    }
}

fn picture(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits, tall: bool) {
    // A number takes two rows, three where there is height; six boxes and five arrows share the width.
    let pitch = if tall { 4 } else { 2 };
    let room = 3;
    let parts = parts(model, room);
    let gap = if area.width >= 150 {
        5
    } else if area.width >= 90 {
        3
    } else {
        2
    };
    let count = u16::try_from(parts.len()).unwrap_or(1);
    let width = (area.width.saturating_sub(gap * (count - 1)) / count).min(24);
    let used = width * count + gap * (count - 1);
    let left = area.x + (area.width.saturating_sub(used)) / 2;
    let boxes = Rect { x: left, y: area.y + 2, width, height: 3 * pitch + 2 }.intersection(area);
    for (i, part) in (0_u16..).zip(&parts) {
        let spot = Rect { x: left + i * (width + gap), ..boxes };
        let selected = usize::from(i) == model.overview.part.at();
        one(frame, spot, part, selected, pitch, look);
        hits.add(spot, Target::Row { panel: 0, row: usize::from(i) });
        if i + 1 < count {
            let lanes = if i < 2 { 3 } else { 1 };
            let moving = parts.get(usize::from(i) + 1).is_some_and(|p| p.moving);
            let between = Rect { x: spot.right(), width: gap, ..spot };
            arrows(frame, between, lanes, pitch, moving, model.now_ms, look);
        }
    }
    summary(frame, Rect { y: boxes.bottom() + 2, ..area }.intersection(area), model, look);
}

fn one(frame: &mut Frame<'_>, spot: Rect, part: &Part, selected: bool, pitch: u16, look: &Look) {
    let above = Rect { y: spot.y.saturating_sub(1), height: 1, ..spot };
    let style = if selected { look.theme.accent } else { look.theme.title };
    // Wider by the frame's two corners, so that the heading stands over the box.
    frame.render_widget(
        Line::styled(text::cut(&part.title, usize::from(spot.width)).into_owned(), style).alignment(Alignment::Center),
        above,
    );
    let line = if selected || part.moving { look.theme.frame_focus } else { look.theme.frame };
    let set = if selected { ratatui::symbols::border::THICK } else { look.glyphs.boxes };
    let set = if look.glyphs.shaft == "-" { look.glyphs.boxes } else { set };
    let block = Block::bordered().border_set(set).border_style(line);
    let inside = block.inner(spot);
    frame.render_widget(block, spot);
    let columns = usize::from(inside.width);
    for (y, item) in (inside.y..inside.bottom()).step_by(usize::from(pitch)).zip(&part.items) {
        let y = y + u16::from(pitch > 2);
        let label = Line::styled(text::left(&item.label, columns), look.theme.muted);
        frame.render_widget(label, Rect { y, height: 1, ..inside });
        let (number, style) = match item.number {
            Some(0) => ("0".into(), look.theme.muted),
            Some(n) => (text::group(n), look.theme.number),
            None => (look.glyphs.dot.to_owned(), look.theme.muted),
        };
        frame.render_widget(Line::styled(text::right(&number, columns), style), Rect { y: y + 1, height: 1, ..inside });
    }
    let below = Rect { y: spot.bottom(), height: 1, ..spot };
    let style = if part.moving { look.theme.running } else { look.theme.muted };
    let foot = if part.moving { format!("{} {}", look.glyphs.running, part.foot) } else { part.foot.clone() };
    frame.render_widget(
        Line::styled(text::cut(&foot, usize::from(spot.width)).into_owned(), style).alignment(Alignment::Center),
        below,
    );
}

fn arrows(frame: &mut Frame<'_>, area: Rect, lanes: u16, pitch: u16, moving: bool, now_ms: i64, look: &Look) {
    let columns = usize::from(area.width);
    let mut cells = vec![look.glyphs.shaft; columns];
    if let Some(last) = cells.last_mut() {
        *last = look.glyphs.arrow;
    }
    if moving && columns > 0 {
        let at = usize::try_from(now_ms.rem_euclid(100_000) / 150).unwrap_or(0) % columns;
        cells[at] = look.glyphs.moving;
    }
    let style: Style = if moving { look.theme.running } else { look.theme.frame };
    for lane in 0..lanes {
        let lane = if lanes == 1 { 1 } else { lane };
        let y = area.y + 1 + lane * pitch + u16::from(pitch > 2);
        if y < area.bottom() {
            frame.render_widget(Line::styled(cells.concat(), style), Rect { y, height: 1, ..area });
        }
    }
}

/// What the numbers come to, in a line.
fn summary(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look) {
    if area.height == 0 {
        return;
    }
    let mut spans = vec![Span::raw(" ")];
    let checks = &model.marts.checks;
    let good = checks.iter().filter(|c| c.ok).count();
    if checks.is_empty() {
        spans.push(Span::styled("not reconciled yet", look.theme.muted));
    } else if good == checks.len() {
        spans.push(Span::styled(format!("{} reconciled: all {good} layers", look.glyphs.done), look.theme.ok));
    } else {
        let text = format!("{} reconciled: {good} of {} layers", look.glyphs.failed, checks.len());
        spans.push(Span::styled(text, look.theme.bad));
        spans.push(Span::styled("  6 shows which", look.theme.muted));
    }
    let (done, all) = model.deploy.totals();
    if all > 0 {
        let text = format!("   {} {done} of {all} statements run", look.glyphs.dot);
        spans.push(Span::styled(text, look.theme.muted));
    }
    if let Some(root) = model.tasks.root() {
        let state = if root.started { "tasks resumed" } else { "tasks suspended" };
        spans.push(Span::styled(format!("   {} {state}", look.glyphs.dot), look.theme.muted));
    }
    frame.render_widget(fit(spans, usize::from(area.width)), Rect { height: 1, ..area });
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
        crate::app::Link::Connecting => "Connecting …".into(),
        crate::app::Link::Down(_) => "Not connected. E shows why.".into(),
        crate::app::Link::Up(_) => {
            let deploy = PaneId::Deploy.index() + 1;
            format!("Nothing is running. r runs the whole job; 2 makes files; {deploy} deploys step by step.")
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
