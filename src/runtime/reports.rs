//! What jobs report on its way to the loop: transitions in order, counters the latest only.

use crate::app::{Failure, Msg, Reply};
use crate::clients::Observer;
use crate::domain::{CallRecord, JobId};
use crate::jobs::{Event, Progress, Sink};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;

/// The jobs' end of the way.
#[derive(Clone)]
pub struct Reports {
    sender: Sender<Msg>,
    counters: Arc<Mutex<BTreeMap<JobId, Progress>>>,
}

impl Reports {
    /// Reports into a bounded channel.
    pub fn new(sender: Sender<Msg>) -> Self {
        Self { sender, counters: Arc::default() }
    }

    /// Counters that changed since the last time.
    pub fn latest(&self) -> BTreeMap<JobId, Progress> {
        std::mem::take(&mut *self.counters.lock())
    }

    /// The sink of one job.
    pub fn of(&self, id: JobId) -> Arc<dyn Sink> {
        Arc::new(JobReports { id, reports: self.clone() })
    }

    /// A job's end.
    pub async fn ended(&self, id: JobId, result: Result<Reply, Failure>) {
        // The loop has gone: nobody waits for the result any more.
        let _ = self.sender.send(Msg::Ended(id, result)).await;
    }

    /// Takes the calls to the services.
    pub fn observer(&self) -> Observer {
        let reports = self.clone();
        Arc::new(move |call: CallRecord| reports.send(Msg::Call(call)))
    }

    /// Sends; waits for room where there is none.
    fn send(&self, msg: Msg) {
        match self.sender.try_send(msg) {
            Ok(()) | Err(TrySendError::Closed(_)) => {}
            // Rare: the loop is 4 096 messages behind. Waiting here is what slows the job down to the loop's pace.
            Err(TrySendError::Full(msg)) => tokio::task::block_in_place(|| {
                let _ = self.sender.blocking_send(msg);
            }),
        }
    }
}

struct JobReports {
    id: JobId,
    reports: Reports,
}

impl Sink for JobReports {
    fn event(&self, event: Event) {
        self.reports.send(Msg::Event(self.id, event));
    }

    fn progress(&self, progress: Progress) {
        self.reports.counters.lock().insert(self.id, progress);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_transition_is_lost_and_only_the_latest_counter_is_kept() {
        let (sender, mut receiver) = mpsc::channel(2);
        let reports = Reports::new(sender);
        let sink = reports.of(JobId(7));
        let job = tokio::spawn(async move {
            for i in 0..100_u64 {
                sink.event(Event::Note(i.to_string()));
                sink.progress(Progress { done: i, ..Progress::default() });
            }
        });
        for i in 0..100 {
            assert_eq!(receiver.recv().await, Some(Msg::Event(JobId(7), Event::Note(i.to_string()))));
        }
        job.await.expect("the job ends");
        assert_eq!(reports.latest().into_values().map(|p| p.done).collect::<Vec<_>>(), [99]);
        assert!(reports.latest().is_empty());
    }
}
