//! The deployment: stages of statements, run one at a time or many, held against the journal.

mod edit;
mod keys;
mod queue;
mod text;

pub use edit::Editing;
pub use queue::{Ask, Place};
pub use text::{sign, undo_text};

use super::passes;
use crate::app::{Cursor, reading};
use crate::domain::{Change, Plan, QueryOutcome, SqlError, StepState, Survey};
use crate::jobs::deploy::{Advice, advise};
use std::collections::{HashMap, VecDeque};

/// A visible row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// A stage.
    Stage(usize),
    /// A statement of a stage.
    Step(usize, usize),
}

impl Row {
    /// Its stage.
    #[must_use]
    pub const fn stage(self) -> usize {
        match self {
            Self::Stage(i) | Self::Step(i, _) => i,
        }
    }
}

/// The pane's state.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// The plan, once read.
    pub plan: Option<Plan>,
    /// Why there is none.
    pub error: Option<String>,
    /// States, as the plan's stages and steps.
    pub states: Vec<Vec<StepState>>,
    /// Answers of the statements that ran.
    pub answers: HashMap<(usize, usize), QueryOutcome>,
    /// Which stages show their statements.
    pub open: Vec<bool>,
    /// Visible rows.
    pub rows: Vec<Row>,
    /// Selected row.
    pub cursor: Cursor,
    /// The selection goes with the running statement.
    pub follow: bool,
    /// Which panel has the keys: list, statement or answer.
    pub panel: usize,
    /// The filter.
    pub filter: String,
    /// Lines scrolled in the statement.
    pub scroll: usize,
    /// Lines scrolled in the answer.
    pub answer_scroll: usize,
    /// What the journal knows, once read.
    pub survey: Option<Survey>,
    /// What to do about statements that failed.
    pub advice: HashMap<Place, Advice>,
    /// Texts that take the place of the plan's, as edited here.
    pub edits: HashMap<Place, String>,
    /// The statement that is being edited.
    pub editing: Option<Editing>,
    /// What was asked for while something was under way.
    pub queue: VecDeque<Ask>,
}

impl State {
    /// Takes a plan that has been read; nothing of it has run yet.
    pub fn take_plan(&mut self, plan: Plan) {
        self.states = plan.stages.iter().map(|s| vec![StepState::Waiting; s.steps.len()]).collect();
        self.open = vec![false; plan.stages.len()];
        if let Some(first) = self.open.first_mut() {
            *first = true;
        }
        self.answers.clear();
        self.advice.clear();
        self.edits.clear();
        self.editing = None;
        self.survey = None;
        self.plan = Some(plan);
        self.error = None;
        self.rebuild();
        self.cursor.set(usize::from(self.rows.len() > 1), self.rows.len());
    }

    /// Takes what the journal knows. What ran in this session is known better than the journal tells it.
    pub fn take_survey(&mut self, survey: Survey) {
        for (i, stage) in survey.standings.iter().enumerate() {
            for (j, standing) in stage.iter().enumerate() {
                let Some(slot) = self.states.get_mut(i).and_then(|s| s.get_mut(j)) else { continue };
                if *slot != StepState::Waiting {
                    continue;
                }
                let last = standing.last.clone().unwrap_or_default();
                *slot = match standing.change {
                    Change::Unchanged => StepState::Done {
                        query_id: last.query_id.unwrap_or_default(),
                        ms: last.ms.unwrap_or(0),
                        summary: last.message,
                    },
                    Change::Skipped => StepState::Skipped,
                    Change::Failed => {
                        let error = SqlError { message: last.message, query_id: last.query_id, ..SqlError::default() };
                        StepState::Failed { error }
                    }
                    Change::New | Change::Changed | Change::Along | Change::Interrupted => StepState::Waiting,
                };
            }
        }
        self.survey = Some(survey);
    }

    /// What the journal says of a statement.
    #[must_use]
    pub fn change(&self, (stage, step): Place) -> Option<Change> {
        Some(self.survey.as_ref()?.standings.get(stage)?.get(step)?.change)
    }

    /// A statement changed its state.
    pub fn step(&mut self, stage: usize, step: usize, state: StepState, answer: Option<QueryOutcome>) {
        let Some(slot) = self.states.get_mut(stage).and_then(|s| s.get_mut(step)) else { return };
        let shown = matches!(state, StepState::Running | StepState::Failed { .. });
        let error = if let StepState::Failed { error } = &state { Some(error.clone()) } else { None };
        *slot = state;
        self.advice.remove(&(stage, step));
        if let Some(error) = error {
            self.advise((stage, step), &error);
        }
        if let Some(answer) = answer {
            self.answers.insert((stage, step), answer);
        }
        if shown && self.follow {
            for (i, open) in self.open.iter_mut().enumerate() {
                *open = i == stage;
            }
            self.rebuild();
            self.select(Row::Step(stage, step));
        }
    }

    /// Looks for what to do about a failure.
    fn advise(&mut self, place: Place, error: &SqlError) {
        let Some(plan) = &self.plan else { return };
        let edited = self.edits.get(&place).map(String::as_str);
        let done = |i, j| self.state(i, j).is_some_and(is_done);
        let advice = advise(plan, place, edited, error, &done);
        self.advice.insert(place, advice);
    }

    /// Statements that were running when their job ended are waiting again.
    pub fn stopped(&mut self) {
        for state in self.states.iter_mut().flatten().filter(|s| **s == StepState::Running) {
            *state = StepState::Waiting;
        }
    }

    /// Nothing of the stage of this id and those after it has run any more; of none where it is `None`.
    pub fn forget_from(&mut self, from: Option<&str>) {
        let stages = self.plan.as_ref().map_or(&[][..], |p| &p.stages);
        let first = from.and_then(|id| stages.iter().position(|s| s.id == id)).unwrap_or(0);
        self.states.iter_mut().skip(first).flatten().for_each(|s| *s = StepState::Waiting);
        self.answers.retain(|(stage, _), _| *stage < first);
        self.advice.retain(|(stage, _), _| *stage < first);
        self.survey = None;
    }

    /// The selected row.
    #[must_use]
    pub fn selected(&self) -> Option<Row> {
        self.rows.get(self.cursor.at()).copied()
    }

    /// The state of a statement.
    #[must_use]
    pub fn state(&self, stage: usize, step: usize) -> Option<&StepState> {
        self.states.get(stage)?.get(step)
    }

    /// Statements of a stage that are done, and all.
    #[must_use]
    pub fn done(&self, stage: usize) -> (usize, usize) {
        let states = self.states.get(stage).map_or(&[][..], Vec::as_slice);
        (states.iter().filter(|s| is_done(s)).count(), states.len())
    }

    /// Done and all statements of the plan.
    #[must_use]
    pub fn totals(&self) -> (usize, usize) {
        (0..self.states.len()).map(|i| self.done(i)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
    }

    /// Sets the filter.
    pub fn set_filter(&mut self, text: String) {
        self.filter = text;
        self.rebuild();
    }

    fn select(&mut self, row: Row) {
        if let Some(at) = self.rows.iter().position(|r| *r == row) {
            if self.cursor.at() != at {
                (self.scroll, self.answer_scroll) = (0, 0);
            }
            self.cursor.set(at, self.rows.len());
        }
    }

    fn rebuild(&mut self) {
        let selected = self.selected();
        self.rows.clear();
        let Some(plan) = &self.plan else { return };
        let filtering = !self.filter.trim().is_empty();
        for (i, stage) in plan.stages.iter().enumerate() {
            let hits = |step: &&(usize, &crate::domain::Step)| {
                passes(&self.filter, &format!("{} {} {}", stage.title, step.1.title, step.1.sql))
            };
            let steps: Vec<_> = stage.steps.iter().enumerate().collect();
            let steps: Vec<usize> = steps.iter().filter(hits).map(|(j, _)| *j).collect();
            if filtering && steps.is_empty() {
                continue;
            }
            self.rows.push(Row::Stage(i));
            if filtering || self.open.get(i) == Some(&true) {
                self.rows.extend(steps.into_iter().map(|j| Row::Step(i, j)));
            }
        }
        self.cursor.clamp(self.rows.len());
        if let Some(row) = selected {
            let there = self.rows.contains(&row);
            self.select(if there { row } else { Row::Stage(row.stage()) });
        }
    }

    /// The selected statement, as it was edited or as the plan has it.
    #[must_use]
    pub fn sql(&self) -> Option<&str> {
        match self.selected()? {
            Row::Step(i, j) => self.sql_of((i, j)),
            Row::Stage(_) => None,
        }
    }

    /// A statement, as it was edited or as the plan has it.
    #[must_use]
    pub fn sql_of(&self, place: Place) -> Option<&str> {
        let own = || Some(self.plan.as_ref()?.stages.get(place.0)?.steps.get(place.1)?.sql.as_str());
        self.edits.get(&place).map(String::as_str).or_else(own)
    }

    /// The selected statement's query id, once it has one.
    #[must_use]
    pub fn query_id(&self) -> Option<&str> {
        let Row::Step(i, j) = self.selected()? else { return None };
        match self.state(i, j)? {
            StepState::Done { query_id, .. } => Some(query_id).filter(|id| !id.is_empty()).map(String::as_str),
            StepState::Failed { error } => error.query_id.as_deref(),
            _ => None,
        }
    }

    /// Lines that the statement's panel has at most, so that scrolling knows an end.
    fn detail_lines(&self, columns: usize) -> usize {
        let rows = match self.selected() {
            Some(Row::Step(i, j)) => self.answers.get(&(i, j)).map_or(0, |a| a.rows.len()),
            _ => 0,
        };
        self.sql().map_or(0, |sql| reading::lines(sql, columns.saturating_sub(4)).len()) + rows + 8
    }
}

/// Done, or passed over on purpose.
const fn is_done(state: &StepState) -> bool {
    matches!(state, StepState::Done { .. } | StepState::Skipped)
}
