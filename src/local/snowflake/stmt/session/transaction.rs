//! BEGIN, COMMIT, ROLLBACK.

use crate::local::snowflake::answer::{Answer, kind};
use crate::local::snowflake::error::{SfError, SfResult};
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

/// A procedure may not end its caller's transaction.
///
/// # Errors
/// 090232.
pub fn same_scope(cx: &Cx<'_>) -> SfResult<()> {
    if cx.s.outer_tx && cx.s.tx.as_ref().is_some_and(|t| t.explicit) {
        let text = "Modifying a transaction that has started at a different scope is not allowed.";
        return Err(SfError::new("090232", "25000", text));
    }
    Ok(())
}

impl Statement for Transaction {
    fn class(&self) -> Class {
        Class::Session
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        match *self {
            Self::Begin if cx.s.outer_tx => {
                return Err(SfError::unsupported("a transaction of a procedure that is called in a transaction"));
            }
            Self::Begin => cx.begin()?,
            Self::Commit => {
                same_scope(cx)?;
                cx.commit()?;
            }
            Self::Rollback => {
                same_scope(cx)?;
                cx.rollback()?;
            }
        }
        Ok(Answer::done(kind::TRANSACTION))
    }
}
