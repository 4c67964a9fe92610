//! What to generate: fields that are checked as they are typed.

use crate::app::overlay::{Overlay, Purpose};
use crate::app::{Action, Cursor, Cx, Job, Tone};
use crate::domain::{GenerateSpec, Generated, Uploaded};
use tui_input::Input;

/// The fields' names, in their order; the row after the last is the button.
pub const FIELDS: [&str; 4] = ["Customers", "From", "To", "Seed"];

/// The pane's state.
#[derive(Debug, Clone)]
pub struct State {
    /// Selected row: a field, or the button.
    pub row: Cursor,
    /// The fields' texts.
    pub values: [String; 4],
    /// What the last generation wrote, and what was uploaded of it.
    pub last: Option<(Generated, Option<Uploaded>)>,
}

impl Default for State {
    fn default() -> Self {
        let spec = GenerateSpec::default();
        let values = [spec.customers.to_string(), spec.from, spec.to, spec.seed.to_string()];
        Self { row: Cursor::default(), values, last: None }
    }
}

impl State {
    /// What the fields come to, or the first field that is wrong and why.
    ///
    /// # Errors
    /// The index of the field, and what it should hold.
    pub fn spec(&self) -> Result<GenerateSpec, (usize, String)> {
        for (i, value) in self.values.iter().enumerate() {
            if let Some(problem) = problem(i, value) {
                return Err((i, problem));
            }
        }
        let [customers, from, to, seed] = &self.values;
        let (first, last) = (days(from).unwrap_or(0), days(to).unwrap_or(0));
        if last < first {
            return Err((2, "not before From".into()));
        }
        Ok(GenerateSpec {
            customers: customers.parse().unwrap_or(1),
            from: from.clone(),
            to: to.clone(),
            seed: seed.parse().unwrap_or(0),
            ..GenerateSpec::default()
        })
    }

    /// Days in the range, both ends included.
    #[must_use]
    pub fn days(&self) -> Option<i64> {
        Some(days(&self.values[2])? - days(&self.values[1])? + 1).filter(|n| *n > 0)
    }

    /// What an action does here.
    pub fn act(&mut self, action: Action, cx: &mut Cx<'_>) {
        let rows = FIELDS.len() + 1;
        if super::moved(&mut self.row, action, rows, cx.half) {
            return;
        }
        match action {
            Action::Enter | Action::Right | Action::Edit if self.row.at() < FIELDS.len() => {
                let i = self.row.at();
                let input = Input::new(self.values[i].clone());
                cx.overlays.push(Overlay::Line { purpose: Purpose::Field(i), input, before: self.values[i].clone() });
            }
            Action::Enter | Action::Generate => self.start(true, cx),
            Action::GenerateOnly => self.start(false, cx),
            Action::Upload => {
                cx.start_work(Job::Upload);
            }
            Action::Reset => self.values = Self::default().values,
            _ => {}
        }
    }

    fn start(&mut self, upload: bool, cx: &mut Cx<'_>) {
        match self.spec() {
            Ok(spec) => {
                cx.start_work(Job::Generate { spec, upload });
            }
            Err((field, why)) => {
                self.row.set(field, FIELDS.len());
                cx.say(Tone::Warn, format!("{}: {why}", FIELDS[field]));
            }
        }
    }
}

/// What is wrong with a field's text, if anything.
#[must_use]
pub fn problem(field: usize, value: &str) -> Option<String> {
    match field {
        0 => match value.parse::<u64>() {
            Ok(1..=100_000_000) => None,
            _ => Some("a whole number from 1 to 100 000 000".into()),
        },
        3 => value.parse::<u64>().is_err().then(|| "a whole number from 0".into()),
        _ => days(value).is_none().then(|| "a day as YYYY-MM-DD".into()),
    }
}

/// Days since 1970-01-01 of a `YYYY-MM-DD` text; `None` where there is no such day.
fn days(text: &str) -> Option<i64> {
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
    fn defaults_are_a_valid_month() {
        let state = State::default();
        assert_eq!(state.spec().expect("valid"), GenerateSpec::default());
        assert_eq!(state.days(), Some(31));
    }

    #[test]
    fn a_wrong_field_is_named() {
        let mut state = State::default();
        state.values[1] = "2019-12-25".into();
        assert_eq!(state.spec().expect_err("ends before it begins").0, 2);
        state.values[0] = "many".into();
        assert_eq!(state.spec().expect_err("no number").0, 0);
    }
}
