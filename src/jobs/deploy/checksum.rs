//! A statement's checksum: of what it says, not of how it is laid out.

use super::lexer::{Kind, lex};
use sha2::{Digest, Sha256};

/// SHA-256 over the statement's words and signs: comments, line breaks and indentation outside of strings do not count.
/// Computed from the text without secrets, so that none can be guessed from it.
#[must_use]
pub fn checksum(sql: &str) -> String {
    let mut digest = Sha256::new();
    match lex(sql) {
        Ok(tokens) => {
            for token in tokens.iter().filter(|t| t.kind != Kind::Comment) {
                digest.update(token.text.as_bytes());
                digest.update([0]);
            }
        }
        Err(_) => digest.update(sql.as_bytes()),
    }
    hex::encode(digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::checksum;

    #[test]
    fn layout_and_comments_do_not_count_and_strings_do() {
        let one = checksum("SELECT 1, 'a  b' -- one\nFROM t");
        assert_eq!(one, checksum("SELECT\n  1,\n  'a  b'\nFROM t /* two */"));
        for other in
            ["SELECT 1, 'a b' FROM t", "SELECT 1, 'a  b' FROM u", "SELECT 11, 'a  b' FROM t", "SELECT 1 , 'a  b' FROMt"]
        {
            assert_ne!(one, checksum(other), "{other}");
        }
    }
}
