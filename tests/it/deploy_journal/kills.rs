//! The cloud's process is killed between two statements of a deployment, or while one's answer is on its way, and the
//! deployment is begun anew: the end is that of an undisturbed one.
//!
//! One deployment is enough for all kills: behind a statement the process is held (SIGSTOP), its home is copied as SIGKILL
//! would leave it, and it goes on. The deployment is then taken up in the copy.

use super::ask;
use crate::served::Served;
use async_trait::async_trait;
use parking_lot::Mutex;
use snowdeck::config::{Paths, Settings, connect};
use snowdeck::domain::{QueryOutcome, SqlError};
use snowdeck::jobs::Context;
use snowdeck::jobs::deploy::{self, Order, Pipeline};
use snowdeck::jobs::ports::{Warehouse, Warehouses};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Copies that are taken up at the same time.
const AT_ONCE: usize = 2;

/// Copies the home of a served cloud behind some of the statements that go through it, and takes the deployment up there.
struct Copier {
    served: Served,
    home: PathBuf,
    pipeline: Arc<Pipeline>,
    /// Statements so far.
    sent: AtomicUsize,
    /// Behind which of them to copy; every one where `None`.
    points: Option<BTreeSet<usize>>,
    room: Arc<Semaphore>,
    /// Each copy's statement and end state.
    ends: Mutex<JoinSet<(usize, String)>>,
}

impl Copier {
    async fn behind_a_statement(&self) {
        let at = self.sent.fetch_add(1, Ordering::SeqCst) + 1;
        if self.points.as_ref().is_some_and(|points| !points.contains(&at)) {
            return;
        }
        let permit = Arc::clone(&self.room).acquire_owned().await.expect("room");
        let copy = self.served.copy_of(&self.home);
        let pipeline = Arc::clone(&self.pipeline);
        self.ends.lock().spawn(async move {
            let end = taken_up(copy, &pipeline, at).await;
            drop(permit);
            (at, end)
        });
    }
}

struct Copying<'a> {
    to: &'a dyn Warehouses,
    copier: Arc<Copier>,
}

struct Copied {
    to: Arc<dyn Warehouse>,
    copier: Arc<Copier>,
}

#[async_trait]
impl Warehouses for Copying<'_> {
    async fn connect(&self, role: Option<&str>) -> Result<Arc<dyn Warehouse>, SqlError> {
        Ok(Arc::new(Copied { to: self.to.connect(role).await?, copier: Arc::clone(&self.copier) }))
    }
}

#[async_trait]
impl Warehouse for Copied {
    async fn query(
        &self,
        sql: &str,
        limit: Option<usize>,
        cancel: &CancellationToken,
    ) -> Result<QueryOutcome, SqlError> {
        let result = self.to.query(sql, limit, cancel).await;
        self.copier.behind_a_statement().await;
        result
    }

    async fn close(&self) {
        self.to.close().await;
    }
}

/// Deploys on a fresh home; gives its end state, how many statements it sent, and the end states of what was taken up behind
/// `points` of them.
async fn deployed(pipeline: &Arc<Pipeline>, points: Option<BTreeSet<usize>>) -> (String, usize, Vec<(usize, String)>) {
    let home = TempDir::new().expect("a folder");
    let served = Served::start(home.path());
    let on = connect(&Paths::in_home(home.path()), &Settings::default(), "local", None).await.expect("a cloud");
    on.store.ensure_bucket().await.expect("a bucket");
    let copier = Arc::new(Copier {
        served,
        home: home.path().to_owned(),
        pipeline: Arc::clone(pipeline),
        sent: AtomicUsize::new(0),
        points,
        room: Arc::new(Semaphore::new(AT_ONCE)),
        ends: Mutex::default(),
    });
    let copying = Copying { to: on.warehouses.as_ref(), copier: Arc::clone(&copier) };
    let deployment = pipeline.prepare(&on.variables).expect("it has all values");
    let outcome = deploy::run(&Context::silent(), &copying, &deployment, &Order::default()).await.expect("it runs");
    assert_eq!(outcome.failure, None, "undisturbed, it succeeds");
    let sent = copier.sent.load(Ordering::SeqCst);
    let end = state(on.warehouses.as_ref(), deployment.database()).await;
    let mut others = std::mem::take(&mut *copier.ends.lock());
    let mut ends = Vec::new();
    while let Some(other) = others.join_next().await {
        ends.push(other.expect("it is taken up"));
    }
    (end, sent, ends)
}

/// Starts a cloud on what a kill left, deploys what is left to do, and once more, when nothing is; gives the end state.
async fn taken_up(home: TempDir, pipeline: &Pipeline, at: usize) -> String {
    let served = start(home.path()).await;
    let on = connect(&Paths::in_home(home.path()), &Settings::default(), "local", None).await.expect("a cloud");
    let deployment = pipeline.prepare(&on.variables).expect("it has all values");
    for again in [false, true] {
        let outcome = deploy::run(&Context::silent(), on.warehouses.as_ref(), &deployment, &Order::default()).await;
        let outcome = outcome.expect("it runs");
        assert_eq!(outcome.failure, None, "after a kill behind statement {at}");
        assert!(!again || outcome.deployed.statements == 0, "not all was done after a kill behind statement {at}");
    }
    let end = state(on.warehouses.as_ref(), deployment.database()).await;
    served.kill();
    end
}

/// Starting waits for a line of the process.
async fn start(home: &Path) -> Served {
    let home = home.to_owned();
    tokio::task::spawn_blocking(move || Served::start(&home)).await.expect("it starts")
}

/// Everything that a deployment makes, in words: objects, columns, tasks, rights, rows, and the journal's last word.
async fn state(warehouses: &dyn Warehouses, database: &str) -> String {
    let mut parts = Vec::new();
    for sql in [
        format!(
            "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, DATA_TYPE, IS_NULLABLE FROM {database}.INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA <> 'INFORMATION_SCHEMA' ORDER BY 1, 2, ORDINAL_POSITION"
        ),
        format!(
            "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ROW_COUNT FROM {database}.INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA <> 'INFORMATION_SCHEMA' AND TABLE_NAME <> 'DEPLOYMENT_JOURNAL' ORDER BY 1, 2"
        ),
        format!(
            "SELECT GRANTEE, PRIVILEGE_TYPE, OBJECT_TYPE, OBJECT_NAME FROM {database}.INFORMATION_SCHEMA.OBJECT_PRIVILEGES ORDER BY 1, 2, 3, 4"
        ),
    ] {
        parts.push(ask(warehouses, &sql).await.unwrap_or_else(|e| panic!("{sql}: {e}")));
    }
    for (kind, columns) in [
        ("TASKS", &["name", "state", "schedule", "predecessors", "condition", "definition", "owner"][..]),
        ("STREAMS", &["name", "table_name", "mode", "owner", "stale"]),
        ("STAGES", &["name", "url", "owner"]),
        ("FILE FORMATS", &["name", "type", "owner"]),
        ("SCHEMAS", &["name", "owner"]),
    ] {
        parts.push(listed(warehouses, &format!("SHOW {kind} IN DATABASE {database}"), columns).await);
    }
    for (kind, columns) in [("ROLES", &["name", "owner", "comment"][..]), ("WAREHOUSES", &["name", "size", "owner"])] {
        parts.push(listed(warehouses, &format!("SHOW {kind}"), columns).await);
    }
    parts.join("\n\n")
}

/// Some columns of a SHOW, in order.
async fn listed(warehouses: &dyn Warehouses, sql: &str, columns: &[&str]) -> String {
    let session = warehouses.connect(None).await.expect("a session");
    let answer = session.query(sql, None, &CancellationToken::new()).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    session.close().await;
    let cell = |row: usize, name: &str| answer.cell(row, name).unwrap_or_default().to_owned();
    let mut rows: Vec<String> =
        (0..answer.rows.len()).map(|row| columns.iter().map(|c| cell(row, c)).collect::<Vec<_>>().join("|")).collect();
    rows.sort();
    format!("{sql}\n{}", rows.join("\n"))
}

/// Kills at some points, or behind every statement where `SNOWDECK_KILLS` is `all`.
async fn kills(pipeline: Pipeline, usual: &[usize]) {
    let pipeline = Arc::new(pipeline);
    let all = std::env::var("SNOWDECK_KILLS").is_ok_and(|v| v == "all");
    let points = (!all).then(|| usual.iter().copied().collect());
    let (undisturbed, sent, ends) = deployed(&pipeline, points).await;
    assert!(sent > 30 && undisturbed.contains("SHOW TASKS"), "{sent} statements");
    assert_eq!(ends.len(), if all { sent } else { usual.len() });
    for (at, end) in ends {
        assert_eq!(end, undisturbed, "killed behind statement {at} of {sent}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_deployment_resumes_to_the_same_end() {
    let folder = TempDir::new().expect("a folder");
    snowdeck::jobs::init::write(folder.path()).expect("a pipeline");
    kills(Pipeline::open(folder.path()).expect("it loads"), &[4, 17, 29]).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a deployment up behind every one of some 270 statements: minutes. With SNOWDECK_KILLS=all"]
async fn the_built_in_pipeline_killed_at_every_statement_resumes_to_the_same_end() {
    kills(Pipeline::builtin().expect("it loads"), &[60, 120, 180, 240]).await;
}
