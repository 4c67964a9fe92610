//! What is noted of an object: properties, metadata, versions; and a link to it.

use super::{S3Store, unquoted};
use crate::domain::{ObjectDetails, ObjectInfo, ObjectVersion};
use crate::jobs::ports::StoreError;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::presigning::PresigningConfig;
use std::time::Duration;

/// Versions that are listed of one object.
const VERSIONS: i32 = 200;
/// Codes of stores that keep no versions, or do not let them be listed.
const NO_VERSIONS: [&str; 4] = ["NotImplemented", "MethodNotAllowed", "InvalidRequest", "UnknownOperation"];

/// HeadObject, with all that it tells.
pub async fn details(store: &S3Store, key: &str) -> Result<Option<ObjectDetails>, StoreError> {
    let request = store.client.head_object().bucket(&store.bucket).key(key).send();
    let summary = |o: &HeadObjectOutput| format!("{} bytes", o.content_length.unwrap_or(0));
    match store.call("HeadObject", key, request, summary).await {
        Ok(output) => Ok(Some(read(key, output))),
        Err(e) if e.code == "NoSuchKey" => Ok(None),
        Err(e) => Err(e),
    }
}

fn read(key: &str, output: HeadObjectOutput) -> ObjectDetails {
    let info = ObjectInfo {
        key: key.to_owned(),
        size: output.content_length.and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
        etag: output.e_tag.as_deref().map(unquoted),
        modified_ms: output.last_modified.and_then(|time| time.to_millis().ok()),
    };
    let properties = [
        ("content type", output.content_type),
        ("content encoding", output.content_encoding),
        ("cache control", output.cache_control),
        ("storage class", output.storage_class.map(|c| c.as_str().to_owned())),
        ("encryption", output.server_side_encryption.map(|e| e.as_str().to_owned())),
        ("version", output.version_id),
        ("CRC32", output.checksum_crc32),
        ("SHA-256", output.checksum_sha256),
        ("parts", output.parts_count.map(|n| n.to_string())),
        ("expires", output.expiration),
        ("replication", output.replication_status.map(|s| s.as_str().to_owned())),
    ];
    let properties = properties.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    let mut metadata: Vec<(String, String)> = output.metadata.unwrap_or_default().into_iter().collect();
    metadata.sort();
    ObjectDetails { info, properties, metadata }
}

/// ListObjectVersions of one key. A store that keeps none gives none.
pub async fn versions(store: &S3Store, key: &str) -> Result<Vec<ObjectVersion>, StoreError> {
    let request = store.client.list_object_versions().bucket(&store.bucket).prefix(key).max_keys(VERSIONS).send();
    let listed = store.call("ListObjectVersions", key, request, |o| format!("{} versions", o.versions().len())).await;
    let output = match listed {
        Ok(output) => output,
        Err(e) if NO_VERSIONS.contains(&e.code.as_str()) => return Ok(Vec::new()),
        Err(e) => return Err(e),
    };
    let ours = |name: Option<&str>| name == Some(key);
    let stored = output.versions().iter().filter(|v| ours(v.key())).map(|v| ObjectVersion {
        id: v.version_id().unwrap_or_default().to_owned(),
        latest: v.is_latest().unwrap_or(false),
        deleted: false,
        size: v.size().and_then(|s| u64::try_from(s).ok()).unwrap_or(0),
        modified_ms: v.last_modified().and_then(|t| t.to_millis().ok()),
    });
    let gone = output.delete_markers().iter().filter(|m| ours(m.key())).map(|m| ObjectVersion {
        id: m.version_id().unwrap_or_default().to_owned(),
        latest: m.is_latest().unwrap_or(false),
        deleted: true,
        size: 0,
        modified_ms: m.last_modified().and_then(|t| t.to_millis().ok()),
    });
    let mut all: Vec<ObjectVersion> = stored.chain(gone).collect();
    all.sort_by_key(|v| std::cmp::Reverse((v.latest, v.modified_ms)));
    // A bucket without versioning has one, called null: that is none.
    if matches!(&all[..], [one] if one.id.is_empty() || one.id == "null") {
        all.clear();
    }
    Ok(all)
}

/// A presigned GetObject.
pub async fn link(store: &S3Store, key: &str, seconds: u64) -> Result<String, StoreError> {
    let failed = |e: String| store.failed("GetObject", key, format!("no link could be made: {e}"));
    let config = PresigningConfig::expires_in(Duration::from_secs(seconds)).map_err(|e| failed(e.to_string()))?;
    let request = store.client.get_object().bucket(&store.bucket).key(key).presigned(config).await;
    Ok(request.map_err(|e| failed(e.to_string()))?.uri().to_owned())
}
