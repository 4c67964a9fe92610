//! Time travel: AT and BEFORE.

use super::super::catalog::{Kind, Object, Table};
use super::super::delta;
use super::super::error::{SfError, SfResult};
use super::super::sql::Cursor;
use super::super::types::Ty;
use super::binder::Binder;
use super::cast::{self, Mode};
use super::scope::Scope;
use super::{Bound, quote_text};
use sqlparser::ast::{Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, TableVersion};

impl Binder<'_, '_> {
    /// DuckDB SQL of a table's rows at another time.
    ///
    /// # Errors
    /// 000707 for a time before the table, 000709 for an unknown statement, unsupported forms by name.
    pub fn as_of(&mut self, object: &Object, table: &Table, version: &TableVersion) -> SfResult<String> {
        let TableVersion::Function(Expr::Function(f)) = version else {
            return Err(SfError::unsupported(&format!("{version}")));
        };
        Ok(delta::as_of(table, self.version_at(object, table, f)?))
    }

    /// The table version that an AT or BEFORE means.
    ///
    /// # Errors
    /// As [`Binder::as_of`].
    pub fn version_at(&mut self, object: &Object, table: &Table, f: &Function) -> SfResult<i64> {
        let before = f.name.to_string().eq_ignore_ascii_case("BEFORE");
        let FunctionArguments::List(list) = &f.args else { return Err(SfError::unsupported(&format!("{f}"))) };
        let (name, value) = match list.args.as_slice() {
            [FunctionArg::Named { name, arg: FunctionArgExpr::Expr(e), .. }] => (name.value.to_ascii_uppercase(), e),
            [FunctionArg::ExprNamed { name, arg: FunctionArgExpr::Expr(e), .. }] => {
                (name.to_string().to_ascii_uppercase(), e)
            }
            _ => return Err(SfError::unsupported(&format!("{f}"))),
        };
        let value = self.expr(value, &Scope::new(None))?;
        let store = table.store;
        let seen = self.cx.base_version(store)?;
        let at = match name.as_str() {
            "STATEMENT" => {
                let id = self.constant_text(&value)?;
                let found = self.cx.scalar(&format!(
                    "SELECT coalesce(max(version), -1) FROM sd.table_version WHERE store = {store} AND query_id = {}",
                    quote_text(&id)
                ))?;
                match found {
                    -1 => self.version_when(store, &id, before)?,
                    found if before => found - 1,
                    found => found,
                }
            }
            "STREAM" => {
                let text = self.constant_text(&value)?;
                let stream = self.find(Kind::Stream, &Cursor::new(&text)?.name()?)?;
                self.require(&stream, "SELECT")?;
                let windows = delta::windows(self.cx, stream.id)?;
                let w = windows.get(&store).copied();
                w.map(|w| w.from).ok_or_else(|| {
                    SfError::compile(
                        "002003",
                        "02000",
                        format!("Stream '{}' is not on '{}'.", stream.bare(), object.bare()),
                    )
                })?
            }
            "TIMESTAMP" | "OFFSET" => {
                let ts = if name == "OFFSET" {
                    let seconds = cast::cast(&value, Ty::Number { p: 38, s: 6 }, Mode::Explicit, &self.env)?;
                    format!("make_timestamp({} + CAST({} * 1000000 AS BIGINT))", self.env.now_us, seconds.sql)
                } else if value.ty.is_text() {
                    cast::cast(&value, Ty::NTZ, Mode::Explicit, &self.env)?.sql
                } else {
                    cast::cast(&value, Ty::LTZ, Mode::Explicit, &self.env)?.sql
                };
                let created = object.created_ms.saturating_mul(1000);
                if self.cx.scalar(&format!("SELECT ({ts} < make_timestamp({created}))::INT"))? == 1 {
                    return Err(SfError::new(
                        "000707",
                        "02000",
                        format!(
                            "Time travel data is not available for table {}. The requested time is either beyond the allowed time travel period or before the object creation time.",
                            object.bare()
                        ),
                    ));
                }
                let op = if before { "<" } else { "<=" };
                self.cx.scalar(&format!(
                    "SELECT coalesce(max(version), 0) FROM sd.table_version WHERE store = {store} AND \"at\" {op} {ts}"
                ))?
            }
            other => return Err(SfError::unsupported(&format!("{} ({other} => …)", f.name))),
        };
        Ok(at.min(seen))
    }

    /// The version at the time of a statement that did not change the table.
    fn version_when(&mut self, store: i64, id: &str, before: bool) -> SfResult<i64> {
        let Some((started, ended)) = self.cx.engine.history.times(id) else {
            return Err(SfError::compile("000709", "02000", format!("Statement {id} not found")));
        };
        let (op, at) = if before { ("<", started) } else { ("<=", ended) };
        self.cx.scalar(&format!(
            "SELECT coalesce(max(version), 0) FROM sd.table_version WHERE store = {store} AND \"at\" {op} make_timestamp({at})"
        ))
    }

    /// A constant expression's value as text.
    ///
    /// # Errors
    /// Where it is not constant.
    pub fn constant_text(&mut self, value: &Bound) -> SfResult<String> {
        if let Some(text) = &value.literal {
            return Ok(text.clone());
        }
        let text = super::expr::text(value, &self.env)?;
        let got: Option<String> = self.cx.s.conn.query_row(&format!("SELECT {}", text.sql), [], |row| row.get(0))?;
        got.ok_or_else(|| SfError::compile("001015", "22023", "a constant that is not NULL is needed here"))
    }
}

/// The table version that `AT (…)` or `BEFORE (…)` means, from its text.
///
/// # Errors
/// 000707, 000709; unsupported forms by name.
pub fn travel_version(b: &mut Binder<'_, '_>, object: &Object, table: &Table, text: &str) -> SfResult<i64> {
    match Cursor::new(text)?.expr()? {
        Expr::Function(f) => b.version_at(object, table, &f),
        other => Err(SfError::unsupported(&format!("{other}"))),
    }
}
