//! Jobs that only look.

use super::sessions::Sessions;
use super::{Connected, Shared};
use crate::app::{Counts, Layer, LinkInfo, PrefixTotal, Reply, TableCount, Traits};
use crate::domain::SqlError;
use crate::jobs::browse;
use crate::jobs::deploy::Manifest;
use crate::jobs::ports::{ObjectStore, Warehouse};
use crate::jobs::{Context, JobError, alerts as raised, reconcile as ladder};
use crate::runtime::Services;
use std::future::Future;

/// Pages of keys that are counted under one prefix.
const PAGES: usize = 20;

/// Reaches the services and keeps them.
pub async fn connect(
    shared: &Shared,
    services: impl Future<Output = Result<Services, String>>,
) -> Result<Reply, JobError> {
    let services = services.await.map_err(JobError::Failed)?;
    let connected = Connected { services, sessions: Sessions::default(), results: super::ask::Results::default() };
    let info = info(&connected.services);
    if shared.services.set(connected).is_err() {
        return Err(JobError::Failed("the services have been asked for already".into()));
    }
    Ok(Reply::Connected(info))
}

fn info(services: &Services) -> LinkInfo {
    let manifest = services.pipeline.manifest();
    let size = services.pipeline.value("warehouse_size", &services.variables);
    let warehouse_size = size.unwrap_or_else(|| "XSMALL".to_owned());
    let loads = manifest.stages.iter().filter(|s| s.load).map(|s| s.id.get_ref().clone()).collect();
    LinkInfo {
        snowflake: services.snowflake.clone(),
        bucket: services.store.bucket().to_owned(),
        layers: layers(manifest),
        prefixes: manifest.sources.iter().map(|s| s.prefix.clone()).collect(),
        root: manifest.tasks.root.clone(),
        database: manifest.database.clone(),
        traits: Box::new(Traits { loads, warehouse_size }),
        marts: manifest.marts.iter().map(|m| m.name.clone()).collect(),
        about: crate::jobs::marts::about(manifest),
    }
}

/// The schemas from stage to mart in the order in which the ladder climbs them, headed by the last word of their names.
fn layers(manifest: &Manifest) -> Vec<Layer> {
    let sources = manifest.sources.iter().map(|s| s.table.as_str());
    let ladder = manifest.layers.iter().filter_map(|l| {
        // `vault.HUB_CUSTOMER` names its layer; its table or query holds that layer's schema.
        let layer = l.name.get_ref().split('.').next()?;
        l.table.iter().chain(&l.sql).find_map(|text| qualified_in(text, layer))
    });
    let marts = manifest.marts.iter().map(|m| m.table.as_str());
    let mut out: Vec<Layer> = Vec::new();
    for table in sources.chain(ladder).chain(marts) {
        let Some((schema, _)) = table.rsplit_once('.') else { continue };
        if out.iter().all(|l| l.schema != schema) {
            let title = schema.rsplit('_').next().unwrap_or(schema).to_owned();
            out.push(Layer { title, schema: schema.to_owned() });
        }
    }
    out
}

/// The first `SCHEMA.NAME` in a text whose schema ends in the layer's name.
fn qualified_in<'a>(text: &'a str, layer: &str) -> Option<&'a str> {
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
    words.into_iter().find(|word| {
        word.split_once('.').is_some_and(|(schema, _)| schema.to_lowercase().ends_with(&layer.to_lowercase()))
    })
}

/// Renders the plan.
pub fn plan(on: &Connected) -> Result<Reply, JobError> {
    let deployment = on.services.pipeline.prepare(&on.services.variables)?;
    Ok(Reply::Plan(deployment.plan().clone()))
}

/// Counts tables and objects.
pub async fn counts(ctx: &Context, on: &Connected) -> Result<Reply, JobError> {
    let manifest = on.services.pipeline.manifest();
    let mut prefixes = Vec::new();
    for source in &manifest.sources {
        prefixes.push(total(ctx, on.services.store.as_ref(), &source.prefix).await?);
    }
    let tables = match on.sessions.look(on.services.warehouses.as_ref(), manifest).await? {
        Some(session) => forgetting(on, tables(ctx, session.as_ref(), manifest)).await?,
        None => Vec::new(),
    };
    Ok(Reply::Counts(Counts { tables, prefixes }))
}

async fn tables(ctx: &Context, session: &dyn Warehouse, manifest: &Manifest) -> Result<Vec<TableCount>, SqlError> {
    // Snowflake keeps the numbers with its metadata: no warehouse has to run for this.
    let sql = format!("SHOW TABLES IN DATABASE {}", manifest.database);
    let answer = match session.query(&sql, None, &ctx.cancel).await {
        Ok(answer) => answer,
        Err(error) if error.is_out_of_sight() => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let count = |row: usize| {
        let cell = |name: &str| answer.cell(row, name).map(str::to_owned);
        Some(TableCount { schema: cell("schema_name")?, table: cell("name")?, rows: cell("rows")?.parse().ok()? })
    };
    Ok((0..answer.rows.len()).filter_map(count).collect())
}

/// A failure that is not the server's answer may be the session's: the next look logs in again.
pub(super) async fn forgetting<T>(
    on: &Connected,
    look: impl Future<Output = Result<T, SqlError>>,
) -> Result<T, SqlError> {
    let result = look.await;
    if result.as_ref().is_err_and(|e| e.code.is_empty() || e.code.starts_with("390")) {
        on.sessions.forget().await;
    }
    result
}

async fn total(ctx: &Context, store: &dyn ObjectStore, prefix: &str) -> Result<PrefixTotal, JobError> {
    let mut sum = PrefixTotal { prefix: prefix.to_owned(), ..PrefixTotal::default() };
    let mut after = None;
    for _ in 0..PAGES {
        let page = tokio::select! {
            biased;
            () = ctx.cancel.cancelled() => return Err(JobError::Cancelled),
            page = store.list(prefix, None, after.as_deref()) => page,
        };
        let page = match page {
            Ok(page) => page,
            // Before the first upload there is no bucket, and so nothing in it.
            Err(error) if error.code == "NoSuchBucket" => return Ok(sum),
            Err(error) => return Err(error.into()),
        };
        sum.objects += page.objects.len() as u64;
        sum.bytes += page.objects.iter().map(|o| o.size).sum::<u64>();
        after = page.next;
        if after.is_none() {
            return Ok(sum);
        }
    }
    sum.more = true;
    Ok(sum)
}

/// Lists one level.
pub async fn list(ctx: &Context, on: &Connected, prefix: String, after: Option<String>) -> Result<Reply, JobError> {
    match browse::level(ctx, on.services.store.as_ref(), &prefix, after.as_deref()).await {
        Ok(page) => Ok(Reply::Page(prefix, page)),
        Err(JobError::Store(error)) if error.code == "NoSuchBucket" => {
            Ok(Reply::Page(prefix, crate::domain::ObjectPage::default()))
        }
        Err(error) => Err(error),
    }
}

/// Reads the alerts; none before there is anybody to raise them.
pub async fn alerts(ctx: &Context, on: &Connected) -> Result<Reply, JobError> {
    let manifest = on.services.pipeline.manifest();
    match on.sessions.look(on.services.warehouses.as_ref(), manifest).await? {
        Some(session) => Ok(Reply::Alerts(raised::list(ctx, session.as_ref(), manifest).await?)),
        None => Ok(Reply::Alerts(Vec::new())),
    }
}

/// Acknowledges alerts.
pub async fn acknowledge(ctx: &Context, on: &Connected, causes: &[String]) -> Result<Reply, JobError> {
    let manifest = on.services.pipeline.manifest();
    let session = on.sessions.look(on.services.warehouses.as_ref(), manifest).await?;
    let session = session.ok_or_else(|| JobError::Failed("nothing is deployed yet".into()))?;
    Ok(Reply::Acknowledged(raised::acknowledge(ctx, session.as_ref(), manifest, causes).await?))
}

/// Whether a query's first cell says yes: true, or a number other than 0. What is not there does not hold.
pub async fn holds(ctx: &Context, on: &Connected, sql: &str) -> Result<Reply, JobError> {
    let manifest = on.services.pipeline.manifest();
    let Some(session) = on.sessions.look(on.services.warehouses.as_ref(), manifest).await? else {
        return Ok(Reply::Holds(false));
    };
    let answer = match forgetting(on, session.query(sql, Some(1), &ctx.cancel)).await {
        Err(error) if error.is_out_of_sight() => return Ok(Reply::Holds(false)),
        other => other?,
    };
    let cell = answer.rows.first().and_then(|r| r.first()).and_then(|c| c.as_deref()).unwrap_or_default();
    let holds = cell.eq_ignore_ascii_case("true") || cell.parse::<f64>().is_ok_and(|n| n != 0.0);
    Ok(Reply::Holds(holds))
}

/// Compares the layers with the files.
pub async fn reconcile(ctx: &Context, on: &Connected) -> Result<Reply, JobError> {
    let manifest = on.services.pipeline.manifest();
    let measures = ladder::measure(ctx, on.services.store.as_ref(), manifest).await?;
    let session = crate::jobs::marts::owner_session(on.services.warehouses.as_ref(), manifest, &ctx.cancel).await?;
    let checks = ladder::reconcile(ctx, session.as_ref(), manifest, &measures).await;
    session.close().await;
    Ok(Reply::Reconciled(checks?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pipeline_that_ships_has_four_layers() {
        let pipeline = crate::jobs::deploy::Pipeline::builtin().expect("it reads");
        let titles: Vec<String> = layers(pipeline.manifest()).into_iter().map(|l| l.title).collect();
        assert_eq!(titles, ["STAGE", "VAULT", "WAREHOUSE", "DATAMART"]);
    }
}
