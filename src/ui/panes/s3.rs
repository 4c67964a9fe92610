//! S3: the bucket as a tree, and the head of the selected object.

use crate::app::panes::s3::Row;
use crate::app::{Model, Slot};
use crate::ui::widgets::{List, empty, failure, framed, place, remark};
use crate::ui::{Hits, Look, text};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).areas(area);
    tree(frame, left, model, look, hits);
    preview(frame, right, model, look);
}

fn tree(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let s3 = &model.s3;
    let bucket = model.link.info().map_or("bucket", |i| i.bucket.as_str());
    let note = remark(&place(s3.cursor.at(), s3.rows.len(), area.height.saturating_sub(2)), look);
    let focus = s3.panel == 0;
    let inside = framed(frame, area, &format!("s3://{bucket}/"), note, focus, look);
    if s3.rows.is_empty() {
        return nothing(frame, inside, model, look);
    }
    let columns = usize::from(inside.width);
    let list = List { len: s3.rows.len(), selected: s3.cursor.at(), panel: 0, focus };
    list.draw(frame, inside, look, hits, |i| row(&s3.rows[i], columns, model, look));
}

fn row(row: &Row, columns: usize, model: &Model, look: &Look) -> Line<'static> {
    let last = |key: &str| key.trim_end_matches('/').rsplit('/').next().unwrap_or(key).to_owned();
    match row {
        Row::Prefix(depth, key) => {
            let folder = model.s3.folders.get(key);
            let open = folder.is_some_and(|f| f.open);
            let mark = if open { look.glyphs.open } else { look.glyphs.closed };
            let name = format!("{}{mark} {}/", "  ".repeat(*depth), last(key));
            let busy = model.jobs.busy(&Slot::List(key.clone()));
            let note = match folder {
                Some(f) if f.error.is_some() => {
                    format!("{} {}", look.glyphs.failed, f.error.as_deref().unwrap_or_default())
                }
                _ if busy => "listing …".into(),
                Some(f) if f.loaded && open => format!("{} in it", text::group(f.prefixes.len() + f.objects.len())),
                _ => String::new(),
            };
            let note = text::cut(&text::clean(&note), columns / 2).into_owned();
            let room = columns.saturating_sub(text::width(&note) + 1);
            let style = if folder.is_some_and(|f| f.error.is_some()) { look.theme.bad } else { look.theme.muted };
            Line::from(vec![Span::raw(text::left(&name, room)), Span::raw(" "), Span::styled(note, style)])
        }
        Row::Object(depth, info) => {
            let name = format!("{}  {}", "  ".repeat(*depth), last(&info.key));
            Line::from(vec![
                Span::raw(text::left(&name, columns.saturating_sub(10))),
                Span::styled(text::right(&text::bytes(info.size), 10), look.theme.muted),
            ])
        }
        Row::More(depth, _) => {
            Line::styled(format!("{}  … more: Enter lists them", "  ".repeat(*depth)), look.theme.accent)
        }
    }
}

fn nothing(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look) {
    let root = model.s3.folders.get("");
    if let Some(error) = root.and_then(|f| f.error.as_deref()) {
        return failure(frame, area, "The bucket could not be listed", error, "r tries again", look);
    }
    if model.jobs.busy(&Slot::List(String::new())) || model.link.info().is_none() {
        return empty(frame, area, &["Listing …"], look);
    }
    if model.s3.filter.is_empty() {
        empty(frame, area, &["The bucket is empty.", "2, then x, puts the three data sets here."], look);
    } else {
        empty(frame, area, &["Nothing passes the filter.", "Esc clears it."], look);
    }
}

fn preview(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look) {
    let s3 = &model.s3;
    let focus = s3.panel == 1;
    let (title, note) = match (s3.selected(), &s3.preview) {
        (Some(Row::Object(_, info)), _) => {
            let name = info.key.rsplit('/').next().unwrap_or_default().to_owned();
            (name, text::bytes(info.size))
        }
        _ => ("Preview".to_owned(), String::new()),
    };
    let inside = framed(frame, area, &title, remark(&note, look), focus, look);
    if let Some(error) = &s3.preview_error {
        return failure(frame, inside, "It could not be read", error, "Enter tries again", look);
    }
    let Some(preview) = &s3.preview else {
        let words =
            if model.jobs.busy(&Slot::Preview) { "Reading …" } else { "Select an object to see its first lines." };
        return empty(frame, inside, &[words], look);
    };
    let columns = usize::from(inside.width);
    let digits = preview.lines.len().to_string().len().max(2);
    let height = usize::from(inside.height);
    let first = s3.scroll.min(preview.lines.len().saturating_sub(height));
    for (y, i) in (inside.y..inside.bottom()).zip(first..) {
        let spot = Rect { y, height: 1, ..inside };
        if let Some(words) = preview.lines.get(i) {
            let line = Line::from(vec![
                Span::styled(format!("{:>digits$} ", i + 1), look.theme.waiting),
                Span::raw(text::left(words, columns.saturating_sub(digits + 1))),
            ]);
            frame.render_widget(line, spot);
        } else {
            let end = if preview.cut { "… the object goes on" } else { "" };
            frame.render_widget(Line::styled(end, look.theme.muted), spot);
            break;
        }
    }
}
