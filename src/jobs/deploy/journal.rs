//! The deployment's logbook in the pipeline's own database: what ran, with which text, and how it ended.
//!
//! It is written by a session of its own, as the pipeline's owner: the deployment's session changes its role and has no
//! warehouse at first. Rows are only added. A stage is announced in one INSERT (`BEGUN` for every statement that is about
//! to run) together with what ended since the last one, so a deployment costs about one INSERT a stage, not one a statement.
//! What a killed process did not get to write down is run again: every statement of a pipeline can be.

use super::checksum::checksum;
use super::plan::Deployment;
use super::survey::{Key, compare, keys};
use super::template::quote;
use crate::domain::{PastRun, QueryOutcome, SqlError, StepState, Survey};
use crate::jobs::ports::{Warehouse, Warehouses};
use crate::jobs::{Context, JobError};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// After so many milliseconds what has ended is written down in the middle of a stage, too.
const PATIENCE_MS: i64 = 5_000;

/// The latest row of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub past: PastRun,
    pub occurrence: u32,
    pub checksum: String,
    pub outcome: String,
}

impl Row {
    pub const BEGUN: &'static str = "BEGUN";
    pub const DONE: &'static str = "DONE";
    pub const FAILED: &'static str = "FAILED";
    pub const SKIPPED: &'static str = "SKIPPED";
    /// Of a whole stage: all that stands before it is void.
    pub const UNDONE: &'static str = "UNDONE";

    pub fn key(&self) -> Key {
        let past = &self.past;
        (past.stage.clone(), past.file.clone(), past.title.clone(), self.occurrence)
    }
}

/// How a statement ended.
pub(super) struct Ended<'a> {
    pub place: (usize, usize),
    /// The text that ran, without secrets; the plan's own where `None`.
    pub edited: Option<&'a str>,
    pub state: &'a StepState,
    /// Why it was skipped.
    pub reason: Option<&'a str>,
    /// Epoch milliseconds.
    pub started_ms: i64,
    pub ended_ms: i64,
}

/// The journal of one deployment's run.
pub(super) struct Journal<'a> {
    warehouses: &'a dyn Warehouses,
    deployment: &'a Deployment,
    keys: Vec<Vec<Key>>,
    id: String,
    session: Option<Arc<dyn Warehouse>>,
    waiting: Vec<String>,
    entries: u64,
    written_ms: i64,
    problem: Option<String>,
    /// It has other columns: it is of another version.
    outdated: bool,
}

impl<'a> Journal<'a> {
    pub fn new(ctx: &Context, warehouses: &'a dyn Warehouses, deployment: &'a Deployment) -> Self {
        Self {
            warehouses,
            deployment,
            keys: keys(deployment.plan()),
            id: uuid::Uuid::new_v4().to_string(),
            session: None,
            waiting: Vec::new(),
            entries: 0,
            written_ms: ctx.clock.now_ms(),
            problem: None,
            outdated: false,
        }
    }

    /// The plan held against the journal. Where there is no journal (yet), everything is new.
    pub async fn survey(&mut self, ctx: &Context) -> Result<Survey, JobError> {
        let Some(table) = self.deployment.journal().map(str::to_owned) else {
            return Ok(compare(self.deployment, Vec::new()));
        };
        let Some(session) = self.session().await? else { return Ok(compare(self.deployment, Vec::new())) };
        let sql = format!(
            "SELECT STAGE_ID, STATEMENT_FILE, STATEMENT_LINE, TITLE, OCCURRENCE, CHECKSUM, OUTCOME, QUERY_ID, \
             MILLISECONDS, MESSAGE, TO_VARCHAR(ENDED_AT, 'YYYY-MM-DD HH24:MI:SS') AS ENDED FROM {table} \
             QUALIFY ROW_NUMBER() OVER (PARTITION BY STAGE_ID, STATEMENT_FILE, TITLE, OCCURRENCE \
             ORDER BY RUN_AT DESC, ENTRY DESC) = 1 ORDER BY RUN_AT, ENTRY"
        );
        match session.query(&sql, None, &ctx.cancel).await {
            Ok(answer) => Ok(compare(self.deployment, rows(&answer))),
            Err(error) if error.is_missing() => Ok(compare(self.deployment, Vec::new())),
            Err(error) if error.code.is_empty() => Err(error.into()),
            Err(error) => {
                self.outdated = has_other_columns(&error);
                let unread = format!("the deployment journal {table} cannot be read: {error}{}", shape_hint(&error));
                Ok(Survey { unread: Some(unread), ..compare(self.deployment, Vec::new()) })
            }
        }
    }

    /// Puts a journal of another version aside under another name, so that a new one is begun; tells where it is.
    ///
    /// # Errors
    /// The server's refusal.
    pub async fn renew(&mut self, ctx: &Context) -> Result<Option<String>, SqlError> {
        let (true, Some(table)) = (self.outdated, self.deployment.journal().map(str::to_owned)) else {
            return Ok(None);
        };
        let Some(session) = self.session().await? else { return Ok(None) };
        let aside = format!("{table}_UNTIL_{}", ctx.clock.now_ms());
        session.query(&format!("ALTER TABLE {table} RENAME TO {aside}"), Some(1), &ctx.cancel).await?;
        self.outdated = false;
        Ok(Some(format!(
            "the deployment journal {table} was of another version: it is kept as {aside}, and a new one is begun. All \
             statements are run once more, which changes nothing that is as it should be."
        )))
    }

    /// The owner's session; `None` while its role or warehouse is not there.
    async fn session(&mut self) -> Result<Option<Arc<dyn Warehouse>>, SqlError> {
        if self.session.is_none() {
            let (role, warehouse) = self.deployment.owner();
            match self.warehouses.connect(Some(role)).await {
                Ok(session) => {
                    let sql = format!("USE WAREHOUSE {warehouse}");
                    if session.query(&sql, Some(1), &CancellationToken::new()).await.is_err() {
                        session.close().await;
                        return Ok(None);
                    }
                    self.session = Some(session);
                }
                Err(error) if error.code.is_empty() => return Err(error),
                Err(_) => return Ok(None),
            }
        }
        Ok(self.session.clone())
    }

    /// Notes that these steps are about to run, and writes that down with all that waits.
    pub async fn begin(&mut self, ctx: &Context, places: &[(usize, usize)]) {
        if self.deployment.journal().is_none() {
            return;
        }
        for &place in places {
            if let Some(row) = self.row(place, None, Row::BEGUN, [None, None], None, "") {
                self.waiting.push(row);
            }
        }
        self.write(ctx.clock.now_ms()).await;
    }

    /// Notes how a step ended; writes that down at once where it failed or much time has passed.
    pub async fn end(&mut self, ctx: &Context, ended: &Ended<'_>) {
        let (outcome, query_id, message) = match ended.state {
            StepState::Done { query_id, summary, .. } => (Row::DONE, Some(query_id.as_str()), summary.clone()),
            StepState::Failed { error } => (Row::FAILED, error.query_id.as_deref(), error.to_string()),
            StepState::Skipped => (Row::SKIPPED, None, ended.reason.unwrap_or_default().to_owned()),
            StepState::Waiting | StepState::Running => return,
        };
        let times = [Some(ended.started_ms), Some(ended.ended_ms)];
        let row = self.row(ended.place, ended.edited, outcome, times, query_id, &message);
        self.waiting.extend(row);
        let now = ctx.clock.now_ms();
        if outcome == Row::FAILED || now - self.written_ms >= PATIENCE_MS {
            self.write(now).await;
        }
    }

    /// Notes that whole stages are taken back.
    pub async fn void(&mut self, ctx: &Context, stages: &[String]) {
        for stage in stages {
            let key = (stage.clone(), String::new(), String::new(), 0);
            let row = self.values(&key, (0, ""), Row::UNDONE, [Some(ctx.clock.now_ms()); 2], None, "taken back");
            self.waiting.push(row);
        }
        self.write(ctx.clock.now_ms()).await;
    }

    /// Writes the rest, ends the session, and says what went wrong on the way.
    pub async fn close(mut self) -> Option<String> {
        self.write(i64::MAX).await;
        if let Some(session) = self.session.take() {
            session.close().await;
        }
        self.problem
    }

    fn row(
        &mut self,
        (stage, step): (usize, usize),
        edited: Option<&str>,
        outcome: &str,
        times: [Option<i64>; 2],
        query_id: Option<&str>,
        message: &str,
    ) -> Option<String> {
        self.deployment.journal()?;
        let key = self.keys.get(stage)?.get(step)?.clone();
        let of = self.deployment.plan().stages.get(stage)?.steps.get(step)?;
        let sum = checksum(edited.unwrap_or(&of.sql));
        Some(self.values(&key, (of.line, &sum), outcome, times, query_id, message))
    }

    /// One row of a VALUES list.
    fn values(
        &mut self,
        (stage, file, title, occurrence): &Key,
        (line, sum): (u32, &str),
        outcome: &str,
        [started, ended]: [Option<i64>; 2],
        query_id: Option<&str>,
        message: &str,
    ) -> String {
        self.entries += 1;
        let number = |n: Option<i64>| n.map_or_else(|| "NULL::NUMBER".to_owned(), |n| n.to_string());
        let ms = started.zip(ended).map(|(from, to)| (to - from).max(0));
        format!(
            "({}, {}, {}, {line}, {}, {occurrence}, {}, {}, {}, {}, {}, {}, {})",
            self.entries,
            quote(stage),
            quote(file),
            quote(title),
            quote(sum),
            quote(outcome),
            number(started),
            number(ended),
            number(ms),
            query_id.map_or_else(|| "NULL::VARCHAR".to_owned(), quote),
            quote(message)
        )
    }

    /// Adds what waits, all in one statement. A journal that is not there yet is no problem: the rows wait on. Not ended by
    /// a cancellation: what was run was run.
    pub async fn write(&mut self, now_ms: i64) {
        let Some(table) = self.deployment.journal().map(str::to_owned) else { return };
        if self.waiting.is_empty() {
            return;
        }
        self.written_ms = now_ms;
        let session = match self.session().await {
            Ok(Some(session)) => session,
            Ok(None) => return,
            Err(error) => return self.trouble(&table, &error),
        };
        let sql = format!(
            "INSERT INTO {table} (DEPLOYMENT_ID, ENTRY, STAGE_ID, STATEMENT_FILE, STATEMENT_LINE, TITLE, OCCURRENCE, \
             CHECKSUM, OUTCOME, STARTED_AT, ENDED_AT, MILLISECONDS, QUERY_ID, MESSAGE, RUN_AT) SELECT {}, COLUMN1, COLUMN2, \
             COLUMN3, COLUMN4, COLUMN5, COLUMN6, COLUMN7, COLUMN8, TO_TIMESTAMP_LTZ(COLUMN9, 3), \
             TO_TIMESTAMP_LTZ(COLUMN10, 3), COLUMN11, COLUMN12, COLUMN13, CURRENT_TIMESTAMP() FROM VALUES\n{}",
            quote(&self.id),
            self.waiting.join(",\n")
        );
        match session.query(&sql, Some(1), &CancellationToken::new()).await {
            Ok(_) => self.waiting.clear(),
            Err(error) if error.is_missing() => {}
            Err(error) => self.trouble(&table, &error),
        }
    }

    fn trouble(&mut self, table: &str, error: &SqlError) {
        self.problem.get_or_insert_with(|| {
            format!("the deployment journal {table} was not written: {error}{}", shape_hint(error))
        });
    }
}

/// Whether the refusal says that a column is not there.
fn has_other_columns(error: &SqlError) -> bool {
    matches!(error.code.as_str(), "000904" | "001757")
}

/// What becomes of a journal of another shape.
fn shape_hint(error: &SqlError) -> &'static str {
    if has_other_columns(error) {
        "\nIt is of another version: `snowdeck deploy` puts it aside, begins a new one and runs all statements once more."
    } else {
        ""
    }
}

fn rows(answer: &QueryOutcome) -> Vec<Row> {
    let text = |row: usize, name: &str| answer.cell(row, name).unwrap_or_default().to_owned();
    let number = |row: usize, name: &str| answer.cell(row, name).and_then(|c| c.parse::<u64>().ok());
    let small = |row: usize, name: &str| number(row, name).and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
    (0..answer.rows.len())
        .map(|row| Row {
            past: PastRun {
                stage: text(row, "STAGE_ID"),
                file: text(row, "STATEMENT_FILE"),
                line: small(row, "STATEMENT_LINE"),
                title: text(row, "TITLE"),
                ended: text(row, "ENDED"),
                ms: number(row, "MILLISECONDS"),
                query_id: answer.cell(row, "QUERY_ID").map(str::to_owned),
                message: text(row, "MESSAGE"),
            },
            occurrence: small(row, "OCCURRENCE"),
            checksum: text(row, "CHECKSUM"),
            outcome: text(row, "OUTCOME"),
        })
        .collect()
}
