//! Snowflake's display form of values: what its own tools print with the default output formats.

use chrono::{DateTime, NaiveDate, TimeDelta};

/// A number held as `value × 10^-scale`, with all its digits: `(150, 2)` is `1.50`.
#[must_use]
pub fn scaled_text(value: i128, scale: u32) -> String {
    if scale == 0 {
        return value.to_string();
    }
    let digits = value.unsigned_abs().to_string();
    let scale = scale as usize;
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    format!("{}{whole}.{fraction}", if value < 0 { "-" } else { "" })
}

/// A FLOAT: shortest text that reads back the same; exponents as `1e+20`; `NaN`, `inf`, `-inf`.
#[must_use]
pub fn real_text(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e15).contains(&size) {
        let text = format!("{value:e}");
        return match text.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent:0>2}"),
            Some((digits, exponent)) => format!("{digits}e-{:0>2}", &exponent[1..]),
            None => text,
        };
    }
    format!("{value}")
}

/// A point in time: seconds since the epoch (in UTC, or of the wall clock for TIMESTAMP_NTZ) and nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Whole seconds, rounded down.
    pub seconds: i64,
    /// Nanoseconds after that, below 10⁹.
    pub nanos: u32,
}

impl Moment {
    /// From a whole number of `10^-scale` seconds.
    #[must_use]
    pub fn from_scaled(value: i64, scale: u32) -> Self {
        let unit = 10_i64.pow(scale.min(9));
        let nanos = value.rem_euclid(unit) * 10_i64.pow(9 - scale.min(9));
        Self { seconds: value.div_euclid(unit), nanos: u32::try_from(nanos).unwrap_or(0) }
    }

    /// From the protocol's text, `<seconds>.<fraction>`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let negative = whole.starts_with('-');
        let seconds: i64 = whole.parse().ok()?;
        let fraction = format!("{:0<9}", fraction.get(..fraction.len().min(9))?);
        let nanos: u32 = fraction.parse().ok()?;
        Some(if negative && nanos > 0 {
            Self { seconds: seconds - 1, nanos: 1_000_000_000 - nanos }
        } else {
            Self { seconds, nanos }
        })
    }

    /// `YYYY-MM-DD HH24:MI:SS.FF3`, with ` +HHMM` where an offset is given (minutes east of UTC).
    #[must_use]
    pub fn timestamp(self, offset: Option<i32>) -> Option<String> {
        let shift = TimeDelta::minutes(i64::from(offset.unwrap_or(0)));
        let local = DateTime::from_timestamp(self.seconds, self.nanos)?.naive_utc().checked_add_signed(shift)?;
        let mut text = local.format("%Y-%m-%d %H:%M:%S%.3f").to_string();
        if let Some(minutes) = offset {
            let sign = if minutes < 0 { '-' } else { '+' };
            text.push_str(&format!(" {sign}{:02}{:02}", minutes.abs() / 60, minutes.abs() % 60));
        }
        Some(text)
    }

    /// `HH24:MI:SS`, of the seconds since midnight.
    #[must_use]
    pub fn time(self) -> Option<String> {
        Some(DateTime::from_timestamp(self.seconds, self.nanos)?.format("%H:%M:%S").to_string())
    }
}

/// `YYYY-MM-DD` of days since 1970-01-01.
#[must_use]
pub fn date_text(days: i64) -> Option<String> {
    let epoch = NaiveDate::from_ymd_opt(1970, 1, 1)?;
    Some(epoch.checked_add_signed(TimeDelta::try_days(days)?)?.format("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_scale() {
        for (value, scale, text) in [
            (150, 2, "1.50"),
            (-5, 2, "-0.05"),
            (0, 3, "0.000"),
            (7, 0, "7"),
            (i128::MAX, 0, "170141183460469231731687303715884105727"),
            (-123_456, 6, "-0.123456"),
        ] {
            assert_eq!(scaled_text(value, scale), text);
        }
    }

    #[test]
    fn reals_are_short() {
        for (value, text) in [
            (1.5, "1.5"),
            (1.0, "1"),
            (-0.25, "-0.25"),
            (1e20, "1e+20"),
            (1.5e-7, "1.5e-07"),
            (0.0, "0"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(real_text(value), text);
        }
        assert_eq!(real_text(f64::NAN), "NaN");
    }

    #[test]
    fn moments_read_both_forms() {
        let moment = Moment::parse("1704164645.123456789").expect("read");
        assert_eq!(moment.timestamp(None).as_deref(), Some("2024-01-02 03:04:05.123"));
        assert_eq!(moment.timestamp(Some(-450)).as_deref(), Some("2024-01-01 19:34:05.123 -0730"));
        assert_eq!(Moment::from_scaled(1_704_164_645_123, 3), Moment { seconds: 1_704_164_645, nanos: 123_000_000 });
        assert_eq!(Moment::from_scaled(-1, 3), Moment { seconds: -1, nanos: 999_000_000 });
        assert_eq!(Moment::parse("-0.5").map(|m| (m.seconds, m.nanos)), Some((-1, 500_000_000)));
        assert_eq!(Moment::parse("45296.123000000").and_then(Moment::time).as_deref(), Some("12:34:56"));
        assert_eq!(Moment::parse("x"), None);
        assert_eq!(date_text(-1).as_deref(), Some("1969-12-31"));
        assert_eq!(date_text(i64::MAX), None);
    }
}
