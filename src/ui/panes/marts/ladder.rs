//! The ladder: what each layer holds against what the files hold.

use crate::app::{Model, Slot};
use crate::domain::LayerCheck;
use crate::ui::widgets::{List, empty, failure, framed, place, remark};
use crate::ui::{Hits, Look, text};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Columns of a number.
const NUMBER: usize = 9;

/// Draws it. `other` says how to get to what it lies above, where something does.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits, other: Option<&str>) {
    let state = &model.marts;
    let focus = state.panel == 1;
    let good = state.checks.iter().filter(|c| c.ok).count();
    let note = match state.checked_ms {
        Some(at) => {
            let old = if model.ladder_is_old() { ", before the last run" } else { "" };
            let clock = text::clock_s(at, model.env.utc_offset_s);
            format!("{good} of {} agree  {clock}{old}", state.checks.len())
        }
        None => String::new(),
    };
    let note = other.map_or_else(|| note.clone(), |o| if note.is_empty() { o.into() } else { format!("{note}  {o}") });
    let inside = framed(frame, area, "Against the files", remark(&note, look), focus, look);
    if model.jobs.busy(&Slot::Reconcile) && state.checks.is_empty() {
        return empty(frame, inside, &["Reading the files and counting the layers …"], look);
    }
    if let Some(error) = &state.error {
        return failure(frame, inside, "The layers could not be compared", error, "R tries again", look);
    }
    if state.checks.is_empty() {
        return empty(frame, inside, &["Not compared yet.", "R compares every layer with what the files hold."], look);
    }
    let columns = usize::from(inside.width);
    let names = columns.saturating_sub(2 * NUMBER + 2);
    let end = format!("{}{}", text::right("FILES", NUMBER), text::right("LAYER", NUMBER));
    let line = |y: u16| Rect { y: inside.y + y, height: 1, ..inside };
    frame.render_widget(Line::styled(format!("{}{end}", text::left("", names)), look.theme.muted), line(0));
    let foot = u16::from(inside.height > 4);
    let rest = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1 + foot), ..inside };
    let list = List { len: state.checks.len(), selected: state.rung.at(), panel: 1, focus };
    list.draw(frame, rest, look, hits, |i| rung(&state.checks[i], names, look));
    if foot > 0 {
        let seen = place(state.rung.at(), state.checks.len(), rest.height);
        let words = if good == state.checks.len() { "all agree".to_owned() } else { "Enter says why".to_owned() };
        let words = if seen.is_empty() { words } else { format!("{words}  {seen}") };
        frame.render_widget(Line::styled(words, look.theme.muted), line(inside.height - 1));
    }
}

fn rung(check: &LayerCheck, names: usize, look: &Look) -> Line<'static> {
    let (mark, style) = if check.ok { (look.glyphs.done, look.theme.ok) } else { (look.glyphs.failed, look.theme.bad) };
    Line::from(vec![
        Span::styled(format!("{mark} "), style),
        Span::raw(text::left(&check.layer, names)),
        Span::styled(text::right(&text::group(check.expected), NUMBER), look.theme.muted),
        Span::styled(
            text::right(&text::group(check.actual), NUMBER),
            if check.ok { look.theme.number } else { look.theme.bad },
        ),
    ])
}
