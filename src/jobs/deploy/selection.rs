//! Which steps of a deployment are meant, and what is asked of them.

use super::plan::Deployment;
use crate::jobs::JobError;
use std::collections::BTreeMap;

/// Which steps to run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Selection {
    /// Every step.
    #[default]
    All,
    /// Every step but those of the stages that load data.
    WithoutLoad,
    /// Only the stages that load data.
    Load,
    /// From the first step to the end of the stage of this id.
    Through(String),
    /// The stage of this id.
    Named(String),
    /// One stage.
    Stage(usize),
    /// One step.
    Step(usize, usize),
    /// These steps, in the order of the plan.
    Steps(Vec<(usize, usize)>),
    /// From the first place to the second, both included.
    FromTo((usize, usize), (usize, usize)),
}

/// What is asked of a deployment. The default runs every step that the journal does not know as done with this text.
#[derive(Debug, Clone, Default)]
pub struct Order {
    /// Which steps.
    pub selection: Selection,
    /// Run them whatever the journal says. Without it, what has run with this text is left out.
    pub again: bool,
    /// Texts that take the place of steps' own, for this run only: edit and retry in place. The journal gets the edited
    /// text's checksum, so the plan shows the step as changed until its file says the same. `***` stands for the secret
    /// that it hides.
    pub edits: BTreeMap<(usize, usize), String>,
    /// Steps that are passed over, each with its reason, which the journal keeps.
    pub skips: BTreeMap<(usize, usize), String>,
    /// Clone the database before each stage that has something to run.
    pub savepoints: bool,
}

impl Order {
    /// To run these steps, done before or not.
    #[must_use]
    pub fn again(selection: Selection) -> Self {
        Self { selection, again: true, ..Self::default() }
    }

    /// To run what of these steps is not known as done.
    #[must_use]
    pub fn of(selection: Selection) -> Self {
        Self { selection, ..Self::default() }
    }
}

impl Selection {
    /// The places of the steps that are meant, in order.
    ///
    /// # Errors
    /// [`JobError::Usage`] where the plan has no such stage or step.
    pub fn resolve(&self, deployment: &Deployment) -> Result<Vec<(usize, usize)>, JobError> {
        let plan = deployment.plan();
        let all = || plan.steps().map(|(i, j, _)| (i, j));
        let named = |id: &str| {
            plan.stages.iter().position(|s| s.id == id).ok_or_else(|| {
                let known: Vec<&str> = plan.stages.iter().map(|s| s.id.as_str()).collect();
                JobError::Usage(format!("there is no stage `{id}`; the stages are {}", known.join(", ")))
            })
        };
        let found: Vec<(usize, usize)> = match self {
            Self::All => all().collect(),
            Self::WithoutLoad => all().filter(|(i, _)| !deployment.is_load(*i)).collect(),
            Self::Load => all().filter(|(i, _)| deployment.is_load(*i)).collect(),
            Self::Through(id) => {
                let last = named(id)?;
                all().filter(|(i, _)| *i <= last).collect()
            }
            Self::Named(id) => {
                let stage = named(id)?;
                all().filter(|(i, _)| *i == stage).collect()
            }
            Self::Stage(stage) => all().filter(|(i, _)| i == stage).collect(),
            Self::Step(stage, step) => all().filter(|place| *place == (*stage, *step)).collect(),
            Self::Steps(steps) => all().filter(|place| steps.contains(place)).collect(),
            Self::FromTo(from, to) => all().filter(|place| from <= place && place <= to).collect(),
        };
        if found.is_empty() && !matches!(self, Self::Load | Self::WithoutLoad) {
            return Err(JobError::Usage("the plan has no such step".into()));
        }
        Ok(found)
    }
}
