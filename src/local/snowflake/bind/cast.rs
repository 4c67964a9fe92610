//! Casts and the common type of several expressions.

use super::super::error::{SfError, SfResult};
use super::super::types::Ty;
use super::{Bound, Env};

/// How strict a cast is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// CAST / `::`: an unreadable value is an error.
    Explicit,
    /// TRY_CAST: an unreadable value is NULL.
    Try,
    /// Into a table's column: too long a text is an error rather than cut.
    Assign,
}

/// Casts an expression.
///
/// # Errors
/// 002023-like refusals for casts that Snowflake does not have.
pub fn cast(e: &Bound, to: Ty, mode: Mode, _env: &Env) -> SfResult<Bound> {
    if e.ty == to {
        return Ok(e.clone());
    }
    let f = if mode == Mode::Try { "TRY_CAST" } else { "CAST" };
    Ok(Bound {
        sql: format!("{f}({} AS {})", e.sql, to.duck()),
        ty: to,
        nullable: e.nullable || mode == Mode::Try,
        literal: None,
    })
}

/// The common type of several types.
///
/// # Errors
/// Where there is none.
pub fn common(types: &[Ty]) -> SfResult<Ty> {
    let mut out = Ty::Null;
    for ty in types {
        out = pair(out, *ty).ok_or_else(|| {
            SfError::compile(
                "002016",
                "22000",
                format!("Incompatible types: [{}] and [{}]", out.display(), ty.display()),
            )
        })?;
    }
    Ok(out)
}

fn pair(a: Ty, b: Ty) -> Option<Ty> {
    Some(match (a, b) {
        (Ty::Null, x) | (x, Ty::Null) => x,
        (x, y) if x == y => x,
        (Ty::Number { p, s }, Ty::Number { p: q, s: t }) => {
            let scale = s.max(t);
            Ty::number(u32::from((p - s).max(q - t)) + u32::from(scale), u32::from(scale))
        }
        (x, y) if x.is_numeric() && y.is_numeric() => Ty::Float,
        (Ty::Text { len }, Ty::Text { len: m }) => Ty::Text { len: len.max(m) },
        (x, y) if x.is_semi() || y.is_semi() => Ty::Variant,
        (Ty::Text { .. }, x) | (x, Ty::Text { .. }) => x,
        (Ty::Date, x) | (x, Ty::Date) if x.is_timestamp() => x,
        (Ty::Ntz { scale }, Ty::Ntz { scale: t }) => Ty::Ntz { scale: scale.max(t) },
        (Ty::Ltz { .. }, Ty::Ntz { .. }) | (Ty::Ntz { .. }, Ty::Ltz { .. }) => Ty::LTZ,
        (x, y) if x.is_timestamp() && y.is_timestamp() => Ty::TZ,
        (Ty::Binary { len }, Ty::Binary { len: m }) => Ty::Binary { len: len.max(m) },
        (Ty::Time { scale }, Ty::Time { scale: t }) => Ty::Time { scale: scale.max(t) },
        (Ty::Boolean, Ty::Number { .. }) | (Ty::Number { .. }, Ty::Boolean) => Ty::INT,
        _ => return None,
    })
}
