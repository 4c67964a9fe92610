//! What the index keeps of an object, and its compact encoding.

use super::digest::Checksums;
use super::error::Error;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// There are none.
    Empty,
    /// In the index's table of small contents.
    Inline(u64),
    /// In a blob file.
    File(u64),
    /// In the parts that a manifest lists.
    Manifest(u64),
}

impl Place {
    fn encode(self) -> (u8, u64) {
        match self {
            Self::Empty => (0, 0),
            Self::Inline(id) => (1, id),
            Self::File(id) => (2, id),
            Self::Manifest(id) => (3, id),
        }
    }

    fn decode(kind: u8, id: u64) -> Option<Self> {
        Some(match kind {
            0 => Self::Empty,
            1 => Self::Inline(id),
            2 => Self::File(id),
            3 => Self::Manifest(id),
            _ => return None,
        })
    }
}

/// An entity tag: the content's MD5, or for multipart the MD5 of the parts' MD5s and their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag {
    /// The digest.
    pub md5: [u8; 16],
    /// How many parts; 0 for an object that was put whole.
    pub parts: u32,
}

impl Tag {
    /// As S3 prints it, without quotes.
    pub fn text(self) -> String {
        let digest = hex::encode(self.md5);
        if self.parts == 0 { digest } else { format!("{digest}-{}", self.parts) }
    }
}

/// The headers that are kept with an object and given back with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutOptions {
    /// Content-Type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Content-Encoding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_encoding: Option<String>,
    /// Content-Disposition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_disposition: Option<String>,
    /// Content-Language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_language: Option<String>,
    /// Cache-Control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_control: Option<String>,
    /// Expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// User metadata (`x-amz-meta-…` without that start).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub user: BTreeMap<String, String>,
}

/// An object without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectMeta {
    /// Size in bytes.
    pub size: u64,
    /// Entity tag without quotes.
    pub etag: String,
    /// When it was stored, milliseconds since the Unix epoch.
    pub modified_ms: i64,
    /// The headers kept with it.
    pub options: PutOptions,
    /// The checksums kept with it, where the client sent or asked for some.
    pub checksums: Checksums,
}

/// The variable part of a record.
#[derive(Default, Serialize, Deserialize)]
struct Extra {
    #[serde(flatten)]
    options: PutOptions,
    #[serde(default, skip_serializing_if = "Checksums::is_empty")]
    checksums: Checksums,
}

/// The fixed part of a record: all that a listing needs, read without touching the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub modified_ms: i64,
    pub size: u64,
    pub tag: Tag,
    pub place: Place,
}

const VERSION: u8 = 1;
const HEAD: usize = 1 + 8 + 8 + 16 + 4 + 1 + 8;

impl Head {
    /// Writes a record: the fixed part, then the rest as JSON, nothing where there is none.
    pub fn encode(&self, options: &PutOptions, checksums: &Checksums) -> Vec<u8> {
        let (kind, id) = self.place.encode();
        let mut out = Vec::with_capacity(HEAD);
        out.push(VERSION);
        out.extend_from_slice(&self.modified_ms.to_le_bytes());
        out.extend_from_slice(&self.size.to_le_bytes());
        out.extend_from_slice(&self.tag.md5);
        out.extend_from_slice(&self.tag.parts.to_le_bytes());
        out.push(kind);
        out.extend_from_slice(&id.to_le_bytes());
        if *options != PutOptions::default() || !checksums.is_empty() {
            let extra = Extra { options: options.clone(), checksums: checksums.clone() };
            // Strings and maps of strings always serialise.
            out.extend_from_slice(&serde_json::to_vec(&extra).unwrap_or_default());
        }
        out
    }

    /// Reads the fixed part.
    pub fn decode(record: &[u8]) -> Result<Self, Error> {
        let bad = || Error::Index("a record of the object index cannot be read".into());
        let head = record.get(..HEAD).ok_or_else(bad)?;
        if head[0] != VERSION {
            return Err(Error::Index(format!(
                "the object index has record version {}, this program reads {VERSION}",
                head[0]
            )));
        }
        let word = |at: usize| -> [u8; 8] { std::array::from_fn(|i| head[at + i]) };
        Ok(Self {
            modified_ms: i64::from_le_bytes(word(1)),
            size: u64::from_le_bytes(word(9)),
            tag: Tag {
                md5: std::array::from_fn(|i| head[17 + i]),
                parts: u32::from_le_bytes(std::array::from_fn(|i| head[33 + i])),
            },
            place: Place::decode(head[37], u64::from_le_bytes(word(38))).ok_or_else(bad)?,
        })
    }

    /// Reads a whole record.
    pub fn decode_meta(record: &[u8]) -> Result<(Self, ObjectMeta), Error> {
        let head = Self::decode(record)?;
        let extra: Extra = match &record[HEAD..] {
            [] => Extra::default(),
            json => serde_json::from_slice(json).map_err(|e| Error::Index(format!("an object's headers: {e}")))?,
        };
        let meta = ObjectMeta {
            size: head.size,
            etag: head.tag.text(),
            modified_ms: head.modified_ms,
            options: extra.options,
            checksums: extra.checksums,
        };
        Ok((head, meta))
    }
}

/// One part of an object that was uploaded in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment {
    pub place: Place,
    pub size: u64,
}

/// The parts of an object, in order.
pub(super) fn encode_segments(segments: &[Segment]) -> Vec<u8> {
    let mut out = Vec::with_capacity(segments.len() * 17);
    for segment in segments {
        let (kind, id) = segment.place.encode();
        out.push(kind);
        out.extend_from_slice(&id.to_le_bytes());
        out.extend_from_slice(&segment.size.to_le_bytes());
    }
    out
}

/// Reads what [`encode_segments`] wrote.
pub(super) fn decode_segments(bytes: &[u8]) -> Result<Vec<Segment>, Error> {
    let word = |chunk: &[u8], at: usize| u64::from_le_bytes(std::array::from_fn(|i| chunk[at + i]));
    bytes
        .chunks_exact(17)
        .map(|chunk| Some(Segment { place: Place::decode(chunk[0], word(chunk, 1))?, size: word(chunk, 9) }))
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| Error::Index("a manifest of the object index cannot be read".into()))
}
