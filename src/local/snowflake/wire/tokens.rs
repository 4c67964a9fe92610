//! Session and master tokens.

use super::super::error::{SfError, SfResult};
use parking_lot::Mutex;
use std::collections::HashMap;

/// How long a session token is valid, seconds.
pub const SESSION_VALIDITY: i64 = 3600;
/// How long a master token is valid after the last sign of life, seconds.
pub const MASTER_VALIDITY: i64 = 14_400;

/// A login's two tokens.
#[derive(Clone)]
pub struct Pair {
    /// For requests.
    pub session: String,
    /// For renewal.
    pub master: String,
}

#[derive(Clone, Copy)]
struct Holder {
    session: u64,
    expires_ms: i64,
}

/// Every token that is known.
#[derive(Default)]
pub struct Tokens(Mutex<Maps>);

#[derive(Default)]
struct Maps {
    session: HashMap<String, Holder>,
    master: HashMap<String, Holder>,
}

fn random() -> String {
    format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple())
}

fn refused(code: &'static str, text: &str) -> SfError {
    SfError::new(code, "08001", text)
}

impl Tokens {
    /// New tokens for a new session.
    pub fn issue(&self, session: u64, now_ms: i64) -> Pair {
        let pair = Pair { session: random(), master: random() };
        let mut maps = self.0.lock();
        maps.session.insert(pair.session.clone(), Holder { session, expires_ms: now_ms + SESSION_VALIDITY * 1000 });
        maps.master.insert(pair.master.clone(), Holder { session, expires_ms: now_ms + MASTER_VALIDITY * 1000 });
        pair
    }

    /// The session behind a session token.
    ///
    /// # Errors
    /// 390101 without one, 390112 for an expired one (clients then renew it), 390104 for an unknown one (they log in again).
    pub fn session(&self, token: Option<&str>, now_ms: i64) -> SfResult<u64> {
        let Some(token) = token else {
            return Err(refused("390101", "Authorization header not found in the request data."));
        };
        match self.0.lock().session.get(token) {
            Some(held) if held.expires_ms > now_ms => Ok(held.session),
            Some(_) => Err(refused("390112", "Your session has expired. Please login again.")),
            None => Err(refused("390104", "Authentication token has expired.  The user must authenticate again.")),
        }
    }

    /// A new session token for the holder of a master token, which lives on.
    ///
    /// # Errors
    /// 390113 without a master token, 390114 for an expired one, 390115 for an unknown one.
    pub fn renew(&self, master: Option<&str>, now_ms: i64) -> SfResult<(u64, Pair)> {
        let Some(master) = master.filter(|t| !t.is_empty() && *t != "None") else {
            return Err(refused("390113", "Master token is not found in the request data."));
        };
        let mut maps = self.0.lock();
        let Some(held) = maps.master.get_mut(master) else {
            return Err(refused("390115", "Master token is invalid."));
        };
        if held.expires_ms <= now_ms {
            return Err(refused("390114", "Authentication token has expired.  The user must authenticate again."));
        }
        held.expires_ms = now_ms + MASTER_VALIDITY * 1000;
        let session = held.session;
        let pair = Pair { session: random(), master: master.to_owned() };
        // Statements of the session that are on their way still hold the old token: it lives until its own end.
        maps.session.retain(|_, h| h.session != session || h.expires_ms > now_ms);
        maps.session.insert(pair.session.clone(), Holder { session, expires_ms: now_ms + SESSION_VALIDITY * 1000 });
        Ok((session, pair))
    }

    /// A sign of life: the master token's time starts anew.
    pub fn touch(&self, session: u64, now_ms: i64) {
        for held in self.0.lock().master.values_mut().filter(|h| h.session == session) {
            held.expires_ms = now_ms + MASTER_VALIDITY * 1000;
        }
    }

    /// Forgets a session's tokens.
    pub fn revoke(&self, session: u64) {
        let mut maps = self.0.lock();
        maps.session.retain(|_, h| h.session != session);
        maps.master.retain(|_, h| h.session != session);
    }

    /// Sessions that can never be used again: their master tokens have expired. Their tokens are forgotten.
    pub fn abandoned(&self, now_ms: i64) -> Vec<u64> {
        let gone: Vec<u64> =
            self.0.lock().master.values().filter(|h| h.expires_ms <= now_ms).map(|h| h.session).collect();
        for session in &gone {
            self.revoke(*session);
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code<T>(r: SfResult<T>) -> &'static str {
        r.err().map_or("ok", |e| e.code)
    }

    #[test]
    fn an_expired_token_is_renewed_by_its_master() {
        let tokens = Tokens::default();
        let pair = tokens.issue(7, 0);
        assert_eq!(tokens.session(Some(&pair.session), 1).unwrap(), 7);
        let late = SESSION_VALIDITY * 1000;
        assert_eq!(code(tokens.session(Some(&pair.session), late)), "390112");
        let (session, new) = tokens.renew(Some(&pair.master), late).unwrap();
        assert_eq!((session, tokens.session(Some(&new.session), late + 1).unwrap()), (7, 7));
        assert_eq!(code(tokens.renew(Some(&pair.master), late + MASTER_VALIDITY * 1000)), "390114");
        assert_eq!(code(tokens.renew(Some("x"), 0)), "390115");
        assert_eq!(code(tokens.renew(None, 0)), "390113");
    }

    #[test]
    fn unknown_missing_and_revoked_tokens_are_refused() {
        let tokens = Tokens::default();
        let pair = tokens.issue(7, 0);
        assert_eq!(code(tokens.session(None, 0)), "390101");
        assert_eq!(code(tokens.session(Some("x"), 0)), "390104");
        assert_eq!(code(tokens.session(Some(&pair.master), 0)), "390104");
        tokens.revoke(7);
        assert_eq!(code(tokens.session(Some(&pair.session), 0)), "390104");
    }

    #[test]
    fn sessions_without_a_sign_of_life_are_abandoned() {
        let tokens = Tokens::default();
        tokens.issue(7, 0);
        tokens.touch(7, 1000);
        assert!(tokens.abandoned(MASTER_VALIDITY * 1000).is_empty());
        assert_eq!(tokens.abandoned(MASTER_VALIDITY * 1000 + 1000), [7]);
    }
}
