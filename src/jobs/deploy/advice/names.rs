//! Names that are nearly right.

use super::super::lexer::{Kind, lex};
use crate::domain::likeness;

/// Keywords and types that statements are made of, as far as a mistyped one is worth a guess.
pub(super) const KEYWORDS: [&str; 76] = [
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP",
    "ORDER",
    "HAVING",
    "QUALIFY",
    "INSERT",
    "INTO",
    "VALUES",
    "UPDATE",
    "DELETE",
    "MERGE",
    "USING",
    "MATCHED",
    "CREATE",
    "REPLACE",
    "TABLE",
    "VIEW",
    "STREAM",
    "TASK",
    "STAGE",
    "SCHEMA",
    "DATABASE",
    "WAREHOUSE",
    "PROCEDURE",
    "FUNCTION",
    "RETURNS",
    "LANGUAGE",
    "BEGIN",
    "DECLARE",
    "EXCEPTION",
    "END",
    "GRANT",
    "REVOKE",
    "USAGE",
    "ROLE",
    "ALTER",
    "DROP",
    "COPY",
    "PATTERN",
    "FORMAT",
    "COMMENT",
    "EXISTS",
    "DISTINCT",
    "UNION",
    "INNER",
    "OUTER",
    "LATERAL",
    "FLATTEN",
    "PARTITION",
    "WINDOW",
    "BETWEEN",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "SCHEDULE",
    "AFTER",
    "EXECUTE",
    "IMMEDIATE",
    "TRUNCATE",
    "RESUME",
    "SUSPEND",
    "NUMBER",
    "VARCHAR",
    "BOOLEAN",
    "INTEGER",
    "FLOAT",
    "DATE",
    "TIMESTAMP_NTZ",
    "TIMESTAMP_LTZ",
    "TIMESTAMP_TZ",
    "VARIANT",
    "BINARY",
    "STRING",
];

/// The words of a text and where they begin, in bytes; none where a quote stays open.
pub(super) fn words_of(sql: &str) -> impl Iterator<Item = (usize, &str)> {
    let tokens = lex(sql).unwrap_or_default();
    tokens.into_iter().filter_map(|token| match token.kind {
        Kind::Word => Some((token.start, token.text)),
        Kind::Other if token.text.starts_with('"') => Some((token.start, token.text.trim_matches('"'))),
        _ => None,
    })
}

/// The name that is most like `name`, if it is meant at all.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known.filter_map(|k| Some((likeness(name, k)?, k))).min_by_key(|(d, _)| *d).map(|(_, k)| k)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearly_right_names_are_found_and_others_are_not() {
        let known = || ["RAW_CUSTOMERS", "RAW_PRODUCTS", "HUB"].into_iter();
        assert_eq!(nearest("raw_custmoers", known()), Some("RAW_CUSTOMERS"));
        assert_eq!(nearest("RAW_PRODUCT", known()), Some("RAW_PRODUCTS"));
        assert_eq!(nearest("HBU", known()), Some("HUB"));
        assert_eq!(nearest("MART_DAILY", known()), None);
        assert_eq!(nearest("FILE_NAME", ["TABLE_NAME"].into_iter()), None);
        assert_eq!(nearest("SELCT", KEYWORDS.iter().copied()), Some("SELECT"));
    }
}
