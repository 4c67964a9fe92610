//! When the tree runs next, and the embedded cloud's way not to wait for it.

use super::graph::{Graph, list};
use super::history::history_of;
use super::run::{Looks, ended};
use crate::domain::{SqlError, TaskRun, TreeTiming};
use crate::jobs::deploy::Manifest;
use crate::jobs::ports::{Warehouse, Warehouses};
use crate::jobs::{Context, JobError};
use tokio_util::sync::CancellationToken;

/// How long the run that has become due may take to show up, in milliseconds of the job clock.
const SHOW_MS: i64 = 15_000;

/// The server's time, and when the root is due next by its schedule.
///
/// # Errors
/// The server's refusal.
pub async fn timing(
    session: &dyn Warehouse,
    manifest: &Manifest,
    cancel: &CancellationToken,
) -> Result<TreeTiming, SqlError> {
    let (database, root) = (&manifest.database, &manifest.tasks.root);
    let sql = format!(
        "SELECT DATE_PART(EPOCH_MILLISECOND, CURRENT_TIMESTAMP()) AS NOW_MS, \
         MIN(DATE_PART(EPOCH_MILLISECOND, SCHEDULED_TIME)) AS NEXT_MS \
         FROM TABLE({database}.INFORMATION_SCHEMA.TASK_HISTORY(TASK_NAME => '{root}', RESULT_LIMIT => 10000)) \
         WHERE DATABASE_NAME = '{database}' AND SCHEMA_NAME = '{}' AND STATE = 'SCHEDULED' AND QUERY_ID IS NULL \
         AND SCHEDULED_FROM = 'SCHEDULE' AND SCHEDULED_TIME > CURRENT_TIMESTAMP()",
        manifest.tasks.schema
    );
    let answer = session.query(&sql, Some(1), cancel).await?;
    let number = |name: &str| answer.cell(0, name).and_then(|t| t.split('.').next()?.parse().ok());
    Ok(TreeTiming { server_ms: number("NOW_MS"), next_ms: number("NEXT_MS") })
}

/// Moves the embedded cloud's clock to the time at which the root is due next, and follows the run that starts then to
/// its end. Gives the run's tasks; none where another run was still under way, so that this one was left out.
///
/// # Errors
/// [`JobError::Usage`] where nothing is scheduled; the server's refusal (an account has no such procedure);
/// [`JobError::Cancelled`].
pub async fn fast_forward(
    ctx: &Context,
    warehouses: &dyn Warehouses,
    session: &dyn Warehouse,
    manifest: &Manifest,
) -> Result<Vec<TaskRun>, JobError> {
    let root = &manifest.tasks.root;
    let seen = timing(session, manifest, &ctx.cancel).await?;
    let (Some(now), Some(next)) = (seen.server_ms, seen.next_ms) else {
        return Err(JobError::Usage(format!("{root} is not due at any time: resume it first")));
    };
    let seconds = (next - now).max(0) / 1_000 + 1;
    let admin = warehouses.connect(None).await?;
    let moved = advance(ctx, admin.as_ref(), seconds).await;
    admin.close().await;
    moved?;
    let all = list(session, manifest, &ctx.cancel).await?;
    let graph = Graph::below(root, &all).ok_or_else(|| JobError::Failed(format!("the task {root} is gone")))?;
    let (deadline, mut looks) = (ctx.clock.now_ms() + SHOW_MS, Looks::default());
    while history_of(session, manifest, next, &ctx.cancel).await?.is_empty() {
        if ctx.clock.now_ms() > deadline {
            return Ok(Vec::new());
        }
        looks.pause(ctx).await?;
    }
    ended(ctx, session, manifest, &graph, next).await
}

/// Everybody's time is the administrator's matter.
async fn advance(ctx: &Context, admin: &dyn Warehouse, seconds: i64) -> Result<(), SqlError> {
    admin.query("USE ROLE ACCOUNTADMIN", Some(1), &ctx.cancel).await?;
    let call = format!("CALL SYSTEM$SNOWDECK_ADVANCE_CLOCK({seconds})");
    admin.query(&call, Some(1), &ctx.cancel).await.map(drop)
}
