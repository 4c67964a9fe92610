//! What was asked for while a statement was still under way: kept in order, and done when its turn comes.

use super::{State, is_done};
use crate::app::{Cx, Job, Tone};
use crate::domain::{Plan, StepState};

/// A place in the plan: index of the stage, and of the step in it.
pub type Place = (usize, usize);

/// One thing that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// The next statement that has not run.
    Next,
    /// All that have not run up to and including this one.
    Here(Place),
    /// What is left of a stage.
    Stage(usize),
    /// Everything that is left.
    All,
    /// This statement, whether it has run or not.
    One(Place),
    /// This statement with another text.
    Edited(Place, String),
    /// Pass this one over, with the reason.
    Skip(Place, String),
}

impl State {
    /// Does what is asked for, or keeps it until what is under way has ended.
    pub fn ask(&mut self, ask: Ask, cx: &mut Cx<'_>) {
        if cx.refuse_readonly() {
            return;
        }
        if self.plan.is_none() {
            return cx.say(Tone::Warn, "There is no plan yet: R reads it");
        }
        let deploying = cx.jobs.work().is_some_and(|r| matches!(r.job, Job::Deploy { .. }) && !r.stopping);
        if deploying {
            self.queue.push_back(ask);
            return cx
                .say(Tone::Plain, format!("Queued: {} to come when this one has ended; c forgets", self.queue.len()));
        }
        if !self.begin(ask, cx) {
            cx.say(Tone::Good, "Everything here has run; x runs the selected statement again");
        }
    }

    /// Starts it. `false` where nothing is left to do for it.
    fn begin(&mut self, ask: Ask, cx: &mut Cx<'_>) -> bool {
        let mut steps = self.steps(&ask);
        if let Ask::Stage(stage) = ask
            && steps.is_empty()
            && self.loads(stage, cx)
        {
            // COPY's own history keeps it from loading a file twice.
            steps =
                self.plan.iter().flat_map(Plan::steps).map(|(i, j, _)| (i, j)).filter(|(i, _)| *i == stage).collect();
        }
        if steps.is_empty() {
            return false;
        }
        let (mut edits, mut skips) = (Vec::new(), Vec::new());
        match ask {
            Ask::Edited(place, text) => edits.push((place, text)),
            Ask::Skip(place, reason) => skips.push((place, reason)),
            _ => {}
        }
        // A text that was edited before is what is tried again.
        let again = steps.iter().filter_map(|place| Some((*place, self.edits.get(place)?.clone())));
        let again: Vec<_> =
            again.filter(|(place, _)| edits.is_empty() && !skips.iter().any(|(p, _)| p == place)).collect();
        edits.extend(again);
        if cx.start_work(Job::Deploy { steps, edits, skips }) {
            self.follow = true;
        }
        true
    }

    /// Whether a stage loads files.
    fn loads(&self, stage: usize, cx: &Cx<'_>) -> bool {
        let stage = self.plan.as_ref().and_then(|p| p.stages.get(stage));
        stage.zip(cx.link.info()).is_some_and(|(stage, info)| info.traits.loads.contains(&stage.id))
    }

    /// The statements that it comes to now.
    fn steps(&self, ask: &Ask) -> Vec<Place> {
        let Some(plan) = &self.plan else { return Vec::new() };
        let all = || plan.steps().map(|(i, j, _)| (i, j));
        let left = || all().filter(|(i, j)| !self.state(*i, *j).is_some_and(is_done));
        match ask {
            Ask::Next => left().take(1).collect(),
            Ask::Here(place) => left().filter(|p| p <= place).collect(),
            Ask::Stage(stage) => left().filter(|(i, _)| i == stage).collect(),
            Ask::All => left().collect(),
            Ask::One(place) | Ask::Edited(place, _) | Ask::Skip(place, _) => all().filter(|p| p == place).collect(),
        }
    }

    /// A deployment has ended: what was asked for meanwhile comes next, unless a statement failed or it was cancelled.
    pub fn go_on(&mut self, steps: &[Place], good: bool, cx: &mut Cx<'_>) {
        let failed = steps.iter().any(|(i, j)| matches!(self.state(*i, *j), Some(StepState::Failed { .. })));
        if failed || !good {
            let lost = self.queue.len();
            self.queue.clear();
            if lost > 0 {
                cx.say(Tone::Warn, format!("{lost} more that were asked for are left undone"));
            }
            return;
        }
        while let Some(ask) = self.queue.pop_front() {
            if self.begin(ask, cx) {
                return;
            }
        }
    }
}
