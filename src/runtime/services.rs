//! What the console needs to be started with.

use crate::jobs::Clock;
use crate::jobs::deploy::{Pipeline, Variables};
use crate::jobs::ports::{ObjectStore, Warehouses};
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
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
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
