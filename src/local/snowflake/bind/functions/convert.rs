//! TO_… and TRY_TO_….

use super::super::super::error::{SfError, SfResult};
use super::super::super::types::Ty;
use super::super::cast::{Mode, cast, print, to_text, tz};
use super::super::{Bound, quote_text};
use super::make::f;
use super::{Call, Function};

pub(super) const TABLE: &[Function] = &[
    f("TO_NUMBER", 1, 4, |c| number(c, false)),
    f("TO_DECIMAL", 1, 4, |c| number(c, false)),
    f("TO_NUMERIC", 1, 4, |c| number(c, false)),
    f("TRY_TO_NUMBER", 1, 4, |c| number(c, true)),
    f("TRY_TO_DECIMAL", 1, 4, |c| number(c, true)),
    f("TRY_TO_NUMERIC", 1, 4, |c| number(c, true)),
    f("TO_DOUBLE", 1, 2, |c| plain(c, Ty::Float, false)),
    f("TRY_TO_DOUBLE", 1, 2, |c| plain(c, Ty::Float, true)),
    f("TO_BOOLEAN", 1, 1, |c| plain(c, Ty::Boolean, false)),
    f("TRY_TO_BOOLEAN", 1, 1, |c| plain(c, Ty::Boolean, true)),
    f("TO_VARCHAR", 1, 2, varchar),
    f("TO_CHAR", 1, 2, varchar),
    f("TO_DATE", 1, 2, |c| time(c, Ty::Date, false)),
    f("DATE", 1, 2, |c| time(c, Ty::Date, false)),
    f("TRY_TO_DATE", 1, 2, |c| time(c, Ty::Date, true)),
    f("TO_TIME", 1, 2, |c| time(c, Ty::TIME, false)),
    f("TIME", 1, 2, |c| time(c, Ty::TIME, false)),
    f("TRY_TO_TIME", 1, 2, |c| time(c, Ty::TIME, true)),
    f("TO_TIMESTAMP", 1, 2, |c| time(c, mapped(c), false)),
    f("TRY_TO_TIMESTAMP", 1, 2, |c| time(c, mapped(c), true)),
    f("TO_TIMESTAMP_NTZ", 1, 2, |c| time(c, Ty::NTZ, false)),
    f("TRY_TO_TIMESTAMP_NTZ", 1, 2, |c| time(c, Ty::NTZ, true)),
    f("TO_TIMESTAMP_LTZ", 1, 2, |c| time(c, Ty::LTZ, false)),
    f("TRY_TO_TIMESTAMP_LTZ", 1, 2, |c| time(c, Ty::LTZ, true)),
    f("TO_TIMESTAMP_TZ", 1, 2, |c| time(c, Ty::TZ, false)),
    f("TRY_TO_TIMESTAMP_TZ", 1, 2, |c| time(c, Ty::TZ, true)),
    f("TO_VARIANT", 1, 1, |c| c.cast(0, Ty::Variant)),
    f("TO_OBJECT", 1, 1, |c| c.cast(0, Ty::Object)),
    f("TO_ARRAY", 1, 1, |c| c.cast(0, Ty::Array)),
];

/// TIMESTAMP means TIMESTAMP_NTZ unless the session says otherwise.
fn mapped(c: &Call<'_>) -> Ty {
    match c.env.get("TIMESTAMP_TYPE_MAPPING") {
        "TIMESTAMP_LTZ" => Ty::LTZ,
        "TIMESTAMP_TZ" => Ty::TZ,
        _ => Ty::NTZ,
    }
}

fn plain(c: &Call<'_>, ty: Ty, try_: bool) -> SfResult<Bound> {
    if c.args.len() > 1 {
        return Err(SfError::unsupported(&format!("{} with a format", c.name)));
    }
    let a = c.arg(0)?;
    let mode = if try_ && a.ty.is_text() { Mode::Try } else { Mode::Explicit };
    cast(a, ty, mode, c.env)
}

/// `(x[, format][, precision[, scale]])`.
fn number(c: &Call<'_>, try_: bool) -> SfResult<Bound> {
    let a = c.arg(0)?;
    let format = c.args.get(1).is_some_and(|b| b.ty.is_text());
    let from = if format { 2 } else { 1 };
    let constant = |i: usize, default: i64| -> SfResult<u32> {
        if i >= c.args.len() {
            return Ok(u32::try_from(default).unwrap_or(0));
        }
        let n = c.constant_int(i).ok_or_else(|| c.bad_types())?;
        u32::try_from(n).map_err(|_| c.bad_types())
    };
    let ty = Ty::number(constant(from, 38)?, constant(from + 1, 0)?);
    if format {
        let (text, f) = (c.text(0)?, c.text(1)?);
        let name = if try_ { "sf_try_number_in" } else { "sf_number_in" };
        let digits = Bound::new(format!("{name}({text}, {f})"), Ty::TEXT);
        return cast(&digits, ty, if try_ { Mode::Try } else { Mode::Explicit }, c.env);
    }
    let mode = if try_ && a.ty.is_text() { Mode::Try } else { Mode::Explicit };
    if try_ && matches!(a.ty, Ty::Number { .. } | Ty::Float) {
        return Ok(c.maybe(format!("TRY_CAST({} AS {})", a.sql, ty.duck()), ty));
    }
    cast(a, ty, mode, c.env)
}

fn varchar(c: &Call<'_>) -> SfResult<Bound> {
    let a = c.arg(0)?;
    if c.args.len() == 1 {
        return c.cast(0, Ty::TEXT);
    }
    let sql = match a.ty {
        Ty::Number { .. } | Ty::Float => {
            let text = to_text(a, c.env).ok_or_else(|| c.bad_types())?;
            format!("sf_number_out({text}, {})", c.text(1)?)
        }
        Ty::Binary { .. } => match c.constant(1)?.to_ascii_uppercase().as_str() {
            "HEX" => format!("hex({})", a.sql),
            "BASE64" => format!("to_base64({})", a.sql),
            "UTF-8" | "UTF8" => format!("sf_utf8({})", a.sql),
            _ => return Err(c.bad_types()),
        },
        Ty::Date | Ty::Time { .. } => dated(c, a)?,
        t if t.is_timestamp() => dated(c, a)?,
        // A text that is printed by a format is a timestamp.
        Ty::Text { .. } | Ty::Variant | Ty::Null => dated(c, &c.cast(0, mapped(c))?)?,
        _ => return Err(c.bad_types()),
    };
    Ok(c.out(sql, Ty::TEXT))
}

fn dated(c: &Call<'_>, a: &Bound) -> SfResult<String> {
    match c.literal(1) {
        Some(format) if !format.eq_ignore_ascii_case("AUTO") && !format.is_empty() => Ok(print(a, format, c.env)),
        Some(_) => to_text(a, c.env).ok_or_else(|| c.bad_types()),
        None => {
            // A format that is no constant: the same call with the format as an expression.
            let marked = print(a, "\u{1}", c.env);
            Ok(marked.replace(&quote_text("\u{1}"), &c.text(1)?))
        }
    }
}

/// TO_DATE, TO_TIME, TO_TIMESTAMP_… of text (with a format), numbers (with a scale), dates and VARIANT.
fn time(c: &Call<'_>, ty: Ty, try_: bool) -> SfResult<Bound> {
    let a = c.arg(0)?;
    match a.ty {
        Ty::Text { .. } if c.args.len() > 1 => Ok(c.out(read_sql(c, ty, try_)?, ty)),
        Ty::Text { .. } => cast(a, ty, if try_ { Mode::Try } else { Mode::Explicit }, c.env),
        Ty::Number { .. } if ty.is_timestamp() => {
            let scale = if c.args.len() > 1 { c.constant_int(1).ok_or_else(|| c.bad_types())? } else { 0 };
            let us = match scale {
                0..=6 => format!("CAST(({} * {}) AS BIGINT)", a.sql, 10_i64.pow(6 - u32::try_from(scale).unwrap_or(0))),
                7..=9 => {
                    let by = 10_i64.pow(u32::try_from(scale).unwrap_or(9) - 6);
                    format!("CAST(floor({} / {by}) AS BIGINT)", a.sql)
                }
                _ => return Err(c.bad_types()),
            };
            let instant = format!("make_timestamp({us})");
            Ok(match ty {
                Ty::Tz { .. } => c.out(tz(&instant, "0"), ty),
                _ => c.out(instant, ty),
            })
        }
        _ => cast(a, ty, Mode::Explicit, c.env),
    }
}

fn read_sql(c: &Call<'_>, ty: Ty, try_: bool) -> SfResult<String> {
    let (x, format) = (c.text(0)?, c.text(1)?);
    let zone = quote_text(&c.env.timezone);
    let t = if try_ { "try_" } else { "" };
    Ok(match ty {
        Ty::Date => format!("sf_{t}date({x}, {format})"),
        Ty::Time { .. } => format!("sf_{t}time({x}, {format})"),
        Ty::Ntz { .. } => format!("sf_{t}ntz({x}, {format})"),
        Ty::Ltz { .. } => format!("sf_{t}ltz({x}, {format}, {zone})"),
        _ => tz(&format!("sf_{t}ltz({x}, {format}, {zone})"), &format!("sf_tz_offset({x}, {format}, {zone})")),
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{call, num, t};
    use super::*;

    #[test]
    fn conversions() {
        let ts = Bound { nullable: false, ..Bound::new("TIMESTAMP '2018-12-01 10:05:00'", Ty::NTZ) };
        for (name, args, want) in [
            ("TO_NUMBER", vec![t("12.345"), num("10"), num("2")], Some("12.35")),
            ("TRY_TO_NUMBER", vec![t("x"), num("12"), num("2")], None),
            ("TRY_TO_NUMBER", vec![t(" 7 "), num("12"), num("2")], Some("7.00")),
            ("TO_NUMBER", vec![t("$1,234.50"), t("$9,999.99"), num("10"), num("2")], Some("1234.50")),
            ("TO_VARCHAR", vec![ts.clone(), t("YYYY-MM-DD HH24:MI:SS")], Some("2018-12-01 10:05:00")),
            ("TO_VARCHAR", vec![ts, t("DD Mon YYYY")], Some("01 Dec 2018")),
            ("TO_VARCHAR", vec![num("1234.5"), t("9,999.00")], Some(" 1,234.50")),
            ("TO_DATE", vec![t("03/12/2018"), t("DD/MM/YYYY")], Some("2018-12-03")),
            ("TRY_TO_DATE", vec![t("nope")], None),
            ("TRY_TO_TIMESTAMP_NTZ", vec![t("2018-12-01 10:05:00")], Some("2018-12-01 10:05:00.000")),
            ("TO_TIMESTAMP_NTZ", vec![num("1704164645")], Some("2024-01-02 03:04:05.000")),
            ("TO_TIMESTAMP_NTZ", vec![num("1704164645678"), num("3")], Some("2024-01-02 03:04:05.678")),
            ("TO_TIMESTAMP_LTZ", vec![t("2024-01-02 00:00:00 +00:00")], Some("2024-01-01 16:00:00.000 -0800")),
            ("TO_TIMESTAMP_TZ", vec![t("2024-01-02 00:00:00 +0200")], Some("2024-01-02 00:00:00.000 +0200")),
            ("TO_BOOLEAN", vec![t("Yes")], Some("true")),
            ("TO_VARIANT", vec![t("a")], Some("\"a\"")),
        ] {
            assert_eq!(call(name, args).unwrap().as_deref(), want, "{name}");
        }
    }

    #[test]
    fn refusals_have_snowflakes_texts() {
        for (name, args, code, message) in [
            ("TO_DATE", vec![t("x")], "100040", "Date 'x' is not recognized"),
            ("TO_TIMESTAMP_NTZ", vec![t("x")], "100035", "Timestamp 'x' is not recognized"),
            ("TO_NUMBER", vec![t("x")], "100038", "Numeric value 'x' is not recognized"),
            ("TO_NUMBER", vec![t("12345"), num("3"), num("0")], "100039", "Numeric value '12345' is out of range"),
            ("TO_BOOLEAN", vec![t("maybe")], "100037", "Boolean value 'maybe' is not recognized"),
        ] {
            let e = call(name, args).unwrap_err();
            assert_eq!((e.code, e.message.as_str()), (code, message));
        }
    }
}
