//! S3's refusals in words: what happened, and what to do.

use crate::jobs::ports::StoreError;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use std::error::Error;

/// The code of a failure to which S3 gave no answer.
pub(super) const CLIENT: &str = "Client";
/// The code of content that broke off on its way: it is asked for again.
pub(super) const BROKEN: &str = "ContentBrokeOff";
/// The code of content that is not what the store says it is.
pub(super) const DAMAGED: &str = "ContentDamaged";

/// How often content is sent in all, where it arrives damaged.
const SENDINGS: u32 = 5;

/// Whether content was damaged on its way and is to be sent again: the SDK takes that refusal for the caller's fault.
/// Counts the sendings.
pub(super) fn send_again<T>(result: &Result<T, StoreError>, sendings: &mut u32) -> bool {
    const CODES: [&str; 6] = [
        DAMAGED,
        "BadDigest",
        "IncompleteBody",
        "InvalidDigest",
        "XAmzContentChecksumMismatch",
        "XAmzContentSHA256Mismatch",
    ];
    *sendings += 1;
    *sendings < SENDINGS && result.as_ref().is_err_and(|e| CODES.contains(&e.code.as_str()))
}

/// What to do about a code of S3; empty where nothing is known.
fn advice(code: &str) -> &'static str {
    match code {
        "NoSuchBucket" => "check the profile's bucket and region, or create the bucket",
        "NoSuchKey" => "list the prefix to see what is there",
        "AccessDenied" | "AllAccessDisabled" => {
            "the credentials are valid but may not do this: check the IAM policy and the bucket policy"
        }
        "InvalidAccessKeyId" => "the access key id is unknown there: check which profile and which endpoint are in use",
        "SignatureDoesNotMatch" => "the secret key does not belong to the access key id: set both again",
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" | "InvalidToken" => {
            "the temporary credentials are no longer valid: sign in again (aws sso login) and retry"
        }
        "RequestTimeTooSkewed" | "RequestExpired" => "this machine's clock is wrong: set it, S3 allows 15 minutes",
        "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException" => {
            "the bucket is in another region: set the profile's region to the bucket's"
        }
        "BucketAlreadyExists" => "somebody else has a bucket of that name: choose another",
        "InvalidBucketName" => "a bucket name has 3 to 63 lower-case letters, digits, dots and hyphens",
        "SlowDown" | "ServiceUnavailable" | "InternalError" | "RequestTimeout" => {
            "S3 is overloaded or failing and retries did not help: try again later, or with less parallelism"
        }
        "BadDigest" | "InvalidDigest" | "XAmzContentChecksumMismatch" => {
            "the content was damaged on the way, or changed while it was sent: send it again"
        }
        "NotImplemented" => "this endpoint does not do that",
        "KeyTooLongError" => "a key has at most 1024 bytes",
        "EntityTooLarge" => "one object has at most 5 TB",
        _ => "",
    }
}

/// The code of an answer without a body (to HEAD), from its status.
fn code_of_status(operation: &str, status: u16) -> &'static str {
    match status {
        301 | 307 => "PermanentRedirect",
        304 => "NotModified",
        403 => "AccessDenied",
        404 if operation.ends_with("Bucket") => "NoSuchBucket",
        404 => "NoSuchKey",
        412 => "PreconditionFailed",
        416 => "InvalidRange",
        429 => "SlowDown",
        503 => "ServiceUnavailable",
        500..=599 => "InternalError",
        _ => "InvalidRequest",
    }
}

/// An error with what lies under it, each once.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
        next = error.source();
    }
    parts.join(": ")
}

fn with_advice(what: &str, advice: &str) -> String {
    let what = what.trim_end_matches('.');
    if advice.is_empty() { what.to_owned() } else { format!("{what}; {advice}") }
}

/// What went wrong with a call.
pub(super) fn explain<E>(operation: &'static str, place: &str, error: &SdkError<E>) -> StoreError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let key = place.to_owned();
    if let SdkError::ServiceError(refusal) = error {
        let status = refusal.raw().status().as_u16();
        let meta = refusal.err().meta();
        let code = match meta.code() {
            // What the SDK makes of an answer to HEAD.
            None | Some("NotFound") => code_of_status(operation, status),
            Some(code) => code,
        };
        let what = meta.message().map_or_else(|| format!("S3 answered {status}"), str::to_owned);
        return StoreError { operation, key, code: code.to_owned(), message: with_advice(&what, advice(code)) };
    }
    let text = chain(error);
    let lower = text.to_ascii_lowercase();
    let advice = if lower.contains("connection refused") {
        "nothing listens there: check the endpoint and that it is running"
    } else if lower.contains("dns") || lower.contains("lookup") {
        "the host name cannot be resolved: check the endpoint, the region and the network"
    } else if lower.contains("credential") || lower.contains("sso") || lower.contains("token") {
        "no usable AWS credentials: sign in (aws sso login), set AWS_PROFILE, or name a profile"
    } else if lower.contains("certificate") {
        "the endpoint's certificate is not trusted here: check the endpoint and any proxy in between"
    } else if lower.contains("region") {
        "set the profile's region"
    } else if matches!(error, SdkError::TimeoutError(_)) || lower.contains("timeout") || lower.contains("timed out") {
        "S3 did not answer in time: check the network, then try again"
    } else {
        "check the endpoint and the network, then try again"
    };
    StoreError { operation, key, code: CLIENT.to_owned(), message: with_advice(&text, advice) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_without_a_body_still_has_a_code() {
        assert_eq!(code_of_status("HeadBucket", 404), "NoSuchBucket");
        assert_eq!(code_of_status("HeadObject", 404), "NoSuchKey");
        assert_eq!(code_of_status("HeadObject", 403), "AccessDenied");
    }

    #[test]
    fn advice_follows_the_reason_in_one_sentence() {
        let text = with_advice("The specified bucket does not exist.", advice("NoSuchBucket"));
        assert_eq!(
            text,
            "The specified bucket does not exist; check the profile's bucket and region, or create the bucket"
        );
    }
}
