//! Parquet files as JSON documents, one a line: DuckDB reads them, in a database of their own.

use super::super::bind::quote_text;
use super::batch::RowError;
use crate::local::s3::ObjectReader;
use arrow::array::{Array, StringArray};
use duckdb::Connection;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use tempfile::NamedTempFile;

/// Pieces that may wait to be read.
const AHEAD: usize = 4;

/// A Parquet file on disk; it stays as long as this does.
pub struct OnDisk {
    path: PathBuf,
    _object: Option<ObjectReader>,
    _copy: Option<NamedTempFile>,
}

impl OnDisk {
    /// The object's own file, or a copy where it has none.
    ///
    /// # Errors
    /// The disk's.
    pub fn new(mut object: ObjectReader) -> std::io::Result<Self> {
        if let Some(path) = object.file() {
            return Ok(Self { path, _object: Some(object), _copy: None });
        }
        let mut copy = NamedTempFile::new()?;
        std::io::copy(&mut object, &mut copy)?;
        copy.flush()?;
        Ok(Self { path: copy.path().to_owned(), _object: None, _copy: Some(copy) })
    }

    /// DuckDB's relation.
    fn relation(&self) -> String {
        format!("read_parquet({})", quote_text(&self.path.to_string_lossy()))
    }

    /// Its columns: name and DuckDB type.
    ///
    /// # Errors
    /// It is no Parquet file.
    pub fn columns(&self, conn: &Connection) -> duckdb::Result<Vec<(String, String)>> {
        let mut statement = conn.prepare(&format!("DESCRIBE SELECT * FROM {}", self.relation()))?;
        statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?.collect()
    }
}

/// A database for reading Parquet, which knows none of the warehouse's tables.
///
/// # Errors
/// DuckDB's.
pub fn connect() -> duckdb::Result<Connection> {
    let config = duckdb::Config::default()
        .enable_autoload_extension(false)?
        .with("autoinstall_known_extensions", "false")?
        .with("preserve_insertion_order", "true")?;
    Connection::open_in_memory_with_flags(config)
}

/// The file that cannot be read.
#[must_use]
pub fn broken(e: &dyn std::fmt::Display) -> RowError {
    let text = e.to_string();
    let first = text.lines().next().unwrap_or("").to_owned();
    RowError::fatal("100033", "22000", format!("Error parsing the parquet file: {first}"))
}

/// The documents of a file. `binary_as_text` is BINARY_AS_TEXT.
///
/// # Errors
/// The file cannot be kept on disk, no thread can be started.
pub fn documents(object: ObjectReader, binary_as_text: bool) -> std::io::Result<impl Read + Send> {
    let file = OnDisk::new(object)?;
    let (send, receive) = sync_channel(AHEAD);
    std::thread::Builder::new().name("parquet-reader".into()).spawn(move || {
        if let Err(e) = read(&file, binary_as_text, &send) {
            let _ = send.send(Err(e.to_string()));
        }
    })?;
    Ok(Pieces { receive, piece: Vec::new(), at: 0 })
}

fn read(file: &OnDisk, binary_as_text: bool, send: &SyncSender<Result<Vec<u8>, String>>) -> duckdb::Result<()> {
    let conn = connect()?;
    let members: Vec<String> = file
        .columns(&conn)?
        .iter()
        .map(|(name, ty)| {
            let column = format!("\"{}\"", name.replace('"', "\"\""));
            format!("{}, {}", quote_text(name), json(&column, ty, binary_as_text))
        })
        .collect();
    let sql = format!("SELECT CAST(json_object({}) AS VARCHAR) FROM {}", members.join(", "), file.relation());
    let mut statement = conn.prepare(&sql)?;
    for batch in statement.stream_arrow([])? {
        let batch = batch?;
        let Some(texts) = batch.column(0).as_any().downcast_ref::<StringArray>() else {
            let _ = send.send(Err("its documents are no text".into()));
            return Ok(());
        };
        let mut piece = Vec::with_capacity(texts.value_data().len() + texts.len());
        for text in texts.iter().flatten() {
            piece.extend_from_slice(text.as_bytes());
            piece.push(b'\n');
        }
        if send.send(Ok(piece)).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// DuckDB SQL of a column's value as JSON: times as Snowflake's VARIANT prints them, numbers exactly.
fn json(x: &str, ty: &str, binary_as_text: bool) -> String {
    let stamp = |x: &str| {
        // The format must be a constant.
        format!(
            "(CASE WHEN epoch_us({x}) % 1000 = 0 THEN strftime({x}, '%Y-%m-%d %H:%M:%S.%g') \
             ELSE strftime({x}, '%Y-%m-%d %H:%M:%S.%f') END)"
        )
    };
    match ty {
        "TIMESTAMP" | "TIMESTAMP_S" | "TIMESTAMP_MS" | "TIMESTAMP_NS" => stamp(&format!("CAST({x} AS TIMESTAMP)")),
        "TIMESTAMP WITH TIME ZONE" => format!("{} || ' Z'", stamp(&format!("make_timestamp(epoch_us({x}))"))),
        "DATE" => format!("strftime({x}, '%Y-%m-%d')"),
        "BLOB" if binary_as_text => format!("coalesce(TRY(decode({x})), hex({x}))"),
        "BLOB" => format!("hex({x})"),
        "FLOAT" | "DOUBLE" => format!(
            "CASE WHEN isfinite({x}) THEN to_json({x}) WHEN isnan({x}) THEN to_json('NaN') WHEN {x} > 0 THEN to_json('inf') \
             WHEN {x} < 0 THEN to_json('-inf') END"
        ),
        t if t.starts_with("DECIMAL") || t.ends_with("HUGEINT") => format!("CAST(CAST({x} AS VARCHAR) AS JSON)"),
        "BOOLEAN" | "TINYINT" | "SMALLINT" | "INTEGER" | "BIGINT" | "UTINYINT" | "USMALLINT" | "UINTEGER"
        | "UBIGINT" => x.to_owned(),
        t if t.ends_with(']') || t.starts_with("STRUCT") || t.starts_with("MAP") || t == "JSON" => {
            format!("to_json({x})")
        }
        _ => format!("CAST({x} AS VARCHAR)"),
    }
}

/// What the reading thread has sent, as a stream.
struct Pieces {
    receive: Receiver<Result<Vec<u8>, String>>,
    piece: Vec<u8>,
    at: usize,
}

impl Read for Pieces {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        while self.at == self.piece.len() {
            match self.receive.recv() {
                Ok(Ok(piece)) => (self.piece, self.at) = (piece, 0),
                Ok(Err(text)) => return Err(std::io::Error::other(text)),
                Err(_) => return Ok(0),
            }
        }
        let n = out.len().min(self.piece.len() - self.at);
        out[..n].copy_from_slice(&self.piece[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}
