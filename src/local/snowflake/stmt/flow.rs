//! `a ->> b ->> c`: statements in a row, each reading the results of those before it as `$1`, `$2` …

use super::super::answer::Answer;
use super::super::error::{SfError, SfResult};
use super::super::session::Cx;
use super::super::sql::Cursor;
use super::{Class, Statement};
use sqlparser::tokenizer::Token;
use std::sync::Arc;

/// The statements' texts.
struct Flow(Vec<String>);

/// A flow, where the text is one; the cursor does not move otherwise.
///
/// # Errors
/// 001003 for an empty part.
pub fn parse(c: &mut Cursor<'_>) -> SfResult<Option<Box<dyn Statement>>> {
    // A body may hold flows of its own.
    if c.sees(&["CREATE"]) || c.sees(&["ALTER"]) || c.sees(&["BEGIN"]) || c.sees(&["DECLARE"]) || c.sees(&["EXECUTE"]) {
        return Ok(None);
    }
    let mark = c.mark();
    let (mut parts, mut from) = (Vec::new(), c.offset());
    while *c.peek(0) != Token::EOF {
        if *c.peek(0) == Token::LongArrow {
            parts.push(c.slice(from, c.offset()).to_owned());
            c.next();
            from = c.offset();
        } else {
            c.next();
        }
    }
    if parts.is_empty() {
        c.rewind(mark);
        return Ok(None);
    }
    parts.push(c.slice(from, c.text().len()).trim_end_matches(';').to_owned());
    if parts.iter().any(|p| p.trim().is_empty()) {
        return Err(SfError::syntax(1, 0, "->>"));
    }
    Ok(Some(Box::new(Flow(parts))))
}

/// The text with `$n` behind FROM, JOIN or a comma of FROM turned into the scan of the nth result before it.
fn connect(text: &str, ids: &[String]) -> SfResult<String> {
    let mut c = Cursor::new(text)?;
    let (mut out, mut done) = (String::new(), 0);
    while *c.peek(0) != Token::EOF {
        let behind = c.sees(&["FROM"]) || c.sees(&["JOIN"]);
        c.next();
        let Token::Placeholder(p) = c.peek(0).clone() else { continue };
        let Some(n) = p.strip_prefix('$').and_then(|n| n.parse::<usize>().ok()).filter(|_| behind) else { continue };
        let id = ids.len().checked_sub(n).and_then(|i| ids.get(i)).ok_or_else(|| {
            SfError::compile("002003", "42S02", format!("Object '${n}' does not exist or not authorized."))
        })?;
        out.push_str(&text[done..c.offset()]);
        out.push_str(&format!("TABLE(RESULT_SCAN('{id}'))"));
        c.next();
        done = c.offset_behind();
    }
    out.push_str(&text[done..]);
    Ok(out)
}

impl Statement for Flow {
    fn class(&self) -> Class {
        Class::Session
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let mut ids: Vec<String> = Vec::new();
        let (last, first) = self.0.split_last().ok_or_else(|| SfError::internal("empty flow"))?;
        for text in first {
            let answer = cx.execute(&connect(text, &ids)?)?;
            let id = uuid::Uuid::new_v4().to_string();
            cx.engine.keep_result(&id, &cx.s.user.clone(), Arc::new(answer));
            ids.push(id);
        }
        cx.execute(&connect(last, &ids)?)
    }

    fn describe(&self, _cx: &mut Cx<'_>) -> SfResult<Vec<super::super::answer::Field>> {
        Err(SfError::unsupported("description of a flow without running it"))
    }
}

#[cfg(test)]
mod tests {
    use crate::local::snowflake::testing::{check, session};

    #[test]
    fn results_flow_on() {
        check(
            &session(),
            &[
                ("SELECT 1 AS a ->> SELECT a + 1 FROM $1", "2"),
                ("SELECT 1 AS a ->> SELECT 10 AS b ->> SELECT x.b + y.a FROM $1 x JOIN $2 y", "11"),
                ("CREATE TABLE t (a INT)", ""),
                ("SHOW TABLES ->> SELECT \"name\" FROM $1", "T"),
                ("SELECT 1 ->> SELECT * FROM $2", "002003"),
                ("SELECT 1 ->>", "001003"),
            ],
        );
    }
}
