//! The text of GET_DDL.

use crate::local::snowflake::catalog::{
    Body, Kind, Object, Options, Routine, Stage, Table, TableKind, quote_ident, quote_name,
};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::stmt::ddl::drop::object_name;
use std::fmt::Write;

/// GET_DDL(type, name, qualified).
///
/// # Errors
/// 002003; 000002 for types that are not supported.
pub fn get_ddl(cx: &Cx<'_>, kind: &str, name: &str, qualified: bool) -> SfResult<String> {
    let wanted =
        Kind::parse(&kind.replace('_', " ")).ok_or_else(|| SfError::unsupported(&format!("GET_DDL('{kind}')")))?;
    let mut c = Cursor::new(name)?;
    let parts = object_name(&mut c, wanted)?;
    c.end()?;
    let found = cx.find(wanted, &parts)?;
    let mut out = one(cx, &found, qualified)?;
    if matches!(found.kind(), Kind::Database | Kind::Schema) {
        let mut inside = cx
            .in_scope("GET_DDL", |s| s.catalog.inside(&found.name).filter(|o| s.sees(o)).cloned().collect::<Vec<_>>());
        // Schemas first, then what others refer to.
        inside.sort_by_key(|o| (o.name.get(1).cloned(), o.name.len(), order(o.kind()), o.id));
        for o in inside {
            if let Ok(text) = one(cx, &o, qualified || found.kind() == Kind::Database) {
                out.push_str("\n\n");
                out.push_str(&text);
            }
        }
    }
    Ok(out)
}

fn order(kind: Kind) -> u8 {
    match kind {
        Kind::Sequence | Kind::FileFormat => 0,
        Kind::Table | Kind::Stage => 1,
        Kind::View => 2,
        Kind::Function | Kind::Procedure => 3,
        _ => 4,
    }
}

fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

fn comment(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("COMMENT={}", quote(text)) }
}

fn one(cx: &Cx<'_>, o: &Object, qualified: bool) -> SfResult<String> {
    let name = if qualified { quote_name(&o.name) } else { quote_ident(o.bare()) };
    let spaced = |text: &str| if text.is_empty() { String::new() } else { format!(" {}", comment(text)) };
    Ok(match &o.body {
        Body::Database(c) => {
            format!("create or replace {}database {name}{};", transient(c.transient), spaced(&o.comment))
        }
        Body::Schema(c) => {
            let managed = if c.managed_access { " with managed access" } else { "" };
            format!("create or replace {}schema {name}{managed}{};", transient(c.transient), spaced(&o.comment))
        }
        Body::Table(t) => table(o, t, &name),
        Body::View(v) => {
            let text = v.text.trim_end().trim_end_matches(';');
            format!("{text};")
        }
        Body::Sequence(s) => {
            let order = if s.ordered { "order" } else { "noorder" };
            format!(
                "create or replace sequence {name} start with {} increment by {} {order}{};",
                s.start,
                s.step,
                spaced(&o.comment)
            )
        }
        Body::Stream(s) => {
            let catalog = cx.catalog();
            let source = catalog.by_id(s.source).ok_or_else(SfError::no_operation)?;
            let mode = if s.append_only { " append_only = true" } else { "" };
            let on = if source.kind() == Kind::View { "view" } else { "table" };
            format!("create or replace stream {name} on {on} {}{mode}{};", quote_name(&source.name), spaced(&o.comment))
        }
        Body::Task(t) => task(&name, t, &o.comment),
        Body::Pipe(p) => {
            format!(
                "create or replace pipe {name} auto_ingest={}{} as {};",
                p.auto_ingest,
                spaced(&o.comment),
                p.definition
            )
        }
        Body::FileFormat(f) => {
            let mut out = format!("create or replace file format {name}\n\tTYPE = {}", f.ty);
            options(&mut out, &f.options);
            if !o.comment.is_empty() {
                let _ = write!(out, "\n\tCOMMENT = {}", quote(&o.comment));
            }
            format!("{out}\n;")
        }
        Body::Procedure(r) | Body::Function(r) => routine(o, r),
        Body::Stage(s) => stage(&name, s, &o.comment),
        Body::Warehouse(w) => {
            let mut out = format!("create or replace warehouse {name}\n\twarehouse_size='{}'", w.size);
            options(&mut out, &w.options);
            if !o.comment.is_empty() {
                let _ = write!(out, "\n\tcomment={}", quote(&o.comment));
            }
            format!("{out};")
        }
        _ => return Err(SfError::unsupported(&format!("GET_DDL('{}')", o.kind().sql()))),
    })
}

fn transient(on: bool) -> &'static str {
    if on { "transient " } else { "" }
}

fn options(out: &mut String, options: &Options) {
    for (key, value) in options {
        let plain =
            value.parse::<f64>().is_ok() || matches!(value.to_ascii_uppercase().as_str(), "TRUE" | "FALSE" | "NONE");
        // Writing to a string cannot fail.
        let _ = if plain { write!(out, "\n\t{key} = {value}") } else { write!(out, "\n\t{key} = {}", quote(value)) };
    }
}

fn table(o: &Object, t: &Table, name: &str) -> String {
    let kind = match t.kind {
        TableKind::Permanent => "",
        TableKind::Transient => "TRANSIENT ",
        TableKind::Temporary => "TEMPORARY ",
    };
    let cluster =
        if t.cluster_by.is_empty() { String::new() } else { format!(" cluster by ({})", t.cluster_by.join(", ")) };
    let mut lines: Vec<String> = Vec::new();
    for c in &t.columns {
        let mut line = format!("\t{} {}", quote_ident(&c.name), c.ty.display());
        if !c.nullable {
            line.push_str(" NOT NULL");
        }
        if let Some(default) = &c.default {
            let _ = write!(line, " DEFAULT {default}");
        }
        if let Some(i) = c.identity {
            let order = if i.ordered { "order" } else { "noorder" };
            let _ = write!(line, " autoincrement start {} increment {} {order}", i.start, i.step);
        }
        if let Some(text) = &c.comment {
            let _ = write!(line, " COMMENT {}", quote(text));
        }
        lines.push(line);
    }
    for k in &t.constraints {
        let list = |names: &[String]| names.iter().map(|n| quote_ident(n)).collect::<Vec<_>>().join(", ");
        let named = if k.name.starts_with("SYS_CONSTRAINT_") {
            String::new()
        } else {
            format!("constraint {} ", quote_ident(&k.name))
        };
        let mut line = format!("\t{named}{} ({})", k.kind.to_ascii_lowercase(), list(&k.columns));
        if let Some((target, columns)) = &k.references {
            let _ = write!(line, " references {}", quote_name(target));
            if !columns.is_empty() {
                let _ = write!(line, "({})", list(columns));
            }
        }
        lines.push(line);
    }
    let tail = comment(&o.comment);
    let tail = if tail.is_empty() { String::new() } else { format!("{tail}\n") };
    format!("create or replace {kind}TABLE {name}{cluster} (\n{}\n){tail};", lines.join(",\n"))
}

/// Without the credentials, which nobody may see again.
fn stage(name: &str, s: &Stage, about: &str) -> String {
    let temporary = if s.temporary { "temporary " } else { "" };
    let mut out = format!("create or replace {temporary}stage {name}");
    if let Some(url) = &s.url {
        let _ = write!(out, "\n\turl = {}", quote(url));
    }
    if let Some(integration) = &s.integration {
        let _ = write!(out, "\n\tstorage_integration = {}", quote_ident(integration));
    }
    if let Some(endpoint) = &s.endpoint {
        let _ = write!(out, "\n\tendpoint = {}", quote(endpoint));
    }
    if !s.file_format.is_empty() {
        let list: Vec<String> = s.file_format.iter().map(|(k, v)| format!("{k} = {}", option_value(v))).collect();
        let _ = write!(out, "\n\tfile_format = ({})", list.join(" "));
    }
    for (key, value) in &s.options {
        let _ = write!(out, "\n\t{} = {}", key.to_ascii_lowercase(), option_value(value));
    }
    if !about.is_empty() {
        let _ = write!(out, "\n\tcomment = {}", quote(about));
    }
    format!("{out};")
}

/// An option as it is written: lists and nested options in parentheses.
fn option_value(value: &str) -> String {
    match serde_json::from_str(value) {
        Ok(serde_json::Value::Array(items)) => {
            let items: Vec<String> = items.iter().filter_map(|i| i.as_str()).map(quote).collect();
            format!("({})", items.join(", "))
        }
        Ok(serde_json::Value::Object(members)) => {
            let list: Vec<String> = members
                .iter()
                .map(|(k, v)| format!("{k} = {}", option_value(v.as_str().unwrap_or_default())))
                .collect();
            format!("({})", list.join(" "))
        }
        Ok(serde_json::Value::Bool(_) | serde_json::Value::Number(_)) => value.to_owned(),
        _ if matches!(value, "TRUE" | "FALSE" | "NONE") => value.to_owned(),
        _ => quote(value),
    }
}

fn task(name: &str, t: &crate::local::snowflake::catalog::Task, about: &str) -> String {
    let mut out = format!("create or replace task {name}");
    if let Some(w) = &t.warehouse {
        let _ = write!(out, "\n\twarehouse={w}");
    }
    if let Some(s) = &t.schedule {
        let _ = write!(out, "\n\tschedule={}", quote(s));
    }
    for (key, value) in &t.parameters {
        let _ = write!(out, "\n\t{key}={value}");
    }
    if let Some(config) = &t.config {
        let _ = write!(out, "\n\tconfig={}", quote(config));
    }
    if !about.is_empty() {
        let _ = write!(out, "\n\tCOMMENT={}", quote(about));
    }
    if let Some(root) = &t.finalizes {
        let _ = write!(out, "\n\tfinalize={}", quote_ident(root));
    }
    if !t.predecessors.is_empty() {
        let list: Vec<String> = t.predecessors.iter().map(|p| quote_ident(p)).collect();
        let _ = write!(out, "\n\tafter {}", list.join(", "));
    }
    if let Some(when) = &t.condition {
        let _ = write!(out, "\n\twhen {when}");
    }
    format!("{out}\n\tas {};", t.definition)
}

fn routine(o: &Object, r: &Routine) -> String {
    let bare = o.bare().split('(').next().unwrap_or_default();
    let args: Vec<String> = r
        .args
        .iter()
        .map(|(n, t, d)| {
            let default = d.as_ref().map_or_else(String::new, |d| format!(" DEFAULT {d}"));
            format!("\"{n}\" {}{default}", t.0.display())
        })
        .collect();
    let returns = match &r.returns_table {
        Some(list) => {
            let list: Vec<String> = list.iter().map(|(n, t)| format!("\"{n}\" {}", t.0.display())).collect();
            format!("TABLE ({})", list.join(", "))
        }
        None => r.returns.0.display(),
    };
    let secure = if r.secure { "SECURE " } else { "" };
    let rights = match o.kind() {
        Kind::Procedure => format!("EXECUTE AS {}\n", if r.caller_rights { "CALLER" } else { "OWNER" }),
        _ => String::new(),
    };
    format!(
        "CREATE OR REPLACE {secure}{} \"{bare}\"({})\nRETURNS {returns}\nLANGUAGE {}\n{}{rights}AS {};",
        o.kind().sql(),
        args.join(", "),
        r.language.to_ascii_uppercase(),
        crate::local::snowflake::stmt::ddl::function::foreign_options(&r.options),
        quote(&r.body)
    )
}
