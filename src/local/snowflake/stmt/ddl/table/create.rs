//! CREATE TABLE in all its forms.

use super::super::super::policy;
use super::super::create::{self, Made, New};
use super::super::sequence;
use super::clone::{Copies, copy_table};
use super::columns::{Body as Columns, parse_body};
use super::ctas;
use super::options::{TableOptions, parse_option};
use super::template;
use crate::local::snowflake::answer::Answer;
use crate::local::snowflake::catalog::{Body, ColumnDef, Constraint, Kind, Object, ObjectName, Table, TableKind};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::stmt::{Class, CreateHead, Statement};
use crate::local::snowflake::store;
use sqlparser::tokenizer::Token;

/// Where a table's columns come from.
enum From {
    Columns,
    Like(ObjectName),
    Clone(ObjectName),
    Query(String),
    Template(String),
}

struct CreateTable {
    head: CreateHead,
    if_not_exists: bool,
    name: ObjectName,
    columns: Columns,
    options: TableOptions,
    from: From,
}

/// Behind CREATE … TABLE.
///
/// # Errors
/// 001003; 000002 and 001420 for what is not supported.
pub fn parse(c: &mut Cursor<'_>, head: CreateHead) -> SfResult<Box<dyn Statement>> {
    if head.or_alter {
        return Err(SfError::unsupported("CREATE OR ALTER TABLE"));
    }
    let if_not_exists = c.accept("IF NOT EXISTS");
    let name = c.name()?;
    let mut options = TableOptions::default();
    let mut columns = Columns::default();
    let mut from = From::Columns;
    if *c.peek(0) == Token::LParen {
        columns = parse_body(c)?;
    }
    loop {
        if c.accept("USING TEMPLATE") {
            from = From::Template(c.in_parens()?.to_owned());
        } else if c.accept("LIKE") {
            from = From::Like(c.name()?);
        } else if c.accept("CLONE") {
            from = From::Clone(c.name()?);
            if c.sees(&["AT"]) || c.sees(&["BEFORE"]) {
                return Err(SfError::unsupported("CLONE … AT/BEFORE"));
            }
        } else if c.accept("AS") {
            from = From::Query(c.rest().to_owned());
            break;
        } else if !parse_option(c, &mut options)? {
            break;
        }
    }
    if columns.columns.is_empty() && matches!(from, From::Columns) {
        return Err(c.unexpected());
    }
    if matches!(from, From::Columns)
        && let Some(untyped) = columns.columns.iter().find(|col| col.ty.is_none())
    {
        return Err(SfError::compile("002028", "42601", format!("Data type of column '{}' is missing.", untyped.name)));
    }
    Ok(Box::new(CreateTable { head, if_not_exists, name, columns, options, from }))
}

impl Statement for CreateTable {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let new = New {
            comment: self.options.comment.clone().unwrap_or_default(),
            copy_grants: self.options.copy_grants,
            ..New::new(Kind::Table, self.name.clone(), self.head, self.if_not_exists)
        };
        let constraints = self.constraints(cx)?;
        let made = match &self.from {
            From::Columns => {
                let columns = self.define();
                super::super::default::check(cx, &columns)?;
                let mut table = self.table(cx, columns, constraints)?;
                let rows = self.options.row_policy.as_ref();
                policy::set_on(cx, &mut table, &self.columns.columns, rows)?;
                make(cx, &new, table)?
            }
            From::Like(source) => {
                let source = source_table(cx, source)?;
                let mut table = source.table().cloned().unwrap_or_default();
                table.kind = self.kind(cx)?;
                table.change_tracking = false;
                self.options.apply(&mut table);
                make(cx, &new, table)?
            }
            From::Clone(source) => {
                let source = source_table(cx, source)?;
                self.clone_of(cx, &new, &source)?
            }
            From::Template(query) => {
                let columns = template::columns(cx, query)?;
                let table = self.table(cx, columns, constraints)?;
                make(cx, &new, table)?
            }
            From::Query(query) => {
                let table = self.table(cx, Vec::new(), constraints)?;
                let rows = self.options.row_policy.as_ref();
                return ctas::run(cx, &new, query, &self.columns.columns, rows, table);
            }
        };
        Ok(made.answer())
    }
}

fn source_table(cx: &Cx<'_>, name: &ObjectName) -> SfResult<std::sync::Arc<Object>> {
    let source = cx.find(Kind::Table, name)?;
    if source.table().is_none() {
        return Err(SfError::no_operation());
    }
    cx.require(&source, "SELECT")?;
    Ok(source)
}

/// Makes a table whose columns are known.
pub(super) fn make(cx: &mut Cx<'_>, new: &New, mut table: Table) -> SfResult<Made> {
    create::create(cx, new, |_, conn, id| {
        table.store = id;
        store::create_table(conn, id, &table.columns)?;
        start_identity(conn, &table)?;
        Ok(Body::Table(table))
    })
}

/// An AUTOINCREMENT column counts in a DuckDB sequence of its own.
pub(super) fn start_identity(conn: &duckdb::Connection, table: &Table) -> SfResult<()> {
    for column in &table.columns {
        if let Some(id) = column.identity {
            sequence::start(conn, &sequence::identity_name(table.store, &column.phys), id.start, id.step)?;
        }
    }
    Ok(())
}

impl CreateTable {
    fn kind(&self, cx: &Cx<'_>) -> SfResult<TableKind> {
        if self.head.temporary {
            return Ok(TableKind::Temporary);
        }
        let full = cx.full_name(Kind::Table, &self.name)?;
        let catalog = cx.catalog();
        // TRANSIENT is inherited from the schema.
        let inherited = catalog.get(Kind::Schema, &full[..2]).is_some_and(|s| match &s.body {
            Body::Schema(s) => s.transient,
            _ => false,
        });
        Ok(if self.head.transient || inherited { TableKind::Transient } else { TableKind::Permanent })
    }

    fn define(&self) -> Vec<ColumnDef> {
        let numbered = self.columns.columns.iter().zip(1u32..);
        numbered.filter_map(|(spec, n)| spec.ty.map(|ty| spec.define(n, ty))).collect()
    }

    fn table(&self, cx: &Cx<'_>, columns: Vec<ColumnDef>, constraints: Vec<Constraint>) -> SfResult<Table> {
        let next_column = u32::try_from(columns.len()).unwrap_or(u32::MAX) + 1;
        let mut table = Table { columns, next_column, constraints, kind: self.kind(cx)?, ..Table::default() };
        self.options.apply(&mut table);
        Ok(table)
    }

    fn constraints(&self, cx: &Cx<'_>) -> SfResult<Vec<Constraint>> {
        self.columns.constraints.iter().map(|spec| constraint(cx, spec)).collect()
    }

    fn clone_of(&self, cx: &mut Cx<'_>, new: &New, source: &Object) -> SfResult<Made> {
        let Some(from) = source.table() else { return Err(SfError::no_operation()) };
        let mut table = from.clone();
        table.kind = self.kind(cx)?;
        table.change_tracking = false;
        self.options.apply(&mut table);
        let new =
            New { comment: self.options.comment.clone().unwrap_or_else(|| source.comment.clone()), ..new.clone() };
        let mut copies = Copies::new(cx);
        let engine = cx.engine.clone();
        let _held = engine.locks.acquire(&[from.store], &|| false)?;
        let made = create::create(cx, &new, |_, conn, id| {
            table.store = id;
            copy_table(conn, from, &table, &mut copies)?;
            Ok(Body::Table(table))
        })?;
        copies.publish(cx);
        Ok(made)
    }
}

/// A constraint with its referenced table's full name, which must be there.
///
/// # Errors
/// 002003.
pub(super) fn constraint(cx: &Cx<'_>, spec: &super::columns::ConstraintSpec) -> SfResult<Constraint> {
    let target = match &spec.references {
        Some((name, _)) => Some(cx.find(Kind::Table, name)?.name.clone()),
        None => None,
    };
    Ok(spec.define(target))
}
