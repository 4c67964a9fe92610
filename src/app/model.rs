//! Everything that the screen shows.

use super::keymap::Keymap;
use super::overlay::Overlay;
use super::panes::{deploy, generate, log, marts, overview, query, s3, tasks};
use super::tour::Tour;
use super::{Counts, Jobs, LinkInfo};
use crate::domain::{CallRecord, TaskRun, TaskState};

/// The eight panes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub enum PaneId {
    /// The pipeline as a picture.
    #[default]
    Overview,
    /// Test data.
    Generate,
    /// The bucket.
    S3,
    /// The statements.
    Deploy,
    /// The task tree.
    Tasks,
    /// Counts and reconciliation.
    Marts,
    /// An editor and a grid.
    Query,
    /// Every call.
    Log,
}

impl PaneId {
    /// All, in the order of their number keys.
    pub const ALL: [Self; 8] =
        [Self::Overview, Self::Generate, Self::S3, Self::Deploy, Self::Tasks, Self::Marts, Self::Query, Self::Log];

    /// Its name.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Generate => "Generate",
            Self::S3 => "S3",
            Self::Deploy => "Deploy",
            Self::Tasks => "Tasks",
            Self::Marts => "Marts",
            Self::Query => "Query",
            Self::Log => "Log",
        }
    }

    /// Its place among [`Self::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// How many panels Tab goes through.
    #[must_use]
    pub const fn panels(self) -> usize {
        match self {
            Self::Deploy | Self::Tasks | Self::Marts => 3,
            Self::S3 | Self::Query => 2,
            _ => 1,
        }
    }
}

/// Where the console works and what it may do there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Env {
    /// The profile's name.
    pub profile: String,
    /// The embedded cloud rather than an account.
    pub local: bool,
    /// Everything that changes something is refused.
    pub readonly: bool,
    /// Seconds that the wall clock is ahead of UTC.
    pub utc_offset_s: i32,
    /// All profiles, for the Query pane.
    pub profiles: Vec<String>,
    /// Where the log files are.
    pub logs: String,
}

/// Whether the services answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Link {
    /// Not yet.
    #[default]
    Connecting,
    /// Yes.
    Up(LinkInfo),
    /// No; why.
    Down(String),
}

impl Link {
    /// What is known of the services, once they answer.
    #[must_use]
    pub const fn info(&self) -> Option<&LinkInfo> {
        match self {
            Self::Up(info) => Some(info),
            _ => None,
        }
    }
}

/// How the screen looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Index of the theme; the drawing takes it modulo the themes that it has.
    pub theme: usize,
    /// ASCII only.
    pub ascii: bool,
    /// Mouse reporting is on.
    pub mouse: bool,
    /// Nothing moves but what must.
    pub still: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { theme: 0, ascii: false, mouse: true, still: false }
    }
}

/// How serious a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// For information.
    #[default]
    Plain,
    /// Something ended well.
    Good,
    /// Something is refused or odd.
    Warn,
    /// Something failed.
    Bad,
}

/// A passing message above the footer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Toast {
    /// What it says.
    pub text: String,
    /// How serious.
    pub tone: Tone,
    /// When it goes, epoch milliseconds.
    pub until_ms: i64,
}

/// How long a passing message stays, in milliseconds; and how much longer for each letter beyond a line, so that it can
/// be read.
const TOAST_MS: i64 = 6_000;
const LETTER_MS: i64 = 50;

impl Toast {
    /// A message that stays for as long as it takes to read.
    #[must_use]
    pub fn new(tone: Tone, text: String, now_ms: i64) -> Self {
        let more = i64::try_from(text.chars().count().saturating_sub(60)).unwrap_or(0).min(400);
        Self { text, tone, until_ms: now_ms + TOAST_MS + LETTER_MS * more }
    }
}

/// The whole state.
#[derive(Debug, Clone)]
pub struct Model {
    /// Where.
    pub env: Env,
    /// Whether the services answer.
    pub link: Link,
    /// The time as last told.
    pub now_ms: i64,
    /// When the console was started, epoch milliseconds.
    pub started_ms: i64,
    /// Columns and rows.
    pub size: (u16, u16),
    /// The terminal is in front.
    pub focused: bool,
    /// Looks.
    pub settings: Settings,
    /// The themes' names, in the order of [`Settings::theme`].
    pub themes: Vec<String>,
    /// The keys.
    pub keymap: Keymap,
    /// Alerts that the warehouse has raised.
    pub alerts: super::alerts::State,
    /// The tour that is being given.
    pub tour: Option<Tour>,
    /// The pane that is shown.
    pub pane: PaneId,
    /// What lies on top, the topmost last.
    pub overlays: Vec<Overlay>,
    /// What runs.
    pub jobs: Jobs,
    /// A passing message.
    pub toast: Option<Toast>,
    /// The last error, in full.
    pub last_error: Option<String>,
    /// Counts as last seen.
    pub counts: Option<Counts>,
    /// The counts before those that differ from them.
    pub counts_before: Option<Counts>,
    /// When the counts were read, epoch milliseconds.
    pub counts_ms: i64,
    /// When the counts last changed, epoch milliseconds.
    pub changed_ms: i64,
    /// When counting was last asked for, epoch milliseconds.
    pub polled_ms: i64,
    /// Pane.
    pub overview: overview::State,
    /// Pane.
    pub generate: generate::State,
    /// Pane.
    pub s3: s3::State,
    /// Pane.
    pub deploy: deploy::State,
    /// Pane.
    pub tasks: tasks::State,
    /// Pane.
    pub marts: marts::State,
    /// Pane.
    pub query: query::State,
    /// Pane.
    pub log: log::State,
}

impl Model {
    /// A console that has just been started.
    #[must_use]
    pub fn new(env: Env, settings: Settings, now_ms: i64, size: (u16, u16)) -> Self {
        Self {
            env,
            link: Link::Connecting,
            now_ms,
            started_ms: now_ms,
            size,
            focused: true,
            settings,
            themes: Vec::new(),
            keymap: Keymap::default(),
            alerts: super::alerts::State::default(),
            tour: None,
            pane: PaneId::Overview,
            overlays: Vec::new(),
            jobs: Jobs::default(),
            toast: None,
            last_error: None,
            counts: None,
            counts_before: None,
            counts_ms: 0,
            changed_ms: 0,
            polled_ms: 0,
            overview: overview::State::default(),
            generate: generate::State::default(),
            s3: s3::State::default(),
            deploy: deploy::State::default(),
            tasks: tasks::State::default(),
            marts: marts::State::default(),
            query: query::State::default(),
            log: log::State::default(),
        }
    }

    /// A call to a service goes to the Log; on an account, what it costs is estimated.
    pub fn record(&mut self, call: CallRecord) {
        if !self.env.local {
            self.overview.meter.called(&call);
        }
        self.log.push(call);
    }

    /// The filter of the shown pane, where it has one.
    #[must_use]
    pub fn filter(&self) -> Option<&str> {
        self.filter_of(self.pane)
    }

    /// The filter of a pane, where it has one.
    #[must_use]
    pub fn filter_of(&self, pane: PaneId) -> Option<&str> {
        let text = match pane {
            PaneId::S3 => &self.s3.filter,
            PaneId::Deploy => &self.deploy.filter,
            PaneId::Tasks => &self.tasks.filter,
            PaneId::Marts => &self.marts.filter,
            PaneId::Log => &self.log.filter,
            PaneId::Overview | PaneId::Generate | PaneId::Query => return None,
        };
        Some(text)
    }

    /// Whether a task has ended since the ladder was made: it tells of what was before.
    #[must_use]
    pub fn ladder_is_old(&self) -> bool {
        let Some(made) = self.marts.checked_server_ms else { return false };
        let worked = |run: &&TaskRun| run.state.is_over() && run.state != TaskState::Skipped;
        self.tasks.runs.iter().filter(worked).filter_map(|run| run.completed_ms).any(|end| end > made)
    }

    /// Sets the filter of a pane; the selection stays in range.
    pub fn set_filter(&mut self, pane: PaneId, text: String) {
        match pane {
            PaneId::S3 => self.s3.set_filter(text),
            PaneId::Deploy => self.deploy.set_filter(text),
            PaneId::Tasks => self.tasks.set_filter(text),
            PaneId::Marts => self.marts.set_filter(text),
            PaneId::Log => self.log.set_filter(text),
            PaneId::Overview | PaneId::Generate | PaneId::Query => {}
        }
    }

    /// How old the counts are, in milliseconds; `None` where there are none.
    #[must_use]
    pub fn counts_age_ms(&self) -> Option<i64> {
        self.counts.as_ref().map(|_| (self.now_ms - self.counts_ms).max(0))
    }
}
