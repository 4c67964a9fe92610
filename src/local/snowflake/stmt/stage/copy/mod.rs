//! COPY INTO a table: which files are new, the rows in one INSERT, the load history, all in one transaction.
//!
//! The files are first taken to be good. Where the INSERT fails, a [`survey`] reads them once more and finds out which
//! records are bad and why: the answer for ABORT_STATEMENT, and what the other ON_ERROR settings leave out at the
//! second attempt.

mod evolve;
mod guess;
mod history;
mod options;
mod plan;
mod report;
mod run;
mod survey;
mod validate;

use super::super::Statement;
use super::location::{Place, StageRef};
use crate::local::snowflake::catalog::ObjectName;
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::stmt::dml;
use options::CopyOptions;
pub use report::{FileResult, Status};
pub use run::{Arrived, PipeBatch};
use sqlparser::ast::{Select, SetExpr, TableFactor};
use sqlparser::tokenizer::Token;
use std::collections::HashSet;
pub use validate::{again as validate_again, fields as validate_fields};

/// `COPY INTO <table>` as written.
pub struct Copy {
    table: ObjectName,
    columns: Vec<String>,
    place: StageRef,
    /// The SELECT of a transformation and its text.
    select: Option<(Box<Select>, String)>,
    options: CopyOptions,
}

/// Behind COPY INTO.
///
/// # Errors
/// 001003; 000002 for options that are not supported.
pub fn parse(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    if matches!(c.peek(0), Token::AtSign | Token::SingleQuotedString(_)) {
        return super::unload::parse(c);
    }
    Ok(Box::new(read(c)?))
}

fn read(c: &mut Cursor<'_>) -> SfResult<Copy> {
    let table = c.name()?;
    let columns = dml::column_list(c)?;
    let (place, select) = if !c.accept("FROM") {
        (StageRef { place: Place::Table(table.clone()), path: String::new() }, None)
    } else if *c.peek(0) == Token::LParen {
        let text = c.in_parens()?.to_owned();
        let (select, place) = transformation(&text)?;
        (place, Some((select, text)))
    } else {
        (StageRef::take(c)?, None)
    };
    let options = options::parse(c, select.is_some())?;
    Ok(Copy { table, columns, place, select, options })
}

impl Copy {
    /// A pipe's COPY INTO.
    ///
    /// # Errors
    /// As [`parse`]; what a pipe's COPY may not say: options of single statements, a user stage.
    pub fn for_pipe(text: &str) -> SfResult<Self> {
        let mut c = Cursor::new(text)?;
        c.expect("COPY INTO")?;
        let mut copy = read(&mut c)?;
        c.end()?;
        copy.options.fit_for_pipe()?;
        match &copy.place.place {
            Place::User => Err(SfError::new(
                "001008",
                "22023",
                "SQL compilation error: Stage: '~' cannot be a user stage in the pipe definition.",
            )),
            Place::Url(_) => Err(SfError::unsupported("COPY from a URL in a pipe")),
            _ => Ok(copy),
        }
    }

    /// Where its files are.
    #[must_use]
    pub fn place(&self) -> &StageRef {
        &self.place
    }

    /// PATTERN.
    #[must_use]
    pub fn pattern(&self) -> Option<&str> {
        self.options.pattern.as_deref()
    }

    /// Binds a pipe's COPY without running it.
    ///
    /// # Errors
    /// As [`Copy::plan`]; 003001 without SELECT on the table.
    pub fn check(&self, cx: &mut Cx<'_>) -> SfResult<()> {
        let plan = self.plan(cx)?;
        cx.require(&plan.target.object, "SELECT")
    }

    /// Files (as results show them) with the entity tags that the table has loaded.
    ///
    /// # Errors
    /// As [`Copy::plan`].
    pub fn known(&self, cx: &mut Cx<'_>) -> SfResult<HashSet<(String, String)>> {
        let plan = self.plan(cx)?;
        history::loaded(cx, &plan)
    }
}

/// The SELECT of a transformation: items from one stage and nothing else.
fn transformation(text: &str) -> SfResult<(Box<Select>, StageRef)> {
    let refuse = || {
        SfError::compile(
            "002134",
            "0A000",
            "COPY statement only supports simple SELECT from stage statements for import.",
        )
    };
    // A blank behind the stage's name lets sqlparser see its end.
    let text = format!("{text} ");
    let mut c = Cursor::new(&text)?;
    let query = c.query()?;
    c.end()?;
    let SetExpr::Select(select) = *query.body else { return Err(refuse()) };
    let grouped = match &select.group_by {
        sqlparser::ast::GroupByExpr::All(_) => true,
        sqlparser::ast::GroupByExpr::Expressions(list, _) => !list.is_empty(),
    };
    let plain = query.with.is_none()
        && query.order_by.is_none()
        && query.limit_clause.is_none()
        && query.fetch.is_none()
        && select.distinct.is_none()
        && select.top.is_none()
        && select.selection.is_none()
        && select.having.is_none()
        && select.qualify.is_none()
        && !grouped;
    let [from] = select.from.as_slice() else { return Err(refuse()) };
    let TableFactor::Table { name, args: None, .. } = &from.relation else { return Err(refuse()) };
    let place = super::query::place_text(name);
    if !plain || !from.joins.is_empty() || !place.starts_with('@') {
        return Err(refuse());
    }
    let place = StageRef::parse(&place)?;
    if matches!(place.place, Place::Table(_)) {
        return Err(SfError::unsupported("COPY with a transformation from a table stage"));
    }
    Ok((select, place))
}
