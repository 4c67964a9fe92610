//! The scheduler's thread.

use super::super::catalog::{Body, Kind, Object, Task};
use super::super::engine::Engine;
use super::super::notify::Courier;
use super::super::stmt::notify;
use super::super::stmt::task::{TaskScope, graph};
use super::alerts::Alerts;
use super::desk::{Order, Stop};
use super::due::Schedule;
use super::graph_run::{GraphRun, Stand};
use super::history::{GraphKey, GraphRecord, State, TaskRun};
use super::run_task::{Ended, Job, timeout_ms};
use super::{recover, run_task};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The longest sleep while something is scheduled: the machine's clock may be set, or wake from standby.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);
/// How soon a task that is being stopped is interrupted again.
const PRESS_AGAIN: Duration = Duration::from_millis(50);

/// How long ending waits for running tasks.
const PATIENCE: Duration = Duration::from_secs(5);

/// The running scheduler; dropping it ends it.
pub struct Scheduler {
    engine: Arc<Engine>,
    thread: Option<JoinHandle<()>>,
    /// Ends with it.
    _courier: Courier,
}

impl Scheduler {
    /// Starts the thread: first it settles what the last process left, then it waits.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(engine: Arc<Engine>) -> std::io::Result<Self> {
        let inner = engine.clone();
        let courier = Courier::start(engine.clone())?;
        engine.tasks.desk.attend(true);
        let thread = std::thread::Builder::new().name("tasks".into()).spawn(move || Worker::new(inner).work())?;
        Ok(Self { engine, thread: Some(thread), _courier: courier })
    }

    /// Ends the thread; running tasks are cancelled.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(thread) = self.thread.take() {
            self.engine.tasks.desk.attend(false);
            self.engine.tasks.desk.stop();
            let _ = thread.join();
        }
    }
}

impl Drop for Scheduler {
    fn drop(&mut self) {
        self.end();
    }
}

/// When a root is due next, as long as its schedule stays what it is.
struct Due {
    schedule: String,
    resumed_ms: i64,
    at_ms: i64,
}

struct Worker {
    engine: Arc<Engine>,
    /// Epoch milliseconds on the engine's clock.
    started_ms: i64,
    active: Vec<GraphRun>,
    /// Orders that wait for an earlier run of their graph.
    queue: VecDeque<Order>,
    due: HashMap<i64, Due>,
    /// When each triggered task ran last.
    triggered: HashMap<i64, i64>,
    /// When each running task's time is over.
    deadlines: HashMap<(GraphKey, i64), Instant>,
    alerts: Alerts,
}

impl Worker {
    fn new(engine: Arc<Engine>) -> Self {
        Self {
            started_ms: engine.clock.now_ms(),
            alerts: Alerts::new(engine.clone()),
            engine,
            active: Vec::new(),
            queue: VecDeque::new(),
            due: HashMap::new(),
            triggered: HashMap::new(),
            deadlines: HashMap::new(),
        }
    }

    fn work(mut self) {
        for record in recover::recover(&self.engine) {
            if record.state == State::Scheduled {
                self.queue.push_back(Order(record.key));
            } else {
                self.go_on(record);
            }
        }
        loop {
            let sleep = self.turn();
            let mail = self.engine.tasks.desk.wait(sleep);
            for ended in mail.ended {
                self.ended(ended);
            }
            for run in mail.alerts {
                self.alerts.start(run);
            }
            for order in mail.orders {
                if !self.queue.contains(&order) {
                    self.queue.push_back(order);
                }
            }
            if mail.stop {
                return self.farewell();
            }
        }
    }

    /// Stops what runs and waits for it, but not for ever. The history keeps it as EXECUTING: it is settled at the next
    /// start, as after a crash.
    fn farewell(&mut self) {
        let until = Instant::now() + PATIENCE;
        let running: Vec<_> = self.deadlines.keys().copied().collect();
        for (key, task) in running {
            self.engine.tasks.desk.stop_task(key, task, Stop::Cancelled);
        }
        let desk = &self.engine.tasks.desk;
        while desk.press() | desk.cancel_alerts() && Instant::now() < until {
            self.engine.tasks.desk.pause(PRESS_AGAIN);
        }
    }

    /// Does what is due; gives how long to sleep.
    fn turn(&mut self) -> Option<Duration> {
        let now = self.engine.clock.now_ms();
        let mut next = self.fire_due(now);
        next = earliest(next, self.fire_triggered(now));
        next = earliest(next, self.alerts.fire_due(now));
        self.start_orders();
        self.advance();
        let mut sleep = next.map(|at| Duration::from_millis(u64::try_from(at - now).unwrap_or(0)).min(LONGEST_SLEEP));
        let real = Instant::now();
        for (key, until) in &self.deadlines {
            if *until <= real {
                self.engine.tasks.desk.stop_task(key.0, key.1, Stop::TimedOut);
            } else {
                sleep = earliest(sleep, Some(*until - real));
            }
        }
        if self.engine.tasks.desk.press() { earliest(sleep, Some(PRESS_AGAIN)) } else { sleep }
    }

    /// Roots with a schedule: starts those that are due; gives the next time.
    fn fire_due(&mut self, now: i64) -> Option<i64> {
        let catalog = self.engine.catalog();
        let mut next = None;
        let mut seen = Vec::new();
        for object in catalog.of_kind(Kind::Task) {
            let Body::Task(task) = &object.body else { continue };
            let (true, Some(text)) = (task.started, &task.schedule) else { continue };
            let Ok(schedule) = Schedule::parse(text) else { continue };
            let resumed_ms = task.resumed_ms.unwrap_or(now);
            seen.push(object.id);
            let known = self.due.get(&object.id).filter(|d| d.schedule == *text && d.resumed_ms == resumed_ms);
            let mut at = match known {
                Some(due) => Some(due.at_ms),
                // From the last change on, but nothing that was due while no scheduler ran.
                None => {
                    let changed = task.last_committed_ms.unwrap_or(resumed_ms).max(resumed_ms);
                    schedule.next(changed.max(self.started_ms), resumed_ms)
                }
            };
            if let Some(due) = at.filter(|at| *at <= now) {
                // Occurrences that were missed are not made up for.
                self.fire(object, task, "SCHEDULE", due);
                at = schedule.next(now, resumed_ms);
            }
            if let Some(at_ms) = at {
                self.due.insert(object.id, Due { schedule: text.clone(), resumed_ms, at_ms });
                next = earliest(next, Some(at_ms));
            }
        }
        self.due.retain(|id, _| seen.contains(id));
        next
    }

    /// Tasks with a WHEN and neither a schedule nor a predecessor: they run when their stream has data.
    fn fire_triggered(&mut self, now: i64) -> Option<i64> {
        let catalog = self.engine.catalog();
        let mut next = None;
        for object in catalog.of_kind(Kind::Task) {
            let Body::Task(task) = &object.body else { continue };
            if !graph::is_triggered(task) || !task.started || self.active.iter().any(|r| r.record.key.root == object.id)
            {
                continue;
            }
            let gap = task.parameters.get("USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS");
            let gap_ms = gap.and_then(|v| v.parse::<i64>().ok()).unwrap_or(30) * 1000;
            let free = self.triggered.get(&object.id).map_or(i64::MIN, |last| last.saturating_add(gap_ms));
            if free > now {
                next = earliest(next, Some(free));
            } else if run_task::has_work(&self.engine, object, task) {
                self.triggered.insert(object.id, now);
                self.fire(object, task, "TRIGGER", now);
            }
        }
        next
    }

    fn fire(&mut self, object: &Arc<Object>, task: &Task, from: &str, scheduled_ms: i64) {
        if self.active.iter().any(|r| r.record.key.root == object.id && blocks(r, task)) {
            return;
        }
        let record = graph::new_record(&self.engine, object, task, from, scheduled_ms, task.config.clone());
        self.go_on(record);
    }

    /// Orders whose graph is free.
    fn start_orders(&mut self) {
        let waiting = std::mem::take(&mut self.queue);
        for order in waiting {
            let Some(record) = self.engine.tasks.history.graph(order.0).filter(|g| g.state == State::Scheduled) else {
                continue;
            };
            let busy = self.active.iter().any(|r| r.record.key.root == order.0.root);
            if busy {
                self.queue.push_back(order);
            } else {
                self.go_on(record);
            }
        }
    }

    /// Puts a graph's run among the active ones.
    fn go_on(&mut self, mut record: GraphRecord) {
        let catalog = self.engine.catalog();
        let key = record.key;
        record.state = State::Executing;
        record.started_ms.get_or_insert(self.engine.clock.now_ms());
        let Some(mut run) = GraphRun::new(record.clone(), &catalog) else {
            record.state = State::Cancelled;
            record.ended_ms = Some(self.engine.clock.now_ms());
            return self.engine.tasks.history.put_graph(&self.engine, record);
        };
        for attempt in 1..key.attempt {
            run.take_over(&self.engine.tasks.history.tasks_of(GraphKey { attempt, ..key }), true);
        }
        run.take_over(&self.engine.tasks.history.tasks_of(key), false);
        self.engine.tasks.history.put_graph(&self.engine, record);
        self.active.push(run);
    }

    /// Starts what may start, finishes what is done.
    fn advance(&mut self) {
        let mut active = std::mem::take(&mut self.active);
        for run in &mut active {
            for id in run.ready() {
                self.start_task(run, id);
            }
        }
        let (open, done): (Vec<_>, Vec<_>) = active.into_iter().partition(|r| r.outcome().is_none());
        self.active = open;
        let any = !done.is_empty();
        for run in done {
            self.finish(run);
        }
        if any {
            // What waited for them may go now.
            self.start_orders();
            if !self.active.is_empty() {
                self.engine.tasks.desk.poke();
            }
        }
    }

    fn start_task(&mut self, run: &mut GraphRun, id: i64) {
        let key = run.record.key;
        let predecessors = run.values_before(id);
        let (config, from, scheduled_ms) =
            (run.record.config.clone(), run.record.from.clone(), run.record.scheduled_ms);
        let root_name = run.record.name.clone();
        let is_root = id == key.root;
        let Some(node) = run.node(id) else { return };
        let Body::Task(task) = &node.object.body else { return };
        let now = self.engine.clock.now_ms();
        let query_id = self.engine.new_query_id();
        node.stand = Stand::Running;
        let record = TaskRun {
            key,
            task: id,
            name: node.object.name.clone(),
            definition: task.definition.clone(),
            condition: task.condition.clone(),
            state: State::Executing,
            error: None,
            query_id: Some(query_id.clone()),
            scheduled_ms: if is_root { scheduled_ms } else { now },
            started_ms: Some(now),
            ended_ms: None,
            return_value: None,
        };
        self.engine.tasks.history.put_task(&self.engine, record);
        let scope = TaskScope {
            task: node.object.bare().to_owned(),
            id,
            key: Some(key),
            root: root_name,
            from,
            scheduled_ms,
            config,
            predecessors,
            ..TaskScope::default()
        };
        let job = Job { key, object: node.object.clone(), scope: Arc::new(scope), query_id };
        let timeout = Duration::from_millis(timeout_ms(&node.object));
        self.deadlines.insert((key, id), Instant::now() + timeout);
        let engine = self.engine.clone();
        let name = format!("task {}", node.object.bare());
        let spawned = std::thread::Builder::new().name(name).spawn(move || run_task::run(&engine, &job));
        if let Err(e) = spawned {
            let error = Some(("000603".to_owned(), format!("no thread for the task: {e}")));
            self.engine.tasks.desk.ended(Ended {
                key,
                task: id,
                state: State::Failed,
                error,
                began: false,
                return_value: None,
            });
        }
    }

    fn ended(&mut self, ended: Ended) {
        self.deadlines.remove(&(ended.key, ended.task));
        let now = self.engine.clock.now_ms();
        let Some(run) = self.active.iter_mut().find(|r| r.record.key == ended.key) else { return };
        let Some(node) = run.node(ended.task) else { return };
        node.stand = Stand::Ended(ended.state);
        node.return_value.clone_from(&ended.return_value);
        let bare = node.object.bare().to_owned();
        if ended.state.is_failure() && run.record.first_error.is_none() {
            let (code, text) = ended.error.clone().unwrap_or_default();
            run.record.first_error = Some((bare, code, text));
        }
        let runs = self.engine.tasks.history.tasks_of(ended.key);
        if let Some(mut record) = runs.into_iter().find(|r| r.task == ended.task) {
            record.state = ended.state;
            record.error = ended.error;
            record.ended_ms = Some(now);
            record.return_value = ended.return_value;
            if !ended.began {
                (record.query_id, record.started_ms) = (None, None);
            }
            self.engine.tasks.history.put_task(&self.engine, record.clone());
            self.tell(&record);
        }
    }

    /// Sends what ERROR_INTEGRATION or SUCCESS_INTEGRATION, the task's or else its root's, is to be told.
    fn tell(&self, run: &TaskRun) {
        let option = match run.state {
            State::Failed => "ERROR_INTEGRATION",
            State::Succeeded => "SUCCESS_INTEGRATION",
            _ => return,
        };
        let catalog = self.engine.catalog();
        let of = |id: i64| graph::task_of(catalog.by_id(id)?)?.parameters.get(option).cloned();
        let Some(integration) = of(run.task).or_else(|| of(run.key.root)) else { return };
        if let Some(record) = self.engine.tasks.history.graph(run.key) {
            notify::task_ended(&self.engine, &integration, &record, run);
        }
    }

    fn finish(&mut self, run: GraphRun) {
        let mut record = run.record;
        let root = record.key.root;
        let outcome = run.nodes.get(&root).map(|n| n.stand);
        record.ended_ms = Some(self.engine.clock.now_ms());
        record.next_ms = self.due.get(&root).map(|d| d.at_ms);
        record.state = if outcome == Some(Stand::Ended(State::Skipped)) {
            State::Skipped
        } else {
            let states: Vec<State> = self.engine.tasks.history.tasks_of(record.key).iter().map(|t| t.state).collect();
            if states.iter().any(|s| s.is_failure()) {
                State::Failed
            } else if states.contains(&State::Cancelled) {
                State::Cancelled
            } else {
                State::Succeeded
            }
        };
        self.engine.tasks.history.put_graph(&self.engine, record.clone());
        if record.state == State::Failed {
            self.after_failure(&record);
        }
        self.engine.tasks.desk.finish();
    }

    /// Automatic retries, then automatic suspension.
    fn after_failure(&mut self, record: &GraphRecord) {
        let catalog = self.engine.catalog();
        let Some(object) = catalog.by_id(record.key.root).filter(|_| recover::exists(&self.engine, record)) else {
            return;
        };
        let Body::Task(task) = &object.body else { return };
        let number = |name: &str, default: usize| -> usize {
            task.parameters.get(name).and_then(|v| v.parse().ok()).unwrap_or(default)
        };
        let attempts = u32::try_from(number("TASK_AUTO_RETRY_ATTEMPTS", 0)).unwrap_or(0);
        if record.key.attempt <= attempts {
            let retry = graph::retry_record(&self.engine, record, "AUTOMATIC RETRY");
            self.queue.push_back(Order(retry.key));
            return;
        }
        let most = number("SUSPEND_TASK_AFTER_NUM_FAILURES", 10);
        if most > 0 && task.started && self.engine.tasks.history.failures_in_a_row(object.id) >= most {
            self.auto_suspend(object, record);
        }
    }

    fn auto_suspend(&mut self, root: &Object, record: &GraphRecord) {
        if let Err(e) = graph::suspend(&self.engine, root.id, "SUSPENDED_DUE_TO_ERRORS") {
            tracing::error!("a failing task cannot be suspended: {e}");
            return;
        }
        let runs = self.engine.tasks.history.tasks_of(record.key);
        if let Some(mut failed) = runs.into_iter().find(|r| r.state == State::Failed) {
            failed.state = State::FailedAndAutoSuspended;
            self.engine.tasks.history.put_task(&self.engine, failed);
        }
    }
}

/// Whether an active run keeps a scheduled one from starting.
fn blocks(active: &GraphRun, task: &Task) -> bool {
    match task.parameters.get("OVERLAP_POLICY").map(String::as_str) {
        Some("ALLOW_ALL_OVERLAP") => false,
        Some("ALLOW_CHILD_OVERLAP") => active.root_state().is_none(),
        _ if task.allow_overlap => active.root_state().is_none(),
        _ => true,
    }
}

fn earliest<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
