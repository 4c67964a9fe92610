//! Sounds, addresses, random texts and numbers, distances, and pairs of arrays.

use super::super::super::error::SfResult;
use super::super::super::types::Ty;
use super::super::{Bound, quote_text};
use super::make::f;
use super::{Call, Function};

pub(super) const TABLE: &[Function] = &[
    f("SOUNDEX", 1, 1, |c| Ok(c.out(format!("sf_soundex({}, false)", c.text(0)?), Ty::text(4)))),
    f("SOUNDEX_P123", 1, 1, |c| Ok(c.out(format!("sf_soundex({}, true)", c.text(0)?), Ty::text(4)))),
    f("PARSE_URL", 1, 2, |c| {
        let name = if c.constant_int(1) == Some(1) { "sf_try_parse_url" } else { "sf_parse_url" };
        Ok(c.out(format!("{name}({})", c.text(0)?), Ty::Object))
    }),
    f("RANDSTR", 2, 2, |c| {
        Ok(c.out(format!("sf_randstr({}, CAST(hash({}) >> 1 AS BIGINT))", c.int(0)?, c.arg(1)?.sql), Ty::TEXT))
    }),
    f("NORMAL", 3, 3, normal),
    f("HAVERSINE", 4, 4, haversine),
    f("GETBIT", 2, 2, |c| {
        Ok(c.out(format!("CAST((({} >> CAST({} AS INTEGER)) & 1) AS DECIMAL(38,0))", c.int(0)?, c.int(1)?), Ty::INT))
    }),
    // Bitmaps of 32,768 bits that count from 1.
    f("BITMAP_BIT_POSITION", 1, 1, |c| {
        let x = c.int(0)?;
        let sql = format!("CASE WHEN {x} > 0 THEN ({x} - 1) % 32768 ELSE abs({x}) % 32768 END");
        Ok(c.out(format!("CAST({sql} AS DECIMAL(38,0))"), Ty::INT))
    }),
    f("BITMAP_BUCKET_NUMBER", 1, 1, |c| {
        let x = c.int(0)?;
        let sql = format!("CASE WHEN {x} > 0 THEN 1 + ({x} - 1) // 32768 ELSE {x} // 32768 END");
        Ok(c.out(format!("CAST({sql} AS DECIMAL(38,0))"), Ty::INT))
    }),
    f("COLLATION", 1, 1, |c| {
        c.arg(0)?;
        Ok(Bound::new("CAST(NULL AS VARCHAR)", Ty::TEXT))
    }),
    f("ASINH", 1, 1, |c| Ok(c.out(format!("asinh({})", c.float(0)?), Ty::Float))),
    f("ACOSH", 1, 1, |c| Ok(c.out(format!("acosh({})", c.float(0)?), Ty::Float))),
    f("ATANH", 1, 1, |c| Ok(c.out(format!("atanh({})", c.float(0)?), Ty::Float))),
    f("REGR_VALX", 2, 2, |c| {
        Ok(c.out(format!("CASE WHEN {} IS NOT NULL THEN {} END", c.float(0)?, c.float(1)?), Ty::Float))
    }),
    f("REGR_VALY", 2, 2, |c| {
        Ok(c.out(format!("CASE WHEN {} IS NOT NULL THEN {} END", c.float(1)?, c.float(0)?), Ty::Float))
    }),
    f("ARRAYS_TO_OBJECT", 2, 2, |c| {
        let (keys, values) = (c.to(0, Ty::Array)?, c.to(1, Ty::Array)?);
        let keys = format!("list_transform(sf_elements({keys}), lambda k: json_extract_string(k, '$'))");
        Ok(c.out(format!("sf_object({keys}, sf_elements({values}), true)"), Ty::Object))
    }),
    f("ARRAYS_ZIP", 2, 8, |c| {
        let lists = (0..c.args.len())
            .map(|i| Ok(format!("sf_elements({})", c.to(i, Ty::Array)?)))
            .collect::<SfResult<Vec<_>>>()?;
        let members: Vec<String> =
            (0..lists.len()).map(|i| format!("'\"${n}\":' || coalesce(z[{n}], 'null')", n = i + 1)).collect();
        let rows = format!(
            "list_transform(list_zip({}), lambda z: '{{' || {} || '}}')",
            lists.join(", "),
            members.join(" || ',' || ")
        );
        Ok(c.out(format!("('[' || array_to_string({rows}, ',') || ']')"), Ty::Array))
    }),
];

/// Two even shares of the generator's number, as a normal distribution needs (Box and Muller).
fn normal(c: &Call<'_>) -> SfResult<Bound> {
    let (mean, deviation, seed) = (c.float(0)?, c.float(1)?, &c.arg(2)?.sql);
    let share =
        |salt: &str| format!("(CAST(hash({seed}, {}) % 1000000007 + 1 AS DOUBLE) / 1000000008)", quote_text(salt));
    let sql = format!("({mean} + {deviation} * sqrt(-2 * ln({})) * cos(2 * pi() * {}))", share("a"), share("b"));
    Ok(c.out(sql, Ty::Float))
}

/// Kilometres between two places on a sphere: latitude and longitude in degrees, twice.
fn haversine(c: &Call<'_>) -> SfResult<Bound> {
    let (a, b, x, y) = (c.float(0)?, c.float(1)?, c.float(2)?, c.float(3)?);
    let half = |from: &str, to: &str| format!("pow(sin(radians({to} - {from}) / 2), 2)");
    let sql = format!(
        "(2 * 6371.0 * asin(sqrt({} + cos(radians({a})) * cos(radians({x})) * {})))",
        half(&a, &x),
        half(&b, &y)
    );
    Ok(c.out(sql, Ty::Float))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{call, num, t, v};
    use super::*;

    #[test]
    fn words_and_numbers() {
        let array = |text: &str| Bound { ty: Ty::Array, ..v(text) };
        for (name, args, want) in [
            ("SOUNDEX", vec![t("Robert")], "R163"),
            ("GETBIT", vec![num("5"), num("2")], "1"),
            ("BITMAP_BIT_POSITION", vec![num("32769")], "0"),
            ("BITMAP_BUCKET_NUMBER", vec![num("32769")], "2"),
            ("ARRAYS_TO_OBJECT", vec![array(r#"["a","b"]"#), array("[1,2]")], r#"{"a":1,"b":2}"#),
            ("ARRAYS_ZIP", vec![array("[1,2]"), array("[3]")], r#"[{"$1":1,"$2":3},{"$1":2,"$2":null}]"#),
            ("HAVERSINE", vec![num("0"), num("0"), num("0"), num("0")], "0"),
        ] {
            assert_eq!(call(name, args).unwrap().as_deref(), Some(want), "{name}");
        }
        let word = call("RANDSTR", vec![num("5"), num("7")]).unwrap().unwrap();
        assert!(word.len() == 5 && word.chars().all(|c| c.is_ascii_alphanumeric()), "{word}");
    }
}
