//! Functions over VARIANT, OBJECT and ARRAY.

mod array;
pub mod value;

use super::super::error::{SfError, SfResult};
use super::row::Row;
use super::udf;
use duckdb::Connection;
use value::{Json, Reading, parse};

/// Reads stored JSON; what is stored is canonical, so a failure counts as NULL.
fn stored(text: &str) -> Option<Json<'_>> {
    parse(text, Reading { allow_duplicates: true, strip_nulls: false }).ok().flatten()
}

/// 100069.
#[must_use]
pub fn parse_error(e: &value::JsonError) -> SfError {
    SfError::execution("100069", "22P02", format!("Error parsing JSON: {e}"))
}

fn read(text: &str, flags: &str) -> Result<Option<String>, value::JsonError> {
    let reading = Reading { allow_duplicates: flags.contains('d'), strip_nulls: false };
    Ok(parse(text, reading)?.map(|v| v.text()))
}

/// Registers `sf_parse_json`, `sf_get_…`, `sf_flatten_all` …
pub(super) fn register(conn: &Connection) -> SfResult<()> {
    array::register(conn)?;
    udf!(conn;
        "sf_parse_json"(Text, Text) -> Text = |r: Row<'_>| match (r.text(0), r.text(1)) {
            (Some(t), Some(f)) => read(t, f).map_err(|e| parse_error(&e)),
            _ => Ok(None),
        };
        "sf_try_parse_json"(Text, Text) -> Text = |r: Row<'_>| match (r.text(0), r.text(1)) {
            (Some(t), Some(f)) => Ok(read(t, f).ok().flatten()),
            _ => Ok(None),
        };
        "sf_check_json"(Text) -> Text = |r: Row<'_>| Ok(r.text(0).and_then(|t| read(t, "").err()).map(|e| e.to_string()));
        "sf_float_json"(Float) -> Text = |r: Row<'_>| Ok(r.float(0).map(|v| {
            if v.is_finite() { value::float_number(v) } else { format!("\"{}\"", super::number::float_text(v)) }
        }));
        "sf_get_key"(Text, Text) -> Text = |r: Row<'_>| match (r.text(0), r.text(1)) {
            (Some(v), Some(k)) if v.starts_with('{') => Ok(member(v, k)),
            _ => Ok(None),
        };
        "sf_get_index"(Text, Int) -> Text = |r: Row<'_>| match (r.text(0), r.int(1)) {
            (Some(v), Some(i)) if v.starts_with('[') => Ok(element(v, i)),
            _ => Ok(None),
        };
        "sf_get_any"(Text, Text) -> Text = |r: Row<'_>| match (r.text(0), r.text(1)) {
            (Some(v), Some(k)) => Ok(match stored(k) {
                Some(Json::Text(k)) if v.starts_with('{') => member(v, &k),
                Some(Json::Number(n)) if v.starts_with('[') => n.parse().ok().and_then(|i| element(v, i)),
                _ => None,
            }),
            _ => Ok(None),
        };
        "sf_elements"(Text) -> Texts = |r: Row<'_>| {
            Ok(r.text(0).map(|v| value::elements(v).into_iter().map(str::to_owned).collect()))
        };
        "sf_array_size"(Text) -> Int = |r: Row<'_>| Ok(r.text(0).filter(|v| v.starts_with('[')).and_then(|v| {
            i64::try_from(value::elements(v).len()).ok()
        }));
        "sf_flatten_all"(Text, Text, Text) -> Texts = |r: Row<'_>| match (r.text(0), r.text(1), r.text(2)) {
            (Some(v), Some(path), Some(mode)) => Ok(stored(v).map(|v| {
                let mut out = Vec::new();
                flatten(&v, path, mode, &mut out);
                out
            })),
            _ => Ok(None),
        };
    );
    Ok(())
}

fn member(object: &str, key: &str) -> Option<String> {
    match stored(object)? {
        Json::Object(members) => members.into_iter().find(|(k, _)| k == key).map(|(_, v)| v.text()),
        _ => None,
    }
}

fn element(array: &str, index: i64) -> Option<String> {
    value::elements(array).get(usize::try_from(index).ok()?).map(|v| (*v).to_owned())
}

/// Depth first, each container before its content: `[key, path, index, value, this]`.
fn flatten(this: &Json<'_>, at: &str, mode: &str, out: &mut Vec<String>) {
    match this {
        Json::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                let path = format!("{at}[{i}]");
                if mode != "OBJECT" {
                    out.push(flat_row(None, &path, Some(i), item, this));
                }
                flatten(item, &path, mode, out);
            }
        }
        Json::Object(members) => {
            for (key, item) in members {
                let path = key_path(at, key);
                if mode != "ARRAY" {
                    out.push(flat_row(Some(key), &path, None, item, this));
                }
                flatten(item, &path, mode, out);
            }
        }
        _ => {}
    }
}

fn flat_row(key: Option<&str>, path: &str, index: Option<usize>, value: &Json<'_>, this: &Json<'_>) -> String {
    let text = |t: &str| Json::Text(t.to_owned().into());
    Json::Array(vec![
        key.map_or(Json::Null, text),
        text(path),
        index.map_or(Json::Null, |i| Json::Number(i.to_string().into())),
        value.clone(),
        this.clone(),
    ])
    .text()
}

fn key_path(at: &str, key: &str) -> String {
    let plain = key.chars().enumerate().all(|(i, c)| {
        c == '_' || c == '$' && i > 0 || if i == 0 { c.is_ascii_alphabetic() } else { c.is_ascii_alphanumeric() }
    });
    match (plain && !key.is_empty(), at.is_empty()) {
        (true, true) => key.to_owned(),
        (true, false) => format!("{at}.{key}"),
        _ => format!("{at}['{key}']"),
    }
}
