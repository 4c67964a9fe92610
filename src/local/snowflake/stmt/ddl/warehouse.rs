//! Warehouses: accepted and listed, without effect.

use super::super::{Class, CreateHead, Statement};
use super::create::{self, Made, New};
use super::{accepted, alter};
use crate::local::snowflake::answer::{Answer, kind};
use crate::local::snowflake::catalog::{Body, Kind, ObjectName, Options, Warehouse};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use sqlparser::tokenizer::Token;

/// Sizes as options write them (upper case, without hyphens) and as SHOW prints them.
const SIZES: &[(&str, &str)] = &[
    ("XSMALL", "X-Small"),
    ("SMALL", "Small"),
    ("MEDIUM", "Medium"),
    ("LARGE", "Large"),
    ("XLARGE", "X-Large"),
    ("XXLARGE", "2X-Large"),
    ("X2LARGE", "2X-Large"),
    ("2XLARGE", "2X-Large"),
    ("XXXLARGE", "3X-Large"),
    ("X3LARGE", "3X-Large"),
    ("3XLARGE", "3X-Large"),
    ("X4LARGE", "4X-Large"),
    ("4XLARGE", "4X-Large"),
    ("X5LARGE", "5X-Large"),
    ("5XLARGE", "5X-Large"),
    ("X6LARGE", "6X-Large"),
    ("6XLARGE", "6X-Large"),
];

fn size(value: &str) -> SfResult<String> {
    let key = value.to_ascii_uppercase().replace('-', "");
    SIZES.iter().find(|(k, _)| *k == key).map(|(_, shown)| (*shown).to_owned()).ok_or_else(|| {
        SfError::compile("001008", "22023", format!("invalid value [{value}] for parameter 'WAREHOUSE_SIZE'"))
    })
}

/// Puts options into a warehouse; the comment comes back.
fn apply(w: &mut Warehouse, mut options: Options) -> SfResult<Option<String>> {
    let comment = options.remove("COMMENT");
    accepted::check(Kind::Warehouse, &options)?;
    if let Some(v) = options.remove("WAREHOUSE_SIZE") {
        w.size = size(&v)?;
    }
    if let Some(v) = options.remove("INITIALLY_SUSPENDED") {
        w.suspended = v.eq_ignore_ascii_case("TRUE");
    }
    w.options.extend(options);
    Ok(comment)
}

struct CreateWarehouse {
    head: CreateHead,
    if_not_exists: bool,
    name: ObjectName,
    warehouse: Warehouse,
    comment: String,
}

/// Behind CREATE … WAREHOUSE.
///
/// # Errors
/// 001003; 001008; 001420.
pub fn parse_create(c: &mut Cursor<'_>, head: CreateHead) -> SfResult<Box<dyn Statement>> {
    let if_not_exists = c.accept("IF NOT EXISTS");
    let name = c.name()?;
    c.accept("WITH");
    let mut warehouse = Warehouse { size: "X-Small".into(), ..Warehouse::default() };
    let comment = apply(&mut warehouse, c.options()?)?.unwrap_or_default();
    Ok(Box::new(CreateWarehouse { head, if_not_exists, name, warehouse, comment }))
}

impl Statement for CreateWarehouse {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let this = *self;
        let new = New { comment: this.comment, ..New::new(Kind::Warehouse, this.name, this.head, this.if_not_exists) };
        let made = create::create(cx, &new, |_, _, _| Ok(Body::Warehouse(this.warehouse)))?;
        // A new warehouse becomes the session's.
        if let Made::Created(w) = &made {
            cx.s.warehouse = Some(w.bare().to_owned());
        }
        Ok(made.answer())
    }
}

enum Change {
    Suspend(bool),
    Abort,
    Set(Options),
    Unset(Vec<String>),
}

struct AlterWarehouse {
    if_exists: bool,
    name: Option<ObjectName>,
    change: Change,
}

/// Behind ALTER WAREHOUSE.
///
/// # Errors
/// 001003.
pub fn parse_alter(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let if_exists = c.accept("IF EXISTS");
    let bare = ["SUSPEND", "RESUME", "SET", "UNSET", "ABORT"].into_iter().any(|w| {
        let mark = c.mark();
        let hit = c.accept(w);
        c.rewind(mark);
        hit
    });
    let name = if bare { None } else { Some(c.name()?) };
    let change = if c.accept("RENAME TO") {
        let Some(name) = name else { return Err(c.unexpected()) };
        return super::rename::statement(Kind::Warehouse, if_exists, name, c.name()?);
    } else if c.accept("SUSPEND") {
        Change::Suspend(true)
    } else if c.accept("RESUME") {
        c.accept("IF SUSPENDED");
        Change::Suspend(false)
    } else if c.accept("ABORT ALL QUERIES") {
        Change::Abort
    } else if c.accept("UNSET") {
        let mut keys = vec![c.ident()?];
        while c.accept_token(&Token::Comma) {
            keys.push(c.ident()?);
        }
        Change::Unset(keys)
    } else {
        c.expect("SET")?;
        Change::Set(c.options()?)
    };
    Ok(Box::new(AlterWarehouse { if_exists, name, change }))
}

impl Statement for AlterWarehouse {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let name = match (&self.name, &cx.s.warehouse) {
            (Some(n), _) => n.clone(),
            (None, Some(w)) => ObjectName(vec![w.clone()]),
            (None, None) => return cx.need_warehouse().map(|()| Answer::done(kind::DDL)),
        };
        let found = match cx.find(Kind::Warehouse, &name) {
            Err(_) if self.if_exists => return Ok(Answer::done(kind::DDL)),
            other => other?,
        };
        let privilege = match self.change {
            Change::Suspend(_) | Change::Abort => "OPERATE",
            Change::Set(_) | Change::Unset(_) => "MODIFY",
        };
        cx.require(&found, privilege)?;
        let Body::Warehouse(w) = &found.body else { return Err(SfError::no_operation()) };
        let mut new = w.clone();
        let mut comment = None;
        match self.change {
            Change::Suspend(on) => new.suspended = on,
            Change::Abort => return Err(SfError::unsupported("ALTER WAREHOUSE … ABORT ALL QUERIES")),
            Change::Set(options) => comment = apply(&mut new, options)?,
            Change::Unset(keys) => {
                for key in keys {
                    if key == "COMMENT" {
                        comment = Some(String::new());
                    } else if !accepted::is_accepted(Kind::Warehouse, &key) {
                        return Err(accepted::invalid(Kind::Warehouse, &key));
                    }
                    new.options.remove(&key);
                }
            }
        }
        alter::change(cx, &found, |o| {
            if let Some(text) = comment {
                o.comment = text;
            }
            o.body = Body::Warehouse(new);
        })
    }
}
