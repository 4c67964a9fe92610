//! ListObjects, both versions.

use super::convert::{checksum_type, error, etag, owner, signed, time};
use super::{Answer, answer, blocking};
use crate::local::s3::store::{Checksums, ListPage, Listed, Query, Store};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use s3s::dto::{
    ChecksumAlgorithm, CommonPrefix, EncodingType, ListObjectsInput, ListObjectsOutput, ListObjectsV2Input,
    ListObjectsV2Output, Object, ObjectStorageClass,
};
use s3s::{S3ErrorCode, S3Result};

/// S3's limit of one page, and its default.
pub(super) const PAGE_LIMIT: i32 = 1000;

/// How names are written: as they are, or percent-encoded for names that XML cannot carry.
#[derive(Clone, Copy)]
pub(super) struct Names {
    url: bool,
}

impl Names {
    pub fn new(encoding: Option<&EncodingType>) -> S3Result<Self> {
        match encoding.map(EncodingType::as_str) {
            None => Ok(Self { url: false }),
            Some("url") => Ok(Self { url: true }),
            Some(_) => Err(error(S3ErrorCode::InvalidArgument, "Invalid Encoding Method specified in Request")),
        }
    }

    /// S3 leaves `/` and RFC 3986's unreserved characters.
    pub fn write(self, name: String) -> String {
        if !self.url {
            return name;
        }
        let mut out = String::with_capacity(name.len());
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
                out.push(char::from(byte));
            } else {
                out.push('%');
                out.push_str(&hex::encode_upper([byte]));
            }
        }
        out
    }

    pub fn prefixes(self, prefixes: Vec<String>) -> Vec<CommonPrefix> {
        prefixes.into_iter().map(|prefix| CommonPrefix { prefix: Some(self.write(prefix)) }).collect()
    }

    fn objects(self, objects: Vec<Listed>, with_owner: bool) -> Vec<Object> {
        let object = |listed: Listed| Object {
            key: Some(self.write(listed.key)),
            e_tag: Some(etag(listed.etag)),
            size: Some(signed(listed.size)),
            last_modified: Some(time(listed.modified_ms)),
            storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
            owner: with_owner.then(owner),
            checksum_type: checksum_type(&listed.checksums),
            checksum_algorithm: (!listed.checksums.is_empty()).then(|| algorithms(&listed.checksums)),
            ..Default::default()
        };
        objects.into_iter().map(object).collect()
    }
}

/// The algorithms of an object's checksums.
pub(super) fn algorithms(checksums: &Checksums) -> Vec<ChecksumAlgorithm> {
    checksums.values.iter().map(|(algorithm, _)| ChecksumAlgorithm::from_static(algorithm.name())).collect()
}

/// The page size asked for, within S3's limit.
pub(super) fn page_size(asked: Option<i32>, name: &str) -> S3Result<i32> {
    match asked {
        Some(size) if size < 0 => Err(error(
            S3ErrorCode::InvalidArgument,
            format!("Argument {name} must be an integer between 0 and 2147483647"),
        )),
        size => Ok(size.unwrap_or(PAGE_LIMIT).min(PAGE_LIMIT)),
    }
}

/// One page of names behind `after`.
pub(super) async fn page(
    store: &Store,
    bucket: String,
    prefix: String,
    delimiter: String,
    after: String,
    limit: i32,
) -> S3Result<ListPage> {
    let store = store.clone();
    let limit = usize::try_from(limit).unwrap_or(0);
    blocking(move || {
        let (prefix, delimiter, after) = (prefix.as_str(), delimiter.as_str(), after.as_str());
        store.list_grouped(&Query { bucket: &bucket, prefix, delimiter, after, limit })
    })
    .await
}

/// S3 leaves empty arguments out of its answer.
pub(super) fn given(name: Option<String>) -> Option<String> {
    name.filter(|name| !name.is_empty())
}

pub(super) async fn list_objects_v2(store: &Store, input: ListObjectsV2Input) -> Answer<ListObjectsV2Output> {
    let names = Names::new(input.encoding_type.as_ref())?;
    let limit = page_size(input.max_keys, "max-keys")?;
    let bad_token = || error(S3ErrorCode::InvalidArgument, "The continuation token provided is incorrect");
    let after = match &input.continuation_token {
        Some(token) => {
            let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| bad_token())?;
            String::from_utf8(bytes).ok().filter(|after| !after.is_empty()).ok_or_else(bad_token)?
        }
        None => input.start_after.clone().unwrap_or_default(),
    };
    let prefix = input.prefix.clone().unwrap_or_default();
    let delimiter = input.delimiter.clone().unwrap_or_default();
    let page = page(store, input.bucket.clone(), prefix.clone(), delimiter, after, limit).await?;
    let count = page.objects.len() + page.prefixes.len();
    answer(ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: Some(names.write(prefix)),
        delimiter: given(input.delimiter).map(|name| names.write(name)),
        max_keys: Some(limit),
        key_count: Some(i32::try_from(count).unwrap_or(PAGE_LIMIT)),
        is_truncated: Some(page.next.is_some()),
        continuation_token: input.continuation_token,
        next_continuation_token: page.next.map(|next| URL_SAFE_NO_PAD.encode(next)),
        start_after: given(input.start_after).map(|name| names.write(name)),
        contents: Some(names.objects(page.objects, input.fetch_owner == Some(true))),
        common_prefixes: Some(names.prefixes(page.prefixes)),
        encoding_type: input.encoding_type,
        ..Default::default()
    })
}

pub(super) async fn list_objects(store: &Store, input: ListObjectsInput) -> Answer<ListObjectsOutput> {
    let names = Names::new(input.encoding_type.as_ref())?;
    let limit = page_size(input.max_keys, "max-keys")?;
    let prefix = input.prefix.clone().unwrap_or_default();
    let marker = input.marker.clone().unwrap_or_default();
    let delimiter = input.delimiter.clone().unwrap_or_default();
    // Without a delimiter S3 says nothing: the last key is the next marker.
    let tells_next = !delimiter.is_empty();
    let page = page(store, input.bucket.clone(), prefix.clone(), delimiter, marker.clone(), limit).await?;
    answer(ListObjectsOutput {
        name: Some(input.bucket),
        prefix: Some(names.write(prefix)),
        marker: Some(names.write(marker)),
        delimiter: given(input.delimiter).map(|name| names.write(name)),
        max_keys: Some(limit),
        is_truncated: Some(page.next.is_some()),
        next_marker: page.next.filter(|_| tells_next).map(|next| names.write(next)),
        contents: Some(names.objects(page.objects, true)),
        common_prefixes: Some(names.prefixes(page.prefixes)),
        encoding_type: input.encoding_type,
        ..Default::default()
    })
}
