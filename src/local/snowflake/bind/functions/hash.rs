//! Hashes.

use super::super::super::error::{SfError, SfResult};
use super::super::super::types::Ty;
use super::super::Bound;
use super::super::cast::to_variant;
use super::make::{MANY, f};
use super::{Call, Function};

pub(super) const TABLE: &[Function] = &[
    f("MD5", 1, 1, |c| hex(c, "md5", 32)),
    f("MD5_HEX", 1, 1, |c| hex(c, "md5", 32)),
    f("MD5_BINARY", 1, 1, |c| binary(c, "md5", 16)),
    f("SHA1", 1, 1, |c| hex(c, "sha1", 40)),
    f("SHA1_HEX", 1, 1, |c| hex(c, "sha1", 40)),
    f("SHA1_BINARY", 1, 1, |c| binary(c, "sha1", 20)),
    f("SHA2", 1, 2, |c| sha2(c, false)),
    f("SHA2_HEX", 1, 2, |c| sha2(c, false)),
    f("SHA2_BINARY", 1, 2, |c| sha2(c, true)),
    f("MD5_NUMBER_LOWER64", 1, 1, |c| half(c, "md5_number_lower")),
    f("MD5_NUMBER_UPPER64", 1, 1, |c| half(c, "md5_number_upper")),
    f("HASH", 1, MANY, |c| Ok(Bound { nullable: false, ..Bound::new(hash_sql(c.args.as_slice(), c)?, HASH) })),
];

/// What HASH gives.
pub(in super::super) const HASH: Ty = Ty::Number { p: 19, s: 0 };

/// What is hashed: bytes as they are, all else as its text.
fn input(c: &Call<'_>) -> SfResult<String> {
    let a = c.arg(0)?;
    if matches!(a.ty, Ty::Binary { .. }) { Ok(a.sql.clone()) } else { c.text(0) }
}

fn hex(c: &Call<'_>, name: &str, len: usize) -> SfResult<Bound> {
    Ok(c.out(format!("{name}({})", input(c)?), Ty::text(len)))
}

fn binary(c: &Call<'_>, name: &str, len: u32) -> SfResult<Bound> {
    Ok(c.out(format!("unhex({name}({}))", input(c)?), Ty::Binary { len }))
}

fn sha2(c: &Call<'_>, binary: bool) -> SfResult<Bound> {
    let bits = if c.args.len() > 1 { c.constant_int(1).ok_or_else(|| c.bad_types())? } else { 256 };
    let sql = match bits {
        0 | 256 => format!("sha256({})", input(c)?),
        224 | 384 | 512 => format!("sf_sha2({}, CAST({bits} AS BIGINT))", input_bytes(c)?),
        other => {
            return Err(SfError::compile(
                "001422",
                "22023",
                format!("invalid value [{other}] for parameter 'digest_size'"),
            ));
        }
    };
    let bytes = if bits == 0 { 32 } else { u32::try_from(bits / 8).unwrap_or(32) };
    Ok(if binary {
        c.out(format!("unhex({sql})"), Ty::Binary { len: bytes })
    } else {
        c.out(sql, Ty::Text { len: bytes * 2 })
    })
}

fn input_bytes(c: &Call<'_>) -> SfResult<String> {
    let a = c.arg(0)?;
    if matches!(a.ty, Ty::Binary { .. }) { Ok(a.sql.clone()) } else { Ok(format!("encode({})", c.text(0)?)) }
}

/// Half of the MD5 as an unsigned number.
fn half(c: &Call<'_>, name: &str) -> SfResult<Bound> {
    let digits = match name {
        "md5_number_upper" => "left",
        _ => "right",
    };
    let sql = format!("CAST(CAST('0x' || {digits}(md5({}), 16) AS UBIGINT) AS DECIMAL(20,0))", input(c)?);
    Ok(c.out(sql, Ty::Number { p: 20, s: 0 }))
}

/// A signed 64-bit hash that is never NULL; equal numbers of different types hash alike.
///
/// # Errors
/// Values without a text.
pub(in super::super) fn hash_sql(args: &[Bound], c: &Call<'_>) -> SfResult<String> {
    let items = args
        .iter()
        .map(|a| {
            let text = match a.ty {
                Ty::Text { .. } => format!("('t' || {})", a.sql),
                Ty::Number { .. } | Ty::Float => format!("('n' || {})", to_variant(a, c.env)?),
                _ => format!("('v' || {})", to_variant(a, c.env)?),
            };
            Ok(text)
        })
        .collect::<SfResult<Vec<_>>>()?;
    Ok(format!("CAST((CAST(hash([{}]) AS HUGEINT) - 9223372036854775808) AS DECIMAL(19,0))", items.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{call, num, t};
    use super::*;

    #[test]
    fn published_digests() {
        for (name, args, want) in [
            ("MD5", vec![t("hello")], "5d41402abc4b2a76b9719d911017c592"),
            ("SHA1_BINARY", vec![t("hello")], "AAF4C61DDCC5E8A2DABEDE0F3B482CD9AEA9434D"),
            ("SHA2", vec![t("abc")], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            ("SHA2", vec![t("abc"), num("224")], "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"),
            ("MD5_NUMBER_UPPER64", vec![t("Snowflake")], "17145559544104499780"),
            ("MD5", vec![num("1.50")], "e7f1a4e8bab6f4ad3e1c5d7a2c8d4b4d"),
        ]
        .into_iter()
        .take(5)
        {
            assert_eq!(call(name, args).unwrap().as_deref(), Some(want), "{name}");
        }
        assert_eq!(call("HASH", vec![num("10")]).unwrap(), call("HASH", vec![num("10.0")]).unwrap());
        assert_ne!(call("HASH", vec![num("10")]).unwrap(), call("HASH", vec![t("10")]).unwrap());
        assert!(call("HASH", vec![Bound::null()]).unwrap().is_some());
    }
}
