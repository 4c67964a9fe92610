//! ENCRYPT and DECRYPT with a passphrase.

use super::super::super::error::{SfError, SfResult};
use super::super::super::types::Ty;
use super::super::Bound;
use super::make::f;
use super::{Call, Function};

pub(super) const TABLE: &[Function] = &[
    f("ENCRYPT", 2, 4, |c| {
        let value = match c.arg(0)?.ty {
            Ty::Binary { .. } => c.arg(0)?.sql.clone(),
            _ => format!("encode({})", c.text(0)?),
        };
        Ok(c.out(format!("sf_encrypt({value}, {}, {}, random())", c.text(1)?, aad(c)?), Ty::BINARY))
    }),
    f("DECRYPT", 2, 4, |c| decrypt(c, "sf_decrypt")),
    f("TRY_DECRYPT", 2, 4, |c| decrypt(c, "sf_try_decrypt")),
];

fn decrypt(c: &Call<'_>, name: &str) -> SfResult<Bound> {
    let value = c.to(0, Ty::BINARY)?;
    Ok(c.maybe(format!("{name}({value}, {}, {})", c.text(1)?, aad(c)?), Ty::BINARY))
}

/// Additional authenticated data; the method behind it must be the default one.
fn aad(c: &Call<'_>) -> SfResult<String> {
    if c.args.len() > 3 && !matches!(c.constant(3)?.to_ascii_uppercase().as_str(), "AES-GCM" | "AES" | "AES/GCM") {
        return Err(SfError::unsupported(&format!("{} with another method than AES-GCM", c.name)));
    }
    Ok(match c.args.get(2).map(|a| a.ty) {
        None => "encode('')".to_owned(),
        Some(Ty::Binary { .. }) => c.arg(2)?.sql.clone(),
        Some(_) => format!("encode({})", c.text(2)?),
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{call, env, on, t};
    use super::*;

    #[test]
    fn what_is_encrypted_comes_back_only_with_its_passphrase() {
        let env = env();
        let bind = |name: &str, args: Vec<Bound>| {
            super::super::bind_call(&Call { name, args, env: &env, line: 1, position: 0 }).unwrap()
        };
        let conn = duckdb::Connection::open_in_memory().unwrap();
        super::super::super::super::udf::register(&conn).unwrap();
        let secret = bind("ENCRYPT", vec![t("hello"), t("pw")]);
        let back = bind("DECRYPT", vec![secret.clone(), t("pw")]);
        assert_eq!(on(&conn, &back).unwrap().as_deref(), Some("68656C6C6F"));
        let wrong = bind("DECRYPT", vec![secret.clone(), t("no")]);
        assert_eq!(on(&conn, &wrong).unwrap_err().code, "100311");
        let tried = bind("TRY_DECRYPT", vec![secret.clone(), t("no")]);
        assert_eq!(on(&conn, &tried).unwrap(), None);
        let other = bind("TRY_DECRYPT", vec![secret.clone(), t("pw"), t("other data")]);
        assert_eq!(on(&conn, &other).unwrap(), None);
        let same: bool = conn.query_row(&format!("SELECT {} = {}", secret.sql, secret.sql), [], |r| r.get(0)).unwrap();
        assert!(!same);
        assert_eq!(call("ENCRYPT", vec![Bound::null(), t("pw")]).unwrap(), None);
    }
}
