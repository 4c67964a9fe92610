//! The log file: one a day in the state folder, never a secret in it.

use super::ConfigError;
use std::path::Path;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::filter::{EnvFilter, LevelFilter};
use tracing_subscriber::prelude::*;

/// What is written, in the form of `tracing`'s filters; by default this program's `info` and everybody's warnings.
pub const LOG_VARIABLE: &str = "SNOWDECK_LOG";
const DEFAULT: &str = "warn,snowdeck=info";
/// Crates that write what they send and receive at lower levels, secrets included: never more than their warnings.
const TALKATIVE: [&str; 12] = [
    "firn",
    "reqwest",
    "hyper",
    "hyper_util",
    "h2",
    "rustls",
    "aws_config",
    "aws_sdk_s3",
    "aws_sigv4",
    "aws_runtime",
    "aws_smithy_runtime",
    "aws_smithy_runtime_api",
];
/// Lines that may wait to be written; the room for them is made at the start, before the first frame.
const WAITING: usize = 8_192;
/// Days that are kept.
const KEPT: usize = 14;

/// Starts the log; it is written out when the guard is dropped.
///
/// # Errors
/// When the folder or the file cannot be made.
pub fn start_log(folder: &Path) -> Result<WorkerGuard, ConfigError> {
    let refused = |source| ConfigError::Io { path: folder.display().to_string(), source };
    std::fs::create_dir_all(folder).map_err(refused)?;
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("snowdeck")
        .filename_suffix("log")
        .max_log_files(KEPT)
        .build(folder)
        .map_err(|e| refused(std::io::Error::other(e)))?;
    let (writer, guard) = NonBlockingBuilder::default().buffered_lines_limit(WAITING).finish(file);
    let wanted = std::env::var(LOG_VARIABLE).unwrap_or_default();
    let wanted = if wanted.trim().is_empty() { DEFAULT } else { wanted.as_str() };
    let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(writer);
    let done = tracing_subscriber::registry().with(layer.with_filter(filter(wanted))).try_init();
    if let Err(error) = done {
        // A second start in one process (tests do that): the first one's file stays.
        tracing::debug!("the log was already started: {error}");
    }
    Ok(guard)
}

fn filter(wanted: &str) -> EnvFilter {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::WARN.into()).parse_lossy(wanted);
    TALKATIVE.iter().fold(filter, |filter, name| match format!("{name}=warn").parse() {
        Ok(directive) => filter.add_directive(directive),
        Err(_) => filter,
    })
}

#[cfg(test)]
mod tests {
    use super::filter;

    #[test]
    fn talkative_crates_stay_quiet_whatever_is_asked_for() {
        let text = filter("trace,firn=trace,snowdeck=debug").to_string();
        assert!(text.contains("firn=warn") && !text.contains("firn=trace"), "{text}");
        assert!(text.contains("snowdeck=debug"), "{text}");
    }
}
