//! JSON files: documents one after another, on lines or not, or the elements of one array.

use super::super::udf::json::value::{Json, Parser, Reading};
use super::batch::{Batch, RowError};
use super::canonical::{Rewriter, is_canonical};
use super::names::Names;
use super::scan::Records;
use super::window::{LONGEST, Window};

/// The first look ahead; afterwards the last document's length says how far.
const LOOK: usize = 64 << 10;
/// A failure this close to the end of what is here may be the cut and not the text.
const EDGE: usize = 64;

/// How JSON is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonOptions {
    /// STRIP_OUTER_ARRAY: each element of the outermost array is a record.
    pub strip_outer_array: bool,
    /// STRIP_NULL_VALUES.
    pub strip_nulls: bool,
    /// ALLOW_DUPLICATE.
    pub allow_duplicates: bool,
    /// MULTI_LINE: a document may span lines.
    pub multi_line: bool,
    /// What happens to texts that go into columns of their own.
    pub texts: Texts,
}

/// How the texts of documents are read with MATCH_BY_COLUMN_NAME; documents that stay whole are left as they are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Texts {
    /// TRIM_SPACE.
    pub trim: bool,
    /// NULL_IF.
    pub null_if: Vec<String>,
}

impl Default for JsonOptions {
    fn default() -> Self {
        Self {
            strip_outer_array: false,
            strip_nulls: false,
            allow_duplicates: false,
            multi_line: true,
            texts: Texts::default(),
        }
    }
}

/// Reads documents.
pub struct JsonReader {
    window: Window,
    options: JsonOptions,
    names: Option<Names>,
    row: u64,
    look: usize,
    in_array: bool,
    rewriter: Rewriter,
}

/// What an attempt at a document came to.
enum Attempt {
    Done(usize),
    More,
    Bad { at: usize, message: String },
}

impl JsonReader {
    /// Over a file's bytes.
    #[must_use]
    pub fn new(window: Window, options: JsonOptions, names: Option<Names>) -> Self {
        Self { window, options, names, row: 0, look: LOOK, in_array: false, rewriter: Rewriter::default() }
    }

    /// Goes to the next document; `false` at the end.
    fn separators(&mut self) -> Result<bool, RowError> {
        loop {
            if self.window.ensure(1)? == 0 {
                return if self.in_array { Err(self.unclosed()) } else { Ok(false) };
            }
            let strip = self.options.strip_outer_array;
            let mut in_array = self.in_array;
            let bytes = self.window.bytes();
            let end = bytes.iter().position(|b| match b {
                b if b.is_ascii_whitespace() => false,
                b',' => self.row == 0 && !in_array,
                b'[' if strip && !in_array => {
                    in_array = true;
                    false
                }
                b']' if in_array => {
                    in_array = false;
                    false
                }
                _ => true,
            });
            let used = end.unwrap_or(bytes.len());
            self.in_array = in_array;
            self.window.consume(used);
            if end.is_some() {
                return Ok(true);
            }
        }
    }

    fn unclosed(&mut self) -> RowError {
        self.in_array = false;
        self.row += 1;
        self.error(self.window.line, 1, "Error parsing JSON: incomplete array value")
    }

    fn error(&self, line: u64, character: u64, message: impl Into<String>) -> RowError {
        RowError {
            code: "100069",
            state: "22P02",
            message: message.into(),
            row: self.row,
            line,
            character,
            field: Some(1),
            fatal: false,
        }
    }

    /// A line that is one plain document is copied, its keys put in order.
    fn line(&mut self, out: &mut Batch) -> Result<bool, RowError> {
        if self.options.strip_outer_array || self.names.is_some() {
            return Ok(false);
        }
        let have = self.window.ensure(self.look)?;
        let bytes = &self.window.bytes()[..have.min(self.look)];
        let (end, used) = match memchr::memchr(b'\n', bytes) {
            Some(i) => (i, i + 1),
            None if self.window.is_last() && have <= self.look => (have, have),
            None => return Ok(false),
        };
        let line = bytes[..end].strip_suffix(b"\r").unwrap_or(&bytes[..end]);
        if std::str::from_utf8(line).is_err() {
            return Ok(false);
        }
        let nulls = !self.options.strip_nulls;
        out.begin(self.row, self.window.line);
        if is_canonical(line, nulls) {
            out.push(line);
        } else if !out.push_with(|out| self.rewriter.rewrite(line, nulls, out)) {
            out.undo();
            return Ok(false);
        }
        self.look = LOOK.max(used * 2);
        self.window.consume(used);
        Ok(true)
    }

    fn document(&mut self, out: &mut Batch) -> Result<(), RowError> {
        let mut want = if self.options.strip_outer_array { (self.look / 32).max(512) } else { self.look };
        let mut lines = false;
        loop {
            let have = self.window.ensure(want)?;
            let mut end = have.min(want);
            let mut whole = self.window.is_last() && end == have;
            if !lines && let Some(i) = memchr::memchr(b'\n', &self.window.bytes()[..end]) {
                (end, whole) = (i, !self.options.multi_line);
            }
            match self.attempt(end, whole, out) {
                Attempt::Done(used) => {
                    self.look = LOOK.max(used.saturating_mul(2));
                    self.window.consume(used);
                    return Ok(());
                }
                Attempt::More if want >= LONGEST => {
                    let mut e = self.error(self.window.line, 1, "");
                    (e.code, e.state, e.fatal) = ("100082", "22000", true);
                    e.message =
                        format!("Max LOB size ({LONGEST}) exceeded, actual size of parsed column is more than {have}");
                    return Err(e);
                }
                // What is here goes on behind the line, or behind what has been read.
                Attempt::More if !lines && end < have.min(want) => lines = true,
                Attempt::More => want = want.saturating_mul(2).max(end * 2),
                Attempt::Bad { at, message } => return Err(self.bad(at, message)),
            }
        }
    }

    fn attempt(&self, end: usize, whole: bool, out: &mut Batch) -> Attempt {
        let bytes = &self.window.bytes()[..end];
        let (text, cut) = match std::str::from_utf8(bytes) {
            Ok(text) => (text, !whole),
            Err(e) if e.error_len().is_none() && !whole => {
                (std::str::from_utf8(&bytes[..e.valid_up_to()]).unwrap_or(""), true)
            }
            Err(e) => {
                let at = e.valid_up_to();
                let shown = hex::encode(&bytes[at..bytes.len().min(at + e.error_len().unwrap_or(1))]);
                return Attempt::Bad { at, message: format!("Invalid UTF8 detected in string '0x{shown}'") };
            }
        };
        let reading =
            Reading { allow_duplicates: self.options.allow_duplicates, strip_nulls: self.options.strip_nulls };
        let mut parser = Parser::new(text, 0, reading);
        match parser.value(0) {
            Ok(value) => {
                let used = parser.offset();
                let closed = matches!(value, Json::Object(_) | Json::Array(_) | Json::Text(_));
                if cut && !closed && used == text.len() && self.window.bytes().get(end) != Some(&b'\n') {
                    return Attempt::More;
                }
                out.begin(self.row, self.window.line);
                self.emit(&value, out);
                Attempt::Done(used)
            }
            Err(e) => {
                let open = e.message.starts_with("incomplete") || e.message.starts_with("unterminated");
                if cut && (open || e.at + EDGE >= text.len()) {
                    return Attempt::More;
                }
                Attempt::Bad { at: e.at, message: format!("Error parsing JSON: {e}") }
            }
        }
    }

    fn emit(&self, value: &Json<'_>, out: &mut Batch) {
        let text = |value: &Json<'_>, out: &mut Batch| out.push(value.text().as_bytes());
        let Some(names) = &self.names else { return text(value, out) };
        let mut fields: Vec<Option<&Json<'_>>> = vec![None; names.columns.len()];
        if let Json::Object(members) = value {
            for (key, value) in members {
                if let Some(i) = names.position(key) {
                    fields[i] = Some(value);
                }
            }
        }
        for field in fields {
            match field {
                Some(Json::Null) | None => out.push_null(),
                Some(Json::Text(given)) => {
                    let read = if self.options.texts.trim { given.trim() } else { given };
                    if self.options.texts.null_if.iter().any(|n| n == read) {
                        out.push_null();
                    } else {
                        text(&Json::Text(read.into()), out);
                    }
                }
                Some(value) => text(value, out),
            }
        }
    }

    /// The failure's place; reading goes on at the line where it was found, or behind the document's first line.
    fn bad(&mut self, at: usize, message: String) -> RowError {
        let bytes = self.window.bytes();
        let at = at.min(bytes.len());
        let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |i| i + 1);
        // A line that breaks off is found out at the next one: that one is good.
        let blank = bytes[start..at].iter().all(u8::is_ascii_whitespace);
        let (mut line, mut character) = (self.window.line, at - start + 1);
        if start > 0 {
            line += memchr::memchr_iter(b'\n', &bytes[..at]).count() as u64;
            if blank {
                let before = memchr::memrchr(b'\n', &bytes[..start - 1]).map_or(0, |i| i + 1);
                (line, character) = (line - 1, start - before);
            }
        }
        let mut e = self.error(line, character as u64, message);
        if e.message.starts_with("Invalid UTF8") {
            (e.code, e.state) = ("100144", "22000");
        }
        self.window.consume(start);
        if start > 0 {
            return e;
        }
        match self.window.skip_line() {
            Ok(()) => e,
            Err(io) => io,
        }
    }
}

impl Records for JsonReader {
    fn next(&mut self, out: &mut Batch) -> Result<bool, RowError> {
        if !self.separators()? {
            return Ok(false);
        }
        self.row += 1;
        if !self.line(out)? {
            self.document(out)?;
        }
        Ok(true)
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn character(&self, _field: usize) -> u64 {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &'static str, change: impl FnOnce(&mut JsonOptions)) -> Vec<Result<String, String>> {
        let mut options = JsonOptions::default();
        change(&mut options);
        let mut reader = JsonReader::new(Window::new(Box::new(text.as_bytes())), options, None);
        let mut all = Vec::new();
        loop {
            let mut b = Batch::default();
            match reader.next(&mut b) {
                Ok(false) => return all,
                Ok(true) => {
                    let (row, line) = b.place(0);
                    all.push(Ok(format!("{row}@{line} {}", String::from_utf8_lossy(b.get(0, 0).unwrap()))));
                }
                Err(e) => all.push(Err(format!("{}@{}:{} {}", e.row, e.line, e.character, e.message))),
            }
        }
    }

    fn good(text: &'static str, change: impl FnOnce(&mut JsonOptions)) -> Vec<String> {
        read(text, change).into_iter().map(|r| r.unwrap()).collect()
    }

    #[test]
    fn documents_in_any_arrangement() {
        let expected = vec!["1@1 {\"a\":1}", "2@2 {\"a\":2,\"b\":null}"];
        assert_eq!(good("{\"a\":1}\n{\"b\":null, \"a\":2}\n", |_| ()), expected);
        assert_eq!(good("{\"a\":1}\r\n\r\n{\"a\":2}\r\n", |_| ()), ["1@1 {\"a\":1}", "2@3 {\"a\":2}"]);
        assert_eq!(good("{\"a\":1}{\"a\":2} 3", |_| ()), ["1@1 {\"a\":1}", "2@1 {\"a\":2}", "3@1 3"]);
        assert_eq!(good("{\n \"a\":\n 1}\n,{\"a\":2}", |_| ()), ["1@1 {\"a\":1}", "2@4 {\"a\":2}"]);
        assert_eq!(good("", |_| ()), Vec::<String>::new());
    }

    #[test]
    fn arrays_are_stripped() {
        let strip = |o: &mut JsonOptions| o.strip_outer_array = true;
        assert_eq!(good("[{\"a\":1},\n[2],3]", strip), ["1@1 {\"a\":1}", "2@2 [2]", "3@2 3"]);
        assert_eq!(good("[{\"a\":1}, 2]", |_| ()), ["1@1 [{\"a\":1},2]"]);
        assert_eq!(good("{\"a\":null,\"b\":[null]}", |o| o.strip_nulls = true), ["1@1 {\"b\":[null]}"]);
        assert!(read("[{\"a\":1},", strip)[1].as_ref().unwrap_err().contains("incomplete array"));
    }

    #[test]
    fn a_bad_line_says_where_and_the_next_is_read() {
        let all = read("{\"a\":1}\n{\"a\":\n{\"a\":3}\nnope\n{\"a\":5}\n", |_| ());
        assert_eq!(all[0], Ok("1@1 {\"a\":1}".into()));
        assert!(all.iter().any(|r| r.as_ref().is_err_and(|e| e.contains("@4:"))), "{all:?}");
        assert!(all.last().unwrap().as_ref().is_ok_and(|r| r.ends_with("@5 {\"a\":5}")), "{all:?}");
        let cut = read("{\"a\":1\n{\"a\":2}\n", |_| ());
        assert_eq!(cut[0].as_ref().unwrap_err().split(' ').next(), Some("1@1:7"), "{cut:?}");
        assert_eq!(cut[1], Ok("2@2 {\"a\":2}".into()));
    }
}
