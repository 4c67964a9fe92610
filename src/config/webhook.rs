//! Where alerts are posted to.

use super::ConfigError;
use crate::clients::webhook::Webhook;
use crate::domain::Secret;

/// The environment variable that holds the webhook's URL. It is a secret, so it is neither a flag nor a setting.
pub const WEBHOOK_VARIABLE: &str = "SNOWDECK_ALERT_WEBHOOK";

/// The webhook for alerts, where one is given.
///
/// # Errors
/// [`ConfigError::Syntax`] for what is no URL.
pub fn alert_webhook() -> Result<Option<Webhook>, ConfigError> {
    let Some(url) = std::env::var(WEBHOOK_VARIABLE).ok().filter(|url| !url.trim().is_empty()) else { return Ok(None) };
    let refused = |message| ConfigError::Syntax { place: WEBHOOK_VARIABLE.to_owned(), message };
    Webhook::new(Secret::new(url.trim())).map(Some).map_err(refused)
}
