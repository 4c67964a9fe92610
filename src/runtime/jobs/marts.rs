//! Jobs of the marts.

use super::Connected;
use super::trees::as_owner;
use crate::app::Reply;
use crate::app::panes::marts::Seen;
use crate::domain::{LayerCheck, MartInfo};
use crate::jobs::ports::Warehouse;
use crate::jobs::{Context, JobError, explain, marts};
use std::sync::Arc;

/// Reads some rows of a mart and what its chart shows.
pub async fn mart(ctx: &Context, on: &Connected, info: &MartInfo) -> Result<Reply, JobError> {
    let seen = as_owner(ctx, on, |session: Arc<dyn Warehouse>| async move {
        let sample = marts::sample(session.as_ref(), info, &ctx.cancel).await?;
        let chart = match &info.chart {
            Some(chart) => Some(marts::chart(session.as_ref(), info, chart, &ctx.cancel).await?),
            None => None,
        };
        Ok(Seen { sample, chart })
    })
    .await?;
    Ok(Reply::Mart(info.name.clone(), Box::new(seen)))
}

/// Asks what the pipeline itself says about its counts.
pub async fn explain(ctx: &Context, on: &Connected, check: LayerCheck) -> Result<Reply, JobError> {
    let manifest = on.services.pipeline.manifest();
    let known = as_owner(ctx, on, |session: Arc<dyn Warehouse>| async move {
        Ok(explain::explain(session.as_ref(), manifest, &ctx.cancel).await)
    })
    .await?;
    Ok(Reply::Explained(check, Box::new(known)))
}
