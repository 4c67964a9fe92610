//! The embedded S3 endpoint: the protocol by `s3s`, over a store of our own.
//!
//! [`store`] keeps objects: an ordered, transactional key index (`redb`) and blob files. It knows no HTTP, and the
//! embedded Snowflake endpoint lists and reads objects through it directly. [`protocol`] answers S3 requests from a
//! store, [`server`] listens.
//!
//! The ready store `s3s-fs` does not serve here: its listings carry no ETag (which COPY's load history needs), it maps
//! keys to file paths and so alters them (`a//b`, `a/../b`), and it walks the whole tree again for every page.

mod protocol;
mod server;
pub mod store;

pub use server::{S3Config, S3Server};
pub use store::{Condition, Error, ListPage, Listed, ObjectCreated, ObjectMeta, ObjectReader, PutOptions, Store};
