//! Staged files in FROM: `SELECT $1, METADATA$FILENAME FROM @stage/path (FILE_FORMAT => …, PATTERN => …)`.

use super::format;
use super::location::{self, Location, StageRef};
use crate::local::snowflake::bind::binder::Binder;
use crate::local::snowflake::bind::from::{Source, named};
use crate::local::snowflake::bind::scope::{Col, Rel};
use crate::local::snowflake::catalog::ObjectName;
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::load::{self, Format, Load};
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::types::Ty;
use sqlparser::ast::{self, Expr, FunctionArg, FunctionArgExpr, TableAlias};
use std::sync::Arc;

/// The columns of staged files: `$1` …, and hidden METADATA$….
#[must_use]
pub fn relation(duck: &str, format: &Format, width: usize) -> Rel {
    let col =
        |name: String, sql: String, ty: Ty, hidden: bool| Col { name, sql, ty, nullable: true, hidden, merged: false };
    let mut cols: Vec<Col> = (1..=width)
        .map(|i| match (format.is_json(), i) {
            (false, _) => col(format!("${i}"), format!("{duck}.f{i}"), Ty::TEXT, false),
            (true, 1) => col("$1".into(), format!("{duck}.f1"), Ty::Variant, false),
            (true, _) => col(format!("${i}"), "CAST(NULL AS VARCHAR)".into(), Ty::Variant, false),
        })
        .collect();
    let row = format!("CAST({duck}.m_row AS DECIMAL(38,0))");
    for (name, sql, ty) in [
        ("METADATA$FILENAME", format!("{duck}.m_file"), Ty::TEXT),
        ("METADATA$FILE_ROW_NUMBER", row, Ty::INT),
        ("METADATA$FILE_CONTENT_KEY", format!("{duck}.m_etag"), Ty::TEXT),
        ("METADATA$FILE_LAST_MODIFIED", format!("{duck}.m_modified"), Ty::NTZ),
        ("METADATA$START_SCAN_TIME", format!("{duck}.m_scan"), Ty::LTZ),
    ] {
        cols.push(col(name.into(), sql, ty, true));
    }
    Rel { alias: duck.to_owned(), cols, ..Rel::default() }
}

/// The text of a stage name as sqlparser cuts it.
#[must_use]
pub fn place_text(name: &ast::ObjectName) -> String {
    name.0.iter().map(|p| p.as_ident().map_or_else(|| p.to_string(), |i| i.value.clone())).collect::<Vec<_>>().join(".")
}

/// The largest `$n` among names.
#[must_use]
pub fn widest<'a>(names: impl IntoIterator<Item = &'a str>) -> usize {
    names.into_iter().filter_map(|n| n.strip_prefix('$')?.parse().ok()).max().unwrap_or(0)
}

/// What may stand in the parentheses behind a stage.
struct Args {
    format: Option<ObjectName>,
    pattern: Option<String>,
}

fn args(list: &[FunctionArg]) -> SfResult<Args> {
    let mut out = Args { format: None, pattern: None };
    for arg in list {
        let (name, e) = match arg {
            FunctionArg::Named { name, arg: FunctionArgExpr::Expr(e), .. } => (name.value.to_ascii_uppercase(), e),
            FunctionArg::ExprNamed { name: Expr::Identifier(name), arg: FunctionArgExpr::Expr(e), .. } => {
                (name.value.to_ascii_uppercase(), e)
            }
            other => return Err(SfError::unsupported(&format!("argument {other} of a stage"))),
        };
        let text = match e {
            Expr::Value(v) => v.value.clone().into_string().unwrap_or_default(),
            other => other.to_string(),
        };
        match name.as_str() {
            "FILE_FORMAT" => out.format = Some(Cursor::new(&text)?.name()?),
            "PATTERN" => out.pattern = Some(text),
            _ => return Err(SfError::unsupported(&format!("argument {name} of a stage"))),
        }
    }
    Ok(out)
}

impl Binder<'_, '_> {
    /// `@stage/path (FILE_FORMAT => …, PATTERN => …)` in FROM.
    ///
    /// # Errors
    /// 002003 for a missing stage or format; what the format refuses; 091003 where the files cannot be listed.
    pub fn stage_relation(
        &mut self,
        name: &ast::ObjectName,
        list: Option<&[FunctionArg]>,
        alias: Option<&TableAlias>,
    ) -> SfResult<(Source, Rel)> {
        let place = StageRef::parse(&place_text(name))?;
        let args = args(list.unwrap_or_default())?;
        let user = self.cx.s.user.clone();
        let (location, format) = self.with_scope(|s| {
            let location = Location::find(s, &user, &place, false)?;
            let format = match &args.format {
                Some(name) => format::named(s, name)?,
                None => match location.definition() {
                    Some(stage) => format::resolve(s, &stage.file_format)?,
                    None => Format::new("CSV", &std::collections::BTreeMap::new())?,
                },
            };
            Ok::<_, SfError>((location, format))
        })?;
        let pattern = args.pattern.as_deref().map(location::pattern).transpose()?;
        let files = location.list(self.cx.engine, pattern.as_ref())?;
        let store = location::store(self.cx.engine)?;
        let mentioned = self.mentioned.last();
        let mut width = widest(mentioned.into_iter().flatten().map(String::as_str)).max(1);
        let all = mentioned.is_some_and(|m| m.contains("*"));
        let load = Load::new(store, files, format.clone(), width, self.cx.q.now_us);
        if all && !format.is_json() && !load.files.is_empty() {
            let mut first = load::Batch::default();
            let (mut records, _) = load::open(&load, 0).map_err(|e| SfError::execution(e.code, e.state, e.message))?;
            if records.next(&mut first).unwrap_or(false) {
                width = width.max(first.fields());
            }
        }
        let guard = self.cx.engine.loads.add(Arc::new(Load { width, ..load }));
        let duck = self.alias("r");
        let sql = format!("sf_stage({}) AS {duck}", guard.id);
        self.cx.s.tx.get_or_insert_default().loads.push(guard);
        let rel = relation(&duck, &format, width);
        Ok((Source::Sql(sql), named(rel, alias)?))
    }
}
