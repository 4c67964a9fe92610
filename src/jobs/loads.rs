//! What has been loaded from which object: the loads of the pipeline's raw tables, as Snowflake remembers them and as the
//! pipeline has noted them, with the rows that it keeps aside.

use super::deploy::Manifest;
use super::ports::Warehouse;
use crate::domain::{Load, QueryOutcome, Rejects, SqlError};
use std::collections::{HashMap, HashSet};
use tokio_util::sync::CancellationToken;

/// How far back COPY_HISTORY looks, in days.
const DAYS: u32 = 14;
/// Loads that are read of one table, the newest.
const MOST: usize = 20_000;

/// The newest loads of all raw tables, the oldest first. A table that is not there yet has none.
///
/// # Errors
/// The server's refusal.
pub async fn loads(
    session: &dyn Warehouse,
    manifest: &Manifest,
    bucket: &str,
    cancel: &CancellationToken,
) -> Result<Vec<Load>, SqlError> {
    let mut all = Vec::new();
    for source in &manifest.sources {
        match session.query(&statement(&manifest.database, &source.table), Some(MOST), cancel).await {
            Ok(answer) => {
                let rows = 0..answer.rows.len();
                all.extend(rows.filter_map(|row| read(&answer, row, &source.table, bucket)));
            }
            Err(error) if error.is_out_of_sight() => {}
            Err(error) => return Err(error),
        }
    }
    let Some(explain) = manifest.explain.as_ref().filter(|e| e.loads.is_some() || e.rejects.is_some()) else {
        all.sort_by_key(|load: &Load| load.at_ms);
        return Ok(all);
    };
    // The manifest's queries name tables by schema, as its others do.
    told(session, Some(&format!("USE DATABASE {}", manifest.database)), cancel).await?;
    if let Some(noted) = told(session, explain.loads.as_deref(), cancel).await? {
        let rows = 0..noted.rows.len();
        add_noted(&mut all, rows.filter_map(|row| noted_load(&noted, row)));
    }
    all.sort_by_key(|load: &Load| load.at_ms);
    if let Some(kept) = told(session, explain.rejects.as_deref(), cancel).await? {
        keep(&mut all, &kept);
    }
    Ok(all)
}

/// What one of the manifest's queries says; nothing where there is none, or before its tables are there.
async fn told(
    session: &dyn Warehouse,
    sql: Option<&str>,
    cancel: &CancellationToken,
) -> Result<Option<QueryOutcome>, SqlError> {
    let Some(sql) = sql else { return Ok(None) };
    match session.query(sql, Some(MOST), cancel).await {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.is_out_of_sight() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Adds what the pipeline has noted and Snowflake does not remember any more.
fn add_noted(all: &mut Vec<Load>, noted: impl Iterator<Item = Load>) {
    let known: HashSet<(String, i64)> = all.iter().map(|l| (l.key.clone(), l.at_ms)).collect();
    all.extend(noted.filter(|l| !known.contains(&(l.key.clone(), l.at_ms))));
}

fn noted_load(answer: &QueryOutcome, row: usize) -> Option<Load> {
    let cell = |column: usize| answer.rows.get(row)?.get(column)?.as_deref().filter(|c| !c.is_empty());
    let number = |column: usize| cell(column).and_then(|n| n.split('.').next()?.parse().ok()).unwrap_or(0);
    Some(Load {
        key: cell(0)?.to_owned(),
        table: cell(1).unwrap_or_default().to_owned(),
        pipe: cell(2).map(str::to_owned),
        status: cell(3).unwrap_or_default().to_owned(),
        parsed: number(4),
        loaded: number(5),
        errors: number(6),
        first_error: cell(7).map(str::to_owned),
        first_line: cell(8).and_then(|n| n.parse().ok()),
        at_ms: cell(9).and_then(|n| n.split('.').next()?.parse().ok())?,
        rejects: Vec::new(),
    })
}

/// Puts kept rows to their delivery: the one of their time, or the file's newest where that is not noted yet. `all` is in the
/// order of time.
fn keep(all: &mut [Load], kept: &QueryOutcome) {
    let mut deliveries: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, load) in all.iter().enumerate() {
        deliveries.entry(load.key.clone()).or_default().push(at);
    }
    for row in &kept.rows {
        let cell = |column: usize| row.get(column).and_then(Option::as_deref);
        let number = |column: usize| cell(column).and_then(|n| n.split('.').next()?.parse::<i64>().ok());
        let at_ms = number(1);
        let of_file = cell(0).and_then(|key| deliveries.get(key)).map_or(&[][..], Vec::as_slice);
        let meant = |at: &&usize| all.get(**at).is_some_and(|load| at_ms.is_none_or(|ms| ms == load.at_ms));
        let Some(load) = of_file.iter().rev().find(meant).copied().and_then(|at| all.get_mut(at)) else { continue };
        load.rejects.push(Rejects {
            kind: cell(2).unwrap_or_default().to_owned(),
            rows: number(3).and_then(|n| n.try_into().ok()).unwrap_or(0),
            first_row: number(4).and_then(|n| n.try_into().ok()),
            reason: cell(5).unwrap_or_default().to_owned(),
        });
    }
}

fn statement(database: &str, table: &str) -> String {
    format!(
        "SELECT STAGE_LOCATION, FILE_NAME, STATUS, ROW_PARSED, ROW_COUNT, ERROR_COUNT, FIRST_ERROR_MESSAGE, \
         FIRST_ERROR_LINE_NUMBER, PIPE_NAME, DATE_PART(EPOCH_MILLISECOND, LAST_LOAD_TIME) AS LOADED_MS \
         FROM TABLE({database}.INFORMATION_SCHEMA.COPY_HISTORY(TABLE_NAME => '{database}.{table}', \
         START_TIME => DATEADD(DAY, -{DAYS}, CURRENT_TIMESTAMP()))) ORDER BY LAST_LOAD_TIME DESC LIMIT {MOST}"
    )
}

fn read(answer: &QueryOutcome, row: usize, table: &str, bucket: &str) -> Option<Load> {
    let cell = |name: &str| answer.cell(row, name);
    let number = |name: &str| cell(name).and_then(|n| n.parse().ok()).unwrap_or(0);
    Some(Load {
        key: key(cell("STAGE_LOCATION").unwrap_or_default(), cell("FILE_NAME")?, bucket)?,
        table: table.to_owned(),
        pipe: cell("PIPE_NAME").filter(|p| !p.is_empty()).map(str::to_owned),
        status: cell("STATUS").unwrap_or_default().to_owned(),
        parsed: number("ROW_PARSED"),
        loaded: number("ROW_COUNT"),
        errors: number("ERROR_COUNT"),
        first_error: cell("FIRST_ERROR_MESSAGE").filter(|m| !m.is_empty()).map(str::to_owned),
        first_line: cell("FIRST_ERROR_LINE_NUMBER").and_then(|n| n.parse().ok()),
        at_ms: cell("LOADED_MS").and_then(|n| n.parse().ok()).unwrap_or(0),
        rejects: Vec::new(),
    })
}

/// The object's key: the stage's place in the bucket, and the file's name below it. `None` for another bucket's.
fn key(location: &str, file: &str, bucket: &str) -> Option<String> {
    let whole = if file.starts_with("s3://") {
        file.to_owned()
    } else if location.ends_with('/') || location.is_empty() {
        format!("{location}{file}")
    } else {
        format!("{location}/{file}")
    };
    match whole.strip_prefix("s3://") {
        Some(rest) => {
            let (of, key) = rest.split_once('/')?;
            // Some versions name the file from the bucket's root, others from the stage's place.
            let below = location.strip_prefix("s3://").and_then(|l| l.split_once('/')).map_or("", |(_, p)| p);
            let doubled = (!below.is_empty()).then(|| key.strip_prefix(below)?.strip_prefix(below)).flatten();
            let key = doubled.map_or_else(|| key.to_owned(), |rest| format!("{below}{rest}"));
            (of == bucket).then_some(key)
        }
        None => Some(file.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(rows: &[&[&str]]) -> QueryOutcome {
        let cell = |c: &&str| (!c.is_empty()).then(|| (*c).to_owned());
        QueryOutcome { rows: rows.iter().map(|r| r.iter().map(cell).collect()).collect(), ..QueryOutcome::default() }
    }

    #[test]
    fn what_the_pipeline_noted_is_added_once_and_kept_rows_find_their_delivery() {
        let load = |at_ms| Load { key: "t/a.json".into(), at_ms, ..Load::default() };
        let mut all = vec![load(200), load(300)];
        let noted = answer(&[
            &["t/a.json", "S.RAW", "", "Loaded", "5", "5", "0", "", "", "200"],
            &["t/a.json", "S.RAW", "P", "Partially loaded", "5", "4", "1", "no", "2", "100"],
        ]);
        let rows = 0..noted.rows.len();
        add_noted(&mut all, rows.filter_map(|row| noted_load(&noted, row)));
        all.sort_by_key(|l| l.at_ms);
        assert_eq!(all.iter().map(|l| l.at_ms).collect::<Vec<_>>(), [100, 200, 300]);
        assert_eq!((all[0].pipe.as_deref(), all[0].errors, all[0].first_line), (Some("P"), 1, Some(2)));
        let kept = answer(&[
            &["t/a.json", "200", "malformed", "2", "7", "malformed: line"],
            &["t/a.json", "", "bad_value", "1", "1", "bad_value: price"],
            &["t/other.json", "200", "null", "1", "1", "null: x"],
        ]);
        keep(&mut all, &kept);
        let rejects = |i: usize| all[i].rejects.iter().map(|r| (r.kind.as_str(), r.rows)).collect::<Vec<_>>();
        assert_eq!((rejects(0), rejects(1), rejects(2)), (vec![], vec![("malformed", 2)], vec![("bad_value", 1)]));
        assert!(!Load { status: "Loaded".into(), ..all[1].clone() }.is_clean());
    }

    #[test]
    fn keys_are_put_together_from_place_and_name() {
        let found = |location, file| key(location, file, "b");
        assert_eq!(found("s3://b/", "x/y.csv").as_deref(), Some("x/y.csv"));
        assert_eq!(found("s3://b/x", "y.csv").as_deref(), Some("x/y.csv"));
        assert_eq!(found("s3://b/x/", "x/y.csv").as_deref(), Some("x/y.csv"));
        assert_eq!(found("", "s3://b/y.csv").as_deref(), Some("y.csv"));
        assert_eq!(found("@stage", "y.csv").as_deref(), Some("y.csv"));
        assert_eq!(found("s3://other/", "y.csv"), None);
    }
}
