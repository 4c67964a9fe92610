//! Deploy: stages and statements, the selected statement, its answer or error.

use crate::app::panes::deploy::Row;
use crate::app::{Model, Slot};
use crate::domain::{QueryOutcome, SqlError, StepState};
use crate::ui::widgets::{List, empty, failure, framed, highlight, remark};
use crate::ui::{Hits, Look, text};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::Paragraph;

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let width = if area.width >= 110 { 44 } else { 34 };
    let [left, right] = Layout::horizontal([Constraint::Length(width), Constraint::Min(0)]).areas(area);
    list(frame, left, model, look, hits);
    detail(frame, right, model, look);
}

fn list(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let deploy = &model.deploy;
    let focus = deploy.panel == 0;
    let (done, all) = deploy.totals();
    let note = if all > 0 { format!("{done} of {all}") } else { String::new() };
    let inside = framed(frame, area, "Stages", remark(&note, look), focus, look);
    if deploy.rows.is_empty() {
        return match &deploy.error {
            Some(error) => failure(frame, inside, "The plan could not be read", error, "R tries again", look),
            None if deploy.plan.is_some() => {
                empty(frame, inside, &["Nothing passes the filter.", "Esc clears it."], look);
            }
            None if model.jobs.busy(&Slot::Plan) || model.link.info().is_none() => {
                empty(frame, inside, &["Reading the plan …"], look);
            }
            None => empty(frame, inside, &["There is no plan yet.", "R reads it."], look),
        };
    }
    let columns = usize::from(inside.width);
    let list = List { len: deploy.rows.len(), selected: deploy.cursor.at(), panel: 0, focus };
    list.draw(frame, inside, look, hits, |i| match deploy.rows[i] {
        Row::Stage(stage) => stage_row(stage, columns, model, look),
        Row::Step(stage, step) => step_row(stage, step, columns, model, look),
    });
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
    let count = format!("{done}/{all}");
    Line::from(vec![
        Span::styled(format!("{mark} "), style),
        Span::styled(text::left(&format!("{} {title}", stage + 1), columns.saturating_sub(10)), look.theme.title),
        Span::styled(text::right(&count, 8), look.theme.muted),
    ])
}

fn step_row(stage: usize, step: usize, columns: usize, model: &Model, look: &Look) -> Line<'static> {
    let waiting = StepState::Waiting;
    let state = model.deploy.state(stage, step).unwrap_or(&waiting);
    let (mark, style) = look.step(state);
    let plan = model.deploy.plan.as_ref();
    let title = plan.and_then(|p| p.stages.get(stage)?.steps.get(step)).map_or("", |s| s.title.as_str());
    let time = match state {
        StepState::Done { ms, .. } => text::duration(i64::try_from(*ms).unwrap_or(i64::MAX)),
        StepState::Running => "running".into(),
        StepState::Failed { .. } => "failed".into(),
        StepState::Skipped => "skipped".into(),
        StepState::Waiting => String::new(),
    };
    Line::from(vec![
        Span::styled(format!("  {mark} "), style),
        Span::raw(text::left(title, columns.saturating_sub(13))),
        Span::styled(text::right(&time, 9), look.theme.muted),
    ])
}

fn detail(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look) {
    let deploy = &model.deploy;
    let focus = deploy.panel == 1;
    let Some(plan) = &deploy.plan else {
        framed(frame, area, "Statement", Line::default(), focus, look);
        return;
    };
    match deploy.selected() {
        Some(Row::Step(i, j)) => {
            let Some(step) = plan.stages.get(i).and_then(|s| s.steps.get(j)) else { return };
            let title = format!("{}.{}  {}", i + 1, j + 1, step.title);
            let note = remark(&format!("{}:{}", step.file, step.line), look);
            let inside = framed(frame, area, &title, note, focus, look);
            let mut lines = caption(&step.caption, usize::from(inside.width), look);
            lines.extend(highlight(&step.sql, look).into_iter().map(Line::from));
            lines.push(Line::default());
            let waiting = StepState::Waiting;
            let state = deploy.state(i, j).unwrap_or(&waiting);
            lines.extend(outcome(state, deploy.answers.get(&(i, j)), &step.sql, usize::from(inside.width), look));
            let most = lines.len().saturating_sub(usize::from(inside.height));
            let first = u16::try_from(deploy.scroll.min(most)).unwrap_or(u16::MAX);
            frame.render_widget(Paragraph::new(Text::from(lines)).scroll((first, 0)), inside);
        }
        Some(Row::Stage(i)) => stage_detail(frame, area, i, model, look),
        None => {
            framed(frame, area, "Statement", Line::default(), focus, look);
        }
    }
}

fn stage_detail(frame: &mut Frame<'_>, area: Rect, stage: usize, model: &Model, look: &Look) {
    let Some(stage_plan) = model.deploy.plan.as_ref().and_then(|p| p.stages.get(stage)) else { return };
    let inside = framed(frame, area, &stage_plan.title, Line::default(), model.deploy.panel == 1, look);
    let (done, all) = model.deploy.done(stage);
    let mut lines = vec![Line::raw(format!("{done} of {all} statements have run.")), Line::default()];
    for step in &stage_plan.steps {
        let first = step.caption.lines().next().unwrap_or_default();
        lines.push(Line::from(vec![
            Span::styled(text::left(&step.title, 26), look.theme.text),
            Span::raw("  "),
            Span::styled(text::clean(first).into_owned(), look.theme.muted),
        ]));
    }
    lines.push(Line::default());
    lines.push(Line::styled("s runs what is left of this stage; Enter opens and closes it.", look.theme.muted));
    frame.render_widget(Paragraph::new(Text::from(lines)), inside);
}

fn caption(words: &str, columns: usize, look: &Look) -> Vec<Line<'static>> {
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut line = String::new();
    for word in words.split_whitespace() {
        if !line.is_empty() && text::width(&line) + 1 + text::width(word) > columns {
            lines.push(Line::styled(std::mem::take(&mut line), look.theme.comment));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&text::clean(word));
    }
    if !line.is_empty() {
        lines.push(Line::styled(line, look.theme.comment));
    }
    if !lines.is_empty() {
        lines.push(Line::default());
    }
    lines
}

fn outcome(
    state: &StepState,
    answer: Option<&QueryOutcome>,
    sql: &str,
    columns: usize,
    look: &Look,
) -> Vec<Line<'static>> {
    match state {
        StepState::Waiting => {
            vec![Line::styled(
                format!("{} not run yet: n runs the next, t runs to here", look.glyphs.waiting),
                look.theme.waiting,
            )]
        }
        StepState::Running => vec![Line::styled(format!("{} running", look.glyphs.running), look.theme.running)],
        StepState::Skipped => vec![Line::styled(format!("{} skipped", look.glyphs.skipped), look.theme.waiting)],
        StepState::Done { query_id, ms, summary } => {
            let took = text::duration(i64::try_from(*ms).unwrap_or(i64::MAX));
            let mut lines = vec![Line::from(vec![
                Span::styled(format!("{} ", look.glyphs.done), look.theme.ok),
                Span::raw(text::clean(summary).into_owned()),
            ])];
            lines.push(Line::styled(format!("  {took}   {}", text::clean(query_id)), look.theme.muted));
            if let Some(answer) = answer.filter(|a| a.columns.len() > 1 && !a.rows.is_empty()) {
                lines.push(Line::default());
                lines.extend(super::query::table(answer, columns, 50, look));
            }
            lines
        }
        StepState::Failed { error } => error_lines(error, sql, look),
    }
}

/// An error with its place: the line of the statement, and a caret under the position.
pub fn error_lines(error: &SqlError, sql: &str, look: &Look) -> Vec<Line<'static>> {
    let mut head = vec![Span::styled(format!("{} ", look.glyphs.failed), look.theme.bad)];
    if !error.code.is_empty() {
        head.push(Span::styled(
            format!("{} ({})", text::clean(&error.code), text::clean(&error.sqlstate)),
            look.theme.bad,
        ));
    }
    if let (Some(line), Some(position)) = (error.line, error.position) {
        head.push(Span::styled(format!("  line {line}, position {position}"), look.theme.muted));
    }
    let mut lines = vec![Line::from(head)];
    lines.extend(error.message.lines().map(|l| Line::raw(format!("  {}", text::clean(l)))));
    let place = error.line.and_then(|n| sql.lines().nth(usize::try_from(n).ok()?.checked_sub(1)?));
    if let (Some(words), Some(position)) = (place, error.position) {
        let before: String = words.chars().take(usize::try_from(position).unwrap_or(usize::MAX)).collect();
        // As wide as the word at the place, so that it is found at a glance.
        let word = words
            .chars()
            .skip(before.chars().count())
            .take_while(|c| c.is_alphanumeric() || "_.$".contains(*c))
            .count();
        let indent = text::width(&text::clean(&before));
        lines.push(Line::default());
        lines.push(Line::styled(format!("    {}", text::clean(words)), look.theme.string));
        lines.push(Line::styled(format!("    {}{}", " ".repeat(indent), "^".repeat(word.max(1))), look.theme.bad));
    }
    if let Some(id) = &error.query_id {
        lines.push(Line::styled(
            format!("  query {}   y copies the id, e edits the statement", text::clean(id)),
            look.theme.muted,
        ));
    }
    lines
}
