//! Which expressions hold aggregates, and grouping.

use super::aggregate;
use super::scope::Scope;
use sqlparser::ast::{
    Expr, Join, JoinConstraint, JoinOperator, OrderBy, Query, Select, SelectItem, TableFactor, TableWithJoins, Visit,
    Visitor,
};
use std::cell::RefCell;
use std::collections::HashSet;
use std::ops::ControlFlow;

/// Whether a function of this name needs groups.
fn groups(name: &str) -> bool {
    matches!(name, "GROUPING" | "GROUPING_ID") || aggregate::lookup(name).is_some_and(|a| !a.window_only)
}

/// Looks for aggregates outside of subqueries and OVER.
struct Finder {
    depth: usize,
}

impl Visitor for Finder {
    type Break = ();

    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, e: &Expr) -> ControlFlow<()> {
        if self.depth == 0
            && let Expr::Function(f) = e
            && f.over.is_none()
            && f.name.0.len() == 1
            && groups(&f.name.to_string().to_ascii_uppercase())
        {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

/// Whether an expression holds an aggregate that makes its SELECT a grouped one.
#[must_use]
pub fn has_aggregate(e: &Expr) -> bool {
    e.visit(&mut Finder { depth: 0 }).is_break()
}

/// Every name that a SELECT mentions, subqueries included, upper-cased; `*` where it has a wildcard or uses columns without
/// naming them.
#[must_use]
pub fn mentioned(select: &Select, order_by: Option<&OrderBy>) -> HashSet<String> {
    struct Names(HashSet<String>);
    impl Visitor for Names {
        type Break = ();
        fn pre_visit_expr(&mut self, e: &Expr) -> ControlFlow<()> {
            match e {
                Expr::Identifier(i) => {
                    self.0.insert(i.value.to_ascii_uppercase());
                }
                // `$3` of staged files.
                Expr::Value(v) => {
                    if let sqlparser::ast::Value::Placeholder(p) = &v.value {
                        self.0.insert(p.clone());
                    }
                }
                Expr::CompoundIdentifier(parts) => {
                    self.0.extend(parts.iter().map(|p| p.value.to_ascii_uppercase()));
                }
                Expr::Wildcard(_) | Expr::QualifiedWildcard(..) => {
                    self.0.insert("*".into());
                }
                Expr::Function(f) if f.to_string().contains('*') => {
                    self.0.insert("*".into());
                }
                _ => {}
            }
            ControlFlow::Continue(())
        }
    }
    let mut names = Names(HashSet::new());
    let _ = select.visit(&mut names);
    if let Some(order_by) = order_by {
        let _ = order_by.visit(&mut names);
    }
    if select.from.iter().any(is_silent) {
        names.0.insert("*".into());
    }
    let wild = |i: &SelectItem| matches!(i, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..));
    if select.projection.iter().any(wild) {
        names.0.insert("*".into());
    }
    names.0.remove("COUNT");
    names.0
}

/// Whether a relation's columns are used by names that stand in no expression (USING, PIVOT), or by none (NATURAL).
fn is_silent(from: &TableWithJoins) -> bool {
    let factor = |t: &TableFactor| match t {
        TableFactor::NestedJoin { table_with_joins, .. } => is_silent(table_with_joins),
        TableFactor::Pivot { .. } | TableFactor::Unpivot { .. } | TableFactor::MatchRecognize { .. } => true,
        _ => false,
    };
    let join = |j: &Join| match &j.join_operator {
        JoinOperator::Join(c)
        | JoinOperator::Inner(c)
        | JoinOperator::Left(c)
        | JoinOperator::LeftOuter(c)
        | JoinOperator::Right(c)
        | JoinOperator::RightOuter(c)
        | JoinOperator::FullOuter(c)
        | JoinOperator::CrossJoin(c) => matches!(c, JoinConstraint::Using(_) | JoinConstraint::Natural),
        _ => true,
    };
    factor(&from.relation) || from.joins.iter().any(|j| factor(&j.relation) || join(j))
}

impl<'p> Scope<'p> {
    /// The same names without the rule of grouping: inside aggregates, and to compare with the keys.
    #[must_use]
    pub fn ungrouped(&self) -> Scope<'p> {
        Scope {
            rels: self.rels.clone(),
            aliases: self.aliases.clone(),
            busy: RefCell::new(self.busy.borrow().clone()),
            keys: None,
            windows: self.windows.clone(),
            parent: self.parent,
        }
    }
}
