//! Key-pair logins: a JWT that the user's private key has signed.

use super::super::catalog::{Body, Kind, Object, User};
use super::super::engine::Engine;
use super::super::error::{SfError, SfResult};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rsa::pkcs8::DecodePublicKey;
use rsa::{Pkcs1v15Sign, RsaPublicKey};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// How far clocks may differ, in seconds.
const LEEWAY: i64 = 60;

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    exp: i64,
    #[serde(default)]
    iat: i64,
}

/// A key's fingerprint, `SHA256:…` over its bytes; nothing for what is no key.
#[must_use]
pub fn fingerprint(key: &str) -> Option<String> {
    let der = STANDARD.decode(key).ok().filter(|d| !d.is_empty())?;
    Some(format!("SHA256:{}", STANDARD.encode(Sha256::digest(der))))
}

fn invalid() -> SfError {
    SfError::new("390144", "08001", "JWT token is invalid.")
}

/// The user whose key has signed a token: issuer `ACCOUNT.USER.SHA256:…`, subject `ACCOUNT.USER`, neither expired nor from
/// the future.
///
/// # Errors
/// 390144 for anything that does not fit; what it was is not told.
pub fn authenticate_token(engine: &Engine, token: &str) -> SfResult<Arc<Object>> {
    let catalog = engine.catalog();
    for user in catalog.of_kind(Kind::User) {
        let Body::User(u) = &user.body else { continue };
        for key in u.public_keys.iter().filter(|k| !k.is_empty()) {
            if let Some(claims) = verified(token, key)
                && fits(engine, u, key, &claims)
            {
                return Ok(user.clone());
            }
        }
    }
    Err(invalid())
}

/// What RS256 puts before a digest: the name of SHA-256 in DER.
const SHA256_PREFIX: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

/// RS256 over SHA-256 digests.
fn scheme() -> Pkcs1v15Sign {
    Pkcs1v15Sign { hash_len: Some(32), prefix: Box::new(SHA256_PREFIX) }
}

/// The claims, if this key has signed them with RS256.
fn verified(token: &str, key: &str) -> Option<Claims> {
    #[derive(Deserialize)]
    struct Head {
        alg: String,
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (head, claims) = signed.split_once('.')?;
    let head: Head = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(head).ok()?).ok()?;
    if head.alg != "RS256" {
        return None;
    }
    let key = RsaPublicKey::from_public_key_der(&STANDARD.decode(key).ok()?).ok()?;
    key.verify(scheme(), &Sha256::digest(signed), &URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}

fn fits(engine: &Engine, user: &User, key: &str, claims: &Claims) -> bool {
    let now = engine.clock.machine_ms() / 1000;
    // The account's part is cut at its first dot, as clients do.
    let account = engine.account.split('.').next().unwrap_or_default();
    let subject = format!("{account}.{}", user.login_name);
    let issuer = fingerprint(key).map(|f| format!("{subject}.{f}"));
    !user.disabled
        && claims.sub.to_ascii_uppercase() == subject
        && issuer.is_some_and(|i| {
            let (who, print) = claims.iss.rsplit_once('.').unwrap_or_default();
            i == format!("{}.{print}", who.to_ascii_uppercase())
        })
        && claims.exp + LEEWAY >= now
        && claims.iat <= now + LEEWAY
}

#[cfg(test)]
mod tests {
    use super::super::super::session::Login;
    use super::super::super::testing::{check, engine_of, session};
    use super::{STANDARD, URL_SAFE_NO_PAD, fingerprint, scheme};
    use base64::Engine as _;
    use rsa::pkcs8::EncodePublicKey;
    use rsa::rand_core::{CryptoRng, Error, RngCore};
    use rsa::{RsaPrivateKey, RsaPublicKey};
    use sha2::{Digest, Sha256};

    /// Random bytes from the system.
    struct Random;

    impl RngCore for Random {
        fn next_u32(&mut self) -> u32 {
            uuid::Uuid::new_v4().as_fields().0
        }
        fn next_u64(&mut self) -> u64 {
            u64::from(self.next_u32()) << 32 | u64::from(self.next_u32())
        }
        fn fill_bytes(&mut self, dest: &mut [u8]) {
            dest.chunks_mut(4).for_each(|c| c.copy_from_slice(&self.next_u32().to_le_bytes()[..c.len()]));
        }
        fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), Error> {
            self.fill_bytes(dest);
            Ok(())
        }
    }

    impl CryptoRng for Random {}

    #[test]
    fn a_signed_token_opens_a_session_and_others_do_not() {
        // Short, because only the test's own seconds hang on it.
        let private = RsaPrivateKey::new(&mut Random, 1024).unwrap();
        let public = STANDARD.encode(RsaPublicKey::from(&private).to_public_key_der().unwrap());
        let s = session();
        let sql = format!("CREATE USER K RSA_PUBLIC_KEY = '{public}' TYPE = SERVICE");
        check(&s, &[(&sql, "User K successfully created.")]);
        let engine = engine_of(&s);
        let now = engine.clock.now_ms() / 1000;
        let print = fingerprint(&public).unwrap();
        let token = |alg: &str, subject: &str, exp: i64| {
            let claims =
                serde_json::json!({"iss": format!("{subject}.{print}"), "sub": subject, "iat": now, "exp": exp});
            let head = serde_json::json!({"alg": alg, "typ": "JWT"});
            let signed =
                format!("{}.{}", URL_SAFE_NO_PAD.encode(head.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
            let signature = private.sign(scheme(), &Sha256::digest(&signed)).unwrap();
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
        };
        let attempt = |token: String| {
            let login = Login {
                user: "K".into(),
                authenticator: Some("SNOWFLAKE_JWT".into()),
                token: Some(token),
                ..Login::default()
            };
            engine.login(&login).map(|s| s.user.clone())
        };
        let good = token("RS256", "TEST.K", now + 60);
        assert_eq!(attempt(good.clone()).unwrap(), "K");
        let unsigned = good.rsplit_once('.').map(|(body, _)| format!("{body}.AAAA")).unwrap();
        let late = token("RS256", "TEST.K", now - 600);
        for bad in [token("RS256", "TEST.ADMIN", now + 60), token("none", "TEST.K", now + 60), late, unsigned] {
            assert_eq!(attempt(bad).unwrap_err().code, "390144");
        }
    }
}
