//! Transactions as Parquet, written by hand: four columns of two types need no library that takes minutes to compile.
//!
//! A unit of work becomes one row group; the footer is written with a file's last unit. By the format's specification
//! (Apache Parquet, `Encodings.md` and `parquet.thrift`); a test reads the files with another implementation.

mod footer;
pub(in crate::jobs) mod thrift;

pub use footer::{Footer, MAGIC, RowGroup};

use super::catalogue::{PRODUCTS, product_id};
use super::compress;
use super::options::Compression;
use super::sale::Sale;
use crate::jobs::JobError;
use footer::{Chunk, Encoding};
use thrift::{varint, whole};

/// The rows of one file's unit, column by column. Keeps its memory.
#[derive(Debug, Default)]
pub struct Columns {
    rows: u64,
    customers: Vec<u8>,
    times: Vec<u8>,
    /// 0 where a basket begins, 1 where it goes on.
    levels: Bits,
    products: Vec<u8>,
    prices: Vec<u8>,
}

/// Single bits, eight a byte, the first lowest.
#[derive(Debug, Default)]
struct Bits {
    bytes: Vec<u8>,
    len: usize,
}

impl Bits {
    fn push(&mut self, bit: bool) {
        if self.len.is_multiple_of(8) {
            self.bytes.push(0);
        }
        if let Some(last) = self.bytes.last_mut() {
            *last |= u8::from(bit) << (self.len % 8);
        }
        self.len += 1;
    }
}

impl Columns {
    /// Forgets the rows.
    pub fn clear(&mut self) {
        self.rows = 0;
        self.customers.clear();
        self.times.clear();
        self.levels.bytes.clear();
        self.levels.len = 0;
        self.products.clear();
        self.prices.clear();
    }

    /// Adds a row; `midnight` is its day's beginning in seconds since 1970.
    pub fn push(&mut self, sale: &Sale, midnight: i64) {
        self.rows += 1;
        let mut digits = itoa::Buffer::new();
        let digits = digits.format(sale.customer).as_bytes();
        self.customers.extend_from_slice(&length(digits.len() + 1));
        self.customers.push(b'C');
        self.customers.extend_from_slice(digits);
        let micros = (midnight + i64::from(sale.second)) * 1_000_000;
        self.times.extend_from_slice(&micros.to_le_bytes());
        for (index, item) in sale.basket().iter().enumerate() {
            self.levels.push(index > 0);
            self.products.push(u8::try_from(item.product).unwrap_or(0));
            self.prices.extend_from_slice(&item.price.to_le_bytes());
        }
    }

    /// Writes the rows as a row group to the end of `out`; its places count from there.
    ///
    /// # Errors
    /// The compressor's.
    pub fn write(&self, out: &mut Vec<u8>, codec: Compression) -> Result<RowGroup, JobError> {
        if self.rows == 0 {
            let chunk = Chunk { values: 0, dictionary: None, data: 0, raw: 0, squeezed: 0 };
            return Ok(RowGroup { rows: 0, chunks: [chunk; 4] });
        }
        let start = out.len();
        let mut pages = Pages { out, start, codec };
        let levels = self.basket_levels();
        let items = self.levels.len as u64;
        let chunks = [
            pages.column(self.rows, Encoding::Plain, None, &[&self.customers])?,
            pages.column(items, Encoding::Dictionary, Some(&dictionary()), &[&levels, &self.indices()])?,
            pages.column(items, Encoding::Plain, None, &[&levels, &self.prices])?,
            pages.column(self.rows, Encoding::Plain, None, &[&self.times])?,
        ];
        Ok(RowGroup { rows: self.rows, chunks })
    }

    /// Where baskets begin (repetition), and that every item is there (definition): each after its length.
    fn basket_levels(&self) -> Vec<u8> {
        let mut repetition = Vec::with_capacity(self.levels.bytes.len() + 8);
        varint(&mut repetition, (self.levels.bytes.len() as u64) << 1 | 1);
        repetition.extend_from_slice(&self.levels.bytes);
        let mut definition = Vec::new();
        varint(&mut definition, (self.levels.len as u64) << 1);
        definition.push(1);
        let mut out = Vec::with_capacity(repetition.len() + definition.len() + 8);
        for levels in [repetition, definition] {
            out.extend_from_slice(&length(levels.len()));
            out.extend_from_slice(&levels);
        }
        out
    }

    /// Places in the dictionary, bit-packed.
    fn indices(&self) -> Vec<u8> {
        let groups = self.products.len().div_ceil(8);
        let mut out = Vec::with_capacity(groups * INDEX_BITS + 8);
        out.push(u8::try_from(INDEX_BITS).unwrap_or(0));
        varint(&mut out, (groups as u64) << 1 | 1);
        for eight in self.products.chunks(8) {
            let packed = eight.iter().rev().fold(0_u64, |word, index| word << INDEX_BITS | u64::from(*index));
            // The first of a short group is lowest already; what is missing is 0.
            out.extend_from_slice(&packed.to_le_bytes()[..INDEX_BITS]);
        }
        out
    }
}

/// Bits for the place of one of the products.
const INDEX_BITS: usize = (usize::BITS - (PRODUCTS - 1).leading_zeros()) as usize;

fn dictionary() -> Vec<u8> {
    let mut out = Vec::new();
    for id in (0..PRODUCTS).map(product_id) {
        out.extend_from_slice(&length(id.len()));
        out.extend_from_slice(id.as_bytes());
    }
    out
}

fn length(n: usize) -> [u8; 4] {
    u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes()
}

struct Pages<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
    codec: Compression,
}

impl Pages<'_> {
    /// One column: a dictionary page where there is one, and one data page.
    fn column(
        &mut self,
        values: u64,
        encoding: Encoding,
        dictionary: Option<&[u8]>,
        body: &[&[u8]],
    ) -> Result<Chunk, JobError> {
        let first = self.at();
        let mut raw = 0;
        if let Some(dictionary) = dictionary {
            raw += self.page(PRODUCTS as u64, None, &[dictionary])?;
        }
        let data = self.at();
        raw += self.page(values, Some(encoding), body)?;
        let dictionary = dictionary.map(|_| first);
        Ok(Chunk { values, dictionary, data, raw, squeezed: self.at() - first })
    }

    /// A page; a dictionary where there is no encoding. Returns its size before compression, with its header.
    fn page(&mut self, values: u64, encoding: Option<Encoding>, body: &[&[u8]]) -> Result<u64, JobError> {
        let raw = body.concat();
        let packed = compress::pack(self.codec, &raw)?;
        let number = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        let values = i32::try_from(values).unwrap_or(i32::MAX);
        let before = self.out.len();
        whole(self.out, |page| {
            page.i32(1, if encoding.is_some() { 0 } else { 2 }); // data page, dictionary page
            page.i32(2, number(raw.len()));
            page.i32(3, number(packed.len()));
            match encoding {
                Some(encoding) => page.inner(5, |data| {
                    data.i32(1, values);
                    data.i32(2, encoding as i32);
                    data.i32(3, Encoding::Rle as i32);
                    data.i32(4, Encoding::Rle as i32);
                }),
                None => page.inner(7, |dictionary| {
                    dictionary.i32(1, values);
                    dictionary.i32(2, Encoding::Plain as i32);
                }),
            }
        });
        let header = self.out.len() - before;
        self.out.extend_from_slice(&packed);
        Ok((header + raw.len()) as u64)
    }

    const fn at(&self) -> u64 {
        (self.out.len() - self.start) as u64
    }
}
