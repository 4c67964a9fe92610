//! The words of a statement, as far as completing names needs them.

use std::ops::Range;

/// What a word is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A name or keyword, as written, or what stands in quotes.
    Name(String),
    /// A name in quotes: its case counts.
    Quoted(String),
    /// Any other sign.
    Sign(char),
    /// A string or comment that is not closed before the end.
    Open,
}

/// A word and its place in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// What.
    pub kind: Kind,
    /// Where.
    pub at: Range<usize>,
}

impl Word {
    /// Whether it is this keyword.
    #[must_use]
    pub fn is(&self, keyword: &str) -> bool {
        matches!(&self.kind, Kind::Name(name) if name.eq_ignore_ascii_case(keyword))
    }

    /// The name as the catalog has it, where it is one.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        match &self.kind {
            Kind::Name(name) => Some(name.to_uppercase()),
            Kind::Quoted(name) => Some(name.clone()),
            _ => None,
        }
    }
}

/// The words of a text; strings and comments are left out.
#[must_use]
pub fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let (length, kind) = match c {
            _ if rest.starts_with("--") || rest.starts_with("//") => comment(rest, "\n"),
            _ if rest.starts_with("/*") => comment(rest, "*/"),
            _ if rest.starts_with("$$") => comment(rest, "$$"),
            '\'' => string(rest),
            '"' => quoted(rest),
            c if c.is_alphanumeric() || c == '_' => {
                let length = rest.find(|c: char| !(c.is_alphanumeric() || "_$".contains(c))).unwrap_or(rest.len());
                (length, Some(Kind::Name(rest[..length].to_owned())))
            }
            c if c.is_whitespace() => (c.len_utf8(), None),
            c => (c.len_utf8(), Some(Kind::Sign(c))),
        };
        if let Some(kind) = kind {
            words.push(Word { kind, at: at..at + length });
        }
        at += length;
    }
    words
}

fn comment(rest: &str, end: &str) -> (usize, Option<Kind>) {
    match rest[2..].find(end) {
        Some(at) => (2 + at + end.len(), None),
        None => (rest.len(), Some(Kind::Open)),
    }
}

fn string(rest: &str) -> (usize, Option<Kind>) {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '\\' if !escaped => escaped = true,
            '\'' if !escaped => return (at + 1, None),
            _ => escaped = false,
        }
    }
    (rest.len(), Some(Kind::Open))
}

/// A name in quotes; one that is still being written reaches to the end.
fn quoted(rest: &str) -> (usize, Option<Kind>) {
    let length = rest[1..].find('"').map_or(rest.len(), |at| at + 2);
    (length, Some(Kind::Quoted(rest[1..].split('"').next().unwrap_or_default().to_owned())))
}
