//! Running a tree.

use super::super::super::answer::{Answer, Field, kind};
use super::super::super::bind::Bound;
use super::super::super::error::{SfError, SfResult};
use super::super::super::session::Cx;
use super::super::super::types::Ty;
use super::error::{Raised, What};
use super::tree::{Block, Handler, Place, Returned, Step, StepKind, TableSource, Value};
use super::vars::{Names, Rows, Slot, binds, cell, evaluate, holds, typed, whole, widened};
use sqlparser::ast::Expr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// How deep blocks, procedures and EXECUTE IMMEDIATE may call each other.
pub const DEEPEST: usize = 16;

type Run<T> = Result<T, Box<Raised>>;

/// What a block gives back.
pub enum Outcome {
    /// A value, or nothing.
    Value(Option<Bound>),
    /// A result set.
    Table(Arc<Answer>),
}

enum Flow {
    Next,
    Break(Option<String>),
    Continue(Option<String>),
    Return(Outcome),
}

/// Goes one call deeper, without the caller's variables.
///
/// # Errors
/// Where it has gone too deep; what `f` meets.
pub fn deeper<T>(cx: &mut Cx<'_>, f: impl FnOnce(&mut Cx<'_>) -> SfResult<T>) -> SfResult<T> {
    if cx.s.depth >= DEEPEST {
        return Err(SfError::new("000603", "42601", format!("Calls are nested more than {DEEPEST} deep.")));
    }
    let outer = std::mem::take(&mut cx.s.script);
    cx.s.depth += 1;
    let out = f(cx);
    cx.s.depth -= 1;
    cx.s.script = outer;
    out
}

/// Runs a block with these arguments.
///
/// # Errors
/// An exception that no handler takes.
pub fn run(cx: &mut Cx<'_>, block: &Block, args: Vec<(String, Bound)>) -> SfResult<Outcome> {
    let mut machine = Machine::default();
    let now = cx.q.now_us;
    machine.names.open(cx);
    for (name, ty) in
        [("SQLROWCOUNT", Ty::INT), ("SQLFOUND", Ty::Boolean), ("SQLNOTFOUND", Ty::Boolean), ("SQLID", Ty::TEXT)]
    {
        machine.names.define(cx, name, null(ty));
    }
    for (name, value) in args {
        machine.names.define(cx, &name, value);
    }
    let out = machine.block(cx, block);
    machine.names.close(cx);
    cx.q.now_us = now;
    match out {
        Ok(Flow::Return(outcome)) => Ok(outcome),
        Ok(_) => Ok(Outcome::Value(None)),
        Err(raised) => Err(raised.uncaught()),
    }
}

/// A value as a one-cell answer.
///
/// # Errors
/// DuckDB's.
pub fn one_cell(cx: &mut Cx<'_>, name: &str, value: Option<Bound>) -> SfResult<Answer> {
    let value = value.unwrap_or_else(|| null(Ty::TEXT));
    let rows = cx.query(&format!("SELECT {} AS c1", value.sql))?;
    let ty = if value.ty == Ty::Null { Ty::TEXT } else { value.ty };
    Ok(Answer { kind: kind::CALL, ..Answer::query(vec![Field::new(name, ty)], rows) })
}

fn null(ty: Ty) -> Bound {
    Bound::new(format!("CAST(NULL AS {})", ty.duck()), ty)
}

#[derive(Default)]
struct Machine {
    names: Names,
    /// The exception whose handler runs, for RAISE without a name.
    handled: Vec<Raised>,
}

impl Machine {
    fn block(&mut self, cx: &mut Cx<'_>, block: &Block) -> Run<Flow> {
        self.names.open(cx);
        let out = self.steps(cx, &block.declares).and_then(|_| self.guarded(cx, block));
        self.names.close(cx);
        out
    }

    /// The body under its handlers.
    fn guarded(&mut self, cx: &mut Cx<'_>, block: &Block) -> Run<Flow> {
        for step in &block.body {
            match self.step(cx, step) {
                Ok(Flow::Next) => {}
                Ok(flow) => return Ok(flow),
                Err(raised) => {
                    let Some(handler) = block.handlers.iter().find(|h| takes(h, &raised)) else { return Err(raised) };
                    let flow = self.handle(cx, handler, *raised)?;
                    if !(handler.goes_on && matches!(flow, Flow::Next)) {
                        return Ok(flow);
                    }
                }
            }
        }
        Ok(Flow::Next)
    }

    fn handle(&mut self, cx: &mut Cx<'_>, handler: &Handler, raised: Raised) -> Run<Flow> {
        self.names.open(cx);
        self.names.define(cx, "SQLCODE", Bound::int(raised.number()));
        self.names.define(cx, "SQLERRM", Bound::text(&raised.error.message));
        self.names.define(cx, "SQLSTATE", Bound::text(raised.error.state));
        self.handled.push(raised);
        let out = self.steps(cx, &handler.body);
        self.handled.pop();
        self.names.close(cx);
        out
    }

    fn steps(&mut self, cx: &mut Cx<'_>, steps: &[Step]) -> Run<Flow> {
        for step in steps {
            match self.step(cx, step)? {
                Flow::Next => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }

    #[allow(clippy::too_many_lines, reason = "one arm per kind of statement: a table, not a procedure")]
    fn step(&mut self, cx: &mut Cx<'_>, step: &Step) -> Run<Flow> {
        let at = step.place;
        cx.q.now_us = cx.engine.now_us();
        if cx.q.cancelled.load(Ordering::Relaxed) {
            let e = SfError::new("000604", "57014", "SQL execution canceled");
            return Err(Raised::new(What::Statement, e, at));
        }
        match &step.kind {
            StepKind::Let { name, ty, value } => self.declare(cx, name, *ty, value.as_ref(), at)?,
            StepKind::Cursor { name, source } => self.names.declare(name, Slot::Cursor(source.clone(), None)),
            StepKind::ResultSet { name, value } => {
                let answer = match value {
                    Some(Value::Statement(sql)) => Some(self.sql(cx, sql, at)?),
                    _ => None,
                };
                self.names.declare(name, Slot::ResultSet(answer));
            }
            StepKind::Exception { name, number, text } => {
                self.names.declare(name, Slot::Exception(*number, text.clone()));
            }
            StepKind::Assign { name, value } => self.assign(cx, name, value, at)?,
            StepKind::Sql(sql) => drop(self.sql(cx, sql, at)?),
            StepKind::Into { sql, targets } => {
                let answer = self.sql(cx, sql, at)?;
                self.take_row(cx, &answer, 0, targets, at)?;
            }
            StepKind::If { branches } => {
                for (test, body) in branches {
                    let hit = match test {
                        Some(e) => expression(holds(cx, e), at)?,
                        None => true,
                    };
                    if hit {
                        return self.steps(cx, body);
                    }
                }
            }
            StepKind::Case { operand, branches } => return self.case(cx, operand.as_deref(), branches, at),
            StepKind::ForRange { name, reverse, from, to, body, label } => {
                let (a, b) = (expression(whole(cx, from), at)?, expression(whole(cx, to), at)?);
                let range: Box<dyn Iterator<Item = i64>> =
                    if *reverse { Box::new((a..=b).rev()) } else { Box::new(a..=b) };
                for i in range {
                    self.names.open(cx);
                    self.names.define(cx, name, Bound { ty: Ty::INT, ..Bound::int(i) });
                    let flow = self.steps(cx, body);
                    self.names.close(cx);
                    if let Some(flow) = leave(flow?, label.as_ref()) {
                        return Ok(flow);
                    }
                }
            }
            StepKind::ForRows { name, source, body, label } => {
                return self.for_rows(cx, name, source, body, label.as_ref(), at);
            }
            StepKind::While { condition, body, label } => {
                while expression(holds(cx, condition), at)? {
                    let flow = self.steps(cx, body)?;
                    if let Some(flow) = leave(flow, label.as_ref()) {
                        return Ok(flow);
                    }
                    self.breathe(cx, at)?;
                }
            }
            StepKind::Repeat { body, until, label } => loop {
                let flow = self.steps(cx, body)?;
                if let Some(flow) = leave(flow, label.as_ref()) {
                    return Ok(flow);
                }
                self.breathe(cx, at)?;
                if expression(holds(cx, until), at)? {
                    break;
                }
            },
            StepKind::Loop { body, label } => loop {
                let flow = self.steps(cx, body)?;
                if let Some(flow) = leave(flow, label.as_ref()) {
                    return Ok(flow);
                }
                self.breathe(cx, at)?;
            },
            StepKind::Break(label) => return Ok(Flow::Break(label.clone())),
            StepKind::Continue(label) => return Ok(Flow::Continue(label.clone())),
            StepKind::Open { cursor, using } => self.open(cx, cursor, using, at)?,
            StepKind::Fetch { cursor, targets } => self.fetch(cx, cursor, targets, at)?,
            StepKind::Close(cursor) => match self.names.slot(cursor) {
                Some(Slot::Cursor(_, rows @ Some(_))) => *rows = None,
                Some(Slot::Cursor(_, None)) => return Err(not_open(cursor, at)),
                _ => return Err(unknown(cursor, at)),
            },
            StepKind::Return(what) => return self.returned(cx, what, at).map(Flow::Return),
            StepKind::Raise(name) => return Err(self.raise(name.as_deref(), at)),
            StepKind::Null => {}
            StepKind::Block(block) => return self.block(cx, block),
        }
        Ok(Flow::Next)
    }

    /// Between two turns of a loop: the condition is asked anew, at its own time. An endless loop without statements must still
    /// be one that can be cancelled.
    fn breathe(&self, cx: &mut Cx<'_>, at: Place) -> Run<()> {
        cx.q.now_us = cx.engine.now_us();
        if cx.q.cancelled.load(Ordering::Relaxed) {
            return Err(Raised::new(What::Statement, SfError::new("000604", "57014", "SQL execution canceled"), at));
        }
        Ok(())
    }

    fn declare(&mut self, cx: &mut Cx<'_>, name: &str, ty: Option<Ty>, value: Option<&Value>, at: Place) -> Run<()> {
        let given = match value {
            Some(Value::Expr(e)) => Some(expression(evaluate(cx, e), at)?),
            Some(Value::Statement(sql)) => {
                let answer = self.sql(cx, sql, at)?;
                Some(expression(cell(&answer, 0, 0), at)?)
            }
            None => None,
        };
        let value = match (given, ty) {
            (Some(value), Some(ty)) => expression(typed(cx, &value, ty), at)?,
            (Some(value), None) => widened(value),
            (None, ty) => null(ty.unwrap_or(Ty::Null)),
        };
        self.names.define(cx, name, value);
        if ty.is_none() && matches!(self.names.slot(name), Some(Slot::Scalar(Some(Ty::Null)))) {
            // NULL says nothing about the type: the first value does.
            self.names.declare(name, Slot::Scalar(None));
        }
        Ok(())
    }

    fn assign(&mut self, cx: &mut Cx<'_>, name: &str, value: &Value, at: Place) -> Run<()> {
        if matches!(self.names.slot(name), Some(Slot::ResultSet(_))) {
            let sql = match value {
                Value::Statement(sql) => sql.clone(),
                Value::Expr(e) => e.to_string().trim_start_matches('(').trim_end_matches(')').to_owned(),
            };
            let answer = self.sql(cx, &sql, at)?;
            if let Some(slot) = self.names.slot(name) {
                *slot = Slot::ResultSet(Some(answer));
            }
            return Ok(());
        }
        let value = match value {
            Value::Expr(e) => expression(evaluate(cx, e), at)?,
            Value::Statement(sql) => {
                let answer = self.sql(cx, sql, at)?;
                expression(cell(&answer, 0, 0), at)?
            }
        };
        expression(self.names.assign(cx, name, value), at)
    }

    /// A SQL statement, with an id of its own.
    fn sql(&mut self, cx: &mut Cx<'_>, sql: &str, at: Place) -> Run<Arc<Answer>> {
        let id = cx.engine.new_query_id();
        let outer = std::mem::replace(&mut cx.q.id, id.clone());
        let now = std::mem::replace(&mut cx.q.now_us, cx.engine.now_us());
        let out = cx.execute(sql);
        cx.q.id = outer;
        cx.q.now_us = now;
        cx.s.query_ids.push(id.clone());
        let answer = Arc::new(out.map_err(|e| Raised::new(What::Statement, e, at))?);
        cx.engine.keep_result(&id, &cx.s.user, answer.clone());
        self.note(cx, &id, &answer);
        Ok(answer)
    }

    /// SQLROWCOUNT and its like.
    fn note(&self, cx: &mut Cx<'_>, id: &str, answer: &Answer) {
        let base = cx.s.script.len() - self.names.depth().min(cx.s.script.len());
        let Some(frame) = cx.s.script.get_mut(base) else { return };
        frame.insert("SQLID".into(), Bound::text(id));
        if let Some(s) = answer.stats {
            let n = i64::try_from(s.inserted + s.updated + s.deleted).unwrap_or(i64::MAX);
            let flag = |b: bool| Bound { nullable: false, ..Bound::new(b.to_string(), Ty::Boolean) };
            frame.insert(
                "SQLROWCOUNT".into(),
                Bound { ty: Ty::INT, sql: format!("CAST({n} AS DECIMAL(38,0))"), ..Bound::int(n) },
            );
            frame.insert("SQLFOUND".into(), flag(n > 0));
            frame.insert("SQLNOTFOUND".into(), flag(n == 0));
        }
    }

    fn take_row(&mut self, cx: &mut Cx<'_>, answer: &Answer, row: usize, targets: &[String], at: Place) -> Run<()> {
        if answer.fields.len() < targets.len() {
            let text = format!("{} variables for {} columns", targets.len(), answer.fields.len());
            return Err(Raised::new(What::Statement, SfError::compile("002057", "42601", text), at));
        }
        for (i, name) in targets.iter().enumerate() {
            let value = expression(cell(answer, row, i), at)?;
            expression(self.names.assign(cx, name, value), at)?;
        }
        Ok(())
    }

    fn case(
        &mut self,
        cx: &mut Cx<'_>,
        operand: Option<&Expr>,
        branches: &[(Option<Expr>, Vec<Step>)],
        at: Place,
    ) -> Run<Flow> {
        for (test, body) in branches {
            let hit = match (test, operand) {
                (None, _) => true,
                (Some(test), None) => expression(holds(cx, test), at)?,
                (Some(test), Some(operand)) => {
                    let equal = Expr::BinaryOp {
                        left: Box::new(operand.clone()),
                        op: sqlparser::ast::BinaryOperator::Eq,
                        right: Box::new(test.clone()),
                    };
                    expression(holds(cx, &equal), at)?
                }
            };
            if hit {
                return self.steps(cx, body);
            }
        }
        Ok(Flow::Next)
    }

    /// The rows behind a name or query, from the first one.
    fn rows_of(&mut self, cx: &mut Cx<'_>, source: &TableSource, at: Place) -> Run<Arc<Answer>> {
        match source {
            TableSource::Query(sql) => self.sql(cx, sql, at),
            TableSource::OpenCursor(name) => match self.names.slot(name) {
                Some(Slot::Cursor(_, Some(rows))) => Ok(rows.answer.clone()),
                Some(Slot::Cursor(_, None)) => Err(not_open(name, at)),
                _ => Err(unknown(name, at)),
            },
            TableSource::Name(name) => match self.names.slot(name) {
                Some(Slot::ResultSet(Some(answer))) => Ok(answer.clone()),
                Some(Slot::Cursor(_, Some(rows))) => Ok(rows.answer.clone()),
                Some(Slot::Cursor(source, None)) => {
                    let source = source.clone();
                    self.rows_of(cx, &source, at)
                }
                _ => Err(unknown(name, at)),
            },
        }
    }

    fn for_rows(
        &mut self,
        cx: &mut Cx<'_>,
        name: &str,
        source: &TableSource,
        body: &[Step],
        label: Option<&String>,
        at: Place,
    ) -> Run<Flow> {
        let answer = self.rows_of(cx, source, at)?;
        for row in 0..answer.rows.len() {
            self.names.open(cx);
            for (i, field) in answer.fields.iter().enumerate() {
                let value = expression(cell(&answer, row, i), at)?;
                self.names.define(cx, &format!("{name}.{}", field.name), value);
            }
            let flow = self.steps(cx, body);
            self.names.close(cx);
            if let Some(flow) = leave(flow?, label) {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn open(&mut self, cx: &mut Cx<'_>, cursor: &str, using: &[Expr], at: Place) -> Run<()> {
        let source = match self.names.slot(cursor) {
            Some(Slot::Cursor(source, None)) => source.clone(),
            Some(Slot::Cursor(_, Some(_))) => {
                let e = SfError::new("090234", "24000", format!("CURSOR {cursor} is already open"));
                return Err(Raised::new(What::Statement, e, at));
            }
            _ => return Err(unknown(cursor, at)),
        };
        let given = expression(binds(cx, using), at)?;
        let outer = std::mem::replace(&mut cx.q.binds, given);
        let answer = self.rows_of(cx, &source, at);
        cx.q.binds = outer;
        let answer = answer?;
        if let Some(Slot::Cursor(_, rows)) = self.names.slot(cursor) {
            *rows = Some(Rows { answer, at: 0 });
        }
        Ok(())
    }

    fn fetch(&mut self, cx: &mut Cx<'_>, cursor: &str, targets: &[String], at: Place) -> Run<()> {
        let rows = match self.names.slot(cursor) {
            Some(Slot::Cursor(_, Some(rows))) => rows,
            Some(Slot::Cursor(_, None)) => return Err(not_open(cursor, at)),
            _ => return Err(unknown(cursor, at)),
        };
        let now = rows.clone();
        rows.at += 1;
        // Behind the last row the variables become NULL.
        self.take_row(cx, &now.answer, now.at, targets, at)
    }

    fn returned(&mut self, cx: &mut Cx<'_>, what: &Returned, at: Place) -> Run<Outcome> {
        Ok(match what {
            Returned::Nothing => Outcome::Value(None),
            Returned::Expr(e) => Outcome::Value(Some(expression(evaluate(cx, e), at)?)),
            Returned::Table(source) => Outcome::Table(self.rows_of(cx, source, at)?),
        })
    }

    fn raise(&self, name: Option<&str>, at: Place) -> Box<Raised> {
        let Some(name) = name else {
            return match self.handled.last() {
                Some(raised) => Box::new(raised.clone()),
                None => Raised::new(
                    What::Statement,
                    SfError::compile("001003", "42000", "RAISE without a name outside of an exception handler"),
                    at,
                ),
            };
        };
        match self.names.exception(name) {
            Some((number, text)) => Raised::user(name, number, &text, at),
            None => unknown(name, at),
        }
    }
}

fn takes(handler: &Handler, raised: &Raised) -> bool {
    raised.is_catchable() && handler.names.iter().any(|n| n == "OTHER" || n == raised.what.name())
}

/// What a loop does about its body's flow: `Some` leaves the loop.
fn leave(flow: Flow, own: Option<&String>) -> Option<Flow> {
    let mine = |label: &Option<String>| label.is_none() || label.as_ref() == own;
    match flow {
        Flow::Next => None,
        Flow::Break(label) if mine(&label) => Some(Flow::Next),
        Flow::Continue(label) if mine(&label) => None,
        other => Some(other),
    }
}

fn expression<T>(out: SfResult<T>, at: Place) -> Run<T> {
    out.map_err(|e| Raised::new(What::Expression, e, at))
}

fn not_open(cursor: &str, at: Place) -> Box<Raised> {
    let e = SfError::new("090233", "24000", format!("CURSOR {cursor} is not open"));
    Raised::new(What::Statement, e, at)
}

fn unknown(name: &str, at: Place) -> Box<Raised> {
    let e = SfError::compile("000904", "42000", format!("invalid identifier '{name}'"));
    Raised::new(What::Statement, e, at)
}
