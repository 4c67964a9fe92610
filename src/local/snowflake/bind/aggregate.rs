//! Aggregate and window functions.

use super::super::error::SfResult;
use super::{Bound, Env};

/// Stands in a bound call where ` OVER (…)` or ` FILTER (…)` goes; the expression binder replaces it.
pub const OVER: char = '\u{1}';

/// A call to bind.
pub struct AggCall<'a> {
    /// The function's name, upper case.
    pub name: &'a str,
    /// Arguments; none for COUNT(*).
    pub args: Vec<Bound>,
    /// COUNT(*).
    pub star: bool,
    /// DISTINCT.
    pub distinct: bool,
    /// WITHIN GROUP (ORDER BY …): DuckDB order items, `x DESC NULLS FIRST`.
    pub order_by: Vec<String>,
    /// Called with OVER.
    pub window: bool,
    /// IGNORE NULLS.
    pub ignore_nulls: bool,
    /// The session and the statement.
    pub env: &'a Env,
}

/// Translates a call. The result holds [`OVER`] once, right behind DuckDB's call.
pub type BindFn = fn(&AggCall<'_>) -> SfResult<Bound>;

/// One aggregate or window function.
pub struct Aggregate {
    /// Name, upper case.
    pub name: &'static str,
    /// Needs OVER.
    pub window_only: bool,
    /// Translation.
    pub bind: BindFn,
}

/// Every aggregate and window function.
const TABLE: &[Aggregate] = &[];

/// Looks one up by its upper-case name.
#[must_use]
pub fn lookup(name: &str) -> Option<&'static Aggregate> {
    TABLE.iter().find(|f| f.name == name)
}
