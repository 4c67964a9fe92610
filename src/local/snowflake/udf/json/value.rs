//! JSON as VARIANTs hold it: read leniently, written canonically (compact, keys sorted, numbers without needless zeros).

use std::borrow::Cow;
use std::fmt::Write;

/// A JSON value; strings borrow from the text where they hold no escapes.
#[derive(Debug, Clone, PartialEq)]
pub enum Json<'a> {
    /// null.
    Null,
    /// true or false.
    Bool(bool),
    /// A number in canonical text.
    Number(Cow<'a, str>),
    /// A string, escapes resolved.
    Text(Cow<'a, str>),
    /// An array.
    Array(Vec<Json<'a>>),
    /// An object, keys sorted.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

/// What is wrong and at which byte of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonError {
    /// Words as Snowflake's.
    pub message: String,
    /// Byte offset, from 0.
    pub at: usize,
}

impl std::fmt::Display for JsonError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, pos {}", self.message, self.at)
    }
}

/// How a document is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reading {
    /// Of duplicate keys the last one counts, instead of an error.
    pub allow_duplicates: bool,
    /// Members that are null are left out, array elements that are null stay.
    pub strip_nulls: bool,
}

/// Nesting deeper than this is refused.
const DEEPEST: usize = 1000;

/// Reads documents one after another out of a text.
pub struct Parser<'a> {
    text: &'a str,
    at: usize,
    reading: Reading,
}

type Parsed<T> = Result<T, JsonError>;

impl<'a> Parser<'a> {
    /// Starts at byte `at`.
    #[must_use]
    pub fn new(text: &'a str, at: usize, reading: Reading) -> Self {
        Self { text, at, reading }
    }

    /// Byte offset of what comes next.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.at
    }

    /// The next document; `None` at the end. Documents may be separated by blanks or commas.
    ///
    /// # Errors
    /// What is no JSON.
    pub fn document(&mut self) -> Parsed<Option<Json<'a>>> {
        self.blanks();
        while self.at > 0 && self.peek() == Some(b',') {
            self.at += 1;
            self.blanks();
        }
        if self.at >= self.text.len() {
            return Ok(None);
        }
        self.value(0).map(Some)
    }

    /// Skips blanks.
    pub fn blanks(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// The next byte.
    #[must_use]
    pub fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Moves behind the next byte.
    pub fn skip(&mut self) {
        self.at += 1;
    }

    fn fail<T>(&self, message: impl Into<String>) -> Parsed<T> {
        Err(JsonError { message: message.into(), at: self.at })
    }

    /// The value that comes next.
    ///
    /// # Errors
    /// What is no JSON.
    pub fn value(&mut self, depth: usize) -> Parsed<Json<'a>> {
        if depth > DEEPEST {
            return self.fail("nesting too deep");
        }
        self.blanks();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"' | b'\'') => self.string().map(Json::Text),
            Some(b'-' | b'+' | b'.' | b'0'..=b'9') => self.number(),
            Some(_) => self.keyword(),
            None => self.fail("incomplete value"),
        }
    }

    fn object(&mut self, depth: usize) -> Parsed<Json<'a>> {
        self.at += 1;
        let mut members: Vec<(Cow<'a, str>, Json<'a>)> = Vec::new();
        let mut any = false;
        loop {
            self.blanks();
            match self.peek() {
                Some(b'}') => break self.at += 1,
                Some(b',') if any => {
                    self.at += 1;
                    continue;
                }
                None => return self.fail("incomplete object value"),
                _ => {}
            }
            let start = self.at;
            let key = self.key()?;
            self.blanks();
            if self.peek() != Some(b':') {
                return self.fail("missing colon");
            }
            self.at += 1;
            let value = self.value(depth + 1)?;
            any = true;
            self.blanks();
            if !matches!(self.peek(), Some(b',' | b'}')) {
                return self.fail(if self.peek().is_none() { "incomplete object value" } else { "missing comma" });
            }
            if self.reading.strip_nulls && value == Json::Null {
                continue;
            }
            self.insert(&mut members, key, value, start)?;
        }
        Ok(Json::Object(members))
    }

    /// Keeps the members sorted; most objects are small, and many arrive sorted.
    fn insert(
        &self,
        members: &mut Vec<(Cow<'a, str>, Json<'a>)>,
        key: Cow<'a, str>,
        value: Json<'a>,
        at: usize,
    ) -> Parsed<()> {
        if members.last().is_none_or(|(last, _)| *last < key) {
            members.push((key, value));
            return Ok(());
        }
        match members.binary_search_by(|(k, _)| k.as_ref().cmp(key.as_ref())) {
            Ok(i) if self.reading.allow_duplicates => members[i].1 = value,
            Ok(_) => {
                return Err(JsonError { message: format!("duplicate object attribute \"{key}\""), at });
            }
            Err(i) => members.insert(i, (key, value)),
        }
        Ok(())
    }

    fn key(&mut self) -> Parsed<Cow<'a, str>> {
        if matches!(self.peek(), Some(b'"' | b'\'')) {
            return self.string();
        }
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$'))).unwrap_or(rest.len());
        if end == 0 {
            return self.fail("bad object key");
        }
        self.at += end;
        Ok(Cow::Borrowed(&rest[..end]))
    }

    fn array(&mut self, depth: usize) -> Parsed<Json<'a>> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.blanks();
            match self.peek() {
                Some(b']') => break self.at += 1,
                Some(b',') => {
                    // An element that is not there.
                    items.push(Json::Null);
                    self.at += 1;
                    continue;
                }
                None => return self.fail("incomplete array value"),
                _ => items.push(self.value(depth + 1)?),
            }
            self.blanks();
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    self.blanks();
                    if self.peek() == Some(b']') {
                        items.push(Json::Null);
                    }
                }
                Some(b']') => {}
                None => return self.fail("incomplete array value"),
                _ => return self.fail("missing comma"),
            }
        }
        Ok(Json::Array(items))
    }

    fn string(&mut self) -> Parsed<Cow<'a, str>> {
        let quote = self.peek().unwrap_or(b'"');
        let start = self.at;
        self.at += 1;
        let from = self.at;
        let bytes = self.text.as_bytes();
        let end = from + memchr::memchr2(quote, b'\\', &bytes[from..]).unwrap_or(bytes.len() - from);
        if bytes.get(end) == Some(&quote) {
            self.at = end + 1;
            return Ok(Cow::Borrowed(&self.text[from..end]));
        }
        let mut out = self.text[from..end].to_owned();
        self.at = end;
        loop {
            let rest = &self.text[self.at..];
            let Some(c) = rest.chars().next() else {
                return Err(JsonError { message: "unterminated string".into(), at: start });
            };
            self.at += c.len_utf8();
            match c {
                '\\' => self.escape(&mut out)?,
                c if c == char::from(quote) => return Ok(Cow::Owned(out)),
                c => out.push(c),
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> Parsed<()> {
        let Some(c) = self.text[self.at..].chars().next() else { return self.fail("unterminated string") };
        self.at += c.len_utf8();
        out.push(match c {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'u' => {
                let high = self.hex4()?;
                let code = if (0xd800..0xdc00).contains(&high) && self.text[self.at..].starts_with("\\u") {
                    self.at += 2;
                    let low = self.hex4()?;
                    0x10000 + ((high - 0xd800) << 10) + (low.wrapping_sub(0xdc00) & 0x3ff)
                } else {
                    high
                };
                char::from_u32(code).unwrap_or('\u{fffd}')
            }
            other => other,
        });
        Ok(())
    }

    fn hex4(&mut self) -> Parsed<u32> {
        let code = self.text.get(self.at..self.at + 4).and_then(|h| u32::from_str_radix(h, 16).ok());
        match code {
            Some(code) => {
                self.at += 4;
                Ok(code)
            }
            None => self.fail("bad unicode escape"),
        }
    }

    fn number(&mut self) -> Parsed<Json<'a>> {
        let rest = &self.text[self.at..];
        let end = rest
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E')))
            .unwrap_or(rest.len());
        match canonical_number(&rest[..end]) {
            Some(n) => {
                self.at += end;
                Ok(Json::Number(n))
            }
            None => self.fail(format!("misformatted number: {}", &rest[..end])),
        }
    }

    fn keyword(&mut self) -> Parsed<Json<'a>> {
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let word = &rest[..end];
        let value = match word {
            "null" | "undefined" => Json::Null,
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            "" => {
                let c = rest.chars().next().unwrap_or(' ');
                return self.fail(format!("misplaced {c}"));
            }
            _ => {
                self.at += end;
                return self.fail(format!("unknown keyword \"{word}\""));
            }
        };
        self.at += end;
        Ok(value)
    }
}

/// A number's canonical text; `None` for what is no number.
#[must_use]
pub fn canonical_number(text: &str) -> Option<Cow<'_, str>> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if digits(unsigned) && unsigned.len() <= 38 && (unsigned == "0" || !unsigned.starts_with('0')) {
        return Some(if text == "-0" { Cow::Borrowed("0") } else { Cow::Borrowed(text) });
    }
    if let Some((whole, frac)) = unsigned.split_once('.')
        && digits(whole)
        && digits(frac)
        && (whole == "0" || !whole.starts_with('0'))
        && whole.len() + frac.len() <= 38
    {
        let cut = text.trim_end_matches('0').trim_end_matches('.');
        return Some(Cow::Borrowed(if matches!(cut, "-0" | "-") { "0" } else { cut }));
    }
    let v: f64 = text.strip_prefix('+').unwrap_or(text).parse().ok()?;
    v.is_finite().then(|| Cow::Owned(float_number(v)))
}

/// A FLOAT as a JSON number.
#[must_use]
pub fn float_number(v: f64) -> String {
    if v == 0.0 {
        "0".into()
    } else if (1e-5..1e15).contains(&v.abs()) {
        v.to_string()
    } else {
        format!("{v:e}")
    }
}

impl Json<'_> {
    /// Writes it compactly.
    pub fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
            Self::Number(n) => out.push_str(n),
            Self::Text(t) => write_text(t, out),
            Self::Array(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (i, (key, value)) in members.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    write_text(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// Its canonical text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }
}

/// The elements of a stored (canonical) array as slices of its text, without building a tree.
#[must_use]
pub fn elements(array: &str) -> Vec<&str> {
    let Some(inside) = array.strip_prefix('[').and_then(|a| a.strip_suffix(']')).filter(|a| !a.is_empty()) else {
        return Vec::new();
    };
    let bytes = inside.as_bytes();
    let (mut out, mut from, mut depth, mut at) = (Vec::new(), 0, 0_u32, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at = string_end(bytes, at),
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                out.push(&inside[from..at]);
                from = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    out.push(&inside[from..]);
    out
}

/// The place of the quote that closes the one at `at`.
fn string_end(bytes: &[u8], mut at: usize) -> usize {
    at += 1;
    while let Some(n) = memchr::memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
        if bytes[at + n] == b'"' {
            return at + n;
        }
        at += n + 2;
    }
    bytes.len()
}

/// A JSON string, escaped as DuckDB's own JSON functions do.
pub fn write_text(text: &str, out: &mut String) {
    out.push('"');
    let mut from = 0;
    for (i, b) in text.bytes().enumerate() {
        if b >= 0x20 && b != b'"' && b != b'\\' {
            continue;
        }
        out.push_str(&text[from..i]);
        from = i + 1;
        match b {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            8 => out.push_str("\\b"),
            12 => out.push_str("\\f"),
            _ => {
                let _ = write!(out, "\\u{b:04X}");
            }
        }
    }
    out.push_str(&text[from..]);
    out.push('"');
}

/// Reads one document that must fill the text; blank text is `None`.
///
/// # Errors
/// What is no JSON, or more than one document.
pub fn parse(text: &str, reading: Reading) -> Parsed<Option<Json<'_>>> {
    let mut parser = Parser::new(text, 0, reading);
    parser.blanks();
    if parser.peek().is_none() {
        return Ok(None);
    }
    let value = parser.value(0)?;
    parser.blanks();
    match parser.peek() {
        None => Ok(Some(value)),
        Some(_) => parser.fail("more than one document in the input"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canon(text: &str) -> Result<String, String> {
        parse(text, Reading::default()).map(|v| v.map_or_else(String::new, |v| v.text())).map_err(|e| e.to_string())
    }

    #[test]
    fn canonical_text() {
        for (input, output) in [
            (
                r#" {"b": 1.50, "a": [1, 2.0, -0, 1e3], "c": "x\u00e9\"\n"} "#,
                r#"{"a":[1,2,0,1000],"b":1.5,"c":"xé\"\n"}"#,
            ),
            ("{a: 1, 'b': 'it'}", r#"{"a":1,"b":"it"}"#),
            ("[1,,2,]", "[1,null,2,null]"),
            ("12345678901234567890123", "12345678901234567890123"),
            ("\"\\ud83d\\ude00\"", "\"😀\""),
            ("", ""),
        ] {
            assert_eq!(canon(input).unwrap(), output, "{input}");
        }
    }

    #[test]
    fn elements_are_cut_at_their_own_commas() {
        assert_eq!(
            elements(r#"[1,"a,\"]",[2,3],{"k":[4,5]},null]"#),
            ["1", r#""a,\"]""#, "[2,3]", r#"{"k":[4,5]}"#, "null"]
        );
        assert!(elements("[]").is_empty() && elements("5").is_empty());
    }

    #[test]
    fn errors_say_what_and_where() {
        assert_eq!(canon(r#"{"a":1,"a":2}"#).unwrap_err(), "duplicate object attribute \"a\", pos 7");
        assert_eq!(canon("\"abc").unwrap_err(), "unterminated string, pos 0");
        assert!(canon("not json").unwrap_err().starts_with("unknown keyword \"not\""));
        assert!(canon("{} {}").is_err());
    }
}
