//! Named relations: CTEs, tables, views, streams, the information schema.

use super::super::access;
use super::super::catalog::{Body, Kind, Object, ObjectName, Table, View};
use super::super::error::{SfError, SfResult};
use super::super::resolve;
use super::super::sql::Cursor;
use super::binder::{Binder, Namespace};
use super::from::{Source, named};
use super::scope::{Col, Rel, Scope, fold};
use sqlparser::ast::{self, TableAlias, TableVersion};
use std::sync::Arc;

impl Binder<'_, '_> {
    /// A relation by name.
    ///
    /// # Errors
    /// 002003 where it is missing or invisible.
    pub fn relation(
        &mut self,
        name: &ast::ObjectName,
        version: Option<&TableVersion>,
        alias: Option<&TableAlias>,
        scope: &Scope<'_>,
    ) -> SfResult<(Source, Rel)> {
        let parts = self.name_parts(name, scope)?;
        if let [single] = parts.as_slice()
            && let Some(cte) = self.ctes.iter().rev().find(|c| c.name == *single).cloned()
        {
            let duck = self.alias("r");
            let mut rel = Rel::of_fields(&duck, &cte.fields);
            rel.name = vec![cte.name];
            return Ok((Source::Sql(format!("{} AS {duck}", cte.duck)), named(self.tracked_rel(rel), alias)?));
        }
        let name = ObjectName(parts);
        if name.0.len() >= 2 && name.0[name.0.len() - 2] == "INFORMATION_SCHEMA" {
            return self.information_schema(&name, alias);
        }
        if let [snowflake, schema, view] = name.0.as_slice()
            && snowflake == "SNOWFLAKE"
            && self.catalog.get(Kind::Database, &["SNOWFLAKE"]).is_none()
        {
            return Err(SfError::unsupported(&format!("SNOWFLAKE.{schema}.{view}")));
        }
        let object = self.find_relation(&name)?;
        self.reads.push(object.id);
        let (sql, mut rel) = match &object.body {
            Body::Table(_) | Body::View(_) if matches!(version, Some(TableVersion::Changes { .. })) => {
                self.require(&object, "SELECT")?;
                let Some(TableVersion::Changes { changes, at, end }) = version else {
                    return Err(SfError::internal("no CHANGES"));
                };
                self.changes(&object, changes, at, end.as_ref())?
            }
            Body::Table(table) => {
                self.require(&object, "SELECT")?;
                self.table(&object, table, version)?
            }
            Body::View(_) | Body::Stream(_) if version.is_some() => {
                let kind = object.kind().sql().to_ascii_lowercase();
                return Err(SfError::unsupported(&format!("time travel of a {kind}")));
            }
            Body::View(view) => {
                self.require(&object, "SELECT")?;
                if self.track.is_some() && view.materialized {
                    return Err(super::track::refused("MATERIALIZED VIEW"));
                }
                self.view(&object, view)?
            }
            Body::Stream(_) => self.stream(&object)?,
            _ => return Err(SfError::missing("Object", &name.display())),
        };
        rel.name.clone_from(&object.name);
        if let Body::Table(table) = &object.body {
            self.note_table(table.store, alias.map(|a| fold(&a.name)));
        }
        Ok((Source::Sql(sql), named(rel, alias)?))
    }

    /// The parts of a name; `IDENTIFIER(…)` is resolved, `db..t` means PUBLIC.
    ///
    /// # Errors
    /// What the argument of IDENTIFIER refuses.
    pub fn name_parts(&mut self, name: &ast::ObjectName, scope: &Scope<'_>) -> SfResult<Vec<String>> {
        let mut out = Vec::new();
        for part in &name.0 {
            match part {
                ast::ObjectNamePart::Identifier(i) if i.value.is_empty() && i.quote_style.is_none() => {
                    out.push("PUBLIC".to_owned());
                }
                ast::ObjectNamePart::Identifier(i) => out.push(fold(i)),
                ast::ObjectNamePart::Function(f) => {
                    let arg = match f.args.first() {
                        Some(ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(e))) => self.expr(e, scope)?,
                        _ => return Err(SfError::unsupported(&format!("{f}"))),
                    };
                    let text = match arg.literal {
                        Some(text) => text,
                        None => self.constant_text(&arg)?,
                    };
                    out.extend(Cursor::new(&text)?.name()?.0);
                }
            }
        }
        Ok(out)
    }

    /// An object by name in the namespace that counts now.
    ///
    /// # Errors
    /// 002003 where it is missing or invisible.
    pub fn find(&mut self, kind: Kind, name: &ObjectName) -> SfResult<Arc<Object>> {
        self.with_scope(|s| s.find(kind, name))
    }

    /// A privilege on an object, for the roles that count now.
    ///
    /// # Errors
    /// 003001.
    pub fn require(&mut self, object: &Object, privilege: &str) -> SfResult<()> {
        self.with_scope(|s| s.require(object, privilege))
    }

    fn find_relation(&mut self, name: &ObjectName) -> SfResult<Arc<Object>> {
        match self.with_scope(|s| s.find_relation(name)) {
            Err(e) if e.code == "002003" => self.with_scope(|s| s.find_opt(Kind::Stream, name))?.ok_or(e),
            other => other,
        }
    }

    /// Runs `f` with the scope that counts now.
    pub fn with_scope<T>(&mut self, f: impl FnOnce(&resolve::Scope<'_>) -> T) -> T {
        let ns = self.namespace();
        f(&resolve::Scope {
            catalog: &self.catalog,
            roles: &ns.roles,
            database: ns.database.as_deref(),
            schema: ns.schema.as_deref(),
            temp: Some(&self.cx.s.temp),
            verb: "SELECT",
        })
    }

    fn table(&mut self, object: &Object, table: &Table, version: Option<&TableVersion>) -> SfResult<(String, Rel)> {
        let tracked = self.tracked_table(object, table)?;
        let sql = match (version, tracked) {
            (None, None) => {
                let duck = self.alias("r");
                let rel = table_columns(&duck, table);
                if !has_policy(table) {
                    return Ok((format!("d.t{} AS {duck}", table.store), rel));
                }
                return self.table_policies(object, table, &format!("SELECT * FROM d.t{}", table.store), rel);
            }
            (None, Some(sql)) => sql,
            (Some(v), None) => self.as_of(object, table, v)?,
            (Some(_), Some(_)) => return Err(super::track::refused("AT")),
        };
        let duck = self.alias("r");
        let rel = self.tracked_rel(table_columns(&duck, table));
        self.table_policies(object, table, &sql, rel)
    }

    /// A view's query is bound in its own schema with its owner's rights; its columns are those it was made with.
    ///
    /// # Errors
    /// 002057 where the query has other columns by now; what it refuses.
    pub fn view(&mut self, object: &Object, view: &View) -> SfResult<(String, Rel)> {
        let mut c = Cursor::new(&view.query)?;
        let query = c.query()?;
        let hidden = self.hides(object, view.secure);
        let roles = Arc::new(access::closure(&self.catalog, [object.owner.clone()]));
        self.namespaces.push(Namespace {
            database: object.name.first().cloned(),
            schema: object.name.get(1).cloned(),
            roles,
        });
        // CTEs around a view's use are not in its reach.
        let ctes = std::mem::take(&mut self.ctes);
        let bound = self.behind_veil(hidden.then_some(object), |b| b.query(&query, None));
        self.ctes = ctes;
        self.namespaces.pop();
        let (sql, fields) = bound?;
        if fields.len() != view.columns.len() {
            return Err(SfError::compile(
                "002057",
                "42601",
                format!(
                    "View definition for '{}' declared {} column(s), but view query produces {} column(s).",
                    super::super::catalog::quote_name(&object.name),
                    view.columns.len(),
                    fields.len()
                ),
            ));
        }
        let duck = self.alias("r");
        let mut rel = self.tracked_rel(Rel::of_fields(&duck, &fields));
        for (col, def) in rel.cols.iter_mut().zip(&view.columns) {
            col.name.clone_from(&def.name);
        }
        self.apply_policies(object, &view.columns, view.row_policy.as_ref(), &sql, rel)
    }
}

fn has_policy(table: &Table) -> bool {
    table.row_policy.is_some() || table.columns.iter().any(|c| c.mask.is_some())
}

/// A table's columns under a DuckDB alias, with the hidden ones.
#[must_use]
pub fn table_columns(duck: &str, table: &Table) -> Rel {
    let cols = table
        .columns
        .iter()
        .map(|c| Col {
            name: c.name.clone(),
            sql: format!("{duck}.{}", c.phys),
            ty: c.ty,
            nullable: c.nullable,
            hidden: false,
            merged: false,
        })
        .collect();
    Rel { alias: duck.to_owned(), cols, ..Rel::default() }
}
