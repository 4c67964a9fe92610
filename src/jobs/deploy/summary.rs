//! An answer in one line.

use crate::domain::QueryOutcome;

/// An answer in one line: `Table T successfully created.`, `31 files, 742 rows loaded`, `64 rows inserted`, `31 rows`.
#[must_use]
pub fn summary(answer: &QueryOutcome) -> String {
    let number = |row: usize, column: &str| answer.cell(row, column).and_then(|c| c.parse::<i64>().ok()).unwrap_or(0);
    if answer.column("rows_loaded").is_some() && answer.column("file").is_some() {
        let loaded: i64 = (0..answer.rows.len()).map(|row| number(row, "rows_loaded")).sum();
        return format!("{} files, {loaded} rows loaded", answer.total.max(answer.rows.len() as u64));
    }
    if answer.columns.len() == 1 && answer.column("status").is_some() {
        return answer.cell(0, "status").unwrap_or_default().lines().next().unwrap_or_default().to_owned();
    }
    if answer.columns.first().is_some_and(|c| c.name.to_lowercase().starts_with("number of rows")) {
        let of = |verb: &str| -> i64 {
            let wanted = answer.columns.iter().filter(|c| c.name.to_lowercase().contains(verb));
            wanted.map(|c| number(0, &c.name)).sum()
        };
        let parts =
            [("inserted", of("rows inserted")), ("updated", of("rows updated")), ("deleted", of("rows deleted"))];
        let told: Vec<String> =
            parts.iter().filter(|(_, n)| *n > 0).map(|(verb, n)| format!("{n} rows {verb}")).collect();
        return if told.is_empty() { "no rows changed".into() } else { told.join(", ") };
    }
    match answer.total.max(answer.rows.len() as u64) {
        1 => "1 row".into(),
        n => format!("{n} rows"),
    }
}
