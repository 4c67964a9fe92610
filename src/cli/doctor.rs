//! `snowdeck doctor`: what must be right before anything works, looked at one after the other, with what to do.

mod place;
mod services;
mod terminal;

use super::args::Global;
use super::failure::Failure;
use super::output;
use crate::config::{Paths, Settings};
use crate::domain::printable_lines;
use serde::Serialize;
use serde_json::json;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Ok,
    /// Works, but not as well as it could.
    Warning,
    /// Will not work.
    Failed,
}

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// What.
    pub name: &'static str,
    /// How it came out.
    pub state: State,
    /// What was found.
    pub found: String,
    /// What to do about it.
    pub fix: Option<String>,
}

impl Check {
    /// All well.
    pub fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, state: State::Ok, found: found.into(), fix: None }
    }

    /// Works, but.
    pub fn warning(name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { name, state: State::Warning, found: found.into(), fix: Some(fix.into()) }
    }

    /// Will not work.
    pub fn failed(name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { name, state: State::Failed, found: found.into(), fix: Some(fix.into()) }
    }
}

pub async fn run(global: &Global) -> Result<(), Failure> {
    let checks = checks(global).await?;
    let ok = checks.iter().all(|c| c.state != State::Failed);
    if global.json {
        output::json(&json!({ "ok": ok, "checks": checks }))?;
    } else {
        output::line(&text(&checks))?;
    }
    if ok { Ok(()) } else { Err(Failure::told()) }
}

async fn checks(global: &Global) -> Result<Vec<Check>, Failure> {
    let paths = Paths::find(global.home.as_deref())?;
    let mut checks = vec![terminal::check()];
    checks.extend(place::folders(&paths));
    let settings = match Settings::load(&paths.settings) {
        Ok(settings) => {
            checks.push(Check::ok("settings", place::settings(&paths)));
            settings
        }
        Err(error) => {
            checks.push(Check::failed(
                "settings",
                error.to_string(),
                "mend that line, or move the file away for the defaults",
            ));
            return Ok(checks);
        }
    };
    checks.extend(place::cloud(&paths, &settings));
    checks.extend(services::checks(global, &paths, &settings).await);
    Ok(checks)
}

fn text(checks: &[Check]) -> String {
    let width = checks.iter().map(|c| c.name.len()).max().unwrap_or(0);
    let line = |check: &Check| {
        let mark = match check.state {
            State::Ok => "✓",
            State::Warning => "!",
            State::Failed => "✗",
        };
        let mut line = format!("{mark} {:width$}  {}", check.name, check.found.replace('\n', " "));
        if let Some(fix) = &check.fix {
            line.push_str(&format!("\n  {:width$}  → {fix}", ""));
        }
        printable_lines(&line).into_owned()
    };
    checks.iter().map(line).collect::<Vec<_>>().join("\n")
}
