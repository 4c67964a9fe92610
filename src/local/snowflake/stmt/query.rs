//! SELECT.

use super::super::answer::{Answer, Field};
use super::super::bind::binder::Binder;
use super::super::error::{SfError, SfResult};
use super::super::session::Cx;
use super::super::sql::Cursor;
use super::explain::Planned;
use super::{Class, Entry, Statement};
use sqlparser::ast::Query;
use sqlparser::tokenizer::Token;

/// Statements of this module.
pub const ENTRIES: &[Entry] = &[Entry(&["SELECT"], parse), Entry(&["WITH"], parse_with), Entry(&["VALUES"], parse)];

/// A query.
pub struct Select(pub Box<Query>);

fn parse(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    // The leading word belongs to the query.
    c.rewind(c.mark() - 1);
    parse_query(c)
}

/// `WITH p AS PROCEDURE … CALL p()` is no query.
fn parse_with(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let word = |t: &Token, text: &str| matches!(t, Token::Word(w) if w.value.eq_ignore_ascii_case(text));
    if word(c.peek(1), "AS") && word(c.peek(2), "PROCEDURE") {
        return Err(SfError::unsupported("WITH … AS PROCEDURE"));
    }
    parse(c)
}

/// A query that starts here (`SELECT`, `WITH`, `VALUES` or a parenthesis).
///
/// # Errors
/// 001003.
pub fn parse_query(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    Ok(Box::new(Select(c.query()?)))
}

impl Statement for Select {
    fn class(&self) -> Class {
        Class::Query
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let bound = Binder::new(cx).top(&self.0)?;
        let rows = cx.query(&bound.sql)?;
        Ok(Answer::query(bound.fields, rows))
    }

    fn to_explain(&self, b: &mut Binder<'_, '_>) -> SfResult<Planned> {
        Ok(Planned::query(b.top(&self.0)?.sql))
    }

    fn describe(&self, cx: &mut Cx<'_>) -> SfResult<Vec<Field>> {
        Ok(Binder::new(cx).top(&self.0)?.fields)
    }
}
