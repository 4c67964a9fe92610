//! The tree: opening, closing, paging, and the rows that come of it.

use super::super::passes;
use super::folder::{Folder, PAGES};
use super::{AHEAD, Row, Sort, State};
use crate::app::{Cx, Job, Slot};
use crate::domain::{ObjectInfo, ObjectPage};

impl State {
    /// Takes the page of a prefix that starts at `after`.
    pub fn page(&mut self, prefix: &str, after: Option<&str>, page: ObjectPage) {
        let beside = self.beside(prefix);
        let folder = self.folders.entry(prefix.to_owned()).or_default();
        folder.take(prefix, after, page);
        folder.open |= prefix == self.root;
        self.rebuild();
        let place = beside.and_then(|(row, by)| Some((self.rows.iter().position(|r| r.is_same(&row))?, by)));
        if let Some((at, by)) = place {
            self.cursor.set(at.saturating_add_signed(by), self.rows.len());
        }
    }

    /// Where the selection stands on the row that stands for more of a prefix: the row beside it, and how far from that.
    /// What comes takes the place of that row, and the selection shall not run away with it.
    fn beside(&self, prefix: &str) -> Option<(Row, isize)> {
        let at = self.cursor.at();
        let (row, by) = match self.selected()? {
            Row::More(_, of) if of == prefix && !self.to_end => (self.rows.get(at.checked_sub(1)?)?, 1),
            Row::Before(_, of) if of == prefix => (self.rows.get(at + 1)?, -1),
            _ => return None,
        };
        Some((row.clone(), by))
    }

    /// Notes why a listing failed.
    pub fn failed(&mut self, prefix: &str, why: &str) {
        self.to_end = false;
        self.folders.entry(prefix.to_owned()).or_default().error = Some(why.to_owned());
    }

    /// Forgets all listings and asks for the open ones again.
    pub fn reload(&mut self, cx: &mut Cx<'_>) {
        if cx.need_link().is_none() {
            return;
        }
        let root = self.root.clone();
        self.folders.retain(|prefix, folder| folder.open || *prefix == root);
        let open: Vec<String> = self.folders.keys().filter(|p| **p != root).cloned().collect();
        for prefix in open.into_iter().chain([root]) {
            cx.start(Job::List { prefix, after: None });
        }
    }

    /// Sets the filter.
    pub fn set_filter(&mut self, text: String) {
        self.filter = text;
        self.rebuild();
    }

    /// Shows the tree from a prefix on, which the store finds whether it ends in `/` or not.
    pub fn jump(&mut self, prefix: &str, cx: &mut Cx<'_>) {
        prefix.trim_start_matches('/').clone_into(&mut self.root);
        self.to_end = false;
        let root = self.root.clone();
        let folder = self.folders.entry(root.clone()).or_default();
        folder.open = true;
        (folder.loaded, folder.error) = (false, None);
        cx.start(Job::List { prefix: root, after: None });
        self.rebuild();
        self.cursor.set(0, self.rows.len());
    }

    /// Lists ahead of where the selection goes; to the very end where that is wanted.
    pub fn reach(&mut self, cx: &mut Cx<'_>) {
        if cx.link.info().is_none() {
            return;
        }
        if self.to_end {
            self.cursor.set(usize::MAX, self.rows.len());
        }
        let at = self.cursor.at();
        let near = at.saturating_sub(AHEAD)..(at + AHEAD).min(self.rows.len());
        for i in near {
            let (prefix, after) = match &self.rows[i] {
                // What the selection goes away from, or stands behind, is not listed for its sake.
                Row::More(_, prefix) if i >= at => {
                    (prefix, self.folders.get(prefix).and_then(|f| f.next.clone()).map(Some))
                }
                Row::Before(_, prefix) if i <= at => (prefix, self.folders.get(prefix).and_then(Folder::earlier)),
                _ => continue,
            };
            let failed = self.folders.get(prefix).is_some_and(|f| f.error.is_some());
            if let Some(after) = after.filter(|_| !failed && !cx.jobs.busy(&Slot::List(prefix.clone()))) {
                cx.start(Job::List { prefix: prefix.clone(), after });
            }
        }
    }

    /// What was let go of before the pages that are here is not walked back page by page: those prefixes begin anew.
    pub(super) fn from_start(&mut self, cx: &mut Cx<'_>) {
        if cx.link.info().is_none() {
            return;
        }
        let long = self.folders.iter().filter(|(_, folder)| folder.open && !folder.before.is_empty());
        for prefix in long.map(|(prefix, _)| prefix.clone()).collect::<Vec<_>>() {
            self.folders.insert(prefix.clone(), Folder { open: true, ..Folder::default() });
            cx.start(Job::List { prefix, after: None });
        }
        self.rebuild();
        self.cursor.set(0, self.rows.len());
    }

    /// A page has come: the next where the end is wanted.
    pub fn paged(&mut self, cx: &mut Cx<'_>) {
        if self.to_end {
            self.cursor.set(usize::MAX, self.rows.len());
            self.to_end = matches!(self.rows.last(), Some(Row::More(..)));
        }
        self.reach(cx);
        // The page may have put another row below the selection.
        if !cx.jobs.busy(&Slot::Preview) {
            self.look(cx);
        }
    }

    /// Makes the visible rows; the selection stays on what it is on.
    pub(super) fn rebuild(&mut self) {
        let selected = self.selected().cloned();
        let mut rows = Vec::new();
        self.collect(&self.root, 0, &mut rows);
        self.rows = rows;
        if let Some(at) = selected.and_then(|row| self.rows.iter().position(|r| r.is_same(&row))) {
            self.cursor.set(at, self.rows.len());
        }
        self.cursor.clamp(self.rows.len());
    }

    fn collect(&self, prefix: &str, depth: usize, rows: &mut Vec<Row>) {
        let Some(folder) = self.folders.get(prefix) else { return };
        if !folder.before.is_empty() {
            rows.push(Row::Before(depth, prefix.to_owned()));
        }
        for sub in folder.prefixes() {
            let open = self.folders.get(sub).is_some_and(|f| f.open);
            if open || passes(&self.filter, sub) {
                rows.push(Row::Prefix(depth, sub.clone()));
            }
            // A prefix that is its own child would never end; no service sends one, but a bad one might.
            if open && sub.len() > prefix.len() {
                self.collect(sub, depth + 1, rows);
            }
        }
        let mut objects: Vec<&ObjectInfo> = folder.objects().filter(|o| passes(&self.filter, &o.key)).collect();
        match self.sort {
            Sort::Name => {}
            Sort::Size => objects.sort_by_key(|o| std::cmp::Reverse(o.size)),
            Sort::Newest => objects.sort_by_key(|o| std::cmp::Reverse(o.modified_ms)),
        }
        rows.extend(objects.into_iter().map(|o| Row::Object(depth, o.clone())));
        if folder.next.is_some() {
            rows.push(Row::More(depth, prefix.to_owned()));
        }
    }

    pub(super) fn open(&mut self, cx: &mut Cx<'_>) {
        match self.selected().cloned() {
            Some(Row::Prefix(_, key)) => {
                let folder = self.folders.entry(key.clone()).or_default();
                folder.open = true;
                if !folder.loaded || folder.error.is_some() {
                    folder.error = None;
                    cx.start(Job::List { prefix: key, after: None });
                }
                self.rebuild();
            }
            Some(Row::More(_, key) | Row::Before(_, key)) => {
                if let Some(folder) = self.folders.get_mut(&key) {
                    folder.error = None;
                }
                self.reach(cx);
            }
            Some(Row::Object(..)) => {
                self.look(cx);
                self.panel = 1;
            }
            None => self.reload(cx),
        }
    }

    pub(super) fn close(&mut self, cx: &mut Cx<'_>) {
        let key = match self.selected() {
            Some(Row::Prefix(_, key)) if self.folders.get(key).is_some_and(|f| f.open) => key.clone(),
            Some(Row::More(_, key) | Row::Before(_, key)) => key.clone(),
            Some(row) => parent(row.key()).to_owned(),
            None => self.root.clone(),
        };
        if key.len() <= self.root.len() {
            return self.up(cx);
        }
        if let Some(folder) = self.folders.get_mut(&key) {
            folder.open = false;
            // A long one is listed again rather than kept.
            if folder.pages.len() + folder.before.len() > PAGES / 4 {
                *folder = Folder::default();
            }
        }
        self.rebuild();
        if let Some(at) = self.rows.iter().position(|r| matches!(r, Row::Prefix(..)) && r.key() == key) {
            self.cursor.set(at, self.rows.len());
        }
    }

    /// The tree from a prefix further up, where it does not show the whole bucket.
    fn up(&mut self, cx: &mut Cx<'_>) {
        if self.root.is_empty() {
            return;
        }
        let from = std::mem::take(&mut self.root);
        parent(&from).clone_into(&mut self.root);
        let root = self.root.clone();
        let folder = self.folders.entry(root.clone()).or_default();
        folder.open = true;
        if !folder.loaded {
            cx.start(Job::List { prefix: root, after: None });
        }
        self.rebuild();
        let at = self.rows.iter().position(|r| r.key().starts_with(&from) || from.starts_with(r.key()));
        self.cursor.set(at.unwrap_or(0), self.rows.len());
    }
}

/// The prefix that holds a key or prefix.
pub(super) fn parent(key: &str) -> &str {
    let trimmed = key.strip_suffix('/').unwrap_or(key);
    trimmed.rfind('/').map_or("", |at| &key[..=at])
}
