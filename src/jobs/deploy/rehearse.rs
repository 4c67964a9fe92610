//! A rehearsal: the plan is run on another cloud first, then on the real target, and what differs is told.

use super::plan::Deployment;
use super::run::{DeployOutcome, run};
use super::selection::Order;
use super::summary::summary;
use super::survey::{Key, keys};
use crate::domain::{QueryOutcome, SqlError, StepState};
use crate::jobs::ports::Warehouses;
use crate::jobs::{Context, Event, JobError, Progress, Sink};
use parking_lot::Mutex;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where a plan is run: the services, and the plan rendered with that place's values.
pub struct Target<'a> {
    /// Opens sessions there.
    pub warehouses: &'a dyn Warehouses,
    /// The plan for there.
    pub deployment: &'a Deployment,
}

/// A statement that did not come to the same in both places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Stage id.
    pub stage: String,
    /// The statement's title.
    pub title: String,
    /// `file:line`.
    pub place: String,
    /// What differs: `columns`, `rows`, `error`, `object` for one that was there already, or `statement` for one that only one of the two plans has.
    pub what: &'static str,
    /// At the rehearsal.
    pub rehearsed: String,
    /// On the target.
    pub target: String,
}

/// What a rehearsal came to.
#[derive(Debug, Default)]
pub struct Rehearsal {
    /// At the rehearsal.
    pub rehearsed: DeployOutcome,
    /// On the target; `None` where it was not touched, because the rehearsal failed or nothing else was asked for.
    pub target: Option<DeployOutcome>,
    /// What differs, in the plan's order. Only statements that ran in both places are compared.
    pub differences: Vec<Difference>,
}

/// Runs the whole plan at `stage` and, where that succeeded and `on` is given, what `order` asks for on the target.
/// Events of both go out, a [`Event::Phase`] before each.
///
/// # Errors
/// As [`run`]. A refused statement is in the outcomes.
pub async fn rehearse(
    ctx: &Context,
    stage: &Target<'_>,
    on: Option<(&Target<'_>, &Order)>,
) -> Result<Rehearsal, JobError> {
    ctx.emit(Event::Phase("rehearse".into()));
    let (rehearsed, first) = recorded(ctx, stage, &Order::default()).await?;
    let Some((target, order)) = on.filter(|_| rehearsed.failure.is_none()) else {
        return Ok(Rehearsal { rehearsed, ..Rehearsal::default() });
    };
    ctx.emit(Event::Phase("deploy".into()));
    let (outcome, second) = recorded(ctx, target, order).await?;
    let mut differences = one_sided(stage.deployment, target.deployment);
    differences.extend(compare(target.deployment, &first, &second));
    Ok(Rehearsal { rehearsed, target: Some(outcome), differences })
}

/// What a statement came to.
type Came = Result<QueryOutcome, SqlError>;

async fn recorded(
    ctx: &Context,
    on: &Target<'_>,
    order: &Order,
) -> Result<(DeployOutcome, BTreeMap<Key, Came>), JobError> {
    let recorder = Arc::new(Recorder { to: Arc::clone(&ctx.sink), came: Mutex::default() });
    let listening = Context { sink: recorder.clone(), ..ctx.clone() };
    let outcome = run(&listening, on.warehouses, on.deployment, order).await?;
    let keys = keys(on.deployment.plan());
    let came = std::mem::take(&mut *recorder.came.lock());
    let key = |(i, j): (usize, usize)| keys.get(i).and_then(|s| s.get(j)).cloned();
    Ok((outcome, came.into_iter().filter_map(|(place, came)| Some((key(place)?, came))).collect()))
}

/// Passes events on and keeps the answers.
struct Recorder {
    to: Arc<dyn Sink>,
    came: Mutex<BTreeMap<(usize, usize), Came>>,
}

impl Sink for Recorder {
    fn event(&self, event: Event) {
        if let Event::Step { stage, step, state, answer } = &event {
            let came = match (state, answer) {
                (StepState::Failed { error }, _) => Some(Err(error.clone())),
                (_, Some(answer)) => Some(Ok(answer.clone())),
                _ => None,
            };
            if let Some(came) = came {
                self.came.lock().insert((*stage, *step), came);
            }
        }
        self.to.event(event);
    }

    fn progress(&self, progress: Progress) {
        self.to.progress(progress);
    }
}

/// Statements that only one of the plans has: a template's conditions may come out differently.
fn one_sided(rehearsed: &Deployment, target: &Deployment) -> Vec<Difference> {
    let named = |d: &Deployment| -> BTreeMap<Key, String> {
        let keys = keys(d.plan()).into_iter().flatten();
        keys.zip(d.plan().steps()).map(|(key, (_, _, step))| (key, format!("{}:{}", step.file, step.line))).collect()
    };
    let (left, right) = (named(rehearsed), named(target));
    let only = |here: &BTreeMap<Key, String>, there: &BTreeMap<Key, String>, texts: [&str; 2]| {
        let alone = here.iter().filter(|(key, _)| !there.contains_key(*key));
        let difference = |(key, place): (&Key, &String)| Difference {
            stage: key.0.clone(),
            title: key.2.clone(),
            place: place.clone(),
            what: "statement",
            rehearsed: texts[0].to_owned(),
            target: texts[1].to_owned(),
        };
        alone.map(difference).collect::<Vec<_>>()
    };
    let mut out = only(&left, &right, ["part of the plan", "not part of it"]);
    out.extend(only(&right, &left, ["not part of the plan", "part of it"]));
    out
}

fn compare(target: &Deployment, first: &BTreeMap<Key, Came>, second: &BTreeMap<Key, Came>) -> Vec<Difference> {
    let steps = keys(target.plan()).into_iter().flatten().zip(target.plan().steps());
    steps
        .filter_map(|(key, (_, _, step))| {
            let (what, rehearsed, on_target) = differs(first.get(&key)?, second.get(&key)?)?;
            let place = format!("{}:{}", step.file, step.line);
            Some(Difference { stage: key.0, title: step.title.clone(), place, what, rehearsed, target: on_target })
        })
        .collect()
}

/// Whether a statement found what it should have made.
fn existed(answer: &QueryOutcome) -> bool {
    answer.cell(0, "status").is_some_and(|s| s.contains("already exists"))
}

/// What differs between two answers, in words.
fn differs(first: &Came, second: &Came) -> Option<(&'static str, String, String)> {
    let told = |came: &Came| match came {
        Ok(answer) => summary(answer),
        Err(error) => error.to_string(),
    };
    match (first, second) {
        (Ok(a), Ok(b)) => {
            let columns = |q: &QueryOutcome| {
                q.columns.iter().map(|c| format!("{} {}", c.name, c.kind)).collect::<Vec<_>>().join(", ")
            };
            // A status line is worded by the server; what it came to is the same.
            let is_status = |q: &QueryOutcome| q.columns.len() == 1 && q.column("status").is_some();
            match (is_status(a), is_status(b)) {
                // What was there already may be other than what would have been made.
                (true, true) if existed(a) != existed(b) => return Some(("object", told(first), told(second))),
                (true, true) => return None,
                // COPY answers with a status where there was no file to load, else with a row for each.
                (true, false) | (false, true) => return Some(("rows", told(first), told(second))),
                (false, false) => {}
            }
            if columns(a) != columns(b) {
                return Some(("columns", columns(a), columns(b)));
            }
            (summary(a) != summary(b)).then(|| ("rows", told(first), told(second)))
        }
        (Err(a), Err(b)) => (a.code != b.code).then(|| ("error", told(first), told(second))),
        _ => Some(("error", told(first), told(second))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Column;

    fn rows(name: &str, n: u64) -> Came {
        let column = Column { name: name.into(), kind: "fixed".into(), scale: Some(0) };
        Ok(QueryOutcome { columns: vec![column], total: n, ..QueryOutcome::default() })
    }

    #[test]
    fn columns_rows_and_errors_differ_and_status_texts_do_not() {
        let what = |a: &Came, b: &Came| differs(a, b).map(|d| d.0);
        let refused = |code: &str| Err(SqlError { code: code.into(), ..SqlError::default() });
        assert_eq!(what(&rows("A", 1), &rows("A", 1)), None);
        assert_eq!(what(&rows("A", 1), &rows("B", 1)), Some("columns"));
        assert_eq!(what(&rows("A", 1), &rows("A", 2)), Some("rows"));
        assert_eq!(what(&rows("A", 1), &refused("002003")), Some("error"));
        assert_eq!(what(&refused("1"), &refused("2")), Some("error"));
        assert_eq!(what(&refused("1"), &refused("1")), None);
        assert_eq!(what(&rows("status", 1), &rows("status", 1)), None);
        assert_eq!(what(&rows("file", 1), &rows("status", 1)), Some("rows"));
    }
}
