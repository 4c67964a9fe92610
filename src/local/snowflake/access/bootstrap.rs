//! What a new account has: the system roles, the first user, a warehouse.

use super::super::catalog::{Body, Edit, Grant, Grantee, Kind, Object, Role, RoleGrant, User, Warehouse};
use super::super::engine::Engine;
use super::super::error::SfResult;
use super::login::hash_password;

/// System roles with the role that each is granted to.
const ROLES: &[(&str, Option<&str>)] = &[
    ("ACCOUNTADMIN", None),
    ("SECURITYADMIN", Some("ACCOUNTADMIN")),
    ("SYSADMIN", Some("ACCOUNTADMIN")),
    ("USERADMIN", Some("SECURITYADMIN")),
    ("ORGADMIN", None),
    ("PUBLIC", None),
];

/// Account privileges that the system roles have from the start.
const PRIVILEGES: &[(&str, &[&str])] = &[
    (
        "ACCOUNTADMIN",
        &[
            "CREATE INTEGRATION",
            "EXECUTE TASK",
            "EXECUTE MANAGED TASK",
            "EXECUTE ALERT",
            "EXECUTE MANAGED ALERT",
            "MONITOR USAGE",
            "APPLY MASKING POLICY",
            "APPLY ROW ACCESS POLICY",
        ],
    ),
    ("SECURITYADMIN", &["MANAGE GRANTS"]),
    ("SYSADMIN", &["CREATE DATABASE", "CREATE WAREHOUSE"]),
    ("USERADMIN", &["CREATE USER", "CREATE ROLE"]),
];

/// Makes the system roles and the first user where they are missing.
///
/// # Errors
/// DuckDB's.
pub fn bootstrap(engine: &Engine, admin: &(String, String)) -> SfResult<()> {
    if engine.catalog().get(Kind::Role, &["ACCOUNTADMIN"]).is_some() {
        return Ok(());
    }
    let conn = engine.connect()?;
    let now = engine.clock.now_ms();
    engine.ddl(&conn, |edit, _| {
        for (name, parent) in ROLES {
            put(edit, name, "", now, Body::Role(Role { system: true }));
            if let Some(parent) = parent {
                give(edit, name, Grantee::Role((*parent).to_owned()), now);
            }
        }
        for (role, privileges) in PRIVILEGES {
            for privilege in *privileges {
                edit.grants().push(Grant {
                    privilege: (*privilege).to_owned(),
                    on: None,
                    to: (*role).to_owned(),
                    grant_option: true,
                    by: String::new(),
                    created_ms: now,
                });
            }
        }
        put(
            edit,
            "COMPUTE_WH",
            "ACCOUNTADMIN",
            now,
            Body::Warehouse(Warehouse { size: "X-Small".into(), ..Warehouse::default() }),
        );
        let user = admin.0.to_ascii_uppercase();
        let body = User {
            password_hash: hash_password(&admin.1),
            login_name: user.clone(),
            default_role: Some("ACCOUNTADMIN".into()),
            default_warehouse: Some("COMPUTE_WH".into()),
            secondary_all: true,
            ..User::default()
        };
        put(edit, &user, "USERADMIN", now, Body::User(Box::new(body)));
        for role in ["ACCOUNTADMIN", "SECURITYADMIN", "SYSADMIN", "USERADMIN"] {
            give(edit, role, Grantee::User(user.clone()), now);
        }
        Ok(())
    })
}

fn put(edit: &mut Edit, name: &str, owner: &str, now: i64, body: Body) {
    let id = edit.next_id();
    let comment = if name == "ACCOUNTADMIN" {
        "Account administrator can manage all aspects of the account.".to_owned()
    } else {
        String::new()
    };
    edit.put(Object {
        id,
        name: vec![name.to_owned()],
        owner: owner.to_owned(),
        comment,
        created_ms: now,
        dropped_ms: None,
        body,
    });
}

fn give(edit: &mut Edit, role: &str, to: Grantee, now: i64) {
    edit.role_grants().push(RoleGrant { role: role.to_owned(), to, by: String::new(), created_ms: now });
}
