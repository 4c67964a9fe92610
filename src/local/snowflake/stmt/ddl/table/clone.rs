//! A table's rows, copied: a clone starts its own history.

use super::super::sequence;
use crate::local::snowflake::catalog::Table;
use crate::local::snowflake::error::SfResult;
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::store::{self, columns_sql, new_ids_sql};
use duckdb::{Connection, params};
use std::collections::BTreeMap;

/// Versions that copying has written, to be published when the transaction has committed.
pub struct Copies {
    now_us: i64,
    query_id: String,
    versions: BTreeMap<i64, i64>,
}

impl Copies {
    /// For the running statement.
    #[must_use]
    pub fn new(cx: &Cx<'_>) -> Self {
        Self { now_us: cx.engine.now_us(), query_id: cx.q.id.clone(), versions: BTreeMap::new() }
    }

    /// Notes the first version of a new store.
    ///
    /// # Errors
    /// DuckDB's.
    pub fn first_version(&mut self, conn: &Connection, store: i64) -> SfResult<()> {
        conn.execute(
            "INSERT INTO sd.table_version VALUES (?, 1, make_timestamp(?), ?)",
            params![store, self.now_us, self.query_id],
        )?;
        self.versions.insert(store, 1);
        Ok(())
    }

    /// After the commit.
    pub fn publish(&self, cx: &Cx<'_>) {
        cx.engine.publish_versions(&self.versions);
    }
}

/// Makes the physical tables of `to` with the current rows of `from`; the columns are the same. An AUTOINCREMENT goes on
/// where the source's stands.
///
/// # Errors
/// DuckDB's.
pub fn copy_table(conn: &Connection, from: &Table, to: &Table, copies: &mut Copies) -> SfResult<()> {
    store::create_table(conn, to.store, &to.columns)?;
    for column in &to.columns {
        if let Some(id) = column.identity {
            let next = sequence::next(conn, &sequence::identity_name(from.store, &column.phys))?.unwrap_or(id.start);
            sequence::start(conn, &sequence::identity_name(to.store, &column.phys), next, id.step)?;
        }
    }
    let (list, ids) = (columns_sql(to), new_ids_sql(1, 0));
    let rows = conn.execute(
        &format!(
            "INSERT INTO d.t{} ({list}, _id, _from) SELECT {list}, {ids}, 1 FROM d.t{} ORDER BY _id",
            to.store, from.store
        ),
        [],
    )?;
    if rows > 0 {
        copies.first_version(conn, to.store)?;
    }
    Ok(())
}

/// Removes a table's physical tables and counters.
///
/// # Errors
/// DuckDB's.
pub fn drop_physical(conn: &Connection, table: &Table) -> SfResult<()> {
    store::drop_table(conn, table.store)?;
    for column in table.columns.iter().filter(|c| c.identity.is_some()) {
        sequence::forget(conn, &sequence::identity_name(table.store, &column.phys))?;
    }
    Ok(())
}
