//! The tree.

use crate::app::panes::s3::{Row, Sort};
use crate::app::{Model, Slot};
use crate::domain::ObjectInfo;
use crate::ui::widgets::{List, empty, failure, framed, place, remark};
use crate::ui::{Hits, Look, text};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let s3 = &model.s3;
    let columns = usize::from(area.width);
    let note = note(model, area.height);
    let title = crumbs(model, columns.saturating_sub(text::width(&note) + 8), look);
    let focus = s3.panel == 0;
    let inside = framed(frame, area, &title, remark(&note, look), focus, look);
    if s3.rows.is_empty() {
        return nothing(frame, inside, model, look);
    }
    let columns = usize::from(inside.width);
    let list = List { len: s3.rows.len(), selected: s3.cursor.at(), panel: 0, focus };
    list.draw(frame, inside, look, hits, |i| row(&s3.rows[i], columns, model, look));
}

/// The bucket and every part of the prefix that the selection stands in; the middle goes where there is no room.
fn crumbs(model: &Model, columns: usize, look: &Look) -> String {
    let bucket = model.link.info().map_or("bucket", |i| i.bucket.as_str());
    let between = format!(" {} ", look.glyphs.arrow);
    let parts: Vec<&str> =
        std::iter::once(bucket).chain(model.s3.here().split('/').filter(|p| !p.is_empty())).collect();
    let whole = parts.join(&between);
    if text::width(&whole) <= columns {
        return whole;
    }
    for first in 1..parts.len() {
        let short = format!("…{between}{}", parts[first..].join(&between));
        if text::width(&short) <= columns {
            return short;
        }
    }
    text::cut(parts.last().copied().unwrap_or(bucket), columns).into_owned()
}

/// How many are marked, the order, and where one is.
fn note(model: &Model, height: u16) -> String {
    let s3 = &model.s3;
    let mut parts = Vec::new();
    if !s3.marked.is_empty() {
        parts.push(format!("{} marked", text::group(s3.marked.len())));
    }
    match s3.sort {
        Sort::Name => {}
        Sort::Size => parts.push("by size".into()),
        Sort::Newest => parts.push("newest".into()),
    }
    if s3.to_end {
        let known: usize = s3.folders.values().map(crate::app::panes::s3::folder::Folder::known).sum();
        parts.push(format!("listing, {} so far", text::group(known)));
    } else if let Some(words) = position(model, height) {
        parts.push(words);
    }
    parts.join("  ")
}

/// `412 003 of 413 000+` in a long prefix, else the place among the rows.
fn position(model: &Model, height: u16) -> Option<String> {
    let s3 = &model.s3;
    if let Some(folder) = s3.folders.get(s3.here()).filter(|f| f.next.is_some() || !f.before.is_empty())
        && let Some(Row::Object(_, info)) = s3.selected()
        && s3.sort == Sort::Name
        && s3.filter.is_empty()
    {
        let prefixes = folder.prefixes().count();
        let at = folder.objects().position(|o| o.key == info.key)? + prefixes + folder.skipped() + 1;
        let more = if folder.next.is_some() { "+" } else { "" };
        return Some(format!("{} of {}{more}", text::group(at), text::group(folder.known())));
    }
    Some(place(s3.cursor.at(), s3.rows.len(), height.saturating_sub(2))).filter(|p| !p.is_empty())
}

fn row(row: &Row, columns: usize, model: &Model, look: &Look) -> Line<'static> {
    let name = |key: &str| {
        // A prefix that was jumped to may end within a name.
        let whole = model.s3.root.rfind('/').map_or(0, |at| at + 1);
        let below = key.strip_prefix(&model.s3.root[..whole]).unwrap_or(key);
        below.trim_end_matches('/').rsplit('/').next().unwrap_or(key).to_owned()
    };
    let marked = row.entry().is_some_and(|key| model.s3.marked.contains(key));
    let mark = Span::styled(if marked { look.glyphs.running } else { " " }, look.theme.accent);
    match row {
        Row::Prefix(depth, key) => {
            let (note, bad) = folder_note(key, model, look);
            let mark_of =
                if model.s3.folders.get(key).is_some_and(|f| f.open) { look.glyphs.open } else { look.glyphs.closed };
            let words = format!("{}{mark_of} {}/", "  ".repeat(*depth), name(key));
            let note = text::cut(&text::clean(&note), columns / 2).into_owned();
            let room = columns.saturating_sub(text::width(&note) + 2);
            let style = if bad { look.theme.bad } else { look.theme.muted };
            Line::from(vec![mark, Span::raw(text::left(&words, room)), Span::raw(" "), Span::styled(note, style)])
        }
        Row::Object(depth, info) => object(info, &name(&info.key), *depth, mark, columns, model, look),
        Row::More(depth, key) => {
            let busy = model.jobs.busy(&Slot::List(key.clone()));
            let words = match model.s3.folders.get(key).and_then(|f| f.error.as_deref()) {
                Some(why) => format!("{} {why}; Enter tries again", look.glyphs.failed),
                None if busy => "listing …".into(),
                None => "… more".into(),
            };
            let words = format!(" {}  {}", "  ".repeat(*depth), text::clean(&words));
            Line::styled(text::left(&words, columns), look.theme.muted)
        }
        Row::Before(depth, key) => {
            let skipped = model.s3.folders.get(key).map_or(0, crate::app::panes::s3::folder::Folder::skipped);
            let words = format!(" {}  … {} before", "  ".repeat(*depth), text::group(skipped));
            Line::styled(text::left(&words, columns), look.theme.muted)
        }
    }
}

/// How many entries a prefix has, or what is the matter with it.
fn folder_note(key: &str, model: &Model, look: &Look) -> (String, bool) {
    let folder = model.s3.folders.get(key);
    match folder {
        Some(f) if f.error.is_some() => {
            (format!("{} {}", look.glyphs.failed, f.error.as_deref().unwrap_or_default()), true)
        }
        _ if model.jobs.busy(&Slot::List(key.to_owned())) => ("listing …".into(), false),
        Some(f) if f.loaded && f.open => {
            let more = if f.next.is_some() { "+" } else { "" };
            (format!("{}{more}", text::group(f.known())), false)
        }
        _ => (String::new(), false),
    }
}

fn object(
    info: &ObjectInfo,
    name: &str,
    depth: usize,
    mark: Span<'static>,
    columns: usize,
    model: &Model,
    look: &Look,
) -> Line<'static> {
    let (sign, style) = loaded(info, model, look);
    // The time where there is room for it.
    let time = if columns >= 60 { 18 } else { 0 };
    let indent = "  ".repeat(depth);
    let room = columns.saturating_sub(indent.len() + 3 + 9 + time);
    let mut spans =
        vec![mark, Span::raw(indent), Span::styled(format!("{sign} "), style), Span::raw(text::left(name, room))];
    if time > 0 {
        let when = info.modified_ms.map_or_else(String::new, |ms| text::day_clock(ms, model.env.utc_offset_s));
        spans.push(Span::styled(text::right(&when, time), look.theme.muted));
    }
    spans.push(Span::styled(text::right(&text::bytes(info.size), 9), look.theme.muted));
    Line::from(spans)
}

/// Whether the object has been loaded: its last load counts. Nothing where that is not known yet.
fn loaded(info: &ObjectInfo, model: &Model, look: &Look) -> (&'static str, Style) {
    if model.s3.loads.is_none() {
        return (" ", look.theme.muted);
    }
    match model.s3.loads_of(&info.key).last() {
        None => (look.glyphs.waiting, look.theme.waiting),
        Some(load) if load.is_clean() => (look.glyphs.done, look.theme.ok),
        Some(load) if load.is_loaded() => ("!", look.theme.warn),
        Some(_) => (look.glyphs.failed, look.theme.bad),
    }
}

fn nothing(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look) {
    let root = model.s3.folders.get(&model.s3.root);
    if let Some(error) = root.and_then(|f| f.error.as_deref()) {
        return failure(frame, area, "The bucket could not be listed", error, "r tries again", look);
    }
    if model.jobs.busy(&Slot::List(model.s3.root.clone())) || model.link.info().is_none() {
        return empty(frame, area, &["Listing …"], look);
    }
    if !model.s3.filter.is_empty() {
        return empty(frame, area, &["Nothing passes the filter.", "Esc clears it."], look);
    }
    if model.s3.root.is_empty() {
        return empty(
            frame,
            area,
            &["The bucket is empty.", "2, then x, puts the three data sets here;", "u uploads files of your own."],
            look,
        );
    }
    empty(frame, area, &["No key begins like that.", "h goes up, p looks for another."], look);
}
