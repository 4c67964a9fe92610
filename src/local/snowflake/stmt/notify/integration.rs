//! Notification integrations: EMAIL, WEBHOOK, and QUEUE for Amazon SNS.

use super::super::super::answer::Answer;
use super::super::super::catalog::{Body, Kind, Object, ObjectName, Options};
use super::super::super::error::{SfError, SfResult};
use super::super::super::notify;
use super::super::super::session::Cx;
use super::super::super::sql::Cursor;
use super::super::ddl::create::{self, New};
use super::super::show::scope::{Listing, Rows, ShowScope, fields, text, time};
use super::super::{Class, CreateHead, Statement};
use sqlparser::tokenizer::Token;
use std::sync::Arc;

/// Name, type and value if not set.
type Property = (&'static str, &'static str, &'static str);

/// What each type has, with the type that DESC prints and the value of one that is not set.
const PROPERTIES: &[(&str, &[Property])] = &[
    (
        "EMAIL",
        &[
            ("ALLOWED_RECIPIENTS", "List", "[]"),
            ("DEFAULT_RECIPIENTS", "List", "[]"),
            ("DEFAULT_SUBJECT", "String", "Snowflake Email Notification"),
        ],
    ),
    (
        "WEBHOOK",
        &[
            ("WEBHOOK_URL", "String", ""),
            ("WEBHOOK_SECRET", "String", ""),
            ("WEBHOOK_BODY_TEMPLATE", "String", ""),
            ("WEBHOOK_HEADERS", "String", ""),
        ],
    ),
    (
        "QUEUE",
        &[
            ("NOTIFICATION_PROVIDER", "String", ""),
            ("DIRECTION", "String", "OUTBOUND"),
            ("AWS_SNS_TOPIC_ARN", "String", ""),
            ("AWS_SNS_ROLE_ARN", "String", ""),
        ],
    ),
];
/// What each type needs.
const NEEDED: &[(&str, &[&str])] = &[
    ("EMAIL", &["ENABLED"]),
    ("WEBHOOK", &["ENABLED", "WEBHOOK_URL"]),
    ("QUEUE", &["ENABLED", "NOTIFICATION_PROVIDER", "DIRECTION", "AWS_SNS_TOPIC_ARN", "AWS_SNS_ROLE_ARN"]),
];
/// The most addresses that ALLOWED_RECIPIENTS may have.
const MOST_RECIPIENTS: usize = 50;
/// Where an account lets webhooks go; the embedded cloud also lets them go to this machine.
const HOSTS: &[&str] = &[
    "https://hooks.slack.com/services/",
    "https://events.pagerduty.com/v2/enqueue",
    "http://127.0.0.1",
    "http://localhost",
    "http://[::1]",
];
const TEAMS: &[&str] = &[".logic.azure.com", ".powerplatform.com"];

struct Create {
    head: CreateHead,
    if_not_exists: bool,
    name: ObjectName,
    options: Options,
}

/// Behind CREATE … NOTIFICATION INTEGRATION.
///
/// # Errors
/// 001003; 002029 where an option is missing; 001420, 001008; 000002 for other queues.
pub fn parse_create(c: &mut Cursor<'_>, head: CreateHead) -> SfResult<Box<dyn Statement>> {
    let if_not_exists = c.accept("IF NOT EXISTS");
    let name = c.name()?;
    let options = read_options(c)?;
    let missing =
        |list: &[&str]| SfError::compile("002029", "42601", format!("Missing option(s): {}", list.join(", ")));
    let ty = options.get("TYPE").map(|t| t.to_ascii_uppercase()).ok_or_else(|| missing(&["TYPE"]))?;
    let needed = NEEDED.iter().find(|(t, _)| *t == ty).map_or(&[][..], |(_, n)| n);
    check(&ty, &options)?;
    let absent: Vec<&str> = needed.iter().copied().filter(|k| !options.contains_key(*k)).collect();
    if !absent.is_empty() {
        return Err(missing(&absent));
    }
    Ok(Box::new(Create { head, if_not_exists, name, options }))
}

/// `KEY = VALUE` pairs; WEBHOOK_HEADERS has quoted names.
fn read_options(c: &mut Cursor<'_>) -> SfResult<Options> {
    let mut out = Options::new();
    loop {
        if c.sees(&["WEBHOOK_HEADERS"]) {
            c.next();
            c.expect_token(&Token::Eq)?;
            c.expect_token(&Token::LParen)?;
            let mut map = serde_json::Map::new();
            while !c.accept_token(&Token::RParen) {
                let name = c.string()?;
                c.expect_token(&Token::Eq)?;
                map.insert(name, c.string()?.into());
                c.accept_token(&Token::Comma);
            }
            out.insert("WEBHOOK_HEADERS".into(), serde_json::Value::Object(map).to_string());
        } else if matches!(c.peek(0), Token::Word(_)) && *c.peek(1) == Token::Eq {
            let (key, value) = c.option()?;
            out.insert(key, value);
        } else {
            return Ok(out);
        }
        c.accept_token(&Token::Comma);
    }
}

/// Checks options of a type.
///
/// # Errors
/// 001420 for ones that the type does not have, 001008 for bad values, 000002 for what is not supported.
pub fn check(ty: &str, options: &Options) -> SfResult<()> {
    let Some((_, known)) = PROPERTIES.iter().find(|(t, _)| *t == ty) else {
        return Err(SfError::unsupported(&format!("NOTIFICATION INTEGRATION TYPE = {ty}")));
    };
    for (key, value) in options {
        let bad = || SfError::compile("001008", "22023", format!("invalid value [{value}] for parameter '{key}'"));
        match key.as_str() {
            "COMMENT" => {}
            "TYPE" if value.eq_ignore_ascii_case(ty) => {}
            "ENABLED" if value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false") => {}
            "TYPE" | "ENABLED" => return Err(bad()),
            "WEBHOOK_SECRET" => return Err(SfError::unsupported("WEBHOOK_SECRET")),
            "NOTIFICATION_PROVIDER" if !value.eq_ignore_ascii_case("AWS_SNS") => {
                return Err(SfError::unsupported(&format!("NOTIFICATION_PROVIDER = {value}")));
            }
            "DIRECTION" if !value.eq_ignore_ascii_case("OUTBOUND") => {
                return Err(SfError::unsupported(&format!("DIRECTION = {value} of a notification integration")));
            }
            "WEBHOOK_URL" if !may_go_to(value) => return Err(bad()),
            "ALLOWED_RECIPIENTS" | "DEFAULT_RECIPIENTS" if list(value).len() > MOST_RECIPIENTS => return Err(bad()),
            other if known.iter().any(|(k, _, _)| *k == other) => {}
            other => {
                let text = format!("invalid property '{other}' for 'INTEGRATION'");
                return Err(SfError::compile("001420", "22023", text));
            }
        }
    }
    Ok(())
}

fn may_go_to(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    let fits = |start: &str| {
        lower
            .strip_prefix(start)
            .is_some_and(|rest| start.ends_with('/') || rest.is_empty() || rest.starts_with([':', '/', '?']))
    };
    let host = lower.strip_prefix("https://").and_then(|r| r.split(['/', ':', '?']).next()).unwrap_or_default();
    HOSTS.iter().any(|h| fits(h)) || TEAMS.iter().any(|t| host.ends_with(t))
}

/// A list option's items.
#[must_use]
pub fn list(value: &str) -> Vec<String> {
    serde_json::from_str(value).unwrap_or_default()
}

impl Statement for Create {
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

/// SHOW NOTIFICATION INTEGRATIONS.
///
/// # Errors
/// 001003.
pub fn parse_show(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let scope = ShowScope::parse(c, false)?;
    Ok(Listing::show(move |cx| {
        let mut rows = Vec::new();
        for o in scope.objects(cx, Kind::Integration)? {
            let Some(options) = notify::options_of(&o) else { continue };
            let ty = notify::type_of(&o).unwrap_or_default();
            // A queue is called by its provider.
            let shown = if ty == "QUEUE" { "QUEUE - AWS_SNS".to_owned() } else { ty.clone() };
            let direction = if ty == "QUEUE" { "OUTBOUND" } else { "" };
            rows.push(vec![
                text(o.bare()),
                text(shown),
                text("NOTIFICATION"),
                text(options.get("ENABLED").map(|e| e.to_ascii_lowercase()).unwrap_or_default()),
                text(&o.comment),
                time(o.created_ms),
                text(direction),
            ]);
        }
        Ok((fields(&["name", "type", "category", "enabled", "comment", "created_on:t", "direction"]), rows))
    }))
}

/// The rows of DESC [NOTIFICATION] INTEGRATION.
#[must_use]
pub fn describe(o: &Object, options: &Options) -> Rows {
    let ty = options.get("TYPE").map(|t| t.to_ascii_uppercase()).unwrap_or_default();
    let known = PROPERTIES.iter().find(|(t, _)| *t == ty).map_or(&[][..], |(_, p)| p);
    let enabled = options.get("ENABLED").map(|e| e.to_ascii_lowercase()).unwrap_or_default();
    let mut rows = vec![vec![text("ENABLED"), text("Boolean"), text(enabled), text("false")]];
    for (key, kind, default) in known {
        let value = match (options.get(*key), *kind) {
            (Some(value), "List") => list(value).join(","),
            (Some(value), _) => value.clone(),
            (None, "List") => String::new(),
            (None, _) => (*default).to_owned(),
        };
        rows.push(vec![text(*key), text(*kind), text(value), text(*default)]);
    }
    rows.push(vec![text("COMMENT"), text("String"), text(&o.comment), text("")]);
    (fields(&["property", "property_type", "property_value", "property_default"]), rows)
}

/// A notification integration that the session may use.
///
/// # Errors
/// 002003, 003001; 001008 for an integration of another kind.
pub fn required(cx: &Cx<'_>, name: &str) -> SfResult<Arc<Object>> {
    let object = cx.find(Kind::Integration, &ObjectName(vec![name.to_owned()]))?;
    cx.require(&object, "USAGE")?;
    if notify::options_of(&object).is_none() {
        let text = format!("Integration '{name}' is not a notification integration.");
        return Err(SfError::compile("001008", "22023", text));
    }
    Ok(object)
}

#[cfg(test)]
mod tests {
    use super::may_go_to;

    #[test]
    fn webhooks_go_where_an_account_lets_them_or_to_this_machine() {
        for good in [
            "https://hooks.slack.com/services/a/b",
            "https://events.pagerduty.com/v2/enqueue",
            "https://x.westus.logic.azure.com/workflows/y",
            "http://127.0.0.1:8080/hook",
            "http://localhost/x",
        ] {
            assert!(may_go_to(good), "{good}");
        }
        for bad in [
            "http://hooks.slack.com/services/a",
            "https://example.com/hook",
            "http://127.0.0.1.evil.example/",
            "http://localhost.evil.example",
            "https://evil.example/.logic.azure.com",
            "ftp://localhost",
        ] {
            assert!(!may_go_to(bad), "{bad}");
        }
    }
}
