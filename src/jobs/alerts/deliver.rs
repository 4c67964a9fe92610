//! Delivery to a webhook: at most once for each cause.
//!
//! An alert is claimed before it is sent and marked afterwards. Of two deliverers only one gets the claim. A refusal gives
//! the claim back; where nobody knows whether the message arrived (a timeout, a process that was killed), it stays claimed,
//! and `alerts ls` shows it as uncertain: rather no message than two.

use super::super::deploy::{Manifest, quote};
use super::super::ports::{NotSent, Notifier, Warehouse};
use super::super::{Context, Event, JobError};
use super::{change, list};
use crate::domain::Alert;
use serde::Serialize;

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Delivered {
    /// Alerts sent.
    pub sent: u64,
    /// Alerts that were refused; they are tried again the next time.
    pub refused: u64,
    /// Alerts of which nobody knows whether they arrived; they are not tried again.
    pub uncertain: u64,
}

/// Sends the open alerts that were not sent yet, the oldest first.
///
/// # Errors
/// The server's refusal, [`JobError::Cancelled`]. What the webhook refuses is told as [`Event::Note`] and counted.
pub async fn deliver(
    ctx: &Context,
    session: &dyn Warehouse,
    manifest: &Manifest,
    notifier: &dyn Notifier,
) -> Result<Delivered, JobError> {
    let now = ctx.clock.now_ms();
    let mut alerts = list(ctx, session, manifest).await?;
    alerts.retain(|a| a.claimed_ms.is_none() && a.delivered_ms.is_none() && a.is_open(now));
    alerts.reverse();
    let mut done = Delivered::default();
    for alert in &alerts {
        if ctx.cancel.is_cancelled() {
            return Err(JobError::Cancelled);
        }
        let this = format!("CAUSE_KEY = {}", quote(&alert.cause));
        let claim = format!("{this} AND CLAIMED_AT IS NULL AND ACKNOWLEDGED_AT IS NULL");
        if change(ctx, session, manifest, "CLAIMED_AT = CURRENT_TIMESTAMP()", &claim).await? == 0 {
            continue; // somebody else has it
        }
        match notifier.send(&message(alert)).await {
            Ok(()) => {
                change(ctx, session, manifest, "DELIVERED_AT = CURRENT_TIMESTAMP()", &this).await?;
                done.sent += 1;
            }
            Err(NotSent::Refused(why)) => {
                change(ctx, session, manifest, "CLAIMED_AT = NULL", &this).await?;
                ctx.emit(Event::Note(format!("{} was not delivered: {why}", alert.cause)));
                done.refused += 1;
            }
            Err(NotSent::Unknown(why)) => {
                ctx.emit(Event::Note(format!("nobody knows whether {} was delivered: {why}", alert.cause)));
                done.uncertain += 1;
            }
        }
    }
    Ok(done)
}

/// An alert in one line.
fn message(alert: &Alert) -> String {
    format!("{}: {}", if alert.severity == "error" { "Error" } else { "Warning" }, alert.text)
}
