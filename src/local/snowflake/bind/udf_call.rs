//! Calls of user-defined SQL functions.

use super::super::catalog::{Body, Kind, Routine};
use super::super::error::{SfError, SfResult};
use super::binder::Binder;
use super::cast::{self, Mode};
use super::scope::Scope;
use super::{Bound, binder::Namespace};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Binds a call: the function's body is an expression over its arguments.
///
/// # Errors
/// 002140 / 002141 for an unknown function; what the body refuses.
pub fn bind(b: &mut Binder<'_, '_>, parts: &[String], args: Vec<Bound>) -> SfResult<Bound> {
    let unknown = || {
        if parts.len() > 1 {
            SfError::compile("002141", "42601", format!("Unknown user-defined function {}.", parts.join(".")))
        } else {
            SfError::compile("002140", "42601", format!("Unknown function {}", parts.join(".")))
        }
    };
    let ns = b.namespace();
    let mut full = parts.to_vec();
    if full.len() == 1 {
        full.insert(0, ns.schema.clone().ok_or_else(unknown)?);
    }
    if full.len() == 2 {
        full.insert(0, ns.database.clone().ok_or_else(unknown)?);
    }
    let wanted = full.pop().unwrap_or_default();
    let found = b
        .catalog
        .of_kind(Kind::Function)
        .find(|o| {
            o.name[..2] == full[..]
                && o.bare().split('(').next().is_some_and(|n| n == wanted)
                && matches!(&o.body, Body::Function(r) if r.args.len() == args.len())
        })
        .cloned()
        .ok_or_else(unknown)?;
    let Body::Function(routine) = &found.body else { return Err(unknown()) };
    b.require(&found, "USAGE")?;
    let frame = frame(b, routine, args)?;
    b.cx.s.script.push(frame);
    let roles = Arc::new(super::super::access::closure(&b.catalog, [found.owner.clone()]));
    b.namespaces.push(Namespace { database: Some(full[0].clone()), schema: Some(full[1].clone()), roles });
    let body = routine.body.trim().trim_end_matches(';').to_owned();
    let out = b.deeper(|b| {
        let mut c = super::super::sql::Cursor::new(&body)?;
        let expr = if c.sees(&["SELECT"]) || c.sees(&["WITH"]) {
            sqlparser::ast::Expr::Subquery(c.query()?)
        } else {
            c.expr()?
        };
        c.end()?;
        b.expr(&expr, &Scope::new(None))
    });
    b.namespaces.pop();
    b.cx.s.script.pop();
    cast::cast(&out?, routine.returns.0, Mode::Explicit, &b.env.clone())
}

fn frame(b: &Binder<'_, '_>, routine: &Routine, args: Vec<Bound>) -> SfResult<BTreeMap<String, Bound>> {
    let mut frame = BTreeMap::new();
    for ((name, ty, _), value) in routine.args.iter().zip(args) {
        frame.insert(name.clone(), cast::cast(&value, ty.0, Mode::Explicit, &b.env)?);
    }
    Ok(frame)
}
