//! An answer as a Parquet file: every column optional, plain values, zstd. By the format's specification (Apache Parquet,
//! `Encodings.md` and `parquet.thrift`).

use super::export::{Sink, one_line};
use crate::domain::{Cell, Column};
use crate::jobs::generate::thrift::{Struct, varint, whole};
use chrono::{NaiveDate, NaiveDateTime};
use std::io::{Error, Write};

/// What a file begins and ends with.
const MAGIC: &[u8; 4] = b"PAR1";
/// Rows of a row group.
const GROUP_ROWS: usize = 1 << 15;
/// Bytes of one column after which a row group ends early.
const GROUP_BYTES: usize = 32 << 20;
/// Bytes of a decimal.
const DECIMAL: usize = 16;
/// The format's number for zstd, and its level here.
const ZSTD: (i32, i32) = (6, 3);

/// How a column's values lie in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Bits.
    Boolean,
    /// Days since 1970.
    Date,
    /// Microseconds since 1970, in no time zone.
    Time,
    /// 64-bit floating point.
    Double,
    /// 38 digits, so many of them after the point.
    Decimal(u32),
    /// UTF-8.
    Text,
    /// JSON in UTF-8, on one line.
    Json,
}

impl Form {
    fn of(column: &Column) -> Self {
        match column.kind.as_str() {
            "boolean" => Self::Boolean,
            "date" => Self::Date,
            "timestamp_ntz" => Self::Time,
            "real" => Self::Double,
            "fixed" => Self::Decimal(column.scale.and_then(|s| u32::try_from(s).ok()).unwrap_or(0)),
            "variant" | "object" | "array" | "map" => Self::Json,
            _ => Self::Text,
        }
    }

    /// The physical type as the format numbers it.
    const fn physical(self) -> i32 {
        match self {
            Self::Boolean => 0,
            Self::Date => 1,
            Self::Time => 2,
            Self::Double => 5,
            Self::Text | Self::Json => 6,
            Self::Decimal(_) => 7,
        }
    }

    fn describe(self, out: &mut Struct<'_>, name: &str) {
        out.i32(1, self.physical());
        if let Self::Decimal(_) = self {
            out.i32(2, 16);
        }
        out.i32(3, 1); // optional
        out.text(4, name);
        match self {
            Self::Text | Self::Json => {
                out.i32(6, 0);
                out.inner(10, |logical| logical.inner(1, |_| {}));
            }
            Self::Date => {
                out.i32(6, 6);
                out.inner(10, |logical| logical.inner(6, |_| {}));
            }
            Self::Decimal(scale) => {
                let scale = i32::try_from(scale).unwrap_or(0);
                out.i32(6, 5);
                out.i32(7, scale);
                out.i32(8, 38);
                out.inner(10, |logical| {
                    logical.inner(5, |decimal| {
                        decimal.i32(1, scale);
                        decimal.i32(2, 38);
                    });
                });
            }
            Self::Time => out.inner(10, |logical| {
                logical.inner(8, |time| {
                    time.bool(1, false);
                    time.inner(2, |unit| unit.inner(2, |_| {}));
                });
            }),
            Self::Boolean | Self::Double => {}
        }
    }
}

/// One column's values of the row group that is gathered.
#[derive(Debug)]
struct Gathered {
    name: String,
    form: Form,
    /// A bit for each row: whether there is a value.
    there: Vec<bool>,
    bits: Vec<bool>,
    bytes: Vec<u8>,
}

/// One column of a written row group.
struct Chunk {
    at: u64,
    values: u64,
    raw: u64,
    squeezed: u64,
}

/// Writes the file.
pub struct Writer<W> {
    out: W,
    at: u64,
    columns: Vec<Gathered>,
    groups: Vec<(u64, Vec<Chunk>)>,
}

impl<W: Write> Writer<W> {
    /// Begins the file.
    pub fn new(mut out: W, columns: &[Column]) -> std::io::Result<Self> {
        out.write_all(MAGIC)?;
        let gathered = |column: &Column| Gathered {
            name: column.name.clone(),
            form: Form::of(column),
            there: Vec::new(),
            bits: Vec::new(),
            bytes: Vec::new(),
        };
        Ok(Self { out, at: 4, columns: columns.iter().map(gathered).collect(), groups: Vec::new() })
    }

    fn group(&mut self) -> std::io::Result<()> {
        let rows = self.columns.first().map_or(0, |c| c.there.len() as u64);
        if rows == 0 {
            return Ok(());
        }
        let mut chunks = Vec::with_capacity(self.columns.len());
        for column in &mut self.columns {
            let (page, raw) = column.page()?;
            self.out.write_all(&page)?;
            chunks.push(Chunk { at: self.at, values: rows, raw, squeezed: page.len() as u64 });
            self.at += page.len() as u64;
        }
        self.groups.push((rows, chunks));
        Ok(())
    }

    fn footer(&self) -> Vec<u8> {
        let mut out = Vec::new();
        whole(&mut out, |file| {
            file.i32(1, 1);
            let elements: Vec<Option<&Gathered>> = std::iter::once(None).chain(self.columns.iter().map(Some)).collect();
            file.structs(2, &elements, |element, column| match column {
                Some(column) => column.form.describe(element, &column.name),
                None => {
                    element.text(4, "rows");
                    element.i32(5, i32::try_from(self.columns.len()).unwrap_or(i32::MAX));
                }
            });
            file.i64(3, self.groups.iter().map(|(rows, _)| rows).sum());
            file.structs(4, &self.groups, |group, (rows, chunks)| {
                let columns: Vec<_> = self.columns.iter().zip(chunks).collect();
                group.structs(1, &columns, |out, (column, chunk)| describe(out, column, chunk));
                group.i64(2, chunks.iter().map(|c| c.raw).sum());
                group.i64(3, *rows);
            });
            file.text(6, concat!("snowdeck version ", env!("CARGO_PKG_VERSION")));
        });
        out
    }
}

fn describe(out: &mut Struct<'_>, column: &Gathered, chunk: &Chunk) {
    out.i64(2, 0); // the metadata stand here alone
    out.inner(3, |meta| {
        meta.i32(1, column.form.physical());
        meta.i32s(2, &[0, 3]);
        meta.texts(3, &[&column.name]);
        meta.i32(4, ZSTD.0);
        meta.i64(5, chunk.values);
        meta.i64(6, chunk.raw);
        meta.i64(7, chunk.squeezed);
        meta.i64(9, chunk.at);
    });
}

impl<W: Write> Sink for Writer<W> {
    fn rows(&mut self, _columns: &[Column], rows: &[Vec<Cell>]) -> std::io::Result<()> {
        for row in rows {
            for (column, cell) in self.columns.iter_mut().zip(row) {
                column.push(cell.as_deref())?;
            }
            let full = |c: &Gathered| c.there.len() >= GROUP_ROWS || c.bytes.len() >= GROUP_BYTES;
            if self.columns.iter().any(full) {
                self.group()?;
            }
        }
        Ok(())
    }

    fn end(&mut self) -> std::io::Result<()> {
        self.group()?;
        let footer = self.footer();
        self.out.write_all(&footer)?;
        self.out.write_all(&u32::try_from(footer.len()).unwrap_or(u32::MAX).to_le_bytes())?;
        self.out.write_all(MAGIC)?;
        self.out.flush()
    }
}

impl Gathered {
    fn push(&mut self, cell: Option<&str>) -> std::io::Result<()> {
        self.there.push(cell.is_some());
        let Some(text) = cell else { return Ok(()) };
        let wrong = || Error::other(format!("{text:?} in column {} is no {:?} of Parquet's", self.name, self.form));
        match self.form {
            Form::Boolean => self.bits.push(text == "true"),
            Form::Double => {
                self.bytes.extend_from_slice(&text.parse::<f64>().map_err(|_| wrong())?.to_le_bytes());
            }
            Form::Date => {
                let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| wrong())?;
                let days = day.signed_duration_since(NaiveDate::default()).num_days();
                self.bytes.extend_from_slice(&i32::try_from(days).map_err(|_| wrong())?.to_le_bytes());
            }
            Form::Time => {
                let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").map_err(|_| wrong())?;
                self.bytes.extend_from_slice(&time.and_utc().timestamp_micros().to_le_bytes());
            }
            Form::Decimal(scale) => {
                let number = decimal(text, scale).ok_or_else(wrong)?;
                self.bytes.extend_from_slice(&number.to_be_bytes()[..DECIMAL]);
            }
            Form::Text => binary(&mut self.bytes, text),
            Form::Json => binary(&mut self.bytes, &one_line(text).unwrap_or_else(|| text.to_owned())),
        }
        Ok(())
    }

    /// The values as one page with its header, and its size before compression. Forgets them.
    fn page(&mut self) -> std::io::Result<(Vec<u8>, u64)> {
        let rows = self.there.len();
        let mut levels = Vec::new();
        varint(&mut levels, (rows.div_ceil(8) as u64) << 1 | 1);
        levels.extend(packed(&self.there));
        let mut raw = u32::try_from(levels.len()).unwrap_or(u32::MAX).to_le_bytes().to_vec();
        raw.extend_from_slice(&levels);
        raw.extend(packed(&self.bits));
        raw.append(&mut self.bytes);
        self.there.clear();
        self.bits.clear();
        let squeezed = zstd::bulk::compress(&raw, ZSTD.1)?;
        let number = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        let mut out = Vec::with_capacity(squeezed.len() + 64);
        whole(&mut out, |page| {
            page.i32(1, 0); // a data page
            page.i32(2, number(raw.len()));
            page.i32(3, number(squeezed.len()));
            page.inner(5, |data| {
                data.i32(1, number(rows));
                data.i32(2, 0); // plain
                data.i32(3, 3);
                data.i32(4, 3);
            });
        });
        let raw = (out.len() + raw.len()) as u64;
        out.extend_from_slice(&squeezed);
        Ok((out, raw))
    }
}

/// Bits, eight a byte, the first lowest.
fn packed(bits: &[bool]) -> impl Iterator<Item = u8> + '_ {
    bits.chunks(8).map(|eight| eight.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit)))
}

fn binary(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// A number as `value × 10^-scale`; `None` where it is none or does not fit.
fn decimal(text: &str, scale: u32) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let missing = usize::try_from(scale).ok()?.checked_sub(fraction.len())?;
    format!("{whole}{fraction}{}", "0".repeat(missing)).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_their_digits() {
        assert_eq!(decimal("-0.05", 2), Some(-5));
        assert_eq!(decimal("7", 3), Some(7_000));
        assert_eq!(decimal("1.234", 2), None);
        assert_eq!(decimal("x", 0), None);
    }

    #[test]
    fn a_file_begins_and_ends_as_the_format_says() {
        let column = |name: &str, kind: &str| Column { name: name.into(), kind: kind.into(), scale: Some(2) };
        let columns = [column("N", "fixed"), column("B", "boolean"), column("T", "text")];
        let mut out = Vec::new();
        let mut writer = Writer::new(&mut out, &columns).unwrap();
        let row = |n: &str| vec![Some(n.to_owned()), None, Some("x".to_owned())];
        writer.rows(&columns, &[row("1.50"), row("2")]).unwrap();
        assert!(writer.rows(&columns, &[row("many")]).is_err());
        let mut writer = Writer::new(Vec::new(), &columns).unwrap();
        writer.rows(&columns, &[row("1.50"), row("2")]).unwrap();
        writer.end().unwrap();
        let bytes = writer.out;
        assert!(bytes.starts_with(MAGIC) && bytes.ends_with(MAGIC));
        let length = u32::from_le_bytes(bytes[bytes.len() - 8..bytes.len() - 4].try_into().unwrap());
        assert!((40..bytes.len()).contains(&usize::try_from(length).unwrap()));
    }
}
