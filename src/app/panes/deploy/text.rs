//! The plan, its drift and the undo as texts to read.

use super::State;
use crate::domain::{Change, Plan};
use std::fmt::Write as _;

impl State {
    /// What would run, and how it differs from what the journal knows.
    #[must_use]
    pub fn plan_text(&self) -> Option<String> {
        let plan = self.plan.as_ref()?;
        let mut out = String::new();
        let Some(survey) = &self.survey else {
            out.push_str("The journal has not been read yet: R reads it. Until then everything counts as new.\n\n");
            return Some(out + &listing(plan));
        };
        if let Some(why) = &survey.unread {
            let _ = writeln!(out, "The journal could not be read, so nothing is known to have run:\n  {why}\n");
        }
        let count = |change: Change| survey.standings.iter().flatten().filter(|s| s.change == change).count();
        let told = [Change::New, Change::Changed, Change::Failed, Change::Interrupted, Change::Along]
            .map(|c| (count(c), c.word()))
            .into_iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, word)| format!("{n} {word}"));
        let told: Vec<String> = told.collect();
        if told.is_empty() {
            out.push_str("Nothing would run: all that the plan says is there, as the journal has it.\n");
        } else {
            let _ = writeln!(out, "{} would run: {}\n", survey.pending(), told.join(", "));
        }
        for (i, stage) in plan.stages.iter().enumerate() {
            let pending: Vec<_> = (0..stage.steps.len()).filter(|j| survey.change(i, *j).is_pending()).collect();
            if pending.is_empty() {
                continue;
            }
            let _ = writeln!(out, "{} {}", i + 1, stage.title);
            for j in pending {
                let (step, change) = (&stage.steps[j], survey.change(i, j));
                let _ = writeln!(
                    out,
                    "  {} {:<11} {}.{}  {}   {}:{}",
                    sign(change),
                    change.word(),
                    i + 1,
                    j + 1,
                    step.title,
                    step.file,
                    step.line
                );
                let standing = survey.standings.get(i).and_then(|s| s.get(j));
                if let Some(warning) = standing.and_then(|s| s.warning.as_ref()) {
                    let _ = writeln!(out, "      ! {warning}");
                }
            }
        }
        if !survey.removed.is_empty() {
            out.push_str(
                "\nRan once, and is no longer part of the plan (it is still there: undo or drop it yourself)\n",
            );
            for gone in &survey.removed {
                let _ = writeln!(out, "  - {}  {}   {}:{}", gone.stage, gone.title, gone.file, gone.line);
            }
        }
        Some(out)
    }
}

/// The sign that marks a step in lists; a blank where there is nothing to do.
#[must_use]
pub const fn sign(change: Change) -> &'static str {
    match change {
        Change::New => "+",
        Change::Changed => "~",
        Change::Along => "=",
        Change::Interrupted => "!",
        Change::Failed => "x",
        Change::Unchanged | Change::Skipped => " ",
    }
}

/// The statements of an undo, in order.
#[must_use]
pub fn undo_text(plan: &Plan) -> String {
    let statements = plan.steps().count();
    format!("{statements} statements, in this order:\n\n{}", listing(plan))
}

fn listing(plan: &Plan) -> String {
    let mut out = String::new();
    for (i, stage) in plan.stages.iter().enumerate() {
        let _ = writeln!(out, "{} {}", i + 1, stage.title);
        for (j, step) in stage.steps.iter().enumerate() {
            let _ = writeln!(out, "  {}.{}  {}", i + 1, j + 1, step.title);
            if let Some(caption) = step.caption.lines().next() {
                let _ = writeln!(out, "       {caption}");
            }
        }
    }
    out
}
