//! The embedded cloud: an S3 endpoint and a Snowflake-compatible endpoint, both on loopback.

pub mod s3;
pub mod snowflake;

mod error;
mod home;

pub use error::CloudError;
pub use home::{Address, CloudHome, Credentials, HomeLock};
