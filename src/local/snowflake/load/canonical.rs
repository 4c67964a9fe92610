//! A quick look at a JSON text: is it canonical already?

/// Nesting deeper than this is left to the full parser.
const DEEPEST: usize = 100;

/// Whether a text is exactly what writing its parsed value would give: compact, keys sorted, no escape that could be a
/// plain character, numbers without needless digits. `false` may also mean "look closer". UTF-8 is the caller's to check.
/// `nulls` says whether null may come.
#[must_use]
pub fn is_canonical(text: &[u8], nulls: bool) -> bool {
    let mut look = Look { text, at: 0, nulls };
    look.value(0) && look.at == text.len()
}

struct Look<'a> {
    text: &'a [u8],
    at: usize,
    nulls: bool,
}

impl<'a> Look<'a> {
    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn take(&mut self, b: u8) -> bool {
        let hit = self.peek() == b;
        self.at += usize::from(hit);
        hit
    }

    fn value(&mut self, depth: usize) -> bool {
        match self.peek() {
            b'"' => self.string().is_some(),
            b'{' => depth < DEEPEST && self.object(depth),
            b'[' => depth < DEEPEST && self.array(depth),
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.nulls && self.word(b"null"),
            _ => false,
        }
    }

    fn word(&mut self, word: &[u8]) -> bool {
        let hit = self.text[self.at..].starts_with(word);
        self.at += if hit { word.len() } else { 0 };
        hit
    }

    fn object(&mut self, depth: usize) -> bool {
        self.at += 1;
        if self.take(b'}') {
            return true;
        }
        let mut last: Option<&'a [u8]> = None;
        loop {
            let key = if self.peek() == b'"' { self.string() } else { None };
            // Escapes in keys would be compared unresolved.
            let Some(key) = key.filter(|k| memchr::memchr(b'\\', k).is_none()) else { return false };
            if last.is_some_and(|l| l >= key) || !self.take(b':') || !self.value(depth + 1) {
                return false;
            }
            last = Some(key);
            if !self.take(b',') {
                return self.take(b'}');
            }
        }
    }

    fn array(&mut self, depth: usize) -> bool {
        self.at += 1;
        if self.take(b']') {
            return true;
        }
        loop {
            if !self.value(depth + 1) {
                return false;
            }
            if !self.take(b',') {
                return self.take(b']');
            }
        }
    }

    /// The content of a string without its quotes.
    fn string(&mut self) -> Option<&'a [u8]> {
        let from = self.at + 1;
        let mut at = from;
        loop {
            match *self.text.get(at)? {
                b'"' => {
                    self.at = at + 1;
                    return Some(&self.text[from..at]);
                }
                b'\\' => {
                    if !matches!(self.text.get(at + 1), Some(b'"' | b'\\' | b'n' | b'r' | b't' | b'b' | b'f')) {
                        return None;
                    }
                    at += 2;
                }
                0..=0x1f => return None,
                _ => at += 1,
            }
        }
    }

    fn number(&mut self) -> bool {
        let minus = self.take(b'-');
        let from = self.at;
        let whole = self.digits();
        if whole == 0 || (whole > 1 && self.text[from] == b'0') {
            return false;
        }
        let mut all = whole;
        if self.take(b'.') {
            let frac = self.digits();
            if frac == 0 || self.text[self.at - 1] == b'0' {
                return false;
            }
            all += frac;
        } else if minus && whole == 1 && self.text[from] == b'0' {
            return false;
        }
        all <= 38 && !matches!(self.peek(), b'e' | b'E' | b'+' | b'-' | b'.')
    }

    fn digits(&mut self) -> usize {
        let from = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        self.at - from
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::udf::json::value::{Reading, parse};
    use super::*;

    #[test]
    fn says_yes_only_to_what_the_parser_writes_back() {
        for (text, expected) in [
            (r#"{"a":1,"b":[1,2.5,-3,true,null,"x\n\"é"],"c":{}}"#, true),
            (r#"{"b":1,"a":2}"#, false),
            (r#"{"a":1,"a":2}"#, false),
            (r#"{"a": 1}"#, false),
            (r#"{"a":1.50}"#, false),
            (r#"{"a":1e3}"#, false),
            (r#"{"a":-0}"#, false),
            (r#"{"a":-0.5}"#, true),
            (r#"{"a":01}"#, false),
            (r#"{"a":"\u0041"}"#, false),
            (r#"{"a":"\/"}"#, false),
            (r#"{"a":1}x"#, false),
            (r#"{"a":1"#, false),
            ("123456789012345678901234567890123456789", false),
            ("[]", true),
        ] {
            assert_eq!(is_canonical(text.as_bytes(), true), expected, "{text}");
            if expected {
                assert_eq!(parse(text, Reading::default()).unwrap().unwrap().text(), text);
            }
        }
        assert!(!is_canonical(b"{\"a\":null}", false));
    }
}
