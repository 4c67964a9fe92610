//! Actions: those of the whole console are done here, the others go to the pane that is shown.

use super::{top, with_cx};
use crate::app::overlay::{Overlay, Then};
use crate::app::{Action, Bucket, Cursor, Effect, Job, Make, Model, PaneId, Tone, contexts};

/// Does what `action` means now.
pub fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    if !model.overlays.is_empty() {
        return top::act(model, action, effects);
    }
    if model.pane == PaneId::Query && model.query.typing && action == Action::Back {
        model.query.leave();
        return;
    }
    match action {
        Action::Quit => quit(model, effects),
        Action::Suspend => effects.push(Effect::Suspend),
        Action::Help => model.overlays.push(Overlay::Help { contexts: contexts(model), scroll: 0 }),
        Action::Palette => {
            model.overlays.push(Overlay::Palette { input: tui_input::Input::default(), cursor: Cursor::default() });
        }
        Action::Go(pane) => model.pane = pane,
        Action::NextPane => turn(model, 1),
        Action::PrevPane => turn(model, PaneId::ALL.len() - 1),
        Action::NextPanel => panel(model, 1),
        Action::PrevPanel => panel(model, model.pane.panels() - 1),
        Action::Filter => top::open_filter(model),
        Action::Back => back(model),
        Action::Cancel => with_cx(model, effects, |panes, cx| {
            if panes.pane == PaneId::S3 || cx.jobs.work().is_none() {
                panes.s3.queue.give_up();
                panes.s3.to_end = false;
            }
            cx.cancel();
        }),
        Action::Theme => model.settings.theme += 1,
        Action::Ascii => model.settings.ascii = !model.settings.ascii,
        Action::Mouse => {
            model.settings.mouse = !model.settings.mouse;
            effects.push(Effect::Mouse(model.settings.mouse));
            let text = if model.settings.mouse { "Mouse on" } else { "Mouse off: the terminal selects text" };
            with_cx(model, effects, |_, cx| cx.say(Tone::Plain, text));
        }
        Action::LastError => match model.last_error.clone() {
            Some(text) => model.overlays.push(Overlay::reader("Last error", text, Tone::Bad)),
            None => with_cx(model, effects, |_, cx| cx.say(Tone::Good, "Nothing has failed")),
        },
        Action::RunAll => run_all(model, effects),
        _ => to_pane(model, action, effects),
    }
}

fn to_pane(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    with_cx(model, effects, |panes, cx| match panes.pane {
        PaneId::Overview => panes.overview.act(action, cx),
        PaneId::Generate => panes.generate.act(action, cx),
        PaneId::S3 => panes.s3.act(action, cx),
        PaneId::Deploy => panes.deploy.act(action, cx),
        PaneId::Tasks => panes.tasks.act(action, cx),
        PaneId::Marts => panes.marts.act(action, cx),
        PaneId::Query => panes.query.act(action, cx),
        PaneId::Log => panes.log.act(action, cx),
    });
}

/// Selects a row that was clicked.
pub fn select(model: &mut Model, panel: usize, row: usize) {
    match model.pane {
        PaneId::Overview => model.overview.part.set(row, crate::app::panes::overview::PARTS),
        PaneId::Generate => model.generate.row.set(row, crate::app::panes::generate::fields::ROWS),
        PaneId::S3 if panel == 0 => model.s3.cursor.set(row, model.s3.rows.len()),
        PaneId::Deploy if panel == 0 => {
            model.deploy.follow = false;
            model.deploy.cursor.set(row, model.deploy.rows.len());
        }
        PaneId::Tasks if panel == 0 => model.tasks.cursor.set(row, model.tasks.rows.len()),
        PaneId::Tasks => {
            let runs = model.tasks.summaries().len();
            model.tasks.run.set(row, runs);
        }
        PaneId::Marts if panel == 0 => model.marts.cursor.set(row, model.marts.rows.len()),
        PaneId::Marts => model.marts.rung.set(row, model.marts.checks.len()),
        PaneId::Query if panel == 1 => model.query.select(row),
        PaneId::Log => {
            model.log.follow = false;
            model.log.cursor.set(row, model.log.rows.len());
        }
        _ => {}
    }
    set_panel(model, panel);
}

fn quit(model: &mut Model, effects: &mut Vec<Effect>) {
    let beside = || model.jobs.iter().map(|(_, r)| r).find(|r| moves(&r.job));
    match model.jobs.work().or_else(beside) {
        None => effects.push(Effect::Quit),
        Some(running) => model.overlays.push(Overlay::Confirm {
            question: format!("Leave while this is under way: {}?", running.job.title()),
            detail: "It is cancelled. What is done stays; the rest can be started again.".into(),
            then: Then::Quit,
        }),
    }
}

/// Whether leaving would end something halfway.
const fn moves(job: &Job) -> bool {
    matches!(job, Job::Bucket(Bucket::Move(_)) | Job::Make(Make::Feed { .. }))
}

fn turn(model: &mut Model, by: usize) {
    model.pane = PaneId::ALL[(model.pane.index() + by) % PaneId::ALL.len()];
}

fn panel(model: &mut Model, by: usize) {
    let now = match model.pane {
        PaneId::S3 => model.s3.panel,
        PaneId::Deploy => model.deploy.panel,
        PaneId::Tasks => model.tasks.panel,
        PaneId::Marts => model.marts.panel,
        PaneId::Query => model.query.panel,
        _ => return,
    };
    set_panel(model, (now + by) % model.pane.panels());
}

fn set_panel(model: &mut Model, panel: usize) {
    let panel = panel.min(model.pane.panels() - 1);
    match model.pane {
        PaneId::S3 => model.s3.panel = panel,
        PaneId::Deploy => model.deploy.panel = panel,
        PaneId::Tasks => model.tasks.panel = panel,
        PaneId::Marts => model.marts.panel = panel,
        PaneId::Query => model.query.panel = panel,
        _ => {}
    }
}

fn back(model: &mut Model) {
    if model.filter().is_some_and(|f| !f.is_empty()) {
        model.set_filter(model.pane, String::new());
    } else {
        set_panel(model, 0);
    }
}

fn run_all(model: &mut Model, effects: &mut Vec<Effect>) {
    match model.generate.spec() {
        Ok(spec) if model.env.local => with_cx(model, effects, |panes, cx| {
            if cx.start_work(Job::RunAll { spec }) {
                panes.deploy.forget();
            }
        }),
        Ok(spec) => {
            let profile = model.env.profile.clone();
            with_cx(model, effects, |_, cx| {
                let detail = "It generates, uploads, deploys and loads there, and uses warehouse credits.";
                cx.ask(format!("Run the whole job on the account of profile {profile}?"), detail, Job::RunAll { spec });
            });
        }
        Err((field, why)) => {
            let name = crate::app::panes::generate::fields::row(field).name();
            with_cx(model, effects, |_, cx| cx.say(Tone::Warn, format!("2 Generate, {name}: {why}")));
        }
    }
}
