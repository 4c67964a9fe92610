//! What the console needs to be started with.

use crate::clients::Observer;
use crate::config::Paths;
use crate::jobs::Clock;
use crate::jobs::deploy::{Pipeline, Variables};
use crate::jobs::ports::{ObjectStore, Warehouses};
use futures::future::BoxFuture;
use std::any::Any;
use std::sync::Arc;

/// How the console is started.
pub struct Options {
    /// The profile's name, for the header.
    pub profile: String,
    /// The profile is the embedded cloud.
    pub local: bool,
    /// Refuse everything that changes something.
    pub readonly: bool,
    /// Where everything lives.
    pub paths: Paths,
    /// Something to say once the console stands: settings that could not be used.
    pub notice: Option<String>,
    /// A tour to give.
    pub tour: Option<TourOptions>,
    /// Names of all profiles.
    pub profiles: Vec<String>,
    /// Reaches another profile's Snowflake.
    pub open: Open,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// How a tour is given.
#[derive(Debug, Clone, Default)]
pub struct TourOptions {
    /// Another script than the one that ships: its text.
    pub script: Option<String>,
    /// It goes on by itself.
    pub auto: bool,
    /// How long steps stand then, in hundredths of what the script says.
    pub hold: u32,
    /// The console is left at the end.
    pub leave: bool,
    /// The chapter to begin with.
    pub chapter: Option<String>,
    /// The cloud is the tour's own.
    pub own: bool,
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
