//! One SELECT.

use super::super::answer::Field;
use super::super::error::{SfError, SfResult};
use super::binder::Binder;
use super::expr::condition;
use super::grouping::{has_aggregate, mentioned};
use super::query::output_place;
use super::scope::{Col, Scope, fold};
use super::{Bound, order};
use sqlparser::ast::{
    self, ExcludeSelectItem, Expr, GroupByExpr, GroupByWithModifier, OrderBy, OrderByKind, RenameSelectItem, Select,
    SelectItem, SelectItemQualifiedWildcardKind, Value, WildcardAdditionalOptions,
};

/// An output column: its name, and what it is.
struct Item {
    name: String,
    bound: Bound,
}

impl Binder<'_, '_> {
    /// Binds a SELECT with its ORDER BY.
    ///
    /// # Errors
    /// Snowflake's refusals.
    pub fn select(
        &mut self,
        s: &Select,
        order_by: Option<&OrderBy>,
        parent: Option<&Scope<'_>>,
    ) -> SfResult<(String, Vec<Field>)> {
        refuse(s)?;
        self.tracked_select(s)?;
        let mut scope = Scope::new(parent);
        self.mentioned.push(mentioned(s, order_by));
        let from = self.from(&s.from, &mut scope);
        self.mentioned.pop();
        let from = from?;
        scope.aliases = aliases(&s.projection);
        scope.windows = super::window::definitions(&s.named_window)?;
        let (from, filter) = if s.connect_by.is_empty() {
            (from, self.clause("WHERE", s.selection.as_ref(), &scope)?)
        } else {
            let from = self.connect_by(s, &from, &mut scope)?;
            (from, self.clause("WHERE", s.selection.as_ref(), &scope)?)
        };
        let groups = self.group_by(s, order_by, &mut scope)?;
        let items = self.projection(&s.projection, &scope)?;
        let fields: Vec<Field> =
            items.iter().map(|i| Field { name: i.name.clone(), ty: i.bound.ty, nullable: i.bound.nullable }).collect();
        let having = self.clause("HAVING", s.having.as_ref(), &scope)?;
        let qualify = self.clause("QUALIFY", s.qualify.as_ref(), &scope)?;
        let order = self.order(order_by, &fields, &items, &scope)?;
        let distinct = match &s.distinct {
            Some(ast::Distinct::Distinct) => "DISTINCT ",
            Some(ast::Distinct::On(_)) => return Err(SfError::unsupported("DISTINCT ON")),
            Some(ast::Distinct::All) | None => "",
        };
        let list: Vec<String> =
            items.iter().enumerate().map(|(i, item)| format!("{} AS c{}", output(&item.bound), i + 1)).collect();
        let top = self.top_clause(s)?;
        let list = if list.is_empty() { "1 AS c1".to_owned() } else { list.join(", ") };
        let list = format!("{list}{}", self.tracked_items(&scope)?);
        Ok((format!("SELECT {distinct}{list}{from}{filter}{groups}{having}{qualify}{order}{top}"), fields))
    }

    fn clause(&mut self, word: &str, e: Option<&Expr>, scope: &Scope<'_>) -> SfResult<String> {
        let Some(e) = e else { return Ok(String::new()) };
        let bound = self.expr(e, scope)?;
        Ok(format!(" {word} {}", condition(&bound, &self.env)?.sql))
    }

    fn top_clause(&mut self, s: &Select) -> SfResult<String> {
        match &s.top {
            None => Ok(String::new()),
            Some(ast::Top { with_ties: false, percent: false, quantity: Some(q) }) => Ok(match q {
                ast::TopQuantity::Constant(n) => format!(" LIMIT {n}"),
                ast::TopQuantity::Expr(e) => {
                    format!(" LIMIT CAST({} AS BIGINT)", self.expr(e, &Scope::new(None))?.sql)
                }
            }),
            Some(_) => Err(SfError::unsupported("TOP with PERCENT or TIES")),
        }
    }

    /// GROUP BY; afterwards the scope knows its keys, if the SELECT is grouped.
    fn group_by(&mut self, s: &Select, order_by: Option<&OrderBy>, scope: &mut Scope<'_>) -> SfResult<String> {
        let exprs: Vec<Expr> = match &s.group_by {
            GroupByExpr::All(modifiers) => {
                no_modifiers(modifiers)?;
                // Every item without an aggregate is a key.
                let items = self.projection_exprs(&s.projection, scope)?;
                items.into_iter().filter(|e| !has_aggregate(e)).collect()
            }
            GroupByExpr::Expressions(exprs, modifiers) => {
                no_modifiers(modifiers)?;
                exprs.clone()
            }
        };
        let orders = order_by.into_iter().flat_map(|o| match &o.kind {
            OrderByKind::Expressions(items) => items.iter().map(|i| &i.expr).collect::<Vec<_>>(),
            OrderByKind::All(_) => Vec::new(),
        });
        let grouped = !exprs.is_empty()
            || matches!(s.group_by, GroupByExpr::All(_))
            || s.projection.iter().filter_map(item_expr).any(has_aggregate)
            || s.having.as_ref().is_some_and(has_aggregate)
            || s.qualify.as_ref().is_some_and(has_aggregate)
            || orders.into_iter().any(has_aggregate);
        if !grouped {
            return Ok(String::new());
        }
        let mut keys = Vec::new();
        let mut parts = Vec::new();
        for e in &exprs {
            parts.push(self.group_item(e, s, scope, &mut keys)?);
        }
        scope.keys = Some(keys);
        Ok(if parts.is_empty() { String::new() } else { format!(" GROUP BY {}", parts.join(", ")) })
    }

    fn group_item(&mut self, e: &Expr, s: &Select, scope: &Scope<'_>, keys: &mut Vec<String>) -> SfResult<String> {
        let mut sets = |b: &mut Self, word: &str, sets: &[Vec<Expr>]| -> SfResult<String> {
            let mut out = Vec::new();
            for set in sets {
                let parts: Vec<String> =
                    set.iter().map(|e| b.group_item(e, s, scope, keys)).collect::<SfResult<_>>()?;
                out.push(format!("({})", parts.join(", ")));
            }
            Ok(format!("{word} ({})", out.join(", ")))
        };
        match e {
            Expr::Rollup(list) => return sets(self, "ROLLUP", list),
            Expr::Cube(list) => return sets(self, "CUBE", list),
            // GROUP BY (a, b) and GROUP BY ().
            Expr::Tuple(items) => {
                let parts: Vec<String> =
                    items.iter().map(|e| self.group_item(e, s, scope, keys)).collect::<SfResult<_>>()?;
                return Ok(if parts.is_empty() { "()".to_owned() } else { parts.join(", ") });
            }
            Expr::GroupingSets(list) => return sets(self, "GROUPING SETS", list),
            _ => {}
        }
        // A number is the item at that place.
        if let Expr::Value(v) = e
            && let Value::Number(n, _) = &v.value
        {
            let items = self.projection_exprs(&s.projection, scope)?;
            let item = n
                .parse::<usize>()
                .ok()
                .and_then(|n| items.get(n.checked_sub(1)?).cloned())
                .ok_or_else(|| SfError::compile("000979", "42601", format!("Invalid GROUP BY position {n}")))?;
            let sql = self.expr(&item, scope)?.sql;
            keys.push(sql.clone());
            return Ok(sql);
        }
        let sql = self.expr(e, scope)?.sql;
        keys.push(sql.clone());
        Ok(sql)
    }

    /// The items' expressions with `*` written out, for GROUP BY ALL and positions.
    fn projection_exprs(&mut self, projection: &[SelectItem], scope: &Scope<'_>) -> SfResult<Vec<Expr>> {
        let mut out = Vec::new();
        for item in projection {
            match item {
                SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => {
                    for (rel, col) in columns_of(item, scope)? {
                        let mut parts: Vec<ast::Ident> = rel.iter().map(|p| ast::Ident::with_quote('"', p)).collect();
                        parts.push(ast::Ident::with_quote('"', &col.name));
                        out.push(if parts.len() == 1 {
                            Expr::Identifier(parts.remove(0))
                        } else {
                            Expr::CompoundIdentifier(parts)
                        });
                    }
                }
                other => out.extend(item_expr(other).cloned()),
            }
        }
        Ok(out)
    }

    fn projection(&mut self, projection: &[SelectItem], scope: &Scope<'_>) -> SfResult<Vec<Item>> {
        let mut out = Vec::new();
        for item in projection {
            match item {
                SelectItem::UnnamedExpr(e) => {
                    out.push(Item { name: output_name(e), bound: self.expr(e, scope)? });
                }
                SelectItem::ExprWithAlias { expr, alias } => {
                    // Inside its own expression an alias means a column.
                    scope.busy.borrow_mut().push(fold(alias));
                    let bound = self.expr(expr, scope);
                    scope.busy.borrow_mut().pop();
                    out.push(Item { name: fold(alias), bound: bound? });
                }
                SelectItem::Wildcard(options) | SelectItem::QualifiedWildcard(_, options) => {
                    out.extend(self.wildcard(item, options, scope)?);
                }
                SelectItem::ExprWithAliases { .. } => return Err(SfError::unsupported("several aliases")),
            }
        }
        if out.is_empty() {
            return Err(SfError::compile("001003", "42000", "SELECT with no columns"));
        }
        Ok(out)
    }

    fn wildcard(
        &mut self,
        item: &SelectItem,
        options: &WildcardAdditionalOptions,
        scope: &Scope<'_>,
    ) -> SfResult<Vec<Item>> {
        if options.opt_except.is_some() || options.opt_alias.is_some() {
            return Err(SfError::unsupported("EXCEPT in a wildcard"));
        }
        let last = |n: &ast::ObjectName| n.0.last().and_then(|p| p.as_ident()).map(fold).unwrap_or_default();
        let excluded: Vec<String> = match &options.opt_exclude {
            Some(ExcludeSelectItem::Single(n)) => vec![last(n)],
            Some(ExcludeSelectItem::Multiple(list)) => list.iter().map(last).collect(),
            None => Vec::new(),
        };
        let renames = match &options.opt_rename {
            Some(RenameSelectItem::Single(r)) => vec![r.clone()],
            Some(RenameSelectItem::Multiple(list)) => list.clone(),
            None => Vec::new(),
        };
        let columns = columns_of(item, scope)?;
        for name in &excluded {
            if !columns.iter().any(|(_, c)| c.name == *name) {
                return Err(SfError::invalid_identifier(name, 1, 0));
            }
        }
        let mut out = Vec::new();
        for (rel, col) in columns {
            if excluded.contains(&col.name) {
                continue;
            }
            if let Some(like) = &options.opt_ilike
                && !ilike(&col.name, &like.pattern)
            {
                continue;
            }
            let replaced = options.opt_replace.iter().flat_map(|r| &r.items).find(|r| fold(&r.column_name) == col.name);
            let bound = if let Some(r) = replaced {
                self.expr(&r.expr, scope)?
            } else {
                let mut parts: Vec<ast::Ident> = rel.iter().map(|p| ast::Ident::with_quote('"', p)).collect();
                parts.push(ast::Ident::with_quote('"', &col.name));
                if scope.keys.is_some() {
                    self.expr(&Expr::CompoundIdentifier(parts), scope)?
                } else {
                    Bound::from(&col)
                }
            };
            let name = renames.iter().find(|r| fold(&r.ident) == col.name).map_or(col.name.clone(), |r| fold(&r.alias));
            out.push(Item { name, bound });
        }
        Ok(out)
    }

    fn order(
        &mut self,
        order_by: Option<&OrderBy>,
        fields: &[Field],
        items: &[Item],
        scope: &Scope<'_>,
    ) -> SfResult<String> {
        let Some(order_by) = order_by else { return Ok(String::new()) };
        let mut out = Vec::new();
        let kind = order::kind(order_by, |name| fields.iter().any(|f| f.name == name));
        match &kind {
            OrderByKind::All(options) => {
                for i in 1..=fields.len() {
                    out.push(format!("{i} {}", order::direction(options, &self.env)));
                }
            }
            OrderByKind::Expressions(list) => {
                for item in list {
                    let direction = order::direction(&item.options, &self.env);
                    // An output's name or place first, then any expression over the FROM.
                    match output_place(&item.expr, fields) {
                        Some(place) if !matches!(items[place - 1].bound.ty, super::super::types::Ty::Tz { .. }) => {
                            out.push(format!("{place} {direction}"));
                        }
                        Some(place) => out.push(format!("({}).t {direction}", items[place - 1].bound.sql)),
                        None => {
                            let key = self.expr(&item.expr, scope)?;
                            // A constant orders nothing; DuckDB would read a number as a place.
                            match items.iter().position(|i| i.bound.sql == key.sql) {
                                Some(p) => out.push(format!("{} {direction}", p + 1)),
                                None => out.push(order::item(&key, &item.options, &self.env)),
                            }
                        }
                    }
                }
            }
        }
        Ok(if out.is_empty() { String::new() } else { format!(" ORDER BY {}", out.join(", ")) })
    }
}

/// An untyped NULL leaves as text, which Snowflake says too.
fn output(b: &Bound) -> String {
    if b.ty == super::super::types::Ty::Null { format!("CAST({} AS VARCHAR)", b.sql) } else { b.sql.clone() }
}

fn refuse(s: &Select) -> SfResult<()> {
    let what = if s.into.is_some() {
        "SELECT INTO outside of a block"
    } else if !s.lateral_views.is_empty() {
        "LATERAL VIEW"
    } else if s.prewhere.is_some() {
        "PREWHERE"
    } else if !s.cluster_by.is_empty() || !s.distribute_by.is_empty() || !s.sort_by.is_empty() {
        "CLUSTER BY, DISTRIBUTE BY or SORT BY in a query"
    } else if s.exclude.is_some() {
        "EXCLUDE behind the select list"
    } else if s.value_table_mode.is_some() {
        "SELECT AS"
    } else {
        return Ok(());
    };
    Err(SfError::unsupported(what))
}

fn no_modifiers(modifiers: &[GroupByWithModifier]) -> SfResult<()> {
    if modifiers.is_empty() { Ok(()) } else { Err(SfError::unsupported("GROUP BY modifier")) }
}

fn item_expr(item: &SelectItem) -> Option<&Expr> {
    match item {
        SelectItem::UnnamedExpr(e) | SelectItem::ExprWithAlias { expr: e, .. } => Some(e),
        _ => None,
    }
}

fn aliases(projection: &[SelectItem]) -> Vec<(String, Expr)> {
    projection
        .iter()
        .filter_map(|item| match item {
            SelectItem::ExprWithAlias { expr, alias } => Some((fold(alias), expr.clone())),
            _ => None,
        })
        .collect()
}

/// The columns that `*` or `t.*` stands for, each with its relation's name.
fn columns_of(item: &SelectItem, scope: &Scope<'_>) -> SfResult<Vec<(Vec<String>, Col)>> {
    let qualifier: Option<Vec<String>> = match item {
        SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
            Some(name.0.iter().filter_map(|p| p.as_ident().map(fold)).collect())
        }
        SelectItem::QualifiedWildcard(..) => return Err(SfError::unsupported("wildcard of an expression")),
        _ => None,
    };
    let rels: Vec<_> = scope.rels.iter().filter(|r| qualifier.as_ref().is_none_or(|q| r.is(q))).collect();
    if rels.is_empty() {
        let name = qualifier.map_or_else(|| "*".to_owned(), |q| q.join("."));
        return Err(SfError::compile("002003", "42S02", format!("Object '{name}' does not exist or not authorized.")));
    }
    Ok(rels.iter().flat_map(|r| r.cols.iter().filter(|c| !c.hidden).map(|c| (r.name.clone(), c.clone()))).collect())
}

/// The name of an output without an alias: the column's own, or the expression as written, upper-cased outside quotes.
fn output_name(e: &Expr) -> String {
    match e {
        Expr::Identifier(i) => fold(i),
        Expr::CompoundIdentifier(parts) => parts.last().map(fold).unwrap_or_default(),
        Expr::Nested(inner) => output_name(inner),
        other => upper_outside_quotes(&other.to_string()),
    }
}

fn upper_outside_quotes(text: &str) -> String {
    let mut quote = None;
    text.chars()
        .map(|c| {
            match quote {
                Some(q) if c == q => quote = None,
                None if c == '\'' || c == '"' => quote = Some(c),
                _ => {}
            }
            if quote.is_some() { c } else { c.to_ascii_uppercase() }
        })
        .collect()
}

/// ILIKE with `%` and `_`.
fn ilike(text: &str, pattern: &str) -> bool {
    let regex: String = pattern
        .chars()
        .map(|c| match c {
            '%' => ".*".to_owned(),
            '_' => ".".to_owned(),
            c => regex::escape(&c.to_string()),
        })
        .collect();
    regex::Regex::new(&format!("(?is)^{regex}$")).is_ok_and(|r| r.is_match(text))
}
