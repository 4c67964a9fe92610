//! `snowdeck deploy --rehearse`.

use super::args::Global;
use super::desk::Desk;
use super::failure::Failure;
#[cfg(feature = "local")]
use super::output::{self, Table};
use crate::jobs::deploy::{Deployment, Order, Pipeline};
#[cfg(feature = "local")]
use serde_json::json;

/// Runs the plan on a fresh embedded cloud and, where an order is given, on the profile's target; tells what differs.
#[cfg(feature = "local")]
pub async fn run(
    global: &Global,
    desk: &Desk,
    pipeline: &Pipeline,
    deployment: &Deployment,
    order: Option<&Order>,
) -> Result<(), Failure> {
    use crate::jobs::deploy::{Target, rehearse};
    use crate::jobs::sources;
    let folder = tempfile::tempdir()?;
    let stage = crate::config::rehearsal(folder.path(), desk.services.store.bucket(), &desk.services.variables).await?;
    let ctx = desk.context();
    let work = async {
        let files =
            sources::sample(&ctx, desk.services.store.as_ref(), stage.store.as_ref(), pipeline.manifest()).await?;
        let there = pipeline.prepare(&stage.variables)?;
        let first = Target { warehouses: stage.warehouses.as_ref(), deployment: &there };
        let second = Target { warehouses: desk.services.warehouses.as_ref(), deployment };
        Ok::<_, Failure>((files, rehearse(&ctx, &first, order.map(|order| (&second, order))).await?))
    };
    let result = work.await;
    stage.ending.end().await;
    let (files, came) = result?;
    desk.quiet();
    if let Some(failure) = &came.rehearsed.failure {
        return Err(super::deploy::refusal(failure).at("at the rehearsal, nothing else was touched"));
    }
    let target = came.target.as_ref();
    if global.json {
        output::json(&json!({
            "ok": target.is_none_or(|t| t.failure.is_none()),
            "rehearsed": came.rehearsed.deployed,
            "files": files,
            "target": target.map(|t| &t.deployed),
            "differences": came.differences,
        }))?;
    } else {
        output::line(&text(&came, files))?;
    }
    match target.and_then(|t| t.failure.as_ref()) {
        Some(failure) => Err(super::deploy::refusal(failure)),
        None => Ok(()),
    }
}

#[cfg(not(feature = "local"))]
#[allow(clippy::unused_async, reason = "the same form as with the embedded cloud")]
pub async fn run(_: &Global, _: &Desk, _: &Pipeline, _: &Deployment, _: Option<&Order>) -> Result<(), Failure> {
    Err(Failure::usage("this build has no embedded cloud to rehearse on (feature `local`)"))
}

#[cfg(feature = "local")]
fn text(came: &crate::jobs::deploy::Rehearsal, files: u64) -> String {
    let mut text =
        format!("rehearsed   {} statements, with {files} of the bucket's files", came.rehearsed.deployed.statements);
    let Some(target) = &came.target else { return text };
    text.push_str(&format!("\ndeployed    {} statements\n", target.deployed.statements));
    if came.differences.is_empty() {
        text.push_str(if target.deployed.statements == 0 {
            "\n✓ nothing was left to run here, so nothing was compared"
        } else {
            "\n✓ nothing came out differently"
        });
        return text;
    }
    let mut table = Table::new(&["STAGE", "STEP", "WHERE", "DIFFERS IN", "REHEARSED", "HERE"]);
    for d in &came.differences {
        table.row([
            d.stage.clone(),
            d.title.clone(),
            d.place.clone(),
            d.what.to_owned(),
            d.rehearsed.clone(),
            d.target.clone(),
        ]);
    }
    text.push_str(&format!("\n{}", table.text()));
    text
}
