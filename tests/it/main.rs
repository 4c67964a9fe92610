//! Every integration test, in one binary: DuckDB is linked once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::print_stderr, reason = "tests")]

mod generate;
mod layers;
mod plan;
#[cfg(feature = "local")]
mod s3;
mod splitter;
mod wire;
