//! What lies on top of a pane: one stack, the topmost takes the keys.

use super::keymap::{self, Binding, Context};
use super::panes::query::inspect::Inspect;
use super::pick::Pick;
use super::prompt::Prompt;
use super::{Action, Code, Cursor, Cx, Effect, Job, Key, PaneId, Tone};
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher};
use tui_input::{Input, InputRequest};

/// The panel of a row that lies on top, for clicks.
pub const ON_TOP: usize = usize::MAX;

/// One layer.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// The keys that work in these contexts.
    Help {
        /// Contexts, the narrowest first.
        contexts: Vec<Context>,
        /// Lines scrolled.
        scroll: usize,
    },
    /// Every action, narrowed by what is typed.
    Palette {
        /// What is typed.
        input: Input,
        /// Selected row.
        cursor: Cursor,
    },
    /// A question; No is the default.
    Confirm {
        /// The question.
        question: String,
        /// What will happen.
        detail: String,
        /// On yes.
        then: Then,
    },
    /// A question that is answered by typing a name.
    TypeName {
        /// The question.
        question: String,
        /// The name to type.
        name: String,
        /// What is typed.
        input: Input,
        /// On a match.
        then: Then,
    },
    /// A text to read.
    Reader {
        /// Heading.
        title: String,
        /// Text.
        text: String,
        /// How serious.
        tone: Tone,
        /// Lines scrolled.
        scroll: usize,
    },
    /// A list to choose from; what is selected is shown at once where it can be.
    Choice {
        /// Of what.
        of: Choice,
        /// Selected row.
        cursor: Cursor,
        /// What was chosen before, to go back to.
        before: usize,
    },
    /// A list to pick from.
    Pick(Pick),
    /// A cell in full.
    Inspect(Inspect),
    /// A line of text for something.
    Line {
        /// For what.
        purpose: Purpose,
        /// What is typed.
        input: Input,
        /// What was there before, to go back to.
        before: String,
    },
}

/// What is chosen from a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The colours.
    Theme,
    /// A chapter of the tour.
    Chapter,
    /// An alert, to be acknowledged.
    Alert,
}

/// What a typed line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The filter of a pane, which follows while typing.
    Filter(PaneId),
    /// Why a statement is passed over.
    Reason {
        /// Index of the stage.
        stage: usize,
        /// Index of the step in the stage.
        step: usize,
    },
    /// A field of the Generate pane.
    Field(usize),
    /// Something else that a pane asks for.
    Prompt(Prompt),
}

/// What follows a yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Then {
    /// Leave.
    Quit,
    /// Start a job.
    Start(Job),
}

impl Overlay {
    /// The context whose keys hold.
    #[must_use]
    pub const fn context(&self) -> Context {
        match self {
            Self::Help { .. } | Self::Reader { .. } => Context::Reader,
            Self::Palette { .. } | Self::Pick(_) => Context::Palette,
            Self::Inspect(_) => Context::Inspect,
            Self::Confirm { .. } => Context::Confirm,
            Self::Choice { .. } => Context::Choice,
            Self::TypeName { .. } | Self::Line { .. } => Context::Line,
        }
    }

    /// A text to read.
    #[must_use]
    pub fn reader(title: impl Into<String>, text: impl Into<String>, tone: Tone) -> Self {
        Self::Reader { title: title.into(), text: text.into(), tone, scroll: 0 }
    }

    /// Selects a row that was clicked. Whether it was selected before.
    pub fn click(&mut self, row: usize) -> bool {
        let cursor = match self {
            Self::Palette { cursor, .. } | Self::Choice { cursor, .. } => cursor,
            Self::Pick(pick) => &mut pick.cursor,
            Self::Inspect(cell) => &mut cell.cursor,
            _ => return false,
        };
        let again = cursor.at() == row;
        cursor.set(row, row + 1);
        again
    }

    /// The text field that takes what is typed.
    pub fn input_mut(&mut self) -> Option<&mut Input> {
        match self {
            Self::Palette { input, .. } | Self::TypeName { input, .. } | Self::Line { input, .. } => Some(input),
            Self::Pick(pick) => Some(&mut pick.input),
            _ => None,
        }
    }
}

/// Edits a line. Whether the key was one for editing.
pub fn edit(input: &mut Input, key: Key) -> bool {
    let request = match (key.code, key.ctrl) {
        (Code::Char(c), false) if !key.alt && !c.is_control() => InputRequest::InsertChar(c),
        (Code::Backspace, _) | (Code::Char('h'), true) => InputRequest::DeletePrevChar,
        (Code::Delete, _) => InputRequest::DeleteNextChar,
        (Code::Left, false) => InputRequest::GoToPrevChar,
        (Code::Right, false) => InputRequest::GoToNextChar,
        (Code::Left, true) => InputRequest::GoToPrevWord,
        (Code::Right, true) => InputRequest::GoToNextWord,
        (Code::Home, _) | (Code::Char('a'), true) => InputRequest::GoToStart,
        (Code::End, _) | (Code::Char('e'), true) => InputRequest::GoToEnd,
        (Code::Char('u'), true) => InputRequest::DeleteLine,
        (Code::Char('w'), true) => InputRequest::DeletePrevWord,
        _ => return false,
    };
    input.handle(request);
    true
}

/// Actions that the palette offers for `text`, best first: those of the shown pane before those of others.
#[must_use]
pub fn palette_rows(text: &str, pane: PaneId) -> Vec<&'static Binding> {
    let here = [Context::Pane(pane), Context::Global];
    let others = PaneId::ALL.into_iter().filter(|p| *p != pane).map(Context::Pane).collect::<Vec<_>>();
    let all: Vec<_> = keymap::rows(&here)
        .chain(keymap::rows(&others))
        .filter(|row| !matches!(row.action, Action::Palette | Action::Back | Action::Enter | Action::Suspend))
        .collect();
    if text.trim().is_empty() {
        return all;
    }
    let pattern = Pattern::parse(text, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut scored: Vec<_> = all
        .into_iter()
        .filter_map(|row| {
            let line = format!("{} {}", row.context.title(), row.help);
            let score = pattern.score(nucleo_matcher::Utf32Str::new(&line, &mut buffer), &mut matcher)?;
            // The words as they were typed beat letters that are strewn over the line.
            let whole = line.to_lowercase().contains(&text.trim().to_lowercase());
            Some(((whole, score), row))
        })
        .collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().map(|(_, row)| row).collect()
}

/// Carries out what was agreed to.
pub fn agree(then: Then, cx: &mut Cx<'_>) {
    match then {
        Then::Quit => cx.effects.push(Effect::Quit),
        Then::Start(job) => {
            cx.start_work(job);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_palette_finds_by_letters_and_puts_this_pane_first() {
        let rows = palette_rows("", PaneId::Tasks);
        assert_eq!(rows[0].context, Context::Pane(PaneId::Tasks));
        assert!(palette_rows("uplfil", PaneId::Tasks).iter().any(|r| r.action == Action::Upload));
        assert_eq!(palette_rows("mart in the query", PaneId::Tasks)[0].context, Context::Pane(PaneId::Marts));
        assert!(palette_rows("zzzzqqq", PaneId::Tasks).is_empty());
    }
}
