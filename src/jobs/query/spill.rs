//! Rows of an answer on disk: any number of them in little memory. Two unnamed files, one with the rows and one with
//! where each ends; both are gone when the last handle is dropped, however the program ends.

use crate::domain::{Cell, Column};
use parking_lot::RwLock;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Acquire, Ordering::Release};

/// A place in the index is so many bytes.
const PLACE: u64 = 8;
/// A cell that is NULL; a text's length is written plus one.
const NULL: u64 = 0;

/// The rows so far. One writer, any number of readers.
#[derive(Debug)]
pub struct Spill {
    data: File,
    index: File,
    /// Rows that can be read.
    rows: AtomicU64,
    /// Bytes of those rows.
    bytes: AtomicU64,
    columns: RwLock<Arc<[Column]>>,
}

/// Some rows in the middle of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Window {
    /// The answer's columns.
    pub columns: Arc<[Column]>,
    /// The first row's number, from 0.
    pub from: u64,
    /// The rows; long cells are cut.
    pub rows: Vec<Vec<Cell>>,
    /// Rows that were there when it was read.
    pub known: u64,
}

impl Spill {
    /// Empty.
    ///
    /// # Errors
    /// No temporary file can be made.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            data: tempfile::tempfile()?,
            index: tempfile::tempfile()?,
            rows: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            columns: RwLock::default(),
        })
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.rows.load(Acquire)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The columns, once they are known.
    #[must_use]
    pub fn columns(&self) -> Arc<[Column]> {
        Arc::clone(&self.columns.read())
    }

    /// Says what the columns are.
    pub fn set_columns(&self, columns: Arc<[Column]>) {
        *self.columns.write() = columns;
    }

    /// Adds rows. For one writer at a time.
    ///
    /// # Errors
    /// The disk is full.
    pub fn append(&self, rows: &[Vec<Cell>]) -> io::Result<()> {
        let (first, start) = (self.len(), self.bytes.load(Acquire));
        let (mut data, mut index) = (Vec::new(), Vec::with_capacity(rows.len() * 8));
        for row in rows {
            for cell in row {
                match cell {
                    None => varint(&mut data, NULL),
                    Some(text) => {
                        varint(&mut data, text.len() as u64 + 1);
                        data.extend_from_slice(text.as_bytes());
                    }
                }
            }
            index.extend_from_slice(&(start + data.len() as u64).to_le_bytes());
        }
        self.data.write_all_at(&data, start)?;
        self.index.write_all_at(&index, first * PLACE)?;
        self.bytes.store(start + data.len() as u64, Release);
        self.rows.store(first + rows.len() as u64, Release);
        Ok(())
    }

    /// Reads at most `count` rows from `from` on, cells cut to `cell` bytes, until they take `most` bytes: at least one row.
    ///
    /// # Errors
    /// The files cannot be read.
    pub fn window(&self, from: u64, count: u64, cell: usize, most: u64) -> io::Result<Window> {
        let known = self.len();
        let from = from.min(known);
        let places = self.places(from, count.min(known - from))?;
        let mut rows = Vec::with_capacity(places.len());
        let mut read = 0;
        for place in places.windows(2) {
            let length = place[1] - place[0];
            if read > 0 && read + length > most {
                break;
            }
            read += length;
            rows.push(self.row(place[0], length, cell)?);
        }
        Ok(Window { columns: self.columns(), from, rows, known })
    }

    /// One cell in full.
    ///
    /// # Errors
    /// The files cannot be read.
    pub fn cell(&self, row: u64, column: usize) -> io::Result<Cell> {
        if row >= self.len() {
            return Ok(None);
        }
        let places = self.places(row, 1)?;
        let [start, end] = places[..] else { return Ok(None) };
        Ok(self.row(start, end - start, usize::MAX)?.into_iter().nth(column).flatten())
    }

    /// Where `count` rows begin, and where the last of them ends.
    fn places(&self, from: u64, count: u64) -> io::Result<Vec<u64>> {
        if count == 0 {
            return Ok(Vec::new());
        }
        // The index has the rows' ends; the first begins at 0.
        let (skip, wanted) = if from == 0 { (0, count) } else { (from - 1, count + 1) };
        let mut bytes = vec![0; usize::try_from(wanted * PLACE).unwrap_or(usize::MAX)];
        self.index.read_exact_at(&mut bytes, skip * PLACE)?;
        let ends = bytes.as_chunks::<8>().0.iter().map(|b| u64::from_le_bytes(*b));
        let places = (from == 0).then_some(0).into_iter().chain(ends).collect();
        Ok(places)
    }

    fn row(&self, start: u64, length: u64, most: usize) -> io::Result<Vec<Cell>> {
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
        self.data.read_exact_at(&mut bytes, start)?;
        let mut cells = Vec::new();
        let mut rest = bytes.as_slice();
        while let Some((length, after)) = read_varint(rest) {
            let Some(length) = length.checked_sub(1) else {
                cells.push(None);
                rest = after;
                continue;
            };
            let (text, after) = after.split_at(usize::try_from(length).unwrap_or(usize::MAX).min(after.len()));
            let text = &text[..text.len().min(most)];
            // A cut in the middle of a character, at most, is not UTF-8.
            let text = text.utf8_chunks().next().map_or("", |c| c.valid());
            cells.push(Some(text.to_owned()));
            rest = after;
        }
        Ok(cells)
    }
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap_or(0) | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap_or(0));
}

/// The number and what follows it; `None` at the end.
fn read_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0;
    for (i, byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[i + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_rows() -> impl Strategy<Value = Vec<Vec<Vec<Cell>>>> {
        let cell = proptest::option::of(".{0,12}");
        proptest::collection::vec(proptest::collection::vec(proptest::collection::vec(cell, 3), 0..20), 0..6)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        #[test]
        fn a_window_is_what_the_rows_hold_there(batches in any_rows(), from in 0_u64..130, count in 0_u64..50) {
            let spill = Spill::new().unwrap();
            for batch in &batches {
                spill.append(batch).unwrap();
            }
            let all: Vec<Vec<Cell>> = batches.into_iter().flatten().collect();
            let window = spill.window(from, count, usize::MAX, u64::MAX).unwrap();
            let want: Vec<_> = all.iter().skip(usize::try_from(from).unwrap())
                .take(usize::try_from(count).unwrap()).cloned().collect();
            prop_assert_eq!(&window.rows, &want);
            prop_assert_eq!(window.known, all.len() as u64);
            for (r, row) in all.iter().enumerate() {
                for (c, cell) in row.iter().enumerate() {
                    prop_assert_eq!(&spill.cell(r as u64, c).unwrap(), cell);
                }
            }
        }
    }

    #[test]
    fn long_cells_are_cut_at_a_character_and_long_rows_end_a_window() {
        let spill = Spill::new().unwrap();
        let row = || vec![Some("é".repeat(1_000)), None];
        spill.append(&[row(), row(), row()]).unwrap();
        let window = spill.window(0, 10, 7, 3_000).unwrap();
        assert_eq!(window.rows, [vec![Some("ééé".to_owned()), None]]);
        assert_eq!(spill.cell(2, 0).unwrap().map(|t| t.len()), Some(2_000));
        assert_eq!(spill.cell(3, 0).unwrap(), None);
    }
}
