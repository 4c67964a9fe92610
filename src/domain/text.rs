//! Text from outside (object keys, cell values, error texts) made safe to print.

use std::borrow::Cow;
use std::fmt::Write;

/// The text on one line, with everything escaped that a terminal could act on or that could turn its order around.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    escape(text, false)
}

/// The same, but line ends stay.
#[must_use]
pub fn printable_lines(text: &str) -> Cow<'_, str> {
    escape(text, true)
}

fn escape(text: &str, keep_lines: bool) -> Cow<'_, str> {
    let bad = |c: char| is_active(c) && !(keep_lines && c == '\n');
    if !text.contains(bad) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' if keep_lines => out.push(c),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_active(c) => {
                let _ = write!(out, "\\u{{{:x}}}", c as u32);
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Control characters, and those that set the direction of text.
fn is_active(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::{printable, printable_lines};

    #[test]
    fn nothing_reaches_the_terminal_that_it_could_act_on() {
        assert_eq!(printable("a\x1b[31mb\u{9b}c\u{202e}d\te\nf"), "a\\u{1b}[31mb\\u{9b}c\\u{202e}d\\te\\nf");
        assert_eq!(printable_lines("a\nb\r"), "a\nb\\r");
        assert_eq!(printable("grün 数"), "grün 数");
    }
}
