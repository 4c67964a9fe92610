//! The Snowflake-compatible endpoint on DuckDB.
