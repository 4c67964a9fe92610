//! Names that are nearly right.

use super::super::lexer::{Kind, lex};

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

/// The name that is most like `name`: at most a quarter of its letters differ. Beyond that it is another word.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = name.to_ascii_uppercase().chars().collect();
    let most = (wanted.len() / 4).clamp(1, 3);
    let scored = known.map(|k| (distance(&wanted, &k.to_ascii_uppercase().chars().collect::<Vec<_>>()), k));
    scored.filter(|(d, k)| *d <= most && *d < k.len()).min_by_key(|(d, _)| *d).map(|(_, k)| k)
}

/// Letters to change, add, leave out or swap with their neighbour to make one of the other (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let differs = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (rows[i - 1][j] + 1).min(row[j - 1] + 1).min(rows[i - 1][j - 1] + differs);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(rows[i - 2][j - 2] + 1);
            }
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
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
