//! The scalar functions: one table of names, each with its arity and its translation.

mod conditional;
mod context;
mod convert;
mod crypt;
mod datetime;
mod encode;
pub mod flatten;
mod hash;
mod make;
pub mod missing;
mod numeric;
pub mod part;
mod regexp;
mod semi;
mod string;
#[cfg(test)]
pub(crate) mod testing;
pub mod variant;
mod words;

use super::super::error::{SfError, SfResult};
use super::{Bound, Env};

/// A call to bind.
pub struct Call<'a> {
    /// The function's name, upper case.
    pub name: &'a str,
    /// Arguments.
    pub args: Vec<Bound>,
    /// The session and the statement.
    pub env: &'a Env,
    /// Place of the call in the statement.
    pub line: u64,
    /// Place of the call in the statement, from 0.
    pub position: u64,
}

/// Translates a call.
pub type BindFn = fn(&Call<'_>) -> SfResult<Bound>;

/// One function.
pub struct Function {
    /// Name, upper case.
    pub name: &'static str,
    /// Fewest arguments.
    pub min: usize,
    /// Most arguments.
    pub max: usize,
    /// Translation.
    pub bind: BindFn,
}

/// Every module's functions.
const TABLES: &[&[Function]] = &[
    conditional::TABLE,
    numeric::TABLE,
    string::TABLE,
    regexp::TABLE,
    datetime::TABLE,
    convert::TABLE,
    hash::TABLE,
    encode::TABLE,
    crypt::TABLE,
    words::TABLE,
    semi::TABLE,
    context::TABLE,
];

/// Every function's name.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLES.iter().copied().flatten().map(|f| f.name)
}

/// Looks a function up by its upper-case name.
#[must_use]
pub fn lookup(name: &str) -> Option<&'static Function> {
    TABLES.iter().copied().flatten().find(|f| f.name == name)
}

/// Binds a call after checking its arity.
///
/// # Errors
/// 002140 for an unknown function, 000938/000939 for too few or too many arguments.
pub fn bind_call(call: &Call<'_>) -> SfResult<Bound> {
    let Some(f) = lookup(call.name) else {
        if missing::is_missing(call.name) {
            return Err(SfError::unsupported(call.name));
        }
        return Err(SfError::compile("002140", "42601", format!("Unknown function {}", call.name)));
    };
    let n = call.args.len();
    if n < f.min || n > f.max {
        let (code, word, expected) =
            if n < f.min { ("000938", "not enough", f.min) } else { ("000939", "too many", f.max) };
        return Err(SfError::compile_at(
            code,
            "22023",
            call.line,
            call.position,
            &format!("{word} arguments for function [{}], expected {expected}, got {n}", call.name),
        ));
    }
    (f.bind)(call)
}
