//! Several statements in one request.

use super::super::error::SfResult;
use super::{offset_of, tokenize};
use sqlparser::tokenizer::{Token, TokenWithSpan};

/// The statements of a text, each as written. A semicolon inside a scripting block does not split; empty ones are left out.
///
/// # Errors
/// 001003 for text that cannot be read.
pub fn statements(text: &str) -> SfResult<Vec<String>> {
    let tokens = tokenize(text)?;
    let mut out = Vec::new();
    let mut first = 0;
    let mut block = Blocks::default();
    for (i, t) in tokens.iter().enumerate() {
        block.see(&tokens, first, i);
        if t.token == Token::SemiColon && block.depth == 0 {
            push(text, &tokens[first..i], &mut out);
            first = i + 1;
            block = Blocks::default();
        }
    }
    push(text, &tokens[first.min(tokens.len())..], &mut out);
    Ok(out)
}

fn push(text: &str, tokens: &[TokenWithSpan], out: &mut Vec<String>) {
    let real: Vec<_> = tokens.iter().filter(|t| t.token != Token::EOF).collect();
    if let (Some(a), Some(b)) = (real.first(), real.last()) {
        let (from, to) = (offset_of(text, a.span.start), offset_of(text, b.span.end));
        out.push(text[from..to.max(from)].to_owned());
    }
}

/// Depth of scripting blocks: BEGIN … END, CASE … END, IF/FOR/WHILE/LOOP/REPEAT … END, DECLARE before BEGIN.
#[derive(Default)]
struct Blocks {
    depth: usize,
    declare: bool,
}

impl Blocks {
    fn see(&mut self, tokens: &[TokenWithSpan], first: usize, i: usize) {
        let word = |k: usize| match tokens.get(k).map(|t| &t.token) {
            Some(Token::Word(w)) if w.quote_style.is_none() => w.value.to_ascii_uppercase(),
            Some(Token::SemiColon) => ";".into(),
            Some(Token::LParen) => "(".into(),
            Some(Token::EOF) | None => String::new(),
            Some(_) => "?".into(),
        };
        let starts = i == first
            || matches!(word(i - 1).as_str(), ";" | "AS" | "THEN" | "ELSE" | "DO" | "LOOP" | "BEGIN" | "REPEAT");
        match word(i).as_str() {
            "DECLARE" if starts && self.depth == 0 => {
                self.declare = true;
                self.depth += 1;
            }
            "BEGIN" if self.declare && self.depth == 1 => self.declare = false,
            "BEGIN" if starts => {
                let next = word(i + 1);
                if !matches!(next.as_str(), ";" | "" | "TRANSACTION" | "WORK" | "NAME") {
                    self.depth += 1;
                }
            }
            "CASE" if self.depth > 0 && i.checked_sub(1).is_none_or(|p| word(p) != "END") => self.depth += 1,
            "IF" | "FOR" | "WHILE" | "LOOP" | "REPEAT" if self.depth > 0 && starts => self.depth += 1,
            "END" if self.depth > 0 => self.depth -= 1,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::statements;

    #[test]
    fn splits_at_semicolons_outside_blocks() {
        let text = "BEGIN; INSERT INTO t VALUES (';'); COMMIT; \
                    BEGIN IF (x = 1) THEN SELECT CASE WHEN 1 THEN 2 END; END IF; RETURN 1; END; SELECT $$ a;b $$ -- c;\n";
        let parts = statements(text).unwrap();
        assert_eq!(parts.len(), 5, "{parts:#?}");
        assert_eq!(parts[0], "BEGIN");
        assert!(parts[3].starts_with("BEGIN IF") && parts[3].ends_with("END"));
    }
}
