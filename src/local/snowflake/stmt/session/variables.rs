//! SET and UNSET of session variables.

use crate::local::snowflake::answer::{Answer, kind};
use crate::local::snowflake::bind::binder::Binder;
use crate::local::snowflake::bind::scope::Scope;
use crate::local::snowflake::bind::{Bound, quote_text};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::stmt::{Class, Statement};
use crate::local::snowflake::types::Ty;
use sqlparser::ast::Expr;
use sqlparser::tokenizer::Token;

/// The longest value, in bytes.
const LIMIT: usize = 256;

struct Set(Vec<(String, Expr)>);
struct Unset(Vec<String>);

/// `v = expr` or `(a, b) = (expr, expr)`, behind SET.
///
/// # Errors
/// 001003.
pub fn parse_set(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    if !c.accept_token(&Token::LParen) {
        let name = c.ident()?;
        c.expect_token(&Token::Eq)?;
        return Ok(Box::new(Set(vec![(name, c.expr()?)])));
    }
    let names = idents(c)?;
    c.expect_token(&Token::RParen)?;
    c.expect_token(&Token::Eq)?;
    c.expect_token(&Token::LParen)?;
    let mut out = Vec::new();
    for (i, name) in names.into_iter().enumerate() {
        if i > 0 {
            c.expect_token(&Token::Comma)?;
        }
        out.push((name, c.expr()?));
    }
    c.expect_token(&Token::RParen)?;
    Ok(Box::new(Set(out)))
}

/// `v` or `(a, b)`, behind UNSET.
///
/// # Errors
/// 001003.
pub fn parse_unset(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let parens = c.accept_token(&Token::LParen);
    let names = idents(c)?;
    if parens {
        c.expect_token(&Token::RParen)?;
    }
    Ok(Box::new(Unset(names)))
}

fn idents(c: &mut Cursor<'_>) -> SfResult<Vec<String>> {
    let mut names = vec![c.ident()?];
    while c.accept_token(&Token::Comma) {
        names.push(c.ident()?);
    }
    Ok(names)
}

impl Statement for Set {
    fn class(&self) -> Class {
        Class::Session
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let mut values = Vec::new();
        for (name, e) in self.0 {
            let bound = Binder::new(cx).expr(&e, &Scope::new(None))?;
            values.push((name, constant(cx, &bound)?));
        }
        for (name, value) in values {
            let size = value.literal.as_ref().map_or(value.sql.len().saturating_sub(2), String::len);
            if size > LIMIT {
                return Err(SfError::compile(
                    "001014",
                    "22023",
                    format!(
                        "Assignment to '{name}' not done because value exceeds size limit for variables. Its size is {size}; the limit is {LIMIT} (internal storage size in bytes)."
                    ),
                ));
            }
            cx.s.vars.insert(name, value);
        }
        Ok(Answer::done(kind::ALTER_SESSION))
    }
}

/// The value of an expression as a literal of its type.
///
/// # Errors
/// What the expression refuses.
pub fn constant(cx: &mut Cx<'_>, e: &Bound) -> SfResult<Bound> {
    // What is written out already needs no query.
    if let Some(text) = e.literal.as_deref().filter(|_| e.ty.is_text()) {
        return Ok(Bound::text(text));
    }
    if e.sql == "NULL" {
        return Ok(Bound::new(format!("CAST(NULL AS {})", e.ty.duck()), e.ty));
    }
    let text: Option<String> =
        cx.s.conn.query_row(&format!("SELECT CAST({} AS VARCHAR)", e.sql), [], |row| row.get(0))?;
    Ok(match text {
        Some(text) if e.ty.is_text() || e.ty == Ty::Null => Bound::text(&text),
        Some(text) => Bound {
            sql: format!("CAST({} AS {})", quote_text(&text), e.ty.duck()),
            ty: e.ty,
            nullable: false,
            literal: None,
        },
        None => Bound::new(format!("CAST(NULL AS {})", e.ty.duck()), e.ty),
    })
}

impl Statement for Unset {
    fn class(&self) -> Class {
        Class::Session
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        for name in self.0 {
            cx.s.vars.remove(&name);
        }
        Ok(Answer::done(kind::ALTER_SESSION))
    }
}
