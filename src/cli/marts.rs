//! `snowdeck marts`: counts, and every layer against what the files hold.

use super::args::Global;
use super::desk::{self, Desk};
use super::{failure::Failure, output, run};
use crate::domain::RunReport;
use crate::jobs::{marts, reconcile};
use serde_json::json;

pub async fn run(global: &Global) -> Result<(), Failure> {
    let pipeline = desk::pipeline(global)?;
    let manifest = pipeline.manifest();
    desk::at(global, async |desk: &Desk| {
        let ctx = desk.context();
        let session = marts::owner_session(desk.services.warehouses.as_ref(), manifest, &desk.cancel).await?;
        let work = async {
            let counts = marts::count(session.as_ref(), manifest, &desk.cancel).await?;
            let measures = reconcile::measure(&ctx, desk.services.store.as_ref(), manifest).await?;
            let checks = reconcile::reconcile(&ctx, session.as_ref(), manifest, &measures).await?;
            Ok::<_, Failure>((counts, checks))
        };
        let result = work.await;
        session.close().await;
        let (counts, checks) = result?;
        desk.quiet();
        let ok = checks.iter().all(|check| check.ok);
        if global.json {
            output::json(&json!({ "ok": ok, "marts": counts, "reconciliation": checks }))?;
        } else {
            output::line(&run::counts(&RunReport { marts: counts, reconciliation: checks, ..RunReport::default() }))?;
        }
        if ok { Ok(()) } else { Err(Failure::told()) }
    })
    .await
}
