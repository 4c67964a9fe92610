//! Alerts at work: when they are due, and one run: its condition, then its action, as the owner.

use super::super::catalog::{Body, Kind, Object, Options};
use super::super::engine::Engine;
use super::super::error::{SfError, SfResult};
use super::super::session::{Request, Session};
use super::super::stmt::alert::{AlertScope, is_started, options_of, resumed_ms};
use super::alert_history::{AlertRun, AlertState};
use super::due::Schedule;
use super::run_task::statement;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// When an alert is due next, as long as its schedule stays what it is.
struct Due {
    schedule: String,
    resumed_ms: i64,
    at_ms: i64,
}

/// The scheduler's part that looks after alerts.
pub struct Alerts {
    engine: Arc<Engine>,
    started_ms: i64,
    due: HashMap<i64, Due>,
}

impl Alerts {
    /// Settles what the last process left: what was executing has failed, what was waiting starts.
    pub fn new(engine: Arc<Engine>) -> Self {
        let now = engine.clock.now_ms();
        for mut run in engine.tasks.alerts.all().into_iter().filter(|r| r.state.is_open()) {
            if run.state == AlertState::Scheduled {
                engine.tasks.desk.order_alert(run.id);
                continue;
            }
            run.state = AlertState::Failed;
            run.ended_ms = Some(now);
            run.error = Some(("000603".into(), "The alert was interrupted by the end of the server process.".into()));
            engine.tasks.alerts.put(&engine, run);
        }
        Self { started_ms: now, engine, due: HashMap::new() }
    }

    /// Starts alerts that are due; gives the next time, epoch milliseconds.
    pub fn fire_due(&mut self, now: i64) -> Option<i64> {
        let catalog = self.engine.catalog();
        let (mut next, mut seen) = (None, Vec::new());
        for object in catalog.of_kind(Kind::Alert) {
            let Some(options) = options_of(object).filter(|o| is_started(o)) else { continue };
            let Some(text) = options.get("SCHEDULE") else { continue };
            let Ok(schedule) = Schedule::parse(text) else { continue };
            let resumed = resumed_ms(options).unwrap_or(now);
            seen.push(object.id);
            let known = self.due.get(&object.id).filter(|d| d.schedule == *text && d.resumed_ms == resumed);
            let mut at = match known {
                Some(due) => Some(due.at_ms),
                None => schedule.next(resumed.max(self.started_ms), resumed),
            };
            if let Some(due) = at.filter(|at| *at <= now) {
                self.fire(object, options, due);
                at = schedule.next(now, resumed);
            }
            if let Some(at_ms) = at {
                self.due.insert(object.id, Due { schedule: text.clone(), resumed_ms: resumed, at_ms });
                next = Some(next.map_or(at_ms, |n: i64| n.min(at_ms)));
            }
        }
        self.due.retain(|id, _| seen.contains(id));
        next
    }

    /// An alert whose last run is not over is left out.
    fn fire(&self, object: &Object, options: &Options, due: i64) {
        if self.engine.tasks.alerts.all().iter().any(|r| r.alert == object.id && r.state.is_open()) {
            return;
        }
        let id = self.engine.tasks.alerts.put_new(&self.engine, AlertRun::new(object, options, "SCHEDULE", due));
        self.start(id);
    }

    /// Starts a run that waits.
    pub fn start(&self, id: i64) {
        let engine = self.engine.clone();
        let Some(run) = engine.tasks.alerts.get(id).filter(|r| r.state == AlertState::Scheduled) else { return };
        let work = move || {
            let out = catch_unwind(AssertUnwindSafe(|| execute(&engine, run.clone())));
            if out.is_err() {
                let error = Some(("000603".to_owned(), "unknown defect".to_owned()));
                end(&engine, AlertRun { state: AlertState::Failed, error, ..run });
            }
        };
        if let Err(e) = std::thread::Builder::new().name("alert".into()).spawn(work) {
            tracing::error!("no thread for an alert: {e}");
        }
    }
}

fn execute(engine: &Arc<Engine>, mut run: AlertRun) {
    run.state = AlertState::Executing;
    engine.tasks.alerts.put(engine, run.clone());
    let object = engine.catalog().by_id(run.alert).filter(|o| o.dropped_ms.is_none()).cloned();
    let Some(object) = object else {
        return end(engine, AlertRun { state: AlertState::Cancelled, ..run });
    };
    let scope = Arc::new(AlertScope {
        scheduled_ms: run.scheduled_ms,
        last_success_ms: engine.tasks.alerts.last_success(object.id).unwrap_or(object.created_ms),
        ..AlertScope::default()
    });
    let session = match open(engine, &object, &scope) {
        Ok(session) => session,
        Err(e) => return end(engine, failed(run, AlertState::Failed, &e)),
    };
    engine.tasks.desk.alert_runs(run.id, Some(session.clone()));
    let run = steps(engine, &session, &scope, run);
    session.close();
    end(engine, run);
}

fn steps(engine: &Arc<Engine>, session: &Session, scope: &AlertScope, mut run: AlertRun) -> AlertRun {
    let ask = |sql: &str, query_id: &str| -> SfResult<usize> {
        let request = Request { query_id: query_id.to_owned(), sql: sql.to_owned(), ..Request::default() };
        let answer = session.execute(&request)?;
        let rows = answer.rows.len();
        engine.keep_result(query_id, &session.user, Arc::new(answer));
        Ok(rows)
    };
    let id = engine.new_query_id();
    run.condition_query_id = Some(id.clone());
    match ask(&run.condition, &id) {
        Err(e) => return failed(run, AlertState::ConditionFailed, &e),
        Ok(0) => return AlertRun { state: AlertState::ConditionFalse, ..run },
        Ok(_) => *scope.condition_query_id.lock() = Some(id),
    }
    let id = engine.new_query_id();
    run.action_query_id = Some(id.clone());
    match ask(statement(&run.action), &id) {
        Err(e) => failed(run, AlertState::ActionFailed, &e),
        Ok(_) => AlertRun { state: AlertState::Triggered, ..run },
    }
}

fn failed(run: AlertRun, state: AlertState, e: &SfError) -> AlertRun {
    let state = if e.code == "000604" { AlertState::Cancelled } else { state };
    AlertRun { state, error: Some((e.code.to_owned(), e.message.clone())), ..run }
}

fn open(engine: &Arc<Engine>, object: &Object, scope: &Arc<AlertScope>) -> SfResult<Arc<Session>> {
    let session = engine.internal_session(&object.owner, &object.name[0], &object.name[1])?;
    session.with(|s| {
        s.warehouse = options_of(object).and_then(|o| o.get("WAREHOUSE").cloned());
        s.alert = Some(scope.clone());
    })?;
    Ok(session)
}

fn end(engine: &Arc<Engine>, mut run: AlertRun) {
    run.ended_ms = Some(engine.clock.now_ms());
    engine.tasks.desk.alert_runs(run.id, None);
    let alert = run.alert;
    let success = run.state.is_success();
    engine.tasks.alerts.put(engine, run.clone());
    if !success && suspend(engine, alert) {
        run.auto_suspended = true;
        engine.tasks.alerts.put(engine, run);
    }
    engine.tasks.desk.finish();
    engine.tasks.desk.poke();
}

/// SUSPEND_ALERT_AFTER_NUM_FAILURES; tells whether it was time.
fn suspend(engine: &Arc<Engine>, alert: i64) -> bool {
    let catalog = engine.catalog();
    let Some(options) = catalog.by_id(alert).and_then(|o| options_of(o)) else { return false };
    let most: usize = options.get("SUSPEND_ALERT_AFTER_NUM_FAILURES").and_then(|n| n.parse().ok()).unwrap_or(0);
    if most == 0 || !is_started(options) || engine.tasks.alerts.failures_in_a_row(alert) < most {
        return false;
    }
    let done = engine.connect().and_then(|conn| {
        engine.ddl(&conn, |edit, _| {
            edit.change(alert, |o| {
                if let Body::Alert(options) = &mut o.body {
                    options.insert("STATE".into(), "suspended".into());
                }
            });
            Ok(())
        })
    });
    if let Err(e) = &done {
        tracing::error!("a failing alert cannot be suspended: {e}");
    }
    done.is_ok()
}
