//! Numbers for slides, by name.

use crate::app::Model;

/// A number as a script names it, `what: label`: its value, where it is known, and its label. What can be named:
/// `objects`, `bytes`, `customers`, `products`, `transactions`, `lines`, `statements`, `tasks`, `marts`, `layers`,
/// `seconds` (of the last run of the tree, in tenths), `rejected`, or any table's bare name for its rows.
#[must_use]
pub fn number(model: &Model, named: &str) -> (Option<i64>, String) {
    let (what, label) = named.split_once(':').unwrap_or((named, named));
    (value(model, what.trim()), label.trim().to_owned())
}

fn value(model: &Model, what: &str) -> Option<i64> {
    let made = model.overview.files;
    let number = |n: u64| i64::try_from(n).ok();
    let count = |n: usize| i64::try_from(n).ok();
    match what {
        "objects" => number(model.counts.as_ref()?.prefixes.iter().map(|p| p.objects).sum()),
        "bytes" => number(model.counts.as_ref()?.prefixes.iter().map(|p| p.bytes).sum()),
        "customers" => number(made?.customers),
        "products" => number(made?.products),
        "transactions" => number(made?.transactions),
        "lines" => number(made?.lines),
        "statements" => count(model.deploy.totals().1),
        "tasks" => count(model.tasks.nodes.len()),
        "marts" => count(model.link.info()?.marts.len()),
        "layers" => count(model.marts.checks.iter().filter(|c| c.ok).count()),
        "rejected" => crate::app::picture::rejected(model),
        "seconds" => Some(model.tasks.summaries().first()?.millis? / 1_000),
        table => {
            let tables = &model.counts.as_ref()?.tables;
            tables.iter().find(|t| t.table.eq_ignore_ascii_case(table)).map(|t| t.rows)
        }
    }
}
