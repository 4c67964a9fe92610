//! Functions that DuckDB lacks: SQL macros and Rust scalar functions, registered at start. All are called `sf_…`.

use super::error::SfResult;
use duckdb::Connection;

/// Registers everything.
///
/// # Errors
/// DuckDB's.
pub fn register(_conn: &Connection) -> SfResult<()> {
    Ok(())
}
