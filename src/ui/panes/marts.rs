//! Marts: counts, their changes, and the reconciliation ladder.

use crate::app::{Model, Slot};
use crate::ui::widgets::{List, empty, failure, framed, remark};
use crate::ui::{Hits, Look, text};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let parts = if area.width >= 100 {
        Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)])
    } else {
        let rows = u16::try_from(model.marts.all.len()).unwrap_or(u16::MAX).saturating_add(4);
        Layout::vertical([Constraint::Length(rows.clamp(6, area.height / 2)), Constraint::Min(0)])
    };
    let [left, right] = parts.areas(area);
    marts(frame, left, model, look, hits);
    ladder(frame, right, model, look, hits);
}

fn marts(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let state = &model.marts;
    let focus = state.panel == 0;
    let age = match model.counts_age_ms() {
        Some(ms) if ms >= 2_000 => format!("counted {} ago", text::age(ms)),
        Some(_) => "counted just now".into(),
        None => String::new(),
    };
    let inside = framed(frame, area, "Datamart", remark(&age, look), focus, look);
    if state.rows.is_empty() {
        return match () {
            () if !state.filter.is_empty() => {
                empty(frame, inside, &["Nothing passes the filter.", "Esc clears it."], look);
            }
            () if model.counts.is_none() => empty(frame, inside, &["Counting …"], look),
            () => empty(frame, inside, &["There are no marts yet.", "4 deploys them; 5, then x, fills them."], look),
        };
    }
    let columns = usize::from(inside.width);
    let names = columns.saturating_sub(26);
    let head = format!("{}{}{}", text::left("MART", names), text::right("ROWS", 14), text::right("CHANGE", 12));
    frame.render_widget(Line::styled(head, look.theme.muted), Rect { height: 1.min(inside.height), ..inside });
    let rest = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
    let list = List { len: state.rows.len(), selected: state.cursor.at(), panel: 0, focus };
    list.draw(frame, rest, look, hits, |i| {
        let mart = &state.all[state.rows[i]];
        let change = mart.change().map_or(String::new(), text::change);
        let style = match mart.change() {
            Some(0) | None => look.theme.muted,
            Some(n) if n > 0 => look.theme.ok,
            Some(_) => look.theme.warn,
        };
        Line::from(vec![
            Span::raw(text::left(&mart.name, names)),
            Span::styled(text::right(&text::group(mart.rows), 14), look.theme.number),
            Span::styled(text::right(&change, 12), style),
        ])
    });
}

fn ladder(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let state = &model.marts;
    let focus = state.panel == 1;
    let good = state.checks.iter().filter(|c| c.ok).count();
    let note = match state.checked_ms {
        Some(at) => format!("{good} of {} agree  {}", state.checks.len(), text::clock_s(at, model.env.utc_offset_s)),
        None => String::new(),
    };
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
    let names = columns.saturating_sub(28);
    let head = format!("{}{}{}", text::left("LAYER", names), text::right("FILES", 12), text::right("LAYER", 12));
    frame.render_widget(Line::styled(head, look.theme.muted), Rect { height: 1.min(inside.height), ..inside });
    let rest = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
    let list = List { len: state.checks.len(), selected: state.rung.at(), panel: 1, focus };
    list.draw(frame, rest, look, hits, |i| {
        let check = &state.checks[i];
        let (mark, style) =
            if check.ok { (look.glyphs.done, look.theme.ok) } else { (look.glyphs.failed, look.theme.bad) };
        Line::from(vec![
            Span::raw(text::left(&check.layer, names)),
            Span::styled(text::right(&text::group(check.expected), 12), look.theme.muted),
            Span::styled(
                text::right(&text::group(check.actual), 12),
                if check.ok { look.theme.number } else { look.theme.bad },
            ),
            Span::styled(format!("  {mark}"), style),
        ])
    });
}
