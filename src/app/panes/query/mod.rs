//! An editor for SQL and a grid for the answer.

pub mod catalog;
pub mod complete;
pub mod grid;
pub mod inspect;
mod suggest;
mod typing;
mod words;

use super::moved;
use crate::app::overlay::{Overlay, Purpose};
use crate::app::pick::{Pick, PickRow, Picked};
use crate::app::prompt::Prompt;
use crate::app::{Action, Ask, Asked, Cx, Failure, Fetched, Job, Place, Slot, Tone, reading, statement_around};
use crate::domain::SqlError;
use crate::jobs::query::memory::Saved;
use catalog::Catalog;
use complete::Completion;
use grid::Grid;
use inspect::Inspect;
use tui_input::Input;
use tui_textarea::TextArea;

/// How many statements the history keeps.
const KEPT: usize = 500;
/// Cells of this length may have been cut on their way to the grid.
pub const CELL: usize = 4_096;

/// What the grid's place shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Answer {
    /// Nothing has run.
    #[default]
    None,
    /// It was cancelled before any row came.
    Cancelled,
    /// Rows.
    Grid(Grid),
    /// A refusal, and the statement that it is about.
    Failed(SqlError, String),
}

/// The pane's state.
#[derive(Debug, Clone)]
pub struct State {
    /// The text.
    pub editor: TextArea<'static>,
    /// Keys go into the text.
    pub typing: bool,
    /// Offers for the word that is being typed.
    pub completion: Option<Completion>,
    /// Which panel has the keys: editor or grid.
    pub panel: usize,
    /// The answer.
    pub answer: Answer,
    /// Names near the one that the last refusal is about.
    pub suggestions: Vec<String>,
    /// Statements that ran, the newest last.
    pub history: Vec<String>,
    /// Place in the history, counted from the newest; 0 is the text that is being written.
    pub back: usize,
    /// The text that was being written when the history was opened.
    draft: String,
    /// Queries with a name.
    pub saved: Vec<Saved>,
    /// Databases as far as they are known.
    pub catalog: Catalog,
    /// Where the session stands, once there is one.
    pub place: Option<Place>,
    /// The number of the last answer.
    results: u64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            editor: TextArea::default(),
            typing: false,
            completion: None,
            panel: 0,
            answer: Answer::None,
            suggestions: Vec::new(),
            history: Vec::new(),
            back: 0,
            draft: String::new(),
            saved: Vec::new(),
            catalog: Catalog::default(),
            place: None,
            results: 0,
        }
    }
}

impl State {
    /// The pane is shown: what it needs to know is read, once.
    pub fn arrive(&mut self, cx: &mut Cx<'_>) {
        if cx.link.info().is_some() && !self.catalog.asked {
            self.catalog.asked = true;
            cx.start(Job::Ask(Ask::Memory));
            cx.start(Job::Ask(Ask::Databases));
        }
    }

    /// What an action does here.
    pub fn act(&mut self, action: Action, cx: &mut Cx<'_>) {
        match action {
            Action::RunSql => return self.run(cx),
            Action::Explain => return self.explain(cx),
            Action::Edit => {
                self.panel = 0;
                self.typing = true;
                return;
            }
            Action::Enter if self.panel == 0 => {
                self.typing = true;
                return;
            }
            Action::Enter | Action::View => return self.inspect(cx),
            Action::Reset => return self.put(""),
            Action::HistoryBack => return self.recall(1, cx),
            Action::HistoryNext => return self.recall(-1, cx),
            Action::History => return self.pick_history(cx),
            Action::OpenSaved => return self.pick_saved(cx),
            Action::SaveQuery | Action::Export => return self.ask_line(action, cx),
            Action::SwitchRole => {
                if cx.need_link().is_some() {
                    cx.start(Job::Ask(Ask::Roles));
                }
                return;
            }
            Action::SwitchProfile => return Self::pick_profile(cx),
            Action::Refresh => {
                self.catalog.asked = false;
                cx.say(Tone::Plain, "Reading names for completion again");
                return self.arrive(cx);
            }
            Action::Copy => return self.copy(cx),
            _ => {}
        }
        let Answer::Grid(grid) = &mut self.answer else { return };
        // Outside the editor's own typing, movement is the grid's: there is nothing else to move in.
        let rows = grid.len();
        if moved(&mut grid.row, action, rows, cx.half) {
            self.panel = if grid.is_empty() { self.panel } else { 1 };
            return grid.reach(cx);
        }
        let columns = grid.columns().len();
        match action {
            Action::Left => grid.col.step(-1, columns),
            Action::Right => grid.col.step(1, columns),
            _ => {}
        }
    }

    /// Selects a row that was clicked.
    pub fn select(&mut self, row: usize) {
        if let Answer::Grid(grid) = &mut self.answer {
            grid.row.set(row, grid.len());
        }
    }

    /// The selected row of the answer.
    #[must_use]
    pub const fn row(&self) -> Option<usize> {
        match &self.answer {
            Answer::Grid(grid) => Some(grid.row.at()),
            _ => None,
        }
    }

    fn copy(&self, cx: &mut Cx<'_>) {
        match &self.answer {
            Answer::Failed(error, _) if self.panel == 1 => {
                cx.copy("query id", error.query_id.clone().unwrap_or_else(|| error.message.clone()));
            }
            Answer::Grid(grid) if self.panel == 1 => match grid.cell() {
                Some(cell) if cell.len() >= CELL - 4 => {
                    cx.say(Tone::Warn, "A long cell: Enter shows all of it, y copies it there");
                }
                cell => cx.copy("cell", cell.unwrap_or_default()),
            },
            _ => cx.copy("text", self.text()),
        }
    }

    /// The statement under the cursor.
    #[must_use]
    pub fn statement(&self) -> Option<String> {
        let text = self.text();
        statement_around(&text, self.cursor_byte()).map(|span| text[span].to_owned())
    }

    fn run(&mut self, cx: &mut Cx<'_>) {
        match self.statement() {
            Some(sql) => self.start(sql, cx),
            None => cx.say(Tone::Warn, "There is no statement here yet: i starts writing"),
        }
    }

    fn explain(&mut self, cx: &mut Cx<'_>) {
        match self.statement() {
            Some(sql) if is_explain(&sql) => self.start(sql, cx),
            Some(sql) => self.start(format!("EXPLAIN USING TEXT {sql}"), cx),
            None => cx.say(Tone::Warn, "There is no statement here yet: i starts writing"),
        }
    }

    fn start(&mut self, sql: String, cx: &mut Cx<'_>) {
        if cx.env.readonly && !reads_only(&sql) {
            cx.refuse_readonly();
            return;
        }
        if cx.need_link().is_none() {
            return;
        }
        if cx.jobs.busy(&Slot::Query) {
            return cx.say(Tone::Warn, "A statement is still running. Esc, then c, cancels it.");
        }
        self.history.retain(|h| *h != sql);
        self.history.push(sql.clone());
        if self.history.len() > KEPT {
            self.history.remove(0);
        }
        self.back = 0;
        self.completion = None;
        self.results += 1;
        cx.start(Job::Query { sql, result: self.results });
    }

    /// So many rows of the running statement have arrived.
    pub fn streaming(&mut self, sql: &str, result: u64, rows: u64, cx: &mut Cx<'_>) {
        if result != self.results || rows == 0 {
            return;
        }
        match &mut self.answer {
            Answer::Grid(grid) if grid.result == result => grid.known = grid.known.max(rows),
            _ => {
                let mut grid = Grid::new(result, sql.to_owned());
                grid.known = rows;
                self.show(Answer::Grid(grid));
            }
        }
        if let Answer::Grid(grid) = &self.answer {
            grid.reach(cx);
        }
    }

    /// A statement ended well.
    pub fn fetched(&mut self, sql: &str, result: u64, fetched: Fetched, took_ms: i64, cx: &mut Cx<'_>) {
        if fetched.place.is_some() {
            self.place = fetched.place;
        }
        if !matches!(&self.answer, Answer::Grid(grid) if grid.result == result) {
            self.show(Answer::Grid(Grid::new(result, sql.to_owned())));
        }
        if let Answer::Grid(grid) = &mut self.answer {
            // The last count may have been overtaken by the end.
            grid.known = grid.known.max(fetched.first.known);
            if grid.window.rows.is_empty() {
                grid.take(fetched.first);
            }
            grid.end(fetched.outcome.query_id, fetched.outcome.total, took_ms);
            grid.reach(cx);
        }
        let here = self.place.as_ref().map(|p| p.database.clone()).filter(|d| self.catalog.names.contains(d));
        if let Some(database) = here
            && (changes_names(sql) || self.catalog.databases.iter().all(|d| d.name != database))
        {
            cx.start_unless_busy(Job::Ask(Ask::Database(database)));
        }
    }

    /// A statement ended otherwise. What had arrived before the operator ended it stays.
    pub fn failed(&mut self, sql: &str, result: u64, failure: &Failure) {
        if failure.cancelled {
            match &mut self.answer {
                Answer::Grid(grid) if grid.result == result => (grid.cut, grid.done) = (true, true),
                _ => self.show(Answer::Cancelled),
            }
            return;
        }
        let error = failure.sql.clone().unwrap_or_else(|| SqlError::client(failure.text.clone()));
        let place = self.place.clone().unwrap_or_default();
        self.suggestions = suggest::suggest(&error, sql, &self.catalog, &place);
        self.show(Answer::Failed(error, sql.to_owned()));
    }

    fn show(&mut self, answer: Answer) {
        if !matches!(answer, Answer::Failed(..)) {
            self.suggestions.clear();
        }
        self.answer = answer;
    }

    /// The number of the last answer.
    #[cfg(test)]
    pub const fn results(&self) -> u64 {
        self.results
    }

    /// Takes an answer that is here as a whole.
    #[cfg(test)]
    pub fn take(&mut self, answer: Answer) {
        self.results = self.results.max(1);
        self.show(answer);
    }

    fn inspect(&self, cx: &mut Cx<'_>) {
        let Answer::Grid(grid) = &self.answer else { return };
        match grid.cell() {
            _ if grid.is_empty() => {}
            None => cx.say(Tone::Plain, "The cell is NULL"),
            Some(_) => {
                let (row, column) = (grid.row.at() as u64, grid.col.at());
                cx.start(Job::Ask(Ask::Cell { result: grid.result, row, column }));
            }
        }
    }

    fn recall(&mut self, by: isize, cx: &mut Cx<'_>) {
        let place = self.back.saturating_add_signed(by).min(self.history.len());
        if self.history.is_empty() {
            return cx.say(Tone::Plain, "Nothing has run yet");
        }
        if place == self.back {
            return cx.say(Tone::Plain, if place == 0 { "This is the latest" } else { "This is the oldest" });
        }
        if self.back == 0 {
            self.draft = self.text();
        }
        self.back = place;
        let text = if place == 0 { self.draft.clone() } else { self.history[self.history.len() - place].clone() };
        self.set_text(&text);
    }

    fn pick_history(&self, cx: &mut Cx<'_>) {
        if self.history.is_empty() {
            return cx.say(Tone::Plain, "Nothing has run yet");
        }
        let row = |sql: &String| PickRow { text: sql.clone(), note: String::new() };
        let rows = self.history.iter().rev().map(row).collect();
        cx.overlays.push(Overlay::Pick(Pick::new("Statements that ran", rows, Picked::History)));
    }

    fn pick_saved(&self, cx: &mut Cx<'_>) {
        if self.saved.is_empty() {
            return cx.say(Tone::Plain, "No query has a name yet: S gives the statement one");
        }
        let one_line = |sql: &str| sql.split_whitespace().collect::<Vec<_>>().join(" ");
        let rows = self.saved.iter().map(|q| PickRow { text: q.name.clone(), note: one_line(&q.sql) }).collect();
        cx.overlays.push(Overlay::Pick(Pick::new("Queries by name", rows, Picked::Saved)));
    }

    fn pick_profile(cx: &mut Cx<'_>) {
        if cx.env.profiles.len() < 2 {
            return cx.say(Tone::Plain, "There is one profile only; more go into config.toml");
        }
        let row = |name: &String| PickRow { text: name.clone(), note: String::new() };
        let rows = cx.env.profiles.iter().map(row).collect();
        cx.overlays.push(Overlay::Pick(Pick::new("Run statements on", rows, Picked::Profile)));
    }

    /// Takes what was picked.
    pub fn picked(&mut self, what: Picked, text: &str, cx: &mut Cx<'_>) {
        let profile = self.place.as_ref().map(|p| p.profile.clone());
        match what {
            Picked::History => self.put(text),
            Picked::Saved => {
                let sql = self.saved.iter().find(|q| q.name == text).map(|q| q.sql.clone());
                self.put(&sql.unwrap_or_default());
            }
            Picked::Role => {
                cx.start(Job::Ask(Ask::Switch { profile, role: Some(text.to_owned()) }));
            }
            Picked::Profile => {
                cx.start(Job::Ask(Ask::Switch { profile: Some(text.to_owned()), role: None }));
            }
        }
    }

    /// Replaces the text. What was there is the history's latest, so that p brings it back.
    pub fn put(&mut self, text: &str) {
        let before = self.text();
        if !before.trim().is_empty() && before != text {
            self.history.retain(|h| *h != before);
            self.history.push(before);
        }
        self.back = 0;
        self.set_text(text);
        self.panel = 0;
    }

    fn ask_line(&self, action: Action, cx: &mut Cx<'_>) {
        let (prompt, start) = match (action, &self.answer) {
            (Action::Export, Answer::Grid(grid)) if grid.done && !grid.columns().is_empty() => {
                (Prompt::Export, "result.csv".to_owned())
            }
            (Action::Export, Answer::Grid(_)) => return cx.say(Tone::Warn, "Rows are still coming; c ends that"),
            (Action::Export, _) => return cx.say(Tone::Warn, "There is no result to export yet"),
            _ if self.statement().is_none() => return cx.say(Tone::Warn, "There is no statement here to keep"),
            _ => (Prompt::SaveQuery, String::new()),
        };
        let purpose = Purpose::Prompt(prompt);
        cx.overlays.push(Overlay::Line { purpose, input: Input::new(start), before: String::new() });
    }

    /// Takes a line that was asked for.
    pub fn answered(&mut self, prompt: Prompt, text: &str, cx: &mut Cx<'_>) {
        match (prompt, &self.answer) {
            (Prompt::Export, Answer::Grid(grid)) => {
                cx.start(Job::Ask(Ask::Export { result: grid.result, path: text.to_owned() }));
            }
            (Prompt::SaveQuery, _) => {
                let sql = self.statement().unwrap_or_default();
                cx.start(Job::Ask(Ask::Save(Saved { name: text.trim().to_owned(), sql })));
            }
            _ => {}
        }
    }

    /// Takes what came of an [`Ask`].
    pub fn asked(&mut self, asked: Asked, cx: &mut Cx<'_>) {
        match asked {
            Asked::Window(result, window) => {
                if let Answer::Grid(grid) = &mut self.answer
                    && grid.result == result
                {
                    grid.take(window);
                    grid.reach(cx);
                }
            }
            Asked::Cell { column, row, text } => {
                let title = format!("{}, row {}", column.name, row + 1);
                cx.overlays.push(Overlay::Inspect(Inspect::new(
                    title,
                    text.unwrap_or_else(|| "NULL".into()),
                    reading::inspector((cx.columns, 0)),
                )));
            }
            Asked::Exported(rows, path) => cx.say(Tone::Good, format!("{rows} rows are in {path}")),
            Asked::Databases(names, place) => {
                let account = place.account;
                self.place = Some(place);
                let here = self.place.as_ref().map(|p| p.database.clone()).filter(|d| !d.is_empty());
                let here = here.or_else(|| cx.link.info().map(|i| i.database.clone()));
                self.catalog.names = names;
                // Where reading costs credits, a database is read when the session goes there. The session's own comes
                // first: the list is taken from its end.
                let wanted = self.catalog.names.iter().filter(|n| !account || Some(*n) == here.as_ref());
                self.catalog.left = wanted.cloned().collect();
                self.catalog.left.sort_by_key(|n| Some(n) == here.as_ref());
                self.read_next(cx);
            }
            Asked::Database(database) => {
                self.catalog.take(database);
                self.read_next(cx);
            }
            Asked::Memory(memory) => {
                let session = std::mem::take(&mut self.history);
                self.history = memory.history.into_iter().filter(|h| !session.contains(h)).collect();
                self.history.extend(session);
                self.saved = memory.saved;
            }
            Asked::Remembered => {}
            Asked::Saved(query, path) => {
                self.saved.retain(|q| q.name != query.name);
                self.saved.push(query);
                self.saved.sort_by(|a, b| a.name.cmp(&b.name));
                cx.say(Tone::Good, format!("Kept in {path}"));
            }
            Asked::Roles(names) => {
                let here = self.place.as_ref().map(|p| p.role.clone()).unwrap_or_default();
                let note = |name: &str| if name == here { "now".into() } else { String::new() };
                let rows = names.into_iter().map(|n| PickRow { note: note(&n), text: n }).collect();
                cx.overlays.push(Overlay::Pick(Pick::new("Run statements as", rows, Picked::Role)));
            }
            Asked::Switched(place) => {
                cx.say(Tone::Good, format!("Statements run as {} on {}", place.role, place.profile));
                let moved = self.place.as_ref().is_some_and(|p| p.profile != place.profile);
                self.place = Some(place);
                // Another role sees other names.
                if moved {
                    self.catalog = Catalog { asked: true, ..Catalog::default() };
                }
                cx.start(Job::Ask(Ask::Databases));
            }
        }
    }

    fn read_next(&mut self, cx: &mut Cx<'_>) {
        if let Some(name) = self.catalog.left.pop() {
            cx.start(Job::Ask(Ask::Database(name)));
        }
    }

    /// An [`Ask`] failed.
    pub fn ask_failed(&mut self, ask: &Ask, failure: &Failure, cx: &mut Cx<'_>) {
        match ask {
            // One database that refuses must not keep the others from being known.
            Ask::Database(_) => self.read_next(cx),
            Ask::Databases | Ask::Remember(_) => {}
            _ => cx.say(Tone::Bad, format!("{}: {}", ask.title(), failure.text)),
        }
    }
}

/// A statement's first word.
fn first_word(sql: &str) -> String {
    let word = words::words(sql).into_iter().find_map(|w| w.name());
    word.unwrap_or_default()
}

/// Whether a statement is a block of Snowflake Scripting.
#[must_use]
pub fn is_block(sql: &str) -> bool {
    matches!(first_word(sql).as_str(), "BEGIN" | "DECLARE")
}

/// Whether a statement asks for a plan.
#[must_use]
pub fn is_explain(sql: &str) -> bool {
    first_word(sql) == "EXPLAIN"
}

/// Whether a statement can only read, by its first word. Errs on the side of no.
fn reads_only(sql: &str) -> bool {
    let reading = ["SELECT", "WITH", "SHOW", "DESC", "DESCRIBE", "EXPLAIN", "LIST", "LS", "USE"];
    reading.contains(&first_word(sql).as_str())
}

/// Whether a statement may change what names there are.
fn changes_names(sql: &str) -> bool {
    ["CREATE", "DROP", "ALTER", "UNDROP"].contains(&first_word(sql).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_reads() {
        assert!(reads_only("-- a comment\n  select 1"));
        assert!(reads_only("WITH x AS (SELECT 1) SELECT * FROM x"));
        assert!(reads_only("/* x */ (select 1)"));
        assert!(!reads_only("drop table t"));
        assert!(!reads_only("/* select */ truncate t"));
        assert!(!reads_only(""));
    }
}
