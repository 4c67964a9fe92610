//! Access control: roles, privileges, logins.

mod bootstrap;
mod check;
mod key_pair;
mod login;

pub use bootstrap::bootstrap;
pub use check::{RoleSet, closure, has_any_privilege, has_privilege, may_use_chain, session_roles};
pub use key_pair::fingerprint;
pub use login::{authenticate, fold_name, hash_password, login_role};
