//! Text to tokens: what the statement parsers share.

mod cursor;
mod escape;
pub mod inline;
pub mod named;
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
    let mut tokens = Tokenizer::new(&DIALECT, text)
        .with_unescape(false)
        .tokenize_with_location()
        .map_err(|e| SfError::syntax(e.location.line, e.location.column.saturating_sub(1), &e.message))?;
    escape::unescape(&mut tokens);
    Ok(stage_arguments(tokens))
}

/// `DIRECTORY(@stage)`: sqlparser knows no stage as an argument, so it gets its name as a text.
fn stage_arguments(mut tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut from = 0;
    while let Some(at) = (from..tokens.len()).find_map(|i| Some(i + directory_stage(&tokens[i..])?)) {
        let Some(length) = tokens[at..].iter().position(|t| t.token == Token::RParen) else { break };
        let name: String = tokens[at..at + length].iter().map(|t| t.token.to_string()).collect();
        let span = tokens[at].span.union(&tokens[at + length - 1].span);
        let one = TokenWithSpan { token: Token::SingleQuotedString(name.trim().to_owned()), span };
        tokens.splice(at..at + length, [one]);
        from = at;
    }
    tokens
}

/// Where the stage stands, if `DIRECTORY ( @` comes next.
fn directory_stage(tokens: &[TokenWithSpan]) -> Option<usize> {
    let Token::Word(word) = &tokens.first()?.token else { return None };
    if word.quote_style.is_some() || !word.value.eq_ignore_ascii_case("DIRECTORY") {
        return None;
    }
    let written: Vec<usize> =
        (1..tokens.len()).filter(|i| !matches!(tokens[*i].token, Token::Whitespace(_))).take(2).collect();
    match written.as_slice() {
        [open, at] if tokens[*open].token == Token::LParen && tokens[*at].token == Token::AtSign => Some(*at),
        _ => None,
    }
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
