//! Functions over text.

use super::super::error::{SfError, SfResult};
use super::row::Row;
use super::udf;
use duckdb::Connection;

/// Registers `sf_bool`, `sf_unhex`, `sf_fit` …
pub(super) fn register(conn: &Connection) -> SfResult<()> {
    udf!(conn;
        "sf_bool"(Text) -> Bool = |r: Row<'_>| match r.text(0) {
            Some(t) => boolean(t).map(Some).ok_or_else(|| {
                SfError::execution("100037", "22018", format!("Boolean value '{t}' is not recognized"))
            }),
            None => Ok(None),
        };
        "sf_try_bool"(Text) -> Bool = |r: Row<'_>| Ok(r.text(0).and_then(boolean));
        "sf_unhex"(Text) -> Bytes = |r: Row<'_>| match r.text(0) {
            Some(t) => hex::decode(t).map(Some).map_err(|_| {
                SfError::execution("100115", "22000", format!("The following string is not a legal hex-encoded value: '{t}'"))
            }),
            None => Ok(None),
        };
        "sf_try_unhex"(Text) -> Bytes = |r: Row<'_>| Ok(r.text(0).and_then(|t| hex::decode(t).ok()));
        "sf_fit"(Text, Int) -> Text = |r: Row<'_>| match (r.text(0), r.int(1)) {
            (Some(t), Some(n)) if t.len() as i64 > n && t.chars().count() as i64 > n => Err(too_long(t)),
            (t, _) => Ok(t.map(str::to_owned)),
        };
    );
    Ok(())
}

/// 100078.
#[must_use]
pub fn too_long(text: &str) -> SfError {
    SfError::execution("100078", "22000", format!("String '{text}' is too long and would be truncated"))
}

/// Snowflake's words for true and false.
#[must_use]
pub fn boolean(text: &str) -> Option<bool> {
    const YES: [&str; 6] = ["true", "t", "yes", "y", "on", "1"];
    const NO: [&str; 6] = ["false", "f", "no", "n", "off", "0"];
    let t = text.trim();
    if YES.iter().any(|w| t.eq_ignore_ascii_case(w)) {
        Some(true)
    } else if NO.iter().any(|w| t.eq_ignore_ascii_case(w)) {
        Some(false)
    } else {
        None
    }
}
