//! SYSTEM$PIPE_STATUS and SYSTEM$PIPE_FORCE_RESUME.

use super::status;
use crate::local::snowflake::bind::Bound;
use crate::local::snowflake::bind::binder::Binder;
use crate::local::snowflake::catalog::Kind;
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::sql::Cursor;

/// What SYSTEM$PIPE_FORCE_RESUME may override.
const OVERRIDES: &[&str] = &["staleness_check_override", "ownership_transfer_check_override"];

/// A SYSTEM$ function about pipes.
///
/// # Errors
/// 002003 for a pipe that is missing or invisible, 003001, 001008 for an unknown override.
pub fn system_function(b: &mut Binder<'_, '_>, name: &str, args: &[Bound]) -> SfResult<Bound> {
    let Some(first) = args.first() else {
        let text = format!("not enough arguments for function [{name}()], expected 1, got 0");
        return Err(SfError::compile("000938", "22023", text));
    };
    let text = b.constant_text(first)?;
    let pipe = b.cx.find(Kind::Pipe, &Cursor::new(&text)?.name()?)?;
    let engine = b.cx.engine.clone();
    let privileges: &[&str] =
        if name == "SYSTEM$PIPE_STATUS" { &["OWNERSHIP", "MONITOR", "OPERATE"] } else { &["OWNERSHIP", "OPERATE"] };
    b.cx.in_scope("operation", |s| s.require_any(&pipe, privileges))?;
    let value = if name == "SYSTEM$PIPE_STATUS" {
        status::json(&engine, &pipe)?
    } else {
        let overrides = args.get(1).map(|a| b.constant_text(a)).transpose()?.unwrap_or_default();
        let unknown = |o: &str| !o.is_empty() && !OVERRIDES.iter().any(|k| k.eq_ignore_ascii_case(o));
        if let Some(o) = overrides.split(',').map(str::trim).find(|o| unknown(o)) {
            return Err(SfError::compile("001008", "22023", format!("invalid value [{o}] for parameter '{name}'")));
        }
        status::force_resume(&engine, &pipe, &overrides)?;
        "true".to_owned()
    };
    // A call is not a constant: what it said is not what it will say.
    Ok(Bound { literal: None, ..Bound::text(&value) })
}
