//! BEGIN, COMMIT, ROLLBACK.

use crate::local::snowflake::answer::{Answer, kind};
use crate::local::snowflake::error::SfResult;
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::stmt::{Class, Statement};

enum Transaction {
    Begin,
    Commit,
    Rollback,
}

/// `[NAME n]`, behind BEGIN [TRANSACTION | WORK]. A bare BEGIN comes here too when nothing follows it.
///
/// # Errors
/// 001003.
pub fn begin(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    if c.accept("NAME") {
        return begin_named(c);
    }
    Ok(Box::new(Transaction::Begin))
}

/// A transaction's name is nowhere shown.
///
/// # Errors
/// 001003.
pub fn begin_named(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    c.ident()?;
    Ok(Box::new(Transaction::Begin))
}

/// `[WORK]`, behind COMMIT.
///
/// # Errors
/// Never.
pub fn commit(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let _ = c.accept("WORK") || c.accept("TRANSACTION");
    Ok(Box::new(Transaction::Commit))
}

/// `[WORK]`, behind ROLLBACK.
///
/// # Errors
/// Never.
pub fn rollback(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let _ = c.accept("WORK") || c.accept("TRANSACTION");
    Ok(Box::new(Transaction::Rollback))
}

impl Statement for Transaction {
    fn class(&self) -> Class {
        Class::Session
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        match *self {
            Self::Begin => cx.begin()?,
            Self::Commit => cx.commit()?,
            Self::Rollback => cx.rollback()?,
        }
        Ok(Answer::done(kind::TRANSACTION))
    }
}
