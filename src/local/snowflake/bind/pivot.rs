//! PIVOT and UNPIVOT.

use super::super::answer::Field;
use super::super::error::{SfError, SfResult};
use super::super::types::Ty;
use super::binder::Binder;
use super::cast::{self, Mode};
use super::from::{Source, named};
use super::functions::flatten;
use super::scope::{Col, Rel, Scope, fold};
use super::{Bound, compare, order};
use sqlparser::ast::{
    self, Expr, ExprWithAlias, FunctionArg, FunctionArgExpr, FunctionArguments, NullInclusion, PivotValueSource,
    TableFactor, Visit, Visitor,
};
use std::collections::HashSet;
use std::ops::ControlFlow;

/// The most values that PIVOT makes columns of.
const MOST_VALUES: usize = 2_000;

impl Binder<'_, '_> {
    /// PIVOT: one group for each combination of the columns that it does not name, one column for each value.
    ///
    /// # Errors
    /// Snowflake's refusals.
    pub fn pivot(&mut self, factor: &TableFactor, scope: &Scope<'_>) -> SfResult<(Source, Rel)> {
        let TableFactor::Pivot { table, aggregate_functions, value_column, value_source, default_on_null, alias } =
            factor
        else {
            return Err(SfError::internal("not a PIVOT"));
        };
        let [by] = value_column.as_slice() else { return Err(SfError::unsupported("PIVOT FOR several columns")) };
        let (from, inner) = self.input(table, scope)?;
        let by_bound = self.expr(by, &inner)?;
        let values = self.pivot_values(value_source, &by_bound, &from, scope)?;
        let mut used = mentioned_names(by);
        for agg in aggregate_functions {
            used.extend(mentioned_names(&agg.expr));
        }
        let (mut items, mut fields, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        for col in inner.rels.iter().flat_map(|r| &r.cols).filter(|c| !c.hidden && !used.contains(&c.name)) {
            keys.push(col.sql.clone());
            items.push(col.sql.clone());
            fields.push(Field { name: col.name.clone(), ty: col.ty, nullable: col.nullable });
        }
        let default = default_on_null.as_ref().map(|e| self.expr(e, &Scope::new(None))).transpose()?;
        for (name, value) in &values {
            for agg in aggregate_functions {
                let bound = self.pivot_cell(&agg.expr, by, value, default.as_ref(), &inner)?;
                let name = match (&agg.alias, aggregate_functions.len()) {
                    (Some(a), _) => format!("{name}_{}", fold(a)),
                    (None, 1) => name.clone(),
                    (None, _) => format!("{name}_{}", agg.expr.to_string().to_ascii_uppercase()),
                };
                items.push(bound.sql);
                fields.push(Field { name, ty: bound.ty, nullable: bound.nullable });
            }
        }
        let groups = if keys.is_empty() { String::new() } else { format!(" GROUP BY {}", keys.join(", ")) };
        self.derived(&items, &fields, &format!("{from}{groups}"), alias.as_ref())
    }

    /// The relation that PIVOT or UNPIVOT works on, alone in a scope, with its FROM.
    fn input<'p>(&mut self, table: &TableFactor, scope: &Scope<'p>) -> SfResult<(String, Scope<'p>)> {
        let (source, rel) = self.factor(table, scope)?;
        let mut inner = Scope::new(scope.parent);
        let sql = match source {
            Source::Sql(sql) => sql,
            Source::Flatten(f) => format!("({}) AS {}", flatten::relation_sql(&f), rel.alias),
        };
        inner.rels.extend(rel.more.clone());
        inner.rels.push(rel);
        Ok((format!(" FROM {sql}"), inner))
    }

    /// `SELECT items FROM …` as a relation.
    fn derived(
        &mut self,
        items: &[String],
        fields: &[Field],
        tail: &str,
        alias: Option<&ast::TableAlias>,
    ) -> SfResult<(Source, Rel)> {
        let duck = self.alias("r");
        let list: Vec<String> = items.iter().enumerate().map(|(i, s)| format!("{s} AS c{}", i + 1)).collect();
        let rel = named(Rel::of_fields(&duck, fields), alias)?;
        Ok((Source::Sql(format!("(SELECT {}{tail}) AS {duck}", list.join(", "))), rel))
    }

    /// Column names and values: as listed, or what a query finds now.
    fn pivot_values(
        &mut self,
        source: &PivotValueSource,
        by: &Bound,
        from: &str,
        scope: &Scope<'_>,
    ) -> SfResult<Vec<(String, Bound)>> {
        let sql = match source {
            PivotValueSource::List(list) => {
                return list
                    .iter()
                    .map(|item| {
                        let value = self.expr(&item.expr, &Scope::new(None))?;
                        let name = item.alias.as_ref().map_or_else(|| value_name(&item.expr, &value), fold);
                        Ok((name, value))
                    })
                    .collect();
            }
            PivotValueSource::Any(orders) => {
                let options =
                    orders.first().map_or(ast::OrderByOptions { sort: None, nulls_first: None }, |o| o.options.clone());
                let direction = order::direction(&options, &self.env);
                format!("SELECT DISTINCT {} AS c1{from} ORDER BY 1 {direction}", by.sql)
            }
            PivotValueSource::Subquery(q) => {
                let (sql, fields) = self.query(q, scope.parent)?;
                if fields.len() != 1 {
                    return Err(SfError::compile("002031", "42601", "Unsupported subquery type cannot be evaluated"));
                }
                sql
            }
        };
        self.found_values(&sql, by.ty)
    }

    fn found_values(&mut self, sql: &str, ty: Ty) -> SfResult<Vec<(String, Bound)>> {
        let with = |b: &mut Self, alias: &str| -> SfResult<String> {
            let x = Bound::new(format!("{alias}.c1"), ty);
            Ok(cast::cast(&x, Ty::TEXT, Mode::Explicit, &b.env)?.sql)
        };
        let alias = self.alias("q");
        let text = with(self, &alias)?;
        let sql = format!("SELECT {text} AS c1 FROM ({sql}) AS {alias} LIMIT {}", MOST_VALUES + 1);
        let answer = super::super::answer::Answer::query(vec![Field::new("V", Ty::TEXT)], self.cx.query(&sql)?);
        if answer.rows.len() > MOST_VALUES {
            return Err(SfError::unsupported(&format!("PIVOT with more than {MOST_VALUES} values")));
        }
        (0..answer.rows.len())
            .map(|r| {
                Ok(match super::super::wire::encode::cell_text(&answer, r, 0)? {
                    None => ("NULL".to_owned(), Bound::null()),
                    Some(text) if ty.is_numeric() => {
                        let value = cast::cast(&Bound::text(&text), ty, Mode::Explicit, &self.env)?;
                        (text, value)
                    }
                    Some(text) => {
                        let value = cast::cast(&Bound::text(&text), ty, Mode::Explicit, &self.env)?;
                        (format!("'{}'", text.replace('\'', "''")), value)
                    }
                })
            })
            .collect()
    }

    /// The aggregate over the rows that have the value.
    fn pivot_cell(
        &mut self,
        agg: &Expr,
        by: &Expr,
        value: &Bound,
        default: Option<&Bound>,
        inner: &Scope<'_>,
    ) -> SfResult<Bound> {
        let Expr::Function(f) = agg else { return Err(SfError::unsupported(&format!("PIVOT of {agg}"))) };
        let name = f.name.to_string().to_ascii_uppercase();
        let FunctionArguments::List(list) = &f.args else {
            return Err(SfError::unsupported(&format!("PIVOT of {agg}")));
        };
        let [FunctionArg::Unnamed(FunctionArgExpr::Expr(arg))] = list.args.as_slice() else {
            return Err(SfError::unsupported(&format!("PIVOT of {agg}")));
        };
        if !matches!(name.as_str(), "AVG" | "COUNT" | "MAX" | "MIN" | "SUM") || f.over.is_some() || f.filter.is_some() {
            return Err(SfError::unsupported(&format!("PIVOT of {name}")));
        }
        let key = self.expr(by, inner)?;
        let hit = compare::compare(&key, "IS NOT DISTINCT FROM", value, &self.env)?;
        let x = self.expr(arg, inner)?;
        let x = Bound { sql: format!("CASE WHEN {} THEN {} END", hit.sql, x.sql), nullable: true, literal: None, ..x };
        let distinct = list.duplicate_treatment == Some(ast::DuplicateTreatment::Distinct);
        let out = super::aggregate::plain(&name, x, distinct, &self.env)?;
        let Some(default) = default else { return Ok(out) };
        self.call_bound("COALESCE", vec![out, default.clone()])
    }

    /// UNPIVOT: one row for each of the columns, without those that are NULL.
    ///
    /// # Errors
    /// Snowflake's refusals.
    pub fn unpivot(&mut self, factor: &TableFactor, scope: &Scope<'_>) -> SfResult<(Source, Rel)> {
        let TableFactor::Unpivot { table, value, name, columns, null_inclusion, alias } = factor else {
            return Err(SfError::internal("not an UNPIVOT"));
        };
        let Expr::Identifier(value) = value else {
            return Err(SfError::unsupported(&format!("UNPIVOT of {value}")));
        };
        let (from, inner) = self.input(table, scope)?;
        let (mut names, mut cells, mut used) = (Vec::new(), Vec::new(), HashSet::new());
        for ExprWithAlias { expr, alias } in columns {
            let col = self.expr(expr, &inner)?;
            let own = match expr {
                Expr::Identifier(i) => fold(i),
                Expr::CompoundIdentifier(p) => p.last().map(fold).unwrap_or_default(),
                other => return Err(SfError::unsupported(&format!("UNPIVOT of {other}"))),
            };
            let shown = match alias {
                Some(a) if a.quote_style == Some('\'') => a.value.clone(),
                Some(a) => fold(a),
                None => own.clone(),
            };
            used.insert(own);
            names.push(super::quote_text(&shown));
            cells.push(col);
        }
        let ty = super::common_type(&cells.iter().map(|c| c.ty).collect::<Vec<_>>())?;
        let cells: Vec<String> = cells
            .iter()
            .map(|c| cast::cast(c, ty, Mode::Explicit, &self.env).map(|c| c.sql))
            .collect::<SfResult<_>>()?;
        let kept: Vec<&Col> =
            inner.rels.iter().flat_map(|r| &r.cols).filter(|c| !c.hidden && !used.contains(&c.name)).collect();
        let mut items: Vec<String> = kept.iter().map(|c| c.sql.clone()).collect();
        let mut fields: Vec<Field> =
            kept.iter().map(|c| Field { name: c.name.clone(), ty: c.ty, nullable: c.nullable }).collect();
        items.push(format!("unnest([{}])", names.join(", ")));
        fields.push(Field { nullable: false, ..Field::new(fold(name), Ty::TEXT) });
        items.push(format!("unnest([{}])", cells.join(", ")));
        fields.push(Field::new(fold(value), ty));
        let all = matches!(null_inclusion, Some(NullInclusion::IncludeNulls));
        let duck = self.alias("q");
        let list: Vec<String> = items.iter().enumerate().map(|(i, s)| format!("{s} AS c{}", i + 1)).collect();
        let n = fields.len();
        let filter = if all { String::new() } else { format!(" WHERE {duck}.c{n} IS NOT NULL") };
        let outer: Vec<String> = (1..=n).map(|i| format!("{duck}.c{i}")).collect();
        let tail = format!(" FROM (SELECT {}{from}) AS {duck}{filter}", list.join(", "));
        self.derived(&outer, &fields, &tail, alias.as_ref())
    }
}

/// What a listed value's column is called: texts keep their quotes.
fn value_name(e: &Expr, value: &Bound) -> String {
    match (&value.literal, value.ty) {
        (Some(text), Ty::Text { .. }) => format!("'{}'", text.replace('\'', "''")),
        _ => e.to_string().to_ascii_uppercase(),
    }
}

/// Names of the columns that an expression mentions.
fn mentioned_names(e: &Expr) -> HashSet<String> {
    struct Names(HashSet<String>);
    impl Visitor for Names {
        type Break = ();
        fn pre_visit_expr(&mut self, e: &Expr) -> ControlFlow<()> {
            match e {
                Expr::Identifier(i) => {
                    self.0.insert(fold(i));
                }
                Expr::CompoundIdentifier(parts) => self.0.extend(parts.last().map(fold)),
                _ => {}
            }
            ControlFlow::Continue(())
        }
    }
    let mut names = Names(HashSet::new());
    let _ = e.visit(&mut names);
    names.0
}
