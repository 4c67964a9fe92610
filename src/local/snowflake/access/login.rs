//! Logins by password; those by key pair are in [`super::key_pair`], other authenticators are refused by name.

use super::super::catalog::{Body, Catalog, Grantee, Kind, Object};
use super::super::engine::Engine;
use super::super::error::{SfError, SfResult};
use super::super::session::Login;
use super::check::closure;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Upper-cases a name unless it is quoted.
#[must_use]
pub fn fold_name(name: &str) -> String {
    let name = name.trim();
    match name.strip_prefix('"').and_then(|n| n.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => name.to_ascii_uppercase(),
    }
}

/// A salted hash, `salt:hash`, both hex.
#[must_use]
pub fn hash_password(password: &str) -> String {
    let salt = uuid::Uuid::new_v4().simple().to_string();
    let hash = digest(&salt, password);
    format!("{salt}:{hash}")
}

/// Many rounds, so that a stolen file does not give the password away cheaply.
fn digest(salt: &str, password: &str) -> String {
    let mut state = Sha256::digest(format!("{salt}{password}"));
    for _ in 0..20_000 {
        state = Sha256::new().chain_update(state).chain_update(salt).finalize();
    }
    hex::encode(state)
}

fn password_matches(stored: &str, password: &str) -> bool {
    let Some((salt, hash)) = stored.split_once(':') else { return false };
    let given = digest(salt, password);
    // Every byte is looked at, so that the time tells nothing.
    given.len() == hash.len() && given.bytes().zip(hash.bytes()).fold(0, |acc, (a, b)| acc | (a ^ b)) == 0
}

/// The user behind a login request.
///
/// # Errors
/// 390100 for a wrong user or password (the two are not told apart), 000002 for an authenticator that is not supported.
pub fn authenticate(engine: &Engine, login: &Login) -> SfResult<Arc<Object>> {
    let wrong = || SfError::new("390100", "08001", "Incorrect username or password was specified.");
    match login.authenticator.as_deref() {
        None | Some("" | "SNOWFLAKE" | "USERNAME_PASSWORD_MFA") => {}
        Some("SNOWFLAKE_JWT") => {
            let token = login.token.as_deref().unwrap_or_default();
            let user = super::key_pair::authenticate_token(engine, token)?;
            // The request's user must be the token's, where it names one.
            let named = login.user.is_empty()
                || matches!(&user.body, Body::User(u) if u.login_name.eq_ignore_ascii_case(&login.user));
            return if named { Ok(user) } else { Err(wrong()) };
        }
        Some(other) => return Err(SfError::unsupported(&format!("authenticator {other}"))),
    }
    let name = login.user.to_ascii_uppercase();
    let catalog = engine.catalog();
    let user = catalog
        .of_kind(Kind::User)
        .find(|o| matches!(&o.body, Body::User(u) if u.login_name == name))
        .cloned()
        .ok_or_else(wrong)?;
    let Body::User(u) = &user.body else { return Err(wrong()) };
    let password = login.password.as_deref().ok_or_else(wrong)?;
    if u.disabled || !password_matches(&u.password_hash, password) {
        return Err(wrong());
    }
    Ok(user)
}

/// The role of a new session: the one asked for, else the user's default, else PUBLIC.
///
/// # Errors
/// 390189 where the one asked for is not granted.
pub fn login_role(catalog: &Catalog, user: &str, asked: Option<String>, default: Option<&str>) -> SfResult<String> {
    // Roles that the user's roles inherit may be activated too.
    let direct =
        catalog.role_grants.iter().filter(|g| matches!(&g.to, Grantee::User(u) if u == user)).map(|g| g.role.clone());
    let all = closure(catalog, direct);
    let granted = |role: &str| all.contains(role);
    match asked {
        Some(role) if granted(&role) => Ok(role),
        Some(role) => Err(SfError::new(
            "390189",
            "08001",
            format!(
                "Role '{role}' specified in the connect string is not granted to this user. Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC."
            ),
        )),
        None => Ok(default.filter(|r| granted(r)).unwrap_or("PUBLIC").to_owned()),
    }
}
