//! SNOWFLAKE.ALERT's functions, which only an alert's own statements may call.

use super::super::super::bind::Bound;
use super::super::super::bind::binder::Binder;
use super::super::super::error::{SfError, SfResult};
use super::super::super::types::Ty;

/// A function of SNOWFLAKE.ALERT by bare name.
///
/// # Errors
/// 002141 for an unknown one; 001044 outside of an alert.
pub fn function(b: &Binder<'_, '_>, name: &str) -> SfResult<Bound> {
    let time = |ms: i64| Bound {
        nullable: false,
        ..Bound::new(format!("make_timestamp({})", ms.saturating_mul(1000)), Ty::Ltz { scale: 9 })
    };
    let known = ["SCHEDULED_TIME", "LAST_SUCCESSFUL_SCHEDULED_TIME", "GET_CONDITION_QUERY_UUID"];
    if !known.contains(&name) {
        let text = format!("Unknown user-defined function SNOWFLAKE.ALERT.{name}.");
        return Err(SfError::compile("002141", "42601", text));
    }
    let Some(scope) = &b.cx.s.alert else {
        let text = format!("SNOWFLAKE.ALERT.{name} can be called within an alert only.");
        return Err(SfError::compile("001044", "42P13", text));
    };
    Ok(match name {
        "SCHEDULED_TIME" => time(scope.scheduled_ms),
        "LAST_SUCCESSFUL_SCHEDULED_TIME" => time(scope.last_success_ms),
        _ => match &*scope.condition_query_id.lock() {
            Some(id) => Bound::text(id),
            None => Bound { ty: Ty::TEXT, sql: "CAST(NULL AS VARCHAR)".into(), ..Bound::null() },
        },
    })
}
