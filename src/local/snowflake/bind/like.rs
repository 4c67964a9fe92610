//! LIKE and ILIKE with one pattern or several.

use super::super::error::SfResult;
use super::super::types::Ty;
use super::Bound;
use super::binder::Binder;
use super::expr::text;
use super::scope::Scope;
use sqlparser::ast::{self, Expr};

impl Binder<'_, '_> {
    /// LIKE, ILIKE and their ANY and ALL forms.
    ///
    /// # Errors
    /// What the operands refuse.
    pub fn like(
        &mut self,
        e: &Expr,
        pattern: &Expr,
        escape: Option<&Expr>,
        (negated, any, word): (bool, bool, &str),
        scope: &Scope<'_>,
    ) -> SfResult<Bound> {
        let x = text(&self.expr(e, scope)?, &self.env)?;
        let mut every = false;
        let patterns: Vec<&Expr> = match pattern {
            Expr::Tuple(items) if any => items.iter().collect(),
            Expr::Nested(inner) if any => vec![inner],
            one => match all_of(one) {
                Some(list) => {
                    every = true;
                    list
                }
                None => vec![one],
            },
        };
        let escape = match escape {
            Some(e) => format!(" ESCAPE {}", text(&self.expr(e, scope)?, &self.env)?.sql),
            None => String::new(),
        };
        let mut hits = Vec::new();
        for p in patterns {
            let p = text(&self.expr(p, scope)?, &self.env)?;
            hits.push(format!("({} {word} {}{escape})", x.sql, p.sql));
        }
        let not = if negated { "NOT " } else { "" };
        let join = if every { " AND " } else { " OR " };
        Ok(Bound::new(format!("({not}({}))", hits.join(join)), Ty::Boolean))
    }
}

/// The patterns of LIKE ALL (…), which the parser takes for a call.
fn all_of(e: &Expr) -> Option<Vec<&Expr>> {
    let Expr::Function(f) = e else { return None };
    let ast::FunctionArguments::List(list) = &f.args else { return None };
    if !f.name.to_string().eq_ignore_ascii_case("ALL") {
        return None;
    }
    list.args
        .iter()
        .map(|a| match a {
            ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(e)) => Some(e),
            _ => None,
        })
        .collect()
}
