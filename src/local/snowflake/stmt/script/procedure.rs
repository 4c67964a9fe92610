//! CREATE PROCEDURE … LANGUAGE SQL.

use super::super::super::answer::Answer;
use super::super::super::catalog::{Body, Kind, ObjectName, Routine, RoutineType};
use super::super::super::error::{SfError, SfResult};
use super::super::super::session::Cx;
use super::super::super::sql::Cursor;
use super::super::super::types::Ty;
use super::super::ddl::create::{self, New};
use super::super::ddl::types;
use super::super::{Class, CreateHead, Statement};
use super::tree::Block;
use sqlparser::tokenizer::Token;

struct Create {
    head: CreateHead,
    if_not_exists: bool,
    name: ObjectName,
    routine: Routine,
    comment: String,
    copy_grants: bool,
}

/// Behind CREATE … PROCEDURE.
///
/// # Errors
/// 001003; 000002 for other languages.
pub fn parse(c: &mut Cursor<'_>, head: CreateHead) -> SfResult<Box<dyn Statement>> {
    if head.or_alter {
        return Err(SfError::unsupported("CREATE OR ALTER PROCEDURE"));
    }
    let if_not_exists = c.accept("IF NOT EXISTS");
    let mut name = c.name()?;
    let mut routine = Routine { language: "SQL".into(), secure: head.secure, ..Routine::default() };
    routine.args = arguments(c)?;
    let (mut comment, mut copy_grants) = (String::new(), false);
    loop {
        if c.accept("COPY GRANTS") {
            copy_grants = true;
        } else if c.accept("RETURNS NULL ON NULL INPUT") || c.accept("STRICT") {
            return Err(SfError::unsupported("STRICT procedures"));
        } else if c.accept("RETURNS TABLE") {
            routine.returns_table = Some(columns(c)?);
        } else if c.accept("RETURNS") {
            routine.returns = RoutineType(types::parse(c)?);
            c.accept("NOT NULL");
        } else if c.accept("LANGUAGE") {
            let language = c.ident()?;
            if language != "SQL" {
                return Err(SfError::unsupported(&format!("procedures in LANGUAGE {language}")));
            }
        } else if c.accept("CALLED ON NULL INPUT") || c.accept("VOLATILE") || c.accept("IMMUTABLE") {
        } else if c.accept("EXECUTE AS") {
            if c.accept("RESTRICTED") {
                return Err(SfError::unsupported("EXECUTE AS RESTRICTED CALLER"));
            }
            routine.caller_rights = c.accept("CALLER");
            if !routine.caller_rights {
                c.expect("OWNER")?;
            }
        } else if c.accept("COMMENT") {
            c.expect_token(&Token::Eq)?;
            comment = c.string()?;
        } else {
            break;
        }
    }
    c.expect("AS")?;
    routine.body = match c.peek(0) {
        Token::SingleQuotedString(_) | Token::DollarQuotedString(_) => c.string()?,
        _ => c.rest().to_owned(),
    };
    body(&routine.body)?;
    let list: Vec<Ty> = routine.args.iter().map(|(_, t, _)| t.0).collect();
    if let Some(last) = name.0.last_mut() {
        *last = types::signature(last, &list);
    }
    Ok(Box::new(Create { head, if_not_exists, name, routine, comment, copy_grants }))
}

/// A procedure's body as a tree.
///
/// # Errors
/// 001003.
pub fn body(text: &str) -> SfResult<Block> {
    let mut c = Cursor::new(text)?;
    let block = super::parse::block(&mut c)?;
    c.end()?;
    Ok(block)
}

/// `(name TYPE [DEFAULT expr], …)`.
///
/// # Errors
/// 001003; 000002 for OUT arguments.
pub fn arguments(c: &mut Cursor<'_>) -> SfResult<Vec<(String, RoutineType, Option<String>)>> {
    c.expect_token(&Token::LParen)?;
    let mut out = Vec::new();
    while !c.accept_token(&Token::RParen) {
        let _ = c.accept("IN") || c.accept("INPUT");
        if c.accept("OUT") || c.accept("OUTPUT") {
            return Err(SfError::unsupported("OUT arguments of procedures"));
        }
        let name = c.ident()?;
        let ty = types::parse(c)?;
        let default = if c.accept("DEFAULT") {
            let from = c.offset();
            c.expr()?;
            Some(c.slice(from, c.offset_behind()).to_owned())
        } else {
            None
        };
        out.push((name, RoutineType(ty), default));
        if !c.accept_token(&Token::Comma) && *c.peek(0) != Token::RParen {
            return Err(c.unexpected());
        }
    }
    Ok(out)
}

/// The columns of RETURNS TABLE.
///
/// # Errors
/// 001003.
pub fn columns(c: &mut Cursor<'_>) -> SfResult<Vec<(String, RoutineType)>> {
    c.expect_token(&Token::LParen)?;
    let mut out = Vec::new();
    while !c.accept_token(&Token::RParen) {
        out.push((c.ident()?, RoutineType(types::parse(c)?)));
        if !c.accept_token(&Token::Comma) && *c.peek(0) != Token::RParen {
            return Err(c.unexpected());
        }
    }
    Ok(out)
}

impl Statement for Create {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let this = *self;
        let mut new = New::new(Kind::Procedure, this.name, this.head, this.if_not_exists);
        new.comment = this.comment;
        new.copy_grants = this.copy_grants;
        let made = create::create(cx, &new, |_, _, _| Ok(Body::Procedure(this.routine)))?;
        Ok(made.answer())
    }
}
