//! CREATE ALERT.

use super::super::super::access::fold_name;
use super::super::super::answer::Answer;
use super::super::super::catalog::{Body, Kind, ObjectName, Options};
use super::super::super::error::{SfError, SfResult};
use super::super::super::session::Cx;
use super::super::super::sql::Cursor;
use super::super::ddl::create::{self, New};
use super::super::{Class, CreateHead, Statement};
use sqlparser::tokenizer::Token;

struct Create {
    head: CreateHead,
    if_not_exists: bool,
    name: ObjectName,
    options: Options,
}

/// Behind CREATE … ALERT.
///
/// # Errors
/// 001003, 001008, 001420; 000002 for alerts without a schedule.
pub fn parse(c: &mut Cursor<'_>, head: CreateHead) -> SfResult<Box<dyn Statement>> {
    if head.or_alter {
        return Err(SfError::unsupported("CREATE OR ALTER ALERT"));
    }
    let if_not_exists = c.accept("IF NOT EXISTS");
    let name = c.name()?;
    if c.sees(&["CLONE"]) {
        return Err(SfError::unsupported("CREATE ALERT … CLONE"));
    }
    if c.sees(&["WITH", "TAG"]) || c.sees(&["TAG"]) {
        return Err(SfError::unsupported("TAG"));
    }
    let mut options = c.options()?;
    super::check(&options)?;
    if !options.contains_key("SCHEDULE") {
        return Err(SfError::unsupported("ALERT on new data (without SCHEDULE)"));
    }
    c.expect("IF")?;
    c.expect_token(&Token::LParen)?;
    let condition = exists(c)?;
    c.expect_token(&Token::RParen)?;
    c.expect("THEN")?;
    let action = action(c)?;
    options.insert("CONDITION".into(), condition);
    options.insert("ACTION".into(), action);
    options.insert("STATE".into(), "suspended".into());
    if let Some(w) = options.get_mut("WAREHOUSE") {
        *w = fold_name(w);
    }
    Ok(Box::new(Create { head, if_not_exists, name, options }))
}

/// `EXISTS (query)`: the query.
///
/// # Errors
/// 001003; what the query's own parser refuses.
pub fn exists(c: &mut Cursor<'_>) -> SfResult<String> {
    c.expect("EXISTS")?;
    let text = c.in_parens()?.to_owned();
    super::check_condition(&text)?;
    Ok(text)
}

/// The rest of the statement: what the alert does.
///
/// # Errors
/// 001003; what the statement's own parser refuses.
pub fn action(c: &mut Cursor<'_>) -> SfResult<String> {
    if c.at_end() {
        return Err(c.unexpected());
    }
    let text = c.rest().to_owned();
    super::super::parse(super::super::super::scheduler::statement(&text))?;
    Ok(text)
}

impl Statement for Create {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let mut options = self.options;
        if let Some(w) = options.get("WAREHOUSE") {
            cx.find(Kind::Warehouse, &ObjectName(vec![w.clone()]))?;
        }
        let new = New {
            comment: options.remove("COMMENT").unwrap_or_default(),
            ..New::new(Kind::Alert, self.name, self.head, self.if_not_exists)
        };
        Ok(create::create(cx, &new, |_, _, _| Ok(Body::Alert(options)))?.answer())
    }
}
