//! DATABASES, SCHEMATA, SEQUENCES, STAGES, FILE_FORMATS.

use super::rows::{Cell, fields, filled, number, objects as inside, text, time, yes};
use super::{Ask, Rows};
use crate::local::snowflake::catalog::{Body, Container, Kind, Object};
use crate::local::snowflake::error::SfResult;
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::stmt::ddl::sequence;

fn container(o: &Object) -> Container {
    match &o.body {
        Body::Database(c) | Body::Schema(c) => c.clone(),
        _ => Container::default(),
    }
}

/// DATABASES: all that are visible, whichever database is asked.
pub fn databases(cx: &mut Cx<'_>, _: &Ask<'_>) -> SfResult<Rows> {
    let names = [
        "DATABASE_NAME",
        "DATABASE_OWNER",
        "IS_TRANSIENT",
        "COMMENT",
        "CREATED:t",
        "LAST_ALTERED:t",
        "RETENTION_TIME:n",
        "TYPE",
        "REPLICABLE_WITH_FAILOVER_GROUPS",
        "OWNER_ROLE_TYPE",
    ];
    let rows = cx.in_scope("SELECT", |s| {
        s.catalog
            .of_kind(Kind::Database)
            .filter(|o| s.sees(o))
            .map(|o| {
                let c = container(o);
                vec![
                    text(o.bare()),
                    text(&o.owner),
                    yes(c.transient),
                    filled(&o.comment),
                    time(o.created_ms),
                    time(o.created_ms),
                    number(c.retention_days.unwrap_or(1)),
                    text("STANDARD"),
                    None,
                    text("ROLE"),
                ]
            })
            .collect()
    });
    Ok((fields(&names), rows))
}

/// INFORMATION_SCHEMA_CATALOG_NAME.
pub fn catalog_name(_: &mut Cx<'_>, ask: &Ask<'_>) -> SfResult<Rows> {
    Ok((fields(&["CATALOG_NAME"]), vec![vec![text(ask.database)]]))
}

/// SCHEMATA.
pub fn schemata(cx: &mut Cx<'_>, ask: &Ask<'_>) -> SfResult<Rows> {
    let names = [
        "CATALOG_NAME",
        "SCHEMA_NAME",
        "SCHEMA_OWNER",
        "IS_TRANSIENT",
        "IS_MANAGED_ACCESS",
        "RETENTION_TIME:n",
        "DEFAULT_CHARACTER_SET_CATALOG",
        "DEFAULT_CHARACTER_SET_SCHEMA",
        "DEFAULT_CHARACTER_SET_NAME",
        "SQL_PATH",
        "CREATED:t",
        "LAST_ALTERED:t",
        "COMMENT",
        "REPLICABLE_WITH_FAILOVER_GROUPS",
        "OWNER_ROLE_TYPE",
    ];
    let row = |name: &str, owner: &str, created: Cell, comment: &str, c: &Container| {
        vec![
            text(ask.database),
            text(name),
            filled(owner),
            yes(c.transient),
            yes(c.managed_access),
            number(c.retention_days.unwrap_or(1)),
            None,
            None,
            None,
            None,
            created.clone(),
            created,
            filled(comment),
            None,
            filled(if owner.is_empty() { "" } else { "ROLE" }),
        ]
    };
    let about = "Views describing the contents of schemas in this database";
    let now = cx.engine.clock.now_ms();
    let mut rows = vec![row("INFORMATION_SCHEMA", "", time(now), about, &Container::default())];
    for o in inside(cx, ask.database, Kind::Schema) {
        rows.push(row(o.bare(), &o.owner, time(o.created_ms), &o.comment, &container(&o)));
    }
    Ok((fields(&names), rows))
}

/// SEQUENCES.
pub fn sequences(cx: &mut Cx<'_>, ask: &Ask<'_>) -> SfResult<Rows> {
    let names = [
        "SEQUENCE_CATALOG",
        "SEQUENCE_SCHEMA",
        "SEQUENCE_NAME",
        "SEQUENCE_OWNER",
        "DATA_TYPE",
        "NUMERIC_PRECISION:n",
        "NUMERIC_PRECISION_RADIX:n",
        "NUMERIC_SCALE:n",
        "START_VALUE",
        "MINIMUM_VALUE",
        "MAXIMUM_VALUE",
        "NEXT_VALUE",
        "INCREMENT",
        "CYCLE_OPTION",
        "CREATED:t",
        "LAST_ALTERED:t",
        "ORDERED",
        "COMMENT",
    ];
    let mut rows = Vec::new();
    for o in inside(cx, ask.database, Kind::Sequence) {
        let Body::Sequence(s) = &o.body else { continue };
        let next = sequence::next(&cx.s.conn, &sequence::name(o.id))?.unwrap_or(s.start);
        rows.push(vec![
            text(&o.name[0]),
            text(&o.name[1]),
            text(&o.name[2]),
            text(&o.owner),
            text("NUMBER"),
            number(38),
            number(10),
            number(0),
            number(s.start),
            number(i64::MIN),
            number(i64::MAX),
            number(next),
            number(s.step),
            yes(false),
            time(o.created_ms),
            time(o.created_ms),
            yes(s.ordered),
            filled(&o.comment),
        ]);
    }
    Ok((fields(&names), rows))
}

/// STAGES.
pub fn stages(cx: &mut Cx<'_>, ask: &Ask<'_>) -> SfResult<Rows> {
    let names = [
        "STAGE_CATALOG",
        "STAGE_SCHEMA",
        "STAGE_NAME",
        "STAGE_URL",
        "STAGE_REGION",
        "STAGE_TYPE",
        "STAGE_OWNER",
        "COMMENT",
        "CREATED:t",
        "LAST_ALTERED:t",
        "ENDPOINT",
        "DIRECTORY_ENABLED",
    ];
    let mut rows = Vec::new();
    for o in inside(cx, ask.database, Kind::Stage) {
        let Body::Stage(s) = &o.body else { continue };
        rows.push(vec![
            text(&o.name[0]),
            text(&o.name[1]),
            text(&o.name[2]),
            s.url.clone(),
            None,
            text(if s.url.is_some() { "External Named" } else { "Internal Named" }),
            text(&o.owner),
            filled(&o.comment),
            time(o.created_ms),
            time(o.created_ms),
            s.endpoint.clone(),
            yes(s.options.get("DIRECTORY").is_some_and(|d| d.to_ascii_uppercase().contains("TRUE"))),
        ]);
    }
    Ok((fields(&names), rows))
}

/// Options of FILE_FORMATS, each a column.
const FORMAT: &[&str] = &[
    "RECORD_DELIMITER",
    "FIELD_DELIMITER",
    "SKIP_HEADER",
    "DATE_FORMAT",
    "TIME_FORMAT",
    "TIMESTAMP_FORMAT",
    "BINARY_FORMAT",
    "ESCAPE",
    "ESCAPE_UNENCLOSED_FIELD",
    "TRIM_SPACE",
    "FIELD_OPTIONALLY_ENCLOSED_BY",
    "NULL_IF",
    "COMPRESSION",
    "ERROR_ON_COLUMN_COUNT_MISMATCH",
];

/// FILE_FORMATS: options as set.
pub fn file_formats(cx: &mut Cx<'_>, ask: &Ask<'_>) -> SfResult<Rows> {
    let mut names =
        vec!["FILE_FORMAT_CATALOG", "FILE_FORMAT_SCHEMA", "FILE_FORMAT_NAME", "FILE_FORMAT_OWNER", "FILE_FORMAT_TYPE"];
    names.extend(FORMAT);
    names.extend(["COMMENT", "CREATED:t", "LAST_ALTERED:t"]);
    let mut rows = Vec::new();
    for o in inside(cx, ask.database, Kind::FileFormat) {
        let Body::FileFormat(f) = &o.body else { continue };
        let mut row = vec![text(&o.name[0]), text(&o.name[1]), text(&o.name[2]), text(&o.owner), text(&f.ty)];
        row.extend(FORMAT.iter().map(|key| f.options.get(*key).cloned()));
        row.extend([filled(&o.comment), time(o.created_ms), time(o.created_ms)]);
        rows.push(row);
    }
    Ok((fields(&names), rows))
}
