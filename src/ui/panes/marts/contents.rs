//! What is in the selected mart: its chart, or some of its rows.

use super::chart;
use crate::app::panes::marts::{Mart, Seen, View};
use crate::app::{Model, Target};
use crate::domain::MartInfo;
use crate::ui::widgets::{empty, failure, framed, remark, rule};
use crate::ui::{Hits, Look, text};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};
use ratatui::widgets::Paragraph;

/// A panel at least this high shows the rows below the chart.
const BOTH: u16 = 22;

/// Draws it. `alone` where the ladder is out of sight.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits, alone: bool) {
    let state = &model.marts;
    let focus = state.panel == 2;
    hits.add(area, Target::Row { panel: 2, row: 0 });
    let Some(mart) = state.selected() else {
        framed(frame, area, "", Line::default(), focus, look);
        return;
    };
    let info = state.info(&mart.name);
    let charted = info.and_then(|i| i.chart.as_ref()).filter(|_| state.view == View::Chart);
    let title = charted.map_or_else(|| format!("Rows of {}", mart.name), |c| c.title.clone());
    let good = state.checks.iter().filter(|c| c.ok).count();
    let ladder = match (alone, state.checks.len()) {
        (true, 1..) => format!("{good} of {} agree: Tab  ", state.checks.len()),
        _ => String::new(),
    };
    let other = if info.is_some_and(|i| i.chart.is_some()) { "v chart or rows" } else { "" };
    let inside = framed(frame, area, &title, remark(format!("{ladder}{other}").trim_end(), look), focus, look);
    let about = info.map_or(0, |info| about(frame, inside, info, look));
    let inside = Rect { y: inside.y + about, height: inside.height.saturating_sub(about), ..inside };
    let Some(seen) = state.seen.get(&mart.name) else { return unseen(frame, inside, mart, model, look) };
    match (charted, &seen.chart) {
        (Some(what), Some(values)) if area.height >= BOTH => {
            let upper = inside.height * 3 / 5;
            chart::draw(frame, Rect { height: upper, ..inside }, what, values, look);
            let y = inside.y + upper;
            rule(frame, area, y, "Some rows", Line::default(), false, look);
            rows(frame, Rect { y: y + 1, height: inside.height - upper - 1, ..inside }, seen, state.scroll, look);
        }
        (Some(what), Some(values)) => chart::draw(frame, inside, what, values, look),
        _ => rows(frame, inside, seen, state.scroll, look),
    }
}

/// What one row stands for and who answers for it. Gives the rows that it took.
fn about(frame: &mut Frame<'_>, inside: Rect, info: &MartInfo, look: &Look) -> u16 {
    if inside.height < 8 {
        return 0;
    }
    let dot = look.glyphs.dot;
    let parts = [format!("a row is {}", info.grain), info.owner.clone(), info.freshness.clone()];
    let words = parts.into_iter().filter(|p| !p.is_empty() && p != "a row is ").collect::<Vec<_>>();
    let words = words.join(&format!(" {dot} "));
    let line = text::left(&words, usize::from(inside.width));
    frame.render_widget(Line::styled(line, look.theme.comment), Rect { height: 1, ..inside });
    1
}

fn unseen(frame: &mut Frame<'_>, inside: Rect, mart: &Mart, model: &Model, look: &Look) {
    match model.marts.unread.get(&mart.name) {
        Some(error) => failure(frame, inside, "The mart could not be read", error, "r tries again", look),
        None if model.marts.info(&mart.name).is_none() => {
            empty(frame, inside, &["The manifest says nothing of it.", "Enter selects from it in Query."], look);
        }
        None => empty(frame, inside, &["Reading the mart …"], look),
    }
}

fn rows(frame: &mut Frame<'_>, area: Rect, seen: &Seen, scroll: usize, look: &Look) {
    if seen.sample.rows.is_empty() {
        return empty(frame, area, &["It is empty.", "5, then x, fills it."], look);
    }
    let lines = crate::ui::panes::query::table(&seen.sample, usize::from(area.width), seen.sample.rows.len(), look);
    let mut lines = lines.into_iter();
    let head: Vec<Line<'static>> = lines.by_ref().take(1).collect();
    let rest: Vec<Line<'static>> = lines.collect();
    frame.render_widget(Paragraph::new(Text::from(head)), Rect { height: 1.min(area.height), ..area });
    let below = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let most = rest.len().saturating_sub(usize::from(below.height));
    let first = u16::try_from(scroll.min(most)).unwrap_or(u16::MAX);
    frame.render_widget(Paragraph::new(Text::from(rest)).scroll((first, 0)), below);
}
