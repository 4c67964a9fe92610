//! S3 over the AWS SDK: the real service, the embedded endpoint and any other compatible store alike.

mod error;
mod multipart;
mod streamed;

use super::Observer;
use crate::domain::{CallRecord, ObjectInfo, ObjectPage, Service};
use crate::jobs::ports::{ObjectStore, StoreError};
use async_trait::async_trait;
use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Credentials, Region};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::RequestId;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    BucketLocationConstraint, CreateBucketConfiguration, Delete, EncodingType, Object, ObjectIdentifier,
};
use bytes::Bytes;
use std::future::Future;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How often a call is tried in all, with growing pauses, where S3 throttles, fails or cannot be reached.
const ATTEMPTS: u32 = 4;
/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long S3 may be silent.
const READ_TIMEOUT: Duration = Duration::from_mins(1);
/// S3's limit of keys in one DeleteObjects.
const DELETE_BATCH: usize = 1000;

/// A key pair.
#[derive(Clone)]
pub struct Keys {
    /// The access key id.
    pub access_key: String,
    /// The secret; never shown.
    pub secret_key: String,
    /// The session token of temporary credentials.
    pub session_token: Option<String>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

/// Which bucket, where, and as whom.
#[derive(Debug, Clone, Default)]
pub struct S3Target {
    /// The bucket.
    pub bucket: String,
    /// Its region; the AWS configuration's where `None`.
    pub region: Option<String>,
    /// An endpoint other than AWS's; buckets are then addressed as its first path segment.
    pub endpoint: Option<String>,
    /// A key pair; AWS's credential chain where `None`.
    pub keys: Option<Keys>,
    /// A profile of the AWS configuration.
    pub profile: Option<String>,
}

/// One bucket, over the AWS SDK. Cheap to clone.
#[derive(Clone)]
pub struct S3Store {
    client: Client,
    bucket: String,
    region: String,
    observer: Option<Observer>,
    /// Bodies carry a CRC32 always; where the way is encrypted or stays on this machine, a signed SHA-256 as well would
    /// only cost time.
    unsigned_bodies: bool,
}

impl S3Store {
    /// Makes the client. With a key pair and a region this reads no file and asks nobody; otherwise AWS's configuration
    /// files and credential chain are read. Nothing is sent to S3 yet.
    pub async fn connect(target: S3Target, observer: Option<Observer>) -> Self {
        let retry = RetryConfig::standard().with_max_attempts(ATTEMPTS);
        let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(READ_TIMEOUT).build();
        let mut builder = if target.keys.is_some() && target.region.is_some() {
            aws_sdk_s3::Config::builder().behavior_version(BehaviorVersion::latest())
        } else {
            let mut loader = aws_config::defaults(BehaviorVersion::latest());
            if let Some(profile) = &target.profile {
                loader = loader.profile_name(profile);
            }
            aws_sdk_s3::config::Builder::from(&loader.load().await)
        };
        if let Some(keys) = target.keys {
            let Keys { access_key, secret_key, session_token } = keys;
            builder =
                builder.credentials_provider(Credentials::new(access_key, secret_key, session_token, None, "profile"));
        }
        if let Some(region) = target.region {
            builder = builder.region(Region::new(region));
        }
        if let Some(endpoint) = &target.endpoint {
            builder = builder.endpoint_url(endpoint).force_path_style(true);
        }
        let config = builder.retry_config(retry).timeout_config(timeouts).build();
        let region = config.region().map_or_else(|| "us-east-1".to_owned(), ToString::to_string);
        let unsigned_bodies = target.endpoint.as_deref().is_none_or(is_safe_way);
        Self { client: Client::from_conf(config), bucket: target.bucket, region, observer, unsigned_bodies }
    }

    /// The bucket's region as configured.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The same account and endpoint, another bucket.
    #[must_use]
    pub fn with_bucket(&self, bucket: &str) -> Self {
        Self { bucket: bucket.to_owned(), ..self.clone() }
    }

    /// Runs one call: times it, records it, puts its failure into words.
    async fn call<O, E>(
        &self,
        operation: &'static str,
        key: &str,
        call: impl Future<Output = Result<O, SdkError<E>>>,
        summary: impl FnOnce(&O) -> String,
    ) -> Result<O, StoreError>
    where
        O: RequestId,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        SdkError<E>: RequestId,
    {
        let (started, clock) = (SystemTime::now(), Instant::now());
        let result = call.await;
        let micros = u64::try_from(clock.elapsed().as_micros()).unwrap_or(u64::MAX);
        let id = match &result {
            Ok(output) => output.request_id(),
            Err(e) => e.request_id(),
        };
        let id = id.map(str::to_owned);
        let result = result.map_err(|e| error::explain(operation, &self.place(key), &e));
        if let Some(observer) = &self.observer {
            observer(CallRecord {
                started_ms: started.duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(0)),
                service: Service::S3,
                text: format!("{operation} {}", self.place(key)),
                micros,
                id,
                outcome: result.as_ref().map_or_else(|e| Err(format!("{}: {}", e.code, e.message)), |o| Ok(summary(o))),
            });
        }
        result
    }

    fn place(&self, key: &str) -> String {
        if key.is_empty() { self.bucket.clone() } else { format!("{}/{key}", self.bucket) }
    }

    fn failed(&self, operation: &'static str, key: &str, message: String) -> StoreError {
        StoreError { operation, key: self.place(key), code: error::CLIENT.into(), message }
    }

    async fn put_stream(&self, key: &str, body: ByteStream, size: u64) -> Result<ObjectInfo, StoreError> {
        let request = self.client.put_object().bucket(&self.bucket).key(key).body(body).customize();
        let request = if self.unsigned_bodies { request.disable_payload_signing() } else { request };
        let output = self.call("PutObject", key, request.send(), |_| format!("{size} bytes")).await?;
        Ok(ObjectInfo { key: key.to_owned(), size, etag: output.e_tag.as_deref().map(unquoted), modified_ms: None })
    }
}

/// Whether nobody between here and there can change a body: TLS, or this machine.
fn is_safe_way(endpoint: &str) -> bool {
    let Ok(uri) = endpoint.parse::<http::Uri>() else { return false };
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    uri.scheme_str() == Some("https")
        || host == "localhost"
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn unquoted(etag: &str) -> String {
    etag.trim_matches('"').to_owned()
}

/// Undoes `encoding-type=url`, in which S3 writes a blank as `+`.
fn decoded(name: &str) -> String {
    let bytes = name.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| name.get(at + 1..at + 3)).flatten();
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            out.push(byte);
            at += 3;
        } else {
            out.push(if bytes[at] == b'+' { b' ' } else { bytes[at] });
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn listed(object: Object) -> ObjectInfo {
    ObjectInfo {
        key: decoded(&object.key.unwrap_or_default()),
        size: object.size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
        etag: object.e_tag.as_deref().map(unquoted),
        modified_ms: object.last_modified.and_then(|time| time.to_millis().ok()),
    }
}

#[async_trait]
impl ObjectStore for S3Store {
    fn bucket(&self) -> &str {
        &self.bucket
    }

    async fn ensure_bucket(&self) -> Result<(), StoreError> {
        let head = self.client.head_bucket().bucket(&self.bucket).send();
        match self.call("HeadBucket", "", head, |_| "there".into()).await {
            Ok(_) => return Ok(()),
            Err(e) if e.code == "NoSuchBucket" => {}
            Err(e) => return Err(e),
        }
        let mut create = self.client.create_bucket().bucket(&self.bucket);
        // The oldest region is the one that must not be named.
        if self.region != "us-east-1" {
            let place = BucketLocationConstraint::from(self.region.as_str());
            let place = CreateBucketConfiguration::builder().location_constraint(place).build();
            create = create.create_bucket_configuration(place);
        }
        match self.call("CreateBucket", "", create.send(), |_| "made".into()).await {
            Err(e) if e.code != "BucketAlreadyOwnedByYou" => Err(e),
            _ => Ok(()),
        }
    }

    async fn list(&self, prefix: &str, delimiter: Option<&str>, after: Option<&str>) -> Result<ObjectPage, StoreError> {
        let request = self
            .client
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(prefix)
            // XML cannot carry every key.
            .encoding_type(EncodingType::Url)
            .set_delimiter(delimiter.map(str::to_owned))
            .set_continuation_token(after.map(str::to_owned));
        let summary = |o: &aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output| {
            format!("{} keys, {} prefixes", o.contents().len(), o.common_prefixes().len())
        };
        let output = self.call("ListObjectsV2", prefix, request.send(), summary).await?;
        let prefixes = output.common_prefixes.unwrap_or_default().into_iter().filter_map(|p| p.prefix);
        Ok(ObjectPage {
            prefixes: prefixes.map(|prefix| decoded(&prefix)).collect(),
            objects: output.contents.unwrap_or_default().into_iter().map(listed).collect(),
            next: output.next_continuation_token,
        })
    }

    async fn head(&self, key: &str) -> Result<Option<ObjectInfo>, StoreError> {
        let request = self.client.head_object().bucket(&self.bucket).key(key).send();
        match self.call("HeadObject", key, request, |o| format!("{} bytes", o.content_length.unwrap_or(0))).await {
            Ok(output) => Ok(Some(ObjectInfo {
                key: key.to_owned(),
                size: output.content_length.and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
                etag: output.e_tag.as_deref().map(unquoted),
                modified_ms: output.last_modified.and_then(|time| time.to_millis().ok()),
            })),
            Err(e) if e.code == "NoSuchKey" => Ok(None),
            Err(e) => Err(e),
        }
    }

    async fn get(&self, key: &str, range: Option<(u64, u64)>) -> Result<Bytes, StoreError> {
        if range.is_some_and(|(_, length)| length == 0) {
            return Ok(Bytes::new());
        }
        let range_header = range.map(|(first, length)| format!("bytes={first}-{}", first.saturating_add(length - 1)));
        let request = self.client.get_object().bucket(&self.bucket).key(key).set_range(range_header).send();
        let output =
            match self.call("GetObject", key, request, |o| format!("{} bytes", o.content_length.unwrap_or(0))).await {
                // Nothing lies behind the end, nor anywhere in an empty object.
                Err(e) if range.is_some() && e.code == "InvalidRange" => return Ok(Bytes::new()),
                other => other?,
            };
        match output.body.collect().await {
            Ok(body) => Ok(body.into_bytes()),
            Err(e) => Err(self.failed("GetObject", key, format!("the content broke off: {}", error::chain(&e)))),
        }
    }

    async fn put(&self, key: &str, body: Bytes) -> Result<ObjectInfo, StoreError> {
        let size = body.len() as u64;
        self.put_stream(key, ByteStream::from(body), size).await
    }

    async fn put_file(&self, key: &str, path: &Path) -> Result<ObjectInfo, StoreError> {
        let unreadable = |e: &dyn std::fmt::Display| self.failed("PutObject", key, format!("{}: {e}", path.display()));
        let size = tokio::fs::metadata(path).await.map_err(|e| unreadable(&e))?.len();
        if size > crate::jobs::upload::PART_ABOVE {
            return multipart::put_file(self, key, path, size).await;
        }
        let body = ByteStream::read_from().path(path).build().await.map_err(|e| unreadable(&error::chain(&e)))?;
        self.put_stream(key, body, size).await
    }

    async fn put_parts(&self, key: &str, parts: tokio::sync::mpsc::Receiver<Bytes>) -> Result<ObjectInfo, StoreError> {
        streamed::put_parts(self, key, parts).await
    }

    async fn delete(&self, keys: &[String]) -> Result<(), StoreError> {
        for batch in keys.chunks(DELETE_BATCH) {
            let object = |key: &String| ObjectIdentifier::builder().key(key).build();
            let objects = batch.iter().map(object).collect::<Result<Vec<_>, _>>();
            let delete = objects.and_then(|objects| Delete::builder().set_objects(Some(objects)).quiet(true).build());
            let delete = delete.map_err(|e| self.failed("DeleteObjects", "", e.to_string()))?;
            let request = self.client.delete_objects().bucket(&self.bucket).delete(delete).send();
            let first = batch.first().map_or("", String::as_str);
            let output = self.call("DeleteObjects", first, request, |o| {
                format!("{} keys, {} refused", batch.len(), o.errors().len())
            });
            let output = output.await?;
            if let Some(refused) = output.errors().first() {
                let message = format!(
                    "{} of {} keys were not deleted, the first because: {}",
                    output.errors().len(),
                    batch.len(),
                    refused.message().unwrap_or("S3 gave no reason")
                );
                let code = refused.code().unwrap_or("InternalError").to_owned();
                let key = self.place(refused.key().unwrap_or_default());
                return Err(StoreError { operation: "DeleteObjects", key, code, message });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_listings_are_decoded() {
        assert_eq!(decoded("a%2Bb+c%20d/%C3%BC%00%"), "a+b c d/ü\0%");
    }

    #[test]
    fn bodies_go_unsigned_only_where_nobody_can_change_them() {
        for (endpoint, safe) in [
            ("https://s3.example.com", true),
            ("http://127.0.0.1:9000", true),
            ("http://[::1]:9000", true),
            ("http://localhost:9000", true),
            ("http://minio.example.com:9000", false),
            ("http://localhost.example.com", false),
        ] {
            assert_eq!(is_safe_way(endpoint), safe, "{endpoint}");
        }
    }

    #[test]
    fn keys_do_not_show_their_secret() {
        let keys = Keys { access_key: "AK".into(), secret_key: "hidden".into(), session_token: Some("token".into()) };
        let shown = format!("{:?}", S3Target { keys: Some(keys), ..S3Target::default() });
        assert!(shown.contains("AK") && !shown.contains("hidden") && !shown.contains("token"), "{shown}");
    }
}
