//! Snowflake's date and time format elements.

/// One element of a format.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are Snowflake's format elements")]
pub enum Element {
    Year4,
    Year2,
    Month2,
    MonthShort,
    MonthLong,
    Day2,
    DayName,
    Hour24,
    Hour12,
    AmPm,
    Minute,
    Second,
    /// FF0…FF9.
    Fraction(usize),
    ZoneHour,
    ZoneMinute,
    /// TZH:TZM and TZHTZM are two elements with what stands between them.
    Literal(String),
}

/// A compiled format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// `AUTO`.
    Auto,
    /// Elements in order.
    Elements(Vec<Element>),
}

/// Longest first.
const NAMES: &[(&str, Element)] = &[
    ("YYYY", Element::Year4),
    ("MMMM", Element::MonthLong),
    ("HH24", Element::Hour24),
    ("HH12", Element::Hour12),
    ("MON", Element::MonthShort),
    ("TZH", Element::ZoneHour),
    ("TZM", Element::ZoneMinute),
    ("YY", Element::Year2),
    ("MM", Element::Month2),
    ("DD", Element::Day2),
    ("DY", Element::DayName),
    ("HH", Element::Hour24),
    ("AM", Element::AmPm),
    ("PM", Element::AmPm),
    ("MI", Element::Minute),
    ("SS", Element::Second),
];

impl Format {
    /// Compiles a format.
    #[must_use]
    pub fn new(text: &str) -> Self {
        if text.is_empty() || text.eq_ignore_ascii_case("AUTO") {
            return Self::Auto;
        }
        let mut out: Vec<Element> = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(inside) = rest.strip_prefix('"') {
                let (literal, after) = inside.split_once('"').unwrap_or((inside, ""));
                push_literal(&mut out, literal);
                rest = after;
            } else if let Some((element, after)) = element(rest) {
                out.push(element);
                rest = after;
            } else {
                let n = rest.chars().next().map_or(1, char::len_utf8);
                push_literal(&mut out, &rest[..n]);
                rest = &rest[n..];
            }
        }
        Self::Elements(out)
    }
}

fn element(rest: &str) -> Option<(Element, &str)> {
    let starts = |name: &str| rest.get(..name.len()).is_some_and(|r| r.eq_ignore_ascii_case(name));
    for (name, element) in NAMES {
        if starts(name) {
            return Some((element.clone(), &rest[name.len()..]));
        }
    }
    if starts("FF") {
        let digit = rest[2..].chars().next().and_then(|c| c.to_digit(10));
        return Some(match digit {
            Some(d) => (Element::Fraction(d as usize), &rest[3..]),
            None => (Element::Fraction(9), &rest[2..]),
        });
    }
    None
}

fn push_literal(out: &mut Vec<Element>, text: &str) {
    match out.last_mut() {
        Some(Element::Literal(last)) => last.push_str(text),
        _ => out.push(Element::Literal(text.to_owned())),
    }
}

/// English month names.
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// English day names, Monday first.
pub(super) const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
