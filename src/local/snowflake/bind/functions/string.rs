//! Text.

use super::super::super::error::{SfError, SfResult};
use super::super::super::types::Ty;
use super::super::{Bound, quote_text};
use super::make::{MANY, f};
use super::{Call, Function};

pub(super) const TABLE: &[Function] = &[
    f("LENGTH", 1, 1, length),
    f("LEN", 1, 1, length),
    f("CHAR_LENGTH", 1, 1, length),
    f("CHARACTER_LENGTH", 1, 1, length),
    f("OCTET_LENGTH", 1, 1, octets),
    f("BIT_LENGTH", 1, 1, |c| {
        let bytes = octets(c)?;
        Ok(Bound { sql: format!("CAST(({} * 8) AS DECIMAL(18,0))", bytes.sql), ..bytes })
    }),
    f("UPPER", 1, 1, |c| keep(c, "upper")),
    f("LOWER", 1, 1, |c| keep(c, "lower")),
    f("REVERSE", 1, 1, |c| keep(c, "reverse")),
    f("INITCAP", 1, 2, initcap),
    f("TRIM", 1, 2, |c| trim(c, "trim")),
    f("LTRIM", 1, 2, |c| trim(c, "ltrim")),
    f("RTRIM", 1, 2, |c| trim(c, "rtrim")),
    f("RTRIMMED_LENGTH", 1, 1, |c| Ok(c.out(format!("CAST(length(rtrim({})) AS DECIMAL(18,0))", c.text(0)?), COUNT))),
    f("SUBSTR", 2, 3, substr),
    f("SUBSTRING", 2, 3, substr),
    f("LEFT", 2, 2, |c| Ok(c.out(format!("left({}, greatest({}, 0))", c.text(0)?, c.int(1)?), text_of(c, 0)))),
    f("RIGHT", 2, 2, |c| Ok(c.out(format!("right({}, greatest({}, 0))", c.text(0)?, c.int(1)?), text_of(c, 0)))),
    f("CONCAT", 1, MANY, concat),
    f("CONCAT_WS", 2, MANY, concat_ws),
    f("REPLACE", 2, 3, |c| {
        let by = if c.args.len() > 2 { c.text(2)? } else { "''".into() };
        Ok(c.out(format!("replace({}, {}, {by})", c.text(0)?, c.text(1)?), Ty::TEXT))
    }),
    f("SPLIT", 2, 2, |c| {
        Ok(c.out(format!("CAST(to_json(string_split({}, {})) AS VARCHAR)", c.text(0)?, c.text(1)?), Ty::Array))
    }),
    f("SPLIT_PART", 3, 3, split_part),
    f("STRTOK", 1, 3, strtok),
    f("STRTOK_TO_ARRAY", 1, 2, |c| {
        let by = if c.args.len() > 1 { c.text(1)? } else { "' '".into() };
        Ok(c.out(format!("sf_tokens({}, {by})", c.text(0)?), Ty::Array))
    }),
    f("POSITION", 2, 3, |c| position(c)),
    f("CHARINDEX", 2, 3, |c| position(c)),
    f("CONTAINS", 2, 2, |c| test(c, "contains")),
    f("STARTSWITH", 2, 2, |c| test(c, "starts_with")),
    f("ENDSWITH", 2, 2, |c| test(c, "ends_with")),
    f("LPAD", 2, 3, |c| pad(c, "lpad")),
    f("RPAD", 2, 3, |c| pad(c, "rpad")),
    f("REPEAT", 2, 2, |c| Ok(c.out(format!("repeat({}, greatest({}, 0))", c.text(0)?, c.int(1)?), Ty::TEXT))),
    f("SPACE", 1, 1, |c| Ok(c.out(format!("repeat(' ', greatest({}, 0))", c.int(0)?), Ty::TEXT))),
    f("ASCII", 1, 1, |c| Ok(c.out(format!("CAST(ascii({}) AS DECIMAL(18,0))", c.text(0)?), COUNT))),
    f("UNICODE", 1, 1, |c| Ok(c.out(format!("CAST(greatest(unicode({}), 0) AS DECIMAL(18,0))", c.text(0)?), COUNT))),
    f("CHR", 1, 1, |c| Ok(c.out(format!("chr(CAST({} AS INTEGER))", c.int(0)?), Ty::text(1)))),
    f("CHAR", 1, 1, |c| Ok(c.out(format!("chr(CAST({} AS INTEGER))", c.int(0)?), Ty::text(1)))),
    f("TRANSLATE", 3, 3, |c| Ok(c.out(format!("translate({}, {}, {})", c.text(0)?, c.text(1)?, c.text(2)?), Ty::TEXT))),
    f("INSERT", 4, 4, |c| {
        let (t, at, n, new) = (c.text(0)?, c.int(1)?, c.int(2)?, c.text(3)?);
        Ok(c.out(format!("(left({t}, {at} - 1) || {new} || substring({t}, {at} + {n}))"), Ty::TEXT))
    }),
    f("EDITDISTANCE", 2, 3, edit_distance),
    f("JAROWINKLER_SIMILARITY", 2, 2, |c| {
        let sql = format!("round(jaro_winkler_similarity(lower({}), lower({})) * 100)", c.text(0)?, c.text(1)?);
        Ok(c.out(format!("CAST({sql} AS DECIMAL(38,0))"), Ty::INT))
    }),
    f("LIKE", 2, 3, |c| like(c, "LIKE")),
    f("ILIKE", 2, 3, |c| like(c, "ILIKE")),
    // Texts are compared by their bytes; another order is refused.
    f("COLLATE", 2, 2, |c| match c.constant(1)? {
        "" | "utf8" | "binary" => Ok(c.arg(0)?.clone()),
        other => Err(SfError::unsupported(&format!("collation {other}"))),
    }),
];

/// What lengths and positions are.
const COUNT: Ty = Ty::Number { p: 18, s: 0 };

fn text_of(c: &Call<'_>, i: usize) -> Ty {
    match c.args.get(i).map(|a| a.ty) {
        Some(ty @ Ty::Text { .. }) => ty,
        _ => Ty::TEXT,
    }
}

fn length(c: &Call<'_>) -> SfResult<Bound> {
    let a = c.arg(0)?;
    let sql = if matches!(a.ty, Ty::Binary { .. }) {
        format!("octet_length({})", a.sql)
    } else {
        format!("length({})", c.text(0)?)
    };
    Ok(c.out(format!("CAST({sql} AS DECIMAL(18,0))"), COUNT))
}

fn octets(c: &Call<'_>) -> SfResult<Bound> {
    let a = c.arg(0)?;
    let sql = if matches!(a.ty, Ty::Binary { .. }) {
        format!("octet_length({})", a.sql)
    } else {
        format!("strlen({})", c.text(0)?)
    };
    Ok(c.out(format!("CAST({sql} AS DECIMAL(18,0))"), COUNT))
}

fn keep(c: &Call<'_>, name: &str) -> SfResult<Bound> {
    Ok(c.out(format!("{name}({})", c.text(0)?), text_of(c, 0)))
}

fn initcap(c: &Call<'_>) -> SfResult<Bound> {
    let delimiters =
        if c.args.len() > 1 { c.text(1)? } else { quote_text(" \t\n\r\u{c}!?@\"^#$&~_,.:;+-*%/|\\[](){}<>") };
    Ok(c.out(format!("sf_initcap({}, {delimiters})", c.text(0)?), text_of(c, 0)))
}

fn trim(c: &Call<'_>, name: &str) -> SfResult<Bound> {
    let sql = if c.args.len() > 1 {
        format!("{name}({}, {})", c.text(0)?, c.text(1)?)
    } else {
        format!("{name}({})", c.text(0)?)
    };
    Ok(c.out(sql, text_of(c, 0)))
}

/// 1-based; 0 counts as 1, a negative start counts from the end.
fn substr(c: &Call<'_>) -> SfResult<Bound> {
    let a = c.arg(0)?;
    let start = match c.constant_int(1) {
        Some(0) => "1".to_owned(),
        Some(n) => n.to_string(),
        None => {
            let n = c.int(1)?;
            format!("CASE WHEN {n} = 0 THEN 1 ELSE {n} END")
        }
    };
    let count = if c.args.len() > 2 { format!(", greatest({}, 0)", c.int(2)?) } else { String::new() };
    if matches!(a.ty, Ty::Binary { .. }) {
        return Err(SfError::unsupported("SUBSTR of a BINARY"));
    }
    Ok(c.out(format!("substring({}, {start}{count})", c.text(0)?), text_of(c, 0)))
}

/// NULL where any argument is.
fn concat(c: &Call<'_>) -> SfResult<Bound> {
    if c.args.iter().all(|a| matches!(a.ty, Ty::Binary { .. })) {
        let items: Vec<&str> = c.args.iter().map(|a| a.sql.as_str()).collect();
        return Ok(c.out(balanced(&items, " || "), Ty::BINARY));
    }
    let items = (0..c.args.len()).map(|i| c.text(i)).collect::<SfResult<Vec<_>>>()?;
    Ok(c.out(balanced(&items, " || "), joined_length(c)))
}

/// `((a || b) || (c || d))`: as shallow as can be, since DuckDB limits the depth of expressions.
fn balanced<S: AsRef<str>>(items: &[S], by: &str) -> String {
    match items {
        [] => "''".to_owned(),
        [one] => one.as_ref().to_owned(),
        many => {
            let (a, b) = many.split_at(many.len() / 2);
            format!("({}{by}{})", balanced(a, by), balanced(b, by))
        }
    }
}

/// Lengths add up where all are known.
fn joined_length(c: &Call<'_>) -> Ty {
    let mut sum = 0_usize;
    for a in &c.args {
        match a.ty {
            Ty::Text { len } => sum += len as usize,
            _ => return Ty::TEXT,
        }
    }
    if sum > crate::local::snowflake::types::TEXT_DEFAULT as usize { Ty::TEXT } else { Ty::text(sum) }
}

fn concat_ws(c: &Call<'_>) -> SfResult<Bound> {
    let by = c.text(0)?;
    let items = (1..c.args.len()).map(|i| c.text(i)).collect::<SfResult<Vec<_>>>()?;
    Ok(c.out(balanced(&items, &format!(" || {by} || ")), Ty::TEXT))
}

fn split_part(c: &Call<'_>) -> SfResult<Bound> {
    let (t, by) = (c.text(0)?, c.text(1)?);
    let n = match c.constant_int(2) {
        Some(0) => "1".to_owned(),
        Some(n) => n.to_string(),
        None => {
            let n = c.int(2)?;
            format!("CASE WHEN {n} = 0 THEN 1 ELSE {n} END")
        }
    };
    let sql = match c.literal(1) {
        Some("") => format!("CASE WHEN {n} IN (1, -1) THEN {t} ELSE '' END"),
        _ => format!("split_part({t}, {by}, {n})"),
    };
    Ok(c.out(sql, Ty::TEXT))
}

fn strtok(c: &Call<'_>) -> SfResult<Bound> {
    let by = if c.args.len() > 1 { c.text(1)? } else { "' '".into() };
    let n = if c.args.len() > 2 { c.int(2)? } else { "1".into() };
    let tokens = format!("sf_tokens({}, {by})", c.text(0)?);
    Ok(c.maybe(format!("json_extract_string({tokens}, '$[' || CAST({n} - 1 AS VARCHAR) || ']')"), Ty::TEXT))
}

fn position(c: &Call<'_>) -> SfResult<Bound> {
    let (part, t) = (c.text(0)?, c.text(1)?);
    let sql = if c.args.len() > 2 {
        let from = c.int(2)?;
        let found = format!("strpos(substring({t}, {from}), {part})");
        format!("CASE WHEN {found} = 0 THEN 0 ELSE {found} + {from} - 1 END")
    } else {
        format!("strpos({t}, {part})")
    };
    Ok(c.out(format!("CAST({sql} AS DECIMAL(18,0))"), COUNT))
}

fn test(c: &Call<'_>, name: &str) -> SfResult<Bound> {
    Ok(c.out(format!("{name}({}, {})", c.text(0)?, c.text(1)?), Ty::Boolean))
}

fn pad(c: &Call<'_>, name: &str) -> SfResult<Bound> {
    let with = if c.args.len() > 2 { c.text(2)? } else { "' '".into() };
    Ok(c.out(format!("{name}({}, CAST(greatest({}, 0) AS INTEGER), {with})", c.text(0)?, c.int(1)?), Ty::TEXT))
}

fn edit_distance(c: &Call<'_>) -> SfResult<Bound> {
    let distance = format!("levenshtein({}, {})", c.text(0)?, c.text(1)?);
    let sql = if c.args.len() > 2 { format!("least({distance}, {})", c.int(2)?) } else { distance };
    Ok(c.out(format!("CAST({sql} AS DECIMAL(38,0))"), Ty::INT))
}

fn like(c: &Call<'_>, word: &str) -> SfResult<Bound> {
    let escape = if c.args.len() > 2 { format!(" ESCAPE {}", c.text(2)?) } else { String::new() };
    Ok(c.out(format!("({} {word} {}{escape})", c.text(0)?, c.text(1)?), Ty::Boolean))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{call, num, t};
    use super::*;

    #[test]
    fn text_functions() {
        for (name, args, want) in [
            ("LENGTH", vec![t("héllo")], Some("5")),
            ("OCTET_LENGTH", vec![t("héllo")], Some("6")),
            ("INITCAP", vec![t("the quick-brown FOX")], Some("The Quick-Brown Fox")),
            ("TRIM", vec![t("--a-"), t("-")], Some("a")),
            ("SUBSTR", vec![t("hello"), num("0"), num("2")], Some("he")),
            ("SUBSTR", vec![t("hello"), num("-3")], Some("llo")),
            ("CONCAT", vec![t("a"), Bound::null()], None),
            ("CONCAT_WS", vec![t(","), t("a"), t("b")], Some("a,b")),
            ("SPLIT", vec![t("a,b"), t(",")], Some("[\"a\",\"b\"]")),
            ("SPLIT_PART", vec![t("a,b"), t(","), num("3")], Some("")),
            ("SPLIT_PART", vec![t("a,b"), t(","), num("-1")], Some("b")),
            ("STRTOK", vec![t("a.b@c"), t(".@"), num("3")], Some("c")),
            ("POSITION", vec![t("l"), t("hello"), num("4")], Some("4")),
            ("CHARINDEX", vec![t("z"), t("hello")], Some("0")),
            ("LPAD", vec![t("7"), num("3"), t("0")], Some("007")),
            ("REPLACE", vec![t("abcb"), t("b")], Some("ac")),
            ("INSERT", vec![t("abc"), num("2"), num("1"), t("XY")], Some("aXYc")),
            ("EDITDISTANCE", vec![t("kitten"), t("sitting")], Some("3")),
            ("STARTSWITH", vec![t("snow"), t("sn")], Some("true")),
            ("ILIKE", vec![t("SNOW"), t("s%")], Some("true")),
        ] {
            assert_eq!(call(name, args).unwrap().as_deref(), want, "{name}");
        }
    }
}
