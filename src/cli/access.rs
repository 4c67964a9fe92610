//! `snowdeck access`: who can do what, tried.

use super::args::Global;
use super::desk::{self, Desk};
use super::failure::Failure;
use super::output::{self, Table};
use crate::jobs::access::{self, Seen, Tried};
use serde_json::json;

pub async fn run(global: &Global) -> Result<(), Failure> {
    // A trial is rolled back, but it is tried: with a right that should not be there, something happens.
    desk::may_change(global, "try what roles may do")?;
    let pipeline = desk::pipeline(global)?;
    let manifest = pipeline.manifest();
    desk::at(global, async |desk: &Desk| {
        let tried = access::run(&desk.context(), desk.services.warehouses.as_ref(), manifest).await?;
        desk.quiet();
        let ok = tried.iter().all(|t| t.ok);
        if global.json {
            output::json(&json!({ "ok": ok, "trials": tried }))?;
        } else {
            output::line(&matrix(&access::roles(manifest), &tried))?;
        }
        if ok { Ok(()) } else { Err(Failure::told()) }
    })
    .await
}

/// Trials down, roles across; below it what does not agree.
fn matrix(roles: &[&str], tried: &[Tried]) -> String {
    let headers: Vec<&str> = std::iter::once("TRIAL").chain(roles.iter().copied()).collect();
    let mut table = Table::new(&headers);
    let mut names: Vec<&str> = tried.iter().map(|t| t.trial.as_str()).collect();
    names.dedup();
    for name in names {
        let cell = |role: &&str| {
            let found = tried.iter().find(|t| t.trial == name && t.role == **role);
            found.map_or_else(String::new, |t| {
                if t.ok {
                    format!("✓ {}", word(t.seen))
                } else {
                    format!("✗ {}, expected {}", word(t.seen), word(t.expected))
                }
            })
        };
        table.row(std::iter::once(name.to_owned()).chain(roles.iter().map(cell)));
    }
    let mut text = table.text();
    for wrong in tried.iter().filter(|t| !t.ok) {
        text.push_str(&format!(
            "\n\n✗ {} as {}: {}, and the manifest says {}\n  {}",
            wrong.trial,
            wrong.role,
            word(wrong.seen),
            word(wrong.expected),
            crate::domain::printable_lines(&wrong.answer)
        ));
    }
    text
}

const fn word(seen: Seen) -> &'static str {
    match seen {
        Seen::Allowed => "allowed",
        Seen::Refused => "refused",
        Seen::Failed => "failed",
    }
}
