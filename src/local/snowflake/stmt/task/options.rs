//! What CREATE TASK and ALTER TASK … SET may say.

use super::super::super::catalog::{ObjectName, Options, Task};
use super::super::super::error::{SfError, SfResult};
use super::super::super::params::KNOWN;
use super::super::super::scheduler::Schedule;
use super::super::super::sql::Cursor;
use sqlparser::tokenizer::Token;

/// Number options with what they allow.
pub const NUMBERS: &[(&str, u64, u64)] = &[
    ("USER_TASK_TIMEOUT_MS", 0, 604_800_000),
    ("SUSPEND_TASK_AFTER_NUM_FAILURES", 0, u64::MAX),
    ("TASK_AUTO_RETRY_ATTEMPTS", 0, 30),
    ("USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS", 10, 604_800),
];
/// Accepted without effect.
const ACCEPTED: &[&str] = &[
    "USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE",
    "SERVERLESS_TASK_MIN_STATEMENT_SIZE",
    "SERVERLESS_TASK_MAX_STATEMENT_SIZE",
    "LOG_LEVEL",
];
/// Notification integrations.
pub const INTEGRATIONS: &[&str] = &["ERROR_INTEGRATION", "SUCCESS_INTEGRATION"];

/// Options as written.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// WAREHOUSE.
    pub warehouse: Option<String>,
    /// SCHEDULE.
    pub schedule: Option<String>,
    /// CONFIG.
    pub config: Option<String>,
    /// ALLOW_OVERLAPPING_EXECUTION.
    pub allow_overlap: Option<bool>,
    /// COMMENT.
    pub comment: Option<String>,
    /// FINALIZE.
    pub finalize: Option<ObjectName>,
    /// The rest.
    pub parameters: Options,
}

/// A property that tasks do not have.
#[must_use]
pub fn invalid(key: &str) -> SfError {
    SfError::compile("001420", "42601", format!("invalid property '{key}' for 'TASK'"))
}

impl Given {
    /// Takes one `KEY = VALUE` if it comes next.
    ///
    /// # Errors
    /// 001003, 001008, 001420.
    pub fn take(&mut self, c: &mut Cursor<'_>) -> SfResult<bool> {
        if !matches!(c.peek(0), Token::Word(_)) || *c.peek(1) != Token::Eq {
            return Ok(false);
        }
        let key = c.ident()?;
        c.expect_token(&Token::Eq)?;
        match key.as_str() {
            "WAREHOUSE" => self.warehouse = Some(one_name(c)?),
            "FINALIZE" => self.finalize = Some(task_name(c)?),
            "SCHEDULE" => {
                let text = c.string()?;
                Schedule::parse(&text)?;
                self.schedule = Some(text);
            }
            "CONFIG" => {
                let text = c.string()?;
                let is_object = serde_json::from_str::<serde_json::Value>(&text).is_ok_and(|v| v.is_object());
                if !is_object {
                    return Err(bad(&text, "CONFIG"));
                }
                self.config = Some(text);
            }
            "ALLOW_OVERLAPPING_EXECUTION" => self.allow_overlap = Some(c.boolean()?),
            "COMMENT" => self.comment = Some(c.string()?),
            _ => {
                let value = c.value()?;
                self.parameter(&key, value)?;
            }
        }
        c.accept_token(&Token::Comma);
        Ok(true)
    }

    fn parameter(&mut self, key: &str, value: String) -> SfResult<()> {
        if let Some((_, least, most)) = NUMBERS.iter().find(|(n, _, _)| *n == key) {
            if !value.parse::<u64>().is_ok_and(|n| (*least..=*most).contains(&n)) {
                return Err(bad(&value, key));
            }
        } else if key == "OVERLAP_POLICY" {
            let upper = value.to_ascii_uppercase();
            if !matches!(upper.as_str(), "NO_OVERLAP" | "ALLOW_CHILD_OVERLAP" | "ALLOW_ALL_OVERLAP") {
                return Err(bad(&value, key));
            }
            self.parameters.insert(key.to_owned(), upper);
            return Ok(());
        } else if key == "AUTOCOMMIT" {
            return Err(SfError::unsupported("AUTOCOMMIT of a task"));
        } else if INTEGRATIONS.contains(&key) {
            self.parameters.insert(key.to_owned(), super::super::super::access::fold_name(&value));
            return Ok(());
        } else if !ACCEPTED.contains(&key)
            && key != "TARGET_COMPLETION_INTERVAL"
            && !KNOWN.iter().any(|(n, _, _)| *n == key)
        {
            return Err(invalid(key));
        }
        self.parameters.insert(key.to_owned(), value);
        Ok(())
    }

    /// Puts them into a definition, except FINALIZE and COMMENT.
    pub fn apply(self, task: &mut Task) {
        task.warehouse = self.warehouse.or(task.warehouse.take());
        task.schedule = self.schedule.or(task.schedule.take());
        task.config = self.config.or(task.config.take());
        if let Some(on) = self.allow_overlap {
            // The older spelling of OVERLAP_POLICY: the later one counts.
            task.allow_overlap = on;
            task.parameters.remove("OVERLAP_POLICY");
        }
        task.parameters.extend(self.parameters);
        if let Some(policy) = task.parameters.get("OVERLAP_POLICY") {
            task.allow_overlap = policy != "NO_OVERLAP";
        }
    }
}

/// Back to the default.
///
/// # Errors
/// 001420.
pub fn unset(task: &mut Task, key: &str) -> SfResult<()> {
    match key {
        "WAREHOUSE" => task.warehouse = None,
        "SCHEDULE" => task.schedule = None,
        "CONFIG" => task.config = None,
        "FINALIZE" => task.finalizes = None,
        "ALLOW_OVERLAPPING_EXECUTION" => {
            task.allow_overlap = false;
            task.parameters.remove("OVERLAP_POLICY");
        }
        _ => {
            let known = NUMBERS.iter().any(|(n, _, _)| *n == key)
                || ACCEPTED.contains(&key)
                || INTEGRATIONS.contains(&key)
                || matches!(key, "OVERLAP_POLICY" | "TARGET_COMPLETION_INTERVAL")
                || KNOWN.iter().any(|(n, _, _)| *n == key);
            if !known {
                return Err(invalid(key));
            }
            if key == "OVERLAP_POLICY" {
                task.allow_overlap = false;
            }
            task.parameters.remove(key);
        }
    }
    Ok(())
}

fn bad(value: &str, key: &str) -> SfError {
    SfError::compile("001008", "22023", format!("invalid value [{value}] for parameter '{key}'"))
}

fn one_name(c: &mut Cursor<'_>) -> SfResult<String> {
    match c.peek(0) {
        Token::SingleQuotedString(_) => Ok(super::super::super::access::fold_name(&c.string()?)),
        _ => c.ident(),
    }
}

/// A task's name, also as a string.
///
/// # Errors
/// 001003.
pub fn task_name(c: &mut Cursor<'_>) -> SfResult<ObjectName> {
    match c.peek(0) {
        Token::SingleQuotedString(_) => Cursor::new(&c.string()?)?.name(),
        _ => c.name(),
    }
}

/// `a, b`, each once.
///
/// # Errors
/// 001003.
pub fn task_names(c: &mut Cursor<'_>) -> SfResult<Vec<ObjectName>> {
    let mut names = vec![task_name(c)?];
    while c.accept_token(&Token::Comma) {
        let name = task_name(c)?;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}
