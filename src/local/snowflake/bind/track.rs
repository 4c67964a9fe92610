//! Change tracking through queries: a view bound in this mode carries each row's identity and whether the window changed it.
//!
//! Two columns go along with every relation: `_id`, made of the identities of the table rows that a row comes from, and
//! `_ch`, true where one of them is marked. The rows marked among all rows at the window's end and among all rows at its
//! start are what the view gained and lost, which is the delta of joins (ΔA×B + A×ΔB + ΔA×ΔB) without computing the terms.

use super::super::catalog::{Object, Table};
use super::super::delta::{self, Side, Window, Windows};
use super::super::error::{SfError, SfResult};
use super::binder::Binder;
use super::grouping::has_aggregate;
use super::scope::{Rel, Scope};
use sqlparser::ast::{Expr, GroupByExpr, Query, Select, SelectItem, Visit, Visitor};
use std::ops::ControlFlow;

/// How a tracked query is bound.
#[derive(Debug, Clone)]
pub struct Track {
    /// Which rows take part.
    pub side: Side,
    /// The windows by store; `None` to learn which tables are under a view and whether its form allows tracking.
    pub windows: Option<Windows>,
    /// The tables reached, by object id.
    pub tables: Vec<i64>,
}

/// The refusal of a view's form.
#[must_use]
pub fn refused(what: &str) -> SfError {
    SfError::compile("000002", "0A000", format!("Change tracking is not supported on queries with '{what}'."))
}

/// The refusal of a stream whose tables are not those that it was made on.
#[must_use]
pub fn stale(name: &str) -> SfError {
    SfError::compile(
        "000707",
        "02000",
        format!("Stream '{name}' has become stale: its changes are not available any more. Recreate the stream."),
    )
}

impl Binder<'_, '_> {
    /// A table's rows with `_id` and `_ch`; `None` where nothing is tracked.
    ///
    /// # Errors
    /// A table without window.
    pub fn tracked_table(&mut self, object: &Object, table: &Table) -> SfResult<Option<String>> {
        let Some(track) = &mut self.track else { return Ok(None) };
        if !track.tables.contains(&object.id) {
            track.tables.push(object.id);
        }
        let w = match &track.windows {
            None => Window { from: 0, to: 0, initial: false },
            Some(windows) => *windows.get(&table.store).ok_or_else(|| stale(object.bare()))?,
        };
        let id = format!("'{}.' || CAST(_id AS VARCHAR)", table.store);
        Ok(Some(delta::tracked(table, w, track.side, &id)))
    }

    /// Marks a relation whose DuckDB columns have `_id` and `_ch` among them, where queries are tracked.
    #[must_use]
    pub fn tracked_rel(&self, mut rel: Rel) -> Rel {
        if self.track.is_some() {
            rel.track = Some((format!("{}._id", rel.alias), format!("{}._ch", rel.alias)));
        }
        rel
    }

    /// What a SELECT's list gets behind its items: nothing, or the two columns.
    ///
    /// # Errors
    /// Relations that have no identity.
    pub fn tracked_items(&self, scope: &Scope<'_>) -> SfResult<String> {
        if self.track.is_none() {
            return Ok(String::new());
        }
        let (mut ids, mut marks) = (Vec::new(), Vec::new());
        for rel in &scope.rels {
            let (id, mark) = rel.track.clone().ok_or_else(|| refused("TABLE FUNCTION"))?;
            ids.push(id);
            marks.push(mark);
        }
        if ids.is_empty() {
            return Ok(", '' AS _id, false AS _ch".into());
        }
        Ok(format!(", {} AS _id, ({}) AS _ch", ids.join(" || '/' || "), marks.join(" OR ")))
    }

    /// A branch of UNION ALL: its rows are told apart from the other branch's.
    #[must_use]
    pub fn tracked_branch(&mut self, sql: String, branch: u8) -> String {
        if self.track.is_none() {
            return sql;
        }
        let alias = self.alias("q");
        format!("SELECT {alias}.* REPLACE ('{branch}:' || {alias}._id AS _id) FROM ({sql}) AS {alias}")
    }

    /// The names of the two columns behind a list, where queries are tracked.
    #[must_use]
    pub fn tracked_names(&self) -> &'static str {
        if self.track.is_some() { ", _id, _ch" } else { "" }
    }

    /// Refuses what a tracked query may not have.
    ///
    /// # Errors
    /// By name.
    pub fn tracked_query(&self, q: &Query) -> SfResult<()> {
        let limited = q.limit_clause.is_some() || q.fetch.is_some();
        if self.track.is_some() && limited { Err(refused("LIMIT")) } else { Ok(()) }
    }

    /// Refuses what a tracked SELECT may not have.
    ///
    /// # Errors
    /// By name.
    pub fn tracked_select(&self, s: &Select) -> SfResult<()> {
        if self.track.is_none() {
            return Ok(());
        }
        let grouped = match &s.group_by {
            GroupByExpr::All(_) => true,
            GroupByExpr::Expressions(list, _) => !list.is_empty(),
        };
        let what = if s.distinct.is_some() {
            "DISTINCT"
        } else if grouped || s.having.is_some() {
            "GROUP BY"
        } else if s.qualify.is_some() {
            "QUALIFY"
        } else if !s.connect_by.is_empty() {
            "CONNECT BY"
        } else if s.top.is_some() {
            "TOP"
        } else {
            let items = s.projection.iter().filter_map(|item| match item {
                SelectItem::UnnamedExpr(e) | SelectItem::ExprWithAlias { expr: e, .. } => Some(e),
                _ => None,
            });
            return items.chain(&s.selection).try_for_each(tracked_expr);
        };
        Err(refused(what))
    }
}

/// Refuses aggregates, window functions and subqueries in an expression.
fn tracked_expr(e: &Expr) -> SfResult<()> {
    struct Finder(Option<&'static str>);
    impl Visitor for Finder {
        type Break = ();
        fn pre_visit_expr(&mut self, e: &Expr) -> ControlFlow<()> {
            self.0 = match e {
                Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => Some("SUBQUERY"),
                Expr::Function(f) if f.over.is_some() => Some("WINDOW FUNCTION"),
                _ => return ControlFlow::Continue(()),
            };
            ControlFlow::Break(())
        }
    }
    if has_aggregate(e) {
        return Err(refused("AGGREGATE"));
    }
    let mut finder = Finder(None);
    let _ = e.visit(&mut finder);
    finder.0.map_or(Ok(()), |what| Err(refused(what)))
}
