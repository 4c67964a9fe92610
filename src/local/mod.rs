//! The embedded cloud: an S3 endpoint and a Snowflake-compatible endpoint, both on loopback.

pub mod s3;
pub mod snowflake;

mod cloud;
mod error;
mod home;

pub use cloud::{Cloud, Ports};
pub use error::CloudError;
pub use home::{Address, CloudHome, Credentials, HomeLock};
