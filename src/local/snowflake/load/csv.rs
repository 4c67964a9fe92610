//! Delimited files.

use super::batch::{Batch, RowError};
use super::format::Csv;
use super::names::Names;
use super::scan::Records;
use super::window::{LONGEST, Window};
use std::borrow::Cow;

const LOOK: usize = 64 << 10;

/// Reads records.
pub struct CsvReader {
    window: Window,
    csv: Csv,
    exact: Option<usize>,
    names: Option<Names>,
    order: Option<Vec<Option<usize>>>,
    row: u64,
    look: usize,
    begun: bool,
    /// Where the last record's fields start, in bytes from its start.
    starts: Vec<usize>,
}

/// What stands at a place outside of a field's text.
enum At {
    Field(usize),
    Record(usize),
    Text,
    /// Too little is here to tell.
    Short,
}

/// How an attempt at a record ended.
enum Attempt {
    Done(usize),
    More,
    Bad { at: usize, code: &'static str, message: String },
}

impl CsvReader {
    /// Over a file's bytes. `exact`: how many fields every record must have.
    #[must_use]
    pub fn new(window: Window, csv: Csv, exact: Option<usize>, names: Option<Names>) -> Self {
        Self { window, csv, exact, names, order: None, row: 0, look: LOOK, begun: false, starts: Vec::new() }
    }

    fn begin(&mut self) -> Result<(), RowError> {
        self.begun = true;
        for _ in 0..self.csv.skip_header {
            self.window.skip_line()?;
        }
        if self.csv.parse_header {
            let mut header = Batch::default();
            header.begin(0, 1);
            if let Some(used) = self.record(&mut header)? {
                self.window.consume(used);
                let fields: Vec<String> = (0..header.fields())
                    .map(|i| String::from_utf8_lossy(header.get(0, i).unwrap_or_default()).into_owned())
                    .collect();
                if let Some(names) = &self.names {
                    let mut order = vec![None; names.columns.len()];
                    for (i, field) in fields.iter().enumerate() {
                        if let Some(place) = names.position(field) {
                            order[place] = Some(i);
                        }
                    }
                    self.order = Some(order);
                }
            }
        }
        Ok(())
    }

    /// Reads a record into the batch's open row; gives its length in bytes, `None` at the end of the file.
    fn record(&mut self, out: &mut Batch) -> Result<Option<usize>, RowError> {
        let mut want = self.look;
        loop {
            let have = self.window.ensure(want)?;
            if have == 0 {
                return Ok(None);
            }
            let whole = self.window.is_last();
            let (row, line) = out.place(out.len().saturating_sub(1));
            let attempt = {
                let mut cut = Cut { csv: &self.csv, bytes: self.window.bytes(), whole, starts: &mut self.starts };
                cut.record(out)
            };
            match attempt {
                Attempt::Done(used) => {
                    self.look = LOOK.max(used.saturating_mul(2));
                    return Ok(Some(used));
                }
                Attempt::More if want >= LONGEST => {
                    let mut e = RowError::fatal(
                        "100082",
                        "22000",
                        format!("Max LOB size ({LONGEST}) exceeded, actual size of parsed column is more than {have}"),
                    );
                    (e.row, e.line, e.character) = (row, line, 1);
                    return Err(e);
                }
                Attempt::More => {
                    out.undo();
                    out.begin(row, line);
                    want = want.saturating_mul(2).max(have + 1);
                }
                Attempt::Bad { at, code, message } => return Err(self.bad(at, code, message)),
            }
        }
    }

    /// The failure's place; reading goes on at the next line.
    fn bad(&mut self, at: usize, code: &'static str, message: String) -> RowError {
        let bytes = self.window.bytes();
        let before = &bytes[..at.min(bytes.len())];
        let start = memchr::memrchr(b'\n', before).map_or(0, |i| i + 1);
        let line = self.window.line + memchr::memchr_iter(b'\n', before).count() as u64;
        let e = RowError {
            code,
            state: "22000",
            message,
            row: self.row,
            line,
            character: (before.len() - start + 1) as u64,
            field: Some(self.starts.len().max(1)),
            fatal: false,
        };
        match self.window.skip_line() {
            Ok(()) => e,
            Err(io) => io,
        }
    }

    fn mismatch(&self, found: usize, wanted: usize, line: u64) -> RowError {
        let at = self.starts.get(wanted.min(found.saturating_sub(1))).copied().unwrap_or(0);
        RowError {
            code: "100080",
            state: "22000",
            message: format!(
                "Number of columns in file ({found}) does not match that of the corresponding table ({wanted}), use file format option error_on_column_count_mismatch=false to ignore this error"
            ),
            row: self.row,
            line,
            character: at as u64 + 1,
            field: Some(found.min(wanted).max(1)),
            fatal: false,
        }
    }
}

impl Records for CsvReader {
    fn next(&mut self, out: &mut Batch) -> Result<bool, RowError> {
        if !self.begun {
            self.begin()?;
        }
        if self.csv.skip_blank_lines {
            loop {
                self.window.ensure(2)?;
                match self.window.bytes() {
                    [b'\n', ..] => self.window.consume(1),
                    [b'\r', b'\n', ..] => self.window.consume(2),
                    _ => break,
                }
            }
        }
        if self.window.ensure(1)? == 0 {
            return Ok(false);
        }
        self.row += 1;
        let line = self.window.line;
        out.begin(self.row, line);
        let read = self.record(out);
        let used = match read {
            Ok(Some(used)) => used,
            Ok(None) => {
                out.undo();
                return Ok(false);
            }
            Err(e) => {
                out.undo();
                return Err(e);
            }
        };
        self.window.consume(used);
        let found = out.fields();
        if let Some(wanted) = self.exact.filter(|w| *w != found) {
            out.undo();
            return Err(self.mismatch(found, wanted, line));
        }
        if let Some(order) = &self.order {
            out.arrange(order);
        }
        Ok(true)
    }

    fn row(&self) -> u64 {
        self.row
    }

    fn character(&self, field: usize) -> u64 {
        let field = match &self.order {
            Some(order) => order.get(field).copied().flatten(),
            None => Some(field),
        };
        field.and_then(|f| self.starts.get(f)).map_or(1, |at| *at as u64 + 1)
    }
}

/// Cuts one record out of the bytes that are here.
struct Cut<'a> {
    csv: &'a Csv,
    bytes: &'a [u8],
    /// Nothing comes behind them.
    whole: bool,
    starts: &'a mut Vec<usize>,
}

impl Cut<'_> {
    fn record(&mut self, out: &mut Batch) -> Attempt {
        self.starts.clear();
        if let Some(used) = self.plain(out) {
            return used;
        }
        let mut at = 0;
        loop {
            self.starts.push(at);
            let from = self.blanks(at);
            let quoted = self.csv.quote.is_some_and(|q| self.bytes.get(from) == Some(&q));
            let step = if quoted { self.enclosed(from, out) } else { self.unenclosed(at, out) };
            let end = match step {
                Ok(end) => end,
                Err(other) => return other,
            };
            if end == self.bytes.len() {
                return if self.whole { Attempt::Done(end) } else { Attempt::More };
            }
            match self.at(end) {
                At::Field(n) => at = end + n,
                At::Record(n) => return Attempt::Done(end + n),
                At::Short => return Attempt::More,
                At::Text => {
                    let c = String::from_utf8_lossy(&self.bytes[end..self.bytes.len().min(end + 4)]);
                    let c = c.chars().next().unwrap_or(' ');
                    let delimiter = String::from_utf8_lossy(&self.csv.field).into_owned();
                    return Attempt::Bad {
                        at: end,
                        code: "100016",
                        message: format!("Found character '{c}' instead of field delimiter '{delimiter}'"),
                    };
                }
            }
        }
    }

    /// The common case: newlines between records, one byte between fields, neither quotes nor escapes in the line.
    fn plain(&mut self, out: &mut Batch) -> Option<Attempt> {
        let [field] = self.csv.field.as_slice() else { return None };
        if !self.csv.newline {
            return None;
        }
        let (end, used) = match memchr::memchr(b'\n', self.bytes) {
            Some(i) => (i, i + 1),
            None if self.whole => (self.bytes.len(), self.bytes.len()),
            None => return Some(Attempt::More),
        };
        let line = &self.bytes[..end];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let special = match (self.csv.quote, self.csv.escape_unenclosed) {
            (Some(q), Some(e)) => memchr::memchr2(q, e, line),
            (Some(b), None) | (None, Some(b)) => memchr::memchr(b, line),
            (None, None) => None,
        };
        if special.is_some() {
            return None;
        }
        if let Err(e) = std::str::from_utf8(line) {
            return Some(self.not_utf8(line, 0, &e));
        }
        let mut from = 0;
        for i in memchr::memchr_iter(*field, line).chain([line.len()]) {
            self.starts.push(from);
            self.put(&line[from..i], out);
            from = i + 1;
        }
        Some(Attempt::Done(used))
    }

    fn not_utf8(&self, part: &[u8], offset: usize, e: &std::str::Utf8Error) -> Attempt {
        let at = e.valid_up_to();
        let shown = hex::encode(&part[at..part.len().min(at + e.error_len().unwrap_or(1))]);
        Attempt::Bad {
            at: offset + at,
            code: "100144",
            message: format!("Invalid UTF8 detected in string '0x{shown}'"),
        }
    }

    /// With TRIM_SPACE, behind the blanks that stand here.
    fn blanks(&self, at: usize) -> usize {
        if !self.csv.trim_space {
            return at;
        }
        at + self.bytes[at..].iter().take_while(|b| matches!(b, b' ' | b'\t') && !self.csv.field.contains(b)).count()
    }

    fn at(&self, at: usize) -> At {
        let rest = &self.bytes[at..];
        let matches = |d: &[u8]| !d.is_empty() && rest.starts_with(d);
        let may = |d: &[u8]| !d.is_empty() && rest.len() < d.len() && d.starts_with(rest) && !self.whole;
        if self.csv.newline {
            match rest {
                [b'\n', ..] => return At::Record(1),
                [b'\r', b'\n', ..] => return At::Record(2),
                [b'\r'] if !self.whole => return At::Short,
                _ => {}
            }
        } else if matches(&self.csv.record) {
            return At::Record(self.csv.record.len());
        }
        if matches(&self.csv.field) {
            At::Field(self.csv.field.len())
        } else if may(&self.csv.field) || (!self.csv.newline && may(&self.csv.record)) {
            At::Short
        } else {
            At::Text
        }
    }

    /// A field in quotes; gives the place behind it.
    fn enclosed(&self, from: usize, out: &mut Batch) -> Result<usize, Attempt> {
        let quote = self.bytes[from];
        let (mut at, mut start) = (from + 1, from + 1);
        let mut text: Vec<u8> = Vec::new();
        let more = || {
            if self.whole {
                Attempt::Bad {
                    at: from,
                    code: "100068",
                    message: "End of file reached while looking for the closing quote".into(),
                }
            } else {
                Attempt::More
            }
        };
        loop {
            let Some(b) = self.bytes.get(at).copied() else { return Err(more()) };
            let next = self.bytes.get(at + 1).copied();
            if Some(b) == self.csv.escape && b != quote {
                let Some(c) = next else { return Err(more()) };
                text.extend_from_slice(&self.bytes[start..at]);
                text.push(c);
                (at, start) = (at + 2, at + 2);
            } else if b != quote {
                let rest = &self.bytes[at..];
                let to = match self.csv.escape {
                    Some(e) => memchr::memchr2(quote, e, rest),
                    None => memchr::memchr(quote, rest),
                };
                at += to.unwrap_or(rest.len());
            } else if next == Some(quote) {
                text.extend_from_slice(&self.bytes[start..=at]);
                (at, start) = (at + 2, at + 2);
            } else if next.is_none() && !self.whole {
                return Err(Attempt::More);
            } else {
                break;
            }
        }
        text.extend_from_slice(&self.bytes[start..at]);
        if let Err(e) = std::str::from_utf8(&text) {
            return Err(self.not_utf8(&text, from, &e));
        }
        if self.csv.null_if.iter().any(|n| n.as_bytes() == text) {
            out.push_null();
        } else {
            out.push(&text);
        }
        Ok(self.blanks(at + 1))
    }

    /// A field without quotes; gives the place behind it.
    fn unenclosed(&self, from: usize, out: &mut Batch) -> Result<usize, Attempt> {
        let mut at = from;
        let mut escaped = false;
        while at < self.bytes.len() {
            if Some(self.bytes[at]) == self.csv.escape_unenclosed {
                if at + 1 >= self.bytes.len() && !self.whole {
                    return Err(Attempt::More);
                }
                escaped = true;
                at = (at + 2).min(self.bytes.len());
                continue;
            }
            match self.at(at) {
                At::Text => at += 1,
                At::Short => return Err(Attempt::More),
                At::Field(_) | At::Record(_) => break,
            }
        }
        if at == self.bytes.len() && !self.whole {
            return Err(Attempt::More);
        }
        let raw = &self.bytes[from..at];
        if let Err(e) = std::str::from_utf8(raw) {
            return Err(self.not_utf8(raw, from, &e));
        }
        match self.csv.escape_unenclosed.filter(|_| escaped) {
            Some(escape) if !self.is_null(self.trimmed(raw)) => self.put(&unescape(raw, escape), out),
            _ => self.put(raw, out),
        }
        Ok(at)
    }

    fn trimmed<'b>(&self, raw: &'b [u8]) -> &'b [u8] {
        if self.csv.trim_space { raw.trim_ascii() } else { raw }
    }

    fn is_null(&self, text: &[u8]) -> bool {
        self.csv.null_if.iter().any(|n| n.as_bytes() == text)
    }

    fn put(&self, raw: &[u8], out: &mut Batch) {
        let text = self.trimmed(raw);
        if (text.is_empty() && self.csv.empty_as_null) || self.is_null(text) {
            out.push_null();
        } else {
            out.push(text);
        }
    }
}

/// The character behind an escape stands for itself.
fn unescape(raw: &[u8], escape: u8) -> Cow<'_, [u8]> {
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter();
    while let Some(b) = bytes.next() {
        if *b == escape {
            out.extend(bytes.next());
        } else {
            out.push(*b);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &'static str, csv: Csv, exact: Option<usize>) -> Vec<Result<Vec<String>, String>> {
        let mut reader = CsvReader::new(Window::new(Box::new(text.as_bytes())), csv, exact, None);
        let mut out = Vec::new();
        loop {
            let mut b = Batch::default();
            match reader.next(&mut b) {
                Ok(false) => return out,
                Ok(true) => out.push(Ok((0..b.fields())
                    .map(|i| b.get(0, i).map_or("NULL".into(), |c| String::from_utf8_lossy(c).into_owned()))
                    .collect())),
                Err(e) => out.push(Err(format!("{} {}:{} {}", e.code, e.line, e.character, e.message))),
            }
        }
    }

    fn rows(text: &'static str, csv: Csv) -> Vec<Vec<String>> {
        all(text, csv, None).into_iter().map(|r| r.unwrap()).collect()
    }

    #[test]
    fn defaults() {
        assert_eq!(
            rows("a,b,c\r\n1,,\\N\n\"x\",y\\,z,\n", Csv::default()),
            [vec!["a", "b", "c"], vec!["1", "NULL", "NULL"], vec!["\"x\"", "y,z", "NULL"]]
        );
        assert_eq!(rows("last", Csv::default()), [vec!["last"]]);
    }

    #[test]
    fn quotes_headers_and_blanks() {
        let csv =
            Csv { quote: Some(b'"'), skip_header: 1, trim_space: true, escape_unenclosed: None, ..Csv::default() };
        assert_eq!(
            rows("id,name\n1 , \"a \"\"b\"\",\nc\" \n2,\\x\n\"\",", csv),
            [vec!["1", "a \"b\",\nc"], vec!["2", "\\x"], vec!["", "NULL"]]
        );
    }

    #[test]
    fn other_delimiters() {
        let csv = Csv { field: b"||".to_vec(), record: b"@@".to_vec(), newline: false, ..Csv::default() };
        assert_eq!(rows("a||b@@c||\n@@", csv), [vec!["a", "b"], vec!["c", "\n"]]);
    }

    #[test]
    fn failures_say_where_and_the_next_line_is_read() {
        let csv = || Csv { quote: Some(b'"'), ..Csv::default() };
        let out = all("1,2\n\"a\"b,2\n3,4\n", csv(), Some(2));
        assert_eq!(out[1], Err("100016 2:4 Found character 'b' instead of field delimiter ','".into()));
        assert_eq!(out[2], Ok(vec!["3".into(), "4".into()]));
        let out = all("1,2\n1,2,3\n", csv(), Some(2));
        assert!(out[1].as_ref().unwrap_err().starts_with("100080 2:5 Number of columns in file (3)"));
        assert!(all("1,\"2\n3,4\n", csv(), None)[0].as_ref().unwrap_err().starts_with("100068 1:3"));
    }
}
