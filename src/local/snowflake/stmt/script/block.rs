//! Anonymous blocks.

use super::super::super::answer::{Answer, Field, kind};
use super::super::super::error::SfResult;
use super::super::super::session::Cx;
use super::super::super::sql::Cursor;
use super::super::super::types::Ty;
use super::super::session::transaction;
use super::super::{Class, Statement};
use super::parse;
use super::run::{self, Outcome};
use super::tree::Block;

/// The column of a block's result.
const COLUMN: &str = "anonymous block";

struct Anonymous(Block);

/// Behind BEGIN: alone it opens a transaction.
///
/// # Errors
/// 001003.
pub fn parse_begin(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    if c.at_end() { transaction::begin(c) } else { parse_declare(c) }
}

/// Behind DECLARE.
///
/// # Errors
/// 001003.
pub fn parse_declare(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    c.rewind(c.mark() - 1);
    Ok(Box::new(Anonymous(parse::block(c)?)))
}

impl Statement for Anonymous {
    fn class(&self) -> Class {
        Class::Session
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        match run::deeper(cx, |cx| run::run(cx, &self.0, Vec::new()))? {
            Outcome::Table(answer) => Ok(Answer { kind: kind::CALL, ..Answer::clone(&answer) }),
            Outcome::Value(value) => run::one_cell(cx, COLUMN, value),
        }
    }

    fn describe(&self, _cx: &mut Cx<'_>) -> SfResult<Vec<Field>> {
        Ok(vec![Field::new(COLUMN, Ty::TEXT)])
    }
}
