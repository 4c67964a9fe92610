//! DuckDB's bound expressions as SQL with Snowflake's names.

use super::plan::{list, number};
use serde_json::Value;

/// Longest text of one expression, in characters.
const LONGEST: usize = 400;

/// A text cut to a length that can be read.
#[must_use]
pub fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// Several expressions.
#[must_use]
pub fn texts(expressions: &Value, columns: &[String]) -> Vec<String> {
    list(expressions).iter().map(|e| text(e, columns)).collect()
}

/// An expression over the columns of what it reads.
#[must_use]
pub fn text(e: &Value, columns: &[String]) -> String {
    let of = |key: &str| text(&e[key], columns);
    let kind = e["type"].as_str().unwrap_or("");
    let out = match e["expression_class"].as_str().unwrap_or("") {
        "BOUND_REF" => {
            usize::try_from(number(&e["index"])).ok().and_then(|i| columns.get(i)).cloned().unwrap_or_default()
        }
        "BOUND_CONSTANT" => constant(&e["value"]),
        "BOUND_CAST" => cast(&e["child"], &e["return_type"], e["try_cast"].as_bool() == Some(true), columns),
        "BOUND_COMPARISON" => format!("({} {} {})", of("left"), comparison(kind), of("right")),
        "BOUND_BETWEEN" => format!("({} BETWEEN {} AND {})", of("input"), of("lower"), of("upper")),
        "BOUND_CONJUNCTION" => {
            let word = if kind.contains("OR") { " OR " } else { " AND " };
            format!("({})", texts(&e["children"], columns).join(word))
        }
        "BOUND_CASE" => {
            let arms = list(&e["case_checks"])
                .iter()
                .map(|c| format!(" WHEN {} THEN {}", text(&c["when_expr"], columns), text(&c["then_expr"], columns)));
            let arms: String = arms.collect();
            let rest = of("else_expr");
            if rest == "NULL" { format!("CASE{arms} END") } else { format!("CASE{arms} ELSE {rest} END") }
        }
        "BOUND_OPERATOR" => operator(kind, &texts(&e["children"], columns)),
        "BOUND_FUNCTION" => call(e, columns),
        "BOUND_AGGREGATE" => aggregate(e, columns),
        "BOUND_WINDOW" => window(e, kind, columns),
        "BOUND_UNNEST" => of("child"),
        _ => texts(&e["children"], columns).join(", "),
    };
    cut(out)
}

/// A function's name in capitals, without what marks the engine's own.
#[must_use]
pub fn function(e: &Value) -> String {
    let name = list(&e["qname"]["path"]).last().and_then(Value::as_str).or_else(|| e["name"].as_str());
    name.unwrap_or("").trim_start_matches("sf_").trim_end_matches("_no_overflow").to_ascii_uppercase()
}

/// The sign of a comparison.
#[must_use]
pub fn comparison(kind: &str) -> &'static str {
    match kind.trim_start_matches("COMPARE_") {
        "EQUAL" => "=",
        "NOTEQUAL" => "<>",
        "LESSTHAN" => "<",
        "GREATERTHAN" => ">",
        "LESSTHANOREQUALTO" => "<=",
        "GREATERTHANOREQUALTO" => ">=",
        "DISTINCT_FROM" => "IS DISTINCT FROM",
        "NOT_DISTINCT_FROM" => "IS NOT DISTINCT FROM",
        _ => "?",
    }
}

/// `x DESC NULLS LAST`.
#[must_use]
pub fn order(o: &Value, columns: &[String]) -> String {
    let direction = if o["type"].as_str().is_some_and(|t| t.contains("DESC")) { "DESC" } else { "ASC" };
    let nulls = if o["null_order"].as_str().is_some_and(|t| t.contains("FIRST")) { "FIRST" } else { "LAST" };
    format!("{} {direction} NULLS {nulls}", text(&o["expression"], columns))
}

/// The filters that a scan applies itself. Those that only help to skip rows are left out: another operation checks them.
#[must_use]
pub fn filters(set: &Value, columns: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    for entry in list(&set["filters"]) {
        let place = usize::try_from(number(&entry["key"])).unwrap_or(usize::MAX);
        let column = columns.get(place).cloned().unwrap_or_default();
        out.extend(filter(&entry["value"], &column));
    }
    out
}

fn filter(f: &Value, column: &str) -> Option<String> {
    let children = |word: &str| {
        let parts: Vec<String> = list(&f["child_filters"]).iter().filter_map(|c| filter(c, column)).collect();
        (!parts.is_empty()).then(|| if parts.len() == 1 { parts[0].clone() } else { format!("({})", parts.join(word)) })
    };
    match f["filter_type"].as_str().unwrap_or("").trim_start_matches("LEGACY_") {
        "CONSTANT_COMPARISON" => {
            let sign = comparison(f["comparison_type"].as_str().unwrap_or(""));
            Some(format!("({column} {sign} {})", constant(&f["constant"])))
        }
        "IS_NULL" => Some(format!("({column} IS NULL)")),
        "IS_NOT_NULL" => Some(format!("({column} IS NOT NULL)")),
        "CONJUNCTION_AND" => children(" AND "),
        "CONJUNCTION_OR" => children(" OR "),
        "IN_FILTER" => {
            let values: Vec<String> = list(&f["values"]).iter().map(constant).collect();
            Some(cut(format!("({column} IN ({}))", values.join(", "))))
        }
        "EXPRESSION_FILTER" => Some(text(&f["expr"], &[column.to_owned()])),
        _ => None,
    }
}

fn operator(kind: &str, args: &[String]) -> String {
    let first = args.first().cloned().unwrap_or_default();
    let rest = args.get(1..).unwrap_or_default().join(", ");
    match kind {
        "OPERATOR_IS_NULL" => format!("({first} IS NULL)"),
        "OPERATOR_IS_NOT_NULL" => format!("({first} IS NOT NULL)"),
        "OPERATOR_NOT" => format!("(NOT {first})"),
        "COMPARE_IN" => format!("({first} IN ({rest}))"),
        "COMPARE_NOT_IN" => format!("({first} NOT IN ({rest}))"),
        "OPERATOR_TRY" => first,
        other => format!("{}({})", other.trim_start_matches("OPERATOR_"), args.join(", ")),
    }
}

fn call(e: &Value, columns: &[String]) -> String {
    let name = function(e);
    let args = texts(&e["children"], columns);
    let sign = match name.as_str() {
        "~~" => "LIKE",
        "!~~" => "NOT LIKE",
        "~~*" => "ILIKE",
        "!~~*" => "NOT ILIKE",
        "AND" => "AND",
        "OR" => "OR",
        "!=" => "<>",
        other => other,
    };
    match (sign, args.as_slice()) {
        ("NEXTVAL", _) => "NEXTVAL".to_owned(),
        ("CAST" | "__CAST" | "TRY_CAST" | "__TRY_CAST", [_]) => {
            cast(&e["children"][0], &e["return_type"], sign.ends_with("TRY_CAST"), columns)
        }
        // Narrower copies of columns, which the optimiser makes.
        (own, [one, ..]) if own.starts_with("__INTERNAL_") => one.clone(),
        ("BETWEEN", [x, low, high]) => format!("({x} BETWEEN {low} AND {high})"),
        ("AND" | "OR", many) => format!("({})", many.join(&format!(" {sign} "))),
        ("LIKE" | "NOT LIKE" | "ILIKE" | "NOT ILIKE", [a, b]) => format!("({a} {sign} {b})"),
        (sign, [a, b]) if !sign.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') => {
            format!("({a} {sign} {b})")
        }
        ("-", [a]) => format!("(-{a})"),
        (name, args) => format!("{name}({})", args.join(", ")),
    }
}

fn aggregate(e: &Value, columns: &[String]) -> String {
    let name = function(e);
    let args = texts(&e["children"], columns).join(", ");
    let distinct = if e["aggregate_type"] == "DISTINCT" { "DISTINCT " } else { "" };
    let call = match name.as_str() {
        "COUNT_STAR" => "COUNT(*)".to_owned(),
        "FIRST" => format!("ANY_VALUE({args})"),
        name => format!("{name}({distinct}{args})"),
    };
    if e["filter"].is_object() { format!("{call} FILTER (WHERE {})", text(&e["filter"], columns)) } else { call }
}

fn window(e: &Value, kind: &str, columns: &[String]) -> String {
    let named = function(e);
    let name = if named.is_empty() { kind.trim_start_matches("WINDOW_").to_owned() } else { named };
    let name = if name == "COUNT_STAR" { "COUNT".to_owned() } else { name };
    let args = texts(&e["children"], columns).join(", ");
    let args = if name == "COUNT" && args.is_empty() { "*".to_owned() } else { args };
    let mut over = Vec::new();
    let keys = texts(&e["partitions"], columns);
    if !keys.is_empty() {
        over.push(format!("PARTITION BY {}", keys.join(", ")));
    }
    let orders: Vec<String> = list(&e["orders"]).iter().map(|o| order(o, columns)).collect();
    if !orders.is_empty() {
        over.push(format!("ORDER BY {}", orders.join(", ")));
    }
    format!("{name}({args}) OVER ({})", over.join(" "))
}

/// Casts that only change how a number or a document is kept are not shown.
fn cast(child: &Value, to: &Value, attempt: bool, columns: &[String]) -> String {
    let inner = text(child, columns);
    let info = &to["type_info"];
    let word = match to["id"].as_str().unwrap_or("") {
        "VARCHAR" if info["alias"] == "JSON" => return inner,
        "VARCHAR" => "VARCHAR",
        "DATE" => "DATE",
        "TIME" => "TIME",
        "TIMESTAMP" => "TIMESTAMP_NTZ",
        "TIMESTAMP WITH TIME ZONE" | "TIMESTAMP_TZ" => "TIMESTAMP_LTZ",
        "BOOLEAN" => "BOOLEAN",
        "BLOB" => "BINARY",
        "DOUBLE" | "FLOAT" => "FLOAT",
        "DECIMAL" if attempt => "NUMBER",
        _ => return inner,
    };
    if child["expression_class"] == "BOUND_CONSTANT" && !attempt {
        return inner;
    }
    format!("{}CAST({inner} AS {word})", if attempt { "TRY_" } else { "" })
}

/// A value as a literal.
fn constant(v: &Value) -> String {
    if v["is_null"].as_bool() == Some(true) || v["value"].is_null() {
        return "NULL".to_owned();
    }
    let (value, ty) = (&v["value"], &v["type"]);
    let whole = whole(value);
    match (ty["id"].as_str().unwrap_or(""), whole) {
        ("DECIMAL", Some(n)) => scaled(n, number(&ty["type_info"]["scale"])),
        ("DATE", Some(days)) => {
            let date = i32::try_from(days).ok().and_then(|d| {
                chrono::NaiveDate::from_ymd_opt(1970, 1, 1)?.checked_add_signed(chrono::TimeDelta::days(i64::from(d)))
            });
            date.map_or_else(|| "DATE".to_owned(), |d| format!("'{d}'"))
        }
        ("TIMESTAMP" | "TIMESTAMP WITH TIME ZONE", Some(us)) => {
            let time = i64::try_from(us).ok().and_then(chrono::DateTime::from_timestamp_micros);
            time.map_or_else(|| "TIMESTAMP".to_owned(), |t| format!("'{}'", t.format("%Y-%m-%d %H:%M:%S%.f")))
        }
        (_, Some(n)) => n.to_string(),
        _ => match value {
            Value::String(s) => format!("'{}'", s.replace('\'', "''")),
            Value::Bool(b) => b.to_string().to_ascii_uppercase(),
            Value::Number(n) => n.to_string(),
            // A list's or a struct's.
            _ => "…".to_owned(),
        },
    }
}

/// A whole number; larger ones come in two halves.
fn whole(v: &Value) -> Option<i128> {
    if let Some(n) = v.as_i64() {
        return Some(i128::from(n));
    }
    let (upper, lower) = (v["upper"].as_i64()?, v["lower"].as_u64()?);
    Some((i128::from(upper) << 64) | i128::from(lower))
}

fn scaled(n: i128, scale: u64) -> String {
    let scale = usize::try_from(scale).unwrap_or(0).min(38);
    if scale == 0 {
        return n.to_string();
    }
    let digits = format!("{:0>width$}", n.unsigned_abs(), width = scale + 1);
    let (whole, rest) = digits.split_at(digits.len() - scale);
    format!("{}{whole}.{rest}", if n < 0 { "-" } else { "" })
}
