//! ARRAY and OBJECT functions.

use super::super::super::error::SfResult;
use super::super::row::Row;
use super::super::udf;
use super::stored;
use super::value::Json;
use duckdb::Connection;
use std::cmp::Ordering;

/// Registers `sf_array_…` and `sf_object_…`.
pub(super) fn register(conn: &Connection) -> SfResult<()> {
    register_arrays(conn)?;
    register_sets(conn)?;
    register_objects(conn)
}

fn items(text: Option<&str>) -> Option<Vec<Json<'_>>> {
    match stored(text?)? {
        Json::Array(items) => Some(items),
        _ => None,
    }
}

fn done(items: Vec<Json<'_>>) -> SfResult<Option<String>> {
    Ok(Some(Json::Array(items).text()))
}

/// A 0-based place, negative ones from the end.
fn place(i: i64, len: usize) -> Option<usize> {
    let len = i64::try_from(len).ok()?;
    usize::try_from(if i < 0 { i + len } else { i }).ok()
}

fn register_arrays(conn: &Connection) -> SfResult<()> {
    udf!(conn;
        "sf_array_cat"(Text, Text) -> Text = |r: Row<'_>| match (items(r.text(0)), items(r.text(1))) {
            (Some(mut a), Some(b)) => {
                a.extend(b);
                done(a)
            }
            _ => Ok(None),
        };
        "sf_array_insert"(Text, Int, Text) -> Text = |r: Row<'_>| match (items(r.text(0)), r.int(1), r.text(2)) {
            (Some(mut a), Some(i), Some(v)) => {
                let at = place(i, a.len()).unwrap_or(0);
                while a.len() < at {
                    a.push(Json::Null);
                }
                a.insert(at, stored(v).unwrap_or(Json::Null));
                done(a)
            }
            _ => Ok(None),
        };
        "sf_array_slice"(Text, Int, Int) -> Text = |r: Row<'_>| match (items(r.text(0)), r.int(1), r.int(2)) {
            (Some(a), Some(from), Some(to)) => {
                let (from, to) = (place(from, a.len()).unwrap_or(0), place(to, a.len()).unwrap_or(0).min(a.len()));
                done(if from < to { a[from..to].to_vec() } else { Vec::new() })
            }
            _ => Ok(None),
        };
        "sf_array_remove_at"(Text, Int) -> Text = |r: Row<'_>| match (items(r.text(0)), r.int(1)) {
            (Some(mut a), Some(i)) => {
                if let Some(at) = place(i, a.len()).filter(|at| *at < a.len()) {
                    a.remove(at);
                }
                done(a)
            }
            _ => Ok(None),
        };
        "sf_array_reverse"(Text) -> Text = |r: Row<'_>| match items(r.text(0)) {
            Some(mut a) => {
                a.reverse();
                done(a)
            }
            None => Ok(None),
        };
        "sf_array_flatten"(Text) -> Text = |r: Row<'_>| match items(r.text(0)) {
            Some(a) => {
                let mut out = Vec::new();
                for item in a {
                    match item {
                        Json::Array(inner) => out.extend(inner),
                        _ => return Ok(None),
                    }
                }
                done(out)
            }
            None => Ok(None),
        };
        "sf_array_sort"(Text, Bool, Bool) -> Text = |r: Row<'_>| match (items(r.text(0)), r.boolean(1), r.boolean(2)) {
            (Some(a), Some(up), Some(nulls_first)) => {
                let (nulls, mut rest): (Vec<_>, Vec<_>) = a.into_iter().partition(|v| *v == Json::Null);
                rest.sort_by(|x, y| if up { order(x, y) } else { order(y, x) });
                done(if nulls_first { [nulls, rest].concat() } else { [rest, nulls].concat() })
            }
            _ => Ok(None),
        };
        "sf_array_to_string"(Text, Text) -> Text = |r: Row<'_>| match (items(r.text(0)), r.text(1)) {
            (Some(a), Some(by)) => {
                let texts: Vec<String> = a
                    .iter()
                    .map(|v| match v {
                        Json::Text(t) => t.to_string(),
                        Json::Null => String::new(),
                        other => other.text(),
                    })
                    .collect();
                Ok(Some(texts.join(by)))
            }
            _ => Ok(None),
        };
    );
    Ok(())
}

/// Numbers by value, texts by code point, otherwise by kind.
fn order(a: &Json<'_>, b: &Json<'_>) -> Ordering {
    let number = |v: &Json<'_>| match v {
        Json::Number(n) => n.parse::<f64>().ok(),
        _ => None,
    };
    match (a, b) {
        (Json::Text(x), Json::Text(y)) => x.cmp(y),
        _ => match (number(a), number(b)) {
            (Some(x), Some(y)) => x.total_cmp(&y),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => a.text().cmp(&b.text()),
        },
    }
}

fn register_sets(conn: &Connection) -> SfResult<()> {
    udf!(conn;
        "sf_array_contains"(Text, Text) -> Bool = |r: Row<'_>| match (r.text(0), items(r.text(1))) {
            (Some(v), Some(a)) => Ok(stored(v).map(|v| a.contains(&v))),
            _ => Ok(None),
        };
        "sf_array_position"(Text, Text) -> Int = |r: Row<'_>| match (r.text(0).and_then(stored), items(r.text(1))) {
            (Some(v), Some(a)) => Ok(a.iter().position(|x| *x == v).and_then(|i| i64::try_from(i).ok())),
            _ => Ok(None),
        };
        "sf_array_remove"(Text, Text) -> Text = |r: Row<'_>| match (items(r.text(0)), r.text(1).and_then(stored)) {
            (Some(a), Some(v)) => done(a.into_iter().filter(|x| *x != v).collect()),
            _ => Ok(None),
        };
        "sf_array_compact"(Text) -> Text = |r: Row<'_>| match items(r.text(0)) {
            Some(a) => done(a.into_iter().filter(|x| *x != Json::Null).collect()),
            None => Ok(None),
        };
        "sf_array_distinct"(Text) -> Text = |r: Row<'_>| match items(r.text(0)) {
            Some(a) => {
                let mut out: Vec<Json<'_>> = Vec::new();
                for item in a {
                    if !out.contains(&item) {
                        out.push(item);
                    }
                }
                done(out)
            }
            None => Ok(None),
        };
        "sf_array_intersection"(Text, Text) -> Text = |r: Row<'_>| match (items(r.text(0)), items(r.text(1))) {
            (Some(a), Some(b)) => done(multiset(a, b, true)),
            _ => Ok(None),
        };
        "sf_array_except"(Text, Text) -> Text = |r: Row<'_>| match (items(r.text(0)), items(r.text(1))) {
            (Some(a), Some(b)) => done(multiset(a, b, false)),
            _ => Ok(None),
        };
        "sf_arrays_overlap"(Text, Text) -> Bool = |r: Row<'_>| match (items(r.text(0)), items(r.text(1))) {
            (Some(a), Some(b)) => Ok(Some(a.iter().any(|x| b.contains(x)))),
            _ => Ok(None),
        };
    );
    Ok(())
}

/// Elements of `a` that are (or are not) in `b`, each of `b`'s counted once.
fn multiset<'a>(a: Vec<Json<'a>>, mut b: Vec<Json<'a>>, keep_common: bool) -> Vec<Json<'a>> {
    a.into_iter()
        .filter(|item| match b.iter().position(|x| x == item) {
            Some(i) => {
                b.swap_remove(i);
                keep_common
            }
            None => !keep_common,
        })
        .collect()
}

fn object(text: Option<&str>) -> Option<Vec<(std::borrow::Cow<'_, str>, Json<'_>)>> {
    match stored(text?)? {
        Json::Object(members) => Some(members),
        _ => None,
    }
}

fn register_objects(conn: &Connection) -> SfResult<()> {
    udf!(conn;
        "sf_typeof"(Text) -> Text = |r: Row<'_>| Ok(r.text(0).map(type_name).map(str::to_owned));
        "sf_get_nocase"(Text, Text) -> Text = |r: Row<'_>| match (object(r.text(0)), r.text(1)) {
            (Some(o), Some(k)) => {
                let exact = o.iter().find(|(name, _)| name == k);
                let hit = exact.or_else(|| o.iter().find(|(name, _)| name.to_lowercase() == k.to_lowercase()));
                Ok(hit.map(|(_, v)| v.text()))
            }
            _ => Ok(None),
        };
        "sf_object_keys"(Text) -> Text = |r: Row<'_>| match object(r.text(0)) {
            Some(o) => done(o.into_iter().map(|(k, _)| Json::Text(k)).collect()),
            None => Ok(None),
        };
        "sf_object_insert"(Text, Text, Text, Bool) -> Text = |r: Row<'_>| {
            let (Some(mut o), Some(k), Some(v), Some(update)) =
                (object(r.text(0)), r.text(1), r.text(2), r.boolean(3))
            else {
                return Ok(None);
            };
            let value = stored(v).unwrap_or(Json::Null);
            match o.binary_search_by(|(name, _)| name.as_ref().cmp(k)) {
                Ok(i) if update => o[i].1 = value,
                Ok(_) => {
                    return Err(super::super::super::error::SfError::execution(
                        "100097",
                        "22000",
                        format!("Duplicate field key '{k}' in object"),
                    ));
                }
                Err(i) => o.insert(i, (k.into(), value)),
            }
            Ok(Some(Json::Object(o).text()))
        };
        "sf_object_delete"(Text, Texts) -> Text = |r: Row<'_>| match (object(r.text(0)), r.texts(1)) {
            (Some(mut o), Some(keys)) => {
                o.retain(|(name, _)| !keys.contains(&Some(name.as_ref())));
                Ok(Some(Json::Object(o).text()))
            }
            _ => Ok(None),
        };
        "sf_object_pick"(Text, Texts) -> Text = |r: Row<'_>| match (object(r.text(0)), r.texts(1)) {
            (Some(mut o), Some(keys)) => {
                o.retain(|(name, _)| keys.contains(&Some(name.as_ref())));
                Ok(Some(Json::Object(o).text()))
            }
            _ => Ok(None),
        };
        "sf_object"(Texts, Texts, Bool) -> Text = |r: Row<'_>| {
            let (Some(keys), Some(values), Some(keep)) = (r.texts(0), r.texts(1), r.boolean(2)) else {
                return Ok(None);
            };
            let mut members: std::collections::BTreeMap<&str, &str> = std::collections::BTreeMap::new();
            for (key, value) in keys.iter().zip(&values) {
                match (key, value) {
                    (Some(k), Some(v)) => members.insert(k, v),
                    (Some(k), None) if keep => members.insert(k, "null"),
                    _ => continue,
                };
            }
            let mut out = String::from("{");
            for (i, (key, value)) in members.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                super::value::write_text(key, &mut out);
                out.push(':');
                out.push_str(value);
            }
            out.push('}');
            Ok(Some(out))
        };
    );
    Ok(())
}

/// TYPEOF's word for canonical JSON text.
fn type_name(text: &str) -> &'static str {
    match text.as_bytes().first() {
        Some(b'{') => "OBJECT",
        Some(b'[') => "ARRAY",
        Some(b'"') => "VARCHAR",
        Some(b't' | b'f') => "BOOLEAN",
        Some(b'n') => "NULL_VALUE",
        _ if text.contains(['e', 'E']) => "DOUBLE",
        _ if text.contains('.') => "DECIMAL",
        _ => "INTEGER",
    }
}
