//! The end of a file: its schema and where its row groups lie.

use super::super::options::Compression;
use super::thrift::{Struct, whole};

/// What a file begins and ends with.
pub const MAGIC: &[u8; 4] = b"PAR1";

/// Encodings as the format numbers them.
#[derive(Debug, Clone, Copy)]
pub enum Encoding {
    /// Value after value.
    Plain = 0,
    /// Runs, for levels.
    Rle = 3,
    /// Places in the dictionary.
    Dictionary = 8,
}

/// One column of a row group; places count from the row group's first byte.
#[derive(Debug, Clone, Copy)]
pub struct Chunk {
    /// Values.
    pub values: u64,
    /// Place of the dictionary.
    pub dictionary: Option<u64>,
    /// Place of the data.
    pub data: u64,
    /// Bytes before compression, headers included.
    pub raw: u64,
    /// Bytes in the file.
    pub squeezed: u64,
}

/// A row group.
#[derive(Debug, Clone)]
pub struct RowGroup {
    /// Rows.
    pub rows: u64,
    /// The columns, in the schema's order.
    pub chunks: [Chunk; 4],
}

/// Gathers a file's row groups.
#[derive(Debug, Default)]
pub struct Footer {
    groups: Vec<(u64, RowGroup)>,
}

const BYTE_ARRAY: i32 = 6;
const INT32: i32 = 1;
const INT64: i32 = 2;

/// The leaves: physical type, path, codec-independent encodings.
const LEAVES: [(i32, &[&str], &[i32]); 4] = [
    (BYTE_ARRAY, &["customer_id"], &[0, 3]),
    (BYTE_ARRAY, &["basket", "list", "element", "product_id"], &[0, 3, 8]),
    (INT32, &["basket", "list", "element", "price"], &[0, 3]),
    (INT64, &["date_of_purchase"], &[0, 3]),
];

impl Footer {
    /// Adds a row group that begins at byte `at` of the file.
    pub fn add(&mut self, at: u64, group: RowGroup) {
        if group.rows > 0 {
            self.groups.push((at, group));
        }
    }

    /// The footer's bytes, up to the file's last.
    #[must_use]
    pub fn bytes(&self, codec: Compression) -> Vec<u8> {
        let mut out = Vec::new();
        whole(&mut out, |file| {
            file.i32(1, 1);
            file.structs(2, &SCHEMA, |element, field| field.write(element));
            file.i64(3, self.groups.iter().map(|(_, g)| g.rows).sum());
            file.structs(4, &self.groups, |group, (at, of)| write_group(group, *at, of, codec));
            file.text(6, concat!("snowdeck version ", env!("CARGO_PKG_VERSION")));
        });
        let length = u32::try_from(out.len()).unwrap_or(u32::MAX).to_le_bytes();
        out.extend_from_slice(&length);
        out.extend_from_slice(MAGIC);
        out
    }
}

fn write_group(out: &mut Struct, at: u64, group: &RowGroup, codec: Compression) {
    let columns: Vec<_> = LEAVES.iter().zip(&group.chunks).collect();
    out.structs(1, &columns, |column, ((of, path, encodings), chunk)| {
        column.i64(2, 0); // the metadata stand here alone
        column.inner(3, |meta| {
            meta.i32(1, *of);
            meta.i32s(2, encodings);
            meta.texts(3, path);
            meta.i32(4, codec_number(codec));
            meta.i64(5, chunk.values);
            meta.i64(6, chunk.raw);
            meta.i64(7, chunk.squeezed);
            meta.i64(9, at + chunk.data);
            if let Some(dictionary) = chunk.dictionary {
                meta.i64(11, at + dictionary);
            }
        });
    });
    out.i64(2, group.chunks.iter().map(|c| c.raw).sum());
    out.i64(3, group.rows);
}

const fn codec_number(codec: Compression) -> i32 {
    match codec {
        Compression::None => 0,
        Compression::Gzip => 2,
        Compression::Zstd => 6,
    }
}

/// One element of the schema, which is a tree told in depth-first order.
struct Element {
    name: &'static str,
    kind: Kind,
}

enum Kind {
    Root(i32),
    List,
    Repeated(i32),
    Group(i32),
    Text,
    Price,
    Time,
}

const SCHEMA: [Element; 8] = [
    Element { name: "transactions", kind: Kind::Root(3) },
    Element { name: "customer_id", kind: Kind::Text },
    Element { name: "basket", kind: Kind::List },
    Element { name: "list", kind: Kind::Repeated(1) },
    Element { name: "element", kind: Kind::Group(2) },
    Element { name: "product_id", kind: Kind::Text },
    Element { name: "price", kind: Kind::Price },
    Element { name: "date_of_purchase", kind: Kind::Time },
];

impl Element {
    fn write(&self, out: &mut Struct) {
        let physical = match self.kind {
            Kind::Text => Some(BYTE_ARRAY),
            Kind::Price => Some(INT32),
            Kind::Time => Some(INT64),
            _ => None,
        };
        if let Some(physical) = physical {
            out.i32(1, physical);
        }
        match self.kind {
            Kind::Root(_) => {}
            Kind::Repeated(_) => out.i32(3, 2),
            _ => out.i32(3, 0), // required: nothing of ours is absent
        }
        out.text(4, self.name);
        match self.kind {
            Kind::Root(n) | Kind::Repeated(n) | Kind::Group(n) => out.i32(5, n),
            Kind::List => {
                out.i32(5, 1);
                out.i32(6, 3);
                out.inner(10, |logical| logical.inner(3, |_| {}));
            }
            Kind::Text => {
                out.i32(6, 0);
                out.inner(10, |logical| logical.inner(1, |_| {}));
            }
            Kind::Price => {}
            // Microseconds, of a clock on the wall: in no time zone.
            Kind::Time => out.inner(10, |logical| {
                logical.inner(8, |time| {
                    time.bool(1, false);
                    time.inner(2, |unit| unit.inner(2, |_| {}));
                });
            }),
        }
    }
}
