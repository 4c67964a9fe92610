//! The eight panes, one file each.

mod deploy;
mod generate;
mod log;
mod marts;
mod overview;
pub mod query;
mod s3;
mod tasks;

use super::{Hits, Look};
use crate::app::{Model, PaneId};
use ratatui::Frame;
use ratatui::layout::Rect;

/// Draws the pane that is shown.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let draw = match model.pane {
        PaneId::Overview => overview::draw,
        PaneId::Generate => generate::draw,
        PaneId::S3 => s3::draw,
        PaneId::Deploy => deploy::draw,
        PaneId::Tasks => tasks::draw,
        PaneId::Marts => marts::draw,
        PaneId::Query => query::draw,
        PaneId::Log => log::draw,
    };
    draw(frame, area, model, look, hits);
}
