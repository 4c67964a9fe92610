//! ListObjectVersions, and version ids: no bucket keeps versions, so each object has one, called `null`.

use super::convert::{checksum_type, error, etag, owner, signed, time, unsupported};
use super::list::{Names, algorithms, given, page, page_size};
use super::{Answer, answer};
use crate::local::s3::store::{Listed, Store};
use s3s::dto::{ListObjectVersionsInput, ListObjectVersionsOutput, ObjectVersion, ObjectVersionStorageClass};
use s3s::{S3ErrorCode, S3Result};

/// What S3 calls the only version of an object in a bucket without versioning.
const NULL: &str = "null";

/// Refuses a version other than the one that an object has.
pub(super) fn only_null(version_id: Option<&str>) -> S3Result<()> {
    match version_id {
        None | Some(NULL) => Ok(()),
        Some(_) => Err(unsupported("a versionId other than null")),
    }
}

fn version(listed: Listed, names: Names) -> ObjectVersion {
    ObjectVersion {
        key: Some(names.write(listed.key)),
        version_id: Some(NULL.to_owned()),
        is_latest: Some(true),
        e_tag: Some(etag(listed.etag)),
        size: Some(signed(listed.size)),
        last_modified: Some(time(listed.modified_ms)),
        storage_class: Some(ObjectVersionStorageClass::from_static(ObjectVersionStorageClass::STANDARD)),
        owner: Some(owner()),
        checksum_type: checksum_type(&listed.checksums),
        checksum_algorithm: (!listed.checksums.is_empty()).then(|| algorithms(&listed.checksums)),
        ..Default::default()
    }
}

pub(super) async fn list_object_versions(
    store: &Store,
    input: ListObjectVersionsInput,
) -> Answer<ListObjectVersionsOutput> {
    let names = Names::new(input.encoding_type.as_ref())?;
    let limit = page_size(input.max_keys, "max-keys")?;
    let key_marker = input.key_marker.clone().unwrap_or_default();
    if key_marker.is_empty() && given(input.version_id_marker.clone()).is_some() {
        let message = "A version-id marker cannot be specified without a key marker.";
        return Err(error(S3ErrorCode::InvalidArgument, message));
    }
    let prefix = input.prefix.clone().unwrap_or_default();
    let delimiter = input.delimiter.clone().unwrap_or_default();
    // A marker's key has no version behind its only one: the listing goes on with the next key.
    let page = page(store, input.bucket.clone(), prefix.clone(), delimiter, key_marker.clone(), limit).await?;
    // A common prefix as marker has no version.
    let marks_key = page.next.as_ref().is_some_and(|next| page.objects.last().is_some_and(|o| o.key == *next));
    answer(ListObjectVersionsOutput {
        name: Some(input.bucket),
        prefix: Some(names.write(prefix)),
        delimiter: given(input.delimiter).map(|name| names.write(name)),
        max_keys: Some(limit),
        is_truncated: Some(page.next.is_some()),
        key_marker: Some(names.write(key_marker)),
        version_id_marker: Some(input.version_id_marker.unwrap_or_default()),
        next_key_marker: page.next.map(|next| names.write(next)),
        next_version_id_marker: marks_key.then(|| NULL.to_owned()),
        versions: Some(page.objects.into_iter().map(|listed| version(listed, names)).collect()),
        common_prefixes: Some(names.prefixes(page.prefixes)),
        encoding_type: input.encoding_type,
        ..Default::default()
    })
}
