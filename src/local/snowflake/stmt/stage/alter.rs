//! ALTER STAGE, ALTER FILE FORMAT.

use super::super::ddl::{alter, rename};
use super::super::{Class, Statement};
use super::{create, directory};
use crate::local::snowflake::answer::{Answer, Field, kind};
use crate::local::snowflake::catalog::{Body, Kind, ObjectName, Options};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::types::Ty;

enum Change {
    Set(Options),
    UnsetComment,
    Refresh(String),
}

struct Alter {
    kind: Kind,
    if_exists: bool,
    name: ObjectName,
    change: Change,
}

/// Behind ALTER STAGE.
///
/// # Errors
/// 001003.
pub fn parse_stage(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    parse(c, Kind::Stage)
}

/// Behind ALTER FILE FORMAT.
///
/// # Errors
/// 001003.
pub fn parse_format(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    parse(c, Kind::FileFormat)
}

fn parse(c: &mut Cursor<'_>, kind: Kind) -> SfResult<Box<dyn Statement>> {
    let if_exists = c.accept("IF EXISTS");
    let name = c.name()?;
    if c.accept("RENAME TO") {
        return rename::statement(kind, if_exists, name, c.name()?);
    }
    let change = if c.accept("UNSET COMMENT") {
        Change::UnsetComment
    } else if kind == Kind::Stage && c.accept("REFRESH") {
        let options = c.options()?;
        if let Some(key) = options.keys().find(|k| *k != "SUBPATH") {
            return Err(SfError::compile("001420", "22023", format!("invalid property '{key}' for 'STAGE'")));
        }
        Change::Refresh(options.get("SUBPATH").cloned().unwrap_or_default())
    } else {
        c.expect("SET")?;
        Change::Set(create::options(c)?)
    };
    Ok(Box::new(Alter { kind, if_exists, name, change }))
}

impl Statement for Alter {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn describe(&self, _cx: &mut Cx<'_>) -> SfResult<Vec<Field>> {
        Ok(match self.change {
            Change::Refresh(_) => directory::refresh_fields(),
            _ => vec![Field::new("status", Ty::TEXT)],
        })
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        if let Change::Refresh(subpath) = &self.change {
            return match directory::refresh(cx, &self.name, subpath) {
                Err(e) if self.if_exists && e.code == "002003" => Ok(Answer::done(kind::DDL)),
                other => other,
            };
        }
        let Some(found) = alter::target(cx, self.kind, &self.name, self.if_exists)? else {
            return Ok(Answer::done(kind::DDL));
        };
        let mut options = match self.change {
            Change::UnsetComment => return alter::change(cx, &found, |o| o.comment = String::new()),
            Change::Refresh(_) => return Err(SfError::no_operation()),
            Change::Set(options) => options,
        };
        let mut body = found.body.clone();
        let comment = match &mut body {
            Body::Stage(stage) => {
                // New credentials replace an integration and the other way round.
                if options.contains_key("CREDENTIALS") {
                    stage.integration = None;
                }
                if options.contains_key("STORAGE_INTEGRATION") {
                    stage.credentials = Options::new();
                }
                if stage.url.is_none() && options.contains_key("URL") {
                    return Err(SfError::unsupported("URL for an internal stage"));
                }
                let comment = create::apply(stage, options)?;
                create::resolve(cx, stage)?;
                comment
            }
            Body::FileFormat(format) => {
                let comment = options.remove("COMMENT");
                if options.remove("TYPE").is_some_and(|t| !t.eq_ignore_ascii_case(&format.ty)) {
                    return Err(SfError::compile("001420", "22023", "File format type cannot be changed."));
                }
                format.options.extend(options);
                create::check(&format.ty, &format.options)?;
                comment
            }
            _ => return Err(SfError::no_operation()),
        };
        alter::change(cx, &found, |o| {
            o.body = body;
            if let Some(text) = comment {
                o.comment = text;
            }
        })
    }
}
