//! MD5 and S3's checksums, computed in one pass while content arrives.

use super::error::Error;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use s3s::checksum::ChecksumHasher;
use s3s::crypto::Checksum as _;
use serde::{Deserialize, Serialize};

/// A checksum algorithm of S3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Algorithm {
    /// CRC32 (IEEE).
    Crc32,
    /// CRC32C (Castagnoli).
    Crc32c,
    /// CRC64NVME.
    Crc64Nvme,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// S3's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// The algorithm of that name, in any case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.name().eq_ignore_ascii_case(name))
    }
}

/// Checksums of one content: base64, by algorithm. Rarely more than one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checksums {
    /// The values.
    pub values: Vec<(Algorithm, String)>,
    /// Of the parts' checksums (S3's COMPOSITE) instead of the whole content (FULL_OBJECT).
    #[serde(default)]
    pub composite: bool,
}

impl Checksums {
    /// No checksum at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The value of one algorithm.
    #[must_use]
    pub fn get(&self, algorithm: Algorithm) -> Option<&str> {
        self.values.iter().find(|(a, _)| *a == algorithm).map(|(_, v)| v.as_str())
    }

    /// Checks that every value of `expected` is the same here.
    pub(in crate::local::s3) fn check(&self, expected: &Self) -> Result<(), Error> {
        for (algorithm, value) in &expected.values {
            if self.get(*algorithm) != Some(value) {
                return Err(Error::BadDigest(algorithm.name()));
            }
        }
        Ok(())
    }
}

/// Digests under way.
pub(super) struct Digests {
    md5: Md5,
    sums: ChecksumHasher,
}

impl Digests {
    /// MD5, and the checksums asked for.
    pub fn new(algorithms: &[Algorithm]) -> Self {
        Self { md5: Md5::new(), sums: hasher(algorithms) }
    }

    /// Takes in more content.
    pub fn update(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        self.sums.update(bytes);
    }

    /// The results.
    pub fn finish(self) -> ([u8; 16], Checksums) {
        (self.md5.finalize().into(), finish(self.sums))
    }
}

/// A hasher of the algorithms asked for.
fn hasher(algorithms: &[Algorithm]) -> ChecksumHasher {
    let mut hasher = ChecksumHasher::default();
    for algorithm in algorithms {
        match algorithm {
            Algorithm::Crc32 => hasher.crc32 = Some(s3s::crypto::Crc32::new()),
            Algorithm::Crc32c => hasher.crc32c = Some(s3s::crypto::Crc32c::new()),
            Algorithm::Crc64Nvme => hasher.crc64nvme = Some(s3s::crypto::Crc64Nvme::new()),
            Algorithm::Sha1 => hasher.sha1 = Some(s3s::crypto::Sha1::new()),
            Algorithm::Sha256 => hasher.sha256 = Some(s3s::crypto::Sha256::new()),
        }
    }
    hasher
}

fn finish(hasher: ChecksumHasher) -> Checksums {
    let sums = hasher.finalize();
    let all = [
        (Algorithm::Crc32, sums.checksum_crc32),
        (Algorithm::Crc32c, sums.checksum_crc32c),
        (Algorithm::Crc64Nvme, sums.checksum_crc64nvme),
        (Algorithm::Sha1, sums.checksum_sha1),
        (Algorithm::Sha256, sums.checksum_sha256),
    ];
    Checksums { values: all.into_iter().filter_map(|(a, v)| Some((a, v?))).collect(), composite: false }
}

/// S3's entity tag of an object made of parts: the MD5 of their MD5s.
pub(super) fn md5_of_md5s<'a>(parts: impl Iterator<Item = &'a [u8; 16]>) -> [u8; 16] {
    let mut md5 = Md5::new();
    for part in parts {
        md5.update(part);
    }
    md5.finalize().into()
}

/// S3's COMPOSITE checksum: the checksum of the parts' binary checksums, then `-` and their number. `None` where a part
/// has none of this algorithm.
pub(super) fn composite(algorithm: Algorithm, parts: &[Checksums]) -> Option<String> {
    let mut sums = hasher(&[algorithm]);
    for part in parts {
        sums.update(&STANDARD.decode(part.get(algorithm)?).ok()?);
    }
    Some(format!("{}-{}", finish(sums).get(algorithm)?, parts.len()))
}

/// The checksum of content from those of its stretches and their sizes, without reading it: CRC32s can be joined. `None`
/// for other algorithms, and where a stretch has none.
pub(super) fn joined<'a>(
    algorithm: Algorithm,
    stretches: impl Iterator<Item = (u64, &'a Checksums)>,
) -> Option<Checksums> {
    if algorithm != Algorithm::Crc32 {
        return None;
    }
    let mut all = crc32fast::Hasher::new();
    for (size, sums) in stretches {
        let bytes = STANDARD.decode(sums.get(algorithm)?).ok()?;
        let crc = u32::from_be_bytes(bytes.try_into().ok()?);
        all.combine(&crc32fast::Hasher::new_with_initial_len(crc, size));
    }
    let value = STANDARD.encode(all.finalize().to_be_bytes());
    Some(Checksums { values: vec![(algorithm, value)], composite: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crc32_is_joined_from_those_of_the_stretches() {
        let sums = |content: &[u8]| {
            let mut digests = Digests::new(&[Algorithm::Crc32]);
            digests.update(content);
            digests.finish().1
        };
        let (first, last) = (vec![7; 100_000], b"123456789".to_vec());
        let parts = [sums(&first), sums(&last)];
        let all = joined(Algorithm::Crc32, [(100_000, &parts[0]), (9, &parts[1])].into_iter());
        assert_eq!(all, Some(sums(&[first, last].concat())));
        assert_eq!(joined(Algorithm::Crc32, [(1, &Checksums::default())].into_iter()), None);
    }
}
