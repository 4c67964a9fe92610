//! NOTIFICATION_HISTORY.

use super::alerts::limit;
use super::history::bound;
use super::rows::{fields, number, text, time};
use super::{Ask, Rows};
use crate::local::snowflake::catalog::Kind;
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;

const NAMES: &[&str] = &[
    "CREATED:t",
    "PROCESSED:t",
    "MESSAGE_SOURCE",
    "INTEGRATION_NAME",
    "STATUS",
    "MESSAGE",
    "ERROR_MESSAGE",
    "ID",
    "ATTEMPT:n",
    "MESSAGE_SOURCE_INFO",
];
const DAY_MS: i64 = 86_400_000;

/// NOTIFICATION_HISTORY: a row for each attempt, the newest first, for integrations that the session may see.
pub fn notification_history(cx: &mut Cx<'_>, ask: &Ask<'_>) -> SfResult<Rows> {
    let now = cx.engine.clock.now_ms();
    let end = bound(ask.arg("END_TIME", 2))?.map_or(now, |us| us / 1000);
    let start = bound(ask.arg("START_TIME", 1))?.map_or(end - DAY_MS, |us| us / 1000);
    if end - start > 14 * DAY_MS {
        return Err(SfError::compile("001008", "22023", "The time range of NOTIFICATION_HISTORY is at most 14 days."));
    }
    let name = ask.arg("INTEGRATION_NAME", 3).filter(|n| !n.is_empty());
    let most = limit(ask.arg("RESULT_LIMIT", 4))?;
    let all = cx.roles().contains("ACCOUNTADMIN");
    let visible: Vec<String> = cx.in_scope("SELECT", |s| {
        s.catalog.of_kind(Kind::Integration).filter(|o| s.sees(o)).map(|o| o.bare().to_owned()).collect()
    });
    let rows = cx
        .engine
        .outbox
        .all()
        .into_iter()
        .rev()
        .filter(|n| all || visible.contains(&n.integration))
        .filter(|n| name.is_none_or(|w| n.integration.eq_ignore_ascii_case(w)))
        .filter(|n| (start..=end).contains(&n.created_ms))
        .take(most)
        .map(|n| {
            vec![
                time(n.created_ms),
                n.processed_ms.and_then(time),
                text(n.source),
                text(n.integration),
                text(n.status.name()),
                text(n.message),
                n.error,
                text(n.id),
                number(n.attempt),
                n.source_info,
            ]
        })
        .collect();
    Ok((fields(NAMES), rows))
}
