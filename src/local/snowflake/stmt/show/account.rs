//! SHOW WAREHOUSES and TRANSACTIONS.

use super::scope::{Rows, ShowScope, fields, text, time, yes};
use crate::local::snowflake::catalog::{Body, Kind};
use crate::local::snowflake::error::SfResult;
use crate::local::snowflake::session::Cx;

/// SHOW WAREHOUSES.
pub fn warehouses(cx: &mut Cx<'_>, scope: &ShowScope) -> SfResult<Rows> {
    let names = [
        "name",
        "state",
        "type",
        "size",
        "min_cluster_count:n",
        "max_cluster_count:n",
        "started_clusters:n",
        "running:n",
        "queued:n",
        "is_default",
        "is_current",
        "auto_suspend:n",
        "auto_resume",
        "available",
        "provisioning",
        "quiescing",
        "other",
        "created_on:t",
        "resumed_on:t",
        "updated_on:t",
        "owner",
        "comment",
        "enable_query_acceleration",
        "query_acceleration_max_scale_factor:n",
        "resource_monitor",
        "actives:n",
        "pendings:n",
        "failed:n",
        "suspended:n",
        "uuid",
        "scaling_policy",
        "owner_role_type",
        "resource_constraint",
        "generation",
        "query_throughput_multiplier",
        "max_query_performance_level",
        "disabled_reasons",
        "tables",
    ];
    let catalog = cx.catalog();
    let default = catalog.get(Kind::User, &[&cx.s.user]).and_then(|u| match &u.body {
        Body::User(u) => u.default_warehouse.clone(),
        _ => None,
    });
    let mut rows = Vec::new();
    for o in scope.objects(cx, Kind::Warehouse)? {
        let Body::Warehouse(w) = &o.body else { continue };
        let option = |key: &str, otherwise: &str| w.options.get(key).cloned().unwrap_or_else(|| otherwise.to_owned());
        let lower = |key: &str, otherwise: &str| text(option(key, otherwise).to_ascii_lowercase());
        rows.push(vec![
            text(o.bare()),
            text(if w.suspended { "SUSPENDED" } else { "STARTED" }),
            text(option("WAREHOUSE_TYPE", "STANDARD").to_ascii_uppercase()),
            text(&w.size),
            text(option("MIN_CLUSTER_COUNT", "1")),
            text(option("MAX_CLUSTER_COUNT", "1")),
            text(if w.suspended { "0" } else { "1" }),
            text("0"),
            text("0"),
            yes(default.as_deref() == Some(o.bare())),
            yes(cx.s.warehouse.as_deref() == Some(o.bare())),
            text(option("AUTO_SUSPEND", "600")).filter(|v| v != "NULL" && v != "null"),
            lower("AUTO_RESUME", "true"),
            text(if w.suspended { "" } else { "100" }),
            text(""),
            text(""),
            text(""),
            time(o.created_ms),
            time(o.created_ms),
            time(o.created_ms),
            text(&o.owner),
            text(&o.comment),
            lower("ENABLE_QUERY_ACCELERATION", "false"),
            text(option("QUERY_ACCELERATION_MAX_SCALE_FACTOR", "8")),
            text(option("RESOURCE_MONITOR", "null")),
            text("0"),
            text("0"),
            text("0"),
            text(if w.suspended { "1" } else { "0" }),
            text(o.id.to_string()),
            text(option("SCALING_POLICY", "STANDARD").to_ascii_uppercase()),
            text("ROLE"),
            None,
            None,
            None,
            None,
            None,
            None,
        ]);
    }
    Ok((fields(&names), rows))
}

/// SHOW TRANSACTIONS: the session's own.
pub fn transactions(cx: &mut Cx<'_>, _: &ShowScope) -> SfResult<Rows> {
    let names = ["id:n", "user", "session:n", "name", "started_on:t", "state", "scope:n"];
    let open = cx.s.tx.as_ref().is_some_and(|t| t.explicit);
    let rows = if open {
        vec![vec![text("1"), text(&cx.s.user), None, text(""), time(cx.q.now_us / 1000), text("running"), text("0")]]
    } else {
        Vec::new()
    };
    Ok((fields(&names), rows))
}

/// SHOW LOCKS: those that the session's transaction holds on tables.
pub fn locks(cx: &mut Cx<'_>, _: &ShowScope) -> SfResult<Rows> {
    let names =
        ["resource", "type", "transaction:n", "transaction_started_on:t", "status", "acquired_on:t", "query_id"];
    let now = time(cx.q.now_us / 1000);
    let catalog = cx.catalog();
    let Some(tx) = &cx.s.tx else { return Ok((fields(&names), Vec::new())) };
    let rows = catalog
        .of_kind(Kind::Table)
        .filter(|o| o.table().is_some_and(|t| tx.held.has(t.store)))
        .map(|o| {
            vec![
                text(crate::local::snowflake::catalog::quote_name(&o.name)),
                text("PARTITIONS"),
                text("1"),
                now.clone(),
                text("HOLDING"),
                now.clone(),
                text(""),
            ]
        })
        .collect();
    Ok((fields(&names), rows))
}
