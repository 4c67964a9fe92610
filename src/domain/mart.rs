//! What a mart's chart shows.

use serde::{Deserialize, Serialize};

/// How values are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChartKind {
    /// A line from left to right.
    #[default]
    Line,
    /// A bar for each value.
    Bars,
    /// A field of cells, darker where there is more.
    Heat,
}

/// A chart, as the manifest describes it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chart {
    /// Its heading.
    pub title: String,
    /// How it is drawn.
    #[serde(default)]
    pub kind: ChartKind,
    /// The column or expression along the bottom.
    pub x: String,
    /// The value, an aggregate such as `SUM(SALES_AMOUNT)`.
    pub value: String,
    /// The column or expression down the side; for a heat field.
    pub y: Option<String>,
}

/// A mart and what its readers should know.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MartInfo {
    /// Bare name.
    pub name: String,
    /// `DATABASE.SCHEMA.TABLE`.
    pub table: String,
    /// What one row stands for.
    pub grain: String,
    /// Who answers for it.
    pub owner: String,
    /// How fresh it should be.
    pub freshness: String,
    /// Its chart, where it has one.
    pub chart: Option<Chart>,
}
