//! INSERT into one table.

use super::super::super::answer::{Answer, DmlStats, kind};
use super::super::super::bind::Bound;
use super::super::super::bind::binder::Binder;
use super::super::super::bind::scope::{Scope, fold};
use super::super::super::catalog::ObjectName;
use super::super::super::error::{SfError, SfResult};
use super::super::super::session::Cx;
use super::super::super::sql::Cursor;
use super::super::explain::Planned;
use super::super::{Class, Statement};
use super::rows::{insert_rows, retire_all};
use super::target::Target;
use sqlparser::ast::{Expr, Query, SetExpr};
use sqlparser::tokenizer::Token;

/// From so many bytes of DuckDB SQL on, planning a query costs more than its rows do: its rows are put aside by a statement
/// that is planned once, and only the insertion of them is counted.
const LONG: usize = 4_000;

struct Insert {
    overwrite: bool,
    table: ObjectName,
    columns: Vec<String>,
    query: Box<Query>,
}

/// A bound INSERT.
struct Plan {
    target: Target,
    list: Vec<String>,
    from: String,
}

/// Behind `INSERT [OVERWRITE]`.
///
/// # Errors
/// 001003.
pub fn parse(c: &mut Cursor<'_>, overwrite: bool) -> SfResult<Box<dyn Statement>> {
    c.expect("INTO")?;
    c.accept("TABLE");
    let table = c.name()?;
    let columns = column_list(c)?;
    Ok(Box::new(Insert { overwrite, table, columns, query: c.query()? }))
}

/// `(a, b)`, where it is a list of columns and not a query in parentheses.
///
/// # Errors
/// 001003.
pub fn column_list(c: &mut Cursor<'_>) -> SfResult<Vec<String>> {
    let query = matches!(c.peek(1), Token::LParen)
        || matches!(c.peek(1), Token::Word(w) if w.quote_style.is_none()
            && ["SELECT", "WITH", "VALUES"].iter().any(|k| w.value.eq_ignore_ascii_case(k)));
    if *c.peek(0) != Token::LParen || query {
        return Ok(Vec::new());
    }
    c.expect_token(&Token::LParen)?;
    let mut columns = vec![c.ident()?];
    while c.accept_token(&Token::Comma) {
        columns.push(c.ident()?);
    }
    c.expect_token(&Token::RParen)?;
    Ok(columns)
}

impl Insert {
    fn plan(&self, b: &mut Binder<'_, '_>) -> SfResult<Plan> {
        let privileges: &[&str] = if self.overwrite { &["INSERT", "DELETE"] } else { &["INSERT"] };
        let target = Target::find(b, &self.table, privileges)?;
        let columns = target.columns(&self.columns)?;
        let count = |n: usize| {
            SfError::compile(
                "002057",
                "42601",
                format!("Insert value list does not match column list expecting {} but got {n}", columns.len()),
            )
        };
        if let SetExpr::Values(values) = &*self.query.body
            && self.query.with.is_none()
            && self.query.order_by.is_none()
        {
            let mut lines = Vec::new();
            for row in &values.rows {
                if row.content.len() != columns.len() {
                    return Err(count(row.content.len()));
                }
                let cells: Vec<Option<Bound>> = row.content.iter().map(|e| cell(b, e)).collect::<SfResult<_>>()?;
                let line = target.row(b, &columns, &cells)?;
                lines.push(line.into_iter().map(|c| c.sql).collect::<Vec<_>>());
            }
            let names: Vec<String> = (1..=target.table().columns.len()).map(|i| format!("v{i}")).collect();
            if let Some(rows) = b.bind_relation() {
                // One row of expressions over the bound arrays.
                return Ok(Plan { target, list: lines.remove(0), from: format!("FROM {rows}") });
            }
            let lines: Vec<String> = lines.iter().map(|line| format!("({})", line.join(", "))).collect();
            let from = format!("FROM (VALUES {}) AS v({})", lines.join(", "), names.join(", "));
            // VALUES loses the types: say them again.
            let list = names
                .iter()
                .zip(&target.table().columns)
                .map(|(n, c)| format!("CAST({n} AS {})", c.ty.duck()))
                .collect();
            return Ok(Plan { target, list, from });
        }
        let (sql, fields) = b.query(&self.query, None)?;
        if fields.len() != columns.len() {
            return Err(count(fields.len()));
        }
        let values: Vec<Option<Bound>> = fields
            .iter()
            .enumerate()
            .map(|(i, f)| Some(Bound { nullable: f.nullable, ..Bound::new(format!("s.c{}", i + 1), f.ty) }))
            .collect();
        let list = target.row(b, &columns, &values)?.into_iter().map(|x| x.sql).collect();
        Ok(Plan { list, from: format!("FROM ({sql}) AS s"), target })
    }
}

/// A value of VALUES; `None` for DEFAULT.
///
/// # Errors
/// What the expression refuses.
pub fn cell(b: &mut Binder<'_, '_>, e: &Expr) -> SfResult<Option<Bound>> {
    if matches!(e, Expr::Identifier(i) if i.quote_style.is_none() && fold(i) == "DEFAULT") {
        return Ok(None);
    }
    b.expr(e, &Scope::new(None)).map(Some)
}

impl Statement for Insert {
    fn class(&self) -> Class {
        Class::Dml
    }

    fn to_explain(&self, b: &mut Binder<'_, '_>) -> SfResult<Planned> {
        let plan = self.plan(b)?;
        let list: Vec<String> = plan.list.iter().enumerate().map(|(i, e)| format!("{e} AS c{}", i + 1)).collect();
        let sql = format!("SELECT {} {}", list.join(", "), plan.from);
        Ok(Planned::dml("Insert", &plan.target.object.name, sql))
    }

    fn takes_bind_rows(&self) -> bool {
        matches!(&*self.query.body, SetExpr::Values(values) if values.rows.len() == 1)
            && self.query.with.is_none()
            && self.query.order_by.is_none()
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let n = super::run(
            cx,
            |b| self.plan(b),
            |p| vec![p.target.store()],
            |cx, plan| {
                if self.overwrite || plan.from.len() > LONG {
                    // The new rows may come from the table itself: they are computed before the old ones go.
                    let work = cx.work_table();
                    let names: Vec<String> =
                        plan.list.iter().enumerate().map(|(i, e)| format!("{e} AS c{}", i + 1)).collect();
                    cx.run_uncounted(&format!(
                        "CREATE TEMP TABLE {work} AS SELECT {} {}",
                        names.join(", "),
                        plan.from
                    ))?;
                    if self.overwrite {
                        retire_all(cx, plan.target.table())?;
                    }
                    let list: Vec<String> = (1..=names.len()).map(|i| format!("c{i}")).collect();
                    let n = insert_rows(cx, plan.target.table(), &list, &format!("FROM {work}"))?;
                    cx.run_uncounted(&format!("DROP TABLE {work}"))?;
                    return Ok(n);
                }
                insert_rows(cx, plan.target.table(), &plan.list, &plan.from)
            },
        )?;
        let stats = DmlStats { inserted: n, ..DmlStats::default() };
        Ok(Answer::counts(kind::INSERT, &[("number of rows inserted".into(), n)], stats))
    }
}
