//! What it comes to, how far it is, what was made.

use crate::app::{Model, Outlook, Progress, Running};
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

/// Columns of a number in an area.
const fn digits(area: Rect) -> usize {
    if area.width < 32 { 9 } else { 13 }
}

fn count(number: u64, name: &str, digits: usize, look: &Look) -> Vec<Span<'static>> {
    let number = text::group(number);
    vec![
        Span::styled(text::right(&number, digits.max(text::width(&number))), look.theme.number),
        Span::styled(format!(" {name}"), look.theme.muted),
    ]
}

/// What the fields come to.
pub fn estimate(frame: &mut Frame<'_>, area: Rect, outlook: &Outlook, look: &Look) {
    let about = if outlook.part > 1 { "about " } else { "" };
    let ms = i64::try_from(outlook.ms).unwrap_or(i64::MAX);
    let digits = digits(area);
    let size = vec![
        Span::styled(text::right(&text::bytes(outlook.bytes), digits), look.theme.number),
        Span::styled(format!(" {about}in {}", text::duration(ms.max(1))), look.theme.muted),
    ];
    let mut all = vec![
        count(outlook.files, "files", digits, look),
        count(outlook.customers, "customers", digits, look),
        count(outlook.products, "products", digits, look),
        count(outlook.transactions, "transactions", digits, look),
        count(outlook.lines, "basket lines", digits, look),
        size,
    ];
    if outlook.odd > 0 {
        let mut odd = count(outlook.odd, "lines without a date", digits, look);
        for span in &mut odd {
            span.style = look.theme.warn;
        }
        all.push(odd);
    }
    lines(frame, area, all);
}

/// What was made, and where it is.
pub fn made(frame: &mut Frame<'_>, area: Rect, made: &Generated, sent: Option<&Uploaded>, look: &Look) {
    let digits = digits(area);
    let place = match sent {
        Some(sent) => vec![
            Span::styled(format!("{} ", look.glyphs.done), look.theme.ok),
            Span::raw(format!("{} objects in S3", text::group(sent.objects))),
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
        count(made.files, &format!("files, {}", text::bytes(made.bytes)), digits, look),
        count(made.customers, "customers", digits, look),
        count(made.products, "products", digits, look),
        count(made.transactions, "transactions", digits, look),
        count(made.lines, "basket lines", digits, look),
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
    all.push(vec![Span::styled(pace(p, usize::from(area.width)), look.theme.muted)]);
    all.push(vec![Span::styled("c", look.theme.key), Span::styled(" cancels, no half file left", look.theme.muted)]);
    lines(frame, area, all);
}

/// Size, rate and time left; where there is no room for all, the later ones.
fn pace(p: &Progress, columns: usize) -> String {
    let rate = p.rate.map(|rate| format!("{}/s", text::bytes(rate)));
    let left = p.seconds_left.map(|left| {
        let ms = i64::try_from(left).unwrap_or(i64::MAX).saturating_mul(1_000);
        format!("{} left", text::duration(ms))
    });
    let all: Vec<String> = std::iter::once(text::bytes(p.bytes)).chain(rate).chain(left).collect();
    let words = |from: usize| all[from..].join("  ");
    (0..all.len()).map(words).find(|w| text::width(w) <= columns).unwrap_or_default()
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
