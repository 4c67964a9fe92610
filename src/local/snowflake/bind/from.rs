//! FROM: relations, joins, laterals.

use super::super::error::{SfError, SfResult};
use super::Bound;
use super::binder::Binder;
use super::compare;
use super::expr::condition;
use super::functions::flatten::{self, Flatten};
use super::scope::{Col, Rel, Scope, fold};
use sqlparser::ast::{
    self, Expr, Function, FunctionArguments, JoinConstraint, JoinOperator, TableAlias, TableFactor, TableWithJoins,
};

/// What a table factor comes to.
pub enum Source {
    /// DuckDB SQL with its alias: `d.t5 AS r1`.
    Sql(String),
    /// FLATTEN, which unfolds along what stands before it.
    Flatten(Box<Flatten>),
}

impl Binder<'_, '_> {
    /// Binds FROM; the scope gets its relations.
    ///
    /// # Errors
    /// Snowflake's refusals.
    pub fn from(&mut self, list: &[TableWithJoins], scope: &mut Scope<'_>) -> SfResult<String> {
        let mut sql = String::new();
        for item in list {
            let (source, rel) = self.factor(&item.relation, scope)?;
            sql = attach(&sql, source, rel, scope);
            for join in &item.joins {
                sql = self.join(&sql, &join.relation, &join.join_operator, scope)?;
            }
        }
        Ok(if sql.is_empty() { sql } else { format!(" FROM {sql}") })
    }

    fn join(&mut self, left: &str, factor: &TableFactor, op: &JoinOperator, scope: &mut Scope<'_>) -> SfResult<String> {
        if let JoinOperator::AsOf { match_condition, constraint } = op {
            if self.track.is_some() {
                return Err(super::track::refused("ASOF JOIN"));
            }
            return self.asof(left, factor, match_condition, constraint, scope);
        }
        let (word, constraint) = match op {
            JoinOperator::Join(c) | JoinOperator::Inner(c) => ("JOIN", c),
            JoinOperator::Left(c) | JoinOperator::LeftOuter(c) => ("LEFT JOIN", c),
            JoinOperator::Right(c) | JoinOperator::RightOuter(c) => ("RIGHT JOIN", c),
            JoinOperator::FullOuter(c) => ("FULL JOIN", c),
            JoinOperator::CrossJoin(c) => ("CROSS JOIN", c),
            other => {
                return Err(SfError::unsupported(
                    &format!("{other:?}").chars().take_while(|c| *c != '(').collect::<String>(),
                ));
            }
        };
        if self.track.is_some() && !matches!(word, "JOIN" | "CROSS JOIN") {
            return Err(super::track::refused("OUTER JOIN"));
        }
        let (source, rel) = self.factor(factor, scope)?;
        let free = matches!(constraint, JoinConstraint::None)
            || matches!(constraint, JoinConstraint::On(Expr::Value(v)) if v.value == ast::Value::Boolean(true));
        let source = match source {
            Source::Flatten(_) if word == "JOIN" && !matches!(constraint, JoinConstraint::None) => {
                let text = "a lateral table function takes no join condition";
                return Err(SfError::compile("002031", "42601", text));
            }
            Source::Flatten(_) if free && matches!(word, "JOIN" | "CROSS JOIN") => {
                return Ok(attach(left, source, rel, scope));
            }
            Source::Flatten(f) => format!("LATERAL ({}) AS {}", flatten::relation_sql(&f), rel.alias),
            Source::Sql(sql) => sql,
        };
        match constraint {
            JoinConstraint::None if word == "JOIN" => {
                scope.rels.push(rel);
                Ok(format!("{left} CROSS JOIN {source}"))
            }
            JoinConstraint::None => {
                scope.rels.push(rel);
                let on = if word == "CROSS JOIN" { "" } else { " ON true" };
                Ok(format!("{left} {word} {source}{on}"))
            }
            JoinConstraint::On(e) => {
                scope.rels.push(rel);
                let on = self.expr(e, scope)?;
                let on = condition(&on, &self.env)?;
                Ok(format!("{left} {word} {source} ON {}", on.sql))
            }
            JoinConstraint::Using(names) => {
                let names: Vec<String> =
                    names.iter().filter_map(|n| n.0.last().and_then(|p| p.as_ident()).map(fold)).collect();
                self.join_using(left, word, &source, rel, &names, scope)
            }
            JoinConstraint::Natural => {
                let names: Vec<String> = rel
                    .cols
                    .iter()
                    .filter(|c| {
                        !c.hidden && scope.rels.iter().any(|r| r.cols.iter().any(|x| x.name == c.name && !x.hidden))
                    })
                    .map(|c| c.name.clone())
                    .collect();
                self.join_using(left, word, &source, rel, &names, scope)
            }
        }
    }

    fn join_using(
        &mut self,
        left: &str,
        word: &str,
        source: &str,
        mut rel: Rel,
        names: &[String],
        scope: &mut Scope<'_>,
    ) -> SfResult<String> {
        let mut on = Vec::new();
        for name in names {
            let missing = || SfError::invalid_identifier(name, 1, 0);
            let (at, a) = scope
                .rels
                .iter()
                .enumerate()
                .find_map(|(i, r)| {
                    r.cols.iter().position(|c| c.name == *name && !c.merged).map(|j| ((i, j), r.cols[j].clone()))
                })
                .ok_or_else(missing)?;
            let b = rel.cols.iter_mut().find(|c| c.name == *name).ok_or_else(missing)?;
            on.push(compare::compare(&Bound::from(&a), "=", &Bound::from(&*b), &self.env)?.sql);
            if matches!(word, "RIGHT JOIN" | "FULL JOIN") {
                scope.rels[at.0].cols[at.1].sql = format!("coalesce({}, {})", a.sql, b.sql);
            }
            (b.hidden, b.merged) = (true, true);
        }
        scope.rels.push(rel);
        let on = if on.is_empty() { "true".to_owned() } else { on.join(" AND ") };
        Ok(format!("{left} {word} {source} ON {on}"))
    }

    fn relation_of_text(
        &mut self,
        text: &str,
        alias: Option<&TableAlias>,
        scope: &Scope<'_>,
    ) -> SfResult<(Source, Rel)> {
        let parts = super::super::sql::Cursor::new(text)?.name()?.0;
        let name: Vec<ast::Ident> = parts.iter().map(|p| ast::Ident::with_quote('"', p)).collect();
        self.relation(&name.into(), None, alias, scope)
    }

    /// ASOF JOIN: to each row on the left the closest row on the right, or none.
    fn asof(
        &mut self,
        left: &str,
        factor: &TableFactor,
        condition: &Expr,
        constraint: &JoinConstraint,
        scope: &mut Scope<'_>,
    ) -> SfResult<String> {
        let Expr::BinaryOp {
            op:
                ast::BinaryOperator::Gt | ast::BinaryOperator::GtEq | ast::BinaryOperator::Lt | ast::BinaryOperator::LtEq,
            ..
        } = strip(condition)
        else {
            return Err(SfError::compile(
                "001003",
                "42000",
                format!("MATCH_CONDITION must be a comparison with >=, >, <= or <, found {condition}"),
            ));
        };
        let (source, rel) = self.factor(factor, scope)?;
        let source = match source {
            Source::Sql(sql) => sql,
            Source::Flatten(f) => format!("({}) AS {}", flatten::relation_sql(&f), rel.alias),
        };
        let (mut on, mut rel) = (Vec::new(), rel);
        let conditions: Vec<&Expr> = match constraint {
            JoinConstraint::None => Vec::new(),
            JoinConstraint::On(e) => vec![e],
            JoinConstraint::Using(names) => {
                for name in names {
                    let name = name.0.last().and_then(|p| p.as_ident()).map(fold).unwrap_or_default();
                    let missing = || SfError::invalid_identifier(&name, 1, 0);
                    let (_, a) = scope.column(&[], &name)?.ok_or_else(missing)?;
                    let a = Bound::from(a);
                    let b = rel.cols.iter_mut().find(|c| c.name == name).ok_or_else(missing)?;
                    on.push(compare::compare(&a, "=", &Bound::from(&*b), &self.env)?.sql);
                    (b.hidden, b.merged) = (true, true);
                }
                Vec::new()
            }
            JoinConstraint::Natural => return Err(SfError::unsupported("NATURAL ASOF JOIN")),
        };
        scope.rels.push(rel);
        for e in conditions.into_iter().chain([condition]) {
            on.push(self.expr(e, scope)?.sql);
        }
        Ok(format!("{left} ASOF LEFT JOIN {source} ON {}", on.join(" AND ")))
    }

    /// One table factor; laterals see the relations before it.
    ///
    /// # Errors
    /// Snowflake's refusals.
    pub fn factor(&mut self, factor: &TableFactor, scope: &Scope<'_>) -> SfResult<(Source, Rel)> {
        match factor {
            TableFactor::Table { name, alias, args, version, sample, .. } => {
                if let Some(args) = args {
                    let parts: Vec<String> = name.0.iter().filter_map(|p| p.as_ident().map(fold)).collect();
                    if parts.first().is_some_and(|p| p.starts_with('@')) {
                        return self.stage_relation(name, Some(&args.args), alias.as_ref());
                    }
                    let found = self.table_function(&parts, &args.args, alias.as_ref(), scope)?;
                    return self.sampled(found, sample.as_ref());
                }
                if name.to_string().starts_with('@') {
                    return self.stage_relation(name, None, alias.as_ref());
                }
                let found = self.relation(name, version.as_ref(), alias.as_ref(), scope)?;
                self.sampled(found, sample.as_ref())
            }
            TableFactor::Derived { lateral, subquery, alias, sample } => {
                let around = if *lateral { Some(scope) } else { scope.parent };
                let (sql, fields) = self.query(subquery, around)?;
                let duck = self.alias("r");
                let lateral = if *lateral { "LATERAL " } else { "" };
                if self.track.is_some() && !lateral.is_empty() {
                    return Err(super::track::refused("LATERAL"));
                }
                let rel = named(self.tracked_rel(Rel::of_fields(&duck, &fields)), alias.as_ref())?;
                self.sampled((Source::Sql(format!("{lateral}({sql}) AS {duck}")), rel), sample.as_ref())
            }
            TableFactor::Function { name, args, alias, .. } => {
                let parts: Vec<String> = name.0.iter().filter_map(|p| p.as_ident().map(fold)).collect();
                self.table_function(&parts, args, alias.as_ref(), scope)
            }
            TableFactor::TableFunction { expr, alias } => match expr {
                Expr::Function(Function { name, args: FunctionArguments::List(list), .. }) => {
                    let parts: Vec<String> = name.0.iter().filter_map(|p| p.as_ident().map(fold)).collect();
                    self.table_function(&parts, &list.args, alias.as_ref(), scope)
                }
                // TABLE('t'), TABLE($v), TABLE(t): a relation by name.
                Expr::Identifier(_) | Expr::CompoundIdentifier(_) => {
                    let text = expr.to_string();
                    self.relation_of_text(&text, alias.as_ref(), scope)
                }
                Expr::Value(_) => {
                    let bound = self.expr(expr, scope)?;
                    let text = self.constant_text(&bound)?;
                    self.relation_of_text(&text, alias.as_ref(), scope)
                }
                other => Err(SfError::unsupported(&format!("TABLE({other})"))),
            },
            TableFactor::NestedJoin { table_with_joins, alias: None } => {
                let known = scope.rels.len();
                let mut inner = Scope::new(scope.parent);
                inner.rels.clone_from(&scope.rels);
                let (source, rel) = self.factor(&table_with_joins.relation, &inner)?;
                let mut sql = attach("", source, rel, &mut inner);
                for join in &table_with_joins.joins {
                    sql = self.join(&sql, &join.relation, &join.join_operator, &mut inner)?;
                }
                let mut rels = inner.rels.split_off(known);
                let last = rels.pop().ok_or_else(|| SfError::internal("empty join"))?;
                Ok((Source::Sql(format!("({sql})")), Rel { more: rels, ..last }))
            }
            TableFactor::MatchRecognize { .. } => Err(SfError::unsupported("MATCH_RECOGNIZE")),
            TableFactor::Pivot { .. } => self.pivot(factor, scope),
            TableFactor::Unpivot { .. } => self.unpivot(factor, scope),
            other => Err(SfError::unsupported(&format!("relation {other}"))),
        }
    }
}

/// An expression without its parentheses.
fn strip(e: &Expr) -> &Expr {
    match e {
        Expr::Nested(inner) => strip(inner),
        other => other,
    }
}

/// Puts a source behind what FROM has so far; FLATTEN wraps all of it.
fn attach(sql: &str, source: Source, mut rel: Rel, scope: &mut Scope<'_>) -> String {
    let more = std::mem::take(&mut rel.more);
    let out = match source {
        Source::Sql(s) if sql.is_empty() => s,
        Source::Sql(s) => format!("{sql}, {s}"),
        Source::Flatten(f) if sql.is_empty() => format!("({}) AS {}", flatten::relation_sql(&f), rel.alias),
        Source::Flatten(f) => {
            let aliases: Vec<&str> = scope.rels.iter().map(|r| r.alias.as_str()).collect();
            format!("({})", flatten::join_sql(sql, &aliases, &rel.alias, &f))
        }
    };
    scope.rels.extend(more);
    scope.rels.push(rel);
    out
}

/// Gives a relation its alias and column names.
///
/// # Errors
/// A column list of another length.
pub fn named(mut rel: Rel, alias: Option<&TableAlias>) -> SfResult<Rel> {
    let Some(alias) = alias else { return Ok(rel) };
    rel.name = vec![fold(&alias.name)];
    if !alias.columns.is_empty() {
        let shown: Vec<&mut Col> = rel.cols.iter_mut().filter(|c| !c.hidden).collect();
        if shown.len() != alias.columns.len() {
            return Err(SfError::compile(
                "002057",
                "42601",
                format!("alias '{}' names {} columns of {}", alias.name, alias.columns.len(), shown.len()),
            ));
        }
        for (col, name) in shown.into_iter().zip(&alias.columns) {
            col.name = fold(&name.name);
        }
    }
    Ok(rel)
}
