//! What is being moved.

use crate::app::panes::s3::queue::{State, Transfer};
use crate::app::{Model, Progress, Slot};
use crate::ui::widgets::{bar, fit, framed, ratio, remark};
use crate::ui::{Look, text};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws it: what runs and waits first, then the latest that have ended.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look) {
    let queue = &model.s3.queue;
    let (waiting, running) = (queue.count(&State::Waiting), queue.count(&State::Running));
    let failed = queue.entries.iter().filter(|(_, s)| matches!(s, State::Failed(_))).count();
    let note = match (running, waiting) {
        (0, 0) if failed > 0 => "done".to_owned(),
        (0, 0) => "all done".to_owned(),
        (running, 0) => format!("{running} under way"),
        (running, waiting) => format!("{running} under way, {waiting} waiting"),
    };
    let note = if failed > 0 { format!("{note}, {failed} failed") } else { note };
    let inside = framed(frame, area, "Transfers", remark(&note, look), false, look);
    let live = |s: &State| matches!(s, State::Running | State::Waiting);
    let first = queue.entries.iter().filter(|(_, s)| *s == State::Running);
    let then = queue.entries.iter().rev().filter(|(_, s)| !live(s));
    let last = queue.entries.iter().filter(|(_, s)| *s == State::Waiting);
    let height = usize::from(inside.height);
    // Of those that have ended at least one stays to be seen.
    let ended = queue.entries.iter().any(|(_, s)| !live(s));
    let kept = usize::from(ended && height > 1);
    let shown: Vec<_> = first.chain(last).take(height - kept).collect();
    let rest = then.take(height - shown.len());
    for (y, (transfer, state)) in (inside.y..inside.bottom()).zip(shown.iter().copied().chain(rest)) {
        let line = one(transfer, state, model, usize::from(inside.width), look);
        frame.render_widget(line, Rect { y, height: 1, ..inside });
    }
}

fn one(transfer: &Transfer, state: &State, model: &Model, columns: usize, look: &Look) -> Line<'static> {
    let (mark, style) = match state {
        State::Waiting => (look.glyphs.waiting, look.theme.waiting),
        State::Running => (look.glyphs.running, look.theme.running),
        State::Done(_) => (look.glyphs.done, look.theme.ok),
        State::Failed(_) => (look.glyphs.failed, look.theme.bad),
        State::Cancelled => (look.glyphs.skipped, look.theme.waiting),
    };
    let way = if transfer.up { "to S3" } else { "here " };
    let room = (columns / 2).saturating_sub(10);
    let mut spans = vec![
        Span::styled(format!("{mark} "), style),
        Span::styled(format!("{way}  "), look.theme.muted),
        Span::raw(tail(&transfer.from, room)),
        Span::raw("  "),
    ];
    match state {
        State::Waiting => spans.push(Span::styled("waiting", look.theme.waiting)),
        State::Cancelled => spans.push(Span::styled("cancelled", look.theme.waiting)),
        State::Failed(why) => spans.push(Span::styled(text::clean(why).into_owned(), look.theme.bad)),
        State::Done(moved) => {
            let same = if moved.unchanged.objects > 0 {
                format!(", {} there already", text::group(moved.unchanged.objects))
            } else {
                String::new()
            };
            let words = format!(
                "{} in {} {}{same}  {}",
                text::bytes(moved.moved.bytes),
                text::group(moved.moved.objects),
                if moved.moved.objects == 1 { "file" } else { "files" },
                text::duration(i64::try_from(moved.ms).unwrap_or(i64::MAX))
            );
            spans.push(Span::styled(words, look.theme.muted));
        }
        State::Running => {
            let slot = Slot::Bucket(format!("move {}", transfer.id));
            let progress = model.jobs.in_slot(&slot).and_then(|(_, r)| r.progress.clone()).unwrap_or_default();
            spans.extend(running(&progress, look));
        }
    }
    fit(spans, columns)
}

/// The end of a path or key in exactly so many columns: its name is what tells it apart.
fn tail(name: &str, columns: usize) -> String {
    let clean = text::clean(name);
    if text::width(&clean) <= columns {
        return text::left(&clean, columns);
    }
    let mut kept: Vec<char> = Vec::new();
    let mut used = 1;
    for c in clean.chars().rev() {
        used += text::width(c.encode_utf8(&mut [0; 4]));
        if used > columns {
            break;
        }
        kept.push(c);
    }
    let end: String = kept.iter().rev().collect();
    text::left(&format!("…{end}"), columns)
}

fn running(progress: &Progress, look: &Look) -> Vec<Span<'static>> {
    let by_bytes = Progress { total: None, ..progress.clone() };
    let mut spans = ratio(&by_bytes).map(|r| bar(r, 10, look)).unwrap_or_default();
    spans.push(Span::styled(format!("  {}", text::bytes(progress.bytes)), look.theme.muted));
    if let Some(rate) = progress.rate {
        spans.push(Span::styled(format!("  {}/s", text::bytes(rate)), look.theme.muted));
    }
    if let Some(left) = progress.seconds_left {
        let left = text::duration(i64::try_from(left).unwrap_or(i64::MAX).saturating_mul(1_000));
        spans.push(Span::styled(format!("  {left} left"), look.theme.muted));
    }
    spans
}
