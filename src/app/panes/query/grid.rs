//! The answer's grid: any number of rows, of which those around the selected one are here.

use crate::app::panes::shown_width;
use crate::app::{Ask, Cursor, Cx, Job};
use crate::domain::{Column, QueryOutcome};
use crate::jobs::query::Window;
use crate::jobs::query::export::compact;
use std::sync::Arc;

/// Rows that are asked for at a time.
pub const WINDOW: u64 = 400;
/// Rows beyond the selected one that must be here: more than half of the tallest screen.
const MARGIN: u64 = 100;
/// The widest that a column is drawn.
pub const WIDEST: usize = 40;

/// The grid.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grid {
    /// The answer's number.
    pub result: u64,
    /// The statement.
    pub sql: String,
    /// Its id; empty until it has ended.
    pub query_id: String,
    /// Rows that are here.
    pub window: Window,
    /// Rows that have arrived.
    pub known: u64,
    /// Rows that the server has.
    pub total: u64,
    /// All have arrived.
    pub done: bool,
    /// The operator ended it before all had arrived.
    pub cut: bool,
    /// How long it took, in milliseconds.
    pub took_ms: i64,
    /// Selected row.
    pub row: Cursor,
    /// Selected column.
    pub col: Cursor,
    /// Widths of the columns by what has been seen; they only grow, so that nothing jumps.
    pub widths: Vec<usize>,
}

impl Grid {
    /// Empty, of a statement that has begun.
    #[must_use]
    pub fn new(result: u64, sql: String) -> Self {
        Self { result, sql, ..Self::default() }
    }

    /// Of an answer that is here as a whole.
    #[must_use]
    pub fn whole(result: u64, sql: String, outcome: QueryOutcome, took_ms: i64) -> Self {
        let mut grid = Self::new(result, sql);
        let known = outcome.rows.len() as u64;
        let columns: Arc<[Column]> = outcome.columns.into();
        grid.take(Window { columns, from: 0, rows: outcome.rows, known });
        grid.end(outcome.query_id, outcome.total, took_ms);
        grid
    }

    /// The columns.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.window.columns
    }

    /// A row, where it is here.
    #[must_use]
    pub fn row(&self, at: usize) -> Option<&[Option<String>]> {
        let at = usize::try_from((at as u64).checked_sub(self.window.from)?).ok()?;
        self.window.rows.get(at).map(Vec::as_slice)
    }

    /// How many rows can be gone through.
    #[must_use]
    pub fn len(&self) -> usize {
        usize::try_from(self.known).unwrap_or(usize::MAX)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.known == 0
    }

    /// The selected cell: `None` where it is not here, or NULL.
    #[must_use]
    pub fn cell(&self) -> Option<&str> {
        self.row(self.row.at())?.get(self.col.at())?.as_deref()
    }

    /// Takes rows.
    pub fn take(&mut self, mut window: Window) {
        // Documents come laid out over lines; a row of the grid is one line.
        let documents: Vec<usize> = (0..window.columns.len()).filter(|i| is_document(&window.columns[*i])).collect();
        for row in &mut window.rows {
            for i in &documents {
                if let Some(Some(text)) = row.get_mut(*i) {
                    *text = compact(text);
                }
            }
        }
        self.known = self.known.max(window.known);
        self.widths.resize(window.columns.len(), 0);
        for (i, (width, column)) in self.widths.iter_mut().zip(window.columns.iter()).enumerate() {
            let cells = window.rows.iter().filter_map(|r| r.get(i));
            let widest = cells.map(|c| c.as_deref().map_or(4, shown_width)).max().unwrap_or(0);
            *width = (*width).max(widest).max(shown_width(&column.name)).clamp(1, WIDEST);
        }
        self.window = window;
        self.col.clamp(self.window.columns.len());
    }

    /// All has arrived.
    pub fn end(&mut self, query_id: String, total: u64, took_ms: i64) {
        self.done = true;
        self.query_id = query_id;
        self.total = total.max(self.known);
        self.took_ms = took_ms;
    }

    /// Asks for the rows around the selected one, where they are not here.
    pub fn reach(&self, cx: &mut Cx<'_>) {
        if let Some(from) = self.wanted() {
            let job = Job::Ask(Ask::Window { result: self.result, from });
            let busy = cx.jobs.in_slot(&job.slot()).is_some_and(|(_, running)| running.job == job);
            if !busy {
                cx.start(job);
            }
        }
    }

    /// Where the rows begin that must be read; `None` where all that is seen is here.
    fn wanted(&self) -> Option<u64> {
        let at = self.row.at() as u64;
        let (from, to) = (self.window.from, self.window.from + self.window.rows.len() as u64);
        let first = at.saturating_sub(MARGIN);
        let last = (at + MARGIN).min(self.known);
        // A window may end early where rows are long: it reaches as far as it can once it holds the selected row's start.
        let asked = from == at.saturating_sub(WINDOW / 2) && self.known == self.window.known;
        let short = asked && (from..to).contains(&at);
        (!short && (first < from || last > to)).then_some(at.saturating_sub(WINDOW / 2))
    }
}

/// Whether a column holds JSON.
fn is_document(column: &Column) -> bool {
    matches!(column.kind.as_str(), "variant" | "object" | "array" | "map")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(from: u64, count: u64, known: u64) -> Window {
        let rows = (from..(from + count).min(known)).map(|i| vec![Some(i.to_string())]).collect();
        let column = Column { name: "N".into(), kind: "fixed".into(), scale: None };
        Window { columns: [column].into(), from, rows, known }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn what_is_seen_is_here_wherever_one_goes(known in 0_u64..3_000, places in proptest::collection::vec(0_usize..3_100, 1..8)) {
            let mut grid = Grid::new(1, String::new());
            grid.take(rows(0, WINDOW, known));
            for place in places {
                grid.row.set(place, grid.len());
                if let Some(from) = grid.wanted() {
                    grid.take(rows(from, WINDOW, known));
                }
                prop_assert_eq!(grid.wanted(), None);
                prop_assert!(grid.window.rows.len() as u64 <= WINDOW);
                let at = grid.row.at();
                for seen in at.saturating_sub(30)..(at + 30).min(grid.len()) {
                    let want = seen.to_string();
                    prop_assert_eq!(grid.row(seen).and_then(|r| r[0].as_deref()), Some(want.as_str()));
                }
            }
        }
    }

    #[test]
    fn widths_only_grow() {
        let mut grid = Grid::new(1, String::new());
        let window = |text: &str| Window { rows: vec![vec![Some(text.to_owned())]], ..rows(0, 0, 1) };
        grid.take(window("a long cell"));
        grid.take(window("x"));
        assert_eq!(grid.widths, [11]);
        grid.take(window(&"w".repeat(1_000)));
        assert_eq!(grid.widths, [WIDEST]);
    }
}
