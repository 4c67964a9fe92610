//! Options of tables.

use super::super::super::policy::{PolicyUse, row_clause};
use super::super::accepted;
use crate::local::snowflake::catalog::{Kind, Table};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::sql::Cursor;
use sqlparser::tokenizer::Token;

/// What stands around a table's columns.
#[derive(Debug, Clone, Default)]
pub struct TableOptions {
    /// COMMENT.
    pub comment: Option<String>,
    /// CLUSTER BY expressions as written.
    pub cluster_by: Option<Vec<String>>,
    /// DATA_RETENTION_TIME_IN_DAYS.
    pub retention_days: Option<u32>,
    /// MAX_DATA_EXTENSION_TIME_IN_DAYS.
    pub extension_days: Option<u32>,
    /// CHANGE_TRACKING.
    pub change_tracking: Option<bool>,
    /// ENABLE_SCHEMA_EVOLUTION.
    pub schema_evolution: Option<bool>,
    /// COPY GRANTS.
    pub copy_grants: bool,
    /// ROW ACCESS POLICY.
    pub row_policy: Option<PolicyUse>,
}

impl TableOptions {
    /// Puts what was said into a table.
    pub fn apply(&self, t: &mut Table) {
        if let Some(v) = &self.cluster_by {
            t.cluster_by.clone_from(v);
        }
        if self.retention_days.is_some() {
            t.retention_days = self.retention_days;
        }
        if self.extension_days.is_some() {
            t.extension_days = self.extension_days;
        }
        if let Some(v) = self.change_tracking {
            t.change_tracking = v;
        }
        if let Some(v) = self.schema_evolution {
            t.schema_evolution = v;
        }
    }
}

/// One option, if one comes next.
///
/// # Errors
/// 001003; 001420 for an option that tables do not have; 000002 for one that is not supported.
pub fn parse_option(c: &mut Cursor<'_>, o: &mut TableOptions) -> SfResult<bool> {
    if c.accept("CLUSTER BY") {
        o.cluster_by = Some(cluster_by(c)?);
        return Ok(true);
    }
    if c.accept("COPY GRANTS") {
        o.copy_grants = true;
        return Ok(true);
    }
    let mark = c.mark();
    if let Some(used) = row_clause(c)? {
        o.row_policy = Some(used);
        return Ok(true);
    }
    for refused in ["WITH AGGREGATION POLICY", "WITH TAG", "TAG"] {
        if c.accept(refused) {
            return Err(SfError::unsupported(&format!("{refused} of a table")));
        }
    }
    c.rewind(mark);
    if !matches!(c.peek(0), Token::Word(_)) || *c.peek(1) != Token::Eq {
        return Ok(false);
    }
    let (key, value) = c.option()?;
    set_option(&key, &value, o)?;
    c.accept_token(&Token::Comma);
    Ok(true)
}

/// An option by name.
///
/// # Errors
/// 001420 for an option that tables do not have, 001008 for a bad value.
pub fn set_option(key: &str, value: &str, o: &mut TableOptions) -> SfResult<()> {
    match key {
        "COMMENT" => o.comment = Some(value.to_owned()),
        "DATA_RETENTION_TIME_IN_DAYS" => o.retention_days = Some(retention(key, value)?),
        "MAX_DATA_EXTENSION_TIME_IN_DAYS" => o.extension_days = Some(retention(key, value)?),
        "CHANGE_TRACKING" => o.change_tracking = Some(boolean(key, value)?),
        "ENABLE_SCHEMA_EVOLUTION" => o.schema_evolution = Some(boolean(key, value)?),
        "DEFAULT_DDL_COLLATION" if !value.is_empty() => {
            return Err(SfError::unsupported(&format!("DEFAULT_DDL_COLLATION = '{value}'")));
        }
        _ if accepted::is_accepted(Kind::Table, key) => {}
        _ => return Err(accepted::invalid(Kind::Table, key)),
    }
    Ok(())
}

/// TRUE or FALSE as an option's value.
///
/// # Errors
/// 001008.
pub fn boolean(key: &str, value: &str) -> SfResult<bool> {
    match value.to_ascii_uppercase().as_str() {
        "TRUE" => Ok(true),
        "FALSE" => Ok(false),
        _ => Err(SfError::compile("001008", "22023", format!("invalid value ['{value}'] for parameter '{key}'"))),
    }
}

/// Days of retention or its extension, 0…90.
///
/// # Errors
/// 001008.
pub fn retention(key: &str, value: &str) -> SfResult<u32> {
    value
        .parse()
        .ok()
        .filter(|d| *d <= 90)
        .ok_or_else(|| SfError::compile("001008", "22023", format!("invalid value [{value}] for parameter '{key}'")))
}

/// `(a, b)` or `LINEAR(a, b)`: expressions as written.
fn cluster_by(c: &mut Cursor<'_>) -> SfResult<Vec<String>> {
    c.accept("LINEAR");
    c.expect_token(&Token::LParen)?;
    let mut out = Vec::new();
    loop {
        out.push(super::columns::expression(c)?);
        if c.accept_token(&Token::RParen) {
            return Ok(out);
        }
        c.expect_token(&Token::Comma)?;
    }
}
