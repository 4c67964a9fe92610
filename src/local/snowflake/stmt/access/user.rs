//! Users.

use crate::local::snowflake::access::{fold_name, hash_password};
use crate::local::snowflake::answer::{Answer, kind};
use crate::local::snowflake::catalog::{Body, Edit, Grantee, Kind, Object, ObjectName, Options, User};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::stmt::ddl::accepted;
use crate::local::snowflake::stmt::ddl::create::{self, New};
use crate::local::snowflake::stmt::ddl::drop::Dropping;
use crate::local::snowflake::stmt::ddl::{alter, rename};
use crate::local::snowflake::stmt::{Class, CreateHead, Statement};
use duckdb::Connection;
use sqlparser::tokenizer::Token;

/// Fields that a SERVICE user does not have.
const PERSONAL: &[&str] = &["FIRST_NAME", "MIDDLE_NAME", "LAST_NAME", "MUST_CHANGE_PASSWORD", "PASSWORD"];

struct CreateUser {
    head: CreateHead,
    if_not_exists: bool,
    name: ObjectName,
    options: Options,
}

/// Behind CREATE … USER.
///
/// # Errors
/// 001003.
pub fn parse_create(c: &mut Cursor<'_>, head: CreateHead) -> SfResult<Box<dyn Statement>> {
    let if_not_exists = c.accept("IF NOT EXISTS");
    let name = c.name()?;
    let options = c.options()?;
    Ok(Box::new(CreateUser { head, if_not_exists, name, options }))
}

impl Statement for CreateUser {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let mut user =
            User { login_name: self.name.last().to_ascii_uppercase(), secondary_all: true, ..User::default() };
        let comment = apply(&mut user, self.options)?;
        let new = New {
            comment: comment.unwrap_or_default(),
            ..New::new(Kind::User, self.name, self.head, self.if_not_exists)
        };
        let login = user.login_name.clone();
        let taken = cx
            .catalog()
            .of_kind(Kind::User)
            .any(|o| matches!(&o.body, Body::User(u) if u.login_name == login) && o.bare() != new.name.last());
        if taken {
            return Err(SfError::exists(&login));
        }
        Ok(create::create(cx, &new, |_, _, _| Ok(Body::User(Box::new(user))))?.answer())
    }
}

/// Puts options into a user; the comment comes back.
fn apply(user: &mut User, options: Options) -> SfResult<Option<String>> {
    let mut comment = None;
    for (key, value) in options {
        let truth = value.eq_ignore_ascii_case("TRUE");
        match key.as_str() {
            "COMMENT" => comment = Some(value),
            "PASSWORD" if value.is_empty() => user.password_hash.clear(),
            "PASSWORD" => user.password_hash = hash_password(&value),
            "LOGIN_NAME" => user.login_name = value.to_ascii_uppercase(),
            "DEFAULT_ROLE" => user.default_role = folded(&value),
            "DEFAULT_WAREHOUSE" => user.default_warehouse = folded(&value),
            "DEFAULT_NAMESPACE" => user.default_namespace = namespace(&value),
            "DEFAULT_SECONDARY_ROLES" => user.secondary_all = value.to_ascii_uppercase().contains("ALL"),
            "DISABLED" => user.disabled = truth,
            "RSA_PUBLIC_KEY" => set_key(user, 0, &value),
            "RSA_PUBLIC_KEY_2" => set_key(user, 1, &value),
            _ if accepted::is_accepted(Kind::User, &key) => {
                user.properties.insert(key, value);
            }
            _ => return Err(accepted::invalid(Kind::User, &key)),
        }
    }
    service_check(user)?;
    Ok(comment)
}

fn service_check(user: &User) -> SfResult<()> {
    let service = user.properties.get("TYPE").is_some_and(|t| t.eq_ignore_ascii_case("SERVICE"));
    let set = |field: &&&str| match **field {
        "PASSWORD" => !user.password_hash.is_empty(),
        other => user.properties.contains_key(other),
    };
    match PERSONAL.iter().find(set).filter(|_| service) {
        Some(field) => Err(SfError::new(
            "001422",
            "22023",
            format!("SQL execution error: Cannot set {field} on users with TYPE=SERVICE."),
        )),
        None => Ok(()),
    }
}

fn folded(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| fold_name(value))
}

/// `db.schema`, each part folded by itself.
fn namespace(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.split('.').map(fold_name).collect::<Vec<_>>().join("."))
}

fn set_key(user: &mut User, at: usize, value: &str) {
    if user.public_keys.len() <= at {
        user.public_keys.resize(at + 1, String::new());
    }
    // The body alone counts: armour and line ends go.
    user.public_keys[at] = value.lines().filter(|l| !l.starts_with("-----")).map(str::trim).collect();
}

enum Change {
    Set(Options),
    Unset(Vec<String>),
}

struct AlterUser {
    if_exists: bool,
    name: ObjectName,
    change: Change,
}

/// Behind ALTER USER.
///
/// # Errors
/// 001003; 000002.
pub fn parse_alter(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let if_exists = c.accept("IF EXISTS");
    let name = c.name()?;
    if c.accept("RENAME TO") {
        return rename::statement(Kind::User, if_exists, name, c.name()?);
    }
    let change = if c.accept("SET") {
        Change::Set(c.options()?)
    } else if c.accept("UNSET") {
        let mut keys = vec![c.ident()?];
        while c.accept_token(&Token::Comma) {
            keys.push(c.ident()?);
        }
        for (i, key) in keys.iter().enumerate() {
            if keys[..i].contains(key) {
                return Err(SfError::compile("001421", "22023", format!("duplicate property '{key}';")));
            }
        }
        Change::Unset(keys)
    } else {
        let words = c.rest().split_whitespace().take(2).collect::<Vec<_>>().join(" ").to_ascii_uppercase();
        return Err(SfError::unsupported(&format!("ALTER USER … {words}")));
    };
    Ok(Box::new(AlterUser { if_exists, name, change }))
}

impl Statement for AlterUser {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let found = match cx.find(Kind::User, &self.name) {
            Err(_) if self.if_exists => return Ok(Answer::done(kind::DDL)),
            other => other?,
        };
        // One may change a few things about oneself.
        const OWN: &[&str] = &["DEFAULT_ROLE", "DEFAULT_WAREHOUSE", "DEFAULT_NAMESPACE", "DEFAULT_SECONDARY_ROLES"];
        let own = found.bare() == cx.s.user
            && matches!(&self.change, Change::Set(o) if o.keys().all(|k| OWN.contains(&k.as_str())));
        if !own {
            cx.require(&found, "OWNERSHIP")?;
        }
        let Body::User(user) = &found.body else { return Err(SfError::no_operation()) };
        let mut user = user.clone();
        let comment = match self.change {
            Change::Set(options) => apply(&mut user, options)?,
            Change::Unset(keys) => unset(&mut user, found.bare(), &keys)?,
        };
        alter::change(cx, &found, |o| {
            if let Some(text) = comment {
                o.comment = text;
            }
            o.body = Body::User(user);
        })
    }
}

fn unset(user: &mut User, name: &str, keys: &[String]) -> SfResult<Option<String>> {
    let mut comment = None;
    for key in keys {
        match key.as_str() {
            "COMMENT" => comment = Some(String::new()),
            "PASSWORD" => user.password_hash.clear(),
            "LOGIN_NAME" => user.login_name = name.to_ascii_uppercase(),
            "DEFAULT_ROLE" => user.default_role = None,
            "DEFAULT_WAREHOUSE" => user.default_warehouse = None,
            "DEFAULT_NAMESPACE" => user.default_namespace = None,
            "DEFAULT_SECONDARY_ROLES" => user.secondary_all = true,
            "DISABLED" => user.disabled = false,
            "RSA_PUBLIC_KEY" => set_key(user, 0, ""),
            "RSA_PUBLIC_KEY_2" => set_key(user, 1, ""),
            _ if accepted::is_accepted(Kind::User, key) => {
                user.properties.remove(key);
            }
            _ => return Err(accepted::invalid(Kind::User, key)),
        }
    }
    Ok(comment)
}

/// A user that goes gives its roles back.
///
/// # Errors
/// Never.
pub fn forget(edit: &mut Edit, _: &Connection, user: &Object, _: &Dropping<'_>) -> SfResult<()> {
    edit.role_grants().retain(|g| g.to != Grantee::User(user.bare().to_owned()));
    Ok(())
}

/// A user's roles follow its name.
pub fn renamed(edit: &mut Edit, from: &str, to: &str) {
    for g in edit.role_grants() {
        if matches!(&g.to, Grantee::User(u) if u == from) {
            g.to = Grantee::User(to.to_owned());
        }
    }
}
