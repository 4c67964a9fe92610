//! Tasks: the tree with states and times, the selected task, the run's bars, the runs before.

use crate::app::{Model, Slot, Target};
use crate::domain::{TaskNode, TaskRun, TaskState};
use crate::ui::widgets::{List, empty, failure, framed, place, remark};
use crate::ui::{Hits, Look, text};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Paragraph, Wrap};

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let detail = if area.height >= 28 { 8 } else { 5 };
    let [top, bottom] = Layout::vertical([Constraint::Min(0), Constraint::Length(detail)]).areas(area);
    let [task, history] = Layout::horizontal([Constraint::Fill(3), Constraint::Length(30)]).areas(bottom);
    tree(frame, top, model, look, hits);
    selected(frame, task, model, look);
    runs(frame, history, model, look, hits);
}

/// First start and last end of the shown run, epoch milliseconds.
fn span(model: &Model) -> Option<(i64, i64)> {
    let id = model.tasks.run_id()?;
    let of_run = || model.tasks.runs.iter().filter(move |r| r.run_id == id);
    let start = of_run().filter_map(|r| r.started_ms).min()?;
    let going = of_run().any(|r| r.state == TaskState::Executing);
    let end = of_run().filter_map(|r| r.completed_ms).max().unwrap_or(start);
    Some((start, if going { end.max(model.now_ms) } else { end }))
}

fn tree(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let tasks = &model.tasks;
    let root = tasks.root();
    let title = root.map_or("Task tree", |r| r.name.as_str());
    let schedule = root.and_then(|r| r.schedule.as_deref()).unwrap_or_default();
    let state = root.map_or("", |r| if r.started { "resumed" } else { "suspended" });
    let seen = place(tasks.cursor.at(), tasks.rows.len(), area.height.saturating_sub(3));
    let note = [state, schedule, &seen].iter().filter(|s| !s.is_empty()).copied().collect::<Vec<_>>().join("  ");
    let focus = tasks.panel == 0;
    let inside = framed(frame, area, title, remark(&note, look), focus, look);
    if tasks.rows.is_empty() {
        return match &tasks.error {
            Some(error) => failure(frame, inside, "The tasks could not be read", error, "r tries again", look),
            None if !tasks.filter.is_empty() => {
                empty(frame, inside, &["Nothing passes the filter.", "Esc clears it."], look);
            }
            None if !tasks.known || model.jobs.busy(&Slot::Tasks) => {
                empty(frame, inside, &["Reading the tasks …"], look);
            }
            None => empty(frame, inside, &["There are no tasks yet.", "4 deploys them; x then runs the tree."], look),
        };
    }
    let columns = usize::from(inside.width);
    let names = (columns / 2).clamp(30, 48);
    let bars = columns.saturating_sub(names + 13);
    let span = span(model);
    let axis = span.map_or(String::new(), |(s, e)| text::duration(e - s));
    let head = Line::styled(
        format!("{}{}  {}", text::left("  TASK", names), text::right("TIME", 10), text::right(&axis, bars)),
        look.theme.muted,
    );
    frame.render_widget(head, Rect { height: 1.min(inside.height), ..inside });
    let rest = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
    let list = List { len: tasks.rows.len(), selected: tasks.cursor.at(), panel: 0, focus };
    list.draw(frame, rest, look, hits, |i| {
        let row = &tasks.rows[i];
        one(&tasks.nodes[row.node], row.depth, (names, bars), span, model, look)
    });
}

fn one(
    node: &TaskNode,
    depth: usize,
    (names, bars): (usize, usize),
    span: Option<(i64, i64)>,
    model: &Model,
    look: &Look,
) -> Line<'static> {
    let run = model.tasks.task_run(&node.name);
    let (mark, style) = match run {
        Some(run) => look.task(run.state),
        None if node.started => (look.glyphs.waiting, look.theme.waiting),
        None => (look.glyphs.suspended, look.theme.waiting),
    };
    let time = match run {
        Some(run) => match (run.millis(), run.started_ms) {
            (Some(ms), _) if run.state.is_over() => text::duration(i64::try_from(ms).unwrap_or(i64::MAX)),
            (_, Some(start)) if run.state == TaskState::Executing => text::duration(model.now_ms - start),
            _ => String::new(),
        },
        None => String::new(),
    };
    let name = format!("{}{}", "  ".repeat(depth), node.name);
    let name = if node.finalizes.is_some() { format!("{} (finalizer)", node.name) } else { name };
    let mut spans = vec![
        Span::styled(format!("{mark} "), style),
        Span::raw(text::left(&name, names.saturating_sub(2))),
        Span::styled(text::right(&time, 10), look.theme.number),
        Span::raw("  "),
    ];
    spans.extend(run.zip(span).map(|(r, s)| gantt(r, s, bars, model.now_ms, look)).unwrap_or_default());
    Line::from(spans)
}

/// A task's place in its run: queued, then running.
fn gantt(run: &TaskRun, (start, end): (i64, i64), columns: usize, now_ms: i64, look: &Look) -> Vec<Span<'static>> {
    let Some(began) = run.started_ms else { return Vec::new() };
    let whole = i128::from((end - start).max(1));
    let last = columns.saturating_sub(1);
    let column =
        |ms: i64| usize::try_from(i128::from((ms - start).max(0)) * last as i128 / whole).unwrap_or(0).min(last);
    let over = run.completed_ms.unwrap_or(if run.state == TaskState::Executing { now_ms } else { began });
    let (from, to) = (column(began), column(over).max(column(began)));
    if columns == 0 {
        return Vec::new();
    }
    let (_, style) = look.task(run.state);
    vec![Span::raw(" ".repeat(from)), Span::styled(look.glyphs.full.repeat(to - from + 1), style)]
}

fn selected(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look) {
    let Some(node) = model.tasks.selected() else {
        framed(frame, area, "Task", Line::default(), false, look);
        return;
    };
    let run = model.tasks.task_run(&node.name);
    let id = run.and_then(|r| r.query_id.clone()).unwrap_or_default();
    let columns = usize::from(area.width).saturating_sub(text::width(&node.name) + 8);
    let inside = framed(frame, area, &node.name, remark(&text::cut(&text::clean(&id), columns), look), false, look);
    let mut lines = Vec::new();
    if let Some(run) = run {
        let (mark, style) = look.task(run.state);
        let words = format!("{:?}", run.state).to_lowercase();
        let attempt = if run.attempt > 1 { format!(", attempt {}", run.attempt) } else { String::new() };
        let value = run.return_value.as_deref().map_or(String::new(), |v| format!("   returned {}", text::clean(v)));
        lines.push(Line::from(vec![
            Span::styled(format!("{mark} {words}{attempt}"), style),
            Span::styled(value, look.theme.muted),
        ]));
        if let Some(why) = &run.error_message {
            let code = run.error_code.as_deref().unwrap_or_default();
            lines.push(Line::styled(format!("{} {}", text::clean(code), text::clean(why)), look.theme.bad));
        }
    } else {
        lines.push(Line::styled("has not run in this run", look.theme.muted));
    }
    if !node.comment.is_empty() {
        lines.push(Line::raw(text::clean(&node.comment).into_owned()));
    }
    let after =
        if node.predecessors.is_empty() { String::new() } else { format!("after {}", node.predecessors.join(", ")) };
    let when = node.condition.as_deref().map_or(String::new(), |c| format!("when {c}"));
    for words in [after, when].iter().filter(|w| !w.is_empty()) {
        let words = text::left(words, usize::from(inside.width));
        lines.push(Line::styled(words.trim_end().to_owned(), look.theme.muted));
    }
    frame.render_widget(Paragraph::new(Text::from(lines)).wrap(Wrap { trim: true }), inside);
}

fn runs(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let focus = model.tasks.panel == 1;
    let inside = framed(frame, area, "Runs", remark("h earlier  l later", look), focus, look);
    let all = model.tasks.summaries();
    if all.is_empty() {
        frame.render_widget(Line::styled("none yet: x runs the tree", look.theme.muted), inside);
        return hits.add(inside, Target::Row { panel: 1, row: 0 });
    }
    let columns = usize::from(inside.width);
    let list = List { len: all.len(), selected: model.tasks.run.at(), panel: 1, focus };
    list.draw(frame, inside, look, hits, |i| {
        let run = &all[i];
        let (mark, style) = look.task(run.state);
        let words = match (&run.failed, run.millis) {
            (Some(name), _) => name.clone(),
            (None, _) if run.state == TaskState::Skipped => "nothing to do".into(),
            (None, Some(ms)) => text::duration(ms),
            _ => String::new(),
        };
        Line::from(vec![
            Span::styled(format!("{mark} "), style),
            Span::raw(text::clock_s(run.id, model.env.utc_offset_s)),
            Span::raw(" "),
            Span::styled(text::right(&words, columns.saturating_sub(11)), look.theme.muted),
        ])
    });
}
