//! CREATE and ALTER of policies.

use super::super::ddl::create::{self, New};
use super::super::ddl::{alter, rename, types};
use super::super::{Class, CreateHead, Statement};
use crate::local::snowflake::answer::{Answer, kind};
use crate::local::snowflake::bind::Bound;
use crate::local::snowflake::bind::binder::Binder;
use crate::local::snowflake::bind::scope::Scope;
use crate::local::snowflake::catalog::{Body, Catalog, Kind, Object, ObjectName, Policy, RoutineType};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::types::Ty;
use sqlparser::tokenizer::Token;

struct Create {
    new: New,
    policy: Policy,
}

struct SetBody {
    kind: Kind,
    if_exists: bool,
    name: ObjectName,
    body: String,
}

/// Behind CREATE … MASKING POLICY.
///
/// # Errors
/// 001003; 000002.
pub fn parse_masking(c: &mut Cursor<'_>, head: CreateHead) -> SfResult<Box<dyn Statement>> {
    parse(c, head, Kind::MaskingPolicy)
}

/// Behind CREATE … ROW ACCESS POLICY.
///
/// # Errors
/// 001003; 000002.
pub fn parse_row_access(c: &mut Cursor<'_>, head: CreateHead) -> SfResult<Box<dyn Statement>> {
    parse(c, head, Kind::RowAccessPolicy)
}

fn parse(c: &mut Cursor<'_>, head: CreateHead, kind: Kind) -> SfResult<Box<dyn Statement>> {
    if head.or_alter {
        return Err(SfError::unsupported(&format!("CREATE OR ALTER {}", kind.sql())));
    }
    let if_not_exists = c.accept("IF NOT EXISTS");
    let mut new = New::new(kind, c.name()?, head, if_not_exists);
    c.expect("AS")?;
    c.expect_token(&Token::LParen)?;
    let mut args = Vec::new();
    loop {
        args.push((c.ident()?, RoutineType(types::parse(c)?)));
        if c.accept_token(&Token::RParen) {
            break;
        }
        c.expect_token(&Token::Comma)?;
    }
    c.expect("RETURNS")?;
    let returns = RoutineType(types::parse(c)?);
    c.accept("NOT NULL");
    let body = body(c)?;
    for (key, value) in c.options()? {
        match key.as_str() {
            "COMMENT" => new.comment = value,
            "EXEMPT_OTHER_POLICIES" if value.eq_ignore_ascii_case("false") => {}
            _ => return Err(SfError::unsupported(&format!("{key} of a {}", kind.sql().to_ascii_lowercase()))),
        }
    }
    let policy = Policy { args, returns, body };
    fits(kind, &policy)?;
    Ok(Box::new(Create { new, policy }))
}

/// `-> expression`, as written.
fn body(c: &mut Cursor<'_>) -> SfResult<String> {
    c.expect_token(&Token::Arrow)?;
    let from = c.offset();
    c.expr()?;
    Ok(c.slice(from, c.offset_behind()).to_owned())
}

/// A mask gives what it takes; a row access policy says yes or no.
fn fits(kind: Kind, p: &Policy) -> SfResult<()> {
    let returns = p.returns.0.family();
    let fine = match kind {
        Kind::RowAccessPolicy => p.returns.0 == Ty::Boolean,
        _ => p.args.first().is_some_and(|(_, ty)| ty.0.family() == returns),
    };
    if fine {
        return Ok(());
    }
    let want = match p.args.first() {
        Some((_, ty)) if kind == Kind::MaskingPolicy => ty.0.display(),
        _ => "BOOLEAN".into(),
    };
    Err(SfError::compile(
        "001007",
        "22023",
        format!("invalid type [{}] for the result of a {}, expected {want}", p.returns.0.display(), kind.sql()),
    ))
}

/// The body must make sense in the policy's own schema.
fn check(cx: &mut Cx<'_>, p: &Policy) -> SfResult<()> {
    let frame =
        p.args.iter().map(|(n, ty)| (n.clone(), Bound::new(format!("CAST(NULL AS {})", ty.0.duck()), ty.0))).collect();
    let script = std::mem::replace(&mut cx.s.script, vec![frame]);
    let e = Cursor::new(&p.body)?.expr()?;
    let mut binder = Binder::new(cx);
    let bound = binder.expr(&e, &Scope::new(None));
    let env = binder.env.clone();
    cx.s.script = script;
    crate::local::snowflake::bind::cast::cast(
        &bound?,
        p.returns.0,
        crate::local::snowflake::bind::cast::Mode::Explicit,
        &env,
    )?;
    Ok(())
}

/// Refuses to drop or replace a policy that is set somewhere.
///
/// # Errors
/// 003001-like, in Snowflake's words.
pub fn unused(catalog: &Catalog, policy: &Object) -> SfResult<()> {
    if catalog.all().any(|o| o.dropped_ms.is_none() && super::list::uses(o, policy.id)) {
        return Err(SfError::compile(
            "003545",
            "23001",
            format!(
                "Policy {} cannot be dropped/replaced as it is associated with one or more entities.",
                policy.bare()
            ),
        ));
    }
    Ok(())
}

impl Statement for Create {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        check(cx, &self.policy)?;
        let (catalog, full) = (cx.catalog(), cx.full_name(self.new.kind, &self.new.name)?);
        if let Some(old) = catalog.get(self.new.kind, &full).filter(|_| self.new.head.or_replace) {
            unused(&catalog, old)?;
        }
        let (kind, policy) = (self.new.kind, self.policy);
        let made = create::create(cx, &self.new, |_, _, _| {
            Ok(if kind == Kind::MaskingPolicy { Body::MaskingPolicy(policy) } else { Body::RowAccessPolicy(policy) })
        })?;
        Ok(made.answer())
    }
}

/// Behind ALTER MASKING POLICY.
///
/// # Errors
/// 001003; 000002.
pub fn alter_masking(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    parse_alter(c, Kind::MaskingPolicy)
}

/// Behind ALTER ROW ACCESS POLICY.
///
/// # Errors
/// 001003; 000002.
pub fn alter_row_access(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    parse_alter(c, Kind::RowAccessPolicy)
}

fn parse_alter(c: &mut Cursor<'_>, kind: Kind) -> SfResult<Box<dyn Statement>> {
    let if_exists = c.accept("IF EXISTS");
    let name = c.name()?;
    if c.accept("RENAME TO") {
        return rename::statement(kind, if_exists, name, c.name()?);
    }
    if let Some(statement) = alter::comment(c, kind, if_exists, &name)? {
        return Ok(statement);
    }
    if c.accept("SET BODY") {
        return Ok(Box::new(SetBody { kind, if_exists, name, body: body(c)? }));
    }
    let words = c.rest().split_whitespace().take(2).collect::<Vec<_>>().join(" ").to_ascii_uppercase();
    Err(SfError::unsupported(&format!("ALTER {} … {words}", kind.sql())))
}

impl Statement for SetBody {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let Some(found) = alter::target(cx, self.kind, &self.name, self.if_exists)? else {
            return Ok(Answer::done(kind::DDL));
        };
        let (Body::MaskingPolicy(p) | Body::RowAccessPolicy(p)) = &found.body else {
            return Err(SfError::no_operation());
        };
        let new = Policy { body: self.body, ..p.clone() };
        check(cx, &new)?;
        alter::change(cx, &found, |o| {
            if let Body::MaskingPolicy(p) | Body::RowAccessPolicy(p) = &mut o.body {
                *p = new;
            }
        })
    }
}
