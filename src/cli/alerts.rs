//! `snowdeck alerts`.

use super::args::{Alerts, Global};
use super::desk::{self, Desk};
use super::failure::Failure;
use super::output::{self, Table};
use crate::config;
use crate::domain::Alert;
use crate::jobs::deploy::Manifest;
use crate::jobs::ports::Warehouse;
use crate::jobs::{alerts, marts};
use serde_json::json;

pub async fn run(global: &Global, args: Alerts) -> Result<(), Failure> {
    if !matches!(args, Alerts::Ls { .. }) {
        desk::may_change(global, "change alerts")?;
    }
    let pipeline = desk::pipeline(global)?;
    let manifest = pipeline.manifest();
    desk::at(global, async |desk: &Desk| {
        let session = marts::owner_session(desk.services.warehouses.as_ref(), manifest, &desk.cancel).await?;
        let result = in_session(global, &args, desk, session.as_ref(), manifest).await;
        session.close().await;
        result
    })
    .await
}

async fn in_session(
    global: &Global,
    args: &Alerts,
    desk: &Desk,
    session: &dyn Warehouse,
    manifest: &Manifest,
) -> Result<(), Failure> {
    let ctx = desk.context();
    let (done, what) = match args {
        Alerts::Ls { open } => {
            let mut found = alerts::list(&ctx, session, manifest).await?;
            let now = ctx.clock.now_ms();
            found.retain(|a| !open || a.is_open(now));
            desk.quiet();
            return if global.json { output::json(&found) } else { output::line(&table(&found, now)) };
        }
        Alerts::Deliver => return deliver(global, desk, session, manifest).await,
        Alerts::Ack { causes, .. } => (alerts::acknowledge(&ctx, session, manifest, causes).await?, "acknowledged"),
        Alerts::Silence { cause, minutes } => {
            let what = if *minutes == 0 { "no longer silenced" } else { "silenced" };
            (alerts::silence(&ctx, session, manifest, cause, *minutes).await?, what)
        }
    };
    desk.quiet();
    if global.json {
        output::json(&json!({ "ok": true, "alerts": done }))
    } else {
        output::line(&format!("{done} {what}"))
    }
}

async fn deliver(global: &Global, desk: &Desk, session: &dyn Warehouse, manifest: &Manifest) -> Result<(), Failure> {
    let webhook = config::alert_webhook()?.ok_or_else(|| {
        Failure::usage(format!("{} holds no URL of a webhook to deliver to", config::WEBHOOK_VARIABLE))
    })?;
    let done = alerts::deliver(&desk.context(), session, manifest, &webhook).await?;
    desk.quiet();
    let ok = done.refused + done.uncertain == 0;
    if global.json {
        output::json(&json!({ "ok": ok, "delivered": done }))?;
    } else {
        output::line(&format!("{} delivered, {} refused, {} uncertain", done.sent, done.refused, done.uncertain))?;
    }
    if ok { Ok(()) } else { Err(Failure::told()) }
}

fn table(found: &[Alert], now_ms: i64) -> String {
    let mut table = Table::new(&["RAISED (UTC)", "SEVERITY", "STATE", "CAUSE", "TEXT"]);
    for alert in found {
        table.row([
            output::moment(alert.raised_ms).unwrap_or_default(),
            alert.severity.clone(),
            state(alert, now_ms).to_owned(),
            alert.cause.clone(),
            alert.text.clone(),
        ]);
    }
    table.text()
}

fn state(alert: &Alert, now_ms: i64) -> &'static str {
    match alert {
        a if a.acknowledged_ms.is_some() => "acknowledged",
        a if a.is_silenced(now_ms) => "silenced",
        a if a.delivered_ms.is_some() => "delivered",
        a if a.claimed_ms.is_some() => "uncertain",
        _ => "new",
    }
}
