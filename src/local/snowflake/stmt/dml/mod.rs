//! INSERT, multi-table INSERT, UPDATE, DELETE, MERGE, TRUNCATE.
//!
//! Every row carries its identity and the table version that wrote it; what an update or delete replaces goes to the
//! history first. Streams and time travel read nothing but that.

mod bind_rows;
mod delete;
mod insert;
mod merge;
mod multi;
mod rows;
mod target;
mod update;

pub use bind_rows::BindRows;
pub use insert::column_list;
pub use rows::{insert_rows, retire_all};
pub use target::Target;

use super::super::bind::binder::Binder;
use super::super::error::SfResult;
use super::super::session::Cx;
use super::super::sql::Cursor;
use super::{Entry, Statement};
use std::sync::Arc;

/// Statements of this module.
pub const ENTRIES: &[Entry] = &[
    Entry(&["INSERT"], parse_insert),
    Entry(&["UPDATE"], update::parse),
    Entry(&["DELETE"], delete::parse),
    Entry(&["MERGE"], merge::parse),
    Entry(&["TRUNCATE"], delete::parse_truncate),
];

fn parse_insert(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let overwrite = c.accept("OVERWRITE");
    if c.sees(&["ALL"]) || c.sees(&["FIRST"]) { multi::parse(c, overwrite) } else { insert::parse(c, overwrite) }
}

/// Binds a DML and runs it in a transaction. `plan` tells which tables and streams need their locks. It is called again inside
/// the transaction, whose snapshot decides what the streams hold, unless there are none and nothing has changed meanwhile.
///
/// # Errors
/// What binding refuses; what `run` meets.
pub fn run<P, T>(
    cx: &mut Cx<'_>,
    plan: impl Fn(&mut Binder<'_, '_>) -> SfResult<P>,
    stores: impl Fn(&P) -> Vec<i64>,
    run: impl FnOnce(&mut Cx<'_>, P) -> SfResult<T>,
) -> SfResult<T> {
    let versions = cx.engine.latest_versions();
    let mut probe = Binder::new(cx);
    let planned = plan(&mut probe)?;
    let catalog = probe.catalog.clone();
    let mut ids = stores(&planned);
    ids.extend(probe.streams.iter().map(|(stream, _)| *stream));
    let has_streams = !probe.streams.is_empty();
    cx.atomically(&ids, |cx| {
        let same = Arc::ptr_eq(&catalog, &cx.catalog()) && versions == cx.engine.latest_versions();
        if same && !has_streams {
            return run(cx, planned);
        }
        let mut binder = Binder::new(cx);
        let planned = plan(&mut binder)?;
        let streams = std::mem::take(&mut binder.streams);
        for (stream, bases) in &streams {
            cx.consume(*stream, bases)?;
        }
        run(cx, planned)
    })
}
