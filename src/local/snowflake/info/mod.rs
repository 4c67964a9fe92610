//! INFORMATION_SCHEMA: a database's views about itself, computed from the catalog, and its table functions.

mod access;
mod alerts;
mod columns;
mod constraints;
mod copies;
mod history;
mod notifications;
mod objects;
mod pipes;
mod routines;
mod rows;
mod tables;

use super::answer::Field;
use super::catalog::{Kind, ObjectName};
use super::error::{SfError, SfResult};
use super::session::Cx;

/// Rows of text: cells in the form that DuckDB's CAST to the field's type reads (timestamps in UTC).
pub type Rows = (Vec<Field>, Vec<Vec<Option<String>>>);

/// What a view or function asks for.
struct Ask<'a> {
    /// The database whose information schema it is.
    database: &'a str,
    /// Arguments by upper-case name, positional ones under `1`, `2` …
    args: &'a [(String, String)],
    /// Only the columns count: rows that cost something may be left out.
    columns_only: bool,
}

impl Ask<'_> {
    /// An argument by name or, failing that, by position from 1.
    fn arg(&self, name: &str, position: usize) -> Option<&str> {
        let by = |key: &str| self.args.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str());
        by(name).or_else(|| by(&position.to_string()))
    }
}

type View = fn(&mut Cx<'_>, &Ask<'_>) -> SfResult<Rows>;

/// The views that are computed.
const COMPUTED: &[(&str, View)] = &[
    ("APPLICABLE_ROLES", access::applicable_roles),
    ("COLUMNS", columns::columns),
    ("DATABASES", objects::databases),
    ("ENABLED_ROLES", access::enabled_roles),
    ("FILE_FORMATS", objects::file_formats),
    ("FUNCTIONS", routines::functions),
    ("INFORMATION_SCHEMA_CATALOG_NAME", objects::catalog_name),
    ("KEY_COLUMN_USAGE", constraints::key_columns),
    ("LOAD_HISTORY", history::load_history),
    ("OBJECT_PRIVILEGES", access::object_privileges),
    ("PIPES", pipes::pipes),
    ("PROCEDURES", routines::procedures),
    ("REFERENTIAL_CONSTRAINTS", constraints::referential),
    ("SCHEMATA", objects::schemata),
    ("SEQUENCES", objects::sequences),
    ("STAGES", objects::stages),
    ("TABLES", tables::tables),
    ("TABLE_CONSTRAINTS", constraints::constraints),
    ("TABLE_PRIVILEGES", access::table_privileges),
    ("TABLE_STORAGE_METRICS", tables::storage),
    ("USAGE_PRIVILEGES", access::usage_privileges),
    ("VIEWS", tables::views),
];

/// The table functions that are computed here.
const FUNCTIONS: &[(&str, View)] = &[
    ("ALERT_HISTORY", alerts::alert_history),
    ("COPY_HISTORY", copies::copy_history),
    ("NOTIFICATION_HISTORY", notifications::notification_history),
    ("PIPE_USAGE_HISTORY", pipes::usage_history),
    ("QUERY_HISTORY", history::query_history),
    ("QUERY_HISTORY_BY_SESSION", history::query_history),
    ("QUERY_HISTORY_BY_USER", history::query_history),
    ("QUERY_HISTORY_BY_WAREHOUSE", history::query_history),
];

/// Table functions that an account has beside those; refused by name.
const MISSING_FUNCTIONS: &[&str] = &[
    "AUTOMATIC_CLUSTERING_HISTORY",
    "AUTO_REFRESH_REGISTRATION_HISTORY",
    "DATABASE_REFRESH_HISTORY",
    "DATABASE_STORAGE_USAGE_HISTORY",
    "DATA_TRANSFER_HISTORY",
    "DYNAMIC_TABLES",
    "DYNAMIC_TABLE_GRAPH_HISTORY",
    "DYNAMIC_TABLE_REFRESH_HISTORY",
    "EXTERNAL_TABLE_FILES",
    "EXTERNAL_TABLE_FILE_REGISTRATION_HISTORY",
    "LOGIN_HISTORY",
    "LOGIN_HISTORY_BY_USER",
    "MATERIALIZED_VIEW_REFRESH_HISTORY",
    "PIPE_USAGE_HISTORY",
    "POLICY_REFERENCES",
    "REPLICATION_USAGE_HISTORY",
    "REST_EVENT_HISTORY",
    "SEARCH_OPTIMIZATION_HISTORY",
    "SERVERLESS_ALERT_HISTORY",
    "SERVERLESS_TASK_HISTORY",
    "STAGE_DIRECTORY_FILE_REGISTRATION_HISTORY",
    "STAGE_STORAGE_USAGE_HISTORY",
    "TAG_REFERENCES",
    "TAG_REFERENCES_ALL_COLUMNS",
    "VALIDATE_PIPE_LOAD",
    "WAREHOUSE_LOAD_HISTORY",
    "WAREHOUSE_METERING_HISTORY",
];

/// Every view that an account lists; those that are not computed are refused by name.
pub const VIEWS: &[&str] = &[
    "APPLICABLE_ROLES",
    "APPLICATION_CONFIGURATIONS",
    "APPLICATION_SPECIFICATIONS",
    "BACKUP_POLICIES",
    "BACKUP_SETS",
    "BACKUPS",
    "CLASSES",
    "CLASS_INSTANCES",
    "CLASS_INSTANCE_FUNCTIONS",
    "CLASS_INSTANCE_PROCEDURES",
    "COLUMNS",
    "CORTEX_SEARCH_SERVICES",
    "CORTEX_SEARCH_SERVICE_SCORING_PROFILES",
    "CURRENT_PACKAGES_POLICY",
    "DATABASES",
    "ELEMENT_TYPES",
    "ENABLED_ROLES",
    "EVENT_TABLES",
    "EXTERNAL_TABLES",
    "FIELDS",
    "FILE_FORMATS",
    "FUNCTIONS",
    "GIT_REPOSITORIES",
    "HYBRID_TABLES",
    "INDEXES",
    "INDEX_COLUMNS",
    "INFORMATION_SCHEMA_CATALOG_NAME",
    "KEY_COLUMN_USAGE",
    "LOAD_HISTORY",
    "MODEL_VERSIONS",
    "NOTEBOOKS",
    "OBJECT_PRIVILEGES",
    "PACKAGES",
    "PIPES",
    "PROCEDURES",
    "REFERENTIAL_CONSTRAINTS",
    "REPLICATION_DATABASES",
    "REPLICATION_GROUPS",
    "SCHEMATA",
    "SEMANTIC_DIMENSIONS",
    "SEMANTIC_FACTS",
    "SEMANTIC_METRICS",
    "SEMANTIC_RELATIONSHIPS",
    "SEMANTIC_TABLES",
    "SEMANTIC_VIEWS",
    "SEQUENCES",
    "SERVICES",
    "SHARED_OBJECTS",
    "SNAPSHOTS",
    "SNAPSHOT_POLICIES",
    "SNAPSHOT_SETS",
    "STAGES",
    "STREAMLITS",
    "TABLES",
    "TABLE_CONSTRAINTS",
    "TABLE_PRIVILEGES",
    "TABLE_STORAGE_METRICS",
    "TYPES",
    "USAGE_PRIVILEGES",
    "USER_DEFINED_TYPES",
    "VIEWS",
    "WORKSPACES",
];

/// A view of a database's INFORMATION_SCHEMA; `None` where there is no such view.
///
/// # Errors
/// 090105 without a current database, 002003 for one that is invisible, 000002 for views that are not computed.
pub fn relation(cx: &mut Cx<'_>, database: Option<&str>, view: &str) -> SfResult<Option<Rows>> {
    let database = visible(cx, database)?;
    match COMPUTED.iter().find(|(name, _)| *name == view) {
        Some((_, f)) => f(cx, &Ask { database: &database, args: &[], columns_only: false }).map(Some),
        None if VIEWS.contains(&view) => Err(SfError::unsupported(&format!("INFORMATION_SCHEMA.{view}"))),
        None => Ok(None),
    }
}

/// A table function of INFORMATION_SCHEMA; arguments by upper-case name, positional ones under `1`, `2` …
///
/// # Errors
/// 002140 for an unknown one.
pub fn table_function(
    cx: &mut Cx<'_>,
    database: Option<&str>,
    name: &str,
    args: &[(String, String)],
) -> SfResult<Rows> {
    let database = visible(cx, database)?;
    if let Some(rows) = super::stmt::task::table_function(cx, name, args)? {
        return Ok(rows);
    }
    if let Some(rows) = super::stmt::policy::references(cx, name, args)? {
        return Ok(rows);
    }
    match FUNCTIONS.iter().find(|(n, _)| *n == name) {
        Some((_, f)) => f(cx, &Ask { database: &database, args, columns_only: false }),
        None if MISSING_FUNCTIONS.contains(&name) => Err(SfError::unsupported(&format!("INFORMATION_SCHEMA.{name}"))),
        None => Err(SfError::compile("002140", "42601", format!("Unknown table function {name}"))),
    }
}

fn visible(cx: &Cx<'_>, database: Option<&str>) -> SfResult<String> {
    let name = match database {
        Some(name) => name.to_owned(),
        None => cx.full_name(Kind::Schema, &ObjectName(vec!["INFORMATION_SCHEMA".into()]))?.swap_remove(0),
    };
    cx.find(Kind::Database, &ObjectName(vec![name.clone()]))?;
    Ok(name)
}

/// The views that are computed, for tests.
#[cfg(test)]
pub fn computed() -> impl Iterator<Item = (&'static str, ())> {
    COMPUTED.iter().map(|(name, _)| (*name, ()))
}
