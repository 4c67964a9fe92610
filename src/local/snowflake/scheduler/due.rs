//! Schedules: intervals from RESUME on, and cron with a time zone.

use super::super::error::{SfError, SfResult};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds};

/// When a task is due.
#[derive(Debug, Clone)]
pub enum Schedule {
    /// Every so many milliseconds from RESUME on.
    Every(i64),
    /// USING CRON.
    Cron(Box<Cron>, Tz),
}

impl Schedule {
    /// Reads `5 MINUTES`, `1 h`, `USING CRON 0 9 * * * UTC`.
    ///
    /// # Errors
    /// 001008 for anything else.
    pub fn parse(text: &str) -> SfResult<Self> {
        let wrong = || SfError::compile("001008", "22023", format!("invalid value [{text}] for parameter 'SCHEDULE'"));
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.len() == 8 && words[0].eq_ignore_ascii_case("USING") && words[1].eq_ignore_ascii_case("CRON") {
            let zone: Tz = words[7].parse().map_err(|_| wrong())?;
            let parser = CronParser::builder().seconds(Seconds::Disallowed).build();
            let cron = parser.parse(&words[2..7].join(" ")).map_err(|_| wrong())?;
            return Ok(Self::Cron(Box::new(cron), zone));
        }
        let (number, unit) = match words.as_slice() {
            [one] => one.split_at(one.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?),
            [number, unit] => (*number, *unit),
            _ => return Err(wrong()),
        };
        let n: i64 = number.parse().map_err(|_| wrong())?;
        let (unit_ms, most) = match unit.to_ascii_uppercase().as_str() {
            "H" | "HOUR" | "HOURS" => (3_600_000, 192),
            "M" | "MINUTE" | "MINUTES" => (60_000, 11_520),
            "S" | "SECOND" | "SECONDS" => (1000, 691_200),
            _ => return Err(wrong()),
        };
        let least = if unit_ms == 1000 { 10 } else { 1 };
        if (least..=most).contains(&n) { Ok(Self::Every(n * unit_ms)) } else { Err(wrong()) }
    }

    /// The first time after `after_ms`, epoch milliseconds. Intervals count from `resumed_ms`.
    #[must_use]
    pub fn next(&self, after_ms: i64, resumed_ms: i64) -> Option<i64> {
        match self {
            Self::Every(step) => {
                let passed = (after_ms - resumed_ms).max(0) / step;
                Some(resumed_ms + (passed + 1) * step)
            }
            Self::Cron(cron, zone) => {
                let after = DateTime::<Utc>::from_timestamp_millis(after_ms)?.with_timezone(zone);
                cron.find_next_occurrence(&after, false).ok().map(|t| t.timestamp_millis())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> i64 {
        DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
    }

    #[test]
    fn intervals_count_from_resume() {
        let every = Schedule::parse("5 minutes").unwrap();
        let resumed = ms("2024-01-01T10:02:30Z");
        assert_eq!(every.next(resumed, resumed), Some(ms("2024-01-01T10:07:30Z")));
        assert_eq!(every.next(ms("2024-01-01T10:07:30Z"), resumed), Some(ms("2024-01-01T10:12:30Z")));
        assert_eq!(every.next(ms("2024-01-01T11:00:00Z"), resumed), Some(ms("2024-01-01T11:02:30Z")));
    }

    #[test]
    fn cron_keeps_to_its_time_zone() {
        let cron = Schedule::parse("USING CRON 30 9 * * MON-FRI Europe/Paris").unwrap();
        // A Friday in winter, then over the weekend the change to summer time.
        assert_eq!(cron.next(ms("2024-03-29T08:00:00Z"), 0), Some(ms("2024-03-29T08:30:00Z")));
        assert_eq!(cron.next(ms("2024-03-29T08:30:00Z"), 0), Some(ms("2024-04-01T07:30:00Z")));
    }

    #[test]
    fn day_of_month_or_day_of_week() {
        let cron = Schedule::parse("USING CRON 0 0 13 * FRI UTC").unwrap();
        assert_eq!(cron.next(ms("2024-01-01T00:00:00Z"), 0), Some(ms("2024-01-05T00:00:00Z")));
        assert_eq!(cron.next(ms("2024-01-12T00:00:00Z"), 0), Some(ms("2024-01-13T00:00:00Z")));
        let last = Schedule::parse("USING CRON 0 0 L * * UTC").unwrap();
        assert_eq!(last.next(ms("2024-02-01T00:00:00Z"), 0), Some(ms("2024-02-29T00:00:00Z")));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "5",
            "x minutes",
            "0 minutes",
            "5 seconds",
            "200 hours",
            "USING CRON * * * * *",
            "USING CRON 61 * * * * UTC",
        ] {
            assert!(Schedule::parse(text).is_err(), "{text}");
        }
        assert!(Schedule::parse("10 s").is_ok() && Schedule::parse("1h").is_ok());
    }
}
