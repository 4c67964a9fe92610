//! The selected object: its content's head, what is noted of it, what has been loaded from it.

use crate::app::panes::s3::preview::Body;
use crate::app::panes::s3::{Row, View};
use crate::app::{Model, Slot};
use crate::domain::{Load, ObjectInfo};
use crate::ui::widgets::{empty, failure, fit, framed, remark};
use crate::ui::{Look, text};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Columns of a property's name.
const NAME: usize = 17;

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look) {
    let s3 = &model.s3;
    let focus = s3.panel == 1;
    let Some(Row::Object(_, info)) = s3.selected() else {
        return prefix(frame, area, model, focus, look);
    };
    let name = info.key.rsplit('/').next().unwrap_or_default();
    let note = note(info, model);
    let title = text::cut(name, usize::from(area.width).saturating_sub(text::width(&note) + 8)).into_owned();
    let inside = framed(frame, area, &title, remark(&note, look), focus, look);
    if let Some(error) = s3.preview_error.as_deref().filter(|_| s3.view != View::Loads) {
        return failure(frame, inside, "It could not be read", error, "Enter tries again", look);
    }
    match s3.view {
        View::Content => content(frame, inside, model, info, look),
        View::Details => lines(frame, inside, s3.scroll, noted(model, info, usize::from(inside.width), look)),
        View::Loads => loads(frame, inside, model, info, look),
    }
}

/// Instead of an object: what is known of the selected prefix.
fn prefix(frame: &mut Frame<'_>, area: Rect, model: &Model, focus: bool, look: &Look) {
    let Some(Row::Prefix(_, key)) = model.s3.selected() else {
        let inside = framed(frame, area, "Object", Line::default(), focus, look);
        return empty(frame, inside, &["Select an object to see what is in it."], look);
    };
    let inside = framed(frame, area, "Prefix", Line::default(), focus, look);
    let total = model.counts.iter().flat_map(|c| &c.prefixes).find(|t| t.prefix == *key);
    let counted = total.map_or_else(String::new, |t| {
        let more = if t.more { "more than " } else { "" };
        let objects = if t.objects == 1 { "object" } else { "objects" };
        format!("{more}{} {objects}, {}", text::group(t.objects), text::bytes(t.bytes))
    });
    let key = text::clean(key).into_owned();
    let words = [key.as_str(), counted.as_str(), "Enter opens and closes it."];
    let words: Vec<&str> = words.into_iter().filter(|w| !w.is_empty()).collect();
    empty(frame, inside, &words, look);
}

fn note(info: &ObjectInfo, model: &Model) -> String {
    let size = text::bytes(info.size);
    match (model.s3.view, &model.s3.preview) {
        (View::Content, Some(p)) if p.key == info.key => {
            let head = if p.cut { "head of " } else { "" };
            let gzip = if p.gzip { ", unpacked" } else { "" };
            format!("{head}{size}{gzip}")
        }
        (View::Content, _) => size,
        (View::Details, _) => "details".into(),
        (View::Loads, _) => "loads".into(),
    }
}

fn content(frame: &mut Frame<'_>, area: Rect, model: &Model, info: &ObjectInfo, look: &Look) {
    let s3 = &model.s3;
    // What was read of another object is never shown under this one's name.
    let (Some(preview), Some(body)) = (s3.preview.as_ref().filter(|p| p.key == info.key), &s3.body) else {
        let words = if model.jobs.busy(&Slot::Preview) { "Reading …" } else { "Enter reads it." };
        return empty(frame, area, &[words], look);
    };
    if body.is_empty() {
        return empty(frame, area, &["The object is empty."], look);
    }
    let columns = usize::from(area.width);
    let (head, rest) = match body {
        Body::Table { header, widths, .. } if area.height > 1 => {
            let line = cells(header, widths, columns.saturating_sub(digits(body)), look.theme.muted);
            let mut spans = vec![Span::raw(" ".repeat(digits(body)))];
            spans.extend(line);
            (Some(fit(spans, columns)), Rect { y: area.y + 1, height: area.height - 1, ..area })
        }
        _ => (None, area),
    };
    if let Some(head) = head {
        frame.render_widget(head, Rect { height: 1, ..area });
    }
    let height = usize::from(rest.height);
    let first = s3.scroll.min(body.len().saturating_sub(height.saturating_sub(1).max(1)));
    for (y, i) in (rest.y..rest.bottom()).zip(first..) {
        let spot = Rect { y, height: 1, ..rest };
        if i >= body.len() {
            let end = if preview.cut { "… the object goes on" } else { "" };
            frame.render_widget(Line::styled(end, look.theme.muted), spot);
            break;
        }
        frame.render_widget(fit(one(body, i, look), columns), spot);
    }
}

/// Columns that the lines' numbers take.
fn digits(body: &Body) -> usize {
    body.len().to_string().len().max(2) + 1
}

fn one(body: &Body, i: usize, look: &Look) -> Vec<Span<'static>> {
    let width = digits(body) - 1;
    let number = |n: Option<usize>| {
        let n = n.map_or_else(String::new, |n| n.to_string());
        Span::styled(format!("{n:>width$} "), look.theme.waiting)
    };
    match body {
        Body::Text(lines) => {
            let words = lines.get(i).map_or("", String::as_str);
            vec![number(Some(i + 1)), Span::raw(text::clean(words).into_owned())]
        }
        Body::Table { rows, widths, .. } => {
            let mut spans = vec![number(Some(i + 1))];
            let row = rows.get(i).map_or(&[][..], Vec::as_slice);
            spans.extend(cells(row, widths, usize::MAX, look.theme.text));
            spans
        }
        Body::Json(lines) => {
            let Some((document, line)) = lines.get(i) else { return Vec::new() };
            let mut spans = vec![number(*document), Span::raw("  ".repeat(line.depth.min(20)))];
            let key_end = if line.text.starts_with('"') { line.text.find("\": ").map(|at| at + 2) } else { None };
            let (key, value) = line.text.split_at(key_end.unwrap_or(0));
            spans.push(Span::styled(text::clean(key).into_owned(), look.theme.keyword));
            let style = match value.trim_start().chars().next() {
                Some('"') => look.theme.string,
                Some('{' | '[' | '}' | ']') => look.theme.muted,
                _ => look.theme.number,
            };
            spans.push(Span::styled(text::clean(value).into_owned(), style));
            spans
        }
    }
}

/// A row of a table.
fn cells(row: &[String], widths: &[(usize, bool)], room: usize, style: ratatui::style::Style) -> Vec<Span<'static>> {
    let mut used = 0;
    let mut spans = Vec::with_capacity(widths.len());
    for (i, (width, number)) in widths.iter().enumerate() {
        if used >= room {
            break;
        }
        used += width + 2;
        let words = row.get(i).map_or("", String::as_str);
        let set = if *number { text::right(words, *width) } else { text::left(words, *width) };
        spans.push(Span::styled(format!("{set}  "), style));
    }
    spans
}

/// A text in lines of so many columns; broken anywhere, as keys and messages have few blanks.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut used = 0;
    for c in text.chars() {
        let wide = text::width(c.encode_utf8(&mut [0; 4]));
        if used + wide > columns.max(2) {
            out.push(String::new());
            used = 0;
        }
        used += wide;
        if let Some(line) = out.last_mut() {
            line.push(c);
        }
    }
    out
}

/// Lines of which as many as there is room for are shown.
fn lines(frame: &mut Frame<'_>, area: Rect, scroll: usize, all: Vec<Line<'static>>) {
    let first = scroll.min(all.len().saturating_sub(usize::from(area.height)));
    for (y, line) in (area.y..area.bottom()).zip(all.into_iter().skip(first)) {
        frame.render_widget(line, Rect { y, height: 1, ..area });
    }
}

fn noted(model: &Model, info: &ObjectInfo, columns: usize, look: &Look) -> Vec<Line<'static>> {
    let Some(noted) = model.s3.noted.as_ref().filter(|n| n.key == info.key) else {
        return vec![Line::default(), Line::styled("Reading …", look.theme.muted)];
    };
    let Some(details) = &noted.details else {
        return vec![Line::styled("The object is gone: r lists again.", look.theme.warn)];
    };
    // What does not fit beside its name is broken into lines below it.
    let pair = |name: &str, value: &str| -> Vec<Line<'static>> {
        let value = text::clean(value);
        let name = Span::styled(text::left(name, NAME), look.theme.muted);
        if NAME + text::width(&value) <= columns {
            return vec![Line::from(vec![name, Span::raw(value.into_owned())])];
        }
        let rest = wrapped(&value, columns.saturating_sub(2)).into_iter().map(|l| Line::raw(format!("  {l}")));
        std::iter::once(Line::from(name)).chain(rest).collect()
    };
    let when = |ms: Option<i64>| ms.map_or_else(String::new, |ms| text::day_clock(ms, model.env.utc_offset_s));
    let size = details.info.size;
    let mut out = [
        pair("key", &details.info.key),
        pair("size", &format!("{} ({} bytes)", text::bytes(size), text::group(size))),
        pair("modified", &when(details.info.modified_ms)),
        pair("entity tag", details.info.etag.as_deref().unwrap_or("none")),
    ]
    .concat();
    out.extend(details.properties.iter().flat_map(|(name, value)| pair(name, value)));
    out.push(Line::default());
    out.push(Line::styled("Metadata", look.theme.title));
    if details.metadata.is_empty() {
        out.push(Line::styled("none", look.theme.muted));
    }
    out.extend(details.metadata.iter().flat_map(|(name, value)| pair(name, value)));
    out.push(Line::default());
    out.push(Line::styled("Versions", look.theme.title));
    if noted.versions.is_empty() {
        out.push(Line::styled("the bucket keeps none", look.theme.muted));
    }
    for version in &noted.versions {
        let mark = if version.latest { look.glyphs.done } else { look.glyphs.dot };
        let what = if version.deleted { "deleted".to_owned() } else { text::bytes(version.size) };
        out.push(Line::from(vec![
            Span::styled(format!("{mark} "), look.theme.ok),
            Span::raw(text::left(&when(version.modified_ms), 18)),
            Span::styled(text::right(&what, 10), look.theme.number),
            Span::styled(format!("  {}", text::clean(&version.id)), look.theme.muted),
        ]));
    }
    out
}

fn loads(frame: &mut Frame<'_>, area: Rect, model: &Model, info: &ObjectInfo, look: &Look) {
    if let Some(error) = &model.s3.loads_error {
        return failure(frame, area, "What has been loaded could not be read", error, "r tries again", look);
    }
    if model.s3.loads.is_none() {
        let busy = model.jobs.busy(&Slot::Bucket("loads".into()));
        let words = if busy { "Reading what has been loaded …" } else { "r reads what has been loaded." };
        return empty(frame, area, &[words], look);
    }
    let all = model.s3.loads_of(&info.key);
    if all.is_empty() {
        let words = ["Nothing has been loaded from this object", "in the last 14 days."];
        return empty(frame, area, &words, look);
    }
    let out = all
        .iter()
        .rev()
        .flat_map(|load| one_load(load, usize::from(area.width), model.env.utc_offset_s, look))
        .collect();
    lines(frame, area, model.s3.scroll, out);
}

fn one_load(load: &Load, columns: usize, offset_s: i32, look: &Look) -> Vec<Line<'static>> {
    let (mark, style) = match () {
        () if load.is_clean() => (look.glyphs.done, look.theme.ok),
        () if load.is_loaded() => ("!", look.theme.warn),
        () => (look.glyphs.failed, look.theme.bad),
    };
    let by = load.pipe.as_ref().map_or_else(|| "by COPY".to_owned(), |pipe| format!("by pipe {pipe}"));
    let mut out = vec![
        Line::from(vec![
            Span::styled(format!("{mark} {}", text::clean(&load.status)), style),
            Span::styled(format!("  {}", text::day_clock(load.at_ms, offset_s)), look.theme.muted),
        ]),
        Line::raw(format!("  into {}", text::clean(&load.table))),
        Line::styled(format!("  {}", text::clean(&by)), look.theme.muted),
        Line::from(vec![
            Span::styled(format!("  {}", text::group(load.loaded)), look.theme.number),
            Span::raw(format!(" of {} rows", text::group(load.parsed))),
            Span::styled(
                if load.errors > 0 { format!("  {} rejected", text::group(load.errors)) } else { String::new() },
                look.theme.bad,
            ),
        ]),
    ];
    if let Some(why) = &load.first_error {
        let line = load.first_line.map_or_else(String::new, |n| format!("line {n}: "));
        out.extend(
            wrapped(&format!("{line}{}", text::clean(why)), columns.saturating_sub(2))
                .into_iter()
                .map(|l| Line::raw(format!("  {l}"))),
        );
    }
    for rejects in &load.rejects {
        let words = format!("  {} kept aside: {}", text::group(rejects.rows), text::clean(&rejects.kind));
        out.push(Line::styled(words, look.theme.warn));
        let row = rejects.first_row.map_or_else(String::new, |n| format!("row {n}: "));
        let detail = rejects.reason.split_once(':').map_or("", |(_, rest)| rest.trim());
        let words = format!("{row}{}", text::clean(detail));
        out.extend(wrapped(&words, columns.saturating_sub(4)).into_iter().map(|l| Line::raw(format!("    {l}"))));
    }
    out.push(Line::default());
    out
}
