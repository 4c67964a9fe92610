//! Orders to the scheduler, and what it has running.

use super::super::session::Session;
use super::history::GraphKey;
use super::run_task::Ended;
use parking_lot::{Condvar, Mutex};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A run that somebody asked for. Its graph record is in the history already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order(pub GraphKey);

/// A task that runs now.
pub struct Running {
    /// Its session, to interrupt it.
    pub session: Arc<Session>,
    /// Why it is being stopped.
    pub stop: Option<Stop>,
}

/// Why a running task is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Somebody cancelled it.
    Cancelled,
    /// Its time is over.
    TimedOut,
}

/// What the scheduler finds when it wakes.
#[derive(Default)]
pub struct Mail {
    /// Runs asked for.
    pub orders: Vec<Order>,
    /// Alert runs asked for, by number.
    pub alerts: Vec<i64>,
    /// Tasks that have ended.
    pub ended: Vec<Ended>,
    /// The scheduler is to end.
    pub stop: bool,
}

#[derive(Default)]
struct Inbox {
    mail: Mail,
    /// Something changed: a task was resumed, rows were committed, the clock was moved.
    poked: bool,
}

/// Where orders are left.
#[derive(Default)]
pub struct Desk {
    inbox: Mutex<Inbox>,
    bell: Condvar,
    running: Mutex<HashMap<(GraphKey, i64), Running>>,
    /// Whether a scheduler reads the orders, and how many graph runs it has finished.
    attended: Mutex<(bool, u64)>,
    /// Alerts that run, with their sessions.
    alerts: Mutex<HashMap<i64, Arc<Session>>>,
    finished: Condvar,
}

impl Desk {
    /// Asks for a run.
    pub fn order(&self, order: Order) {
        self.inbox.lock().mail.orders.push(order);
        self.bell.notify_all();
    }

    /// Asks for an alert's run.
    pub fn order_alert(&self, run: i64) {
        self.inbox.lock().mail.alerts.push(run);
        self.bell.notify_all();
    }

    /// Notes the session of an alert that runs, or that it has ended.
    pub(super) fn alert_runs(&self, run: i64, session: Option<Arc<Session>>) {
        match session {
            Some(session) => drop(self.alerts.lock().insert(run, session)),
            None => drop(self.alerts.lock().remove(&run)),
        }
    }

    /// Interrupts every running alert; tells whether there is any.
    pub(super) fn cancel_alerts(&self) -> bool {
        let running = self.alerts.lock();
        for session in running.values() {
            session.cancel();
        }
        !running.is_empty()
    }

    /// Wakes the scheduler: something that it decides by has changed.
    pub fn poke(&self) {
        self.inbox.lock().poked = true;
        self.bell.notify_all();
    }

    /// Tells the scheduler to end.
    pub fn stop(&self) {
        self.inbox.lock().mail.stop = true;
        self.bell.notify_all();
    }

    /// A scheduler reads the orders from now on, or no longer.
    pub(super) fn attend(&self, on: bool) {
        self.attended.lock().0 = on;
        self.finished.notify_all();
    }

    /// A graph's run has ended.
    pub(super) fn finish(&self) {
        self.attended.lock().1 += 1;
        self.finished.notify_all();
    }

    /// Waits until `over`, but no longer than `at_most`, and not at all where no scheduler works.
    pub fn linger(&self, at_most: Duration, over: impl Fn() -> bool) {
        let until = Instant::now() + at_most;
        let mut state = self.attended.lock();
        while state.0 && !over() && Instant::now() < until {
            self.finished.wait_until(&mut state, until);
        }
    }

    /// A task has ended.
    pub(super) fn ended(&self, ended: Ended) {
        self.running.lock().remove(&(ended.key, ended.task));
        self.inbox.lock().mail.ended.push(ended);
        self.bell.notify_all();
    }

    /// Waits for mail, a poke or the time; takes the mail.
    pub(super) fn wait(&self, at_most: Option<Duration>) -> Mail {
        let mut inbox = self.inbox.lock();
        let empty = |m: &Mail| m.orders.is_empty() && m.ended.is_empty() && m.alerts.is_empty();
        let idle = |i: &Inbox| !i.poked && !i.mail.stop && empty(&i.mail);
        if idle(&inbox) {
            match at_most {
                Some(time) => drop(self.bell.wait_for(&mut inbox, time)),
                None => self.bell.wait(&mut inbox),
            }
        }
        inbox.poked = false;
        let stop = inbox.mail.stop;
        Mail { stop, ..std::mem::take(&mut inbox.mail) }
    }

    /// Waits a little, or until a task ends.
    pub(super) fn pause(&self, time: Duration) {
        self.bell.wait_for(&mut self.inbox.lock(), time);
    }

    /// Notes a task that runs.
    pub(super) fn running(&self, key: GraphKey, task: i64, session: Arc<Session>) {
        self.running.lock().insert((key, task), Running { session, stop: None });
    }

    /// Why a task was stopped, if it was.
    pub(super) fn stopped(&self, key: GraphKey, task: i64) -> Option<Stop> {
        self.running.lock().get(&(key, task)).and_then(|r| r.stop)
    }

    /// Stops a running task.
    pub(super) fn stop_task(&self, key: GraphKey, task: i64, why: Stop) {
        if let Some(r) = self.running.lock().get_mut(&(key, task)) {
            r.stop.get_or_insert(why);
            r.session.cancel();
        }
    }

    /// Interrupts again what is being stopped: an interruption may fall between two DuckDB statements and be lost. Tells
    /// whether there is any.
    pub(super) fn press(&self) -> bool {
        let mut any = false;
        for r in self.running.lock().values().filter(|r| r.stop.is_some()) {
            r.session.cancel();
            any = true;
        }
        any
    }

    /// Cancels every running execution of a task; gives how many.
    pub fn cancel(&self, task: i64) -> usize {
        let keys: Vec<_> = self.running.lock().keys().filter(|(_, t)| *t == task).copied().collect();
        for (key, task) in &keys {
            self.stop_task(*key, *task, Stop::Cancelled);
        }
        if !keys.is_empty() {
            self.poke();
        }
        keys.len()
    }
}
