//! The line at the top: panes, environment, clock.

use super::{Hits, Look, text};
use crate::app::{Link, Model, PaneId, Target};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let badge = badge(model, look, area.width);
    let room = area.width.saturating_sub(u16::try_from(badge.width()).unwrap_or(0));
    let mut x = area.x + 1;
    if area.width >= 100 {
        let name = Span::styled("snowdeck", look.theme.title);
        frame.render_widget(name, Rect { x, width: 8, height: 1, ..area });
        x += 10;
    }
    // Too narrow for all names: numbers only, but for the shown pane.
    let short = usize::from(room) < 66;
    let gap = if area.width >= 100 { 2 } else { 1 };
    for pane in PaneId::ALL {
        let here = pane == model.pane;
        let label = if here || !short {
            format!("{} {}", pane.index() + 1, pane.title())
        } else {
            (pane.index() + 1).to_string()
        };
        let width = u16::try_from(label.len()).unwrap_or(0);
        if x + width > area.x + room {
            break;
        }
        let spot = Rect { x, width, height: 1, ..area };
        let style =
            if here { look.theme.accent.add_modifier(ratatui::style::Modifier::UNDERLINED) } else { look.theme.muted };
        frame.render_widget(Span::styled(label, style), spot);
        hits.add(spot, Target::Pane(pane));
        x += width + gap;
    }
    let width = u16::try_from(badge.width()).unwrap_or(0).min(area.width);
    frame.render_widget(badge, Rect { x: area.right() - width, width, height: 1, ..area });
}

fn badge(model: &Model, look: &Look, columns: u16) -> Line<'static> {
    let wide = columns >= 100;
    let (name, style) = if model.env.local { ("LOCAL", look.theme.local) } else { ("ACCOUNT", look.theme.account) };
    let mut spans = Vec::new();
    if model.env.readonly {
        spans.push(Span::styled(if wide { "read-only " } else { "RO " }, look.theme.warn));
    }
    if wide && !model.env.local {
        spans.push(Span::styled(
            format!("{} ", text::left(&model.env.profile, text::width(&model.env.profile).min(16))),
            look.theme.muted,
        ));
    }
    let open = model.alerts.open(model.now_ms).count();
    if open > 0 {
        spans.push(Span::styled(format!(" !{open} "), look.theme.bad));
    }
    spans.push(Span::styled(name, style));
    let (mark, style) = match model.link {
        Link::Up(_) => (look.glyphs.running, look.theme.ok),
        Link::Connecting => (look.glyphs.waiting, look.theme.warn),
        Link::Down(_) => (look.glyphs.failed, look.theme.bad),
    };
    spans.push(Span::raw(" "));
    spans.push(Span::styled(mark, style));
    // Eighty columns hold either all panes' names or the clock.
    let clock =
        if (75..88).contains(&columns) { String::new() } else { text::clock(model.now_ms, model.env.utc_offset_s) };
    spans.push(Span::styled(if clock.is_empty() { " ".into() } else { format!(" {clock} ") }, look.theme.muted));
    Line::from(spans)
}
