//! Regular expressions.

use super::super::super::error::SfResult;
use super::super::super::types::Ty;
use super::super::{Bound, quote_text};
use super::make::f;
use super::{Call, Function};

pub(super) const TABLE: &[Function] = &[
    f("REGEXP_LIKE", 2, 3, like),
    f("RLIKE", 2, 3, like),
    f("REGEXP", 2, 2, like),
    f("REGEXP_REPLACE", 2, 6, replace),
    f("REGEXP_SUBSTR", 2, 6, |c| substr(c, "sf_regexp_substr", Ty::TEXT)),
    f("REGEXP_SUBSTR_ALL", 2, 6, |c| substr(c, "sf_regexp_all", Ty::Array)),
    f("REGEXP_EXTRACT_ALL", 2, 6, |c| substr(c, "sf_regexp_all", Ty::Array)),
    f("REGEXP_INSTR", 2, 7, instr),
    f("REGEXP_COUNT", 2, 4, |c| {
        let sql = format!("sf_regexp_count({}, {}, {}, {})", c.text(0)?, c.text(1)?, or_int(c, 2, 1)?, or_text(c, 3)?);
        Ok(c.out(format!("CAST({sql} AS DECIMAL(18,0))"), Ty::Number { p: 18, s: 0 }))
    }),
];

fn or_int(c: &Call<'_>, i: usize, default: i64) -> SfResult<String> {
    if i < c.args.len() { c.int(i) } else { Ok(format!("CAST({default} AS BIGINT)")) }
}

fn or_text(c: &Call<'_>, i: usize) -> SfResult<String> {
    if i < c.args.len() { c.text(i) } else { Ok(quote_text("c")) }
}

/// The whole text must match.
fn like(c: &Call<'_>) -> SfResult<Bound> {
    Ok(c.out(format!("sf_regexp_like({}, {}, {})", c.text(0)?, c.text(1)?, or_text(c, 2)?), Ty::Boolean))
}

/// `(subject, pattern[, replacement[, position[, occurrence[, parameters]]]])`.
fn replace(c: &Call<'_>) -> SfResult<Bound> {
    let by = if c.args.len() > 2 { c.text(2)? } else { "''".into() };
    let sql = format!(
        "sf_regexp_replace({}, {}, {by}, {}, {}, {})",
        c.text(0)?,
        c.text(1)?,
        or_int(c, 3, 1)?,
        or_int(c, 4, 0)?,
        or_text(c, 5)?
    );
    Ok(c.out(sql, Ty::TEXT))
}

/// `(subject, pattern[, position[, occurrence[, parameters[, group]]]])`.
fn substr(c: &Call<'_>, name: &str, ty: Ty) -> SfResult<Bound> {
    let params = or_text(c, 4)?;
    // A group was asked for: by its number, or by the parameter `e`, which means the first.
    let group =
        if c.args.len() > 5 { c.int(5)? } else { format!("CASE WHEN contains({params}, 'e') THEN 1 ELSE 0 END") };
    let sql = format!(
        "{name}({}, {}, {}, {}, {params}, CAST({group} AS BIGINT))",
        c.text(0)?,
        c.text(1)?,
        or_int(c, 2, 1)?,
        or_int(c, 3, 1)?
    );
    Ok(c.maybe(sql, ty))
}

/// `(subject, pattern[, position[, occurrence[, option[, parameters[, group]]]]])`.
fn instr(c: &Call<'_>) -> SfResult<Bound> {
    let group = or_int(c, 6, 0)?;
    let sql = format!(
        "sf_regexp_instr({}, {}, {}, {}, {}, {}, {group})",
        c.text(0)?,
        c.text(1)?,
        or_int(c, 2, 1)?,
        or_int(c, 3, 1)?,
        or_int(c, 4, 0)?,
        or_text(c, 5)?
    );
    Ok(c.out(format!("CAST({sql} AS DECIMAL(18,0))"), Ty::Number { p: 18, s: 0 }))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{call, num, t};

    #[test]
    fn regular_expressions() {
        for (name, args, want) in [
            ("REGEXP_LIKE", vec![t("abc"), t("b")], Some("false")),
            ("REGEXP_LIKE", vec![t("ABC"), t("a.*"), t("i")], Some("true")),
            ("REGEXP_REPLACE", vec![t("a1b22"), t("[0-9]+"), t("#")], Some("a#b#")),
            ("REGEXP_REPLACE", vec![t("john smith"), t("(\\w+) (\\w+)"), t("\\2 \\1")], Some("smith john")),
            ("REGEXP_REPLACE", vec![t("aaa"), t("a"), t("b"), num("1"), num("2")], Some("aba")),
            ("REGEXP_SUBSTR", vec![t("id=42;x=7"), t("[a-z]+=(\\d+)"), num("1"), num("2"), t("e")], Some("7")),
            ("REGEXP_SUBSTR", vec![t("abc"), t("z")], None),
            ("REGEXP_COUNT", vec![t("banana"), t("an")], Some("2")),
            ("REGEXP_INSTR", vec![t("banana"), t("an"), num("1"), num("2")], Some("4")),
        ] {
            assert_eq!(call(name, args).unwrap().as_deref(), want, "{name}");
        }
    }
}
