//! The deployment and its journal: what is done is not done again, what was cut off is resumed, and the end is the same.

mod kills;
mod rehearsal;

use crate::init::edit;
use async_trait::async_trait;
use snowdeck::config::{Connected, Paths, Settings, connect};
use snowdeck::domain::{Change, SqlError, Survey};
use snowdeck::jobs::Context;
use snowdeck::jobs::deploy::{self, DeployOutcome, Deployment, Order, Pipeline, Selection};
use snowdeck::jobs::ports::{Warehouse, Warehouses};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// A home with its cloud, and the pipeline that `init` writes.
struct Place {
    on: Connected,
    folder: PathBuf,
    _home: TempDir,
}

impl Place {
    async fn new() -> Self {
        let home = TempDir::new().expect("a folder");
        let folder = home.path().join("bikes");
        snowdeck::jobs::init::write(&folder).expect("a pipeline");
        let paths = Paths::in_home(home.path());
        let on = connect(&paths, &Settings::default(), "local", None).await.expect("a cloud");
        Self { on, folder, _home: home }
    }

    fn deployment(&self) -> Deployment {
        let pipeline = Pipeline::open(&self.folder).expect("it loads");
        pipeline.prepare(&self.on.variables).expect("it has all values")
    }

    /// Deploys; what is there is told by the outcome.
    async fn deploy(&self, order: &Order) -> DeployOutcome {
        let deployment = self.deployment();
        deploy::run(&Context::silent(), self.on.warehouses.as_ref(), &deployment, order).await.expect("it runs")
    }

    async fn all(&self) -> u64 {
        let outcome = self.deploy(&Order::default()).await;
        assert_eq!(outcome.failure, None);
        outcome.deployed.statements
    }

    async fn survey(&self) -> Survey {
        let survey = deploy::survey(&Context::silent(), self.on.warehouses.as_ref(), &self.deployment()).await;
        let survey = survey.expect("it can be read");
        assert_eq!(survey.unread, None);
        survey
    }

    /// The steps of a change, by title.
    async fn titles(&self, change: Change) -> Vec<String> {
        let (survey, deployment) = (self.survey().await, self.deployment());
        let steps = deployment.plan().steps().filter(|(i, j, _)| survey.change(*i, *j) == change);
        steps.map(|(_, _, step)| step.title.clone()).collect()
    }

    async fn query(&self, sql: &str) -> Result<String, SqlError> {
        ask(self.on.warehouses.as_ref(), sql).await
    }
}

/// The answer's cells, joined by `|`, rows by `;`.
async fn ask(warehouses: &dyn Warehouses, sql: &str) -> Result<String, SqlError> {
    let session = warehouses.connect(None).await?;
    let answer = session.query(sql, None, &CancellationToken::new()).await;
    session.close().await;
    let row =
        |cells: &Vec<Option<String>>| cells.iter().map(|c| c.clone().unwrap_or_default()).collect::<Vec<_>>().join("|");
    Ok(answer?.rows.iter().map(row).collect::<Vec<_>>().join(";"))
}

/// Counts the statements that go out.
struct Counting<'a> {
    to: &'a dyn Warehouses,
    all: Arc<AtomicUsize>,
    journal: Arc<AtomicUsize>,
}

struct Counted {
    to: Arc<dyn Warehouse>,
    all: Arc<AtomicUsize>,
    journal: Arc<AtomicUsize>,
}

#[async_trait]
impl Warehouses for Counting<'_> {
    async fn connect(&self, role: Option<&str>) -> Result<Arc<dyn Warehouse>, SqlError> {
        let to = self.to.connect(role).await?;
        Ok(Arc::new(Counted { to, all: Arc::clone(&self.all), journal: Arc::clone(&self.journal) }))
    }
}

#[async_trait]
impl Warehouse for Counted {
    async fn query(
        &self,
        sql: &str,
        limit: Option<usize>,
        cancel: &CancellationToken,
    ) -> Result<snowdeck::domain::QueryOutcome, SqlError> {
        self.all.fetch_add(1, Ordering::SeqCst);
        let about_journal = sql.contains("DEPLOYMENT_JOURNAL") && !sql.starts_with("CREATE");
        self.journal.fetch_add(usize::from(about_journal), Ordering::SeqCst);
        self.to.query(sql, limit, cancel).await
    }

    async fn close(&self) {
        self.to.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_deployment_does_nothing_and_the_journal_costs_little() {
    let place = Place::new().await;
    let deployment = Pipeline::builtin().expect("it loads").prepare(&place.on.variables).expect("all values");
    let (steps, stages) = (deployment.plan().steps().count(), deployment.plan().stages.len());
    let counting = || Counting { to: place.on.warehouses.as_ref(), all: Arc::default(), journal: Arc::default() };
    // Without files in the bucket: COPY needs none, but the bucket.
    place.on.store.ensure_bucket().await.expect("a bucket");
    let (first, ctx) = (counting(), Context::silent());
    let outcome = deploy::run(&ctx, &first, &deployment, &Order::default()).await.expect("it runs");
    assert_eq!(outcome.failure, None);
    assert_eq!(outcome.deployed.statements, steps as u64);
    let journal = first.journal.load(Ordering::SeqCst);
    assert!(journal <= stages + 4, "{journal} statements about the journal for {stages} stages");
    let second = counting();
    let outcome = deploy::run(&ctx, &second, &deployment, &Order::default()).await.expect("it runs");
    assert_eq!((outcome.deployed.statements, outcome.failure), (0, None));
    // The journal's warehouse, and the journal.
    assert_eq!(second.all.load(Ordering::SeqCst), 2);
    let rows = "SELECT OUTCOME, COUNT(*), COUNT_IF(ENDED_AT >= STARTED_AT AND MILLISECONDS >= 0) \
                FROM CONVEX_INSURANCE.CONVEX_CONTROL.DEPLOYMENT_JOURNAL GROUP BY OUTCOME ORDER BY OUTCOME";
    let kept = place.query(rows).await.expect("the journal");
    assert!(kept.ends_with(&format!("DONE|{steps}|{steps}")), "{kept}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_differs_from_the_journal_is_run() {
    let place = Place::new().await;
    let steps = place.deployment().plan().steps().count() as u64;
    assert_eq!(place.survey().await.pending() as u64, steps);
    place.on.store.ensure_bucket().await.expect("a bucket");
    assert_eq!(place.all().await, steps);
    assert_eq!(place.survey().await.pending(), 0);
    // Layout and comments are no change; lines that move are none.
    edit(
        &place.folder,
        "sql/20_raw.sql",
        "-- Bikes as they arrived.\n",
        "-- Bikes.\n-- All of them.\n\n-- As they came.\n",
    );
    edit(&place.folder, "sql/20_raw.sql", "  BIKE_ID VARCHAR,\n", "  BIKE_ID VARCHAR, -- the key\n\n");
    assert_eq!(place.survey().await.pending(), 0);
    // A new statement, a changed one, one that is gone.
    edit(&place.folder, "sql/40_serve.sql", "  DOCKS NUMBER(10, 0),\n", "  DOCKS NUMBER(12, 0),\n");
    let view =
        "-- Long rides.\nCREATE OR REPLACE VIEW SERVE.LONG_RIDE AS SELECT * FROM SERVE.RIDE WHERE MINUTES > 15;\n";
    let serve = std::fs::read_to_string(place.folder.join("sql/40_serve.sql")).expect("a file");
    std::fs::write(place.folder.join("sql/40_serve.sql"), format!("{serve}\n{view}")).expect("written");
    edit(&place.folder, "sql/20_raw.sql", "CREATE FILE FORMAT IF NOT EXISTS RAW.JSON_LINES\n  TYPE = JSON;", "");
    assert_eq!(place.titles(Change::New).await, ["LONG_RIDE"]);
    assert_eq!(place.titles(Change::Changed).await, ["MART_STATION_USE"]);
    let survey = place.survey().await;
    let removed: Vec<&str> = survey.removed.iter().map(|p| p.title.as_str()).collect();
    assert_eq!(removed, ["JSON_LINES"]);
    let warning = survey.standings.iter().flatten().find_map(|s| s.warning.clone()).expect("a warning");
    assert!(warning.contains("IF NOT EXISTS"), "{warning}");
    assert_eq!(place.all().await, 2);
    assert_eq!(place.query("SELECT COUNT(*) FROM BIKE_HIRE.SERVE.LONG_RIDE").await.as_deref(), Ok("0"));
    // A tree is changed as a whole.
    edit(&place.folder, "sql/50_tasks.sql", "SUM(R.MINUTES)", "SUM(R.MINUTES + 0)");
    let tasks = place.deployment().plan().stages[4].steps.len() as u64;
    assert_eq!(place.titles(Change::Along).await.len() as u64, tasks - 1);
    assert_eq!(place.all().await, tasks);
    let states = "SELECT COUNT(*) FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) WHERE \"state\" = 'started'";
    let session = place.on.warehouses.connect(None).await.expect("a session");
    let none = CancellationToken::new();
    session.query("SHOW TASKS IN SCHEMA BIKE_HIRE.CONTROL", None, &none).await.expect("tasks");
    assert_eq!(session.query(states, None, &none).await.expect("a count").first_number(), Some(2));
    session.close().await;
    assert_eq!(place.all().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_mended_in_place_or_skipped_and_the_rest_goes_on() {
    let place = Place::new().await;
    place.on.store.ensure_bucket().await.expect("a bucket");
    edit(&place.folder, "sql/20_raw.sql", "ON TABLE RAW.RIDE\n", "ON TABLE RAW.RIDES\n");
    edit(
        &place.folder,
        "sql/60_access.sql",
        "CREATE ROLE IF NOT EXISTS BIKE_HIRE_READER",
        "CREATE ROL IF NOT EXISTS BIKE_HIRE_READER",
    );
    let failure = place.deploy(&Order::default()).await.failure.expect("it fails");
    assert_eq!(failure.error.code, "002003");
    assert_eq!(failure.title, "Raw layer: RIDE_STREAM");
    assert!(failure.place.starts_with("sql/20_raw.sql:") && failure.advice.code.contains("RAW.RIDES"), "{failure:?}");
    let line: usize = failure.place.rsplit(':').next().and_then(|n| n.parse().ok()).expect("a line");
    let text = std::fs::read_to_string(place.folder.join("sql/20_raw.sql")).expect("a file");
    assert!(text.lines().nth(line - 1).is_some_and(|l| l.contains("RAW.RIDES")), "{}", failure.place);
    let caret = failure.advice.caret.expect("a caret");
    assert!(
        failure.advice.code[caret.at..].starts_with("RAW.RIDES")
            || failure.advice.code[caret.at..].starts_with("RIDES")
    );
    assert_eq!(failure.advice.suggestion.as_deref(), Some("did you mean RIDE?"));
    assert_eq!(place.titles(Change::Failed).await, ["RIDE_STREAM"]);
    // Mended in place: the run goes on from there, up to the next.
    let at = (failure.stage, failure.step);
    let mended = place.deployment().plan().stages[at.0].steps[at.1].sql.replace("RAW.RIDES", "RAW.RIDE");
    let order = Order { edits: [(at, mended)].into(), ..Order::default() };
    let failure = place.deploy(&order).await.failure.expect("the next mistake");
    assert_eq!(failure.title, "Access: CREATE");
    assert_eq!(failure.advice.suggestion.as_deref(), Some("did you mean ROLE instead of ROL?"));
    // The file still says something else than what ran.
    assert_eq!(place.titles(Change::Changed).await, ["RIDE_STREAM"]);
    edit(&place.folder, "sql/20_raw.sql", "ON TABLE RAW.RIDES\n", "ON TABLE RAW.RIDE\n");
    assert_eq!(place.titles(Change::Changed).await, Vec::<String>::new());
    // Passed over, with the reason; what needs it fails in its turn.
    let at = (failure.stage, failure.step);
    let order = Order { skips: [(at, "made by another team".to_owned())].into(), ..Order::default() };
    let failure = place.deploy(&order).await.failure.expect("there is no such role");
    assert_eq!(failure.title, "Access: GRANT ROLE BIKE_HIRE_READER TO ROLE SYSADMIN");
    let kept = "SELECT MESSAGE FROM BIKE_HIRE.CONTROL.DEPLOYMENT_JOURNAL WHERE OUTCOME = 'SKIPPED'";
    assert_eq!(place.query(kept).await.as_deref(), Ok("made by another team"));
    assert_eq!(place.titles(Change::Skipped).await.len(), 1);
    place.query("CREATE ROLE BIKE_HIRE_READER").await.expect("the other team");
    assert_eq!(place.deploy(&Order::default()).await.failure, None);
    assert_eq!(place.survey().await.pending(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_of_another_version_is_put_aside() {
    let place = Place::new().await;
    place.on.store.ensure_bucket().await.expect("a bucket");
    let steps = place.all().await;
    for column in ["DEPLOYMENT_ID", "ENTRY", "OCCURRENCE", "STARTED_AT", "ENDED_AT"] {
        let sql = format!("ALTER TABLE BIKE_HIRE.CONTROL.DEPLOYMENT_JOURNAL DROP COLUMN {column}");
        place.query(&sql).await.expect("an older journal");
    }
    // The plan says what will be, and changes nothing.
    let survey = deploy::survey(&Context::silent(), place.on.warehouses.as_ref(), &place.deployment()).await;
    let unread = survey.expect("a plan").unread.expect("it cannot be read");
    assert!(unread.contains("puts it aside"), "{unread}");
    assert_eq!(place.all().await, steps);
    assert_eq!(place.survey().await.pending(), 0);
    let tables = "SELECT TABLE_NAME, ROW_COUNT > 0 FROM BIKE_HIRE.INFORMATION_SCHEMA.TABLES \
                  WHERE TABLE_NAME LIKE 'DEPLOYMENT_JOURNAL%' ORDER BY 1";
    let tables = place.query(tables).await.expect("tables");
    assert!(tables.starts_with("DEPLOYMENT_JOURNAL|true;DEPLOYMENT_JOURNAL_UNTIL_"), "{tables}");
    assert!(tables.ends_with("|true"), "{tables}");
}

/// What a statement has dropped that the plan no longer has is made again.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_removed_statement_dropped_is_made_again() {
    let place = Place::new().await;
    place.on.store.ensure_bucket().await.expect("a bucket");
    let raw = place.folder.join("sql/20_raw.sql");
    let with = std::fs::read_to_string(&raw).expect("a file");
    place.all().await;
    let made = with.split(";\n").find(|s| s.contains("CREATE FILE FORMAT IF NOT EXISTS RAW.JSON_LINES")).expect("it");
    let drop = "\n-- Gone.\nDROP FILE FORMAT IF EXISTS RAW.JSON_LINES";
    std::fs::write(&raw, with.replace(made, drop)).expect("written");
    assert_eq!(place.all().await, 1);
    std::fs::write(&raw, with).expect("written");
    assert_eq!(place.titles(Change::New).await, ["JSON_LINES"]);
    assert_eq!(place.all().await, 1);
    place.query("DESCRIBE FILE FORMAT BIKE_HIRE.RAW.JSON_LINES").await.expect("it is there");
    // So is a whole stage that was last run with other statements.
    let tasks = place.folder.join("sql/50_tasks.sql");
    let without = std::fs::read_to_string(&tasks).expect("a file");
    std::fs::write(&tasks, format!("{without}\n-- More.\nSELECT 'more';\n")).expect("written");
    let all = place.deployment().plan().stages[4].steps.len() as u64;
    assert_eq!(place.all().await, all);
    std::fs::write(&tasks, without).expect("written");
    assert_eq!(place.titles(Change::Along).await.len() as u64, all - 1);
    assert_eq!(place.all().await, all - 1);
    assert_eq!(place.survey().await.pending(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_keep_their_place_in_an_edited_statement() {
    let place = Place::new().await;
    place.on.store.ensure_bucket().await.expect("a bucket");
    place.deploy(&Order::of(Selection::Through("raw".into()))).await;
    let deployment = place.deployment();
    let (i, j, step) = deployment.plan().steps().find(|(_, _, s)| s.title == "BUCKET").expect("the stage");
    assert!(step.sql.contains("AWS_SECRET_KEY = '***'"), "{}", step.sql);
    let edited = format!("{} COMMENT = 'edited'", step.sql);
    let order = Order { edits: [((i, j), edited.clone())].into(), ..Order::again(Selection::Step(i, j)) };
    assert_eq!(place.deploy(&order).await.failure, None);
    // The keys went along: the stage still opens the bucket.
    place.query("LIST @BIKE_HIRE.RAW.BUCKET").await.expect("it opens");
    let order = Order { edits: [((i, j), edited.replace("***", ""))].into(), ..Order::again(Selection::Step(i, j)) };
    let refused = deploy::run(&Context::silent(), place.on.warehouses.as_ref(), &deployment, &order).await;
    let refused = refused.expect_err("secrets are missing").to_string();
    assert!(refused.contains("***"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_is_new_again() {
    let place = Place::new().await;
    place.on.store.ensure_bucket().await.expect("a bucket");
    place.all().await;
    let pipeline = Pipeline::open(&place.folder).expect("it loads");
    let undo = pipeline.prepare_undo(&place.on.variables, "serve").expect("undo files");
    let outcome = deploy::undo(&Context::silent(), place.on.warehouses.as_ref(), &undo).await.expect("it runs");
    assert_eq!(outcome.failure, None);
    assert!(place.query("SELECT * FROM BIKE_HIRE.SERVE.RIDE").await.is_err());
    let (survey, deployment) = (place.survey().await, place.deployment());
    for (i, j, step) in deployment.plan().steps() {
        let expected = if i < 3 { Change::Unchanged } else { Change::New };
        assert_eq!(survey.change(i, j), expected, "{} {}", deployment.plan().stages[i].id, step.title);
    }
    place.all().await;
    assert_eq!(place.query("SELECT COUNT(*) FROM BIKE_HIRE.SERVE.RIDE").await.as_deref(), Ok("0"));
    assert_eq!(place.survey().await.pending(), 0);
    // With the database the journal goes, too.
    let undo = pipeline.prepare_undo(&place.on.variables, "account").expect("undo files");
    let outcome = deploy::undo(&Context::silent(), place.on.warehouses.as_ref(), &undo).await.expect("it runs");
    assert_eq!(outcome.failure, None);
    assert_eq!(place.survey().await.pending(), place.deployment().plan().steps().count());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_savepoint_brings_rows_rights_and_the_journal_back() {
    let place = Place::new().await;
    place.on.store.ensure_bucket().await.expect("a bucket");
    place.all().await;
    place
        .query("INSERT INTO BIKE_HIRE.SERVE.MART_STATION_USE VALUES ('S1', 'Harbour', 24, 3, 31)")
        .await
        .expect("a row");
    // A change that loses rows.
    edit(
        &place.folder,
        "sql/40_serve.sql",
        "CREATE TABLE IF NOT EXISTS SERVE.MART_STATION_USE",
        "CREATE OR REPLACE TABLE SERVE.MART_STATION_USE",
    );
    let outcome = place.deploy(&Order { savepoints: true, ..Order::default() }).await;
    assert_eq!(outcome.savepoints, ["BIKE_HIRE_BEFORE_SERVE"]);
    let count = "SELECT COUNT(*) FROM BIKE_HIRE.SERVE.MART_STATION_USE";
    assert_eq!(place.query(count).await.as_deref(), Ok("0"));
    let (ctx, deployment) = (Context::silent(), place.deployment());
    let restored =
        deploy::restore(&ctx, place.on.warehouses.as_ref(), &deployment, "serve").await.expect("it is put back");
    assert_eq!(restored.failure, None);
    assert_eq!(place.query(count).await.as_deref(), Ok("1"));
    assert_eq!(place.titles(Change::Changed).await, ["MART_STATION_USE"], "the journal is that of then");
    // Readers may read again, and the tree runs again.
    let manifest = Pipeline::open(&place.folder).expect("it loads").manifest().clone();
    let tried = snowdeck::jobs::access::run(&ctx, place.on.warehouses.as_ref(), &manifest).await.expect("trials");
    assert!(tried.iter().all(|t| t.ok), "{tried:?}");
    let missing =
        deploy::restore(&ctx, place.on.warehouses.as_ref(), &deployment, "load").await.expect_err("there is none");
    assert!(missing.to_string().contains("BIKE_HIRE_BEFORE_LOAD"), "{missing}");
}
