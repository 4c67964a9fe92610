//! What it comes to, how far it is, what was made.

use crate::app::{Model, Outlook, Running};
use crate::domain::{Generated, Uploaded};
use crate::ui::widgets::{bar, fit, ratio};
use crate::ui::{Look, text};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Span;

/// Lines, as many as there is room for, none wrapped.
fn lines(frame: &mut Frame<'_>, area: Rect, all: Vec<Vec<Span<'static>>>) {
    for (y, line) in (area.y..area.bottom()).zip(all) {
        frame.render_widget(fit(line, usize::from(area.width)), Rect { y, height: 1, ..area });
    }
}

fn count(number: u64, name: &str, look: &Look) -> Vec<Span<'static>> {
    vec![
        Span::styled(text::right(&text::group(number), 13), look.theme.number),
        Span::styled(format!(" {name}"), look.theme.muted),
    ]
}

/// What the fields come to.
pub fn estimate(frame: &mut Frame<'_>, area: Rect, outlook: &Outlook, look: &Look) {
    let about = if outlook.part > 1 { "about " } else { "" };
    let ms = i64::try_from(outlook.ms).unwrap_or(i64::MAX);
    let size = vec![
        Span::styled(text::right(&text::bytes(outlook.bytes), 13), look.theme.number),
        Span::styled(format!(" {about}in {}", text::duration(ms.max(1))), look.theme.muted),
    ];
    let mut all = vec![
        count(outlook.files, "files", look),
        count(outlook.customers, "customers", look),
        count(outlook.products, "products", look),
        count(outlook.transactions, "transactions", look),
        count(outlook.lines, "basket lines", look),
        size,
    ];
    if outlook.odd > 0 {
        let mut odd = count(outlook.odd, "lines without a date", look);
        for span in &mut odd {
            span.style = look.theme.warn;
        }
        all.push(odd);
    }
    lines(frame, area, all);
}

/// What was made, and where it is.
pub fn made(frame: &mut Frame<'_>, area: Rect, made: &Generated, sent: Option<&Uploaded>, look: &Look) {
    let place = match sent {
        Some(sent) => vec![
            Span::styled(format!("{} ", look.glyphs.done), look.theme.ok),
            Span::raw(format!("in the bucket: {} objects", text::group(sent.objects))),
        ],
        None => vec![
            Span::styled(format!("{} ", look.glyphs.waiting), look.theme.waiting),
            Span::raw("files only; "),
            Span::styled("u", look.theme.key),
            Span::raw(" uploads them"),
        ],
    };
    let all = vec![
        place,
        count(made.files, &format!("files, {}", text::bytes(made.bytes)), look),
        count(made.customers, "customers", look),
        count(made.products, "products", look),
        count(made.transactions, "transactions", look),
        count(made.lines, "basket lines", look),
    ];
    lines(frame, area, all);
}

/// How far the work is.
pub fn progress(frame: &mut Frame<'_>, area: Rect, work: &Running, model: &Model, look: &Look) {
    let phase = work.phase.clone().unwrap_or_else(|| work.job.title());
    let mut all = vec![vec![
        Span::styled(format!("{} ", look.glyphs.running), look.theme.running),
        Span::raw(text::clean(&phase).into_owned()),
        Span::styled(format!("  {}", text::duration(model.now_ms - work.since_ms)), look.theme.muted),
        Span::styled(if work.stopping { "  stopping" } else { "" }, look.theme.warn),
    ]];
    let Some(p) = &work.progress else {
        all.push(vec![Span::styled("c", look.theme.key), Span::styled(" cancels", look.theme.muted)]);
        return lines(frame, area, all);
    };
    let columns = usize::from(area.width).saturating_sub(20).clamp(4, 30);
    for part in &p.parts {
        all.push(one_part(&part.name, part.done, part.total, columns, look));
    }
    if p.parts.is_empty() {
        all.push(one_part(&p.label, p.done, p.total, columns, look));
        if let Some(ratio) = ratio(p).filter(|_| p.total.is_none()) {
            all.push(bar(ratio, columns, look));
        }
    }
    let mut words = text::bytes(p.bytes);
    if let Some(rate) = p.rate {
        words.push_str(&format!("  {}/s", text::bytes(rate)));
    }
    if let Some(left) = p.seconds_left {
        let ms = i64::try_from(left).unwrap_or(i64::MAX).saturating_mul(1_000);
        words.push_str(&format!("  {} left", text::duration(ms)));
    }
    all.push(vec![Span::styled(words, look.theme.muted)]);
    all.push(vec![Span::styled("c", look.theme.key), Span::styled(" cancels; no half file stays", look.theme.muted)]);
    lines(frame, area, all);
}

/// A data set's bar, or its count where the end is not known.
fn one_part(name: &str, done: u64, total: Option<u64>, columns: usize, look: &Look) -> Vec<Span<'static>> {
    let mut spans = vec![Span::raw(format!("{} ", text::left(name, 12)))];
    match total.filter(|t| *t > 0) {
        Some(total) => spans.extend(bar((done as f64 / total as f64).clamp(0.0, 1.0), columns, look)),
        None => spans.push(Span::styled(text::group(done), look.theme.number)),
    }
    spans
}

/// The first rows of each data set: a third of the room for each, the rest for transactions.
pub fn rows(frame: &mut Frame<'_>, area: Rect, outlook: &Outlook, look: &Look) {
    let each = usize::from(area.height) / 4;
    let mut all: Vec<Vec<Span<'static>>> = Vec::new();
    let names = ["customers.csv", "products.csv", "transactions.json"];
    for (i, (name, head)) in names.into_iter().zip(&outlook.head).enumerate() {
        all.push(vec![Span::styled(name, look.theme.title)]);
        let most = if i == 2 { usize::MAX } else { each.saturating_sub(1).max(2) };
        for (n, line) in head.iter().take(most).enumerate() {
            let style = if n == 0 && i < 2 { look.theme.muted } else { look.theme.text };
            all.push(vec![Span::styled(format!("  {}", text::clean(line)), style)]);
        }
    }
    lines(frame, area, all);
}
