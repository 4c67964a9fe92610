//! What somebody should know of.

use serde::{Deserialize, Serialize};

/// An alert that the warehouse has raised: one for each cause.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Alert {
    /// What it is about, `missing_day:2018-12-07`; there is one alert of a cause.
    pub cause: String,
    /// The first part of the cause, `failed_task`, `missing_day`, `count_out_of_band`, `rejected_share`.
    pub kind: String,
    /// `error` or `warning`.
    pub severity: String,
    /// What happened, in words.
    pub text: String,
    /// When it was raised, milliseconds since the Unix epoch.
    pub raised_ms: i64,
    /// When somebody acknowledged it, milliseconds since the Unix epoch.
    pub acknowledged_ms: Option<i64>,
    /// Who did.
    pub acknowledged_by: Option<String>,
    /// Until when its kind is silenced, milliseconds since the Unix epoch.
    pub silenced_until_ms: Option<i64>,
    /// When its delivery to the webhook began, milliseconds since the Unix epoch.
    pub claimed_ms: Option<i64>,
    /// When it was delivered to the webhook, milliseconds since the Unix epoch.
    pub delivered_ms: Option<i64>,
}

impl Alert {
    /// Whether it still asks for attention: neither acknowledged nor silenced.
    #[must_use]
    pub fn is_open(&self, now_ms: i64) -> bool {
        self.acknowledged_ms.is_none() && !self.is_silenced(now_ms)
    }

    /// Whether its kind is silenced.
    #[must_use]
    pub fn is_silenced(&self, now_ms: i64) -> bool {
        self.silenced_until_ms.is_some_and(|until| until > now_ms)
    }
}
