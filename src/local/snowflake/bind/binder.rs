//! The binder: what all parts of a query share while it is bound.

use super::super::access::{self, RoleSet};
use super::super::answer::Field;
use super::super::catalog::Catalog;
use super::super::error::{SfError, SfResult};
use super::super::params;
use super::super::session::{Cx, Secondary};
use super::{Bound, BoundQuery, Env};
use sqlparser::ast;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// Where names resolve and whose privileges count: the session's, or a view's and its owner's.
#[derive(Debug, Clone)]
pub struct Namespace {
    /// Current database.
    pub database: Option<String>,
    /// Current schema.
    pub schema: Option<String>,
    /// Roles whose privileges count.
    pub roles: Arc<RoleSet>,
}

/// A CTE in reach.
#[derive(Debug, Clone)]
pub struct Cte {
    /// Exact name.
    pub name: String,
    /// DuckDB name.
    pub duck: String,
    /// Its columns `c1` … under these names.
    pub fields: Vec<Field>,
}

/// Binds one statement's queries.
pub struct Binder<'c, 'e> {
    /// The statement.
    pub cx: &'c mut Cx<'e>,
    /// The session and the statement, for functions.
    pub env: Env,
    /// The catalog as the statement sees it.
    pub catalog: Arc<Catalog>,
    /// The innermost last.
    pub namespaces: Vec<Namespace>,
    /// CTEs in reach, the innermost last.
    pub ctes: Vec<Cte>,
    /// Streams read: (id, base stores).
    pub streams: Vec<(i64, Vec<i64>)>,
    /// Up to which version the tables under the streams are read, by store.
    pub stream_ends: BTreeMap<i64, i64>,
    /// Set while a view's changes are computed.
    pub track: Option<super::track::Track>,
    /// Objects read.
    pub reads: Vec<i64>,
    /// Names that the SELECT being bound mentions, `*` for a wildcard: what FLATTEN needs to compute.
    pub mentioned: Vec<HashSet<String>>,
    /// In CONNECT BY: the relations of the row above.
    pub prior: Vec<super::scope::Rel>,
    /// What EXPLAIN needs to know; `None` elsewhere.
    pub notes: Option<super::notes::Notes>,
    /// Depth of views and subqueries, to refuse endless ones.
    pub depth: usize,
    next: usize,
}

/// Deepest nesting of views, subqueries and expressions.
const DEEPEST: usize = 200;

impl<'c, 'e> Binder<'c, 'e> {
    /// Starts in the session's namespace.
    #[must_use]
    pub fn new(cx: &'c mut Cx<'e>) -> Self {
        let catalog = cx.catalog();
        let namespace = Namespace {
            database: cx.s.database.clone(),
            schema: cx.s.schema.clone(),
            roles: Arc::new(access::session_roles(&catalog, cx.s)),
        };
        let env = env(cx, &catalog);
        Self {
            cx,
            env,
            catalog,
            namespaces: vec![namespace],
            ctes: Vec::new(),
            streams: Vec::new(),
            stream_ends: BTreeMap::new(),
            track: None,
            reads: Vec::new(),
            mentioned: Vec::new(),
            prior: Vec::new(),
            notes: None,
            depth: 0,
            next: 0,
        }
    }

    /// The namespace that counts now.
    #[must_use]
    pub fn namespace(&self) -> Namespace {
        self.namespaces.last().cloned().unwrap_or_else(|| Namespace {
            database: None,
            schema: None,
            roles: Arc::new(RoleSet::new()),
        })
    }

    /// A DuckDB alias that nothing else has.
    pub fn alias(&mut self, prefix: &str) -> String {
        self.next += 1;
        format!("{prefix}{}", self.next)
    }

    /// Goes one level deeper.
    ///
    /// # Errors
    /// Where it has gone too deep.
    pub fn deeper<T>(&mut self, f: impl FnOnce(&mut Self) -> SfResult<T>) -> SfResult<T> {
        if self.depth >= DEEPEST {
            return Err(SfError::compile("001003", "42000", "the statement is nested too deeply"));
        }
        self.depth += 1;
        let out = f(self);
        self.depth -= 1;
        out
    }

    /// A whole query, with the streams and objects that it reads.
    ///
    /// # Errors
    /// Snowflake's refusals.
    pub fn top(&mut self, query: &ast::Query) -> SfResult<BoundQuery> {
        let (sql, fields) = self.query(query, None)?;
        Ok(BoundQuery {
            sql,
            fields,
            streams: self.streams.clone(),
            stream_ends: self.stream_ends.clone(),
            reads: self.reads.clone(),
        })
    }

    /// A bind variable's value.
    ///
    /// # Errors
    /// Where it has not been bound.
    pub fn bind_value(&self, name: &str) -> SfResult<Bound> {
        if let Some(column) = self.cx.q.bind_rows.as_ref().and_then(|rows| rows.get(name)) {
            return Ok(column.clone());
        }
        let bind = self
            .cx
            .q
            .binds
            .get(name)
            .ok_or_else(|| SfError::compile("002049", "42601", format!("Bind variable :{name} not set.")))?;
        super::literal::from_wire(bind)
    }
}

/// What functions may ask for.
fn env(cx: &Cx<'_>, catalog: &Catalog) -> Env {
    let mut values: BTreeMap<String, String> =
        params::KNOWN.iter().map(|(name, _, _)| ((*name).to_owned(), cx.s.params.get(name).to_owned())).collect();
    let mut put = |name: &str, value: Option<&str>| {
        if let Some(v) = value {
            values.insert(name.to_owned(), v.to_owned());
        }
    };
    put("CURRENT_DATABASE", cx.s.database.as_deref());
    put("CURRENT_SCHEMA", cx.s.schema.as_deref());
    put("CURRENT_WAREHOUSE", cx.s.warehouse.as_deref());
    put("CURRENT_ROLE", Some(&cx.s.role));
    put("CURRENT_USER", Some(&cx.s.user));
    put("CURRENT_SESSION", Some(&cx.s.id.to_string()));
    put("CURRENT_ACCOUNT", Some(&cx.engine.account));
    put("CURRENT_STATEMENT", Some(&cx.q.text));
    put("CURRENT_QUERY_ID", Some(&cx.q.id));
    put("LAST_QUERY_ID", cx.s.query_ids.last().map(String::as_str));
    put("QUERY_IDS", Some(&cx.s.query_ids.join(",")));
    let granted: Vec<&str> = catalog
        .role_grants
        .iter()
        .filter(|g| matches!(&g.to, super::super::catalog::Grantee::User(u) if *u == cx.s.user))
        .map(|g| g.role.as_str())
        .collect();
    let available = access::closure(catalog, granted.iter().map(|r| (*r).to_owned()));
    let available: Vec<_> = available.into_iter().collect();
    put("CURRENT_AVAILABLE_ROLES", Some(&serde_json::Value::from(available).to_string()));
    let secondary = match &cx.s.secondary {
        Secondary::All => serde_json::json!({"roles": granted.join(","), "value": "ALL"}),
        Secondary::None => serde_json::json!({"roles": "", "value": ""}),
        Secondary::Some(roles) => serde_json::json!({"roles": roles.join(","), "value": roles.join(",")}),
    };
    put("CURRENT_SECONDARY_ROLES", Some(&secondary.to_string()));
    let roles: Vec<String> = access::session_roles(catalog, cx.s).into_iter().collect();
    put("SESSION_ROLES", Some(&roles.join(",")));
    Env { now_us: cx.q.now_us, timezone: cx.s.params.get("TIMEZONE").to_owned(), values }
}
