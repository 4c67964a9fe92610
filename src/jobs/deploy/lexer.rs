//! Snowflake's lexical rules, as far as finding statements needs them.

/// What a piece of SQL text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword, an unquoted identifier or a number.
    Word,
    /// A string, a `$$` string, a quoted identifier or any other sign.
    Other,
    /// `;`
    Semicolon,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `.`
    Dot,
    /// `--`, `//` or `/* */`.
    Comment,
}

/// A piece of SQL text and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
    pub start: usize,
    /// Line of the first character, from 1.
    pub line: u32,
    /// Line of the last character.
    pub last_line: u32,
}

impl Token<'_> {
    /// Whether this is the given keyword.
    pub fn is(&self, keyword: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(keyword)
    }

    /// Whether this is one of the given keywords.
    pub fn is_any(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|k| self.is(k))
    }

    /// The byte after the token.
    pub const fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// Something that was opened and never closed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what} is never closed")]
pub struct Unclosed {
    /// Where it was opened, from 1.
    pub line: u32,
    /// What it is.
    pub what: &'static str,
}

/// All tokens, comments included, white space left out.
pub(super) fn lex(sql: &str) -> Result<Vec<Token<'_>>, Unclosed> {
    let bytes = sql.as_bytes();
    // A byte order mark, as some editors leave it, is no part of the first word.
    let (mut tokens, mut at, mut line) = (Vec::new(), if sql.starts_with('\u{feff}') { 3 } else { 0 }, 1);
    while at < bytes.len() {
        let start = at;
        let (kind, length) = match bytes[at] {
            b'\n' => {
                line += 1;
                at += 1;
                continue;
            }
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            _ => measure(sql, at).map_err(|what| Unclosed { line, what })?,
        };
        at += length;
        let text = &sql[start..at];
        let lines = u32::try_from(memchr::memchr_iter(b'\n', text.as_bytes()).count()).unwrap_or(u32::MAX);
        tokens.push(Token { kind, text, start, line, last_line: line + lines });
        line += lines;
    }
    Ok(tokens)
}

/// Kind and length in bytes of the token that starts at `at`, or what is never closed.
fn measure(sql: &str, at: usize) -> Result<(Kind, usize), &'static str> {
    let (rest, bytes) = (&sql[at..], &sql.as_bytes()[at..]);
    Ok(match bytes {
        [b'-', b'-', ..] => (Kind::Comment, line_length(rest)),
        // `//` opens a comment, but not in `file:///tmp/x`, which PUT and GET take unquoted.
        [b'/', b'/', ..] if !sql[..at].ends_with(':') => (Kind::Comment, line_length(rest)),
        [b'/', b'*', ..] => (Kind::Comment, 4 + rest[2..].find("*/").ok_or("the comment /*")?),
        [b'$', b'$', ..] => (Kind::Other, 4 + rest[2..].find("$$").ok_or("the string $$")?),
        [b'\'', ..] => (Kind::Other, quoted_length(bytes, b'\'', true).ok_or("the string '")?),
        [b'"', ..] => (Kind::Other, quoted_length(bytes, b'"', false).ok_or("the identifier \"")?),
        [b';', ..] => (Kind::Semicolon, 1),
        [b'(', ..] => (Kind::Open, 1),
        [b')', ..] => (Kind::Close, 1),
        [b'.', ..] => (Kind::Dot, 1),
        [first, ..] if is_word(*first) => (Kind::Word, word_length(bytes)),
        _ if rest.starts_with("//") => (Kind::Other, 2),
        _ => (Kind::Other, rest.chars().next().map_or(1, char::len_utf8)),
    })
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

/// A word ends before `$$`, so that `AS$$ … $$` is read as it is meant.
fn word_length(bytes: &[u8]) -> usize {
    let mut length = 0;
    while length < bytes.len() && is_word(bytes[length]) && !bytes[length..].starts_with(b"$$") {
        length += 1;
    }
    length
}

fn line_length(rest: &str) -> usize {
    rest.find('\n').unwrap_or(rest.len())
}

/// Length with both quotes; a doubled quote, and where `escapes` a backslash, keeps the next character in.
fn quoted_length(bytes: &[u8], quote: u8, escapes: bool) -> Option<usize> {
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if escapes => at += 2,
            byte if byte == quote && bytes.get(at + 1) == Some(&quote) => at += 2,
            byte if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}
