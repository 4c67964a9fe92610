//! S3 over the AWS SDK: the real service, the embedded endpoint and any other compatible store alike.

mod copy;
mod delete;
mod details;
mod download;
mod error;
mod multipart;
mod proof;
mod streamed;

use super::Observer;
use crate::domain::{CallRecord, ObjectDetails, ObjectInfo, ObjectPage, ObjectVersion, Service};
use crate::jobs::ports::{Moving, ObjectStore, OpenUpload, StoreError};
use crate::jobs::transfer::{PART_ABOVE, tag};
use async_trait::async_trait;
use aws_config::BehaviorVersion;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::client::customize::CustomizableOperation;
use aws_sdk_s3::config::retry::{RetryConfig, RetryPartition, TokenBucket};
use aws_sdk_s3::config::{Credentials, Region};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::RequestId;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration, EncodingType, MultipartUpload, Object};
use bytes::Bytes;
use std::future::Future;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::Semaphore;

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The slowest way that content may take before it counts as a silent connection, in bytes a second.
const SLOWEST: u64 = 64 << 10;

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

/// How patient the client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How often a call is tried in all, where S3 throttles, fails, is silent or cannot be reached.
    pub attempts: u32,
    /// The first pause between two tries, at most; it doubles each time, up to [`Self::longest_pause`].
    pub pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
    /// How long S3 may be silent.
    pub silence: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let (pause, longest_pause) = (Duration::from_millis(250), Duration::from_secs(15));
        Self { attempts: 8, pause, longest_pause, silence: Duration::from_mins(1) }
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
    /// The region where neither `region` nor the AWS configuration names one.
    pub fallback_region: Option<String>,
    /// How patient to be.
    pub patience: Patience,
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
    patience: Patience,
}

impl S3Store {
    /// Makes the client. With a key pair and a region this reads no file and asks nobody; otherwise AWS's configuration
    /// files and credential chain are read. Nothing is sent to S3 yet.
    pub async fn connect(target: S3Target, observer: Option<Observer>) -> Self {
        let Patience { attempts, pause, longest_pause, silence } = target.patience;
        let retry = RetryConfig::standard()
            .with_max_attempts(attempts)
            .with_initial_backoff(pause)
            .with_max_backoff(longest_pause);
        // The SDK's quota would let calls fail at the first try once a long transfer has met a few hundred failures.
        let quota = RetryPartition::custom("snowdeck").token_bucket(TokenBucket::unlimited()).build();
        let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(silence).build();
        let mut builder = if target.keys.is_some() && target.region.is_some() {
            aws_sdk_s3::Config::builder().behavior_version(BehaviorVersion::latest())
        } else {
            let mut loader = aws_config::defaults(BehaviorVersion::latest());
            if let Some(profile) = &target.profile {
                loader = loader.profile_name(profile);
            }
            let config = loader.load().await;
            let region = config.region().cloned().or(target.fallback_region.map(Region::new));
            aws_sdk_s3::config::Builder::from(&config).region(region)
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
        let config = builder.retry_config(retry).retry_partition(quota).timeout_config(timeouts).build();
        let region = config.region().map_or_else(|| "us-east-1".to_owned(), ToString::to_string);
        let unsigned_bodies = target.endpoint.as_deref().is_none_or(is_safe_way);
        let (client, bucket, patience) = (Client::from_conf(config), target.bucket, target.patience);
        Self { client, bucket, region, observer, unsigned_bodies, patience }
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

    /// Gives a request with a large body the time that it takes: the SDK's clock runs from the request's first byte on,
    /// and a slow way is not silence.
    fn patient<T, E, B>(&self, request: CustomizableOperation<T, E, B>, size: u64) -> CustomizableOperation<T, E, B> {
        if size < SLOWEST * 16 {
            return request;
        }
        let time = self.patience.silence + Duration::from_secs(size / SLOWEST);
        let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(time).build();
        request.config_override(aws_sdk_s3::Config::builder().timeout_config(timeouts))
    }

    /// Fails where a store that compares no checksums has stored something else than was sent.
    fn same_tag(&self, operation: &'static str, key: &str, there: Option<&str>, here: &str) -> Result<(), StoreError> {
        match there.map(unquoted).filter(|tag| tag::is_md5(tag)) {
            Some(there) if there != here => {
                let message = "the store has something else than was sent: the content was damaged on the way, or changed \
                               while it was sent; send it again";
                let failed = self.failed(operation, key, message.to_owned());
                Err(StoreError { code: error::DAMAGED.into(), ..failed })
            }
            _ => Ok(()),
        }
    }

    /// Stores a body. Its source is hashed where the store has compared no checksum.
    async fn put_stream(
        &self,
        key: &str,
        body: ByteStream,
        size: u64,
        source: Source<'_>,
    ) -> Result<ObjectInfo, StoreError> {
        let request = self.client.put_object().bucket(&self.bucket).key(key).body(body).customize();
        let request = if self.unsigned_bodies { request.disable_payload_signing() } else { request };
        let request = self.patient(request, size);
        let output = self.call("PutObject", key, request.send(), |_| format!("{size} bytes")).await?;
        let encrypted = output.ssekms_key_id.is_some() || output.sse_customer_algorithm.is_some();
        if output.checksum_crc32.is_none() && !encrypted {
            let md5 = source.md5().await.map_err(|e| self.failed("PutObject", key, e.to_string()))?;
            self.same_tag("PutObject", key, output.e_tag.as_deref(), &md5)?;
        }
        Ok(ObjectInfo { key: key.to_owned(), size, etag: output.e_tag.as_deref().map(unquoted), modified_ms: None })
    }

    /// Stores a file of at most a part's size.
    async fn put_small(&self, key: &str, path: &Path, size: u64) -> Result<ObjectInfo, StoreError> {
        let failed = |e: &dyn std::fmt::Display| self.failed("PutObject", key, format!("{}: {e}", path.display()));
        if size > IN_MEMORY {
            let body = ByteStream::read_from().path(path).build().await.map_err(|e| failed(&error::chain(&e)))?;
            return self.put_stream(key, body, size, Source::File(path)).await;
        }
        let file = path.to_owned();
        let read = tokio::task::spawn_blocking(move || std::fs::read(file)).await;
        let content = Bytes::from(read.unwrap_or_else(|e| Err(e.into())).map_err(|e| failed(&e))?);
        self.put(key, content).await
    }
}

/// Where a body comes from.
enum Source<'a> {
    Bytes(&'a Bytes),
    File(&'a Path),
}

impl Source<'_> {
    /// Its MD5 in hexadecimal.
    async fn md5(self) -> std::io::Result<String> {
        match self {
            Self::Bytes(bytes) => tag::md5_of(&mut bytes.as_ref()).map(hex::encode),
            Self::File(path) => {
                let path = path.to_owned();
                tokio::task::spawn_blocking(move || tag::file_tag(&path, None)).await?
            }
        }
    }
}

/// Files up to this size, in bytes, are read at once: one answer of the disk, and the checksum stands before the body.
const IN_MEMORY: u64 = 256 << 10;

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

    async fn details(&self, key: &str) -> Result<Option<ObjectDetails>, StoreError> {
        details::details(self, key).await
    }

    async fn versions(&self, key: &str) -> Result<Vec<ObjectVersion>, StoreError> {
        details::versions(self, key).await
    }

    async fn link(&self, key: &str, seconds: u64) -> Result<String, StoreError> {
        details::link(self, key, seconds).await
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
        let mut sendings = 0;
        loop {
            let stored = self.put_stream(key, ByteStream::from(body.clone()), size, Source::Bytes(&body)).await;
            if !error::send_again(&stored, &mut sendings) {
                return stored;
            }
        }
    }

    async fn put_file(&self, key: &str, path: &Path) -> Result<ObjectInfo, StoreError> {
        let slots = Semaphore::new(PARTS_AT_ONCE);
        let moving = Moving { part_size: PART_ABOVE, slots: &slots, keep: false, moved: &|_, _| {} };
        self.send_file(key, path, None, &moving).await
    }

    async fn put_parts(&self, key: &str, parts: tokio::sync::mpsc::Receiver<Bytes>) -> Result<ObjectInfo, StoreError> {
        streamed::put_parts(self, key, parts).await
    }

    async fn delete(&self, keys: &[String]) -> Result<(), StoreError> {
        delete::all(self, keys).await
    }

    async fn send_file(
        &self,
        key: &str,
        path: &Path,
        open: Option<&OpenUpload>,
        moving: &Moving<'_>,
    ) -> Result<ObjectInfo, StoreError> {
        let unreadable = |e: std::io::Error| self.failed("PutObject", key, format!("{}: {e}", path.display()));
        let before = tokio::fs::metadata(path).await.map_err(unreadable)?;
        let size = before.len();
        let stored = if size > moving.part_size {
            multipart::send(self, key, path, size, open, moving).await?
        } else {
            // The slots are never closed.
            let _slot = moving.slots.acquire().await;
            let mut sendings = 0;
            let stored = loop {
                let sent = self.put_small(key, path, size).await;
                if !error::send_again(&sent, &mut sendings) {
                    break sent?;
                }
            };
            (moving.moved)(size, false);
            stored
        };
        let after = tokio::fs::metadata(path).await.map_err(unreadable)?;
        if after.len() != size || after.modified().ok() != before.modified().ok() {
            let message = format!("{} was written to while it was sent: send it again", path.display());
            return Err(StoreError { code: error::DAMAGED.into(), ..self.failed("PutObject", key, message) });
        }
        Ok(stored)
    }

    async fn fetch_file(&self, object: &ObjectInfo, path: &Path, moving: &Moving<'_>) -> Result<(), StoreError> {
        download::fetch(self, object, path, moving).await
    }

    async fn copy(&self, from_bucket: &str, object: &ObjectInfo, key: &str) -> Result<(), StoreError> {
        copy::copy(self, from_bucket, object, key).await
    }

    async fn open_uploads(&self, prefix: &str) -> Result<Vec<OpenUpload>, StoreError> {
        let (mut out, mut key_marker, mut id_marker) = (Vec::new(), None, None);
        loop {
            let request = self.client.list_multipart_uploads().bucket(&self.bucket).prefix(prefix);
            let request = request.encoding_type(EncodingType::Url);
            let request = request.set_key_marker(key_marker).set_upload_id_marker(id_marker).send();
            let page = self.call("ListMultipartUploads", prefix, request, |p| format!("{} open", p.uploads().len()));
            let page = page.await?;
            let open = |upload: MultipartUpload| {
                let begun_ms = upload.initiated.and_then(|time| time.to_millis().ok());
                Some(OpenUpload { key: decoded(&upload.key?), id: upload.upload_id?, begun_ms })
            };
            out.extend(page.uploads.unwrap_or_default().into_iter().filter_map(open));
            (key_marker, id_marker) = (page.next_key_marker.map(|key| decoded(&key)), page.next_upload_id_marker);
            if page.is_truncated != Some(true) || key_marker.is_none() {
                break;
            }
        }
        out.sort_by(|a, b| (&a.key, a.begun_ms).cmp(&(&b.key, b.begun_ms)));
        Ok(out)
    }

    async fn abandon(&self, open: &OpenUpload) -> Result<(), StoreError> {
        multipart::abandon(self, &open.key, &open.id).await
    }
}

/// Parts of one file under way at once, where no transfer says how many.
const PARTS_AT_ONCE: usize = 4;

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
