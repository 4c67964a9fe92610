//! Bound values of a request.

use super::super::error::{SfError, SfResult};
use super::super::session::Bind;
use super::super::sql::tokenize;
use serde::Deserialize;
use serde_json::Value;
use sqlparser::tokenizer::Token;
use std::collections::BTreeMap;

/// One of `bindings`.
#[derive(Debug, Clone, Deserialize)]
pub struct WireBind {
    /// `TEXT`, `FIXED` …
    #[serde(rename = "type", default)]
    pub ty: Option<String>,
    /// A text, a list of texts for array binds, or null.
    #[serde(default)]
    pub value: Value,
}

/// Sets of bound values: one, or one per position where arrays are bound; none where nothing is.
///
/// # Errors
/// 002049 where arrays have different lengths.
pub fn sets(bindings: &BTreeMap<String, WireBind>) -> SfResult<Vec<BTreeMap<String, Bind>>> {
    if bindings.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows = None;
    for bind in bindings.values() {
        if let Value::Array(list) = &bind.value {
            if rows.is_some_and(|n| n != list.len()) {
                return Err(SfError::compile("002049", "42601", "Array bind lists must be of one length."));
            }
            rows = Some(list.len());
        }
    }
    Ok((0..rows.unwrap_or(1)).map(|row| bindings.iter().map(|(key, b)| (key.clone(), b.at(row))).collect()).collect())
}

impl WireBind {
    fn at(&self, row: usize) -> Bind {
        let value = match &self.value {
            Value::Array(list) => list.get(row).unwrap_or(&Value::Null),
            one => one,
        };
        let value = match value {
            Value::Null => None,
            Value::String(s) => Some(s.clone()),
            other => Some(other.to_string()),
        };
        Bind { ty: self.ty.as_deref().unwrap_or("ANY").to_ascii_uppercase(), value }
    }
}

/// The values of one statement of several: `?` are numbered through all of them. `used` is how many came before.
pub fn share(all: &BTreeMap<String, Bind>, sql: &str, used: &mut usize) -> BTreeMap<String, Bind> {
    let count = tokenize(sql)
        .map_or(0, |tokens| tokens.iter().filter(|t| matches!(&t.token, Token::Placeholder(p) if p == "?")).count());
    let mut mine: BTreeMap<String, Bind> = all
        .iter()
        .filter(|(k, _)| count == 0 || k.parse::<usize>().is_err())
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    for i in 1..=count {
        if let Some(bind) = all.get(&(*used + i).to_string()) {
            mine.insert(i.to_string(), bind.clone());
        }
    }
    *used += count;
    mine
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> BTreeMap<String, WireBind> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn lists_become_rows() {
        let rows = sets(&parse(
            r#"{"1":{"type":"FIXED","value":["1","2"]},"2":{"type":"TEXT","value":["a",null]},"3":{"type":"ANY","value":null}}"#,
        ))
        .unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[1]["1"], Bind { ty: "FIXED".into(), value: Some("2".into()) });
        assert_eq!(rows[1]["2"].value, None);
        assert_eq!(rows[0]["3"].value, None);
        assert!(sets(&parse(r#"{"1":{"type":"FIXED","value":["1"]},"2":{"type":"TEXT","value":[]}}"#)).is_err());
        assert!(sets(&BTreeMap::new()).unwrap().is_empty());
    }

    #[test]
    fn question_marks_are_numbered_through_all_statements() {
        let all =
            sets(&parse(r#"{"1":{"type":"FIXED","value":"1"},"2":{"type":"FIXED","value":"2"}}"#)).unwrap().remove(0);
        let mut used = 0;
        assert_eq!(share(&all, "SELECT ?", &mut used)["1"].value.as_deref(), Some("1"));
        assert_eq!(share(&all, "SELECT '?', ?", &mut used)["1"].value.as_deref(), Some("2"));
    }
}
