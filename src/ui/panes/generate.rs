//! Generate: fields, progress, what was made.

use crate::app::panes::generate::{FIELDS, problem};
use crate::app::{Job, Model, Running, Target};
use crate::ui::widgets::{bar, framed, ratio};
use crate::ui::{Hits, Look, text};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Paragraph, Wrap};

/// What each field is for.
const ABOUT: [&str; 4] = ["C1 … Cn", "first day", "last day, inclusive", "same seed, same bytes"];

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let [top, bottom] = Layout::vertical([Constraint::Length(11), Constraint::Min(0)]).areas(area);
    let inside = framed(frame, top, "What to generate", Line::default(), true, look);
    fields(frame, inside, model, look, hits);
    let inside = framed(frame, bottom, "Progress", Line::default(), false, look);
    match model.jobs.work().filter(|w| is_ours(&w.job)) {
        Some(work) => progress(frame, inside, work, model, look),
        None => last(frame, inside, model, look),
    }
}

const fn is_ours(job: &Job) -> bool {
    matches!(job, Job::Generate { .. } | Job::Upload | Job::RunAll { .. })
}

fn fields(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let state = &model.generate;
    for (i, name) in FIELDS.iter().enumerate() {
        let y = area.y + 1 + u16::try_from(i).unwrap_or(0);
        let spot = Rect { y, height: 1, ..area }.intersection(area);
        let value = &state.values[i];
        let after = match problem(i, value) {
            Some(why) => Span::styled(format!("{} {why}", look.glyphs.failed), look.theme.bad),
            None => Span::styled(ABOUT[i], look.theme.muted),
        };
        let here = state.row.at() == i;
        let style = if here { look.theme.selected } else { look.theme.number };
        let line = Line::from(vec![
            Span::styled(
                format!(" {} ", text::right(name, 10)),
                if here { look.theme.accent } else { look.theme.text },
            ),
            Span::styled(format!(" {} ", text::left(value, 12)), style),
            Span::raw("  "),
            after,
        ]);
        frame.render_widget(line, spot);
        hits.add(spot, Target::Row { panel: 0, row: i });
    }
    let spot = Rect { y: area.y + 6, height: 1, ..area }.intersection(area);
    let style = if state.row.at() == FIELDS.len() { look.theme.selected } else { look.theme.accent };
    frame
        .render_widget(Line::from(vec![Span::raw(" ".repeat(12)), Span::styled(" Generate and upload ", style)]), spot);
    hits.add(spot, Target::Row { panel: 0, row: FIELDS.len() });
    let spot = Rect { y: area.y + 8, height: 1, ..area }.intersection(area);
    let words = match (state.spec(), state.days()) {
        (Ok(spec), Some(days)) => {
            let people = text::group(spec.customers);
            format!("{} files: customers, products and {days} days of {people} customers' baskets", days + 2)
        }
        (Err((field, why)), _) => format!("{}: {why}", FIELDS[field]),
        _ => String::new(),
    };
    let style = if state.spec().is_ok() { look.theme.muted } else { look.theme.bad };
    frame.render_widget(Line::styled(format!("   {words}"), style), spot);
}

fn progress(frame: &mut Frame<'_>, area: Rect, work: &Running, model: &Model, look: &Look) {
    let elapsed = model.now_ms - work.since_ms;
    let phase = work.phase.clone().unwrap_or_else(|| work.job.title());
    let mut lines = vec![
        Line::default(),
        Line::from(vec![
            Span::styled(format!(" {} ", look.glyphs.running), look.theme.running),
            Span::raw(text::clean(&phase).into_owned()),
            Span::styled(format!("   {}", text::duration(elapsed)), look.theme.muted),
        ]),
        Line::default(),
    ];
    if let Some(p) = &work.progress {
        let columns = usize::from(area.width).saturating_sub(12).min(60);
        let mut spans = vec![Span::raw("   ")];
        spans.extend(ratio(p).map(|r| bar(r, columns, look)).unwrap_or_default());
        lines.push(Line::from(spans));
        let total = p.total.map_or(String::new(), |t| format!(" of {}", text::group(t)));
        let rate = p.bytes.saturating_mul(1_000) / u64::try_from(elapsed.max(1)).unwrap_or(1);
        let words = format!(
            "   {} {}{total}   {}   {}/s",
            text::group(p.done),
            text::clean(&p.label),
            text::bytes(p.bytes),
            text::bytes(rate)
        );
        lines.push(Line::styled(words, look.theme.muted));
    }
    lines.push(Line::default());
    lines.push(Line::from(vec![Span::styled("   c", look.theme.key), Span::styled(" cancels", look.theme.muted)]));
    frame.render_widget(Paragraph::new(Text::from(lines)), area);
}

fn last(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look) {
    let Some((made, sent)) = &model.generate.last else {
        let words = ["", "Nothing has been generated in this session.", "x generates the files and puts them into S3."];
        return crate::ui::widgets::empty(frame, area, &words, look);
    };
    let row = |name: &str, number: u64| {
        Line::from(vec![
            Span::styled(format!("   {}", text::left(name, 14)), look.theme.muted),
            Span::styled(text::right(&text::group(number), 14), look.theme.number),
        ])
    };
    let uploaded = match sent {
        Some(sent) => {
            let (objects, bytes) = (text::group(sent.objects), text::bytes(sent.bytes));
            Line::styled(format!(" {} uploaded: {objects} objects, {bytes}", look.glyphs.done), look.theme.ok)
        }
        None => Line::styled(format!(" {} not uploaded: u does it", look.glyphs.waiting), look.theme.waiting),
    };
    let lines = vec![
        Line::styled(format!(" {} written", look.glyphs.done), look.theme.ok),
        uploaded,
        row("customers", made.customers),
        row("products", made.products),
        row("transactions", made.transactions),
        row("basket lines", made.lines),
        row("files", made.files),
        Line::styled(
            format!("   {}{}", text::left("size", 14), text::right(&text::bytes(made.bytes), 14)),
            look.theme.muted,
        ),
    ];
    frame.render_widget(Paragraph::new(Text::from(lines)).wrap(Wrap { trim: false }), area);
}
