//! A list to pick from, narrowed by typing.

use super::Cursor;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use tui_input::Input;

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PickRow {
    /// What is picked.
    pub text: String,
    /// A word about it.
    pub note: String,
}

/// What a pick is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picked {
    /// A statement of the history.
    History,
    /// A query with a name.
    Saved,
    /// A role of the Query pane's session.
    Role,
    /// A profile of the Query pane's session.
    Profile,
}

/// The list.
#[derive(Debug, Clone)]
pub struct Pick {
    /// Heading.
    pub title: String,
    /// All rows.
    pub rows: Vec<PickRow>,
    /// What is typed.
    pub input: Input,
    /// Selected among the rows that are shown.
    pub cursor: Cursor,
    /// What it is for.
    pub then: Picked,
}

impl Pick {
    /// A list of everything.
    #[must_use]
    pub fn new(title: &str, rows: Vec<PickRow>, then: Picked) -> Self {
        Self { title: title.to_owned(), rows, input: Input::default(), cursor: Cursor::default(), then }
    }

    /// The rows that are shown: all in their order, or those that match, the best first.
    #[must_use]
    pub fn shown(&self) -> Vec<&PickRow> {
        let text = self.input.value();
        if text.trim().is_empty() {
            return self.rows.iter().collect();
        }
        let pattern = Pattern::parse(text, CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut scored: Vec<_> = self
            .rows
            .iter()
            .filter_map(|row| {
                let line = format!("{} {}", row.text, row.note);
                let score = pattern.score(Utf32Str::new(&line, &mut buffer), &mut matcher)?;
                Some((score, row))
            })
            .collect();
        scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        scored.into_iter().map(|(_, row)| row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_narrows() {
        let row = |t: &str| PickRow { text: t.into(), note: String::new() };
        let mut pick = Pick::new("Roles", vec![row("ACCOUNTADMIN"), row("SYSADMIN"), row("PUBLIC")], Picked::Role);
        assert_eq!(pick.shown().len(), 3);
        pick.input = Input::new("sysad".into());
        assert_eq!(pick.shown().iter().map(|r| r.text.as_str()).collect::<Vec<_>>(), ["SYSADMIN"]);
    }
}
