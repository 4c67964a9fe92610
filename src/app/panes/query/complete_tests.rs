//! Completion against a small catalog.

use super::*;
use crate::domain::{CatalogColumn, CatalogDatabase, CatalogObject};
use proptest::prelude::*;
use rstest::rstest;

pub fn catalog() -> Catalog {
    let object = |schema: &str, name: &str, kind: &str, columns: &[&str]| CatalogObject {
        schema: schema.into(),
        name: name.into(),
        kind: kind.into(),
        columns: columns.iter().map(|c| CatalogColumn { name: (*c).into(), kind: "TEXT".into() }).collect(),
    };
    let database = CatalogDatabase {
        name: "CONVEX".into(),
        schemas: vec!["STAGE".into(), "MARTS".into()],
        objects: vec![
            object("STAGE", "RAW_CUSTOMERS", "table", &["CUSTOMER_ID", "LOYALTY_SCORE", "odd name"]),
            object("STAGE", "RAW_STREAM", "stream", &[]),
            object("MARTS", "MART_SALES", "view", &["DAY", "AMOUNT"]),
        ],
    };
    Catalog { asked: true, names: vec!["CONVEX".into(), "OTHER".into()], databases: vec![database], left: vec![] }
}

pub fn place() -> Place {
    Place { database: "CONVEX".into(), schema: "STAGE".into(), ..Place::default() }
}

/// Offers at the `|`.
fn offers(text: &str) -> Vec<String> {
    let at = text.find('|').unwrap();
    let sql = text.replace('|', "");
    complete(&sql, at, &catalog(), &place(), false)
        .map(|c| c.offers.into_iter().map(|o| o.text).collect())
        .unwrap_or_default()
}

#[rstest]
#[case("SELECT * FROM ra|", &["raw_customers", "raw_stream"])]
#[case("SELECT * FROM MART|", &["MARTS.MART_SALES", "MARTS"])]
#[case("SELECT * FROM marts.|", &["MART_SALES"])]
#[case("SELECT * FROM convex.|", &["STAGE", "MARTS"])]
#[case("SELECT * FROM convex.marts.m|", &["mart_sales"])]
#[case("SELECT c.| FROM raw_customers c", &["CUSTOMER_ID", "LOYALTY_SCORE", "\"odd name\""])]
#[case("SELECT LOYAL| FROM raw_customers", &["LOYALTY_SCORE"])]
#[case("SELECT a.DA|, b.x FROM raw_customers AS b, marts.mart_sales a", &["DAY"])]
#[case("SELECT 'ra|", &[])]
#[case("SELECT 1 -- ra|", &[])]
#[case("sel|", &["select"])]
#[case("SELECT s| ", &[])]
#[case("SELECT * FROM raw_stream|", &[])]
fn offers_what_fits(#[case] text: &str, #[case] want: &[&str]) {
    assert_eq!(offers(text), want);
}

#[test]
fn a_table_that_is_named_later_gives_its_columns() {
    let found = offers("SELECT amo| FROM MARTS.MART_SALES WHERE 1 = 1");
    assert_eq!(found.first().map(String::as_str), Some("amount"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn any_text_at_any_place(text in "[-a-z.'\"/*$,é \n()]{0,30}", at in 0_usize..40) {
        if let Some(found) = complete(&text, at, &catalog(), &place(), true) {
            prop_assert!(found.start <= at && text.is_char_boundary(found.start));
            prop_assert!(!found.offers.is_empty());
        }
    }
}
