//! Exact decimal division, and numbers as text.

use super::super::error::{SfError, SfResult};
use super::row::{Big, Kind, rows};
use super::udf;
use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, i256};
use duckdb::Connection;
use duckdb::vscalar::{ArrowFunctionSignature, VArrowScalar};
use std::error::Error;
use std::sync::Arc;

/// 100051.
#[must_use]
pub fn division_by_zero() -> SfError {
    SfError::execution("100051", "22012", "Division by zero")
}

fn too_big() -> SfError {
    SfError::execution("100046", "22003", "Number out of representable range")
}

/// Registers `sf_div`, `sf_mul`, `sf_nonzero`, `sf_float_text`.
pub(super) fn register(conn: &Connection) -> SfResult<()> {
    conn.register_scalar_function::<Divide>("sf_div")?;
    conn.register_scalar_function::<Multiply>("sf_mul")?;
    udf!(conn;
        "sf_nonzero"(Float) -> Float = |r: Row<'_>| match r.float(0) {
            Some(0.0) => Err(division_by_zero()),
            v => Ok(v),
        };
        "sf_float_text"(Float) -> Text = |r: Row<'_>| Ok(r.float(0).map(float_text));
    );
    Ok(())
}

use super::row::Row;

/// Two DECIMAL(38, m) and the scale of the result; gives the result's digits.
fn signatures() -> Vec<ArrowFunctionSignature> {
    (0..=38)
        .map(|m| {
            let wide = DataType::Decimal128(38, m);
            ArrowFunctionSignature::exact(vec![wide.clone(), wide, DataType::Int64], Big::data_type())
        })
        .collect()
}

fn scale_of(input: &RecordBatch) -> u32 {
    match input.column(0).data_type() {
        DataType::Decimal128(_, s) => u32::from(s.unsigned_abs()),
        _ => 0,
    }
}

struct Divide;

impl VArrowScalar for Divide {
    type State = ();
    fn invoke(_: &(), input: RecordBatch) -> Result<Arc<dyn arrow::array::Array>, Box<dyn Error>> {
        rows::<Big>(&input, |r| match (r.decimal(0), r.decimal(1), r.int(2)) {
            (Some(_), Some(0), _) => Err(division_by_zero()),
            (Some(a), Some(b), Some(scale)) => divide(a, b, scale).map(Some),
            _ => Ok(None),
        })
    }
    fn signatures() -> Vec<ArrowFunctionSignature> {
        signatures()
    }
}

struct Multiply;

impl VArrowScalar for Multiply {
    type State = ();
    fn invoke(_: &(), input: RecordBatch) -> Result<Arc<dyn arrow::array::Array>, Box<dyn Error>> {
        let m = scale_of(&input);
        rows::<Big>(&input, |r| match (r.decimal(0), r.decimal(1), r.int(2)) {
            (Some(a), Some(b), Some(scale)) => multiply(a, b, 2 * m, scale).map(Some),
            _ => Ok(None),
        })
    }
    fn signatures() -> Vec<ArrowFunctionSignature> {
        signatures()
    }
}

fn power_of_ten(n: u32) -> i256 {
    let ten = i256::from_i128(10);
    (0..n).fold(i256::from_i128(1), |p, _| p.wrapping_mul(ten))
}

/// `a / b` to `scale` places, half away from zero.
fn divide(a: i128, b: i128, scale: i64) -> SfResult<i128> {
    let scale = u32::try_from(scale).unwrap_or(0);
    if let Some(n) = 10_i128.checked_pow(scale).and_then(|p| a.checked_mul(p)) {
        let (q, rest) = (n / b, n % b);
        let up = rest.unsigned_abs() >= b.unsigned_abs() - rest.unsigned_abs();
        return Ok(if up && rest != 0 { q + if (a < 0) == (b < 0) { 1 } else { -1 } } else { q });
    }
    let n = i256::from_i128(a).checked_mul(power_of_ten(scale)).ok_or_else(too_big)?;
    round_div(n, i256::from_i128(b)).to_i128().ok_or_else(too_big)
}

fn multiply(a: i128, b: i128, has: u32, wants: i64) -> SfResult<i128> {
    let product = i256::from_i128(a).checked_mul(i256::from_i128(b)).ok_or_else(too_big)?;
    let drop = has.saturating_sub(u32::try_from(wants).unwrap_or(0));
    round_div(product, power_of_ten(drop)).to_i128().ok_or_else(too_big)
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
        assert_eq!(divide(5, 10, 0).unwrap(), 1);
        assert_eq!(divide(-5, 10, 0).unwrap(), -1);
        assert_eq!(divide(1, 3, 6).unwrap(), 333_333);
        // 10^37 * 10^6 does not fit in 128 bits.
        assert_eq!(divide(10_i128.pow(37), 4 * 10_i128.pow(10), 6).unwrap(), 25 * 10_i128.pow(31));
    }

    #[test]
    fn floats_print_short() {
        for (v, text) in [(0.1, "0.1"), (100_000.0, "100000"), (1e20, "1e+20"), (1.5e-7, "1.5e-07"), (-2.5, "-2.5")] {
            assert_eq!(float_text(v), text);
        }
    }
}
