//! Storage integrations: which places in S3 stages may name without keys. Notification integrations have a module of their
//! own and share ALTER, SHOW and DESC; others are refused by name.

use super::super::{Class, CreateHead, Statement};
use super::create::{self, New};
use super::{accepted, alter};
use crate::local::snowflake::answer::{Answer, kind};
use crate::local::snowflake::catalog::{Body, Kind, Object, ObjectName, Options};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::notify::{self, is_notification};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::stmt;
use crate::local::snowflake::stmt::show::scope::{Listing, Rows, ShowScope, fields, text, time};
use sqlparser::tokenizer::Token;

/// What a storage integration has, with the type that DESC prints and the value of one that is not set.
const PROPERTIES: &[(&str, &str, &str)] = &[
    ("ENABLED", "Boolean", "false"),
    ("STORAGE_PROVIDER", "String", ""),
    ("STORAGE_ALLOWED_LOCATIONS", "List", "[]"),
    ("STORAGE_BLOCKED_LOCATIONS", "List", "[]"),
    ("STORAGE_AWS_IAM_USER_ARN", "String", ""),
    ("STORAGE_AWS_ROLE_ARN", "String", ""),
    ("STORAGE_AWS_EXTERNAL_ID", "String", ""),
    ("STORAGE_AWS_OBJECT_ACL", "String", ""),
    ("USE_PRIVATELINK_ENDPOINT", "Boolean", "false"),
];

struct CreateIntegration {
    head: CreateHead,
    if_not_exists: bool,
    name: ObjectName,
    options: Options,
}

/// Behind CREATE … STORAGE INTEGRATION.
///
/// # Errors
/// 001003; 002029 where ENABLED or another needed option is missing; 001420.
pub fn parse_create(c: &mut Cursor<'_>, head: CreateHead) -> SfResult<Box<dyn Statement>> {
    let if_not_exists = c.accept("IF NOT EXISTS");
    let name = c.name()?;
    let options = c.options()?;
    check(&options)?;
    let needed = ["TYPE", "STORAGE_PROVIDER", "ENABLED", "STORAGE_ALLOWED_LOCATIONS"];
    let missing: Vec<&str> = needed.into_iter().filter(|k| !options.contains_key(*k)).collect();
    if !missing.is_empty() {
        return Err(SfError::compile("002029", "42601", format!("Missing option(s): {}", missing.join(", "))));
    }
    Ok(Box::new(CreateIntegration { head, if_not_exists, name, options }))
}

fn check(options: &Options) -> SfResult<()> {
    for (key, value) in options {
        match key.as_str() {
            "COMMENT" => {}
            "TYPE" if value.eq_ignore_ascii_case("EXTERNAL_STAGE") => {}
            "TYPE" => return Err(SfError::unsupported(&format!("STORAGE INTEGRATION TYPE = {value}"))),
            "STORAGE_PROVIDER" if value.to_ascii_uppercase().starts_with("S3") => {}
            "STORAGE_PROVIDER" => return Err(SfError::unsupported(&format!("STORAGE_PROVIDER = '{value}'"))),
            known if PROPERTIES.iter().any(|(p, _, _)| *p == known && known != "STORAGE_AWS_IAM_USER_ARN") => {}
            other => return Err(accepted::invalid(Kind::Integration, other)),
        }
    }
    Ok(())
}

impl Statement for CreateIntegration {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let mut options = self.options;
        let new = New {
            comment: options.remove("COMMENT").unwrap_or_default(),
            ..New::new(Kind::Integration, self.name, self.head, self.if_not_exists)
        };
        Ok(create::create(cx, &new, |_, _, _| Ok(Body::Integration(options)))?.answer())
    }
}

struct AlterIntegration {
    if_exists: bool,
    name: ObjectName,
    set: Options,
    unset: Vec<String>,
}

/// Behind ALTER [STORAGE] INTEGRATION.
///
/// # Errors
/// 001003; 001420.
pub fn parse_alter(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let if_exists = c.accept("IF EXISTS");
    let mut out = AlterIntegration { if_exists, name: c.name()?, set: Options::new(), unset: Vec::new() };
    if c.accept("UNSET") {
        loop {
            out.unset.push(c.ident()?);
            if !c.accept_token(&Token::Comma) {
                break;
            }
        }
    } else {
        c.expect("SET")?;
        out.set = c.options()?;
    }
    Ok(Box::new(out))
}

impl Statement for AlterIntegration {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let Some(found) = alter::target(cx, Kind::Integration, &self.name, self.if_exists)? else {
            return Ok(Answer::done(kind::DDL));
        };
        match notify::type_of(&found) {
            Some(ty) => stmt::notify::check_options(&ty, &self.set)?,
            None => check(&self.set)?,
        }
        alter::change(cx, &found, |o| {
            let Body::Integration(options) = &mut o.body else { return };
            options.extend(self.set);
            for key in self.unset {
                options.remove(&key);
                if key == "COMMENT" {
                    o.comment.clear();
                }
            }
            if let Some(text) = options.remove("COMMENT") {
                o.comment = text;
            }
        })
    }
}

/// SHOW [STORAGE] INTEGRATIONS.
///
/// # Errors
/// 001003.
pub fn parse_show(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let scope = ShowScope::parse(c, false)?;
    Ok(Listing::show(move |cx| {
        let mut rows = Vec::new();
        for o in scope.objects(cx, Kind::Integration)? {
            let Body::Integration(options) = &o.body else { continue };
            let get = |key: &str| options.get(key).cloned().unwrap_or_default();
            rows.push(vec![
                text(o.bare()),
                text(get("TYPE").to_ascii_uppercase()),
                text(if is_notification(options) { "NOTIFICATION" } else { "STORAGE" }),
                text(get("ENABLED").to_ascii_lowercase()),
                text(&o.comment),
                time(o.created_ms),
            ]);
        }
        Ok((fields(&["name", "type", "category", "enabled", "comment", "created_on:t"]), rows))
    }))
}

/// The rows of DESC INTEGRATION.
#[must_use]
pub fn describe(o: &Object, options: &Options) -> Rows {
    if is_notification(options) {
        return stmt::notify::describe(o, options);
    }
    let mut rows: Vec<Vec<Option<String>>> = PROPERTIES
        .iter()
        .filter(|(key, _, _)| *key != "STORAGE_AWS_OBJECT_ACL" || options.contains_key(*key))
        .map(|(key, ty, default)| {
            let value = options
                .get(*key)
                .cloned()
                .unwrap_or_else(|| if *ty == "List" { String::new() } else { (*default).to_owned() });
            let value = match *ty {
                "Boolean" => value.to_ascii_lowercase(),
                // Kept as a JSON list, printed with commas and without brackets.
                "List" => serde_json::from_str::<Vec<String>>(&value).map_or(value, |list| list.join(",")),
                _ => value,
            };
            vec![text(*key), text(*ty), text(value), text(*default)]
        })
        .collect();
    rows.push(vec![text("COMMENT"), text("String"), text(&o.comment), text("")]);
    (fields(&["property", "property_type", "property_value", "property_default"]), rows)
}
