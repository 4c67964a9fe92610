//! EXPLAIN: the plan that the embedded engine would follow, in Snowflake's forms and with its names of operations.
//!
//! The statement is bound as if it were run, so it needs the same privileges; DuckDB plans and optimises the result and
//! runs nothing of it. Its plan is read with every column resolved by place, so that what is shown are the names of the
//! catalog, never those of DuckDB's tables. Where a secure view, a secure function or a policy took part, expressions are
//! left out and its tables go under its name.

mod express;
mod plan;
mod shape;
mod tables;

use super::super::answer::{Answer, Field};
use super::super::bind::binder::Binder;
use super::super::bind::notes::Notes;
use super::super::bind::quote_text;
use super::super::catalog::quote_name;
use super::super::error::{SfError, SfResult};
use super::super::session::Cx;
use super::super::sql::Cursor;
use super::{Class, Entry, Statement};
use serde_json::Value;
use shape::Form;

/// Statements of this module.
pub const ENTRIES: &[Entry] = &[Entry(&["EXPLAIN"], parse)];

/// What a statement would run.
pub struct Planned {
    /// What it does with the rows: `Insert`, `Merge` …; nothing for a query.
    pub verb: Option<&'static str>,
    /// Full names of the tables that it writes to.
    pub targets: Vec<Vec<String>>,
    /// The DuckDB query behind it.
    pub sql: String,
}

impl Planned {
    /// A query's.
    #[must_use]
    pub fn query(sql: String) -> Self {
        Self { verb: None, targets: Vec::new(), sql }
    }

    /// A DML's.
    #[must_use]
    pub fn dml(verb: &'static str, target: &[String], sql: String) -> Self {
        Self { verb: Some(verb), targets: vec![target.to_vec()], sql }
    }
}

struct Explain {
    form: Form,
    statement: Box<dyn Statement>,
}

/// Behind EXPLAIN.
///
/// # Errors
/// 001003; 000002 for statements that have no plan.
fn parse(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let form = if c.accept("USING") {
        let mut forms = [("TABULAR", Form::Tabular), ("JSON", Form::Json), ("TEXT", Form::Text)].into_iter();
        forms.find(|(word, _)| c.accept(word)).ok_or_else(|| c.unexpected())?.1
    } else {
        Form::Tabular
    };
    if c.at_end() {
        return Err(c.unexpected());
    }
    Ok(Box::new(Explain { form, statement: super::statement(c)? }))
}

impl Statement for Explain {
    fn class(&self) -> Class {
        Class::Query
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let (planned, notes) = bind(cx, &*self.statement)?;
        let tree = duck_plan(cx, &planned.sql)?;
        let tables = tables::Tables::new(cx, &notes, &tree)?;
        let mut ops = plan::read(&tree, &tables, &planned);
        if notes.veiled {
            for op in &mut ops {
                op.expressions.clear();
            }
        }
        Ok(shape::answer(self.form, &ops))
    }

    fn describe(&self, _cx: &mut Cx<'_>) -> SfResult<Vec<Field>> {
        Ok(shape::fields(self.form))
    }
}

fn bind(cx: &mut Cx<'_>, statement: &dyn Statement) -> SfResult<(Planned, Notes)> {
    let mut binder = Binder::new(cx);
    binder.notes = Some(Notes::default());
    let planned = statement.to_explain(&mut binder)?;
    let notes = binder.notes.take().unwrap_or_default();
    match &notes.system {
        Some(name) => Err(SfError::new(
            "003001",
            "42501",
            format!("SQL access control error:\nEXPLAIN command has insufficient privilege on object {name}"),
        )),
        None => Ok((planned, notes)),
    }
}

/// DuckDB's plan as JSON: optimised, or as it was bound where DuckDB cannot write down what its optimiser made of it
/// (rows that are fetched late, for LIMIT).
fn duck_plan(cx: &mut Cx<'_>, sql: &str) -> SfResult<Value> {
    let mut answer = Value::Null;
    for optimised in [true, false] {
        let sql = format!(
            "SELECT CAST(json_serialize_plan({}, skip_null := true, skip_empty := true, optimize := {optimised}) AS VARCHAR)",
            quote_text(sql)
        );
        let text: String = cx.s.conn.query_row(&sql, [], |row| row.get(0))?;
        tracing::trace!(plan = text, "explain");
        answer = serde_json::from_str(&text).map_err(SfError::internal)?;
        if answer["error_type"] != "internal" {
            break;
        }
    }
    match answer["error_message"].as_str() {
        Some(message) => Err(super::super::duck::map_error(message)),
        None => Ok(answer["plans"][0].take()),
    }
}

/// A full name as SQL writes it.
fn shown(name: &[String]) -> String {
    quote_name(name)
}
