//! Data types in definitions and signatures.

use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::types::Ty;
use sqlparser::tokenizer::Token;

/// Types of several words; the longest first.
const LONG: &[&str] = &[
    "TIMESTAMP WITH LOCAL TIME ZONE",
    "TIMESTAMP WITHOUT TIME ZONE",
    "TIMESTAMP WITH TIME ZONE",
    "DOUBLE PRECISION",
    "CHARACTER VARYING",
    "CHAR VARYING",
    "NCHAR VARYING",
];

/// Reads a type: one or more words and parameters in parentheses.
///
/// # Errors
/// 001003; 000002 for types that are not supported (GEOGRAPHY, VECTOR, structured ones).
pub fn parse(c: &mut Cursor<'_>) -> SfResult<Ty> {
    let name = match LONG.iter().find(|words| c.accept(words)) {
        Some(words) => (*words).to_owned(),
        None => match c.peek(0) {
            Token::Word(w) if w.quote_style.is_none() => c.ident()?,
            _ => return Err(c.unexpected()),
        },
    };
    if *c.peek(0) != Token::LParen {
        return Ty::parse(&name);
    }
    if matches!(name.as_str(), "ARRAY" | "OBJECT" | "MAP" | "VECTOR") {
        return Err(SfError::unsupported(&format!("data type structured {name}")));
    }
    let inner = c.in_parens()?;
    Ty::parse(&format!("{name}({inner})"))
}

/// Types separated by commas, `NUMBER, VARCHAR`.
///
/// # Errors
/// As [`parse`].
pub fn list(text: &str) -> SfResult<Vec<Ty>> {
    let mut c = Cursor::new(text)?;
    let mut out = Vec::new();
    while !c.at_end() {
        out.push(parse(&mut c)?);
        if !c.accept_token(&Token::Comma) {
            c.end()?;
        }
    }
    Ok(out)
}

/// The name of an overloaded routine in the catalog: `P(NUMBER, VARCHAR)`. Types count by family, as in Snowflake.
#[must_use]
pub fn signature(name: &str, types: &[Ty]) -> String {
    let list: Vec<&str> = types.iter().map(|t| argument(*t)).collect();
    format!("{name}({})", list.join(", "))
}

/// A type in a signature: without parameters.
#[must_use]
pub fn argument(ty: Ty) -> &'static str {
    match ty {
        Ty::Null | Ty::Text { .. } => "VARCHAR",
        other => other.family(),
    }
}
