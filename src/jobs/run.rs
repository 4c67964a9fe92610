//! The whole job: generate → upload → deploy → load → run the task tree → count → reconcile.

use super::deploy::{self, Deployment, Order, Pipeline, Selection, Variables};
use super::generate::{self, Destination, LedgerFile};
use super::ports::{ObjectStore, Warehouse, Warehouses};
use super::tasks::{self, TreeEnd};
use super::{Context, Event, JobError, marts, reconcile, sources};
use crate::domain::{Dataset, Deployed, GenerateSpec, Generated, RunReport, Uploaded};
use std::sync::Arc;

/// The services that the job works with.
#[derive(Clone)]
pub struct Services {
    /// The bucket.
    pub store: Arc<dyn ObjectStore>,
    /// The Snowflake account.
    pub warehouses: Arc<dyn Warehouses>,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct RunSpec {
    /// The data to make.
    pub generate: GenerateSpec,
    /// What it is like, how it is written, and with how many threads.
    pub options: generate::Options,
    /// The pipeline's variables.
    pub variables: Variables,
}

/// Does everything; faults that are made on purpose are noted in `ledger`. Where a task fails or a layer does not agree,
/// the report says so and `ok` is false.
///
/// # Errors
/// Whatever keeps a part of the job from being done at all: a refused upload or statement, an unreachable service, a
/// task tree that does not start, [`JobError::Cancelled`].
pub async fn run(
    ctx: &Context,
    services: &Services,
    pipeline: &Pipeline,
    spec: &RunSpec,
    ledger: Option<LedgerFile>,
) -> Result<RunReport, JobError> {
    // First what can be refused at once, then the work.
    let deployment = pipeline.prepare(&spec.variables)?;
    let (generated, uploaded) = fill_bucket(ctx, services, pipeline, spec, ledger).await?;
    let deploy = deploy_and_load(ctx, services, &deployment).await?;
    let session = marts::owner_session(services.warehouses.as_ref(), pipeline.manifest(), &ctx.cancel).await?;
    let report = run_and_count(ctx, services, pipeline, session.as_ref()).await;
    session.close().await;
    let mut report = report?;
    report.ok &= deploy.failed == 0;
    Ok(RunReport { generated, uploaded, deploy, ..report })
}

/// Makes the data straight into the bucket, or sends what the pipeline brings along.
async fn fill_bucket(
    ctx: &Context,
    services: &Services,
    pipeline: &Pipeline,
    spec: &RunSpec,
    ledger: Option<LedgerFile>,
) -> Result<(Generated, Uploaded), JobError> {
    services.store.ensure_bucket().await?;
    if pipeline.manifest().has_own_files() {
        return sources::send(ctx, services.store.clone(), pipeline).await;
    }
    let key = key_layout(pipeline)?;
    let destination = Destination::Store { store: services.store.clone(), key };
    let generated = generate::run_with(ctx, &spec.generate, &spec.options, destination, ledger).await?;
    Ok((generated, Uploaded { objects: generated.files, bytes: generated.bytes }))
}

/// Where in the bucket the pipeline wants each data set: its prefix, then the file's name as the generator has it.
///
/// # Errors
/// The manifest has no source of a data set's name.
pub fn key_layout(pipeline: &Pipeline) -> Result<generate::KeyLayout, JobError> {
    let prefix = |dataset: Dataset| {
        let name = dataset.name();
        let missing = || JobError::Usage(format!("pipeline.toml names no [[source]] for {name}"));
        pipeline.manifest().prefix(name).map(str::to_owned).ok_or_else(missing)
    };
    let [customers, products, transactions] =
        [prefix(Dataset::Customers)?, prefix(Dataset::Products)?, prefix(Dataset::Transactions)?];
    Ok(Box::new(move |dataset, file| {
        let (prefix, name) = match dataset {
            Dataset::Customers => (&customers, "customers/"),
            Dataset::Products => (&products, "products/"),
            Dataset::Transactions => (&transactions, "transactions/"),
        };
        format!("{prefix}{}", file.strip_prefix(name).unwrap_or(file))
    }))
}

/// Deploys what is not deployed yet, then loads. A refused statement ends the job with its place.
async fn deploy_and_load(ctx: &Context, services: &Services, deployment: &Deployment) -> Result<Deployed, JobError> {
    let mut total = Deployed::default();
    let orders = [("deploy", Order::of(Selection::WithoutLoad)), ("load", Order::again(Selection::Load))];
    for (phase, order) in orders {
        ctx.emit(Event::Phase(phase.into()));
        let outcome = deploy::run(ctx, services.warehouses.as_ref(), deployment, &order).await?;
        if let Some(failure) = outcome.failure {
            return Err(JobError::Failed(failure.to_string()));
        }
        total.statements += outcome.deployed.statements;
        total.failed += outcome.deployed.failed;
    }
    Ok(total)
}

/// Runs the tree, counts the marts, and compares every layer with the bucket.
async fn run_and_count(
    ctx: &Context,
    services: &Services,
    pipeline: &Pipeline,
    session: &dyn Warehouse,
) -> Result<RunReport, JobError> {
    let manifest = pipeline.manifest();
    ctx.emit(Event::Phase("tasks".into()));
    let tree = tasks::execute(ctx, session, manifest).await?;
    for failure in tree.failures() {
        ctx.emit(Event::Note(failure));
    }
    if tree.end == TreeEnd::NothingToDo {
        ctx.emit(Event::Note("no new rows had landed, so the task tree had nothing to do".into()));
    }
    ctx.emit(Event::Phase("count".into()));
    let counts = marts::count(session, manifest, &ctx.cancel).await?;
    ctx.emit(Event::Phase("reconcile".into()));
    let measures = reconcile::measure(ctx, services.store.as_ref(), manifest).await?;
    let checks = reconcile::reconcile(ctx, session, manifest, &measures).await?;
    let ok = tree.end != TreeEnd::Failed && checks.iter().all(|c| c.ok);
    Ok(RunReport { ok, tasks: tree.outcomes(), marts: counts, reconciliation: checks, ..RunReport::default() })
}
