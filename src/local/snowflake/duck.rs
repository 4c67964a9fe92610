//! DuckDB's failures in Snowflake's words.

use super::error::SfError;

/// Maps a DuckDB error text to Snowflake's code and text. What no rule knows stays visible as an internal error.
#[must_use]
pub fn map_error(text: &str) -> SfError {
    let first = text.split("\n\nLINE").next().unwrap_or(text).trim();
    if let Some(sf) = raised(first) {
        return sf;
    }
    if first.contains("INTERRUPT") || first.contains("Interrupted") {
        return SfError::new("000604", "57014", "SQL execution canceled");
    }
    if let Some(value) = between(first, "Could not convert string \"", "\" to ") {
        let target = first.rsplit(" to ").next().unwrap_or("");
        return conversion(value, target);
    }
    if let Some(value) = between(first, "Could not convert string '", "' to ") {
        let target = first.rsplit(" to ").next().unwrap_or("");
        return conversion(value, target);
    }
    if let Some(value) = between(first, "invalid date field format: \"", "\"") {
        return SfError::new("100040", "22007", format!("Date '{value}' is not recognized"));
    }
    if let Some(value) = between(first, "date field value out of range: \"", "\"") {
        return SfError::new("100040", "22007", format!("Date '{value}' is not recognized"));
    }
    if let Some(value) = between(first, "invalid timestamp field format: \"", "\"") {
        return SfError::new("100035", "22007", format!("Timestamp '{value}' is not recognized"));
    }
    if let Some(value) = between(first, "Could not cast value ", " to DECIMAL") {
        return SfError::new("100039", "22003", format!("Numeric value '{value}' is out of range"));
    }
    if first.contains("NOT NULL constraint failed") {
        return SfError::new("100072", "22000", "NULL result in a non-nullable column");
    }
    if first.contains("Overflow in") || first.contains("out of range") || first.contains("Out of Range") {
        return SfError::new("100046", "22003", format!("Number out of representable range: {first}"));
    }
    if first.contains("Division by zero") || first.contains("division by zero") {
        return SfError::new("100051", "22012", "Division by zero");
    }
    SfError::internal(first)
}

/// A text that our own scalar functions raise carries code and state: `SF|100051|22012|Division by zero`.
fn raised(text: &str) -> Option<SfError> {
    let at = text.find("SF|")?;
    let mut parts = text[at + 3..].splitn(3, '|');
    let (code, state, message) = (parts.next()?, parts.next()?, parts.next()?);
    Some(SfError::new(intern(code), intern(state), message.trim()))
}

/// Codes and states are few and fixed: those that functions raise are listed here.
fn intern(text: &str) -> &'static str {
    const KNOWN: &[&str] = &[
        "100035", "22007", "100037", "100038", "22018", "100039", "22003", "100040", "100046", "100051", "22012",
        "100069", "22P02", "100071", "22000", "100072", "100078", "100090", "42P18", "100095", "100096", "22023",
        "001007", "002204",
    ];
    KNOWN.iter().find(|k| **k == text).copied().unwrap_or("000603")
}

fn conversion(value: &str, target: &str) -> SfError {
    if target.starts_with("DECIMAL") || target.starts_with("DOUBLE") || target.contains("INT") {
        SfError::new("100038", "22018", format!("Numeric value '{value}' is not recognized"))
    } else if target.starts_with("BOOL") {
        SfError::new("100037", "22018", format!("Boolean value '{value}' is not recognized"))
    } else {
        SfError::internal(format!("Could not convert '{value}' to {target}"))
    }
}

fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let from = text.find(open)? + open.len();
    let to = text[from..].rfind(close)? + from;
    Some(&text[from..to])
}
