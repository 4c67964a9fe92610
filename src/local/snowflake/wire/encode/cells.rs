//! One column as text cells in the JSON form.

use super::super::super::error::{SfError, SfResult};
use super::super::super::types::Ty;
use super::pretty;
use arrow::array::{
    Array, AsArray, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int16Array, StringArray,
    StructArray, Time64MicrosecondArray, TimestampMicrosecondArray,
};
use arrow::datatypes::DataType;
use std::fmt::Write as _;

/// The protocol's time zone field: the offset in minutes plus this.
pub const OFFSET_BASE: i32 = 1440;
/// Storage is microseconds.
const STORED_DIGITS: u8 = 6;

/// A column, ready to be written cell by cell.
pub enum Cells<'a> {
    /// Text, or the wire's own form.
    Text(&'a StringArray),
    /// Semi-structured: compact JSON text and the indent to print it with.
    Json(&'a StringArray, usize),
    /// Decimals with their scale.
    Decimal(&'a Decimal128Array, u32),
    /// Floats.
    Real(&'a Float64Array),
    /// Booleans.
    Boolean(&'a BooleanArray),
    /// Days.
    Date(&'a Date32Array),
    /// Times with their scale.
    Time(&'a Time64MicrosecondArray, u8),
    /// Timestamps with their scale.
    Stamp(&'a TimestampMicrosecondArray, u8),
    /// Timestamps in UTC and offsets in minutes, with their scale.
    Zoned(&'a StructArray, &'a TimestampMicrosecondArray, &'a Int16Array, u8),
    /// Bytes.
    Binary(&'a BinaryArray),
}

impl<'a> Cells<'a> {
    /// Reads a column that [`super::stored`] has normalised. `indent` is for semi-structured values; 0 leaves them compact.
    ///
    /// # Errors
    /// Internal, where the stored type is not what the field says.
    pub fn new(ty: Ty, array: &'a dyn Array, indent: usize) -> SfResult<Self> {
        if *array.data_type() == DataType::Utf8 {
            let text = array.as_string::<i32>();
            return Ok(if ty.is_semi() && indent > 0 { Self::Json(text, indent) } else { Self::Text(text) });
        }
        let cells = match ty {
            Ty::Number { s, .. } => array.as_any().downcast_ref().map(|a| Self::Decimal(a, u32::from(s))),
            Ty::Float => array.as_any().downcast_ref().map(Self::Real),
            Ty::Boolean => array.as_any().downcast_ref().map(Self::Boolean),
            Ty::Date => array.as_any().downcast_ref().map(Self::Date),
            Ty::Time { scale } => array.as_any().downcast_ref().map(|a| Self::Time(a, scale)),
            Ty::Ntz { scale } | Ty::Ltz { scale } => array.as_any().downcast_ref().map(|a| Self::Stamp(a, scale)),
            Ty::Tz { scale } => zoned(array).map(|(s, t, o)| Self::Zoned(s, t, o, scale)),
            Ty::Binary { .. } => array.as_any().downcast_ref().map(Self::Binary),
            _ => None,
        };
        cells.ok_or_else(|| SfError::internal(format!("{} is not stored as {}", ty.display(), array.data_type())))
    }

    /// Whether a cell is NULL.
    #[must_use]
    pub fn is_null(&self, row: usize) -> bool {
        match self {
            Self::Text(a) | Self::Json(a, _) => a.is_null(row),
            Self::Decimal(a, _) => a.is_null(row),
            Self::Real(a) => a.is_null(row),
            Self::Boolean(a) => a.is_null(row),
            Self::Date(a) => a.is_null(row),
            Self::Time(a, _) => a.is_null(row),
            Self::Stamp(a, _) => a.is_null(row),
            Self::Zoned(a, t, _, _) => a.is_null(row) || t.is_null(row),
            Self::Binary(a) => a.is_null(row),
        }
    }

    /// Whether the text never needs JSON escapes.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        !matches!(self, Self::Text(_) | Self::Json(..))
    }

    /// Appends a cell that is not NULL.
    pub fn write(&self, row: usize, out: &mut String) {
        match self {
            Self::Text(a) => out.push_str(a.value(row)),
            Self::Json(a, indent) => pretty(a.value(row), *indent, out),
            Self::Decimal(a, scale) => write_decimal(a.value(row), *scale, out),
            Self::Real(a) => write_real(a.value(row), out),
            Self::Boolean(a) => out.push(if a.value(row) { '1' } else { '0' }),
            Self::Date(a) => out.push_str(itoa::Buffer::new().format(a.value(row))),
            Self::Time(a, scale) => write_seconds(a.value(row), *scale, out),
            Self::Stamp(a, scale) => write_seconds(a.value(row), *scale, out),
            Self::Zoned(_, t, o, scale) => {
                write_seconds(t.value(row), *scale, out);
                let offset = if o.is_null(row) { 0 } else { i32::from(o.value(row)) };
                let _ = write!(out, " {}", offset + OFFSET_BASE);
            }
            Self::Binary(a) => {
                for byte in a.value(row) {
                    let _ = write!(out, "{byte:02X}");
                }
            }
        }
    }
}

/// The two members of a TIMESTAMP_TZ.
pub fn zoned(array: &dyn Array) -> Option<(&StructArray, &TimestampMicrosecondArray, &Int16Array)> {
    let s = array.as_any().downcast_ref::<StructArray>()?;
    let t = s.columns().first()?.as_any().downcast_ref()?;
    let o = s.columns().get(1)?.as_any().downcast_ref()?;
    Some((s, t, o))
}

fn write_decimal(value: i128, scale: u32, out: &mut String) {
    let mut buffer = itoa::Buffer::new();
    if scale == 0 {
        out.push_str(buffer.format(value));
        return;
    }
    if value < 0 {
        out.push('-');
    }
    let unit = 10u128.pow(scale);
    let magnitude = value.unsigned_abs();
    out.push_str(buffer.format(magnitude / unit));
    let _ = write!(out, ".{:0width$}", magnitude % unit, width = scale as usize);
}

/// Microseconds as seconds with a fraction of `scale` digits; what is finer is cut off.
fn write_seconds(micros: i64, scale: u8, out: &mut String) {
    // Towards minus infinity, so that -0.0000005 s at scale 6 is the microsecond before, as a clock would show it.
    let kept = if scale < STORED_DIGITS {
        let unit = 10i64.pow(u32::from(STORED_DIGITS - scale));
        micros.div_euclid(unit) * unit
    } else {
        micros
    };
    if kept < 0 {
        out.push('-');
    }
    let magnitude = kept.unsigned_abs();
    out.push_str(itoa::Buffer::new().format(magnitude / 1_000_000));
    if scale > 0 {
        let nanos = (magnitude % 1_000_000) * 1000;
        let digits = nanos / 10u64.pow(u32::from(9 - scale.min(9)));
        let _ = write!(out, ".{digits:0width$}", width = usize::from(scale.min(9)));
    }
}

fn write_real(value: f64, out: &mut String) {
    if value.is_nan() {
        out.push_str("NaN");
    } else if value.is_infinite() {
        out.push_str(if value > 0.0 { "inf" } else { "-inf" });
    } else if value == 0.0 || (1e-5..1e15).contains(&value.abs()) {
        let _ = write!(out, "{value}");
    } else {
        // Rust writes 1e20; Snowflake signs the exponent and gives it two digits.
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |e| ('-', e));
        let _ = write!(out, "{digits}e{sign}{exponent:0>2}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(f: impl FnOnce(&mut String)) -> String {
        let mut out = String::new();
        f(&mut out);
        out
    }

    #[test]
    fn numbers_keep_their_scale() {
        assert_eq!(text(|o| write_decimal(150, 2, o)), "1.50");
        assert_eq!(text(|o| write_decimal(-5, 2, o)), "-0.05");
        assert_eq!(text(|o| write_decimal(-5, 0, o)), "-5");
        assert_eq!(text(|o| write_real(1.5, o)), "1.5");
        assert_eq!(text(|o| write_real(1e20, o)), "1e+20");
        assert_eq!(text(|o| write_real(-2.5e-7, o)), "-2.5e-07");
        assert_eq!(text(|o| write_real(f64::NEG_INFINITY, o)), "-inf");
    }

    #[test]
    fn times_are_padded_to_their_scale() {
        assert_eq!(text(|o| write_seconds(45_296_123_000, 9, o)), "45296.123000000");
        assert_eq!(text(|o| write_seconds(45_296_123_999, 3, o)), "45296.123");
        assert_eq!(text(|o| write_seconds(-500_000, 9, o)), "-0.500000000");
        assert_eq!(text(|o| write_seconds(7_000_000, 0, o)), "7");
    }
}
