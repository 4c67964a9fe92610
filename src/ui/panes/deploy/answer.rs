//! What came of a statement: its grid, its error with what to do, or that it has not run.

use super::error::wrapped_error;
use crate::app::Model;
use crate::domain::{Change, StepState};
use crate::ui::widgets::wrapped;
use crate::ui::{Look, text};
use ratatui::text::{Line, Span};

/// Rows of a grid that are drawn at most.
const ROWS: usize = 200;

/// The part's heading.
pub const fn title(state: &StepState) -> &'static str {
    match state {
        StepState::Failed { .. } => "Error",
        StepState::Running => "Running",
        StepState::Waiting => "Not run yet",
        StepState::Skipped => "Skipped",
        StepState::Done { .. } => "Result",
    }
}

/// Duration and query id.
pub fn note(model: &Model, (i, j): (usize, usize)) -> String {
    match model.deploy.state(i, j) {
        Some(StepState::Done { query_id, ms, .. }) => {
            format!("{}  {}", text::duration(i64::try_from(*ms).unwrap_or(i64::MAX)), text::clean(query_id))
        }
        Some(StepState::Failed { error }) => error.query_id.clone().unwrap_or_default(),
        _ => String::new(),
    }
}

/// The lines below the statement.
pub fn lines(model: &Model, place: (usize, usize), sql: &str, columns: usize, look: &Look) -> Vec<Line<'static>> {
    let deploy = &model.deploy;
    let waiting = StepState::Waiting;
    let state = deploy.state(place.0, place.1).unwrap_or(&waiting);
    let (mark, style) = look.step(state);
    match state {
        StepState::Waiting => not_run(model, place, columns, look),
        StepState::Running => vec![Line::styled(format!("{mark} running; c cancels"), style)],
        StepState::Skipped => {
            let last = deploy.survey.as_ref().and_then(|s| s.standings.get(place.0)?.get(place.1)?.last.as_ref());
            let why = last.map_or(String::new(), |l| format!(": {}", l.message));
            let words = format!("{mark} passed over on purpose{why}");
            let mut lines: Vec<_> = wrapped(&words, columns).into_iter().map(|l| Line::styled(l, style)).collect();
            lines.push(Line::styled("x runs it after all", look.theme.muted));
            lines
        }
        StepState::Done { summary, .. } => {
            let mut lines = Vec::new();
            for (n, line) in wrapped(summary, columns.saturating_sub(2)).into_iter().enumerate() {
                let lead = if n == 0 { format!("{mark} ") } else { "  ".into() };
                lines.push(Line::from(vec![Span::styled(lead, style), Span::raw(line)]));
            }
            let answer = deploy.answers.get(&place).filter(|a| a.columns.len() > 1 && !a.rows.is_empty());
            if let Some(answer) = answer {
                lines.push(Line::default());
                lines.extend(crate::ui::panes::query::table(answer, columns, ROWS, look));
            }
            lines
        }
        StepState::Failed { error } => {
            let mut lines = wrapped_error(error, sql, columns, look);
            let advice = deploy.advice.get(&place).and_then(|a| a.suggestion.as_deref());
            let arrow = look.glyphs.arrow;
            for (n, line) in
                advice.map(|a| wrapped(a, columns.saturating_sub(4))).unwrap_or_default().iter().enumerate()
            {
                let lead = if n == 0 { format!("  {arrow} ") } else { "    ".into() };
                lines.push(Line::from(vec![
                    Span::styled(lead, look.theme.accent),
                    Span::styled(line.clone(), look.theme.text),
                ]));
            }
            let keys = wrapped("e edit and retry, x retry, K skip, y copy the query id", columns.saturating_sub(2));
            lines.extend(keys.into_iter().map(|l| Line::styled(format!("  {l}"), look.theme.muted)));
            lines
        }
    }
}

fn not_run(model: &Model, place: (usize, usize), columns: usize, look: &Look) -> Vec<Line<'static>> {
    let deploy = &model.deploy;
    let mut lines = Vec::new();
    let standing = deploy.survey.as_ref().and_then(|s| s.standings.get(place.0)?.get(place.1));
    if let Some(standing) = standing {
        let words = match standing.change {
            Change::Changed => "its text has changed since it last ran",
            Change::Interrupted => "it was begun, and nobody wrote down how it ended",
            Change::Along => "it has run; it runs along, as its stage is run as a whole",
            _ => "",
        };
        if !words.is_empty() {
            let when = standing.last.as_ref().map(|l| l.ended.as_str()).filter(|t| !t.is_empty());
            let when = when.map_or(String::new(), |t| format!(" ({t})"));
            lines.extend(
                wrapped(&format!("{words}{when}"), columns).into_iter().map(|l| Line::styled(l, look.theme.warn)),
            );
        }
        if let Some(warning) = &standing.warning {
            let words = format!("! {warning}");
            lines.extend(wrapped(&words, columns).into_iter().map(|l| Line::styled(l, look.theme.warn)));
        }
    }
    let keys = wrapped("n runs the next, t runs to here, x runs this one alone", columns);
    lines.extend(keys.into_iter().map(|l| Line::styled(l, look.theme.muted)));
    lines
}
