//! The engine's clock: another clock, and how far it has been moved ahead of it.
//!
//! `CALL SYSTEM$SNOWDECK_ADVANCE_CLOCK(seconds)` moves it; Snowflake has no such thing, and the name says so. Everything that
//! the engine dates follows it (CURRENT_TIMESTAMP, schedules, histories, table versions), so that times stay in order.
//! Credentials do not: they are measured by the machine's clock. The lead is kept with the data: after a restart time must
//! not run behind what is written.

use super::error::{SfError, SfResult};
use crate::jobs::Clock;
use duckdb::{Connection, params};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// How far one call may go: ten years, in milliseconds.
const FURTHEST_MS: i64 = 10 * 366 * 86_400_000;

/// A clock with a lead.
pub struct EngineClock {
    machine: Arc<dyn Clock>,
    ahead_ms: AtomicI64,
}

impl EngineClock {
    /// On a machine's clock, with the lead that the database file remembers.
    ///
    /// # Errors
    /// DuckDB's.
    pub fn load(machine: Arc<dyn Clock>, conn: &Connection) -> SfResult<Self> {
        let ahead: Option<i64> = conn.query_row("SELECT max(ahead_ms) FROM sd.clock", [], |row| row.get(0))?;
        Ok(Self { machine, ahead_ms: AtomicI64::new(ahead.unwrap_or(0)) })
    }

    /// Epoch milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.machine.now_ms().saturating_add(self.ahead_ms.load(Ordering::Relaxed))
    }

    /// Epoch milliseconds on the machine's own clock, for what has to do with the world outside.
    #[must_use]
    pub fn machine_ms(&self) -> i64 {
        self.machine.now_ms()
    }

    /// Moves it ahead; gives the time that it then shows, epoch milliseconds.
    ///
    /// # Errors
    /// 001008 for no step ahead or one beyond ten years; DuckDB's.
    pub fn advance(&self, conn: &Connection, ms: i64) -> SfResult<i64> {
        if !(1..=FURTHEST_MS).contains(&ms) {
            let text = format!("invalid value [{}] for parameter 'seconds': the clock goes ahead only", ms / 1000);
            return Err(SfError::compile("001008", "22023", text));
        }
        let ahead = self.ahead_ms.fetch_add(ms, Ordering::Relaxed) + ms;
        if let Err(e) = conn.execute("INSERT INTO sd.clock VALUES (?)", params![ahead]) {
            self.ahead_ms.fetch_sub(ms, Ordering::Relaxed);
            return Err(e.into());
        }
        Ok(self.now_ms())
    }
}
