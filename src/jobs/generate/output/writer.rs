//! One data set to a writer, and all to nowhere.

use super::{Output, Rows, Slot, Unit};
use crate::jobs::JobError;
use parking_lot::Mutex;
use std::io::Write;

/// A writer that gets the files of one data set one after the other.
pub struct Single {
    writer: Mutex<Box<dyn Write + Send>>,
}

impl Single {
    /// To `writer`, usually standard output.
    #[must_use]
    pub fn new(writer: Box<dyn Write + Send>) -> Self {
        Self { writer: Mutex::new(writer) }
    }
}

impl Output for Single {
    type Ticket = ();

    fn in_turn(&self, _unit: &Unit, _slots: &[Slot], rows: &[Rows]) -> Result<(), JobError> {
        let mut writer = self.writer.lock();
        rows.iter().try_for_each(|rows| writer.write_all(rows.bytes())).map_err(failed)
    }

    fn at_leisure(&self, (): (), _rows: &[Rows]) -> Result<(), JobError> {
        Ok(())
    }

    fn finish(&self) -> Result<(), JobError> {
        self.writer.lock().flush().map_err(failed)
    }
}

fn failed(source: std::io::Error) -> JobError {
    JobError::File { path: "standard output".into(), source }
}

/// Counts and forgets: to measure the generator alone.
pub struct Null;

impl Output for Null {
    type Ticket = ();

    fn in_turn(&self, _unit: &Unit, _slots: &[Slot], _rows: &[Rows]) -> Result<(), JobError> {
        Ok(())
    }

    fn at_leisure(&self, (): (), rows: &[Rows]) -> Result<(), JobError> {
        // Keeps the compiler from noticing that nobody reads the bytes.
        for rows in rows {
            std::hint::black_box(rows.bytes());
        }
        Ok(())
    }
}
