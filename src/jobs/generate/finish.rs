//! What is done to a unit's rows between making and writing: compression and Parquet's row groups, each thread for
//! itself; then, in the units' order, what depends on what went before: places in a Parquet file and lines in the ledger.

use super::compress;
use super::encode::Rows;
use super::faults::Ledger;
use super::files::Slot;
use super::layout::{Part, Unit};
use super::options::{Compression, Format};
use super::parquet::{Footer, MAGIC};
use super::recipe::Scratch;
use crate::jobs::JobError;
use parking_lot::Mutex;

/// The last touch.
pub struct Finish {
    format: Format,
    compression: Compression,
    ledger: Option<Ledger>,
    /// Of the open Parquet files: their length so far and their footer.
    open: Mutex<Vec<(u64, Footer)>>,
}

/// What a unit's own part of the work found out for its turn.
pub type Groups = Vec<super::parquet::RowGroup>;

impl Finish {
    /// For a form, with a ledger where faults are put in.
    #[must_use]
    pub fn new(format: Format, compression: Compression, ledger: Option<Ledger>) -> Self {
        Self { format, compression, ledger, open: Mutex::default() }
    }

    /// The thread's own part.
    ///
    /// # Errors
    /// The compressor's.
    pub fn alone(&self, unit: &Unit, scratch: &mut Scratch) -> Result<Groups, JobError> {
        if unit.part != Part::Transactions {
            return Ok(Groups::new());
        }
        if self.format == Format::Parquet {
            return self.row_groups(unit, scratch);
        }
        if self.compression != Compression::None {
            for rows in &mut scratch.rows {
                // A file of nothing is a compressed nothing: readers refuse one of no bytes.
                if rows.len() > 0 || unit.opens {
                    rows.replace(compress::pack(self.compression, rows.bytes())?);
                }
            }
        }
        Ok(Groups::new())
    }

    fn row_groups(&self, unit: &Unit, scratch: &mut Scratch) -> Result<Groups, JobError> {
        let mut groups = Groups::with_capacity(scratch.rows.len());
        for (rows, columns) in scratch.rows.iter_mut().zip(&scratch.columns) {
            let mut bytes = Vec::new();
            if unit.opens {
                bytes.extend_from_slice(MAGIC);
            }
            groups.push(columns.write(&mut bytes, self.compression)?);
            rows.replace(bytes);
        }
        Ok(groups)
    }

    /// In the unit's turn.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn in_turn(&self, unit: &Unit, slots: &[Slot], rows: &mut [Rows], groups: Groups) -> Result<(), JobError> {
        if let Some(ledger) = &self.ledger {
            ledger.note(unit, slots, rows)?;
        }
        if groups.is_empty() {
            return Ok(());
        }
        let mut open = self.open.lock();
        if unit.opens {
            open.clear();
            open.resize_with(slots.len(), Default::default);
        }
        for ((rows, group), (length, footer)) in rows.iter_mut().zip(groups).zip(open.iter_mut()) {
            let magic = if unit.opens { MAGIC.len() as u64 } else { 0 };
            footer.add(*length + magic, group);
            *length += rows.len() as u64;
            if unit.closes {
                rows.append(&footer.bytes(self.compression), 0);
            }
        }
        Ok(())
    }

    /// After the last unit.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn finish(&self) -> Result<(), JobError> {
        self.ledger.as_ref().map_or(Ok(()), Ledger::finish)
    }
}
