//! CONNECT BY: a hierarchy as a recursive query, with LEVEL, PRIOR, CONNECT_BY_ROOT and SYS_CONNECT_BY_PATH.

use super::super::error::{SfError, SfResult};
use super::super::types::Ty;
use super::Bound;
use super::binder::Binder;
use super::expr::{condition, text};
use super::scope::{Col, Rel, Scope};
use sqlparser::ast::{
    ConnectByKind, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Select, Visit, Visitor,
};
use std::ops::ControlFlow;

/// Deepest hierarchy; a cycle ends here.
const DEEPEST: u32 = 1_000;

/// A value that each level hands to the next.
struct Carried {
    name: String,
    root: Bound,
    step: String,
}

impl Binder<'_, '_> {
    /// The FROM of a SELECT with CONNECT BY; the scope's relations become those of the hierarchy.
    ///
    /// # Errors
    /// 001003 for START WITH alone; what the conditions refuse; a hierarchy deeper than 1,000 levels fails when it runs.
    pub fn connect_by(&mut self, s: &Select, from: &str, scope: &mut Scope<'_>) -> SfResult<String> {
        let (mut start, mut links) = (None, Vec::new());
        for kind in &s.connect_by {
            match kind {
                ConnectByKind::ConnectBy { nocycle: true, .. } => return Err(SfError::unsupported("NOCYCLE")),
                ConnectByKind::ConnectBy { relationships, .. } => links.extend(relationships),
                ConnectByKind::StartWith { start_token, condition } => start = Some((start_token, &**condition)),
            }
        }
        if let (Some((token, _)), true) = (&start, links.is_empty()) {
            let at = token.0.span.start;
            return Err(SfError::syntax(at.line.max(1), at.column.saturating_sub(1), &token.0.token.to_string()));
        }
        let up = self.alias("w");
        let base = scope.rels.clone();
        let columns: Vec<Col> = base.iter().flat_map(|r| r.cols.clone()).collect();
        let start = match start {
            Some((_, e)) => {
                let bound = self.expr(e, scope)?;
                format!(" WHERE {}", condition(&bound, &self.env)?.sql)
            }
            None => String::new(),
        };
        let carried = self.carried(s, scope, &up)?;
        // The condition sees the new row bare, the row above under PRIOR.
        scope.rels.push(level(&format!("({up}.lvl + 1)")));
        let mut above = moved(&base, &up);
        above.push(level(&format!("{up}.lvl")));
        let outer = std::mem::replace(&mut self.prior, above);
        let bound: SfResult<Vec<Bound>> = links.into_iter().map(|e| self.expr(e, scope)).collect();
        self.prior = outer;
        let mut conditions = Vec::new();
        for b in bound? {
            conditions.push(condition(&b, &self.env)?.sql);
        }
        let out = self.alias("r");
        scope.rels = moved(&base, &out);
        let mut extra = level(&format!("{out}.lvl"));
        for (i, c) in carried.iter().enumerate() {
            extra.cols.push(column(&c.name, &format!("{out}.x{}", i + 1), c.root.ty));
        }
        scope.rels.push(extra);
        Ok(recursive_sql(&columns, &carried, (&up, &out), from, &start, &conditions.join(" AND ")))
    }

    /// CONNECT_BY_ROOT and SYS_CONNECT_BY_PATH wherever the SELECT has them.
    fn carried(&mut self, s: &Select, scope: &Scope<'_>, up: &str) -> SfResult<Vec<Carried>> {
        struct Calls(Vec<Expr>);
        impl Visitor for Calls {
            type Break = ();
            fn pre_visit_expr(&mut self, e: &Expr) -> ControlFlow<()> {
                let wanted = match e {
                    Expr::Prefixed { prefix, .. } => prefix.value.eq_ignore_ascii_case("CONNECT_BY_ROOT"),
                    Expr::Function(f) => is_path(f),
                    _ => false,
                };
                if wanted && !self.0.contains(e) {
                    self.0.push(e.clone());
                }
                ControlFlow::Continue(())
            }
        }
        let mut calls = Calls(Vec::new());
        let _ = s.visit(&mut calls);
        let mut out = Vec::new();
        for (i, call) in calls.0.iter().enumerate() {
            let name = call.to_string();
            let own = format!("{up}.x{}", i + 1);
            out.push(match call {
                Expr::Prefixed { value, .. } => Carried { name, root: self.expr(value, scope)?, step: own },
                Expr::Function(f) => {
                    let [item, by] = path_arguments(f)?;
                    let (item, by) = (self.expr(item, scope)?, self.expr(by, scope)?);
                    let one = format!("({} || {})", text(&by, &self.env)?.sql, text(&item, &self.env)?.sql);
                    Carried { name, step: format!("({own} || {one})"), root: Bound::new(one, Ty::TEXT) }
                }
                _ => continue,
            });
        }
        Ok(out)
    }

    /// PRIOR x: x of the row above.
    ///
    /// # Errors
    /// Outside of CONNECT BY.
    pub fn prior_of(&mut self, e: &Expr) -> SfResult<Bound> {
        if self.prior.is_empty() {
            return Err(SfError::unsupported("PRIOR outside of CONNECT BY"));
        }
        let mut scope = Scope::new(None);
        scope.rels.clone_from(&self.prior);
        self.expr(e, &scope)
    }
}

/// CONNECT_BY_ROOT x as the hierarchy carries it.
///
/// # Errors
/// Outside of a SELECT with CONNECT BY.
pub fn root_of(e: &Expr, scope: &Scope<'_>) -> SfResult<Bound> {
    carried_column(&e.to_string(), scope).ok_or_else(|| SfError::unsupported(&format!("expression {e}")))
}

/// SYS_CONNECT_BY_PATH as the hierarchy carries it.
#[must_use]
pub fn pseudo_function(f: &Function, scope: &Scope<'_>) -> Option<Bound> {
    if is_path(f) { carried_column(&f.to_string(), scope) } else { None }
}

fn carried_column(name: &str, scope: &Scope<'_>) -> Option<Bound> {
    scope.rels.iter().flat_map(|r| &r.cols).find(|c| c.hidden && c.name == name).map(Bound::from)
}

fn is_path(f: &Function) -> bool {
    f.name.to_string().eq_ignore_ascii_case("SYS_CONNECT_BY_PATH")
}

fn path_arguments(f: &Function) -> SfResult<[&Expr; 2]> {
    if let FunctionArguments::List(list) = &f.args
        && let [FunctionArg::Unnamed(FunctionArgExpr::Expr(a)), FunctionArg::Unnamed(FunctionArgExpr::Expr(b))] =
            list.args.as_slice()
    {
        return Ok([a, b]);
    }
    Err(SfError::compile("000938", "22023", "SYS_CONNECT_BY_PATH takes two arguments"))
}

fn column(name: &str, sql: &str, ty: Ty) -> Col {
    Col { name: name.to_owned(), sql: sql.to_owned(), ty, nullable: true, hidden: true, merged: false }
}

fn level(sql: &str) -> Rel {
    Rel { cols: vec![column("LEVEL", sql, Ty::INT)], ..Rel::default() }
}

/// The same relations with their columns under another alias, numbered through.
fn moved(rels: &[Rel], alias: &str) -> Vec<Rel> {
    let mut n = 0;
    let mut out = rels.to_vec();
    for rel in &mut out {
        alias.clone_into(&mut rel.alias);
        for col in &mut rel.cols {
            n += 1;
            col.sql = format!("{alias}.p{n}");
        }
    }
    out
}

fn recursive_sql(
    columns: &[Col],
    carried: &[Carried],
    (up, out): (&str, &str),
    from: &str,
    start: &str,
    link: &str,
) -> String {
    let names: Vec<String> = (1..=columns.len())
        .map(|i| format!("p{i}"))
        .chain(["lvl".to_owned()])
        .chain((1..=carried.len()).map(|i| format!("x{i}")))
        .collect();
    let plain: Vec<&str> = columns.iter().map(|c| c.sql.as_str()).collect();
    let cells = |level: &str, extra: &mut dyn Iterator<Item = String>| -> String {
        let all: Vec<String> = plain.iter().map(|s| (*s).to_owned()).chain([level.to_owned()]).chain(extra).collect();
        all.join(", ")
    };
    let roots = cells(
        "CAST(1 AS DECIMAL(38,0))",
        &mut carried.iter().map(|c| format!("CAST({} AS {})", c.root.sql, c.root.ty.duck())),
    );
    let deeper = format!(
        "CASE WHEN {up}.lvl < {DEEPEST} THEN CAST({up}.lvl + 1 AS DECIMAL(38,0)) ELSE \
         CAST(sf_fail('SF|100298|22000|CONNECT BY is deeper than {DEEPEST} levels.') AS DECIMAL(38,0)) END"
    );
    let steps = cells(&deeper, &mut carried.iter().map(|c| c.step.clone()));
    let rest = from.strip_prefix(" FROM ").unwrap_or(from);
    format!(
        " FROM (WITH RECURSIVE {up}({}) AS (SELECT {roots}{from}{start} UNION ALL SELECT {steps} FROM {up}, {rest} \
         WHERE {link}) SELECT * FROM {up}) AS {out}",
        names.join(", ")
    )
}
