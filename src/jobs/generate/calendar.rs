//! The days that are asked for, checked.

use crate::domain::GenerateSpec;
use crate::jobs::JobError;
use chrono::{Datelike, Days, NaiveDate};

/// A hundred years of days: longer ranges are refused as slips of the pen.
const MOST_DAYS: u32 = 36_525;
/// Beyond this a customer's number would not fit in the row template, nor the data on any disk.
const MOST_CUSTOMERS: u64 = 1_000_000_000_000;

/// A spec that makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    /// First day.
    pub from: NaiveDate,
    /// Days in the range, both ends included; at least 1.
    pub days: u32,
}

impl Calendar {
    /// Checks what was asked for.
    ///
    /// # Errors
    /// [`JobError::Usage`], saying which value is wrong and what would do.
    pub fn new(spec: &GenerateSpec) -> Result<Self, JobError> {
        if spec.customers == 0 {
            return Err(JobError::Usage(
                "0 customers: ask for at least 1 (the starter project's number is 137)".into(),
            ));
        }
        if spec.customers > MOST_CUSTOMERS {
            return Err(JobError::Usage(format!("{} customers: the most is {MOST_CUSTOMERS}", spec.customers)));
        }
        let from = parse("first", &spec.from)?;
        let to = parse("last", &spec.to)?;
        if from > to {
            return Err(JobError::Usage(format!("the first day {from} is after the last day {to}: swap them")));
        }
        let days = u32::try_from((to - from).num_days() + 1).unwrap_or(u32::MAX);
        if days > MOST_DAYS {
            return Err(JobError::Usage(format!(
                "{from} to {to} is {days} days: the longest range is {MOST_DAYS} days (100 years)"
            )));
        }
        Ok(Self { from, days })
    }

    /// n of the starter's rules: whole days between start and end, one fewer than the range has.
    #[must_use]
    pub const fn between(&self) -> u32 {
        self.days - 1
    }

    /// Day `index` as `YYYY-MM-DD`.
    #[must_use]
    pub fn day(&self, index: u32) -> String {
        self.date(index).format("%Y-%m-%d").to_string()
    }

    /// The day `later` days after day `index`, as `YYYY-MM-DD`.
    #[must_use]
    pub fn day_after(&self, index: u32, later: u32) -> String {
        self.date(index.saturating_add(later)).format("%Y-%m-%d").to_string()
    }

    /// Day `index` as a number that does not depend on the range, so that a day's purchases get streams of their own.
    #[must_use]
    pub fn ordinal(&self, index: u32) -> u64 {
        u64::try_from(self.date(index).num_days_from_ce()).unwrap_or(0)
    }

    /// Day `index`.
    #[must_use]
    pub fn date(&self, index: u32) -> NaiveDate {
        // The range's end was parsed, so every day before it exists.
        self.from.checked_add_days(Days::new(index.into())).unwrap_or(self.from)
    }
}

fn parse(which: &str, text: &str) -> Result<NaiveDate, JobError> {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| if matches!(i, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|d| shaped && d.year() >= 1);
    date.ok_or_else(|| {
        JobError::Usage(format!("the {which} day {text:?} is not a date: write it as YYYY-MM-DD, such as 2018-12-01"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(from: &str, to: &str) -> Result<Calendar, String> {
        let spec = GenerateSpec { from: from.into(), to: to.into(), ..GenerateSpec::default() };
        Calendar::new(&spec).map_err(|e| e.to_string())
    }

    #[test]
    fn december_has_31_days_and_30_between() {
        let december = Calendar::new(&GenerateSpec::default()).unwrap();
        assert_eq!((december.days, december.between()), (31, 30));
        assert_eq!((december.day(0), december.day(30)), ("2018-12-01".into(), "2018-12-31".into()));
        assert_eq!(december.ordinal(30), december.ordinal(0) + 30);
    }

    #[test]
    fn one_day_and_leap_years() {
        assert_eq!(calendar("2024-02-29", "2024-02-29").unwrap().days, 1);
        assert_eq!(calendar("2024-02-01", "2024-03-01").unwrap().days, 30);
    }

    #[test]
    fn refusals_say_what_is_wrong() {
        assert!(calendar("2018-12-31", "2018-12-01").unwrap_err().contains("after the last day"));
        assert!(calendar("2018-13-01", "2018-12-01").unwrap_err().contains("first day \"2018-13-01\""));
        for bad in ["2023-02-29", "1/12/2018", "2018-1-02", "+018-12-02", "0000-01-01", "", "2018-12-011"] {
            assert!(calendar("0001-01-01", bad).unwrap_err().contains("YYYY-MM-DD"), "{bad}");
        }
        assert!(calendar("1000-01-01", "2018-12-01").unwrap_err().contains("longest range"));
        let none = GenerateSpec { customers: 0, ..GenerateSpec::default() };
        assert!(Calendar::new(&none).unwrap_err().to_string().contains("at least 1"));
    }
}
