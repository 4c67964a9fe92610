//! Scans: files one after another, read by a thread that stays a few batches ahead.

use super::batch::{Batch, RowError};
use super::csv::CsvReader;
use super::format::{Compression, Kind};
use super::json::{JsonOptions, JsonReader};
use super::parquet;
use super::window::{Lossy, Window};
use super::{FileReport, Load, OnBadRecord};
use std::io::{BufReader, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Batches that may wait for DuckDB.
const AHEAD: usize = 4;

/// Reads the records of one file.
pub trait Records: Send {
    /// Appends the next record to the batch; `false` at the end. After an error that is not fatal, reading goes on.
    ///
    /// # Errors
    /// A record that cannot be read.
    fn next(&mut self, out: &mut Batch) -> Result<bool, RowError>;

    /// Number of the last record, from 1.
    fn row(&self) -> u64;

    /// Where a field (from 0) of the last record starts in its line, from 1.
    fn character(&self, field: usize) -> u64;
}

/// What a scan gives.
pub enum Piece {
    /// Records.
    Batch(Batch),
    /// A file (its place in the load) cannot be read further.
    Failed(usize, RowError),
    /// All has been read.
    End,
}

/// Opens a load's file; gives its entity tag too.
///
/// # Errors
/// It is gone or cannot be decompressed.
pub fn open(load: &Load, file: usize) -> Result<(Box<dyn Records>, String), RowError> {
    let staged = load.files.get(file).ok_or_else(|| RowError::fatal("000603", "XX000", "no such file in the load"))?;
    let (meta, reader) = load.store.get(&staged.bucket, &staged.key).map_err(|e| match e {
        crate::local::s3::Error::NoSuchKey(_) | crate::local::s3::Error::NoSuchBucket(_) => not_found(&staged.shown),
        other => RowError::fatal("091003", "57014", format!("Failure using stage area. Cause: [{other}]")),
    })?;
    if let Kind::Parquet { binary_as_text, texts } = &load.format.kind {
        let window =
            Window::new(Box::new(parquet::documents(reader, *binary_as_text).map_err(|e| parquet::broken(&e))?));
        let options = JsonOptions { texts: texts.clone(), ..JsonOptions::default() };
        return Ok((Box::new(JsonReader::new(window, options, load.names.clone())), meta.etag));
    }
    let input = decompress(reader, load.format.compression)?;
    let input: Box<dyn Read + Send> = if load.format.lossy { Box::new(Lossy::new(input)) } else { input };
    let mut window = Window::new(input);
    if load.format.skip_bom {
        window.skip_bom()?;
    }
    let records: Box<dyn Records> = match &load.format.kind {
        Kind::Csv(csv) => Box::new(CsvReader::new(window, csv.clone(), load.exact, load.names.clone())),
        // Handled above.
        Kind::Parquet { .. } => Box::new(JsonReader::new(window, JsonOptions::default(), load.names.clone())),
        Kind::Json(json) => Box::new(JsonReader::new(window, json.clone(), load.names.clone())),
    };
    Ok((records, meta.etag))
}

/// 091016.
#[must_use]
pub fn not_found(shown: &str) -> RowError {
    RowError::fatal(
        "091016",
        "22000",
        format!(
            "Remote file '{shown}' was not found. There are several potential causes. The file might not exist. If you are running a copy command, please make sure files are not deleted when they are being loaded or files are not being loaded into two different tables concurrently with auto purge option."
        ),
    )
}

fn decompress(input: impl Read + Send + 'static, compression: Compression) -> Result<Box<dyn Read + Send>, RowError> {
    let failed = |e: std::io::Error| RowError::fatal("100033", "22000", format!("the file cannot be read: {e}"));
    let mut input = BufReader::with_capacity(256 << 10, input);
    let compression = match compression {
        Compression::Auto => {
            let head = std::io::BufRead::fill_buf(&mut input).map_err(failed)?;
            match head {
                [0x1f, 0x8b, ..] => Compression::Gzip,
                [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstd,
                [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, ..] => {
                    return Err(RowError::fatal("000002", "0A000", "Unsupported feature 'COMPRESSION BZ2'."));
                }
                _ => Compression::None,
            }
        }
        other => other,
    };
    Ok(match compression {
        Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(input)),
        Compression::Deflate => Box::new(flate2::bufread::ZlibDecoder::new(input)),
        Compression::RawDeflate => Box::new(flate2::bufread::DeflateDecoder::new(input)),
        Compression::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(input).map_err(failed)?),
        Compression::Auto | Compression::None => Box::new(input),
    })
}

/// Starts to read a load's files.
///
/// # Errors
/// No thread could be started.
pub fn start(load: Arc<Load>) -> std::io::Result<Receiver<Piece>> {
    let (send, receive) = sync_channel(AHEAD);
    *load.reports.lock() = vec![FileReport::default(); load.files.len()];
    std::thread::Builder::new().name("stage-reader".into()).spawn(move || {
        if !(0..load.files.len()).all(|file| read_file(&load, file, &send)) {
            return;
        }
        // Where DuckDB has stopped to listen, nobody misses the end.
        let _ = send.send(Piece::End);
    })?;
    Ok(receive)
}

/// Reads one file; `false` where the scan is over.
fn read_file(load: &Load, file: usize, send: &SyncSender<Piece>) -> bool {
    let note = |e: RowError| -> bool {
        if load.on_bad == OnBadRecord::Fail {
            let _ = send.send(Piece::Failed(file, e));
            return false;
        }
        if let Some(report) = load.reports.lock().get_mut(file) {
            report.errors.push(e);
        }
        true
    };
    let (mut records, etag) = match open(load, file) {
        Ok(opened) => opened,
        Err(e) => return note(e),
    };
    let skip = load.skip.get(&file);
    let fresh = || Batch::of(file, &etag);
    let mut batch = fresh();
    loop {
        match records.next(&mut batch) {
            Ok(true) => {
                if skip.is_some_and(|s| s.contains(&records.row())) {
                    batch.undo();
                }
                if batch.is_full() && send.send(Piece::Batch(std::mem::replace(&mut batch, fresh()))).is_err() {
                    return false;
                }
            }
            Ok(false) => break,
            Err(e) => {
                let fatal = e.fatal;
                if skip.is_some_and(|s| s.contains(&e.row)) && !fatal {
                    continue;
                }
                if !note(e) {
                    return false;
                }
                if fatal {
                    break;
                }
            }
        }
    }
    if let Some(report) = load.reports.lock().get_mut(file) {
        report.rows = records.row();
        report.etag.clone_from(&etag);
    }
    batch.is_empty() || send.send(Piece::Batch(batch)).is_ok()
}
