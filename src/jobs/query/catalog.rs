//! What there is to write SQL about: databases, schemas, objects, columns. Read a database at a time: the columns of a
//! whole account take minutes.

use crate::domain::{CatalogColumn, CatalogDatabase, CatalogObject, QueryOutcome, SqlError};
use crate::jobs::ports::Warehouse;
use std::collections::BTreeMap;
use tokio_util::sync::CancellationToken;

/// Columns that are read of one database.
const COLUMNS: usize = 200_000;
/// Objects of a kind that are read of one database.
const OBJECTS: usize = 10_000;
/// What else has a name that SQL takes: as `SHOW … IN DATABASE` lists it, and what one is called.
const OTHERS: [(&str, &str); 5] =
    [("STAGES", "stage"), ("STREAMS", "stream"), ("TASKS", "task"), ("PIPES", "pipe"), ("PROCEDURES", "procedure")];

/// The databases that the session's role can see.
///
/// # Errors
/// The server's refusal.
pub async fn databases(session: &dyn Warehouse, cancel: &CancellationToken) -> Result<Vec<String>, SqlError> {
    let answer = session.query("SHOW DATABASES", Some(OBJECTS), cancel).await?;
    Ok(names(&answer))
}

/// One database. What a role may not see is not in it; a kind of object that the server refuses to list is left out.
///
/// # Errors
/// The server's refusal to tell of the columns.
pub async fn database(
    session: &dyn Warehouse,
    name: &str,
    cancel: &CancellationToken,
) -> Result<CatalogDatabase, SqlError> {
    let quoted = quoted(name);
    let sql = format!(
        "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, DATA_TYPE FROM {quoted}.INFORMATION_SCHEMA.COLUMNS \
         WHERE TABLE_SCHEMA <> 'INFORMATION_SCHEMA' ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION"
    );
    let columns = session.query(&sql, Some(COLUMNS), cancel).await?;
    let mut objects = tables(&columns);
    if let Ok(answer) = session.query(&format!("SHOW VIEWS IN DATABASE {quoted}"), Some(OBJECTS), cancel).await {
        for row in 0..answer.rows.len() {
            let place = (answer.cell(row, "schema_name"), answer.cell(row, "name"));
            let view = objects.iter_mut().find(|o| (Some(o.schema.as_str()), Some(o.name.as_str())) == place);
            if let Some(view) = view {
                view.kind = "view".into();
            }
        }
    }
    for (plural, kind) in OTHERS {
        let sql = format!("SHOW {plural} IN DATABASE {quoted}");
        if let Ok(answer) = session.query(&sql, Some(OBJECTS), cancel).await {
            objects.extend(others(&answer, kind));
        }
    }
    let shown = session.query(&format!("SHOW SCHEMAS IN DATABASE {quoted}"), Some(OBJECTS), cancel).await?;
    Ok(CatalogDatabase { name: name.to_owned(), schemas: names(&shown), objects })
}

fn names(answer: &QueryOutcome) -> Vec<String> {
    (0..answer.rows.len()).filter_map(|row| answer.cell(row, "name").map(str::to_owned)).collect()
}

fn others<'a>(answer: &'a QueryOutcome, kind: &'a str) -> impl Iterator<Item = CatalogObject> + 'a {
    (0..answer.rows.len()).filter_map(move |row| {
        let (schema, name) = (answer.cell(row, "schema_name")?, answer.cell(row, "name")?);
        Some(CatalogObject { schema: schema.to_owned(), name: name.to_owned(), kind: kind.to_owned(), columns: vec![] })
    })
}

/// Tables and views of rows `schema, table, column, type`.
fn tables(answer: &QueryOutcome) -> Vec<CatalogObject> {
    let mut found: BTreeMap<(&str, &str), Vec<CatalogColumn>> = BTreeMap::new();
    for row in &answer.rows {
        let [Some(schema), Some(table), Some(column), kind] = row.as_slice() else { continue };
        let column = CatalogColumn { name: column.clone(), kind: kind.clone().unwrap_or_default() };
        found.entry((schema, table)).or_default().push(column);
    }
    found
        .into_iter()
        .map(|((schema, name), columns)| CatalogObject {
            schema: schema.to_owned(),
            name: name.to_owned(),
            kind: "table".into(),
            columns,
        })
        .collect()
}

/// An identifier as a statement takes it whatever it holds.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_gathered_by_table() {
        let cell = |t: &str| Some(t.to_owned());
        let row = |t: &str, c: &str| vec![cell("S"), cell(t), cell(c), cell("TEXT")];
        let answer = QueryOutcome { rows: vec![row("B", "X"), row("A", "Y"), row("B", "Z")], ..Default::default() };
        let found = tables(&answer);
        assert_eq!(found.iter().map(|o| (o.name.as_str(), o.columns.len())).collect::<Vec<_>>(), [("A", 1), ("B", 2)]);
        assert_eq!(quoted("a\"b"), "\"a\"\"b\"");
    }
}
