//! Messages and targets of SYSTEM$SEND_SNOWFLAKE_NOTIFICATION, from their JSON.

use super::super::error::{SfError, SfResult};
use serde_json::{Map, Value};

/// The MIME types that a message may have.
const MIME: &[&str] = &["text/html", "text/plain", "text/markdown", "application/json"];

/// One message: text by MIME type.
pub type Message = Map<String, Value>;

/// Where to: an integration with what it is told for this message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The integration's name as written.
    pub integration: String,
    /// subject, toAddress, ccAddress, bccAddress.
    pub options: Map<String, Value>,
}

fn bad(what: &str, text: &str) -> SfError {
    SfError::compile("001008", "22023", format!("invalid value [{text}] for parameter '{what}'"))
}

/// A JSON object or a list of them, also as text inside a list.
fn objects(what: &str, text: &str) -> SfResult<Vec<Map<String, Value>>> {
    let value: Value = serde_json::from_str(text).map_err(|_| bad(what, text))?;
    let list = match value {
        Value::Array(list) => list,
        one => vec![one],
    };
    let mut out = Vec::new();
    for item in list {
        let item = match item {
            Value::String(inner) => serde_json::from_str(&inner).map_err(|_| bad(what, &inner))?,
            other => other,
        };
        match item {
            Value::Object(map) if !map.is_empty() => out.push(map),
            other => return Err(bad(what, &other.to_string())),
        }
    }
    if out.is_empty() { Err(bad(what, text)) } else { Ok(out) }
}

/// Reads the messages.
///
/// # Errors
/// 001008 for what is no message.
pub fn messages(text: &str) -> SfResult<Vec<Message>> {
    let all = objects("MESSAGE", text)?;
    for (mime, body) in all.iter().flatten() {
        if !MIME.contains(&mime.as_str()) || !(body.is_string() || mime == "application/json") {
            return Err(bad("MESSAGE", mime));
        }
    }
    Ok(all)
}

/// Reads the targets.
///
/// # Errors
/// 001008 for what is no target.
pub fn targets(text: &str) -> SfResult<Vec<Target>> {
    let mut out = Vec::new();
    for (integration, options) in objects("INTEGRATION", text)?.into_iter().flatten() {
        let Value::Object(options) = options else { return Err(bad("INTEGRATION", &integration)) };
        out.push(Target { integration, options });
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_or_several_also_as_text() {
        assert_eq!(messages(r#"{"text/plain":"a"}"#).unwrap().len(), 1);
        assert_eq!(messages(r#"["{\"text/plain\":\"a\"}", {"text/html":"b"}]"#).unwrap().len(), 2);
        assert!(messages(r#"{"text/rtf":"a"}"#).is_err() && messages("hello").is_err() && messages("[]").is_err());
        let to = targets(r#"[{"I":{}},{"M":{"subject":"s","toAddress":["a@x"]}}]"#).unwrap();
        assert_eq!((to[0].integration.as_str(), to[1].options["subject"].as_str()), ("I", Some("s")));
    }
}
