//! Column definitions and constraints, as CREATE TABLE and ALTER TABLE ADD read them.

use super::super::super::policy::{PolicyUse, mask_clause};
use super::super::types;
use crate::local::snowflake::catalog::{ColumnDef, Constraint, Identity, ObjectName};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::types::Ty;
use sqlparser::tokenizer::Token;

/// A column as written.
#[derive(Debug, Clone)]
pub struct ColumnSpec {
    /// Name.
    pub name: String,
    /// Type; `None` in `CREATE TABLE t (a, b) AS SELECT …`.
    pub ty: Option<Ty>,
    /// NOT NULL was not said.
    pub nullable: bool,
    /// DEFAULT as written.
    pub default: Option<String>,
    /// AUTOINCREMENT / IDENTITY.
    pub identity: Option<Identity>,
    /// COMMENT.
    pub comment: Option<String>,
    /// MASKING POLICY.
    pub mask: Option<PolicyUse>,
}

impl ColumnSpec {
    /// The catalog's column, with the number of its physical name.
    #[must_use]
    pub fn define(&self, number: u32, ty: Ty) -> ColumnDef {
        ColumnDef {
            name: self.name.clone(),
            phys: format!("c{number}"),
            ty,
            nullable: self.nullable,
            default: self.default.clone(),
            identity: self.identity,
            comment: self.comment.clone(),
            mask: None,
        }
    }
}

/// A constraint as written.
#[derive(Debug, Clone, Default)]
pub struct ConstraintSpec {
    /// Its name, where one was given.
    pub name: Option<String>,
    /// `PRIMARY KEY`, `UNIQUE`, `FOREIGN KEY`.
    pub kind: String,
    /// Columns.
    pub columns: Vec<String>,
    /// Referenced table as written, and columns.
    pub references: Option<(ObjectName, Vec<String>)>,
}

impl ConstraintSpec {
    /// The catalog's constraint; `target` is the referenced table's full name.
    #[must_use]
    pub fn define(&self, target: Option<Vec<String>>) -> Constraint {
        let name = self.name.clone().unwrap_or_else(|| format!("SYS_CONSTRAINT_{}", uuid::Uuid::new_v4()));
        Constraint {
            name,
            kind: self.kind.clone(),
            columns: self.columns.clone(),
            references: target.zip(self.references.as_ref().map(|(_, c)| c.clone())),
        }
    }
}

/// What stands between the parentheses of CREATE TABLE.
#[derive(Debug, Clone, Default)]
pub struct Body {
    /// Columns in order.
    pub columns: Vec<ColumnSpec>,
    /// Constraints in order, those of columns included.
    pub constraints: Vec<ConstraintSpec>,
}

/// `( column | constraint, … )`.
///
/// # Errors
/// 001003; 002025 for a doubled name; 000002 for what is not supported.
pub fn parse_body(c: &mut Cursor<'_>) -> SfResult<Body> {
    c.expect_token(&Token::LParen)?;
    let mut body = Body::default();
    loop {
        if let Some(constraint) = parse_constraint(c)? {
            body.constraints.push(constraint);
        } else {
            parse_column(c, &mut body)?;
        }
        if c.accept_token(&Token::RParen) {
            break;
        }
        c.expect_token(&Token::Comma)?;
    }
    for (i, column) in body.columns.iter().enumerate() {
        if body.columns[..i].iter().any(|o| o.name == column.name) {
            return Err(SfError::compile("002025", "42S21", format!("duplicate column name '{}'", column.name)));
        }
    }
    let keys = |kind: &str| body.constraints.iter().filter(|k| k.kind == kind).count();
    if keys("PRIMARY KEY") > 1 {
        return Err(SfError::compile("002200", "42P16", "multiple primary keys are not allowed."));
    }
    // A primary key's columns cannot be NULL.
    let key: Vec<String> =
        body.constraints.iter().filter(|k| k.kind == "PRIMARY KEY").flat_map(|k| k.columns.clone()).collect();
    for name in key {
        let column = body.columns.iter_mut().find(|col| col.name == name);
        column.ok_or_else(|| SfError::compile("000904", "42000", format!("invalid identifier '{name}'")))?.nullable =
            false;
    }
    Ok(body)
}

/// One column; its constraints go to the body's.
///
/// # Errors
/// 001003; 000002 for what is not supported.
pub fn parse_column(c: &mut Cursor<'_>, body: &mut Body) -> SfResult<()> {
    let name = c.ident()?;
    let bare = matches!(c.peek(0), Token::Comma | Token::RParen);
    let ty = if bare { None } else { Some(types::parse(c)?) };
    let mut spec = ColumnSpec { name, ty, nullable: true, default: None, identity: None, comment: None, mask: None };
    while parse_attribute(c, &mut spec, body)? {}
    body.columns.push(spec);
    Ok(())
}

fn parse_attribute(c: &mut Cursor<'_>, spec: &mut ColumnSpec, body: &mut Body) -> SfResult<bool> {
    if c.accept("NOT NULL") {
        spec.nullable = false;
    } else if c.accept("NULL") {
        spec.nullable = true;
    } else if c.accept("DEFAULT") {
        spec.default = Some(expression(c)?);
    } else if c.accept("AUTOINCREMENT") || c.accept("IDENTITY") {
        spec.identity = Some(parse_identity(c)?);
    } else if c.accept("COMMENT") {
        c.accept_token(&Token::Eq);
        spec.comment = Some(c.string()?);
    } else if c.accept("COLLATE") {
        let collation = c.string()?;
        if !matches!(collation.as_str(), "" | "utf8" | "UTF8") {
            return Err(SfError::unsupported(&format!("COLLATE '{collation}'")));
        }
    } else if let Some(used) = mask_clause(c, &spec.name)? {
        spec.mask = Some(used);
    } else if let Some(refused) =
        ["WITH TAG", "TAG", "WITH PROJECTION POLICY", "CHECK"].into_iter().find(|words| c.accept(words))
    {
        return Err(SfError::unsupported(&format!("{refused} of a column")));
    } else if let Some(constraint) = inline_constraint(c, &spec.name)? {
        body.constraints.push(constraint);
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// An expression by sqlparser, as written.
///
/// # Errors
/// 001003.
pub fn expression(c: &mut Cursor<'_>) -> SfResult<String> {
    let from = c.offset();
    c.expr()?;
    Ok(c.slice(from, c.offset_behind()).to_owned())
}

fn parse_identity(c: &mut Cursor<'_>) -> SfResult<Identity> {
    let mut id = Identity { start: 1, step: 1, ordered: false };
    if c.accept_token(&Token::LParen) {
        id.start = c.integer()?;
        c.expect_token(&Token::Comma)?;
        id.step = c.integer()?;
        c.expect_token(&Token::RParen)?;
    }
    loop {
        if c.accept("START") {
            let _ = c.accept("WITH") || c.accept_token(&Token::Eq);
            id.start = c.integer()?;
        } else if c.accept("INCREMENT") {
            let _ = c.accept("BY") || c.accept_token(&Token::Eq);
            id.step = c.integer()?;
        } else if c.accept("ORDER") {
            id.ordered = true;
        } else if c.accept("NOORDER") {
            id.ordered = false;
        } else {
            return Ok(id);
        }
    }
}

fn inline_constraint(c: &mut Cursor<'_>, column: &str) -> SfResult<Option<ConstraintSpec>> {
    let name = if c.accept("CONSTRAINT") { Some(c.ident()?) } else { None };
    let mut spec = ConstraintSpec { name, columns: vec![column.to_owned()], ..ConstraintSpec::default() };
    if c.accept("PRIMARY KEY") {
        spec.kind = "PRIMARY KEY".into();
    } else if c.accept("UNIQUE") {
        spec.kind = "UNIQUE".into();
    } else if c.accept("FOREIGN KEY REFERENCES") || c.accept("REFERENCES") {
        spec.kind = "FOREIGN KEY".into();
        spec.references = Some(references(c)?);
    } else if spec.name.is_some() {
        // CONSTRAINT n NOT NULL
        c.expect("NOT NULL")?;
        return Err(SfError::unsupported("CONSTRAINT … NOT NULL"));
    } else {
        return Ok(None);
    }
    properties(c);
    Ok(Some(spec))
}

/// An out-of-line constraint, if one comes.
///
/// # Errors
/// 001003.
pub fn parse_constraint(c: &mut Cursor<'_>) -> SfResult<Option<ConstraintSpec>> {
    let mark = c.mark();
    let name = if c.accept("CONSTRAINT") { Some(c.ident()?) } else { None };
    let kind = ["PRIMARY KEY", "UNIQUE", "FOREIGN KEY"].into_iter().find(|words| c.accept(words));
    let Some(kind) = kind.filter(|_| *c.peek(0) == Token::LParen) else {
        if c.accept("CHECK") && *c.peek(0) == Token::LParen {
            return Err(SfError::unsupported("CHECK constraint"));
        }
        c.rewind(mark);
        return Ok(None);
    };
    let mut spec = ConstraintSpec { name, kind: kind.into(), columns: name_list(c)?, references: None };
    if kind == "FOREIGN KEY" {
        c.expect("REFERENCES")?;
        spec.references = Some(references(c)?);
    }
    properties(c);
    Ok(Some(spec))
}

fn references(c: &mut Cursor<'_>) -> SfResult<(ObjectName, Vec<String>)> {
    let table = c.name()?;
    let columns = if *c.peek(0) == Token::LParen { name_list(c)? } else { Vec::new() };
    Ok((table, columns))
}

/// `(a, b)`.
///
/// # Errors
/// 001003.
pub fn name_list(c: &mut Cursor<'_>) -> SfResult<Vec<String>> {
    c.expect_token(&Token::LParen)?;
    let mut out = vec![c.ident()?];
    while c.accept_token(&Token::Comma) {
        out.push(c.ident()?);
    }
    c.expect_token(&Token::RParen)?;
    Ok(out)
}

/// Properties of constraints say how they would be enforced; none is.
fn properties(c: &mut Cursor<'_>) {
    const PROPERTIES: &[&str] = &[
        "NOT ENFORCED",
        "ENFORCED",
        "NOT DEFERRABLE",
        "DEFERRABLE",
        "INITIALLY DEFERRED",
        "INITIALLY IMMEDIATE",
        "ENABLE",
        "DISABLE",
        "VALIDATE",
        "NOVALIDATE",
        "RELY",
        "NORELY",
        "MATCH FULL",
        "MATCH SIMPLE",
        "MATCH PARTIAL",
        "ON UPDATE CASCADE",
        "ON UPDATE SET NULL",
        "ON UPDATE SET DEFAULT",
        "ON UPDATE RESTRICT",
        "ON UPDATE NO ACTION",
        "ON DELETE CASCADE",
        "ON DELETE SET NULL",
        "ON DELETE SET DEFAULT",
        "ON DELETE RESTRICT",
        "ON DELETE NO ACTION",
    ];
    while PROPERTIES.iter().any(|words| c.accept(words)) {}
}
