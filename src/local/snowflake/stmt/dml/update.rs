//! UPDATE.

use super::super::super::answer::{Answer, DmlStats, kind};
use super::super::super::bind::binder::Binder;
use super::super::super::bind::cast::{self, Mode};
use super::super::super::bind::expr::condition;
use super::super::super::bind::scope::{Scope, fold};
use super::super::super::catalog::ObjectName;
use super::super::super::error::{SfError, SfResult};
use super::super::super::session::Cx;
use super::super::super::sql::Cursor;
use super::super::explain::Planned;
use super::super::{Class, Statement};
use super::insert::cell;
use super::rows::{duplicate_row, update_rows};
use super::target::Target;
use sqlparser::ast::{self, Assignment, AssignmentTarget, TableFactor, UpdateTableFromKind};

struct Update(Box<ast::Update>);

/// A bound UPDATE.
struct Plan {
    target: Target,
    columns: Vec<String>,
    work: String,
}

/// Behind `UPDATE`.
///
/// # Errors
/// 001003; unsupported clauses by name.
pub fn parse(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    c.rewind(c.mark() - 1);
    match c.with_parser(|p| p.parse_statement())? {
        ast::Statement::Update(u) if u.returning.is_none() && u.order_by.is_empty() && u.limit.is_none() => {
            Ok(Box::new(Update(Box::new(u))))
        }
        _ => Err(SfError::unsupported("UPDATE clause")),
    }
}

/// The name and alias of a target as written.
///
/// # Errors
/// A target that is no plain table.
pub fn target_name(factor: &TableFactor) -> SfResult<(ObjectName, Option<String>)> {
    match factor {
        TableFactor::Table { name, alias, args: None, .. } => {
            let mut parts = Vec::new();
            for part in &name.0 {
                match part {
                    ast::ObjectNamePart::Identifier(i) => parts.push(fold(i)),
                    ast::ObjectNamePart::Function(f) => parts.extend(identifier(f)?.0),
                }
            }
            Ok((ObjectName(parts), alias.as_ref().map(|a| fold(&a.name))))
        }
        other => Err(SfError::unsupported(&format!("target {other}"))),
    }
}

/// `IDENTIFIER('a.b')`.
fn identifier(f: &ast::ObjectNamePartFunction) -> SfResult<ObjectName> {
    match f.args.as_slice() {
        [ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(ast::Expr::Value(v)))] => match &v.value {
            ast::Value::SingleQuotedString(text) => Cursor::new(text)?.name(),
            _ => Err(SfError::unsupported(&f.to_string())),
        },
        _ => Err(SfError::unsupported(&f.to_string())),
    }
}

/// The column of an assignment.
///
/// # Errors
/// A tuple.
pub fn assigned(a: &Assignment) -> SfResult<String> {
    match &a.target {
        AssignmentTarget::ColumnName(n) => Ok(n.0.last().and_then(|p| p.as_ident()).map(fold).unwrap_or_default()),
        AssignmentTarget::Tuple(_) => Err(SfError::unsupported("assignment to a tuple")),
    }
}

impl Update {
    fn plan(&self, b: &mut Binder<'_, '_>) -> SfResult<Plan> {
        let u = &self.0;
        let (name, alias) = target_name(&u.table.relation)?;
        let target = Target::find(b, &name, &["UPDATE"])?;
        let duck = b.alias("r");
        let mut scope = Scope::new(None);
        scope.rels.push(target.relation(&duck, alias));
        let mut from = target.source(b, &duck)?;
        if let Some(UpdateTableFromKind::AfterSet(list) | UpdateTableFromKind::BeforeSet(list)) = &u.from {
            let more = b.from(list, &mut scope)?;
            from = format!("{from}, {}", more.trim_start_matches(" FROM "));
        }
        let filter = match &u.selection {
            Some(e) => {
                let bound = b.expr(e, &scope)?;
                format!(" WHERE {}", condition(&bound, &b.env)?.sql)
            }
            None => String::new(),
        };
        let names: Vec<String> = u.assignments.iter().map(assigned).collect::<SfResult<_>>()?;
        let columns = target.columns(&names)?;
        let mut list = Vec::new();
        for (a, column) in u.assignments.iter().zip(&columns) {
            let value = match &a.value {
                ast::Expr::Identifier(i) if fold(i) == "DEFAULT" => match cell(b, &a.value)? {
                    Some(v) => v,
                    None => target.default(b, column)?,
                },
                e => b.expr(e, &scope)?,
            };
            let value = cast::cast(&value, column.ty, Mode::Assign, &b.env)?;
            list.push(format!("{} AS {}", value.sql, column.phys));
        }
        let work = format!("SELECT {duck}._id AS id, {} FROM {from}{filter}", list.join(", "));
        let columns = columns.iter().map(|c| c.phys.clone()).collect();
        Ok(Plan { target, columns, work })
    }
}

impl Statement for Update {
    fn class(&self) -> Class {
        Class::Dml
    }

    fn to_explain(&self, b: &mut Binder<'_, '_>) -> SfResult<Planned> {
        let plan = self.plan(b)?;
        Ok(Planned::dml("Update", &plan.target.object.name, plan.work))
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let strict = cx.s.params.is_true("ERROR_ON_NONDETERMINISTIC_UPDATE");
        let (n, joined) = super::run(
            cx,
            |b| self.plan(b),
            |p| vec![p.target.store()],
            |cx, plan| {
                let work = cx.work_table();
                cx.run_uncounted(&format!("CREATE TEMP TABLE {work} AS {}", plan.work))?;
                let several = format!("SELECT id FROM {work} GROUP BY id HAVING count(*) > 1");
                let joined = u64::try_from(cx.scalar(&format!("SELECT count(*) FROM ({several})"))?).unwrap_or(0);
                if joined > 0 {
                    if strict {
                        let id = cx.scalar(&format!("SELECT min(id) FROM ({several})"))?;
                        return Err(duplicate_row(cx, plan.target.table(), id)?);
                    }
                    let first: String = plan.columns.iter().map(|c| format!(", first({c}) AS {c}")).collect();
                    cx.run(&format!(
                        "CREATE OR REPLACE TEMP TABLE {work} AS SELECT id{first} FROM {work} GROUP BY id"
                    ))?;
                }
                let n = update_rows(cx, plan.target.table(), &plan.columns, &work, "true")?;
                cx.run_uncounted(&format!("DROP TABLE {work}"))?;
                Ok((n, joined))
            },
        )?;
        let stats = DmlStats { updated: n, ..DmlStats::default() };
        let counts =
            [("number of rows updated".to_owned(), n), ("number of multi-joined rows updated".to_owned(), joined)];
        Ok(Answer::counts(kind::UPDATE, &counts, stats))
    }
}
