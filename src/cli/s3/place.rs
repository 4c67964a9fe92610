//! Where objects are: the profile's bucket, or any bucket of an endpoint that is named on the command line.

use super::args::{Reach, S3};
use crate::cli::args::Global;
use crate::cli::desk::{self, Desk};
use crate::cli::failure::Failure;
use crate::clients::s3::{Patience, S3Store, S3Target};
use crate::jobs::Context;
use crate::jobs::ports::ObjectStore;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Where AWS's configuration names no region. Stores other than AWS take any.
const REGION: &str = "us-east-1";

/// Whether a text names something in S3, as against a file.
pub fn is_remote(text: &str) -> bool {
    text.starts_with("s3://")
}

/// The bucket and the key of `s3://BUCKET/KEY`; no bucket where the text is a key.
fn parts(text: &str) -> (Option<&str>, &str) {
    match text.strip_prefix("s3://") {
        None => (None, text),
        Some(rest) => {
            let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
            (Some(bucket).filter(|bucket| !bucket.is_empty()), key)
        }
    }
}

/// The key that a text means: a plain key, or `s3://BUCKET/KEY` with the profile's own bucket.
pub fn own_key<'a>(profile: &str, own: &str, text: &'a str) -> Result<&'a str, Failure> {
    match parts(text) {
        (Some(bucket), _) if bucket != own => {
            Err(Failure::usage(format!("the profile {profile:?} works on the bucket {own:?}, not {bucket:?}"))
                .hint("another bucket: name its endpoint, as in --endpoint-url https://s3.eu-central-1.amazonaws.com"))
        }
        (_, key) => Ok(key),
    }
}

/// The bucket that a command names, for an endpoint that has no profile.
pub fn named(args: &S3) -> String {
    let text = match args {
        S3::Ls { prefix, .. } => prefix,
        S3::Cat { key, .. } | S3::Put { key, .. } | S3::Get { key, .. } | S3::Rm { key, .. } => key,
        S3::Cp { from, to, .. } => {
            if is_remote(to) {
                to
            } else {
                from
            }
        }
    };
    parts(text).0.unwrap_or_default().to_owned()
}

/// Where a command works.
pub struct Place<'a> {
    desk: Option<&'a Desk>,
    bare: Option<&'a desk::Bare>,
    /// An endpoint without a profile: every bucket is named.
    named: Option<S3Store>,
}

impl Place<'_> {
    /// The store and the key that a text means.
    pub fn find(&self, text: &str) -> Result<(Arc<dyn ObjectStore>, String), Failure> {
        if let Some(store) = &self.named {
            let (Some(bucket), key) = parts(text) else {
                return Err(Failure::usage(format!(
                    "{text:?} names no bucket: with --endpoint-url give s3://BUCKET/KEY"
                )));
            };
            return Ok((Arc::new(store.with_bucket(bucket)), key.to_owned()));
        }
        let Some(desk) = self.desk else { return Err(Failure::failed("there is no store")) };
        let store = &desk.services.store;
        let key = own_key(&desk.services.profile, store.bucket(), text)?;
        Ok((Arc::clone(store), key.to_owned()))
    }

    /// A job's context.
    pub fn context(&self) -> Context {
        match (self.desk, self.bare) {
            (Some(desk), _) => desk.context(),
            (_, Some(bare)) => bare.context(),
            (None, None) => Context::silent(),
        }
    }

    /// Cancelled by Ctrl-C and SIGTERM.
    pub fn cancel(&self) -> CancellationToken {
        self.context().cancel
    }

    /// Takes the moving line away, before results are written.
    pub fn quiet(&self) {
        match (self.desk, self.bare) {
            (Some(desk), _) => desk.quiet(),
            (_, Some(bare)) => bare.quiet(),
            (None, None) => {}
        }
    }
}

/// Works where the command line says.
pub async fn at(
    global: &Global,
    reach: &Reach,
    bucket: &str,
    work: impl AsyncFnOnce(&Place) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let Some(endpoint) = &reach.endpoint_url else {
        return desk::at(global, async |desk: &Desk| work(&Place { desk: Some(desk), bare: None, named: None }).await)
            .await;
    };
    if !(endpoint.starts_with("http://") || endpoint.starts_with("https://")) {
        return Err(Failure::usage(format!("{endpoint:?} is no endpoint: it starts with https:// or http://")));
    }
    let bare = desk::Bare::open(global)?;
    let patience = Patience { silence: Duration::from_secs(reach.silence), ..Patience::default() };
    let target = S3Target {
        bucket: bucket.to_owned(),
        region: reach.region.clone(),
        endpoint: Some(endpoint.clone()),
        fallback_region: Some(REGION.to_owned()),
        patience,
        ..S3Target::default()
    };
    let store = S3Store::connect(target, Some(Arc::new(|call| desk::log_call(&call)))).await;
    let result = work(&Place { desk: None, bare: Some(&bare), named: Some(store) }).await;
    bare.quiet();
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_a_key_or_names_its_bucket() {
        assert_eq!(parts("a/b"), (None, "a/b"));
        assert_eq!(parts("s3://b/a//c"), (Some("b"), "a//c"));
        assert_eq!(parts("s3://b"), (Some("b"), ""));
        assert_eq!(parts("s3:///k"), (None, "k"));
        assert_eq!(own_key("local", "own", "s3://own/k").unwrap(), "k");
        assert!(own_key("local", "own", "s3://other/k").is_err());
    }
}
