//! Casts and the common type of several expressions.

use super::super::error::{SfError, SfResult};
use super::super::types::{TEXT_DEFAULT, Ty};
use super::functions::variant::text_of;
use super::{Bound, Env, quote_text};

/// How strict a cast is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// CAST / `::`: an unreadable value is an error.
    Explicit,
    /// TRY_CAST: an unreadable value is NULL.
    Try,
    /// Into a table's column: too long a text is an error rather than cut.
    Assign,
}

/// Casts an expression.
///
/// # Errors
/// 001065 for TRY_CAST of what is not text, 001007 for casts that Snowflake does not have.
pub fn cast(e: &Bound, to: Ty, mode: Mode, env: &Env) -> SfResult<Bound> {
    if mode == Mode::Try && !e.ty.is_text() && e.ty != Ty::Null {
        return Err(SfError::compile(
            "001065",
            "22023",
            format!("Function TRY_CAST cannot be used with arguments of types {} and {}", e.ty.display(), to.display()),
        ));
    }
    if e.ty == to {
        return Ok(e.clone());
    }
    if e.ty == Ty::Null {
        return Ok(Bound { sql: format!("CAST({} AS {})", e.sql, to.duck()), ty: to, nullable: true, literal: None });
    }
    let sql = convert(e, to, mode, env)?.ok_or_else(|| refuse(e.ty, to))?;
    let literal = e.literal.clone().filter(|t| match to {
        Ty::Text { len } => t.chars().count() <= len as usize,
        _ => false,
    });
    // Only texts, VARIANTs and JSON nulls can turn into NULL.
    let nullable = e.nullable || mode == Mode::Try || e.ty.is_semi();
    Ok(Bound { sql, ty: to, nullable, literal })
}

fn refuse(from: Ty, to: Ty) -> SfError {
    SfError::compile(
        "001007",
        "22023",
        format!("invalid type [CAST(({}) AS {})] for parameter 'TO_{}'", from.display(), to.display(), to.family()),
    )
}

/// The DuckDB SQL; `None` where Snowflake has no such cast.
fn convert(e: &Bound, to: Ty, mode: Mode, env: &Env) -> SfResult<Option<String>> {
    Ok(match (e.ty, to) {
        (from, _) if from.is_semi() => from_variant(e, to, mode, env)?,
        (_, Ty::Variant) => Some(to_variant(e, env)?),
        (_, Ty::Array) => Some(format!("('[' || {} || ']')", to_variant(e, env)?)),
        (_, Ty::Object) => None,
        (Ty::Text { .. }, _) => from_text(&e.sql, e.ty, to, mode, env),
        (_, Ty::Text { len }) => to_text(e, env).map(|sql| fit(&sql, widest(e.ty), len, mode)),
        (from, Ty::Number { .. } | Ty::Float | Ty::Boolean) => numbers(&e.sql, from, to),
        _ => times(e, to, env),
    })
}

/// Fits text into VARCHAR(len): an explicit cast cuts it, an assignment refuses it.
fn fit(sql: &str, has: u32, len: u32, mode: Mode) -> String {
    if has <= len || len >= TEXT_DEFAULT {
        return sql.to_owned();
    }
    match mode {
        Mode::Assign => format!("sf_fit({sql}, {len}::BIGINT)"),
        _ => format!("left({sql}, {len})"),
    }
}

/// The longest text that a type prints.
fn widest(ty: Ty) -> u32 {
    match ty {
        Ty::Binary { len } => len.saturating_mul(2),
        Ty::Boolean => 5,
        Ty::Number { p, .. } => u32::from(p) + 3,
        _ => 64,
    }
}

fn from_text(x: &str, from: Ty, to: Ty, mode: Mode, env: &Env) -> Option<String> {
    let try_ = mode == Mode::Try;
    let t = if try_ { "try_" } else { "" };
    let zone = quote_text(&env.timezone);
    let stamp = quote_text(env.get("TIMESTAMP_INPUT_FORMAT"));
    Some(match to {
        Ty::Text { len } => {
            let Ty::Text { len: has } = from else { return None };
            if has > len && try_ {
                return Some(format!("CASE WHEN length({x}) <= {len} THEN {x} END"));
            }
            fit(x, has, len, mode)
        }
        Ty::Number { .. } | Ty::Float => {
            format!("{}({x} AS {})", if try_ { "TRY_CAST" } else { "CAST" }, to.duck())
        }
        Ty::Boolean => format!("sf_{t}bool({x})"),
        Ty::Date => format!("sf_{t}date({x}, {})", quote_text(env.get("DATE_INPUT_FORMAT"))),
        Ty::Time { .. } => format!("sf_{t}time({x}, {})", quote_text(env.get("TIME_INPUT_FORMAT"))),
        Ty::Ntz { .. } => format!("sf_{t}ntz({x}, {stamp})"),
        Ty::Ltz { .. } => format!("sf_{t}ltz({x}, {stamp}, {zone})"),
        Ty::Tz { .. } => {
            tz(&format!("sf_{t}ltz({x}, {stamp}, {zone})"), &format!("sf_tz_offset({x}, {stamp}, {zone})"))
        }
        Ty::Binary { .. } => format!("sf_{t}unhex({x})"),
        Ty::Null | Ty::Variant | Ty::Object | Ty::Array => return None,
    })
}

/// A TIMESTAMP_TZ of an instant and its offset.
#[must_use]
pub fn tz(instant: &str, offset: &str) -> String {
    format!("CASE WHEN {instant} IS NOT NULL THEN struct_pack(t := {instant}, o := CAST({offset} AS SMALLINT)) END")
}

/// Text of a value, in the session's output formats; `None` for what has none.
#[must_use]
pub fn to_text(e: &Bound, env: &Env) -> Option<String> {
    let x = &e.sql;
    Some(match e.ty {
        Ty::Number { .. } | Ty::Boolean => format!("CAST({x} AS VARCHAR)"),
        Ty::Float => format!("sf_float_text({x})"),
        Ty::Text { .. } | Ty::Null => x.clone(),
        Ty::Date => match env.get("DATE_OUTPUT_FORMAT") {
            "" | "YYYY-MM-DD" | "AUTO" => format!("strftime({x}, '%Y-%m-%d')"),
            f => print(e, f, env),
        },
        Ty::Time { .. } => print(e, first(&[env.get("TIME_OUTPUT_FORMAT"), "HH24:MI:SS"]), env),
        Ty::Ntz { .. } => {
            let f = [
                env.get("TIMESTAMP_NTZ_OUTPUT_FORMAT"),
                env.get("TIMESTAMP_OUTPUT_FORMAT"),
                "YYYY-MM-DD HH24:MI:SS.FF3",
            ];
            print(e, first(&f), env)
        }
        Ty::Ltz { .. } => print(e, zoned_format(env, "TIMESTAMP_LTZ_OUTPUT_FORMAT"), env),
        Ty::Tz { .. } => print(e, zoned_format(env, "TIMESTAMP_TZ_OUTPUT_FORMAT"), env),
        Ty::Binary { .. } => match env.get("BINARY_OUTPUT_FORMAT") {
            "BASE64" => format!("to_base64({x})"),
            _ => format!("hex({x})"),
        },
        Ty::Variant | Ty::Object | Ty::Array => text_of(x),
    })
}

fn zoned_format<'a>(env: &'a Env, own: &str) -> &'a str {
    first(&[env.get(own), env.get("TIMESTAMP_OUTPUT_FORMAT"), "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM"])
}

fn first<'a>(options: &[&'a str]) -> &'a str {
    options.iter().copied().find(|f| !f.is_empty()).unwrap_or("")
}

/// Prints a date or time by a Snowflake format.
#[must_use]
pub fn print(e: &Bound, format: &str, env: &Env) -> String {
    let x = &e.sql;
    let f = quote_text(format);
    let zone = quote_text(&env.timezone);
    match (e.ty, format) {
        (Ty::Date | Ty::Ntz { .. }, "YYYY-MM-DD HH24:MI:SS.FF3") => format!("strftime({x}, '%Y-%m-%d %H:%M:%S.%g')"),
        (Ty::Date | Ty::Ntz { .. }, "YYYY-MM-DD HH24:MI:SS") => format!("strftime({x}, '%Y-%m-%d %H:%M:%S')"),
        (Ty::Date | Ty::Ntz { .. }, "YYYY-MM-DD") => format!("strftime({x}, '%Y-%m-%d')"),
        (Ty::Time { .. }, _) => format!("sf_print(DATE '1970-01-01' + {x}, CAST(-1440 AS BIGINT), {f})"),
        (Ty::Ltz { .. }, _) => {
            format!("sf_print(sf_to_local({x}, {zone}), CAST(sf_offset({x}, {zone}) AS BIGINT), {f})")
        }
        (Ty::Tz { .. }, _) => format!("sf_print({}, CAST(({x}).o AS BIGINT), {f})", tz_local(x)),
        _ => format!("sf_print(CAST({x} AS TIMESTAMP), CAST(-1440 AS BIGINT), {f})"),
    }
}

/// The local time of a TIMESTAMP_TZ.
#[must_use]
pub fn tz_local(x: &str) -> String {
    format!("(({x}).t + to_minutes(CAST(({x}).o AS BIGINT)))")
}

/// Numbers, booleans and floats among themselves; timestamps have no numbers.
fn numbers(x: &str, from: Ty, to: Ty) -> Option<String> {
    Some(match (from, to) {
        (Ty::Number { p, s }, Ty::Number { p: q, s: t }) if t >= s && q - t >= p - s => {
            format!("CAST({x} AS DECIMAL({q},{t}))")
        }
        (Ty::Number { .. } | Ty::Float | Ty::Boolean, Ty::Number { .. } | Ty::Float) => {
            format!("CAST({x} AS {})", to.duck())
        }
        (Ty::Number { .. } | Ty::Float, Ty::Boolean) => format!("({x} <> 0)"),
        _ => return None,
    })
}

/// Dates, times, timestamps and binaries among themselves.
fn times(e: &Bound, to: Ty, env: &Env) -> Option<String> {
    let x = &e.sql;
    let zone = quote_text(&env.timezone);
    let as_stamp = |x: &str| format!("CAST({x} AS TIMESTAMP)");
    Some(match (e.ty, to) {
        (Ty::Binary { .. }, Ty::Binary { .. }) | (Ty::Time { .. }, Ty::Time { .. }) => x.clone(),
        (Ty::Date, Ty::Ntz { .. }) => as_stamp(x),
        (Ty::Date, Ty::Ltz { .. }) => format!("sf_to_utc({}, {zone})", as_stamp(x)),
        (Ty::Date, Ty::Tz { .. }) => {
            let utc = format!("sf_to_utc({}, {zone})", as_stamp(x));
            tz(&utc, &format!("sf_offset({utc}, {zone})"))
        }
        (from, Ty::Date) if from.is_timestamp() => format!("CAST({} AS DATE)", local(e, env)),
        (from, Ty::Time { scale }) if from.is_timestamp() => {
            round_time(&format!("CAST({} AS TIME)", local(e, env)), scale)
        }
        (Ty::Ntz { scale: has }, Ty::Ntz { scale }) | (Ty::Ltz { scale: has }, Ty::Ltz { scale }) => cut(x, has, scale),
        (Ty::Ltz { .. } | Ty::Tz { .. }, Ty::Ntz { .. }) => local(e, env),
        (Ty::Ntz { .. }, Ty::Ltz { .. }) => format!("sf_to_utc({x}, {zone})"),
        (Ty::Tz { .. }, Ty::Ltz { .. }) => format!("({x}).t"),
        (Ty::Ntz { .. }, Ty::Tz { .. }) => {
            let utc = format!("sf_to_utc({x}, {zone})");
            tz(&utc, &format!("sf_offset({utc}, {zone})"))
        }
        (Ty::Ltz { .. }, Ty::Tz { .. }) => tz(x, &format!("sf_offset({x}, {zone})")),
        (Ty::Tz { .. }, Ty::Tz { .. }) => x.clone(),
        (Ty::Number { s, .. }, t) if t.is_timestamp() => {
            let us = if s == 0 {
                format!("CAST({x} AS BIGINT) * 1000000")
            } else {
                format!("CAST(({x} * 1000000) AS BIGINT)")
            };
            let instant = format!("make_timestamp({us})");
            match t {
                Ty::Tz { .. } => tz(&instant, &format!("sf_offset({instant}, {zone})")),
                _ => instant,
            }
        }
        _ => return None,
    })
}

/// Local time of any date or timestamp, as a DuckDB TIMESTAMP (or DATE).
#[must_use]
pub fn local(e: &Bound, env: &Env) -> String {
    match e.ty {
        Ty::Ltz { .. } => format!("sf_to_local({}, {})", e.sql, quote_text(&env.timezone)),
        Ty::Tz { .. } => tz_local(&e.sql),
        _ => e.sql.clone(),
    }
}

/// Cuts a timestamp's fraction to a smaller scale.
fn cut(x: &str, has: u8, scale: u8) -> String {
    if scale >= has.min(6) {
        return x.to_owned();
    }
    match scale {
        0 => format!("date_trunc('second', {x})"),
        3 => format!("date_trunc('millisecond', {x})"),
        n => {
            let unit = 10_i64.pow(6 - u32::from(n));
            format!("make_timestamp(epoch_us({x}) - (epoch_us({x}) % {unit} + {unit}) % {unit})")
        }
    }
}

fn round_time(x: &str, scale: u8) -> String {
    if scale >= 6 {
        return x.to_owned();
    }
    let unit = 10_i64.pow(6 - u32::from(scale));
    format!("CAST({x} - to_microseconds(microsecond({x}) % {unit}) AS TIME)")
}

/// A value as VARIANT: its JSON text.
///
/// # Errors
/// Never for the types that exist; kept for the caller's `?`.
pub fn to_variant(e: &Bound, env: &Env) -> SfResult<String> {
    let x = &e.sql;
    Ok(match e.ty {
        Ty::Variant | Ty::Object | Ty::Array => x.clone(),
        Ty::Null => format!("CAST({x} AS VARCHAR)"),
        Ty::Number { s: 0, .. } | Ty::Boolean => format!("CAST({x} AS VARCHAR)"),
        Ty::Number { .. } => format!("rtrim(rtrim(CAST({x} AS VARCHAR), '0'), '.')"),
        Ty::Float => format!("sf_float_json({x})"),
        _ => {
            let text = to_text(e, env).ok_or_else(|| refuse(e.ty, Ty::Variant))?;
            format!("CAST(to_json({text}) AS VARCHAR)")
        }
    })
}

fn from_variant(e: &Bound, to: Ty, mode: Mode, env: &Env) -> SfResult<Option<String>> {
    let v = &e.sql;
    let text = text_of(v);
    let mut inner = Bound::new(text.clone(), Ty::TEXT);
    inner.nullable = true;
    let or_fail = |tried: &str| {
        let message = format!(
            "'SF|100071|22000|Failed to cast variant value ' || {v} || ' to {}'",
            to.wire().to_ascii_uppercase()
        );
        format!("COALESCE({tried}, CASE WHEN {text} IS NOT NULL THEN CAST(sf_fail({message}) AS {}) END)", to.duck())
    };
    Ok(match to {
        Ty::Null => None,
        Ty::Variant => Some(v.clone()),
        Ty::Text { len } => Some(fit(&text, u32::MAX, len, mode)),
        Ty::Array => {
            Some(format!("CASE WHEN starts_with({v}, '[') THEN {v} WHEN {v} <> 'null' THEN '[' || {v} || ']' END"))
        }
        Ty::Object => Some(format!(
            "CASE WHEN starts_with({v}, '{{') THEN {v} WHEN {v} <> 'null' THEN \
             sf_fail('SF|100071|22000|Failed to cast variant value ' || {v} || ' to OBJECT') END"
        )),
        Ty::Tz { .. } => {
            let tried = from_text(&text, Ty::TEXT, to, Mode::Try, env).unwrap_or_default();
            Some(or_fail(&tried))
        }
        _ => from_text(&text, Ty::TEXT, to, Mode::Try, env).map(|tried| or_fail(&tried)),
    })
}

/// The common type of several types.
///
/// # Errors
/// Where there is none.
pub fn common(types: &[Ty]) -> SfResult<Ty> {
    let mut out = Ty::Null;
    for ty in types {
        out = pair(out, *ty).ok_or_else(|| {
            SfError::compile(
                "002016",
                "22000",
                format!("Incompatible types: [{}] and [{}]", out.display(), ty.display()),
            )
        })?;
    }
    Ok(out)
}

fn pair(a: Ty, b: Ty) -> Option<Ty> {
    Some(match (a, b) {
        (Ty::Null, x) | (x, Ty::Null) => x,
        (x, y) if x == y => x,
        (Ty::Number { p, s }, Ty::Number { p: q, s: t }) => {
            let scale = s.max(t);
            Ty::number(u32::from((p - s).max(q - t)) + u32::from(scale), u32::from(scale))
        }
        (x, y) if x.is_numeric() && y.is_numeric() => Ty::Float,
        (Ty::Text { len }, Ty::Text { len: m }) => Ty::Text { len: len.max(m) },
        (x, y) if x.is_semi() || y.is_semi() => Ty::Variant,
        (Ty::Text { .. }, Ty::Number { .. }) | (Ty::Number { .. }, Ty::Text { .. }) => Ty::Number { p: 38, s: 5 },
        (Ty::Text { .. }, x) | (x, Ty::Text { .. }) => x,
        (Ty::Date, x) | (x, Ty::Date) if x.is_timestamp() => x,
        (Ty::Ntz { scale }, Ty::Ntz { scale: t }) => Ty::Ntz { scale: scale.max(t) },
        (Ty::Ltz { .. }, Ty::Ntz { .. }) | (Ty::Ntz { .. }, Ty::Ltz { .. }) => Ty::LTZ,
        (x, y) if x.is_timestamp() && y.is_timestamp() => Ty::TZ,
        (Ty::Binary { len }, Ty::Binary { len: m }) => Ty::Binary { len: len.max(m) },
        (Ty::Time { scale }, Ty::Time { scale: t }) => Ty::Time { scale: scale.max(t) },
        (Ty::Boolean, Ty::Number { .. }) | (Ty::Number { .. }, Ty::Boolean) => Ty::INT,
        _ => return None,
    })
}
