//! Cuts SQL text into statements, the way Snowflake's own clients would need it done: a semicolon ends a statement
//! unless it stands in a string, a comment, a quoted identifier or a scripting block.
//!
//! Where a block can begin: at the start of a statement (`BEGIN`, `DECLARE`), as the body of a task, procedure,
//! function or alert (after `AS`, `THEN` or `ACTION`), and in a block. `BEGIN`, `BEGIN TRANSACTION`, `BEGIN WORK` and
//! `BEGIN NAME x` at the start of a statement open a transaction, not a block.

use super::lexer::{Kind, Token, Unclosed, lex};

/// One statement of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// From its first to its last character, without the closing semicolon.
    pub sql: String,
    /// The line on which it starts, from 1.
    pub line: u32,
    /// The comment directly above it, one paragraph; empty where there is none.
    pub caption: String,
}

/// Cuts a text into its statements. Comments outside statements are left out, those inside stay.
///
/// # Errors
/// A string, comment, identifier or block that is never closed.
pub fn split(sql: &str) -> Result<Vec<Statement>, Unclosed> {
    let tokens = lex(sql)?;
    let mut statements = Vec::new();
    let mut rest = tokens.as_slice();
    let mut line_before = 0;
    while let Some(first) = rest.iter().position(|t| t.kind != Kind::Comment) {
        let (comments, body) = rest.split_at(first);
        let code: Vec<Token> = body.iter().copied().filter(|t| t.kind != Kind::Comment).collect();
        let length = Scanner::new(&code).run()?;
        let end = code.get(length);
        if let (Some(head), Some(last)) = (code.first(), length.checked_sub(1).and_then(|i| code.get(i))) {
            statements.push(Statement {
                sql: sql[head.start..last.end()].to_owned(),
                line: head.line,
                caption: caption(comments, line_before, head.line),
            });
        }
        let Some(end) = end else { break };
        line_before = end.last_line;
        let next = body.iter().position(|t| t.start > end.start).unwrap_or(body.len());
        rest = &body[next..];
    }
    Ok(statements)
}

/// Whether a statement only sets the scene for those after it: role, warehouse, database, schema, session variables.
#[must_use]
pub fn sets_context(sql: &str) -> bool {
    let words: Vec<String> = sql.split_whitespace().take(2).map(str::to_ascii_uppercase).collect();
    matches!(words.first().map(String::as_str), Some("USE" | "SET"))
        || matches!(words.as_slice(), [a, b] if a == "ALTER" && b == "SESSION")
}

/// The comment lines that end on the line above `line`, joined; a blank line or other code cuts them off.
fn caption(comments: &[Token], line_before: u32, line: u32) -> String {
    let mut wanted = line;
    let mut parts: Vec<String> = Vec::new();
    for comment in comments.iter().rev() {
        if comment.last_line + 1 < wanted || comment.line == line_before {
            break;
        }
        wanted = comment.line;
        parts.push(comment_text(comment.text));
    }
    parts.reverse();
    parts.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A comment without its signs.
fn comment_text(comment: &str) -> String {
    if let Some(inner) = comment.strip_prefix("/*") {
        let inner = inner.strip_suffix("*/").unwrap_or(inner);
        return inner.lines().map(|l| l.trim().trim_start_matches('*').trim()).collect::<Vec<_>>().join(" ");
    }
    comment.trim_start_matches(['-', '/']).trim().to_owned()
}

/// What is open inside a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    /// `DECLARE`, up to its `BEGIN`.
    Declare,
    /// `BEGIN … END`.
    Block,
    /// `CASE … END`, `IF … END IF`, loops.
    Inner,
}

/// Finds the end of the statement that starts with the first token.
struct Scanner<'a> {
    tokens: &'a [Token<'a>],
    open: Vec<(Open, u32)>,
    depth: usize,
    /// A body may follow: the statement makes or changes a task, procedure, function or alert.
    takes_body: bool,
    /// The body has begun, so a later `AS` is only an alias.
    in_body: bool,
}

impl<'a> Scanner<'a> {
    const fn new(tokens: &'a [Token<'a>]) -> Self {
        Self { tokens, open: Vec::new(), depth: 0, takes_body: false, in_body: false }
    }

    /// How many tokens the statement has; the one after them is its semicolon, if it has one.
    fn run(mut self) -> Result<usize, Unclosed> {
        for at in 0..self.tokens.len() {
            match self.tokens[at].kind {
                Kind::Semicolon if self.open.is_empty() => return Ok(at),
                Kind::Open => self.depth += 1,
                Kind::Close => self.depth = self.depth.saturating_sub(1),
                Kind::Word if self.open.is_empty() => self.outside(at),
                Kind::Word => self.inside(at),
                _ => {}
            }
        }
        match self.open.first() {
            Some(&(kind, line)) => {
                let what = if kind == Open::Declare { "the block after DECLARE" } else { "the block BEGIN" };
                Err(Unclosed { line, what })
            }
            None => Ok(self.tokens.len()),
        }
    }

    fn token(&self, at: usize) -> Option<&Token<'a>> {
        self.tokens.get(at)
    }

    fn before(&self, at: usize) -> Option<&Token<'a>> {
        at.checked_sub(1).and_then(|i| self.tokens.get(i))
    }

    /// A word while no block is open.
    fn outside(&mut self, at: usize) {
        let token = self.tokens[at];
        if at == 0 {
            if token.is("DECLARE") || (token.is("BEGIN") && !self.is_transaction(at)) {
                self.push(at);
            }
            return;
        }
        if !self.takes_body {
            self.takes_body = self.names_scripted_object(at);
            return;
        }
        if self.in_body || self.depth > 0 {
            return;
        }
        let previous = self.tokens[at - 1];
        let after_as = previous.is("AS") && !self.before(at - 1).is_some_and(|t| t.is("EXECUTE"));
        if after_as || previous.is_any(&["THEN", "ACTION"]) {
            // `WITH p AS PROCEDURE` comes before the body.
            self.in_body = !token.is("PROCEDURE");
            if token.is_any(&["BEGIN", "DECLARE"]) {
                self.push(at);
            }
        }
    }

    /// Whether the statement turns out to make or change something that has a body.
    fn names_scripted_object(&self, at: usize) -> bool {
        let (first, token) = (self.tokens[0], self.tokens[at]);
        let kinds = ["TASK", "PROCEDURE", "FUNCTION", "ALERT"];
        if first.is("WITH") {
            return token.is("PROCEDURE") && self.tokens[at - 1].is("AS");
        }
        // The kind stands before any name, so the words up to it are modifiers.
        first.is_any(&["CREATE", "ALTER"]) && token.is_any(&kinds) && self.tokens[1..at].iter().all(is_modifier)
    }

    /// A word inside a block.
    fn inside(&mut self, at: usize) {
        let token = self.tokens[at];
        let Some(previous) = self.before(at).copied() else { return };
        // A column or variable of that name: `t.end`, `:end`.
        if previous.kind == Kind::Dot || previous.text == ":" {
            return;
        }
        if token.is("END") {
            if self.closes(at) {
                self.open.pop();
            }
        } else if token.is("DECLARE") && self.starts_statement(at) {
            self.push(at);
        } else if token.is("BEGIN") {
            self.begin(at);
        } else if token.is("CASE") {
            if !previous.is("END") {
                self.open.push((Open::Inner, token.line));
            }
        } else if token.is_any(&["IF", "FOR", "WHILE", "LOOP", "REPEAT"]) && self.starts_statement(at) {
            self.open.push((Open::Inner, token.line));
        }
    }

    /// Whether `END` ends something, rather than being a column or an alias of that name.
    fn closes(&self, at: usize) -> bool {
        let reads_a_name = |t: &Token| {
            matches!(t.text, "," | "(" | "=" | "<" | ">" | "+" | "-" | "*" | "/" | "|")
                || t.is_any(&[
                    "AS", "SELECT", "DISTINCT", "BY", "WHERE", "AND", "OR", "NOT", "ON", "SET", "BETWEEN", "IN",
                ])
        };
        if self.before(at).is_some_and(reads_a_name) {
            return false;
        }
        if self.starts_statement(at) {
            return true;
        }
        // A CASE expression ends anywhere, a block where its statement does.
        let in_block = self.open.last().is_some_and(|(kind, _)| *kind == Open::Block);
        !in_block || self.token(at + 1).is_none_or(|t| t.kind == Kind::Semicolon)
    }

    /// `BEGIN` inside a block: the end of a declaration, a nested block, or a transaction.
    fn begin(&mut self, at: usize) {
        let nested = self.tokens[at - 1].is("AS");
        if self.open.last().is_some_and(|(kind, _)| *kind == Open::Declare) && !nested {
            self.open.pop();
            self.push(at);
        } else if nested || (self.starts_statement(at) && !self.is_transaction(at)) {
            self.push(at);
        }
    }

    fn push(&mut self, at: usize) {
        let token = self.tokens[at];
        let kind = if token.is("DECLARE") { Open::Declare } else { Open::Block };
        self.open.push((kind, token.line));
    }

    /// Whether `BEGIN` at `at` opens a transaction.
    fn is_transaction(&self, at: usize) -> bool {
        match self.token(at + 1) {
            None => true,
            Some(next) if next.kind == Kind::Semicolon => true,
            Some(next) if next.is_any(&["TRANSACTION", "WORK"]) => true,
            // `BEGIN NAME t1;`, but not a block whose first statement begins with a variable called NAME.
            Some(next) if next.is("NAME") => self.token(at + 3).is_none_or(|t| t.kind == Kind::Semicolon),
            Some(_) => false,
        }
    }

    /// Whether a statement of a block can start here.
    fn starts_statement(&self, at: usize) -> bool {
        self.before(at).is_some_and(|t| {
            t.kind == Kind::Semicolon || t.is_any(&["BEGIN", "THEN", "ELSE", "DO", "LOOP", "REPEAT", "AS"])
        })
    }
}

/// Words that may stand between CREATE or ALTER and the kind of object.
fn is_modifier(token: &Token) -> bool {
    token.is_any(&[
        "OR",
        "REPLACE",
        "ALTER",
        "SECURE",
        "TEMP",
        "TEMPORARY",
        "AGGREGATE",
        "EXTERNAL",
        "TABLE",
        "DATA",
        "METRIC",
    ])
}
