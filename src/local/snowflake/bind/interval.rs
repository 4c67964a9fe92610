//! `date ± INTERVAL '1 day, 2 hours'`.

use super::super::error::{SfError, SfResult};
use super::Bound;
use super::binder::Binder;
use sqlparser::ast::{Expr, Interval, Value};

/// Adds or subtracts an interval, part by part through DATEADD, which knows what each part does to the type.
///
/// # Errors
/// A text that is no interval.
pub fn add(b: &mut Binder<'_, '_>, base: Bound, interval: &Interval, minus: bool) -> SfResult<Bound> {
    let text = text_of(interval)?;
    let mut out = base;
    for part in text.split(',') {
        let (n, unit) = split(part.trim()).ok_or_else(|| bad(&text))?;
        let amount = if minus { -n } else { n };
        let call = vec![Bound::text(&unit), Bound::int(amount), out];
        out = b.call_bound("DATEADD", call)?;
    }
    Ok(out)
}

/// A DuckDB interval, for the bounds of a RANGE frame.
///
/// # Errors
/// A text that is no interval.
pub fn duck(interval: &Interval) -> SfResult<String> {
    let text = text_of(interval)?;
    let mut parts = Vec::new();
    for part in text.split(',') {
        let (n, unit) = split(part.trim()).ok_or_else(|| bad(&text))?;
        let unit = super::functions::part::Part::read(&unit)?;
        let name = unit.duck().ok_or_else(|| bad(&text))?;
        parts.push(format!(
            "INTERVAL ({}) {}",
            if name == "quarter" { 3 * n } else { n },
            if name == "quarter" { "month" } else { name }
        ));
    }
    Ok(format!("({})", parts.join(" + ")))
}

fn text_of(interval: &Interval) -> SfResult<String> {
    let text = match &*interval.value {
        Expr::Value(v) => match &v.value {
            Value::SingleQuotedString(s) => s.clone(),
            Value::Number(n, _) => n.clone(),
            _ => return Err(bad(&interval.to_string())),
        },
        _ => return Err(bad(&interval.to_string())),
    };
    Ok(match &interval.leading_field {
        Some(field) => format!("{text} {field}"),
        None => text,
    })
}

/// `2 hours` → (2, `hours`); `3` → (3, `second`), which is what a bare number means.
fn split(part: &str) -> Option<(i64, String)> {
    let end = part.find(|c: char| !(c.is_ascii_digit() || c == '-' || c == '+')).unwrap_or(part.len());
    let n = part[..end].parse().ok()?;
    let unit = part[end..].trim();
    Some((n, if unit.is_empty() { "second".into() } else { unit.to_ascii_lowercase() }))
}

fn bad(text: &str) -> SfError {
    SfError::compile("001007", "22023", format!("invalid type [INTERVAL '{text}'] for parameter 'interval'"))
}
