//! A theme and a set of characters.

use super::theme::{Theme, Themes};
use crate::app::{Settings, Tone};
use crate::domain::{StepState, TaskState};
use ratatui::style::Style;
use ratatui::symbols::border;

/// Characters by what they mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyphs {
    /// Ended well.
    pub done: &'static str,
    /// Going on.
    pub running: &'static str,
    /// To come.
    pub waiting: &'static str,
    /// Where one is, in a row of places.
    pub here: &'static str,
    /// Passed over.
    pub skipped: &'static str,
    /// Failed.
    pub failed: &'static str,
    /// Suspended.
    pub suspended: &'static str,
    /// The head of an arrow.
    pub arrow: &'static str,
    /// The head of an arrow to the left.
    pub back: &'static str,
    /// The shaft of an arrow.
    pub shaft: &'static str,
    /// Something on its way along an arrow.
    pub moving: &'static str,
    /// An open branch of a tree.
    pub open: &'static str,
    /// A closed branch of a tree.
    pub closed: &'static str,
    /// The filled part of a bar.
    pub full: &'static str,
    /// The empty part of a bar.
    pub empty: &'static str,
    /// A vertical rule.
    pub rule: &'static str,
    /// Between parts of a line.
    pub dot: &'static str,
    /// Frames of panels.
    pub border: border::Set<'static>,
    /// Boxes in the picture.
    pub boxes: border::Set<'static>,
}

/// Line drawing.
const DRAWN: Glyphs = Glyphs {
    done: "✓",
    running: "●",
    waiting: "○",
    here: "◉",
    skipped: "◌",
    failed: "✗",
    suspended: "‖",
    arrow: "▸",
    back: "◂",
    shaft: "─",
    moving: "•",
    open: "▾",
    closed: "▸",
    full: "█",
    empty: "░",
    rule: "│",
    dot: "·",
    border: border::ROUNDED,
    boxes: border::PLAIN,
};

const PLAIN_BORDER: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

/// ASCII only.
const ASCII: Glyphs = Glyphs {
    done: "+",
    running: "*",
    waiting: ".",
    here: "@",
    skipped: "-",
    failed: "x",
    suspended: "=",
    arrow: ">",
    back: "<",
    shaft: "-",
    moving: "o",
    open: "v",
    closed: ">",
    full: "#",
    empty: ".",
    rule: "|",
    dot: "-",
    border: PLAIN_BORDER,
    boxes: PLAIN_BORDER,
};

/// How everything looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Colours.
    pub theme: Theme,
    /// Characters.
    pub glyphs: Glyphs,
    /// Nothing moves but what must.
    pub still: bool,
}

/// What the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Colours {
    /// None, or none are wanted (`NO_COLOR`).
    None,
    /// The 256-colour table.
    Indexed,
    /// All.
    #[default]
    True,
}

impl Look {
    /// The look that the settings ask for with the built-in themes.
    #[must_use]
    pub fn new(settings: Settings, colours: Colours) -> Self {
        Self::of(&Themes::default(), settings, colours)
    }

    /// The look that the settings ask for, as far as the terminal has the colours.
    #[must_use]
    pub fn of(themes: &Themes, settings: Settings, colours: Colours) -> Self {
        let theme = themes.at(settings.theme);
        let theme = match colours {
            Colours::None => theme.without_colour(),
            Colours::Indexed => theme.with_256_colours(),
            Colours::True => theme,
        };
        Self { theme, glyphs: if settings.ascii { ASCII } else { DRAWN }, still: settings.still }
    }

    /// The mark and style of a statement's state.
    #[must_use]
    pub const fn step(&self, state: &StepState) -> (&'static str, Style) {
        match state {
            StepState::Waiting => (self.glyphs.waiting, self.theme.waiting),
            StepState::Running => (self.glyphs.running, self.theme.running),
            StepState::Done { .. } => (self.glyphs.done, self.theme.ok),
            StepState::Failed { .. } => (self.glyphs.failed, self.theme.bad),
            StepState::Skipped => (self.glyphs.skipped, self.theme.waiting),
        }
    }

    /// The mark and style of a task's state.
    #[must_use]
    pub const fn task(&self, state: TaskState) -> (&'static str, Style) {
        match state {
            TaskState::Scheduled => (self.glyphs.waiting, self.theme.waiting),
            TaskState::Executing => (self.glyphs.running, self.theme.running),
            TaskState::Succeeded => (self.glyphs.done, self.theme.ok),
            TaskState::Failed | TaskState::FailedAndAutoSuspended | TaskState::Cancelled => {
                (self.glyphs.failed, self.theme.bad)
            }
            TaskState::Skipped => (self.glyphs.skipped, self.theme.waiting),
        }
    }

    /// The mark and style of a message.
    #[must_use]
    pub const fn tone(&self, tone: Tone) -> (&'static str, Style) {
        match tone {
            Tone::Plain => (self.glyphs.dot, self.theme.text),
            Tone::Good => (self.glyphs.done, self.theme.ok),
            Tone::Warn => ("!", self.theme.warn),
            Tone::Bad => (self.glyphs.failed, self.theme.bad),
        }
    }
}
