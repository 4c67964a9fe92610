//! Who may do what.

use super::object::Kind;
use serde::{Deserialize, Serialize};

/// A privilege on one object, held by a role. Ownership is a field of the object, not a grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// `SELECT`, `USAGE`, `CREATE TABLE` …
    pub privilege: String,
    /// The object; `None` for the account.
    pub on: Option<i64>,
    /// The role's name.
    pub to: String,
    /// WITH GRANT OPTION.
    pub grant_option: bool,
    /// The role that granted it; empty for the system.
    pub by: String,
    /// Epoch milliseconds.
    pub created_ms: i64,
}

/// A privilege that new objects of a kind get in a schema or database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FutureGrant {
    /// The privilege, OWNERSHIP included.
    pub privilege: String,
    /// Of which kind.
    pub kind: Kind,
    /// The schema or database.
    pub inside: i64,
    /// The role's name.
    pub to: String,
    /// WITH GRANT OPTION.
    pub grant_option: bool,
    /// Epoch milliseconds.
    pub created_ms: i64,
}

/// Who holds a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grantee {
    /// Another role, which inherits it.
    Role(String),
    /// A user.
    User(String),
}

/// A role given to a role or a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleGrant {
    /// Which role.
    pub role: String,
    /// To whom.
    pub to: Grantee,
    /// The role that granted it; empty for the system.
    pub by: String,
    /// Epoch milliseconds.
    pub created_ms: i64,
}
