//! Function calls: scalar, aggregate, window.

use super::super::error::{SfError, SfResult};
use super::super::types::Ty;
use super::aggregate::{self, AggCall, OVER};
use super::binder::Binder;
use super::functions::{self, Call};
use super::scope::{Scope, fold, place};
use super::{Bound, order};
use sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause, FunctionArguments,
    NullTreatment, OrderBySort,
};

impl Binder<'_, '_> {
    /// A call as written.
    ///
    /// # Errors
    /// 002140 for an unknown function; what the function refuses.
    pub fn function(&mut self, f: &Function, scope: &Scope<'_>) -> SfResult<Bound> {
        let parts: Vec<String> = f.name.0.iter().filter_map(|p| p.as_ident().map(fold)).collect();
        let name = parts.join(".");
        let (line, position) = f.name.0.first().and_then(|p| p.as_ident()).map_or((1, 0), place);
        if let Some(agg) = aggregate::lookup(&name) {
            if f.over.is_some() || !agg.window_only {
                return self.aggregate(agg, &name, f, scope);
            }
            return Err(SfError::compile(
                "002303",
                "42601",
                format!("Window function [{name}] requires an OVER clause."),
            ));
        }
        if parts.len() > 1 {
            return self.user_function(&parts, f, scope);
        }
        if matches!(name.as_str(), "SEQ1" | "SEQ2" | "SEQ4" | "SEQ8") {
            return Ok(sequence_number(scope));
        }
        if matches!(name.as_str(), "GROUPING" | "GROUPING_ID") {
            return self.grouping(&name, f, scope);
        }
        if super::lambda::NAMES.contains(&name.as_str()) {
            return self.higher_order(&name, f, scope);
        }
        // Its arguments need not be bound to know that it is missing.
        if functions::missing::is_missing(&name) && !name.starts_with("SYSTEM$") {
            return Err(SfError::unsupported(&name));
        }
        if let Some(bound) = super::connect::pseudo_function(f, scope) {
            return Ok(bound);
        }
        let args = self.arguments(&name, f, scope)?;
        if functions::lookup(&name).is_none() {
            if let Some(bound) = self.session_function(&name, &args)? {
                return Ok(bound);
            }
            return self.user_function(&parts, f, scope);
        }
        functions::bind_call(&Call { name: &name, args, env: &self.env, line, position })
    }

    /// A function by name over bound arguments.
    ///
    /// # Errors
    /// What the function refuses.
    pub fn call_bound(&mut self, name: &str, args: Vec<Bound>) -> SfResult<Bound> {
        functions::bind_call(&Call { name, args, env: &self.env, line: 1, position: 0 })
    }

    /// A function by name over expressions.
    ///
    /// # Errors
    /// What the function refuses.
    pub fn call_exprs(&mut self, name: &str, args: &[&Expr], scope: &Scope<'_>) -> SfResult<Bound> {
        let args = args.iter().map(|a| self.expr(a, scope)).collect::<SfResult<_>>()?;
        self.call_bound(name, args)
    }

    fn arguments(&mut self, name: &str, f: &Function, scope: &Scope<'_>) -> SfResult<Vec<Bound>> {
        let list = match &f.args {
            FunctionArguments::None => return Ok(Vec::new()),
            FunctionArguments::Subquery(q) => {
                return Ok(vec![self.expr(&Expr::Subquery(q.clone()), scope)?]);
            }
            FunctionArguments::List(list) => list,
        };
        let mut out = Vec::new();
        for (i, arg) in list.args.iter().enumerate() {
            match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(e))
                | FunctionArg::Named { arg: FunctionArgExpr::Expr(e), .. }
                | FunctionArg::ExprNamed { arg: FunctionArgExpr::Expr(e), .. } => {
                    out.push(match date_part(name, i, e, scope)? {
                        Some(part) => part,
                        None => self.expr(e, scope)?,
                    });
                }
                // OBJECT_CONSTRUCT(*): one key per column.
                FunctionArg::Unnamed(FunctionArgExpr::Wildcard) => {
                    for rel in &scope.rels {
                        for col in rel.cols.iter().filter(|c| !c.hidden) {
                            if name.starts_with("OBJECT_CONSTRUCT") {
                                out.push(Bound::text(&col.name));
                            }
                            out.push(Bound::from(col));
                        }
                    }
                }
                // COUNT(t.*): rows without a NULL.
                FunctionArg::Unnamed(FunctionArgExpr::QualifiedWildcard(t)) => {
                    let parts: Vec<String> = t.0.iter().filter_map(|p| p.as_ident().map(fold)).collect();
                    let rels = scope.rels.iter().filter(|r| r.is(&parts));
                    out.extend(rels.flat_map(|r| &r.cols).filter(|c| !c.hidden).map(Bound::from));
                }
                other => return Err(SfError::unsupported(&format!("argument {other} of {name}"))),
            }
        }
        Ok(out)
    }

    fn aggregate(
        &mut self,
        agg: &aggregate::Aggregate,
        name: &str,
        f: &Function,
        scope: &Scope<'_>,
    ) -> SfResult<Bound> {
        // Inside an aggregate the rule of grouping does not hold; a window function sees the grouped columns.
        let free = scope.ungrouped();
        let inner = if f.over.is_some() { scope } else { &free };
        let list = match &f.args {
            FunctionArguments::List(list) => Some(list),
            _ => None,
        };
        let star = name == "COUNT"
            && list.is_some_and(|l| matches!(l.args.as_slice(), [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)]));
        let args = if star { Vec::new() } else { self.arguments(name, f, inner)? };
        let distinct = list.is_some_and(|l| l.duplicate_treatment == Some(DuplicateTreatment::Distinct));
        let mut ignore_nulls = matches!(f.null_treatment, Some(NullTreatment::IgnoreNulls));
        let mut order_items = f.within_group.clone();
        for clause in list.iter().flat_map(|l| &l.clauses) {
            match clause {
                FunctionArgumentClause::OrderBy(items) => order_items.extend(items.iter().cloned()),
                FunctionArgumentClause::IgnoreOrRespectNulls(t) => ignore_nulls = *t == NullTreatment::IgnoreNulls,
                other => return Err(SfError::unsupported(&format!("{other} in {name}"))),
            }
        }
        let (mut order_by, mut order_keys) = (Vec::new(), Vec::new());
        for item in &order_items {
            let key = self.expr(&item.expr, inner)?;
            order_keys.push((key.clone(), matches!(item.options.sort, Some(OrderBySort::Desc))));
            order_by.push(order::item(&key, &item.options, &self.env));
        }
        let bound = agg.call(&AggCall {
            name,
            args,
            star,
            distinct,
            order_by,
            order_keys,
            window: f.over.is_some(),
            ignore_nulls,
            env: &self.env,
        })?;
        let over = self.over(name, f.over.as_ref(), scope)?;
        Ok(Bound { sql: bound.sql.replace(OVER, &over), ..bound })
    }

    /// GROUPING and GROUPING_ID: which of the arguments a row is not grouped by, as bits.
    fn grouping(&mut self, name: &str, f: &Function, scope: &Scope<'_>) -> SfResult<Bound> {
        let args = self.arguments(name, f, scope)?;
        if args.is_empty() {
            let text = format!("not enough arguments for function [{name}()], expected 1, got 0");
            return Err(SfError::compile("000938", "22023", text));
        }
        if !args.iter().all(|a| scope.keys.as_ref().is_some_and(|k| k.contains(&a.sql))) {
            let text = format!("[{f}] is not a valid group by expression");
            return Err(SfError::compile("000979", "42601", text));
        }
        let list: Vec<&str> = args.iter().map(|a| a.sql.as_str()).collect();
        let sql = format!("CAST(grouping({}) AS DECIMAL(38,0))", list.join(", "));
        Ok(Bound { nullable: false, ..Bound::new(sql, Ty::INT) })
    }

    /// A user-defined SQL function: its body is bound with its arguments in place.
    fn user_function(&mut self, parts: &[String], f: &Function, scope: &Scope<'_>) -> SfResult<Bound> {
        let args = self.arguments(&parts.join("."), f, scope)?;
        match parts {
            [database, schema, name] if database == "SNOWFLAKE" && schema == "ALERT" => {
                super::super::stmt::alert::function(self, name)
            }
            [database, schema, name] if database == "SNOWFLAKE" && schema == "NOTIFICATION" => {
                super::super::stmt::notify::function(self, name, &args)
            }
            _ => super::udf_call::bind(self, parts, args),
        }
    }
}

/// SEQ4() and its like: the generator's own number where there is one.
fn sequence_number(scope: &Scope<'_>) -> Bound {
    let sql = scope
        .rels
        .iter()
        .find_map(|r| r.generator.clone())
        .unwrap_or_else(|| "CAST(row_number() OVER () - 1 AS DECIMAL(38,0))".into());
    Bound { nullable: false, ..Bound::new(sql, Ty::INT) }
}

/// The date part of DATEADD, DATEDIFF, DATE_TRUNC … may be a bare word.
fn date_part(name: &str, index: usize, e: &Expr, scope: &Scope<'_>) -> SfResult<Option<Bound>> {
    let place = match name {
        "DATEADD" | "TIMEADD" | "TIMESTAMPADD" | "DATEDIFF" | "TIMEDIFF" | "TIMESTAMPDIFF" | "DATE_TRUNC"
        | "DATE_PART" | "TRUNC_DATE" => 0,
        "LAST_DAY" | "NEXT_DAY" | "TRUNC" | "PREVIOUS_DAY" => 1,
        "TIME_SLICE" => 2,
        _ => return Ok(None),
    };
    let Expr::Identifier(ident) = e else { return Ok(None) };
    if index != place || scope.column(&[], &fold(ident))?.is_some() {
        return Ok(None);
    }
    Ok(Some(Bound::text(&ident.value)))
}
