//! Path access into VARIANT values.

use super::super::super::error::{SfError, SfResult};
use super::super::super::types::Ty;
use super::super::{Bound, quote_text};

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathStep {
    /// `.key`, `['key']`: a member of an object, exact case.
    Key(String),
    /// `[3]`: an element of an array.
    Index(i64),
    /// `[expr]`: a number is an element, text a member.
    Expr(Bound),
}

/// How a constant path's SQL starts: [`text_of`] recognises it and reads the text in one go.
const OPEN: &str = "CAST(json_extract(";
const CLOSE: &str = ") AS VARCHAR)";

/// The value under a path; a missing key, a wrong container or an index out of range is SQL NULL. The result is VARIANT.
#[must_use]
pub fn path(base: &Bound, steps: &[PathStep]) -> Bound {
    let mut sql = base.sql.clone();
    let mut constant = String::new();
    for step in steps {
        if let Some(text) = constant_step(step) {
            constant.push_str(&text);
        } else {
            sql = apply(&sql, &constant);
            constant.clear();
            sql = dynamic_step(&sql, step);
        }
    }
    Bound { sql: apply(&sql, &constant), ty: Ty::Variant, nullable: true, literal: None }
}

fn apply(sql: &str, constant: &str) -> String {
    if constant.is_empty() {
        sql.to_owned()
    } else {
        format!("{OPEN}{sql}, {}{CLOSE}", quote_text(&format!("${constant}")))
    }
}

fn constant_step(step: &PathStep) -> Option<String> {
    match step {
        // DuckDB reads a quoted `*` as "every member".
        PathStep::Key(k) if k != "*" && !k.contains(['"', '\\']) => Some(format!(".\"{k}\"")),
        PathStep::Index(i) if *i >= 0 => Some(format!("[{i}]")),
        PathStep::Expr(e) => match &e.literal {
            Some(text) if e.ty.is_text() => constant_step(&PathStep::Key(text.clone())),
            _ => None,
        },
        _ => None,
    }
}

fn dynamic_step(sql: &str, step: &PathStep) -> String {
    match step {
        PathStep::Key(k) => format!("sf_get_key({sql}, {})", quote_text(k)),
        PathStep::Index(i) => format!("sf_get_index({sql}, CAST({i} AS BIGINT))"),
        PathStep::Expr(e) if e.ty.is_numeric() => format!("sf_get_index({sql}, CAST({} AS BIGINT))", e.sql),
        PathStep::Expr(e) if e.ty.is_semi() => format!("sf_get_any({sql}, {})", e.sql),
        PathStep::Expr(e) => format!("sf_get_key({sql}, CAST({} AS VARCHAR))", e.sql),
    }
}

/// DuckDB SQL for a VARIANT's text: strings without quotes, JSON null as SQL NULL, containers as compact JSON.
#[must_use]
pub fn text_of(variant: &str) -> String {
    match variant.strip_prefix(OPEN).and_then(|rest| rest.strip_suffix(CLOSE)) {
        Some(inner) => format!("json_extract_string({inner})"),
        None => format!("json_extract_string({variant}, '$')"),
    }
}

/// Reads `a.b[0]['odd key']`, the path language of GET_PATH and FLATTEN.
///
/// # Errors
/// 001003 for a malformed path.
pub fn parse_path(text: &str) -> SfResult<Vec<PathStep>> {
    let bad = || SfError::compile("001003", "42000", format!("syntax error in path '{text}'."));
    let mut steps = Vec::new();
    let mut rest = text.trim();
    rest = rest.strip_prefix(':').unwrap_or(rest);
    while !rest.is_empty() {
        rest = rest.strip_prefix('.').unwrap_or(rest);
        if let Some(inside) = rest.strip_prefix('[') {
            let (step, after) = bracket(inside).ok_or_else(bad)?;
            steps.push(step);
            rest = after;
        } else if let Some(inside) = rest.strip_prefix('"') {
            let (key, after) = inside.split_once('"').ok_or_else(bad)?;
            steps.push(PathStep::Key(key.to_owned()));
            rest = after;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            if end == 0 {
                return Err(bad());
            }
            steps.push(PathStep::Key(rest[..end].to_owned()));
            rest = &rest[end..];
        }
    }
    Ok(steps)
}

fn bracket(inside: &str) -> Option<(PathStep, &str)> {
    if let Some(quote) = inside.chars().next().filter(|c| matches!(c, '\'' | '"')) {
        let (key, after) = inside[1..].split_once(quote)?;
        return Some((PathStep::Key(key.to_owned()), after.strip_prefix(']')?));
    }
    let (number, after) = inside.split_once(']')?;
    Some((PathStep::Index(number.trim().parse().ok()?), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constant_paths_are_one_native_call() {
        let base = Bound::new("r1.c1", Ty::Variant);
        let p = path(&base, &parse_path("a.b[0]['odd key']").unwrap());
        assert_eq!(p.sql, r#"CAST(json_extract(r1.c1, '$."a"."b"[0]."odd key"') AS VARCHAR)"#);
        assert_eq!(text_of(&p.sql), r#"json_extract_string(r1.c1, '$."a"."b"[0]."odd key"')"#);
        assert!(parse_path("a[").is_err());
    }
}
