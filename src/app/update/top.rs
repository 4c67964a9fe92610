//! Keys while something lies on top: the palette, a question, a line of text, a text to read.

use super::{dispatch, with_cx};
use crate::app::overlay::{self, Choice, ON_TOP, Overlay, Purpose, Then, palette_rows};
use crate::app::panes::{moved, scrolled};
use crate::app::prompt::Prompt;
use crate::app::{Action, Context, Cursor, Effect, Key, Model, PaneId, Target, Tone, reading, tour};
use tui_input::Input;

/// An action while something lies on top.
pub fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let half = usize::from(model.size.1 / 2).max(1);
    let stage = reading::stage(model);
    let Some(top) = model.overlays.pop() else { return };
    match top {
        Overlay::Help { contexts, mut scroll } => {
            let notes = contexts.iter().map(|c| crate::app::help_notes(model, *c).len()).sum::<usize>();
            let (columns, rows) = reading::help(stage);
            let most = (help_lines(&contexts, columns) + notes).saturating_sub(rows);
            if scrolled(&mut scroll, action, most + 1, half) {
                model.overlays.push(Overlay::Help { contexts, scroll });
            }
        }
        Overlay::Reader { title, text, tone, mut scroll } => {
            if action == Action::Copy {
                effects.push(Effect::Copy(text.clone()));
                with_cx(model, effects, |_, cx| cx.say(Tone::Good, "Copied the text"));
            }
            let (columns, rows) = reading::reader(stage);
            let most = reading::lines(&text, columns).len().saturating_sub(rows);
            if scrolled(&mut scroll, action, most + 1, half) || action == Action::Copy {
                model.overlays.push(Overlay::Reader { title, text, tone, scroll });
            }
        }
        Overlay::Palette { input, cursor } => palette(model, action, input, cursor, effects),
        Overlay::Confirm { then, .. } => {
            if action == Action::Yes {
                agree(model, then, effects);
            }
        }
        Overlay::TypeName { question, name, input, then } => {
            if action == Action::Enter && input.value() == name {
                agree(model, then, effects);
            } else if action == Action::Enter {
                with_cx(model, effects, |_, cx| cx.say(Tone::Warn, "That is not the name; nothing was done"));
                model.overlays.push(Overlay::TypeName { question, name, input, then });
            }
        }
        Overlay::Choice { of, cursor, before } => choice(model, action, (of, cursor, before), effects),
        Overlay::Pick(mut pick) => {
            let shown = pick.shown().len();
            if moved(&mut pick.cursor, action, shown, 8) {
                model.overlays.push(Overlay::Pick(pick));
            } else if action == Action::Enter
                && let Some(text) = pick.shown().get(pick.cursor.at()).map(|row| row.text.clone())
            {
                with_cx(model, effects, |panes, cx| panes.query.picked(pick.then, &text, cx));
            }
        }
        Overlay::Inspect(mut inspect) => {
            if action == Action::Copy {
                let text = inspect.text.clone();
                with_cx(model, effects, |_, cx| cx.copy("cell", text));
            }
            if inspect.act(action, half) || action == Action::Copy {
                model.overlays.push(Overlay::Inspect(inspect));
            }
        }
        Overlay::Line { purpose: Purpose::Prompt(prompt), input, before } => {
            let text = input.value().trim().to_owned();
            if action != Action::Enter {
                return;
            }
            match prompt.problem(&text) {
                None => with_cx(model, effects, |panes, cx| match prompt {
                    Prompt::Export | Prompt::SaveQuery => panes.query.answered(prompt, &text, cx),
                    Prompt::Jump | Prompt::Upload | Prompt::Download => panes.s3.answered(prompt, &text, cx),
                }),
                Some(_) => model.overlays.push(Overlay::Line { purpose: Purpose::Prompt(prompt), input, before }),
            }
        }
        Overlay::Line { purpose: Purpose::Field(at), input, .. } => {
            // A wrong text is taken, too: the row says what is wrong with it, and nothing starts before it is right.
            if action == Action::Enter {
                let text = input.value().trim().to_owned();
                with_cx(model, effects, |panes, cx| panes.generate.accept(at, text, cx));
            }
        }
        Overlay::Line { purpose: Purpose::Reason { stage, step }, input, .. } => {
            if action == Action::Enter {
                let reason = input.value().to_owned();
                with_cx(model, effects, |panes, cx| panes.deploy.skip_for((stage, step), &reason, cx));
            }
        }
        Overlay::Line { purpose, input, before } => {
            let text = if action == Action::Enter { input.value().to_owned() } else { before };
            accept(model, purpose, text);
        }
    }
}

/// A click on what lies on top: a row is selected, a selected one is taken; a key hint does what its key does.
pub fn click(model: &mut Model, target: Target, effects: &mut Vec<Effect>) {
    match target {
        Target::Do(action) => dispatch::act(model, action, effects),
        Target::Row { panel: ON_TOP, row } => {
            let Some(top) = model.overlays.last_mut() else { return };
            let cell = matches!(top, Overlay::Inspect(_));
            if top.click(row) {
                dispatch::act(model, if cell { Action::Toggle } else { Action::Enter }, effects);
            } else if let Overlay::Choice { of: Choice::Theme, .. } = top {
                model.settings.theme = row;
            }
        }
        Target::Row { .. } | Target::Pane(_) => {}
    }
}

/// A list on top: what is selected shows at once, Esc goes back to what was before.
fn choice(
    model: &mut Model,
    action: Action,
    (of, mut cursor, before): (Choice, Cursor, usize),
    effects: &mut Vec<Effect>,
) {
    let len = choices(model, of);
    let half = usize::from(model.size.1 / 2).max(1);
    let was_moved = moved(&mut cursor, action, len, half);
    match of {
        Choice::Theme if action == Action::Back => model.settings.theme = before,
        Choice::Theme => model.settings.theme = cursor.at(),
        Choice::Chapter if action == Action::Enter => tour::jump(model, cursor.at(), effects),
        Choice::Chapter => {}
        Choice::Alert if action == Action::Enter => {
            let cause = model.alerts.open(model.now_ms).nth(cursor.at()).map(|a| a.cause.clone());
            with_cx(model, effects, |_, cx| {
                if let Some(cause) = cause.filter(|_| !cx.refuse_readonly()) {
                    cx.start(crate::app::Job::Acknowledge { causes: vec![cause] });
                }
            });
        }
        Choice::Alert => {}
    }
    if was_moved {
        model.overlays.push(Overlay::Choice { of, cursor, before });
    }
}

/// How many there are to choose from.
fn choices(model: &Model, of: Choice) -> usize {
    match of {
        Choice::Theme => model.themes.len(),
        Choice::Alert => model.alerts.open(model.now_ms).count(),
        Choice::Chapter => model.tour.as_ref().map_or(0, |t| t.script.chapters.len()),
    }
}

fn agree(model: &mut Model, then: Then, effects: &mut Vec<Effect>) {
    with_cx(model, effects, |_, cx| overlay::agree(then, cx));
}

/// Lines of the help for these contexts: each heading one, and a blank between contexts.
fn help_lines(contexts: &[Context], columns: usize) -> usize {
    let rows = crate::app::keymap::rows(contexts).map(|row| reading::fold(row.help, columns).len());
    rows.sum::<usize>() + (2 * contexts.len()).saturating_sub(1)
}

fn palette(model: &mut Model, action: Action, input: Input, mut cursor: Cursor, effects: &mut Vec<Effect>) {
    let rows = palette_rows(input.value(), model.pane);
    if moved(&mut cursor, action, rows.len(), 8) {
        model.overlays.push(Overlay::Palette { input, cursor });
    } else if action == Action::Enter
        && let Some(row) = rows.get(cursor.at())
    {
        if let Context::Pane(pane) = row.context {
            model.pane = pane;
        }
        dispatch::act(model, row.action, effects);
    }
}

/// A key that goes into the line on top.
pub fn typed(model: &mut Model, key: Key) {
    let Some(top) = model.overlays.last_mut() else { return };
    if let Some(input) = top.input_mut() {
        overlay::edit(input, key);
    }
    follow(model);
}

/// What follows what is typed: the palette's rows, the pane's filter.
fn follow(model: &mut Model) {
    match model.overlays.last_mut() {
        Some(Overlay::Palette { input, cursor }) => {
            cursor.clamp(palette_rows(input.value(), model.pane).len());
        }
        Some(Overlay::Pick(pick)) => {
            let shown = pick.shown().len();
            pick.cursor.clamp(shown);
        }
        Some(Overlay::Line { purpose: Purpose::Filter(pane), input, .. }) => {
            let (pane, text) = (*pane, input.value().to_owned());
            model.set_filter(pane, text);
        }
        _ => {}
    }
}

/// Pasted text goes where typing goes; a line takes its first line only.
pub fn paste(model: &mut Model, text: &str) {
    if let Some(top) = model.overlays.last_mut() {
        if let Some(input) = top.input_mut() {
            let line = text.lines().next().unwrap_or_default();
            for c in line.chars().filter(|c| !c.is_control()).take(1_000) {
                input.handle(tui_input::InputRequest::InsertChar(c));
            }
        }
        follow(model);
    } else if let (PaneId::Deploy, Some(editing)) = (model.pane, &mut model.deploy.editing) {
        editing.paste(text);
    } else if model.pane == PaneId::Query {
        model.query.typing = true;
        model.query.paste(text);
    }
}

/// Opens the filter's line, where the pane has a filter.
pub fn open_filter(model: &mut Model) {
    if let Some(before) = model.filter().map(str::to_owned) {
        let input = Input::new(before.clone());
        model.overlays.push(Overlay::Line { purpose: Purpose::Filter(model.pane), input, before });
    }
}

fn accept(model: &mut Model, purpose: Purpose, text: String) {
    match purpose {
        Purpose::Filter(pane) => model.set_filter(pane, text),
        // Taken where the keys are: they may start a job.
        Purpose::Prompt(_) | Purpose::Field(_) | Purpose::Reason { .. } => {}
    }
}
