//! COPY_HISTORY: what COPY and pipes have loaded into a table.

use super::history::bound;
use super::rows::{fields, text};
use super::{Ask, Rows};
use crate::local::snowflake::catalog::Kind;
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use duckdb::params;

/// How far back it looks, in days.
const DAYS: i64 = 14;

/// COPY_HISTORY(TABLE_NAME => …, START_TIME => … [, END_TIME => …] [, PIPE_NAME => …]).
pub fn copy_history(cx: &mut Cx<'_>, ask: &Ask<'_>) -> SfResult<Rows> {
    let names = [
        "FILE_NAME",
        "STAGE_LOCATION",
        "LAST_LOAD_TIME:t",
        "ROW_COUNT:n",
        "ROW_PARSED:n",
        "FILE_SIZE:n",
        "FIRST_ERROR_MESSAGE",
        "FIRST_ERROR_LINE_NUMBER:n",
        "FIRST_ERROR_CHARACTER_POS:n",
        "FIRST_ERROR_COLUMN_NAME",
        "ERROR_COUNT:n",
        "ERROR_LIMIT:n",
        "STATUS",
        "TABLE_CATALOG_NAME",
        "TABLE_SCHEMA_NAME",
        "TABLE_NAME",
        "PIPE_CATALOG_NAME",
        "PIPE_SCHEMA_NAME",
        "PIPE_NAME",
        "PIPE_RECEIVED_TIME:t",
        "BYTES_BILLED:n",
    ];
    if ask.columns_only {
        return Ok((fields(&names), Vec::new()));
    }
    let missing = |what: &str| SfError::compile("000938", "22023", format!("missing argument {what} of COPY_HISTORY"));
    let name = ask.arg("TABLE_NAME", 1).ok_or_else(|| missing("TABLE_NAME"))?;
    let name = Cursor::new(name)?.name()?;
    let table = cx.in_scope("SELECT", |s| s.find_as(Kind::Table, &name, "Table"))?;
    let now = cx.q.now_us;
    let start = bound(Some(ask.arg("START_TIME", 2).ok_or_else(|| missing("START_TIME"))?))?.unwrap_or(0);
    let end = bound(ask.arg("END_TIME", 3))?.unwrap_or(i64::MAX >> 1);
    let pipe = match ask.arg("PIPE_NAME", 4) {
        Some(name) => {
            let name = Cursor::new(name)?.name()?;
            Some(cx.find(Kind::Pipe, &name)?.id)
        }
        None => None,
    };
    let catalog = cx.catalog();
    let mut statement = cx.s.conn.prepare(
        "SELECT file, stage_location, strftime(loaded_at, '%Y-%m-%d %H:%M:%S.%f'), rows_loaded::VARCHAR, \
         rows_parsed::VARCHAR, size::VARCHAR, first_error, first_error_line::VARCHAR, first_error_character::VARCHAR, \
         first_error_column, errors_seen::VARCHAR, error_limit::VARCHAR, status, strftime(received_at, '%Y-%m-%d %H:%M:%S.%f'), pipe_id \
         FROM sd.load_history WHERE table_id = ? AND epoch_us(loaded_at) BETWEEN ? AND ? ORDER BY loaded_at, file",
    )?;
    let since = start.max(now - DAYS * 86_400_000_000);
    let found = statement.query_map(params![table.id, since, end], |r| {
        let cells = (0..14).map(|i| r.get::<_, Option<String>>(i)).collect::<Result<Vec<_>, _>>()?;
        Ok((cells, r.get::<_, Option<i64>>(14)?))
    })?;
    let mut rows = Vec::new();
    for line in found {
        let (mut row, by) = line?;
        if pipe.is_some() && by != pipe {
            continue;
        }
        let received = row.pop().flatten();
        row[12] = row[12].as_deref().and_then(|s| text(status(s)));
        row.extend(table.name.iter().map(text));
        let of = by.and_then(|id| catalog.by_id(id).cloned());
        row.extend((0..3).map(|i| of.as_ref().and_then(|o| o.name.get(i).cloned())));
        // Nothing is billed here.
        row.extend([received, by.and_then(|_| text("0"))]);
        rows.push(row);
    }
    Ok((fields(&names), rows))
}

/// This function's words for a status, which differ from COPY's.
fn status(stored: &str) -> &'static str {
    match stored {
        "LOADED" => "Loaded",
        "PARTIALLY_LOADED" => "Partially loaded",
        "LOAD_SKIPPED" => "Load skipped",
        _ => "Load failed",
    }
}
