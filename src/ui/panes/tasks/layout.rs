//! Where a tree's tasks and the lines between them lie, in cells. Tasks stand in columns by their level; in the channel
//! between two columns the edges of each source share one vertical track. Lines that only cross are drawn as a bridge, so
//! that what touches belongs together.

use std::collections::{BTreeMap, BTreeSet};

/// A line goes up from the cell's middle.
pub const UP: u8 = 1;
/// Down.
pub const DOWN: u8 = 2;
/// To the left.
pub const LEFT: u8 = 4;
/// To the right.
pub const RIGHT: u8 = 8;
/// Something else passes below this vertical line.
pub const BRIDGE: u8 = 16;

/// A task to place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its column.
    pub level: usize,
    /// Columns of cells that its label takes.
    pub width: usize,
    /// Indices of the tasks that it runs after. Only those of lower levels are drawn.
    pub after: Vec<usize>,
}

/// The places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    /// Left cell of each item's label: column and row.
    pub at: Vec<(usize, usize)>,
    /// Lines by cell: column and row to directions.
    pub lines: BTreeMap<(usize, usize), u8>,
    /// Columns in all.
    pub width: usize,
    /// Rows in all.
    pub height: usize,
}

/// What stands in a column: a task, or the line of a task's longer edges passing by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    Task(usize),
    Pass(usize),
}

impl Slot {
    const fn source(self) -> usize {
        match self {
            Self::Task(i) | Self::Pass(i) => i,
        }
    }
}

/// Edges through one channel that share a track: from all of these rows to all of those.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Group {
    sources: BTreeSet<usize>,
    targets: BTreeSet<usize>,
    track: Option<usize>,
}

impl Group {
    fn span(&self) -> (usize, usize) {
        let rows = || self.sources.iter().chain(&self.targets).copied();
        (rows().min().unwrap_or(0), rows().max().unwrap_or(0))
    }

    fn is_straight(&self) -> bool {
        let (top, bottom) = self.span();
        top == bottom
    }
}

/// A column's slots with their rows.
type Column = Vec<(Slot, usize)>;

/// The order and rows of all columns and the tracks between them: what does not depend on the labels' widths.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    items: Vec<Item>,
    columns: Vec<Column>,
    channels: Vec<Vec<Group>>,
    height: usize,
    /// Cells of line on both sides of a channel's tracks.
    lead: usize,
}

impl Shape {
    /// Finds it.
    #[must_use]
    pub fn new(items: Vec<Item>) -> Self {
        let orders = ordered(&items);
        let mut shape = Self { items, lead: 1, ..Self::default() };
        let rows = orders.iter().map(Vec::len).max().unwrap_or(0);
        shape.height = rows;
        for order in orders {
            let before = shape.columns.last().cloned().unwrap_or_default();
            let mut column = placed(&shape.items, &order, &before, rows);
            let mut groups = groups(&shape.items, &before, &column);
            if !tracked(&mut groups) {
                // Two edges would have to share a stretch of a row: rows of its own part them.
                for (_, row) in &mut column {
                    *row += shape.height;
                }
                groups = self::groups(&shape.items, &before, &column);
                tracked(&mut groups);
            }
            shape.height = column.iter().map(|(_, row)| row + 1).max().unwrap_or(0).max(shape.height);
            if !shape.columns.is_empty() {
                shape.channels.push(groups);
            }
            shape.columns.push(column);
        }
        shape
    }

    /// The same with no more than the tracks between two blanks.
    #[must_use]
    pub fn tight(self) -> Self {
        Self { lead: 0, ..self }
    }

    /// Cells of a channel: a blank, a lead on both sides of the tracks, a blank.
    fn channel_width(&self, groups: &[Group]) -> usize {
        match groups.iter().filter_map(|g| g.track).max() {
            Some(last) => last + 1 + 2 + 2 * self.lead,
            None => 3,
        }
    }

    /// Columns of cells in all, where level `i` is `widths[i]` wide.
    #[must_use]
    pub fn total(&self, widths: &[usize]) -> usize {
        widths.iter().sum::<usize>() + self.channels.iter().map(|c| self.channel_width(c)).sum::<usize>()
    }

    /// The places for labels of these widths, one for each item.
    #[must_use]
    pub fn lay(&self, widths: &[usize]) -> Layout {
        let mut layout = Layout { at: vec![(0, 0); self.items.len()], height: self.height, ..Layout::default() };
        let width = |i: usize| widths.get(i).copied().unwrap_or(0);
        let mut x = 0;
        let mut starts = Vec::with_capacity(self.columns.len());
        for (level, column) in self.columns.iter().enumerate() {
            let wide = column.iter().map(|(slot, _)| if let Slot::Task(i) = slot { width(*i) } else { 1 }).max();
            let wide = wide.unwrap_or(0);
            for (slot, row) in column {
                if let Slot::Task(i) = slot {
                    layout.at[*i] = (x, *row);
                }
            }
            starts.push((x, wide));
            x += wide + self.channels.get(level).map_or(0, |c| self.channel_width(c));
        }
        layout.width = x;
        for (level, groups) in self.channels.iter().enumerate() {
            let (from, wide) = starts[level];
            let channel = Channel { from: from + wide, to: starts[level + 1].0, lead: self.lead, groups };
            let begin = |row: usize| match self.columns[level].iter().find(|(_, r)| *r == row) {
                Some((Slot::Task(i), _)) => from + width(*i) + 1,
                _ => from,
            };
            let is_task =
                |row: usize| self.columns[level + 1].iter().any(|(slot, r)| *r == row && matches!(slot, Slot::Task(_)));
            channel.draw(&mut layout.lines, begin, is_task);
        }
        layout
    }
}

/// Slots of each level, ordered so that few edges cross.
fn ordered(items: &[Item]) -> Vec<Vec<Slot>> {
    let levels = items.iter().map(|i| i.level + 1).max().unwrap_or(0);
    let mut columns: Vec<Vec<Slot>> = vec![Vec::new(); levels];
    for (i, item) in items.iter().enumerate() {
        columns[item.level].push(Slot::Task(i));
        let furthest = items.iter().filter(|v| v.after.contains(&i)).map(|v| v.level).max().unwrap_or(0);
        for column in columns.iter_mut().take(furthest).skip(item.level + 1) {
            column.push(Slot::Pass(i));
        }
    }
    for round in 0..4 {
        for step in 1..levels {
            let (here, there) = if round % 2 == 0 { (step, step - 1) } else { (levels - 1 - step, levels - step) };
            let fixed = columns[there].clone();
            let mut keyed: Vec<_> = columns[here]
                .iter()
                .enumerate()
                .map(|(at, slot)| {
                    let near = fixed.iter().enumerate().filter(|(_, other)| {
                        if here > there { joins(items, **other, *slot) } else { joins(items, *slot, **other) }
                    });
                    (mean(near.map(|(i, _)| i * 16)).unwrap_or(at * 16), *slot)
                })
                .collect();
            keyed.sort_by_key(|(key, _)| *key);
            columns[here] = keyed.into_iter().map(|(_, slot)| slot).collect();
        }
    }
    columns
}

/// Whether an edge leads from a slot to one in the next column.
fn joins(items: &[Item], from: Slot, to: Slot) -> bool {
    match to {
        Slot::Task(v) => items[v].after.contains(&from.source()),
        Slot::Pass(u) => u == from.source(),
    }
}

fn mean(values: impl Iterator<Item = usize>) -> Option<usize> {
    let (sum, n) = values.fold((0, 0), |(sum, n), v| (sum + v, n + 1));
    (n > 0).then(|| sum / n)
}

/// Rows for a column's slots: as near as may be to what they come from, in order, within `rows`.
fn placed(items: &[Item], order: &[Slot], before: &Column, rows: usize) -> Column {
    let middle = rows.saturating_sub(1) * 8;
    let wish = |slot: &Slot| {
        let near = before.iter().filter(|(from, _)| joins(items, *from, *slot)).map(|(_, row)| row * 16);
        mean(near).unwrap_or(middle)
    };
    let wishes: Vec<usize> = order.iter().map(wish).collect();
    let mut at: Vec<usize> = Vec::with_capacity(order.len());
    for wish in &wishes {
        at.push(at.last().map_or(*wish, |last| (last + 16).max(*wish)));
    }
    // What was pushed down is pulled up again by the mean of the pushes.
    let pushed = at.iter().zip(&wishes).map(|(a, w)| a - w).sum::<usize>() / order.len().max(1);
    let mut column = Column::with_capacity(order.len());
    for (i, slot) in order.iter().enumerate() {
        let least = column.last().map_or(0, |(_, row)| row + 1);
        let most = rows.saturating_sub(order.len() - i);
        let row = (at[i].saturating_sub(pushed) + 8) / 16;
        column.push((*slot, row.max(least).min(most.max(least))));
    }
    column
}

/// The channel's edges: those of one source together, and sources with the same targets together.
fn groups(items: &[Item], before: &Column, here: &Column) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (from, row) in before {
        let targets: BTreeSet<usize> =
            here.iter().filter(|(to, _)| joins(items, *from, *to)).map(|(_, row)| *row).collect();
        if targets.is_empty() {
            continue;
        }
        match groups.iter_mut().find(|g| g.targets == targets) {
            Some(group) => {
                group.sources.insert(*row);
            }
            None => groups.push(Group { sources: [*row].into(), targets, track: None }),
        }
    }
    groups
}

/// Gives the groups their tracks. Where one group's source lies in the row of another's target, its track must come
/// first. Whether that was possible.
fn tracked(groups: &mut [Group]) -> bool {
    let first = |a: &Group, b: &Group| a != b && a.sources.intersection(&b.targets).next().is_some();
    let mut open: Vec<usize> = (0..groups.len()).filter(|i| !groups[*i].is_straight()).collect();
    while !open.is_empty() {
        let ready = open.iter().position(|b| !open.iter().any(|a| a != b && first(&groups[*a], &groups[*b])));
        let (at, possible) = (ready.unwrap_or(0), ready.is_some());
        let index = open.remove(at);
        let (top, bottom) = groups[index].span();
        let done = || groups.iter().filter(|g| g.track.is_some());
        let least = done().filter(|g| first(g, &groups[index])).filter_map(|g| g.track).map(|t| t + 1).max();
        let taken = |track: usize| done().any(|g| g.track == Some(track) && g.span().0 <= bottom && top <= g.span().1);
        // There are never more tracks taken than groups.
        let least = least.unwrap_or(0);
        let track = (least..=least + groups.len()).find(|t| !taken(*t));
        groups[index].track = track;
        if !possible {
            return false;
        }
    }
    true
}

/// A channel with its cells.
struct Channel<'a> {
    /// First cell.
    from: usize,
    /// The next column's first cell.
    to: usize,
    /// Cells of line before the tracks.
    lead: usize,
    groups: &'a [Group],
}

impl Channel<'_> {
    fn column(&self, group: &Group) -> Option<usize> {
        group.track.map(|t| self.from + 1 + self.lead + t)
    }

    /// `begin` is where a source row's line begins; `is_task` tells targets that are labels from lines that go on.
    fn draw(
        &self,
        lines: &mut BTreeMap<(usize, usize), u8>,
        begin: impl Fn(usize) -> usize,
        is_task: impl Fn(usize) -> bool,
    ) {
        let end = |row: usize| if is_task(row) { self.to - 2 } else { self.to - 1 };
        for group in self.groups {
            let Some(x) = self.column(group) else {
                for row in &group.sources {
                    self.across(lines, group, *row, begin(*row), end(*row));
                }
                continue;
            };
            let (top, bottom) = group.span();
            for row in top..=bottom {
                let up = if row > top { UP } else { 0 };
                let down = if row < bottom { DOWN } else { 0 };
                *lines.entry((x, row)).or_default() |= up | down;
            }
            for row in &group.sources {
                *lines.entry((x, *row)).or_default() |= LEFT;
                self.across(lines, group, *row, begin(*row), x - 1);
            }
            for row in &group.targets {
                *lines.entry((x, *row)).or_default() |= RIGHT;
                self.across(lines, group, *row, x + 1, end(*row));
            }
        }
    }

    /// A horizontal stretch, both ends included.
    fn across(&self, lines: &mut BTreeMap<(usize, usize), u8>, group: &Group, row: usize, from: usize, to: usize) {
        for x in from..=to {
            let crossed = self.groups.iter().find(|g| {
                let (top, bottom) = g.span();
                *g != group && self.column(g) == Some(x) && (top..=bottom).contains(&row)
            });
            let meets = crossed.is_some_and(|g| g.targets.contains(&row) && group.targets.contains(&row));
            let cell = lines.entry((x, row)).or_default();
            *cell |= if crossed.is_none() || meets { LEFT | RIGHT } else { BRIDGE };
        }
    }
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
