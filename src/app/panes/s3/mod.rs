//! The bucket as a tree of prefixes, listed when they are opened; what is in an object; moving files.

pub mod folder;
pub mod preview;
pub mod queue;
mod tree;

use super::{moved, scrolled};
use crate::app::overlay::{Overlay, Purpose};
use crate::app::prompt::Prompt;
use crate::app::{Action, Bucket, Bucketed, Cursor, Cx, Effect, Failure, Job, Preview, Tone};
use crate::domain::{Load, ObjectDetails, ObjectInfo, ObjectVersion};
use folder::Folder;
use preview::Body;
use queue::Queue;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use tui_input::Input;

/// How long a link opens its object, in seconds.
pub const LINK_S: u64 = 3_600;
/// Rows from the selected one within which more is listed ahead.
const AHEAD: usize = 60;

/// A visible row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// Pages of a prefix that were here before can be listed again.
    Before(usize, String),
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
            Self::Before(_, key) | Self::Prefix(_, key) | Self::More(_, key) => key,
            Self::Object(_, info) => &info.key,
        }
    }

    /// Key or prefix, where it is one that something can be done with.
    #[must_use]
    pub fn entry(&self) -> Option<&str> {
        match self {
            Self::Prefix(_, key) => Some(key),
            Self::Object(_, info) => Some(&info.key),
            _ => None,
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other) && self.key() == other.key()
    }
}

/// By what objects are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// As the store lists them.
    #[default]
    Name,
    /// The largest first, of those that are here.
    Size,
    /// The newest first, of those that are here.
    Newest,
}

/// What the right panel shows of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum View {
    /// Its content's head.
    #[default]
    Content,
    /// Its properties, metadata and versions.
    Details,
    /// What has been loaded from it.
    Loads,
}

/// What is noted of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Noted {
    /// Its key.
    pub key: String,
    /// Nothing where it is gone.
    pub details: Option<ObjectDetails>,
    /// Its versions, the latest first.
    pub versions: Vec<ObjectVersion>,
}

/// The pane's state.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// The prefix from which on the tree is shown; empty for the whole bucket.
    pub root: String,
    /// Prefixes by name; the bucket itself is the empty one.
    pub folders: BTreeMap<String, Folder>,
    /// Visible rows.
    pub rows: Vec<Row>,
    /// Selected row.
    pub cursor: Cursor,
    /// Which panel has the keys: tree or object.
    pub panel: usize,
    /// The filter.
    pub filter: String,
    /// The order.
    pub sort: Sort,
    /// Marked keys and prefixes.
    pub marked: BTreeSet<String>,
    /// Pages follow each other until the end is reached.
    pub to_end: bool,
    /// What the right panel shows.
    pub view: View,
    /// The head of the selected object.
    pub preview: Option<Preview>,
    /// The same, set out.
    pub body: Option<Body>,
    /// Why there is none.
    pub preview_error: Option<String>,
    /// What is noted of the selected object.
    pub noted: Option<Noted>,
    /// What has been loaded, by key; `None` until it was read.
    pub loads: Option<HashMap<String, Vec<Load>>>,
    /// Why that could not be read.
    pub loads_error: Option<String>,
    /// Uploads and downloads.
    pub queue: Queue,
    /// Lines scrolled in the right panel.
    pub scroll: usize,
}

impl State {
    /// The pane is shown: what has been loaded is read again.
    pub fn arrive(&mut self, cx: &mut Cx<'_>) {
        if cx.link.info().is_some() {
            cx.start_unless_busy(Job::Bucket(Bucket::Loads));
        }
    }

    /// The selected row.
    #[must_use]
    pub fn selected(&self) -> Option<&Row> {
        self.rows.get(self.cursor.at())
    }

    /// The prefix that the selection stands in.
    #[must_use]
    pub fn here(&self) -> &str {
        match self.selected() {
            Some(Row::Prefix(_, key) | Row::More(_, key) | Row::Before(_, key)) => key,
            Some(Row::Object(_, info)) => tree::parent(&info.key),
            None => &self.root,
        }
    }

    /// The loads of an object, the oldest first.
    #[must_use]
    pub fn loads_of(&self, key: &str) -> &[Load] {
        self.loads.as_ref().and_then(|loads| loads.get(key)).map_or(&[], Vec::as_slice)
    }

    /// What an action does here.
    pub fn act(&mut self, action: Action, cx: &mut Cx<'_>) {
        if self.panel == 1 {
            let lines = self.lines();
            if scrolled(&mut self.scroll, action, lines, cx.half) {
                return;
            }
            if action == Action::Left {
                self.panel = 0;
                return;
            }
        } else if moved(&mut self.cursor, action, self.rows.len(), cx.half) {
            self.to_end = action == Action::Bottom && matches!(self.rows.last(), Some(Row::More(..)));
            if action == Action::Top {
                self.from_start(cx);
            }
            self.reach(cx);
            return self.look(cx);
        }
        match action {
            Action::Enter | Action::Right => self.open(cx),
            Action::Left => self.close(cx),
            Action::Refresh => {
                self.reload(cx);
                self.arrive(cx);
            }
            Action::Toggle => self.mark(cx),
            Action::SelectAll => self.mark_all(),
            Action::Sort => self.order(cx),
            Action::View => {
                self.view = match self.view {
                    View::Content => View::Details,
                    View::Details => View::Loads,
                    View::Loads => View::Content,
                };
                self.scroll = 0;
                self.look(cx);
            }
            Action::Copy => self.copy(cx),
            Action::CopyLink => match self.selected() {
                Some(Row::Object(_, info)) if cx.need_link().is_some() => {
                    cx.start(Job::Bucket(Bucket::Link(info.key.clone())));
                }
                _ => cx.say(Tone::Warn, "Select an object: a link opens one object"),
            },
            Action::Delete => self.delete(cx),
            Action::Upload => self.ask(Prompt::Upload, String::new(), cx),
            Action::Download if self.chosen().is_empty() => cx.say(Tone::Warn, "There is nothing here to download"),
            Action::Download => self.ask(Prompt::Download, "./".into(), cx),
            Action::Jump => {
                let start = self.here().to_owned();
                self.ask(Prompt::Jump, start, cx);
            }
            _ => {}
        }
    }

    /// Lines of the right panel.
    fn lines(&self) -> usize {
        match self.view {
            View::Content => self.body.as_ref().map_or(0, Body::len),
            View::Details => self.noted.as_ref().map_or(0, |n| {
                // A long value takes some lines more.
                let details = n.details.as_ref().map_or(0, |d| d.properties.len() + d.metadata.len());
                2 * details + n.versions.len() + 20
            }),
            // What was refused takes some lines for each kind.
            View::Loads => self
                .selected()
                .and_then(Row::entry)
                .map_or(0, |k| self.loads_of(k).iter().map(|load| 8 + 4 * load.rejects.len()).sum()),
        }
    }

    /// What is marked, or else what is selected.
    #[must_use]
    pub fn chosen(&self) -> Vec<String> {
        if self.marked.is_empty() {
            self.selected().and_then(Row::entry).map(str::to_owned).into_iter().collect()
        } else {
            self.marked.iter().cloned().collect()
        }
    }

    fn mark(&mut self, cx: &mut Cx<'_>) {
        if let Some(key) = self.selected().and_then(Row::entry).map(str::to_owned) {
            if !self.marked.remove(&key) {
                self.marked.insert(key);
            }
            self.cursor.step(1, self.rows.len());
            self.reach(cx);
            self.look(cx);
        }
    }

    fn mark_all(&mut self) {
        if self.marked.is_empty() {
            let objects = self.rows.iter().filter(|r| matches!(r, Row::Object(..)));
            self.marked = objects.map(|r| r.key().to_owned()).collect();
        } else {
            self.marked.clear();
        }
    }

    fn order(&mut self, cx: &mut Cx<'_>) {
        let (sort, words) = match self.sort {
            Sort::Name => (Sort::Size, "The largest first, of what has been listed"),
            Sort::Size => (Sort::Newest, "The newest first, of what has been listed"),
            Sort::Newest => (Sort::Name, "By name"),
        };
        self.sort = sort;
        self.rebuild();
        cx.say(Tone::Plain, words);
    }

    fn copy(&self, cx: &mut Cx<'_>) {
        let Some(bucket) = cx.link.info().map(|i| i.bucket.clone()) else { return cx.copy("address", "") };
        let all: Vec<String> = self.chosen().iter().map(|key| format!("s3://{bucket}/{key}")).collect();
        let what = if all.len() > 1 { "addresses" } else { "address" };
        cx.copy(what, all.join("\n"));
    }

    fn delete(&self, cx: &mut Cx<'_>) {
        let chosen = self.chosen();
        let job = Job::Bucket(Bucket::Delete(chosen.clone()));
        let prefixes: Vec<&String> = chosen.iter().filter(|k| k.ends_with('/')).collect();
        match (&chosen[..], &prefixes[..]) {
            ([], _) => {}
            ([key], []) => {
                let detail = "The object goes from the bucket. Rows that were loaded from it stay.";
                cx.ask(format!("Delete {key}?"), detail, job);
            }
            ([prefix], _) => cx.ask_name("Delete everything under this prefix?", prefix.clone(), job),
            (all, []) => {
                let detail = "They go from the bucket. Rows that were loaded from them stay.";
                cx.ask(format!("Delete {} objects?", all.len()), detail, job);
            }
            (all, prefixes) => {
                let bucket = cx.link.info().map(|i| i.bucket.clone()).unwrap_or_default();
                let question = format!(
                    "Delete {} marked entries, {} of them prefixes with all below them?",
                    all.len(),
                    prefixes.len()
                );
                cx.ask_name(question, bucket, job);
            }
        }
    }

    fn ask(&self, prompt: Prompt, start: String, cx: &mut Cx<'_>) {
        if cx.need_link().is_none() || (prompt == Prompt::Upload && cx.refuse_readonly()) {
            return;
        }
        let purpose = Purpose::Prompt(prompt);
        cx.overlays.push(Overlay::Line { purpose, input: Input::new(start), before: String::new() });
    }

    /// Takes a line that was asked for.
    pub fn answered(&mut self, prompt: Prompt, text: &str, cx: &mut Cx<'_>) {
        match prompt {
            Prompt::Jump => self.jump(text, cx),
            Prompt::Upload => {
                let prefix = self.here().to_owned();
                self.queue.add(true, text.to_owned(), prefix);
            }
            Prompt::Download => {
                for key in self.chosen() {
                    self.queue.add(false, key, text.to_owned());
                }
                self.marked.clear();
            }
            _ => {}
        }
        self.queue.go_on(cx);
    }

    /// Takes what came of the pane's work.
    pub fn done(&mut self, job: &Bucket, reply: Bucketed, cx: &mut Cx<'_>) {
        match (job, reply) {
            (Bucket::Move(transfer), Bucketed::Moved(moved)) => {
                self.queue.ended(transfer.id, Ok(moved));
                self.after_move(cx);
            }
            (Bucket::Details(key), Bucketed::Details(details, versions)) => {
                self.noted = Some(Noted { key: key.clone(), details, versions });
            }
            (_, Bucketed::Link(link)) => {
                cx.effects.push(Effect::Copy(link));
                cx.say(Tone::Good, "Copied a link that opens the object for an hour, for whoever has it");
            }
            (Bucket::Delete(keys), Bucketed::Deleted(count)) => {
                self.marked.retain(|key| !keys.contains(key));
                let objects = if count == 1 { "1 object".into() } else { format!("{count} objects") };
                cx.say(Tone::Good, format!("Deleted {objects}"));
            }
            (_, Bucketed::Loads(loads)) => {
                let mut by_key: HashMap<String, Vec<Load>> = HashMap::new();
                for load in loads {
                    by_key.entry(load.key.clone()).or_default().push(load);
                }
                (self.loads, self.loads_error) = (Some(by_key), None);
            }
            _ => {}
        }
    }

    /// The pane's work failed. Whether that is told here, rather than in full on top.
    pub fn undone(&mut self, job: &Bucket, failure: &Failure, cx: &mut Cx<'_>) -> bool {
        match job {
            Bucket::Move(transfer) => {
                self.queue.ended(transfer.id, Err(failure));
                if !failure.cancelled {
                    cx.say(Tone::Bad, format!("{}: {}", transfer.title(), failure.text));
                }
                self.after_move(cx);
                true
            }
            Bucket::Details(_) => {
                self.preview_error = Some(failure.text.clone());
                true
            }
            Bucket::Loads => {
                self.loads_error = (!failure.cancelled).then(|| failure.text.clone());
                true
            }
            Bucket::Link(_) | Bucket::Delete(_) => false,
        }
    }

    fn after_move(&mut self, cx: &mut Cx<'_>) {
        self.queue.go_on(cx);
        if !self.queue.busy() {
            self.reload(cx);
            cx.start_unless_busy(Job::Counts);
        }
    }

    /// Takes the head of an object.
    pub fn take_preview(&mut self, preview: Preview) {
        self.body = Some(Body::of(&preview));
        self.preview = Some(preview);
    }

    /// Reads what the right panel shows of the selected object, unless it is there already.
    pub fn look(&mut self, cx: &mut Cx<'_>) {
        let Some(Row::Object(_, info)) = self.selected() else { return };
        let (key, size) = (info.key.clone(), info.size);
        match self.view {
            View::Content if self.preview.as_ref().is_none_or(|p| p.key != key) => {
                (self.preview, self.body, self.preview_error, self.scroll) = (None, None, None, 0);
                cx.start(Job::Preview { key, size });
            }
            View::Details if self.noted.as_ref().is_none_or(|n| n.key != key) => {
                (self.noted, self.preview_error, self.scroll) = (None, None, 0);
                cx.start(Job::Bucket(Bucket::Details(key)));
            }
            View::Content | View::Details | View::Loads => {}
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
