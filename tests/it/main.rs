//! Every integration test, in one binary: DuckDB is linked once.
mod generate;
mod layers;
