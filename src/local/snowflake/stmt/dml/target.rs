//! The table that a DML writes to, and how values get into its columns.

use super::super::super::bind::binder::Binder;
use super::super::super::bind::cast::{self, Mode};
use super::super::super::bind::scope::Scope;
use super::super::super::bind::{Bound, relation};
use super::super::super::catalog::{ColumnDef, Kind, Object, ObjectName, Table};
use super::super::super::error::{SfError, SfResult};
use super::super::super::resolve;
use super::super::super::sql::Cursor;
use std::sync::Arc;

/// A table to write to.
#[derive(Debug, Clone)]
pub struct Target {
    /// The catalog object.
    pub object: Arc<Object>,
}

impl Target {
    /// Finds a table and checks the privileges.
    ///
    /// # Errors
    /// 002003 where it is missing or invisible, 003001 where a privilege is missing, a view refused.
    pub fn find(b: &mut Binder<'_, '_>, name: &ObjectName, privileges: &[&str]) -> SfResult<Self> {
        let ns = b.namespace();
        let scope = resolve::Scope {
            catalog: &b.catalog,
            roles: &ns.roles,
            database: ns.database.as_deref(),
            schema: ns.schema.as_deref(),
            temp: Some(&b.cx.s.temp),
            verb: "operation",
        };
        let object = scope.find_as(Kind::Table, name, "Table")?;
        if object.table().is_none() {
            return Err(SfError::unsupported("DML on a view"));
        }
        for privilege in privileges {
            scope.require(&object, privilege)?;
        }
        Ok(Self { object })
    }

    /// Its definition.
    #[must_use]
    pub fn table(&self) -> &Table {
        self.object.table().unwrap_or(&EMPTY)
    }

    /// Its number in `d`.
    #[must_use]
    pub fn store(&self) -> i64 {
        self.table().store
    }

    /// The columns of a list, all where it is empty.
    ///
    /// # Errors
    /// 000904 for a name that is no column, 002025 for one named twice.
    pub fn columns(&self, names: &[String]) -> SfResult<Vec<&ColumnDef>> {
        let all = &self.table().columns;
        if names.is_empty() {
            return Ok(all.iter().collect());
        }
        for (i, name) in names.iter().enumerate() {
            if names[..i].contains(name) {
                return Err(SfError::compile("002025", "42S21", format!("duplicate column name '{name}'")));
            }
        }
        names
            .iter()
            .map(|n| all.iter().find(|c| c.name == *n).ok_or_else(|| SfError::invalid_identifier(n, 1, 0)))
            .collect()
    }

    /// What goes into each column of the table: the given values cast to the columns' types, defaults for the rest.
    ///
    /// # Errors
    /// Casts that Snowflake does not have; what a default refuses.
    pub fn row(
        &self,
        b: &mut Binder<'_, '_>,
        columns: &[&ColumnDef],
        values: &[Option<Bound>],
    ) -> SfResult<Vec<Bound>> {
        let mut out = Vec::new();
        for column in &self.table().columns {
            let given =
                columns.iter().position(|c| c.phys == column.phys).and_then(|i| values.get(i).cloned().flatten());
            out.push(match given {
                Some(value) => cast::cast(&value, column.ty, Mode::Assign, &b.env)?,
                None => self.default(b, column)?,
            });
        }
        Ok(out)
    }

    /// A column's default.
    ///
    /// # Errors
    /// What its expression refuses.
    pub fn default(&self, b: &mut Binder<'_, '_>, column: &ColumnDef) -> SfResult<Bound> {
        if column.identity.is_some() {
            let sql = format!("CAST(nextval('d.i{}_{}') AS {})", self.store(), column.phys, column.ty.duck());
            return Ok(Bound::new(sql, column.ty));
        }
        let Some(text) = &column.default else {
            return Ok(Bound::new(format!("CAST(NULL AS {})", column.ty.duck()), column.ty));
        };
        let mut c = Cursor::new(text)?;
        let e = c.expr()?;
        let value = b.expr(&e, &Scope::new(None))?;
        cast::cast(&value, column.ty, Mode::Assign, &b.env)
    }

    /// DuckDB SQL of the target's rows, hidden columns included, under an alias: those that its policies let through.
    ///
    /// # Errors
    /// What a policy's body refuses.
    pub fn source(&self, b: &mut Binder<'_, '_>, duck: &str) -> SfResult<String> {
        let (table, store) = (self.table(), self.store());
        b.note_table(store, None);
        if table.row_policy.is_none() && table.columns.iter().all(|c| c.mask.is_none()) {
            return Ok(format!("d.t{store} AS {duck}"));
        }
        let rel = relation::table_columns(duck, table);
        Ok(b.table_policies(&self.object, table, &format!("SELECT * FROM d.t{store}"), rel)?.0)
    }

    /// The table as a relation of FROM, under a DuckDB alias.
    #[must_use]
    pub fn relation(&self, duck: &str, alias: Option<String>) -> super::super::super::bind::scope::Rel {
        let mut rel = relation::table_columns(duck, self.table());
        rel.name = alias.map_or_else(|| self.object.name.clone(), |a| vec![a]);
        rel
    }
}

static EMPTY: Table = Table {
    store: 0,
    columns: Vec::new(),
    next_column: 0,
    kind: super::super::super::catalog::TableKind::Permanent,
    cluster_by: Vec::new(),
    change_tracking: false,
    retention_days: None,
    extension_days: None,
    row_policy: None,
    constraints: Vec::new(),
    schema_evolution: false,
};
