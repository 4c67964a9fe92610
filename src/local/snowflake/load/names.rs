//! Fields by name: MATCH_BY_COLUMN_NAME.

/// The table's columns that a file's fields are matched with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// Column names in the order of the fields that come out.
    pub columns: Vec<String>,
    /// CASE_INSENSITIVE.
    pub any_case: bool,
}

impl Names {
    /// The column that a field's name means.
    #[must_use]
    pub fn position(&self, field: &str) -> Option<usize> {
        self.columns.iter().position(
            |c| {
                if self.any_case { c.to_lowercase() == field.to_lowercase() } else { c == field }
            },
        )
    }
}
