//! S3: the bucket as a tree, the selected object, and what is being moved.

mod object;
mod queue;
mod tree;

use crate::app::Model;
use crate::ui::{Hits, Look};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

/// Transfers that are seen at a time.
const MOVING: u16 = 5;

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let entries = u16::try_from(model.s3.queue.entries.len()).unwrap_or(u16::MAX);
    let strip = if entries == 0 { 0 } else { entries.min(MOVING) + 2 };
    let [body, below] = Layout::vertical([Constraint::Min(0), Constraint::Length(strip)]).areas(area);
    let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).areas(body);
    tree::draw(frame, left, model, look, hits);
    object::draw(frame, right, model, look);
    if strip > 0 {
        queue::draw(frame, below, model, look);
    }
}
