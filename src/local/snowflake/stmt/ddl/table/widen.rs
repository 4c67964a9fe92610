//! Which changes of a column's type are allowed.

use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::types::Ty;

/// Checks a change of type: text may grow, numbers may change their precision.
///
/// # Errors
/// 040052 with the reason.
pub fn check(column: &str, from: Ty, to: Ty) -> SfResult<()> {
    let reason = match (from, to) {
        (a, b) if a == b => return Ok(()),
        (Ty::Text { len: a }, Ty::Text { len: b }) if b < a => {
            "reducing the byte-length of a varchar is not supported."
        }
        (Ty::Binary { len: a }, Ty::Binary { len: b }) if b < a => {
            "reducing the byte-length of a binary is not supported."
        }
        (Ty::Text { .. }, Ty::Text { .. }) | (Ty::Binary { .. }, Ty::Binary { .. }) => return Ok(()),
        (Ty::Number { s: a, .. }, Ty::Number { s: b, .. }) if a != b => {
            "changing the scale of a number is not supported."
        }
        (Ty::Number { .. }, Ty::Number { .. }) => return Ok(()),
        _ => "they have incompatible types.",
    };
    Err(SfError::compile(
        "040052",
        "22000",
        format!("cannot change column {column} from type {} to {} because {reason}", from.display(), to.display()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_grows_and_numbers_keep_their_scale() {
        let n = |p, s| Ty::Number { p, s };
        assert!(check("C", Ty::Text { len: 5 }, Ty::Text { len: 9 }).is_ok());
        assert!(check("C", n(5, 2), n(9, 2)).is_ok());
        for (from, to) in [(Ty::Text { len: 9 }, Ty::Text { len: 5 }), (n(9, 2), n(9, 3)), (Ty::Date, Ty::TEXT)] {
            let e = check("C", from, to).unwrap_err();
            assert_eq!(e.code, "040052");
            assert!(e.message.contains("cannot change column C from type"), "{e}");
        }
    }
}
