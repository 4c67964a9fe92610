//! Tasks: the tree as a graph, the run as bars, the selected task, the runs before.

mod detail;
mod gantt;
mod graph;
mod history;
mod layout;

use crate::app::panes::tasks::countdown;
use crate::app::{Model, Slot, Target};
use crate::ui::widgets::{empty, failure, framed, remark, rule};
use crate::ui::{Hits, Look, text};
use graph::Graph;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let tasks = &model.tasks;
    let inside = framed(frame, area, &title(model), note(model, look), tasks.panel == 0, look);
    if tasks.rows.is_empty() {
        return nothing(frame, inside, model, look);
    }
    let graph = Graph::new(tasks, usize::from(inside.width));
    let finalizers: Vec<usize> =
        (0..tasks.rows.len()).filter(|r| tasks.nodes[tasks.rows[*r].node].finalizes.is_some()).collect();
    let failed = tasks.selected().and_then(|n| tasks.task_run(&n.name)).is_some_and(|r| r.error_message.is_some());
    let heights = Heights::new(inside.height, graph.height() + finalizers.len(), tasks.rows.len(), failed);
    let top = Rect { height: heights.graph, ..inside };
    let free = u16::try_from(finalizers.len()).unwrap_or(0).min(heights.graph.saturating_sub(1));
    graph.draw(frame, Rect { height: top.height - free, ..top }, model, look, hits);
    for (y, row) in (top.bottom() - free..top.bottom()).zip(finalizers) {
        finalizer(frame, Rect { y, height: 1, ..top }, row, model, look, hits);
    }
    let mut y = top.bottom();
    let mut section = |frame: &mut Frame<'_>, title: &str, note: Line<'_>, focus: bool, height: u16| {
        rule(frame, area, y, title, note, focus, look);
        let inside = Rect { y: y + 1, height, ..inside };
        y += 1 + height;
        inside
    };
    let spot = section(frame, "Gantt", legend(model, look), tasks.panel == 0, heights.gantt);
    gantt::draw(frame, spot, model, look, hits);
    let name = tasks.selected().map_or("Task", |n| n.name.as_str());
    let spot = section(frame, name, remark("Enter reads all", look), tasks.panel == 1, heights.detail);
    hits.add(spot, Target::Row { panel: 1, row: 0 });
    detail::draw(frame, spot, model, look);
    let spot = section(frame, "History", remark("h newer  l older", look), tasks.panel == 2, 1);
    history::draw(frame, spot, model, look, hits);
}

/// Rows of the parts; what is left over goes to the task's detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Heights {
    graph: u16,
    gantt: u16,
    detail: u16,
}

impl Heights {
    /// `inside` holds the parts, three rules and the history's line. `failed`: the selected task has an error to show.
    fn new(inside: u16, graph: usize, tasks: usize, failed: bool) -> Self {
        let room = inside.saturating_sub(4);
        let small = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        let detail = if room >= 26 { room / 4 } else { (room / 4).max(2) }.min(room);
        // An error is read here first; it takes some lines before it comes to the point.
        let detail = if failed { detail.max(room / 3) } else { detail };
        let graph = small(graph).min((room - detail) / 2 + (room - detail) % 2);
        let gantt = small(tasks).min(room - detail - graph);
        Self { graph, gantt, detail: room - graph - gantt }
    }
}

fn title(model: &Model) -> String {
    let tasks = &model.tasks;
    let name = tasks.root().map_or("Task tree", |r| r.name.as_str());
    match tasks.summaries().get(tasks.run.at()) {
        Some(run) => {
            let attempt = if run.attempts > 1 { format!("  attempt {}", run.attempts) } else { String::new() };
            format!("{name}  run {}{attempt}", text::clock_s(run.id, model.env.utc_offset_s))
        }
        None => name.to_owned(),
    }
}

/// The schedule and the time that is left.
fn note(model: &Model, look: &Look) -> Line<'static> {
    let tasks = &model.tasks;
    let Some(root) = tasks.root() else { return Line::default() };
    let schedule = root.schedule.as_deref().unwrap_or_default().trim_start_matches("USING CRON ").to_owned();
    if !root.started {
        return Line::styled(format!(" {} suspended: s resumes it ", look.glyphs.suspended), look.theme.warn);
    }
    // On an account a quiet tree is read seldom; what is shown of it then is told to be old.
    if let Some(age) = tasks.stale_ms(model.now_ms) {
        let mut spans = vec![Span::styled(format!(" read {} ago: R reads it ", text::age(age)), look.theme.warn)];
        if let Some(ms) = tasks.until_next_ms(model.now_ms) {
            spans.push(Span::styled(format!("{} next in {} ", look.glyphs.dot, countdown(ms)), look.theme.accent));
        }
        return Line::from(spans);
    }
    match tasks.until_next_ms(model.now_ms) {
        Some(0) => Line::styled(" due now ", look.theme.accent),
        Some(ms) => Line::from(vec![
            Span::styled(format!(" {}  next in ", text::clean(&schedule)), look.theme.muted),
            Span::styled(format!("{} ", countdown(ms)), look.theme.accent),
        ]),
        None => remark(&schedule, look),
    }
}

fn legend(model: &Model, look: &Look) -> Line<'static> {
    let whole = gantt::span(&model.tasks, model.now_ms).map_or(String::new(), |(s, e)| text::duration(e - s));
    Line::from(vec![
        Span::styled(format!(" {} ", look.glyphs.empty), look.theme.muted),
        Span::styled("queued  ", look.theme.muted),
        Span::styled(format!("{} ", look.glyphs.full), look.theme.accent),
        Span::styled("running  ", look.theme.muted),
        Span::styled(format!("{whole} "), look.theme.number),
    ])
}

fn finalizer(frame: &mut Frame<'_>, area: Rect, row: usize, model: &Model, look: &Look, hits: &mut Hits) {
    let tasks = &model.tasks;
    let node = &tasks.nodes[tasks.rows[row].node];
    let (mark, style) = graph::mark(node, tasks.task_run(&node.name), look);
    let chosen = row == tasks.cursor.at();
    let name = match chosen {
        true if tasks.panel == 0 => look.theme.selected,
        true => look.theme.selected_idle,
        false => look.theme.text,
    };
    let line = Line::from(vec![
        Span::styled("at the end, whatever came of it  ", look.theme.muted),
        Span::styled(format!("{mark} "), style),
        Span::styled(text::clean(&node.name).into_owned(), name),
    ]);
    let width = u16::try_from(line.width()).unwrap_or(area.width).min(area.width);
    let spot = Rect { x: area.right() - width, width, ..area };
    frame.render_widget(line, spot);
    hits.add(spot, Target::Row { panel: 0, row });
}

fn nothing(frame: &mut Frame<'_>, inside: Rect, model: &Model, look: &Look) {
    let tasks = &model.tasks;
    match &tasks.error {
        Some(error) => failure(frame, inside, "The tasks could not be read", error, "R tries again", look),
        None if !tasks.filter.is_empty() => {
            empty(frame, inside, &["Nothing passes the filter.", "Esc clears it."], look);
        }
        None if !tasks.known || model.jobs.busy(&Slot::Tasks) => empty(frame, inside, &["Reading the tasks …"], look),
        None => empty(frame, inside, &["There are no tasks yet.", "4 deploys them; x then runs the tree."], look),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_fill_the_panel() {
        for inside in 4..70 {
            for graph in 0..12 {
                for tasks in 1..20 {
                    let h = Heights::new(inside, graph, tasks, tasks % 2 == 0);
                    assert_eq!(h.graph + h.gantt + h.detail + 4, inside, "{inside} {graph} {tasks}");
                }
            }
        }
        assert_eq!(Heights::new(19, 4, 13, false), Heights { graph: 4, gantt: 8, detail: 3 });
        assert_eq!(Heights::new(19, 5, 17, true), Heights { graph: 5, gantt: 5, detail: 5 });
    }
}
