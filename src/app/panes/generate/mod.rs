//! What to generate: how much, what it is like, what is wrong with it on purpose; and a live feed.

pub mod fields;

use crate::app::overlay::{Overlay, Purpose};
use crate::app::{Action, Cursor, Cx, Effect, Failure, Job, Made, Make, Order, Slot, Tone};
use crate::domain::{GenerateSpec, Generated, Shape, Uploaded};
use crate::jobs::feed::Fed;
use crate::jobs::generate::Rates;
use crate::jobs::generate::outlook::Outlook;
use fields::{FIRST_FAULT, FIRST_FEED, ROWS, Row, START, days, row};
use tui_input::Input;

/// What the right side shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum View {
    /// Charts.
    #[default]
    Charts,
    /// The first rows of each data set.
    Rows,
}

/// The pane's state.
#[derive(Debug, Clone)]
pub struct State {
    /// Selected row.
    pub row: Cursor,
    /// The rows' texts.
    pub values: Vec<String>,
    /// What the last generation wrote, and what was uploaded of it.
    pub last: Option<(Generated, Option<Uploaded>)>,
    /// What it was asked for.
    pub last_order: Option<Order>,
    /// What the last feed sent.
    pub fed: Option<Fed>,
    /// What an order comes to.
    pub outlook: Option<(Order, Outlook)>,
    /// Why that is not known.
    pub outlook_error: Option<String>,
    /// What the right side shows.
    pub view: View,
}

impl Default for State {
    fn default() -> Self {
        let values = (0..ROWS).map(|at| row(at).default()).collect();
        Self {
            row: Cursor::default(),
            values,
            last: None,
            last_order: None,
            fed: None,
            outlook: None,
            outlook_error: None,
            view: View::default(),
        }
    }
}

impl State {
    /// The pane is shown: it is looked ahead at what the fields come to.
    pub fn arrive(&mut self, cx: &mut Cx<'_>) {
        let Ok(order) = self.order() else { return };
        if self.outlook.as_ref().is_some_and(|(of, _)| *of == order) {
            return;
        }
        let job = Job::Make(Make::Outlook(order));
        let busy = cx.jobs.in_slot(&job.slot()).is_some_and(|(_, running)| running.job == job);
        if cx.link.info().is_some() && !busy {
            cx.start(job);
        }
    }

    /// What is wrong with a row, where something is.
    #[must_use]
    pub fn problem(&self, at: usize, value: &str) -> Option<&'static str> {
        let of = row(at);
        if let Some(problem) = of.problem(value) {
            return Some(problem);
        }
        match of {
            Row::To if days(&self.values[1]).is_some_and(|from| days(value) < Some(from)) => Some("before From"),
            _ => None,
        }
    }

    /// What the fields come to, or the first row that is wrong and why.
    ///
    /// # Errors
    /// The row's place, and what it should hold.
    pub fn order(&self) -> Result<Order, (usize, String)> {
        for (at, value) in self.values.iter().enumerate() {
            if let Some(problem) = self.problem(at, value) {
                return Err((at, problem.to_owned()));
            }
        }
        let faults = self.faults();
        if let Err(error) = Rates::default().add(&faults) {
            let text = error.to_string();
            return Err((FIRST_FAULT, text.rsplit(": ").next().unwrap_or(&text).to_owned()));
        }
        let [customers, from, to, seed, shape, like, ..] = self.values.as_slice() else {
            return Err((0, "a number".into()));
        };
        let spec = GenerateSpec {
            customers: customers.parse().unwrap_or(1),
            from: from.clone(),
            to: to.clone(),
            seed: seed.parse().unwrap_or(0),
            shape: if shape == "extended" { Shape::Extended } else { Shape::Starter },
        };
        Ok(Order { spec, preset: like.clone(), faults })
    }

    /// The faults that are switched on, `kind=rate,…`.
    fn faults(&self) -> String {
        let on = (FIRST_FAULT..FIRST_FEED).filter(|at| self.values[*at].parse::<f64>().is_ok_and(|rate| rate > 0.0));
        on.map(|at| format!("{}={}", row(at).name(), self.values[at])).collect::<Vec<_>>().join(",")
    }

    /// Days in the range, both ends included.
    #[must_use]
    pub fn days(&self) -> Option<i64> {
        Some(days(&self.values[2])? - days(&self.values[1])? + 1).filter(|n| *n > 0)
    }

    /// What an action does here.
    pub fn act(&mut self, action: Action, cx: &mut Cx<'_>) {
        if super::moved(&mut self.row, action, ROWS, cx.half) {
            return;
        }
        let at = self.row.at();
        let here = row(at);
        match action {
            Action::Enter | Action::Edit | Action::Right if here.is_text() => {
                let before = self.values[at].clone();
                cx.overlays.push(Overlay::Line {
                    purpose: Purpose::Field(at),
                    input: Input::new(before.clone()),
                    before,
                });
            }
            Action::Toggle | Action::Enter | Action::Right if here.switched(&self.values[at]).is_some() => {
                let next = here.switched(&self.values[at]).unwrap_or_default();
                self.accept(at, next, cx);
            }
            Action::Feed => self.feed(cx),
            Action::Enter | Action::Toggle if here == Row::Feed => self.feed(cx),
            Action::Enter if at == START => self.start(true, cx),
            Action::Generate => self.start(true, cx),
            Action::GenerateOnly => self.start(false, cx),
            Action::Upload => {
                cx.start_work(Job::Upload);
            }
            Action::View => {
                self.view = if self.view == View::Charts { View::Rows } else { View::Charts };
            }
            Action::Reset => {
                self.values = Self::default().values;
                self.arrive(cx);
            }
            _ => {}
        }
    }

    /// Takes a row's text.
    pub fn accept(&mut self, at: usize, text: String, cx: &mut Cx<'_>) {
        if let Some(value) = self.values.get_mut(at) {
            *value = text;
            self.arrive(cx);
        }
    }

    fn right(&mut self, cx: &mut Cx<'_>) -> Option<Order> {
        match self.order() {
            Ok(order) => Some(order),
            Err((at, why)) => {
                self.row.set(at, ROWS);
                cx.say(Tone::Warn, format!("{}: {why}", row(at).name()));
                None
            }
        }
    }

    fn start(&mut self, upload: bool, cx: &mut Cx<'_>) {
        if let Some(order) = self.right(cx) {
            cx.start_work(Job::Generate { order, upload });
        }
    }

    /// Starts the feed, or stops it.
    fn feed(&mut self, cx: &mut Cx<'_>) {
        if let Some((id, _)) = cx.jobs.in_slot(&Slot::Feed) {
            if let Some(running) = cx.jobs.get_mut(id) {
                running.stopping = true;
            }
            cx.effects.push(Effect::Cancel(id));
            return cx.say(Tone::Plain, "Stopping the feed; the file under way is sent");
        }
        let Some(order) = self.right(cx) else { return };
        if cx.refuse_readonly() || cx.need_link().is_none() {
            return;
        }
        let milli = |at: usize| {
            let value = self.values[at].parse::<f64>().unwrap_or(1.0) * 1_000.0;
            format!("{value:.0}").parse::<u64>().unwrap_or(1_000)
        };
        let (rate_milli, every_ms) = (milli(FIRST_FEED), milli(FIRST_FEED + 1));
        cx.start(Job::Make(Make::Feed { order, rate_milli, every_ms }));
    }

    /// Takes what came of the pane's work.
    pub fn made(&mut self, job: &Make, made: Made, cx: &mut Cx<'_>) {
        match (job, made) {
            (Make::Outlook(order), Made::Outlook(outlook)) => {
                self.outlook = Some((order.clone(), *outlook));
                self.outlook_error = None;
            }
            (_, Made::Fed(fed)) => {
                self.fed = Some(fed);
                cx.say(Tone::Good, format!("The feed sent {} transactions in {} files", fed.transactions, fed.files));
            }
            _ => {}
        }
    }

    /// The pane's work failed.
    pub fn unmade(&mut self, job: &Make, failure: &Failure, cx: &mut Cx<'_>) {
        match job {
            Make::Outlook(_) if !failure.cancelled => self.outlook_error = Some(failure.text.clone()),
            Make::Outlook(_) => {}
            Make::Feed { .. } => cx.say(Tone::Bad, format!("The feed ended: {}", failure.text)),
        }
    }

    /// The outlook of what the fields say now.
    #[must_use]
    pub fn outlook_now(&self) -> Option<&Outlook> {
        let (of, outlook) = self.outlook.as_ref()?;
        self.order().is_ok_and(|order| order == *of).then_some(outlook)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_a_valid_month() {
        let state = State::default();
        let order = state.order().expect("valid");
        assert_eq!(
            (order.spec, order.preset.as_str(), order.faults.as_str()),
            (GenerateSpec::default(), "starter", "")
        );
        assert_eq!(state.days(), Some(31));
    }

    #[test]
    fn a_wrong_row_is_named() {
        let mut state = State::default();
        state.values[1] = "2019-12-25".into();
        assert_eq!(state.order().expect_err("ends before it begins"), (2, "before From".into()));
        state.values[0] = "many".into();
        assert_eq!(state.order().expect_err("no number").0, 0);
    }

    #[test]
    fn faults_are_put_together_and_their_sum_is_checked() {
        let mut state = State::default();
        state.values[FIRST_FAULT + 6] = "0.25".into();
        state.values[FIRST_FAULT + 1] = "0.05".into();
        assert_eq!(state.order().expect("valid").faults, "late_file=0.05,malformed=0.25");
        state.values[FIRST_FAULT + 7] = "0.9".into();
        let (at, why) = state.order().expect_err("too much");
        assert!(at == FIRST_FAULT && why.contains("at most 1"), "{why}");
    }
}
