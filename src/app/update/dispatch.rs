//! Actions: those of the whole console are done here, the others go to the pane that is shown.

use super::{open, top, with_cx};
use crate::app::overlay::{Choice, Overlay, Then};
use crate::app::{Action, Bucket, Cursor, Effect, Job, Make, Model, PaneId, Tone, contexts, tour};
use crate::domain::TaskState;

/// Does what `action` means now.
pub fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    // A picture is of what is seen, whatever lies on top.
    if action == Action::Picture {
        return effects.push(Effect::Picture);
    }
    if !model.overlays.is_empty() {
        return top::act(model, action, effects);
    }
    if model.pane == PaneId::Query && model.query.typing && action == Action::Back {
        model.query.leave();
        return;
    }
    let edits = model.pane == PaneId::Deploy && model.deploy.editing.is_some();
    if edits && matches!(action, Action::RunSql | Action::OpenEditor | Action::Back) {
        return to_pane(model, action, effects);
    }
    match action {
        Action::Quit => quit(model, effects),
        Action::Suspend => effects.push(Effect::Suspend),
        Action::Help => model.overlays.push(Overlay::Help { contexts: contexts(model), scroll: 0 }),
        Action::Palette => {
            model.overlays.push(Overlay::Palette { input: tui_input::Input::default(), cursor: Cursor::default() });
        }
        Action::Go(pane) => {
            model.pane = pane;
            entered(model, effects);
        }
        Action::NextPane => turn(model, 1, effects),
        Action::PrevPane => turn(model, PaneId::ALL.len() - 1, effects),
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
        Action::Theme => choose_theme(model),
        Action::Still => {
            model.settings.still = !model.settings.still;
            let text = if model.settings.still { "Less motion" } else { "Things move again" };
            with_cx(model, effects, |_, cx| cx.say(Tone::Plain, text));
        }
        Action::Alerts if model.alerts.open(model.now_ms).next().is_some() => {
            let cursor = Cursor::default();
            model.overlays.push(Overlay::Choice { of: Choice::Alert, cursor, before: 0 });
        }
        Action::Alerts => match failures(model) {
            text if text.is_empty() => with_cx(model, effects, |_, cx| cx.say(Tone::Good, "No task has failed lately")),
            text => model.overlays.push(Overlay::reader("What has failed lately", text, Tone::Bad)),
        },
        Action::Tour => tour::begin(model, effects),
        Action::TourNext => tour::next(model, effects),
        Action::TourBack => tour::back(model, effects),
        Action::TourChapters => tour::choose(model),
        Action::TourAuto => tour::toggle_auto(model, effects),
        Action::TourReset => tour::reset(model, effects),
        Action::TourLeave => tour::leave(model),
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
        Action::RunAll => {
            run_all(model, effects);
        }
        _ => to_pane(model, action, effects),
    }
}

fn to_pane(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    if model.pane == PaneId::Overview && action == Action::Enter {
        return open::open(model, effects);
    }
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
    if model.pane == PaneId::Overview {
        open::settle(model);
    }
}

/// Whether a row of a list is the selected one, and its panel has the keys.
pub fn is_selected(model: &Model, panel: usize, row: usize) -> bool {
    let at = match model.pane {
        PaneId::Overview => (model.overview.part.at(), model.overview.item),
        PaneId::Generate => (0, model.generate.row.at()),
        PaneId::S3 => (model.s3.panel, model.s3.cursor.at()),
        PaneId::Deploy => (model.deploy.panel, model.deploy.cursor.at()),
        PaneId::Tasks => (model.tasks.panel, model.tasks.cursor.at()),
        PaneId::Marts if model.marts.panel == 1 => (1, model.marts.rung.at()),
        PaneId::Marts => (model.marts.panel, model.marts.cursor.at()),
        PaneId::Query => return panel == 1 && model.query.panel == 1 && model.query.row() == Some(row),
        PaneId::Log => (0, model.log.cursor.at()),
    };
    // Panels of text have no rows of their own.
    let list = match model.pane {
        PaneId::Overview => true,
        PaneId::Marts => panel < 2,
        _ => panel == 0,
    };
    list && at == (panel, row)
}

/// Selects a row that was clicked.
pub fn select(model: &mut Model, panel: usize, row: usize) {
    match model.pane {
        PaneId::Overview => {
            model.overview.part.set(panel, crate::app::picture::PARTS);
            model.overview.item = row;
            open::settle(model);
        }
        PaneId::Generate => model.generate.row.set(row, crate::app::panes::generate::fields::ROWS),
        PaneId::S3 if panel == 0 => model.s3.cursor.set(row, model.s3.rows.len()),
        PaneId::Deploy if panel == 0 => {
            model.deploy.follow = false;
            model.deploy.cursor.set(row, model.deploy.rows.len());
        }
        PaneId::Tasks => model.tasks.select(panel, row),
        PaneId::Marts if panel == 0 => model.marts.cursor.set(row, model.marts.rows.len()),
        PaneId::Marts if panel == 1 => model.marts.rung.set(row, model.marts.checks.len()),
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

/// The tasks that failed, the newest first, with why.
fn failures(model: &Model) -> String {
    let bad = |s: TaskState| matches!(s, TaskState::Failed | TaskState::FailedAndAutoSuspended);
    let mut runs: Vec<_> = model.tasks.runs.iter().filter(|r| bad(r.state)).collect();
    runs.sort_by_key(|r| std::cmp::Reverse((r.completed_ms, r.attempt)));
    let line = |r: &&crate::domain::TaskRun| {
        let why = r.error_message.as_deref().unwrap_or("failed");
        format!("{}, attempt {}: {why}", r.name, r.attempt)
    };
    runs.iter().take(50).map(line).collect::<Vec<_>>().join("\n")
}

/// Whether leaving would end something halfway.
const fn moves(job: &Job) -> bool {
    matches!(job, Job::Bucket(Bucket::Move(_)) | Job::Make(Make::Feed { .. }))
}

fn choose_theme(model: &mut Model) {
    let (len, before) = (model.themes.len().max(1), model.settings.theme);
    let mut cursor = Cursor::default();
    cursor.set(before % len, len);
    model.overlays.push(Overlay::Choice { of: Choice::Theme, cursor, before });
}

fn turn(model: &mut Model, by: usize, effects: &mut Vec<Effect>) {
    model.pane = PaneId::ALL[(model.pane.index() + by) % PaneId::ALL.len()];
    entered(model, effects);
}

/// A pane that is shown may want to read what only it shows.
fn entered(model: &mut Model, effects: &mut Vec<Effect>) {
    with_cx(model, effects, |panes, cx| match panes.pane {
        PaneId::Marts => panes.marts.read(cx),
        PaneId::Tasks => panes.tasks.look(cx),
        _ => {}
    });
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
        PaneId::Marts => model.marts.show(panel),
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

/// Starts the whole job; whether it has begun.
pub fn run_all(model: &mut Model, effects: &mut Vec<Effect>) -> bool {
    let mut begun = false;
    match model.generate.order() {
        Ok(order) if model.env.local => with_cx(model, effects, |_, cx| begun = cx.start_work(Job::RunAll { order })),
        Ok(order) => {
            let profile = model.env.profile.clone();
            with_cx(model, effects, |_, cx| {
                let detail = format!(
                    "It generates {}, uploads, deploys and loads there, and uses warehouse credits.",
                    order.words()
                );
                cx.ask(
                    format!("Run the whole job on the account of profile {profile}?"),
                    detail,
                    Job::RunAll { order },
                );
            });
        }
        Err((field, why)) => {
            let name = crate::app::panes::generate::fields::row(field).name();
            with_cx(model, effects, |_, cx| cx.say(Tone::Warn, format!("2 Generate, {name}: {why}")));
        }
    }
    begun
}
