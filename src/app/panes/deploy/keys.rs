//! What keys do in the Deploy pane.

use super::queue::Ask;
use super::{Row, State};
use crate::app::overlay::{Overlay, Purpose};
use crate::app::panes::{moved, scrolled};
use crate::app::{Action, Cx, Job, Tone, reading};

impl State {
    /// What an action does here.
    pub fn act(&mut self, action: Action, cx: &mut Cx<'_>) {
        if self.editing.is_some() {
            return self.act_editing(action, cx);
        }
        if self.navigate(action, cx) {
            return;
        }
        match action {
            Action::StepNext => self.ask(Ask::Next, cx),
            Action::StepHere => match self.selected() {
                Some(Row::Step(i, j)) => self.ask(Ask::Here((i, j)), cx),
                Some(Row::Stage(i)) => self.ask(Ask::Here((i, usize::MAX)), cx),
                None => self.need_plan(cx),
            },
            Action::StepStage => match self.selected().map(Row::stage) {
                Some(stage) => self.ask(Ask::Stage(stage), cx),
                None => self.need_plan(cx),
            },
            Action::StepAll => self.ask(Ask::All, cx),
            Action::StepOne => match self.selected() {
                Some(Row::Step(i, j)) => self.ask(Ask::One((i, j)), cx),
                _ => cx.say(Tone::Warn, "Select a statement: x runs it alone, whether it has run or not"),
            },
            Action::SkipStep => self.skip(cx),
            Action::ShowPlan => match self.plan_text() {
                Some(text) => cx.overlays.push(Overlay::reader("Plan and drift", text, Tone::Plain)),
                None => self.need_plan(cx),
            },
            Action::Undo => self.undo(None, cx),
            Action::UndoFrom => match (self.selected(), &self.plan) {
                (Some(row), Some(plan)) => {
                    let id = plan.stages.get(row.stage()).map(|s| s.id.clone());
                    self.undo(id, cx);
                }
                _ => self.need_plan(cx),
            },
            Action::Rehearse => self.rehearse(cx),
            Action::Refresh => {
                self.queue.clear();
                cx.start_unless_busy(Job::Plan);
            }
            Action::EditStep => self.edit(cx),
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

    /// Moves in the panel that has the keys.
    fn navigate(&mut self, action: Action, cx: &Cx<'_>) -> bool {
        let lines = self.detail_lines(reading::statement(cx.columns));
        match self.panel {
            1 if scrolled(&mut self.scroll, action, lines, cx.half) => return true,
            2 if scrolled(&mut self.answer_scroll, action, lines, cx.half) => return true,
            1 | 2 if action == Action::Left => {
                self.panel -= 1;
                return true;
            }
            1 | 2 if matches!(action, Action::Right | Action::Enter) => {
                self.panel = 2;
                return true;
            }
            0 => {}
            _ => return false,
        }
        if moved(&mut self.cursor, action, self.rows.len(), cx.half) {
            self.follow = false;
            (self.scroll, self.answer_scroll) = (0, 0);
            return true;
        }
        match (action, self.selected()) {
            (Action::Enter, Some(Row::Stage(i))) => self.toggle(i, None),
            (Action::Right, Some(Row::Stage(i))) => self.toggle(i, Some(true)),
            (Action::Enter | Action::Right, _) => self.panel = 1,
            (Action::Left, Some(row)) => self.toggle(row.stage(), Some(false)),
            _ => return false,
        }
        true
    }

    fn toggle(&mut self, stage: usize, to: Option<bool>) {
        if let Some(open) = self.open.get_mut(stage) {
            *open = to.unwrap_or(!*open);
        }
        self.rebuild();
    }

    fn need_plan(&self, cx: &mut Cx<'_>) {
        let text = if self.plan.is_some() { "Nothing is selected" } else { "There is no plan yet: R reads it" };
        cx.say(Tone::Warn, text);
    }

    /// Asks why the selected statement is passed over: the journal keeps the reason.
    fn skip(&self, cx: &mut Cx<'_>) {
        let Some(Row::Step(stage, step)) = self.selected() else {
            return cx.say(Tone::Warn, "Select a statement: K passes it over, with a reason");
        };
        if !cx.refuse_readonly() {
            let input = tui_input::Input::default();
            let purpose = Purpose::Reason { stage, step };
            cx.overlays.push(Overlay::Line { purpose, input, before: String::new() });
        }
    }

    /// The reason was given.
    pub fn skip_for(&mut self, (stage, step): (usize, usize), reason: &str, cx: &mut Cx<'_>) {
        match reason.trim() {
            "" => cx.say(Tone::Warn, "Not skipped: a reason is needed, for those who come after"),
            reason => self.ask(Ask::Skip((stage, step), reason.to_owned()), cx),
        }
    }

    /// Reads what an undo would run; the answer is shown before anything is asked.
    fn undo(&self, from: Option<String>, cx: &mut Cx<'_>) {
        if self.plan.is_none() {
            return self.need_plan(cx);
        }
        if !cx.refuse_readonly() && cx.need_link().is_some() {
            cx.start(Job::UndoPlan { from });
        }
    }

    fn rehearse(&mut self, cx: &mut Cx<'_>) {
        if self.plan.is_none() {
            return self.need_plan(cx);
        }
        // What fails here is selected.
        self.follow = true;
        let pending = self.survey.as_ref().map_or(0, crate::domain::Survey::pending);
        let detail = format!(
            "The whole plan runs on a fresh embedded cloud, with some of the bucket's files. Where that goes well, the {pending} \
             statements that are left run here, and what came out differently is shown."
        );
        let place =
            if cx.env.local { "here".to_owned() } else { format!("on the account of profile {}", cx.env.profile) };
        cx.ask(format!("Rehearse the deployment, then run it {place}?"), detail, Job::Rehearse);
    }
}
