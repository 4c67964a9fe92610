//! The bucket as a tree of prefixes, listed when they are opened.

use super::{moved, passes, scrolled};
use crate::app::{Action, Cursor, Cx, Job, Preview};
use crate::domain::{ObjectInfo, ObjectPage};
use std::collections::BTreeMap;

/// One prefix as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folder {
    /// Shown with what it holds.
    pub open: bool,
    /// A listing has come.
    pub loaded: bool,
    /// Why the last listing failed.
    pub error: Option<String>,
    /// Prefixes under it.
    pub prefixes: Vec<String>,
    /// Objects in it.
    pub objects: Vec<ObjectInfo>,
    /// Where the next page starts.
    pub next: Option<String>,
}

/// A visible row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// A prefix at a depth.
    Prefix(usize, String),
    /// An object at a depth.
    Object(usize, ObjectInfo),
    /// More of a prefix can be listed.
    More(usize, String),
}

impl Row {
    /// Key or prefix.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::Prefix(_, key) | Self::More(_, key) => key,
            Self::Object(_, info) => &info.key,
        }
    }
}

/// The pane's state.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// Prefixes by name; the bucket itself is the empty one.
    pub folders: BTreeMap<String, Folder>,
    /// Visible rows.
    pub rows: Vec<Row>,
    /// Selected row.
    pub cursor: Cursor,
    /// Which panel has the keys: tree or preview.
    pub panel: usize,
    /// The filter.
    pub filter: String,
    /// The head of the selected object.
    pub preview: Option<Preview>,
    /// Why there is none.
    pub preview_error: Option<String>,
    /// Lines scrolled in the preview.
    pub scroll: usize,
}

impl State {
    /// The selected row.
    #[must_use]
    pub fn selected(&self) -> Option<&Row> {
        self.rows.get(self.cursor.at())
    }

    /// Takes a page of a listing.
    pub fn page(&mut self, prefix: &str, page: ObjectPage) {
        let folder = self.folders.entry(prefix.to_owned()).or_default();
        if !folder.loaded {
            folder.prefixes.clear();
            folder.objects.clear();
        }
        folder.prefixes.extend(page.prefixes);
        folder.objects.extend(page.objects.into_iter().filter(|o| o.key != prefix));
        folder.next = page.next;
        folder.loaded = true;
        folder.error = None;
        folder.open |= prefix.is_empty();
        self.rebuild();
    }

    /// Notes why a listing failed.
    pub fn failed(&mut self, prefix: &str, why: &str) {
        self.folders.entry(prefix.to_owned()).or_default().error = Some(why.to_owned());
    }

    /// Forgets all listings and asks for the open ones again.
    pub fn reload(&mut self, cx: &mut Cx<'_>) {
        if cx.need_link().is_none() {
            return;
        }
        let open: Vec<String> = self.folders.iter().filter(|(_, f)| f.open).map(|(p, _)| p.clone()).collect();
        for prefix in open.into_iter().chain([String::new()]) {
            if let Some(folder) = self.folders.get_mut(&prefix) {
                folder.loaded = false;
            }
            cx.start(Job::List { prefix, after: None });
        }
    }

    /// Sets the filter.
    pub fn set_filter(&mut self, text: String) {
        self.filter = text;
        self.rebuild();
    }

    fn rebuild(&mut self) {
        let selected = self.selected().map(|r| r.key().to_owned());
        let mut rows = Vec::new();
        self.collect("", 0, &mut rows);
        self.rows = rows;
        if let Some(at) = selected.and_then(|key| self.rows.iter().position(|r| r.key() == key)) {
            self.cursor.set(at, self.rows.len());
        }
        self.cursor.clamp(self.rows.len());
    }

    fn collect(&self, prefix: &str, depth: usize, rows: &mut Vec<Row>) {
        let Some(folder) = self.folders.get(prefix) else { return };
        for sub in &folder.prefixes {
            let open = self.folders.get(sub).is_some_and(|f| f.open);
            if open || passes(&self.filter, sub) {
                rows.push(Row::Prefix(depth, sub.clone()));
            }
            // A prefix that is its own child would never end; no service sends one, but a bad one might.
            if open && sub.len() > prefix.len() {
                self.collect(sub, depth + 1, rows);
            }
        }
        rows.extend(
            folder.objects.iter().filter(|o| passes(&self.filter, &o.key)).map(|o| Row::Object(depth, o.clone())),
        );
        if folder.next.is_some() {
            rows.push(Row::More(depth, prefix.to_owned()));
        }
    }

    /// What an action does here.
    pub fn act(&mut self, action: Action, cx: &mut Cx<'_>) {
        if self.panel == 1 {
            let lines = self.preview.as_ref().map_or(0, |p| p.lines.len());
            if scrolled(&mut self.scroll, action, lines, cx.half) {
                return;
            }
            if action == Action::Left {
                self.panel = 0;
                return;
            }
        } else if moved(&mut self.cursor, action, self.rows.len(), cx.half) {
            self.look(cx);
            return;
        }
        match action {
            Action::Enter | Action::Right => self.open(cx),
            Action::Left => self.close(),
            Action::Refresh => self.reload(cx),
            Action::Copy => {
                let key = self.selected().map(|r| r.key().to_owned()).unwrap_or_default();
                let bucket = cx.link.info().map(|i| i.bucket.clone()).unwrap_or_default();
                cx.copy("address", if bucket.is_empty() { String::new() } else { format!("s3://{bucket}/{key}") });
            }
            Action::Delete => self.delete(cx),
            _ => {}
        }
    }

    fn open(&mut self, cx: &mut Cx<'_>) {
        match self.selected().cloned() {
            Some(Row::Prefix(_, key)) => {
                let folder = self.folders.entry(key.clone()).or_default();
                folder.open = true;
                if !folder.loaded {
                    cx.start_unless_busy(Job::List { prefix: key, after: None });
                }
                self.rebuild();
            }
            Some(Row::More(_, prefix)) => {
                let after = self.folders.get(&prefix).and_then(|f| f.next.clone());
                cx.start_unless_busy(Job::List { prefix, after });
            }
            Some(Row::Object(..)) => {
                self.look(cx);
                self.panel = 1;
            }
            None => self.reload(cx),
        }
    }

    fn close(&mut self) {
        let key = match self.selected() {
            Some(Row::Prefix(_, key)) if self.folders.get(key).is_some_and(|f| f.open) => key.clone(),
            Some(row) => parent(row.key()).to_owned(),
            None => return,
        };
        if key.is_empty() {
            return;
        }
        if let Some(folder) = self.folders.get_mut(&key) {
            folder.open = false;
        }
        self.rebuild();
        if let Some(at) = self.rows.iter().position(|r| r.key() == key) {
            self.cursor.set(at, self.rows.len());
        }
    }

    fn delete(&self, cx: &mut Cx<'_>) {
        match self.selected() {
            Some(Row::Object(_, info)) => {
                let detail = "The object goes from the bucket. Rows that were loaded from it stay.";
                cx.ask(format!("Delete {}?", info.key), detail, Job::Delete { key: info.key.clone() });
            }
            Some(Row::Prefix(_, key)) => {
                cx.ask_name("Delete everything under this prefix?", key.clone(), Job::Delete { key: key.clone() });
            }
            _ => {}
        }
    }

    /// Reads the head of the selected object, unless it is there already.
    pub fn look(&mut self, cx: &mut Cx<'_>) {
        let Some(Row::Object(_, info)) = self.selected() else { return };
        if self.preview.as_ref().is_some_and(|p| p.key == info.key) {
            return;
        }
        let job = Job::Preview { key: info.key.clone(), size: info.size };
        self.preview = None;
        self.preview_error = None;
        self.scroll = 0;
        cx.start(job);
    }
}

/// The prefix that holds a key or prefix.
fn parent(key: &str) -> &str {
    let trimmed = key.strip_suffix('/').unwrap_or(key);
    trimmed.rfind('/').map_or("", |at| &key[..=at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents() {
        assert_eq!(parent("a/b/c.txt"), "a/b/");
        assert_eq!(parent("a/b/"), "a/");
        assert_eq!(parent("a/"), "");
        assert_eq!(parent("a"), "");
    }

    #[test]
    fn the_selection_stays_on_its_key_when_pages_come() {
        let mut s = State::default();
        let object = |k: &str| ObjectInfo { key: k.into(), size: 1, etag: None, modified_ms: None };
        s.page("", ObjectPage { prefixes: vec!["b/".into()], objects: vec![object("z")], next: None });
        s.cursor.set(1, 2);
        s.folders.entry("b/".into()).or_default().open = true;
        s.page(
            "b/",
            ObjectPage { prefixes: vec![], objects: vec![object("b/1"), object("b/2")], next: Some("x".into()) },
        );
        assert_eq!(s.selected().map(Row::key), Some("z"));
        assert_eq!(s.rows.len(), 5);
        s.set_filter("2".into());
        assert_eq!(s.rows.iter().filter(|r| matches!(r, Row::Object(..))).count(), 1);
        s.set_filter(String::new());
        assert_eq!(s.rows.len(), 5);
    }
}
