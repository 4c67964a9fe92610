//! Did you mean …?

use super::catalog::{Catalog, used};
use super::complete::KEYWORDS;
use super::words::words;
use crate::app::Place;
use crate::domain::{SqlError, likeness};

/// The most that is suggested.
const MOST: usize = 3;

/// Names near the one that a refusal is about, the nearest first.
#[must_use]
pub fn suggest(error: &SqlError, sql: &str, catalog: &Catalog, place: &Place) -> Vec<String> {
    let Some(wrong) = named(&error.message) else { return Vec::new() };
    let last = wrong.rsplit('.').next().unwrap_or(&wrong).trim_matches('"').to_uppercase();
    let mut names: Vec<(String, String)> = Vec::new();
    match error.code.as_str() {
        "000904" => {
            for table in used(&words(sql)) {
                let columns = catalog.find(&table.path, place).next().map(|(_, o)| o.columns.as_slice());
                names.extend(columns.unwrap_or_default().iter().map(|c| (c.name.clone(), c.name.clone())));
            }
        }
        // A keyword that stands where none may is not mistyped.
        "001003" if KEYWORDS.iter().any(|k| k.split(' ').any(|k| k == last)) => {}
        "001003" => names.extend(KEYWORDS.iter().flat_map(|k| k.split(' ')).map(|k| (k.into(), k.into()))),
        _ => {
            for database in &catalog.databases {
                let objects = database.objects.iter().map(|o| (o.name.clone(), Catalog::written(database, o, place)));
                names.extend(objects);
                names.extend(database.schemas.iter().map(|s| (s.clone(), s.clone())));
            }
            names.extend(catalog.names.iter().map(|n| (n.clone(), n.clone())));
        }
    }
    nearest(&last, names)
}

/// What stands in quotes in the message: the name that it is about.
fn named(message: &str) -> Option<String> {
    let start = message.find('\'')? + 1;
    let end = start + message[start..].find('\'')?;
    Some(message[start..end].to_owned())
}

fn nearest(wrong: &str, names: Vec<(String, String)>) -> Vec<String> {
    // The same name elsewhere is the best hint.
    let mut near: Vec<(usize, String)> =
        names.into_iter().filter_map(|(name, text)| Some((likeness(wrong, &name)?, text))).collect();
    near.sort();
    near.dedup_by(|a, b| a.1 == b.1);
    near.into_iter().map(|(_, text)| text).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::super::complete::tests::{catalog, place};
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("002003", "Object 'RAW_CUSTOMER' does not exist or not authorized.", "", &["RAW_CUSTOMERS"])]
    #[case("002003", "Object 'CONVEX.STAGE.MART_SALES' does not exist.", "", &["MARTS.MART_SALES"])]
    #[case("000904", "invalid identifier 'LOYALTY_SCOR'", "SELECT loyalty_scor FROM raw_customers", &["LOYALTY_SCORE"])]
    #[case("001003", "syntax error line 1 at position 0 unexpected 'SELEC'.", "SELEC 1", &["SELECT"])]
    #[case("001003", "syntax error unexpected 'SELECT'.", "SELECT 1 SELECT", &[])]
    #[case("002003", "Object 'ZZZZ' does not exist", "", &[])]
    #[case("000904", "no name here", "", &[])]
    fn suggests(#[case] code: &str, #[case] message: &str, #[case] sql: &str, #[case] want: &[&str]) {
        let error = SqlError { code: code.into(), message: message.into(), ..SqlError::default() };
        assert_eq!(suggest(&error, sql, &catalog(), &place()), want);
    }
}
