//! Times out of text.

use super::Read;
use super::format::{DAYS, Element, Format, MONTHS};
use chrono::NaiveDate;

const SECOND_US: i64 = 1_000_000;
const DAY_US: i64 = 86_400 * SECOND_US;

/// What AUTO understands beside ISO.
const AUTO: &[&str] = &[
    "DD-MON-YYYY HH24:MI:SS.FF",
    "DD-MON-YYYY HH24:MI:SS",
    "DD-MON-YYYY",
    "MM/DD/YYYY HH24:MI:SS",
    "MM/DD/YYYY HH24:MI",
    "MM/DD/YYYY",
    "DY MON DD HH24:MI:SS TZHTZM YYYY",
    "DY, DD MON YYYY HH24:MI:SS TZHTZM",
    "DY, DD MON YYYY HH24:MI:SS",
    "DY, DD MON YYYY HH12:MI:SS AM TZHTZM",
    "DY, DD MON YYYY HH12:MI:SS AM",
];

/// What has been read so far.
#[derive(Default)]
struct Parts {
    year: Option<i32>,
    month: Option<u32>,
    day: Option<u32>,
    hour: u32,
    twelve: bool,
    pm: Option<bool>,
    minute: u32,
    second: u32,
    nanos: u32,
    offset: Option<(i32, i32)>,
}

impl Format {
    /// Reads a date or a time with its date; `None` where the text is not in the format.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<Read> {
        let text = text.trim();
        match self {
            Self::Auto => iso(text).or_else(|| epoch(text)).or_else(|| {
                AUTO.iter().find_map(|f| match Self::new(f) {
                    Self::Elements(e) => elements(&e, text),
                    Self::Auto => None,
                })
            }),
            Self::Elements(e) => elements(e, text),
        }
    }

    /// Reads a time of day: microseconds since midnight.
    #[must_use]
    pub fn read_time(&self, text: &str) -> Option<i64> {
        let text = text.trim();
        match self {
            Self::Auto => {
                let mut c = Chars(text.as_bytes());
                if let Some((us, true)) = clock(&mut c).map(|us| (us, c.0.is_empty())) {
                    return Some(us);
                }
                if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
                    return epoch(text).map(|r| r.local_us.rem_euclid(DAY_US));
                }
                iso(text)
                    .map(|r| r.local_us.rem_euclid(DAY_US))
                    .or_else(|| ["HH12:MI:SS AM", "HH12:MI AM"].iter().find_map(|f| Self::new(f).read_time(text)))
            }
            Self::Elements(e) => elements(e, text).map(|r| r.local_us.rem_euclid(DAY_US)),
        }
    }
}

/// A cursor over bytes.
struct Chars<'a>(&'a [u8]);

impl Chars<'_> {
    fn eat(&mut self, b: u8) -> bool {
        let hit = self.0.first() == Some(&b);
        if hit {
            self.0 = &self.0[1..];
        }
        hit
    }

    fn blanks(&mut self) {
        while self.0.first().is_some_and(u8::is_ascii_whitespace) {
            self.0 = &self.0[1..];
        }
    }

    /// From `min` to `max` digits.
    fn digits(&mut self, min: usize, max: usize) -> Option<u32> {
        let n = self.0.iter().take(max).take_while(|b| b.is_ascii_digit()).count();
        if n < min {
            return None;
        }
        let value = self.0[..n].iter().fold(0_u32, |v, b| v * 10 + u32::from(b - b'0'));
        self.0 = &self.0[n..];
        Some(value)
    }

    /// A fraction's digits as nanoseconds.
    fn nanos(&mut self) -> Option<u32> {
        let n = self.0.iter().take_while(|b| b.is_ascii_digit()).count();
        if n == 0 {
            return None;
        }
        let value = (0..9).fold(0_u32, |v, i| v * 10 + self.0[..n].get(i).map_or(0, |b| u32::from(b - b'0')));
        self.0 = &self.0[n..];
        Some(value)
    }

    /// `Z`, `+hh`, `+hhmm`, `+hh:mm`: minutes.
    fn offset(&mut self) -> Option<i32> {
        if self.eat(b'Z') || self.eat(b'z') {
            return Some(0);
        }
        let sign = if self.eat(b'+') {
            1
        } else if self.eat(b'-') {
            -1
        } else {
            return None;
        };
        let hours = self.digits(1, 2)?;
        let colon = self.eat(b':');
        let minutes = match self.digits(2, 2) {
            Some(m) => m,
            None if colon => return None,
            None => 0,
        };
        (hours <= 15 && minutes < 60).then(|| sign * i32::try_from(hours * 60 + minutes).unwrap_or(0))
    }

    /// One of some names, case-insensitively; its number.
    fn name(&mut self, names: &[&str], short: bool) -> Option<usize> {
        let (i, n) = names.iter().enumerate().find_map(|(i, name)| {
            let name = if short { &name[..3] } else { name };
            let head = self.0.get(..name.len())?;
            head.eq_ignore_ascii_case(name.as_bytes()).then_some((i, name.len()))
        })?;
        self.0 = &self.0[n..];
        Some(i)
    }
}

fn day_us(year: i32, month: u32, day: u32) -> Option<i64> {
    let date = NaiveDate::from_ymd_opt(year, month, day)?;
    Some(i64::from(chrono::Datelike::num_days_from_ce(&date) - 719_163) * DAY_US)
}

/// `YYYY-MM-DD[(T| )HH24[:MI[:SS[.FF]]][ ][Z|±hh[:mm]]]`.
fn iso(text: &str) -> Option<Read> {
    let mut c = Chars(text.as_bytes());
    let year = c.digits(4, 4)?;
    if !c.eat(b'-') {
        return None;
    }
    let month = c.digits(1, 2)?;
    if !c.eat(b'-') {
        return None;
    }
    let day = c.digits(1, 2)?;
    let mut local_us = day_us(i32::try_from(year).ok()?, month, day)?;
    let mut offset = None;
    if !c.0.is_empty() {
        if !c.eat(b'T') && !c.eat(b't') {
            if !c.eat(b' ') {
                return None;
            }
            c.blanks();
        }
        local_us += clock(&mut c)?;
        c.blanks();
        if !c.0.is_empty() {
            offset = Some(c.offset()?);
        }
    }
    c.0.is_empty().then_some(Read { local_us, offset, epoch: false })
}

/// `HH24:MI[:SS[.FF]]` or `HH24`.
fn clock(c: &mut Chars<'_>) -> Option<i64> {
    let hour = c.digits(1, 2)?;
    let (mut minute, mut second, mut nanos) = (0, 0, 0);
    if c.eat(b':') {
        minute = c.digits(1, 2)?;
        if c.eat(b':') {
            second = c.digits(1, 2)?;
            if c.eat(b'.') {
                nanos = c.nanos()?;
            }
        }
    }
    time_us(hour, minute, second, nanos)
}

fn time_us(hour: u32, minute: u32, second: u32, nanos: u32) -> Option<i64> {
    (hour < 24 && minute < 60 && second < 60)
        .then(|| i64::from(hour * 3600 + minute * 60 + second) * SECOND_US + i64::from(nanos / 1000))
}

/// A whole number since 1970: seconds, milliseconds, microseconds or nanoseconds, by its size.
fn epoch(text: &str) -> Option<Read> {
    let v: i128 = text.parse().ok()?;
    let us = match v.unsigned_abs() {
        0..31_536_000_000 => v * 1_000_000,
        31_536_000_000..31_536_000_000_000 => v * 1000,
        31_536_000_000_000..31_536_000_000_000_000 => v,
        _ => v.div_euclid(1000),
    };
    Some(Read { local_us: i64::try_from(us).ok()?, offset: Some(0), epoch: true })
}

fn elements(list: &[Element], text: &str) -> Option<Read> {
    let mut c = Chars(text.as_bytes());
    let mut p = Parts::default();
    for (i, element) in list.iter().enumerate() {
        // Digits that stand directly before other digits must be counted exactly.
        let tight = matches!(list.get(i + 1), Some(e) if !matches!(e, Element::Literal(_) | Element::Fraction(_) | Element::AmPm | Element::ZoneHour));
        element_of(element, tight, &mut c, &mut p)?;
    }
    if !c.0.is_empty() {
        return None;
    }
    let hour = match (p.twelve, p.pm) {
        (true, Some(pm)) if (1..=12).contains(&p.hour) => p.hour % 12 + if pm { 12 } else { 0 },
        (true, Some(_)) => return None,
        _ => p.hour,
    };
    let day = day_us(p.year.unwrap_or(1970), p.month.unwrap_or(1), p.day.unwrap_or(1))?;
    let local_us = day + time_us(hour, p.minute, p.second, p.nanos)?;
    Some(Read { local_us, offset: p.offset.map(|(h, m)| if h < 0 { h - m } else { h + m }), epoch: false })
}

fn element_of(element: &Element, tight: bool, c: &mut Chars<'_>, p: &mut Parts) -> Option<()> {
    let min = |n: usize| if tight { n } else { 1 };
    match element {
        Element::Year4 => p.year = Some(i32::try_from(c.digits(4, 4)?).ok()?),
        Element::Year2 => {
            let y = i32::try_from(c.digits(2, 2)?).ok()?;
            // TWO_DIGIT_CENTURY_START is 1970.
            p.year = Some(if y < 70 { 2000 + y } else { 1900 + y });
        }
        Element::Month2 => p.month = Some(c.digits(min(2), 2)?),
        Element::MonthShort => p.month = Some(u32::try_from(c.name(&MONTHS, true)?).ok()? + 1),
        Element::MonthLong => p.month = Some(u32::try_from(c.name(&MONTHS, false)?).ok()? + 1),
        Element::Day2 => p.day = Some(c.digits(min(2), 2)?),
        Element::DayName => {
            c.name(&DAYS, true)?;
        }
        Element::Hour24 => p.hour = c.digits(min(2), 2)?,
        Element::Hour12 => {
            p.hour = c.digits(min(2), 2)?;
            p.twelve = true;
        }
        Element::AmPm => p.pm = Some(c.name(&["AM", "PM"], false)? == 1),
        Element::Minute => p.minute = c.digits(min(2), 2)?,
        Element::Second => p.second = c.digits(min(2), 2)?,
        Element::Fraction(0) => {}
        Element::Fraction(_) => p.nanos = c.nanos()?,
        Element::ZoneHour => {
            // The minutes are read here too: `+0530`, `+05:30`, `Z`.
            let minutes = c.offset()?;
            p.offset = Some((minutes, 0));
        }
        Element::ZoneMinute => {}
        Element::Literal(text) => literal(text, c, p)?,
    }
    Some(())
}

fn literal(text: &str, c: &mut Chars<'_>, p: &Parts) -> Option<()> {
    for b in text.bytes() {
        if b == b' ' {
            c.blanks();
        } else if b == b':' && p.offset.is_some() {
            // Taken with the offset.
            c.eat(b':');
        } else if !c.eat(b) {
            return None;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn us(text: &str) -> Option<i64> {
        Format::Auto.read(text).map(|r| r.local_us)
    }

    #[test]
    fn auto_reads_the_documented_forms() {
        let t = Some(1_704_164_645_000_000);
        for text in [
            "2024-01-02 03:04:05",
            "2024-01-02T03:04:05",
            "2024-01-02T03:04:05Z",
            "2024-01-02 03:04:05.000 -0800",
            "2024-01-02 03:04:05 +01:00",
            "01/02/2024 03:04:05",
            "02-JAN-2024 03:04:05",
            "Tue Jan 02 03:04:05 +0000 2024",
            "Tue, 02 Jan 2024 03:04:05 +0000",
            "1704164645",
            "1704164645000",
            "1704164645000000000",
        ] {
            assert_eq!(us(text), t, "{text}");
        }
        for text in ["", "not-a-date", "2024-13-01", "2024-02-30", "2024-01-02 25:00:00", "2024-01-02x"] {
            assert_eq!(us(text), None, "{text}");
        }
    }

    #[test]
    fn formats_read() {
        let f = |f: &str, t: &str| Format::new(f).read(t).map(|r| (r.local_us, r.offset));
        assert_eq!(f("YYYYMMDD", "20240102"), Some((1_704_153_600_000_000, None)));
        assert_eq!(f("DD/MM/YYYY HH12:MI PM", "02/01/2024 03:04 PM"), Some((1_704_207_840_000_000, None)));
        assert_eq!(
            f("YYYY-MM-DD HH24:MI:SS TZH:TZM", "2024-01-02 00:00:00 +05:30"),
            Some((1_704_153_600_000_000, Some(330)))
        );
        assert_eq!(f("YYYY-MM-DD", "02.01.2024"), None);
    }

    #[test]
    fn times_of_day() {
        assert_eq!(Format::Auto.read_time("03:04:05.5"), Some(11_045_500_000));
        assert_eq!(Format::Auto.read_time("03:04 PM"), Some(54_240_000_000));
        assert_eq!(Format::Auto.read_time("24:00"), None);
    }
}
