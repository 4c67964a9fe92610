//! Comparisons between types.

use super::super::error::SfResult;
use super::super::types::Ty;
use super::cast::{self, Mode};
use super::{Bound, Env};

/// `a op b` after both have the type in which Snowflake compares them.
///
/// # Errors
/// Types that cannot be compared.
pub fn compare(a: &Bound, op: &str, b: &Bound, env: &Env) -> SfResult<Bound> {
    let (x, y) = unify(a, b, env)?;
    let nullable = (a.nullable || b.nullable) && !op.contains("DISTINCT");
    Ok(Bound { sql: format!("({} {op} {})", x.sql, y.sql), ty: Ty::Boolean, nullable, literal: None })
}

/// Both in the type in which they compare: numbers win over text, dates and booleans over text, everything over VARIANT.
///
/// # Errors
/// Types that cannot be compared.
pub fn unify(a: &Bound, b: &Bound, env: &Env) -> SfResult<(Bound, Bound)> {
    let ty = match (a.ty, b.ty) {
        (x, y) if x == y => x,
        (x, y) if x.is_semi() && y.is_semi() => Ty::Variant,
        (x, Ty::Null) if x.is_semi() => x,
        (x, y) if x.is_semi() => y,
        (x, y) if y.is_semi() => x,
        (Ty::Text { .. }, Ty::Number { s, .. }) => number_like(a, s),
        (Ty::Number { s, .. }, Ty::Text { .. }) => number_like(b, s),
        (x, y) => cast::common(&[x, y])?,
    };
    // DuckDB compares decimals of different widths and texts of any length as they are.
    let fits = |x: Ty| {
        x == ty
            || matches!((x, ty), (Ty::Text { .. }, Ty::Text { .. }) | (Ty::Null, _))
            || matches!((x, ty), (Ty::Number { s, .. }, Ty::Number { s: t, .. }) if s == t)
    };
    let to = |x: &Bound| -> SfResult<Bound> {
        let out = if fits(x.ty) { x.clone() } else { cast::cast(x, ty, Mode::Explicit, env)? };
        // Instants compare by the instant, whatever the offset.
        Ok(if matches!(ty, Ty::Tz { .. }) { Bound { sql: format!("({}).t", out.sql), ..out } } else { out })
    };
    Ok((to(a)?, to(b)?))
}

/// The type in which a text compares with a NUMBER of a scale: enough digits for both.
fn number_like(text: &Bound, scale: u8) -> Ty {
    let own = text.literal.as_deref().and_then(|l| l.split_once('.')).map_or(0, |(_, f)| f.trim().len());
    let own = if text.literal.is_some() { own } else { 9 };
    Ty::number(38, u32::from(scale).max(u32::try_from(own).unwrap_or(9)).min(20))
}
