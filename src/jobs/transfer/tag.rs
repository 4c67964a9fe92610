//! Entity tags: whether a file and an object hold the same.

use super::{PART_LEAST, part_size, unreadable};
use crate::domain::ObjectInfo;
use crate::jobs::JobError;
use md5::{Digest, Md5};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Part sizes that tools use, in MiB: what an object was uploaded in is not written anywhere.
const COMMON_MIB: [u64; 12] = [8, 5, 50, 16, 64, 100, 10, 15, 25, 32, 128, 512];
/// How many of them are tried at most: each reads the file once.
const TRIES: usize = 3;

/// Whether a file holds what an object does, by size and entity tag. A tag that tells nothing of the content (encrypted
/// objects have such) is a no.
///
/// # Errors
/// [`JobError::File`].
pub async fn same(path: &Path, object: &ObjectInfo, part: u64) -> Result<bool, JobError> {
    let Some(tag) = object.etag.clone() else { return Ok(false) };
    let (file, size) = (path.to_owned(), object.size);
    let compare = move || -> io::Result<bool> {
        if std::fs::metadata(&file)?.len() != size {
            return Ok(false);
        }
        for part in layouts(&tag, size, part) {
            if file_tag(&file, part)? == tag {
                return Ok(true);
            }
        }
        Ok(false)
    };
    let compared = tokio::task::spawn_blocking(compare).await.unwrap_or_else(|e| Err(io::Error::other(e)));
    compared.map_err(|e| unreadable(path, e))
}

/// The part sizes that an object of that tag and size may have been uploaded in; `None` for one that was sent whole.
fn layouts(tag: &str, size: u64, own: u64) -> Vec<Option<u64>> {
    let Some((_, count)) = tag.split_once('-') else { return vec![None] };
    let Ok(count) = count.parse::<u64>() else { return Vec::new() };
    let mut sizes = vec![part_size(size, own)];
    sizes.extend(COMMON_MIB.map(|mib| mib << 20));
    let mut seen = Vec::new();
    for part in sizes {
        let fits = part >= PART_LEAST.min(size.max(1)) && size.div_ceil(part).max(1) == count;
        if fits && !seen.contains(&Some(part)) {
            seen.push(Some(part));
        }
    }
    seen.truncate(TRIES);
    seen
}

/// The tag that S3 gives a file that is sent in parts of that size, or whole.
///
/// # Errors
/// The file's.
pub fn file_tag(path: &Path, part: Option<u64>) -> io::Result<String> {
    let mut file = File::open(path)?;
    let Some(part) = part else { return Ok(hex::encode(md5_of(&mut file)?)) };
    let count = file.metadata()?.len().div_ceil(part).max(1);
    let mut parts = Vec::new();
    for _ in 0..count {
        parts.push(md5_of(&mut Read::by_ref(&mut file).take(part))?);
    }
    Ok(of_parts(&parts))
}

/// The tag of an object whose parts have these MD5s.
#[must_use]
pub fn of_parts(parts: &[[u8; 16]]) -> String {
    let mut md5 = Md5::new();
    for part in parts {
        md5.update(part);
    }
    format!("{}-{}", hex::encode(md5.finalize()), parts.len())
}

/// The MD5 of what a reader still has.
///
/// # Errors
/// The reader's.
pub fn md5_of(content: &mut impl Read) -> io::Result<[u8; 16]> {
    let (mut md5, mut buffer) = (Md5::new(), vec![0; 256 << 10]);
    loop {
        match content.read(&mut buffer) {
            Ok(0) => return Ok(md5.finalize().into()),
            Ok(count) => md5.update(&buffer[..count]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

/// Whether a tag has the form of an MD5, of a whole or of parts.
#[must_use]
pub fn is_md5(tag: &str) -> bool {
    let digest = tag.split_once('-').map_or(tag, |(digest, _)| digest);
    digest.len() == 32 && digest.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::super::PART_ABOVE;
    use super::*;

    #[test]
    fn the_layout_of_a_tag_is_found_among_the_usual_ones() {
        let size = 100 << 20;
        assert_eq!(layouts("d41d8cd98f00b204e9800998ecf8427e", size, PART_ABOVE), [None]);
        assert_eq!(layouts("x-13", size, PART_ABOVE), [Some(8 << 20)]);
        assert_eq!(layouts("x-2", size, PART_ABOVE), [Some(50 << 20), Some(64 << 20)]);
        assert_eq!(layouts("x-4", size, PART_ABOVE), [Some(25 << 20), Some(32 << 20)]);
        assert_eq!(layouts("x-9", size, 12 << 20), [Some(12 << 20)]);
        assert!(layouts("x-many", size, PART_ABOVE).is_empty());
    }

    #[test]
    fn a_file_has_the_tag_that_s3_gives_it() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "hello world").unwrap();
        assert_eq!(file_tag(file.path(), None).unwrap(), "5eb63bbbe01eeed093cb22bb8f5acdc3");
        let parts = [md5_of(&mut &b"hello "[..]).unwrap(), md5_of(&mut &b"world"[..]).unwrap()];
        assert_eq!(file_tag(file.path(), Some(6)).unwrap(), of_parts(&parts));
        assert!(is_md5(&of_parts(&parts)) && !is_md5("not-1"));
    }
}
