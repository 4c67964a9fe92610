//! CREATE FUNCTION: SQL functions run; those in other languages are kept and listed, and refused where they are called.

use crate::local::snowflake::answer::Answer;
use crate::local::snowflake::catalog::{Body, Kind, ObjectName, Options, Routine, RoutineType};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::stmt::ddl::create::{self, New};
use crate::local::snowflake::stmt::ddl::types;
use crate::local::snowflake::stmt::script::{arguments, columns};
use crate::local::snowflake::stmt::{Class, CreateHead, Statement};
use crate::local::snowflake::types::Ty;
use sqlparser::tokenizer::Token;

/// What a function in another language may say of its surroundings.
const FOREIGN: &[&str] = &[
    "RUNTIME_VERSION",
    "PACKAGES",
    "IMPORTS",
    "HANDLER",
    "TARGET_PATH",
    "EXTERNAL_ACCESS_INTEGRATIONS",
    "SECRETS",
    "ARTIFACT_REPOSITORY",
];

struct Create {
    head: CreateHead,
    if_not_exists: bool,
    name: ObjectName,
    routine: Routine,
    comment: String,
    copy_grants: bool,
}

/// Behind CREATE … FUNCTION.
///
/// # Errors
/// 001003; 000002 for aggregate and external functions; what a SQL body refuses when it is parsed.
pub fn parse(c: &mut Cursor<'_>, head: CreateHead) -> SfResult<Box<dyn Statement>> {
    if head.or_alter {
        return Err(SfError::unsupported("CREATE OR ALTER FUNCTION"));
    }
    let if_not_exists = c.accept("IF NOT EXISTS");
    let mut name = c.name()?;
    let mut routine = Routine { language: "SQL".into(), secure: head.secure, ..Routine::default() };
    routine.args = arguments(c)?;
    let (mut comment, mut copy_grants, mut strict) = (String::new(), false, false);
    loop {
        if c.accept("COPY GRANTS") {
            copy_grants = true;
        } else if c.accept("RETURNS NULL ON NULL INPUT") || c.accept("STRICT") {
            strict = true;
        } else if c.accept("RETURNS TABLE") {
            routine.returns_table = Some(columns(c)?);
        } else if c.accept("RETURNS") {
            routine.returns = RoutineType(types::parse(c)?);
            c.accept("NOT NULL");
        } else if c.accept("LANGUAGE") {
            routine.language = c.ident()?;
        } else if c.accept("CALLED ON NULL INPUT")
            || c.accept("VOLATILE")
            || c.accept("IMMUTABLE")
            || c.accept("MEMOIZABLE")
        {
        } else if c.accept("COMMENT") {
            c.expect_token(&Token::Eq)?;
            comment = c.string()?;
        } else if FOREIGN.iter().any(|o| c.sees(&[*o])) && *c.peek(1) == Token::Eq {
            let (key, value) = c.option()?;
            routine.options.insert(key, value);
        } else {
            break;
        }
    }
    c.expect("AS")?;
    routine.body = c.string()?;
    if routine.language == "SQL" {
        if strict {
            return Err(SfError::unsupported("STRICT SQL functions"));
        }
        if let Some(key) = routine.options.keys().next() {
            return Err(SfError::compile("001420", "22023", format!("invalid property '{key}' for 'FUNCTION'")));
        }
        body(&routine.body)?;
    } else if !matches!(routine.language.as_str(), "JAVA" | "JAVASCRIPT" | "PYTHON" | "SCALA") {
        return Err(SfError::unsupported(&format!("functions in LANGUAGE {}", routine.language)));
    }
    let list: Vec<Ty> = routine.args.iter().map(|(_, t, _)| t.0).collect();
    if let Some(last) = name.0.last_mut() {
        *last = types::signature(last, &list);
    }
    Ok(Box::new(Create { head, if_not_exists, name, routine, comment, copy_grants }))
}

/// A SQL function's body as an expression.
///
/// # Errors
/// 001003.
pub fn body(text: &str) -> SfResult<sqlparser::ast::Expr> {
    let mut c = Cursor::new(text)?;
    let expr =
        if c.sees(&["SELECT"]) || c.sees(&["WITH"]) { sqlparser::ast::Expr::Subquery(c.query()?) } else { c.expr()? };
    c.end()?;
    Ok(expr)
}

/// The options of a function in another language, as GET_DDL prints them.
#[must_use]
pub fn foreign_options(options: &Options) -> String {
    options
        .iter()
        .map(|(k, v)| match serde_json::from_str::<Vec<String>>(v) {
            Ok(list) => {
                let list: Vec<String> = list.iter().map(|i| format!("'{i}'")).collect();
                format!("{k} = ({})\n", list.join(","))
            }
            Err(_) => format!("{k} = '{}'\n", v.replace('\'', "''")),
        })
        .collect()
}

impl Statement for Create {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let this = *self;
        let mut new = New::new(Kind::Function, this.name, this.head, this.if_not_exists);
        new.comment = this.comment;
        new.copy_grants = this.copy_grants;
        let made = create::create(cx, &new, |_, _, _| Ok(Body::Function(this.routine)))?;
        Ok(made.answer())
    }
}

#[cfg(test)]
mod tests {
    use crate::local::snowflake::testing::{check, session};

    #[test]
    fn sql_functions_run_and_others_are_kept() {
        check(
            &session(),
            &[
                ("CREATE FUNCTION plus(a INT, b INT) RETURNS INT AS 'a + b'", "Function PLUS successfully created."),
                ("SELECT plus(1, 2)", "3"),
                ("CREATE FUNCTION plus(a INT, b INT) RETURNS INT AS 'a + b'", "002002"),
                ("CREATE FUNCTION plus(a INT) RETURNS INT LANGUAGE SQL AS $$ SELECT a + 100 $$", ""),
                ("SELECT plus(1), D.S.plus(1, 1)", "=101|2"),
                ("CREATE FUNCTION more(a INT, b INT DEFAULT 5) RETURNS INT AS 'a * b'", ""),
                ("SELECT more(2), more(2, 3)", "=10|6"),
                (
                    "CREATE FUNCTION upto(n INT) RETURNS TABLE (i INT, t VARCHAR) AS $$ SELECT n, 'x' UNION ALL SELECT n + 1, 'y' $$",
                    "",
                ),
                ("SELECT * FROM TABLE(upto(7)) ORDER BY i DESC", "=8|y"),
                ("SELECT v.i, u.t FROM (SELECT 3 AS i) v, TABLE(upto(v.i)) u ORDER BY u.t", "=3|x"),
                ("CREATE FUNCTION j() RETURNS VARCHAR LANGUAGE JAVA HANDLER = 'T.f' AS 'class T {}'", ""),
                ("SELECT j()", "000002"),
                ("SELECT nothing(1)", "002140"),
                ("SELECT D.S.nothing(1)", "002141"),
                ("SHOW USER FUNCTIONS LIKE 'plus'", "#2"),
                ("DROP FUNCTION plus(INT)", ""),
                ("SELECT plus(1)", "002140"),
            ],
        );
    }
}
