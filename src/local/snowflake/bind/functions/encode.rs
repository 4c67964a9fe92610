//! Binary values and their encodings.

use super::super::super::error::SfResult;
use super::super::super::types::Ty;
use super::super::Bound;
use super::make::f;
use super::{Call, Function};

pub(super) const TABLE: &[Function] = &[
    f("HEX_ENCODE", 1, 2, |c| {
        let upper = format!("hex({})", bytes(c)?);
        let sql = match c.constant_int(1) {
            Some(0) => format!("lower({upper})"),
            _ => upper,
        };
        Ok(c.out(sql, Ty::TEXT))
    }),
    f("HEX_DECODE_BINARY", 1, 1, |c| Ok(c.out(format!("sf_unhex({})", c.text(0)?), Ty::BINARY))),
    f("TRY_HEX_DECODE_BINARY", 1, 1, |c| Ok(c.maybe(format!("sf_try_unhex({})", c.text(0)?), Ty::BINARY))),
    f("HEX_DECODE_STRING", 1, 1, |c| Ok(c.out(format!("sf_utf8(sf_unhex({}))", c.text(0)?), Ty::TEXT))),
    f("TRY_HEX_DECODE_STRING", 1, 1, |c| Ok(c.maybe(format!("sf_try_utf8(sf_try_unhex({}))", c.text(0)?), Ty::TEXT))),
    f("BASE64_ENCODE", 1, 3, |c| Ok(c.out(format!("to_base64({})", bytes(c)?), Ty::TEXT))),
    f("BASE64_DECODE_BINARY", 1, 2, |c| Ok(c.out(format!("sf_unbase64({})", c.text(0)?), Ty::BINARY))),
    f("TRY_BASE64_DECODE_BINARY", 1, 2, |c| Ok(c.maybe(format!("sf_try_unbase64({})", c.text(0)?), Ty::BINARY))),
    f("BASE64_DECODE_STRING", 1, 2, |c| Ok(c.out(format!("sf_utf8(sf_unbase64({}))", c.text(0)?), Ty::TEXT))),
    f("TRY_BASE64_DECODE_STRING", 1, 2, |c| {
        Ok(c.maybe(format!("sf_try_utf8(sf_try_unbase64({}))", c.text(0)?), Ty::TEXT))
    }),
    f("TO_BINARY", 1, 2, |c| to_binary(c, "")),
    f("TRY_TO_BINARY", 1, 2, |c| to_binary(c, "try_")),
];

/// Text as its UTF-8 bytes.
fn bytes(c: &Call<'_>) -> SfResult<String> {
    let a = c.arg(0)?;
    if matches!(a.ty, Ty::Binary { .. }) { Ok(a.sql.clone()) } else { Ok(format!("encode({})", c.text(0)?)) }
}

fn to_binary(c: &Call<'_>, t: &str) -> SfResult<Bound> {
    if matches!(c.arg(0)?.ty, Ty::Binary { .. }) {
        return Ok(c.arg(0)?.clone());
    }
    let format = if c.args.len() > 1 { c.constant(1)?.to_ascii_uppercase() } else { "HEX".into() };
    let x = c.text(0)?;
    let sql = match format.as_str() {
        "HEX" => format!("sf_{t}unhex({x})"),
        "BASE64" => format!("sf_{t}unbase64({x})"),
        "UTF-8" | "UTF8" => format!("encode({x})"),
        _ => return Err(c.bad_types()),
    };
    Ok(if t.is_empty() { c.out(sql, Ty::BINARY) } else { c.maybe(sql, Ty::BINARY) })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{call, t};

    #[test]
    fn encodings() {
        for (name, args, want) in [
            ("HEX_ENCODE", vec![t("Snow")], Some("536E6F77")),
            ("HEX_DECODE_STRING", vec![t("536e6f77")], Some("Snow")),
            ("BASE64_ENCODE", vec![t("Snow")], Some("U25vdw==")),
            ("BASE64_DECODE_STRING", vec![t("U25vdw==")], Some("Snow")),
            ("TO_BINARY", vec![t("Snow"), t("UTF-8")], Some("536E6F77")),
            ("TRY_TO_BINARY", vec![t("zz")], None),
        ] {
            assert_eq!(call(name, args).unwrap().as_deref(), want, "{name}");
        }
    }
}
