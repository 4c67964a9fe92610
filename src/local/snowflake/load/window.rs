//! A sliding window over a file's decompressed bytes.

use super::batch::RowError;
use std::io::Read;

const CHUNK: usize = 256 << 10;

/// The longest record: what a VARIANT or VARCHAR can hold.
pub const LONGEST: usize = 128 << 20;

/// What is read but not yet used.
pub struct Window {
    input: Box<dyn Read + Send>,
    buf: Vec<u8>,
    pos: usize,
    eof: bool,
    /// Line of the first unused byte, from 1.
    pub line: u64,
}

impl Window {
    /// Over a stream of decompressed bytes.
    #[must_use]
    pub fn new(input: Box<dyn Read + Send>) -> Self {
        Self { input, buf: Vec::new(), pos: 0, eof: false, line: 1 }
    }

    /// The unused bytes that are here.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.buf[self.pos..]
    }

    /// Whether the bytes that are here are the last ones.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.eof
    }

    /// Reads on until `n` unused bytes are here or the file ends; gives how many are here.
    ///
    /// # Errors
    /// The file cannot be read or decompressed.
    pub fn ensure(&mut self, n: usize) -> Result<usize, RowError> {
        while !self.eof && self.buf.len() - self.pos < n {
            if self.pos > 0 {
                self.buf.drain(..self.pos);
                self.pos = 0;
            }
            let len = self.buf.len();
            let more = CHUNK.max(n.saturating_sub(len)).min(4 << 20);
            self.buf.resize(len + more, 0);
            let got = loop {
                match self.input.read(&mut self.buf[len..]) {
                    Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                    other => break other,
                }
            };
            match got {
                Ok(got) => {
                    self.buf.truncate(len + got);
                    self.eof = got == 0;
                }
                Err(e) => {
                    self.buf.truncate(len);
                    return Err(RowError::fatal("100033", "22000", format!("the file cannot be read: {e}")));
                }
            }
        }
        Ok(self.buf.len() - self.pos)
    }

    /// Marks bytes as used.
    pub fn consume(&mut self, n: usize) {
        let used = &self.buf[self.pos..self.pos + n];
        self.line += memchr::memchr_iter(b'\n', used).count() as u64;
        self.pos += n;
    }

    /// Goes behind the next newline, or to the end.
    ///
    /// # Errors
    /// As [`Window::ensure`].
    pub fn skip_line(&mut self) -> Result<(), RowError> {
        loop {
            let have = self.ensure(CHUNK)?;
            if let Some(i) = memchr::memchr(b'\n', self.bytes()) {
                self.consume(i + 1);
                return Ok(());
            }
            self.consume(have);
            if self.eof {
                return Ok(());
            }
        }
    }

    /// Goes behind a byte order mark.
    ///
    /// # Errors
    /// As [`Window::ensure`].
    pub fn skip_bom(&mut self) -> Result<(), RowError> {
        self.ensure(3)?;
        if self.bytes().starts_with(b"\xef\xbb\xbf") {
            self.consume(3);
        }
        Ok(())
    }
}

/// Replaces what is no UTF-8 with U+FFFD.
pub struct Lossy<R> {
    input: R,
    raw: Vec<u8>,
    out: Vec<u8>,
    at: usize,
    eof: bool,
}

impl<R: Read> Lossy<R> {
    /// Over a stream of bytes.
    pub fn new(input: R) -> Self {
        Self { input, raw: Vec::new(), out: Vec::new(), at: 0, eof: false }
    }

    fn fill(&mut self) -> std::io::Result<()> {
        self.out.clear();
        self.at = 0;
        while self.out.is_empty() && !self.eof {
            let len = self.raw.len();
            self.raw.resize(len + CHUNK, 0);
            let got = self.input.read(&mut self.raw[len..]);
            self.raw.truncate(len + got.as_ref().map_or(0, |n| *n));
            self.eof = got? == 0;
            let mut rest = self.raw.as_slice();
            loop {
                match std::str::from_utf8(rest) {
                    Ok(good) => {
                        self.out.extend_from_slice(good.as_bytes());
                        rest = &[];
                        break;
                    }
                    Err(e) => {
                        let (good, bad) = rest.split_at(e.valid_up_to());
                        self.out.extend_from_slice(good);
                        match e.error_len() {
                            Some(n) => rest = &bad[n..],
                            None if self.eof => rest = &[],
                            None => {
                                rest = bad;
                                break;
                            }
                        }
                        self.out.extend_from_slice("\u{fffd}".as_bytes());
                    }
                }
            }
            self.raw = rest.to_vec();
        }
        Ok(())
    }
}

impl<R: Read> Read for Lossy<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.out.len() {
            self.fill()?;
        }
        let n = out.len().min(self.out.len() - self.at);
        out[..n].copy_from_slice(&self.out[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lossy_replaces_bad_bytes_once_each() {
        let mut text = String::new();
        Lossy::new(&b"a\xffb\xe2\x82\xacc\xe2\x82"[..]).read_to_string(&mut text).unwrap();
        assert_eq!(text, "a\u{fffd}b€c\u{fffd}");
    }

    #[test]
    fn lines_are_counted() {
        let mut w = Window::new(Box::new(&b"a\nb\nc"[..]));
        w.skip_line().unwrap();
        assert_eq!((w.line, w.bytes().first()), (2, Some(&b'b')));
        w.skip_line().unwrap();
        w.skip_line().unwrap();
        assert_eq!((w.line, w.bytes().len(), w.is_last()), (3, 0, true));
    }
}
