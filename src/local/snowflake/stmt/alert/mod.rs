//! Alerts: definitions, what their statements may ask. Running them is the scheduler's.

mod alter;
mod create;
mod execute;
mod functions;
mod show;
#[cfg(test)]
mod tests;

pub use functions::function;

use super::super::access;
use super::super::catalog::{Body, Catalog, Kind, Object, Options};
use super::super::error::{SfError, SfResult};
use super::super::scheduler::Schedule;
use super::{CreateEntry, Entry};
use parking_lot::Mutex;

/// Statements of this module.
pub const ENTRIES: &[Entry] = &[
    Entry(&["ALTER", "ALERT"], alter::parse),
    Entry(&["EXECUTE", "ALERT"], execute::parse),
    Entry(&["SHOW", "ALERTS"], show::parse),
    Entry(&["SHOW", "TERSE", "ALERTS"], show::parse_terse),
    Entry(&["DESC", "ALERT"], show::parse_describe),
    Entry(&["DESCRIBE", "ALERT"], show::parse_describe),
];
/// What CREATE makes here.
pub const CREATE: &[CreateEntry] = &[CreateEntry(&["ALERT"], create::parse)];

/// The options that CREATE and SET take, with their names in a definition.
const SETTABLE: &[&str] =
    &["WAREHOUSE", "SCHEDULE", "COMMENT", "CONFIG", "RUNBOOK", "SUSPEND_ALERT_AFTER_NUM_FAILURES"];

/// The alert run in which a session's statements run.
#[derive(Debug, Default)]
pub struct AlertScope {
    /// Epoch milliseconds.
    pub scheduled_ms: i64,
    /// When the last run was scheduled that ended without an error; the alert's creation before the first. Epoch
    /// milliseconds.
    pub last_success_ms: i64,
    /// The condition's query id, once it has run.
    pub condition_query_id: Mutex<Option<String>>,
}

/// An alert's definition.
#[must_use]
pub fn options_of(object: &Object) -> Option<&Options> {
    if let Body::Alert(o) = &object.body { Some(o) } else { None }
}

/// Whether it is resumed.
#[must_use]
pub fn is_started(options: &Options) -> bool {
    options.get("STATE").is_some_and(|s| s == "started")
}

/// The time of its last RESUME, epoch milliseconds.
#[must_use]
pub fn resumed_ms(options: &Options) -> Option<i64> {
    options.get("RESUMED_MS").and_then(|t| t.parse().ok())
}

/// Checks options as written.
///
/// # Errors
/// 001420 for others, 001008 for bad values.
fn check(options: &Options) -> SfResult<()> {
    for (key, value) in options {
        let bad = || SfError::compile("001008", "22023", format!("invalid value [{value}] for parameter '{key}'"));
        match key.as_str() {
            "SCHEDULE" => drop(Schedule::parse(value)?),
            "SUSPEND_ALERT_AFTER_NUM_FAILURES" => drop(value.parse::<u32>().map_err(|_| bad())?),
            "CONFIG" => {
                let object = serde_json::from_str::<serde_json::Value>(value).is_ok_and(|v| v.is_object());
                if !object {
                    return Err(bad());
                }
            }
            other if SETTABLE.contains(&other) => {}
            other => {
                let text = format!("invalid property '{other}' for 'ALERT'");
                return Err(SfError::compile("001420", "22023", text));
            }
        }
    }
    Ok(())
}

/// The condition's query must be one that can be read.
///
/// # Errors
/// 001003; 000002 for what is neither SELECT, SHOW nor CALL.
fn check_condition(text: &str) -> SfResult<()> {
    let first = text.split_whitespace().next().unwrap_or_default().trim_start_matches('(').to_ascii_uppercase();
    if !matches!(first.as_str(), "SELECT" | "WITH" | "SHOW" | "CALL") {
        return Err(SfError::unsupported(&format!("{first} as the condition of an alert")));
    }
    super::parse(text).map(drop)
}

/// What an alert's owner needs before it may run: EXECUTE ALERT and USAGE on its warehouse, or EXECUTE MANAGED ALERT.
///
/// # Errors
/// 091089.
fn may_run(catalog: &Catalog, object: &Object, options: &Options) -> SfResult<()> {
    let roles = access::closure(catalog, [object.owner.clone()]);
    let held = |p: &str| catalog.grants.iter().any(|g| g.on.is_none() && g.privilege == p && roles.contains(&g.to));
    let refused = |text: String| Err(SfError::new("091089", "23001", text));
    let needed = |p: &str| refused(format!("Cannot execute alert, {p} privilege must be granted to owner role"));
    let Some(name) = options.get("WAREHOUSE") else {
        return if held("EXECUTE MANAGED ALERT") { Ok(()) } else { needed("EXECUTE MANAGED ALERT") };
    };
    if !held("EXECUTE ALERT") {
        return needed("EXECUTE ALERT");
    }
    match catalog.get(Kind::Warehouse, &[name]) {
        Some(w) if access::has_privilege(catalog, &roles, w, "USAGE") => Ok(()),
        _ => refused("USAGE privilege on the alert's warehouse must be granted to owner role".into()),
    }
}
