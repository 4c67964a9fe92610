//! What a stage's storage integration allows. The embedded cloud needs no role; the allowed places count.

use crate::local::snowflake::catalog::{Body, Kind, Options};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;

fn list(options: &Options, name: &str) -> Vec<String> {
    options.get(name).map_or_else(Vec::new, |text| serde_json::from_str(text).unwrap_or_else(|_| vec![text.clone()]))
}

/// A stage's integration must exist, be usable and allow the stage's place.
///
/// # Errors
/// 002003, 003001; 093033 for a place that it does not allow.
pub fn check(cx: &Cx<'_>, name: &str, url: &str) -> SfResult<()> {
    let parsed = Cursor::new(name)?.name()?;
    let object = cx.in_scope("CREATE STAGE", |s| s.find_as(Kind::Integration, &parsed, "Integration"))?;
    cx.require(&object, "USAGE")?;
    let Body::Integration(options) = &object.body else { return Err(SfError::no_operation()) };
    let covers = |place: &String| place == "*" || url.starts_with(place.as_str()) || format!("{url}/") == *place;
    let allowed = list(options, "STORAGE_ALLOWED_LOCATIONS").iter().any(covers);
    let blocked = list(options, "STORAGE_BLOCKED_LOCATIONS").iter().any(covers);
    if !options.get("ENABLED").is_some_and(|e| e.eq_ignore_ascii_case("TRUE")) {
        return Err(SfError::compile("093032", "22023", format!("Integration {} is not enabled.", object.bare())));
    }
    if !allowed || blocked {
        return Err(SfError::compile(
            "093033",
            "22023",
            format!(
                "Location '{url}' is not allowed by integration {}. Please use DESC INTEGRATION to check out allowed and blocked locations.",
                object.bare()
            ),
        ));
    }
    Ok(())
}
