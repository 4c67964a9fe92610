//! Why an embedded cloud cannot be used.

use std::path::Path;

/// A failure to start, find or reset the embedded cloud.
#[derive(Debug, thiserror::Error)]
pub enum CloudError {
    /// A file or folder of the home.
    #[error("{path}: {source}")]
    Io {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file of the home does not hold what it should.
    #[error("{path} {what}; `snowdeck local reset` starts afresh (and loses the local data)")]
    BrokenFile {
        /// Which.
        path: String,
        /// What is wrong with it.
        what: String,
    },
    /// A cloud runs where none may.
    #[error("a cloud is running in {folder}{}; end it first", pid.map(|p| format!(" (process {p})")).unwrap_or_default())]
    Running {
        /// The home's cloud folder.
        folder: String,
        /// Its process, where known.
        pid: Option<u32>,
    },
    /// A port is taken.
    #[error("port {port} for the {endpoint} endpoint is in use; give another, or 0 to let the system choose")]
    PortInUse {
        /// `Snowflake` or `S3`.
        endpoint: &'static str,
        /// The port.
        port: u16,
    },
    /// An endpoint could not be opened for another reason.
    #[error("the {endpoint} endpoint cannot listen on 127.0.0.1:{port}: {source}")]
    Listen {
        /// `Snowflake` or `S3`.
        endpoint: &'static str,
        /// The port.
        port: u16,
        /// Why.
        source: std::io::Error,
    },
    /// The store or the engine did not open.
    #[error("the {part} in {folder} cannot be opened: {message}")]
    Open {
        /// `object store` or `warehouse`.
        part: &'static str,
        /// Where.
        folder: String,
        /// Why.
        message: String,
    },
    /// Another process has the home, and gives no answer.
    #[error(
        "another process{} has the cloud in {folder} but does not answer; end it and try again",
        pid.map(|p| format!(" ({p})")).unwrap_or_default()
    )]
    NoAnswer {
        /// The home's cloud folder.
        folder: String,
        /// That process, where known.
        pid: Option<u32>,
    },
}

impl CloudError {
    pub(super) fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io { path: path.display().to_string(), source }
    }

    /// Sorts a failure to listen.
    pub(super) fn listen(endpoint: &'static str, port: u16, source: std::io::Error) -> Self {
        if source.kind() == std::io::ErrorKind::AddrInUse {
            Self::PortInUse { endpoint, port }
        } else {
            Self::Listen { endpoint, port, source }
        }
    }
}
