//! A short name for a statement, for lists: the object that it makes, or the action and what it acts on.

use super::lexer::{Kind, Token, lex};

/// The title of a statement: `RAW_CUSTOMERS`, `COPY customers`, `USE ROLE CONVEX_ENGINEER` …
#[must_use]
pub fn title(sql: &str) -> String {
    let tokens: Vec<Token> =
        lex(sql).unwrap_or_default().into_iter().filter(|t| t.kind != Kind::Comment).take(60).collect();
    let Some(first) = tokens.first() else { return String::new() };
    let verb = first.text.to_ascii_uppercase();
    match verb.as_str() {
        "CREATE" => name_after_kind(&tokens, 1).unwrap_or(verb),
        "DROP" | "UNDROP" | "DESCRIBE" | "DESC" => with(&verb, name_after_kind(&tokens, 1)),
        "ALTER" => alter(&tokens),
        "COPY" => copy(&tokens),
        "INSERT" | "MERGE" | "TRUNCATE" => with(&verb, target(&tokens)),
        "DELETE" | "UPDATE" | "CALL" | "LIST" | "LS" | "REMOVE" => {
            let from = usize::from(tokens.get(1).is_some_and(|t| t.is("FROM"))) + 1;
            with(&verb, last_part(&tokens, from))
        }
        "EXECUTE" if tokens.get(1).is_some_and(|t| t.is("TASK")) => with("EXECUTE", last_part(&tokens, 2)),
        "GRANT" | "REVOKE" => grant(&tokens),
        "SELECT" => select(&tokens),
        "BEGIN" | "DECLARE" if tokens.len() > 2 => "BLOCK".into(),
        _ => words(&tokens, 4),
    }
}

fn with(verb: &str, name: Option<String>) -> String {
    name.map_or_else(|| verb.to_owned(), |name| format!("{verb} {name}"))
}

/// The first words as they are, `USE ROLE X`.
fn words(tokens: &[Token], count: usize) -> String {
    tokens.iter().take(count).map(|t| t.text).collect::<Vec<_>>().join(" ")
}

/// The last part of the dotted name that starts at `at`; a stage's `@` is left out.
fn last_part(tokens: &[Token], at: usize) -> Option<String> {
    let mut at = at + usize::from(tokens.get(at).is_some_and(|t| t.text == "@"));
    let mut name = tokens.get(at)?;
    while tokens.get(at + 1).is_some_and(|t| t.kind == Kind::Dot) {
        at += 2;
        name = tokens.get(at)?;
    }
    Some(name.text.trim_matches('"').to_owned())
}

/// The name after modifiers and the kind of object: `OR REPLACE FILE FORMAT IF NOT EXISTS x` gives `x`.
fn name_after_kind(tokens: &[Token], from: usize) -> Option<String> {
    const KINDS: [&str; 22] = [
        "TABLE",
        "VIEW",
        "SCHEMA",
        "DATABASE",
        "WAREHOUSE",
        "ROLE",
        "USER",
        "STAGE",
        "FORMAT",
        "STREAM",
        "TASK",
        "PIPE",
        "SEQUENCE",
        "PROCEDURE",
        "FUNCTION",
        "INTEGRATION",
        "ALERT",
        "TAG",
        "POLICY",
        "SHARE",
        "SECRET",
        "MONITOR",
    ];
    let kind = tokens.iter().skip(from).position(|t| t.is_any(&KINDS))? + from;
    let mut at = kind + 1;
    while tokens.get(at).is_some_and(|t| t.is_any(&["IF", "NOT", "EXISTS"])) {
        at += 1;
    }
    last_part(tokens, at)
}

/// `ALTER TASK t SUSPEND` gives `SUSPEND t`; other changes `ALTER t`.
fn alter(tokens: &[Token]) -> String {
    let name = name_after_kind(tokens, 1);
    match tokens.iter().find(|t| t.is_any(&["RESUME", "SUSPEND"])) {
        Some(action) => with(&action.text.to_ascii_uppercase(), name),
        None => with("ALTER", name.or_else(|| tokens.get(1).map(|t| t.text.to_owned()))),
    }
}

/// `COPY INTO s.RAW_CUSTOMERS` gives `COPY customers`.
fn copy(tokens: &[Token]) -> String {
    let name = last_part(tokens, 2).unwrap_or_default();
    let plain = name.strip_prefix("RAW_").unwrap_or(&name);
    format!("COPY {}", plain.to_lowercase())
}

/// The table after INTO, or TABLE for TRUNCATE.
fn target(tokens: &[Token]) -> Option<String> {
    let at = tokens.iter().position(|t| t.is_any(&["INTO", "TABLE"]))?;
    last_part(tokens, at + 1)
}

/// `GRANT SELECT ON ALL TABLES IN SCHEMA d.s TO ROLE r` gives `GRANT SELECT ON ALL TABLES IN SCHEMA s`.
fn grant(tokens: &[Token]) -> String {
    let end = tokens.iter().position(|t| t.is_any(&["TO", "FROM"]));
    let whole = tokens.get(1).is_some_and(|t| t.is("ROLE"));
    let end = if whole { tokens.len() } else { end.unwrap_or(tokens.len()) };
    let mut text = String::new();
    for (at, token) in tokens[..end].iter().enumerate() {
        let part_of_longer_name = tokens.get(at + 1).is_some_and(|t| t.kind == Kind::Dot);
        if token.kind == Kind::Dot || part_of_longer_name {
            continue;
        }
        if !text.is_empty() && token.text != "," {
            text.push(' ');
        }
        text.push_str(token.text);
    }
    text
}

/// A system function's name, else the first words.
fn select(tokens: &[Token]) -> String {
    match tokens.get(1) {
        Some(call) if call.text.to_ascii_uppercase().starts_with("SYSTEM$") => call.text[7..].to_owned(),
        _ => words(tokens, 4),
    }
}

#[cfg(test)]
mod tests {
    use super::title;

    #[test]
    fn names_the_object_or_the_action() {
        for (sql, expected) in [
            ("CREATE TABLE IF NOT EXISTS S.RAW_CUSTOMERS (A INT)", "RAW_CUSTOMERS"),
            ("create or replace transient table d.s.t as select 1", "t"),
            ("CREATE FILE FORMAT IF NOT EXISTS S.CSV TYPE = CSV", "CSV"),
            ("CREATE STORAGE INTEGRATION I TYPE = EXTERNAL_STAGE", "I"),
            ("CREATE OR REPLACE TASK C.T WAREHOUSE = W AS SELECT 1", "T"),
            ("CREATE USER IF NOT EXISTS U PASSWORD = 'x'", "U"),
            ("COPY INTO S.RAW_CUSTOMERS FROM @x", "COPY customers"),
            ("USE ROLE ACCOUNTADMIN", "USE ROLE ACCOUNTADMIN"),
            ("GRANT ROLE A TO ROLE B", "GRANT ROLE A TO ROLE B"),
            (
                "GRANT CREATE DATABASE, EXECUTE TASK ON ACCOUNT TO ROLE R",
                "GRANT CREATE DATABASE, EXECUTE TASK ON ACCOUNT",
            ),
            ("GRANT SELECT ON FUTURE TABLES IN SCHEMA D.S TO ROLE R", "GRANT SELECT ON FUTURE TABLES IN SCHEMA S"),
            ("ALTER TASK IF EXISTS C.T SUSPEND", "SUSPEND T"),
            ("ALTER SESSION SET X = 1", "ALTER SESSION"),
            ("LIST @S.S3_TRANSACTIONS", "LIST S3_TRANSACTIONS"),
            ("SELECT SYSTEM$TASK_DEPENDENTS_ENABLE('a.b.c')", "TASK_DEPENDENTS_ENABLE"),
            ("INSERT OVERWRITE INTO D.M SELECT 1", "INSERT M"),
            ("MERGE INTO D.M USING X ON TRUE", "MERGE M"),
            ("DROP VIEW IF EXISTS A.B", "DROP B"),
            ("BEGIN LET x := 1; END", "BLOCK"),
            ("BEGIN TRANSACTION", "BEGIN TRANSACTION"),
        ] {
            assert_eq!(title(sql), expected, "{sql}");
        }
    }
}
