//! The selected statement: what it is for, its text, and below it what came of it. A stage: its statements.

use super::answer;
use crate::app::panes::deploy::{Editing, Row};
use crate::app::{Model, Target};
use crate::domain::StepState;
use crate::ui::widgets::{folded, framed, highlight, remark, rule, window, wrapped};
use crate::ui::{Hits, Look, text};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::Paragraph;

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let deploy = &model.deploy;
    let focus = deploy.panel > 0;
    match (&deploy.plan, deploy.selected()) {
        (Some(_), Some(Row::Step(i, j))) => step(frame, area, (i, j), model, look, hits),
        (Some(_), Some(Row::Stage(i))) => stage(frame, area, i, model, look),
        _ => {
            framed(frame, area, "Statement", Line::default(), focus, look);
        }
    }
}

fn step(frame: &mut Frame<'_>, area: Rect, (i, j): (usize, usize), model: &Model, look: &Look, hits: &mut Hits) {
    let deploy = &model.deploy;
    let Some(step) = deploy.plan.as_ref().and_then(|p| p.stages.get(i)?.steps.get(j)) else { return };
    let editing = deploy.editing.as_ref().filter(|e| e.place == (i, j));
    let title = format!("{}.{}  {}", i + 1, j + 1, step.title);
    let note = match editing {
        Some(_) => "editing: Ctrl-r runs, Esc leaves".to_owned(),
        None if deploy.edits.contains_key(&(i, j)) => format!("edited here  {}:{}", step.file, step.line),
        None => format!("{}:{}", step.file, step.line),
    };
    let room = usize::from(area.width).saturating_sub(text::width(&title) + 7);
    let inside = framed(frame, area, &title, remark(&text::cut(&note, room), look), deploy.panel == 1, look);
    let columns = usize::from(inside.width);
    let sql = deploy.sql_of((i, j)).unwrap_or_default();
    let mut lines: Vec<Line<'_>> =
        wrapped(&step.caption, columns).into_iter().map(|l| Line::styled(l, look.theme.comment)).collect();
    if !lines.is_empty() {
        lines.push(Line::default());
    }
    lines.extend(highlight(sql, look).into_iter().flat_map(|l| folded(l, columns)));
    let below = answer::lines(model, (i, j), sql, columns, look);
    let split = Split::new(inside.height, lines.len(), below.len(), deploy.panel == 2);
    let top = Rect { height: split.top, ..inside };
    hits.add(Rect { height: split.top + 1, ..area }, Target::Row { panel: 1, row: 0 });
    match editing {
        Some(editing) => editor(frame, top, editing, model, look),
        None => scrolled(frame, top, lines, deploy.scroll),
    }
    let name = answer::title(deploy.state(i, j).unwrap_or(&StepState::Waiting));
    rule(frame, area, top.bottom(), name, remark(&answer::note(model, (i, j)), look), deploy.panel == 2, look);
    let bottom = Rect { y: top.bottom() + 1, height: split.bottom, ..inside };
    hits.add(bottom, Target::Row { panel: 2, row: 0 });
    scrolled(frame, bottom, below, deploy.answer_scroll);
}

/// Rows of the statement and of its answer; a rule lies between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Split {
    top: u16,
    bottom: u16,
}

impl Split {
    /// What is short gives its room to the other; the one with the keys gets more where both are long.
    fn new(height: u16, statement: usize, answer: usize, answer_first: bool) -> Self {
        let room = height.saturating_sub(1);
        let small = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        let (statement, answer) = (small(statement), small(answer));
        let share = if answer_first { room * 2 / 3 } else { room / 2 };
        let bottom = answer.min(share.max(room.saturating_sub(statement))).max(1).min(room);
        Self { top: room - bottom, bottom }
    }
}

fn scrolled(frame: &mut Frame<'_>, area: Rect, lines: Vec<Line<'_>>, scroll: usize) {
    let most = lines.len().saturating_sub(usize::from(area.height));
    let first = u16::try_from(scroll.min(most)).unwrap_or(u16::MAX);
    frame.render_widget(Paragraph::new(Text::from(lines)).scroll((first, 0)), area);
}

/// The text with its cursor.
fn editor(frame: &mut Frame<'_>, area: Rect, editing: &Editing, model: &Model, look: &Look) {
    let whole = editing.text();
    let cursor = editing.editor.cursor();
    let (row, col) = (cursor.0, cursor.1);
    let lines = highlight(&whole, look);
    let before: String = editing.editor.lines().get(row).map_or(String::new(), |l| l.chars().take(col).collect());
    let column = text::width(&text::clean(&before));
    let shift = column.saturating_sub(usize::from(area.width).saturating_sub(2));
    for (y, i) in (area.y..area.bottom()).zip(window(lines.len(), row, usize::from(area.height))) {
        let line = Paragraph::new(Line::from(lines[i].clone()));
        frame.render_widget(line.scroll((0, u16::try_from(shift).unwrap_or(0))), Rect { y, height: 1, ..area });
        if i == row && model.overlays.is_empty() {
            let x = area.x + u16::try_from(column - shift).unwrap_or(0);
            frame.set_cursor_position(Position::new(x.min(area.right().saturating_sub(1)), y));
        }
    }
}

fn stage(frame: &mut Frame<'_>, area: Rect, stage: usize, model: &Model, look: &Look) {
    let deploy = &model.deploy;
    let Some(of) = deploy.plan.as_ref().and_then(|p| p.stages.get(stage)) else { return };
    let (done, all) = deploy.done(stage);
    let note = remark(&format!("{done} of {all} have run"), look);
    let inside = framed(frame, area, &format!("{}  {}", stage + 1, of.title), note, deploy.panel > 0, look);
    let columns = usize::from(inside.width);
    let names = of.steps.iter().map(|s| text::width(&s.title)).max().unwrap_or(0).min(columns * 2 / 5);
    let mut lines = Vec::new();
    for (j, step) in of.steps.iter().enumerate() {
        let (mark, style) = look.step(deploy.state(stage, j).unwrap_or(&StepState::Waiting));
        let first = step.caption.lines().next().unwrap_or_default();
        let caption = text::left(first, columns.saturating_sub(names + 4));
        lines.push(Line::from(vec![
            Span::styled(format!("{mark} "), style),
            Span::raw(text::left(&step.title, names)),
            Span::raw("  "),
            Span::styled(caption.trim_end().to_owned(), look.theme.muted),
        ]));
        let warning = deploy.survey.as_ref().and_then(|s| s.standings.get(stage)?.get(j)?.warning.as_deref());
        for line in warning.map(|w| wrapped(w, columns.saturating_sub(4))).unwrap_or_default() {
            lines.push(Line::styled(format!("  ! {line}"), look.theme.warn));
        }
    }
    lines.push(Line::default());
    let hint = if model.link.info().is_some_and(|info| info.traits.loads.contains(&of.id)) {
        "s loads what is new in S3; what has been loaded is left alone. Enter opens and closes the stage."
    } else {
        "s runs what is left of this stage; Enter opens and closes it; U takes it back, and those after it."
    };
    lines.extend(wrapped(hint, columns).into_iter().map(|l| Line::styled(l, look.theme.muted)));
    scrolled(frame, inside, lines, deploy.scroll);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_parts_fill_the_panel() {
        for height in 2..60 {
            for statement in [0, 1, 5, 30, 400] {
                for answer in [0, 1, 5, 30, 400] {
                    let s = Split::new(height, statement, answer, false);
                    assert_eq!(s.top + s.bottom + 1, height);
                    assert!(s.bottom >= 1);
                }
            }
        }
        assert_eq!(Split::new(20, 3, 40, false), Split { top: 3, bottom: 16 });
        assert_eq!(Split::new(20, 40, 2, false), Split { top: 17, bottom: 2 });
        assert_eq!(Split::new(21, 40, 40, false), Split { top: 10, bottom: 10 });
    }
}
