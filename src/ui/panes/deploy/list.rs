//! The stages and their statements.

use crate::app::panes::deploy::{Row, sign};
use crate::app::{Model, Slot};
use crate::domain::{Change, StepState};
use crate::ui::widgets::{List, empty, failure, framed, remark};
use crate::ui::{Hits, Look, text};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let deploy = &model.deploy;
    let focus = deploy.panel == 0;
    let (done, all) = deploy.totals();
    let mut note = if all > 0 { format!("{done} of {all}") } else { String::new() };
    if !deploy.queue.is_empty() {
        note = format!("{note}  {} queued", deploy.queue.len());
    }
    let inside = framed(frame, area, "Stages", remark(&note, look), focus, look);
    if deploy.rows.is_empty() {
        return nothing(frame, inside, model, look);
    }
    let columns = usize::from(inside.width);
    let list = List { len: deploy.rows.len(), selected: deploy.cursor.at(), panel: 0, focus };
    list.draw(frame, inside, look, hits, |i| match deploy.rows[i] {
        Row::Stage(stage) => stage_row(stage, columns, model, look),
        Row::Step(stage, step) => step_row(stage, step, columns, model, look),
    });
}

fn nothing(frame: &mut Frame<'_>, inside: Rect, model: &Model, look: &Look) {
    let deploy = &model.deploy;
    match &deploy.error {
        Some(error) => failure(frame, inside, "The plan could not be read", error, "R tries again", look),
        None if deploy.plan.is_some() => empty(frame, inside, &["Nothing passes the filter.", "Esc clears it."], look),
        None if model.jobs.busy(&Slot::Plan) || model.link.info().is_none() => {
            empty(frame, inside, &["Reading the plan …"], look);
        }
        None => empty(frame, inside, &["There is no plan yet.", "R reads it."], look),
    }
}

fn stage_row(stage: usize, columns: usize, model: &Model, look: &Look) -> Line<'static> {
    let states = model.deploy.states.get(stage).map_or(&[][..], Vec::as_slice);
    let (done, all) = model.deploy.done(stage);
    let (mark, style) = match () {
        () if states.iter().any(|s| matches!(s, StepState::Failed { .. })) => (look.glyphs.failed, look.theme.bad),
        () if states.contains(&StepState::Running) => (look.glyphs.running, look.theme.running),
        () if done == all && all > 0 => (look.glyphs.done, look.theme.ok),
        () if done > 0 => (look.glyphs.running, look.theme.waiting),
        () => (look.glyphs.waiting, look.theme.waiting),
    };
    let title = model.deploy.plan.as_ref().and_then(|p| p.stages.get(stage)).map_or("", |s| s.title.as_str());
    let changed = (0..all).filter(|j| model.deploy.change((stage, *j)) == Some(Change::Changed)).count();
    let drift = if changed > 0 { format!("~{changed} ") } else { String::new() };
    let count = format!("{drift}{done}/{all}");
    Line::from(vec![
        Span::styled(format!("{mark} "), style),
        Span::styled(text::left(&format!("{} {title}", stage + 1), columns.saturating_sub(12)), look.theme.title),
        Span::styled(text::right(&count, 10), look.theme.muted),
    ])
}

fn step_row(stage: usize, step: usize, columns: usize, model: &Model, look: &Look) -> Line<'static> {
    let deploy = &model.deploy;
    let waiting = StepState::Waiting;
    let state = deploy.state(stage, step).unwrap_or(&waiting);
    let (mark, style) = look.step(state);
    let title =
        deploy.plan.as_ref().and_then(|p| p.stages.get(stage)?.steps.get(step)).map_or("", |s| s.title.as_str());
    let edited = if deploy.edits.contains_key(&(stage, step)) { "edited" } else { "" };
    let (words, tone) = match state {
        StepState::Done { ms, .. } => (text::duration(i64::try_from(*ms).unwrap_or(i64::MAX)), look.theme.muted),
        StepState::Running => ("running".into(), look.theme.running),
        StepState::Failed { .. } => ("failed".into(), look.theme.bad),
        StepState::Skipped => ("skipped".into(), look.theme.muted),
        StepState::Waiting => match deploy.change((stage, step)) {
            Some(change @ (Change::Changed | Change::Interrupted | Change::Along)) => {
                (format!("{} {}", sign(change), short(change)), look.theme.warn)
            }
            _ => (edited.into(), look.theme.warn),
        },
    };
    Line::from(vec![
        Span::styled(format!("  {mark} "), style),
        // The name has all the room that the words beside it leave.
        Span::raw(text::left(title, columns.saturating_sub(5 + text::width(&words)))),
        Span::styled(format!(" {words}"), tone),
    ])
}

const fn short(change: Change) -> &'static str {
    match change {
        Change::Interrupted => "cut off",
        other => other.word(),
    }
}
