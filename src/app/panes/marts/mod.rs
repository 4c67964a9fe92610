//! The marts' counts, how they changed, what is in them, and the reconciliation ladder.

mod keys;
mod samples;

pub use samples::Samples;

use super::passes;
use crate::app::{Counts, Cursor};
use crate::domain::{ChartKind, LayerCheck, MartCount, MartInfo, QueryOutcome};
use std::collections::HashMap;

/// One mart with its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mart {
    /// Bare name.
    pub name: String,
    /// Rows now.
    pub rows: i64,
    /// Rows when the last run began, or at the first look.
    pub before: Option<i64>,
    /// Rows over time.
    pub samples: Samples,
}

impl Mart {
    /// Rows more or less than before the last run.
    #[must_use]
    pub fn change(&self) -> Option<i64> {
        self.before.map(|b| self.rows - b)
    }
}

/// What was read of a mart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    /// Some rows.
    pub sample: QueryOutcome,
    /// The chart's values, where the mart has one.
    pub chart: Option<QueryOutcome>,
}

/// What the pane shows of the selected mart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum View {
    /// Its chart, or its rows where it has none.
    #[default]
    Chart,
    /// Its rows.
    Rows,
}

/// The pane's state.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// All marts.
    pub all: Vec<Mart>,
    /// What the manifest says of them.
    pub about: Vec<MartInfo>,
    /// Indices of those that pass the filter.
    pub rows: Vec<usize>,
    /// Selected row.
    pub cursor: Cursor,
    /// Which panel has the keys: marts, ladder or what is in the mart.
    pub panel: usize,
    /// Where there is room for one of them only: the ladder rather than what is in the mart.
    pub ladder: bool,
    /// Selected rung.
    pub rung: Cursor,
    /// The filter.
    pub filter: String,
    /// The ladder.
    pub checks: Vec<LayerCheck>,
    /// When it was made, epoch milliseconds.
    pub checked_ms: Option<i64>,
    /// The same by the server's clock, which the tree's runs go by.
    pub checked_server_ms: Option<i64>,
    /// Why it could not be made.
    pub error: Option<String>,
    /// What was read of the marts, by name.
    pub seen: HashMap<String, Seen>,
    /// Why a mart could not be read, by name.
    pub unread: HashMap<String, String>,
    /// What is shown of the selected mart.
    pub view: View,
    /// First row of the sample that is seen.
    pub scroll: usize,
    /// The newest run when changes were last measured from.
    run: Option<i64>,
    /// Marts have been counted, be it that there were none.
    counted: bool,
}

impl State {
    /// Takes new counts, read at `now_ms`. What the last run changed is known of marts that were seen before it, or seen to
    /// be made; not of those that were full when the console came.
    pub fn take(&mut self, marts: Vec<MartCount>, now_ms: i64) {
        let mut old = std::mem::take(&mut self.all);
        self.all = marts
            .into_iter()
            .map(|m| {
                let known = old.iter().position(|o| o.name == m.name).map(|at| old.swap_remove(at));
                let first = if self.counted || m.rows == 0 { Some(0) } else { None };
                let (before, mut samples) = known.map_or((first, Samples::default()), |o| {
                    if o.rows != m.rows {
                        self.seen.remove(&m.name);
                    }
                    (o.before, o.samples)
                });
                samples.add(now_ms, m.rows);
                Mart { name: m.name, rows: m.rows, before, samples }
            })
            .collect();
        self.counted = true;
        self.rebuild();
    }

    /// Takes new counts of all tables; `marts` says which of them are marts, and `schema` where the others are.
    pub fn take_counts(&mut self, counts: &Counts, marts: &[String], schema: &str, now_ms: i64) {
        let listed = |name: &str| marts.iter().position(|m| m.eq_ignore_ascii_case(name));
        let mut found: Vec<_> = counts.tables.iter().filter(|t| t.schema.eq_ignore_ascii_case(schema)).collect();
        found.sort_by_key(|t| (listed(&t.table).unwrap_or(usize::MAX), t.table.clone()));
        let found = found.into_iter().map(|t| MartCount { name: t.table.clone(), rows: t.rows });
        self.take(found.collect(), now_ms);
    }

    /// A run of the tree is the newest: where it is another than before, changes are measured from now.
    pub fn run_began(&mut self, id: i64) {
        if self.run.replace(id).is_some_and(|before| before != id) {
            self.look();
        }
    }

    /// From now on changes are measured from these counts.
    pub fn look(&mut self) {
        self.all.iter_mut().for_each(|m| m.before = Some(m.rows));
    }

    /// What was read of a mart has become old.
    pub fn forget_rows(&mut self) {
        self.seen.clear();
        self.unread.clear();
    }

    /// The selected mart.
    #[must_use]
    pub fn selected(&self) -> Option<&Mart> {
        self.all.get(*self.rows.get(self.cursor.at())?)
    }

    /// What the manifest says of a mart.
    #[must_use]
    pub fn info(&self, name: &str) -> Option<&MartInfo> {
        self.about.iter().find(|m| m.name.eq_ignore_ascii_case(name))
    }

    /// The kind of the selected mart's chart, where it is shown.
    #[must_use]
    pub fn chart_kind(&self) -> Option<ChartKind> {
        let info = self.info(&self.selected()?.name)?;
        info.chart.as_ref().filter(|_| self.view == View::Chart).map(|c| c.kind)
    }

    /// Sets the filter.
    pub fn set_filter(&mut self, text: String) {
        self.filter = text;
        self.rebuild();
    }

    fn rebuild(&mut self) {
        self.rows = (0..self.all.len()).filter(|i| passes(&self.filter, &self.all[*i].name)).collect();
        self.cursor.clamp(self.rows.len());
        self.rung.clamp(self.checks.len());
    }

    /// Takes the ladder, made now: by this machine's clock, and by the server's.
    pub fn take_checks(&mut self, checks: Vec<LayerCheck>, now_ms: i64, server_ms: i64) {
        self.checks = checks;
        (self.checked_ms, self.checked_server_ms) = (Some(now_ms), Some(server_ms));
        self.error = None;
        self.rebuild();
    }
}
