//! Numbers.

use super::super::super::error::SfResult;
use super::super::super::types::Ty;
use super::super::Bound;
use super::super::arith::{Arith, binary};
use super::make::f;
use super::{Call, Function};

pub(super) const TABLE: &[Function] = &[
    f("ABS", 1, 1, |c| same(c, "abs")),
    f("CEIL", 1, 2, |c| to_scale(c, "ceil")),
    f("CEILING", 1, 2, |c| to_scale(c, "ceil")),
    f("FLOOR", 1, 2, |c| to_scale(c, "floor")),
    f("ROUND", 1, 3, round),
    f("TRUNC", 1, 2, trunc),
    f("TRUNCATE", 1, 2, trunc),
    f("MOD", 2, 2, |c| binary(Arith::Mod, c.arg(0)?, c.arg(1)?, c.env)),
    f("SIGN", 1, 1, |c| Ok(c.out(format!("CAST(sign({}) AS DECIMAL(1,0))", c.number(0)?.sql), Ty::number(1, 0)))),
    f("DIV0", 2, 2, |c| div0(c, false)),
    f("DIV0NULL", 2, 2, |c| div0(c, true)),
    f("POWER", 2, 2, |c| Ok(c.out(format!("power({}, {})", c.float(0)?, c.float(1)?), Ty::Float))),
    f("POW", 2, 2, |c| Ok(c.out(format!("power({}, {})", c.float(0)?, c.float(1)?), Ty::Float))),
    f("SQUARE", 1, 1, |c| Ok(c.out(format!("power({}, 2)", c.float(0)?), Ty::Float))),
    f("SQRT", 1, 1, |c| one(c, "sqrt")),
    f("CBRT", 1, 1, |c| one(c, "cbrt")),
    f("EXP", 1, 1, |c| one(c, "exp")),
    f("LN", 1, 1, |c| one(c, "ln")),
    f("LOG", 2, 2, |c| Ok(c.out(format!("(ln({}) / ln({}))", c.float(1)?, c.float(0)?), Ty::Float))),
    f("PI", 0, 0, |c| Ok(c.out("pi()", Ty::Float))),
    f("SIN", 1, 1, |c| one(c, "sin")),
    f("COS", 1, 1, |c| one(c, "cos")),
    f("TAN", 1, 1, |c| one(c, "tan")),
    f("COT", 1, 1, |c| one(c, "cot")),
    f("ASIN", 1, 1, |c| one(c, "asin")),
    f("ACOS", 1, 1, |c| one(c, "acos")),
    f("ATAN", 1, 1, |c| one(c, "atan")),
    f("SINH", 1, 1, |c| one(c, "sinh")),
    f("COSH", 1, 1, |c| one(c, "cosh")),
    f("TANH", 1, 1, |c| one(c, "tanh")),
    f("ATAN2", 2, 2, |c| Ok(c.out(format!("atan2({}, {})", c.float(0)?, c.float(1)?), Ty::Float))),
    f("DEGREES", 1, 1, |c| one(c, "degrees")),
    f("RADIANS", 1, 1, |c| one(c, "radians")),
    f("FACTORIAL", 1, 1, |c| {
        Ok(c.out(format!("CAST(factorial(CAST({} AS INTEGER)) AS DECIMAL(38,0))", c.int(0)?), Ty::INT))
    }),
    f("BITAND", 2, 2, |c| bits(c, |a, b| format!("{a} & {b}"))),
    f("BITOR", 2, 2, |c| bits(c, |a, b| format!("{a} | {b}"))),
    f("BITXOR", 2, 2, |c| bits(c, |a, b| format!("xor({a}, {b})"))),
    f("BITSHIFTLEFT", 2, 2, |c| bits(c, |a, b| format!("{a} * CAST(power(2, {b}) AS BIGINT)"))),
    f("BITSHIFTRIGHT", 2, 2, |c| bits(c, |a, b| format!("{a} >> {b}"))),
    f("BITNOT", 1, 1, |c| Ok(c.out(format!("CAST((~{}) AS DECIMAL(38,0))", c.int(0)?), Ty::INT))),
    f("WIDTH_BUCKET", 4, 4, width_bucket),
    f("RANDOM", 0, 1, random),
    f("UNIFORM", 2, 3, uniform),
];

fn one(c: &Call<'_>, name: &str) -> SfResult<Bound> {
    Ok(c.out(format!("{name}({})", c.float(0)?), Ty::Float))
}

fn same(c: &Call<'_>, name: &str) -> SfResult<Bound> {
    let x = c.number(0)?;
    Ok(c.out(format!("CAST({name}({}) AS {})", x.sql, x.ty.duck()), x.ty))
}

/// `10^n` as a DuckDB decimal.
fn ten(n: i64) -> String {
    format!("CAST(1{} AS DECIMAL({},0))", "0".repeat(usize::try_from(n).unwrap_or(0)), n + 1)
}

/// CEIL, FLOOR and TRUNC to a number of places.
fn to_scale(c: &Call<'_>, name: &str) -> SfResult<Bound> {
    let x = c.number(0)?;
    let places = if c.args.len() > 1 { c.constant_int(1) } else { Some(0) };
    let Some(n) = places else {
        let by = format!("power(10, {})", c.int(1)?);
        let sql = format!("({name}(CAST({} AS DOUBLE) * {by}) / {by})", x.sql);
        return Ok(c.out(format!("CAST({sql} AS {})", x.ty.duck()), x.ty));
    };
    let Ty::Number { p, s } = x.ty else {
        let sql = match n {
            0 => format!("{name}({})", x.sql),
            _ => format!("({name}({} * power(10, {n})) / power(10, {n}))", x.sql),
        };
        return Ok(c.out(sql, Ty::Float));
    };
    let (p, s) = (u32::from(p), u32::from(s));
    if n >= i64::from(s) {
        return Ok(c.out(x.sql, x.ty));
    }
    if n < 0 {
        let ty = Ty::number(p - s + 1, 0);
        let sql =
            format!("CAST({name}(CAST({} AS DOUBLE) / power(10, {})) * power(10, {}) AS {})", x.sql, -n, -n, ty.duck());
        return Ok(c.out(sql, ty));
    }
    let places = u32::try_from(n).unwrap_or(0);
    let ty = Ty::number(p - s + 1 + places, places);
    if n == 0 {
        return Ok(c.out(format!("CAST({name}({}) AS {})", x.sql, ty.duck()), ty));
    }
    let unit = format!("CAST('0.{}1' AS DECIMAL({n},{n}))", "0".repeat(places as usize - 1));
    let whole = format!("CAST({name}({} * {}) AS DECIMAL(38,0))", x.sql, ten(n));
    Ok(c.out(format!("CAST(({whole} * {unit}) AS {})", ty.duck()), ty))
}

/// Half away from zero; `'HALF_TO_EVEN'` as the third argument for banker's rounding.
fn round(c: &Call<'_>) -> SfResult<Bound> {
    let x = c.number(0)?;
    let even = c.literal(2).is_some_and(|m| m.eq_ignore_ascii_case("HALF_TO_EVEN"));
    let places = if c.args.len() > 1 { c.constant_int(1) } else { Some(0) };
    let name = if even { "round_even" } else { "round" };
    match (x.ty, places) {
        (Ty::Number { p, s }, Some(n)) if !even => {
            let (p, s) = (u32::from(p), u32::from(s));
            if n >= i64::from(s) {
                return Ok(c.out(x.sql, x.ty));
            }
            let scale = u32::try_from(n.max(0)).unwrap_or(0);
            let ty = Ty::number(p - s + scale + 1, scale);
            let sql = if n < 0 { format!("round({}, CAST({n} AS INTEGER))", x.sql) } else { x.sql.clone() };
            Ok(c.out(format!("CAST({sql} AS {})", ty.duck()), ty))
        }
        (Ty::Float, Some(0)) => Ok(c.out(format!("{name}({}, 0)", x.sql), Ty::Float)),
        _ => {
            let n = if c.args.len() > 1 { c.int(1)? } else { "0".into() };
            let sql = format!("{name}(CAST({} AS DOUBLE), CAST({n} AS INTEGER))", x.sql);
            Ok(c.out(format!("CAST({sql} AS {})", x.ty.duck()), x.ty))
        }
    }
}

/// TRUNC of a number, or of a date to a part.
fn trunc(c: &Call<'_>) -> SfResult<Bound> {
    let a = c.arg(0)?;
    if a.ty == Ty::Date || a.ty.is_timestamp() {
        return super::datetime::trunc(c, 1, 0);
    }
    to_scale(c, "trunc")
}

fn div0(c: &Call<'_>, null_too: bool) -> SfResult<Bound> {
    let quotient = binary(Arith::Div, c.arg(0)?, c.arg(1)?, c.env)?;
    let by = c.number(1)?.sql;
    let zero = if null_too { format!("{by} = 0 OR {by} IS NULL") } else { format!("{by} = 0") };
    let duck = quotient.ty.duck();
    let nothing = format!("CASE WHEN {} IS NULL THEN NULL ELSE CAST(0 AS {duck}) END", c.number(0)?.sql);
    Ok(c.out(format!("CASE WHEN {zero} THEN {nothing} ELSE {} END", quotient.sql), quotient.ty))
}

fn bits(c: &Call<'_>, op: fn(&str, &str) -> String) -> SfResult<Bound> {
    Ok(c.out(format!("CAST(({}) AS DECIMAL(38,0))", op(&c.int(0)?, &c.int(1)?)), Ty::INT))
}

fn width_bucket(c: &Call<'_>) -> SfResult<Bound> {
    let (x, low, high, n) = (c.float(0)?, c.float(1)?, c.float(2)?, c.int(3)?);
    let inside = format!("floor(({x} - {low}) * {n} / ({high} - {low})) + 1");
    let sql = format!("CASE WHEN {x} < {low} THEN 0 WHEN {x} >= {high} THEN {n} + 1 ELSE {inside} END");
    Ok(c.out(format!("CAST({sql} AS DECIMAL(38,0))"), Ty::INT))
}

fn random(c: &Call<'_>) -> SfResult<Bound> {
    let bits = match c.args.first() {
        None => "hash(random())".to_owned(),
        // A seed gives the same numbers in the same order.
        Some(seed) => format!("hash(row_number() OVER (), {})", seed.sql),
    };
    let sql = format!("CAST((CAST({bits} AS HUGEINT) - 9223372036854775808) AS DECIMAL(19,0))");
    Ok(Bound { nullable: false, ..Bound::new(sql, Ty::Number { p: 19, s: 0 }) })
}

/// UNIFORM(min, max[, generator]): whole numbers where both ends are, else FLOAT.
fn uniform(c: &Call<'_>) -> SfResult<Bound> {
    let share = match c.args.get(2) {
        None => "random()".to_owned(),
        Some(g) => format!("(CAST(hash({}) % 1000000007 AS DOUBLE) / 1000000007)", g.sql),
    };
    let whole = |i: usize| matches!(c.args[i].ty, Ty::Number { s: 0, .. });
    if whole(0) && whole(1) {
        let (low, high) = (c.int(0)?, c.int(1)?);
        let sql = format!("CAST({low} + CAST(floor({share} * ({high} - {low} + 1)) AS BIGINT) AS DECIMAL(38,0))");
        return Ok(c.out(sql, Ty::INT));
    }
    let (low, high) = (c.float(0)?, c.float(1)?);
    Ok(c.out(format!("({low} + {share} * ({high} - {low}))"), Ty::Float))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{call, num};

    #[test]
    fn rounding() {
        for (name, args, want) in [
            ("ROUND", vec![num("2.5")], "3"),
            ("ROUND", vec![num("-2.5")], "-3"),
            ("ROUND", vec![num("1.2345"), num("2")], "1.23"),
            ("ROUND", vec![num("1234"), num("-2")], "1200"),
            ("CEIL", vec![num("1.21"), num("1")], "1.3"),
            ("FLOOR", vec![num("-1.5")], "-2"),
            ("TRUNC", vec![num("-1.57"), num("1")], "-1.5"),
            ("SIGN", vec![num("-7.5")], "-1"),
            ("ABS", vec![num("-7.50")], "7.50"),
            ("DIV0", vec![num("7"), num("0")], "0.000000"),
            ("DIV0", vec![num("7"), num("2")], "3.500000"),
            ("MOD", vec![num("-7"), num("3")], "-1"),
            ("POWER", vec![num("2"), num("10")], "1024"),
            ("BITAND", vec![num("12"), num("10")], "8"),
            ("WIDTH_BUCKET", vec![num("5"), num("0"), num("10"), num("5")], "3"),
        ] {
            assert_eq!(call(name, args).unwrap().as_deref(), Some(want), "{name}");
        }
    }
}
