//! The form of a script: chapters of steps, in TOML. See `assets/tour.toml`.

use crate::app::keymap::{TABLE, action_name};
use crate::app::{Action, Key, PaneId};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A tour.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Its name.
    pub title: String,
    /// Its chapters, in order.
    #[serde(rename = "chapter")]
    pub chapters: Vec<Chapter>,
}

/// One chapter.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chapter {
    /// The name to jump to it by.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// What must be there before it; made first where it is not.
    #[serde(default)]
    pub needs: Needs,
    /// Its steps, in order.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

/// What a chapter builds on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Needs {
    /// Nothing but the services.
    #[default]
    Nothing,
    /// A pipeline that is deployed and loaded.
    Loaded,
}

/// One step: what is shown and said, what is done, and what is waited for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// A heading, large on a slide.
    #[serde(default)]
    pub title: String,
    /// What the audience reads, in plain words.
    pub caption: String,
    /// What the speaker may say.
    #[serde(default)]
    pub notes: String,
    /// The pane to show.
    #[serde(default, deserialize_with = "pane")]
    pub pane: Option<PaneId>,
    /// The whole screen for the words and numbers.
    #[serde(default)]
    pub slide: bool,
    /// Numbers of a slide: `what: label`, see [`super::number`].
    #[serde(default)]
    pub numbers: Vec<String>,
    /// Values for fields of the Generate pane, by name.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
    /// A statement for the Query pane, which is run there.
    #[serde(default)]
    pub sql: Option<String>,
    /// A deployment stage whose statements are all run, be it again.
    #[serde(default)]
    pub stage: Option<String>,
    /// What is done, by the actions' names in the keymap.
    #[serde(default, rename = "do", deserialize_with = "actions")]
    pub actions: Vec<Action>,
    /// Keys that are pressed, with blanks between them.
    #[serde(default, deserialize_with = "keys")]
    pub keys: Vec<Key>,
    /// What must have come before the step stands.
    #[serde(default)]
    pub wait: Wait,
    /// Seconds that it is shown when the tour goes on by itself.
    #[serde(default = "hold")]
    pub hold: u32,
    /// Goes on at once.
    #[serde(default)]
    pub go: bool,
}

impl Step {
    /// Whether it is a slide of words alone: nothing is started, nothing waited for, no number read.
    #[must_use]
    pub fn only_tells(&self) -> bool {
        self.slide
            && self.numbers.is_empty()
            && self.set.is_empty()
            && self.sql.is_none()
            && self.stage.is_none()
            && self.actions.is_empty()
            && self.keys.is_empty()
            && self.wait.screen.is_none()
            && self.wait.sql.is_none()
    }
}

/// What a step waits for, besides the end of what it has started.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wait {
    /// A text that the pane shows.
    pub screen: Option<String>,
    /// A query whose first cell is true or a number other than 0.
    pub sql: Option<String>,
    /// Work may still go on.
    pub busy: bool,
    /// Seconds after which the step is stuck.
    pub patience: u32,
}

impl Default for Wait {
    fn default() -> Self {
        Self { screen: None, sql: None, busy: false, patience: 120 }
    }
}

/// Why a script cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// It does not read.
    #[error("the script does not read: {0}")]
    Syntax(#[from] toml::de::Error),
    /// It has nothing to show.
    #[error("the script needs at least one chapter, and each chapter a step: {0}")]
    Empty(String),
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// Names the line and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let script: Self = toml::from_str(text)?;
        if script.chapters.is_empty() {
            return Err(ScriptError::Empty(script.title));
        }
        match script.chapters.iter().find(|c| c.steps.is_empty()) {
            Some(empty) => Err(ScriptError::Empty(empty.id.clone())),
            None => Ok(script),
        }
    }

    /// The chapter of that name.
    #[must_use]
    pub fn chapter(&self, id: &str) -> Option<usize> {
        self.chapters.iter().position(|c| c.id == id)
    }
}

const fn hold() -> u32 {
    7
}

fn pane<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Option<PaneId>, D::Error> {
    let name = String::deserialize(input)?;
    let found = PaneId::ALL.into_iter().find(|p| p.title().eq_ignore_ascii_case(&name));
    found.map(Some).ok_or_else(|| serde::de::Error::custom(format!("there is no pane {name:?}")))
}

fn keys<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Vec<Key>, D::Error> {
    let text = String::deserialize(input)?;
    text.split_whitespace().map(|k| k.parse().map_err(serde::de::Error::custom)).collect()
}

fn actions<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Vec<Action>, D::Error> {
    let names = Vec::<String>::deserialize(input)?;
    let find = |name: String| {
        let found = TABLE.iter().find(|row| action_name(row.action) == name).map(|row| row.action);
        found.ok_or_else(|| serde::de::Error::custom(format!("there is no action {name:?}")))
    };
    names.into_iter().map(find).collect()
}
