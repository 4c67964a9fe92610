//! The driver protocol over HTTP: what every Snowflake client speaks.
//!
//! A refusal is an HTTP 200 with a code, as the drivers expect; they would retry an HTTP 5xx for minutes, so there is none,
//! not even for a defect. Statements run on blocking threads, one at a time per session; results are encoded when they are
//! fetched, large ones in chunks.

pub mod encode;

mod binds;
mod context;
mod files;
mod job;
mod login;
mod queries;
mod reply;
mod rowtype;
mod run;
mod server;
mod tokens;

pub use server::SnowflakeServer;
