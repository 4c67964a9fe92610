//! snowdeck: a terminal console for an S3 → Snowflake data pipeline, with the cloud embedded.
//!
//! The map, from the inside out. A folder may import those above it in this list, and nothing else
//! (`tests/it/layers.rs` checks that):
//!
//! * [`domain`] - plain data that everything shares; std and serde only.
//! * [`jobs`] - what an operator can start, one module each, and the [`jobs::ports`] that they need.
//! * [`clients`] - the ports' real implementations: Snowflake's driver protocol, the AWS SDK.
//! * [`local`] - the embedded cloud: an S3 endpoint and a Snowflake endpoint on DuckDB.
//! * [`config`] - defaults < file < environment < flags; profiles; where things live.
//! * [`app`] - the console's state machine: pure, no terminal, no clock, no async.
//! * [`ui`] - drawing: reads the model, changes nothing.
//! * [`runtime`] - the terminal, the event loop, effects turned into jobs.
//! * [`cli`] - the same jobs without a screen.

pub mod app;
pub mod cli;
pub mod clients;
pub mod config;
pub mod domain;
pub mod jobs;
#[cfg(feature = "local")]
pub mod local;
pub mod runtime;
pub mod ui;
