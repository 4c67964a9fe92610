//! The content of a schema or database, cloned.

use super::sequence;
use super::table::{Copies, copy_table};
use crate::jobs::{Clock, SystemClock};
use crate::local::snowflake::catalog::{Body, Edit, Grant, Kind, Object, TableKind};
use crate::local::snowflake::error::SfResult;
use duckdb::{Connection, params};
use std::collections::BTreeMap;

/// Clones everything in `source` under the name `to`: tables with their rows, streams from now on, tasks suspended, pipes
/// paused. What is in the container keeps its owner and its grants.
///
/// # Errors
/// DuckDB's.
pub fn content(
    edit: &mut Edit,
    conn: &Connection,
    source: &Object,
    to: &[String],
    now_ms: i64,
    copies: &mut Copies,
) -> SfResult<()> {
    let depth = source.name.len();
    let mut all: Vec<_> = edit.view().inside(&source.name).filter(|o| kept(o)).cloned().collect();
    // Streams come last: their sources must be there. Policies come before what they are set on.
    let policy = |o: &Object| matches!(o.kind(), Kind::MaskingPolicy | Kind::RowAccessPolicy);
    all.sort_by_key(|o| (o.kind() == Kind::Stream, o.name.len(), !policy(o), o.id));
    let mut ids: BTreeMap<i64, i64> = BTreeMap::new();
    for old in all {
        let id = edit.next_id();
        let mut new = Object::clone(&old);
        new.id = id;
        new.created_ms = now_ms;
        new.name.splice(..depth, to.iter().cloned()).for_each(drop);
        body(edit, conn, &old, &mut new, &ids, copies)?;
        follow_policies(&mut new, &ids);
        ids.insert(old.id, id);
        let grants: Vec<Grant> = edit.view().grants.iter().filter(|g| g.on == Some(old.id)).cloned().collect();
        if !grants.is_empty() {
            edit.grants().extend(grants.into_iter().map(|g| Grant { on: Some(id), ..g }));
        }
        edit.put(new);
    }
    Ok(())
}

/// A cloned table has the cloned policies, where those are cloned with it.
fn follow_policies(o: &mut Object, ids: &BTreeMap<i64, i64>) {
    let (columns, rows) = match &mut o.body {
        Body::Table(t) => (&mut t.columns, &mut t.row_policy),
        Body::View(v) => (&mut v.columns, &mut v.row_policy),
        _ => return,
    };
    let masks = columns.iter_mut().filter_map(|c| c.mask.as_mut()).map(|m| &mut m.policy);
    for policy in masks.chain(rows.as_mut().map(|r| &mut r.policy)) {
        if let Some(new) = ids.get(policy) {
            *policy = *new;
        }
    }
}

/// Internal stages hold files of their own and are not cloned.
fn kept(o: &Object) -> bool {
    match &o.body {
        Body::Table(t) => t.kind != TableKind::Temporary,
        Body::Stage(s) => s.url.is_some(),
        _ => true,
    }
}

fn body(
    edit: &Edit,
    conn: &Connection,
    old: &Object,
    new: &mut Object,
    ids: &BTreeMap<i64, i64>,
    copies: &mut Copies,
) -> SfResult<()> {
    let (id, now_us) = (new.id, new.created_ms.saturating_mul(1000));
    match &mut new.body {
        Body::Table(t) => {
            let from = t.clone();
            t.store = id;
            copy_table(conn, &from, t, copies)?;
        }
        Body::Sequence(s) => {
            let next = sequence::next(conn, &sequence::name(old.id))?.unwrap_or(s.start);
            sequence::start(conn, &sequence::name(id), next, s.step)?;
        }
        Body::Stream(s) => {
            let mapped = |id: i64| ids.get(&id).copied().unwrap_or(id);
            s.source = mapped(s.source);
            s.base = s.base.iter().map(|base| mapped(*base)).collect();
            let view = edit.view();
            // A cloned view that names its tables in full still reads the originals.
            let old: Vec<i64> = match &old.body {
                Body::Stream(o) => o.base.clone(),
                _ => Vec::new(),
            };
            let all: std::collections::BTreeSet<i64> = s.base.iter().chain(&old).copied().collect();
            for base in all.iter().filter_map(|id| view.by_id(*id)?.table().map(|t| t.store)) {
                conn.execute(
                    "INSERT INTO sd.stream_offset SELECT ?, ?, coalesce(max(version), 0), make_timestamp(?), \
                     false FROM sd.table_version WHERE store = ?",
                    params![id, base, now_us, base],
                )?;
            }
        }
        Body::Task(t) => {
            t.started = false;
            t.uuid = uuid::Uuid::new_v4().to_string();
        }
        Body::Alert(o) => drop(o.insert("STATE".into(), "suspended".into())),
        Body::Pipe(p) => {
            (p.paused, p.cloned) = (true, true);
            // Files of before are the source's business.
            p.since_ms = SystemClock.now_ms();
        }
        _ => {}
    }
    Ok(())
}
