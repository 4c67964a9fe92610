//! A deployment plan: stages of captioned statements.

use serde::{Deserialize, Serialize};

/// What a pipeline's manifest and SQL files come to, rendered for one profile.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Plan {
    /// The pipeline's name.
    pub pipeline: String,
    /// Stages in the order in which they run.
    pub stages: Vec<Stage>,
}

impl Plan {
    /// All steps with their place: `(stage index, step index, step)`.
    pub fn steps(&self) -> impl Iterator<Item = (usize, usize, &Step)> {
        self.stages
            .iter()
            .enumerate()
            .flat_map(|(i, stage)| stage.steps.iter().enumerate().map(move |(j, step)| (i, j, step)))
    }
}

/// A named part of the deployment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Stage {
    /// Short name for commands, `stage`, `vault` …
    pub id: String,
    /// Title for people.
    pub title: String,
    /// Its statements.
    pub steps: Vec<Step>,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Step {
    /// The object or action, for lists: `RAW_CUSTOMERS`, `COPY customers`.
    pub title: String,
    /// The comment above the statement: what it is for, in plain words.
    pub caption: String,
    /// The rendered SQL, without the closing semicolon.
    pub sql: String,
    /// The file it comes from, relative to the pipeline's folder.
    pub file: String,
    /// The line in that file on which the statement starts, from 1.
    pub line: u32,
}

/// Where a step stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "state")]
pub enum StepState {
    /// Not run yet.
    #[default]
    Waiting,
    /// Running now.
    Running,
    /// Succeeded.
    Done {
        /// Snowflake's query id.
        query_id: String,
        /// Duration in milliseconds.
        ms: u64,
        /// The first line of the answer (`Table T successfully created.`).
        summary: String,
    },
    /// Failed.
    Failed {
        /// Why.
        error: super::SqlError,
    },
    /// Passed over on purpose.
    Skipped,
}

/// What the deployment journal says of a step of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It never ran.
    #[default]
    New,
    /// It ran with another text.
    Changed,
    /// It ran with this text, whatever its layout and comments.
    Unchanged,
    /// It ran with this text, and runs along: its stage is run as a whole, and another step of it is to run.
    Along,
    /// It was begun, and nobody wrote down how it ended.
    Interrupted,
    /// It failed when it last ran.
    Failed,
    /// It was passed over on purpose.
    Skipped,
}

impl Change {
    /// Whether a deployment has something to do here.
    #[must_use]
    pub const fn is_pending(self) -> bool {
        !matches!(self, Self::Unchanged | Self::Skipped)
    }

    /// In a word, as in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Along => "along",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// A step's standing: what the journal says of it, and its last run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Standing {
    /// What that means for the next deployment.
    pub change: Change,
    /// The last run that the journal tells of.
    pub last: Option<PastRun>,
    /// What a person should know before it runs (again).
    pub warning: Option<String>,
}

/// A statement's run, as the journal has it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PastRun {
    /// Stage id.
    pub stage: String,
    /// File, relative to the pipeline's folder.
    pub file: String,
    /// Line in the file as it then was.
    pub line: u32,
    /// The statement's title.
    pub title: String,
    /// When it ended, in the session's display form; empty for one that did not.
    pub ended: String,
    /// Duration in milliseconds.
    pub ms: Option<u64>,
    /// Snowflake's query id.
    pub query_id: Option<String>,
    /// The answer in one line, the refusal, or why it was skipped.
    pub message: String,
}

/// A plan held against the journal.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Survey {
    /// As the plan's stages and steps.
    pub standings: Vec<Vec<Standing>>,
    /// What ran once and is no longer part of the plan. It is still there: only an undo or a person takes it away.
    pub removed: Vec<PastRun>,
    /// Why the journal could not be read, where it could not: then nothing is known to have run.
    pub unread: Option<String>,
}

impl Survey {
    /// A step's standing.
    #[must_use]
    pub fn change(&self, stage: usize, step: usize) -> Change {
        self.standings.get(stage).and_then(|s| s.get(step)).map_or(Change::New, |s| s.change)
    }

    /// How many steps a deployment has to run.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.standings.iter().flatten().filter(|s| s.change.is_pending()).count()
    }
}
