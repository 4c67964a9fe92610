//! The session, the statement's time, and identifiers.

use super::super::super::error::SfResult;
use super::super::super::types::Ty;
use super::super::{Bound, quote_text};
use super::make::f;
use super::{Call, Function};

pub(super) const TABLE: &[Function] = &[
    f("CURRENT_TIMESTAMP", 0, 1, |c| Ok(now(c, Ty::LTZ))),
    f("LOCALTIMESTAMP", 0, 1, |c| Ok(now(c, Ty::LTZ))),
    f("GETDATE", 0, 0, |c| Ok(now(c, Ty::LTZ))),
    f("SYSTIMESTAMP", 0, 0, |c| Ok(now(c, Ty::LTZ))),
    f("SYSDATE", 0, 0, |c| Ok(now(c, Ty::NTZ))),
    f("CURRENT_DATE", 0, 0, |c| {
        let sql = format!("CAST({} AS DATE)", local_now(c));
        Ok(Bound { nullable: false, ..Bound::new(sql, Ty::Date) })
    }),
    f("CURRENT_TIME", 0, 1, |c| {
        Ok(Bound { nullable: false, ..Bound::new(format!("CAST({} AS TIME)", local_now(c)), Ty::TIME) })
    }),
    f("LOCALTIME", 0, 1, |c| {
        Ok(Bound { nullable: false, ..Bound::new(format!("CAST({} AS TIME)", local_now(c)), Ty::TIME) })
    }),
    f("CURRENT_DATABASE", 0, 0, value),
    f("CURRENT_SCHEMA", 0, 0, value),
    f("CURRENT_WAREHOUSE", 0, 0, value),
    f("CURRENT_ROLE", 0, 0, value),
    f("CURRENT_USER", 0, 0, value),
    f("CURRENT_ACCOUNT", 0, 0, value),
    f("CURRENT_ACCOUNT_NAME", 0, 0, |c| Ok(text(c.env.get("CURRENT_ACCOUNT")))),
    f("CURRENT_ORGANIZATION_NAME", 0, 0, |_| Ok(text("LOCAL"))),
    f("CURRENT_SESSION", 0, 0, value),
    f("CURRENT_STATEMENT", 0, 0, value),
    f("CURRENT_AVAILABLE_ROLES", 0, 0, value),
    f("CURRENT_SECONDARY_ROLES", 0, 0, value),
    f("CURRENT_ROLE_TYPE", 0, 0, |_| Ok(text("ROLE"))),
    f("CURRENT_SCHEMAS", 0, 0, |c| {
        let (d, s) = (c.env.get("CURRENT_DATABASE"), c.env.get("CURRENT_SCHEMA"));
        Ok(text(&if d.is_empty() || s.is_empty() { "[]".to_owned() } else { format!("[\"{d}.{s}\"]") }))
    }),
    f("CURRENT_REGION", 0, 0, |_| Ok(text("AWS_AP_SOUTHEAST_1"))),
    f("CURRENT_CLIENT", 0, 0, value),
    f("CURRENT_IP_ADDRESS", 0, 0, |_| Ok(text("127.0.0.1"))),
    f("CURRENT_VERSION", 0, 0, |_| Ok(text(env!("CARGO_PKG_VERSION")))),
    f("CURRENT_TRANSACTION", 0, 0, value),
    f("INVOKER_ROLE", 0, 0, |c| Ok(text(c.env.get("CURRENT_ROLE")))),
    f("IS_ROLE_IN_SESSION", 1, 1, |c| {
        let roles: Vec<String> =
            c.env.get("SESSION_ROLES").split(',').filter(|r| !r.is_empty()).map(quote_text).collect();
        let list = if roles.is_empty() { "''".to_owned() } else { roles.join(", ") };
        Ok(c.out(format!("({} IN ({list}))", c.text(0)?), Ty::Boolean))
    }),
    f("LAST_QUERY_ID", 0, 1, last_query_id),
    f("UUID_STRING", 0, 2, uuid),
    f("SYSTEM$TYPEOF", 1, 1, |c| {
        let ty = c.arg(0)?.ty;
        Ok(text(&format!("{}[{}]", ty.display(), storage(ty))))
    }),
    f("SYSTEM$VERSION", 0, 0, |_| Ok(text(env!("CARGO_PKG_VERSION")))),
];

/// How Snowflake stores a type, as SYSTEM$TYPEOF prints it.
fn storage(ty: Ty) -> &'static str {
    match ty {
        Ty::Number { p: 0..=2, .. } | Ty::Boolean => "SB1",
        Ty::Number { p: 3..=4, .. } => "SB2",
        Ty::Number { p: 5..=9, .. } | Ty::Date => "SB4",
        Ty::Number { p: 10..=18, .. } | Ty::Time { .. } => "SB8",
        Ty::Number { .. } | Ty::Ntz { .. } | Ty::Ltz { .. } | Ty::Tz { .. } => "SB16",
        Ty::Float => "DOUBLE",
        _ => "LOB",
    }
}

fn text(value: &str) -> Bound {
    Bound::text(value)
}

/// The statement's time.
fn now(c: &Call<'_>, ty: Ty) -> Bound {
    Bound { nullable: false, ..Bound::new(now_sql(c), ty) }
}

fn now_sql(c: &Call<'_>) -> String {
    format!("make_timestamp(CAST({} AS BIGINT))", c.env.now_us)
}

fn local_now(c: &Call<'_>) -> String {
    format!("sf_to_local({}, {})", now_sql(c), quote_text(&c.env.timezone))
}

/// A context value by the function's own name; NULL where there is none.
fn value(c: &Call<'_>) -> SfResult<Bound> {
    let found = c.env.get(c.name);
    Ok(if found.is_empty() { Bound::new("CAST(NULL AS VARCHAR)", Ty::TEXT) } else { text(found) })
}

/// The nth statement of the session; negative numbers count from the last one.
fn last_query_id(c: &Call<'_>) -> SfResult<Bound> {
    let ids: Vec<&str> = c.env.get("QUERY_IDS").split(',').filter(|i| !i.is_empty()).collect();
    let n = if c.args.is_empty() { -1 } else { c.constant_int(0).ok_or_else(|| c.bad_types())? };
    let at = if n < 0 { i64::try_from(ids.len()).unwrap_or(0) + n } else { n - 1 };
    let id = usize::try_from(at).ok().and_then(|i| ids.get(i));
    Ok(id.map_or_else(|| Bound::new("CAST(NULL AS VARCHAR)", Ty::TEXT), |id| text(id)))
}

/// Random, or made of a namespace and a name (version 5).
fn uuid(c: &Call<'_>) -> SfResult<Bound> {
    match c.args.len() {
        0 => Ok(Bound { nullable: false, ..Bound::new("CAST(uuid() AS VARCHAR)", Ty::text(36)) }),
        2 => Ok(c.out(format!("sf_uuid5({}, {})", c.text(0)?, c.text(1)?), Ty::text(36))),
        _ => Err(c.bad_types()),
    }
}
