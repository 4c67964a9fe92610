//! What the console needs to be started with.

use crate::clients::Observer;
use crate::jobs::Clock;
use crate::jobs::deploy::{Pipeline, Variables};
use crate::jobs::ports::{ObjectStore, Warehouses};
use futures::future::BoxFuture;
use std::any::Any;
use std::path::PathBuf;
use std::sync::Arc;

/// How the console is started.
pub struct Options {
    /// The profile's name, for the header.
    pub profile: String,
    /// The profile is the embedded cloud.
    pub local: bool,
    /// Refuse everything that changes something.
    pub readonly: bool,
    /// ASCII only, whatever the locale says.
    pub ascii: bool,
    /// Mouse reporting.
    pub mouse: bool,
    /// The folder that generated files go to.
    pub files: PathBuf,
    /// The folder that the history and named queries are kept in.
    pub state: PathBuf,
    /// The folder of the log files.
    pub logs: PathBuf,
    /// Names of all profiles.
    pub profiles: Vec<String>,
    /// Reaches another profile's Snowflake.
    pub open: Open,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// Reaches a profile's Snowflake by the profile's name; the observer is told of every call.
pub type Open = Arc<dyn Fn(String, Observer) -> BoxFuture<'static, Result<Opened, String>> + Send + Sync>;

/// Another profile's Snowflake.
#[derive(Clone)]
pub struct Opened {
    /// Opens its sessions.
    pub warehouses: Arc<dyn Warehouses>,
    /// It is an account.
    pub account: bool,
    /// Kept until the console is left.
    pub keep: Arc<dyn Any + Send + Sync>,
}

/// A profile's services, reached.
pub struct Services {
    /// Opens Snowflake sessions.
    pub warehouses: Arc<dyn Warehouses>,
    /// The bucket.
    pub store: Arc<dyn ObjectStore>,
    /// The pipeline.
    pub pipeline: Pipeline,
    /// The values of its variables.
    pub variables: Variables,
    /// Where Snowflake is, in words.
    pub snowflake: String,
    /// Kept until the console is left: the embedded cloud, where it is one's own.
    pub keep: Option<Box<dyn Any + Send + Sync>>,
}
