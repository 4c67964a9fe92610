//! What proves that a downloaded file is the object: the best that the store tells of it.

use crate::jobs::transfer::tag;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::{ChecksumType, ServerSideEncryption};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// What a whole file must have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Proof {
    /// Base64 of the CRC32 of the content.
    crc32: Option<String>,
    /// An entity tag made of MD5s.
    tag: Option<String>,
    /// The size of the parts that the object was uploaded in.
    pub part_size: Option<u64>,
}

impl Proof {
    /// What an answer to HEAD with checksums gives.
    pub fn of_head(head: &HeadObjectOutput) -> Self {
        let composite = head.checksum_type == Some(ChecksumType::Composite)
            || head.checksum_crc32.as_deref().is_some_and(|sum| sum.contains('-'));
        let kms = matches!(
            head.server_side_encryption,
            Some(ServerSideEncryption::AwsKms | ServerSideEncryption::AwsKmsDsse)
        );
        let tag = head.e_tag.as_deref().map(super::unquoted);
        Self {
            crc32: head.checksum_crc32.clone().filter(|_| !composite),
            tag: tag.filter(|tag| !kms && head.sse_customer_algorithm.is_none() && tag::is_md5(tag)),
            part_size: None,
        }
    }

    /// The tag proves something once the part size is known.
    pub fn needs_part_size(&self) -> bool {
        self.crc32.is_none() && self.tag.as_deref().is_some_and(|tag| tag.contains('-'))
    }

    /// Its stretches' CRC32s are all that is needed.
    pub fn wants_crc32(&self) -> bool {
        self.crc32.is_some()
    }

    /// Whether a file is what is proved; the name of what differs where it is not. What proves nothing holds. `sums` are
    /// the CRC32s of its stretches, where all were computed.
    pub fn holds(&self, path: &Path, sums: Vec<Option<crc32fast::Hasher>>) -> io::Result<Result<(), &'static str>> {
        if let Some(crc32) = &self.crc32 {
            let known: Option<Vec<crc32fast::Hasher>> = sums.into_iter().collect();
            let here = match known.filter(|sums| !sums.is_empty()) {
                Some(sums) => {
                    let mut all = crc32fast::Hasher::new();
                    for sum in &sums {
                        all.combine(sum);
                    }
                    all.finalize()
                }
                None => crc32_of(path)?,
            };
            let here = STANDARD.encode(here.to_be_bytes());
            return Ok(if here == *crc32 { Ok(()) } else { Err("CRC32") });
        }
        let Some(tag) = &self.tag else { return Ok(Ok(())) };
        if tag.contains('-') && self.part_size.is_none() {
            return Ok(Ok(()));
        }
        let here = tag::file_tag(path, self.part_size.filter(|_| tag.contains('-')))?;
        Ok(if here == *tag { Ok(()) } else { Err("MD5") })
    }
}

fn crc32_of(path: &Path) -> io::Result<u32> {
    let (mut file, mut buffer) = (File::open(path)?, vec![0; 1 << 20]);
    let mut crc = crc32fast::Hasher::new();
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(crc.finalize()),
            count => crc.update(&buffer[..count]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_that_is_told_is_what_counts() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "123456789").unwrap();
        let head = |crc: &str, tag: &str| HeadObjectOutput::builder().checksum_crc32(crc).e_tag(tag).build();
        let good = Proof::of_head(&head("y/Q5Jg==", "\"nothing\""));
        assert_eq!(good.holds(file.path(), Vec::new()).unwrap(), Ok(()));
        let bad = Proof::of_head(&head("AAAAAA==", "\"nothing\""));
        assert_eq!(bad.holds(file.path(), Vec::new()).unwrap(), Err("CRC32"));
        let composite = Proof::of_head(&head("AAAAAA==-2", "\"25f9e794323b453885f5181f1b624d0b\""));
        assert_eq!(composite.holds(file.path(), Vec::new()).unwrap(), Ok(()), "by its MD5");
        let other = Proof::of_head(&head("AAAAAA==-2", "\"00000000000000000000000000000000\""));
        assert_eq!(other.holds(file.path(), Vec::new()).unwrap(), Err("MD5"));
        let mut parts = Proof::of_head(&head("AAAAAA==-2", "\"00000000000000000000000000000000-2\""));
        assert!(parts.needs_part_size());
        parts.part_size = Some(5);
        assert_eq!(parts.holds(file.path(), Vec::new()).unwrap(), Err("MD5"));
        let encrypted = HeadObjectOutput::builder().e_tag("00000000000000000000000000000000");
        let encrypted = encrypted.server_side_encryption(ServerSideEncryption::AwsKms).build();
        assert_eq!(Proof::of_head(&encrypted).holds(file.path(), Vec::new()).unwrap(), Ok(()));
    }
}
