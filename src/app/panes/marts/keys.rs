//! What keys do in the Marts pane.

use super::{State, View};
use crate::app::panes::{moved, scrolled};
use crate::app::{Action, Cx, Job, Slot, Tone};

impl State {
    /// What an action does here.
    pub fn act(&mut self, action: Action, cx: &mut Cx<'_>) {
        if self.navigate(action, cx) {
            return self.read(cx);
        }
        match action {
            Action::Refresh if cx.need_link().is_some() => {
                self.forget_rows();
                cx.start(Job::Counts);
                self.read(cx);
            }
            Action::Reconcile if cx.need_link().is_some() => {
                cx.start_unless_busy(Job::Reconcile);
            }
            Action::Enter if self.panel == 1 => self.explain(cx),
            Action::View => {
                self.view = if self.view == View::Chart { View::Rows } else { View::Chart };
                self.ladder = false;
                self.scroll = 0;
                self.read(cx);
            }
            Action::EditSql | Action::Enter => self.query(cx),
            Action::Copy => cx.copy("name", self.selected().map(|m| m.name.clone()).unwrap_or_default()),
            _ => {}
        }
    }

    /// Moves in the panel that has the keys.
    fn navigate(&mut self, action: Action, cx: &Cx<'_>) -> bool {
        match action {
            Action::Left => self.show(self.panel.saturating_sub(1)),
            Action::Right => self.show((self.panel + 1).min(2)),
            _ => {
                let rows = self.selected().and_then(|m| self.seen.get(&m.name)).map_or(0, |s| s.sample.rows.len());
                return match self.panel {
                    1 => moved(&mut self.rung, action, self.checks.len(), cx.half),
                    2 => scrolled(&mut self.scroll, action, rows, cx.half),
                    _ => {
                        self.scroll = 0;
                        moved(&mut self.cursor, action, self.rows.len(), cx.half)
                    }
                };
            }
        }
        true
    }

    /// Gives a panel the keys.
    pub fn show(&mut self, panel: usize) {
        self.panel = panel;
        match panel {
            1 => self.ladder = true,
            2 => self.ladder = false,
            _ => {}
        }
    }

    /// Reads the selected mart, unless it has been read or is being read.
    pub fn read(&self, cx: &mut Cx<'_>) {
        let Some(mart) = self.selected() else { return };
        if cx.link.info().is_none() || self.seen.contains_key(&mart.name) || self.unread.contains_key(&mart.name) {
            return;
        }
        let Some(info) = self.info(&mart.name).cloned() else { return };
        let job = Job::Mart { info: Box::new(info) };
        if cx.jobs.in_slot(&Slot::Mart).is_none_or(|(_, r)| r.job != job) {
            cx.start(job);
        }
    }

    /// Asks the control schema why a rung differs.
    fn explain(&self, cx: &mut Cx<'_>) {
        let Some(check) = self.checks.get(self.rung.at()).cloned() else {
            return cx
                .say(Tone::Warn, "Nothing has been compared yet: R compares every layer with what the files hold");
        };
        if cx.need_link().is_some() {
            cx.start(Job::Explain { check });
        }
    }

    fn query(&self, cx: &mut Cx<'_>) {
        let Some(mart) = self.selected() else { return };
        let schema = cx.link.info().and_then(|i| i.layers.last()).map(|l| l.schema.clone()).unwrap_or_default();
        let table = self.info(&mart.name).map_or_else(|| format!("{schema}.{}", mart.name), |i| i.table.clone());
        cx.open_sql = Some(format!("SELECT * FROM {table} LIMIT 100;"));
    }
}
