//! Date and time parts with all their names.

use super::super::super::error::{SfError, SfResult};

/// A part of a date or time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are Snowflake's")]
pub enum Part {
    Year,
    Quarter,
    Month,
    Week,
    WeekIso,
    YearOfWeek,
    Day,
    DayOfWeek,
    DayOfWeekIso,
    DayOfYear,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
    EpochSecond,
    EpochMillisecond,
    EpochMicrosecond,
    EpochNanosecond,
    TimezoneHour,
    TimezoneMinute,
}

const NAMES: &[(Part, &[&str])] = &[
    (Part::Year, &["YEAR", "Y", "YY", "YYY", "YYYY", "YR", "YEARS", "YRS"]),
    (Part::Quarter, &["QUARTER", "Q", "QTR", "QTRS", "QUARTERS"]),
    (Part::Month, &["MONTH", "MM", "MON", "MONS", "MONTHS"]),
    (Part::Week, &["WEEK", "W", "WK", "WEEKS", "WEEKOFYEAR", "WOY", "WY"]),
    (Part::WeekIso, &["WEEK_ISO", "WEEKISO", "WEEKOFYEARISO", "WEEKOFYEAR_ISO"]),
    (Part::YearOfWeek, &["YEAROFWEEK", "YEAROFWEEKISO"]),
    (Part::Day, &["DAY", "D", "DD", "DAYS", "DAYOFMONTH"]),
    (Part::DayOfWeek, &["DAYOFWEEK", "WEEKDAY", "DOW", "DW"]),
    (Part::DayOfWeekIso, &["DAYOFWEEKISO", "WEEKDAY_ISO", "DOW_ISO", "DW_ISO", "DAYOFWEEK_ISO"]),
    (Part::DayOfYear, &["DAYOFYEAR", "YEARDAY", "DOY", "DY"]),
    (Part::Hour, &["HOUR", "H", "HH", "HR", "HOURS", "HRS"]),
    (Part::Minute, &["MINUTE", "M", "MI", "MIN", "MINUTES", "MINS"]),
    (Part::Second, &["SECOND", "S", "SEC", "SECONDS", "SECS", "SS"]),
    (Part::Millisecond, &["MILLISECOND", "MS", "MSEC", "MILLISECONDS"]),
    (Part::Microsecond, &["MICROSECOND", "US", "USEC", "MICROSECONDS"]),
    (Part::Nanosecond, &["NANOSECOND", "NS", "NSEC", "NANOSEC", "NSECOND", "NANOSECONDS", "NANOSECS", "NSECONDS"]),
    (Part::EpochSecond, &["EPOCH_SECOND", "EPOCH", "EPOCH_SECONDS"]),
    (Part::EpochMillisecond, &["EPOCH_MILLISECOND", "EPOCH_MILLISECONDS"]),
    (Part::EpochMicrosecond, &["EPOCH_MICROSECOND", "EPOCH_MICROSECONDS"]),
    (Part::EpochNanosecond, &["EPOCH_NANOSECOND", "EPOCH_NANOSECONDS"]),
    (Part::TimezoneHour, &["TIMEZONE_HOUR", "TZH"]),
    (Part::TimezoneMinute, &["TIMEZONE_MINUTE", "TZM"]),
];

impl Part {
    /// Reads a part by any of its names.
    ///
    /// # Errors
    /// 001004 for a word that is none.
    pub fn read(text: &str) -> SfResult<Self> {
        let upper = text.trim().to_ascii_uppercase();
        NAMES
            .iter()
            .find(|(_, names)| names.contains(&upper.as_str()))
            .map(|(p, _)| *p)
            .ok_or_else(|| SfError::compile("001004", "42601", format!("'{text}' is not a valid date/time component")))
    }

    /// Smaller than a day.
    #[must_use]
    pub fn is_sub_day(self) -> bool {
        matches!(
            self,
            Self::Hour | Self::Minute | Self::Second | Self::Millisecond | Self::Microsecond | Self::Nanosecond
        )
    }

    /// DuckDB's name for truncation and differences.
    #[must_use]
    pub fn duck(self) -> Option<&'static str> {
        Some(match self {
            Self::Year => "year",
            Self::Quarter => "quarter",
            Self::Month => "month",
            Self::Week | Self::WeekIso => "week",
            Self::Day => "day",
            Self::Hour => "hour",
            Self::Minute => "minute",
            Self::Second => "second",
            Self::Millisecond => "millisecond",
            Self::Microsecond => "microsecond",
            _ => return None,
        })
    }
}
