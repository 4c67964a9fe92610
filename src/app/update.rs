//! The one place where the model changes.

use super::keymap::Context;
use super::overlay::Overlay;
use super::panes::{generate, overview};
use super::{Action, Cx, Effect, Job, Key, Link, Model, Msg, PaneId, Slot, Target, Tone};
use super::{reading, tour};

pub(super) mod dispatch;
mod open;
mod reply;
mod top;

pub use open::room as picture_room;

/// How often counts are read while nothing runs, and while something does: (embedded, account), milliseconds.
const IDLE_MS: (i64, i64) = (10_000, 60_000);
const BUSY_MS: (i64, i64) = (1_000, 5_000);

/// How often a quiet tree is looked at on an account, milliseconds: its history is read on a warehouse, which a look a
/// minute would never let suspend.
const QUIET_MS: i64 = 600_000;

/// How often alerts are read on the embedded cloud, milliseconds.
const ALERTS_MS: i64 = 5_000;

/// A screen's refresh while a job runs, milliseconds: the progress' sampling rate.
const FRAME_MS: i64 = 100;

/// What a console does first.
pub fn start(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    with_cx(model, &mut effects, |_, cx| {
        cx.start(Job::Connect);
    });
    effects
}

/// Takes a message in. What should happen outside is returned.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = Vec::new();
    let before = model.pane;
    match msg {
        Msg::Key(key) => on_key(model, key, &mut effects),
        Msg::Paste(text) => top::paste(model, &text),
        Msg::Click(target) => click(model, target, &mut effects),
        Msg::Scroll(rows) => {
            let action = if rows < 0 { Action::Up } else { Action::Down };
            for _ in 0..rows.unsigned_abs().min(10) {
                dispatch::act(model, action, &mut effects);
            }
        }
        Msg::Resize(columns, rows) => {
            model.size = (columns, rows);
            let columns = reading::inspector(reading::stage(model));
            for overlay in &mut model.overlays {
                if let Overlay::Inspect(cell) = overlay {
                    cell.fit(columns);
                }
            }
        }
        Msg::Focus(focused) => {
            model.focused = focused;
            poll(model, &mut effects);
        }
        Msg::Clock(now_ms) => {
            model.now_ms = now_ms;
            if model.toast.as_ref().is_some_and(|t| t.until_ms <= now_ms) {
                model.toast = None;
            }
            poll(model, &mut effects);
        }
        Msg::Event(id, event) => reply::event(model, id, event),
        Msg::Progress(id, progress) => {
            if let Some(running) = model.jobs.get_mut(id) {
                let (job, done) = (running.job.clone(), progress.done);
                running.progress = Some(progress);
                if let Job::Query { sql, result } = job {
                    with_cx(model, &mut effects, |panes, cx| panes.query.streaming(&sql, result, done, cx));
                }
            }
        }
        Msg::Ended(id, result) => {
            if let Some(running) = model.jobs.finish(id) {
                reply::ended(model, &running, result, &mut effects);
            }
        }
        Msg::Call(call) => model.record(call),
        Msg::Edited(Ok(text)) => model.deploy.edited(&text),
        Msg::Edited(Err(why)) => with_cx(model, &mut effects, |_, cx| cx.say(Tone::Bad, why)),
        Msg::Seen => {
            if let Some(tour) = &mut model.tour {
                tour.seen = true;
            }
        }
        Msg::Say(tone, text) => with_cx(model, &mut effects, |_, cx| cx.say(tone, text)),
    }
    if model.pane != before {
        arrive(model, &mut effects);
    }
    tour::tick(model, &mut effects);
    effects
}

/// A pane is shown: what it needs to know and nobody else has asked for is read.
pub(super) fn arrive(model: &mut Model, effects: &mut Vec<Effect>) {
    with_cx(model, effects, |panes, cx| match panes.pane {
        PaneId::Query => panes.query.arrive(cx),
        PaneId::S3 => panes.s3.arrive(cx),
        PaneId::Generate => panes.generate.arrive(cx),
        _ => {}
    });
}

/// The contexts whose keys hold now, the narrowest first.
#[must_use]
pub fn contexts(model: &Model) -> Vec<Context> {
    match model.overlays.last() {
        Some(overlay) => vec![overlay.context()],
        None if model.pane == PaneId::Query && model.query.typing => vec![Context::Editor],
        None if model.pane == PaneId::Deploy && model.deploy.editing.is_some() => vec![Context::Statement],
        None if model.tour.is_some() => {
            vec![Context::Present, Context::Pane(model.pane), Context::List, Context::Global]
        }
        None => vec![Context::Pane(model.pane), Context::List, Context::Global],
    }
}

/// When the loop should wake although nothing happens: the next poll, the minute that the clock shows, the end of a
/// passing message; at the sampling rate while a job runs.
#[must_use]
pub fn next_wake_ms(model: &Model) -> i64 {
    let minute = (model.now_ms.div_euclid(60_000) + 1) * 60_000;
    let mut wake = minute;
    if model
        .jobs
        .iter()
        .any(|(_, r)| !matches!(r.job.slot(), Slot::Counts | Slot::Tasks | Slot::TaskRows | Slot::Mart | Slot::Alerts))
    {
        wake = wake.min(model.now_ms + FRAME_MS);
    }
    if model.focused && matches!(model.link, Link::Up(_)) {
        let next = (model.polled_ms + interval(model)).min(model.tasks.polled_ms + tasks_interval(model));
        let next = if model.env.local { next.min(model.alerts.polled_ms + ALERTS_MS) } else { next };
        wake = wake.min(next.max(model.now_ms + FRAME_MS));
        let counted = matches!(model.pane, PaneId::Tasks | PaneId::Overview);
        if let Some(left) = model.tasks.until_next_ms(model.now_ms).filter(|ms| *ms > 0 && counted) {
            // The countdown that is seen goes by seconds.
            wake = wake.min(model.now_ms + (left - 1).rem_euclid(1_000) + 1);
        }
    }
    if let Some(at) = model.tour.as_ref().and_then(|t| t.wake_ms(model.now_ms)) {
        wake = wake.min(at.max(model.now_ms + 10));
    }
    model.toast.as_ref().map_or(wake, |t| wake.min(t.until_ms))
}

fn interval(model: &Model) -> i64 {
    let (local, account) = if model.jobs.work().is_some() { BUSY_MS } else { IDLE_MS };
    if model.env.local { local } else { account }
}

/// A tree that moves is looked at every second where it is shown.
fn tasks_interval(model: &Model) -> i64 {
    let shown = matches!(model.pane, PaneId::Tasks | PaneId::Overview);
    // A time that has come is looked at soon: a run should be starting.
    let due = model.tasks.until_next_ms(model.now_ms) == Some(0);
    match shown && (due || model.tasks.moves(model.now_ms)) {
        true => BUSY_MS.0,
        false if !model.env.local && !model.tasks.going() && model.jobs.work().is_none() => QUIET_MS,
        false => interval(model),
    }
}

fn poll(model: &mut Model, effects: &mut Vec<Effect>) {
    if !model.focused || !matches!(model.link, Link::Up(_)) {
        return;
    }
    let counts = model.now_ms - model.polled_ms >= interval(model);
    let tasks = model.now_ms - model.tasks.polled_ms >= tasks_interval(model);
    // On an account a look at a table wakes the warehouse: there alerts are read after work and when they are asked for.
    let alerts = model.env.local && model.now_ms - model.alerts.polled_ms >= ALERTS_MS;
    if alerts {
        model.alerts.polled_ms = model.now_ms;
    }
    if counts {
        model.polled_ms = model.now_ms;
    }
    if tasks {
        model.tasks.polled_ms = model.now_ms;
    }
    with_cx(model, effects, |_, cx| {
        if counts {
            cx.start_unless_busy(Job::Counts);
        }
        if tasks {
            cx.start_unless_busy(Job::Tasks);
        }
        if alerts {
            cx.start_unless_busy(Job::Alerts);
        }
    });
}

fn on_key(model: &mut Model, key: Key, effects: &mut Vec<Effect>) {
    // A text on top does not hold a tour up: the key for going on does so.
    let reading = matches!(model.overlays.last(), Some(Overlay::Reader { .. }));
    let goes_on = model.keymap.lookup(&[Context::Present], key) == Some(Action::TourNext);
    if model.tour.is_some() && reading && goes_on {
        return tour::next(model, effects);
    }
    press(model, key, effects);
}

/// What a key does, whoever pressed it: a tour presses the console's own keys.
pub(super) fn press(model: &mut Model, key: Key, effects: &mut Vec<Effect>) {
    let mut active = contexts(model);
    if model.tour.as_ref().is_some_and(|t| t.phase == tour::Phase::Playing) {
        active.retain(|c| *c != Context::Present);
    }
    match (model.keymap.lookup(&active, key), active.first()) {
        (Some(action), _) => dispatch::act(model, action, effects),
        (None, Some(Context::Editor)) => model.query.typed(key),
        (None, Some(Context::Statement)) => {
            if let Some(editing) = &mut model.deploy.editing {
                editing.typed(key);
            }
        }
        (None, Some(Context::Line | Context::Palette)) => top::typed(model, key),
        _ => {}
    }
}

fn click(model: &mut Model, target: Target, effects: &mut Vec<Effect>) {
    if !model.overlays.is_empty() {
        return top::click(model, target, effects);
    }
    match target {
        Target::Pane(pane) => dispatch::act(model, Action::Go(pane), effects),
        Target::Do(action) => dispatch::act(model, action, effects),
        Target::Row { panel, row } if dispatch::is_selected(model, panel, row) => {
            // A second click opens, as a double click does elsewhere.
            dispatch::act(model, Action::Enter, effects);
        }
        Target::Row { panel, row } => {
            dispatch::select(model, panel, row);
            with_cx(model, effects, |model, cx| {
                if model.pane == PaneId::S3 {
                    model.s3.look(cx);
                }
            });
        }
    }
}

/// The parts of the model that panes change, without those that the context borrows.
pub(super) struct Panes<'a> {
    pub pane: PaneId,
    pub overview: &'a mut overview::State,
    pub generate: &'a mut generate::State,
    pub s3: &'a mut super::panes::s3::State,
    pub deploy: &'a mut super::panes::deploy::State,
    pub tasks: &'a mut super::panes::tasks::State,
    pub marts: &'a mut super::panes::marts::State,
    pub query: &'a mut super::panes::query::State,
    pub log: &'a mut super::panes::log::State,
}

/// Calls `f` with the panes and their context, then does what it asked of other panes.
pub(super) fn with_cx(model: &mut Model, effects: &mut Vec<Effect>, f: impl FnOnce(&mut Panes<'_>, &mut Cx<'_>)) {
    let mut panes = Panes {
        pane: model.pane,
        overview: &mut model.overview,
        generate: &mut model.generate,
        s3: &mut model.s3,
        deploy: &mut model.deploy,
        tasks: &mut model.tasks,
        marts: &mut model.marts,
        query: &mut model.query,
        log: &mut model.log,
    };
    let mut cx = Cx {
        env: &model.env,
        link: &model.link,
        jobs: &mut model.jobs,
        overlays: &mut model.overlays,
        toast: &mut model.toast,
        effects,
        now_ms: model.now_ms,
        half: usize::from(model.size.1 / 2).max(1),
        columns: usize::from(model.size.0),
        open_sql: None,
        go: None,
    };
    f(&mut panes, &mut cx);
    let (sql, go) = (cx.open_sql.take(), cx.go.take());
    if let Some(sql) = sql {
        model.query.put(&sql);
        model.pane = PaneId::Query;
    }
    if let Some(pane) = go {
        model.pane = pane;
    }
}

/// Shows an error in full and keeps it for later.
pub(super) fn show_error(model: &mut Model, title: &str, text: String) {
    model.last_error = Some(text.clone());
    model.overlays.push(Overlay::reader(title, text, Tone::Bad));
}

#[cfg(test)]
#[path = "update/tests.rs"]
mod tests;
