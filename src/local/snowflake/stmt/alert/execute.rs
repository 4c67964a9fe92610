//! EXECUTE ALERT: asks the scheduler for a run and does not wait for it.

use super::super::super::answer::{Answer, kind};
use super::super::super::catalog::ObjectName;
use super::super::super::error::{SfError, SfResult};
use super::super::super::scheduler::AlertRun;
use super::super::super::session::Cx;
use super::super::super::sql::Cursor;
use super::super::task::HEAD_START;
use super::super::{Class, Statement};
use super::{alter, may_run, options_of};

struct Execute(ObjectName);

/// Behind EXECUTE ALERT.
///
/// # Errors
/// 001003.
pub fn parse(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    Ok(Box::new(Execute(c.name()?)))
}

impl Statement for Execute {
    fn class(&self) -> Class {
        Class::Session
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let missing = || SfError::missing("Alert", &self.0.display());
        let object = alter::operated(cx, &self.0, false)?.ok_or_else(missing)?;
        let options = options_of(&object).ok_or_else(missing)?;
        may_run(&cx.catalog(), &object, options)?;
        let tasks = &cx.engine.tasks;
        let run = AlertRun::new(&object, options, "EXECUTE ALERT", cx.engine.clock.now_ms());
        let id = tasks.alerts.put_new(cx.engine, run);
        tasks.desk.order_alert(id);
        // As behind EXECUTE TASK: a run that is over at once has ended before the answer goes out.
        if cx.s.tx.is_none() && cx.s.task.is_none() && cx.s.alert.is_none() {
            tasks.desk.linger(HEAD_START, || tasks.alerts.get(id).is_none_or(|r| !r.state.is_open()));
        }
        Ok(Answer::done(kind::DDL))
    }
}
