//! The thread that hears of new files and sets pipes to work.

use super::super::catalog::{Body, Catalog, Kind};
use super::super::engine::Engine;
use super::load::{self, Job};
use super::{Call, Waiting, Watch};
use crate::local::s3::ObjectCreated;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// The longest sleep: grants and stages change without anybody telling this thread.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
/// Pauses after a pipe's failures: the first, and the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// How long the end waits for pipes that are loading.
const PATIENCE: Duration = Duration::from_secs(5);

/// The running ingestion; dropping it ends it.
pub struct Ingest {
    engine: Arc<Engine>,
    thread: Option<JoinHandle<()>>,
}

impl Ingest {
    /// Starts the thread: first it looks for what arrived while nobody listened, then it waits.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(engine: Arc<Engine>) -> std::io::Result<Self> {
        let (bell, calls) = unbounded_channel();
        engine.pipes.listen(Some(bell));
        // From here on nothing is missed; what was there before is found by listing.
        let events = engine.objects.as_ref().map(crate::local::s3::Store::subscribe);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let worker = Worker::new(engine.clone());
        let thread = std::thread::Builder::new()
            .name("pipes".into())
            .spawn(move || runtime.block_on(worker.work(calls, events)))?;
        Ok(Self { engine, thread: Some(thread) })
    }

    /// Ends the thread; a batch that is being loaded is given up, its files go on waiting.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(thread) = self.thread.take() {
            self.engine.pipes.call(Call::Stop);
            let _ = thread.join();
            self.engine.pipes.listen(None);
        }
    }
}

impl Drop for Ingest {
    fn drop(&mut self) {
        self.end();
    }
}

/// A pipe that loads now.
struct Running {
    job: Arc<Job>,
    thread: JoinHandle<()>,
}

struct Worker {
    engine: Arc<Engine>,
    /// The catalog that `watches` were made from.
    seen: Option<Arc<Catalog>>,
    watches: HashMap<i64, Watch>,
    /// Pipes whose files must be listed.
    scans: HashSet<i64>,
    running: HashMap<i64, Running>,
    /// Pipes that failed: how often, and when to try again.
    failed: HashMap<i64, (u32, Instant)>,
}

impl Worker {
    fn new(engine: Arc<Engine>) -> Self {
        Self {
            engine,
            seen: None,
            watches: HashMap::new(),
            scans: HashSet::new(),
            running: HashMap::new(),
            failed: HashMap::new(),
        }
    }

    async fn work(mut self, mut calls: UnboundedReceiver<Call>, mut events: Option<UnboundedReceiver<ObjectCreated>>) {
        loop {
            self.look();
            let sleep = self.start();
            let event = async {
                match &mut events {
                    Some(events) => events.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                call = calls.recv() => match call {
                    Some(Call::Look(pipe)) => self.scans.extend(pipe),
                    Some(Call::Done(pipe, error)) => self.done(pipe, error),
                    Some(Call::Stop) | None => return self.farewell(),
                },
                event = event => match event {
                    Some(event) => {
                        self.look();
                        self.arrived(&event);
                        while let Some(Ok(event)) = events.as_mut().map(UnboundedReceiver::try_recv) {
                            self.arrived(&event);
                        }
                    }
                    None => events = None,
                },
                () = tokio::time::sleep(sleep) => {}
            }
        }
    }

    /// Brings the watches up to the catalog. A pipe that could not be watched before has its files listed.
    fn look(&mut self) {
        let catalog = self.engine.catalog();
        if self.seen.as_ref().is_some_and(|seen| Arc::ptr_eq(seen, &catalog)) {
            return;
        }
        let mut watches = HashMap::new();
        for pipe in catalog.of_kind(Kind::Pipe) {
            if matches!(&pipe.body, Body::Pipe(p) if p.paused) {
                continue;
            }
            match Watch::of(&catalog, pipe) {
                Ok(watch) => {
                    if self.watches.get(&pipe.id).is_none_or(|old| !old.same_place(&watch)) {
                        self.scans.insert(pipe.id);
                        self.failed.remove(&pipe.id);
                    }
                    watches.insert(pipe.id, watch);
                }
                Err(e) => tracing::debug!(pipe = pipe.name.join("."), error = %e, "a pipe cannot be watched"),
            }
        }
        self.engine.pipes.keep(|id| catalog.by_id(id).is_some_and(|o| o.dropped_ms.is_none()));
        // What a table or role lacked may be there now.
        self.failed.values_mut().for_each(|(_, again)| *again = Instant::now());
        self.watches = watches;
        self.seen = Some(catalog);
    }

    fn arrived(&self, event: &ObjectCreated) {
        let received_us = self.engine.now_us();
        for (id, _) in self.watches.iter().filter(|(_, w)| w.auto && w.takes(&event.bucket, &event.key, event.size)) {
            self.engine.pipes.change(*id, |state| {
                state.waiting.insert(event.key.clone(), Waiting { received_us, size: event.size });
                state.received = Some((received_us, event.key.clone()));
            });
        }
    }

    /// Sets to work who has some; gives how long to sleep.
    fn start(&mut self) -> Duration {
        let now = Instant::now();
        let mut sleep = LONGEST_SLEEP;
        let ids: Vec<i64> = self.watches.keys().copied().collect();
        for id in ids {
            let scan = self.scans.contains(&id);
            if self.running.contains_key(&id)
                || !(scan || self.engine.pipes.read(id, |state| !state.waiting.is_empty()))
            {
                continue;
            }
            match self.failed.get(&id) {
                Some((_, again)) if *again > now => sleep = sleep.min(*again - now),
                _ => {
                    self.scans.remove(&id);
                    if let Err(e) = self.spawn(id, scan) {
                        self.done(id, Some(e));
                    }
                }
            }
        }
        sleep
    }

    fn spawn(&mut self, id: i64, scan: bool) -> Result<(), super::SfError> {
        let Some(pipe) = self.seen.as_ref().and_then(|c| c.by_id(id)) else { return Ok(()) };
        let session = load::session_of(&self.engine, pipe)?;
        let job = Arc::new(Job { pipe: id, scan, session, stop: Arc::new(AtomicBool::new(false)) });
        let (engine, inner) = (self.engine.clone(), job.clone());
        let thread = std::thread::Builder::new().name(format!("pipe {}", pipe.bare())).spawn(move || {
            let error = load::outcome(&engine, &inner);
            engine.pipes.call(Call::Done(inner.pipe, error));
        });
        let thread = thread.map_err(|e| super::SfError::internal(format!("no thread for the pipe: {e}")))?;
        self.running.insert(id, Running { job, thread });
        Ok(())
    }

    fn done(&mut self, id: i64, error: Option<super::SfError>) {
        let scanned = self.running.remove(&id).is_some_and(|r| r.job.scan);
        let Some(e) = error else {
            self.failed.remove(&id);
            return;
        };
        tracing::warn!(pipe = id, error = %e, "a pipe could not load; it will try again");
        if scanned {
            self.scans.insert(id);
        }
        let times = self.failed.get(&id).map_or(0, |(n, _)| *n);
        let pause = FIRST_PAUSE.saturating_mul(1 << times.min(6)).min(LONGEST_PAUSE);
        self.failed.insert(id, (times + 1, Instant::now() + pause));
        let at = self.engine.now_us();
        self.engine.pipes.change(id, |state| state.error = Some((at, e)));
    }

    /// Interrupts what loads and waits for it, but not for ever.
    fn farewell(&mut self) {
        let until = Instant::now() + PATIENCE;
        for r in self.running.values() {
            r.job.stop.store(true, Ordering::Relaxed);
        }
        while self.running.values().any(|r| !r.thread.is_finished()) && Instant::now() < until {
            for r in self.running.values() {
                r.job.session.cancel();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
