//! Arithmetic with Snowflake's result types.

use super::super::error::SfResult;
use super::super::types::Ty;
use super::cast::{self, Mode};
use super::{Bound, Env};

/// An arithmetic operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the operators")]
pub enum Arith {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
}

/// `a op b`.
///
/// # Errors
/// Operands that cannot be numbers.
pub fn binary(op: Arith, a: &Bound, b: &Bound, env: &Env) -> SfResult<Bound> {
    let number =
        |x: &Bound| if x.ty.is_numeric() { Ok(x.clone()) } else { cast::cast(x, Ty::INT, Mode::Explicit, env) };
    let (x, y) = (number(a)?, number(b)?);
    let word = match op {
        Arith::Add => "+",
        Arith::Sub => "-",
        Arith::Mul => "*",
        Arith::Div => "/",
        Arith::Mod => "%",
    };
    let (Ty::Number { p, s }, Ty::Number { p: q, s: t }) = (x.ty, y.ty) else {
        let f = |v: &Bound| format!("CAST({} AS DOUBLE)", v.sql);
        return Ok(Bound::new(format!("({} {word} {})", f(&x), f(&y)), Ty::Float));
    };
    let (l1, l2, s1, s2) = (u32::from(p - s), u32::from(q - t), u32::from(s), u32::from(t));
    let ty = match op {
        Arith::Add | Arith::Sub => Ty::number(l1.max(l2) + 1 + s1.max(s2), s1.max(s2)),
        Arith::Mul => {
            let scale = (s1 + s2).min(s1.max(s2).max(12));
            Ty::number(l1 + l2 + scale, scale)
        }
        Arith::Div => {
            let scale = s1.max((s1 + 6).min(12));
            Ty::number(l1 + s2 + scale, scale)
        }
        Arith::Mod => Ty::number(l1.max(l2) + s1.max(s2), s1.max(s2)),
    };
    Ok(Bound::new(format!("CAST(({} {word} {}) AS {})", x.sql, y.sql, ty.duck()), ty))
}
