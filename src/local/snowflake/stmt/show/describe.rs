//! DESCRIBE of the kinds that have no module of their own.

use super::columns;
use super::scope::{Listing, Row, Rows, ShowScope, fields, text, time, yes};
use crate::local::snowflake::access::fingerprint;
use crate::local::snowflake::answer::Field;
use crate::local::snowflake::catalog::{Body, Kind, Object, ObjectName, Routine, User};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::stmt::Statement;
use crate::local::snowflake::stmt::ddl::drop::{accept_kind, object_name};
use crate::local::snowflake::stmt::policy;
use sqlparser::tokenizer::Token;

/// Behind DESC or DESCRIBE.
///
/// # Errors
/// 001003; 000002 for kinds that are not supported.
pub fn parse(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    if c.accept("RESULT") {
        let id = result_id(c)?;
        return Ok(Listing::describe(move |cx| result(cx, id.as_ref())));
    }
    let kind = match accept_kind(c) {
        Some(kind) => kind,
        // DESC t means DESC TABLE t.
        None if matches!(c.peek(1), Token::EOF | Token::SemiColon | Token::Period) => Kind::Table,
        None => {
            let word = c.ident()?;
            return Err(SfError::unsupported(&format!("DESCRIBE {word}")));
        }
    };
    let name = object_name(c, kind)?;
    if c.accept("TYPE") {
        c.expect_token(&Token::Eq)?;
        c.expect("COLUMNS")?;
    }
    Ok(Listing::describe(move |cx| describe(cx, kind, &name)))
}

fn result_id(c: &mut Cursor<'_>) -> SfResult<Option<String>> {
    if c.accept("LAST_QUERY_ID") {
        c.expect_token(&Token::LParen)?;
        c.expect_token(&Token::RParen)?;
        return Ok(None);
    }
    c.string().map(Some)
}

fn result(cx: &mut Cx<'_>, id: Option<&String>) -> SfResult<Rows> {
    let id = id.cloned().or_else(|| cx.s.query_ids.last().cloned()).ok_or_else(SfError::no_operation)?;
    let answer = cx.engine.result(&id, &cx.s.user)?;
    Ok((fields(TABLE), answer.fields.iter().map(|f| field_row(f)).collect()))
}

fn field_row(f: &Field) -> Row {
    let mut row = vec![text(&f.name), text(f.ty.display()), text("COLUMN"), yes(f.nullable)];
    row.extend([None, text("N"), text("N"), None, None, None, None, None]);
    row
}

const TABLE: &[&str] = &[
    "name",
    "type",
    "kind",
    "null?",
    "default",
    "primary key",
    "unique key",
    "check",
    "expression",
    "comment",
    "policy name",
    "privacy domain",
];

fn describe(cx: &mut Cx<'_>, kind: Kind, name: &ObjectName) -> SfResult<Rows> {
    let system = name.0.len() >= 2 && name.0[name.0.len() - 2] == "INFORMATION_SCHEMA";
    if system && matches!(kind, Kind::Table | Kind::View) {
        return information(cx, name);
    }
    if kind == Kind::Schema && name.last() == "INFORMATION_SCHEMA" {
        return Err(SfError::unsupported("DESCRIBE SCHEMA INFORMATION_SCHEMA"));
    }
    let o = cx.find(kind, name)?;
    // DESC TABLE of a view and DESC VIEW of a table are one and the same.
    match &o.body {
        Body::Table(_) | Body::View(_) => Ok(relation(cx, &o)),
        Body::Database(_) => content(cx, &o, &[Kind::Schema]),
        Body::Schema(_) => {
            content(cx, &o, &[Kind::Table, Kind::View, Kind::Sequence, Kind::Stage, Kind::Stream, Kind::Task])
        }
        Body::Warehouse(_) | Body::Role(_) => {
            let row = vec![time(o.created_ms), text(o.bare()), text(o.kind().sql())];
            Ok((fields(&["created_on:t", "name", "kind"]), vec![row]))
        }
        Body::User(u) => user(cx, &o, u),
        Body::Integration(options) => Ok(crate::local::snowflake::stmt::ddl::integration::describe(&o, options)),
        Body::MaskingPolicy(p) | Body::RowAccessPolicy(p) => Ok(policy::describe(&o, p)),
        Body::Stream(_) => super::streams::describe(cx, &o),
        Body::Procedure(r) | Body::Function(r) => Ok(routine(&o, r)),
        Body::Sequence(_) => {
            let scope = ShowScope {
                like: Some(o.bare().replace('_', "\\_")),
                place: super::scope::Place::Schema(Some(ObjectName(o.name[..2].to_vec()))),
                ..ShowScope::default()
            };
            super::containers::sequences(cx, &scope)
        }
        _ => Err(SfError::unsupported(&format!("DESCRIBE {}", kind.sql()))),
    }
}

fn relation(cx: &Cx<'_>, o: &Object) -> Rows {
    let key = |kind: &str, column: &str| {
        let mut all = o.table().into_iter().flat_map(|t| &t.constraints);
        yes(all.any(|k| k.kind == kind && k.columns.iter().any(|c| c == column)))
    };
    let rows = columns::of(o)
        .iter()
        .map(|c| {
            let default = c.default.clone().or_else(|| c.identity.map(|_| columns::identity(c)));
            vec![
                text(&c.name),
                text(c.ty.display()),
                text("COLUMN"),
                yes(c.nullable),
                default,
                key("PRIMARY KEY", &c.name),
                key("UNIQUE", &c.name),
                None,
                None,
                c.comment.clone(),
                c.mask.as_ref().and_then(|m| policy::name_of(cx, m.policy)),
                None,
            ]
        })
        .collect();
    (fields(TABLE), rows)
}

fn information(cx: &mut Cx<'_>, name: &ObjectName) -> SfResult<Rows> {
    let database = if name.0.len() == 3 { Some(name.0[0].clone()) } else { cx.s.database.clone() };
    let found = crate::local::snowflake::info::relation(cx, database.as_deref(), name.last())?;
    let (columns, _) = found.ok_or_else(|| SfError::missing("Object", &name.display()))?;
    Ok((fields(TABLE), columns.iter().map(field_row).collect()))
}

fn content(cx: &Cx<'_>, around: &Object, kinds: &[Kind]) -> SfResult<Rows> {
    let rows = cx.in_scope("DESCRIBE", |s| {
        let inside = s.catalog.inside(&around.name).filter(|o| o.name.len() == around.name.len() + 1);
        inside
            .filter(|o| kinds.contains(&o.kind()) && s.sees(o))
            .map(|o| vec![time(o.created_ms), text(o.bare()), text(o.kind().sql())])
            .collect()
    });
    Ok((fields(&["created_on:t", "name", "kind"]), rows))
}

/// Properties of DESC USER in order, with their descriptions.
const USER: &[(&str, &str)] = &[
    ("NAME", "Name"),
    ("COMMENT", "user comment associated to an object in the dictionary"),
    ("DISPLAY_NAME", "Display name of the associated object"),
    ("TYPE", "Type of the user"),
    ("LOGIN_NAME", "Login name of the user"),
    ("FIRST_NAME", "First name of the user"),
    ("MIDDLE_NAME", "Middle name of the user"),
    ("LAST_NAME", "Last name of the user"),
    ("EMAIL", "Email address of the user"),
    ("PASSWORD", "Password of the user"),
    ("MUST_CHANGE_PASSWORD", "User must change the password"),
    ("DISABLED", "Whether the user is disabled"),
    ("SNOWFLAKE_LOCK", "Whether the user or account is locked by Snowflake"),
    ("SNOWFLAKE_SUPPORT", "Snowflake Support is allowed to use the user or account"),
    ("DAYS_TO_EXPIRY", "User record will be treated as expired after specified number of days"),
    ("MINS_TO_UNLOCK", "Temporary lock on the user will be removed after specified number of minutes"),
    ("DEFAULT_WAREHOUSE", "Default warehouse for this user"),
    ("DEFAULT_NAMESPACE", "Default database namespace prefix for this user"),
    ("DEFAULT_ROLE", "Primary principal of user session will be set to this role"),
    ("DEFAULT_SECONDARY_ROLES", "The secondary roles will be set to all roles provided here"),
    ("EXT_AUTHN_DUO", "Whether Duo Security is enabled as second factor authentication"),
    ("EXT_AUTHN_UID", "External authentication ID of the user"),
    ("MINS_TO_BYPASS_MFA", "Temporary bypass MFA for the user for a specified number of minutes"),
    ("MINS_TO_BYPASS_NETWORK_POLICY", "Temporary bypass network policy on the user for a specified number of minutes"),
    ("RSA_PUBLIC_KEY", "RSA public key of the user"),
    ("RSA_PUBLIC_KEY_FP", "Fingerprint of user's RSA public key."),
    ("RSA_PUBLIC_KEY_LAST_SET_TIME", "The timestamp at which the user's RSA public key was last set."),
    ("RSA_PUBLIC_KEY_2", "Second RSA public key of the user"),
    ("RSA_PUBLIC_KEY_2_FP", "Fingerprint of user's second RSA public key."),
    ("RSA_PUBLIC_KEY_2_LAST_SET_TIME", "The timestamp at which the user's second RSA public key was last set."),
    ("PASSWORD_LAST_SET_TIME", "The timestamp on which the last non-null password was set for the user"),
    ("CUSTOM_LANDING_PAGE_URL", "Snowsight Landing Page URL for the user"),
    ("CUSTOM_LANDING_PAGE_URL_FLUSH_NEXT_UI_LOAD", "The timestamp on which the landing page is flushed"),
    ("HAS_MFA", "Indicates if user has MFA enrolled"),
    ("LOCK_DETAILS", "Details of the locks on the user"),
];

fn user(cx: &Cx<'_>, o: &Object, u: &User) -> SfResult<Rows> {
    let manager = cx.in_scope("DESCRIBE", |s| {
        s.account_privilege("MANAGE GRANTS") || s.account_privilege("CREATE USER") || s.roles.contains(&o.owner)
    });
    if !manager && o.bare() != cx.s.user {
        return Err(SfError::privileges("user", o.bare()));
    }
    let key = |at: usize| u.public_keys.get(at).filter(|k| !k.is_empty());
    let value = |property: &str| -> Option<String> {
        match property {
            "NAME" => Some(o.bare().to_owned()),
            "COMMENT" => Some(o.comment.clone()).filter(|c| !c.is_empty()),
            "DISPLAY_NAME" => u.properties.get("DISPLAY_NAME").cloned().or_else(|| Some(o.bare().to_owned())),
            "TYPE" => Some(u.properties.get("TYPE").map_or_else(|| "PERSON".into(), |t| t.to_ascii_uppercase())),
            "LOGIN_NAME" => Some(u.login_name.clone()),
            "PASSWORD" => (!u.password_hash.is_empty()).then(|| "********".to_owned()),
            "DISABLED" => Some(u.disabled.to_string()),
            "SNOWFLAKE_LOCK" | "SNOWFLAKE_SUPPORT" | "EXT_AUTHN_DUO" | "HAS_MFA" => Some("false".into()),
            "DEFAULT_WAREHOUSE" => u.default_warehouse.clone(),
            "DEFAULT_NAMESPACE" => u.default_namespace.clone(),
            "DEFAULT_ROLE" => u.default_role.clone(),
            "DEFAULT_SECONDARY_ROLES" => Some(if u.secondary_all { "[\"ALL\"]" } else { "[]" }.into()),
            "RSA_PUBLIC_KEY" => key(0).cloned(),
            "RSA_PUBLIC_KEY_2" => key(1).cloned(),
            "RSA_PUBLIC_KEY_FP" => key(0).and_then(|k| fingerprint(k)),
            "RSA_PUBLIC_KEY_2_FP" => key(1).and_then(|k| fingerprint(k)),
            other => u.properties.get(other).map(|v| match v.to_ascii_lowercase().as_str() {
                lower @ ("true" | "false") => lower.to_owned(),
                _ => v.clone(),
            }),
        }
    };
    let rows = USER
        .iter()
        .map(|(property, about)| {
            // What is not set prints as the word null.
            vec![text(*property), text(value(property).unwrap_or_else(|| "null".into())), text("null"), text(*about)]
        })
        .collect();
    Ok((fields(&["property", "value", "default", "description"]), rows))
}

fn routine(o: &Object, r: &Routine) -> Rows {
    let args: Vec<String> = r.args.iter().map(|(n, t, _)| format!("{n} {}", t.0.display())).collect();
    let returns = match &r.returns_table {
        Some(columns) => {
            let list: Vec<String> = columns.iter().map(|(n, t)| format!("{n} {}", t.0.display())).collect();
            format!("TABLE ({})", list.join(", "))
        }
        None => r.returns.0.display(),
    };
    let mut rows = vec![
        ("signature", format!("({})", args.join(", "))),
        ("returns", returns),
        ("language", r.language.to_ascii_uppercase()),
    ];
    if o.kind() == Kind::Procedure {
        rows.push(("execute as", if r.caller_rights { "CALLER" } else { "OWNER" }.to_owned()));
    }
    rows.push(("body", r.body.clone()));
    let rows = rows.into_iter().map(|(p, v)| vec![text(p), text(v)]).collect();
    (fields(&["property", "value"]), rows)
}
