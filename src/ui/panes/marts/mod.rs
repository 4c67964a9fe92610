//! Marts: counts and how they went, what is in the selected mart, and the reconciliation ladder.

mod chart;
mod contents;
mod ladder;
mod list;

use crate::app::Model;
use crate::ui::{Hits, Look};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

/// Draws it: side by side where there is room, else the ladder and what is in the mart take turns.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let rows = u16::try_from(model.marts.all.len()).unwrap_or(u16::MAX).saturating_add(3).max(5);
    if area.width >= 110 {
        let [left, right] =
            Layout::horizontal([Constraint::Fill(1), Constraint::Length(if area.width < 120 { 50 } else { 55 })])
                .areas(area);
        let [top, bottom] =
            Layout::vertical([Constraint::Length(rows.min(left.height / 2)), Constraint::Min(0)]).areas(left);
        list::draw(frame, top, model, look, hits);
        contents::draw(frame, bottom, model, look, hits, false);
        return ladder::draw(frame, right, model, look, hits, None);
    }
    let [top, bottom] =
        Layout::vertical([Constraint::Length(rows.min(area.height / 2)), Constraint::Min(0)]).areas(area);
    list::draw(frame, top, model, look, hits);
    if model.marts.ladder || model.marts.panel == 1 {
        ladder::draw(frame, bottom, model, look, hits, Some("l rows and chart"));
    } else {
        contents::draw(frame, bottom, model, look, hits, true);
    }
}
