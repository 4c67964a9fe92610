//! What ALTER TABLE changes, in the catalog and in DuckDB.

use super::super::super::policy;
use super::super::{default, sequence};
use super::columns::{ColumnSpec, ConstraintSpec};
use super::options::TableOptions;
use super::{create, widen};
use crate::local::snowflake::catalog::{Body, Constraint, Kind, Object, ObjectName, Table};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::types::Ty;
use duckdb::Connection;
use std::sync::Arc;

/// One change.
pub enum Change {
    /// SWAP WITH.
    Swap(ObjectName),
    /// RENAME COLUMN.
    RenameColumn(String, String),
    /// RENAME CONSTRAINT.
    RenameConstraint(String, String),
    /// ADD COLUMN.
    AddColumn {
        /// The column.
        spec: Box<ColumnSpec>,
        /// IF NOT EXISTS.
        if_not_exists: bool,
    },
    /// ADD a constraint.
    AddConstraint(ConstraintSpec),
    /// DROP a constraint, by name or by kind and columns.
    DropConstraint {
        /// Its name.
        name: Option<String>,
        /// Its kind, where it has no name.
        kind: &'static str,
        /// Its columns; empty for a primary key.
        columns: Vec<String>,
    },
    /// DROP COLUMN.
    DropColumn {
        /// Which.
        name: String,
        /// IF EXISTS.
        if_exists: bool,
    },
    /// SET or DROP NOT NULL.
    Nullable(String, bool),
    /// SET or DROP DEFAULT.
    Default(String, Option<String>),
    /// COMMENT of a column.
    ColumnComment(String, Option<String>),
    /// SET DATA TYPE.
    Type(String, Ty),
    /// SET options, CLUSTER BY.
    Options(TableOptions),
    /// UNSET an option.
    Unset(String),
}

/// DuckDB statements to run for a change.
type Physical = Vec<String>;

/// Runs the changes together.
///
/// # Errors
/// 000904 for a column that is not there, 002025 for one that is, 040052, and what DuckDB refuses.
pub fn run(cx: &mut Cx<'_>, found: &Arc<Object>, changes: Vec<Change>) -> SfResult<()> {
    if let [Change::Swap(other)] = changes.as_slice() {
        return swap(cx, found, other);
    }
    let mut object = Object::clone(found);
    let comment = object.comment.clone();
    let Body::Table(mut table) = object.body else { return Err(SfError::no_operation()) };
    let mut physical = Physical::new();
    let mut new_comment = None;
    for change in changes {
        apply(cx, found, &mut table, change, &mut physical, &mut new_comment)?;
    }
    if table.columns.is_empty() {
        return Err(SfError::compile("002262", "42601", "a table must keep at least one column."));
    }
    object.comment = new_comment.unwrap_or(comment);
    let counters: Vec<_> = new_counters(found.table(), &table);
    object.body = Body::Table(table);
    let stores: Vec<i64> = found.table().map(|t| t.store).into_iter().collect();
    let engine = cx.engine.clone();
    // Writers of the table end first, so that neither side fails.
    let _held = engine.locks.acquire(&stores, &|| false)?;
    let temporary = cx.s.temp.contains_key(&(Kind::Table, found.name.clone()));
    let kept = object.clone();
    engine.ddl(&cx.s.conn, |edit, conn: &Connection| {
        for sql in &physical {
            conn.execute_batch(sql)?;
        }
        for (name, start, step) in &counters {
            sequence::start(conn, name, *start, *step)?;
        }
        if !temporary {
            edit.put(object);
        }
        Ok(())
    })?;
    if temporary {
        cx.s.temp.insert((Kind::Table, found.name.clone()), Arc::new(kept));
    }
    Ok(())
}

fn new_counters(old: Option<&Table>, new: &Table) -> Vec<(String, i64, i64)> {
    let had = |phys: &str| old.is_some_and(|t| t.columns.iter().any(|c| c.phys == phys));
    new.columns
        .iter()
        .filter(|c| !had(&c.phys))
        .filter_map(|c| c.identity.map(|i| (sequence::identity_name(new.store, &c.phys), i.start, i.step)))
        .collect()
}

fn apply(
    cx: &mut Cx<'_>,
    found: &Object,
    table: &mut Table,
    change: Change,
    physical: &mut Physical,
    comment: &mut Option<String>,
) -> SfResult<()> {
    match change {
        Change::Swap(_) => return Err(SfError::unsupported("SWAP WITH together with other changes")),
        Change::AddColumn { spec, if_not_exists } => add_column(cx, found, table, &spec, if_not_exists, physical)?,
        Change::DropColumn { name, if_exists } => drop_column(table, &name, if_exists, physical)?,
        Change::RenameColumn(from, to) => {
            let at = position(table, &from)?;
            if from != to && table.columns.iter().any(|c| c.name == to) {
                return Err(exists(&to));
            }
            table.columns[at].name.clone_from(&to);
            for k in &mut table.constraints {
                k.columns.iter_mut().filter(|c| **c == from).for_each(|c| c.clone_from(&to));
            }
        }
        Change::AddConstraint(spec) => add_constraint(cx, table, &spec, physical)?,
        Change::DropConstraint { name, kind, columns } => {
            let hit = |k: &Constraint| match &name {
                Some(name) => k.name == *name,
                None => k.kind == kind && (columns.is_empty() || k.columns == columns),
            };
            if !table.constraints.iter().any(hit) {
                let what = name.clone().unwrap_or_else(|| kind.to_owned());
                return Err(SfError::compile("002207", "42601", format!("Constraint '{what}' does not exist.")));
            }
            table.constraints.retain(|k| !hit(k));
        }
        Change::RenameConstraint(from, to) => {
            let hit = table.constraints.iter_mut().find(|k| k.name == from);
            hit.ok_or_else(|| SfError::compile("002207", "42601", format!("Constraint '{from}' does not exist.")))?
                .name = to;
        }
        Change::Nullable(name, nullable) => {
            let at = position(table, &name)?;
            if table.columns[at].nullable != nullable {
                table.columns[at].nullable = nullable;
                physical.push(null_sql(table.store, &table.columns[at].phys, nullable));
            }
        }
        Change::Default(name, value) => {
            let at = position(table, &name)?;
            table.columns[at].default = value;
            if table.columns[at].default.is_some() {
                default::check(cx, &table.columns[at..=at])?;
            }
        }
        Change::ColumnComment(name, text) => {
            let at = position(table, &name)?;
            table.columns[at].comment = text;
        }
        Change::Type(name, to) => {
            let at = position(table, &name)?;
            let column = &mut table.columns[at];
            widen::check(&name, column.ty, to)?;
            if column.ty.duck() != to.duck() {
                for which in ["t", "h"] {
                    physical.push(format!(
                        "ALTER TABLE d.{which}{} ALTER COLUMN {} SET DATA TYPE {}",
                        table.store,
                        column.phys,
                        to.duck()
                    ));
                }
            }
            column.ty = to;
        }
        Change::Options(options) => {
            options.apply(table);
            if options.comment.is_some() {
                *comment = options.comment;
            }
        }
        Change::Unset(key) => match key.as_str() {
            "COMMENT" => *comment = Some(String::new()),
            "DATA_RETENTION_TIME_IN_DAYS" => table.retention_days = None,
            "MAX_DATA_EXTENSION_TIME_IN_DAYS" => table.extension_days = None,
            "CHANGE_TRACKING" => table.change_tracking = false,
            "ENABLE_SCHEMA_EVOLUTION" => table.schema_evolution = false,
            _ if super::super::accepted::is_accepted(Kind::Table, &key) => {}
            _ => return Err(super::super::accepted::invalid(Kind::Table, &key)),
        },
    }
    Ok(())
}

fn position(table: &Table, name: &str) -> SfResult<usize> {
    table
        .columns
        .iter()
        .position(|c| c.name == name)
        .ok_or_else(|| SfError::compile("000904", "42000", format!("invalid identifier '{name}'")))
}

fn exists(name: &str) -> SfError {
    SfError::compile("001430", "42601", format!("column '{name}' already exists"))
}

fn null_sql(store: i64, phys: &str, nullable: bool) -> String {
    let verb = if nullable { "DROP" } else { "SET" };
    format!("ALTER TABLE d.t{store} ALTER COLUMN {phys} {verb} NOT NULL")
}

fn rows(cx: &mut Cx<'_>, table: &Table) -> SfResult<i64> {
    cx.scalar(&format!("SELECT count(*) FROM d.t{}", table.store))
}

fn add_column(
    cx: &mut Cx<'_>,
    found: &Object,
    table: &mut Table,
    spec: &ColumnSpec,
    if_not_exists: bool,
    physical: &mut Physical,
) -> SfResult<()> {
    if table.columns.iter().any(|c| c.name == spec.name) {
        return if if_not_exists { Ok(()) } else { Err(exists(&spec.name)) };
    }
    let number = table.next_column;
    table.next_column += 1;
    let column = spec.define(number, spec.ty.unwrap_or(Ty::TEXT));
    let value = default::constant(cx, &column)?;
    let filled = rows(cx, table)? > 0;
    if filled && column.identity.is_some() {
        return Err(SfError::unsupported("ADD COLUMN with AUTOINCREMENT to a table that has rows"));
    }
    if filled && !column.nullable && value.is_none() {
        return Err(SfError::compile(
            "001405",
            "22000",
            format!(
                "Non-nullable column '{}' cannot be added to non-empty table '{}' unless it has a non-null default value.",
                column.name,
                found.bare()
            ),
        ));
    }
    for which in ["t", "h"] {
        let place = format!("d.{which}{}", table.store);
        let init = value.as_ref().map_or_else(String::new, |v| format!(" DEFAULT {v}"));
        physical.push(format!("ALTER TABLE {place} ADD COLUMN {} {}{init}", column.phys, column.ty.duck()));
        if value.is_some() {
            // Defaults are the engine's business: DuckDB only fills the rows that are there.
            physical.push(format!("ALTER TABLE {place} ALTER COLUMN {} DROP DEFAULT", column.phys));
        }
    }
    if !column.nullable {
        physical.push(null_sql(table.store, &column.phys, false));
    }
    table.columns.push(column);
    if let Some(used) = &spec.mask {
        policy::mask(cx, &mut table.columns, used)?;
    }
    Ok(())
}

fn drop_column(table: &mut Table, name: &str, if_exists: bool, physical: &mut Physical) -> SfResult<()> {
    let at = match position(table, name) {
        Err(_) if if_exists => return Ok(()),
        other => other?,
    };
    let phys = table.columns[at].phys.clone();
    let rows = table.row_policy.iter().flat_map(|p| &p.args);
    let masks = table.columns.iter().filter(|c| c.phys != phys).filter_map(|c| c.mask.as_ref());
    if rows.chain(masks.flat_map(|m| &m.args)).any(|arg| *arg == phys) {
        return Err(SfError::compile("003550", "2BP01", format!("Column '{name}' is an argument of a policy.")));
    }
    let column = table.columns.remove(at);
    table.constraints.retain(|k| !k.columns.contains(&column.name));
    for which in ["t", "h"] {
        physical.push(format!("ALTER TABLE d.{which}{} DROP COLUMN {}", table.store, column.phys));
    }
    Ok(())
}

fn add_constraint(cx: &Cx<'_>, table: &mut Table, spec: &ConstraintSpec, physical: &mut Physical) -> SfResult<()> {
    for name in &spec.columns {
        let at = position(table, name)?;
        if spec.kind == "PRIMARY KEY" && table.columns[at].nullable {
            table.columns[at].nullable = false;
            physical.push(null_sql(table.store, &table.columns[at].phys, false));
        }
    }
    if spec.kind == "PRIMARY KEY" && table.constraints.iter().any(|k| k.kind == "PRIMARY KEY") {
        return Err(SfError::compile("002200", "42P16", "primary key already exists."));
    }
    table.constraints.push(create::constraint(cx, spec)?);
    Ok(())
}

/// Two tables exchange their names; everything else, grants and streams included, stays with each.
fn swap(cx: &mut Cx<'_>, a: &Arc<Object>, other: &ObjectName) -> SfResult<()> {
    let b = cx.find(Kind::Table, other)?;
    if b.table().is_none() || a.id == b.id {
        return Err(SfError::no_operation());
    }
    cx.require(&b, "OWNERSHIP")?;
    let temporary = |o: &Object| cx.s.temp.contains_key(&(Kind::Table, o.name.clone()));
    if temporary(a) || temporary(&b) {
        return Err(SfError::unsupported("SWAP WITH of a temporary table"));
    }
    let engine = cx.engine.clone();
    engine.ddl(&cx.s.conn, |edit, _| {
        edit.change(a.id, |o| o.name.clone_from(&b.name));
        edit.change(b.id, |o| o.name.clone_from(&a.name));
        Ok(())
    })
}
