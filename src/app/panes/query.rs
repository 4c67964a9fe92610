//! An editor for SQL and a grid for the answer.

use super::moved;
use crate::app::{Action, Code, Cursor, Cx, Job, Key, Slot, Tone, statement_around};
use crate::domain::{QueryOutcome, SqlError};
use tui_textarea::{Input, Key as TextKey, TextArea};

/// How many statements the history keeps.
const KEPT: usize = 200;

/// What the grid's place shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Answer {
    /// Nothing has run.
    #[default]
    None,
    /// Rows, and how long they took in milliseconds.
    Rows(QueryOutcome, i64),
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
    /// Which panel has the keys: editor or grid.
    pub panel: usize,
    /// The answer.
    pub answer: Answer,
    /// Selected row of the grid.
    pub row: Cursor,
    /// Selected column of the grid.
    pub col: Cursor,
    /// Statements that ran, the newest last.
    pub history: Vec<String>,
    /// Place in the history, counted from the newest; 0 is the text that is being written.
    pub back: usize,
}

impl Default for State {
    fn default() -> Self {
        Self {
            editor: TextArea::default(),
            typing: false,
            panel: 0,
            answer: Answer::None,
            row: Cursor::default(),
            col: Cursor::default(),
            history: Vec::new(),
            back: 0,
        }
    }
}

impl State {
    /// The whole text.
    #[must_use]
    pub fn text(&self) -> String {
        self.editor.lines().join("\n")
    }

    /// Replaces the text.
    pub fn set_text(&mut self, text: &str) {
        let clean: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
        self.editor = TextArea::new(clean.split('\n').map(str::to_owned).collect());
    }

    /// The byte in [`Self::text`] at which the cursor stands.
    #[must_use]
    pub fn cursor_byte(&self) -> usize {
        let cursor = self.editor.cursor();
        let lines = self.editor.lines();
        let before: usize = lines.iter().take(cursor.0).map(|l| l.len() + 1).sum();
        let line = lines.get(cursor.0).map_or("", String::as_str);
        before + line.char_indices().nth(cursor.1).map_or(line.len(), |(at, _)| at)
    }

    /// A key while typing.
    pub fn typed(&mut self, key: Key) {
        let code = match key.code {
            Code::Char(c) => TextKey::Char(c),
            Code::F(n) => TextKey::F(n),
            Code::Enter => TextKey::Enter,
            Code::Backspace => TextKey::Backspace,
            Code::Delete => TextKey::Delete,
            Code::Up => TextKey::Up,
            Code::Down => TextKey::Down,
            Code::Left => TextKey::Left,
            Code::Right => TextKey::Right,
            Code::Home => TextKey::Home,
            Code::End => TextKey::End,
            Code::PageUp => TextKey::PageUp,
            Code::PageDown => TextKey::PageDown,
            Code::Tab => TextKey::Tab,
            Code::Esc | Code::BackTab => return,
        };
        self.editor.input(Input { key: code, ctrl: key.ctrl, alt: key.alt, shift: key.shift });
    }

    /// Pasted text.
    pub fn paste(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let clean: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
        self.editor.insert_str(clean);
    }

    /// Takes an answer.
    pub fn take(&mut self, answer: Answer) {
        self.answer = answer;
        self.row = Cursor::default();
        self.col = Cursor::default();
    }

    fn grid(&self) -> (usize, usize) {
        match &self.answer {
            Answer::Rows(outcome, _) => (outcome.rows.len(), outcome.columns.len()),
            _ => (0, 0),
        }
    }

    /// What an action does here.
    pub fn act(&mut self, action: Action, cx: &mut Cx<'_>) {
        let (rows, cols) = self.grid();
        match action {
            Action::RunSql => return self.run(cx),
            Action::Edit => {
                self.panel = 0;
                self.typing = true;
                return;
            }
            Action::Enter => {
                self.typing = self.panel == 0;
                return;
            }
            Action::HistoryBack => return self.recall(1, cx),
            Action::HistoryNext => return self.recall(-1, cx),
            Action::Copy => {
                let cell = self.cell().map(str::to_owned);
                let text = self.text();
                match cell {
                    Some(cell) => cx.copy("cell", cell),
                    None => cx.copy("text", text),
                }
                return;
            }
            _ => {}
        }
        // Outside the editor's own typing, movement is the grid's: there is nothing else to move in.
        if moved(&mut self.row, action, rows, cx.half) {
            self.panel = if rows > 0 { 1 } else { self.panel };
            return;
        }
        match action {
            Action::Left => self.col.step(-1, cols),
            Action::Right => self.col.step(1, cols),
            _ => {}
        }
    }

    /// The selected cell.
    #[must_use]
    pub fn cell(&self) -> Option<&str> {
        match &self.answer {
            Answer::Rows(outcome, _) => outcome.rows.get(self.row.at())?.get(self.col.at())?.as_deref(),
            _ => None,
        }
    }

    fn run(&mut self, cx: &mut Cx<'_>) {
        let text = self.text();
        let Some(span) = statement_around(&text, self.cursor_byte()) else {
            return cx.say(Tone::Warn, "There is no statement here yet: i starts writing");
        };
        let sql = text[span].to_owned();
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
        cx.start(Job::Query { sql });
    }

    fn recall(&mut self, by: isize, cx: &mut Cx<'_>) {
        let place = self.back.saturating_add_signed(by).min(self.history.len());
        if place == 0 {
            return cx
                .say(Tone::Plain, if self.history.is_empty() { "Nothing has run yet" } else { "This is the latest" });
        }
        self.back = place;
        let text = self.history[self.history.len() - place].clone();
        self.set_text(&text);
    }
}

/// Whether a statement can only read, by its first word. Errs on the side of no.
fn reads_only(sql: &str) -> bool {
    let text = sql.trim_start();
    let code = text.lines().map(str::trim_start).find(|l| !l.is_empty() && !l.starts_with("--")).unwrap_or_default();
    let word: String = code.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_uppercase();
    matches!(word.as_str(), "SELECT" | "SHOW" | "DESC" | "DESCRIBE" | "EXPLAIN" | "LIST" | "LS")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_reads() {
        assert!(reads_only("-- a comment\n  select 1"));
        assert!(!reads_only("WITH x AS (SELECT 1) SELECT * FROM x"));
        assert!(!reads_only("drop table t"));
        assert!(!reads_only(""));
    }

    #[test]
    fn the_cursor_counts_bytes() {
        let mut s = State::default();
        s.paste("SELECT 'é';\r\nSELECT 2");
        assert_eq!(s.text(), "SELECT 'é';\nSELECT 2");
        assert_eq!(s.cursor_byte(), s.text().len());
        s.typed(super::super::super::key::key(Code::Up));
        assert!(s.cursor_byte() < 12);
    }
}
