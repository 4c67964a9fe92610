//! The Snowflake-compatible endpoint on DuckDB.
//!
//! The way of a statement: [`wire`] takes the request → [`session::Session::execute`] → [`sql::parse`] gives a boxed
//! [`stmt::Statement`] → its `run` binds names and types against the [`catalog`] ([`bind`] turns Snowflake SQL into DuckDB
//! SQL with every type known) → DuckDB runs it in one transaction with whatever the statement changes in the catalog, the
//! stream offsets and the histories → an [`answer::Answer`] goes back.
//!
//! Physical layout of the one DuckDB file: schema `sd` holds the catalog and the histories; schema `d` holds each
//! table's current rows as `t<ID>` and its former versions as `h<ID>`; columns are called `c<N>`, with `_id` (the row's
//! identity) and `_from` (the table version that wrote it), and `_to` in the history. Names live in the catalog alone, so
//! RENAME, SWAP, UNDROP and CREATE OR REPLACE move no data, and DuckDB's case-insensitive names never meet Snowflake's.

pub mod access;
pub mod answer;
pub mod bind;
pub mod catalog;
pub mod clock;
pub mod delta;
pub mod duck;
pub mod engine;
pub mod error;
pub mod history;
pub mod info;
pub mod load;
pub mod lock;
pub mod notify;
pub mod params;
pub mod pipe;
pub mod resolve;
pub mod rows;
pub mod scheduler;
pub mod session;
pub mod sql;
pub mod stack;
pub mod stmt;
pub mod store;
#[cfg(test)]
pub mod testing;
pub mod tx;
pub mod types;
pub mod udf;
pub mod wire;
