//! The rows of the pane: fields that are checked as they are typed, switches, buttons.

use crate::domain::GenerateSpec;
use crate::jobs::generate::{FaultKind, PRESETS};

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// How many customers.
    Customers,
    /// First day.
    From,
    /// Last day.
    To,
    /// Seed.
    Seed,
    /// Which columns.
    Shape,
    /// Which preset the data are like.
    Like,
    /// Generate and upload.
    Start,
    /// A kind of fault, by its place among all.
    Fault(usize),
    /// Transactions a second.
    Rate,
    /// Seconds from file to file.
    Every,
    /// Start or stop the feed.
    Feed,
}

/// How many kinds of fault there are.
const FAULTS: usize = FaultKind::ALL.len();
/// Rows in all.
pub const ROWS: usize = 7 + FAULTS + 3;
/// The row of the button.
pub const START: usize = 6;
/// The first row of a fault.
pub const FIRST_FAULT: usize = 7;
/// The first row of the feed.
pub const FIRST_FEED: usize = FIRST_FAULT + FAULTS;
/// What a switched-on fault of rows begins with; one of whole files with [`FILE_RATE`].
const ROW_RATE: &str = "0.01";
/// The same, of whole files: there are fewer of them.
const FILE_RATE: &str = "0.05";
/// Kinds of fault that strike whole files.
const OF_FILES: usize = 5;

/// What the row at a place is.
#[must_use]
pub const fn row(at: usize) -> Row {
    match at {
        0 => Row::Customers,
        1 => Row::From,
        2 => Row::To,
        3 => Row::Seed,
        4 => Row::Shape,
        5 => Row::Like,
        START => Row::Start,
        at if at < FIRST_FEED => Row::Fault(at - FIRST_FAULT),
        at if at == FIRST_FEED => Row::Rate,
        at if at == FIRST_FEED + 1 => Row::Every,
        _ => Row::Feed,
    }
}

impl Row {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Customers => "Customers",
            Self::From => "From",
            Self::To => "To",
            Self::Seed => "Seed",
            Self::Shape => "Shape",
            Self::Like => "Like",
            Self::Start => "Generate and upload",
            Self::Fault(i) => FaultKind::ALL.get(i).map_or("", |k| k.name()),
            Self::Rate => "Rate",
            Self::Every => "File every",
            Self::Feed => "Live feed",
        }
    }

    /// What it is for, where nothing is wrong with it.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Customers => "C1 … Cn",
            Self::From => "first day",
            Self::To => "last day",
            Self::Seed => "same bytes",
            Self::Rate => "a second",
            Self::Every => "seconds",
            _ => "",
        }
    }

    /// Its text when the console starts.
    #[must_use]
    pub fn default(self) -> String {
        let spec = GenerateSpec::default();
        match self {
            Self::Customers => spec.customers.to_string(),
            Self::From => spec.from,
            Self::To => spec.to,
            Self::Seed => spec.seed.to_string(),
            Self::Shape => "starter".into(),
            Self::Like => PRESETS[0].0.into(),
            Self::Fault(_) => "0".into(),
            Self::Rate => "50".into(),
            Self::Every => "2".into(),
            Self::Start | Self::Feed => String::new(),
        }
    }

    /// The texts that it can have, where there are few.
    #[must_use]
    pub fn choices(self) -> Vec<&'static str> {
        match self {
            Self::Shape => vec!["starter", "extended"],
            Self::Like => PRESETS.iter().map(|(name, _)| *name).collect(),
            _ => Vec::new(),
        }
    }

    /// What a switch puts in its place.
    #[must_use]
    pub fn switched(self, value: &str) -> Option<String> {
        match self {
            Self::Fault(i) if value == "0" => Some(if i < OF_FILES { FILE_RATE } else { ROW_RATE }.into()),
            Self::Fault(_) => Some("0".into()),
            _ => {
                let choices = self.choices();
                let at = choices.iter().position(|c| *c == value).unwrap_or(0);
                choices.get((at + 1) % choices.len().max(1)).map(|c| (*c).to_owned())
            }
        }
    }

    /// Whether text is typed into it.
    #[must_use]
    pub fn is_text(self) -> bool {
        !matches!(self, Self::Start | Self::Feed) && self.choices().is_empty()
    }

    /// What is wrong with its text, if anything.
    #[must_use]
    pub fn problem(self, value: &str) -> Option<&'static str> {
        let between = |low: f64, high: f64| value.parse::<f64>().is_ok_and(|n| n >= low && n <= high);
        let fine = match self {
            Self::Customers => matches!(value.parse::<u64>(), Ok(1..=100_000_000)),
            Self::Seed => value.parse::<u64>().is_ok(),
            Self::From | Self::To => days(value).is_some(),
            Self::Fault(_) => between(0.0, 1.0),
            Self::Rate => between(0.01, 100_000.0),
            Self::Every => between(0.1, 3_600.0),
            _ => true,
        };
        let wanted = match self {
            Self::Customers => "1-100000000",
            Self::Seed => "whole number",
            Self::From | Self::To => "YYYY-MM-DD",
            Self::Fault(_) => "from 0 to 1",
            Self::Rate => "0.01-100000",
            _ => "0.1-3600",
        };
        (!fine).then_some(wanted)
    }
}

/// Days since 1970-01-01 of a `YYYY-MM-DD` text; `None` where there is no such day.
#[must_use]
pub fn days(text: &str) -> Option<i64> {
    let valid = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
    if !valid {
        return None;
    }
    let number = |range: std::ops::Range<usize>| text[range].parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if day < 1 || day > length {
        return None;
    }
    // Days from civil: March-based years put the leap day last.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, of_era) = (y.div_euclid(400), y.rem_euclid(400));
    let of_year = (153 * m + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("1970-01-01", Some(0))]
    #[case("2018-12-31", Some(17_896))]
    #[case("2020-02-29", Some(18_321))]
    #[case("2019-02-29", None)]
    #[case("2019-13-01", None)]
    #[case("2019-1-01", None)]
    #[case("20é9-01-0", None)]
    fn counts_days(#[case] text: &str, #[case] want: Option<i64>) {
        assert_eq!(days(text), want);
    }

    #[test]
    fn every_row_has_a_name_and_a_default_that_is_right() {
        for at in 0..ROWS {
            assert!(!row(at).name().is_empty());
            assert_eq!(row(at).problem(&row(at).default()), None, "{:?}", row(at));
        }
        assert_eq!((row(START), row(ROWS - 1)), (Row::Start, Row::Feed));
    }

    #[test]
    fn switches_go_round() {
        assert_eq!(Row::Shape.switched("extended").as_deref(), Some("starter"));
        assert_eq!(Row::Fault(6).switched("0").as_deref(), Some(ROW_RATE));
        assert_eq!(Row::Fault(6).switched("0.3").as_deref(), Some("0"));
        assert_eq!(Row::Seed.switched("1"), None);
    }
}
