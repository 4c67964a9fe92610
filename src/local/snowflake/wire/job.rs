//! Statements that run or have lately ended, by query id and by the client's request id.

use super::super::answer::Answer;
use super::super::error::SfError;
use super::super::session::{Info, Session};
use super::reply::Layout;
use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::watch;

/// How many ended statements are remembered.
const KEPT: usize = 300;
/// Above this many bytes of results, older ones go.
const KEPT_BYTES: usize = 512 << 20;
/// The latest results stay whatever their size: their clients are still fetching them.
const KEPT_ALWAYS: usize = 8;
/// Between two attempts to interrupt: one may fall between two DuckDB statements and be lost.
const CANCEL_AGAIN: Duration = Duration::from_millis(50);

/// A statement's result, with what the reply says about the session.
pub struct Done {
    /// The result.
    pub answer: Arc<Answer>,
    /// Where the session stood behind it.
    pub info: Info,
    /// Session parameters that clients follow.
    pub parameters: Vec<serde_json::Value>,
    /// Query ids and statement types of a multi-statement request's children.
    pub children: Vec<(String, u32)>,
    /// How many values were bound.
    pub binds: usize,
    /// `describeOnly`: the columns are the result.
    pub describe_only: bool,
    /// How it is cut into chunks.
    pub layout: Layout,
}

/// How a statement ended.
#[derive(Clone)]
pub enum Outcome {
    /// With a result.
    Done(Arc<Done>),
    /// With a refusal.
    Failed(SfError),
}

enum Phase {
    Queued,
    Running,
    Ended(Outcome),
}

/// One statement.
pub struct Job {
    /// Query id.
    pub id: String,
    /// The client's request id.
    pub request_id: String,
    /// Whose.
    pub session: Arc<Session>,
    /// Its text.
    pub sql: String,
    /// Epoch milliseconds.
    pub started_ms: i64,
    phase: Mutex<Phase>,
    cancelled: AtomicBool,
    timed_out: AtomicBool,
    ended: watch::Sender<bool>,
}

impl Job {
    /// A statement that waits for its session.
    pub fn new(id: String, request_id: String, session: Arc<Session>, sql: String, started_ms: i64) -> Arc<Self> {
        Arc::new(Self {
            id,
            request_id,
            session,
            sql,
            started_ms,
            phase: Mutex::new(Phase::Queued),
            cancelled: AtomicBool::new(false),
            timed_out: AtomicBool::new(false),
            ended: watch::Sender::new(false),
        })
    }

    /// Starts; `false` where it has been cancelled before.
    pub fn begin(&self) -> bool {
        let mut phase = self.phase.lock();
        if self.cancelled.load(Ordering::Relaxed) {
            return false;
        }
        *phase = Phase::Running;
        true
    }

    /// Ends.
    pub fn end(&self, outcome: Outcome) {
        *self.phase.lock() = Phase::Ended(outcome);
        self.ended.send_replace(true);
    }

    /// The outcome, once there is one.
    pub fn outcome(&self) -> Option<Outcome> {
        match &*self.phase.lock() {
            Phase::Ended(outcome) => Some(outcome.clone()),
            _ => None,
        }
    }

    /// Waits for the outcome, at most that long.
    pub async fn wait(&self, at_most: Duration) -> Option<Outcome> {
        let mut ended = self.ended.subscribe();
        let _ = tokio::time::timeout(at_most, ended.wait_for(|e| *e)).await;
        self.outcome()
    }

    /// Cancels it, and no other statement of its session. `false` where it has ended already.
    pub fn cancel(self: &Arc<Self>) -> bool {
        if self.outcome().is_some() {
            return false;
        }
        if !self.cancelled.swap(true, Ordering::Relaxed) {
            let job = self.clone();
            tokio::spawn(async move {
                loop {
                    {
                        let phase = job.phase.lock();
                        match &*phase {
                            Phase::Ended(_) => return,
                            Phase::Running => job.session.cancel(),
                            Phase::Queued => {}
                        }
                    }
                    tokio::time::sleep(CANCEL_AGAIN).await;
                }
            });
        }
        true
    }

    /// Cancels it because its time is over.
    pub fn time_out(self: &Arc<Self>) {
        self.timed_out.store(true, Ordering::Relaxed);
        self.cancel();
    }

    /// Whether its time was over.
    pub fn has_timed_out(&self) -> bool {
        self.timed_out.load(Ordering::Relaxed)
    }

    /// As monitoring names it.
    pub fn status(&self) -> &'static str {
        match &*self.phase.lock() {
            Phase::Queued => "QUEUED",
            Phase::Running if self.cancelled.load(Ordering::Relaxed) => "ABORTING",
            Phase::Running => "RUNNING",
            Phase::Ended(Outcome::Done(_)) => "SUCCESS",
            Phase::Ended(Outcome::Failed(e)) if e.code == "000604" => "ABORTED",
            Phase::Ended(Outcome::Failed(_)) => "FAILED_WITH_ERROR",
        }
    }
}

/// All of them.
#[derive(Default)]
pub struct Jobs(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    by_id: HashMap<String, Arc<Job>>,
    /// By session and request id.
    by_request: HashMap<(u64, String), Arc<Job>>,
    ended: VecDeque<(Arc<Job>, usize)>,
    bytes: usize,
}

impl Jobs {
    /// Adds a statement unless one with its request id is there: then that one, and `false`.
    pub fn add(&self, job: Arc<Job>) -> (Arc<Job>, bool) {
        let mut inner = self.0.lock();
        if !job.request_id.is_empty() {
            let key = (job.session.id, job.request_id.clone());
            if let Some(same) = inner.by_request.get(&key) {
                return (same.clone(), false);
            }
            inner.by_request.insert(key, job.clone());
        }
        inner.by_id.insert(job.id.clone(), job.clone());
        (job, true)
    }

    /// Notes that a statement has ended with a result of that size; the oldest results make room.
    pub fn ended(&self, job: &Arc<Job>, bytes: usize) {
        let mut inner = self.0.lock();
        inner.bytes += bytes;
        inner.ended.push_back((job.clone(), bytes));
        while inner.ended.len() > KEPT || (inner.bytes > KEPT_BYTES && inner.ended.len() > KEPT_ALWAYS) {
            let Some((old, size)) = inner.ended.pop_front() else { break };
            inner.bytes -= size;
            inner.by_id.remove(&old.id);
            inner.by_request.remove(&(old.session.id, old.request_id.clone()));
        }
    }

    /// By query id.
    pub fn get(&self, id: &str) -> Option<Arc<Job>> {
        self.0.lock().by_id.get(id).cloned()
    }

    /// By a session's request id.
    pub fn by_request(&self, session: u64, request_id: &str) -> Option<Arc<Job>> {
        self.0.lock().by_request.get(&(session, request_id.to_owned())).cloned()
    }

    /// Those that have not ended.
    pub fn running(&self) -> Vec<Arc<Job>> {
        self.0.lock().by_id.values().filter(|j| j.outcome().is_none()).cloned().collect()
    }
}
