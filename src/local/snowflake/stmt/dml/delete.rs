//! DELETE and TRUNCATE.

use super::super::super::answer::{Answer, DmlStats, kind};
use super::super::super::bind::binder::Binder;
use super::super::super::bind::expr::condition;
use super::super::super::bind::scope::Scope;
use super::super::super::catalog::ObjectName;
use super::super::super::error::{SfError, SfResult};
use super::super::super::session::Cx;
use super::super::super::sql::Cursor;
use super::super::explain::Planned;
use super::super::{Class, Statement};
use super::rows::{delete_rows, retire_all};
use super::target::Target;
use super::update::target_name;
use sqlparser::ast::{self, FromTable};

struct Delete(Box<ast::Delete>);

struct Truncate {
    if_exists: bool,
    table: ObjectName,
}

/// A bound DELETE: the ids of its rows; `None` for all.
struct Plan {
    target: Target,
    ids: Option<String>,
}

/// Behind `DELETE`.
///
/// # Errors
/// 001003; unsupported clauses by name.
pub fn parse(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    c.rewind(c.mark() - 1);
    match c.with_parser(|p| p.parse_statement())? {
        ast::Statement::Delete(d) if d.returning.is_none() && d.order_by.is_empty() && d.limit.is_none() => {
            Ok(Box::new(Delete(Box::new(d))))
        }
        _ => Err(SfError::unsupported("DELETE clause")),
    }
}

/// Behind `TRUNCATE`.
///
/// # Errors
/// 001003.
pub fn parse_truncate(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    c.accept("TABLE");
    let if_exists = c.accept("IF EXISTS");
    Ok(Box::new(Truncate { if_exists, table: c.name()? }))
}

impl Delete {
    fn plan(&self, b: &mut Binder<'_, '_>) -> SfResult<Plan> {
        let d = &self.0;
        let (FromTable::WithFromKeyword(list) | FromTable::WithoutKeyword(list)) = &d.from;
        let [table] = list.as_slice() else { return Err(SfError::unsupported("DELETE from several tables")) };
        let (name, alias) = target_name(&table.relation)?;
        let target = Target::find(b, &name, &["DELETE"])?;
        if d.selection.is_none() && d.using.is_none() && target.table().row_policy.is_none() {
            return Ok(Plan { target, ids: None });
        }
        let duck = b.alias("r");
        let mut scope = Scope::new(None);
        scope.rels.push(target.relation(&duck, alias));
        let mut from = target.source(b, &duck)?;
        if let Some(using) = &d.using {
            let more = b.from(using, &mut scope)?;
            from = format!("{from}, {}", more.trim_start_matches(" FROM "));
        }
        let filter = match &d.selection {
            Some(e) => {
                let bound = b.expr(e, &scope)?;
                format!(" WHERE {}", condition(&bound, &b.env)?.sql)
            }
            None => String::new(),
        };
        Ok(Plan { ids: Some(format!("SELECT DISTINCT {duck}._id AS id FROM {from}{filter}")), target })
    }
}

impl Statement for Delete {
    fn class(&self) -> Class {
        Class::Dml
    }

    fn to_explain(&self, b: &mut Binder<'_, '_>) -> SfResult<Planned> {
        let plan = self.plan(b)?;
        let name = plan.target.object.name.clone();
        let sql = match plan.ids {
            Some(ids) => ids,
            None => format!("SELECT r._id AS id FROM {}", plan.target.source(b, "r")?),
        };
        Ok(Planned::dml("Delete", &name, sql))
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let n = super::run(
            cx,
            |b| self.plan(b),
            |p| vec![p.target.store()],
            |cx, plan| {
                let Some(ids) = plan.ids else { return retire_all(cx, plan.target.table()) };
                let work = cx.work_table();
                cx.run_uncounted(&format!("CREATE TEMP TABLE {work} AS {ids}"))?;
                let n = delete_rows(cx, plan.target.table(), &format!("SELECT id FROM {work}"))?;
                cx.run_uncounted(&format!("DROP TABLE {work}"))?;
                Ok(n)
            },
        )?;
        let stats = DmlStats { deleted: n, ..DmlStats::default() };
        Ok(Answer::counts(kind::DELETE, &[("number of rows deleted".into(), n)], stats))
    }
}

impl Statement for Truncate {
    fn class(&self) -> Class {
        Class::Dml
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let find = |b: &mut Binder<'_, '_>| Target::find(b, &self.table, &["TRUNCATE"]);
        let missing = find(&mut Binder::new(cx)).err().filter(|e| self.if_exists && e.code == "002003");
        if missing.is_none() {
            super::run(
                cx,
                find,
                |t| vec![t.store()],
                |cx, target| {
                    retire_all(cx, target.table())?;
                    // The load history belongs to the table's content: the same files load again.
                    cx.run(&format!("DELETE FROM sd.load_history WHERE table_id = {}", target.object.id))
                },
            )?;
        }
        Ok(Answer::done(kind::DDL))
    }
}
