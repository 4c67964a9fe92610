//! What is accepted without effect: options that size, place or tune what a local engine does not have. Everything that is
//! neither here nor understood by a statement is refused by name.

use crate::local::snowflake::catalog::{Kind, Options};
use crate::local::snowflake::error::{SfError, SfResult};

/// `(kind, option, why it has no effect)`.
pub const ACCEPTED: &[(Kind, &str, &str)] = &[
    (Kind::Warehouse, "WAREHOUSE_SIZE", "there is one computer"),
    (Kind::Warehouse, "WAREHOUSE_TYPE", "there is one computer"),
    (Kind::Warehouse, "RESOURCE_CONSTRAINT", "there is one computer"),
    (Kind::Warehouse, "GENERATION", "there is one computer"),
    (Kind::Warehouse, "MIN_CLUSTER_COUNT", "there is one computer"),
    (Kind::Warehouse, "MAX_CLUSTER_COUNT", "there is one computer"),
    (Kind::Warehouse, "SCALING_POLICY", "there is one computer"),
    (Kind::Warehouse, "AUTO_SUSPEND", "nothing is billed"),
    (Kind::Warehouse, "AUTO_RESUME", "nothing is billed"),
    (Kind::Warehouse, "INITIALLY_SUSPENDED", "only the listed state"),
    (Kind::Warehouse, "RESOURCE_MONITOR", "nothing is billed"),
    (Kind::Warehouse, "ENABLE_QUERY_ACCELERATION", "there is one computer"),
    (Kind::Warehouse, "QUERY_ACCELERATION_MAX_SCALE_FACTOR", "there is one computer"),
    (Kind::Warehouse, "MAX_CONCURRENCY_LEVEL", "there is one computer"),
    (Kind::Warehouse, "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS", "nothing queues for computing power"),
    (Kind::Warehouse, "STATEMENT_TIMEOUT_IN_SECONDS", "the session's counts"),
    (Kind::Table, "CLUSTER BY", "rows are not clustered"),
    (Kind::Table, "DEFAULT_DDL_COLLATION", "only the empty collation"),
    (Kind::Table, "PRIMARY KEY, UNIQUE, FOREIGN KEY", "kept for reflection and not enforced, as in Snowflake"),
    (Kind::Schema, "MAX_DATA_EXTENSION_TIME_IN_DAYS", "streams keep what they need"),
    (Kind::Schema, "DEFAULT_DDL_COLLATION", "only the empty collation"),
    (Kind::Database, "MAX_DATA_EXTENSION_TIME_IN_DAYS", "streams keep what they need"),
    (Kind::Database, "DEFAULT_DDL_COLLATION", "only the empty collation"),
    (Kind::View, "MATERIALIZED", "computed at each read"),
    (Kind::Sequence, "ORDER, NOORDER", "values always rise in order"),
    (Kind::Pipe, "ERROR_INTEGRATION", "listed; there is no queue of a cloud provider to tell"),
    (Kind::User, "MUST_CHANGE_PASSWORD", "no screen to change it on; listed"),
    (Kind::User, "DAYS_TO_EXPIRY", "listed"),
    (Kind::User, "MINS_TO_UNLOCK", "listed"),
    (Kind::User, "MINS_TO_BYPASS_MFA", "there is no second factor"),
    (Kind::User, "DISPLAY_NAME", "listed"),
    (Kind::User, "FIRST_NAME", "listed"),
    (Kind::User, "MIDDLE_NAME", "listed"),
    (Kind::User, "LAST_NAME", "listed"),
    (Kind::User, "EMAIL", "listed"),
    (Kind::User, "TYPE", "listed; SERVICE users have no password and no personal fields"),
];

/// Whether an option is accepted without effect.
#[must_use]
pub fn is_accepted(kind: Kind, option: &str) -> bool {
    ACCEPTED.iter().any(|(k, o, _)| *k == kind && *o == option)
}

/// Refuses the first option that is not accepted.
///
/// # Errors
/// 001420-like `invalid property 'X' for 'KIND'`.
pub fn check(kind: Kind, options: &Options) -> SfResult<()> {
    match options.keys().find(|k| !is_accepted(kind, k)) {
        Some(unknown) => Err(invalid(kind, unknown)),
        None => Ok(()),
    }
}

/// The refusal of an option by name.
#[must_use]
pub fn invalid(kind: Kind, option: &str) -> SfError {
    SfError::compile("001420", "22023", format!("invalid property '{option}' for '{}'", kind.sql()))
}
