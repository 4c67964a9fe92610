//! EXECUTE IMMEDIATE.

use super::super::super::answer::{Answer, Field};
use super::super::super::error::{SfError, SfResult};
use super::super::super::session::Cx;
use super::super::super::sql::Cursor;
use super::super::super::types::Ty;
use super::super::{Class, Statement};
use super::run::deeper;
use super::vars::{binds, display, evaluate};
use sqlparser::ast::Expr;
use sqlparser::tokenizer::Token;

struct Immediate {
    text: Expr,
    using: Vec<Expr>,
}

/// Behind EXECUTE IMMEDIATE.
///
/// # Errors
/// 001003; 000002 for FROM.
pub fn parse(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    if c.accept("FROM") {
        return Err(SfError::unsupported("EXECUTE IMMEDIATE FROM"));
    }
    let text = c.expr()?;
    let mut using = Vec::new();
    if c.accept("USING") {
        c.expect_token(&Token::LParen)?;
        using.push(c.expr()?);
        while c.accept_token(&Token::Comma) {
            using.push(c.expr()?);
        }
        c.expect_token(&Token::RParen)?;
    }
    Ok(Box::new(Immediate { text, using }))
}

impl Statement for Immediate {
    fn class(&self) -> Class {
        Class::Session
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let text = evaluate(cx, &self.text)?;
        let sql = display(cx, &text)?;
        let sql = sql.ok_or_else(|| SfError::compile("000900", "42601", "Empty SQL statement."))?;
        let given = binds(cx, &self.using)?;
        let outer = std::mem::replace(&mut cx.q.binds, given);
        let out = deeper(cx, |cx| cx.execute(&sql));
        cx.q.binds = outer;
        out
    }

    fn describe(&self, _cx: &mut Cx<'_>) -> SfResult<Vec<Field>> {
        Ok(vec![Field::new("status", Ty::TEXT)])
    }
}
