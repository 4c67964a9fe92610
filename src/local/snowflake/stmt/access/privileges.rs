//! Which privileges each kind of object has.

use crate::local::snowflake::catalog::Kind;
use crate::local::snowflake::error::{SfError, SfResult};

const DATABASE: &[&str] = &["APPLYBUDGET", "CREATE DATABASE ROLE", "CREATE SCHEMA", "MODIFY", "MONITOR", "USAGE"];
const SCHEMA: &[&str] = &[
    "ADD SEARCH OPTIMIZATION",
    "APPLYBUDGET",
    "CREATE ALERT",
    "CREATE DYNAMIC TABLE",
    "CREATE EVENT TABLE",
    "CREATE EXTERNAL TABLE",
    "CREATE FILE FORMAT",
    "CREATE FUNCTION",
    "CREATE MASKING POLICY",
    "CREATE MATERIALIZED VIEW",
    "CREATE PIPE",
    "CREATE PROCEDURE",
    "CREATE ROW ACCESS POLICY",
    "CREATE SECRET",
    "CREATE SEQUENCE",
    "CREATE STAGE",
    "CREATE STREAM",
    "CREATE TABLE",
    "CREATE TAG",
    "CREATE TASK",
    "CREATE TEMPORARY TABLE",
    "CREATE VIEW",
    "MODIFY",
    "MONITOR",
    "USAGE",
];
const TABLE: &[&str] =
    &["APPLYBUDGET", "DELETE", "EVOLVE SCHEMA", "INSERT", "REBUILD", "REFERENCES", "SELECT", "TRUNCATE", "UPDATE"];
const VIEW: &[&str] = &["REFERENCES", "SELECT"];
const STAGE: &[&str] = &["READ", "USAGE", "WRITE"];
const USAGE: &[&str] = &["USAGE"];
const SELECT: &[&str] = &["SELECT"];
const OPERATE: &[&str] = &["APPLYBUDGET", "MONITOR", "OPERATE"];
const WAREHOUSE: &[&str] = &["APPLYBUDGET", "MODIFY", "MONITOR", "OPERATE", "USAGE"];
const INTEGRATION: &[&str] = &["USAGE", "USE_ANY_ROLE"];
const POLICY: &[&str] = &["APPLY"];
const USER: &[&str] = &["MONITOR"];
/// Privileges on the account.
pub const ACCOUNT: &[&str] = &[
    "APPLY MASKING POLICY",
    "APPLY ROW ACCESS POLICY",
    "APPLY TAG",
    "CREATE DATABASE",
    "CREATE INTEGRATION",
    "CREATE ROLE",
    "CREATE USER",
    "CREATE WAREHOUSE",
    "EXECUTE ALERT",
    "EXECUTE MANAGED ALERT",
    "EXECUTE MANAGED TASK",
    "EXECUTE TASK",
    "IMPORT SHARE",
    "MANAGE GRANTS",
    "MANAGE WAREHOUSES",
    "MONITOR EXECUTION",
    "MONITOR USAGE",
];

/// Every privilege that ALL stands for: ownership is not among them.
#[must_use]
pub fn all_on(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Database => DATABASE,
        Kind::Schema => SCHEMA,
        Kind::Table => TABLE,
        Kind::View => VIEW,
        Kind::Stage => STAGE,
        Kind::Stream => SELECT,
        Kind::Task | Kind::Pipe | Kind::Alert => OPERATE,
        Kind::Warehouse => WAREHOUSE,
        Kind::Integration => INTEGRATION,
        Kind::MaskingPolicy | Kind::RowAccessPolicy | Kind::Tag => POLICY,
        Kind::Sequence | Kind::FileFormat | Kind::Procedure | Kind::Function => USAGE,
        Kind::User => USER,
        Kind::Role => &[],
    }
}

/// Checks that a kind has a privilege; `None` is the account.
///
/// # Errors
/// 003006 for one that it does not have.
pub fn check(kind: Option<Kind>, privilege: &str) -> SfResult<()> {
    let known = kind.map_or(ACCOUNT, all_on).contains(&privilege) || (privilege == "OWNERSHIP" && kind.is_some());
    if known {
        return Ok(());
    }
    let what = kind.map_or("ACCOUNT", Kind::sql);
    Err(SfError::compile("003006", "42601", format!("Invalid privilege '{privilege}' for object type '{what}'.")))
}
