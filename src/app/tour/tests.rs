//! The tour as a state machine.

use super::*;
use crate::app::fixture::{self, end};
use crate::app::key::{Code, ch, key};
use crate::app::{Effect, Job, Model, Msg, PaneId, Reply, Slot, update};

const SCRIPT: &str = r#"
title = "Test"
[[chapter]]
id = "one"
title = "One"
[[chapter.step]]
caption = "A slide."
slide = true
[[chapter.step]]
caption = "Files."
pane = "generate"
set = { seed = "43" }
do = ["generate"]
[[chapter]]
id = "two"
title = "Two"
needs = "loaded"
[[chapter.step]]
caption = "The screen says it."
pane = "log"
keys = "G"
wait = { screen = "hello" }
"#;

fn tour(mut model: Model) -> Model {
    let script = Arc::new(Script::parse(SCRIPT).expect("a script"));
    rest(&mut model);
    model.tour = Some(Tour::new(script, Pace { key_ms: 0, ..Pace::default() }, true));
    tell(&mut model, 0);
    model
}

fn tell(model: &mut Model, ms: i64) -> Vec<Effect> {
    let now = model.now_ms + ms;
    update(model, Msg::Clock(now))
}

fn space(model: &mut Model) -> Vec<Effect> {
    update(model, Msg::Key(ch(' ')))
}

fn phase(model: &Model) -> Phase {
    model.tour.as_ref().expect("a tour").phase.clone()
}

fn rest(model: &mut Model) {
    let ids: Vec<_> = model.jobs.iter().map(|(id, _)| id).collect();
    for id in ids {
        model.jobs.finish(id);
    }
}

#[test]
fn the_shipped_tour_reads() {
    let tour = Tour::shipped(Pace::default(), true).expect("the shipped tour");
    assert!(tour.script.chapters.len() >= 5);
    for chapter in &tour.script.chapters {
        for step in &chapter.steps {
            assert!(step.go || !step.caption.trim().is_empty(), "{}: a step without words", chapter.id);
            assert!(step.go || !step.notes.trim().is_empty(), "{}: a step without notes: {}", chapter.id, step.caption);
        }
    }
}

#[test]
fn a_step_does_its_work_and_stands_when_it_has_ended() {
    let mut model = tour(fixture::empty());
    assert!(matches!(phase(&model), Phase::Shown { .. }));
    let effects = space(&mut model);
    let started =
        effects.iter().any(|e| matches!(e, Effect::Start(_, Job::Generate { order, .. }) if order.spec.seed == 43));
    assert!(started, "{effects:?}");
    assert_eq!(model.pane, PaneId::Generate);
    assert!(matches!(phase(&model), Phase::Waiting { .. }));
    space(&mut model);
    assert!(matches!(phase(&model), Phase::Waiting { .. }), "work is not passed over");
    rest(&mut model);
    tell(&mut model, 10);
    assert!(matches!(phase(&model), Phase::Shown { .. }));
    update(&mut model, Msg::Key(ch('b')));
    assert_eq!(model.tour.as_ref().map(|t| t.step), Some(0));
    space(&mut model);
    assert!(model.jobs.idle(), "what was done is not done again");
}

#[test]
fn a_chapter_makes_what_it_needs() {
    let mut model = tour(fixture::empty());
    let mut effects = Vec::new();
    jump(&mut model, 1, &mut effects);
    assert!(effects.iter().any(|e| matches!(e, Effect::Start(_, Job::RunAll { .. }))), "{effects:?}");
    assert_eq!(phase(&model), Phase::Preparing { asked: true });
    let mut model = tour(fixture::loaded());
    rest(&mut model);
    jump(&mut model, 1, &mut Vec::new());
    assert!(matches!(phase(&model), Phase::Waiting { .. }));
    assert_eq!(model.tour.as_ref().and_then(|t| t.looks_for()), Some("hello"));
    update(&mut model, Msg::Seen);
    assert!(matches!(phase(&model), Phase::Shown { .. }));
    space(&mut model);
    assert_eq!(phase(&model), Phase::Over);
    space(&mut model);
    assert!(model.tour.is_none());
}

#[test]
fn a_mart_that_a_step_shows_is_read() {
    let mut model = fixture::loaded();
    rest(&mut model);
    let script = SCRIPT.replace(
        "pane = \"log\"\nkeys = \"G\"\nwait = { screen = \"hello\" }",
        "pane = \"marts\"\ndo = [\"reconcile\"]",
    );
    let script = Arc::new(Script::parse(&script).expect("a script"));
    model.tour = Some(Tour::new(script, Pace { key_ms: 0, ..Pace::default() }, true));
    model.marts.forget_rows();
    jump(&mut model, 1, &mut Vec::new());
    assert!(model.jobs.busy(&Slot::Mart) && matches!(phase(&model), Phase::Waiting { .. }), "{:?}", phase(&model));
}

#[test]
fn what_never_comes_is_said() {
    let mut model = tour(fixture::loaded());
    rest(&mut model);
    jump(&mut model, 1, &mut Vec::new());
    for _ in 0..200 {
        rest(&mut model);
        tell(&mut model, 1_000);
    }
    assert!(matches!(phase(&model), Phase::Stuck(why) if why.contains("hello")));
}

#[test]
fn one_key_takes_everything_back() {
    let mut model = tour(fixture::loaded());
    rest(&mut model);
    let effects = update(&mut model, Msg::Key(ch('R')));
    assert!(matches!(&effects[..], [Effect::Start(_, Job::ResetAll)]), "{effects:?}");
    end(&mut model, &Slot::Work, Ok(Reply::Undone(None)));
    assert!(model.overview.files.is_none());
    update(&mut model, Msg::Key(key(Code::Esc)));
    assert!(model.tour.is_none());
}
