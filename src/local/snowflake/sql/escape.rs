//! Quotes and backslashes in literals and names. sqlparser's own reading knows no `\uFFFD`, `\x41` or `\101`.

use sqlparser::tokenizer::{Token, TokenWithSpan};
use std::iter::Peekable;
use std::str::Chars;

/// Puts what literals and quoted names mean in the place of what is written between their quotes.
pub fn unescape(tokens: &mut [TokenWithSpan]) {
    for token in tokens {
        match &mut token.token {
            Token::SingleQuotedString(text) if text.contains(['\\', '\'']) => *text = literal(text),
            Token::Word(word) if word.quote_style == Some('"') => word.value = word.value.replace("\"\"", "\""),
            _ => {}
        }
    }
}

/// A string literal's value. An escape that Snowflake does not know is the character behind the backslash.
fn literal(written: &str) -> String {
    let mut out = String::with_capacity(written.len());
    let mut chars = written.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\'' => {
                // Written twice.
                chars.next();
                out.push('\'');
            }
            '\\' => out.extend(escaped(&mut chars)),
            _ => out.push(c),
        }
    }
    out
}

fn escaped(chars: &mut Peekable<Chars<'_>>) -> Option<char> {
    let first = chars.next()?;
    let coded = match first {
        'x' => digits(chars, 16, 2, 0, 2),
        'u' => digits(chars, 16, 4, 0, 4),
        '0'..='7' => digits(chars, 8, 2, first.to_digit(8)?, 2).or(Some('\0').filter(|_| first == '0')),
        _ => None,
    };
    coded.or(Some(match first {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        other => other,
    }))
}

/// A character by its code: `most` digits of a base behind `value`; `None`, and nothing read, where there are not `least`.
fn digits(chars: &mut Peekable<Chars<'_>>, base: u32, most: usize, value: u32, least: usize) -> Option<char> {
    let ahead: Vec<u32> = chars.clone().take(most).map_while(|c| c.to_digit(base)).collect();
    if ahead.len() < least {
        return None;
    }
    let found = char::from_u32(ahead.iter().fold(value, |n, d| n * base + d))?;
    chars.nth(ahead.len() - 1);
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_mean_what_snowflake_says() {
        for (written, meant) in [
            (r"it''s", "it's"),
            (r"a\'b\\c", r"a'b\c"),
            (r"\t\n\r\b\f\0.", "\t\n\r\u{8}\u{c}\0."),
            (r"\u26c4 \x41 \101 \u00e9", "⛄ A A é"),
            (r"\uD800 \u12 \x4 \z", "uD800 u12 x4 z"),
            (r"\\u0041", r"\u0041"),
            ("''''", "''"),
            (r"\", ""),
        ] {
            assert_eq!(literal(written), meant, "{written}");
        }
    }
}
