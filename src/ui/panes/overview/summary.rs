//! What the numbers come to, in two lines: is it right, and what comes next.

use crate::app::panes::tasks::countdown;
use crate::app::{Model, picture};
use crate::domain::TaskState;
use crate::ui::widgets::fit;
use crate::ui::{Look, text};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// With fewer columns the words are shorter.
const ROOMY: usize = 90;

/// Draws them.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look) {
    let columns = usize::from(area.width);
    for (y, line) in (area.y..area.bottom()).zip([quality(model, look), outlook(model, columns, look)]) {
        frame.render_widget(joined(line, columns, look), Rect { y, height: 1, ..area });
    }
}

type Words = (String, Style);

/// Words with a dot between them; what finds no room is left out whole.
fn joined(words: Vec<Words>, columns: usize, look: &Look) -> Line<'static> {
    let mut spans = vec![Span::raw(" ")];
    let mut used = 1;
    for (i, (word, style)) in words.into_iter().enumerate() {
        let between = if i == 0 { String::new() } else { format!(" {} ", look.glyphs.dot) };
        let width = text::width(&word) + text::width(&between);
        if used + width > columns {
            continue;
        }
        used += width;
        spans.push(Span::styled(between, look.theme.muted));
        spans.push(Span::styled(word, style));
    }
    fit(spans, columns)
}

/// Is it right: reconciled, rejected, deployed.
fn quality(model: &Model, look: &Look) -> Vec<Words> {
    let mut out = Vec::new();
    let checks = &model.marts.checks;
    let good = checks.iter().filter(|c| c.ok).count();
    out.push(if checks.is_empty() {
        ("not reconciled yet".to_owned(), look.theme.muted)
    } else if model.ladder_is_old() {
        ("! reconciled before the last run: R in 6".to_owned(), look.theme.warn)
    } else if good == checks.len() {
        (format!("{} reconciled: all {good} layers", look.glyphs.done), look.theme.ok)
    } else {
        let text = format!("{} reconciled: {good} of {} layers, 6 shows why", look.glyphs.failed, checks.len());
        (text, look.theme.bad)
    });
    match picture::rejected(model) {
        Some(0) => out.push(("nothing rejected".to_owned(), look.theme.muted)),
        Some(n) => out.push((format!("! {} rejected, 6 shows why", text::group(n)), look.theme.warn)),
        None => {}
    }
    let (done, all) = model.deploy.totals();
    if all > 0 {
        out.push((format!("{done} of {all} statements run"), look.theme.muted));
    }
    out
}

/// When the tree runs by itself, counted down.
fn next_run(model: &Model, look: &Look) -> Option<Words> {
    let root = model.tasks.root()?;
    if !root.started {
        return Some(("tasks suspended: nothing runs by itself".to_owned(), look.theme.warn));
    }
    Some(match model.tasks.until_next_ms(model.now_ms) {
        Some(0) => ("next run is due now".to_owned(), look.theme.accent),
        Some(ms) => (format!("next run in {}", countdown(ms)), look.theme.accent),
        None => ("tasks resumed".to_owned(), look.theme.muted),
    })
}

/// What was, and what comes next: last failure, last run, the schedule, credits on an account.
fn outlook(model: &Model, columns: usize, look: &Look) -> Vec<Words> {
    let mut out = Vec::new();
    let summaries = model.tasks.summaries();
    let bad = |s: TaskState| matches!(s, TaskState::Failed | TaskState::FailedAndAutoSuspended);
    if let Some(run) = summaries.iter().find(|r| bad(r.state)) {
        let at = text::clock(run.id, model.env.utc_offset_s);
        let task = run.failed.clone().unwrap_or_default();
        let style = if summaries.first().is_some_and(|r| bad(r.state)) { look.theme.bad } else { look.theme.muted };
        let words = if columns < ROOMY { "failed" } else { "last failure" };
        out.push((format!("{} {words} {at} {}", look.glyphs.failed, text::clean(&task)), style));
    }
    out.extend(next_run(model, look));
    out.extend(credits(model, columns, look));
    if let Some(ms) = summaries.iter().find(|r| r.state == TaskState::Succeeded).and_then(|r| r.millis) {
        out.push((format!("last good run took {}", text::duration(ms)), look.theme.muted));
    }
    out
}

/// What an account is likely to bill for this session; the help says how it comes about.
fn credits(model: &Model, columns: usize, look: &Look) -> Option<Words> {
    let info = model.link.info().filter(|_| !model.env.local)?;
    let meter = &model.overview.meter;
    let thousandths = meter.thousandths(&info.traits.warehouse_size);
    let awake = text::duration(meter.awake_ms());
    let size = text::clean(&info.traits.warehouse_size);
    let short = format!("about {}.{:03} credits", thousandths / 1_000, thousandths % 1_000);
    let words = if columns < ROOMY { short } else { format!("{short} ({size} awake {awake})") };
    Some((words, look.theme.warn))
}
