//! Calls of user-defined SQL functions.

use super::super::catalog::{Body, Kind, Object, Routine};
use super::super::error::{SfError, SfResult};
use super::super::stmt::ddl::function::body;
use super::binder::{Binder, Namespace};
use super::cast::{self, Mode};
use super::from::{Source, named};
use super::scope::{Rel, Scope};
use super::{Bound, functions::missing};
use crate::local::snowflake::answer::Field;
use sqlparser::ast::{Expr, TableAlias};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Binds a call: the function's body is an expression over its arguments.
///
/// # Errors
/// 002140 / 002141 for an unknown function; what the body refuses.
pub fn bind(b: &mut Binder<'_, '_>, parts: &[String], args: Vec<Bound>) -> SfResult<Bound> {
    let found = find(b, parts, args.len())?;
    let routine = routine(&found)?;
    if routine.returns_table.is_some() {
        return Err(unknown(parts));
    }
    let expr = body(trimmed(routine))?;
    let out = within(b, &found, routine, args, |b| b.expr(&expr, &Scope::new(None)))?;
    cast::cast(&out, routine.returns.0, Mode::Explicit, &b.env.clone())
}

impl Binder<'_, '_> {
    /// A call of a user-defined table function in FROM.
    ///
    /// # Errors
    /// 002140 / 002141 for an unknown function; what the body refuses.
    pub fn user_table_function(
        &mut self,
        parts: &[String],
        args: &[(String, Bound)],
        alias: Option<&TableAlias>,
    ) -> SfResult<(Source, Rel)> {
        let args: Vec<Bound> = args.iter().map(|(_, v)| v.clone()).collect();
        let found = find(self, parts, args.len())?;
        let routine = routine(&found)?;
        let (Some(columns), Expr::Subquery(query)) = (&routine.returns_table, body(trimmed(routine))?) else {
            return Err(unknown(parts));
        };
        let (sql, from) = within(self, &found, routine, args, |b| b.query(&query, None))?;
        if from.len() != columns.len() {
            return Err(SfError::compile(
                "002057",
                "42601",
                format!("Table function declared {} column(s), but its query produces {}.", columns.len(), from.len()),
            ));
        }
        let fields: Vec<Field> = columns.iter().map(|(n, t)| Field::new(n, t.0)).collect();
        let sql = self.recast(sql, &from, &fields)?;
        let duck = self.alias("r");
        let mut rel = Rel::of_fields(&duck, &fields);
        rel.name = vec![parts.last().cloned().unwrap_or_default()];
        Ok((Source::Sql(format!("LATERAL ({sql}) AS {duck}")), named(rel, alias)?))
    }
}

fn unknown(parts: &[String]) -> SfError {
    match parts {
        [one] if missing::is_missing(one) => SfError::unsupported(one),
        [one] => SfError::compile("002140", "42601", format!("Unknown function {one}")),
        many => SfError::compile("002141", "42601", format!("Unknown user-defined function {}.", many.join("."))),
    }
}

fn routine(o: &Object) -> SfResult<&Routine> {
    let Body::Function(routine) = &o.body else { return Err(SfError::internal("not a function")) };
    if routine.language.eq_ignore_ascii_case("SQL") {
        Ok(routine)
    } else {
        Err(SfError::unsupported(&format!("functions in LANGUAGE {}", routine.language.to_ascii_uppercase())))
    }
}

fn trimmed(routine: &Routine) -> &str {
    routine.body.trim().trim_end_matches(';')
}

/// The function of this name that takes as many arguments: as written, or with its defaults.
fn find(b: &mut Binder<'_, '_>, parts: &[String], n: usize) -> SfResult<Arc<Object>> {
    if b.track.is_some() {
        return Err(super::track::refused("USER-DEFINED FUNCTION"));
    }
    let ns = b.namespace();
    let mut full = parts.to_vec();
    if full.len() == 1 {
        full.insert(0, ns.schema.clone().ok_or_else(|| unknown(parts))?);
    }
    if full.len() == 2 {
        full.insert(0, ns.database.clone().ok_or_else(|| unknown(parts))?);
    }
    let wanted = full.pop().unwrap_or_default();
    let fits = |r: &Routine| {
        let least = r.args.iter().filter(|(_, _, d)| d.is_none()).count();
        (least..=r.args.len()).contains(&n)
    };
    let mut all: Vec<_> = b
        .catalog
        .of_kind(Kind::Function)
        .filter(|o| {
            o.name[..2] == full[..]
                && o.bare().split('(').next().is_some_and(|x| x == wanted)
                && matches!(&o.body, Body::Function(r) if fits(r))
        })
        .cloned()
        .collect();
    all.sort_by_key(|o| matches!(&o.body, Body::Function(r) if r.args.len() != n));
    let found = all.into_iter().next().ok_or_else(|| unknown(parts))?;
    b.require(&found, "USAGE")?;
    Ok(found)
}

/// Binds the body with its arguments under their names, in the function's own schema and with its owner's privileges.
fn within<T>(
    b: &mut Binder<'_, '_>,
    found: &Object,
    routine: &Routine,
    args: Vec<Bound>,
    f: impl FnOnce(&mut Binder<'_, '_>) -> SfResult<T>,
) -> SfResult<T> {
    let frame = frame(b, routine, args)?;
    b.cx.s.script.push(frame);
    let hidden = b.hides(found, routine.secure);
    let roles = Arc::new(super::super::access::closure(&b.catalog, [found.owner.clone()]));
    b.namespaces.push(Namespace { database: found.name.first().cloned(), schema: found.name.get(1).cloned(), roles });
    let out = b.behind_veil(hidden.then_some(found), |b| b.deeper(f));
    b.namespaces.pop();
    b.cx.s.script.pop();
    out
}

fn frame(b: &mut Binder<'_, '_>, routine: &Routine, args: Vec<Bound>) -> SfResult<BTreeMap<String, Bound>> {
    let mut frame = BTreeMap::new();
    let mut args = args.into_iter();
    for (name, ty, default) in &routine.args {
        let value = match (args.next(), default) {
            (Some(value), _) => value,
            (None, Some(text)) => b.expr(&body(text)?, &Scope::new(None))?,
            (None, None) => Bound::null(),
        };
        frame.insert(name.clone(), cast::cast(&value, ty.0, Mode::Explicit, &b.env)?);
    }
    Ok(frame)
}
