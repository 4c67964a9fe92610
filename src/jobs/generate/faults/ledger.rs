//! The ledger: one JSON object a line for each fault, `{"file", "line", "kind", "detail"}`; `line` is null for what
//! happened to a whole file.

use super::super::encode::Rows;
use super::super::files::{Fate, Slot};
use super::super::layout::{Part, Unit};
use super::{Kind, Note};
use crate::jobs::JobError;
use parking_lot::Mutex;
use serde_json::json;
use std::io::Write;

/// Where the ledger is written to.
pub struct LedgerFile {
    /// For messages.
    pub path: String,
    /// The writer; flushed at the end.
    pub writer: Box<dyn Write + Send>,
}

/// Writes down what was put where, as the units pass in their order.
pub struct Ledger {
    file: Mutex<LedgerFile>,
    /// Lines that the open files hold so far.
    lines: Mutex<Vec<u64>>,
    /// From a file's path to its name in the ledger.
    name: Box<dyn Fn(&str) -> String + Send + Sync>,
}

impl Ledger {
    /// Into `file`; `name` says what a file is called where it goes to.
    #[must_use]
    pub fn new(file: LedgerFile, name: Box<dyn Fn(&str) -> String + Send + Sync>) -> Self {
        Self { file: Mutex::new(file), lines: Mutex::default(), name }
    }

    /// Notes the faults of a unit, in its turn.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn note(&self, unit: &Unit, slots: &[Slot], rows: &[Rows]) -> Result<(), JobError> {
        if unit.part != Part::Transactions {
            return Ok(());
        }
        let mut lines = self.lines.lock();
        if unit.opens {
            lines.clear();
            lines.resize(slots.len(), 0);
        }
        let mut file = self.file.lock();
        for (i, (slot, rows)) in slots.iter().zip(rows).enumerate() {
            let name = (self.name)(&slot.path);
            if unit.opens
                && let Some((kind, detail)) = of_file(slots, i, &self.name)
            {
                file.line(&json!({ "file": name, "line": null, "kind": kind.name(), "detail": detail }))?;
            }
            for Note { line, kind, detail } in &rows.notes {
                let line = lines[i] + line;
                file.line(&json!({ "file": name, "line": line, "kind": kind.name(), "detail": detail }))?;
            }
            lines[i] += rows.count;
        }
        Ok(())
    }

    /// Writes out what is still held back.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn finish(&self) -> Result<(), JobError> {
        let mut file = self.file.lock();
        file.writer.flush().map_err(|e| at(&file.path, e))
    }
}

impl LedgerFile {
    fn line(&mut self, entry: &serde_json::Value) -> Result<(), JobError> {
        writeln!(self.writer, "{entry}").map_err(|e| at(&self.path, e))
    }
}

fn of_file(slots: &[Slot], i: usize, name: &dyn Fn(&str) -> String) -> Option<(Kind, String)> {
    Some(match slots[i].fate {
        Fate::Copy => (Kind::DuplicateFile, format!("the same as {}", name(&slots[i - 1].path))),
        Fate::Late(days) => (Kind::LateFile, format!("{days} day(s) late")),
        Fate::Empty => (Kind::EmptyFile, "its rows are nowhere".to_owned()),
        Fate::Drifted => (Kind::SchemaDrift, "a key more: channel".to_owned()),
        Fate::CutAt(_) | Fate::Whole => return None, // a cut is told with its line
    })
}

fn at(path: &str, source: std::io::Error) -> JobError {
    JobError::File { path: path.to_owned(), source }
}
