//! Transactions: what a DML changes commits together with table versions and stream offsets, or vanishes with them.

use super::error::{SfError, SfResult};
use super::load::LoadGuard;
use super::lock::Held;
use super::rows::Rows;
use super::session::Cx;
use duckdb::params;
use std::collections::{BTreeMap, HashMap};

/// An open transaction of a session.
#[derive(Debug, Default)]
pub struct Tx {
    /// Begun by BEGIN rather than by one statement.
    pub explicit: bool,
    /// Held until the end.
    pub held: Held,
    /// The version that this transaction writes, by table store.
    pub versions: BTreeMap<i64, i64>,
    /// The latest versions when BEGIN was run: streams show nothing later.
    begun: Option<HashMap<i64, i64>>,
    /// The version of each store that its snapshot sees, once asked for.
    bases: BTreeMap<i64, i64>,
    /// Streams that a DML has read: stream → its base stores.
    pub consumed: BTreeMap<i64, Vec<i64>>,
    /// Rows born in this transaction, by table store: their identities go on from there.
    born: BTreeMap<i64, u64>,
    /// What the explicit transaction's finished statements ran: DuckDB ends a transaction at a failure, Snowflake only undoes
    /// the failed statement, so the finished ones are run again.
    journal: Vec<String>,
    /// Staged files that its statements read: they stay registered as long as a statement may be run again.
    pub loads: Vec<LoadGuard>,
    /// What the running statement has run.
    pending: Vec<String>,
}

impl Cx<'_> {
    /// Runs `f` in the open transaction, or in one of its own that commits at its end. `ids` are the stores and streams
    /// that `f` writes or consumes: their locks are taken first.
    ///
    /// # Errors
    /// What `f` refuses; lock and commit failures.
    pub fn atomically<T>(&mut self, ids: &[i64], f: impl FnOnce(&mut Self) -> SfResult<T>) -> SfResult<T> {
        self.lock(ids)?;
        let own = self.s.tx.as_ref().is_none_or(|t| !t.explicit);
        if own {
            self.s.conn.execute_batch("BEGIN TRANSACTION")?;
        }
        match f(self) {
            Ok(out) => {
                if own {
                    self.commit()?;
                } else if let Some(tx) = &mut self.s.tx {
                    let mut done = std::mem::take(&mut tx.pending);
                    tx.journal.append(&mut done);
                }
                Ok(out)
            }
            Err(e) => {
                if own { self.rollback() } else { self.undo_statement() }?;
                Err(e)
            }
        }
    }

    fn lock(&mut self, ids: &[i64]) -> SfResult<()> {
        let missing: Vec<i64> =
            ids.iter().copied().filter(|id| self.s.tx.as_ref().is_none_or(|t| !t.held.has(*id))).collect();
        let cancelled = self.q.cancelled.clone();
        let held = self.engine.locks.acquire(&missing, &|| cancelled.load(std::sync::atomic::Ordering::Relaxed))?;
        self.s.tx.get_or_insert_default().held.join(held);
        Ok(())
    }

    /// BEGIN: opens an explicit transaction; inside one it does nothing.
    ///
    /// # Errors
    /// DuckDB's.
    pub fn begin(&mut self) -> SfResult<()> {
        if self.s.tx.is_none() {
            self.s.conn.execute_batch("BEGIN TRANSACTION")?;
            let begun = Some(self.engine.latest_versions());
            self.s.tx = Some(Tx { explicit: true, begun, ..Tx::default() });
        }
        Ok(())
    }

    /// Ends the open transaction, if any, with its versions and offsets.
    ///
    /// # Errors
    /// DuckDB's, where the commit fails: then nothing of it has happened.
    pub fn commit(&mut self) -> SfResult<()> {
        let Some(tx) = self.s.tx.take() else { return Ok(()) };
        let done = self.write_ends(&tx).and_then(|()| Ok(self.s.conn.execute_batch("COMMIT")?));
        if let Err(e) = done {
            let _ = self.s.conn.execute_batch("ROLLBACK");
            return Err(e);
        }
        self.engine.publish_versions(&tx.versions);
        Ok(())
    }

    fn write_ends(&mut self, tx: &Tx) -> SfResult<()> {
        let now = self.engine.now_us();
        if let Some(task) = &self.s.task
            && let Some(key) = task.key
            && !(tx.versions.is_empty() && tx.consumed.is_empty())
        {
            super::scheduler::mark_committed(&self.s.conn, key, task.id)?;
        }
        for (store, version) in &tx.versions {
            self.s.conn.execute(
                "INSERT INTO sd.table_version VALUES (?, ?, make_timestamp(?), ?)",
                params![store, version, now, self.q.id],
            )?;
        }
        for (stream, stores) in &tx.consumed {
            self.s.conn.execute("DELETE FROM sd.stream_offset WHERE stream = ?", params![stream])?;
            for store in stores {
                let base = tx.bases.get(store).copied().unwrap_or(0);
                self.s.conn.execute(
                    "INSERT INTO sd.stream_offset VALUES (?, ?, ?, make_timestamp(?), false)",
                    params![stream, store, base, now],
                )?;
            }
        }
        Ok(())
    }

    /// Gives the open transaction up.
    ///
    /// # Errors
    /// Never for a transaction that DuckDB has given up already.
    pub fn rollback(&mut self) -> SfResult<()> {
        if self.s.tx.take().is_some() {
            let _ = self.s.conn.execute_batch("ROLLBACK");
        }
        Ok(())
    }

    /// A failed statement in an explicit transaction: the earlier ones stay.
    fn undo_statement(&mut self) -> SfResult<()> {
        let Some(tx) = &mut self.s.tx else { return Ok(()) };
        tx.pending.clear();
        let journal = tx.journal.clone();
        let _ = self.s.conn.execute_batch("ROLLBACK");
        self.s.conn.execute_batch("BEGIN TRANSACTION")?;
        for sql in &journal {
            if let Err(e) = self.s.conn.execute_batch(sql) {
                self.rollback()?;
                return Err(SfError::internal(format!("the transaction was rolled back: {e}")));
            }
        }
        Ok(())
    }

    /// The version that this transaction writes into a table store (its write lock must be held).
    pub fn version(&mut self, store: i64) -> i64 {
        let latest = self.engine.latest_version(store);
        *self.s.tx.get_or_insert_default().versions.entry(store).or_insert(latest + 1)
    }

    /// The version of a table store that this statement's transaction sees as committed before it.
    ///
    /// # Errors
    /// DuckDB's.
    pub fn base_version(&mut self, store: i64) -> SfResult<i64> {
        if let Some(v) = self.s.tx.as_ref().and_then(|t| t.bases.get(&store)) {
            return Ok(*v);
        }
        let mut v: i64 = self.s.conn.query_row(
            "SELECT coalesce(max(version), 0) FROM sd.table_version WHERE store = ?",
            params![store],
            |row| row.get(0),
        )?;
        if let Some(tx) = &mut self.s.tx {
            // DuckDB's snapshot is as old as the transaction's first statement, which comes after BEGIN.
            if let Some(begun) = &tx.begun {
                v = v.min(begun.get(&store).copied().unwrap_or(0));
            }
            tx.bases.insert(store, v);
        }
        Ok(v)
    }

    /// How many rows this transaction has inserted into a table store.
    #[must_use]
    pub fn born(&self, store: i64) -> u64 {
        self.s.tx.as_ref().and_then(|t| t.born.get(&store)).copied().unwrap_or(0)
    }

    /// Notes inserted rows.
    pub fn add_born(&mut self, store: i64, rows: u64) {
        *self.s.tx.get_or_insert_default().born.entry(store).or_default() += rows;
    }

    /// A name for a temporary DuckDB table.
    pub fn work_table(&mut self) -> String {
        self.s.work += 1;
        format!("temp.w{}", self.s.work)
    }

    /// Marks a stream as read by a DML: its offset moves when the transaction commits.
    ///
    /// # Errors
    /// DuckDB's.
    pub fn consume(&mut self, stream: i64, stores: &[i64]) -> SfResult<()> {
        for store in stores {
            self.base_version(*store)?;
        }
        self.s.tx.get_or_insert_default().consumed.insert(stream, stores.to_vec());
        Ok(())
    }

    /// Runs DuckDB SQL that changes something; gives the number of rows.
    ///
    /// # Errors
    /// DuckDB's, in Snowflake's words.
    pub fn run(&mut self, duck: &str) -> SfResult<u64> {
        tracing::trace!(duck, "run");
        let n = self.s.conn.execute(duck, [])?;
        if let Some(tx) = self.s.tx.as_mut().filter(|t| t.explicit) {
            tx.pending.push(duck.to_owned());
        }
        Ok(n as u64)
    }

    /// Runs DuckDB SQL that changes something and whose rows nobody counts. Half the planning of [`Self::run`]: what DuckDB has
    /// prepared it plans once more when it is run, where it reads a table.
    ///
    /// # Errors
    /// DuckDB's, in Snowflake's words.
    pub fn run_uncounted(&mut self, duck: &str) -> SfResult<()> {
        tracing::trace!(duck, "run");
        self.s.conn.execute_batch(duck)?;
        if let Some(tx) = self.s.tx.as_mut().filter(|t| t.explicit) {
            tx.pending.push(duck.to_owned());
        }
        Ok(())
    }

    /// Runs a DuckDB query. Its rows are read as DuckDB makes them.
    ///
    /// # Errors
    /// DuckDB's, in Snowflake's words; a full disk, where the rows are many.
    pub fn query(&mut self, duck: &str) -> SfResult<Rows> {
        tracing::trace!(duck, "query");
        // Half of a small query's time is DuckDB's planning. A plan that reads no relation holds nothing that can change.
        if !duck.contains(" FROM ") {
            let mut statement = self.s.conn.prepare_cached(duck)?;
            let batches = statement.query_arrow([])?;
            return Rows::collect(batches.map(Ok), &self.engine.scratch);
        }
        let mut statement = self.s.conn.prepare(duck)?;
        let batches = statement.stream_arrow([])?;
        Rows::collect(batches.map(|b| b.map_err(Into::into)), &self.engine.scratch)
    }

    /// The first cell of a DuckDB query as a number; 0 for NULL or none.
    ///
    /// # Errors
    /// DuckDB's.
    pub fn scalar(&mut self, duck: &str) -> SfResult<i64> {
        match self.s.conn.query_row(duck, [], |row| row.get::<_, Option<i64>>(0)) {
            Ok(v) => Ok(v.unwrap_or(0)),
            Err(duckdb::Error::QueryReturnedNoRows) => Ok(0),
            Err(e) => Err(e.into()),
        }
    }
}
