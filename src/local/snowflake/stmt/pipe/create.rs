//! CREATE PIPE.

use super::super::ddl::create::{self, New};
use super::super::stage::copy::Copy;
use super::super::{Class, CreateHead, Statement};
use crate::local::snowflake::answer::Answer;
use crate::local::snowflake::catalog::{Body, Kind, Object, ObjectName, Pipe};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::pipe;
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use sqlparser::tokenizer::Token;

/// Options that name what the embedded cloud does not have: queues and topics of a cloud provider.
const REFUSED: &[&str] = &["AWS_SNS_TOPIC", "INTEGRATION"];

struct Create {
    head: CreateHead,
    if_not_exists: bool,
    name: ObjectName,
    comment: String,
    error_integration: Option<String>,
    pipe: Pipe,
}

/// Behind CREATE … PIPE.
///
/// # Errors
/// 001003; 001420 for options that pipes do not have; 000002; what a pipe's COPY may not say.
pub fn parse(c: &mut Cursor<'_>, head: CreateHead) -> SfResult<Box<dyn Statement>> {
    if head.or_alter {
        return Err(SfError::unsupported("CREATE OR ALTER PIPE"));
    }
    if head.temporary || head.transient || head.secure {
        return Err(c.unexpected());
    }
    let if_not_exists = c.accept("IF NOT EXISTS");
    let name = c.name()?;
    let mut out =
        Create { head, if_not_exists, name, comment: String::new(), error_integration: None, pipe: Pipe::default() };
    while !c.accept("AS") {
        if !matches!(c.peek(0), Token::Word(_)) || *c.peek(1) != Token::Eq {
            return Err(c.unexpected());
        }
        let (key, value) = c.option()?;
        match key.as_str() {
            "AUTO_INGEST" => out.pipe.auto_ingest = boolean(&key, &value)?,
            "COMMENT" => out.comment = value,
            "ERROR_INTEGRATION" => out.error_integration = Some(value),
            _ if REFUSED.contains(&key.as_str()) => {
                return Err(SfError::unsupported(&format!("{key} of a pipe")));
            }
            _ => return Err(unknown(&key)),
        }
        c.accept_token(&Token::Comma);
    }
    let text = if *c.peek(0) == Token::LParen { c.in_parens()? } else { c.rest() };
    Copy::for_pipe(text)?;
    text.clone_into(&mut out.pipe.definition);
    Ok(Box::new(out))
}

/// TRUE or FALSE as an option's value.
///
/// # Errors
/// 001008.
pub fn boolean(key: &str, value: &str) -> SfResult<bool> {
    super::super::ddl::table::boolean(key, value)
}

/// 001420.
#[must_use]
pub fn unknown(key: &str) -> SfError {
    SfError::compile("001420", "22023", format!("invalid property '{key}' for 'PIPE'"))
}

/// The full name of the integration that ERROR_INTEGRATION names, which must be there.
///
/// # Errors
/// 002003, 003001.
pub fn integration(cx: &Cx<'_>, name: &str) -> SfResult<String> {
    let found = cx.find(Kind::Integration, &Cursor::new(name)?.name()?)?;
    cx.require(&found, "USAGE")?;
    Ok(found.bare().to_owned())
}

impl Statement for Create {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let mut this = *self;
        let full = cx.in_scope("CREATE PIPE", |s| {
            let full = s.full_name(Kind::Pipe, &this.name)?;
            s.containers(&full)?;
            Ok::<_, SfError>(full)
        })?;
        if let Some(name) = &this.error_integration {
            let name = integration(cx, name)?;
            this.pipe.options.insert("ERROR_INTEGRATION".into(), name);
        }
        this.pipe.since_ms = cx.engine.clock.machine_ms();
        let present = cx.catalog().get(Kind::Pipe, &full).is_some();
        // IF NOT EXISTS leaves the pipe that is there alone, whatever this one would be.
        if !(present && this.if_not_exists) {
            let copy = Copy::for_pipe(&this.pipe.definition)?;
            let probe = Object {
                id: 0,
                name: full,
                owner: cx.s.role.clone(),
                comment: String::new(),
                created_ms: 0,
                dropped_ms: None,
                body: Body::Pipe(this.pipe.clone()),
            };
            pipe::as_owner(&cx.engine.clone(), &probe, |cx| copy.check(cx))?;
        }
        let new = New { comment: this.comment, ..New::new(Kind::Pipe, this.name, this.head, this.if_not_exists) };
        let made = create::create(cx, &new, |_, _, _| Ok(Body::Pipe(this.pipe)))?;
        cx.engine.pipes.look(None);
        Ok(made.answer())
    }
}
