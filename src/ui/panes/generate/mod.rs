//! Generate: fields, what they come to, how far it is, what was made.

mod charts;
mod fields;
mod outcome;

use crate::app::panes::generate::View;
use crate::app::{Job, Model, Running, Slot};
use crate::ui::widgets::{empty, failure, framed, remark};
use crate::ui::{Hits, Look};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

/// Columns of the fields' panel, and where the terminal has few.
const FIELDS: u16 = 50;
const FEWER: u16 = 48;

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look, hits: &mut Hits) {
    let columns = if area.width < 100 { FEWER } else { FIELDS };
    let [left, right] = Layout::horizontal([Constraint::Length(columns), Constraint::Min(0)]).areas(area);
    fields::draw(frame, left, model, look, hits);
    let [top, bottom] = Layout::vertical([Constraint::Length(8), Constraint::Min(0)]).areas(right);
    above(frame, top, model, look);
    below(frame, bottom, model, look);
}

const fn is_ours(job: &Job) -> bool {
    matches!(job, Job::Generate { .. } | Job::Upload | Job::RunAll { .. })
}

/// The work that makes or uploads files, where that is under way.
fn work(model: &Model) -> Option<&Running> {
    model.jobs.work().filter(|w| is_ours(&w.job))
}

/// What is made already of what the fields say.
fn is_made(model: &Model) -> bool {
    let generate = &model.generate;
    generate.last.is_some() && generate.order().is_ok_and(|order| generate.last_order.as_ref() == Some(&order))
}

/// Progress, or what was made, or what would be.
fn above(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look) {
    if let Some(work) = work(model) {
        let inside = framed(frame, area, "Progress", Line::default(), false, look);
        return outcome::progress(frame, inside, work, model, look);
    }
    match &model.generate.last {
        Some((made, sent)) if is_made(model) => {
            let inside = framed(frame, area, "Made", Line::default(), false, look);
            outcome::made(frame, inside, made, sent.as_ref(), look);
        }
        _ => {
            let inside = framed(frame, area, "It will be", Line::default(), false, look);
            estimate(frame, inside, model, look);
        }
    }
}

fn estimate(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look) {
    let generate = &model.generate;
    match (generate.outlook_now(), generate.order()) {
        (_, Err((at, why))) => {
            let name = crate::app::panes::generate::fields::row(at).name();
            failure(frame, area, &format!("{name}: {why}"), "", "Nothing starts before that is right.", look);
        }
        (Some(outlook), _) => outcome::estimate(frame, area, outlook, look),
        (None, _) => waiting(frame, area, model, look),
    }
}

fn waiting(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look) {
    match &model.generate.outlook_error {
        Some(why) if !model.jobs.busy(&Slot::Outlook) => failure(frame, area, "It cannot be told", why, "", look),
        _ => empty(frame, area, &["Looking ahead …"], look),
    }
}

/// Charts or rows of what is or will be made: the same seed gives the same rows.
fn below(frame: &mut Frame<'_>, area: Rect, model: &Model, look: &Look) {
    let generate = &model.generate;
    let outlook = generate.outlook_now();
    let part = outlook.filter(|o| o.part > 1).map_or_else(String::new, |o| format!("from 1 in {}", o.part));
    let title = if generate.view == View::Charts { "Distribution" } else { "First rows" };
    let inside = framed(frame, area, title, remark(&part, look), false, look);
    match outlook {
        None => waiting(frame, inside, model, look),
        Some(outlook) if generate.view == View::Charts => charts::draw(frame, inside, outlook, look),
        Some(outlook) => outcome::rows(frame, inside, outlook, look),
    }
}
