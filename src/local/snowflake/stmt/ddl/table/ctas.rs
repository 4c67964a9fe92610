//! CREATE TABLE … AS SELECT.

use super::super::super::policy::{self, PolicyUse};
use super::super::create::{self, Made, New};
use super::clone::Copies;
use super::columns::ColumnSpec;
use super::create::start_identity;
use crate::local::snowflake::answer::{Answer, Field, kind};
use crate::local::snowflake::bind::binder::Binder;
use crate::local::snowflake::bind::cast::{self, Mode};
use crate::local::snowflake::bind::{Bound, BoundQuery};
use crate::local::snowflake::catalog::{Body, ColumnDef, Table};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::store::{self, columns_sql, new_ids_sql};
use crate::local::snowflake::types::Ty;
use duckdb::{Connection, params};

/// Makes the table from the query's columns (or those written, cast) and fills it. A stream that the query reads is
/// consumed with it.
///
/// # Errors
/// What the query refuses; 002026 where the columns do not match.
pub fn run(
    cx: &mut Cx<'_>,
    new: &New,
    query: &str,
    written: &[ColumnSpec],
    rows: Option<&PolicyUse>,
    mut table: Table,
) -> SfResult<Answer> {
    let mut c = Cursor::new(query)?;
    let parsed = c.query()?;
    c.end()?;
    let (engine, cancelled) = (cx.engine.clone(), cx.q.cancelled.clone());
    // The streams are locked before what they hold is decided: another consumer must have ended.
    let streams: Vec<i64> = Binder::new(cx).top(&parsed)?.streams.iter().map(|(id, _)| *id).collect();
    let _held = engine.locks.acquire(&streams, &|| cancelled.load(std::sync::atomic::Ordering::Relaxed))?;
    let mut binder = Binder::new(cx);
    let bound = binder.top(&parsed)?;
    let env = binder.env.clone();
    let filled = define(&bound.fields, written)?;
    let mut list = Vec::new();
    for (i, (field, column)) in bound.fields.iter().zip(&filled).enumerate() {
        let value = Bound::new(format!("q.c{}", i + 1), field.ty);
        list.push(cast::cast(&value, column.ty, Mode::Assign, &env)?.sql);
    }
    table.next_column = u32::try_from(filled.len()).unwrap_or(u32::MAX) + 1;
    table.columns = filled;
    policy::set_on(cx, &mut table, written, rows)?;
    super::super::default::check(cx, &table.columns)?;
    let mut copies = Copies::new(cx);
    let now_us = engine.now_us();
    let made = create::create(cx, new, |_, conn, id| {
        table.store = id;
        store::create_table(conn, id, &table.columns)?;
        start_identity(conn, &table)?;
        let (cols, ids) = (columns_sql(&table), new_ids_sql(1, 0));
        let rows = conn.execute(
            &format!(
                "INSERT INTO d.t{id} ({cols}, _id, _from) SELECT {}, {ids}, 1 FROM ({}) AS q",
                list.join(", "),
                bound.sql
            ),
            [],
        )?;
        if rows > 0 {
            copies.first_version(conn, id)?;
        }
        consume(conn, &bound, now_us)?;
        Ok(Body::Table(table))
    })?;
    copies.publish(cx);
    Ok(match made {
        Made::Created(o) => Answer::status(kind::DDL, format!("Table {} successfully created.", o.bare())),
        present @ Made::Present(_) => present.answer(),
    })
}

/// Columns of the new table: names and types of the query unless written.
fn define(fields: &[Field], written: &[ColumnSpec]) -> SfResult<Vec<ColumnDef>> {
    if !written.is_empty() && written.len() != fields.len() {
        return Err(SfError::compile("002026", "42601", "Invalid column definition list"));
    }
    let mut out: Vec<ColumnDef> = Vec::with_capacity(fields.len());
    for ((i, field), n) in fields.iter().enumerate().zip(1u32..) {
        let spec = written.get(i).cloned().unwrap_or_else(|| ColumnSpec {
            name: field.name.clone(),
            ty: None,
            nullable: true,
            default: None,
            identity: None,
            comment: None,
            mask: None,
        });
        if out.iter().any(|c| c.name == spec.name) {
            return Err(SfError::compile("002025", "42S21", format!("duplicate column name '{}'", spec.name)));
        }
        let ty = spec.ty.unwrap_or(if field.ty == Ty::Null { Ty::TEXT } else { field.ty });
        out.push(spec.define(n, ty));
    }
    Ok(out)
}

/// The streams' offsets move in the table's own transaction.
fn consume(conn: &Connection, query: &BoundQuery, now_us: i64) -> SfResult<()> {
    for (stream, stores) in &query.streams {
        conn.execute("DELETE FROM sd.stream_offset WHERE stream = ?", params![stream])?;
        for store in stores {
            // What was written since the query was bound is not in the table and comes next time.
            let end = query.stream_ends.get(store).copied().unwrap_or(0);
            conn.execute(
                "INSERT INTO sd.stream_offset VALUES (?, ?, ?, make_timestamp(?), false)",
                params![stream, store, end, now_us],
            )?;
        }
    }
    Ok(())
}
