//! The deployment: stages of statements, run one at a time or many.

use super::{moved, passes, scrolled};
use crate::app::{Action, Cursor, Cx, Job, Tone};
use crate::domain::{Plan, QueryOutcome, StepState};
use std::collections::HashMap;

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
    /// Which panel has the keys: list or statement.
    pub panel: usize,
    /// The filter.
    pub filter: String,
    /// Lines scrolled in the statement.
    pub scroll: usize,
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
        self.plan = Some(plan);
        self.error = None;
        self.rebuild();
        self.cursor.set(usize::from(self.rows.len() > 1), self.rows.len());
    }

    /// A statement changed its state.
    pub fn step(&mut self, stage: usize, step: usize, state: StepState, answer: Option<QueryOutcome>) {
        let Some(slot) = self.states.get_mut(stage).and_then(|s| s.get_mut(step)) else { return };
        let shown = matches!(state, StepState::Running | StepState::Failed { .. });
        *slot = state;
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

    /// Statements that were running when their job ended are waiting again.
    pub fn stopped(&mut self) {
        for state in self.states.iter_mut().flatten().filter(|s| **s == StepState::Running) {
            *state = StepState::Waiting;
        }
    }

    /// Nothing has run any more.
    pub fn forget(&mut self) {
        self.states.iter_mut().flatten().for_each(|s| *s = StepState::Waiting);
        self.answers.clear();
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
                self.scroll = 0;
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

    /// What an action does here.
    pub fn act(&mut self, action: Action, cx: &mut Cx<'_>) {
        let lines = self.detail_lines();
        if self.panel == 1 && scrolled(&mut self.scroll, action, lines, cx.half) {
            return;
        }
        if self.panel == 1 && action == Action::Left {
            self.panel = 0;
            return;
        }
        if moved(&mut self.cursor, action, self.rows.len(), cx.half) {
            self.follow = false;
            self.scroll = 0;
            return;
        }
        match action {
            Action::Enter => match self.selected() {
                Some(Row::Stage(i)) => self.toggle(i, None),
                _ => self.panel = 1,
            },
            Action::Right => match self.selected() {
                Some(Row::Stage(i)) => self.toggle(i, Some(true)),
                _ => self.panel = 1,
            },
            Action::Left => {
                if let Some(row) = self.selected() {
                    self.toggle(row.stage(), Some(false));
                }
            }
            Action::StepNext => self.run(cx, |_, _| true, true),
            Action::StepHere => self.to_here(cx),
            Action::StepStage => match self.selected().map(Row::stage) {
                Some(stage) => self.run(cx, move |i, _| i == stage, false),
                None => self.need_plan(cx),
            },
            Action::StepAll => self.run(cx, |_, _| true, false),
            Action::Undo => self.undo(cx),
            Action::Refresh => cx.start_unless_busy(Job::Plan),
            Action::EditSql => cx.open_sql = self.sql().map(str::to_owned),
            Action::Copy => {
                let id = self.query_id().map(str::to_owned);
                let sql = self.sql().unwrap_or_default().to_owned();
                match id {
                    Some(id) => cx.copy("query id", id),
                    None => cx.copy("statement", sql),
                }
            }
            _ => {}
        }
    }

    fn toggle(&mut self, stage: usize, to: Option<bool>) {
        if let Some(open) = self.open.get_mut(stage) {
            *open = to.unwrap_or(!*open);
        }
        self.rebuild();
    }

    fn to_here(&mut self, cx: &mut Cx<'_>) {
        match self.selected() {
            Some(Row::Step(stage, step)) => self.run(cx, move |i, j| (i, j) <= (stage, step), false),
            Some(Row::Stage(stage)) => self.run(cx, move |i, _| i <= stage, false),
            None => self.need_plan(cx),
        }
    }

    fn need_plan(&self, cx: &mut Cx<'_>) {
        cx.say(
            Tone::Warn,
            if self.plan.is_some() { "Nothing is selected" } else { "There is no plan yet: R reads it" },
        );
    }

    fn run(&mut self, cx: &mut Cx<'_>, wanted: impl Fn(usize, usize) -> bool, only_first: bool) {
        let Some(plan) = &self.plan else { return self.need_plan(cx) };
        let left = plan.steps().map(|(i, j, _)| (i, j)).filter(|(i, j)| wanted(*i, *j));
        let left = left.filter(|(i, j)| !self.state(*i, *j).is_some_and(is_done));
        let steps: Vec<_> = left.take(if only_first { 1 } else { usize::MAX }).collect();
        if steps.is_empty() {
            cx.say(Tone::Good, "Everything here has run; R starts again from the first statement");
        } else if cx.start_work(Job::Deploy { steps }) {
            self.follow = true;
        }
    }

    fn undo(&self, cx: &mut Cx<'_>) {
        match &self.plan {
            Some(plan) => {
                cx.ask_name("Drop everything that the deployment made?", plan.pipeline.clone(), Job::Undo);
            }
            None => self.need_plan(cx),
        }
    }

    /// The selected statement.
    #[must_use]
    pub fn sql(&self) -> Option<&str> {
        match self.selected()? {
            Row::Step(i, j) => Some(self.plan.as_ref()?.stages.get(i)?.steps.get(j)?.sql.as_str()),
            Row::Stage(_) => None,
        }
    }

    fn query_id(&self) -> Option<&str> {
        let Row::Step(i, j) = self.selected()? else { return None };
        match self.state(i, j)? {
            StepState::Done { query_id, .. } => Some(query_id).filter(|id| !id.is_empty()).map(String::as_str),
            StepState::Failed { error } => error.query_id.as_deref(),
            _ => None,
        }
    }

    /// Lines that the statement's panel has at most, so that scrolling knows an end.
    fn detail_lines(&self) -> usize {
        let rows = match self.selected() {
            Some(Row::Step(i, j)) => self.answers.get(&(i, j)).map_or(0, |a| a.rows.len()),
            _ => 0,
        };
        self.sql().map_or(0, |sql| sql.lines().count()) + rows + 8
    }
}

/// Done, or passed over on purpose.
const fn is_done(state: &StepState) -> bool {
    matches!(state, StepState::Done { .. } | StepState::Skipped)
}
