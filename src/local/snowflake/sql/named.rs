//! `IDENTIFIER($v)` and `IDENTIFIER(:v)` in statements whose own parsers read tokens.

use super::super::error::{SfError, SfResult};
use super::{offset_of, tokenize};
use sqlparser::tokenizer::{Token, TokenWithSpan};
use std::borrow::Cow;

/// Statements that are read token by token, and DML, whose targets are.
const VERBS: &[&str] = &[
    "ALTER", "COPY", "CREATE", "DELETE", "DESC", "DESCRIBE", "DROP", "EXPLAIN", "GRANT", "INSERT", "LIST", "LS",
    "MERGE", "REMOVE", "REVOKE", "RM", "SHOW", "TRUNCATE", "UNDROP", "UPDATE", "USE",
];

/// The statement with `IDENTIFIER($v)` and `IDENTIFIER(:v)` written as `IDENTIFIER('…')`, where its kind needs that. What
/// follows the first AS (a body, a query) is left as it is: it is read when it runs.
///
/// # Errors
/// 001003 for text that cannot be read, 001091 for a session variable that is not set.
pub fn named<'a>(sql: &'a str, value: &dyn Fn(&str) -> Option<String>) -> SfResult<Cow<'a, str>> {
    let upper = sql.to_ascii_uppercase();
    if !upper.contains("IDENTIFIER") || !(sql.contains('$') || sql.contains(':')) {
        return Ok(Cow::Borrowed(sql));
    }
    let tokens = tokenize(sql)?;
    if !tokens.first().is_some_and(|t| VERBS.iter().any(|v| is_word(t, v))) {
        return Ok(Cow::Borrowed(sql));
    }
    let body = tokens.iter().position(|t| is_word(t, "AS")).unwrap_or(tokens.len());
    let (mut out, mut from) = (String::with_capacity(sql.len()), 0);
    for i in 0..body {
        let Some((name, length)) = variable(&tokens[i..body]) else { continue };
        let Some(text) = value(&name) else {
            let session = name.starts_with('$');
            // A bind variable that is none is refused where it is read.
            if !session {
                continue;
            }
            return Err(SfError::compile("001091", "42601", format!("Session variable '{name}' does not exist")));
        };
        let (first, last) = (tokens[i + 2].span, tokens[i + 1 + length].span);
        out.push_str(&sql[from..offset_of(sql, first.start)]);
        out.push_str(&format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''")));
        from = offset_of(sql, last.end);
    }
    out.push_str(&sql[from..]);
    Ok(Cow::Owned(out))
}

fn is_word(t: &TokenWithSpan, word: &str) -> bool {
    matches!(&t.token, Token::Word(w) if w.quote_style.is_none() && w.value.eq_ignore_ascii_case(word))
}

/// The variable of an `IDENTIFIER ( variable )` that starts here, upper case with its mark, and how many tokens it has.
fn variable(tokens: &[TokenWithSpan]) -> Option<(String, usize)> {
    if !is_word(tokens.first()?, "IDENTIFIER") || tokens.get(1)?.token != Token::LParen {
        return None;
    }
    let (name, length) = match &tokens.get(2)?.token {
        Token::Placeholder(p) if p.starts_with(['$', ':']) => (p.clone(), 1),
        Token::Colon => match &tokens.get(3)?.token {
            Token::Word(w) => (format!(":{}", w.value), 2),
            _ => return None,
        },
        _ => return None,
    };
    (tokens.get(2 + length)?.token == Token::RParen).then(|| (name.to_ascii_uppercase(), length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_become_names_where_tokens_are_read() {
        let value = |name: &str| match name {
            "$U" => Some("\"o'Neil\"".to_owned()),
            ":R" => Some("reader".to_owned()),
            _ => None,
        };
        for (sql, expected) in [
            (
                "GRANT ROLE identifier(:r) TO USER IDENTIFIER( $u )",
                "GRANT ROLE identifier('reader') TO USER IDENTIFIER( '\"o''Neil\"' )",
            ),
            (
                "CREATE VIEW IDENTIFIER(:r) AS SELECT * FROM IDENTIFIER($x)",
                "CREATE VIEW IDENTIFIER('reader') AS SELECT * FROM IDENTIFIER($x)",
            ),
            ("SELECT * FROM IDENTIFIER($u)", "SELECT * FROM IDENTIFIER($u)"),
            ("DROP TABLE IDENTIFIER('t') /* IDENTIFIER($u) */", "DROP TABLE IDENTIFIER('t') /* IDENTIFIER($u) */"),
        ] {
            assert_eq!(named(sql, &value).unwrap(), expected);
        }
        assert_eq!(named("DROP ROLE IDENTIFIER($gone)", &value).unwrap_err().code, "001091");
    }
}
