//! Writing rows with their identities and versions.

use super::super::super::catalog::{ColumnDef, Table};
use super::super::super::error::{SfError, SfResult};
use super::super::super::session::Cx;
use super::super::super::store::{columns_sql, new_ids_sql};

/// Inserts the rows of a DuckDB query that gives the table's columns in order.
///
/// # Errors
/// DuckDB's, in Snowflake's words.
pub fn insert_rows(cx: &mut Cx<'_>, table: &Table, list: &[String], from: &str) -> SfResult<u64> {
    let store = table.store;
    let version = cx.version(store);
    let born = cx.born(store);
    let ids = new_ids_sql(version, born);
    let n = cx.run(&format!(
        "INSERT INTO d.t{store} ({}, _id, _from) SELECT {}, {ids}, {version} {from}",
        columns_sql(table),
        list.join(", ")
    ))?;
    cx.add_born(store, n);
    Ok(n)
}

/// Moves the rows whose `_id` a DuckDB query gives to the history and deletes them.
///
/// # Errors
/// DuckDB's.
pub fn delete_rows(cx: &mut Cx<'_>, table: &Table, ids: &str) -> SfResult<u64> {
    retire(cx, table, &format!("_id IN ({ids})"))?;
    cx.run(&format!("DELETE FROM d.t{} WHERE _id IN ({ids})", table.store))
}

/// Moves every row to the history and deletes it.
///
/// # Errors
/// DuckDB's.
pub fn retire_all(cx: &mut Cx<'_>, table: &Table) -> SfResult<u64> {
    retire(cx, table, "true")?;
    cx.run(&format!("DELETE FROM d.t{}", table.store))
}

/// Copies rows to the history as they were before this transaction; rows that it wrote itself leave no trace.
///
/// # Errors
/// DuckDB's.
pub fn retire(cx: &mut Cx<'_>, table: &Table, filter: &str) -> SfResult<()> {
    let (store, version) = (table.store, cx.version(table.store));
    let cols = columns_sql(table);
    cx.run_uncounted(&format!(
        "INSERT INTO d.h{store} ({cols}, _id, _from, _to) \
         SELECT {cols}, _id, _from, {version} FROM d.t{store} WHERE _from < {version} AND {filter}"
    ))
}

/// 100090: several source rows change one target row; its values are told.
///
/// # Errors
/// DuckDB's.
pub fn duplicate_row(cx: &mut Cx<'_>, table: &Table, id: i64) -> SfResult<SfError> {
    let cell = |c: &ColumnDef| {
        let text = format!("coalesce(CAST({} AS VARCHAR), 'NULL')", c.phys);
        if c.ty.is_text() {
            format!("CASE WHEN {} IS NULL THEN 'NULL' ELSE '\"' || {text} || '\"' END", c.phys)
        } else {
            text
        }
    };
    let cells: Vec<String> = table.columns.iter().map(cell).collect();
    let sql = format!("SELECT concat_ws(', ', {}) FROM d.t{} WHERE _id = {id}", cells.join(", "), table.store);
    let row: String = cx.s.conn.query_row(&sql, [], |r| r.get(0))?;
    Ok(SfError::new("100090", "42P18", format!("Duplicate row detected during DML action\nRow Values: [{row}]")))
}

/// Updates rows from a temporary table `work` with columns `id` and, for each changed column, its physical name.
///
/// # Errors
/// DuckDB's.
pub fn update_rows(cx: &mut Cx<'_>, table: &Table, columns: &[String], work: &str, filter: &str) -> SfResult<u64> {
    let (store, version) = (table.store, cx.version(table.store));
    retire(cx, table, &format!("_id IN (SELECT id FROM {work} WHERE {filter})"))?;
    let sets: Vec<String> = columns.iter().map(|c| format!("{c} = w.{c}")).collect();
    cx.run(&format!(
        "UPDATE d.t{store} AS t SET {}, _from = {version} FROM (SELECT * FROM {work} WHERE {filter}) AS w WHERE t._id = w.id",
        sets.join(", ")
    ))
}
