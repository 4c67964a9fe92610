//! Times as text.

use super::format::{DAYS, Element, Format, MONTHS};
use chrono::{DateTime, Datelike, Timelike, Utc};
use std::fmt::Write;

impl Format {
    /// Prints local microseconds; zone elements print the offset (`Z` where there is none).
    #[must_use]
    pub fn print(&self, local_us: i64, offset: Option<i32>) -> String {
        let at = DateTime::<Utc>::from_timestamp_micros(local_us).unwrap_or_default();
        let mut out = String::with_capacity(32);
        let default;
        let elements = match self {
            Self::Elements(e) => e,
            Self::Auto => {
                default = Self::new("YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM");
                let Self::Elements(e) = &default else { return out };
                e
            }
        };
        for (i, element) in elements.iter().enumerate() {
            match element {
                Element::Literal(text) if offset.is_none() && zone_follows(elements, i) => {
                    out.push_str(text.trim_end());
                }
                element => put(&mut out, element, &at, offset),
            }
        }
        out
    }
}

/// The blank in front of the offset goes where there is none.
fn zone_follows(elements: &[Element], i: usize) -> bool {
    matches!(elements.get(i + 1), Some(Element::ZoneHour))
}

fn put(out: &mut String, element: &Element, at: &DateTime<Utc>, offset: Option<i32>) {
    let two = |out: &mut String, v: u32| {
        out.push(char::from(b'0' + (v / 10 % 10) as u8));
        out.push(char::from(b'0' + (v % 10) as u8));
    };
    match element {
        Element::Year4 => {
            let _ = write!(out, "{:04}", at.year());
        }
        Element::Year2 => two(out, at.year().rem_euclid(100).unsigned_abs()),
        Element::Month2 => two(out, at.month()),
        Element::MonthShort => out.push_str(&MONTHS[at.month0() as usize][..3]),
        Element::MonthLong => out.push_str(MONTHS[at.month0() as usize]),
        Element::Day2 => two(out, at.day()),
        Element::DayName => out.push_str(DAYS[at.weekday().num_days_from_monday() as usize]),
        Element::Hour24 => two(out, at.hour()),
        Element::Hour12 => two(out, at.hour12().1),
        Element::AmPm => out.push_str(if at.hour12().0 { "PM" } else { "AM" }),
        Element::Minute => two(out, at.minute()),
        Element::Second => two(out, at.second()),
        Element::Fraction(digits) => {
            let text = format!("{:09}", at.nanosecond());
            out.push_str(&text[..*digits]);
        }
        Element::ZoneHour => {
            if let Some(o) = offset {
                out.push(if o < 0 { '-' } else { '+' });
                two(out, o.unsigned_abs() / 60);
            }
        }
        Element::ZoneMinute => {
            if let Some(o) = offset {
                two(out, o.unsigned_abs() % 60);
            }
        }
        Element::Literal(text) => out.push_str(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_print() {
        let t = 1_704_164_645_678_901; // 2024-01-02 03:04:05.678901
        for (format, text) in [
            ("YYYY-MM-DD HH24:MI:SS.FF3", "2024-01-02 03:04:05.678"),
            ("DY, DD MON YY HH12:MI AM", "Tue, 02 Jan 24 03:04 AM"),
            ("YYYY-MM-DD\"T\"HH24:MI:SS.FF6TZH:TZM", "2024-01-02T03:04:05.678901-08:00"),
            ("MMMM", "January"),
        ] {
            assert_eq!(Format::new(format).print(t, Some(-480)), text);
        }
    }
}
