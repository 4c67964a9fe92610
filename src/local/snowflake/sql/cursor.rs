//! A cursor over tokens for the statements that have a parser of their own.

use super::super::catalog::{ObjectName, Options};
use super::super::error::{SfError, SfResult};
use super::{DIALECT, offset_of, tokenize_all};
use sqlparser::ast;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, TokenWithSpan};

/// Words are matched case-insensitively and never when quoted.
pub type Word = &'static str;

/// How deeply parentheses, subqueries and calls may be nested.
const DEEPEST: usize = 250;
/// How many operators may follow each other without a comma or parenthesis between them.
const LONGEST_CHAIN: usize = 10_000;

/// Reads a statement token by token.
pub struct Cursor<'a> {
    text: &'a str,
    tokens: Vec<TokenWithSpan>,
    /// Every token with blanks and comments, which sqlparser needs to read stage names, and where each of `tokens` is there.
    all: Vec<TokenWithSpan>,
    places: Vec<usize>,
    at: usize,
}

/// A chain `a + b + c …` becomes a tree as deep as it is long.
fn check_chains(tokens: &[TokenWithSpan]) -> SfResult<()> {
    let mut length = 0_usize;
    for t in tokens {
        match &t.token {
            Token::Whitespace(_) => {}
            Token::Comma | Token::SemiColon | Token::LParen | Token::RParen => length = 0,
            _ => length += 1,
        }
        if length > 2 * LONGEST_CHAIN {
            let place = t.span.start;
            return Err(SfError::compile_at(
                "001003",
                "42000",
                place.line,
                place.column.saturating_sub(1),
                "the expression is too long",
            ));
        }
    }
    Ok(())
}

/// `?` becomes `?1`, `?2` … in the order of the text: clauses are bound in another order (WHERE before SET, FROM before
/// the select list), and a bind belongs to the place where it is written.
fn number_binds(tokens: &mut [TokenWithSpan]) {
    let marks = tokens.iter_mut().filter(|t| matches!(&t.token, Token::Placeholder(p) if p == "?"));
    for (i, t) in marks.enumerate() {
        t.token = Token::Placeholder(format!("?{}", i + 1));
    }
}

impl<'a> Cursor<'a> {
    /// Starts at the first token.
    ///
    /// # Errors
    /// 001003 for text that cannot be read.
    pub fn new(text: &'a str) -> SfResult<Self> {
        let mut all = tokenize_all(text)?;
        number_binds(&mut all);
        let places: Vec<usize> = (0..all.len()).filter(|i| !matches!(all[*i].token, Token::Whitespace(_))).collect();
        check_chains(&all)?;
        let tokens = places.iter().map(|i| all[*i].clone()).collect();
        Ok(Self { text, tokens, all, places, at: 0 })
    }

    /// The whole statement as written.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The token `n` ahead.
    #[must_use]
    pub fn peek(&self, n: usize) -> &Token {
        self.tokens.get(self.at + n).map_or(&Token::EOF, |t| &t.token)
    }

    /// Takes a token.
    pub fn next(&mut self) -> Token {
        let token = self.peek(0).clone();
        self.at += 1;
        token
    }

    /// Where the cursor stands, to come back with [`Cursor::rewind`].
    #[must_use]
    pub fn mark(&self) -> usize {
        self.at
    }

    /// Back to a mark.
    pub fn rewind(&mut self, mark: usize) {
        self.at = mark;
    }

    /// Whether nothing but a closing semicolon is left.
    #[must_use]
    pub fn at_end(&self) -> bool {
        matches!(self.peek(0), Token::EOF) || (*self.peek(0) == Token::SemiColon && *self.peek(1) == Token::EOF)
    }

    /// Byte offset of the next token.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.tokens.get(self.at).map_or(self.text.len(), |t| offset_of(self.text, t.span.start))
    }

    /// Byte offset behind the last taken token.
    #[must_use]
    pub fn offset_behind(&self) -> usize {
        self.at.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or(0, |t| offset_of(self.text, t.span.end))
    }

    /// What is left, as written, without a closing semicolon; the cursor goes to the end.
    pub fn rest(&mut self) -> &'a str {
        let from = self.offset().min(self.text.len());
        self.at = self.tokens.len();
        self.text[from..].trim_end().trim_end_matches(';').trim_end()
    }

    /// The text between two byte offsets.
    #[must_use]
    pub fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or("").trim()
    }

    /// The syntax error that names the next token.
    #[must_use]
    pub fn unexpected(&self) -> SfError {
        let (line, position) = self
            .tokens
            .get(self.at.min(self.tokens.len().saturating_sub(1)))
            .map_or((1, 0), |t| (t.span.start.line.max(1), t.span.start.column.saturating_sub(1)));
        match self.peek(0) {
            Token::EOF => SfError::syntax(line, position, "<EOF>"),
            token => SfError::syntax(line, position, &token.to_string()),
        }
    }

    /// Whether the next tokens are these words; does not move.
    #[must_use]
    pub fn sees(&self, words: &[Word]) -> bool {
        words.iter().enumerate().all(
            |(i, w)| matches!(self.peek(i), Token::Word(t) if t.quote_style.is_none() && t.value.eq_ignore_ascii_case(w)),
        )
    }

    /// Takes these words if they come next: `accept("IF NOT EXISTS")`.
    pub fn accept(&mut self, words: &str) -> bool {
        let list: Vec<&str> = words.split(' ').collect();
        let hit = list.iter().enumerate().all(
            |(i, w)| matches!(self.peek(i), Token::Word(t) if t.quote_style.is_none() && t.value.eq_ignore_ascii_case(w)),
        );
        if hit {
            self.at += list.len();
        }
        hit
    }

    /// Takes these words or fails.
    ///
    /// # Errors
    /// 001003 at the next token.
    pub fn expect(&mut self, words: &str) -> SfResult<()> {
        if self.accept(words) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Takes a punctuation token if it comes next.
    pub fn accept_token(&mut self, token: &Token) -> bool {
        let hit = self.peek(0) == token;
        if hit {
            self.at += 1;
        }
        hit
    }

    /// Takes a punctuation token or fails.
    ///
    /// # Errors
    /// 001003 at the next token.
    pub fn expect_token(&mut self, token: &Token) -> SfResult<()> {
        if self.accept_token(token) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// The end or fails: call it last, so that nothing is silently ignored.
    ///
    /// # Errors
    /// 001003 at the next token.
    pub fn end(&self) -> SfResult<()> {
        if self.at_end() { Ok(()) } else { Err(self.unexpected()) }
    }

    /// An identifier: upper-cased unless quoted.
    ///
    /// # Errors
    /// 001003 at the next token.
    pub fn ident(&mut self) -> SfResult<String> {
        match self.peek(0) {
            Token::Word(w) => {
                let name = if w.quote_style.is_some() { w.value.clone() } else { w.value.to_ascii_uppercase() };
                self.at += 1;
                Ok(name)
            }
            _ => Err(self.unexpected()),
        }
    }

    /// A name of one to three parts; `db..x` means PUBLIC; `IDENTIFIER('a.b')` is read too.
    ///
    /// # Errors
    /// 001003 at the next token.
    pub fn name(&mut self) -> SfResult<ObjectName> {
        if self.sees(&["IDENTIFIER"]) && *self.peek(1) == Token::LParen {
            self.at += 2;
            let text = self.string()?;
            self.expect_token(&Token::RParen)?;
            return Cursor::new(&text)?.name();
        }
        let mut parts = vec![self.ident()?];
        while self.accept_token(&Token::Period) {
            if self.accept_token(&Token::Period) {
                parts.push("PUBLIC".into());
            }
            parts.push(self.ident()?);
        }
        Ok(ObjectName(parts))
    }

    /// A name of one part, as roles and users have; `IDENTIFIER('a')` is read too.
    ///
    /// # Errors
    /// 001003 at the next token, or at a name of several parts.
    pub fn single(&mut self) -> SfResult<String> {
        let mark = self.at;
        let mut name = self.name()?;
        if let [_] = name.0.as_slice()
            && let Some(one) = name.0.pop()
        {
            return Ok(one);
        }
        self.at = mark;
        Err(self.unexpected())
    }

    /// A string literal (`'…'` with escapes resolved, or `$$…$$`).
    ///
    /// # Errors
    /// 001003 at the next token.
    pub fn string(&mut self) -> SfResult<String> {
        match self.peek(0).clone() {
            Token::SingleQuotedString(s) | Token::EscapedStringLiteral(s) => {
                self.at += 1;
                Ok(s)
            }
            Token::DollarQuotedString(s) => {
                self.at += 1;
                Ok(s.value)
            }
            _ => Err(self.unexpected()),
        }
    }

    /// A whole number, with or without a sign.
    ///
    /// # Errors
    /// 001003 at the next token.
    pub fn integer(&mut self) -> SfResult<i64> {
        let mark = self.at;
        let minus = self.accept_token(&Token::Minus);
        if let Token::Number(n, _) = self.peek(0)
            && let Ok(v) = n.parse::<i64>()
        {
            self.at += 1;
            return Ok(if minus { -v } else { v });
        }
        self.at = mark;
        Err(self.unexpected())
    }

    /// TRUE or FALSE.
    ///
    /// # Errors
    /// 001003 at the next token.
    pub fn boolean(&mut self) -> SfResult<bool> {
        if self.accept("TRUE") {
            Ok(true)
        } else if self.accept("FALSE") {
            Ok(false)
        } else {
            Err(self.unexpected())
        }
    }

    /// An option's value as text: a string's content, a word or number as written, a list as a JSON array of strings,
    /// a nested `(K = V …)` as a JSON object.
    ///
    /// # Errors
    /// 001003 at the next token.
    pub fn value(&mut self) -> SfResult<String> {
        match self.peek(0).clone() {
            Token::SingleQuotedString(_) | Token::EscapedStringLiteral(_) | Token::DollarQuotedString(_) => {
                self.string()
            }
            Token::Number(n, _) => {
                self.at += 1;
                Ok(n)
            }
            Token::Minus => self.integer().map(|n| n.to_string()),
            Token::LParen => {
                let nested = matches!(self.peek(1), Token::Word(_)) && *self.peek(2) == Token::Eq;
                if nested {
                    let map: serde_json::Map<_, _> =
                        self.options_in_parens()?.into_iter().map(|(k, v)| (k, v.into())).collect();
                    return Ok(serde_json::Value::Object(map).to_string());
                }
                self.at += 1;
                let mut items = Vec::new();
                while !self.accept_token(&Token::RParen) {
                    items.push(self.value()?);
                    self.accept_token(&Token::Comma);
                }
                Ok(serde_json::Value::from(items).to_string())
            }
            Token::Word(w) if w.quote_style.is_none() => {
                // A name may be qualified: FORMAT_NAME = db.s.ff
                let name = self.name()?;
                Ok(if name.0.len() == 1 { w.value } else { name.display() })
            }
            Token::Word(_) => self.name().map(|n| n.display()),
            _ => Err(self.unexpected()),
        }
    }

    /// `(K = V [,] …)`; keys upper-cased.
    ///
    /// # Errors
    /// 001003 where it is malformed.
    pub fn options_in_parens(&mut self) -> SfResult<Options> {
        self.expect_token(&Token::LParen)?;
        let mut out = Options::new();
        while !self.accept_token(&Token::RParen) {
            let (key, value) = self.option()?;
            out.insert(key, value);
            self.accept_token(&Token::Comma);
        }
        Ok(out)
    }

    /// One `KEY = VALUE`.
    ///
    /// # Errors
    /// 001003 where it is malformed.
    pub fn option(&mut self) -> SfResult<(String, String)> {
        let key = self.ident()?;
        self.expect_token(&Token::Eq)?;
        Ok((key, self.value()?))
    }

    /// `KEY = VALUE` pairs as long as they come, blanks or commas between them.
    ///
    /// # Errors
    /// 001003 where one is malformed.
    pub fn options(&mut self) -> SfResult<Options> {
        let mut out = Options::new();
        while matches!(self.peek(0), Token::Word(_)) && *self.peek(1) == Token::Eq {
            let (key, value) = self.option()?;
            out.insert(key, value);
            self.accept_token(&Token::Comma);
        }
        Ok(out)
    }

    /// Everything between the parentheses that open here, as written; the cursor goes behind the closing one.
    ///
    /// # Errors
    /// 001003 where none opens or closes.
    pub fn in_parens(&mut self) -> SfResult<&'a str> {
        self.expect_token(&Token::LParen)?;
        let from = self.offset();
        let mut depth = 1;
        while depth > 0 {
            match self.peek(0) {
                Token::LParen => depth += 1,
                Token::RParen => depth -= 1,
                Token::EOF => return Err(self.unexpected()),
                _ => {}
            }
            if depth > 0 {
                self.at += 1;
            }
        }
        let inner = self.slice(from, self.offset());
        self.at += 1;
        Ok(inner)
    }

    /// Hands the rest to sqlparser: `f` parses what it wants and the cursor moves behind it.
    ///
    /// # Errors
    /// 001003 with sqlparser's place.
    pub fn with_parser<T>(
        &mut self,
        f: impl FnOnce(&mut Parser<'_>) -> Result<T, sqlparser::parser::ParserError>,
    ) -> SfResult<T> {
        let start = self.places.get(self.at).copied().unwrap_or(self.all.len());
        let mut parser =
            Parser::new(&DIALECT).with_recursion_limit(DEEPEST).with_tokens_with_locations(self.all[start..].to_vec());
        let out = f(&mut parser);
        let reached = start + parser.index();
        self.at = self.places.partition_point(|p| *p < reached);
        out.map_err(|e| {
            self.at = self.at.saturating_sub(1);
            self.parser_error(&e)
        })
    }

    /// A query (SELECT …) by sqlparser.
    ///
    /// # Errors
    /// 001003 with sqlparser's place.
    pub fn query(&mut self) -> SfResult<Box<ast::Query>> {
        self.with_parser(|p| p.parse_query())
    }

    /// An expression by sqlparser.
    ///
    /// # Errors
    /// 001003 with sqlparser's place.
    pub fn expr(&mut self) -> SfResult<ast::Expr> {
        self.with_parser(|p| p.parse_expr())
    }

    /// A data type by sqlparser.
    ///
    /// # Errors
    /// 001003 with sqlparser's place.
    pub fn data_type(&mut self) -> SfResult<ast::DataType> {
        self.with_parser(|p| p.parse_data_type())
    }

    fn parser_error(&self, e: &sqlparser::parser::ParserError) -> SfError {
        // sqlparser writes `Expected: X, found: Y at Line: L, Column: C`.
        let text = e.to_string();
        let number = |label: &str| {
            text.rsplit(label)
                .next()
                .and_then(|r| r.trim().split(|c: char| !c.is_ascii_digit()).next()?.parse::<u64>().ok())
        };
        let found = text.split("found: ").nth(1).map(|f| f.split(" at Line").next().unwrap_or(f).to_owned());
        match (text.contains("at Line:"), number("Line:"), number("Column:"), found) {
            (true, Some(line), Some(column), Some(found)) => {
                let found = if found == "EOF" { "<EOF>".to_owned() } else { found };
                SfError::syntax(line, column.saturating_sub(1), &found)
            }
            _ => self.unexpected(),
        }
    }
}
