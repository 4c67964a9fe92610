//! TRANSFORM, FILTER and REDUCE: functions that take a function.

use super::super::error::{SfError, SfResult};
use super::super::types::Ty;
use super::Bound;
use super::binder::Binder;
use super::cast::{self, Mode, to_variant};
use super::expr::condition;
use super::scope::{Col, Rel, Scope, fold};
use sqlparser::ast::{Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, LambdaFunction};

/// Names of the functions of this module.
pub const NAMES: [&str; 3] = ["TRANSFORM", "FILTER", "REDUCE"];

impl Binder<'_, '_> {
    /// A call of one of [`NAMES`].
    ///
    /// # Errors
    /// 001044 for arguments of another kind; what the lambda refuses.
    pub fn higher_order(&mut self, name: &str, f: &Function, scope: &Scope<'_>) -> SfResult<Bound> {
        let args = plain_arguments(f);
        let (array, lambda, initial) = match (name, args.as_slice()) {
            ("REDUCE", [array, initial, Expr::Lambda(l)]) => (array, l, Some(*initial)),
            ("TRANSFORM" | "FILTER", [array, Expr::Lambda(l)]) => (array, l, None),
            _ => {
                return Err(SfError::compile(
                    "001044",
                    "42P13",
                    format!("Invalid argument types for function '{name}'"),
                ));
            }
        };
        let array = self.expr(array, scope)?;
        let array = cast::cast(&array, Ty::Array, Mode::Explicit, &self.env)?;
        let list = format!("sf_elements({})", array.sql);
        let kept = |sql: &str| format!("CASE WHEN {} IS NOT NULL THEN {sql} END", array.sql);
        match initial {
            Some(initial) => self.reduce(&list, initial, lambda, scope),
            None if name == "FILTER" => {
                let ([x], body) = self.lambda(lambda, [None], scope)?;
                let hit = condition(&body, &self.env)?;
                let items = format!("list_filter({list}, lambda {x}: coalesce({}, false))", hit.sql);
                Ok(Bound::new(kept(&format!("('[' || array_to_string({items}, ',') || ']')")), Ty::Array))
            }
            None => {
                let ([x], body) = self.lambda(lambda, [None], scope)?;
                let value = to_variant(&body, &self.env)?;
                let items = format!("list_transform({list}, lambda {x}: coalesce({value}, 'null'))");
                Ok(Bound::new(kept(&format!("('[' || array_to_string({items}, ',') || ']')")), Ty::Array))
            }
        }
    }

    /// The accumulator has the first value's type throughout; between the steps it travels as VARIANT.
    fn reduce(&mut self, list: &str, initial: &Expr, lambda: &LambdaFunction, scope: &Scope<'_>) -> SfResult<Bound> {
        let initial = self.expr(initial, scope)?;
        let ty = match initial.ty {
            Ty::Null => Ty::Variant,
            Ty::Number { s, .. } => Ty::number(38, u32::from(s)),
            Ty::Text { .. } => Ty::TEXT,
            other => other,
        };
        let ([acc, x], body) = self.lambda(lambda, [Some(ty), None], scope)?;
        let body = cast::cast(&body, ty, Mode::Explicit, &self.env)?;
        let (first, step) = (to_variant(&initial, &self.env)?, to_variant(&body, &self.env)?);
        let sql =
            format!("list_reduce({list}, lambda {acc}, {x}: coalesce({step}, 'null'), coalesce({first}, 'null'))");
        cast::cast(&Bound::new(sql, Ty::Variant), ty, Mode::Explicit, &self.env)
    }

    /// The parameters' DuckDB names and the bound body. A parameter is a VARIANT unless it or `types` says otherwise.
    fn lambda<const N: usize>(
        &mut self,
        lambda: &LambdaFunction,
        types: [Option<Ty>; N],
        scope: &Scope<'_>,
    ) -> SfResult<([String; N], Bound)> {
        let params: Vec<_> = lambda.params.iter().collect();
        if params.len() != N {
            return Err(SfError::compile("001044", "42P13", format!("a lambda of {N} parameter(s) is expected")));
        }
        let names: [String; N] = std::array::from_fn(|_| self.alias("x"));
        let mut rel = Rel::default();
        for ((param, name), ty) in params.iter().zip(&names).zip(types) {
            let declared = param.data_type.as_ref().map(Ty::from_ast).transpose()?;
            let raw = Bound::new(name.clone(), Ty::Variant);
            let bound = match declared.or(ty) {
                Some(to) => cast::cast(&raw, to, Mode::Explicit, &self.env)?,
                None => raw,
            };
            rel.cols.push(Col {
                name: fold(&param.name),
                sql: bound.sql,
                ty: bound.ty,
                nullable: true,
                hidden: false,
                merged: false,
            });
        }
        let mut inner = Scope::new(Some(scope));
        inner.rels.push(rel);
        let body = self.expr(&lambda.body, &inner)?;
        Ok((names, body))
    }
}

fn plain_arguments(f: &Function) -> Vec<&Expr> {
    let FunctionArguments::List(list) = &f.args else { return Vec::new() };
    list.args
        .iter()
        .filter_map(|a| match a {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(e)) => Some(e),
            _ => None,
        })
        .collect()
}
