//! Text to tokens: what the statement parsers share.

mod cursor;
pub mod inline;
pub mod split;

pub use cursor::{Cursor, Word};

use super::error::{SfError, SfResult};
use sqlparser::dialect::SnowflakeDialect;
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

/// The dialect that everything is read with.
pub static DIALECT: SnowflakeDialect = SnowflakeDialect {};

/// Tokens with their places, blanks and comments left out.
///
/// # Errors
/// 001003 for text that cannot be read (an unclosed string or comment).
pub fn tokenize(text: &str) -> SfResult<Vec<TokenWithSpan>> {
    Ok(tokenize_all(text)?.into_iter().filter(|t| !matches!(t.token, Token::Whitespace(_))).collect())
}

/// Tokens with their places, blanks and comments too.
///
/// # Errors
/// As [`tokenize`].
pub fn tokenize_all(text: &str) -> SfResult<Vec<TokenWithSpan>> {
    Tokenizer::new(&DIALECT, text)
        .tokenize_with_location()
        .map_err(|e| SfError::syntax(e.location.line, e.location.column.saturating_sub(1), &e.message))
}

/// The byte offset of a place.
#[must_use]
pub fn offset_of(text: &str, at: Location) -> usize {
    if at.line == 0 {
        return text.len();
    }
    let line = usize::try_from(at.line - 1).unwrap_or(usize::MAX);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = &text[start.min(text.len())..];
    let column = usize::try_from(at.column.saturating_sub(1)).unwrap_or(0);
    start + rest.char_indices().nth(column).map_or(rest.len(), |(i, _)| i)
}
