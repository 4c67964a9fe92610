//! Stages and file formats; LIST, REMOVE, COPY INTO a table, queries of staged files.

mod alter;
pub mod bound;
pub mod copy;
mod create;
mod describe;
pub mod directory;
mod format;
pub mod infer;
mod integration;
mod list;
pub mod location;
mod query;
mod transfer;
mod unload;

use super::{CreateEntry, Entry};

/// What this module understands.
pub const ENTRIES: &[Entry] = &[
    Entry(&["LIST"], list::parse_list),
    Entry(&["LS"], list::parse_list),
    Entry(&["REMOVE"], list::parse_remove),
    Entry(&["RM"], list::parse_remove),
    Entry(&["PUT"], transfer::parse_put),
    Entry(&["GET"], transfer::parse_get),
    Entry(&["COPY", "INTO"], copy::parse),
    Entry(&["ALTER", "STAGE"], alter::parse_stage),
    Entry(&["ALTER", "FILE", "FORMAT"], alter::parse_format),
    Entry(&["DESC", "STAGE"], describe::parse_stage),
    Entry(&["DESCRIBE", "STAGE"], describe::parse_stage),
    Entry(&["DESC", "FILE", "FORMAT"], describe::parse_format),
    Entry(&["DESCRIBE", "FILE", "FORMAT"], describe::parse_format),
    Entry(&["SHOW", "STAGES"], describe::parse_show_stages),
    Entry(&["SHOW", "FILE", "FORMATS"], describe::parse_show_formats),
];
/// What CREATE makes here.
pub const CREATE: &[CreateEntry] =
    &[CreateEntry(&["STAGE"], create::parse_stage), CreateEntry(&["FILE", "FORMAT"], create::parse_format)];
