//! Bound values in statements whose own parsers read tokens: names, options, places.

use super::super::error::{SfError, SfResult};
use super::super::session::Bind;
use super::{offset_of, tokenize};
use sqlparser::tokenizer::Token;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Statements that are read token by token. In queries and DML the binder knows bind variables with their types.
const VERBS: &[&str] = &[
    "ALTER", "COPY", "CREATE", "DESC", "DESCRIBE", "DROP", "LIST", "LS", "REMOVE", "RM", "SHOW", "TRUNCATE", "UNDROP",
    "USE",
];

/// The statement with its `?` written out as literals, where its kind needs that.
///
/// # Errors
/// 001003 for text that cannot be read, 002049 for a variable that is not bound.
pub fn inline<'a>(sql: &'a str, binds: &BTreeMap<String, Bind>) -> SfResult<Cow<'a, str>> {
    if binds.is_empty() || !sql.contains('?') {
        return Ok(Cow::Borrowed(sql));
    }
    let tokens = tokenize(sql)?;
    let verb = tokens.first().map(|t| t.token.to_string().to_ascii_uppercase()).unwrap_or_default();
    if !VERBS.contains(&verb.as_str()) {
        return Ok(Cow::Borrowed(sql));
    }
    let (mut out, mut from, mut n) = (String::with_capacity(sql.len()), 0, 0);
    for t in tokens.iter().filter(|t| matches!(&t.token, Token::Placeholder(p) if p == "?")) {
        n += 1;
        let bind = binds
            .get(&n.to_string())
            .ok_or_else(|| SfError::compile("002049", "42601", format!("Bind variable :{n} not set.")))?;
        let at = offset_of(sql, t.span.start);
        out.push_str(&sql[from..at]);
        out.push_str(&written(bind));
        from = at + 1;
    }
    out.push_str(&sql[from..]);
    Ok(Cow::Owned(out))
}

fn written(bind: &Bind) -> String {
    match (&bind.value, bind.ty.as_str()) {
        (None, _) => "NULL".to_owned(),
        (Some(value), "FIXED" | "REAL" | "BOOLEAN") => value.clone(),
        (Some(value), _) => format!("'{}'", value.replace('\\', "\\\\").replace('\'', "''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_become_literals_where_tokens_are_read() {
        let text = |v: &str| Bind { ty: "TEXT".into(), value: Some(v.into()) };
        let binds: BTreeMap<_, _> = [
            ("1".to_owned(), text("\"d\".\"it's\"")),
            ("2".to_owned(), Bind { ty: "FIXED".into(), value: Some("3".into()) }),
        ]
        .into();
        for (sql, expected) in [
            (
                "COPY INTO identifier(?) FROM '@s?' SIZE_LIMIT=?",
                "COPY INTO identifier('\"d\".\"it''s\"') FROM '@s?' SIZE_LIMIT=3",
            ),
            ("SELECT ?, ?", "SELECT ?, ?"),
            ("DROP TABLE x", "DROP TABLE x"),
        ] {
            assert_eq!(inline(sql, &binds).unwrap(), expected);
        }
        assert_eq!(inline("DROP TABLE identifier(?) /* ? */ ? ?", &binds).unwrap_err().code, "002049");
    }
}
