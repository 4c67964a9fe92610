//! ALTER FUNCTION and ALTER PROCEDURE: RENAME TO, SET and UNSET of COMMENT and SECURE, EXECUTE AS.

use super::{alter, drop, rename, types};
use crate::local::snowflake::answer::{Answer, kind};
use crate::local::snowflake::catalog::{Body, Kind, ObjectName, Routine};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::stmt::{Class, Statement};

/// One change of a routine.
#[derive(Clone, Copy)]
enum Change {
    Secure(bool),
    Caller(bool),
}

struct Alter {
    kind: Kind,
    if_exists: bool,
    name: ObjectName,
    change: Change,
}

/// Behind ALTER FUNCTION.
///
/// # Errors
/// 001003; 000002 for other clauses.
pub fn parse_function(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    parse(c, Kind::Function)
}

/// Behind ALTER PROCEDURE.
///
/// # Errors
/// 001003; 000002 for other clauses.
pub fn parse_procedure(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    parse(c, Kind::Procedure)
}

fn parse(c: &mut Cursor<'_>, kind: Kind) -> SfResult<Box<dyn Statement>> {
    let if_exists = c.accept("IF EXISTS");
    let name = drop::object_name(c, kind)?;
    if c.accept("RENAME TO") {
        let mut to = c.name()?;
        // The new name keeps the signature.
        let signature = name.last().split_once('(').map(|(_, s)| s.trim_end_matches(')').to_owned());
        if let (Some(last), Some(signature)) = (to.0.last_mut(), signature) {
            *last = types::signature(last, &types::list(&signature)?);
        }
        return rename::statement(kind, if_exists, name, to);
    }
    if let Some(comment) = alter::comment(c, kind, if_exists, &name)? {
        return Ok(comment);
    }
    let change = if c.accept("SET SECURE") {
        Change::Secure(true)
    } else if c.accept("UNSET SECURE") {
        Change::Secure(false)
    } else if kind == Kind::Procedure && c.accept("EXECUTE AS CALLER") {
        Change::Caller(true)
    } else if kind == Kind::Procedure && c.accept("EXECUTE AS OWNER") {
        Change::Caller(false)
    } else {
        let word = if c.accept("SET") || c.accept("UNSET") { c.ident()? } else { return Err(c.unexpected()) };
        return Err(SfError::unsupported(&format!("ALTER {} SET {word}", kind.sql())));
    };
    Ok(Box::new(Alter { kind, if_exists, name, change }))
}

impl Statement for Alter {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let Some(found) = alter::target(cx, self.kind, &self.name, self.if_exists)? else {
            return Ok(Answer::done(kind::DDL));
        };
        alter::change(cx, &found, |o| {
            if let Body::Function(r) | Body::Procedure(r) = &mut o.body {
                apply(r, self.change);
            }
        })
    }
}

fn apply(r: &mut Routine, change: Change) {
    match change {
        Change::Secure(on) => r.secure = on,
        Change::Caller(on) => r.caller_rights = on,
    }
}

#[cfg(test)]
mod tests {
    use crate::local::snowflake::testing::{check, session};

    #[test]
    fn routines_are_renamed_and_described() {
        check(
            &session(),
            &[
                ("CREATE FUNCTION f(a INT) RETURNS INT AS 'a + 1'", ""),
                ("ALTER FUNCTION f(INT) RENAME TO g", ""),
                ("SELECT g(1)", "2"),
                ("SELECT f(1)", "002140"),
                ("ALTER FUNCTION g(NUMBER) SET COMMENT = 'adds'", ""),
                ("ALTER FUNCTION g(NUMBER) SET SECURE", ""),
                ("SHOW USER FUNCTIONS ->> SELECT \"description\", \"is_secure\" FROM $1", "=adds|Y"),
                ("ALTER FUNCTION IF EXISTS f(INT) SET SECURE", ""),
                ("ALTER FUNCTION f(INT) SET SECURE", "002003"),
                ("ALTER FUNCTION g(INT) SET API_INTEGRATION = x", "000002"),
            ],
        );
    }
}
