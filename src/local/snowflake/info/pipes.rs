//! PIPES and PIPE_USAGE_HISTORY.

use super::history::bound;
use super::rows::{fields, filled, objects, text, time, yes};
use super::{Ask, Rows};
use crate::local::snowflake::catalog::{Body, Kind};
use crate::local::snowflake::error::SfResult;
use crate::local::snowflake::pipe::memory::{DAY_US, DAYS};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::stmt::pipe;
use duckdb::params;

/// PIPES.
pub fn pipes(cx: &mut Cx<'_>, ask: &Ask<'_>) -> SfResult<Rows> {
    let names = [
        "PIPE_CATALOG",
        "PIPE_SCHEMA",
        "PIPE_NAME",
        "PIPE_OWNER",
        "DEFINITION",
        "IS_AUTOINGEST_ENABLED",
        "NOTIFICATION_CHANNEL_NAME",
        "CREATED:t",
        "LAST_ALTERED:t",
        "COMMENT",
        "PATTERN",
    ];
    let mut rows = Vec::new();
    for o in objects(cx, ask.database, Kind::Pipe) {
        let Body::Pipe(p) = &o.body else { continue };
        rows.push(vec![
            text(&o.name[0]),
            text(&o.name[1]),
            text(&o.name[2]),
            text(&o.owner),
            text(&p.definition),
            yes(p.auto_ingest),
            None,
            time(o.created_ms),
            time(o.created_ms),
            filled(&o.comment),
            pipe::pattern(&o),
        ]);
    }
    Ok((fields(&names), rows))
}

/// PIPE_USAGE_HISTORY(DATE_RANGE_START => …, DATE_RANGE_END => …, PIPE_NAME => …): what pipes have loaded, by the hour. Nothing
/// is billed here.
pub fn usage_history(cx: &mut Cx<'_>, ask: &Ask<'_>) -> SfResult<Rows> {
    let names = [
        "START_TIME:t",
        "END_TIME:t",
        "PIPE_NAME",
        "CREDITS_USED:n",
        "BYTES_INSERTED:n",
        "FILES_INSERTED:n",
        "BYTES_BILLED:n",
    ];
    if ask.columns_only {
        return Ok((fields(&names), Vec::new()));
    }
    let now = cx.q.now_us;
    let end = bound(ask.arg("DATE_RANGE_END", 2))?.unwrap_or(now);
    // Without a start, the last twelve hours; at most what is kept.
    let start = bound(ask.arg("DATE_RANGE_START", 1))?.unwrap_or(end - DAY_US / 2).max(now - DAYS * DAY_US);
    let only = match ask.arg("PIPE_NAME", 3) {
        Some(name) => Some(cx.find(Kind::Pipe, &Cursor::new(name)?.name()?)?.id),
        None => None,
    };
    let all = objects(cx, ask.database, Kind::Pipe);
    let mut statement = cx.s.conn.prepare(
        "SELECT strftime(h, '%Y-%m-%d %H:%M:%S'), strftime(h + INTERVAL 1 HOUR, '%Y-%m-%d %H:%M:%S'), \
         sum(size)::BIGINT::VARCHAR, count(*)::VARCHAR FROM (SELECT date_trunc('hour', \"at\") AS h, size FROM sd.pipe_file \
         WHERE pipe = ? AND state IN ('LOADED', 'PARTIALLY_LOADED') AND epoch_us(\"at\") BETWEEN ? AND ?) \
         GROUP BY h ORDER BY h",
    )?;
    let mut rows = Vec::new();
    for o in all.iter().filter(|o| only.is_none_or(|id| id == o.id)) {
        let found = statement.query_map(params![o.id, start, end], |r| {
            (0..4).map(|i| r.get::<_, Option<String>>(i)).collect::<Result<Vec<_>, _>>()
        })?;
        for cells in found {
            let cells = cells?;
            let name = crate::local::snowflake::catalog::quote_name(&o.name);
            let mut row = vec![cells[0].clone(), cells[1].clone(), text(name), text("0")];
            row.extend([cells[2].clone(), cells[3].clone(), text("0")]);
            rows.push(row);
        }
    }
    Ok((fields(&names), rows))
}
