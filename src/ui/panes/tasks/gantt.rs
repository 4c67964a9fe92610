//! The run as bars: how long each task waited for its turn, and how long it ran.

use super::graph::{mark, took};
use crate::app::panes::tasks::State;
use crate::app::{Model, Target};
use crate::domain::{TaskNode, TaskState};
use crate::ui::widgets::{List, window};
use crate::ui::{Hits, Look, text};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Columns of a time.
const TIME: usize = 9;

/// What a task did in a run: epoch milliseconds of the server's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// It could have started.
    pub ready: i64,
    /// It did start; `None` while it waits.
    pub start: Option<i64>,
    /// Its end, or now.
    pub end: i64,
}

/// A bar in cells: blanks, then the waiting part, then the running part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cells {
    /// Before it.
    pub before: usize,
    /// Waiting.
    pub queued: usize,
    /// Running.
    pub running: usize,
}

/// First and last moment of the shown run, epoch milliseconds of the server's time.
#[must_use]
pub fn span(tasks: &State, now_ms: i64) -> Option<(i64, i64)> {
    let id = tasks.run_id()?;
    let start = tasks.runs_of(id).filter_map(|r| r.started_ms).min()?;
    let going = tasks.runs_of(id).any(|r| r.state == TaskState::Executing);
    let end = tasks.runs_of(id).filter_map(|r| r.completed_ms).max().unwrap_or(start);
    Some((start, if going { end.max(tasks.server_ms(now_ms)) } else { end }))
}

/// What a task did in the shown run; `None` where it has not been reached.
#[must_use]
pub fn bar(tasks: &State, node: &TaskNode, now_ms: i64) -> Option<Bar> {
    let run = tasks.task_run(&node.name)?;
    let now = tasks.server_ms(now_ms);
    let (start, end) = match run.state {
        TaskState::Executing => (run.started_ms, now),
        TaskState::Scheduled => (None, now),
        _ => (run.started_ms, run.completed_ms.or(run.started_ms)?),
    };
    let first = start.unwrap_or(end);
    let ready = tasks.ready_ms(node).unwrap_or(first).min(first);
    Some(Bar { ready, start, end: end.max(first) })
}

/// The cells of a bar on an axis of `columns` cells.
#[must_use]
pub fn cells(bar: Bar, (from, to): (i64, i64), columns: usize) -> Cells {
    let whole = i128::from((to - from).max(1));
    let place = |ms: i64| {
        let ms = i128::from(ms.clamp(from, to.max(from)) - from);
        usize::try_from(ms * i128::try_from(columns).unwrap_or(0) / whole).unwrap_or(0).min(columns)
    };
    if columns == 0 {
        return Cells { before: 0, queued: 0, running: 0 };
    }
    let last = columns - 1;
    let Some(start) = bar.start else {
        let before = place(bar.ready).min(last);
        return Cells { before, queued: place(bar.end).saturating_sub(before).max(1), running: 0 };
    };
    // What ran is seen, however short it was.
    let begun = place(start).min(last);
    let running = place(bar.end).saturating_sub(begun).max(1);
    let before = place(bar.ready).min(begun);
    Cells { before, queued: begun - before, running }
}

/// Draws the rows that are seen, with the selected one among them: its name is marked, its bar keeps its colours.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let tasks = &model.tasks;
    let longest = tasks.rows.iter().map(|r| text::width(&tasks.nodes[r.node].name)).max().unwrap_or(0);
    let names = u16::try_from(longest + 3).unwrap_or(u16::MAX).min(area.width * 2 / 5);
    let (len, selected) = (tasks.rows.len(), tasks.cursor.at());
    let list = List { len, selected, panel: 0, focus: tasks.panel == 0 };
    list.draw(frame, Rect { width: names, ..area }, look, hits, |i| {
        let node = &tasks.nodes[tasks.rows[i].node];
        let (mark, style) = mark(node, tasks.task_run(&node.name), look);
        let name = text::left(&node.name, usize::from(names).saturating_sub(2));
        Line::from(vec![Span::styled(format!("{mark} "), style), Span::raw(name)])
    });
    let span = span(tasks, model.now_ms);
    let rest = Rect { x: area.x + names, width: area.width - names, ..area };
    for (y, i) in (area.y..area.bottom()).zip(window(len, selected, usize::from(area.height))) {
        let spot = Rect { y, height: 1, ..rest };
        frame.render_widget(bar_of(model, &tasks.nodes[tasks.rows[i].node], span, usize::from(rest.width), look), spot);
        hits.add(spot, Target::Row { panel: 0, row: i });
    }
}

/// A task's bar and the time it took.
fn bar_of(model: &Model, node: &TaskNode, span: Option<(i64, i64)>, columns: usize, look: &Look) -> Line<'static> {
    let tasks = &model.tasks;
    let run = tasks.task_run(&node.name);
    let (_, style) = mark(node, run, look);
    let bars = columns.saturating_sub(TIME + 1);
    let bar = span.zip(bar(tasks, node, model.now_ms)).map(|(span, bar)| cells(bar, span, bars));
    let bar = bar.unwrap_or(Cells { before: bars, queued: 0, running: 0 });
    let used = bar.before + bar.queued + bar.running;
    let running =
        if run.is_some_and(|r| r.state.is_over()) && style != look.theme.bad { look.theme.accent } else { style };
    let time = run.map_or(String::new(), |r| took(r, model));
    Line::from(vec![
        Span::raw(" ".repeat(bar.before)),
        Span::styled(look.glyphs.empty.repeat(bar.queued), look.theme.muted),
        Span::styled(look.glyphs.full.repeat(bar.running), running),
        Span::raw(" ".repeat(bars.saturating_sub(used))),
        Span::styled(text::right(&time, TIME + 1), look.theme.number),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture;
    use proptest::prelude::*;

    #[test]
    fn waiting_comes_before_running() {
        let bar = Bar { ready: 20, start: Some(50), end: 100 };
        assert_eq!(cells(bar, (0, 100), 10), Cells { before: 2, queued: 3, running: 5 });
        let waiting = Bar { ready: 20, start: None, end: 60 };
        assert_eq!(cells(waiting, (0, 100), 10), Cells { before: 2, queued: 4, running: 0 });
        let instant = Bar { ready: 100, start: Some(100), end: 100 };
        assert_eq!(cells(instant, (0, 100), 10), Cells { before: 9, queued: 0, running: 1 });
    }

    #[test]
    fn a_task_waits_from_the_last_end_before_it() {
        let mut tasks = State::default();
        tasks.take(fixture::tree(), fixture::runs());
        let node = |name: &str| fixture::tree().into_iter().find(|n| n.name == name).expect("a task");
        let run_start = fixture::NOW - 4_000;
        let bar = |name| bar(&tasks, &node(name), fixture::NOW);
        let dim = bar("DIM_CUSTOMER").expect("it runs");
        assert_eq!((dim.ready - run_start, dim.end), (2_300, fixture::NOW));
        assert_eq!(bar("MARTS"), None);
        assert_eq!(span(&tasks, fixture::NOW), Some((run_start, fixture::NOW)));
    }

    proptest! {
        #[test]
        fn a_bar_stays_on_its_axis(
            ready in -10_i64..2_000, wait in 0_i64..500, run in 0_i64..2_000,
            started in any::<bool>(), axis in 0_i64..1_500, columns in 0_usize..200,
        ) {
            let start = ready + wait;
            let bar = Bar { ready, start: started.then_some(start), end: start + run };
            let c = cells(bar, (0, axis), columns);
            prop_assert!(c.before + c.queued + c.running <= columns, "{c:?}");
            prop_assert!(columns == 0 || !started || c.running > 0);
        }
    }
}
