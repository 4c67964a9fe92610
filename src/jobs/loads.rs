//! What has been loaded from which object: the loads of the pipeline's raw tables, as Snowflake remembers them.

use super::deploy::Manifest;
use super::ports::Warehouse;
use crate::domain::{Load, QueryOutcome, SqlError};
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
            Err(error) if matches!(error.code.as_str(), "002003" | "002043" | "003001") => {}
            Err(error) => return Err(error),
        }
    }
    all.sort_by_key(|load: &Load| load.at_ms);
    Ok(all)
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
    use super::key;

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
