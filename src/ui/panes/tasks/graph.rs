//! The tree as a graph: tasks with mark and time, the edges between them, the finalizer apart.

use super::layout::{DOWN, Item, LEFT, Layout, RIGHT, Shape, UP};
use crate::app::panes::tasks::State;
use crate::app::{Model, Target};
use crate::domain::{TaskNode, TaskRun, TaskState};
use crate::ui::{Hits, Look, text};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Columns that a mark takes, and those of a time.
const MARK: usize = 2;
const TIME: usize = 9;
/// Names are cut down to this, in their middle, where the whole tree then fits.
const SHORTEST: usize = 10;
/// Where it would not fit even so, it scrolls, and names keep this much.
const SCROLLED: usize = 18;

/// The graph of a tree, ready to be drawn into some columns.
pub struct Graph {
    /// Indices into [`State::rows`] of what is drawn, as the layout's items.
    rows: Vec<usize>,
    labels: Vec<String>,
    layout: Layout,
    timed: bool,
}

impl Graph {
    /// Lays the visible tasks out; names are cut where `columns` ask for it.
    #[must_use]
    pub fn new(tasks: &State, columns: usize) -> Self {
        let node = |row: usize| &tasks.nodes[tasks.rows[row].node];
        let rows: Vec<usize> = (0..tasks.rows.len()).filter(|row| node(*row).finalizes.is_none()).collect();
        let levels = levels(tasks, &rows);
        let items: Vec<Item> = rows
            .iter()
            .zip(&levels)
            .map(|(row, level)| {
                let after = &node(*row).predecessors;
                let after = (0..rows.len()).filter(|i| after.contains(&node(rows[*i]).name)).collect();
                Item { level: *level, width: 0, after }
            })
            .collect();
        let names: Vec<&str> = rows.iter().map(|row| node(*row).name.as_str()).collect();
        let mut shape = Shape::new(items);
        let mut caps = caps(&names, &levels, |widths| shape.total(widths) <= columns);
        if caps.is_cut(&names) {
            shape = shape.tight();
            caps = self::caps(&names, &levels, |widths| shape.total(widths) <= columns);
        }
        let labels: Vec<String> = fitted(&names, &levels, &caps.columns);
        let width = |label: &String| MARK + text::width(label) + if caps.timed { TIME } else { 0 };
        let widths: Vec<usize> = labels.iter().map(width).collect();
        Self { layout: shape.lay(&widths), rows, labels, timed: caps.timed }
    }

    /// Rows that it takes.
    #[must_use]
    pub const fn height(&self) -> usize {
        self.layout.height
    }

    /// Draws it; what does not fit is scrolled so that the selected task is seen.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
        let tasks = &model.tasks;
        let selected = self.rows.iter().position(|row| *row == tasks.cursor.at());
        let spot = selected.map(|i| (self.layout.at[i], MARK + text::width(&self.labels[i])));
        let seen = (usize::from(area.width), usize::from(area.height));
        let (dx, dy) = spot.map_or((0, 0), |((x, y), width)| {
            let dx = offset(x, width, seen.0, self.layout.width);
            (self.at_column(dx, x + width, seen.0), offset(y, 1, seen.1, self.layout.height))
        });
        let ascii = look.glyphs.rule == "|";
        self.ends(frame, area, dx, look);
        for ((x, y), mask) in &self.layout.lines {
            let (Some(x), Some(y)) = (x.checked_sub(dx), y.checked_sub(dy)) else { continue };
            if x < seen.0
                && y < seen.1
                && let Some(cell) = frame.buffer_mut().cell_mut(at(area, x, y))
            {
                cell.set_char(line(*mask, ascii)).set_style(look.theme.muted);
            }
        }
        for (i, row) in self.rows.iter().enumerate() {
            let (x, y) = self.layout.at[i];
            let Some(y) = y.checked_sub(dy).filter(|y| *y < seen.1) else { continue };
            let node = &tasks.nodes[tasks.rows[*row].node];
            let label = self.label(i, node, Some(i) == selected, model, look);
            let cut = dx.saturating_sub(x);
            let Some(x) = (x + cut).checked_sub(dx).filter(|x| *x < seen.0) else { continue };
            let width = label.width().saturating_sub(cut).min(seen.0 - x);
            let place = at(area, x, y);
            let spot = Rect { x: place.x, y: place.y, width: u16::try_from(width).unwrap_or(0), height: 1 };
            frame.render_widget(skipped(label, cut), spot);
            hits.add(spot, Target::Row { panel: 0, row: *row });
        }
    }

    /// The scrolling put back to where a column begins, so that no label is cut at the left; not where the selected
    /// label, which ends at `end`, would then be cut at the right.
    fn at_column(&self, dx: usize, end: usize, seen: usize) -> usize {
        let begins = self.layout.at.iter().map(|(x, _)| *x).filter(|x| *x <= dx).max();
        begins.filter(|start| end <= start + seen).unwrap_or(dx)
    }

    /// Says that the picture goes on beyond an edge: in the panel's padding, so that nothing is covered.
    fn ends(&self, frame: &mut Frame<'_>, area: Rect, dx: usize, look: &Look) {
        let y = area.y + area.height.saturating_sub(1) / 2;
        let more = dx + usize::from(area.width) < self.layout.width;
        let left = (dx > 0).then(|| (area.x.saturating_sub(1), look.glyphs.back));
        let right = more.then(|| (area.right(), look.glyphs.arrow));
        for (x, glyph) in left.into_iter().chain(right) {
            if let Some(cell) = frame.buffer_mut().cell_mut(Position::new(x, y)) {
                cell.set_symbol(glyph).set_style(look.theme.accent);
            }
        }
    }

    fn label(&self, i: usize, node: &TaskNode, selected: bool, model: &Model, look: &Look) -> Line<'static> {
        let run = model.tasks.task_run(&node.name);
        let (mark, style) = mark(node, run, look);
        let focus = if model.tasks.panel == 0 { look.theme.selected } else { look.theme.selected_idle };
        let name = if selected { focus } else { Style::default() };
        let mut spans = vec![
            Span::styled(format!("{mark} "), style),
            Span::styled(text::clean(&self.labels[i]).into_owned(), name),
        ];
        if self.timed {
            let time = run.map_or(String::new(), |r| took(r, model));
            spans.push(Span::styled(text::right(&time, TIME), look.theme.number));
        }
        Line::from(spans)
    }
}

fn at(area: Rect, x: usize, y: usize) -> Position {
    let add = |base: u16, by: usize| base.saturating_add(u16::try_from(by).unwrap_or(u16::MAX));
    Position::new(add(area.x, x), add(area.y, y))
}

/// A line without its first columns.
fn skipped(line: Line<'static>, mut columns: usize) -> Line<'static> {
    let mut spans = Vec::with_capacity(line.spans.len());
    for span in line.spans {
        let width = span.width();
        if columns >= width {
            columns -= width;
            continue;
        }
        let rest: String = span.content.chars().skip(columns).collect();
        columns = 0;
        spans.push(Span::styled(rest, span.style));
    }
    Line::from(spans)
}

/// How far to scroll so that `width` cells at `from` are seen in the middle of `seen` of `all`.
fn offset(from: usize, width: usize, seen: usize, all: usize) -> usize {
    (from + width / 2).saturating_sub(seen / 2).min(all.saturating_sub(seen))
}

/// The mark of a task in the shown run.
pub fn mark(node: &TaskNode, run: Option<&TaskRun>, look: &Look) -> (&'static str, Style) {
    match run {
        Some(run) => look.task(run.state),
        None if node.started => (look.glyphs.waiting, look.theme.waiting),
        None => (look.glyphs.suspended, look.theme.waiting),
    }
}

/// How long a task has taken, or takes so far.
pub fn took(run: &TaskRun, model: &Model) -> String {
    match (run.millis(), run.started_ms) {
        (Some(ms), _) if run.state.is_over() => text::duration(i64::try_from(ms).unwrap_or(i64::MAX)),
        (_, Some(start)) if run.state == TaskState::Executing => {
            text::duration(model.tasks.server_ms(model.now_ms) - start)
        }
        _ => String::new(),
    }
}

/// The character of a cell's lines.
#[must_use]
pub const fn line(mask: u8, ascii: bool) -> char {
    let vertical = mask & (UP | DOWN) != 0;
    let horizontal = mask & (LEFT | RIGHT) != 0;
    if ascii {
        return match (vertical, horizontal) {
            // A plus is the mark of what has ended well.
            (true, true) => '|',
            (true, false) => '|',
            _ => '-',
        };
    }
    const fn has(mask: u8, bits: u8) -> bool {
        mask & 15 == bits
    }
    match mask {
        m if has(m, DOWN | RIGHT) => '┌',
        m if has(m, DOWN | LEFT) => '┐',
        m if has(m, UP | RIGHT) => '└',
        m if has(m, UP | LEFT) => '┘',
        m if has(m, UP | DOWN | RIGHT) => '├',
        m if has(m, UP | DOWN | LEFT) => '┤',
        m if has(m, LEFT | RIGHT | DOWN) => '┬',
        m if has(m, LEFT | RIGHT | UP) => '┴',
        m if has(m, 15) => '┼',
        _ if vertical => '│',
        _ => '─',
    }
}

/// Levels of the drawn tasks without gaps, though a filter may have taken tasks between them.
fn levels(tasks: &State, rows: &[usize]) -> Vec<usize> {
    let mut depths: Vec<usize> = rows.iter().map(|row| tasks.rows[*row].depth).collect();
    let all = depths.clone();
    depths.sort_unstable();
    depths.dedup();
    all.iter().map(|d| depths.iter().position(|x| x == d).unwrap_or(0)).collect()
}

/// Columns for the names of each level.
struct Caps {
    columns: Vec<usize>,
    timed: bool,
}

impl Caps {
    /// Some name has less room than it needs.
    fn is_cut(&self, names: &[&str]) -> bool {
        let longest = names.iter().map(|n| text::width(n)).max().unwrap_or(0);
        self.columns.iter().max().is_some_and(|most| *most < longest)
    }
}

/// Whole names with times where they fit, whole names without where those fit, else the longest are cut; where that does
/// not help, hardly any: the graph is scrolled.
fn caps(names: &[&str], levels: &[usize], fits: impl Fn(&[usize]) -> bool) -> Caps {
    let count = levels.iter().map(|l| l + 1).max().unwrap_or(0);
    let longest = |level: usize| {
        names.iter().zip(levels).filter(|(_, l)| **l == level).map(|(n, _)| text::width(n)).max().unwrap_or(0)
    };
    let whole: Vec<usize> = (0..count).map(longest).collect();
    let with = |columns: &[usize], more: usize| columns.iter().map(|c| c + more).collect::<Vec<_>>();
    if fits(&with(&whole, MARK + TIME)) {
        return Caps { columns: whole, timed: true };
    }
    let mut columns = whole.clone();
    while !fits(&with(&columns, MARK)) {
        let Some(widest) = columns.iter_mut().max_by_key(|c| **c).filter(|c| **c > SHORTEST) else {
            let columns = whole.iter().map(|c| (*c).min(SCROLLED)).collect();
            return Caps { columns, timed: false };
        };
        *widest -= 1;
    }
    Caps { columns, timed: false }
}

/// Names cut to their level's columns, in the middle: how they begin and how they end tells them apart.
fn fitted(names: &[&str], levels: &[usize], columns: &[usize]) -> Vec<String> {
    let cut = |name: &str, level: usize| text::cut_middle(name, columns[level]).into_owned();
    let labels: Vec<String> = names.iter().zip(levels).map(|(name, level)| cut(name, *level)).collect();
    let alike = |i: usize| (0..labels.len()).any(|j| j != i && levels[i] == levels[j] && labels[i] == labels[j]);
    let one = |i: usize| {
        let (name, level) = (names[i], levels[i]);
        if alike(i) {
            // Their middle is what tells these apart: what all of the level begin with goes instead.
            let rest = name.get(shared(names, levels, level)..).unwrap_or(name);
            return text::cut(&format!("…{rest}"), columns[level]).into_owned();
        }
        labels[i].clone()
    };
    (0..names.len()).map(one).collect()
}

/// Bytes of the whole words that all names of a level begin with.
fn shared(names: &[&str], levels: &[usize], level: usize) -> usize {
    let mut of_level = names.iter().zip(levels).filter(|(_, l)| **l == level).map(|(n, _)| *n);
    let first = of_level.next().unwrap_or_default();
    let common = |n: &str| first.bytes().zip(n.bytes()).take_while(|(a, b)| a == b).count();
    let length = of_level.map(common).min().unwrap_or(0);
    first.get(..length).and_then(|p| p.rfind('_')).map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_in_their_middle() {
        let names = ["LOAD_CONVEX", "MART_CUSTOMER_PURCHASES", "MART_CUSTOMER_RFM"];
        assert_eq!(fitted(&names, &[0, 1, 1], &[10, 12]), ["LOAD_…NVEX", "MART_C…HASES", "MART_C…R_RFM"]);
        assert_eq!(fitted(&names, &[0, 1, 1], &[11, 23]), names);
        // Where begin and end are alike, the middle is kept.
        let names = ["LOAD_NORTH_DAILY", "LOAD_SOUTH_DAILY"];
        assert_eq!(fitted(&names, &[0, 0], &[10]), ["…NORTH_DA…", "…SOUTH_DA…"]);
    }

    #[test]
    fn times_go_first_then_letters_and_what_cannot_fit_is_scrolled() {
        let names = ["AAAAAAAAAAAA", "BBBBBBBBBBBBBBBBBBBBBBBB"];
        let within = |most: usize| move |w: &[usize]| w.iter().sum::<usize>() <= most;
        assert!(caps(&names, &[0, 1], within(58)).timed);
        let whole = caps(&names, &[0, 1], within(40));
        assert_eq!((whole.columns.clone(), whole.timed), (vec![12, 24], false));
        assert!(!whole.is_cut(&names));
        let cut = caps(&names, &[0, 1], within(26));
        assert!(cut.is_cut(&names) && cut.columns == [11, 11], "{:?}", cut.columns);
        assert_eq!(caps(&names, &[0, 1], within(20)).columns, [12, SCROLLED]);
    }

    #[test]
    fn the_selected_is_scrolled_into_view() {
        for from in 0..100 {
            let dx = offset(from, 10, 40, 110);
            assert!(dx <= from && from + 10 <= dx + 40, "{from} {dx}");
        }
        assert_eq!(offset(50, 10, 120, 110), 0);
    }
}
