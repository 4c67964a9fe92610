//! Array binds that a driver has put into a stage as delimited files (`bindStage`).

use super::format;
use super::location::{self, Location, StageRef};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::load::{Load, LoadGuard};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::tokenize;
use crate::local::snowflake::stmt::dml::BindRows;
use sqlparser::tokenizer::Token;
use std::sync::Arc;

/// The rows of the files below a place; the fields are the bind variables of `sql` in order.
///
/// # Errors
/// 002003 for a missing stage, 002049 where there are no files, 091003 where they cannot be read.
pub fn rows(cx: &Cx<'_>, place: &str, sql: &str) -> SfResult<(BindRows, LoadGuard)> {
    let place = StageRef::parse(place)?;
    let (location, format) = cx.in_scope("INSERT", |s| {
        let location = Location::find(s, &cx.s.user, &place, false)?;
        let options = location.definition().map(|d| d.file_format.clone()).unwrap_or_default();
        Ok::<_, SfError>((location, format::resolve(s, &options)?))
    })?;
    let mut files = location.list(cx.engine, None)?;
    if files.is_empty() {
        return Err(SfError::compile("002049", "42601", "No bound values in the stage."));
    }
    // `100.csv` comes behind `20.csv`: the number says which rows a file holds.
    files.sort_by_key(|f| {
        let name = f.key.rsplit('/').next().unwrap_or("");
        name.split(|c: char| !c.is_ascii_digit()).next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(u64::MAX)
    });
    let width = tokenize(sql)?
        .iter()
        .filter(|t| matches!(&t.token, Token::Placeholder(p) if p.starts_with(['?', ':'])))
        .count();
    let load = Load::new(location::store(cx.engine)?, files, format, width.max(1), cx.q.now_us);
    let guard = cx.engine.loads.add(Arc::new(Load { exact: Some(width), ..load }));
    Ok((BindRows::staged(guard.id, width), guard))
}
