//! Records between the reading thread and DuckDB.

/// Rows in a batch: one DuckDB vector.
pub const ROWS: usize = 2048;
/// A batch is handed on when it holds this many bytes.
const BYTES: usize = 4 << 20;

/// A record that cannot be read or loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// Six digits.
    pub code: &'static str,
    /// SQLSTATE.
    pub state: &'static str,
    /// The sentence.
    pub message: String,
    /// Record in the file, from 1.
    pub row: u64,
    /// Line in the file, from 1.
    pub line: u64,
    /// Character in the line, from 1.
    pub character: u64,
    /// Field, from 1, where the failure is in one.
    pub field: Option<usize>,
    /// Nothing behind it can be read.
    pub fatal: bool,
}

impl RowError {
    /// A failure of the file as a whole.
    #[must_use]
    pub fn fatal(code: &'static str, state: &'static str, message: impl Into<String>) -> Self {
        Self { code, state, message: message.into(), row: 0, line: 0, character: 0, field: None, fatal: true }
    }
}

const NULL: (u32, u32) = (u32::MAX, u32::MAX);

/// Records of one file.
#[derive(Debug, Default)]
pub struct Batch {
    /// The file's place in the load.
    pub file: usize,
    /// What was read of it: the entity tag.
    pub etag: String,
    data: Vec<u8>,
    cells: Vec<(u32, u32)>,
    /// First cell, number and line of each record.
    rows: Vec<(u32, u64, u64)>,
}

impl Batch {
    /// Of a load's file.
    #[must_use]
    pub fn of(file: usize, etag: &str) -> Self {
        Self { file, etag: etag.to_owned(), ..Self::default() }
    }

    /// How many records it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether it should be handed on.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.rows.len() >= ROWS || self.data.len() >= BYTES
    }

    /// Starts a record.
    pub fn begin(&mut self, row: u64, line: u64) {
        let first = u32::try_from(self.cells.len()).unwrap_or(u32::MAX);
        self.rows.push((first, row, line));
    }

    /// Takes the record back that was begun last.
    pub fn undo(&mut self) {
        if let Some((first, ..)) = self.rows.pop() {
            self.cells.truncate(first as usize);
            let end = self.cells.iter().rev().find(|c| **c != NULL).map_or(0, |c| c.1);
            self.data.truncate(end as usize);
        }
    }

    /// Adds a field.
    pub fn push(&mut self, bytes: &[u8]) {
        let start = self.data.len();
        self.data.extend_from_slice(bytes);
        self.close(start);
    }

    /// Adds a NULL.
    pub fn push_null(&mut self) {
        self.cells.push(NULL);
    }

    /// Adds a field that `write` writes, if it says so.
    pub fn push_with(&mut self, write: impl FnOnce(&mut Vec<u8>) -> bool) -> bool {
        let start = self.data.len();
        let written = write(&mut self.data);
        if written {
            self.close(start);
        }
        written
    }

    fn close(&mut self, start: usize) {
        let place = |at| u32::try_from(at).unwrap_or(u32::MAX - 1);
        self.cells.push((place(start), place(self.data.len())));
    }

    /// How many fields the last record has.
    #[must_use]
    pub fn fields(&self) -> usize {
        self.rows.last().map_or(0, |r| self.cells.len() - r.0 as usize)
    }

    /// Puts the last record's fields into another order; places without a field become NULL.
    pub fn arrange(&mut self, order: &[Option<usize>]) {
        if let Some((first, ..)) = self.rows.last() {
            let old = self.cells.split_off(*first as usize);
            self.cells.extend(order.iter().map(|o| o.and_then(|i| old.get(i).copied()).unwrap_or(NULL)));
        }
    }

    /// A field's bytes; `None` for NULL and behind the record's end.
    #[must_use]
    pub fn get(&self, record: usize, field: usize) -> Option<&[u8]> {
        let first = self.rows.get(record)?.0 as usize;
        let behind = self.rows.get(record + 1).map_or(self.cells.len(), |r| r.0 as usize);
        let cell = self.cells[first..behind].get(field).filter(|c| **c != NULL)?;
        self.data.get(cell.0 as usize..cell.1 as usize)
    }

    /// A record's number and line.
    #[must_use]
    pub fn place(&self, record: usize) -> (u64, u64) {
        self.rows.get(record).map_or((0, 0), |r| (r.1, r.2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_taken_back_and_rearranged() {
        let mut b = Batch::default();
        b.begin(1, 1);
        b.push(b"a");
        b.push_null();
        b.begin(2, 2);
        b.push(b"zz");
        b.undo();
        b.begin(3, 3);
        b.push(b"x");
        b.push(b"y");
        b.arrange(&[Some(1), None, Some(0)]);
        assert_eq!((b.get(0, 0), b.get(0, 1), b.get(0, 2)), (Some(b"a".as_slice()), None, None));
        assert_eq!((b.get(1, 0), b.get(1, 1), b.get(1, 2)), (Some(b"y".as_slice()), None, Some(b"x".as_slice())));
        assert_eq!((b.len(), b.place(1)), (2, (3, 3)));
    }
}
