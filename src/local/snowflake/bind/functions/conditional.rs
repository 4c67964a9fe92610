//! Conditions and NULL.

use super::super::super::error::SfResult;
use super::super::super::types::Ty;
use super::super::compare::compare;
use super::super::{Bound, common_type};
use super::make::{MANY, f};
use super::{Call, Function};
use crate::local::snowflake::bind::cast::{Mode, cast};

pub(super) const TABLE: &[Function] = &[
    f("COALESCE", 1, MANY, coalesce),
    f("NVL", 2, 2, coalesce),
    f("IFNULL", 2, 2, coalesce),
    f("NVL2", 3, 3, nvl2),
    f("NULLIF", 2, 2, nullif),
    f("NULLIFZERO", 1, 1, nullifzero),
    f("ZEROIFNULL", 1, 1, zeroifnull),
    f("IFF", 3, 3, iff),
    f("IF", 3, 3, iff),
    f("DECODE", 3, MANY, decode),
    f("EQUAL_NULL", 2, 2, |c| compare(c.arg(0)?, "IS NOT DISTINCT FROM", c.arg(1)?, c.env)),
    f("IS_DISTINCT_FROM", 2, 2, |c| compare(c.arg(0)?, "IS DISTINCT FROM", c.arg(1)?, c.env)),
    f("GREATEST", 1, MANY, |c| extreme(c, "greatest", true)),
    f("LEAST", 1, MANY, |c| extreme(c, "least", true)),
    f("GREATEST_IGNORE_NULLS", 1, MANY, |c| extreme(c, "greatest", false)),
    f("LEAST_IGNORE_NULLS", 1, MANY, |c| extreme(c, "least", false)),
    f("BOOLAND", 2, 2, |c| truth(c, |a, b| format!("({a} AND {b})"))),
    f("BOOLOR", 2, 2, |c| truth(c, |a, b| format!("({a} OR {b})"))),
    f("BOOLXOR", 2, 2, |c| truth(c, |a, b| format!("({a} <> {b})"))),
    f("BOOLNOT", 1, 1, |c| Ok(c.out(format!("(NOT {})", c.to(0, Ty::Boolean)?), Ty::Boolean))),
];

fn coalesce(c: &Call<'_>) -> SfResult<Bound> {
    let (items, ty) = c.unified(0)?;
    let sql = if items.len() == 1 { items[0].clone() } else { format!("COALESCE({})", items.join(", ")) };
    Ok(Bound { nullable: c.args.iter().all(|a| a.nullable), ..Bound::new(sql, ty) })
}

fn nvl2(c: &Call<'_>) -> SfResult<Bound> {
    let (items, ty) = c.unified(1)?;
    Ok(c.out(format!("CASE WHEN {} IS NOT NULL THEN {} ELSE {} END", c.arg(0)?.sql, items[0], items[1]), ty))
}

fn nullif(c: &Call<'_>) -> SfResult<Bound> {
    let a = c.arg(0)?;
    // DuckDB would work a long expression out twice: for the comparison and for the value.
    if a.ty.is_text() && c.arg(1)?.literal.is_some() && c.arg(1)?.ty.is_text() && a.sql.len() > 40 {
        return Ok(c.maybe(format!("sf_nullif({}, {})", a.sql, c.arg(1)?.sql), a.ty));
    }
    let same = compare(a, "=", c.arg(1)?, c.env)?;
    let ty = if a.ty == Ty::Null { Ty::TEXT } else { a.ty };
    let value = cast(a, ty, Mode::Explicit, c.env)?.sql;
    Ok(c.maybe(format!("CASE WHEN {} THEN NULL ELSE {value} END", same.sql), ty))
}

fn nullifzero(c: &Call<'_>) -> SfResult<Bound> {
    let x = c.number(0)?;
    Ok(c.maybe(format!("nullif({}, CAST(0 AS {}))", x.sql, x.ty.duck()), x.ty))
}

fn zeroifnull(c: &Call<'_>) -> SfResult<Bound> {
    let x = c.number(0)?;
    Ok(Bound { nullable: false, ..Bound::new(format!("COALESCE({}, CAST(0 AS {}))", x.sql, x.ty.duck()), x.ty) })
}

fn iff(c: &Call<'_>) -> SfResult<Bound> {
    let (items, ty) = c.unified(1)?;
    let sql = format!("CASE WHEN {} THEN {} ELSE {} END", c.to(0, Ty::Boolean)?, items[0], items[1]);
    Ok(Bound { nullable: c.args[1..].iter().any(|a| a.nullable), ..Bound::new(sql, ty) })
}

fn decode(c: &Call<'_>) -> SfResult<Bound> {
    let results: Vec<&Bound> = c.args[1..].chunks(2).map(|pair| pair.last().unwrap_or(&c.args[0])).collect();
    let ty = common_type(&results.iter().map(|r| r.ty).collect::<Vec<_>>())?;
    let mut sql = String::from("CASE");
    for pair in c.args[1..].chunks(2) {
        let value = |e: &Bound| cast(e, ty, Mode::Explicit, c.env).map(|b| b.sql);
        match pair {
            [search, result] => {
                let hit = compare(c.arg(0)?, "IS NOT DISTINCT FROM", search, c.env)?.sql;
                sql.push_str(&format!(" WHEN {hit} THEN {}", value(result)?));
            }
            [otherwise] => sql.push_str(&format!(" ELSE {}", value(otherwise)?)),
            _ => {}
        }
    }
    Ok(c.maybe(format!("{sql} END"), ty))
}

fn extreme(c: &Call<'_>, name: &str, strict: bool) -> SfResult<Bound> {
    let (items, ty) = c.unified(0)?;
    let all = format!("{name}({})", items.join(", "));
    let nulls: Vec<String> = items
        .iter()
        .zip(&c.args)
        .filter(|(_, a)| strict && a.nullable)
        .map(|(item, _)| format!("{item} IS NULL"))
        .collect();
    let sql = if nulls.is_empty() || items.len() == 1 {
        all
    } else {
        format!("CASE WHEN {} THEN NULL ELSE {all} END", nulls.join(" OR "))
    };
    Ok(c.out(sql, ty))
}

fn truth(c: &Call<'_>, join: fn(&str, &str) -> String) -> SfResult<Bound> {
    Ok(c.out(join(&c.to(0, Ty::Boolean)?, &c.to(1, Ty::Boolean)?), Ty::Boolean))
}

#[cfg(test)]
mod tests {
    use super::super::testing::call;
    use super::*;

    fn n(v: i64) -> Bound {
        Bound::int(v)
    }

    #[test]
    fn null_rules() {
        for (name, args, want) in [
            ("NVL", vec![Bound::null(), n(2)], Some("2")),
            ("NVL2", vec![Bound::null(), n(1), n(2)], Some("2")),
            ("NULLIF", vec![n(100), n(100)], None),
            ("IFF", vec![Bound::null(), n(1), n(2)], Some("2")),
            ("GREATEST", vec![n(100), Bound::null(), n(200)], None),
            ("GREATEST_IGNORE_NULLS", vec![n(100), Bound::null(), n(200)], Some("200")),
            ("DECODE", vec![Bound::null(), n(1), Bound::text("a"), Bound::null(), Bound::text("b")], Some("b")),
            ("DECODE", vec![n(5), n(1), Bound::text("a"), Bound::text("z")], Some("z")),
            ("EQUAL_NULL", vec![Bound::null(), Bound::null()], Some("true")),
            ("ZEROIFNULL", vec![Bound::null()], Some("0")),
        ] {
            assert_eq!(call(name, args).unwrap().as_deref(), want, "{name}");
        }
    }
}
