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
    for (open, close) in [("Could not convert string \"", "\" to "), ("Could not convert string '", "' to ")] {
        if let Some(value) = between(first, open, close) {
            return conversion(value, first.rsplit(" to ").next().unwrap_or(""));
        }
    }
    if let Some(value) = between(first, "Could not cast value ", " to DECIMAL") {
        return out_of_range(value);
    }
    if let Some(value) = between(first, "Casting value \"", "\" to type DECIMAL") {
        return out_of_range(value);
    }
    if first.contains("NOT NULL constraint failed") {
        return SfError::new("100072", "22000", "NULL result in a non-nullable column");
    }
    if first.contains("Division by zero") || first.contains("division by zero") {
        return SfError::new("100051", "22012", "Division by zero");
    }
    if first.contains("Overflow in")
        && let Some((_, values)) = first.rsplit_once(" (")
    {
        let values = values.split(')').next().unwrap_or(values);
        return SfError::new("100046", "22003", format!("Number out of representable range: {values}"));
    }
    if first.contains("Overflow in") || first.contains("out of range") || first.contains("Out of Range") {
        return SfError::new("100046", "22003", format!("Number out of representable range: {first}"));
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
        "001007", "001044", "002023", "002204", "100035", "100037", "100038", "100039", "100040", "100046", "100048",
        "100051", "100069", "100071", "100072", "100078", "100080", "100088", "100089", "100090", "100093", "100095",
        "100096", "100097", "100108", "100115", "100132", "100140", "100183", "22000", "22003", "22007", "22012",
        "22018", "22023", "2201B", "22P02", "000002", "0A000", "42601", "42P13", "42P18", "091003", "091016", "100016",
        "100033", "100068", "100082", "100144", "57014", "100139", "100298", "100311",
    ];
    KNOWN.iter().find(|k| **k == text).copied().unwrap_or("000603")
}

/// Text that is no number, or one that does not fit.
fn conversion(value: &str, target: &str) -> SfError {
    if target.starts_with("DECIMAL") || target.starts_with("DOUBLE") || target.contains("INT") {
        if value.trim().parse::<f64>().is_ok() {
            return out_of_range(value);
        }
        SfError::new("100038", "22018", format!("Numeric value '{value}' is not recognized"))
    } else if target.starts_with("BOOL") {
        SfError::new("100037", "22018", format!("Boolean value '{value}' is not recognized"))
    } else {
        SfError::internal(format!("Could not convert '{value}' to {target}"))
    }
}

fn out_of_range(value: &str) -> SfError {
    let value = if value.contains('.') { value.trim_end_matches('0').trim_end_matches('.') } else { value };
    SfError::new("100039", "22003", format!("Numeric value '{value}' is out of range"))
}

fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let from = text.find(open)? + open.len();
    let to = text[from..].rfind(close)? + from;
    Some(&text[from..to])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duckdbs_texts_are_known() {
        for (text, code, message) in [
            (
                "Conversion Error: Could not convert string \"it's \"x\" to DECIMAL(4,0)\n\nLINE 1: …",
                "100038",
                "Numeric value 'it's \"x' is not recognized",
            ),
            (
                "Conversion Error: Could not convert string \"12345\" to DECIMAL(4,0)",
                "100039",
                "Numeric value '12345' is out of range",
            ),
            (
                "Conversion Error: Could not cast value 12345.000000 to DECIMAL(4,0)",
                "100039",
                "Numeric value '12345' is out of range",
            ),
            (
                "Invalid Input Error: SF|100071|22000|Failed to cast variant value \"x\" to FIXED",
                "100071",
                "Failed to cast variant value \"x\" to FIXED",
            ),
        ] {
            let e = map_error(text);
            assert_eq!((e.code, e.message.as_str()), (code, message));
        }
    }
}
