//! What type values look like.

use crate::local::snowflake::types::Ty;
use chrono::{NaiveDate, NaiveDateTime};
use serde_json::Value;

/// What the values of a field have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Guess {
    /// None has been seen but NULLs.
    #[default]
    Nothing,
    /// TRUE and FALSE.
    Boolean,
    /// Numbers with so many digits behind the point.
    Number(u8),
    /// Numbers that a NUMBER cannot hold.
    Float,
    /// `YYYY-MM-DD`.
    Date,
    /// `YYYY-MM-DD HH:MM:SS`, with a fraction or not.
    Timestamp,
    /// Text of all kinds.
    Text,
    /// Objects, arrays, and mixtures with them.
    Variant,
}

impl Guess {
    /// Of one JSON value.
    #[must_use]
    pub fn of_json(v: &Value) -> Self {
        match v {
            Value::Null => Self::Nothing,
            Value::Bool(_) => Self::Boolean,
            Value::Number(n) => number(&n.to_string()).unwrap_or(Self::Float),
            Value::String(s) => time(s).unwrap_or(Self::Text),
            Value::Array(_) | Value::Object(_) => Self::Variant,
        }
    }

    /// Of one delimited field.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        if text.is_empty() {
            return Self::Nothing;
        }
        if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
            return Self::Boolean;
        }
        number(text).or_else(|| time(text)).unwrap_or(Self::Text)
    }

    /// Of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a,
            (Self::Nothing, x) | (x, Self::Nothing) => x,
            (Self::Number(a), Self::Number(b)) => Self::Number(a.max(b)),
            (Self::Number(_), Self::Float) | (Self::Float, Self::Number(_)) => Self::Float,
            (Self::Date, Self::Timestamp) | (Self::Timestamp, Self::Date) => Self::Timestamp,
            (Self::Variant, _) | (_, Self::Variant) => Self::Variant,
            _ => Self::Text,
        }
    }

    /// The column's type.
    #[must_use]
    pub fn ty(self, json: bool) -> Ty {
        match self {
            Self::Nothing if json => Ty::Variant,
            Self::Nothing | Self::Text => Ty::TEXT,
            Self::Boolean => Ty::Boolean,
            Self::Number(s) => Ty::Number { p: 38, s },
            Self::Float => Ty::Float,
            Self::Date => Ty::Date,
            Self::Timestamp => Ty::NTZ,
            Self::Variant => Ty::Variant,
        }
    }
}

/// A plain number; leading zeros make it a text, as they would be lost.
fn number(text: &str) -> Option<Guess> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if whole.len() > 1 && whole.starts_with('0') {
        return None;
    }
    if all_digits(whole) && all_digits(fraction) {
        let s = u8::try_from(fraction.len()).ok().filter(|s| usize::from(*s) + whole.len() <= 38);
        return Some(s.map_or(Guess::Float, Guess::Number));
    }
    digits.parse::<f64>().ok().filter(|f| f.is_finite()).map(|_| Guess::Float)
}

fn time(text: &str) -> Option<Guess> {
    if NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok() && text.len() == 10 {
        return Some(Guess::Date);
    }
    let forms = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"];
    forms.iter().any(|f| NaiveDateTime::parse_from_str(text, f).is_ok()).then_some(Guess::Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_look_like_types() {
        for (text, guess) in [
            ("", Guess::Nothing),
            ("True", Guess::Boolean),
            ("-12", Guess::Number(0)),
            ("1.250", Guess::Number(3)),
            ("1e400", Guess::Text),
            ("2e3", Guess::Float),
            ("007", Guess::Text),
            ("2026-01-31", Guess::Date),
            ("2026-01-31T10:00:00.5", Guess::Timestamp),
            ("2026-02-31", Guess::Text),
            ("abc", Guess::Text),
        ] {
            assert_eq!(Guess::of_text(text), guess, "{text}");
        }
        assert_eq!(Guess::of_json(&serde_json::json!({"a": 1})), Guess::Variant);
        assert_eq!(Guess::of_json(&serde_json::json!(1.5)), Guess::Number(1));
    }

    #[test]
    fn types_are_as_wide_as_the_values() {
        use Guess::{Boolean, Date, Float, Nothing, Number, Text, Timestamp, Variant};
        assert_eq!(Number(0).and(Number(2)), Number(2));
        assert_eq!(Number(1).and(Float), Float);
        assert_eq!(Date.and(Timestamp), Timestamp);
        assert_eq!(Nothing.and(Boolean), Boolean);
        assert_eq!(Boolean.and(Number(0)), Text);
        assert_eq!(Text.and(Variant), Variant);
    }
}
