//! Literals and bind values.

use super::super::error::{SfError, SfResult};
use super::super::session::Bind;
use super::super::types::Ty;
use super::{Bound, quote_text};
use sqlparser::ast::Value;

/// A literal of the SQL text; `None` for a placeholder, which the binder resolves.
///
/// # Errors
/// Unsupported kinds of literal.
pub fn literal(value: &Value) -> SfResult<Option<Bound>> {
    Ok(Some(match value {
        Value::Number(text, _) => number(text)?,
        Value::SingleQuotedString(s) | Value::EscapedStringLiteral(s) | Value::NationalStringLiteral(s) => {
            Bound::text(s)
        }
        Value::DollarQuotedString(s) => Bound::text(&s.value),
        Value::HexStringLiteral(s) => {
            Bound { nullable: false, ..Bound::new(format!("from_hex({})", quote_text(s)), Ty::BINARY) }
        }
        Value::Boolean(b) => Bound { nullable: false, ..Bound::new(if *b { "true" } else { "false" }, Ty::Boolean) },
        Value::Null => Bound::null(),
        Value::Placeholder(_) => return Ok(None),
        other => return Err(SfError::unsupported(&format!("literal {other}"))),
    }))
}

/// A number as written: whole and decimal ones are NUMBER with just the digits they need, exponents make FLOAT.
fn number(text: &str) -> SfResult<Bound> {
    if text.contains(['e', 'E']) {
        return Ok(Bound { nullable: false, ..Bound::new(format!("CAST({text} AS DOUBLE)"), Ty::Float) });
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole = whole.trim_start_matches('0');
    let digits = (whole.len() + fraction.len()).max(1);
    if digits > 38 {
        return Ok(Bound { nullable: false, ..Bound::new(format!("CAST({text} AS DOUBLE)"), Ty::Float) });
    }
    let ty = Ty::number(u32::try_from(digits).unwrap_or(38), u32::try_from(fraction.len()).unwrap_or(0));
    Ok(Bound { sql: format!("CAST('{text}' AS {})", ty.duck()), ty, nullable: false, literal: Some(text.to_owned()) })
}

/// A bind value as the wire gives it (facts: DATE is epoch milliseconds, TIME nanoseconds since midnight, timestamps
/// epoch nanoseconds, TIMESTAMP_TZ with the offset in minutes plus 1440 behind a blank).
///
/// # Errors
/// A value that is not of its type's form.
pub fn from_wire(bind: &Bind) -> SfResult<Bound> {
    let Some(value) = &bind.value else { return Ok(Bound::null()) };
    let bad = || SfError::compile("002016", "22000", format!("Invalid value '{value}' for a bind of type {}", bind.ty));
    let int = |text: &str| text.trim().parse::<i128>().map_err(|_| bad());
    let solid = |b: Bound| Bound { nullable: false, ..b };
    Ok(match bind.ty.to_ascii_uppercase().as_str() {
        "FIXED" => {
            let (sign, digits) = value.strip_prefix('-').map_or(("", value.as_str()), |d| ("-", d));
            if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit() || c == '.') {
                return Err(bad());
            }
            let b = number(digits)?;
            solid(Bound {
                sql: format!("CAST('{sign}{digits}' AS {})", b.ty.duck()),
                literal: Some(value.clone()),
                ..b
            })
        }
        "REAL" => {
            let v: f64 = value.parse().map_err(|_| bad())?;
            solid(Bound::new(format!("CAST('{v}' AS DOUBLE)"), Ty::Float))
        }
        "BOOLEAN" => {
            let v = matches!(value.to_ascii_lowercase().as_str(), "true" | "1");
            solid(Bound::new(v.to_string(), Ty::Boolean))
        }
        "DATE" => {
            let days = int(value)?.div_euclid(86_400_000);
            solid(Bound::new(format!("(DATE '1970-01-01' + CAST({days} AS INTEGER))"), Ty::Date))
        }
        "TIME" => solid(Bound::new(format!("CAST(make_timestamp({}) AS TIME)", int(value)? / 1000), Ty::TIME)),
        "TIMESTAMP_NTZ" | "TIMESTAMP" => {
            solid(Bound::new(format!("make_timestamp({})", int(value)?.div_euclid(1000)), Ty::NTZ))
        }
        "TIMESTAMP_LTZ" => solid(Bound::new(format!("make_timestamp({})", int(value)?.div_euclid(1000)), Ty::LTZ)),
        "TIMESTAMP_TZ" => {
            // Some drivers send the instant alone.
            let (ns, offset) = value.split_once(' ').unwrap_or((value.as_str(), "1440"));
            let (us, offset) = (int(ns)?.div_euclid(1000), int(offset)? - 1440);
            solid(Bound::new(
                format!("struct_pack(t := make_timestamp({us}), o := CAST({offset} AS SMALLINT))"),
                Ty::TZ,
            ))
        }
        "BINARY" => solid(Bound::new(format!("from_hex({})", quote_text(value)), Ty::BINARY)),
        _ => Bound::text(value),
    })
}
