//! VARIANT, OBJECT and ARRAY.

use super::super::super::error::{SfError, SfResult};
use super::super::super::types::Ty;
use super::super::cast::{Mode, cast, to_variant};
use super::super::{Bound, quote_text};
use super::make::{MANY, f};
use super::variant::{PathStep, parse_path, path, text_of};
use super::{Call, Function};

pub(super) const TABLE: &[Function] = &[
    f("PARSE_JSON", 1, 2, |c| parse(c, "sf_parse_json")),
    f("TRY_PARSE_JSON", 1, 2, |c| parse(c, "sf_try_parse_json")),
    f("CHECK_JSON", 1, 1, |c| Ok(c.maybe(format!("sf_check_json({})", c.text(0)?), Ty::TEXT))),
    f("TO_JSON", 1, 1, |c| Ok(c.out(c.variant(0)?, Ty::TEXT))),
    f("STRIP_NULL_VALUE", 1, 1, |c| Ok(c.maybe(format!("nullif({}, 'null')", c.variant(0)?), Ty::Variant))),
    f("IS_NULL_VALUE", 1, 1, |c| Ok(c.out(format!("({} = 'null')", semi(c, 0)?), Ty::Boolean))),
    f("TYPEOF", 1, 1, |c| Ok(c.out(format!("sf_typeof({})", semi(c, 0)?), Ty::TEXT))),
    f("GET", 2, 2, get),
    f("GET_PATH", 2, 2, get_path),
    f("GET_IGNORE_CASE", 2, 2, |c| Ok(c.maybe(format!("sf_get_nocase({}, {})", semi(c, 0)?, c.text(1)?), Ty::Variant))),
    f("OBJECT_CONSTRUCT", 0, MANY, |c| object(c, false)),
    f("OBJECT_CONSTRUCT_KEEP_NULL", 0, MANY, |c| object(c, true)),
    f("OBJECT_KEYS", 1, 1, |c| Ok(c.out(format!("sf_object_keys({})", semi(c, 0)?), Ty::Array))),
    f("OBJECT_INSERT", 3, 4, |c| {
        let update = if c.args.len() > 3 { c.to(3, Ty::Boolean)? } else { "false".into() };
        let value = format!("COALESCE({}, 'null')", c.variant(2)?);
        Ok(c.out(format!("sf_object_insert({}, {}, {value}, {update})", semi(c, 0)?, c.text(1)?), Ty::Object))
    }),
    f("OBJECT_DELETE", 2, MANY, |c| members(c, "sf_object_delete")),
    f("OBJECT_PICK", 2, MANY, |c| members(c, "sf_object_pick")),
    f("ARRAY_CONSTRUCT", 0, MANY, |c| array(c, false)),
    f("ARRAY_CONSTRUCT_COMPACT", 0, MANY, |c| array(c, true)),
    f("ARRAY_SIZE", 1, 1, |c| {
        let sql = format!("CAST(sf_array_size({}) AS DECIMAL(38,0))", semi(c, 0)?);
        Ok(c.maybe(sql, Ty::INT))
    }),
    f("ARRAY_CONTAINS", 2, 2, |c| {
        Ok(c.out(format!("sf_array_contains({}, {})", c.variant(0)?, semi(c, 1)?), Ty::Boolean))
    }),
    f("ARRAY_POSITION", 2, 2, |c| {
        Ok(c.maybe(format!("CAST(sf_array_position({}, {}) AS DECIMAL(38,0))", c.variant(0)?, semi(c, 1)?), Ty::INT))
    }),
    f("ARRAY_CAT", 2, 2, |c| two(c, "sf_array_cat")),
    f("ARRAY_APPEND", 2, 2, |c| Ok(c.out(format!("sf_array_cat({}, {})", semi(c, 0)?, single(c, 1)?), Ty::Array))),
    f("ARRAY_PREPEND", 2, 2, |c| Ok(c.out(format!("sf_array_cat({}, {})", single(c, 1)?, semi(c, 0)?), Ty::Array))),
    f("ARRAY_INSERT", 3, 3, |c| {
        let value = format!("COALESCE({}, 'null')", c.variant(2)?);
        Ok(c.out(format!("sf_array_insert({}, {}, {value})", semi(c, 0)?, c.int(1)?), Ty::Array))
    }),
    f("ARRAY_SLICE", 3, 3, |c| {
        Ok(c.out(format!("sf_array_slice({}, {}, {})", semi(c, 0)?, c.int(1)?, c.int(2)?), Ty::Array))
    }),
    f("ARRAY_REMOVE", 2, 2, |c| Ok(c.out(format!("sf_array_remove({}, {})", semi(c, 0)?, c.variant(1)?), Ty::Array))),
    f("ARRAY_REMOVE_AT", 2, 2, |c| Ok(c.out(format!("sf_array_remove_at({}, {})", semi(c, 0)?, c.int(1)?), Ty::Array))),
    f("ARRAY_INTERSECTION", 2, 2, |c| two(c, "sf_array_intersection")),
    f("ARRAY_EXCEPT", 2, 2, |c| two(c, "sf_array_except")),
    f("ARRAYS_OVERLAP", 2, 2, |c| {
        Ok(c.out(format!("sf_arrays_overlap({}, {})", semi(c, 0)?, semi(c, 1)?), Ty::Boolean))
    }),
    f("ARRAY_DISTINCT", 1, 1, |c| alone(c, "sf_array_distinct")),
    f("ARRAY_COMPACT", 1, 1, |c| alone(c, "sf_array_compact")),
    f("ARRAY_FLATTEN", 1, 1, |c| alone(c, "sf_array_flatten")),
    f("ARRAY_REVERSE", 1, 1, |c| alone(c, "sf_array_reverse")),
    f("ARRAY_SORT", 1, 3, |c| {
        let up = if c.args.len() > 1 { c.to(1, Ty::Boolean)? } else { "true".into() };
        let first = if c.args.len() > 2 { c.to(2, Ty::Boolean)? } else { format!("(NOT {up})") };
        Ok(c.out(format!("sf_array_sort({}, {up}, {first})", semi(c, 0)?), Ty::Array))
    }),
    f("ARRAY_MIN", 1, 1, |c| edge(c, "true")),
    f("ARRAY_MAX", 1, 1, |c| edge(c, "false")),
    f("ARRAY_TO_STRING", 2, 2, |c| Ok(c.out(format!("sf_array_to_string({}, {})", semi(c, 0)?, c.text(1)?), Ty::TEXT))),
    f("ARRAY_GENERATE_RANGE", 2, 3, |c| {
        let step = if c.args.len() > 2 { format!(", {}", c.int(2)?) } else { String::new() };
        Ok(c.out(format!("CAST(to_json(range({}, {}{step})) AS VARCHAR)", c.int(0)?, c.int(1)?), Ty::Array))
    }),
    f("IS_ARRAY", 1, 1, |c| Ok(c.out(format!("starts_with({}, '[')", semi(c, 0)?), Ty::Boolean))),
    f("IS_OBJECT", 1, 1, |c| Ok(c.out(format!("starts_with({}, '{{')", semi(c, 0)?), Ty::Boolean))),
    f("IS_VARCHAR", 1, 1, |c| Ok(c.out(format!("starts_with({}, '\"')", semi(c, 0)?), Ty::Boolean))),
    f("IS_CHAR", 1, 1, |c| Ok(c.out(format!("starts_with({}, '\"')", semi(c, 0)?), Ty::Boolean))),
    f("IS_BOOLEAN", 1, 1, |c| Ok(c.out(format!("({} IN ('true', 'false'))", semi(c, 0)?), Ty::Boolean))),
    f("IS_INTEGER", 1, 1, |c| kind(c, &["INTEGER"])),
    f("IS_DECIMAL", 1, 1, |c| kind(c, &["INTEGER", "DECIMAL"])),
    f("IS_DOUBLE", 1, 1, |c| kind(c, &["INTEGER", "DECIMAL", "DOUBLE"])),
    f("IS_REAL", 1, 1, |c| kind(c, &["INTEGER", "DECIMAL", "DOUBLE"])),
    f("AS_VARCHAR", 1, 1, |c| as_type(c, &["VARCHAR"], Ty::TEXT)),
    f("AS_CHAR", 1, 1, |c| as_type(c, &["VARCHAR"], Ty::TEXT)),
    f("AS_BOOLEAN", 1, 1, |c| as_type(c, &["BOOLEAN"], Ty::Boolean)),
    f("AS_INTEGER", 1, 1, |c| as_type(c, &["INTEGER"], Ty::INT)),
    f("AS_NUMBER", 1, 3, as_number),
    f("AS_DECIMAL", 1, 3, as_number),
    f("AS_DOUBLE", 1, 1, |c| as_type(c, &["INTEGER", "DECIMAL", "DOUBLE"], Ty::Float)),
    f("AS_REAL", 1, 1, |c| as_type(c, &["INTEGER", "DECIMAL", "DOUBLE"], Ty::Float)),
    f("AS_ARRAY", 1, 1, |c| as_type(c, &["ARRAY"], Ty::Array)),
    f("AS_OBJECT", 1, 1, |c| as_type(c, &["OBJECT"], Ty::Object)),
    f("AS_DATE", 1, 1, |c| as_time(c, Ty::Date)),
    f("AS_TIME", 1, 1, |c| as_time(c, Ty::TIME)),
    f("AS_TIMESTAMP_NTZ", 1, 1, |c| as_time(c, Ty::NTZ)),
    f("AS_TIMESTAMP_LTZ", 1, 1, |c| as_time(c, Ty::LTZ)),
    f("AS_TIMESTAMP_TZ", 1, 1, |c| as_time(c, Ty::TZ)),
];

/// An argument that must be VARIANT, OBJECT or ARRAY.
fn semi(c: &Call<'_>, i: usize) -> SfResult<String> {
    let a = c.arg(i)?;
    if a.ty.is_semi() || a.ty == Ty::Null { Ok(c.variant(i)?) } else { Err(c.bad_types()) }
}

/// An argument as an array of one element.
fn single(c: &Call<'_>, i: usize) -> SfResult<String> {
    Ok(format!("('[' || COALESCE({}, 'null') || ']')", c.variant(i)?))
}

fn parse(c: &Call<'_>, name: &str) -> SfResult<Bound> {
    let flags = if c.args.len() > 1 { c.text(1)? } else { "''".into() };
    Ok(c.maybe(format!("{name}({}, {flags})", c.text(0)?), Ty::Variant))
}

fn get(c: &Call<'_>) -> SfResult<Bound> {
    semi(c, 0)?;
    Ok(path(c.arg(0)?, &[PathStep::Expr(c.arg(1)?.clone())]))
}

fn get_path(c: &Call<'_>) -> SfResult<Bound> {
    semi(c, 0)?;
    Ok(path(c.arg(0)?, &parse_path(c.constant(1)?)?))
}

/// Pairs of key and value; NULL keys are left out, NULL values too unless they are to be kept.
fn object(c: &Call<'_>, keep_nulls: bool) -> SfResult<Bound> {
    if !c.args.len().is_multiple_of(2) {
        return Err(c.bad_types());
    }
    let mut pairs: Vec<(&Bound, String)> = Vec::new();
    for pair in c.args.chunks(2) {
        if pair[0].ty == Ty::Null {
            continue;
        }
        pairs.push((&pair[0], to_variant(&pair[1], c.env)?));
    }
    let constant: Option<Vec<&str>> = pairs.iter().map(|(k, _)| k.literal.as_deref()).collect();
    let sql = if let Some(keys) = constant {
        let mut members: Vec<(&str, &String)> = keys.into_iter().zip(pairs.iter().map(|(_, v)| v)).collect();
        members.sort_by_key(|(k, _)| *k);
        if members.windows(2).any(|w| w[0].0 == w[1].0) {
            return Err(SfError::execution("100097", "22000", "Duplicate field key in object"));
        }
        let parts: Vec<String> = members.iter().map(|(k, v)| member(k, v, keep_nulls)).collect();
        if parts.is_empty() { "'{}'".into() } else { format!("('{{' || concat_ws(',', {}) || '}}')", parts.join(", ")) }
    } else {
        let keys = pairs.iter().map(|(k, _)| cast(k, Ty::TEXT, Mode::Explicit, c.env).map(|k| k.sql));
        let keys = keys.collect::<SfResult<Vec<_>>>()?.join(", ");
        let values: Vec<&str> = pairs.iter().map(|(_, v)| v.as_str()).collect();
        format!("sf_object([{keys}], [{}], {keep_nulls})", values.join(", "))
    };
    Ok(Bound { nullable: false, ..Bound::new(sql, Ty::Object) })
}

fn member(key: &str, value: &str, keep_nulls: bool) -> String {
    let mut quoted = String::new();
    crate::local::snowflake::udf::json::value::write_text(key, &mut quoted);
    let key = quote_text(&format!("{quoted}:"));
    if keep_nulls { format!("{key} || COALESCE({value}, 'null')") } else { format!("{key} || {value}") }
}

fn members(c: &Call<'_>, name: &str) -> SfResult<Bound> {
    // OBJECT_PICK takes an array of keys too.
    if c.args.len() == 2 && c.args[1].ty.is_semi() {
        let keys = format!("from_json({}, '[\"VARCHAR\"]')", c.args[1].sql);
        return Ok(c.out(format!("{name}({}, {keys})", semi(c, 0)?), Ty::Object));
    }
    let keys = (1..c.args.len()).map(|i| c.text(i)).collect::<SfResult<Vec<_>>>()?;
    Ok(c.out(format!("{name}({}, [{}])", semi(c, 0)?, keys.join(", ")), Ty::Object))
}

fn array(c: &Call<'_>, compact: bool) -> SfResult<Bound> {
    let items = (0..c.args.len())
        .map(|i| {
            Ok(if compact {
                format!("nullif({}, 'null')", c.variant(i)?)
            } else {
                format!("COALESCE({}, 'null')", c.variant(i)?)
            })
        })
        .collect::<SfResult<Vec<_>>>()?;
    let sql =
        if items.is_empty() { "'[]'".into() } else { format!("('[' || concat_ws(',', {}) || ']')", items.join(", ")) };
    Ok(Bound { nullable: false, ..Bound::new(sql, Ty::Array) })
}

fn alone(c: &Call<'_>, name: &str) -> SfResult<Bound> {
    Ok(c.out(format!("{name}({})", semi(c, 0)?), Ty::Array))
}

fn two(c: &Call<'_>, name: &str) -> SfResult<Bound> {
    let as_array = |i: usize| c.to(i, Ty::Array);
    semi(c, 0)?;
    semi(c, 1)?;
    Ok(c.out(format!("{name}({}, {})", as_array(0)?, as_array(1)?), Ty::Array))
}

/// The smallest or greatest element.
fn edge(c: &Call<'_>, up: &str) -> SfResult<Bound> {
    let sorted = format!("sf_array_sort(sf_array_compact({}), {up}, false)", semi(c, 0)?);
    Ok(path(&Bound::new(sorted, Ty::Array), &[PathStep::Index(0)]))
}

fn kind(c: &Call<'_>, kinds: &[&str]) -> SfResult<Bound> {
    Ok(c.out(format!("({})", is_kind(&semi(c, 0)?, kinds)), Ty::Boolean))
}

fn is_kind(v: &str, kinds: &[&str]) -> String {
    let list: Vec<String> = kinds.iter().map(|k| quote_text(k)).collect();
    format!("sf_typeof({v}) IN ({})", list.join(", "))
}

/// NULL where the value is not of the type.
fn as_type(c: &Call<'_>, kinds: &[&str], ty: Ty) -> SfResult<Bound> {
    let v = semi(c, 0)?;
    let value = match ty {
        Ty::Array | Ty::Object => v.clone(),
        Ty::Text { .. } => text_of(&v),
        _ => format!("TRY_CAST({} AS {})", text_of(&v), ty.duck()),
    };
    Ok(c.maybe(format!("CASE WHEN {} THEN {value} END", is_kind(&v, kinds)), ty))
}

fn as_number(c: &Call<'_>) -> SfResult<Bound> {
    let digit = |i: usize, default: u32| c.constant_int(i).and_then(|n| u32::try_from(n).ok()).unwrap_or(default);
    as_type(c, &["INTEGER", "DECIMAL"], Ty::number(digit(1, 38), digit(2, 0)))
}

/// Dates and times are kept as text in a VARIANT.
fn as_time(c: &Call<'_>, ty: Ty) -> SfResult<Bound> {
    let text = Bound::new(text_of(&semi(c, 0)?), Ty::TEXT);
    cast(&text, ty, Mode::Try, c.env)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{call, num, t, v};
    use super::*;

    #[test]
    fn semi_structured() {
        for (name, args, want) in [
            ("PARSE_JSON", vec![t("{\"b\": 1, \"a\": [1, 2.50]}")], Some(r#"{"a":[1,2.5],"b":1}"#)),
            ("PARSE_JSON", vec![t("  ")], None),
            ("TRY_PARSE_JSON", vec![t("{")], None),
            ("TYPEOF", vec![v("1.5")], Some("DECIMAL")),
            ("TYPEOF", vec![v("null")], Some("NULL_VALUE")),
            ("GET", vec![v(r#"{"a":5}"#), t("a")], Some("5")),
            ("GET", vec![v("[1,2]"), num("1")], Some("2")),
            ("GET", vec![v("[1,2]"), num("7")], None),
            ("GET_PATH", vec![v(r#"{"a":[{"b":7}]}"#), t("a[0].b")], Some("7")),
            (
                "OBJECT_CONSTRUCT",
                vec![t("b"), num("1.50"), t("a"), t("x"), t("n"), Bound::null()],
                Some(r#"{"a":"x","b":1.5}"#),
            ),
            ("OBJECT_CONSTRUCT_KEEP_NULL", vec![t("n"), Bound::null()], Some(r#"{"n":null}"#)),
            ("OBJECT_KEYS", vec![v(r#"{"a":1,"b":2}"#)], Some(r#"["a","b"]"#)),
            ("OBJECT_INSERT", vec![v(r#"{"b":1}"#), t("a"), num("2")], Some(r#"{"a":2,"b":1}"#)),
            ("OBJECT_DELETE", vec![v(r#"{"a":1,"b":2}"#), t("a")], Some(r#"{"b":2}"#)),
            ("ARRAY_CONSTRUCT", vec![num("1"), t("a"), Bound::null()], Some(r#"[1,"a",null]"#)),
            ("ARRAY_SIZE", vec![v("[1,2,3]")], Some("3")),
            ("ARRAY_SIZE", vec![v("{}")], None),
            ("ARRAY_CONTAINS", vec![v("\"a\""), v(r#"["a","b"]"#)], Some("true")),
            ("ARRAY_CAT", vec![v("[1]"), v("[2]")], Some("[1,2]")),
            ("ARRAY_APPEND", vec![v("[1]"), num("2")], Some("[1,2]")),
            ("ARRAY_SLICE", vec![v("[1,2,3]"), num("0"), num("-1")], Some("[1,2]")),
            ("ARRAY_TO_STRING", vec![v(r#"["a",1,null]"#), t("-")], Some("a-1-")),
            ("ARRAY_DISTINCT", vec![v("[1,2,1]")], Some("[1,2]")),
            ("ARRAY_SORT", vec![v("[10,9,2]")], Some("[2,9,10]")),
            ("ARRAY_MAX", vec![v("[10,9,2]")], Some("10")),
            ("IS_NULL_VALUE", vec![v("null")], Some("true")),
            ("STRIP_NULL_VALUE", vec![v("null")], None),
            ("AS_INTEGER", vec![v("\"5\"")], None),
            ("AS_INTEGER", vec![v("5")], Some("5")),
        ] {
            assert_eq!(call(name, args).unwrap().as_deref(), want, "{name}");
        }
        assert_eq!(call("TYPEOF", vec![t("x")]).unwrap_err().code, "001044");
        assert_eq!(call("PARSE_JSON", vec![t("{\"a\":1,\"a\":2}")]).unwrap_err().code, "100069");
    }
}
