//! Drawing: reads the model, changes nothing. [`draw`] returns what a click would hit.

#[cfg(test)]
mod data_snapshots;
mod footer;
mod header;
mod hits;
mod look;
mod overlays;
mod panes;
#[cfg(test)]
mod snapshots;
mod text;
mod theme;
mod toast;
mod tour;
mod widgets;

pub use hits::Hits;
pub use look::{Colours, Glyphs, Look};
pub use text::clean;
pub use theme::{Theme, ThemeError, Themes};

use crate::app::{self, Model};
use ratatui::Frame;
use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::widgets::Paragraph;

/// The smallest terminal that is drawn in: columns and rows.
pub const MINIMUM: (u16, u16) = (60, 16);

/// Draws the whole screen.
pub fn draw(frame: &mut Frame<'_>, model: &Model, look: &Look) -> Hits {
    let hits = drawn(frame, model, look);
    if model.settings.ascii {
        plain(frame);
    }
    hits
}

/// The console's own punctuation is put in ASCII; letters of the data stay.
fn plain(frame: &mut Frame<'_>) {
    for cell in &mut frame.buffer_mut().content {
        let plain = match cell.symbol() {
            "…" => "~",
            "·" | "—" | "–" => "-",
            "→" | "▸" => ">",
            "↵" => "/",
            _ => continue,
        };
        cell.set_symbol(plain);
    }
}

fn drawn(frame: &mut Frame<'_>, model: &Model, look: &Look) -> Hits {
    let mut hits = Hits::default();
    let area = frame.area();
    frame.buffer_mut().set_style(area, look.theme.text);
    if area.width < MINIMUM.0 || area.height < MINIMUM.1 {
        too_small(frame, area, look);
        return hits;
    }
    if let Some(tour) = &model.tour {
        given(frame, area, model, tour, look, &mut hits);
        return hits;
    }
    let [head, body, status, foot] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(0), Constraint::Length(1), Constraint::Length(1)])
            .areas(area);
    hits.body = body;
    header::draw(frame, head, model, look, &mut hits);
    panes::draw(frame, body, model, look, &mut hits);
    if !model.overlays.is_empty() {
        hits.cover();
    }
    let used = footer::status(frame, status, model, look);
    footer::hints(frame, foot, model, look, &mut hits);
    overlays::draw(frame, area, model, look, &mut hits);
    toast::draw(frame, status, used, model, look);
    hits
}

/// The screen while a tour is given: the pane with a caption below, or a slide.
fn given(frame: &mut Frame<'_>, area: Rect, model: &Model, tour: &app::tour::Tour, look: &Look, hits: &mut Hits) {
    if tour.now().is_some_and(|s| s.slide) {
        tour::slide(frame, area, model, tour, look);
    } else {
        let rows = app::tour::caption_rows(area.height);
        let [head, body, foot] =
            Layout::vertical([Constraint::Length(1), Constraint::Min(0), Constraint::Length(rows)]).areas(area);
        header::draw(frame, head, model, look, hits);
        panes::draw(frame, body, model, look, hits);
        hits.body = body;
        overlays::draw(frame, body, model, look, hits);
        tour::caption(frame, foot, model, tour, look);
        return;
    }
    overlays::draw(frame, area, model, look, hits);
}

fn too_small(frame: &mut Frame<'_>, area: Rect, look: &Look) {
    let text = format!(
        "snowdeck needs {} x {}\nthis is {} x {}\nenlarge, or q quits",
        MINIMUM.0, MINIMUM.1, area.width, area.height
    );
    let [middle] = Layout::vertical([Constraint::Length(3)]).flex(ratatui::layout::Flex::Center).areas(area);
    frame.render_widget(Paragraph::new(text).alignment(Alignment::Center).style(look.theme.warn), middle);
}
