//! Views: the text is kept, the columns are frozen as bound when the view is made.

use super::super::policy::{self, PolicyUse};
use super::super::query::Select;
use super::super::{Class, CreateHead, Statement};
use super::create::{self, New};
use super::table::boolean;
use crate::local::snowflake::answer::{Answer, Field, kind};
use crate::local::snowflake::catalog::{Body, ColumnDef, Kind, ObjectName, View};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use sqlparser::ast::Query;
use sqlparser::tokenizer::Token;

struct CreateView {
    head: CreateHead,
    if_not_exists: bool,
    name: ObjectName,
    columns: Vec<ViewColumn>,
    copy_grants: bool,
    comment: String,
    change_tracking: bool,
    row_policy: Option<PolicyUse>,
    query: String,
    /// The query with its places in the whole statement: refusals point there.
    parsed: Box<Query>,
    text: String,
}

/// Behind CREATE … VIEW.
///
/// # Errors
/// 001003; 000002; 001420.
pub fn parse_create(c: &mut Cursor<'_>, head: CreateHead) -> SfResult<Box<dyn Statement>> {
    if head.or_alter {
        return Err(SfError::unsupported("CREATE OR ALTER VIEW"));
    }
    let if_not_exists = c.accept("IF NOT EXISTS");
    let name = c.name()?;
    let (mut named, mut copy_grants, mut comment) = (Vec::new(), false, String::new());
    let (mut change_tracking, mut row_policy) = (false, None);
    loop {
        if *c.peek(0) == Token::LParen {
            named = columns(c)?;
        } else if c.accept("COPY GRANTS") {
            copy_grants = true;
        } else if c.accept("CLUSTER BY") {
            c.in_parens()?;
        } else if c.accept("AS") {
            break;
        } else if matches!(c.peek(0), Token::Word(_)) && *c.peek(1) == Token::Eq {
            match c.option()? {
                (key, value) if key == "COMMENT" => comment = value,
                (key, value) if key == "CHANGE_TRACKING" => change_tracking = boolean(&key, &value)?,
                (key, _) => return Err(super::accepted::invalid(Kind::View, &key)),
            }
        } else {
            match policy::row_clause(c)? {
                Some(used) => row_policy = Some(used),
                None if c.accept("WITH TAG") || c.accept("TAG") => {
                    return Err(SfError::unsupported("TAG of a view"));
                }
                None => return Err(c.unexpected()),
            }
        }
    }
    let text = c.text().trim().trim_end_matches(';').trim_end().to_owned();
    let mark = c.mark();
    let parsed = c.query()?;
    c.end()?;
    c.rewind(mark);
    let query = c.rest().to_owned();
    Ok(Box::new(CreateView {
        head,
        if_not_exists,
        name,
        columns: named,
        copy_grants,
        comment,
        change_tracking,
        row_policy,
        query,
        parsed,
        text,
    }))
}

/// A column as written.
#[derive(Clone, Default)]
struct ViewColumn {
    name: String,
    comment: Option<String>,
    mask: Option<PolicyUse>,
}

/// `(name [[WITH] MASKING POLICY p] [COMMENT 'x'], …)`.
fn columns(c: &mut Cursor<'_>) -> SfResult<Vec<ViewColumn>> {
    c.expect_token(&Token::LParen)?;
    let mut out = Vec::new();
    loop {
        let mut column = ViewColumn { name: c.ident()?, ..ViewColumn::default() };
        column.mask = policy::mask_clause(c, &column.name)?;
        if c.accept("COMMENT") {
            c.accept_token(&Token::Eq);
            column.comment = Some(c.string()?);
        }
        out.push(column);
        if c.accept_token(&Token::RParen) {
            return Ok(out);
        }
        c.expect_token(&Token::Comma)?;
    }
}

/// The frozen columns.
fn freeze(fields: &[Field], names: &[ViewColumn]) -> SfResult<Vec<ColumnDef>> {
    if !names.is_empty() && names.len() != fields.len() {
        return Err(SfError::compile("002026", "42601", "Invalid column definition list"));
    }
    let mut out: Vec<ColumnDef> = Vec::with_capacity(fields.len());
    for (i, f) in fields.iter().enumerate() {
        let written = names.get(i).cloned();
        let ViewColumn { name, comment, .. } =
            written.unwrap_or_else(|| ViewColumn { name: f.name.clone(), ..ViewColumn::default() });
        if out.iter().any(|c| c.name == name) {
            return Err(SfError::compile("002025", "42S21", format!("duplicate column name '{name}'")));
        }
        out.push(ColumnDef {
            name,
            phys: format!("c{}", i + 1),
            ty: f.ty,
            nullable: f.nullable,
            default: None,
            identity: None,
            comment,
            mask: None,
        });
    }
    Ok(out)
}

impl Statement for CreateView {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let fields = cx.columns_of(&Select(self.parsed))?;
        let mut columns = freeze(&fields, &self.columns)?;
        for used in self.columns.iter().filter_map(|c| c.mask.as_ref()) {
            policy::mask(cx, &mut columns, used)?;
        }
        let row_policy = self.row_policy.as_ref().map(|used| policy::row(cx, &columns, used)).transpose()?;
        let view = View {
            columns,
            change_tracking: self.change_tracking,
            row_policy,
            query: self.query,
            text: self.text,
            secure: self.head.secure,
            materialized: self.head.materialized,
            temporary: self.head.temporary,
        };
        let new = New {
            comment: self.comment,
            copy_grants: self.copy_grants,
            ..New::new(Kind::View, self.name, self.head, self.if_not_exists)
        };
        Ok(create::create(cx, &new, |_, _, _| Ok(Body::View(view)))?.answer())
    }
}

/// What ALTER VIEW sets.
#[derive(Clone, Copy)]
enum Setting {
    Secure(bool),
    Tracking(bool),
}

struct SetView {
    if_exists: bool,
    name: ObjectName,
    setting: Setting,
}

/// Behind ALTER VIEW.
///
/// # Errors
/// 001003; 000002.
pub fn parse_alter(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let if_exists = c.accept("IF EXISTS");
    let name = c.name()?;
    if c.accept("RENAME TO") {
        return super::rename::statement(Kind::View, if_exists, name, c.name()?);
    }
    if let Some(statement) = super::alter::comment(c, Kind::View, if_exists, &name)? {
        return Ok(statement);
    }
    if let Some(statement) = policy::parse_alter(c, Kind::View, if_exists, &name)? {
        return Ok(statement);
    }
    let setting = if c.accept("SET SECURE") {
        Some(Setting::Secure(true))
    } else if c.accept("UNSET SECURE") {
        Some(Setting::Secure(false))
    } else if c.accept("SET CHANGE_TRACKING") {
        c.expect_token(&Token::Eq)?;
        Some(Setting::Tracking(c.boolean()?))
    } else {
        None
    };
    if let Some(setting) = setting {
        return Ok(Box::new(SetView { if_exists, name, setting }));
    }
    let words = c.rest().split_whitespace().take(3).collect::<Vec<_>>().join(" ").to_ascii_uppercase();
    Err(SfError::unsupported(&format!("ALTER VIEW … {words}")))
}

impl Statement for SetView {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let Some(found) = super::alter::target(cx, Kind::View, &self.name, self.if_exists)? else {
            return Ok(Answer::done(kind::DDL));
        };
        super::alter::change(cx, &found, |o| {
            if let Body::View(v) = &mut o.body {
                match self.setting {
                    Setting::Secure(on) => v.secure = on,
                    Setting::Tracking(on) => v.change_tracking = on,
                }
            }
        })
    }
}
