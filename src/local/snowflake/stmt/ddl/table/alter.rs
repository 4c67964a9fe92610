//! ALTER TABLE: its forms. What each does is in [`super::change`].

use super::change::Change;
use super::columns::{Body as Columns, expression, name_list, parse_column, parse_constraint};
use super::options::{TableOptions, parse_option};
use crate::local::snowflake::answer::{Answer, kind};
use crate::local::snowflake::catalog::{Kind, ObjectName};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::stmt::{Class, Statement};
use sqlparser::tokenizer::Token;

struct AlterTable {
    if_exists: bool,
    name: ObjectName,
    changes: Vec<Change>,
}

/// Behind ALTER TABLE.
///
/// # Errors
/// 001003; 000002 for forms that are not supported.
pub fn parse(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let if_exists = c.accept("IF EXISTS");
    let name = c.name()?;
    if c.accept("RENAME TO") {
        return super::super::rename::statement(Kind::Table, if_exists, name, c.name()?);
    }
    if let Some(statement) = super::super::super::policy::parse_alter(c, Kind::Table, if_exists, &name)? {
        return Ok(statement);
    }
    let mut changes = Vec::new();
    if c.accept("SWAP WITH") {
        changes.push(Change::Swap(c.name()?));
    } else if c.accept("RENAME COLUMN") {
        let from = c.ident()?;
        c.expect("TO")?;
        changes.push(Change::RenameColumn(from, c.ident()?));
    } else if c.accept("RENAME CONSTRAINT") {
        let from = c.ident()?;
        c.expect("TO")?;
        changes.push(Change::RenameConstraint(from, c.ident()?));
    } else if c.accept("ADD") {
        add(c, &mut changes)?;
    } else if c.accept("DROP") {
        drop_parts(c, &mut changes)?;
    } else if c.accept("ALTER") || c.accept("MODIFY") {
        modify(c, &mut changes)?;
    } else if c.accept("SUSPEND RECLUSTER") || c.accept("RESUME RECLUSTER") {
        // Rows are not clustered: nothing to suspend.
    } else if c.accept("UNSET") {
        loop {
            changes.push(Change::Unset(c.ident()?));
            if !c.accept_token(&Token::Comma) {
                break;
            }
        }
    } else {
        options(c, &mut changes)?;
    }
    Ok(Box::new(AlterTable { if_exists, name, changes }))
}

fn options(c: &mut Cursor<'_>, changes: &mut Vec<Change>) -> SfResult<()> {
    let clustering = c.sees(&["CLUSTER", "BY"]);
    if !clustering && !c.accept("SET") {
        let words = c.rest().split_whitespace().take(3).collect::<Vec<_>>().join(" ").to_ascii_uppercase();
        return Err(SfError::unsupported(&format!("ALTER TABLE … {words}")));
    }
    let mut options = TableOptions::default();
    while parse_option(c, &mut options)? {}
    changes.push(Change::Options(options));
    Ok(())
}

fn add(c: &mut Cursor<'_>, changes: &mut Vec<Change>) -> SfResult<()> {
    for refused in ["SEARCH OPTIMIZATION", "AGGREGATION POLICY", "TAG", "STORAGE LIFECYCLE POLICY"] {
        if c.accept(refused) {
            return Err(SfError::unsupported(&format!("ALTER TABLE … ADD {refused}")));
        }
    }
    loop {
        if let Some(constraint) = parse_constraint(c)? {
            changes.push(Change::AddConstraint(constraint));
        } else {
            c.accept("COLUMN");
            let if_not_exists = c.accept("IF NOT EXISTS");
            let mut body = Columns::default();
            parse_column(c, &mut body)?;
            for spec in body.columns {
                if spec.ty.is_none() {
                    return Err(c.unexpected());
                }
                changes.push(Change::AddColumn { spec: Box::new(spec), if_not_exists });
            }
            changes.extend(body.constraints.into_iter().map(Change::AddConstraint));
        }
        if !c.accept_token(&Token::Comma) {
            return Ok(());
        }
    }
}

fn drop_parts(c: &mut Cursor<'_>, changes: &mut Vec<Change>) -> SfResult<()> {
    if c.accept("CLUSTERING KEY") {
        changes.push(Change::Options(TableOptions { cluster_by: Some(Vec::new()), ..TableOptions::default() }));
    } else if c.accept("PRIMARY KEY") {
        changes.push(Change::DropConstraint { name: None, kind: "PRIMARY KEY", columns: Vec::new() });
    } else if c.accept("CONSTRAINT") {
        changes.push(Change::DropConstraint { name: Some(c.ident()?), kind: "", columns: Vec::new() });
    } else if c.accept("UNIQUE") {
        changes.push(Change::DropConstraint { name: None, kind: "UNIQUE", columns: name_list(c)? });
    } else if c.accept("FOREIGN KEY") {
        changes.push(Change::DropConstraint { name: None, kind: "FOREIGN KEY", columns: name_list(c)? });
    } else {
        c.accept("COLUMN");
        let if_exists = c.accept("IF EXISTS");
        loop {
            c.accept("COLUMN");
            changes.push(Change::DropColumn { name: c.ident()?, if_exists });
            if !c.accept_token(&Token::Comma) {
                break;
            }
        }
    }
    let _ = c.accept("CASCADE") || c.accept("RESTRICT");
    Ok(())
}

fn modify(c: &mut Cursor<'_>, changes: &mut Vec<Change>) -> SfResult<()> {
    let parens = c.accept_token(&Token::LParen);
    loop {
        c.accept("COLUMN");
        let name = c.ident()?;
        changes.push(modify_one(c, name)?);
        if !c.accept_token(&Token::Comma) {
            break;
        }
    }
    if parens {
        c.expect_token(&Token::RParen)?;
    }
    Ok(())
}

fn modify_one(c: &mut Cursor<'_>, name: String) -> SfResult<Change> {
    Ok(if c.accept("SET NOT NULL") || c.accept("NOT NULL") {
        Change::Nullable(name, false)
    } else if c.accept("DROP NOT NULL") {
        Change::Nullable(name, true)
    } else if c.accept("DROP DEFAULT") {
        Change::Default(name, None)
    } else if c.accept("SET DEFAULT") {
        Change::Default(name, Some(expression(c)?))
    } else if c.accept("UNSET COMMENT") {
        Change::ColumnComment(name, None)
    } else if c.accept("COMMENT") {
        c.accept_token(&Token::Eq);
        Change::ColumnComment(name, Some(c.string()?))
    } else if let Some(words) = ["SET TAG", "UNSET TAG", "SET PROJECTION POLICY"].into_iter().find(|w| c.accept(w)) {
        return Err(SfError::unsupported(&format!("ALTER TABLE … MODIFY COLUMN … {words}")));
    } else {
        let _ = c.accept("SET DATA TYPE") || c.accept("TYPE");
        Change::Type(name, super::super::types::parse(c)?)
    })
}

impl Statement for AlterTable {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let found = match cx.find(Kind::Table, &self.name) {
            Err(e) if self.if_exists && e.code == "002003" => return Ok(Answer::done(kind::DDL)),
            other => other?,
        };
        if found.table().is_none() {
            return Err(SfError::no_operation());
        }
        cx.require(&found, "OWNERSHIP")?;
        super::change::run(cx, &found, self.changes)?;
        Ok(Answer::done(kind::DDL))
    }
}
