//! Rows to files: delimited text, JSON documents, Parquet.

use super::super::format;
use super::options::UnloadOptions;
use crate::local::snowflake::bind::quote_text;
use crate::local::snowflake::catalog::Options;
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::load::{Compression, Csv, Format, Kind};
use crate::local::snowflake::resolve::Scope;
use crate::local::snowflake::types::Ty;
use arrow::array::{Array, StringArray};
use duckdb::Connection;
use std::io::Write;

/// A file that has been written.
pub struct Written {
    /// Behind the stage's own part.
    pub name: String,
    /// Rows.
    pub rows: u64,
    /// Bytes before compression.
    pub bytes: u64,
    /// Bytes as stored.
    pub stored: u64,
}

/// A file's content.
pub struct Piece {
    /// As stored.
    pub content: Vec<u8>,
    /// Rows.
    pub rows: u64,
    /// Bytes before compression.
    pub bytes: u64,
}

/// Which rows go into files.
pub struct Job<'a> {
    /// Where the table is.
    pub conn: &'a Connection,
    /// DuckDB table with columns `v1` ….
    pub work: &'a str,
    /// DuckDB condition.
    pub filter: String,
    /// Column names.
    pub names: &'a [String],
    /// Column types.
    pub types: &'a [Ty],
}

/// How files are written.
pub struct Output {
    /// The file format.
    pub format: Format,
    /// Behind the file's name.
    pub extension: String,
    compression: Compression,
    /// Parquet's own.
    codec: &'static str,
}

/// Writes one row of texts as a line.
type Line<'a> = &'a dyn Fn(&[&StringArray], usize, &mut Vec<u8>);

impl Output {
    /// Of the statement's file format, else the stage's, else CSV.
    ///
    /// # Errors
    /// 002003 for a missing format; what the format refuses.
    pub fn new(scope: &Scope<'_>, o: &UnloadOptions, stage: Option<&Options>) -> SfResult<Self> {
        let empty = Options::new();
        let (ty, options) = format::raw(scope, o.format.as_ref().or(stage).unwrap_or(&empty))?;
        let format = Format::new(&ty, &options)?;
        if format.binary != "HEX" {
            return Err(SfError::unsupported("BINARY_FORMAT other than HEX for unloading"));
        }
        // Unlike reading, AUTO compresses.
        let compression = match format.compression {
            Compression::Auto => Compression::Gzip,
            other => other,
        };
        let plain = options.get("COMPRESSION").is_some_and(|c| c.eq_ignore_ascii_case("NONE"));
        let codec = if plain { "uncompressed" } else { "snappy" };
        let own = options.get("FILE_EXTENSION").filter(|e| !e.is_empty() && !e.eq_ignore_ascii_case("NONE"));
        let extension = match (own, &format.kind) {
            (Some(own), _) => format!(".{}", own.trim_start_matches('.')),
            (None, Kind::Parquet { .. }) if plain => ".parquet".to_owned(),
            (None, Kind::Parquet { .. }) => ".snappy.parquet".to_owned(),
            (None, kind) => {
                let base = if matches!(kind, Kind::Json(_)) { ".json" } else { ".csv" };
                format!("{base}{}", suffix(compression))
            }
        };
        Ok(Self { format, extension, compression, codec })
    }

    /// The files of a job, none larger than MAX_FILE_SIZE before compression (Parquet: about that after it).
    ///
    /// # Errors
    /// DuckDB's; a SINGLE file that grows too large.
    pub fn pieces(&self, job: &Job<'_>, o: &UnloadOptions) -> SfResult<Vec<Piece>> {
        let pieces = match &self.format.kind {
            Kind::Parquet { .. } => self.parquet(job, o)?,
            Kind::Csv(csv) => {
                self.text(job, o, &delimited(csv, job.types), o.header.then(|| header(csv, job.names)).as_deref())?
            }
            Kind::Json(_) => self.text(job, o, &document, None)?,
        };
        if o.single && pieces.len() > 1 {
            return Err(SfError::execution(
                "001038",
                "22000",
                format!("Max file size ({}) exceeded for unload single file mode.", o.most),
            ));
        }
        Ok(pieces)
    }

    fn text(&self, job: &Job<'_>, o: &UnloadOptions, line: Line<'_>, header: Option<&[u8]>) -> SfResult<Vec<Piece>> {
        let list: Vec<String> = (1..=job.names.len()).map(|i| format!("CAST(v{i} AS VARCHAR)")).collect();
        let sql = format!("SELECT {} FROM {} WHERE {}", list.join(", "), job.work, job.filter);
        let most = usize::try_from(o.most).unwrap_or(usize::MAX);
        let mut out = Vec::new();
        let (mut content, mut rows, mut row) = (header.unwrap_or_default().to_vec(), 0u64, Vec::new());
        let mut statement = job.conn.prepare(&sql)?;
        for batch in statement.stream_arrow([])? {
            let batch = batch?;
            let columns: Vec<&StringArray> =
                batch.columns().iter().filter_map(|c| c.as_any().downcast_ref::<StringArray>()).collect();
            if columns.len() != job.names.len() {
                return Err(SfError::internal("a column to unload is no text"));
            }
            for i in 0..batch.num_rows() {
                row.clear();
                line(&columns, i, &mut row);
                if rows > 0 && content.len() + row.len() > most {
                    out.push(self.finish(&content, rows)?);
                    (content, rows) = (header.unwrap_or_default().to_vec(), 0);
                }
                content.extend_from_slice(&row);
                rows += 1;
            }
        }
        if rows > 0 {
            out.push(self.finish(&content, rows)?);
        }
        Ok(out)
    }

    fn finish(&self, content: &[u8], rows: u64) -> SfResult<Piece> {
        let packed = compress(content, self.compression).map_err(SfError::internal)?;
        Ok(Piece { content: packed, rows, bytes: content.len() as u64 })
    }

    fn parquet(&self, job: &Job<'_>, o: &UnloadOptions) -> SfResult<Vec<Piece>> {
        let count = format!("SELECT count(*) FROM {} WHERE {}", job.work, job.filter);
        let all: u64 = job.conn.query_row(&count, [], |r| r.get(0))?;
        if all == 0 {
            return Ok(Vec::new());
        }
        let whole = self.parquet_rows(job, o, 0, all)?;
        let files = (whole.content.len() as u64).div_ceil(o.most);
        if files <= 1 || o.single {
            // A single file that is too large is refused by the caller.
            return Ok(if files <= 1 {
                vec![whole]
            } else {
                vec![whole, Piece { content: Vec::new(), rows: 0, bytes: 0 }]
            });
        }
        let step = all.div_ceil(files);
        (0..all)
            .step_by(usize::try_from(step).unwrap_or(usize::MAX))
            .map(|at| self.parquet_rows(job, o, at, step))
            .collect()
    }

    fn parquet_rows(&self, job: &Job<'_>, o: &UnloadOptions, from: u64, most: u64) -> SfResult<Piece> {
        let file = tempfile::NamedTempFile::new().map_err(SfError::internal)?;
        let list: Vec<String> = (job.names.iter().zip(1..))
            .map(|(name, i)| {
                // Without HEADER the columns have no names of their own.
                let name = if o.header { name.clone() } else { format!("_COL_{}", i - 1) };
                format!("v{i} AS \"{}\"", name.replace('"', "\"\""))
            })
            .collect();
        let sql = format!(
            "COPY (SELECT {} FROM {} WHERE {} LIMIT {most} OFFSET {from}) TO {} (FORMAT parquet, COMPRESSION {})",
            list.join(", "),
            job.work,
            job.filter,
            quote_text(&file.path().to_string_lossy()),
            self.codec
        );
        let rows = job.conn.execute(&sql, [])? as u64;
        let content = std::fs::read(file.path()).map_err(SfError::internal)?;
        let bytes = content.len() as u64;
        Ok(Piece { content, rows, bytes })
    }
}

fn suffix(compression: Compression) -> &'static str {
    match compression {
        Compression::Auto | Compression::Gzip => ".gz",
        Compression::Zstd => ".zst",
        Compression::Deflate => ".deflate",
        Compression::RawDeflate => ".raw_deflate",
        Compression::None => "",
    }
}

fn compress(content: &[u8], compression: Compression) -> std::io::Result<Vec<u8>> {
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    let level = flate2::Compression::default();
    match compression {
        Compression::None => Ok(content.to_vec()),
        Compression::Zstd => zstd::encode_all(content, 0),
        Compression::Auto | Compression::Gzip => {
            let mut w = GzEncoder::new(Vec::new(), level);
            w.write_all(content)?;
            w.finish()
        }
        Compression::Deflate => {
            let mut w = ZlibEncoder::new(Vec::new(), level);
            w.write_all(content)?;
            w.finish()
        }
        Compression::RawDeflate => {
            let mut w = DeflateEncoder::new(Vec::new(), level);
            w.write_all(content)?;
            w.finish()
        }
    }
}

fn document(columns: &[&StringArray], i: usize, out: &mut Vec<u8>) {
    if let [column] = columns
        && column.is_valid(i)
    {
        out.extend_from_slice(column.value(i).as_bytes());
    }
    out.push(b'\n');
}

fn header(csv: &Csv, names: &[String]) -> Vec<u8> {
    let mut out = Vec::new();
    for (i, name) in names.iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(&csv.field);
        }
        field(csv, name.as_bytes(), true, &mut out);
    }
    end(csv, &mut out);
    out
}

fn end(csv: &Csv, out: &mut Vec<u8>) {
    out.extend_from_slice(if csv.newline { b"\n" } else { &csv.record });
}

/// Writes one record.
fn delimited<'a>(csv: &'a Csv, types: &'a [Ty]) -> impl Fn(&[&StringArray], usize, &mut Vec<u8>) + 'a {
    move |columns, row, out| {
        for (i, column) in columns.iter().enumerate() {
            if i > 0 {
                out.extend_from_slice(&csv.field);
            }
            if column.is_valid(row) {
                let plain = types.get(i).is_some_and(|t| t.is_numeric() || *t == Ty::Boolean);
                field(csv, column.value(row).as_bytes(), !plain, out);
            } else {
                out.extend_from_slice(csv.null_if.first().map_or(b"".as_slice(), |n| n.as_bytes()));
            }
        }
        end(csv, out);
    }
}

/// A value: texts are enclosed where the format encloses; what would end the field is escaped.
fn field(csv: &Csv, value: &[u8], text: bool, out: &mut Vec<u8>) {
    if let Some(quote) = csv.quote.filter(|_| text) {
        out.push(quote);
        for b in value {
            if *b == quote {
                out.push(csv.escape.unwrap_or(quote));
            } else if Some(*b) == csv.escape {
                out.push(*b);
            }
            out.push(*b);
        }
        out.push(quote);
        return;
    }
    let Some(escape) = csv.escape_unenclosed else { return out.extend_from_slice(value) };
    let first = |d: &[u8]| d.first().copied();
    let ends = [first(&csv.field), if csv.newline { Some(b'\n') } else { first(&csv.record) }];
    for b in value {
        if *b == escape || ends.contains(&Some(*b)) {
            out.push(escape);
        }
        out.push(*b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_enclosed_or_escaped() {
        let written = |csv: &Csv, value: &str, text| {
            let mut out = Vec::new();
            field(csv, value.as_bytes(), text, &mut out);
            String::from_utf8(out).unwrap()
        };
        let plain = Csv::default();
        assert_eq!(written(&plain, "a,b\\c\nd", true), "a\\,b\\\\c\\\nd");
        let quoted = Csv { quote: Some(b'"'), ..Csv::default() };
        assert_eq!(written(&quoted, "say \"hi\", ok", true), "\"say \"\"hi\"\", ok\"");
        assert_eq!(written(&quoted, "1.5", false), "1.5");
        let escaped = Csv { quote: Some(b'"'), escape: Some(b'\\'), ..Csv::default() };
        assert_eq!(written(&escaped, "a\"b\\", true), "\"a\\\"b\\\\\"");
    }

    #[test]
    fn what_is_compressed_is_read_back() {
        use std::io::Read;
        let mut back = String::new();
        let packed = compress(b"text", Compression::Gzip).unwrap();
        flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut back).unwrap();
        assert_eq!(back, "text");
        assert_eq!(compress(b"text", Compression::None).unwrap(), b"text");
    }
}
