//! ENCRYPT and DECRYPT: AES-256-GCM under a key that PBKDF2 derives from the passphrase.
//!
//! A value is salt (16 bytes), nonce (12), ciphertext and tag (16). The salt is drawn once a chunk of rows, the nonce once
//! a row, so that the same text never gives the same bytes.

use super::super::error::{SfError, SfResult};
use super::row::{Last, Row};
use super::udf;
use duckdb::Connection;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::pbkdf2;
use ring::rand::{SecureRandom, SystemRandom};
use std::num::NonZeroU32;

const SALT: usize = 16;
const TAG: usize = 16;
const ROUNDS: NonZeroU32 = match NonZeroU32::new(10_000) {
    Some(n) => n,
    None => NonZeroU32::MIN,
};

/// Registers `sf_encrypt`, `sf_decrypt`, `sf_try_decrypt`. The number that `sf_encrypt` takes last is not read: a
/// `random()` there keeps DuckDB from computing equal calls once.
pub(super) fn register(conn: &Connection) -> SfResult<()> {
    udf!(conn;
        "sf_encrypt"(Bytes, Text, Bytes, Float) -> Bytes = {
            let (mut salt, mut key) = ([0; SALT], Last::new());
            let drawn = SystemRandom::new().fill(&mut salt);
            move |r: Row<'_>| match (r.bytes(0), r.text(1), r.bytes(2)) {
                (Some(value), Some(phrase), Some(aad)) => {
                    drawn.map_err(|_| no_random())?;
                    encrypt(key.get(phrase, |p| derive(p, &salt))?, &salt, value, aad).map(Some)
                }
                _ => Ok(None),
            }
        };
        "sf_decrypt"(Bytes, Text, Bytes) -> Bytes = {
            let mut keys = Keys::default();
            move |r: Row<'_>| match (r.bytes(0), r.text(1), r.bytes(2)) {
                (Some(value), Some(phrase), Some(aad)) => keys.decrypt(value, phrase, aad).map(Some),
                _ => Ok(None),
            }
        };
        "sf_try_decrypt"(Bytes, Text, Bytes) -> Bytes = {
            let mut keys = Keys::default();
            move |r: Row<'_>| match (r.bytes(0), r.text(1), r.bytes(2)) {
                (Some(value), Some(phrase), Some(aad)) => Ok(keys.decrypt(value, phrase, aad).ok()),
                _ => Ok(None),
            }
        };
    );
    Ok(())
}

fn derive(phrase: &str, salt: &[u8]) -> SfResult<LessSafeKey> {
    let mut key = [0; 32];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, salt, phrase.as_bytes(), &mut key);
    UnboundKey::new(&AES_256_GCM, &key).map(LessSafeKey::new).map_err(|_| SfError::internal("key length"))
}

fn encrypt(key: &LessSafeKey, salt: &[u8], value: &[u8], aad: &[u8]) -> SfResult<Vec<u8>> {
    let mut nonce = [0; NONCE_LEN];
    SystemRandom::new().fill(&mut nonce).map_err(|_| no_random())?;
    let mut out = [salt, &nonce, value].concat();
    let tag = key
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut out[SALT + NONCE_LEN..])
        .map_err(|_| SfError::internal("encryption"))?;
    out.extend_from_slice(tag.as_ref());
    Ok(out)
}

/// The key of the last salt and passphrase.
#[derive(Default)]
struct Keys(Last<LessSafeKey>);

impl Keys {
    fn decrypt(&mut self, value: &[u8], phrase: &str, aad: &[u8]) -> SfResult<Vec<u8>> {
        if value.len() < SALT + NONCE_LEN + TAG {
            return Err(failed());
        }
        let (salt, rest) = value.split_at(SALT);
        let (nonce, sealed) = rest.split_at(NONCE_LEN);
        let key = self.0.get(&format!("{}{phrase}", hex::encode(salt)), |_| derive(phrase, salt))?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| failed())?;
        let mut bytes = sealed.to_vec();
        let plain = key.open_in_place(nonce, Aad::from(aad), &mut bytes).map_err(|_| failed())?.len();
        bytes.truncate(plain);
        Ok(bytes)
    }
}

fn failed() -> SfError {
    SfError::execution("100311", "22023", "Decryption failed. Check encrypted data, key, AAD, or AEAD tag.")
}

fn no_random() -> SfError {
    SfError::internal("no random bytes from the operating system")
}
