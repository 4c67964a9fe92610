//! Thrift's compact protocol, as much of it as Parquet's metadata needs (Apache Thrift, `thrift-compact-protocol.md`).

/// Types as the protocol numbers them.
const TRUE: u8 = 1;
const FALSE: u8 = 2;
const I32: u8 = 5;
const I64: u8 = 6;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

/// Appends a number without a sign, seven bits a byte, the lowest first.
pub fn varint(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(low(n) | 0x80);
        n >>= 7;
    }
    out.push(low(n));
}

const fn low(n: u64) -> u8 {
    (n & 0x7f) as u8
}

#[allow(clippy::cast_sign_loss)] // zigzag: the sign becomes the lowest bit
const fn zigzag(n: i64) -> u64 {
    ((n << 1) ^ (n >> 63)) as u64
}

/// Writes one struct: fields in the order of their numbers, then [`Struct::end`].
pub struct Struct<'a> {
    out: &'a mut Vec<u8>,
    last: u8,
}

impl<'a> Struct<'a> {
    /// Begins one at the end of `out`.
    pub fn begin(out: &'a mut Vec<u8>) -> Self {
        Self { out, last: 0 }
    }

    /// A 32-bit number.
    pub fn i32(&mut self, field: u8, value: i32) {
        self.header(field, I32);
        varint(self.out, zigzag(value.into()));
    }

    /// A 64-bit number.
    pub fn i64(&mut self, field: u8, value: u64) {
        self.header(field, I64);
        varint(self.out, zigzag(i64::try_from(value).unwrap_or(i64::MAX)));
    }

    /// A boolean.
    pub fn bool(&mut self, field: u8, value: bool) {
        self.header(field, if value { TRUE } else { FALSE });
    }

    /// A text.
    pub fn text(&mut self, field: u8, value: &str) {
        self.header(field, BINARY);
        binary(self.out, value);
    }

    /// A struct.
    pub fn inner(&mut self, field: u8, write: impl FnOnce(&mut Struct)) {
        self.header(field, STRUCT);
        whole(self.out, write);
    }

    /// A list of structs.
    pub fn structs<T>(&mut self, field: u8, items: &[T], mut write: impl FnMut(&mut Struct, &T)) {
        self.list(field, STRUCT, items.len());
        for item in items {
            whole(self.out, |s| write(s, item));
        }
    }

    /// A list of texts.
    pub fn texts(&mut self, field: u8, items: &[&str]) {
        self.list(field, BINARY, items.len());
        for item in items {
            binary(self.out, item);
        }
    }

    /// A list of 32-bit numbers.
    pub fn i32s(&mut self, field: u8, items: &[i32]) {
        self.list(field, I32, items.len());
        for item in items {
            varint(self.out, zigzag((*item).into()));
        }
    }

    /// Ends the struct.
    pub fn end(self) {
        self.out.push(0);
    }

    fn list(&mut self, field: u8, of: u8, len: usize) {
        self.header(field, LIST);
        match u8::try_from(len) {
            Ok(len) if len < 15 => self.out.push(len << 4 | of),
            _ => {
                self.out.push(0xf0 | of);
                varint(self.out, len as u64);
            }
        }
    }

    /// Fields of ours are less than 16 apart, so the short form does.
    fn header(&mut self, field: u8, of: u8) {
        self.out.push((field - self.last) << 4 | of);
        self.last = field;
    }
}

/// Writes a struct from its beginning to its end.
pub fn whole(out: &mut Vec<u8>, write: impl FnOnce(&mut Struct)) {
    let mut inner = Struct::begin(out);
    write(&mut inner);
    inner.end();
}

fn binary(out: &mut Vec<u8>, text: &str) {
    varint(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_zigzag_varints() {
        let mut out = Vec::new();
        whole(&mut out, |s| {
            s.i32(1, -1);
            s.i64(3, 300);
            s.bool(4, false);
            s.texts(6, &["ab"]);
        });
        assert_eq!(out, [0x15, 1, 0x26, 0xd8, 0x04, 0x12, 0x29, 0x18, 2, b'a', b'b', 0]);
    }
}
