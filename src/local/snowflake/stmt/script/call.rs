//! CALL.

use super::super::super::answer::{Answer, Field, kind};
use super::super::super::bind::Bound;
use super::super::super::catalog::{Body, Kind, Object, Routine};
use super::super::super::error::{SfError, SfResult};
use super::super::super::session::{Cx, Secondary};
use super::super::super::sql::Cursor;
use super::super::super::types::Ty;
use super::super::{Class, Statement};
use super::procedure;
use super::run::{self, Outcome};
use super::system;
use super::vars::{evaluate, typed};
use sqlparser::ast::{Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments};
use std::sync::Arc;

struct Call {
    parts: Vec<String>,
    args: Vec<(Option<String>, Expr)>,
    /// For SYSTEM$ functions: the call as written.
    text: String,
}

/// Behind CALL. INTO belongs to the block around it.
///
/// # Errors
/// 001003.
pub fn parse(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let from = c.offset();
    let f = match c.expr()? {
        Expr::Function(f) => f,
        // `CALL SYSTEM$…(…)::TYPE`: such a function's answer may be cast.
        Expr::Cast { expr, .. } => match *expr {
            Expr::Function(f) if parts(&f).last().is_some_and(|name| name.starts_with("SYSTEM$")) => f,
            _ => return Err(c.unexpected()),
        },
        _ => return Err(c.unexpected()),
    };
    let text = c.slice(from, c.offset_behind()).to_owned();
    Ok(Box::new(Call { parts: parts(&f), args: arguments(&f)?, text }))
}

fn parts(f: &Function) -> Vec<String> {
    f.name.0.iter().filter_map(|p| p.as_ident().map(super::super::super::bind::scope::fold)).collect()
}

fn arguments(f: &Function) -> SfResult<Vec<(Option<String>, Expr)>> {
    let FunctionArguments::List(list) = &f.args else { return Ok(Vec::new()) };
    list.args
        .iter()
        .map(|arg| match arg {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(e)) => Ok((None, e.clone())),
            FunctionArg::Named { name, arg: FunctionArgExpr::Expr(e), .. } => {
                Ok((Some(super::super::super::bind::scope::fold(name)), e.clone()))
            }
            FunctionArg::ExprNamed { name: Expr::Identifier(name), arg: FunctionArgExpr::Expr(e), .. } => {
                Ok((Some(super::super::super::bind::scope::fold(name)), e.clone()))
            }
            other => Err(SfError::unsupported(&format!("argument {other} of CALL"))),
        })
        .collect()
}

impl Statement for Call {
    fn class(&self) -> Class {
        Class::Session
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let bare = self.parts.last().cloned().unwrap_or_default();
        if bare.starts_with("SYSTEM$") {
            if system::is_procedure(&bare) {
                let mut args = Vec::with_capacity(self.args.len());
                for (_, e) in &self.args {
                    args.push(evaluate(cx, e)?);
                }
                return system::call(cx, &bare, &args);
            }
            let mut answer = cx.execute(&format!("SELECT {}", self.text))?;
            answer.fields[0].name = bare;
            answer.kind = kind::CALL;
            return Ok(answer);
        }
        let mut values = Vec::with_capacity(self.args.len());
        for (name, e) in &self.args {
            values.push((name.clone(), evaluate(cx, e)?));
        }
        let found = find(cx, &self.parts, &values)?;
        let Body::Procedure(routine) = &found.body else { return Err(unknown(&self.parts, &values)) };
        cx.require(&found, "USAGE")?;
        let args = match_arguments(cx, routine, &values)?;
        match run_body(cx, &found, routine, args)? {
            Outcome::Table(answer) => Ok(Answer { kind: kind::CALL, ..Answer::clone(&answer) }),
            Outcome::Value(value) => {
                let value = value.map(|v| typed(cx, &v, routine.returns.0)).transpose()?;
                run::one_cell(cx, &bare, value)
            }
        }
    }

    fn describe(&self, _cx: &mut Cx<'_>) -> SfResult<Vec<Field>> {
        Ok(vec![Field::new(self.parts.last().cloned().unwrap_or_default(), Ty::TEXT)])
    }
}

type Given = [(Option<String>, Bound)];

fn unknown(parts: &[String], given: &Given) -> SfError {
    let types: Vec<String> = given.iter().map(|(_, b)| b.ty.display()).collect();
    let name = parts.last().map_or("", String::as_str);
    if parts.len() > 1 {
        SfError::compile("002141", "42601", format!("Unknown user-defined function {}.", parts.join(".")))
    } else {
        SfError::compile("002140", "42601", format!("Unknown function {name}({})", types.join(", ")))
    }
}

/// The overload that the values fit best.
fn find(cx: &Cx<'_>, parts: &[String], given: &Given) -> SfResult<Arc<Object>> {
    let full = cx.full_name(Kind::Procedure, &super::super::super::catalog::ObjectName(parts.to_vec()))?;
    let catalog = cx.catalog();
    let mut best: Option<(usize, Arc<Object>)> = None;
    let candidates = catalog
        .of_kind(Kind::Procedure)
        .filter(|o| o.name[..2] == full[..2] && o.bare().split('(').next() == Some(full[2].as_str()));
    for object in candidates {
        let Body::Procedure(r) = &object.body else { continue };
        let Some(score) = fit(r, given) else { continue };
        if best.as_ref().is_none_or(|(s, _)| score > *s) {
            best = Some((score, object.clone()));
        }
    }
    let (_, found) = best.ok_or_else(|| unknown(parts, given))?;
    let visible = cx.in_scope("CALL", |s| s.sees(&found));
    if visible { Ok(found) } else { Err(unknown(parts, given)) }
}

/// How well values fit a signature; `None` where they cannot.
fn fit(r: &Routine, given: &Given) -> Option<usize> {
    if given.len() > r.args.len() {
        return None;
    }
    let mut score = 0;
    let mut used = vec![false; r.args.len()];
    for (i, (name, value)) in given.iter().enumerate() {
        let at = match name {
            Some(n) => r.args.iter().position(|(a, _, _)| a == n)?,
            None => i,
        };
        used[at] = true;
        let want = r.args[at].1.0;
        score += if want == value.ty {
            3
        } else if want.family() == value.ty.family() {
            2
        } else {
            usize::from(value.ty == Ty::Null || value.ty.is_text())
        };
    }
    let complete = r.args.iter().zip(&used).all(|((_, _, default), used)| *used || default.is_some());
    complete.then_some(score)
}

/// Every argument by name, cast to its type; defaults filled in.
fn match_arguments(cx: &mut Cx<'_>, r: &Routine, given: &Given) -> SfResult<Vec<(String, Bound)>> {
    let mut out = Vec::with_capacity(r.args.len());
    for (i, (name, ty, default)) in r.args.iter().enumerate() {
        let named = given.iter().find(|(n, _)| n.as_ref() == Some(name)).map(|(_, v)| v);
        let placed = given.get(i).filter(|(n, _)| n.is_none()).map(|(_, v)| v);
        let value = match (named.or(placed), default) {
            (Some(value), _) => value.clone(),
            (None, Some(text)) => {
                let e = Cursor::new(text)?.expr()?;
                evaluate(cx, &e)?
            }
            (None, None) => Bound::null(),
        };
        out.push((name.clone(), typed(cx, &value, ty.0)?));
    }
    Ok(out)
}

/// Runs a body as its owner in its own schema, or as the caller where it says so.
fn run_body(cx: &mut Cx<'_>, object: &Object, routine: &Routine, args: Vec<(String, Bound)>) -> SfResult<Outcome> {
    let block = procedure::body(&routine.body)?;
    if routine.caller_rights {
        return scoped(cx, |cx| run::deeper(cx, |cx| run::run(cx, &block, args)));
    }
    let role = std::mem::replace(&mut cx.s.role, object.owner.clone());
    let secondary = std::mem::replace(&mut cx.s.secondary, Secondary::None);
    let database = cx.s.database.replace(object.name[0].clone());
    let schema = cx.s.schema.replace(object.name[1].clone());
    let vars = std::mem::take(&mut cx.s.vars);
    let out = scoped(cx, |cx| run::deeper(cx, |cx| run::run(cx, &block, args)));
    cx.s.role = role;
    cx.s.secondary = secondary;
    cx.s.database = database;
    cx.s.schema = schema;
    cx.s.vars = vars;
    out
}

/// Transactions are scoped: a procedure leaves its caller's alone and ends what it has begun.
fn scoped<T>(cx: &mut Cx<'_>, f: impl FnOnce(&mut Cx<'_>) -> SfResult<T>) -> SfResult<T> {
    let open = |cx: &Cx<'_>| cx.s.tx.as_ref().is_some_and(|t| t.explicit);
    let callers = open(cx);
    let outer = std::mem::replace(&mut cx.s.outer_tx, callers);
    let out = f(cx);
    cx.s.outer_tx = outer;
    if callers || !open(cx) {
        return out;
    }
    cx.rollback()?;
    let text = "Scoped transaction started in stored procedure is incomplete and it was rolled back.";
    out.and(Err(SfError::new("090231", "25000", text)))
}
