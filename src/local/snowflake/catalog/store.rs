//! The catalog's place in DuckDB: documents in `sd.catalog`, written in the transaction of the DDL that changes them.

use super::super::error::{SfError, SfResult};
use super::{Catalog, Edit, FutureGrant, Grant, Object, RoleGrant};
use duckdb::{Connection, params};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Makes the engine's own tables where they are missing. The histories are append-only and without keys, so that
/// transactions that run side by side never conflict on them.
///
/// # Errors
/// DuckDB's.
pub fn create_tables(conn: &Connection) -> SfResult<()> {
    conn.execute_batch(
        "CREATE SCHEMA IF NOT EXISTS sd;
         CREATE SCHEMA IF NOT EXISTS d;
         CREATE TABLE IF NOT EXISTS sd.catalog(id BIGINT, body VARCHAR);
         CREATE TABLE IF NOT EXISTS sd.table_version(store BIGINT, version BIGINT, \"at\" TIMESTAMP, query_id VARCHAR);
         CREATE TABLE IF NOT EXISTS sd.stream_offset(stream BIGINT, base BIGINT, version BIGINT, consumed_at TIMESTAMP, \
            initial BOOLEAN);
         CREATE TABLE IF NOT EXISTS sd.sequence(id BIGINT, next_value HUGEINT);
         CREATE TABLE IF NOT EXISTS sd.load_history(store BIGINT, table_id BIGINT, pipe_id BIGINT, file VARCHAR, \
            stage_location VARCHAR, etag VARCHAR, size BIGINT, loaded_at TIMESTAMP, status VARCHAR, rows_parsed BIGINT, \
            rows_loaded BIGINT, errors_seen BIGINT, error_limit BIGINT, first_error VARCHAR, first_error_line BIGINT, \
            first_error_character BIGINT, first_error_column VARCHAR, query_id VARCHAR);
         ALTER TABLE sd.load_history ADD COLUMN IF NOT EXISTS received_at TIMESTAMP;
         CREATE TABLE IF NOT EXISTS sd.pipe_file(pipe BIGINT, key VARCHAR, etag VARCHAR, size BIGINT, loaded BIGINT, \
            state VARCHAR, received_at TIMESTAMP, \"at\" TIMESTAMP);
         CREATE TABLE IF NOT EXISTS sd.copy_job(query_id VARCHAR, table_id BIGINT, database VARCHAR, schema VARCHAR, \
            text VARCHAR, \"at\" TIMESTAMP);
         CREATE TABLE IF NOT EXISTS sd.task_history(run_id BIGINT, task BIGINT, attempt BIGINT, body VARCHAR);
         CREATE TABLE IF NOT EXISTS sd.alert_history(id BIGINT, body VARCHAR);
         CREATE TABLE IF NOT EXISTS sd.notification(id VARCHAR, body VARCHAR);
         CREATE TABLE IF NOT EXISTS sd.clock(ahead_ms BIGINT);
         CREATE TABLE IF NOT EXISTS sd.query_history(query_id VARCHAR, start_at TIMESTAMP, body VARCHAR);",
    )?;
    Ok(())
}

/// The grants' document has the id 0.
#[derive(Default, Serialize, Deserialize)]
struct Grants {
    grants: Vec<Grant>,
    future: Vec<FutureGrant>,
    roles: Vec<RoleGrant>,
    next_id: i64,
}

/// Reads the whole catalog.
///
/// # Errors
/// DuckDB's; internal where a document cannot be read.
pub fn load(conn: &Connection) -> SfResult<Catalog> {
    let mut statement = conn.prepare("SELECT id, body FROM sd.catalog ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut catalog = Catalog::default();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let body: String = row.get(1)?;
        if id == 0 {
            let all: Grants = read(&body)?;
            catalog.grants = Arc::new(all.grants);
            catalog.future_grants = Arc::new(all.future);
            catalog.role_grants = Arc::new(all.roles);
            catalog.next_id = catalog.next_id.max(all.next_id);
            continue;
        }
        let object: Object = read(&body)?;
        catalog.next_id = catalog.next_id.max(id);
        if object.dropped_ms.is_none() {
            catalog.by_name.insert((object.kind().namespace(), object.name.clone()), id);
        }
        catalog.by_id.insert(id, Arc::new(object));
    }
    Ok(catalog)
}

/// Writes what an edit changed, inside the caller's transaction.
///
/// # Errors
/// DuckDB's.
pub fn save(conn: &Connection, edit: &Edit) -> SfResult<()> {
    for id in edit.touched.iter().chain(&edit.removed) {
        conn.execute("DELETE FROM sd.catalog WHERE id = ?", params![id])?;
    }
    for id in &edit.touched {
        if let Some(object) = edit.view().by_id(*id) {
            conn.execute("INSERT INTO sd.catalog VALUES (?, ?)", params![id, write(object.as_ref())?])?;
        }
    }
    if edit.grants_touched || !edit.removed.is_empty() || !edit.touched.is_empty() {
        let view = edit.view();
        let all = Grants {
            grants: view.grants.to_vec(),
            future: view.future_grants.to_vec(),
            roles: view.role_grants.to_vec(),
            next_id: view.next_id,
        };
        conn.execute("DELETE FROM sd.catalog WHERE id = 0", [])?;
        conn.execute("INSERT INTO sd.catalog VALUES (0, ?)", params![write(&all)?])?;
    }
    Ok(())
}

fn read<T: for<'a> Deserialize<'a>>(body: &str) -> SfResult<T> {
    serde_json::from_str(body).map_err(|e| SfError::internal(format!("catalog document: {e}")))
}

fn write<T: Serialize>(value: &T) -> SfResult<String> {
    serde_json::to_string(value).map_err(SfError::internal)
}
