//! One cell in full: JSON laid out and folded, anything else as text.

use crate::app::{Action, Cursor};
use std::collections::BTreeSet;

/// The largest document that is laid out, in bytes; a larger one is shown as it came.
const LARGEST: usize = 4 << 20;

/// A line of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonLine {
    /// How deep.
    pub depth: usize,
    /// Its text, without indentation.
    pub text: String,
    /// The line that closes what this one opens.
    pub closes: Option<usize>,
}

/// The inspector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspect {
    /// What it shows.
    pub title: String,
    /// The cell as it came.
    pub text: String,
    /// It is a document.
    pub json: bool,
    /// All lines.
    pub lines: Vec<JsonLine>,
    /// Lines whose inside is hidden.
    pub folded: BTreeSet<usize>,
    /// Selected among the lines that are shown.
    pub cursor: Cursor,
}

impl Inspect {
    /// Of a cell.
    #[must_use]
    pub fn new(title: String, text: String) -> Self {
        let laid = if text.len() <= LARGEST { lay_out(&text) } else { None };
        let json = laid.is_some();
        let plain = || text.split('\n').map(|l| JsonLine { depth: 0, text: l.to_owned(), closes: None }).collect();
        let lines = laid.unwrap_or_else(plain);
        Self { title, text, json, lines, folded: BTreeSet::new(), cursor: Cursor::default() }
    }

    /// Indices of the lines that are shown.
    #[must_use]
    pub fn shown(&self) -> Vec<usize> {
        let mut shown = Vec::with_capacity(self.lines.len());
        let mut at = 0;
        while at < self.lines.len() {
            shown.push(at);
            at = match self.lines[at].closes {
                Some(end) if self.folded.contains(&at) => end + 1,
                _ => at + 1,
            };
        }
        shown
    }

    /// What an action does. Whether it is done with.
    pub fn act(&mut self, action: Action, half: usize) -> bool {
        let shown = self.shown();
        if super::super::moved(&mut self.cursor, action, shown.len(), half) {
            return true;
        }
        let here = shown.get(self.cursor.at()).copied().unwrap_or(0);
        match action {
            Action::Toggle => self.fold(here, !self.folded.contains(&here)),
            Action::Right => self.fold(here, false),
            Action::Left
                if self.lines.get(here).is_some_and(|l| l.closes.is_some()) && !self.folded.contains(&here) =>
            {
                self.fold(here, true);
            }
            Action::Left => self.leave(here, &shown),
            Action::SelectAll => {
                let openers = self.lines.iter().enumerate().skip(1).filter(|(_, l)| l.closes.is_some());
                let all: BTreeSet<usize> = openers.map(|(i, _)| i).collect();
                self.folded = if self.folded.is_empty() { all } else { BTreeSet::new() };
                self.cursor.set(0, 1);
            }
            _ => return false,
        }
        true
    }

    fn fold(&mut self, line: usize, on: bool) {
        if self.lines.get(line).is_some_and(|l| l.closes.is_some()) {
            if on {
                self.folded.insert(line)
            } else {
                self.folded.remove(&line)
            };
        }
    }

    /// To the line that opened what holds this one.
    fn leave(&mut self, line: usize, shown: &[usize]) {
        let Some(depth) = self.lines.get(line).map(|l| l.depth) else { return };
        let above = shown.iter().take_while(|i| **i < line).enumerate();
        if let Some((at, _)) = above.filter(|(_, i)| self.lines[**i].depth < depth).last() {
            self.cursor.set(at, shown.len());
        }
    }
}

/// A document's lines; `None` where it is none. Works on the text, so that no digit of a number changes.
#[must_use]
pub fn lay_out(text: &str) -> Option<Vec<JsonLine>> {
    let text = text.trim();
    if !text.starts_with(['{', '[']) || serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
        return None;
    }
    let mut out = Layout { lines: Vec::new(), open: Vec::new(), line: String::new() };
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '"' => string_length(rest),
            c => c.len_utf8(),
        };
        let (part, after) = rest.split_at(length);
        match c {
            '{' | '[' => {
                let close = after.trim_start();
                if close.starts_with(['}', ']']) {
                    out.line.push_str(part);
                    out.line.push_str(&close[..1]);
                    rest = &close[1..];
                    continue;
                }
                out.line.push_str(part);
                out.open.push(out.lines.len());
                out.end();
            }
            '}' | ']' => {
                out.end();
                out.line.push_str(part);
                if let Some(opener) = out.open.pop() {
                    let at = out.lines.len();
                    if let Some(line) = out.lines.get_mut(opener) {
                        line.closes = Some(at);
                    }
                }
            }
            ',' => {
                out.line.push(',');
                out.end();
            }
            ':' => out.line.push_str(": "),
            c if c.is_whitespace() => {}
            _ => out.line.push_str(part),
        }
        rest = after;
    }
    out.end();
    Some(out.lines)
}

struct Layout {
    lines: Vec<JsonLine>,
    /// Lines that opened what is not closed yet.
    open: Vec<usize>,
    line: String,
}

impl Layout {
    /// Ends the line that is gathered.
    fn end(&mut self) {
        if self.line.is_empty() {
            return;
        }
        let opens = self.open.last() == Some(&self.lines.len());
        let depth = self.open.len() - usize::from(opens);
        self.lines.push(JsonLine { depth, text: std::mem::take(&mut self.line), closes: None });
    }
}

/// Bytes of the string that a text begins with, quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return at + 1,
            _ => escaped = false,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(inspect: &Inspect) -> Vec<String> {
        inspect
            .shown()
            .into_iter()
            .map(|i| format!("{}{}", " ".repeat(inspect.lines[i].depth), inspect.lines[i].text))
            .collect()
    }

    #[test]
    fn documents_are_laid_out_and_folded() {
        let mut i = Inspect::new("V".into(), r#"{"a":[1.50,{"b":"x,\"}"}],"c":{},"d":12345678901234567890}"#.into());
        let all = [
            "{",
            " \"a\": [",
            "  1.50,",
            "  {",
            "   \"b\": \"x,\\\"}\"",
            "  }",
            " ],",
            " \"c\": {},",
            " \"d\": 12345678901234567890",
            "}",
        ];
        assert_eq!(text(&i), all);
        i.act(Action::Down, 5);
        i.act(Action::Toggle, 5);
        assert_eq!(text(&i), ["{", " \"a\": [", " \"c\": {},", " \"d\": 12345678901234567890", "}"]);
        i.act(Action::Toggle, 5);
        assert_eq!(text(&i), all);
        i.act(Action::SelectAll, 5);
        assert_eq!(text(&i).len(), 5);
    }

    #[test]
    fn what_is_no_document_is_shown_as_it_came() {
        for plain in ["", "12", "{broken", "two\nlines"] {
            let i = Inspect::new(String::new(), plain.into());
            assert!(!i.json);
            assert_eq!(i.lines.iter().map(|l| l.text.as_str()).collect::<Vec<_>>().join("\n"), plain);
        }
    }
}
