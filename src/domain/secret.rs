//! A text that must not be seen: printing it, also by accident, shows `***`.

use std::fmt;

/// A password, key or token. `Debug` and `Display` hide it; [`Secret::expose`] is the one way to its text.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the protocol that needs it and for nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn never_prints() {
        #[derive(Debug)]
        struct Holder {
            #[allow(dead_code)]
            password: Secret,
        }
        let secret = Secret::new("hunter2");
        assert_eq!(secret.expose(), "hunter2");
        let shown = format!("{secret} {secret:?} {:?} {:#?}", Holder { password: secret.clone() }, Some(&secret));
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
