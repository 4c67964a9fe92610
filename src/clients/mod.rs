//! The ports' real implementations: Snowflake over the driver protocol, S3 over the AWS SDK, a webhook.

pub mod s3;
pub mod snowflake;
pub mod webhook;

use crate::domain::CallRecord;
use std::sync::Arc;

/// Told of every call to a service, after it ended. Records hold no secrets. Must return quickly.
pub type Observer = Arc<dyn Fn(CallRecord) + Send + Sync>;
