//! Every integration test, in one binary: DuckDB is linked once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::print_stderr, reason = "tests")]

#[cfg(feature = "local")]
mod access;
#[cfg(feature = "local")]
mod access_matrix;
#[cfg(feature = "local")]
mod account;
#[cfg(feature = "local")]
mod cli;
#[cfg(feature = "local")]
mod clients;
#[cfg(feature = "local")]
mod compat;
#[cfg(feature = "local")]
mod conformance;
#[cfg(feature = "local")]
mod console;
#[cfg(feature = "local")]
mod control;
#[cfg(feature = "local")]
mod convex;
#[cfg(feature = "local")]
mod copy;
#[cfg(feature = "local")]
mod deploy_journal;
#[cfg(feature = "local")]
mod dml;
mod engine;
#[cfg(feature = "local")]
mod explain;
#[cfg(feature = "local")]
mod feed;
#[cfg(feature = "local")]
mod flaky;
#[cfg(feature = "local")]
mod fuzz;
mod fuzz_wire;
mod generate;
#[cfg(feature = "local")]
mod init;
#[cfg(feature = "local")]
#[allow(dead_code, reason = "not every test needs all of it")]
mod kill;
#[cfg(feature = "local")]
mod kill_dml;
#[cfg(feature = "local")]
mod kill_load;
#[cfg(feature = "local")]
mod kill_tasks;
#[cfg(feature = "local")]
mod kill_tree;
#[cfg(feature = "local")]
mod lake;
mod layers;
#[cfg(feature = "local")]
mod load;
#[cfg(feature = "local")]
mod pipeline_counts;
#[cfg(feature = "local")]
mod pipes;
mod plan;
#[cfg(feature = "local")]
mod policies;
#[cfg(feature = "local")]
mod python;
#[cfg(feature = "local")]
mod results;
#[cfg(feature = "local")]
mod s3;
#[cfg(feature = "local")]
mod s3_crowd;
#[cfg(feature = "local")]
mod s3_kill;
#[cfg(feature = "local")]
mod s3_peer;
#[cfg(feature = "local")]
mod scripting;
#[cfg(feature = "local")]
mod secrets;
#[cfg(feature = "local")]
mod served;
#[cfg(feature = "local")]
mod sessions;
mod splitter;
mod sql_dialects;
#[cfg(feature = "local")]
mod stage_files;
#[cfg(feature = "local")]
mod streams;
#[cfg(feature = "local")]
mod tasks;
#[cfg(feature = "local")]
mod terminal;
#[cfg(feature = "local")]
mod tour;
#[cfg(feature = "local")]
mod transfer;
mod wire;
