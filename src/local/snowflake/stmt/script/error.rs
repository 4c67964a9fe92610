//! Exceptions on their way to a handler, and what becomes of one that meets none.

use super::super::super::error::SfError;
use super::tree::Place;

/// What kind of exception it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A SQL statement failed.
    Statement,
    /// An expression failed.
    Expression,
    /// Declared in the block.
    User(String),
}

impl What {
    /// As handlers and texts name it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Statement => "STATEMENT_ERROR",
            Self::Expression => "EXPRESSION_ERROR",
            Self::User(name) => name,
        }
    }
}

/// A raised exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    /// Its kind.
    pub what: What,
    /// SQLCODE, SQLSTATE and SQLERRM.
    pub error: SfError,
    /// Where it was raised.
    pub place: Place,
}

impl Raised {
    /// A failed statement or expression.
    #[must_use]
    pub fn new(what: What, error: SfError, place: Place) -> Box<Self> {
        Box::new(Self { what, error, place })
    }

    /// A declared exception.
    #[must_use]
    pub fn user(name: &str, number: i64, text: &str, place: Place) -> Box<Self> {
        Self::new(What::User(name.to_owned()), SfError::new(user_code(number), "P0001", text), place)
    }

    /// Whether a handler may take it: a cancellation ends everything.
    #[must_use]
    pub fn is_catchable(&self) -> bool {
        self.error.code != "000604"
    }

    /// SQLCODE.
    #[must_use]
    pub fn number(&self) -> i64 {
        self.error.code.parse().unwrap_or(0)
    }

    /// What the caller of the block sees.
    #[must_use]
    pub fn uncaught(self) -> SfError {
        if !self.is_catchable() {
            return self.error;
        }
        let message = format!(
            "Uncaught exception of type '{}' on line {} at position {} : {}",
            self.what.name(),
            self.place.line,
            self.place.position,
            self.error.message
        );
        SfError::new(self.error.code, self.error.state, message)
    }
}

/// The digits of −20000 … −20999, since error codes are static texts.
static USER_CODES: [[u8; 6]; 1000] = user_codes();

#[allow(clippy::cast_possible_truncation, reason = "single digits")]
const fn user_codes() -> [[u8; 6]; 1000] {
    let mut all = [*b"-20000"; 1000];
    let mut n = 0;
    while n < 1000 {
        all[n][3] = b'0' + (n / 100) as u8;
        all[n][4] = b'0' + (n / 10 % 10) as u8;
        all[n][5] = b'0' + (n % 10) as u8;
        n += 1;
    }
    all
}

fn user_code(number: i64) -> &'static str {
    let index = usize::try_from(-number - 20_000).unwrap_or(0).min(999);
    std::str::from_utf8(&USER_CODES[index]).unwrap_or("-20000")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_exceptions_keep_their_number() {
        assert_eq!((user_code(-20002), user_code(-20000), user_code(-20999)), ("-20002", "-20000", "-20999"));
        let raised = Raised::user("MY_EXCEPTION", -20002, "Raised MY_EXCEPTION.", Place { line: 8, position: 4 });
        assert_eq!(
            raised.uncaught().to_string(),
            "-20002 (P0001): Uncaught exception of type 'MY_EXCEPTION' on line 8 at position 4 : Raised MY_EXCEPTION."
        );
    }
}
