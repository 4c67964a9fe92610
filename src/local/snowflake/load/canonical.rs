//! The short ways to canonical JSON: a text that is canonical already, and one that only lacks the order of its keys or
//! holds blanks. What neither covers goes through the full parser.

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

    fn blanks(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
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

/// Writes plain JSON canonically without a tree: copies its tokens and puts the members of objects in order.
#[derive(Default)]
pub struct Rewriter {
    /// Members of the open objects: where key and value start and end in the output.
    members: Vec<(usize, usize, usize)>,
    scratch: Vec<u8>,
}

impl Rewriter {
    /// Appends a text in canonical form; `false`, with nothing appended, where that needs the full parser. UTF-8 is the
    /// caller's to check.
    pub fn rewrite(&mut self, text: &[u8], nulls: bool, out: &mut Vec<u8>) -> bool {
        let start = out.len();
        self.members.clear();
        let mut look = Look { text, at: 0, nulls };
        let done = self.value(&mut look, 0, out);
        look.blanks();
        let good = done && look.at == text.len();
        if !good {
            out.truncate(start);
        }
        good
    }

    fn value(&mut self, look: &mut Look<'_>, depth: usize, out: &mut Vec<u8>) -> bool {
        look.blanks();
        match look.peek() {
            b'{' => depth < DEEPEST && self.object(look, depth, out),
            b'[' => depth < DEEPEST && self.array(look, depth, out),
            _ => {
                let from = look.at;
                let good = look.value(depth);
                out.extend_from_slice(&look.text[from..look.at]);
                good
            }
        }
    }

    fn array(&mut self, look: &mut Look<'_>, depth: usize, out: &mut Vec<u8>) -> bool {
        look.at += 1;
        out.push(b'[');
        look.blanks();
        if !look.take(b']') {
            loop {
                if !self.value(look, depth + 1, out) {
                    return false;
                }
                look.blanks();
                if !look.take(b',') {
                    break;
                }
                out.push(b',');
            }
            if !look.take(b']') {
                return false;
            }
        }
        out.push(b']');
        true
    }

    fn object(&mut self, look: &mut Look<'_>, depth: usize, out: &mut Vec<u8>) -> bool {
        look.at += 1;
        out.push(b'{');
        let first = self.members.len();
        let mut sorted = true;
        look.blanks();
        if !look.take(b'}') {
            loop {
                look.blanks();
                let from = look.at;
                let key = if look.peek() == b'"' { look.string() } else { None };
                if key.is_none_or(|k| memchr::memchr(b'\\', k).is_some()) {
                    return false;
                }
                let start = out.len();
                out.extend_from_slice(&look.text[from..look.at]);
                let colon = out.len();
                look.blanks();
                if !look.take(b':') {
                    return false;
                }
                out.push(b':');
                if !self.value(look, depth + 1, out) {
                    return false;
                }
                if let Some((s, c, _)) = self.members[first..].last() {
                    sorted &= out[s + 1..c - 1] < out[start + 1..colon - 1];
                }
                self.members.push((start, colon, out.len()));
                look.blanks();
                if !look.take(b',') {
                    break;
                }
                out.push(b',');
            }
            if !look.take(b'}') || !(sorted || self.sort(first, out)) {
                return false;
            }
        }
        self.members.truncate(first);
        out.push(b'}');
        true
    }

    /// Puts the members from `first` on, which end the output, in order; `false` for two of one key.
    fn sort(&mut self, first: usize, out: &mut Vec<u8>) -> bool {
        let Some(start) = self.members.get(first).map(|m| m.0) else { return true };
        let key = |m: &(usize, usize, usize)| &out[m.0 + 1..m.1 - 1];
        let members = &mut self.members[first..];
        members.sort_unstable_by(|a, b| key(a).cmp(key(b)));
        if members.windows(2).any(|w| key(&w[0]) == key(&w[1])) {
            return false;
        }
        self.scratch.clear();
        for (i, m) in members.iter().enumerate() {
            if i > 0 {
                self.scratch.push(b',');
            }
            self.scratch.extend_from_slice(&out[m.0..m.2]);
        }
        out.truncate(start);
        out.extend_from_slice(&self.scratch);
        true
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

    #[test]
    fn rewrites_as_the_parser_would() {
        let mut rewriter = Rewriter::default();
        for (text, covered) in [
            (r#"{"b":1,"a":[{"y":1,"x":"p,q"},{"z":{"b":2,"a":1}}],"0":null}"#, true),
            (" { \"b\" : [ 1 , true ] , \"a\" : { } } ", true),
            (r#"{"b":1,"a":2,"b":3}"#, false),
            (r#"{"b":1.50,"a":2}"#, false),
            (r#"{"a":1,}"#, false),
            (r#"{"b":1,"a":"\u0041"}"#, false),
            (r#"{"b":1,"a":2} x"#, false),
            ("[1,,2]", false),
        ] {
            let mut out = b"kept".to_vec();
            assert_eq!(rewriter.rewrite(text.as_bytes(), true, &mut out), covered, "{text}");
            let expected =
                if covered { parse(text, Reading::default()).unwrap().unwrap().text() } else { String::new() };
            assert_eq!(String::from_utf8(out).unwrap(), format!("kept{expected}"));
        }
    }
}
