//! LIST and REMOVE.

use super::super::{Class, Statement};
use super::location::{self, Location, StageRef};
use crate::local::snowflake::answer::{Answer, Field, kind};
use crate::local::snowflake::error::SfResult;
use crate::local::snowflake::load::StagedFile;
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::types::Ty;
use sqlparser::tokenizer::Token;

struct Files {
    remove: bool,
    place: StageRef,
    pattern: Option<String>,
}

/// Behind LIST.
///
/// # Errors
/// 001003.
pub fn parse_list(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    parse(c, false)
}

/// Behind REMOVE.
///
/// # Errors
/// 001003.
pub fn parse_remove(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    parse(c, true)
}

fn parse(c: &mut Cursor<'_>, remove: bool) -> SfResult<Box<dyn Statement>> {
    let place = StageRef::take(c)?;
    let pattern = if c.accept("PATTERN") {
        c.expect_token(&Token::Eq)?;
        Some(c.string()?)
    } else {
        None
    };
    Ok(Box::new(Files { remove, place, pattern }))
}

impl Files {
    fn find(&self, cx: &Cx<'_>) -> SfResult<Vec<StagedFile>> {
        let location = cx.in_scope("LIST", |s| Location::find(s, &cx.s.user, &self.place, self.remove))?;
        let pattern = self.pattern.as_deref().map(location::pattern).transpose()?;
        let mut files = location.list(cx.engine, pattern.as_ref())?;
        files.sort_by(|a, b| a.shown.cmp(&b.shown));
        Ok(files)
    }

    fn fields(&self) -> Vec<Field> {
        if self.remove {
            return vec![Field::new("name", Ty::TEXT), Field::new("result", Ty::TEXT)];
        }
        vec![
            Field::new("name", Ty::TEXT),
            Field::new("size", Ty::INT),
            Field::new("md5", Ty::TEXT),
            Field::new("last_modified", Ty::TEXT),
        ]
    }
}

impl Statement for Files {
    fn class(&self) -> Class {
        Class::Session
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let files = self.find(cx)?;
        if self.remove {
            let store = location::store(cx.engine)?;
            for f in &files {
                store.delete(&f.bucket, &[&f.key]).map_err(|e| location::failed(&e))?;
            }
            let rows: Vec<_> = files.into_iter().map(|f| vec![Some(f.shown), Some("removed".into())]).collect();
            return Ok(Answer::texts(kind::REMOVE, self.fields(), &rows));
        }
        let rows: Vec<_> = files
            .into_iter()
            .map(|f| vec![Some(f.shown), Some(f.size.to_string()), Some(f.etag), Some(rfc1123(f.modified_ms))])
            .collect();
        Ok(Answer::texts(kind::LIST, self.fields(), &rows))
    }

    fn describe(&self, _cx: &mut Cx<'_>) -> SfResult<Vec<Field>> {
        Ok(self.fields())
    }
}

/// `Mon, 11 Sep 2019 16:57:43 GMT`.
fn rfc1123(ms: i64) -> String {
    chrono::DateTime::from_timestamp_millis(ms)
        .map_or_else(String::new, |t| t.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
}
