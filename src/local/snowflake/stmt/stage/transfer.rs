//! PUT and GET: where the driver finds the files that it moves itself.

use super::super::{Class, Statement};
use super::location::{self, Location, Place, StageRef};
use crate::local::snowflake::answer::{Answer, Field, Transfer, kind};
use crate::local::snowflake::catalog::Options;
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::types::Ty;

/// Values of SOURCE_COMPRESSION.
const COMPRESSIONS: &[&str] =
    &["AUTO_DETECT", "GZIP", "BZ2", "BROTLI", "ZSTD", "DEFLATE", "RAW_DEFLATE", "ORC", "PARQUET", "NONE"];
/// Files that a driver moves at a time, unless PARALLEL says otherwise.
const PARALLEL: u64 = 4;
/// What PARALLEL may be.
const MOST_PARALLEL: u64 = 99;

struct Move {
    upload: bool,
    /// The driver's side, behind `file://`.
    local: String,
    /// As written; `?` where it is bound.
    stage: String,
    options: Options,
}

/// Behind PUT.
///
/// # Errors
/// 001003; 001008 for a bad option.
pub fn parse_put(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let text = c.rest();
    let (local, rest) = word(text)?;
    let (stage, rest) = word(rest)?;
    Ok(Box::new(Move { upload: true, local: path(&local)?, stage, options: options(rest)? }))
}

/// Behind GET.
///
/// # Errors
/// As [`parse_put`].
pub fn parse_get(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    let text = c.rest();
    let (stage, rest) = word(text)?;
    let (local, rest) = word(rest)?;
    Ok(Box::new(Move { upload: false, local: path(&local)?, stage, options: options(rest)? }))
}

/// Cuts a place off: up to the next blank outside of double quotes, or the content of single quotes. The tokenizer cannot:
/// to it, `//` starts a comment.
fn word(text: &str) -> SfResult<(String, &str)> {
    let text = text.trim_start();
    if let Some(inner) = text.strip_prefix('\'') {
        let mut out = String::new();
        let mut chars = inner.char_indices().peekable();
        while let Some((i, ch)) = chars.next() {
            match (ch, chars.peek().map(|p| p.1)) {
                ('\'', Some('\'')) | ('\\', Some('\'' | '\\')) => out.extend(chars.next().map(|p| p.1)),
                ('\'', _) => return Ok((out, &inner[i + 1..])),
                _ => out.push(ch),
            }
        }
        return Err(SfError::syntax(1, 0, "<EOF>"));
    }
    let mut quoted = false;
    let end = text
        .char_indices()
        .find(|(_, ch)| {
            quoted ^= *ch == '"';
            !quoted && (ch.is_whitespace() || *ch == ';')
        })
        .map_or(text.len(), |(i, _)| i);
    if end == 0 { Err(SfError::syntax(1, 0, "<EOF>")) } else { Ok((text[..end].to_owned(), &text[end..])) }
}

fn path(text: &str) -> SfResult<String> {
    match text.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("file://") && text.len() > 7 => Ok(text[7..].to_owned()),
        _ => Err(SfError::syntax(1, 0, text)),
    }
}

fn options(text: &str) -> SfResult<Options> {
    let mut c = Cursor::new(text)?;
    let out = c.options()?;
    c.end()?;
    Ok(out)
}

fn invalid(option: &str, value: &str) -> SfError {
    SfError::compile("001008", "22023", format!("invalid value [{value}] for parameter '{option}'"))
}

/// PUT's and GET's options with their defaults.
struct Asked {
    parallel: u64,
    auto_compress: bool,
    overwrite: bool,
    source_compression: String,
    pattern: Option<String>,
}

impl Move {
    fn asked(&self) -> SfResult<Asked> {
        let mut a = Asked {
            parallel: PARALLEL,
            auto_compress: true,
            overwrite: false,
            source_compression: "AUTO_DETECT".into(),
            pattern: None,
        };
        for (key, value) in &self.options {
            let upper = value.to_ascii_uppercase();
            let boolean = || match upper.as_str() {
                "TRUE" => Ok(true),
                "FALSE" => Ok(false),
                _ => Err(invalid(key, value)),
            };
            match (self.upload, key.as_str()) {
                (_, "PARALLEL") => {
                    let n = upper.parse().ok().filter(|n| (1..=MOST_PARALLEL).contains(n));
                    a.parallel = n.ok_or_else(|| invalid(key, value))?;
                }
                (true, "AUTO_COMPRESS") => a.auto_compress = boolean()?,
                (true, "OVERWRITE") => a.overwrite = boolean()?,
                (true, "SOURCE_COMPRESSION") if COMPRESSIONS.contains(&upper.as_str()) => a.source_compression = upper,
                (true, "SOURCE_COMPRESSION") => return Err(invalid(key, value)),
                (false, "PATTERN") => a.pattern = Some(value.clone()),
                _ => {
                    let verb = if self.upload { "PUT" } else { "GET" };
                    return Err(SfError::compile("001420", "22023", format!("invalid property '{key}' for '{verb}'")));
                }
            }
        }
        Ok(a)
    }

    /// The stage's place; external stages have their own tools.
    fn location(&self, cx: &Cx<'_>) -> SfResult<Location> {
        let verb = if self.upload { "PUT" } else { "GET" };
        let text = if self.stage == "?" {
            let bound = cx.q.binds.get("1").and_then(|b| b.value.clone());
            bound.ok_or_else(|| SfError::compile("002049", "42601", "Bind variable ? not set."))?
        } else {
            self.stage.clone()
        };
        let place = StageRef::parse(&text)?;
        let location = cx.in_scope(verb, |s| Location::find(s, &cx.s.user, &place, self.upload))?;
        if matches!(place.place, Place::Url(_)) || location.is_external() {
            return Err(SfError::unsupported(&format!("{verb} with an external stage")));
        }
        Ok(location)
    }
}

impl Statement for Move {
    fn class(&self) -> Class {
        Class::Session
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let asked = self.asked()?;
        let location = self.location(cx)?;
        let store = location::store(cx.engine)?;
        store.ensure_bucket(&location.bucket).map_err(|e| location::failed(&e))?;
        let transfer = if self.upload {
            // A path below the stage is a folder here.
            let folder = if location.prefix.ends_with('/') { "" } else { "/" };
            Transfer {
                upload: true,
                sources: vec![self.local.clone()],
                root: format!("{}{folder}", location.prefix),
                local: None,
                ..Transfer::default()
            }
        } else {
            let pattern = asked.pattern.as_deref().map(location::pattern).transpose()?;
            let files = location.list(cx.engine, pattern.as_ref())?;
            Transfer {
                upload: false,
                sources: files.into_iter().map(|f| f.name).collect(),
                root: location.root.clone(),
                local: Some(self.local.clone()),
                ..Transfer::default()
            }
        };
        let transfer = Transfer {
            bucket: location.bucket,
            parallel: asked.parallel,
            auto_compress: asked.auto_compress,
            overwrite: asked.overwrite,
            source_compression: asked.source_compression,
            ..transfer
        };
        let kind = if self.upload { kind::PUT } else { kind::GET };
        Ok(Answer { transfer: Some(transfer), ..Answer::texts(kind, fields(self.upload), &[]) })
    }

    fn describe(&self, _cx: &mut Cx<'_>) -> SfResult<Vec<Field>> {
        Ok(fields(self.upload))
    }
}

fn fields(upload: bool) -> Vec<Field> {
    let names: &[&str] = if upload {
        &[
            "source",
            "target",
            "source_size",
            "target_size",
            "source_compression",
            "target_compression",
            "status",
            "message",
        ]
    } else {
        &["file", "size", "status", "message"]
    };
    names.iter().map(|n| Field::new(*n, if n.ends_with("size") { Ty::INT } else { Ty::TEXT })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(sql: &str) -> SfResult<(String, String)> {
        let mut c = Cursor::new(sql)?;
        let verb = c.ident()?;
        let text = c.rest();
        let (first, rest) = word(text)?;
        let (second, rest) = word(rest)?;
        options(rest)?;
        let (local, stage) = if verb == "PUT" { (first, second) } else { (second, first) };
        Ok((path(&local)?, stage))
    }

    #[test]
    fn places_are_read_as_written() {
        for (sql, local, stage) in [
            ("PUT file:///tmp/a?.csv @~/x/ PARALLEL = 8 OVERWRITE=TRUE;", "/tmp/a?.csv", "@~/x/"),
            ("PUT 'file:///tmp/it''s a*.csv' '@\"my st\"/p q'", "/tmp/it's a*.csv", "@\"my st\"/p q"),
            ("PUT /* c */ file://C:\\data\\x.csv @db.s.%t\n  auto_compress = false", "C:\\data\\x.csv", "@db.s.%t"),
            ("PUT file://1.csv ? source_compression=auto_detect", "1.csv", "?"),
            ("GET @s.\"a b\"/c file:///tmp/ PATTERN='.*[.]gz'", "/tmp/", "@s.\"a b\"/c"),
        ] {
            assert_eq!(parse(sql).unwrap(), (local.to_owned(), stage.to_owned()), "{sql}");
        }
        for bad in ["PUT /tmp/a @~", "PUT file:///tmp/a", "PUT 'file:///tmp/a @~", "PUT file:///a @~ nonsense"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
