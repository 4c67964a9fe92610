//! Writes an answer's rows to a file.

use super::parquet;
use super::spill::Spill;
use crate::domain::{Cell, Column};
use crate::jobs::{Context, JobError, Progress};
use serde_json::Value;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Rows that are read at a time.
const ROWS: u64 = 4_096;
/// Bytes that are read at a time, or one row.
const BYTES: u64 = 8 << 20;

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// With a header; NULL is an empty field.
    Csv,
    /// One object a line; VARIANT, OBJECT and ARRAY as JSON, the numbers with all their digits.
    Json,
    /// Columns by their types where a type of Parquet's holds them, text otherwise.
    Parquet,
}

impl Format {
    /// By a file's name.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let extension = Path::new(path).extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "csv" => Some(Self::Csv),
            "json" | "jsonl" | "ndjson" => Some(Self::Json),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }
}

/// Takes rows in order.
pub(super) trait Sink {
    /// Some more.
    fn rows(&mut self, columns: &[Column], rows: &[Vec<Cell>]) -> std::io::Result<()>;
    /// The end.
    fn end(&mut self) -> std::io::Result<()>;
}

/// Writes all rows. The file appears whole or not at all. Returns how many rows there are. Blocks: not for async threads.
///
/// # Errors
/// [`JobError::Cancelled`], [`JobError::File`].
pub fn export(ctx: &Context, spill: &Spill, path: &Path, format: Format) -> Result<u64, JobError> {
    let at = |source| JobError::File { path: path.display().to_string(), source };
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(JobError::Failed(format!("there is no folder {}", folder.display())));
    }
    // As readable as any file that the user makes, rather than as a secret.
    let mode = std::fs::Permissions::from_mode(0o666);
    let file = tempfile::Builder::new().permissions(mode).tempfile_in(folder).map_err(at)?;
    let out = BufWriter::with_capacity(1 << 20, file.reopen().map_err(at)?);
    let columns = spill.columns();
    let mut sink: Box<dyn Sink> = match format {
        Format::Csv => Box::new(Csv::new(out, &columns).map_err(at)?),
        Format::Json => Box::new(Json(out)),
        Format::Parquet => Box::new(parquet::Writer::new(out, &columns).map_err(at)?),
    };
    let (total, mut done) = (spill.len(), 0);
    while done < total {
        if ctx.cancel.is_cancelled() {
            return Err(JobError::Cancelled);
        }
        let window = spill.window(done, ROWS.min(total - done), usize::MAX, BYTES).map_err(at)?;
        sink.rows(&columns, &window.rows).map_err(at)?;
        done += window.rows.len() as u64;
        let progress = Progress { label: "rows".into(), done, total: Some(total), ..Progress::default() };
        ctx.sink.progress(progress);
    }
    sink.end().map_err(at)?;
    drop(sink);
    file.persist(path).map_err(|e| at(e.error))?;
    Ok(total)
}

struct Csv(csv::Writer<BufWriter<File>>);

impl Csv {
    fn new(out: BufWriter<File>, columns: &[Column]) -> std::io::Result<Self> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(columns.iter().map(|c| &c.name)).map_err(std::io::Error::other)?;
        Ok(Self(writer))
    }
}

impl Sink for Csv {
    fn rows(&mut self, _columns: &[Column], rows: &[Vec<Cell>]) -> std::io::Result<()> {
        for row in rows {
            let cells = row.iter().map(|c| c.as_deref().unwrap_or_default());
            self.0.write_record(cells).map_err(std::io::Error::other)?;
        }
        Ok(())
    }

    fn end(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

struct Json<W>(W);

impl<W: Write> Sink for Json<W> {
    fn rows(&mut self, columns: &[Column], rows: &[Vec<Cell>]) -> std::io::Result<()> {
        for row in rows {
            write_object(&mut self.0, columns, row)?;
        }
        Ok(())
    }

    fn end(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// One object on one line.
fn write_object(out: &mut impl Write, columns: &[Column], row: &[Cell]) -> std::io::Result<()> {
    out.write_all(b"{")?;
    for (i, (column, cell)) in columns.iter().zip(row).enumerate() {
        if i > 0 {
            out.write_all(b",")?;
        }
        write!(out, "{}:{}", Value::from(column.name.as_str()), json(column, cell.as_deref()))?;
    }
    out.write_all(b"}\n")
}

/// A cell as JSON on one line.
fn json(column: &Column, cell: Option<&str>) -> String {
    let Some(text) = cell else { return "null".into() };
    let plain = || Value::from(text).to_string();
    match column.kind.as_str() {
        // The text is taken as it is, so that no digit of a long number is lost.
        "fixed" | "real" if is_json_number(text) => text.to_owned(),
        "boolean" if matches!(text, "true" | "false") => text.to_owned(),
        "variant" | "object" | "array" | "map" => one_line(text).unwrap_or_else(plain),
        _ => plain(),
    }
}

fn is_json_number(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
        && text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b))
}

/// A JSON document without the line ends and blanks between its parts; `None` where it is none.
pub(super) fn one_line(text: &str) -> Option<String> {
    serde_json::from_str::<serde::de::IgnoredAny>(text).ok()?;
    Some(compact(text))
}

/// A document, or the beginning of one, without the line ends and blanks between its parts.
#[must_use]
pub fn compact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut inside, mut escaped) = (false, false);
    for c in text.chars() {
        match c {
            _ if inside => {
                inside = c != '"' || escaped;
                escaped = c == '\\' && !escaped;
            }
            ' ' | '\n' | '\r' | '\t' => continue,
            '"' => inside = true,
            _ => {}
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, kind: &str) -> Column {
        Column { name: name.into(), kind: kind.into(), scale: None }
    }

    #[test]
    fn a_document_stays_on_its_line() {
        let columns = [column("v", "variant"), column("n", "fixed"), column("t", "text"), column("b", "boolean")];
        let row = [
            Some("{\n  \"a b\": [ 1.50,\n \"x \\\" y\" ]\n}".to_owned()),
            Some("12345678901234567890123456789012345678".to_owned()),
            Some("two\nlines".to_owned()),
            None,
        ];
        let mut out = Vec::new();
        write_object(&mut out, &columns, &row).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "{\"v\":{\"a b\":[1.50,\"x \\\" y\"]},\"n\":12345678901234567890123456789012345678,\
             \"t\":\"two\\nlines\",\"b\":null}\n"
        );
        assert_eq!(json(&column("r", "real"), Some("NaN")), "\"NaN\"");
        assert_eq!(json(&column("v", "variant"), Some("undefined")), "\"undefined\"");
    }

    #[test]
    fn files_are_whole_or_not_there() {
        let dir = tempfile::tempdir().unwrap();
        let spill = Spill::new().unwrap();
        spill.set_columns([column("A", "text"), column("N", "fixed")].into());
        let row = |i: u32| vec![Some(format!("a,{i}")), Some(i.to_string())];
        spill.append(&(0..10_000).map(row).collect::<Vec<_>>()).unwrap();
        let ctx = Context::silent();
        let path = dir.path().join("x.csv");
        assert_eq!(export(&ctx, &spill, &path, Format::Csv).unwrap(), 10_000);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("A,N\n\"a,0\",0\n") && text.lines().count() == 10_001);
        ctx.cancel.cancel();
        let path = dir.path().join("y.json");
        assert!(matches!(export(&ctx, &spill, &path, Format::Json), Err(JobError::Cancelled)));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn the_name_tells_the_form() {
        assert_eq!(Format::of("/tmp/a.CSV"), Some(Format::Csv));
        assert_eq!(Format::of("b.ndjson"), Some(Format::Json));
        assert_eq!(Format::of("csv"), None);
    }
}
