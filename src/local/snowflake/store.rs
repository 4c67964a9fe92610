//! Physical tables: current rows in `d.t<STORE>`, former versions in `d.h<STORE>`.

use super::catalog::{ColumnDef, Table};
use super::error::SfResult;
use duckdb::Connection;

/// Makes a table's two physical tables.
///
/// # Errors
/// DuckDB's.
pub fn create_table(conn: &Connection, store: i64, columns: &[ColumnDef]) -> SfResult<()> {
    let list: String = columns
        .iter()
        .map(|c| format!("{} {}{}, ", c.phys, c.ty.duck(), if c.nullable { "" } else { " NOT NULL" }))
        .collect();
    let bare: String = columns.iter().map(|c| format!("{} {}, ", c.phys, c.ty.duck())).collect();
    conn.execute_batch(&format!(
        "CREATE TABLE d.t{store} ({list}_id BIGINT NOT NULL, _from BIGINT NOT NULL);
         CREATE TABLE d.h{store} ({bare}_id BIGINT NOT NULL, _from BIGINT NOT NULL, _to BIGINT NOT NULL);"
    ))?;
    Ok(())
}

/// Drops a table's two physical tables.
///
/// # Errors
/// DuckDB's.
pub fn drop_table(conn: &Connection, store: i64) -> SfResult<()> {
    conn.execute_batch(&format!("DROP TABLE IF EXISTS d.t{store}; DROP TABLE IF EXISTS d.h{store};"))?;
    Ok(())
}

/// The physical columns, comma-separated, without the hidden ones.
#[must_use]
pub fn columns_sql(table: &Table) -> String {
    table.columns.iter().map(|c| c.phys.as_str()).collect::<Vec<_>>().join(", ")
}

/// The bits of `_id` that number the rows of one statement; the bits above are the version in which the row was born.
pub const ROW_BITS: u32 = 32;

/// DuckDB SQL for the `_id`s of rows born in a version: the version above, a running number below. `offset` keeps the
/// numbers of several inserts of one transaction apart.
#[must_use]
pub fn new_ids_sql(version: i64, offset: u64) -> String {
    let base = (i128::from(version) << ROW_BITS) + i128::from(offset);
    format!("({base} + row_number() OVER ())")
}

/// DuckDB SQL that tells whether a row was inserted (not updated) by the version that wrote it.
#[must_use]
pub fn is_birth_sql(alias: &str) -> String {
    format!("({alias}._id >> {ROW_BITS}) = {alias}._from")
}
