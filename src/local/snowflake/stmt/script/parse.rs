//! Text to tree.

use super::super::super::error::{SfError, SfResult};
use super::super::super::sql::Cursor;
use super::super::ddl::types;
use super::tree::{Block, Handler, Place, Returned, Step, StepKind, TableSource, Value};
use sqlparser::ast::Expr;
use sqlparser::tokenizer::Token;

/// The number that an exception has without one of its own.
const DEFAULT_NUMBER: i64 = -20000;

/// A whole block: DECLARE … BEGIN … END, or BEGIN … END.
///
/// # Errors
/// 001003.
pub fn block(c: &mut Cursor<'_>) -> SfResult<Block> {
    let mut out = Block::default();
    if c.accept("DECLARE") {
        while !c.sees(&["BEGIN"]) {
            let place = place(c);
            let kind = declaration(c)?;
            out.declares.push(Step { place, kind });
            c.expect_token(&Token::SemiColon)?;
        }
    }
    c.expect("BEGIN")?;
    out.body = steps(c, &["END", "EXCEPTION"])?;
    if c.accept("EXCEPTION") {
        while c.accept("WHEN") {
            let mut names = vec![c.ident()?];
            while c.accept("OR") {
                names.push(c.ident()?);
            }
            let goes_on = c.accept("CONTINUE");
            let _ = !goes_on && c.accept("EXIT");
            c.expect("THEN")?;
            out.handlers.push(Handler { names, goes_on, body: steps(c, &["WHEN", "END"])? });
        }
    }
    c.expect("END")?;
    Ok(out)
}

fn place(c: &Cursor<'_>) -> Place {
    let before = &c.text()[..c.offset().min(c.text().len())];
    let line = before.matches('\n').count() as u64 + 1;
    let start = before.rfind('\n').map_or(0, |i| i + 1);
    Place { line, position: before[start..].chars().count() as u64 }
}

/// Statements up to one of these words.
fn steps(c: &mut Cursor<'_>, ends: &[&'static str]) -> SfResult<Vec<Step>> {
    let mut out = Vec::new();
    loop {
        while c.accept_token(&Token::SemiColon) {}
        if ends.iter().any(|e| c.sees(&[*e])) {
            return Ok(out);
        }
        if *c.peek(0) == Token::EOF {
            return Err(c.unexpected());
        }
        let place = place(c);
        let kind = step(c)?;
        out.push(Step { place, kind });
        c.expect_token(&Token::SemiColon)?;
    }
}

/// Behind the name in DECLARE or LET.
fn declaration(c: &mut Cursor<'_>) -> SfResult<StepKind> {
    let name = c.ident()?;
    if c.accept("CURSOR") {
        c.expect("FOR")?;
        let source = match c.peek(0) {
            Token::Word(w) if !matches!(w.value.to_ascii_uppercase().as_str(), "SELECT" | "WITH") => {
                TableSource::Name(c.ident()?)
            }
            _ => TableSource::Query(until_semicolon(c)?),
        };
        return Ok(StepKind::Cursor { name, source });
    }
    if c.accept("EXCEPTION") {
        let (mut number, mut text) = (DEFAULT_NUMBER, String::new());
        if c.accept_token(&Token::LParen) {
            number = c.integer()?;
            if !(-20999..=-20000).contains(&number) {
                let text = format!("Invalid error code '{number}'. Must be between -20,999 and -20,000");
                return Err(SfError::compile("001008", "22023", text));
            }
            if c.accept_token(&Token::Comma) {
                text = c.string()?;
            }
            c.expect_token(&Token::RParen)?;
        }
        return Ok(StepKind::Exception { name, number, text });
    }
    if c.accept("RESULTSET") {
        let value = if starts_value(c) { Some(result_set_value(c)?) } else { None };
        return Ok(StepKind::ResultSet { name, value });
    }
    let ty = if *c.peek(0) == Token::SemiColon || is_assignment(c) || c.sees(&["DEFAULT"]) {
        None
    } else {
        Some(types::parse(c)?)
    };
    let value = if starts_value(c) {
        Some(match statement_value(c)? {
            Some(value) => value,
            None => Value::Expr(Box::new(c.expr()?)),
        })
    } else {
        None
    };
    Ok(StepKind::Let { name, ty, value })
}

fn is_assignment(c: &Cursor<'_>) -> bool {
    *c.peek(0) == Token::Assignment || (*c.peek(0) == Token::Colon && *c.peek(1) == Token::Eq)
}

/// Takes `:=` or DEFAULT.
fn starts_value(c: &mut Cursor<'_>) -> bool {
    c.accept("DEFAULT") || accept_assignment(c)
}

fn accept_assignment(c: &mut Cursor<'_>) -> bool {
    if c.accept_token(&Token::Assignment) {
        return true;
    }
    let hit = is_assignment(c);
    if hit {
        c.next();
        c.next();
    }
    hit
}

/// `(CALL …)`: its first cell is the value.
fn statement_value(c: &mut Cursor<'_>) -> SfResult<Option<Value>> {
    let called = matches!(c.peek(1), Token::Word(w) if w.quote_style.is_none() && w.value.eq_ignore_ascii_case("CALL"));
    if *c.peek(0) == Token::LParen && called {
        return Ok(Some(Value::Statement(c.in_parens()?.to_owned())));
    }
    Ok(None)
}

/// `(SELECT …)`, or a statement without parentheses (EXECUTE IMMEDIATE …, CALL …).
fn result_set_value(c: &mut Cursor<'_>) -> SfResult<Value> {
    if *c.peek(0) == Token::LParen {
        return Ok(Value::Statement(c.in_parens()?.to_owned()));
    }
    Ok(Value::Statement(until_semicolon(c)?))
}

/// The text up to the statement's semicolon, which stays.
fn until_semicolon(c: &mut Cursor<'_>) -> SfResult<String> {
    let from = c.offset();
    let mut depth = 0usize;
    loop {
        match c.peek(0) {
            Token::SemiColon if depth == 0 => break,
            Token::EOF => return Err(c.unexpected()),
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        c.next();
    }
    Ok(c.slice(from, c.offset()).to_owned())
}

fn label(c: &mut Cursor<'_>) -> Option<String> {
    if *c.peek(0) == Token::SemiColon { None } else { c.ident().ok() }
}

fn step(c: &mut Cursor<'_>) -> SfResult<StepKind> {
    if c.accept("LET") {
        return declaration(c);
    }
    if is_block(c) {
        return Ok(StepKind::Block(Box::new(block(c)?)));
    }
    if c.accept("IF") {
        return branch(c);
    }
    if c.accept("CASE") {
        return case(c);
    }
    if c.accept("FOR") {
        return for_loop(c);
    }
    if c.accept("WHILE") {
        let condition = condition(c)?;
        let word = if c.accept("LOOP") { "LOOP" } else { c.expect("DO").map(|()| "WHILE")? };
        let body = steps(c, &["END"])?;
        c.expect("END")?;
        c.expect(word)?;
        return Ok(StepKind::While { condition: Box::new(condition), body, label: label(c) });
    }
    if c.accept("REPEAT") {
        let body = steps(c, &["UNTIL"])?;
        c.expect("UNTIL")?;
        let until = Box::new(condition(c)?);
        c.expect("END REPEAT")?;
        return Ok(StepKind::Repeat { body, until, label: label(c) });
    }
    if c.accept("LOOP") {
        let body = steps(c, &["END"])?;
        c.expect("END LOOP")?;
        return Ok(StepKind::Loop { body, label: label(c) });
    }
    if c.accept("BREAK") || c.accept("EXIT") {
        return Ok(StepKind::Break(label(c)));
    }
    if c.accept("CONTINUE") || c.accept("ITERATE") {
        return Ok(StepKind::Continue(label(c)));
    }
    if c.accept("RETURN") {
        return Ok(StepKind::Return(returned(c)?));
    }
    if c.accept("RAISE") {
        return Ok(StepKind::Raise(label(c)));
    }
    if c.accept("NULL") {
        return Ok(StepKind::Null);
    }
    if c.accept("ASYNC") || c.accept("AWAIT") {
        return Err(SfError::unsupported("ASYNC and AWAIT in Snowflake Scripting"));
    }
    cursor_step(c)
}

/// BEGIN or DECLARE that opens a block, not a transaction.
fn is_block(c: &Cursor<'_>) -> bool {
    if c.sees(&["DECLARE"]) {
        return true;
    }
    c.sees(&["BEGIN"])
        && !matches!(c.peek(1), Token::SemiColon | Token::EOF)
        && !["TRANSACTION", "WORK", "NAME"].iter().any(|w| c.sees(&["BEGIN", *w]))
}

fn cursor_step(c: &mut Cursor<'_>) -> SfResult<StepKind> {
    if c.accept("OPEN") {
        let cursor = c.ident()?;
        let mut using = Vec::new();
        if c.accept("USING") {
            c.expect_token(&Token::LParen)?;
            using.push(c.expr()?);
            while c.accept_token(&Token::Comma) {
                using.push(c.expr()?);
            }
            c.expect_token(&Token::RParen)?;
        }
        return Ok(StepKind::Open { cursor, using });
    }
    if c.accept("FETCH") {
        let cursor = c.ident()?;
        c.expect("INTO")?;
        return Ok(StepKind::Fetch { cursor, targets: targets(c)? });
    }
    if c.accept("CLOSE") {
        return Ok(StepKind::Close(c.ident()?));
    }
    let mark = c.mark();
    if let Ok(name) = c.ident()
        && accept_assignment(c)
    {
        return assignment(c, name);
    }
    c.rewind(mark);
    let from = c.offset();
    let select = c.sees(&["SELECT"]) || c.sees(&["WITH"]) || c.sees(&["CALL"]) || c.sees(&["EXECUTE"]);
    let (into, sql) = statement(c, from, select)?;
    Ok(if into.is_empty() { StepKind::Sql(sql) } else { StepKind::Into { sql, targets: into } })
}

/// `:= expression`; `(SELECT …)` that is no expression is left to the RESULTSET.
fn assignment(c: &mut Cursor<'_>, name: String) -> SfResult<StepKind> {
    let mark = c.mark();
    let value = match c.expr() {
        Ok(e) if *c.peek(0) == Token::SemiColon => Value::Expr(Box::new(e)),
        _ => {
            c.rewind(mark);
            result_set_value(c)?
        }
    };
    Ok(StepKind::Assign { name, value })
}

/// `:a, :b`, also without colons.
fn targets(c: &mut Cursor<'_>) -> SfResult<Vec<String>> {
    let mut out = vec![target(c)?];
    while c.accept_token(&Token::Comma) {
        out.push(target(c)?);
    }
    Ok(out)
}

fn target(c: &mut Cursor<'_>) -> SfResult<String> {
    if let Token::Placeholder(p) = c.peek(0).clone()
        && let Some(name) = p.strip_prefix(':')
    {
        c.next();
        return Ok(name.to_ascii_uppercase());
    }
    c.accept_token(&Token::Colon);
    c.ident()
}

/// A statement's text and the variables of its INTO, which is cut out.
fn statement(c: &mut Cursor<'_>, from: usize, may_have_into: bool) -> SfResult<(Vec<String>, String)> {
    let (mut depth, mut into, mut cut) = (0usize, Vec::new(), None);
    loop {
        match c.peek(0) {
            Token::SemiColon if depth == 0 => break,
            Token::EOF => return Err(c.unexpected()),
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            Token::Word(_) if may_have_into && depth == 0 && into.is_empty() && c.sees(&["INTO"]) => {
                let start = c.offset();
                c.next();
                into = targets(c)?;
                cut = Some((start, c.offset_behind()));
                continue;
            }
            _ => {}
        }
        c.next();
    }
    let end = c.offset();
    let sql = match cut {
        Some((a, b)) => format!("{} {}", c.slice(from, a), c.slice(b, end)),
        None => c.slice(from, end).to_owned(),
    };
    Ok((into, sql))
}

/// A condition, which Snowflake wants in parentheses.
fn condition(c: &mut Cursor<'_>) -> SfResult<Expr> {
    if *c.peek(0) != Token::LParen {
        return Err(c.unexpected());
    }
    c.expr()
}

fn branch(c: &mut Cursor<'_>) -> SfResult<StepKind> {
    let mut branches = Vec::new();
    loop {
        let test = condition(c)?;
        c.expect("THEN")?;
        branches.push((Some(test), steps(c, &["ELSEIF", "ELSE", "END"])?));
        if !c.accept("ELSEIF") {
            break;
        }
    }
    if c.accept("ELSE") {
        branches.push((None, steps(c, &["END"])?));
    }
    c.expect("END IF")?;
    Ok(StepKind::If { branches })
}

fn case(c: &mut Cursor<'_>) -> SfResult<StepKind> {
    let operand = if c.sees(&["WHEN"]) { None } else { Some(Box::new(c.expr()?)) };
    let mut branches = Vec::new();
    while c.accept("WHEN") {
        let test = c.expr()?;
        c.expect("THEN")?;
        branches.push((Some(test), steps(c, &["WHEN", "ELSE", "END"])?));
    }
    if c.accept("ELSE") {
        branches.push((None, steps(c, &["END"])?));
    }
    c.expect("END")?;
    c.accept("CASE");
    Ok(StepKind::Case { operand, branches })
}

fn for_loop(c: &mut Cursor<'_>) -> SfResult<StepKind> {
    let name = c.ident()?;
    c.expect("IN")?;
    let reverse = c.accept("REVERSE");
    if !reverse && matches!(c.peek(0), Token::Word(_)) && is_do(c.peek(1)) {
        let source = TableSource::Name(c.ident()?);
        let (body, label) = loop_body(c, "FOR")?;
        return Ok(StepKind::ForRows { name, source, body, label });
    }
    if !reverse && *c.peek(0) == Token::LParen && opens_query(c) {
        let mark = c.mark();
        c.in_parens()?;
        if is_do(c.peek(0)) {
            // Oracle's form; Snowflake documents a cursor or a RESULTSET here.
            return Err(SfError::unsupported("FOR … IN (query), without a cursor or RESULTSET of that query"));
        }
        c.rewind(mark);
    }
    let from = Box::new(c.expr()?);
    c.expect("TO")?;
    let to = Box::new(c.expr()?);
    let (body, label) = loop_body(c, "FOR")?;
    Ok(StepKind::ForRange { name, reverse, from, to, body, label })
}

fn is_do(token: &Token) -> bool {
    matches!(token, Token::Word(w) if w.quote_style.is_none() && (w.value.eq_ignore_ascii_case("DO") || w.value.eq_ignore_ascii_case("LOOP")))
}

fn opens_query(c: &Cursor<'_>) -> bool {
    matches!(c.peek(1), Token::Word(w) if matches!(w.value.to_ascii_uppercase().as_str(), "SELECT" | "WITH" | "SHOW" | "EXECUTE" | "CALL"))
}

fn loop_body(c: &mut Cursor<'_>, word: &'static str) -> SfResult<(Vec<Step>, Option<String>)> {
    let word = if c.accept("LOOP") { "LOOP" } else { c.expect("DO").map(|()| word)? };
    let body = steps(c, &["END"])?;
    c.expect("END")?;
    c.expect(word)?;
    Ok((body, label(c)))
}

/// `resultset`, or `RESULTSET_FROM_CURSOR(cursor)`.
fn named_table(inner: &str) -> SfResult<TableSource> {
    let mut c = Cursor::new(inner)?;
    let name = c.ident()?;
    let out = if name == "RESULTSET_FROM_CURSOR" && *c.peek(0) == Token::LParen {
        TableSource::OpenCursor(Cursor::new(c.in_parens()?)?.ident()?)
    } else {
        TableSource::Name(name)
    };
    c.end()?;
    Ok(out)
}

fn returned(c: &mut Cursor<'_>) -> SfResult<Returned> {
    if *c.peek(0) == Token::SemiColon {
        return Ok(Returned::Nothing);
    }
    if c.sees(&["TABLE"]) && *c.peek(1) == Token::LParen {
        c.next();
        let query = opens_query(c);
        let inner = c.in_parens()?;
        return Ok(Returned::Table(if query { TableSource::Query(inner.to_owned()) } else { named_table(inner)? }));
    }
    Ok(Returned::Expr(Box::new(c.expr()?)))
}
