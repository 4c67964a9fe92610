//! INSERT ALL / INSERT FIRST: one read of the source, many targets.

use super::super::super::answer::{Answer, DmlStats, kind};
use super::super::super::bind::Bound;
use super::super::super::bind::binder::Binder;
use super::super::super::bind::expr::condition;
use super::super::super::bind::scope::{Rel, Scope, fold};
use super::super::super::catalog::ObjectName;
use super::super::super::error::{SfError, SfResult};
use super::super::super::session::Cx;
use super::super::super::sql::Cursor;
use super::super::explain::Planned;
use super::super::{Class, Statement};
use super::insert::column_list;
use super::rows::{insert_rows, retire_all};
use super::target::Target;
use sqlparser::ast::{Expr, Query};
use sqlparser::tokenizer::Token;

struct MultiInsert {
    overwrite: bool,
    first: bool,
    branches: Vec<Branch>,
    query: Box<Query>,
}

/// A WHEN, ELSE or the unconditional list.
struct Branch {
    when: Option<Expr>,
    otherwise: bool,
    intos: Vec<Into>,
}

struct Into {
    table: ObjectName,
    columns: Vec<String>,
    values: Option<Vec<Expr>>,
}

/// Behind `INSERT [OVERWRITE]`.
///
/// # Errors
/// 001003.
pub fn parse(c: &mut Cursor<'_>, overwrite: bool) -> SfResult<Box<dyn Statement>> {
    let first = c.accept("FIRST");
    if !first {
        c.expect("ALL")?;
    }
    let mut branches = Vec::new();
    if c.sees(&["INTO"]) && !first {
        branches.push(Branch { when: None, otherwise: false, intos: intos(c)? });
    } else {
        while c.accept("WHEN") {
            let when = Some(c.expr()?);
            c.expect("THEN")?;
            branches.push(Branch { when, otherwise: false, intos: intos(c)? });
        }
        if branches.is_empty() {
            return Err(c.unexpected());
        }
        if c.accept("ELSE") {
            branches.push(Branch { when: None, otherwise: true, intos: intos(c)? });
        }
    }
    Ok(Box::new(MultiInsert { overwrite, first, branches, query: c.query()? }))
}

fn intos(c: &mut Cursor<'_>) -> SfResult<Vec<Into>> {
    let mut out = Vec::new();
    while c.accept("INTO") {
        let table = c.name()?;
        let columns = column_list(c)?;
        let values = if c.accept("VALUES") {
            c.expect_token(&Token::LParen)?;
            let list = c.with_parser(|p| p.parse_comma_separated(sqlparser::parser::Parser::parse_expr))?;
            c.expect_token(&Token::RParen)?;
            Some(list)
        } else {
            None
        };
        out.push(Into { table, columns, values });
    }
    if out.is_empty() { Err(c.unexpected()) } else { Ok(out) }
}

/// A bound multi-table insert: the source as DuckDB SQL, and for each target what goes in from which rows.
struct Plan {
    source: String,
    /// Conditions of the WHENs over the source's columns: materialised as `w1`, `w2` …
    conditions: Vec<String>,
    targets: Vec<(Target, Vec<String>, String)>,
}

impl Plan {
    /// The source's rows with what each WHEN says of them.
    fn flagged(&self) -> String {
        let flags: String = self.conditions.iter().enumerate().map(|(i, c)| format!(", {c} AS w{}", i + 1)).collect();
        format!("SELECT s.*{flags} FROM ({}) AS s", self.source)
    }
}

impl MultiInsert {
    fn plan(&self, b: &mut Binder<'_, '_>) -> SfResult<Plan> {
        let (source, fields) = b.query(&self.query, None)?;
        // WHEN and VALUES see the output columns of the query alone.
        let mut scope = Scope::new(None);
        scope.rels.push(Rel::of_fields("s", &fields));
        let mut conditions: Vec<String> = Vec::new();
        let mut targets = Vec::new();
        for branch in &self.branches {
            let filter = match &branch.when {
                Some(when) => {
                    let bound = b.expr(when, &scope)?;
                    let before: Vec<String> =
                        (1..=conditions.len()).map(|i| format!("NOT coalesce(s.w{i}, false)")).collect();
                    conditions.push(condition(&bound, &b.env)?.sql);
                    let mine = format!("s.w{}", conditions.len());
                    if self.first && !before.is_empty() { format!("{mine} AND {}", before.join(" AND ")) } else { mine }
                }
                None if branch.otherwise => {
                    let none: Vec<String> =
                        (1..=conditions.len()).map(|i| format!("NOT coalesce(s.w{i}, false)")).collect();
                    none.join(" AND ")
                }
                None => "true".to_owned(),
            };
            for into in &branch.intos {
                let privileges: &[&str] = if self.overwrite { &["INSERT", "DELETE"] } else { &["INSERT"] };
                let target = Target::find(b, &into.table, privileges)?;
                let columns = target.columns(&into.columns)?;
                let values: Vec<Option<Bound>> = match &into.values {
                    Some(list) => list
                        .iter()
                        .map(|e| match e {
                            Expr::Identifier(i) if i.quote_style.is_none() && fold(i) == "DEFAULT" => Ok(None),
                            e => b.expr(e, &scope).map(Some),
                        })
                        .collect::<SfResult<_>>()?,
                    None => scope.rels[0].cols.iter().map(|c| Some(Bound::from(c))).collect(),
                };
                if values.len() != columns.len() {
                    return Err(SfError::compile(
                        "002057",
                        "42601",
                        format!(
                            "Insert value list does not match column list expecting {} but got {}",
                            columns.len(),
                            values.len()
                        ),
                    ));
                }
                let list = target.row(b, &columns, &values)?.into_iter().map(|x| x.sql).collect();
                targets.push((target, list, filter.clone()));
            }
        }
        Ok(Plan { source, conditions, targets })
    }
}

impl Statement for MultiInsert {
    fn class(&self) -> Class {
        Class::Dml
    }

    fn to_explain(&self, b: &mut Binder<'_, '_>) -> SfResult<Planned> {
        let plan = self.plan(b)?;
        let targets: Vec<Vec<String>> = plan.targets.iter().map(|(t, ..)| t.object.name.clone()).collect();
        let sql = plan.flagged();
        Ok(Planned { verb: Some("MultiTableInsert"), targets, sql })
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let counts = super::run(
            cx,
            |b| self.plan(b),
            |p| p.targets.iter().map(|(t, ..)| t.store()).collect(),
            |cx, plan| {
                let work = cx.work_table();
                cx.run_uncounted(&format!("CREATE TEMP TABLE {work} AS {}", plan.flagged()))?;
                if self.overwrite {
                    let mut done = Vec::new();
                    for (target, ..) in &plan.targets {
                        if !done.contains(&target.store()) {
                            retire_all(cx, target.table())?;
                            done.push(target.store());
                        }
                    }
                }
                let mut counts = Vec::new();
                for (target, list, filter) in &plan.targets {
                    let n = insert_rows(cx, target.table(), list, &format!("FROM {work} AS s WHERE {filter}"))?;
                    counts.push((format!("number of rows inserted into {}", target.object.bare()), n));
                }
                cx.run_uncounted(&format!("DROP TABLE {work}"))?;
                Ok(counts)
            },
        )?;
        let stats = DmlStats { inserted: counts.iter().map(|(_, n)| n).sum(), ..DmlStats::default() };
        Ok(Answer::counts(kind::MULTI_INSERT, &counts, stats))
    }
}
