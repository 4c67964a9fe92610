//! Reading an object's content.

use super::blob::Blobs;
use super::error::Error;
use super::gate::Ticket;
use super::record::Place;
use bytes::Bytes;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;

/// A stretch of content.
pub(super) enum Source {
    /// Small content, read with the record.
    Bytes(Bytes),
    /// A blob file.
    File(u64),
}

/// Reads an object as it was when it was opened, whatever is stored or deleted under its key meanwhile.
/// Blocking; knows its size, can seek.
pub struct ObjectReader {
    blobs: Arc<Blobs>,
    /// Where each stretch ends, and what it is.
    sources: Vec<(u64, Source)>,
    size: u64,
    at: u64,
    open: Option<(usize, File)>,
    _ticket: Ticket,
}

impl ObjectReader {
    pub(super) fn new(blobs: Arc<Blobs>, ticket: Ticket, parts: Vec<(u64, Source)>) -> Self {
        let mut size = 0;
        let mut sources = Vec::with_capacity(parts.len());
        for (length, source) in parts.into_iter().filter(|(length, _)| *length > 0) {
            size += length;
            sources.push((size, source));
        }
        Self { blobs, sources, size, at: 0, open: None, _ticket: ticket }
    }

    /// Size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The whole content, where it is small enough to be in memory already.
    pub(in crate::local::s3) fn in_memory(&self) -> Option<Bytes> {
        match self.sources.as_slice() {
            [] => Some(Bytes::new()),
            [(_, Source::Bytes(bytes))] => Some(bytes.clone()),
            _ => None,
        }
    }

    /// The file that holds exactly this content, where there is one: for readers that want a path (read-only, and only
    /// as long as this reader lives).
    #[must_use]
    pub fn file(&self) -> Option<PathBuf> {
        match self.sources.as_slice() {
            [(_, Source::File(id))] => Some(self.blobs.path(*id)),
            _ => None,
        }
    }

    /// The whole content.
    ///
    /// # Errors
    /// The disk's failure.
    pub fn into_bytes(mut self) -> Result<Bytes, Error> {
        if let Some(bytes) = self.in_memory() {
            return Ok(bytes);
        }
        let mut out = Vec::with_capacity(usize::try_from(self.size).unwrap_or(0));
        match self.read_to_end(&mut out) {
            Ok(_) => Ok(out.into()),
            Err(e) => Err(self.failed(e)),
        }
    }

    /// Reads at most `limit` bytes from where the reader stands, up to the byte before `end`; empty at the end.
    ///
    /// # Errors
    /// The disk's failure.
    pub(in crate::local::s3) fn chunk(&mut self, end: u64, limit: usize) -> Result<Bytes, Error> {
        let left = usize::try_from(end.min(self.size).saturating_sub(self.at)).unwrap_or(usize::MAX);
        let mut out = vec![0; left.min(limit)];
        match self.read_exact(&mut out) {
            Ok(()) => Ok(out.into()),
            Err(e) => Err(self.failed(e)),
        }
    }

    /// Where the next read starts.
    pub(in crate::local::s3) fn at(&self) -> u64 {
        self.at
    }

    /// Lets the next read start at that byte.
    pub(in crate::local::s3) fn start_at(&mut self, at: u64) {
        self.at = at;
    }

    fn failed(&self, source: io::Error) -> Error {
        let current = self.sources.iter().find(|(end, _)| *end > self.at).or(self.sources.last());
        let path = match current {
            Some((_, Source::File(id))) => self.blobs.path(*id),
            _ => PathBuf::from("(index)"),
        };
        Error::blob(&path, source)
    }
}

impl Read for ObjectReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.size || out.is_empty() {
            return Ok(0);
        }
        let index = self.sources.partition_point(|(end, _)| *end <= self.at);
        let start = if index == 0 { 0 } else { self.sources[index - 1].0 };
        let (end, source) = &self.sources[index];
        let left = usize::try_from(end - self.at).unwrap_or(usize::MAX).min(out.len());
        let offset = self.at - start;
        let count = match source {
            Source::Bytes(bytes) => {
                let from = usize::try_from(offset).map_err(io::Error::other)?;
                out[..left].copy_from_slice(&bytes[from..from + left]);
                left
            }
            Source::File(id) => {
                if self.open.as_ref().is_none_or(|(open, _)| *open != index) {
                    self.open = Some((index, File::open(self.blobs.path(*id))?));
                }
                let Some((_, file)) = &self.open else { return Ok(0) };
                file.read_at(&mut out[..left], offset)?
            }
        };
        if count == 0 {
            // The index says that there is more: never pass short content off as whole.
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the blob file is shorter than the object"));
        }
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for ObjectReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = target.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "seek before the start"))?;
        Ok(self.at)
    }
}

/// What of a record's place is content: its length and source. Manifests are resolved by the caller.
pub(super) fn source(place: Place, inline: impl FnOnce(u64) -> Result<Bytes, Error>) -> Result<Source, Error> {
    match place {
        Place::Empty => Ok(Source::Bytes(Bytes::new())),
        Place::Inline(id) => Ok(Source::Bytes(inline(id)?)),
        Place::File(id) => Ok(Source::File(id)),
        Place::Manifest(_) => Err(Error::Index("a manifest lists a manifest".into())),
    }
}
