//! The two lines at the bottom: what goes on or is typed, and the keys that work.

use super::{Hits, Look, text, widgets};
use crate::app::overlay::{Overlay, Purpose};
use crate::app::{Action, Model, Running, Slot, Target, contexts, keymap};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

/// The line of what goes on: a filter, the work's progress. Returns the columns that it takes.
pub fn status(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look) -> usize {
    let columns = usize::from(area.width);
    match model.overlays.last() {
        Some(Overlay::Line { purpose: Purpose::Filter(_), input, .. }) => {
            typed(frame, area, " / ", input, look);
            return columns;
        }
        Some(Overlay::Line { purpose: Purpose::Reason { .. }, input, .. }) => {
            typed(frame, area, " Why is it skipped? ", input, look);
            return columns;
        }
        _ => {}
    }
    let mut left = Line::default();
    if let Some(running) = model.jobs.work() {
        left = working(running, model, look, columns);
    } else if let Some(filter) = model.filter().filter(|f| !f.is_empty()) {
        left.push_span(Span::styled(format!(" filter {} ", text::clean(filter)), look.theme.warn));
        left.push_span(Span::styled("Esc clears", look.theme.muted));
    }
    let used = left.width();
    frame.render_widget(left, area);
    used
}

/// A line that is being typed, behind its question.
fn typed(frame: &mut Frame<'_>, area: Rect, question: &str, input: &tui_input::Input, look: &Look) {
    let line = Line::from(vec![
        Span::styled(question.to_owned(), look.theme.accent),
        Span::raw(text::clean(input.value()).into_owned()),
    ]);
    frame.render_widget(line, area);
    let start = area.x + u16::try_from(text::width(question)).unwrap_or(0);
    let x = start + u16::try_from(input.visual_cursor()).unwrap_or(0);
    frame.set_cursor_position(Position::new(x.min(area.right().saturating_sub(1)), area.y));
}

fn working(running: &Running, model: &Model, look: &Look, columns: usize) -> Line<'static> {
    let mut spans = vec![Span::styled(format!(" {} ", look.glyphs.running), look.theme.running)];
    let title = running.job.title();
    let name = match &running.phase {
        Some(phase) if *phase != title => format!("{title} {} {phase}", look.glyphs.dot),
        _ => title,
    };
    spans.push(Span::raw(text::cut(&text::clean(&name), columns.saturating_sub(24)).into_owned()));
    if let Some(ratio) = running.progress.as_ref().and_then(widgets::ratio) {
        spans.push(Span::raw(" "));
        spans.extend(widgets::bar(ratio, 8, look));
    }
    spans.push(Span::styled(format!(" {}", text::duration(model.now_ms - running.since_ms)), look.theme.muted));
    if running.stopping {
        spans.push(Span::styled(" stopping", look.theme.warn));
    }
    Line::from(spans)
}

/// The keys that work here, from the keymap.
pub fn hints(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let active = contexts(model);
    let rows: Vec<_> = keymap::rows(&active).filter(|r| !r.hint.is_empty()).collect();
    // The last two of the console's own stay at the right whatever else there is no room for.
    let own = active.len() > 1;
    let kept: Vec<_> = if own { rows.iter().rev().take(2).rev().copied().collect() } else { Vec::new() };
    let label = |r: &keymap::Binding| (model.keymap.first(r), r.hint);
    let kept_width: usize = kept.iter().map(|r| text::width(&label(r).0) + text::width(label(r).1) + 3).sum();
    let mut x = area.x + 1;
    let end = area.right().saturating_sub(u16::try_from(kept_width).unwrap_or(0));
    let others = rows.len() - kept.len();
    // What would do nothing now is not hinted at.
    let idle = |r: &keymap::Binding| match r.action {
        Action::Cancel => model.jobs.work().is_none() && !model.jobs.busy(&Slot::Query) && !model.s3.queue.busy(),
        Action::CancelTask => model.jobs.work().is_none() && !model.tasks.going(),
        Action::RetryTask => model.tasks.retry_problem().is_some(),
        Action::FastForward => !model.env.local,
        Action::Filter => model.filter().is_none(),
        Action::Toggle | Action::SelectAll => {
            matches!(model.overlays.last(), Some(Overlay::Inspect(cell)) if !cell.json)
        }
        _ => false,
    };
    for row in rows.iter().take(others).filter(|r| !idle(r)) {
        if !one(frame, area, &mut x, end, (label(row), row.action), look, hits) {
            break;
        }
    }
    x = end.max(x);
    for row in kept {
        one(frame, area, &mut x, area.right(), (label(row), row.action), look, hits);
    }
}

fn one(
    frame: &mut Frame<'_>,
    area: Rect,
    x: &mut u16,
    end: u16,
    ((key, hint), action): ((String, &'static str), Action),
    look: &Look,
    hits: &mut Hits,
) -> bool {
    let width = u16::try_from(text::width(&key) + 1 + text::width(hint)).unwrap_or(u16::MAX);
    if x.saturating_add(width) > end {
        return false;
    }
    let spot = Rect { x: *x, width, height: 1, ..area };
    let line =
        Line::from(vec![Span::styled(key, look.theme.key), Span::raw(" "), Span::styled(hint, look.theme.muted)]);
    frame.render_widget(line, spot);
    hits.add(spot, Target::Do(action));
    *x += width + 2;
    true
}
