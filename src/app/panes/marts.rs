//! The marts' counts, how they changed, and the reconciliation ladder.

use super::{moved, passes};
use crate::app::{Action, Counts, Cursor, Cx, Job};
use crate::domain::{LayerCheck, MartCount};

/// One mart with its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mart {
    /// Bare name.
    pub name: String,
    /// Rows now.
    pub rows: i64,
    /// Rows at the last look.
    pub before: Option<i64>,
}

impl Mart {
    /// Rows more or less than at the last look.
    #[must_use]
    pub fn change(&self) -> Option<i64> {
        self.before.map(|b| self.rows - b)
    }
}

/// The pane's state.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// All marts.
    pub all: Vec<Mart>,
    /// Indices of those that pass the filter.
    pub rows: Vec<usize>,
    /// Selected row.
    pub cursor: Cursor,
    /// Which panel has the keys: marts or ladder.
    pub panel: usize,
    /// Selected rung.
    pub rung: Cursor,
    /// The filter.
    pub filter: String,
    /// The ladder.
    pub checks: Vec<LayerCheck>,
    /// When it was made, epoch milliseconds.
    pub checked_ms: Option<i64>,
    /// Why it could not be made.
    pub error: Option<String>,
}

impl State {
    /// Takes new counts. The first look is what changes are measured from, until [`Self::look`].
    pub fn take(&mut self, marts: Vec<MartCount>) {
        let old = std::mem::take(&mut self.all);
        self.all = marts
            .into_iter()
            .map(|m| {
                let before = old.iter().find(|o| o.name == m.name).map_or(Some(m.rows), |o| o.before);
                Mart { name: m.name, rows: m.rows, before }
            })
            .collect();
        self.rebuild();
    }

    /// Takes new counts of all tables; `marts` says which of them are marts, and `schema` where the others are.
    pub fn take_counts(&mut self, counts: &Counts, marts: &[String], schema: &str) {
        let listed = |name: &str| marts.iter().position(|m| m.eq_ignore_ascii_case(name));
        let mut found: Vec<_> = counts.tables.iter().filter(|t| t.schema.eq_ignore_ascii_case(schema)).collect();
        found.sort_by_key(|t| (listed(&t.table).unwrap_or(usize::MAX), t.table.clone()));
        self.take(found.into_iter().map(|t| MartCount { name: t.table.clone(), rows: t.rows }).collect());
    }

    /// From now on changes are measured from these counts.
    pub fn look(&mut self) {
        self.all.iter_mut().for_each(|m| m.before = Some(m.rows));
    }

    /// The selected mart.
    #[must_use]
    pub fn selected(&self) -> Option<&Mart> {
        self.all.get(*self.rows.get(self.cursor.at())?)
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

    /// Takes the ladder.
    pub fn take_checks(&mut self, checks: Vec<LayerCheck>, now_ms: i64) {
        self.checks = checks;
        self.checked_ms = Some(now_ms);
        self.error = None;
        self.rebuild();
    }

    /// What an action does here.
    pub fn act(&mut self, action: Action, cx: &mut Cx<'_>) {
        let (cursor, len) =
            if self.panel == 1 { (&mut self.rung, self.checks.len()) } else { (&mut self.cursor, self.rows.len()) };
        if moved(cursor, action, len, cx.half) {
            return;
        }
        match action {
            Action::Left => self.panel = 0,
            Action::Right => self.panel = 1,
            Action::Refresh if cx.need_link().is_some() => {
                self.look();
                cx.start(Job::Counts);
            }
            Action::Reconcile if cx.need_link().is_some() => {
                cx.start_unless_busy(Job::Reconcile);
            }
            Action::EditSql | Action::Enter => {
                let schema = cx.link.info().and_then(|i| i.layers.last()).map(|l| l.schema.clone()).unwrap_or_default();
                cx.open_sql = self.selected().map(|m| format!("SELECT * FROM {schema}.{} LIMIT 100;", m.name));
            }
            Action::Copy => cx.copy("name", self.selected().map(|m| m.name.clone()).unwrap_or_default()),
            _ => {}
        }
    }
}
