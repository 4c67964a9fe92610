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
