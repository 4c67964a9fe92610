//! Names as Snowflake resolves and prints them.

use serde::{Deserialize, Serialize};

/// A name of one to three parts, each exact (already upper-cased where it was unquoted).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObjectName(pub Vec<String>);

impl ObjectName {
    /// The last part.
    #[must_use]
    pub fn last(&self) -> &str {
        self.0.last().map_or("", String::as_str)
    }

    /// As error texts print it: parts that need quotes quoted.
    #[must_use]
    pub fn display(&self) -> String {
        quote_name(&self.0)
    }
}

/// A part as SQL must write it: quoted unless a plain upper-case identifier.
#[must_use]
pub fn quote_ident(part: &str) -> String {
    let plain = part.chars().next().is_some_and(|c| c.is_ascii_uppercase() || c == '_')
        && part.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_' || c == '$');
    if plain { part.to_owned() } else { format!("\"{}\"", part.replace('"', "\"\"")) }
}

/// Parts joined by dots, each quoted where it must be.
#[must_use]
pub fn quote_name<S: AsRef<str>>(parts: &[S]) -> String {
    parts.iter().map(|p| quote_ident(p.as_ref())).collect::<Vec<_>>().join(".")
}
