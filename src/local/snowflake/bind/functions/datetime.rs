//! Dates and times.

use super::super::super::error::{SfError, SfResult};
use super::super::super::types::Ty;
use super::super::cast::{Mode, cast, local, tz};
use super::super::{Bound, quote_text};
use super::make::f;
use super::part::Part;
use super::{Call, Function};

pub(super) const TABLE: &[Function] = &[
    f("DATEADD", 3, 3, dateadd),
    f("TIMEADD", 3, 3, dateadd),
    f("TIMESTAMPADD", 3, 3, dateadd),
    f("DATEDIFF", 3, 3, datediff),
    f("TIMEDIFF", 3, 3, datediff),
    f("TIMESTAMPDIFF", 3, 3, datediff),
    f("DATE_TRUNC", 2, 2, |c| trunc(c, 0, 1)),
    f("DATE_PART", 2, 2, |c| extract(c, Part::read(c.constant(0)?)?, 1)),
    f("YEAR", 1, 1, |c| extract(c, Part::Year, 0)),
    f("QUARTER", 1, 1, |c| extract(c, Part::Quarter, 0)),
    f("MONTH", 1, 1, |c| extract(c, Part::Month, 0)),
    f("WEEK", 1, 1, |c| extract(c, Part::Week, 0)),
    f("WEEKOFYEAR", 1, 1, |c| extract(c, Part::Week, 0)),
    f("WEEKISO", 1, 1, |c| extract(c, Part::WeekIso, 0)),
    f("YEAROFWEEK", 1, 1, |c| extract(c, Part::YearOfWeek, 0)),
    f("YEAROFWEEKISO", 1, 1, |c| extract(c, Part::YearOfWeek, 0)),
    f("DAY", 1, 1, |c| extract(c, Part::Day, 0)),
    f("DAYOFMONTH", 1, 1, |c| extract(c, Part::Day, 0)),
    f("DAYOFWEEK", 1, 1, |c| extract(c, Part::DayOfWeek, 0)),
    f("DAYOFWEEKISO", 1, 1, |c| extract(c, Part::DayOfWeekIso, 0)),
    f("DAYOFYEAR", 1, 1, |c| extract(c, Part::DayOfYear, 0)),
    f("HOUR", 1, 1, |c| extract(c, Part::Hour, 0)),
    f("MINUTE", 1, 1, |c| extract(c, Part::Minute, 0)),
    f("SECOND", 1, 1, |c| extract(c, Part::Second, 0)),
    f("DAYNAME", 1, 1, |c| Ok(c.out(format!("left(dayname({}), 3)", day(c, 0)?), Ty::text(3)))),
    f("MONTHNAME", 1, 1, |c| Ok(c.out(format!("left(monthname({}), 3)", day(c, 0)?), Ty::text(3)))),
    f("LAST_DAY", 1, 2, last_day),
    f("NEXT_DAY", 2, 2, |c| near_day(c, true)),
    f("PREVIOUS_DAY", 2, 2, |c| near_day(c, false)),
    f("ADD_MONTHS", 2, 2, add_months),
    f("MONTHS_BETWEEN", 2, 2, months_between),
    f("TIME_SLICE", 3, 4, time_slice),
    f("DATE_FROM_PARTS", 3, 3, date_from_parts),
    f("DATEFROMPARTS", 3, 3, date_from_parts),
    f("TIME_FROM_PARTS", 3, 4, time_from_parts),
    f("TIMEFROMPARTS", 3, 4, time_from_parts),
    f("TIMESTAMP_FROM_PARTS", 2, 8, |c| stamp_from_parts(c, Ty::NTZ)),
    f("TIMESTAMPFROMPARTS", 2, 8, |c| stamp_from_parts(c, Ty::NTZ)),
    f("TIMESTAMP_NTZ_FROM_PARTS", 2, 7, |c| stamp_from_parts(c, Ty::NTZ)),
    f("TIMESTAMPNTZFROMPARTS", 2, 7, |c| stamp_from_parts(c, Ty::NTZ)),
    f("TIMESTAMP_LTZ_FROM_PARTS", 6, 7, |c| stamp_from_parts(c, Ty::LTZ)),
    f("TIMESTAMP_TZ_FROM_PARTS", 6, 8, |c| stamp_from_parts(c, Ty::TZ)),
    f("CONVERT_TIMEZONE", 2, 3, convert_timezone),
];

/// A date or time; text and VARIANT count as TIMESTAMP_NTZ.
fn when(c: &Call<'_>, i: usize) -> SfResult<Bound> {
    let a = c.arg(i)?;
    match a.ty {
        Ty::Date | Ty::Time { .. } => Ok(a.clone()),
        t if t.is_timestamp() => Ok(a.clone()),
        Ty::Text { .. } | Ty::Variant | Ty::Null => c.cast(i, Ty::NTZ),
        _ => Err(c.bad_types()),
    }
}

/// The day on the session's clock, as a DATE.
fn day(c: &Call<'_>, i: usize) -> SfResult<String> {
    let x = when(c, i)?;
    if matches!(x.ty, Ty::Time { .. }) {
        return Err(c.bad_types());
    }
    Ok(if x.ty == Ty::Date { x.sql } else { format!("CAST({} AS DATE)", local(&x, c.env)) })
}

/// Applies `change` to the clock that people see: local time for LTZ and TZ.
fn on_clock(x: &Bound, c: &Call<'_>, change: impl Fn(&str) -> String) -> String {
    let zone = quote_text(&c.env.timezone);
    match x.ty {
        Ty::Date => format!("CAST({} AS DATE)", change(&x.sql)),
        Ty::Time { .. } => format!("CAST({} AS TIME)", change(&format!("(DATE '1970-01-01' + {})", x.sql))),
        Ty::Ltz { .. } => format!("sf_to_utc({}, {zone})", change(&local(x, c.env))),
        Ty::Tz { .. } => {
            let moved = change(&local(x, c.env));
            tz(&format!("({moved} - to_minutes(CAST(({}).o AS BIGINT)))", x.sql), &format!("({}).o", x.sql))
        }
        _ => change(&x.sql),
    }
}

/// An interval of `n` parts; `n` is SQL for a BIGINT.
fn interval(part: Part, n: &str) -> Option<String> {
    Some(match part {
        Part::Year => format!("to_months(CAST({n} * 12 AS INTEGER))"),
        Part::Quarter => format!("to_months(CAST({n} * 3 AS INTEGER))"),
        Part::Month => format!("to_months(CAST({n} AS INTEGER))"),
        Part::Week | Part::WeekIso => format!("to_days(CAST({n} * 7 AS INTEGER))"),
        Part::Day => format!("to_days(CAST({n} AS INTEGER))"),
        Part::Hour => format!("to_microseconds({n} * 3600000000)"),
        Part::Minute => format!("to_microseconds({n} * 60000000)"),
        Part::Second => format!("to_microseconds({n} * 1000000)"),
        Part::Millisecond => format!("to_microseconds({n} * 1000)"),
        Part::Microsecond => format!("to_microseconds({n})"),
        Part::Nanosecond => format!("to_microseconds({n} // 1000)"),
        _ => return None,
    })
}

fn dateadd(c: &Call<'_>) -> SfResult<Bound> {
    let part = Part::read(c.constant(0)?)?;
    let n = whole(c, 1)?;
    let mut x = when(c, 2)?;
    let interval = interval(part, &n).ok_or_else(|| unknown_part(c))?;
    if x.ty == Ty::Date && part.is_sub_day() {
        x = cast(&x, Ty::NTZ, Mode::Explicit, c.env)?;
    }
    let sql = if part.is_sub_day() && matches!(x.ty, Ty::Ltz { .. }) {
        format!("({} + {interval})", x.sql)
    } else {
        on_clock(&x, c, |t| format!("({t} + {interval})"))
    };
    Ok(c.out(sql, x.ty))
}

/// A number rounded to a whole BIGINT.
fn whole(c: &Call<'_>, i: usize) -> SfResult<String> {
    c.int(i)
}

fn unknown_part(c: &Call<'_>) -> SfError {
    SfError::compile(
        "001004",
        "42601",
        format!(
            "error line {} at position {}\n'{}' is not a valid date/time component for function {}.",
            c.line,
            c.position,
            c.literal(0).unwrap_or(""),
            c.name
        ),
    )
}

fn datediff(c: &Call<'_>) -> SfResult<Bound> {
    let part = Part::read(c.constant(0)?)?;
    let (a, b) = (when(c, 1)?, when(c, 2)?);
    let clock = |x: &Bound| match x.ty {
        Ty::Time { .. } => format!("(DATE '1970-01-01' + {})", x.sql),
        Ty::Date if !part.is_sub_day() => x.sql.clone(),
        Ty::Date => format!("CAST({} AS TIMESTAMP)", x.sql),
        _ if part.is_sub_day() => match x.ty {
            Ty::Tz { .. } => format!("({}).t", x.sql),
            _ => x.sql.clone(),
        },
        _ => local(x, c.env),
    };
    // NTZ beside LTZ: both on the session's clock.
    let mixed = matches!(a.ty, Ty::Ltz { .. } | Ty::Tz { .. }) != matches!(b.ty, Ty::Ltz { .. } | Ty::Tz { .. });
    let (x, y) = if mixed && part.is_sub_day() {
        (format!("CAST({} AS TIMESTAMP)", local(&a, c.env)), format!("CAST({} AS TIMESTAMP)", local(&b, c.env)))
    } else {
        (clock(&a), clock(&b))
    };
    let sql = match part {
        Part::Week | Part::WeekIso => {
            let start = if part == Part::WeekIso { 1 } else { week_start(c) };
            let week = |t: &str| {
                format!("floor((date_diff('day', DATE '1970-01-01', CAST({t} AS DATE)) + {}) / 7.0)", 4 - start)
            };
            format!("({} - {})", week(&y), week(&x))
        }
        Part::Nanosecond => format!("(date_diff('microsecond', {x}, {y}) * 1000)"),
        _ => {
            let name = part.duck().filter(|_| interval(part, "1").is_some()).ok_or_else(|| unknown_part(c))?;
            format!("date_diff('{name}', {x}, {y})")
        }
    };
    Ok(c.out(format!("CAST({sql} AS DECIMAL(18,0))"), Ty::Number { p: 18, s: 0 }))
}

/// WEEK_START with its default, Monday.
fn week_start(c: &Call<'_>) -> i64 {
    c.env.get("WEEK_START").parse().ok().filter(|n| (1..=7).contains(n)).unwrap_or(1)
}

/// DATE_TRUNC and TRUNC: the type stays.
pub(super) fn trunc(c: &Call<'_>, part: usize, x: usize) -> SfResult<Bound> {
    // DATE_TRUNC(date, 'part') is understood too.
    let (part, x) = if c.literal(part).is_none() && c.literal(x).is_some() { (x, part) } else { (part, x) };
    let unit = Part::read(c.constant(part)?)?;
    let x = when(c, x)?;
    let sql = match unit {
        Part::Week | Part::WeekIso => {
            let shift = if unit == Part::WeekIso { 0 } else { week_start(c) - 1 };
            on_clock(&x, c, |t| {
                if shift == 0 {
                    format!("date_trunc('week', {t})")
                } else {
                    format!("(date_trunc('week', {t} - to_days({shift})) + to_days({shift}))")
                }
            })
        }
        Part::Nanosecond => x.sql.clone(),
        _ => {
            let name = unit.duck().filter(|_| interval(unit, "1").is_some()).ok_or_else(|| unknown_part(c))?;
            on_clock(&x, c, |t| format!("date_trunc('{name}', {t})"))
        }
    };
    Ok(c.out(sql, x.ty))
}

/// DATE_PART and its shorthands.
fn extract(c: &Call<'_>, part: Part, i: usize) -> SfResult<Bound> {
    let x = when(c, i)?;
    let instant = match x.ty {
        Ty::Tz { .. } => format!("({}).t", x.sql),
        Ty::Date => format!("CAST({} AS TIMESTAMP)", x.sql),
        Ty::Time { .. } => format!("(DATE '1970-01-01' + {})", x.sql),
        _ => x.sql.clone(),
    };
    let clock = if matches!(x.ty, Ty::Time { .. }) { x.sql.clone() } else { local(&x, c.env) };
    let (sql, digits) = match part {
        Part::Year => (format!("year({clock})"), 4),
        Part::Quarter => (format!("quarter({clock})"), 1),
        Part::Month => (format!("month({clock})"), 2),
        Part::Week | Part::WeekIso => (format!("weekofyear({clock})"), 2),
        Part::YearOfWeek => (format!("isoyear({clock})"), 4),
        Part::Day => (format!("day({clock})"), 2),
        Part::DayOfWeek => (day_of_week(c, &clock), 1),
        Part::DayOfWeekIso => (format!("isodow({clock})"), 1),
        Part::DayOfYear => (format!("dayofyear({clock})"), 3),
        Part::Hour | Part::Minute | Part::Second if x.ty == Ty::Date => ("0".into(), 2),
        Part::Hour => (format!("hour({clock})"), 2),
        Part::Minute => (format!("minute({clock})"), 2),
        Part::Second => (format!("second({clock})"), 2),
        Part::Millisecond => (format!("(millisecond({clock}) % 1000)"), 3),
        Part::Microsecond => (format!("(microsecond({clock}) % 1000000)"), 6),
        Part::Nanosecond => (format!("(microsecond({clock}) % 1000000 * 1000)"), 9),
        Part::EpochSecond => (format!("floor(epoch_us({instant}) / 1000000)"), 18),
        Part::EpochMillisecond => (format!("floor(epoch_us({instant}) / 1000)"), 18),
        Part::EpochMicrosecond => (format!("epoch_us({instant})"), 18),
        Part::EpochNanosecond => (format!("(CAST(epoch_us({instant}) AS HUGEINT) * 1000)"), 38),
        Part::TimezoneHour | Part::TimezoneMinute => {
            let minutes = match x.ty {
                Ty::Tz { .. } => format!("({}).o", x.sql),
                Ty::Ltz { .. } => format!("sf_offset({}, {})", x.sql, quote_text(&c.env.timezone)),
                _ => return Err(c.bad_types()),
            };
            (if part == Part::TimezoneHour { format!("({minutes} // 60)") } else { format!("({minutes} % 60)") }, 2)
        }
    };
    let ty = Ty::Number { p: digits, s: 0 };
    Ok(c.out(format!("CAST({sql} AS {})", ty.duck()), ty))
}

/// 0 = Sunday, or 1 = WEEK_START where that is set.
fn day_of_week(c: &Call<'_>, clock: &str) -> String {
    match c.env.get("WEEK_START").parse::<i64>() {
        Ok(start @ 1..=7) => format!("((isodow({clock}) - {start} + 7) % 7 + 1)"),
        _ => format!("dayofweek({clock})"),
    }
}

fn last_day(c: &Call<'_>) -> SfResult<Bound> {
    let d = day(c, 0)?;
    let part = if c.args.len() > 1 { Part::read(c.constant(1)?)? } else { Part::Month };
    let sql = match part {
        Part::Year => format!("make_date(year({d}), 12, 31)"),
        Part::Quarter => format!("last_day(CAST(date_trunc('quarter', {d}) + to_months(2) AS DATE))"),
        Part::Month => format!("last_day({d})"),
        Part::Week | Part::WeekIso => format!("CAST(date_trunc('week', {d}) + to_days(6) AS DATE)"),
        Part::Day => d,
        _ => return Err(unknown_part(c)),
    };
    Ok(c.out(format!("CAST({sql} AS DATE)"), Ty::Date))
}

/// NEXT_DAY and PREVIOUS_DAY: the first two letters name the weekday.
fn near_day(c: &Call<'_>, next: bool) -> SfResult<Bound> {
    let d = day(c, 0)?;
    let name = c.text(1)?;
    let wanted = format!("(instr('motuwethfrsasu', lower(left(trim({name}), 2))) + 1) // 2");
    let sql = if next {
        format!("({d} + CAST((({wanted}) - isodow({d}) + 6) % 7 + 1 AS INTEGER))")
    } else {
        format!("({d} - CAST((isodow({d}) - ({wanted}) + 6) % 7 + 1 AS INTEGER))")
    };
    Ok(c.out(format!("CAST({sql} AS DATE)"), Ty::Date))
}

/// The last day of a month stays the last day.
fn add_months(c: &Call<'_>) -> SfResult<Bound> {
    let x = when(c, 0)?;
    let n = c.int(1)?;
    let sql = on_clock(&x, c, |t| {
        let moved = format!("({t} + to_months(CAST({n} AS INTEGER)))");
        let end = format!("CAST(last_day({moved}) AS TIMESTAMP) + (CAST({t} AS TIMESTAMP) - date_trunc('day', {t}))");
        format!("CASE WHEN last_day({t}) = CAST({t} AS DATE) THEN {end} ELSE CAST({moved} AS TIMESTAMP) END")
    });
    Ok(c.out(sql, x.ty))
}

fn months_between(c: &Call<'_>) -> SfResult<Bound> {
    let (a, b) = (when(c, 0)?, when(c, 1)?);
    let stamp = |x: &Bound| format!("CAST({} AS TIMESTAMP)", local(x, c.env));
    let (a, b) = (stamp(&a), stamp(&b));
    let months = format!("((year({a}) - year({b})) * 12 + month({a}) - month({b}))");
    let day = |t: &str| format!("(day({t}) + (epoch_us({t}) - epoch_us(date_trunc('day', {t}))) / 86400000000.0)");
    let both_ends =
        format!("(day({a}) = day({b}) OR (last_day({a}) = CAST({a} AS DATE) AND last_day({b}) = CAST({b} AS DATE)))");
    let sql = format!(
        "CASE WHEN {both_ends} THEN CAST({months} AS DOUBLE) ELSE {months} + ({} - {}) / 31.0 END",
        day(&a),
        day(&b)
    );
    Ok(c.out(format!("CAST({sql} AS DOUBLE)"), Ty::Float))
}

fn time_slice(c: &Call<'_>) -> SfResult<Bound> {
    let x = when(c, 0)?;
    let part = Part::read(c.constant(2)?)?;
    let end = c.literal(3).is_some_and(|w| w.eq_ignore_ascii_case("END"));
    let n = c.int(1)?;
    let step = interval(part, &n).ok_or_else(|| unknown_part(c))?;
    // Weeks count from the week of 1970-01-01, which starts on 1969-12-29.
    let origin = if part == Part::Week { "TIMESTAMP '1969-12-29'" } else { "TIMESTAMP '1970-01-01'" };
    let sql = on_clock(&x, c, |t| {
        let start = format!("time_bucket({step}, CAST({t} AS TIMESTAMP), {origin})");
        if end { format!("({start} + {step})") } else { start }
    });
    Ok(c.out(sql, x.ty))
}

/// Parts that overflow roll over.
fn date_from_parts(c: &Call<'_>) -> SfResult<Bound> {
    Ok(c.out(date_sql(&c.int(0)?, &c.int(1)?, &c.int(2)?), Ty::Date))
}

fn date_sql(y: &str, m: &str, d: &str) -> String {
    format!(
        "CAST(make_date({y}, 1, 1) + to_months(CAST({m} - 1 AS INTEGER)) + to_days(CAST({d} - 1 AS INTEGER)) AS DATE)"
    )
}

/// Microseconds of hour, minute, second and, where given, nanoseconds.
fn clock_sql(c: &Call<'_>, from: usize) -> SfResult<String> {
    let nanos = if c.args.len() > from + 3 { format!(" + {} // 1000", c.int(from + 3)?) } else { String::new() };
    Ok(format!(
        "({} * 3600000000 + {} * 60000000 + {} * 1000000{nanos})",
        c.int(from)?,
        c.int(from + 1)?,
        c.int(from + 2)?
    ))
}

fn time_from_parts(c: &Call<'_>) -> SfResult<Bound> {
    Ok(c.out(format!("CAST(TIMESTAMP '1970-01-01' + to_microseconds({}) AS TIME)", clock_sql(c, 0)?), Ty::TIME))
}

fn stamp_from_parts(c: &Call<'_>, to: Ty) -> SfResult<Bound> {
    let zone = if to == Ty::TZ && c.args.len() == 8 { Some(c.text(7)?) } else { None };
    let ntz = if c.args.len() == 2 {
        format!("({} + {})", day(c, 0)?, c.to(1, Ty::TIME)?)
    } else if c.args.len() >= 6 {
        let date = date_sql(&c.int(0)?, &c.int(1)?, &c.int(2)?);
        format!("(CAST({date} AS TIMESTAMP) + to_microseconds({}))", clock_sql(c, 3)?)
    } else {
        return Err(c.bad_types());
    };
    let local = c.out(ntz, Ty::NTZ);
    match zone {
        Some(zone) => {
            let utc = format!("sf_to_utc({}, {zone})", local.sql);
            Ok(c.out(tz(&utc, &format!("sf_offset({utc}, {zone})")), Ty::TZ))
        }
        None => cast(&local, to, Mode::Explicit, c.env),
    }
}

/// `(source, target, ntz)` gives NTZ, `(target, timestamp)` gives TZ.
fn convert_timezone(c: &Call<'_>) -> SfResult<Bound> {
    if c.args.len() == 3 {
        let x = c.to(2, Ty::NTZ)?;
        return Ok(c.out(format!("sf_to_local(sf_to_utc({x}, {}), {})", c.text(0)?, c.text(1)?), Ty::NTZ));
    }
    let a = c.arg(1)?;
    // A text with an offset keeps its instant.
    let instant = if a.ty.is_text() { c.cast(1, Ty::TZ)? } else { a.clone() };
    let instant = cast(&instant, Ty::LTZ, Mode::Explicit, c.env)?.sql;
    Ok(c.out(tz(&instant, &format!("sf_offset({instant}, {})", c.text(0)?)), Ty::TZ))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{call, num, t};
    use super::*;

    fn d(text: &str) -> Bound {
        Bound { nullable: false, ..Bound::new(format!("DATE '{text}'"), Ty::Date) }
    }

    fn ts(text: &str) -> Bound {
        Bound { nullable: false, ..Bound::new(format!("TIMESTAMP '{text}'"), Ty::NTZ) }
    }

    #[test]
    fn moving() {
        for (name, args, want) in [
            ("DATEADD", vec![t("month"), num("1"), d("2024-01-31")], "2024-02-29"),
            ("DATEADD", vec![t("hh"), num("3"), d("2024-01-31")], "2024-01-31 03:00:00.000"),
            ("DATEADD", vec![t("day"), num("-1"), ts("2024-03-01 10:00:00")], "2024-02-29 10:00:00.000"),
            ("ADD_MONTHS", vec![d("2016-02-29"), num("1")], "2016-03-31"),
            ("ADD_MONTHS", vec![t("2016-01-15"), num("1")], "2016-02-15 00:00:00.000"),
            ("LAST_DAY", vec![d("2024-02-03")], "2024-02-29"),
            ("LAST_DAY", vec![d("2024-02-03"), t("quarter")], "2024-03-31"),
            ("NEXT_DAY", vec![d("2024-02-03"), t("Saturday")], "2024-02-10"),
            ("PREVIOUS_DAY", vec![d("2024-02-03"), t("fr")], "2024-02-02"),
            ("DATE_FROM_PARTS", vec![num("2024"), num("14"), num("0")], "2025-01-31"),
            ("TIME_FROM_PARTS", vec![num("3"), num("4"), num("5")], "03:04:05"),
            ("TIME_SLICE", vec![ts("2024-01-02 03:07:00"), num("15"), t("minute")], "2024-01-02 03:00:00.000"),
            ("DATE_TRUNC", vec![t("week"), d("2024-01-07")], "2024-01-01"),
            ("DATE_TRUNC", vec![t("quarter"), ts("2024-05-07 10:00:00")], "2024-04-01 00:00:00.000"),
            (
                "CONVERT_TIMEZONE",
                vec![t("America/Los_Angeles"), t("Europe/London"), ts("2024-07-01 00:00:00")],
                "2024-07-01 08:00:00.000",
            ),
        ] {
            assert_eq!(call(name, args).unwrap().as_deref(), Some(want), "{name}");
        }
    }

    #[test]
    fn differences_count_boundaries() {
        for (part, a, b, want) in [
            ("year", "2021-12-31", "2022-01-01", "1"),
            ("week", "2024-01-06", "2024-01-08", "1"),
            ("day", "2024-01-01", "2024-03-01", "60"),
            ("quarter", "2024-03-31", "2024-04-01", "1"),
        ] {
            assert_eq!(call("DATEDIFF", vec![t(part), d(a), d(b)]).unwrap().as_deref(), Some(want), "{part}");
        }
        let args = vec![t("hour"), ts("2024-01-01 00:59:59"), ts("2024-01-01 01:00:00")];
        assert_eq!(call("DATEDIFF", args).unwrap().as_deref(), Some("1"));
    }

    #[test]
    fn parts() {
        for (name, want) in
            [("YEAR", "2021"), ("WEEKISO", "53"), ("YEAROFWEEK", "2020"), ("DAYOFWEEK", "5"), ("DAYNAME", "Fri")]
        {
            assert_eq!(call(name, vec![d("2021-01-01")]).unwrap().as_deref(), Some(want), "{name}");
        }
        let args = vec![t("epoch_millisecond"), ts("2024-01-01 00:00:00")];
        assert_eq!(call("DATE_PART", args).unwrap().as_deref(), Some("1704067200000"));
    }
}
