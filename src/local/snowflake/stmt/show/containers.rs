//! SHOW SCHEMAS, DATABASES, SEQUENCES.

use super::scope::{Row, Rows, ShowScope, fields, text, time, yes};
use crate::local::snowflake::catalog::{Body, Container, Kind, Object};
use crate::local::snowflake::error::SfResult;
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::stmt::ddl::sequence;

const TERSE: &[&str] = &["created_on:t", "name", "kind", "database_name", "schema_name"];

fn options(c: &Container) -> String {
    let mut out = Vec::new();
    if c.transient {
        out.push("TRANSIENT");
    }
    if c.managed_access {
        out.push("MANAGED ACCESS");
    }
    out.join(", ")
}

fn body(o: &Object) -> Container {
    match &o.body {
        Body::Database(c) | Body::Schema(c) => c.clone(),
        _ => Container::default(),
    }
}

/// SHOW SCHEMAS: the information schema of each database is among them, owned by nobody.
pub fn schemas(cx: &mut Cx<'_>, scope: &ShowScope) -> SfResult<Rows> {
    let names = [
        "created_on:t",
        "name",
        "is_default",
        "is_current",
        "database_name",
        "owner",
        "comment",
        "options",
        "retention_time",
        "owner_role_type",
        "classification_profile_database",
        "classification_profile_schema",
        "classification_profile",
        "object_visibility",
        "is_nested",
    ];
    let found = scope.objects(cx, Kind::Schema)?;
    let prefix = match &scope.place {
        super::scope::Place::Schema(Some(name)) => name.0[..1].to_vec(),
        _ => scope.prefix(cx)?,
    };
    let databases: Vec<String> = cx.in_scope("SHOW", |s| {
        let seen = s.catalog.of_kind(Kind::Database).filter(|o| s.sees(o));
        seen.map(|o| o.bare().to_owned()).filter(|d| prefix.first().is_none_or(|p| p == d)).collect()
    });
    let now = cx.engine.clock.now_ms();
    let current = |db: &str, s: &str| cx.s.database.as_deref() == Some(db) && cx.s.schema.as_deref() == Some(s);
    let row = |created: i64, db: &str, name: &str, owner: &str, comment: &str, c: &Container| -> Row {
        if scope.terse {
            return vec![time(created), text(name), None, text(db), None];
        }
        vec![
            time(created),
            text(name),
            text("N"),
            yes(current(db, name)),
            text(db),
            text(owner),
            text(comment),
            text(options(c)),
            text(c.retention_days.unwrap_or(1).to_string()),
            text(if owner.is_empty() { "" } else { "ROLE" }),
            None,
            None,
            None,
            None,
            text("N"),
        ]
    };
    let mut rows = Vec::new();
    for db in &databases {
        if scope.matches("INFORMATION_SCHEMA") {
            let about = "Views describing the contents of schemas in this database";
            rows.push(row(now, db, "INFORMATION_SCHEMA", "", about, &Container::default()));
        }
        for o in found.iter().filter(|o| o.name[0] == *db) {
            rows.push(row(o.created_ms, db, o.bare(), &o.owner, &o.comment, &body(o)));
        }
    }
    Ok((fields(if scope.terse { TERSE } else { &names }), rows))
}

/// SHOW DATABASES.
pub fn databases(cx: &mut Cx<'_>, scope: &ShowScope) -> SfResult<Rows> {
    let names = [
        "created_on:t",
        "name",
        "is_default",
        "is_current",
        "origin",
        "owner",
        "comment",
        "options",
        "retention_time",
        "kind",
        "owner_role_type",
        "object_visibility",
        "data_quality_monitoring_settings",
        "resharing_settings",
    ];
    let found = scope.objects(cx, Kind::Database)?;
    if scope.terse {
        let rows =
            found.iter().map(|o| vec![time(o.created_ms), text(o.bare()), text("STANDARD"), None, None]).collect();
        return Ok((fields(TERSE), rows));
    }
    let rows = found
        .iter()
        .map(|o| {
            let c = body(o);
            vec![
                time(o.created_ms),
                text(o.bare()),
                text("N"),
                yes(cx.s.database.as_deref() == Some(o.bare())),
                text(""),
                text(&o.owner),
                text(&o.comment),
                text(options(&c)),
                text(c.retention_days.unwrap_or(1).to_string()),
                text("STANDARD"),
                text("ROLE"),
                None,
                None,
                None,
            ]
        })
        .collect();
    Ok((fields(&names), rows))
}

/// SHOW SEQUENCES.
pub fn sequences(cx: &mut Cx<'_>, scope: &ShowScope) -> SfResult<Rows> {
    let names = [
        "name",
        "database_name",
        "schema_name",
        "next_value:n",
        "interval:n",
        "created_on:t",
        "owner",
        "comment",
        "owner_role_type",
        "ordered",
    ];
    let mut rows = Vec::new();
    for o in scope.objects(cx, Kind::Sequence)? {
        let Body::Sequence(s) = &o.body else { continue };
        let next = sequence::next(&cx.s.conn, &sequence::name(o.id))?.unwrap_or(s.start);
        rows.push(vec![
            text(o.bare()),
            text(&o.name[0]),
            text(&o.name[1]),
            text(next.to_string()),
            text(s.step.to_string()),
            time(o.created_ms),
            text(&o.owner),
            text(&o.comment),
            text("ROLE"),
            yes(s.ordered),
        ]);
    }
    Ok((fields(&names), rows))
}
