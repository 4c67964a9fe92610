//! Turns the driver's errors into [`SqlError`].

use super::replies::Refusal;
use crate::domain::SqlError;
use snowflake_api::{AuthError, SnowflakeApiError, connection::ConnectionError};

/// SQLSTATE of a refused or failed login, as Snowflake's own drivers give it.
const LOGIN_FAILED: &str = "08001";
/// Snowflake's code and SQLSTATE of a cancelled statement.
const CANCELLED: (&str, &str) = ("000604", "57014");

/// The statement was cancelled by us.
pub fn cancelled(query_id: Option<String>) -> SqlError {
    SqlError {
        code: CANCELLED.0.into(),
        sqlstate: CANCELLED.1.into(),
        message: "SQL execution canceled".into(),
        query_id,
        ..SqlError::default()
    }
}

/// A driver's error, with what the reply said where there was one. `endpoint` is where the request went.
pub fn from_api(error: SnowflakeApiError, refusal: Option<Refusal>, endpoint: &str) -> SqlError {
    match error {
        SnowflakeApiError::ApiError(code, message) => refused(code, message, refusal),
        SnowflakeApiError::QueryCancelled => cancelled(refusal.and_then(|r| r.query_id)),
        SnowflakeApiError::AuthError(AuthError::AuthFailed(code, message)) => {
            SqlError { sqlstate: LOGIN_FAILED.into(), ..refused(code, message, None) }
        }
        SnowflakeApiError::AuthError(AuthError::RequestError(e)) => unreachable_or(&e, refusal, endpoint, true),
        SnowflakeApiError::RequestError(e) => unreachable_or(&e, refusal, endpoint, false),
        other => match refusal {
            Some(r) if r.status.is_none() => refused(r.code.clone(), r.message.clone(), Some(r)),
            _ => SqlError::client(chain(&other)),
        },
    }
}

fn refused(code: String, message: String, refusal: Option<Refusal>) -> SqlError {
    let place = place_in(&message);
    let refusal = refusal.unwrap_or_default();
    SqlError {
        code,
        sqlstate: refusal.sqlstate.unwrap_or_default(),
        query_id: refusal.query_id,
        line: place.map(|p| p.0).or(refusal.line),
        position: place.map(|p| p.1).or(refusal.line.and(refusal.position)),
        message,
    }
}

/// A reply that the driver could not read, or no reply.
fn unreachable_or(error: &ConnectionError, refusal: Option<Refusal>, endpoint: &str, login: bool) -> SqlError {
    match refusal {
        Some(Refusal { status: Some(status), .. }) if login && matches!(status, 403 | 404) => {
            SqlError::client(format!("{endpoint} answered the login with HTTP {status}: is the account's name right?"))
        }
        Some(Refusal { status: Some(status), .. }) => {
            SqlError::client(format!("{endpoint} answered with HTTP {status}: try again, or look at its status page"))
        }
        Some(r) => {
            let mut error = refused(r.code.clone(), r.message.clone(), Some(r));
            if login && error.sqlstate.is_empty() {
                LOGIN_FAILED.clone_into(&mut error.sqlstate);
            }
            error
        }
        None => SqlError::client(format!("cannot reach {endpoint}: {}", chain(error))),
    }
}

/// An error with its causes, each once.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

/// Line and position that the text names: `error line 2 at position 11`, `syntax error line 1 at position 7 unexpected …`.
fn place_in(message: &str) -> Option<(u32, u32)> {
    let number = |text: &str| -> Option<u32> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        text[..digits].parse().ok()
    };
    for (at, found) in message.match_indices("error line ") {
        let rest = &message[at + found.len()..];
        let Some(line) = number(rest) else { continue };
        let Some(rest) = rest.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix(" at position ") else {
            continue;
        };
        if let Some(position) = number(rest) {
            return Some((line, position));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_read_from_the_text() {
        for (text, place) in [
            ("SQL compilation error:\nsyntax error line 1 at position 7 unexpected 'FORM'.", Some((1, 7))),
            ("SQL compilation error: error line 12 at position 34\ninvalid identifier 'X'", Some((12, 34))),
            ("error line x; error line 3 at position 4", Some((3, 4))),
            ("Numeric value 'x' is not recognized", None),
            ("error line 99999999999 at position 1", None),
        ] {
            assert_eq!(place_in(text), place, "{text}");
        }
    }

    #[test]
    fn a_refusal_keeps_what_the_reply_said() {
        let refusal = Refusal {
            code: "002003".into(),
            sqlstate: Some("42S02".into()),
            query_id: Some("q".into()),
            ..Refusal::default()
        };
        let error =
            from_api(SnowflakeApiError::ApiError("002003".into(), "no such".into()), Some(refusal), "http://h/");
        assert_eq!(error.to_string(), "002003 (42S02): no such [query q]");
        assert_eq!(error.line, None);
    }
}
