//! `+ - * / %` with Snowflake's result types.

use super::super::error::{SfError, SfResult};
use super::super::types::Ty;
use super::cast::{Mode, cast};
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

impl Arith {
    fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Mod => "%",
        }
    }
}

/// What text becomes beside a number.
const TEXT_AS: Ty = Ty::Number { p: 18, s: 5 };

/// `a op b`.
///
/// # Errors
/// 001044 for types that the operator does not take.
pub fn binary(op: Arith, a: &Bound, b: &Bound, env: &Env) -> SfResult<Bound> {
    if let Some(days) = dates(op, a, b, env)? {
        return Ok(days);
    }
    let (Some(x), Some(y)) = (operand(a, env)?, operand(b, env)?) else {
        return Err(SfError::compile(
            "001044",
            "42P13",
            format!("Invalid argument types for function '{}': ({}, {})", op.symbol(), a.ty.display(), b.ty.display()),
        ));
    };
    let nullable = a.nullable || b.nullable;
    let (sql, ty) = match (x.ty, y.ty) {
        (Ty::Number { p, s }, Ty::Number { p: q, s: t }) => decimal(op, &x.sql, (p, s), &y.sql, (q, t)),
        _ => (floating(op, &x, &y, env)?, Ty::Float),
    };
    Ok(Bound { sql, ty, nullable, literal: None })
}

/// `-x`.
///
/// # Errors
/// 001044 for what is no number.
pub fn negate(x: &Bound, env: &Env) -> SfResult<Bound> {
    let v = operand(x, env)?.ok_or_else(|| {
        SfError::compile("001044", "42P13", format!("Invalid argument types for function '-': ({})", x.ty.display()))
    })?;
    Ok(Bound { sql: format!("CAST(-({}) AS {})", v.sql, v.ty.duck()), literal: None, ..v })
}

/// A number for arithmetic; `None` for a type that has none.
fn operand(e: &Bound, env: &Env) -> SfResult<Option<Bound>> {
    let to = match e.ty {
        Ty::Number { .. } | Ty::Float => return Ok(Some(e.clone())),
        Ty::Null => Ty::INT,
        Ty::Text { .. } => TEXT_AS,
        Ty::Boolean => Ty::INT,
        Ty::Variant => Ty::Float,
        _ => return Ok(None),
    };
    cast(e, to, Mode::Explicit, env).map(Some)
}

fn decimal(op: Arith, a: &str, (p, s): (u8, u8), b: &str, (q, t): (u8, u8)) -> (String, Ty) {
    let (p, s, q, t) = (u32::from(p), u32::from(s), u32::from(q), u32::from(t));
    let (l1, l2) = (p - s, q - t);
    match op {
        Arith::Add | Arith::Sub => {
            let scale = s.max(t);
            let ty = Ty::number(l1.max(l2) + 1 + scale, scale);
            (format!("CAST(({a} {} {b}) AS {})", op.symbol(), ty.duck()), ty)
        }
        Arith::Mul => {
            let scale = (s + t).min(s.max(t).max(12));
            let ty = Ty::number(l1 + l2 + scale, scale);
            if s + t > 37 {
                // DuckDB has no decimal of that scale: exact arithmetic in Rust.
                return (format!("CAST({} AS {})", exact_call("sf_mul", a, b, scale), ty.duck()), ty);
            }
            (format!("CAST(({a} * {b}) AS {})", ty.duck()), ty)
        }
        Arith::Div => {
            let scale = s.max((s + 6).min(12));
            let ty = Ty::number(l1 + t + scale, scale);
            (format!("CAST({} AS {})", exact_call("sf_div", a, b, scale), ty.duck()), ty)
        }
        Arith::Mod => {
            let scale = s.max(t);
            let ty = Ty::number(l1.max(l2) + scale, scale);
            (format!("CAST(({a} % {b}) AS {})", ty.duck()), ty)
        }
    }
}

/// A Rust function over two decimals and the scale of the result; decimals travel as text.
fn exact_call(name: &str, a: &str, b: &str, scale: u32) -> String {
    format!("{name}(CAST({a} AS VARCHAR), CAST({b} AS VARCHAR), CAST({scale} AS BIGINT))")
}

/// SQL for the text of `a / b` with `scale` places.
pub(super) fn quotient(a: &str, b: &str, scale: u32) -> String {
    exact_call("sf_div", a, b, scale)
}

fn floating(op: Arith, a: &Bound, b: &Bound, env: &Env) -> SfResult<String> {
    let x = cast(a, Ty::Float, Mode::Explicit, env)?.sql;
    let y = cast(b, Ty::Float, Mode::Explicit, env)?.sql;
    Ok(match op {
        Arith::Mod => format!("fmod({x}, sf_nonzero({y}))"),
        Arith::Div => format!("({x} / sf_nonzero({y}))"),
        _ => format!("({x} {} {y})", op.symbol()),
    })
}

/// `date ± number`, `number + date` and `date - date`; `None` where no date is involved.
fn dates(op: Arith, a: &Bound, b: &Bound, env: &Env) -> SfResult<Option<Bound>> {
    let nullable = a.nullable || b.nullable;
    let whole = |e: &Bound| cast(e, Ty::INT, Mode::Explicit, env);
    let shift = |date: &Bound, days: &Bound| -> SfResult<Bound> {
        let sql = format!("CAST(({} {} CAST({} AS INTEGER)) AS DATE)", date.sql, op.symbol(), whole(days)?.sql);
        Ok(Bound { sql, ty: Ty::Date, nullable, literal: None })
    };
    Ok(match (op, a.ty, b.ty) {
        (Arith::Sub, Ty::Date, Ty::Date) => {
            let sql = format!("CAST(({} - {}) AS DECIMAL(9,0))", a.sql, b.sql);
            Some(Bound { sql, ty: Ty::Number { p: 9, s: 0 }, nullable, literal: None })
        }
        (Arith::Add | Arith::Sub, Ty::Date, y) if y.is_numeric() || y == Ty::Null => Some(shift(a, b)?),
        (Arith::Add, x, Ty::Date) if x.is_numeric() || x == Ty::Null => Some(shift(b, a)?),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::functions::testing::{num, value};
    use super::*;

    fn shown(op: Arith, a: &str, b: &str) -> String {
        let env = Env::default();
        value(&binary(op, &num(a), &num(b), &env).unwrap()).unwrap().unwrap()
    }

    #[test]
    fn result_scales_are_snowflakes() {
        assert_eq!(shown(Arith::Div, "2", "7"), "0.285714");
        assert_eq!(shown(Arith::Div, "10.1", "2.1"), "4.8095238");
        assert_eq!(shown(Arith::Div, "-1", "3"), "-0.333333");
        assert_eq!(shown(Arith::Div, "2", "3"), "0.666667");
        assert_eq!(shown(Arith::Add, "1.5", "2.25"), "3.75");
        assert_eq!(shown(Arith::Mul, "1.5", "2.25"), "3.375");
        assert_eq!(shown(Arith::Mod, "7", "4"), "3");
        assert_eq!(shown(Arith::Mul, "1.0000000001", "1.0000000001"), "1.000000000200");
    }

    #[test]
    fn division_by_zero_is_an_error() {
        let e = value(&binary(Arith::Div, &num("1"), &num("0"), &Env::default()).unwrap()).unwrap_err();
        assert_eq!((e.code, e.state, e.message.as_str()), ("100051", "22012", "Division by zero"));
    }

    #[test]
    fn dates_move_by_days() {
        let env = Env::default();
        let day = Bound::new("DATE '2024-02-28'", Ty::Date);
        assert_eq!(value(&binary(Arith::Add, &day, &num("2"), &env).unwrap()).unwrap().unwrap(), "2024-03-01");
        let other = Bound::new("DATE '2024-01-28'", Ty::Date);
        assert_eq!(value(&binary(Arith::Sub, &day, &other, &env).unwrap()).unwrap().unwrap(), "31");
    }
}
