//! What an undo takes away: the rows of the tables that it drops.

use super::plan::Deployment;
use crate::domain::Plan;
use crate::jobs::ports::Warehouses;
use crate::jobs::{Context, JobError};
use std::collections::BTreeMap;

/// Rows by table, `SCHEMA.TABLE`.
type Rows = BTreeMap<String, u64>;

/// How many rows each statement takes away, by its place in the plan. Statements that drop no table, or one that is not there,
/// are left out. Needs no warehouse.
///
/// # Errors
/// A service that cannot be reached, the server's refusal. Where nothing is deployed there is nothing to lose.
pub async fn losses(
    ctx: &Context,
    warehouses: &dyn Warehouses,
    deployment: &Deployment,
) -> Result<BTreeMap<(usize, usize), u64>, JobError> {
    let session = match warehouses.connect(Some(deployment.owner().0)).await {
        Ok(session) => session,
        Err(error) if error.code.is_empty() => return Err(error.into()),
        // Without its role nothing of it is there.
        Err(_) => return Ok(BTreeMap::new()),
    };
    let sql = format!("SHOW TABLES IN DATABASE {}", deployment.database());
    let answer = session.query(&sql, None, &ctx.cancel).await;
    session.close().await;
    let answer = match answer {
        Err(error) if error.is_out_of_sight() => return Ok(BTreeMap::new()),
        answer => answer?,
    };
    let rows = (0..answer.rows.len()).filter_map(|row| {
        let name = format!("{}.{}", answer.cell(row, "schema_name")?, answer.cell(row, "name")?);
        Some((name.to_uppercase(), answer.cell(row, "rows")?.parse().ok()?))
    });
    Ok(of(deployment.plan(), deployment.database(), &rows.collect()))
}

fn of(plan: &Plan, database: &str, rows: &Rows) -> BTreeMap<(usize, usize), u64> {
    plan.steps().filter_map(|(i, j, step)| Some(((i, j), dropped(&step.sql, database, rows)?))).collect()
}

/// What a statement drops; a schema or a database takes its tables along.
fn dropped(sql: &str, database: &str, rows: &Rows) -> Option<u64> {
    let mut words = sql.split_whitespace().map(str::to_uppercase).filter(|w| w != "IF" && w != "EXISTS");
    if words.next()? != "DROP" {
        return None;
    }
    let (kind, name) = (words.next()?, words.next()?);
    let database = database.to_uppercase();
    let name = name.trim_end_matches(';');
    let below = name.strip_prefix(&format!("{database}.")).unwrap_or(name);
    match kind.as_str() {
        "TABLE" => rows.get(below).copied(),
        "SCHEMA" => Some(rows.iter().filter(|(t, _)| t.split('.').next() == Some(below)).map(|(_, n)| n).sum()),
        "DATABASE" if name == database => Some(rows.values().sum()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_schemas_and_the_database_are_told_with_their_rows() {
        let rows: Rows = [("S.A", 5), ("S.B", 7), ("OTHER.C", 1)].map(|(t, n)| (t.to_owned(), n)).into();
        let lost = |sql: &str| dropped(sql, "D", &rows);
        assert_eq!(lost("DROP TABLE IF EXISTS S.A"), Some(5));
        assert_eq!(lost("drop table d.s.b;"), Some(7));
        assert_eq!(lost("DROP TABLE IF EXISTS S.NOT_THERE"), None);
        assert_eq!(lost("DROP SCHEMA S"), Some(12));
        assert_eq!(lost("DROP DATABASE IF EXISTS D"), Some(13));
        assert_eq!(lost("DROP DATABASE IF EXISTS E"), None);
        assert_eq!(lost("DROP VIEW S.A"), None);
        assert_eq!(lost("USE ROLE R"), None);
    }
}
