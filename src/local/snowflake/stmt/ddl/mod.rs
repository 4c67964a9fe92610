//! Definitions: databases, schemas, tables, views, sequences, warehouses; DROP, UNDROP, RENAME and COMMENT of every kind.
//!
//! Modules of other kinds make their objects with [`create::create`] and change them with [`alter::target`] and
//! [`alter::change`]; a kind that needs more when it goes has a line in `drop.rs`.

pub mod accepted;
pub mod alter;
mod clone;
mod container;
pub mod create;
mod default;
pub mod drop;
pub mod function;
pub mod integration;
pub mod rename;
mod routine;
pub mod sequence;
pub mod table;
pub mod types;
mod view;
mod warehouse;

use super::{CreateEntry, Entry};

/// What this module understands.
pub const ENTRIES: &[Entry] = &[
    Entry(&["DROP"], drop::parse),
    Entry(&["UNDROP"], rename::parse_undrop),
    Entry(&["COMMENT"], alter::parse_comment),
    Entry(&["ALTER", "TABLE"], table::parse_alter),
    Entry(&["ALTER", "VIEW"], view::parse_alter),
    Entry(&["ALTER", "MATERIALIZED", "VIEW"], view::parse_alter),
    Entry(&["ALTER", "DATABASE"], container::alter_database),
    Entry(&["ALTER", "SCHEMA"], container::alter_schema),
    Entry(&["ALTER", "SEQUENCE"], sequence::parse_alter),
    Entry(&["ALTER", "WAREHOUSE"], warehouse::parse_alter),
    Entry(&["ALTER", "FUNCTION"], routine::parse_function),
    Entry(&["ALTER", "PROCEDURE"], routine::parse_procedure),
    Entry(&["ALTER", "INTEGRATION"], integration::parse_alter),
    Entry(&["ALTER", "STORAGE", "INTEGRATION"], integration::parse_alter),
    Entry(&["ALTER", "NOTIFICATION", "INTEGRATION"], integration::parse_alter),
    Entry(&["SHOW", "INTEGRATIONS"], integration::parse_show),
    Entry(&["SHOW", "STORAGE", "INTEGRATIONS"], integration::parse_show),
];
/// What CREATE makes here.
pub const CREATE: &[CreateEntry] = &[
    CreateEntry(&["TABLE"], table::parse_create),
    CreateEntry(&["VIEW"], view::parse_create),
    CreateEntry(&["DATABASE"], container::parse_database),
    CreateEntry(&["SCHEMA"], container::parse_schema),
    CreateEntry(&["SEQUENCE"], sequence::parse_create),
    CreateEntry(&["STORAGE", "INTEGRATION"], integration::parse_create),
    CreateEntry(&["FUNCTION"], function::parse),
    CreateEntry(&["WAREHOUSE"], warehouse::parse_create),
];

#[cfg(test)]
mod tests;
