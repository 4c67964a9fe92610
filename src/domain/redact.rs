//! Takes secrets out of SQL text before it is recorded, logged or shown.
//!
//! It errs on the careful side: whatever is assigned to a name that holds secrets goes, wherever it stands in the text
//! (in a comment or inside another literal too).

/// Stands where a secret stood.
pub const MASK: &str = "***";

/// Names after which a value is secret: `PASSWORD = '…'`, `AWS_SECRET_KEY => '…'`, `MASTER_KEY='…'` …
const NAMES: [&str; 19] = [
    "PASSWORD",
    "PASSCODE",
    "AWS_KEY_ID",
    "AWS_SECRET_KEY",
    "AWS_TOKEN",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AZURE_SAS_TOKEN",
    "MASTER_KEY",
    "PRIVATE_KEY",
    "PRIVATE_KEY_PASSPHRASE",
    "SECRET_STRING",
    "OAUTH_CLIENT_SECRET",
    "OAUTH_REFRESH_TOKEN",
    "CLIENT_SECRET",
    "API_KEY",
    "TOKEN",
    "SECRET",
];

/// The text with every secret value replaced by `***`.
///
/// ```
/// use snowdeck::domain::redact;
/// assert_eq!(redact("CREATE USER U PASSWORD = 'x' COMMENT = 'y'"), "CREATE USER U PASSWORD = *** COMMENT = 'y'");
/// ```
#[must_use]
pub fn redact(sql: &str) -> String {
    let bytes = sql.as_bytes();
    let mut out = String::with_capacity(sql.len());
    let mut kept = 0;
    let mut at = 0;
    while at < bytes.len() {
        if !is_word(bytes[at]) {
            at += 1;
            continue;
        }
        let end = at + bytes[at..].iter().take_while(|b| is_word(**b)).count();
        if let Some((from, to)) = secret_value(sql, &sql[at..end], end) {
            out.push_str(&sql[kept..from]);
            out.push_str(MASK);
            kept = to;
            at = to;
        } else {
            at = end;
        }
    }
    out.push_str(&sql[kept..]);
    out
}

/// The text without `secrets`, wherever they stand. Short ones (under four characters) are left: they are no secrets.
#[must_use]
pub fn redact_known<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) -> String {
    secrets.into_iter().filter(|s| s.len() >= 4).fold(text.to_owned(), |text, secret| text.replace(secret, MASK))
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Where the secret that belongs to `word` stands, if `word` is such a name; `after` is the byte that follows it.
fn secret_value(sql: &str, word: &str, after: usize) -> Option<(usize, usize)> {
    let credentials = word.eq_ignore_ascii_case("CREDENTIALS");
    if !credentials && !NAMES.iter().any(|name| name.eq_ignore_ascii_case(word)) {
        return None;
    }
    let bytes = sql.as_bytes();
    let mut at = skip_blank(bytes, after);
    // The name may be quoted itself, as in JSON or in a quoted identifier: "PASSWORD": "…".
    if bytes.get(at) == Some(&b'"') {
        at = skip_blank(bytes, at + 1);
    }
    match bytes.get(at)? {
        b'=' => at += 1,
        b':' if bytes.get(at + 1) != Some(&b':') => at += 1,
        _ => return None,
    }
    if bytes.get(at) == Some(&b'>') {
        at += 1;
    }
    let from = skip_blank(bytes, at);
    let to =
        if credentials && bytes.get(from) == Some(&b'(') { group_end(bytes, from) } else { value_end(bytes, from) };
    (to > from).then_some((from, to))
}

fn skip_blank(bytes: &[u8], from: usize) -> usize {
    from + bytes[from..].iter().take_while(|b| b.is_ascii_whitespace()).count()
}

/// The end of `( … )`, quotes respected; the end of the text where it is not closed.
fn group_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while at < bytes.len() {
        match bytes[at] {
            b')' => return at + 1,
            b'\'' => at = value_end(bytes, at),
            _ => at += 1,
        }
    }
    at
}

/// The end of a value: a quoted text (also one nested in another literal, with its quotes doubled), `$$ … $$`, or a word.
fn value_end(bytes: &[u8], from: usize) -> usize {
    let rest = &bytes[from..];
    let found = |mark: &[u8], skip: usize| {
        rest.get(skip..)
            .and_then(|tail| tail.windows(mark.len()).position(|window| window == mark))
            .map_or(bytes.len(), |p| from + skip + p + mark.len())
    };
    if rest.starts_with(b"$$") {
        return found(b"$$", 2);
    }
    if rest.starts_with(b"\"") {
        return found(b"\"", 1);
    }
    if rest.starts_with(b"''") && rest.get(2).is_some_and(|b| !b.is_ascii_whitespace() && !b",;)'".contains(b)) {
        return found(b"''", 2);
    }
    if rest.starts_with(b"'") {
        return literal_end(bytes, from);
    }
    from + rest.iter().take_while(|b| !b.is_ascii_whitespace() && !b",;()'".contains(b)).count()
}

/// The end of `'…'`, where `''` and `\'` belong to the text.
fn literal_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'\'' if bytes.get(at + 1) == Some(&b'\'') => at += 2,
            b'\'' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::{redact, redact_known};

    #[test]
    fn takes_out_each_form() {
        for (sql, clean) in [
            ("create user u password='p w' default_role=r", "create user u password=*** default_role=r"),
            ("ALTER USER U SET PASSWORD = 'it''s' COMMENT = 'c'", "ALTER USER U SET PASSWORD = *** COMMENT = 'c'"),
            ("x PASSWORD = 'a\\'b' y", "x PASSWORD = *** y"),
            (
                "URL='s3://b/' CREDENTIALS=(AWS_KEY_ID='K)' AWS_SECRET_KEY='S') FILE_FORMAT=(TYPE=CSV)",
                "URL='s3://b/' CREDENTIALS=*** FILE_FORMAT=(TYPE=CSV)",
            ),
            ("ENCRYPTION = (TYPE='AWS_CSE' MASTER_KEY = 'k')", "ENCRYPTION = (TYPE='AWS_CSE' MASTER_KEY = ***)"),
            ("SECRET_STRING => $$s$$)", "SECRET_STRING => ***)"),
            ("PASSWORD = bare, x", "PASSWORD = ***, x"),
            ("EXECUTE IMMEDIATE 'create user u password=''p'' x'", "EXECUTE IMMEDIATE 'create user u password=*** x'"),
            (r#"{"password": "p", "user": "u"}"#, r#"{"password": ***, "user": "u"}"#),
            ("PASSWORD = 'never closed", "PASSWORD = ***"),
        ] {
            assert_eq!(redact(sql), clean);
        }
    }

    #[test]
    fn leaves_the_rest_alone() {
        for sql in [
            "SELECT password FROM t WHERE token IS NULL",
            "SELECT v:password::string FROM t",
            "ALTER USER U SET MUST_CHANGE_PASSWORD = FALSE",
            "SELECT 'ü', \"Größe\" FROM t -- password",
            "",
        ] {
            assert_eq!(redact(sql), sql);
        }
    }

    #[test]
    fn known_secrets_go_wherever_they_stand() {
        assert_eq!(redact_known("a hunter2 b", ["hunter2", "a"]), "a *** b");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived(text in "(PASSWORD|CREDENTIALS|[='\"$()\\\\ é]|.){0,40}") {
            let _ = redact(&text);
        }

        #[test]
        fn a_quoted_password_never_stays(before in "[a-z ,;]{0,40}", secret in "[a-zA-Z0-9é ]{6,12}", after in ".{0,20}") {
            let shown = redact(&format!("{before} PASSWORD = 'Q{secret}Q' {after}"));
            let quoted = format!("Q{secret}Q");
            proptest::prop_assert!(!shown.contains(&quoted) || after.contains(&quoted));
        }
    }
}
