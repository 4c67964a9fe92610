//! Exact decimal division, and numbers as text.

use super::super::error::{SfError, SfResult};
use super::row::Row;
use super::udf;
use arrow::datatypes::i256;
use duckdb::Connection;

/// 100051.
#[must_use]
pub fn division_by_zero() -> SfError {
    SfError::execution("100051", "22012", "Division by zero")
}

fn too_big() -> SfError {
    SfError::execution("100046", "22003", "Number out of representable range")
}

/// Registers `sf_div`, `sf_mul`, `sf_nonzero`, `sf_float_text`. Decimals come and go as text: the driver hands none to Rust
/// functions.
pub(super) fn register(conn: &Connection) -> SfResult<()> {
    udf!(conn;
        "sf_div"(Text, Text, Int) -> Text = |r: Row<'_>| exact(&r, |(a, s), (b, t), scale| {
            if b == 0 {
                return Err(division_by_zero());
            }
            // a / 10^s / (b / 10^t), scaled by 10^scale.
            divide(a, b, scale + t, s)
        });
        "sf_mul"(Text, Text, Int) -> Text = |r: Row<'_>| exact(&r, |(a, s), (b, t), scale| multiply(a, b, s + t, scale));
        "sf_nonzero"(Float) -> Float = |r: Row<'_>| match r.float(0) {
            Some(0.0) => Err(division_by_zero()),
            v => Ok(v),
        };
        "sf_float_text"(Float) -> Text = |r: Row<'_>| Ok(r.float(0).map(float_text));
    );
    Ok(())
}

type Decimal = (i128, u32);

/// Calls `f` with two decimals (digits and scale) and the result's scale; prints its digits.
fn exact(r: &Row<'_>, f: impl Fn(Decimal, Decimal, u32) -> SfResult<i128>) -> SfResult<Option<String>> {
    let (Some(a), Some(b), Some(scale)) = (r.text(0).and_then(decimal), r.text(1).and_then(decimal), r.int(2)) else {
        return Ok(None);
    };
    let scale = u32::try_from(scale).unwrap_or(0);
    f(a, b, scale).map(|digits| Some(decimal_text(digits, scale)))
}

/// Digits and scale of plain decimal text.
fn decimal(text: &str) -> Option<Decimal> {
    match text.split_once('.') {
        None => Some((text.parse().ok()?, 0)),
        Some((whole, fraction)) => {
            let digits = format!("{whole}{fraction}").parse().ok()?;
            Some((digits, u32::try_from(fraction.len()).ok()?))
        }
    }
}

fn decimal_text(digits: i128, scale: u32) -> String {
    let sign = if digits < 0 { "-" } else { "" };
    let scale = scale as usize;
    let text = format!("{:0>1$}", digits.unsigned_abs(), scale + 1);
    let (whole, fraction) = text.split_at(text.len() - scale);
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

fn power_of_ten(n: u32) -> i256 {
    let ten = i256::from_i128(10);
    (0..n).fold(i256::from_i128(1), |p, _| p.wrapping_mul(ten))
}

/// `a * 10^up / (b * 10^down)`, half away from zero.
fn divide(a: i128, b: i128, up: u32, down: u32) -> SfResult<i128> {
    let (up, down) = (up.saturating_sub(down), down.saturating_sub(up));
    let n = i256::from_i128(a).checked_mul(power_of_ten(up)).ok_or_else(too_big)?;
    let d = i256::from_i128(b).checked_mul(power_of_ten(down)).ok_or_else(too_big)?;
    round_div(n, d).to_i128().ok_or_else(too_big)
}

/// `a * b` with `has` places, brought to `wants` places.
fn multiply(a: i128, b: i128, has: u32, wants: u32) -> SfResult<i128> {
    let product = i256::from_i128(a).checked_mul(i256::from_i128(b)).ok_or_else(too_big)?;
    round_div(product, power_of_ten(has.saturating_sub(wants))).to_i128().ok_or_else(too_big)
}

fn round_div(n: i256, d: i256) -> i256 {
    let (q, rest) = (n.wrapping_div(d), n.wrapping_rem(d));
    let twice = rest.wrapping_abs().wrapping_mul(i256::from_i128(2));
    if twice < d.wrapping_abs() {
        return q;
    }
    let one = i256::from_i128(1);
    if n.is_negative() == d.is_negative() { q.wrapping_add(one) } else { q.wrapping_sub(one) }
}

/// A FLOAT as Snowflake prints it: shortest digits, exponents from 1e15 and below 1e-5.
#[must_use]
pub fn float_text(v: f64) -> String {
    if v.is_nan() {
        return "NaN".into();
    }
    if v.is_infinite() {
        return if v > 0.0 { "inf".into() } else { "-inf".into() };
    }
    if v == 0.0 {
        return "0".into();
    }
    if (1e-5..1e15).contains(&v.abs()) {
        return v.to_string();
    }
    let text = format!("{v:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |e| ('-', e));
    format!("{digits}e{sign}{exponent:0>2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn division_rounds_half_away_from_zero_even_beyond_128_bits() {
        assert_eq!(divide(5, 10, 0, 0).unwrap(), 1);
        assert_eq!(divide(-5, 10, 0, 0).unwrap(), -1);
        assert_eq!(divide(1, 3, 6, 0).unwrap(), 333_333);
        // 10^37 * 10^6 does not fit in 128 bits.
        assert_eq!(divide(10_i128.pow(37), 4 * 10_i128.pow(10), 6, 0).unwrap(), 25 * 10_i128.pow(31));
        assert_eq!(decimal_text(-5, 3), "-0.005");
        assert_eq!(decimal("-0.005"), Some((-5, 3)));
    }

    #[test]
    fn floats_print_short() {
        for (v, text) in [(0.1, "0.1"), (100_000.0, "100000"), (1e20, "1e+20"), (1.5e-7, "1.5e-07"), (-2.5, "-2.5")] {
            assert_eq!(float_text(v), text);
        }
    }
}
