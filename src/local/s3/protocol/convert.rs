//! Between the store's terms and the protocol's.

use crate::local::s3::store::{Algorithm, Checksums, Condition, Error, PutOptions};
use http::HeaderMap;
use s3s::dto::{ETag, ETagCondition, Metadata, Owner, Timestamp, TimestampFormat};
use s3s::{S3Error, S3ErrorCode, S3Result};
use std::time::{Duration, UNIX_EPOCH};

/// A refusal with S3's code.
pub(super) fn error(code: S3ErrorCode, message: impl Into<String>) -> S3Error {
    S3Error::with_message(code, message.into())
}

/// A refusal with a code that `s3s` does not know by itself.
pub(super) fn custom(code: &str, status: http::StatusCode, message: &'static str) -> S3Error {
    let code = S3ErrorCode::from_bytes(code.as_bytes()).unwrap_or(S3ErrorCode::InvalidRequest);
    let mut refusal = S3Error::with_message(code, message);
    refusal.set_status_code(status);
    refusal
}

/// What the store refused, with S3's code.
#[allow(clippy::needless_pass_by_value, reason = "made for map_err")]
pub(super) fn refuse(refusal: Error) -> S3Error {
    let code = match &refusal {
        Error::NoSuchBucket(_) => S3ErrorCode::NoSuchBucket,
        Error::NoSuchKey(_) => S3ErrorCode::NoSuchKey,
        Error::NoSuchUpload => S3ErrorCode::NoSuchUpload,
        Error::BucketExists(_) => S3ErrorCode::BucketAlreadyOwnedByYou,
        Error::BucketNotEmpty(_) => S3ErrorCode::BucketNotEmpty,
        Error::PreconditionFailed(_) => S3ErrorCode::PreconditionFailed,
        Error::InvalidPart(_) => S3ErrorCode::InvalidPart,
        Error::InvalidPartOrder => S3ErrorCode::InvalidPartOrder,
        Error::PartTooSmall(_) => S3ErrorCode::EntityTooSmall,
        Error::BadDigest(_) => S3ErrorCode::BadDigest,
        Error::InvalidArgument(_) => S3ErrorCode::InvalidArgument,
        Error::InUse(_) | Error::Index(_) | Error::Blob { .. } => {
            tracing::error!(error = %refusal, "the object store failed");
            S3ErrorCode::InternalError
        }
    };
    error(code, refusal.to_string())
}

/// What this endpoint does not do, refused by name.
pub(super) fn unsupported(what: &str) -> S3Error {
    error(S3ErrorCode::NotImplemented, format!("{what} is not supported by the embedded S3 endpoint"))
}

/// Refuses an input for each of the fields named that is set.
macro_rules! refuse_fields {
    ($input:expr; $($field:ident => $name:literal),* $(,)?) => {
        $(if $input.$field.is_some() {
            return Err($crate::local::s3::protocol::convert::unsupported($name));
        })*
    };
}
pub(super) use refuse_fields;

/// Refuses what a put, a copy or a new multipart upload may ask for and this endpoint does not do.
macro_rules! refuse_put_fields {
    ($input:expr) => {
        $crate::local::s3::protocol::convert::refuse_fields!($input;
            grant_full_control => "x-amz-grant-full-control", grant_read => "x-amz-grant-read",
            grant_read_acp => "x-amz-grant-read-acp", grant_write_acp => "x-amz-grant-write-acp",
            object_lock_legal_hold_status => "x-amz-object-lock-legal-hold", object_lock_mode => "x-amz-object-lock-mode",
            object_lock_retain_until_date => "x-amz-object-lock-retain-until-date",
            sse_customer_algorithm => "x-amz-server-side-encryption-customer-algorithm",
            ssekms_key_id => "x-amz-server-side-encryption-aws-kms-key-id",
            server_side_encryption => "x-amz-server-side-encryption", tagging => "x-amz-tagging",
            website_redirect_location => "x-amz-website-redirect-location");
        if $input.acl.as_ref().is_some_and(|acl| !matches!(acl.as_str(), "private" | "bucket-owner-full-control")) {
            return Err($crate::local::s3::protocol::convert::unsupported("x-amz-acl other than private"));
        }
        if $input.storage_class.as_ref().is_some_and(|class| class.as_str() != "STANDARD") {
            return Err($crate::local::s3::protocol::convert::unsupported("x-amz-storage-class other than STANDARD"));
        }
    };
}
pub(super) use refuse_put_fields;

/// The headers that an input brings for its object.
macro_rules! put_options {
    ($input:expr) => {
        $crate::local::s3::store::PutOptions {
            content_type: $input.content_type.take(),
            content_encoding: $input.content_encoding.take(),
            content_disposition: $input.content_disposition.take(),
            content_language: $input.content_language.take(),
            cache_control: $input.cache_control.take(),
            expires: $input.expires.take().and_then(|t| $crate::local::s3::protocol::convert::http_date(&t)),
            user: $input.metadata.take().unwrap_or_default().into_iter().collect(),
        }
    };
}
pub(super) use put_options;

/// The checksums that an input brings.
macro_rules! sent_checksums {
    ($input:expr) => {{
        use $crate::local::s3::store::{Algorithm, Checksums};
        let all = [
            (Algorithm::Crc32, $input.checksum_crc32.clone()),
            (Algorithm::Crc32c, $input.checksum_crc32c.clone()),
            (Algorithm::Crc64Nvme, $input.checksum_crc64nvme.clone()),
            (Algorithm::Sha1, $input.checksum_sha1.clone()),
            (Algorithm::Sha256, $input.checksum_sha256.clone()),
        ];
        Checksums { values: all.into_iter().filter_map(|(a, v)| Some((a, v?))).collect(), composite: false }
    }};
}
pub(super) use sent_checksums;

/// Puts checksums into an output.
macro_rules! show_checksums {
    ($output:expr, $checksums:expr) => {{
        use $crate::local::s3::store::Algorithm;
        let checksums: &$crate::local::s3::store::Checksums = $checksums;
        $output.checksum_crc32 = checksums.get(Algorithm::Crc32).map(str::to_owned);
        $output.checksum_crc32c = checksums.get(Algorithm::Crc32c).map(str::to_owned);
        $output.checksum_crc64nvme = checksums.get(Algorithm::Crc64Nvme).map(str::to_owned);
        $output.checksum_sha1 = checksums.get(Algorithm::Sha1).map(str::to_owned);
        $output.checksum_sha256 = checksums.get(Algorithm::Sha256).map(str::to_owned);
    }};
}
pub(super) use show_checksums;

/// The type of kept checksums, where there are some.
pub(super) fn checksum_type(checksums: &Checksums) -> Option<s3s::dto::ChecksumType> {
    let name = if checksums.composite { "COMPOSITE" } else { "FULL_OBJECT" };
    (!checksums.is_empty()).then(|| s3s::dto::ChecksumType::from_static(name))
}

/// The header or trailer of a checksum.
fn checksum_header(algorithm: Algorithm) -> String {
    format!("x-amz-checksum-{}", algorithm.name().to_ascii_lowercase())
}

/// The algorithms whose checksums will follow the body as trailers.
pub(super) fn announced(headers: &HeaderMap) -> Vec<Algorithm> {
    let names = headers.get_all("x-amz-trailer").into_iter().filter_map(|v| v.to_str().ok());
    let names: Vec<_> = names.flat_map(|v| v.split(',')).map(|name| name.trim().to_ascii_lowercase()).collect();
    Algorithm::ALL.into_iter().filter(|a| names.contains(&checksum_header(*a))).collect()
}

/// The checksums that followed the body.
pub(super) fn trailing(trailers: &HeaderMap) -> Checksums {
    let value = |a| Some((a, trailers.get(checksum_header(a))?.to_str().ok()?.to_owned()));
    Checksums { values: Algorithm::ALL.into_iter().filter_map(value).collect(), composite: false }
}

/// The algorithm of that name; refused where there is none.
pub(super) fn algorithm(name: Option<&str>) -> S3Result<Option<Algorithm>> {
    let unknown = |name| error(S3ErrorCode::InvalidRequest, format!("{name:?} is not a checksum algorithm"));
    name.map(|name| Algorithm::from_name(name).ok_or_else(|| unknown(name))).transpose()
}

/// The condition of a put or a completion.
pub(super) fn put_condition(
    if_match: Option<&ETagCondition>,
    if_none_match: Option<&ETagCondition>,
) -> S3Result<Condition> {
    match (if_match, if_none_match) {
        (None, None) => Ok(Condition::Always),
        (Some(ETagCondition::Any), None) => Ok(Condition::Present),
        (Some(ETagCondition::ETag(tag)), None) => Ok(Condition::Tag(tag.value().to_owned())),
        (None, Some(ETagCondition::Any)) => Ok(Condition::Absent),
        (None, Some(ETagCondition::ETag(_))) => Err(unsupported("If-None-Match other than *")),
        (Some(_), Some(_)) => Err(unsupported("If-Match together with If-None-Match")),
    }
}

/// A quoted entity tag.
pub(super) fn etag(text: impl Into<String>) -> ETag {
    ETag::Strong(text.into())
}

/// A point in time.
pub(super) fn time(ms: i64) -> Timestamp {
    Timestamp::from(UNIX_EPOCH + Duration::from_millis(u64::try_from(ms).unwrap_or(0)))
}

/// As HTTP prints it.
pub(super) fn http_date(time: &Timestamp) -> Option<String> {
    let mut out = Vec::new();
    time.format(TimestampFormat::HttpDate, &mut out).ok()?;
    String::from_utf8(out).ok()
}

/// Reads what [`http_date`] wrote.
pub(super) fn parse_http_date(text: &str) -> Option<Timestamp> {
    Timestamp::parse(TimestampFormat::HttpDate, text).ok()
}

/// User metadata as the protocol wants it; `None` where there is none.
pub(super) fn metadata(options: &PutOptions) -> Option<Metadata> {
    (!options.user.is_empty()).then(|| options.user.clone().into_iter().collect())
}

/// The one owner of everything here.
pub(super) fn owner() -> Owner {
    Owner { display_name: Some("snowdeck".into()), id: Some("snowdeck".into()) }
}

/// A number for the protocol, whose sizes are signed.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
