//! Contents on disk: blob files named by number, never by key.
//!
//! A number is the store's run (counted up at each opening) and a counter within it, so numbers never come back, and a
//! file of an earlier run that the index does not know is an orphan of a crash: content that was never acknowledged.

use super::digest::{Algorithm, Checksums, Digests};
use super::error::Error;
use super::gate::Gate;
use super::record::Place;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Contents up to this size live in the index: one file each would cost more than it holds.
pub(super) const INLINE_LIMIT: usize = 4096;
/// Bits of a number that count within a run.
const COUNTER_BITS: u32 = 40;
/// How many files share a folder, as bits.
const FOLDER_BITS: u32 = 12;

/// The folder of blob files.
pub(super) struct Blobs {
    root: PathBuf,
    run: u64,
    next: AtomicU64,
    gate: Gate,
}

impl Blobs {
    /// Uses `root`, which must be there. `run` must never have been used before.
    pub fn new(root: PathBuf, run: u64) -> Self {
        Self { root, run, next: AtomicU64::new(0), gate: Gate::default() }
    }

    /// Keeps files on disk for a reader, whatever is deleted meanwhile.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// A number never used before.
    pub fn new_id(&self) -> u64 {
        (self.run << COUNTER_BITS) | self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Where the file of that number is.
    pub fn path(&self, id: u64) -> PathBuf {
        self.root.join(format!("{:07x}", id >> FOLDER_BITS)).join(format!("{id:016x}"))
    }

    fn create(&self, path: &Path) -> io::Result<File> {
        let create = || OpenOptions::new().write(true).create_new(true).open(path);
        match create() {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(path.parent().unwrap_or(&self.root))?;
                create()
            }
            other => other,
        }
    }

    /// Hands files that nothing refers to any more to [`Self::clean`].
    pub fn retire(&self, ids: Vec<u64>) {
        self.gate.retire(ids);
    }

    /// Removes retired files once no reader can hold them, until [`Gate::close`]: a thread's work.
    pub fn clean(&self) {
        while let Some(ids) = self.gate.next_retired() {
            for id in ids {
                Self::remove(&self.path(id));
            }
        }
    }

    /// A file that stays is only wasted space, and the next start's sweep gets it: worth a line in the log, no more.
    fn remove(path: &Path) {
        if let Err(e) = fs::remove_file(path)
            && e.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(path = %path.display(), error = %e, "a blob file could not be removed");
        }
    }

    /// Removes the files of earlier runs for which `known` says no, and folders left empty.
    pub fn sweep(&self, known: impl Fn(u64) -> bool) -> io::Result<u64> {
        let mut removed = 0;
        for folder in fs::read_dir(&self.root)? {
            let folder = folder?.path();
            for file in fs::read_dir(&folder)? {
                if self.gate.is_closed() {
                    return Ok(removed);
                }
                let file = file?;
                let id = file.file_name().to_str().and_then(|name| u64::from_str_radix(name, 16).ok());
                if let Some(id) = id
                    && id >> COUNTER_BITS < self.run
                    && !known(id)
                {
                    Self::remove(&file.path());
                    removed += 1;
                }
            }
            // Fails on a folder that is not empty, which is as wanted; new files make their folder again.
            if folder
                .file_name()
                .and_then(|n| n.to_str())
                .and_then(|n| u64::from_str_radix(n, 16).ok())
                .is_some_and(|n| n >> (COUNTER_BITS - FOLDER_BITS) < self.run)
            {
                drop(fs::remove_dir(&folder));
            }
        }
        Ok(removed)
    }
}

/// Content on its way in.
pub struct BlobWriter {
    blobs: Arc<Blobs>,
    digests: Digests,
    buffer: Vec<u8>,
    file: Option<(u64, PathBuf, File)>,
    size: u64,
}

impl BlobWriter {
    /// Nothing yet.
    pub(super) fn new(blobs: Arc<Blobs>, algorithms: &[Algorithm]) -> Self {
        Self { blobs, digests: Digests::new(algorithms), buffer: Vec::new(), file: None, size: 0 }
    }

    /// Takes in more. Blocks on the disk.
    ///
    /// # Errors
    /// The disk's failure.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.digests.update(bytes);
        self.size += bytes.len() as u64;
        if self.file.is_none() && self.buffer.len() + bytes.len() <= INLINE_LIMIT {
            self.buffer.extend_from_slice(bytes);
            return Ok(());
        }
        let buffered = std::mem::take(&mut self.buffer);
        let (_, path, file) = self.file()?;
        file.write_all(&buffered).and_then(|()| file.write_all(bytes)).map_err(|e| Error::blob(path, e))
    }

    fn file(&mut self) -> Result<&mut (u64, PathBuf, File), Error> {
        match &mut self.file {
            Some(file) => Ok(file),
            empty => {
                let id = self.blobs.new_id();
                let path = self.blobs.path(id);
                let file = self.blobs.create(&path).map_err(|e| Error::blob(&path, e))?;
                Ok(empty.insert((id, path, file)))
            }
        }
    }

    /// How much it has taken in.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// All is in.
    #[must_use]
    pub fn finish(mut self) -> Staged {
        let place = match &self.file {
            Some((id, ..)) => Place::File(*id),
            None if self.buffer.is_empty() => Place::Empty,
            None => Place::Inline(self.blobs.new_id()),
        };
        let digests = std::mem::replace(&mut self.digests, Digests::new(&[]));
        let (md5, checksums) = digests.finish();
        let path = self.file.take().map(|(_, path, _)| path);
        Staged { place, inline: std::mem::take(&mut self.buffer), path, size: self.size, md5, checksums }
    }
}

impl Drop for BlobWriter {
    fn drop(&mut self) {
        if let Some((_, path, _)) = &self.file {
            Blobs::remove(path);
        }
    }
}

/// Content that is in, but not in the index yet. Dropped without that, its file goes.
pub struct Staged {
    pub(super) place: Place,
    inline: Vec<u8>,
    path: Option<PathBuf>,
    /// Size in bytes.
    pub size: u64,
    /// MD5 of the content.
    pub md5: [u8; 16],
    /// The checksums asked for.
    pub checksums: Checksums,
}

impl Staged {
    /// Small content itself.
    pub(super) fn take_inline(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.inline)
    }

    /// The index has it now.
    pub(super) fn keep(mut self) {
        self.path = None;
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            drop(fs::remove_file(path));
        }
    }
}
