//! Playing a script: what a step does, when it stands, and what comes next.

use super::{Needs, Phase, Step, Tour};
use crate::app::overlay::{Choice, Overlay};
use crate::app::panes::generate::fields;
use crate::app::update::{dispatch, press, with_cx};
use crate::app::{Action, Cursor, Effect, Job, Link, Model, PaneId, Slot, Tone};
use std::collections::VecDeque;

/// How often the warehouse is asked what a step waits for, milliseconds.
const ASK_MS: i64 = 400;

/// Begins the shipped tour in a console that is open.
pub fn begin(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.tour.is_some() {
        return;
    }
    if !model.env.local {
        let text = "The tour makes and breaks things: it runs on the embedded cloud only (snowdeck demo)";
        return with_cx(model, effects, |_, cx| cx.say(Tone::Warn, text));
    }
    if model.env.readonly {
        return with_cx(model, effects, |_, cx| {
            cx.refuse_readonly();
        });
    }
    match Tour::shipped(super::Pace::default(), false) {
        Ok(tour) => model.tour = Some(tour),
        Err(error) => with_cx(model, effects, |_, cx| cx.say(Tone::Bad, error.to_string())),
    }
}

/// Does what is due.
pub fn tick(model: &mut Model, effects: &mut Vec<Effect>) {
    // A few turns: a step that stands at once may lead to the next.
    for _ in 0..8 {
        let Some(tour) = &model.tour else { return };
        let before = state(tour);
        match before.2 {
            Phase::Preparing { asked } => prepare(model, asked, effects),
            Phase::Playing => play(model, effects),
            Phase::Waiting { since_ms } => wait(model, since_ms, effects),
            Phase::Shown { since_ms } => shown(model, since_ms, effects),
            Phase::Resetting | Phase::Stuck(_) | Phase::Over => return,
        }
        let Some(tour) = &model.tour else { return };
        if before == state(tour) {
            return;
        }
    }
}

/// What a turn changes: the place, what goes on, the keys that are left.
fn state(tour: &Tour) -> (usize, usize, Phase, usize) {
    (tour.chapter, tour.step, tour.phase.clone(), tour.queue.len())
}

fn set_phase(model: &mut Model, phase: Phase) {
    if let Some(tour) = &mut model.tour {
        tour.phase = phase;
    }
}

/// What the chapter builds on is made by running the whole job, where it is not there.
fn prepare(model: &mut Model, asked: bool, effects: &mut Vec<Effect>) {
    let Some(tour) = &model.tour else { return };
    let needs = tour.script.chapters.get(tour.chapter).map_or(Needs::Nothing, |c| c.needs);
    if let Link::Down(_) = model.link {
        return set_phase(model, Phase::Stuck("not connected: E shows why".into()));
    }
    let ready = matches!(model.link, Link::Up(_)) && model.jobs.idle();
    // Words need no cloud: they can be read while it starts.
    let words = needs == Needs::Nothing && tour.now().is_some_and(Step::only_tells);
    if !ready && !words {
        return;
    }
    if needs == Needs::Nothing || is_loaded(model) {
        enter(model, effects);
    } else if asked {
        set_phase(model, Phase::Stuck("what this chapter needs could not be made: E shows why".into()));
    } else if dispatch::run_all(model, effects) {
        set_phase(model, Phase::Preparing { asked: true });
    }
}

fn is_loaded(model: &Model) -> bool {
    let Some(mart) = model.link.info().and_then(|i| i.layers.last()) else { return false };
    let rows = model.counts.iter().flat_map(|c| &c.tables).filter(|t| t.schema == mart.schema).map(|t| t.rows);
    !model.tasks.nodes.is_empty() && rows.sum::<i64>() > 0
}

/// Shows the step's pane and does what it says, unless it has been done.
fn enter(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some((step, done)) =
        model.tour.as_ref().and_then(|t| Some((t.now()?.clone(), t.done.contains(&(t.chapter, t.step)))))
    else {
        return set_phase(model, Phase::Over);
    };
    model.overlays.clear();
    model.query.typing = false;
    if let Some(pane) = step.pane {
        model.pane = pane;
    }
    if model.pane == PaneId::Marts {
        // A mart is read when it is shown: nobody presses a key here.
        with_cx(model, effects, |panes, cx| panes.marts.read(cx));
    }
    let now_ms = model.now_ms;
    if let Some(tour) = &mut model.tour {
        (tour.seen, tour.told) = (false, false);
        tour.queue = if done { VecDeque::new() } else { step.keys.iter().copied().collect() };
        tour.key_at_ms = now_ms + tour.pace.key_ms;
        tour.phase = if done { Phase::Shown { since_ms: now_ms } } else { Phase::Playing };
    }
    if !done {
        carry_out(model, &step, effects);
    }
}

fn carry_out(model: &mut Model, step: &Step, effects: &mut Vec<Effect>) {
    for (name, value) in &step.set {
        match (0..fields::ROWS).find(|at| fields::row(*at).name().eq_ignore_ascii_case(name)) {
            Some(at) => with_cx(model, effects, |panes, cx| panes.generate.accept(at, value.clone(), cx)),
            None => return set_phase(model, Phase::Stuck(format!("Generate has no field {name:?}"))),
        }
    }
    if let Some(sql) = &step.sql {
        model.pane = PaneId::Query;
        model.query.set_text(sql.trim());
        dispatch::act(model, Action::RunSql, effects);
    }
    if let Some(id) = &step.stage {
        stage(model, id, effects);
    }
    for action in &step.actions {
        dispatch::act(model, *action, effects);
    }
}

/// Runs all statements of a stage, whatever has run before.
fn stage(model: &mut Model, id: &str, effects: &mut Vec<Effect>) {
    let plan = model.deploy.plan.as_ref();
    let steps: Vec<(usize, usize)> = plan.map_or_else(Vec::new, |plan| {
        plan.steps().map(|(i, j, _)| (i, j)).filter(|(i, _)| plan.stages.get(*i).is_some_and(|s| s.id == id)).collect()
    });
    if steps.is_empty() {
        return set_phase(model, Phase::Stuck(format!("the plan has no stage {id:?}")));
    }
    model.pane = PaneId::Deploy;
    model.deploy.follow = true;
    with_cx(model, effects, |_, cx| {
        cx.start_work(Job::Deploy { steps, edits: Vec::new(), skips: Vec::new() });
    });
}

/// Presses the next key.
fn play(model: &mut Model, effects: &mut Vec<Effect>) {
    let now_ms = model.now_ms;
    let Some(tour) = &mut model.tour else { return };
    if tour.queue.is_empty() {
        tour.phase = Phase::Waiting { since_ms: now_ms };
        return;
    }
    if now_ms < tour.key_at_ms {
        return;
    }
    tour.key_at_ms = now_ms + tour.pace.key_ms;
    if let Some(key) = tour.queue.pop_front() {
        press(model, key, effects);
    }
}

fn wait(model: &mut Model, since_ms: i64, effects: &mut Vec<Effect>) {
    let Some((step, seen, told, asked_ms)) =
        model.tour.as_ref().and_then(|t| Some((t.now()?.clone(), t.seen, t.told, t.asked_ms)))
    else {
        return;
    };
    let (wait, now_ms) = (&step.wait, model.now_ms);
    let rest = wait.busy || step.only_tells() || model.jobs.idle();
    let screen = wait.screen.is_none() || seen;
    let sql = wait.sql.is_none() || told;
    if rest && screen && sql {
        if let Some(tour) = &mut model.tour {
            tour.done.insert((tour.chapter, tour.step));
            tour.phase = Phase::Shown { since_ms: now_ms };
        }
        return;
    }
    if let (Some(text), false, true) = (&wait.sql, told, now_ms - asked_ms >= ASK_MS) {
        if let Some(tour) = &mut model.tour {
            tour.asked_ms = now_ms;
        }
        if !model.jobs.busy(&Slot::Tour) {
            let sql = text.clone();
            with_cx(model, effects, |_, cx| {
                cx.start(Job::Holds { sql });
            });
        }
    }
    if now_ms - since_ms > i64::from(wait.patience) * 1_000 {
        let what = if !rest {
            "the work does not end".to_owned()
        } else if screen {
            "the warehouse does not say what this step waits for".to_owned()
        } else {
            format!("the screen does not show {:?}", wait.screen.as_deref().unwrap_or_default())
        };
        set_phase(model, Phase::Stuck(what));
    }
}

fn shown(model: &mut Model, since_ms: i64, effects: &mut Vec<Effect>) {
    let Some(tour) = &model.tour else { return };
    let go = tour.now().is_some_and(|s| s.go);
    if go || (tour.pace.auto && model.now_ms - since_ms >= tour.hold_ms()) {
        forward(model, effects);
    }
}

/// The presenter wants to go on.
pub fn next(model: &mut Model, effects: &mut Vec<Effect>) {
    match model.tour.as_ref().map(|t| t.phase.clone()) {
        Some(Phase::Shown { .. } | Phase::Stuck(_)) => forward(model, effects),
        Some(Phase::Over) => leave(model),
        Some(Phase::Playing | Phase::Waiting { .. }) => {
            with_cx(model, effects, |_, cx| cx.say(Tone::Plain, "One moment: this step is still at work"));
        }
        _ => {}
    }
    tick(model, effects);
}

fn forward(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(tour) = &mut model.tour else { return };
    let Some(chapter) = tour.script.chapters.get(tour.chapter) else { return };
    if tour.step + 1 < chapter.steps.len() {
        tour.step += 1;
    } else if tour.chapter + 1 < tour.script.chapters.len() {
        (tour.chapter, tour.step) = (tour.chapter + 1, 0);
    } else {
        tour.phase = Phase::Over;
        if tour.pace.leave {
            effects.push(Effect::Quit);
        }
        return;
    }
    tour.phase = Phase::Preparing { asked: false };
}

/// One back: the screen as it was, nothing is done again.
pub fn back(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(tour) = &mut model.tour else { return };
    if matches!(tour.phase, Phase::Playing | Phase::Resetting) {
        return;
    }
    let mut place = (tour.chapter, tour.step);
    // What goes on at once is passed over.
    loop {
        place = match place {
            (0, 0) => break,
            (chapter, 0) => (chapter - 1, tour.script.chapters.get(chapter - 1).map_or(0, |c| c.steps.len() - 1)),
            (chapter, step) => (chapter, step - 1),
        };
        if !tour.script.chapters.get(place.0).and_then(|c| c.steps.get(place.1)).is_some_and(|s| s.go) {
            break;
        }
    }
    (tour.chapter, tour.step) = place;
    enter(model, effects);
}

/// To the beginning of a chapter.
pub fn jump(model: &mut Model, chapter: usize, effects: &mut Vec<Effect>) {
    if let Some(tour) = &mut model.tour {
        (tour.chapter, tour.step) = (chapter.min(tour.script.chapters.len().saturating_sub(1)), 0);
        tour.phase = Phase::Preparing { asked: false };
    }
    tick(model, effects);
}

/// Shows the chapters.
pub fn choose(model: &mut Model) {
    let Some(tour) = &model.tour else { return };
    let mut cursor = Cursor::default();
    cursor.set(tour.chapter, tour.script.chapters.len());
    let before = tour.chapter;
    model.overlays.push(Overlay::Choice { of: Choice::Chapter, cursor, before });
}

/// Goes on by itself, or stops doing so.
pub fn toggle_auto(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(tour) = &mut model.tour else { return };
    tour.pace.auto = !tour.pace.auto;
    let text = if tour.pace.auto { "The tour goes on by itself" } else { "The tour waits for you" };
    with_cx(model, effects, |_, cx| cx.say(Tone::Plain, text));
}

/// Takes everything back. A cloud that is not the tour's own is asked for.
pub fn reset(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(own) = model.tour.as_ref().map(|t| t.own) else { return };
    let mut started = false;
    with_cx(model, effects, |_, cx| {
        if own {
            started = cx.start_work(Job::ResetAll);
        } else {
            let detail = "The deployment is dropped, and the data sets' objects are deleted.";
            cx.ask("Take everything back and start the tour again?", detail, Job::ResetAll);
        }
    });
    if started {
        set_phase(model, Phase::Resetting);
    }
}

/// Everything has been taken back: from the beginning.
pub fn restart(model: &mut Model) {
    model.overview.files = None;
    model.overview.item = 0;
    model.generate.last = None;
    if let Some(tour) = &mut model.tour {
        (tour.chapter, tour.step) = (0, 0);
        tour.done.clear();
        tour.phase = Phase::Preparing { asked: false };
    }
}

/// Taking everything back has failed.
pub fn not_reset(model: &mut Model, why: &str) {
    if model.tour.as_ref().is_some_and(|t| t.phase == Phase::Resetting) {
        set_phase(model, Phase::Stuck(format!("not everything could be taken back: {why}")));
    }
}

/// Out of the tour; the console stays where it is.
pub fn leave(model: &mut Model) {
    model.tour = None;
}

/// The warehouse has answered.
pub fn answered(model: &mut Model, yes: bool) {
    if let Some(tour) = &mut model.tour {
        tour.told |= yes;
    }
}
