//! Whole queries: WITH, set operations, VALUES, ORDER BY, LIMIT.

use super::super::answer::Field;
use super::super::error::{SfError, SfResult};
use super::super::types::Ty;
use super::binder::{Binder, Cte};
use super::cast::{self, Mode};
use super::scope::{Scope, fold};
use super::{Bound, order};
use sqlparser::ast::{
    self, Expr, LimitClause, OrderByKind, Query, SetExpr, SetOperator, SetQuantifier, Value, Visit, Visitor,
};
use std::ops::ControlFlow;

impl Binder<'_, '_> {
    /// Binds a query; gives DuckDB SQL with columns `c1` … and its fields.
    ///
    /// # Errors
    /// Snowflake's refusals.
    pub fn query(&mut self, q: &Query, parent: Option<&Scope<'_>>) -> SfResult<(String, Vec<Field>)> {
        if q.for_clause.is_some() || !q.locks.is_empty() || !q.pipe_operators.is_empty() {
            return Err(SfError::unsupported("query clause"));
        }
        self.tracked_query(q)?;
        self.deeper(|b| {
            let known = b.ctes.len();
            let with = b.with(q.with.as_ref(), parent)?;
            let out = b.body(q, parent);
            b.ctes.truncate(known);
            let (sql, fields) = out?;
            Ok((format!("{with}{sql}"), fields))
        })
    }

    fn body(&mut self, q: &Query, parent: Option<&Scope<'_>>) -> SfResult<(String, Vec<Field>)> {
        let limit = self.limit(q)?;
        if let SetExpr::Select(select) = &*q.body {
            if select.top.is_some() && !limit.is_empty() {
                return Err(SfError::compile("001003", "42000", "TOP and LIMIT exclude each other."));
            }
            let (sql, fields) = self.select(select, q.order_by.as_ref(), parent)?;
            return Ok((format!("{sql}{limit}"), fields));
        }
        let (sql, fields) = self.set_expr(&q.body, parent)?;
        let alias = self.alias("q");
        let order = self.order_outputs(q.order_by.as_ref(), &fields, &alias)?;
        if order.is_empty() && limit.is_empty() {
            return Ok((sql, fields));
        }
        Ok((format!("SELECT * FROM ({sql}) AS {alias}{order}{limit}"), fields))
    }

    fn set_expr(&mut self, e: &SetExpr, parent: Option<&Scope<'_>>) -> SfResult<(String, Vec<Field>)> {
        match e {
            SetExpr::Select(select) => self.select(select, None, parent),
            SetExpr::Query(q) => self.query(q, parent),
            SetExpr::Values(_) if self.track.is_some() => Err(super::track::refused("VALUES")),
            SetExpr::Values(v) => self.values(v, parent),
            SetExpr::SetOperation { op, set_quantifier, .. }
                if self.track.is_some()
                    && (*op != SetOperator::Union || !matches!(set_quantifier, SetQuantifier::All)) =>
            {
                Err(super::track::refused(&op.to_string()))
            }
            SetExpr::SetOperation { left, op, set_quantifier, right } => {
                let a = self.set_expr(left, parent)?;
                let b = self.set_expr(right, parent)?;
                self.combine(a, *op, *set_quantifier, b)
            }
            other => Err(SfError::unsupported(&format!("query {other}"))),
        }
    }

    fn combine(
        &mut self,
        (left, a): (String, Vec<Field>),
        op: SetOperator,
        quantifier: SetQuantifier,
        (right, b): (String, Vec<Field>),
    ) -> SfResult<(String, Vec<Field>)> {
        let all = match quantifier {
            SetQuantifier::All | SetQuantifier::AllByName => " ALL",
            SetQuantifier::None | SetQuantifier::Distinct | SetQuantifier::ByName | SetQuantifier::DistinctByName => "",
        };
        let by_name =
            matches!(quantifier, SetQuantifier::ByName | SetQuantifier::AllByName | SetQuantifier::DistinctByName);
        let ((left, a), (right, b)) =
            if by_name { self.by_name((left, a), (right, b)) } else { ((left, a), (right, b)) };
        if a.len() != b.len() {
            return Err(SfError::compile(
                "001789",
                "42601",
                format!(
                    "invalid number of result columns for set operator input branches, expected {}, got {} in branch {{2}}",
                    a.len(),
                    b.len()
                ),
            ));
        }
        let mut fields = Vec::new();
        for (x, y) in a.iter().zip(&b) {
            let ty = super::common_type(&[x.ty, y.ty])?;
            fields.push(Field { name: x.name.clone(), ty, nullable: x.nullable || y.nullable });
        }
        let (left, right) = (self.recast(left, &a, &fields)?, self.recast(right, &b, &fields)?);
        let (left, right) = (self.tracked_branch(left, 1), self.tracked_branch(right, 2));
        let word = match op {
            SetOperator::Union => "UNION",
            SetOperator::Intersect => "INTERSECT",
            SetOperator::Except | SetOperator::Minus => "EXCEPT",
        };
        Ok((format!("({left}) {word}{all} ({right})"), fields))
    }

    /// Both branches with the same columns in the same order: the left one's, then those that the right one alone has.
    /// What a branch lacks is NULL there.
    fn by_name(
        &mut self,
        (left, a): (String, Vec<Field>),
        (right, b): (String, Vec<Field>),
    ) -> ((String, Vec<Field>), (String, Vec<Field>)) {
        let mut names: Vec<String> = a.iter().map(|f| f.name.clone()).collect();
        names.extend(b.iter().filter(|f| !a.iter().any(|x| x.name == f.name)).map(|f| f.name.clone()));
        let mut one = |sql: String, fields: Vec<Field>| {
            let alias = self.alias("q");
            let (mut items, mut out) = (Vec::new(), Vec::new());
            for (i, name) in names.iter().enumerate() {
                let at = fields.iter().position(|f| f.name == *name);
                items.push(
                    at.map_or_else(|| format!("NULL AS c{}", i + 1), |p| format!("{alias}.c{} AS c{}", p + 1, i + 1)),
                );
                out.push(at.map_or_else(|| Field::new(name, Ty::Null), |p| fields[p].clone()));
            }
            (format!("SELECT {} FROM ({sql}) AS {alias}", items.join(", ")), out)
        };
        (one(left, a), one(right, b))
    }

    /// The same query with other types.
    ///
    /// # Errors
    /// Casts that Snowflake does not have.
    pub fn recast(&mut self, sql: String, from: &[Field], to: &[Field]) -> SfResult<String> {
        if from.iter().zip(to).all(|(a, b)| a.ty == b.ty || (a.ty.duck() == b.ty.duck() && !b.ty.is_semi())) {
            return Ok(sql);
        }
        let alias = self.alias("q");
        let mut items = Vec::new();
        for (i, (a, b)) in from.iter().zip(to).enumerate() {
            let n = i + 1;
            let cast = cast::cast(&Bound::new(format!("{alias}.c{n}"), a.ty), b.ty, Mode::Explicit, &self.env)?;
            items.push(format!("{} AS c{n}", cast.sql));
        }
        let more = self.tracked_names();
        Ok(format!("SELECT {}{more} FROM ({sql}) AS {alias}", items.join(", ")))
    }

    /// VALUES: columns COLUMN1, COLUMN2 …
    ///
    /// # Errors
    /// Rows of different length or incompatible types.
    pub fn values(&mut self, v: &ast::Values, parent: Option<&Scope<'_>>) -> SfResult<(String, Vec<Field>)> {
        let scope = Scope::new(parent);
        let mut rows: Vec<Vec<Bound>> = Vec::new();
        for row in &v.rows {
            rows.push(row.content.iter().map(|e| self.expr(e, &scope)).collect::<SfResult<_>>()?);
        }
        let width = rows.first().map_or(0, Vec::len);
        if rows.iter().any(|r| r.len() != width) {
            return Err(SfError::compile("001789", "42601", "VALUES lists must all be the same length"));
        }
        let mut fields = Vec::new();
        for i in 0..width {
            let ty = super::common_type(&rows.iter().map(|r| r[i].ty).collect::<Vec<_>>())?;
            let nullable = rows.iter().any(|r| r[i].nullable);
            fields.push(Field { name: format!("COLUMN{}", i + 1), ty, nullable });
        }
        let mut lines = Vec::new();
        for row in &rows {
            let cells: Vec<String> = row
                .iter()
                .zip(&fields)
                .map(|(b, f)| cast::cast(b, f.ty, Mode::Explicit, &self.env).map(|c| c.sql))
                .collect::<SfResult<_>>()?;
            lines.push(format!("({})", cells.join(", ")));
        }
        let alias = self.alias("v");
        let names: Vec<String> = (1..=width).map(|i| format!("c{i}")).collect();
        let items: Vec<String> =
            names.iter().zip(&fields).map(|(n, f)| format!("CAST({alias}.{n} AS {}) AS {n}", f.ty.duck())).collect();
        let sql =
            format!("SELECT {} FROM (VALUES {}) AS {alias}({})", items.join(", "), lines.join(", "), names.join(", "));
        Ok((sql, fields))
    }

    fn with(&mut self, with: Option<&ast::With>, parent: Option<&Scope<'_>>) -> SfResult<String> {
        let Some(with) = with else { return Ok(String::new()) };
        let mut parts = Vec::new();
        let mut recursive = false;
        for cte in &with.cte_tables {
            let name = fold(&cte.alias.name);
            let duck = self.alias("w");
            let names: Vec<String> = cte.alias.columns.iter().map(|c| fold(&c.name)).collect();
            let (sql, fields) = if mentions(&cte.query, &cte.alias.name.value) && is_union(&cte.query) {
                if self.track.is_some() {
                    return Err(super::track::refused("RECURSIVE CTE"));
                }
                recursive = true;
                self.recursive(cte, &name, &duck, &names, parent)?
            } else {
                self.query(&cte.query, parent)?
            };
            let fields = rename(fields, &names)?;
            let columns: Vec<String> = (1..=fields.len()).map(|i| format!("c{i}")).collect();
            parts.push(format!("{duck}({}{}) AS ({sql})", columns.join(", "), self.tracked_names()));
            self.ctes.push(Cte { name, duck, fields });
        }
        Ok(format!("WITH {}{} ", if recursive { "RECURSIVE " } else { "" }, parts.join(", ")))
    }

    /// A recursive CTE: the anchor gives the columns, the other branch is cast to them.
    fn recursive(
        &mut self,
        cte: &ast::Cte,
        name: &str,
        duck: &str,
        names: &[String],
        parent: Option<&Scope<'_>>,
    ) -> SfResult<(String, Vec<Field>)> {
        let SetExpr::SetOperation { left, op: SetOperator::Union, set_quantifier, right } = &*cte.query.body else {
            return self.query(&cte.query, parent);
        };
        let (anchor, mut fields) = self.set_expr(left, parent)?;
        for f in &mut fields {
            // Recursion may lengthen texts and numbers: the anchor's literals do not limit them.
            f.ty = match f.ty {
                Ty::Text { .. } => Ty::TEXT,
                Ty::Number { s, .. } => Ty::number(38, u32::from(s)),
                other => other,
            };
        }
        let anchor_fields = fields.clone();
        let anchor = {
            let alias = self.alias("q");
            let items: Vec<String> = anchor_fields
                .iter()
                .enumerate()
                .map(|(i, f)| format!("CAST({alias}.c{n} AS {}) AS c{n}", f.ty.duck(), n = i + 1))
                .collect();
            format!("SELECT {} FROM ({anchor}) AS {alias}", items.join(", "))
        };
        self.ctes.push(Cte { name: name.to_owned(), duck: duck.to_owned(), fields: rename(fields.clone(), names)? });
        let step = self.set_expr(right, parent);
        self.ctes.pop();
        let (step, step_fields) = step?;
        let step = self.recast(step, &step_fields, &fields)?;
        let all = if matches!(set_quantifier, SetQuantifier::All) { " ALL" } else { "" };
        Ok((format!("({anchor}) UNION{all} ({step})"), fields))
    }

    /// ORDER BY over a query's outputs alone (set operations, VALUES).
    fn order_outputs(&mut self, order_by: Option<&ast::OrderBy>, fields: &[Field], alias: &str) -> SfResult<String> {
        let Some(order_by) = order_by else { return Ok(String::new()) };
        let kind = order::kind(order_by, |name| fields.iter().any(|f| f.name == name));
        let items: Vec<String> = match &kind {
            OrderByKind::All(options) => {
                (1..=fields.len()).map(|i| format!("{i} {}", order::direction(options, &self.env))).collect()
            }
            OrderByKind::Expressions(items) => {
                let mut out = Vec::new();
                for item in items {
                    out.push(match output_place(&item.expr, fields) {
                        Some(place) => format!("{place} {}", order::direction(&item.options, &self.env)),
                        None => {
                            let mut scope = Scope::new(None);
                            scope.rels.push(super::scope::Rel::of_fields(alias, fields));
                            let key = self.expr(&item.expr, &scope)?;
                            order::item(&key, &item.options, &self.env)
                        }
                    });
                }
                out
            }
        };
        Ok(format!(" ORDER BY {}", items.join(", ")))
    }

    fn limit(&mut self, q: &Query) -> SfResult<String> {
        let scope = Scope::new(None);
        let mut number = |e: &Expr| -> SfResult<Option<String>> {
            if matches!(e, Expr::Value(v) if v.value == Value::Null) {
                return Ok(None);
            }
            Ok(Some(format!("CAST({} AS BIGINT)", self.expr(e, &scope)?.sql)))
        };
        let mut out = String::new();
        match &q.limit_clause {
            Some(LimitClause::LimitOffset { limit, offset, limit_by }) if limit_by.is_empty() => {
                if let Some(n) = limit.as_ref().map(&mut number).transpose()?.flatten() {
                    out = format!(" LIMIT {n}");
                }
                if let Some(n) = offset.as_ref().map(|o| number(&o.value)).transpose()?.flatten() {
                    out = format!("{out} OFFSET {n}");
                }
            }
            Some(_) => return Err(SfError::unsupported("LIMIT BY")),
            None => {}
        }
        if let Some(fetch) = &q.fetch {
            if fetch.percent || fetch.with_ties {
                return Err(SfError::unsupported("FETCH with PERCENT or TIES"));
            }
            let n = fetch.quantity.as_ref().map(&mut number).transpose()?.flatten().unwrap_or_else(|| "1".into());
            out = format!(" LIMIT {n}{out}");
        }
        Ok(out)
    }
}

/// The place (from 1) of the output that an ORDER BY item names: a number or a column name.
#[must_use]
pub fn output_place(e: &Expr, fields: &[Field]) -> Option<usize> {
    match e {
        Expr::Value(v) => match &v.value {
            Value::Number(n, _) => n.parse().ok().filter(|n| (1..=fields.len()).contains(n)),
            _ => None,
        },
        Expr::Identifier(i) => fields.iter().position(|f| f.name == fold(i)).map(|p| p + 1),
        Expr::Nested(inner) => output_place(inner, fields),
        _ => None,
    }
}

fn rename(mut fields: Vec<Field>, names: &[String]) -> SfResult<Vec<Field>> {
    if !names.is_empty() && names.len() != fields.len() {
        return Err(SfError::compile(
            "002057",
            "42601",
            format!("CTE column list has {} names but the query produces {} columns", names.len(), fields.len()),
        ));
    }
    for (f, n) in fields.iter_mut().zip(names) {
        f.name.clone_from(n);
    }
    Ok(fields)
}

fn is_union(q: &Query) -> bool {
    matches!(&*q.body, SetExpr::SetOperation { op: SetOperator::Union, .. })
}

/// Whether a query names a relation.
fn mentions(q: &Query, name: &str) -> bool {
    struct Finder<'n>(&'n str);
    impl Visitor for Finder<'_> {
        type Break = ();
        fn pre_visit_relation(&mut self, relation: &ast::ObjectName) -> ControlFlow<()> {
            if relation.0.len() == 1 && relation.to_string().eq_ignore_ascii_case(self.0) {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        }
    }
    q.visit(&mut Finder(name)).is_break()
}
