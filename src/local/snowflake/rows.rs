//! A result's rows: in memory while they are few, behind that in a file without a name, which vanishes with the last reader.

use super::error::{SfError, SfResult};
use arrow::array::RecordBatch;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use parking_lot::Mutex;
use std::fs::File;
use std::io::Write;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

/// Results up to this many bytes stay in memory.
const IN_MEMORY: usize = 32 << 20;
/// What a byte in the file counts of a byte in memory where results are kept: disk is the larger of the two.
const FILE_SHARE: usize = 16;

/// Rows in batches, in the types in which DuckDB stores them.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    batches: Vec<RecordBatch>,
    file: Option<Arc<Spilled>>,
    /// First row of each batch, and behind the last one the number of all.
    starts: Vec<usize>,
    bytes: usize,
}

#[derive(Debug)]
struct Spilled {
    file: File,
    /// Where each batch lies: offset and length.
    places: Vec<(u64, usize)>,
    /// The batch that was read last: cells are asked for one after the other.
    last: Mutex<Option<(usize, RecordBatch)>>,
}

impl From<Vec<RecordBatch>> for Rows {
    fn from(batches: Vec<RecordBatch>) -> Self {
        let mut rows = Self::default();
        for batch in batches {
            rows.note(&batch);
            rows.batches.push(batch);
        }
        rows
    }
}

impl Rows {
    /// Takes batches as they come; from [`IN_MEMORY`] on they go into a file in `folder`.
    ///
    /// # Errors
    /// What the source reports; a full disk.
    pub fn collect(batches: impl Iterator<Item = SfResult<RecordBatch>>, folder: &Path) -> SfResult<Self> {
        let mut rows = Self::default();
        let mut writer: Option<Writer> = None;
        for batch in batches {
            let batch = batch?;
            rows.note(&batch);
            match &mut writer {
                Some(writer) => writer.write(&batch)?,
                None => rows.batches.push(batch),
            }
            if writer.is_none() && rows.bytes > IN_MEMORY {
                let mut made = Writer::create(folder)?;
                rows.batches.drain(..).try_for_each(|b| made.write(&b))?;
                writer = Some(made);
            }
        }
        rows.file = writer.map(Writer::finish).transpose()?.map(Arc::new);
        Ok(rows)
    }

    fn note(&mut self, batch: &RecordBatch) {
        if self.starts.is_empty() {
            self.starts.push(0);
        }
        self.starts.push(self.len() + batch.num_rows());
        self.bytes += batch.columns().iter().map(|c| c.get_buffer_memory_size()).sum::<usize>();
    }

    /// Rows in all.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of the columns, wherever they are.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// What keeping them costs, in bytes of memory.
    #[must_use]
    pub fn cost(&self) -> usize {
        if self.file.is_some() { self.bytes / FILE_SHARE } else { self.bytes }
    }

    /// Every batch in turn; one at a time is in memory.
    pub fn batches(&self) -> impl Iterator<Item = SfResult<RecordBatch>> {
        (0..self.starts.len().saturating_sub(1)).map(|n| self.batch(n))
    }

    /// The rows of a range, in pieces.
    pub fn range(&self, rows: Range<usize>) -> impl Iterator<Item = SfResult<RecordBatch>> {
        let first = self.starts.partition_point(|s| *s <= rows.start).saturating_sub(1);
        let last = self.starts.partition_point(|s| *s < rows.end).min(self.starts.len().saturating_sub(1));
        (first..last).map(move |n| {
            let (from, until) = (self.starts[n], self.starts[n + 1]);
            let (a, b) = (rows.start.max(from), rows.end.min(until));
            Ok(self.batch(n)?.slice(a - from, b - a))
        })
    }

    /// The batch that holds a row, and the row's place in it; `None` behind the last row.
    ///
    /// # Errors
    /// What reading the file reports.
    pub fn holding(&self, row: usize) -> SfResult<Option<(RecordBatch, usize)>> {
        if row >= self.len() {
            return Ok(None);
        }
        let n = self.starts.partition_point(|s| *s <= row) - 1;
        Ok(Some((self.batch(n)?, row - self.starts[n])))
    }

    fn batch(&self, n: usize) -> SfResult<RecordBatch> {
        match &self.file {
            None => Ok(self.batches[n].clone()),
            Some(file) => file.batch(n),
        }
    }
}

impl Spilled {
    fn batch(&self, n: usize) -> SfResult<RecordBatch> {
        let mut last = self.last.lock();
        if let Some((_, batch)) = last.as_ref().filter(|(at, _)| *at == n) {
            return Ok(batch.clone());
        }
        let (offset, length) = self.places[n];
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, offset).map_err(|e| disk("read", &e))?;
        let batch = StreamReader::try_new(bytes.as_slice(), None)?
            .next()
            .ok_or_else(|| SfError::internal("a stored result has lost a batch"))??;
        *last = Some((n, batch.clone()));
        Ok(batch)
    }
}

struct Writer {
    file: File,
    places: Vec<(u64, usize)>,
    at: u64,
    buffer: Vec<u8>,
}

impl Writer {
    fn create(folder: &Path) -> SfResult<Self> {
        let file = tempfile::tempfile_in(folder).map_err(|e| disk("be stored", &e))?;
        Ok(Self { file, places: Vec::new(), at: 0, buffer: Vec::new() })
    }

    fn write(&mut self, batch: &RecordBatch) -> SfResult<()> {
        self.buffer.clear();
        let mut stream = StreamWriter::try_new(&mut self.buffer, &batch.schema())?;
        stream.write(batch)?;
        stream.finish()?;
        drop(stream);
        self.file.write_all(&self.buffer).map_err(|e| disk("be stored", &e))?;
        self.places.push((self.at, self.buffer.len()));
        self.at += self.buffer.len() as u64;
        Ok(())
    }

    fn finish(self) -> SfResult<Spilled> {
        Ok(Spilled { file: self.file, places: self.places, last: Mutex::new(None) })
    }
}

fn disk(what: &str, e: &std::io::Error) -> SfError {
    SfError::internal(format!("the result is too large for memory and cannot {what}: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, AsArray, Int64Array};
    use arrow::datatypes::Int64Type;

    const BATCH: usize = 100_000;

    fn batch(n: usize) -> SfResult<RecordBatch> {
        let values: Int64Array = (n * BATCH..(n + 1) * BATCH).map(|v| i64::try_from(v).ok()).collect();
        Ok(RecordBatch::try_from_iter([("c1", Arc::new(values) as ArrayRef)])?)
    }

    fn read(rows: &Rows, range: Range<usize>) -> Vec<i64> {
        let pieces = rows.range(range).map(Result::unwrap);
        pieces.flat_map(|b| b.column(0).as_primitive::<Int64Type>().values().to_vec()).collect()
    }

    #[test]
    fn large_results_lie_in_a_file_and_read_the_same() {
        let folder = tempfile::tempdir().unwrap();
        for (batches, spills) in [(3, false), (50, true)] {
            let rows = Rows::collect((0..batches).map(batch), folder.path()).unwrap();
            assert_eq!((rows.len(), rows.file.is_some()), (batches * BATCH, spills));
            assert_eq!(rows.bytes(), batches * BATCH * 8);
            assert_eq!(read(&rows, BATCH - 2..BATCH + 2), [99_998, 99_999, 100_000, 100_001]);
            assert_eq!(read(&rows, 2 * BATCH..2 * BATCH + 1), [200_000]);
            assert_eq!(read(&rows, 7..7), [0i64; 0]);
            assert_eq!(rows.batches().map(|b| b.unwrap().num_rows()).sum::<usize>(), rows.len());
            let (found, at) = rows.holding(BATCH + 5).unwrap().unwrap();
            assert_eq!(found.column(0).as_primitive::<Int64Type>().value(at), 100_005);
            assert!(rows.holding(rows.len()).unwrap().is_none());
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the file has no name");
    }

    #[test]
    fn no_rows_are_no_pieces() {
        let none = Rows::from(Vec::new());
        assert!(none.is_empty() && none.range(0..0).next().is_none() && none.batches().next().is_none());
    }

    #[test]
    fn a_failure_of_the_source_ends_it() {
        let batches = [batch(0), Err(SfError::internal("broken"))];
        assert!(Rows::collect(batches.into_iter(), Path::new("/")).unwrap_err().message.contains("broken"));
    }
}
