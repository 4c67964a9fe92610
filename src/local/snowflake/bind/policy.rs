//! Masking and row access policies, applied where a table or view is read.
//!
//! The relation is wrapped: masked columns are replaced by their policies' values and rows are filtered before anything else
//! of the query sees them, so predicates, joins, views, streams and the sources of DML read what the policy lets through. A
//! policy's body is bound in the policy's own schema with its owner's rights; CURRENT_ROLE() and IS_ROLE_IN_SESSION are
//! those of the session. Row access comes first and sees the values unmasked.

use super::super::access;
use super::super::catalog::{Body, ColumnDef, Object, RowPolicy, Table};
use super::super::error::{SfError, SfResult};
use super::super::sql::Cursor;
use super::super::types::Ty;
use super::Bound;
use super::binder::{Binder, Namespace};
use super::cast::{self, Mode};
use super::expr::condition;
use super::scope::{Rel, Scope};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Binder<'_, '_> {
    /// A table's rows (a DuckDB query) under the relation's alias, as its policies let them through.
    ///
    /// # Errors
    /// What a policy's body refuses.
    pub fn table_policies(&mut self, object: &Object, table: &Table, sql: &str, rel: Rel) -> SfResult<(String, Rel)> {
        self.apply_policies(object, &table.columns, table.row_policy.as_ref(), sql, rel)
    }

    /// Rows under the relation's alias; `columns` are the first of the relation's, under their physical names.
    ///
    /// # Errors
    /// What a policy's body refuses.
    pub fn apply_policies(
        &mut self,
        object: &Object,
        columns: &[ColumnDef],
        rows: Option<&RowPolicy>,
        sql: &str,
        mut rel: Rel,
    ) -> SfResult<(String, Rel)> {
        let duck = rel.alias.clone();
        if rows.is_none() && columns.iter().all(|c| c.mask.is_none()) {
            return Ok((format!("({sql}) AS {duck}"), rel));
        }
        let inner = self.alias("r");
        let mut replaced = Vec::new();
        for (i, column) in columns.iter().enumerate() {
            let Some(mask) = &column.mask else { continue };
            let value = self.policy_value(object, mask.policy, &mask.args, columns, &inner)?;
            // A mask may be longer than the text that it hides.
            let ty = if column.ty.is_text() { Ty::TEXT } else { column.ty };
            let value = cast::cast(&value, ty, Mode::Explicit, &self.env)?;
            replaced.push(format!("{} AS {}", value.sql, column.phys));
            if let Some(col) = rel.cols.get_mut(i) {
                (col.ty, col.nullable) = (ty, true);
            }
        }
        let list = if replaced.is_empty() { String::new() } else { format!(" REPLACE ({})", replaced.join(", ")) };
        let filter = match rows {
            Some(p) => {
                let value = self.policy_value(object, p.policy, &p.args, columns, &inner)?;
                format!(" WHERE {}", condition(&value, &self.env)?.sql)
            }
            None => String::new(),
        };
        Ok((format!("(SELECT {inner}.*{list} FROM ({sql}) AS {inner}{filter}) AS {duck}"), rel))
    }

    /// A policy's body over columns of `inner`.
    fn policy_value(
        &mut self,
        on: &Object,
        policy: i64,
        args: &[String],
        columns: &[ColumnDef],
        inner: &str,
    ) -> SfResult<Bound> {
        let broken = || SfError::compile("002003", "02000", format!("A policy of '{}' does not exist.", on.bare()));
        let found = self.catalog.by_id(policy).filter(|o| o.dropped_ms.is_none()).cloned().ok_or_else(broken)?;
        let (Body::MaskingPolicy(p) | Body::RowAccessPolicy(p)) = &found.body else { return Err(broken()) };
        let mut frame = BTreeMap::new();
        for ((name, ty), phys) in p.args.iter().zip(args) {
            let column = columns.iter().find(|c| c.phys == *phys).ok_or_else(broken)?;
            let value = Bound::new(format!("{inner}.{phys}"), column.ty);
            let same = column.ty.family() == ty.0.family();
            frame.insert(name.clone(), if same { value } else { cast::cast(&value, ty.0, Mode::Explicit, &self.env)? });
        }
        let roles = Arc::new(access::closure(&self.catalog, [found.owner.clone()]));
        self.namespaces.push(Namespace {
            database: found.name.first().cloned(),
            schema: found.name.get(1).cloned(),
            roles,
        });
        // Neither the query's variables and CTEs nor its change tracking reach into the body.
        let script = std::mem::replace(&mut self.cx.s.script, vec![frame]);
        let (track, ctes) = (self.track.take(), std::mem::take(&mut self.ctes));
        let out = self.behind_veil(Some(on), |b| {
            b.deeper(|b| {
                let mut c = Cursor::new(&p.body)?;
                let e = c.expr()?;
                c.end()?;
                b.expr(&e, &Scope::new(None))
            })
        });
        (self.track, self.ctes, self.cx.s.script) = (track, ctes, script);
        self.namespaces.pop();
        out
    }
}
