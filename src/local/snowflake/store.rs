//! Physical tables: current rows in `d.t<STORE>`, former versions in `d.h<STORE>`.

use super::catalog::{Catalog, ColumnDef, Table};
use super::error::SfResult;
use duckdb::Connection;
use std::collections::BTreeSet;

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

/// Drops physical tables and counters that no catalog object has: temporary ones of sessions that did not end in order.
///
/// # Errors
/// DuckDB's.
pub fn drop_orphans(conn: &Connection, catalog: &Catalog) -> SfResult<()> {
    let stores: BTreeSet<i64> = catalog.all().filter_map(|o| o.table().map(|t| t.store)).collect();
    let mut statement = conn.prepare(
        "SELECT 'TABLE', table_name, TRY_CAST(table_name[2:] AS BIGINT) FROM duckdb_tables() \
         WHERE schema_name = 'd' AND regexp_full_match(table_name, '[th][0-9]+') \
         UNION ALL SELECT 'SEQUENCE', sequence_name, TRY_CAST(split_part(sequence_name[2:], '_', 1) AS BIGINT) \
         FROM duckdb_sequences() WHERE schema_name = 'd' AND sequence_name LIKE 'i%'",
    )?;
    let rows = statement
        .query_map([], |r| Ok((r.get::<_, String>(0)?, r.get::<_, String>(1)?, r.get::<_, Option<i64>>(2)?)))?;
    let found = rows.collect::<Result<Vec<_>, _>>()?;
    for (kind, name, store) in found {
        if store.is_some_and(|s| !stores.contains(&s)) {
            conn.execute_batch(&format!("DROP {kind} IF EXISTS d.{name}"))?;
        }
    }
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

#[cfg(test)]
mod tests {
    use super::super::catalog::Catalog;
    use duckdb::Connection;

    #[test]
    fn what_nobody_owns_goes() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("CREATE SCHEMA d; CREATE TABLE d.t7(a INT); CREATE TABLE d.h7(a INT); CREATE SEQUENCE d.i7_c1; CREATE SEQUENCE d.s7;").unwrap();
        super::drop_orphans(&conn, &Catalog::default()).unwrap();
        let left: i64 = conn
            .query_row(
                "SELECT (SELECT count(*) FROM duckdb_tables()) * 10 + (SELECT count(*) FROM duckdb_sequences())",
                [],
                |r| r.get(0),
            )
            .unwrap();
        assert_eq!(left, 1, "only the sequence object's counter stays");
    }
}
