//! ALTER SESSION.

use crate::local::snowflake::answer::{Answer, kind};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::params::KNOWN;
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::stmt::{Class, Statement};
use sqlparser::tokenizer::Token;

enum AlterSession {
    Set(Vec<(String, String)>),
    Unset(Vec<String>),
}

/// `SET p = v …` or `UNSET p, …`, behind ALTER SESSION.
///
/// # Errors
/// 001003.
pub fn parse_alter(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    if c.accept("UNSET") {
        let mut names = vec![c.ident()?];
        while c.accept_token(&Token::Comma) {
            names.push(c.ident()?);
        }
        return Ok(Box::new(AlterSession::Unset(names)));
    }
    c.expect("SET")?;
    let mut pairs = Vec::new();
    while matches!(c.peek(0), Token::Word(_)) {
        pairs.push(c.option()?);
        c.accept_token(&Token::Comma);
    }
    Ok(Box::new(AlterSession::Set(pairs)))
}

fn known(name: &str) -> SfResult<&'static str> {
    KNOWN
        .iter()
        .find(|(n, _, _)| *n == name)
        .map(|(_, _, ty)| *ty)
        .ok_or_else(|| SfError::compile("001417", "22023", format!("invalid parameter '{name}'")))
}

/// A value of the parameter's type, in its usual form.
fn checked(name: &str, value: &str) -> SfResult<String> {
    let lower = value.to_ascii_lowercase();
    let fits = match known(name)? {
        "BOOLEAN" => matches!(lower.as_str(), "true" | "false"),
        "NUMBER" => value.parse::<i64>().is_ok(),
        _ => true,
    };
    if !fits {
        return Err(SfError::compile("001008", "22023", format!("invalid value [{value}] for parameter '{name}'")));
    }
    Ok(if known(name)? == "BOOLEAN" { lower } else { value.to_owned() })
}

impl Statement for AlterSession {
    fn class(&self) -> Class {
        Class::Session
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        match *self {
            Self::Set(pairs) => {
                let pairs: Vec<(String, String)> = pairs
                    .into_iter()
                    .map(|(name, value)| Ok((name.clone(), checked(&name, &value)?)))
                    .collect::<SfResult<_>>()?;
                for (name, value) in pairs {
                    cx.s.params.set(&name, &value);
                }
            }
            Self::Unset(names) => {
                for name in &names {
                    known(name)?;
                }
                for name in &names {
                    cx.s.params.unset(name);
                }
            }
        }
        Ok(Answer::done(kind::ALTER_SESSION))
    }
}
