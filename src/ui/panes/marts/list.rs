//! The marts: rows, how they changed, how they went, how fresh they are.

use crate::app::Model;
use crate::app::panes::marts::Mart;
use crate::domain::TaskState;
use crate::ui::widgets::{List, empty, framed, remark};
use crate::ui::{Hits, Look, text};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Columns of the change and of the freshness; those that the numbers have at most.
const CHANGE: usize = 10;
const FRESH: usize = 10;
const ROWS: usize = 12;

/// With fewer columns there is no line of how the numbers went.
const SPARK: usize = 8;

/// Columns of a row: the name, the number, how it went.
#[derive(Clone, Copy)]
struct Widths {
    names: usize,
    rows: usize,
    spark: usize,
}

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
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
    let longest = state.all.iter().map(|m| text::width(&m.name)).max().unwrap_or(0) + 1;
    let numbers = state.all.iter().map(|m| text::width(&text::group(m.rows))).max().unwrap_or(0);
    let rows = (numbers.max(4) + 2).min(ROWS);
    let names = longest.min(columns.saturating_sub(rows + CHANGE + FRESH + 2));
    let spark = columns.saturating_sub(names + rows + CHANGE + FRESH + 2).min(24);
    let since = state.all.iter().filter_map(|m| m.samples.since_ms()).min();
    let last = if spark > 12 { "last" } else { "in" };
    let over = since.map_or(String::new(), |at| format!("  {last} {}", text::age(model.now_ms - at)));
    let over = if spark >= SPARK { text::left(&over, spark + 2) } else { " ".repeat(spark + 2) };
    let head = format!(
        "{}{}{}{over}{}",
        text::left("MART", names),
        text::right("ROWS", rows),
        text::right("LAST RUN", CHANGE),
        text::right("FRESH", FRESH)
    );
    frame.render_widget(Line::styled(head, look.theme.muted), Rect { height: 1.min(inside.height), ..inside });
    let rest = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
    let list = List { len: state.rows.len(), selected: state.cursor.at(), panel: 0, focus };
    list.draw(frame, rest, look, hits, |i| row(&state.all[state.rows[i]], Widths { names, rows, spark }, model, look));
}

fn row(mart: &Mart, widths: Widths, model: &Model, look: &Look) -> Line<'static> {
    let Widths { names, rows, spark } = widths;
    let went = if spark >= SPARK { sparkline(&mart.samples.over(spark), look) } else { String::new() };
    let change = mart.change().map_or_else(|| look.glyphs.dot.to_owned(), text::change);
    let style = match mart.change() {
        Some(0) | None => look.theme.muted,
        Some(n) if n > 0 => look.theme.ok,
        Some(_) => look.theme.warn,
    };
    let (fresh, tone) = freshness(mart, model, look);
    Line::from(vec![
        Span::raw(text::left(&mart.name, names)),
        Span::styled(text::right(&text::group(mart.rows), rows), look.theme.number),
        Span::styled(text::right(&change, CHANGE), style),
        Span::raw("  "),
        Span::styled(text::left(&went, spark), look.theme.accent),
        Span::styled(text::right(&fresh, FRESH), tone),
    ])
}

/// How long ago the mart was made: the task of its name, or else the tree, last succeeded.
fn freshness(mart: &Mart, model: &Model, look: &Look) -> (String, ratatui::style::Style) {
    let runs = &model.tasks.runs;
    let named = |name: &str| runs.iter().any(|r| r.name.eq_ignore_ascii_case(name));
    let own = named(&mart.name);
    let running = runs.iter().any(|r| r.name.eq_ignore_ascii_case(&mart.name) && r.state == TaskState::Executing);
    if running {
        return (format!("{} now", look.glyphs.running), look.theme.running);
    }
    let made = runs
        .iter()
        .filter(|r| r.state == TaskState::Succeeded && (!own || r.name.eq_ignore_ascii_case(&mart.name)))
        .filter_map(|r| r.completed_ms)
        .max();
    let Some(made) = made else { return ("never made".into(), look.theme.muted) };
    let age = text::age(model.tasks.server_ms(model.now_ms) - made);
    let last = runs.iter().filter(|r| r.name.eq_ignore_ascii_case(&mart.name)).max_by_key(|r| (r.run_id, r.attempt));
    match last.map(|r| r.state) {
        Some(TaskState::Failed | TaskState::FailedAndAutoSuspended) => {
            (format!("{age} {}", look.glyphs.failed), look.theme.bad)
        }
        _ => (format!("{age} {}", look.glyphs.done), look.theme.ok),
    }
}

/// Numbers as heights, from the least to the most.
#[must_use]
pub fn sparkline(values: &[i64], look: &Look) -> String {
    const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    const ASCII: [char; 8] = ['_', '_', '.', '-', '-', '=', '=', '#'];
    let heights = if look.glyphs.rule == "|" { ASCII } else { HEIGHTS };
    let (Some(least), Some(most)) = (values.iter().min().copied(), values.iter().max().copied()) else {
        return String::new();
    };
    let height = |v: i64| {
        if most == least {
            // Nothing moved: level ground, or none at all.
            return if most == 0 { heights[0] } else { heights[3] };
        }
        let step = i128::from(v - least) * 7 / i128::from(most - least);
        heights[usize::try_from(step).unwrap_or(0).min(7)]
    };
    values.iter().map(|v| height(*v)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Settings;
    use crate::ui::Colours;

    #[test]
    fn numbers_become_heights() {
        let look = Look::new(Settings::default(), Colours::None);
        assert_eq!(sparkline(&[0, 7, 14], &look), "▁▄█");
        assert_eq!(sparkline(&[5, 5], &look), "▄▄");
        assert_eq!(sparkline(&[0, 0], &look), "▁▁");
        assert_eq!(sparkline(&[i64::MIN / 2, i64::MAX / 2], &look), "▁█");
        assert_eq!(sparkline(&[], &look), "");
    }
}
