//! Layers of settings: defaults < file < environment < flags; profiles; where things live.

mod account;
mod connect;
mod console;
mod file;
mod log;
mod paths;
mod state;
mod webhook;

pub use account::AccountSettings;
#[cfg(feature = "local")]
pub use connect::rehearsal;
pub use connect::{Connected, Ending, ProfileKind, connect};
pub use console::{ConsoleSettings, Keys};
pub use file::{LOCAL_PROFILE, LocalSettings, Settings};
pub use log::start_log;
pub use paths::Paths;
pub use state::Saved;
pub use webhook::{WEBHOOK_VARIABLE, alert_webhook};

/// Why the configuration cannot be used. Every text names the file or variable, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No home directory and no `SNOWDECK_HOME`.
    #[error("there is no home directory: set SNOWDECK_HOME or give --home DIR")]
    NoHome,
    /// A file could not be read or made.
    #[error("{path}: {source}")]
    Io {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The settings file does not read; `place` is `file:line:column`.
    #[error("{place}: {message}")]
    Syntax {
        /// `file:line:column`.
        place: String,
        /// What is wrong there.
        message: String,
    },
    /// No such profile.
    #[error("there is no profile {name:?}; {known}")]
    UnknownProfile {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A Snowflake connection or an AWS setting is not usable.
    #[error("profile {profile:?}: {message}")]
    Profile {
        /// Which profile.
        profile: String,
        /// What is wrong, and what to do.
        message: String,
    },
    /// The embedded cloud could not be started or reached.
    #[cfg(feature = "local")]
    #[error(transparent)]
    Cloud(#[from] crate::local::CloudError),
}
