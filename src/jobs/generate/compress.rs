//! Compression of pieces that stand for themselves: gzip members and zstd frames may follow each other in a file, so
//! threads compress what they made without waiting for each other.

use super::options::Compression;
use crate::jobs::JobError;
use std::io::Write;

/// gzip's usual level.
const GZIP_LEVEL: u32 = 6;
/// zstd's usual level.
const ZSTD_LEVEL: i32 = 3;

/// The piece, compressed.
///
/// # Errors
/// The compressor's; none is known for memory.
pub fn pack(how: Compression, raw: &[u8]) -> Result<Vec<u8>, JobError> {
    match how {
        Compression::None => Ok(raw.to_vec()),
        Compression::Gzip => {
            // No time and no name in the header: the same data give the same bytes.
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(GZIP_LEVEL));
            encoder.write_all(raw).and_then(|()| encoder.finish())
        }
        Compression::Zstd => zstd::bulk::compress(raw, ZSTD_LEVEL),
    }
    .map_err(|e| JobError::Failed(format!("compressing failed: {e}")))
}
