//! One cell in full: JSON laid out and folded, anything else as text.

use crate::app::{Action, Cursor, reading};
use std::collections::BTreeSet;
use unicode_width::UnicodeWidthChar;

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
    /// It goes on with a text that did not fit into the line above.
    pub more: bool,
}

impl JsonLine {
    /// A line that closes nothing.
    #[must_use]
    pub const fn new(depth: usize, text: String) -> Self {
        Self { depth, text, closes: None, more: false }
    }

    /// Columns that its indentation and its mark take.
    #[must_use]
    pub fn indent(&self) -> usize {
        2 * self.depth.min(20) + 2
    }
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
    /// All lines, broken where they are too long.
    pub lines: Vec<JsonLine>,
    /// Lines whose inside is hidden.
    pub folded: BTreeSet<usize>,
    /// Selected among the lines that are shown.
    pub cursor: Cursor,
}

impl Inspect {
    /// Of a cell, for lines of so many columns.
    #[must_use]
    pub fn new(title: String, text: String, columns: usize) -> Self {
        let (json, lines, folded) = (false, Vec::new(), BTreeSet::new());
        let mut inspect = Self { title, text, json, lines, folded, cursor: Cursor::default() };
        inspect.fit(columns);
        inspect
    }

    /// Lays it out anew, for lines of so many columns.
    pub fn fit(&mut self, columns: usize) {
        let laid = if self.text.len() <= LARGEST { lay_out(&self.text) } else { None };
        self.json = laid.is_some();
        self.lines = match laid {
            Some(laid) => broken(laid, columns),
            None => {
                let lines = self.text.split('\n').map(|l| l.strip_suffix('\r').unwrap_or(l));
                lines.flat_map(|l| reading::fold(l, columns)).map(|l| JsonLine::new(0, l)).collect()
            }
        };
        (self.folded, self.cursor) = (BTreeSet::new(), Cursor::default());
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

/// The lines of a document, those that are too long broken into several.
fn broken(laid: Vec<JsonLine>, columns: usize) -> Vec<JsonLine> {
    let mut out = Vec::with_capacity(laid.len());
    let mut places = Vec::with_capacity(laid.len());
    for line in laid {
        places.push(out.len());
        let room = columns.saturating_sub(line.indent()).max(8);
        let (mut part, mut used) = (String::new(), 0);
        let JsonLine { depth, text, closes, .. } = line;
        let mut first = true;
        let mut push = |part: String| {
            out.push(JsonLine { depth, text: part, closes: closes.filter(|_| first), more: !first });
            first = false;
        };
        for c in text.chars() {
            let wide = c.width().unwrap_or(0);
            if used + wide > room {
                push(std::mem::take(&mut part));
                used = 0;
            }
            used += wide;
            part.push(c);
        }
        push(part);
    }
    for line in &mut out {
        line.closes = line.closes.and_then(|at| places.get(at).copied());
    }
    out
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
        self.lines.push(JsonLine::new(depth, std::mem::take(&mut self.line)));
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
        let mut i =
            Inspect::new("V".into(), r#"{"a":[1.50,{"b":"x,\"}"}],"c":{},"d":12345678901234567890}"#.into(), 80);
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
    fn long_lines_are_broken_and_nothing_is_lost() {
        let value = "x".repeat(50);
        let document = format!(r#"{{"a":{{"b":"{value}"}},"c":1}}"#);
        let mut i = Inspect::new("V".into(), document.clone(), 24);
        let all: String = i.lines.iter().map(|l| l.text.as_str()).collect();
        assert_eq!(all.replace(": ", ":"), document);
        assert!(i.lines.iter().all(|l| l.text.len() + l.indent() <= 24), "{:?}", i.lines);
        i.act(Action::Down, 5);
        i.act(Action::Toggle, 5);
        assert_eq!(text(&i), ["{", " \"a\": {", " \"c\": 1", "}"]);
        i.fit(80);
        assert_eq!(text(&i).len(), 6);
        let words = "a procedure's body, ".repeat(9);
        let i = Inspect::new("P".into(), format!("BEGIN\r\n  {words}\nEND"), 40);
        assert!(i.lines.len() > 5 && i.lines.iter().all(|l| l.text.trim_end().len() <= 40), "{:?}", i.lines);
    }

    #[test]
    fn what_is_no_document_is_shown_as_it_came() {
        for plain in ["", "12", "{broken", "two\nlines"] {
            let i = Inspect::new(String::new(), plain.into(), 80);
            assert!(!i.json);
            assert_eq!(i.lines.iter().map(|l| l.text.as_str()).collect::<Vec<_>>().join("\n"), plain);
        }
    }
}
