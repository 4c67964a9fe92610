//! Alerts that the warehouse has raised: list them, acknowledge and silence them, deliver them once.

mod deliver;
mod list;

pub use deliver::{Delivered, deliver};
pub use list::list;

use super::deploy::{Manifest, quote};
use super::ports::Warehouse;
use super::{Context, JobError};

/// Acknowledges alerts by cause; all open ones where no cause is given. Gives how many were not acknowledged before.
///
/// # Errors
/// [`JobError::Usage`] for a cause that there is no alert of; the server's refusal.
pub async fn acknowledge(
    ctx: &Context,
    session: &dyn Warehouse,
    manifest: &Manifest,
    causes: &[String],
) -> Result<i64, JobError> {
    let mut done = 0;
    let set = "ACKNOWLEDGED_AT = CURRENT_TIMESTAMP(), ACKNOWLEDGED_BY = CURRENT_USER()";
    if causes.is_empty() {
        return change(ctx, session, manifest, set, "ACKNOWLEDGED_AT IS NULL").await;
    }
    for cause in causes {
        known(ctx, session, manifest, cause).await?;
        let condition = format!("CAUSE_KEY = {} AND ACKNOWLEDGED_AT IS NULL", quote(cause));
        done += change(ctx, session, manifest, set, &condition).await?;
    }
    Ok(done)
}

/// Silences all alerts of a cause's kind, also those that will be raised, for so many minutes; 0 ends a silence. Gives how
/// many alerts there are of the kind.
///
/// # Errors
/// [`JobError::Usage`] for a cause that there is no alert of; the server's refusal.
pub async fn silence(
    ctx: &Context,
    session: &dyn Warehouse,
    manifest: &Manifest,
    cause: &str,
    minutes: u32,
) -> Result<i64, JobError> {
    let kind = known(ctx, session, manifest, cause).await?;
    let set = format!("SILENCED_UNTIL = DATEADD(MINUTE, {minutes}, CURRENT_TIMESTAMP()), SILENCED_BY = CURRENT_USER()");
    change(ctx, session, manifest, &set, &format!("KIND = {}", quote(&kind))).await
}

/// The kind of the alert with this cause.
async fn known(ctx: &Context, session: &dyn Warehouse, manifest: &Manifest, cause: &str) -> Result<String, JobError> {
    let alerts = list(ctx, session, manifest).await?;
    alerts.into_iter().find(|a| a.cause == cause).map(|a| a.kind).ok_or_else(|| {
        JobError::Usage(format!("there is no alert `{cause}`; `snowdeck alerts ls` shows those that there are"))
    })
}

/// Changes the alerts for which the condition holds; gives how many.
async fn change(
    ctx: &Context,
    session: &dyn Warehouse,
    manifest: &Manifest,
    set: &str,
    condition: &str,
) -> Result<i64, JobError> {
    let table = table(manifest)?;
    let answer = session.query(&format!("UPDATE {table} SET {set} WHERE {condition}"), Some(1), &ctx.cancel).await?;
    Ok(answer.first_number().unwrap_or(0))
}

/// The table of alerts.
fn table(manifest: &Manifest) -> Result<String, JobError> {
    let none = || JobError::Usage("this pipeline keeps no alerts: its pipeline.toml has no `alerts`".into());
    manifest.alerts.as_deref().map(|table| manifest.qualified(table)).ok_or_else(none)
}
