//! The editor: text, cursor, and completion while typing.

use super::State;
use super::complete::complete;
use crate::app::{Code, Key, editor, statement_around};
use tui_textarea::TextArea;

/// What Tab writes where there is nothing to complete.
const INDENT: &str = "  ";

impl State {
    /// The whole text.
    #[must_use]
    pub fn text(&self) -> String {
        self.editor.lines().join("\n")
    }

    /// Replaces the text.
    pub fn set_text(&mut self, text: &str) {
        let clean = editor::clean(text);
        self.editor = TextArea::new(clean.split('\n').map(str::to_owned).collect());
        self.completion = None;
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
        if self.completing(key) {
            return;
        }
        match key.code {
            Code::Char(' ') if key.ctrl => return self.offer(true),
            Code::Tab => {
                self.editor.insert_str(INDENT);
                return;
            }
            _ => {}
        }
        let Some(input) = editor::input(key) else { return };
        self.editor.input(input);
        self.back = 0;
        let writes = matches!(key.code, Code::Char(_)) && !key.ctrl && !key.alt;
        let goes_on = writes || (key.code == Code::Backspace && self.completion.is_some());
        self.completion = None;
        if goes_on {
            self.offer(false);
        }
    }

    /// A key while something is offered. Whether it was taken.
    fn completing(&mut self, key: Key) -> bool {
        let Some(open) = &mut self.completion else { return false };
        let len = open.offers.len();
        match (key.code, key.ctrl) {
            (Code::Down, false) | (Code::Char('n'), true) => open.cursor.step(1, len),
            (Code::Up, false) | (Code::Char('p'), true) | (Code::BackTab, _) => open.cursor.step(-1, len),
            (Code::Tab, false) => self.accept(),
            _ => return false,
        }
        true
    }

    /// Offers what fits at the cursor.
    fn offer(&mut self, asked: bool) {
        let (text, at) = (self.text(), self.cursor_byte());
        let span = statement_around(&text, at).filter(|s| s.start <= at).unwrap_or(0..text.len());
        let sql = &text[span.start..span.end.max(at)];
        let place = self.place.clone().unwrap_or_default();
        self.completion = complete(sql, at - span.start, &self.catalog, &place, asked).map(|mut found| {
            found.start += span.start;
            found
        });
    }

    /// Writes the selected offer.
    fn accept(&mut self) {
        let Some(done) = self.completion.take() else { return };
        let Some(offer) = done.offers.get(done.cursor.at()) else { return };
        let typed = self.text().get(done.start..self.cursor_byte()).map_or(0, |t| t.chars().count());
        for _ in 0..typed {
            self.editor.delete_char();
        }
        self.editor.insert_str(&offer.text);
    }

    /// Escape: first what is offered goes, then the typing ends.
    pub fn leave(&mut self) {
        if self.completion.take().is_none() {
            self.typing = false;
        }
    }

    /// Pasted text.
    pub fn paste(&mut self, text: &str) {
        self.editor.insert_str(editor::pasted(text));
        self.completion = None;
    }
}

#[cfg(test)]
mod tests {
    use super::super::complete::tests::{catalog, place};
    use super::*;
    use crate::app::key::{ch, ctrl, key};

    #[test]
    fn the_cursor_counts_bytes() {
        let mut s = State::default();
        s.paste("SELECT 'é';\r\nSELECT 2");
        assert_eq!(s.text(), "SELECT 'é';\nSELECT 2");
        assert_eq!(s.cursor_byte(), s.text().len());
        s.typed(key(Code::Up));
        assert!(s.cursor_byte() < 12);
    }

    #[test]
    fn tab_takes_the_offer_and_escape_leaves_it() {
        let mut s = State { catalog: catalog(), place: Some(place()), typing: true, ..State::default() };
        for c in "SELECT 1; SELECT * FROM raw".chars() {
            s.typed(ch(c));
        }
        assert_eq!(s.completion.as_ref().map(|c| c.offers.len()), Some(2));
        s.typed(key(Code::Down));
        s.typed(key(Code::Tab));
        assert_eq!(s.text(), "SELECT 1; SELECT * FROM raw_stream");
        s.typed(ch(' '));
        s.typed(ctrl(' '));
        assert!(s.completion.is_some());
        s.leave();
        assert!(s.typing && s.completion.is_none());
        s.leave();
        assert!(!s.typing);
        s.typed(key(Code::Tab));
        assert!(s.text().ends_with("   "));
    }
}
