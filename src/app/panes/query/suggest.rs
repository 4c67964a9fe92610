//! Did you mean …?

use super::catalog::{Catalog, used};
use super::complete::KEYWORDS;
use super::words::words;
use crate::app::Place;
use crate::domain::SqlError;

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
    // One letter in three may differ: beyond that it is another word. The same name elsewhere is the best hint.
    let most = (wrong.chars().count() / 3).max(1);
    let mut near: Vec<(usize, String)> =
        names.into_iter().map(|(name, text)| (distance(wrong, &name.to_uppercase()), text)).collect();
    near.retain(|(d, _)| *d <= most);
    near.sort();
    near.dedup_by(|a, b| a.1 == b.1);
    near.into_iter().map(|(_, text)| text).take(MOST).collect()
}

/// How many letters must be put in, left out or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = before + usize::from(x != *y);
            before = row[j + 1];
            row[j + 1] = change.min(before + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
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

    #[test]
    fn counts_letters() {
        assert_eq!((distance("abc", "abc"), distance("abc", "axc"), distance("", "ab")), (0, 1, 2));
    }
}
