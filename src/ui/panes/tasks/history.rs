//! The runs in one line, the newest first.

use crate::app::panes::tasks::RunSummary;
use crate::app::{Model, Target};
use crate::domain::TaskState;
use crate::ui::{Hits, Look, text};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Cells between two runs.
const GAP: usize = 3;

/// Draws as many as fit, with the selected one among them.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let runs = model.tasks.summaries();
    if runs.is_empty() {
        hits.add(area, Target::Row { panel: 2, row: 0 });
        return frame.render_widget(Line::styled("none yet: x runs the tree", look.theme.muted), area);
    }
    let selected = model.tasks.run.at();
    let columns = usize::from(area.width);
    let entries: Vec<Entry> = runs.iter().take(selected + 40).map(|run| Entry::new(run, runs, model, look)).collect();
    let first = first_seen(&entries.iter().map(Entry::width).collect::<Vec<_>>(), selected, columns);
    let mut x = 0;
    for (i, entry) in entries.iter().enumerate().skip(first) {
        let width = entry.width();
        if x > 0 && x + width > columns {
            break;
        }
        let cells = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        let spot = Rect { x: area.x + cells(x), width: cells(width.min(columns - x)), height: 1, ..area };
        let line = if i == selected {
            let style = if model.tasks.panel == 2 { look.theme.selected } else { look.theme.selected_idle };
            Line::styled(format!("{} {} {}", entry.time, entry.mark.content, entry.words), style)
        } else {
            Line::from(vec![
                Span::raw(format!("{} ", entry.time)),
                entry.mark.clone(),
                Span::styled(format!(" {}", entry.words), look.theme.muted),
            ])
        };
        frame.render_widget(line, spot);
        hits.add(spot, Target::Row { panel: 2, row: i });
        x += width + GAP;
    }
}

/// The first run that is drawn: as early as the selected one allows.
fn first_seen(widths: &[usize], selected: usize, columns: usize) -> usize {
    let mut first = 0;
    let end = |first: usize| widths[first..=selected].iter().sum::<usize>() + GAP * (selected - first);
    while first < selected && end(first) > columns {
        first += 1;
    }
    first
}

struct Entry {
    time: String,
    mark: Span<'static>,
    words: String,
}

impl Entry {
    fn new(run: &RunSummary, all: &[RunSummary], model: &Model, look: &Look) -> Self {
        let state = if run.going { TaskState::Executing } else { run.state };
        let (mark, style) = look.task(state);
        let words = match (&run.failed, run.millis) {
            (Some(name), _) => name.clone(),
            (None, _) if run.state == TaskState::Cancelled => "cancelled".into(),
            (None, _) if run.state == TaskState::Skipped => "no data".into(),
            _ if run.going => String::new(),
            (None, Some(ms)) => text::duration(ms),
            _ => String::new(),
        };
        let offset = model.env.utc_offset_s;
        let newest = all.first().map_or(run.id, |r| r.id);
        let minute = |id: i64| id.div_euclid(60_000);
        // Runs within one minute are told apart by their seconds.
        let near = all.iter().any(|r| r.id != run.id && minute(r.id) == minute(run.id));
        let time = if near { text::clock_s(run.id, offset) } else { text::clock(run.id, offset) };
        let day = |id: i64| (id.div_euclid(1_000) + i64::from(offset)).div_euclid(86_400);
        let ago = day(newest) - day(run.id);
        let time = if ago > 0 { format!("-{ago} d {time}") } else { time };
        Self { time, mark: Span::styled(mark, style), words: text::clean(&words).into_owned() }
    }

    fn width(&self) -> usize {
        text::width(&self.time) + 2 + self.mark.width() + text::width(&self.words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selected_run_is_seen() {
        let widths = [10, 12, 30, 8, 40];
        assert_eq!(first_seen(&widths, 0, 20), 0);
        assert_eq!(first_seen(&widths, 1, 30), 0);
        assert_eq!(first_seen(&widths, 4, 60), 3);
        assert_eq!(first_seen(&widths, 4, 10), 4);
    }
}
