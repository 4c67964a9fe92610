//! DESC STAGE, DESC FILE FORMAT, SHOW STAGES, SHOW FILE FORMATS.

use super::super::{Class, Statement};
use crate::local::snowflake::answer::{Answer, Field, kind};
use crate::local::snowflake::catalog::{Body, Kind, ObjectName, Options, Stage};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::load;
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::stmt::show::scope::{self, Listing, ShowScope};
use crate::local::snowflake::types::Ty;

struct Describe {
    kind: Kind,
    name: ObjectName,
}

/// Behind DESC STAGE.
///
/// # Errors
/// 001003.
pub fn parse_stage(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    Ok(Box::new(Describe { kind: Kind::Stage, name: c.name()? }))
}

/// Behind DESC FILE FORMAT.
///
/// # Errors
/// 001003.
pub fn parse_format(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    Ok(Box::new(Describe { kind: Kind::FileFormat, name: c.name()? }))
}

type Row = Vec<Option<String>>;

impl Statement for Describe {
    fn class(&self) -> Class {
        Class::Session
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let word = if self.kind == Kind::Stage { "Stage" } else { "File format" };
        let found = cx.in_scope("DESCRIBE", |s| s.find_as(self.kind, &self.name, word))?;
        let rows = match &found.body {
            Body::Stage(stage) => stage_rows(stage),
            Body::FileFormat(f) => {
                let mut rows = vec![row(&["TYPE", "String", &f.ty, "CSV"])];
                rows.extend(format_rows(&f.ty, &f.options)?);
                rows
            }
            _ => return Err(SfError::no_operation()),
        };
        Ok(Answer::texts(kind::DESCRIBE, fields(self.kind), &rows))
    }

    fn describe(&self, _cx: &mut Cx<'_>) -> SfResult<Vec<Field>> {
        Ok(fields(self.kind))
    }
}

fn fields(kind: Kind) -> Vec<Field> {
    let names = ["parent_property", "property", "property_type", "property_value", "property_default"];
    let skip = usize::from(kind != Kind::Stage);
    names.iter().skip(skip).map(|n| Field::new(*n, Ty::TEXT)).collect()
}

fn row(cells: &[&str]) -> Row {
    cells.iter().map(|c| Some((*c).to_owned())).collect()
}

/// A type's options with what is set.
fn format_rows(ty: &str, set: &Options) -> SfResult<Vec<Row>> {
    Ok(load::known_options(ty)?
        .iter()
        .map(|(name, kind, default)| {
            let value = set.get(*name).map_or_else(|| (*default).to_owned(), |v| shown(kind, v));
            row(&[name, kind, &value, default])
        })
        .collect())
}

fn shown(kind: &str, value: &str) -> String {
    match kind {
        "Boolean" => value.to_ascii_lowercase(),
        "List" => match serde_json::from_str::<Vec<String>>(value) {
            Ok(items) => format!("[{}]", items.join(", ")),
            Err(_) => value.to_owned(),
        },
        _ => value.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t"),
    }
}

/// Copy options that a stage may still carry.
const COPY_OPTIONS: &[(&str, &str, &str)] = &[
    ("ON_ERROR", "String", "ABORT_STATEMENT"),
    ("SIZE_LIMIT", "Long", ""),
    ("PURGE", "Boolean", "false"),
    ("RETURN_FAILED_ONLY", "Boolean", "false"),
    ("ENFORCE_LENGTH", "Boolean", "true"),
    ("TRUNCATECOLUMNS", "Boolean", "false"),
    ("FORCE", "Boolean", "false"),
];

fn stage_rows(stage: &Stage) -> Vec<Row> {
    let mut rows = Vec::new();
    let format = &stage.file_format;
    match format.get("FORMAT_NAME") {
        Some(name) => rows.push(row(&["STAGE_FILE_FORMAT", "FORMAT_NAME", "String", name, ""])),
        None => {
            let (ty, set) = super::format::split(format);
            rows.push(row(&["STAGE_FILE_FORMAT", "TYPE", "String", &ty, "CSV"]));
            for r in format_rows(&ty, &set).unwrap_or_default() {
                rows.push(std::iter::once(Some("STAGE_FILE_FORMAT".to_owned())).chain(r).collect());
            }
        }
    }
    let inner = |name: &str| -> Options {
        stage.options.get(name).and_then(|v| serde_json::from_str(v).ok()).unwrap_or_default()
    };
    let copy = inner("COPY_OPTIONS");
    for (name, kind, default) in COPY_OPTIONS {
        let value = copy.get(*name).map_or_else(|| (*default).to_owned(), |v| shown(kind, v));
        rows.push(row(&["STAGE_COPY_OPTIONS", name, kind, &value, default]));
    }
    let url = stage.url.as_ref().map_or_else(String::new, |u| serde_json::json!([u]).to_string());
    rows.push(row(&["STAGE_LOCATION", "URL", "String", &url, ""]));
    if let Some(endpoint) = &stage.endpoint {
        rows.push(row(&["STAGE_LOCATION", "ENDPOINT", "String", endpoint, ""]));
    }
    if let Some(name) = &stage.integration {
        rows.push(row(&["STAGE_INTEGRATION", "STORAGE_INTEGRATION", "String", name, ""]));
    }
    // The key's name alone; neither the secret key nor the token is ever shown.
    let key = stage.credentials.get("AWS_KEY_ID").map_or("", String::as_str);
    rows.push(row(&["STAGE_CREDENTIALS", "AWS_KEY_ID", "String", key, ""]));
    let directory = inner("DIRECTORY");
    for name in ["ENABLE", "AUTO_REFRESH"] {
        let value = directory.get(name).map_or_else(|| "false".to_owned(), |v| v.to_ascii_lowercase());
        rows.push(row(&["DIRECTORY", name, "Boolean", &value, "false"]));
    }
    rows
}

/// Behind SHOW STAGES.
///
/// # Errors
/// 001003.
pub fn parse_show_stages(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let place = ShowScope::parse(c, false)?;
    Ok(Listing::show(move |cx| {
        let mut rows = Vec::new();
        for o in place.objects(cx, Kind::Stage)? {
            let Body::Stage(stage) = &o.body else { continue };
            let (external, kind) = (stage.url.is_some(), if stage.url.is_some() { "EXTERNAL" } else { "INTERNAL" });
            let directory = stage.options.get("DIRECTORY").is_some_and(|d| d.to_ascii_uppercase().contains("\"TRUE\""));
            let letter = |yes: bool| Some(if yes { "Y" } else { "N" }.to_owned());
            rows.push(vec![
                scope::time(o.created_ms),
                scope::text(o.bare()),
                o.name.first().cloned(),
                o.name.get(1).cloned(),
                scope::text(stage.url.clone().unwrap_or_default()),
                letter(!stage.credentials.is_empty()),
                letter(stage.options.get("ENCRYPTION").is_some_and(|e| e.contains("MASTER_KEY"))),
                scope::text(&o.owner),
                scope::text(&o.comment),
                None,
                scope::text(if stage.temporary { format!("{kind} TEMPORARY") } else { kind.to_owned() }),
                external.then(|| "AWS".to_owned()),
                None,
                stage.integration.clone(),
                stage.endpoint.clone(),
                scope::text("ROLE"),
                letter(directory),
            ]);
        }
        let names = [
            "created_on:t",
            "name",
            "database_name",
            "schema_name",
            "url",
            "has_credentials",
            "has_encryption_key",
            "owner",
            "comment",
            "region",
            "type",
            "cloud",
            "notification_channel",
            "storage_integration",
            "endpoint",
            "owner_role_type",
            "directory_enabled",
        ];
        Ok((scope::fields(&names), rows))
    }))
}

/// Behind SHOW FILE FORMATS.
///
/// # Errors
/// 001003.
pub fn parse_show_formats(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let place = ShowScope::parse(c, false)?;
    Ok(Listing::show(move |cx| {
        let mut rows = Vec::new();
        for o in place.objects(cx, Kind::FileFormat)? {
            let Body::FileFormat(format) = &o.body else { continue };
            rows.push(vec![
                scope::time(o.created_ms),
                scope::text(o.bare()),
                o.name.first().cloned(),
                o.name.get(1).cloned(),
                scope::text(&format.ty),
                scope::text(&o.owner),
                scope::text(&o.comment),
                scope::text(format_json(&format.ty, &format.options)?),
                scope::text("ROLE"),
            ]);
        }
        let names = [
            "created_on:t",
            "name",
            "database_name",
            "schema_name",
            "type",
            "owner",
            "comment",
            "format_options",
            "owner_role_type",
        ];
        Ok((scope::fields(&names), rows))
    }))
}

/// A format's options as a JSON object, defaults included.
fn format_json(ty: &str, set: &Options) -> SfResult<String> {
    let mut out = serde_json::Map::new();
    out.insert("TYPE".into(), ty.into());
    for (name, kind, default) in load::known_options(ty)? {
        let given = set.get(*name).map_or(*default, String::as_str);
        let value = match *kind {
            "Boolean" => given.eq_ignore_ascii_case("TRUE").into(),
            "Integer" => given.parse::<i64>().map_or_else(|_| given.into(), Into::into),
            "List" => serde_json::from_str(given).unwrap_or_else(|_| {
                // The defaults are written as DESC prints them.
                let inner = given.trim_start_matches('[').trim_end_matches(']').replace("\\\\", "\\");
                if inner.is_empty() { serde_json::json!([]) } else { serde_json::json!([inner]) }
            }),
            _ if given.is_empty() => serde_json::Value::Null,
            _ => given.into(),
        };
        out.insert((*name).into(), value);
    }
    Ok(serde_json::Value::Object(out).to_string())
}
