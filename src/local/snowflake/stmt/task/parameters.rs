//! SHOW PARAMETERS IN TASK.

use super::super::super::catalog::{Kind, ObjectName};
use super::super::super::error::SfResult;
use super::super::super::params::KNOWN;
use super::super::super::session::Cx;
use super::super::show::scope::{Rows, fields, like, text};
use super::graph::task_of;

/// A task's own parameters: name, default, type, what it is for.
const OWN: &[(&str, &str, &str, &str)] = &[
    ("LOG_LEVEL", "OFF", "STRING", "Which log messages of the task are kept"),
    ("SERVERLESS_TASK_MAX_STATEMENT_SIZE", "X2LARGE", "STRING", "The largest size for a serverless task"),
    ("SERVERLESS_TASK_MIN_STATEMENT_SIZE", "XSMALL", "STRING", "The smallest size for a serverless task"),
    (
        "SUSPEND_TASK_AFTER_NUM_FAILURES",
        "10",
        "NUMBER",
        "After how many failures in a row a task is suspended; 0 is never",
    ),
    ("TASK_AUTO_RETRY_ATTEMPTS", "0", "NUMBER", "How often a failed graph run is repeated by itself"),
    ("USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE", "Medium", "STRING", "The first size for a serverless task"),
    (
        "USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS",
        "30",
        "NUMBER",
        "The shortest time between two runs of a triggered task",
    ),
    ("USER_TASK_TIMEOUT_MS", "3600000", "NUMBER", "How long a run may take, in milliseconds"),
];

/// The rows of SHOW PARAMETERS IN TASK.
///
/// # Errors
/// 002003; 003001 without a privilege on the task.
pub fn show(cx: &Cx<'_>, name: &ObjectName, pattern: Option<&str>) -> SfResult<Rows> {
    let object = cx.find(Kind::Task, name)?;
    let set = task_of(&object).map(|t| t.parameters.clone()).unwrap_or_default();
    let session = KNOWN.iter().map(|(name, default, ty)| (*name, *default, *ty, ""));
    let mut all: Vec<_> = OWN.iter().copied().chain(session).collect();
    all.retain(|(name, ..)| pattern.is_none_or(|p| like(p, name)));
    all.sort_unstable();
    all.dedup_by_key(|(name, ..)| *name);
    let rows = all
        .into_iter()
        .map(|(name, default, ty, about)| {
            let value = set.get(name);
            vec![
                text(name),
                text(value.map_or(default, String::as_str)),
                text(default),
                text(if value.is_some() { "TASK" } else { "" }),
                text(about),
                text(ty),
            ]
        })
        .collect();
    Ok((fields(&["key", "value", "default", "level", "description", "type"]), rows))
}
