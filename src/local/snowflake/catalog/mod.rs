//! The catalog: every object with its definition, in memory as an immutable snapshot and in DuckDB as documents.
//!
//! DDL commits by itself in Snowflake, so a change of the catalog is one transaction: [`super::engine::Engine::ddl`] hands
//! out an [`Edit`], writes what changed to `sd.catalog` together with the physical change, commits, then publishes the new
//! snapshot. A statement works on the snapshot that it began with.

mod edit;
mod grants;
mod name;
mod object;
mod snapshot;
mod store;

pub use edit::Edit;
pub use grants::{FutureGrant, Grant, Grantee, RoleGrant};
pub use name::{ObjectName, quote_ident, quote_name};
pub use object::*;
pub use snapshot::Catalog;
pub use store::{create_tables, load, save};
