//! SQL in colours.

use crate::ui::{Look, text};
use ratatui::text::Span;

/// Words that are set off.
const KEYWORDS: &[&str] = &[
    "ACCOUNT",
    "AFTER",
    "ALL",
    "ALTER",
    "AND",
    "AS",
    "ASC",
    "BEGIN",
    "BETWEEN",
    "BY",
    "CALL",
    "CASE",
    "CAST",
    "CLUSTER",
    "COMMENT",
    "COMMIT",
    "COPY",
    "CREATE",
    "CROSS",
    "DATABASE",
    "DELETE",
    "DESC",
    "DESCRIBE",
    "DISTINCT",
    "DROP",
    "ELSE",
    "END",
    "EXECUTE",
    "EXISTS",
    "FALSE",
    "FILE",
    "FINALIZE",
    "FIRST",
    "FLATTEN",
    "FOR",
    "FORMAT",
    "FROM",
    "FULL",
    "FUNCTION",
    "FUTURE",
    "GRANT",
    "GROUP",
    "HAVING",
    "IF",
    "IMMEDIATE",
    "IN",
    "INNER",
    "INSERT",
    "INTEGRATION",
    "INTO",
    "IS",
    "JOIN",
    "LATERAL",
    "LEFT",
    "LIKE",
    "LIMIT",
    "LIST",
    "MATCHED",
    "MERGE",
    "NOT",
    "NULL",
    "ON",
    "OR",
    "ORDER",
    "OUTER",
    "OVER",
    "PARTITION",
    "PIPE",
    "PRIVILEGES",
    "PROCEDURE",
    "QUALIFY",
    "REPLACE",
    "RESUME",
    "REVOKE",
    "RIGHT",
    "ROLE",
    "ROLLBACK",
    "SCHEDULE",
    "SCHEMA",
    "SCHEMAS",
    "SELECT",
    "SEQUENCE",
    "SET",
    "SHOW",
    "STAGE",
    "STREAM",
    "SUSPEND",
    "TABLE",
    "TABLES",
    "TASK",
    "TASKS",
    "THEN",
    "TO",
    "TRANSACTION",
    "TRUE",
    "TRUNCATE",
    "TYPE",
    "UNION",
    "UPDATE",
    "USAGE",
    "USE",
    "USER",
    "USING",
    "VALUES",
    "VIEW",
    "VIEWS",
    "WAREHOUSE",
    "WHEN",
    "WHERE",
    "WITH",
];

/// What runs on from one line to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Inside {
    #[default]
    Code,
    Comment,
    Text,
}

/// The lines of `sql` in colours, cleaned.
#[must_use]
pub fn highlight(sql: &str, look: &Look) -> Vec<Vec<Span<'static>>> {
    let mut inside = Inside::Code;
    sql.split('\n').map(|line| one(line.trim_end_matches('\r'), &mut inside, look)).collect()
}

fn one(line: &str, inside: &mut Inside, look: &Look) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let (part, style) = match *inside {
            Inside::Comment => (until(rest, "*/", inside), look.theme.comment),
            Inside::Text => (until(rest, "'", inside), look.theme.string),
            Inside::Code if rest.starts_with("--") || rest.starts_with("//") => (rest, look.theme.comment),
            Inside::Code => code(rest, inside, look),
        };
        spans.push(Span::styled(text::clean(part).replace('\t', "  "), style));
        rest = &rest[part.len()..];
    }
    spans
}

/// Up to and with `end`, where it is on this line; then it is code again.
fn until<'a>(rest: &'a str, end: &str, inside: &mut Inside) -> &'a str {
    match rest.find(end) {
        Some(at) => {
            *inside = Inside::Code;
            &rest[..at + end.len()]
        }
        None => rest,
    }
}

fn code<'a>(rest: &'a str, inside: &mut Inside, look: &Look) -> (&'a str, ratatui::style::Style) {
    for (start, kind, style) in [
        ("/*", Inside::Comment, look.theme.comment),
        ("'", Inside::Text, look.theme.string),
        // What stands between them is, as a rule, the body of a block or a procedure: code like any other.
        ("$$", Inside::Code, look.theme.muted),
    ] {
        if rest.starts_with(start) {
            *inside = kind;
            return (&rest[..start.len()], style);
        }
    }
    let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    if word > 0 {
        let part = &rest[..word];
        let is_keyword = KEYWORDS.binary_search(&part.to_ascii_uppercase().as_str()).is_ok();
        let style = if is_keyword { look.theme.keyword } else { look.theme.text };
        return (part, style);
    }
    let stop = rest.char_indices().skip(1).find(|(_, c)| c.is_alphanumeric() || "_'/-$".contains(*c));
    (&rest[..stop.map_or(rest.len(), |(at, _)| at)], look.theme.text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Settings;
    use crate::ui::Colours;

    #[test]
    fn keywords_are_sorted_for_the_search() {
        assert!(KEYWORDS.is_sorted());
    }

    #[test]
    fn every_character_is_kept_once() {
        let look = Look::new(Settings::default(), Colours::True);
        let sql = "SELECT 'a''b' /* x\ny */ FROM t -- c\nWHERE a-b/c = $$x;\ny$$ AND é = 1";
        let text: Vec<String> =
            highlight(sql, &look).iter().map(|l| l.iter().map(|s| s.content.as_ref()).collect()).collect();
        assert_eq!(text.join("\n"), sql);
    }
}
