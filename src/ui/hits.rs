//! Where on the screen a click means what.

use crate::app::Target;
use ratatui::layout::{Position, Rect};

/// Areas of one drawn frame with their meaning.
#[derive(Debug, Default, Clone)]
pub struct Hits {
    areas: Vec<(Rect, Target)>,
    /// Where the pane was drawn.
    pub body: Rect,
}

impl Hits {
    /// Adds an area.
    pub fn add(&mut self, area: Rect, target: Target) {
        self.areas.push((area, target));
    }

    /// Forgets all areas: something lies over them.
    pub fn cover(&mut self) {
        self.areas.clear();
    }

    /// What lies at a cell; what was drawn later lies on top.
    #[must_use]
    pub fn at(&self, column: u16, row: u16) -> Option<Target> {
        self.areas.iter().rev().find(|(area, _)| area.contains(Position::new(column, row))).map(|(_, t)| *t)
    }
}
