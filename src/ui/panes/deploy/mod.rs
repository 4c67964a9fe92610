//! Deploy: stages and statements, the selected statement, its answer or error.

mod answer;
mod error;
mod list;
mod statement;

use crate::app::Model;
use crate::app::reading::deploy_list;
use crate::ui::{Hits, Look};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let width = u16::try_from(deploy_list(area.width.into())).unwrap_or(area.width);
    let [left, right] = Layout::horizontal([Constraint::Length(width), Constraint::Min(0)]).areas(area);
    list::draw(frame, left, model, look, hits);
    statement::draw(frame, right, model, look, hits);
}
