//! Who may move which staged files: tokens that PUT and GET hand to the driver.

use parking_lot::Mutex;
use std::collections::HashMap;

/// How long a token is valid, milliseconds.
const VALIDITY_MS: i64 = 3_600_000;

/// What a token allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Whose session asked.
    pub session: u64,
    /// The object store's bucket.
    pub bucket: String,
    /// What a key must start with.
    pub prefix: String,
    /// To write rather than to read.
    pub write: bool,
    /// What is there may be replaced.
    pub overwrite: bool,
    /// The driver compresses what is not compressed: a file that arrives compressed was named before it was.
    pub compressing: bool,
    /// Several files come to one address: each gets a name of its own.
    pub each: bool,
}

/// Every token that is valid.
#[derive(Default)]
pub struct Grants(Mutex<HashMap<String, (Grant, i64)>>);

impl Grants {
    /// A token for a grant.
    pub fn issue(&self, grant: Grant, now_ms: i64) -> String {
        let token = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
        let mut all = self.0.lock();
        all.retain(|_, (_, expires)| *expires > now_ms);
        all.insert(token.clone(), (grant, now_ms + VALIDITY_MS));
        token
    }

    /// What a token allows for a key; `None` where it does not.
    pub fn find(&self, token: &str, key: &str, write: bool, now_ms: i64) -> Option<Grant> {
        let all = self.0.lock();
        let (grant, expires) = all.get(token)?;
        (*expires > now_ms && grant.write == write && key.starts_with(&grant.prefix)).then(|| grant.clone())
    }

    /// Forgets a session's tokens.
    pub fn revoke(&self, session: u64) {
        self.0.lock().retain(|_, (grant, _)| grant.session != session);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_allows_its_folder_and_direction_for_its_time() {
        let grants = Grants::default();
        let grant = Grant {
            session: 7,
            bucket: "b".into(),
            prefix: "stages/1/".into(),
            write: true,
            overwrite: false,
            compressing: true,
            each: false,
        };
        let token = grants.issue(grant.clone(), 0);
        assert_eq!(grants.find(&token, "stages/1/x", true, 1), Some(grant));
        assert_eq!(grants.find(&token, "stages/12/x", true, 1), None);
        assert_eq!(grants.find(&token, "stages/1/x", false, 1), None);
        assert_eq!(grants.find("other", "stages/1/x", true, 1), None);
        assert_eq!(grants.find(&token, "stages/1/x", true, VALIDITY_MS), None);
        grants.revoke(7);
        assert_eq!(grants.find(&token, "stages/1/x", true, 1), None);
    }
}
