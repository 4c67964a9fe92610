//! OVER: partitions, orders, frames, and windows with a name.

use super::super::error::{SfError, SfResult};
use super::binder::Binder;
use super::scope::{Scope, fold};
use super::{interval, order};
use sqlparser::ast::{
    Expr, Ident, NamedWindowDefinition, NamedWindowExpr, WindowFrame, WindowFrameBound, WindowSpec, WindowType,
};

impl Binder<'_, '_> {
    /// ` OVER (…)`; nothing where there is none.
    ///
    /// # Errors
    /// Unknown names; what the expressions refuse.
    pub fn over(&mut self, name: &str, over: Option<&WindowType>, scope: &Scope<'_>) -> SfResult<String> {
        let spec = match over {
            None => return Ok(String::new()),
            Some(WindowType::WindowSpec(spec)) => spec.clone(),
            Some(WindowType::NamedWindow(n)) => named(n, scope)?,
        };
        Ok(format!(" OVER ({})", self.window(name, &spec, scope)?))
    }

    fn window(&mut self, name: &str, spec: &WindowSpec, scope: &Scope<'_>) -> SfResult<String> {
        let merged;
        let spec = match &spec.window_name {
            None => spec,
            Some(base) => {
                let base = named(base, scope)?;
                merged = WindowSpec {
                    window_name: None,
                    partition_by: base.partition_by,
                    order_by: if spec.order_by.is_empty() { base.order_by } else { spec.order_by.clone() },
                    window_frame: spec.window_frame.clone().or(base.window_frame),
                };
                &merged
            }
        };
        let mut out = String::new();
        if !spec.partition_by.is_empty() {
            let keys: Vec<String> =
                spec.partition_by.iter().map(|e| self.expr(e, scope).map(|b| b.sql)).collect::<SfResult<_>>()?;
            out = format!("PARTITION BY {}", keys.join(", "));
        }
        if !spec.order_by.is_empty() {
            let mut keys = Vec::new();
            for item in &spec.order_by {
                let key = self.expr(&item.expr, scope)?;
                keys.push(order::item(&key, &item.options, &self.env));
            }
            out = format!("{out} ORDER BY {}", keys.join(", "));
        }
        if let Some(frame) = &spec.window_frame {
            out = format!("{out} {}", self.frame(frame, scope)?);
        } else if matches!(name, "FIRST_VALUE" | "LAST_VALUE" | "NTH_VALUE") {
            // Snowflake's default for these three deviates from the standard.
            out.push_str(" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING");
        }
        Ok(out.trim().to_owned())
    }

    fn frame(&mut self, frame: &WindowFrame, scope: &Scope<'_>) -> SfResult<String> {
        let mut size = |n: &Expr| -> SfResult<String> {
            match n {
                Expr::Interval(i) => interval::duck(i),
                _ => Ok(format!("CAST({} AS BIGINT)", self.expr(n, scope)?.sql)),
            }
        };
        let mut bound = |b: &WindowFrameBound| -> SfResult<String> {
            Ok(match b {
                WindowFrameBound::CurrentRow => "CURRENT ROW".into(),
                WindowFrameBound::Preceding(None) => "UNBOUNDED PRECEDING".into(),
                WindowFrameBound::Following(None) => "UNBOUNDED FOLLOWING".into(),
                WindowFrameBound::Preceding(Some(n)) => format!("{} PRECEDING", size(n)?),
                WindowFrameBound::Following(Some(n)) => format!("{} FOLLOWING", size(n)?),
            })
        };
        let start = bound(&frame.start_bound)?;
        let end = frame.end_bound.as_ref().map(&mut bound).transpose()?;
        Ok(match end {
            Some(end) => format!("{} BETWEEN {start} AND {end}", frame.units),
            None => format!("{} {start}", frame.units),
        })
    }
}

/// The windows of a SELECT's WINDOW clause, each as a specification of its own.
///
/// # Errors
/// A name that refers to itself or to none before it.
pub fn definitions(list: &[NamedWindowDefinition]) -> SfResult<Vec<(String, WindowSpec)>> {
    let mut out: Vec<(String, WindowSpec)> = Vec::new();
    for NamedWindowDefinition(name, e) in list {
        let spec = match e {
            NamedWindowExpr::WindowSpec(spec) => spec.clone(),
            NamedWindowExpr::NamedWindow(other) => find(&out, other)?,
        };
        out.push((fold(name), spec));
    }
    Ok(out)
}

fn named(name: &Ident, scope: &Scope<'_>) -> SfResult<WindowSpec> {
    find(&scope.windows, name)
}

fn find(list: &[(String, WindowSpec)], name: &Ident) -> SfResult<WindowSpec> {
    let wanted = fold(name);
    list.iter()
        .find(|(n, _)| *n == wanted)
        .map(|(_, s)| s.clone())
        .ok_or_else(|| SfError::compile("002302", "42601", format!("Window '{wanted}' is not defined.")))
}
