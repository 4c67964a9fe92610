//! Where staged files are: `@stage/path`, `@%table`, `@~`, `s3://…`, and what is there.

use crate::local::s3::Store;
use crate::local::snowflake::catalog::{Body, Kind, Object, ObjectName, Stage, quote_name};
use crate::local::snowflake::engine::Engine;
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::load::StagedFile;
use crate::local::snowflake::resolve::Scope;
use crate::local::snowflake::sql::Cursor;
use sqlparser::tokenizer::Token;
use std::sync::Arc;

/// The bucket of internal stages: a folder for each.
pub const INTERNAL_BUCKET: &str = "snowflake-internal";

/// Keys in a page of a listing.
const PAGE: usize = 10_000;

/// What a statement wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// `@db.schema.stage`.
    Named(ObjectName),
    /// `@%table`.
    Table(ObjectName),
    /// `@~`.
    User,
    /// `'s3://…'`.
    Url(String),
}

/// A place with a path below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageRef {
    /// Where.
    pub place: Place,
    /// Behind the first slash; a plain prefix.
    pub path: String,
}

impl StageRef {
    /// Reads `@stage/path` whole.
    ///
    /// # Errors
    /// 001003.
    pub fn parse(text: &str) -> SfResult<Self> {
        if text.contains("://") && !text.starts_with('@') {
            return Ok(Self { place: Place::Url(text.to_owned()), path: String::new() });
        }
        let bad = || SfError::syntax(1, 0, text);
        let rest = text.strip_prefix('@').ok_or_else(bad)?;
        let (name, path) = split_path(rest);
        let place = if name == "~" {
            Place::User
        } else {
            let (table, name) = match name.strip_prefix('%') {
                Some(bare) => (true, bare.to_owned()),
                // `@schema.%table`
                None => (name.contains(".%"), name.replacen(".%", ".", 1)),
            };
            let mut c = Cursor::new(&name)?;
            let parsed = c.name()?;
            c.end().map_err(|_| bad())?;
            if table { Place::Table(parsed) } else { Place::Named(parsed) }
        };
        Ok(Self { place, path: path.to_owned() })
    }

    /// Takes a place off a statement: `@stage/path` or one in quotes.
    ///
    /// # Errors
    /// 001003.
    pub fn take(c: &mut Cursor<'_>) -> SfResult<Self> {
        if *c.peek(0) != Token::AtSign {
            let text = c.string()?;
            return Self::parse(&text);
        }
        let from = c.offset();
        let mut quoted = false;
        let rest = &c.text()[from..];
        let end = rest
            .char_indices()
            .find(|(_, ch)| {
                if *ch == '"' {
                    quoted = !quoted;
                }
                !quoted && (ch.is_whitespace() || matches!(ch, '(' | ')' | ';' | ','))
            })
            .map_or(rest.len(), |(i, _)| i);
        let text = &rest[..end];
        while c.offset() < from + end {
            c.next();
        }
        Self::parse(text)
    }
}

/// The name and what is behind the first slash outside of quotes.
fn split_path(text: &str) -> (&str, &str) {
    let mut quoted = false;
    for (i, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '/' if !quoted => return (&text[..i], &text[i + 1..]),
            _ => {}
        }
    }
    (text, "")
}

/// Where files are in the object store.
#[derive(Debug, Clone)]
pub struct Location {
    /// Bucket.
    pub bucket: String,
    /// What the keys start with: the stage's own part and the path.
    pub prefix: String,
    /// The stage's own part of the prefix.
    pub root: String,
    /// The stage as histories print it: its URL, or its name. What listed names start with.
    pub url: String,
    /// What listed names start with in place of `root`.
    shown: String,
    /// METADATA$FILENAME is the whole key rather than the part behind `root`.
    external: bool,
    /// The stage, where it is a named one.
    pub stage: Option<Arc<Object>>,
}

impl Location {
    /// Finds a place and checks the privileges.
    ///
    /// # Errors
    /// 002003 with the full name where it is missing, 003001, 001011 for a URL that is none.
    pub fn find(scope: &Scope<'_>, user: &str, r: &StageRef, write: bool) -> SfResult<Self> {
        match &r.place {
            Place::Url(url) => {
                let (bucket, root) = split_url(url)?;
                Ok(Self::external(bucket, root, r, None))
            }
            Place::User => Ok(Self::internal(format!("users/{user}/"), String::new(), r, None)),
            Place::Table(name) => {
                let table = scope.find_as(Kind::Table, name, "Table")?;
                scope.require(&table, "OWNERSHIP")?;
                Ok(Self::internal(format!("tables/{}/", table.id), String::new(), r, None))
            }
            Place::Named(name) => {
                let full = scope.full_name(Kind::Stage, name)?;
                let object = scope.find_as(Kind::Stage, &ObjectName(full), "Stage")?;
                let Body::Stage(stage) = &object.body else {
                    return Err(SfError::missing("Stage", &quote_name(&object.name)));
                };
                match &stage.url {
                    Some(url) => {
                        scope.require(&object, "USAGE")?;
                        let (bucket, root) = split_url(url)?;
                        Ok(Self::external(bucket, root, r, Some(object.clone())))
                    }
                    None => {
                        let privileges: &[&str] = if write { &["WRITE"] } else { &["READ", "WRITE"] };
                        scope.require_any(&object, privileges)?;
                        let shown = format!("{}/", object.bare().to_lowercase());
                        Ok(Self::internal(format!("stages/{}/", object.id), shown, r, Some(object.clone())))
                    }
                }
            }
        }
    }

    #[allow(clippy::needless_pass_by_value, reason = "built from parts that nobody else keeps")]
    fn external(bucket: String, root: String, r: &StageRef, stage: Option<Arc<Object>>) -> Self {
        let between = if root.is_empty() || root.ends_with('/') || r.path.is_empty() { "" } else { "/" };
        let prefix = format!("{root}{between}{}", r.path);
        let shown = format!("s3://{bucket}/");
        Self { url: format!("{shown}{root}"), shown, bucket, prefix, root: String::new(), external: true, stage }
    }

    fn internal(root: String, shown: String, r: &StageRef, stage: Option<Arc<Object>>) -> Self {
        let prefix = format!("{root}{}", r.path);
        Self { bucket: INTERNAL_BUCKET.into(), prefix, root, url: shown.clone(), shown, external: false, stage }
    }

    /// Whether it is a bucket of the user's rather than a folder of the internal one.
    #[must_use]
    pub fn is_external(&self) -> bool {
        self.external
    }

    /// The stage's definition.
    #[must_use]
    pub fn definition(&self) -> Option<&Stage> {
        match self.stage.as_deref().map(|o| &o.body) {
            Some(Body::Stage(s)) => Some(s),
            _ => None,
        }
    }

    /// A staged file under a key.
    #[must_use]
    pub fn file(&self, key: &str, etag: &str, size: u64, modified_ms: i64) -> StagedFile {
        let relative = key.strip_prefix(&self.root).unwrap_or(key);
        StagedFile {
            bucket: self.bucket.clone(),
            key: key.to_owned(),
            name: if self.external { key.to_owned() } else { relative.to_owned() },
            shown: format!("{}{relative}", self.shown),
            etag: etag.to_owned(),
            size,
            modified_ms,
        }
    }

    /// The files there, by key. Folder markers (empty, ending in a slash) are left out.
    ///
    /// # Errors
    /// 091003 where the bucket is not there or cannot be read.
    pub fn list(&self, engine: &Engine, pattern: Option<&regex::Regex>) -> SfResult<Vec<StagedFile>> {
        let store = store(engine)?;
        let mut out = Vec::new();
        let mut after = String::new();
        loop {
            let page = match store.list(&self.bucket, &self.prefix, &after, PAGE) {
                Ok(page) => page,
                Err(crate::local::s3::Error::NoSuchBucket(_)) if !self.external => return Ok(out),
                Err(crate::local::s3::Error::NoSuchBucket(bucket)) => return Err(no_bucket(&bucket)),
                Err(e) => return Err(failed(&e)),
            };
            for o in page.objects {
                let folder = o.size == 0 && o.key.ends_with('/');
                if !folder && pattern.is_none_or(|p| p.is_match(&o.key)) {
                    out.push(self.file(&o.key, &o.etag, o.size, o.modified_ms));
                }
            }
            match page.next {
                Some(next) => after = next,
                None => return Ok(out),
            }
        }
    }
}

/// The object store behind stages.
///
/// # Errors
/// 091003 where the engine has none.
pub fn store(engine: &Engine) -> SfResult<Store> {
    engine.objects.clone().ok_or_else(|| {
        SfError::execution(
            "091003",
            "57014",
            "Failure using stage area. Cause: [this engine runs without an object store: start the embedded S3 endpoint with it]",
        )
    })
}

fn no_bucket(bucket: &str) -> SfError {
    SfError::execution(
        "091003",
        "57014",
        format!(
            "Failure using stage area. Cause: [The specified bucket does not exist (Status Code: 404; Error Code: NoSuchBucket)] (bucket '{bucket}'; stages read the embedded S3 endpoint's buckets)"
        ),
    )
}

/// 091003 for the store's failure.
#[must_use]
pub fn failed(e: &crate::local::s3::Error) -> SfError {
    SfError::execution("091003", "57014", format!("Failure using stage area. Cause: [{e}]"))
}

/// Bucket and key prefix of `s3://bucket/path`.
///
/// # Errors
/// 001011 for another scheme, 000002 for other clouds.
pub fn split_url(url: &str) -> SfResult<(String, String)> {
    let lower = url.to_ascii_lowercase();
    let Some((scheme, _)) = lower.split_once("://") else { return Err(invalid_url(url)) };
    match scheme {
        "s3" | "s3gov" | "s3china" | "s3compat" => {}
        "gcs" | "azure" => return Err(SfError::unsupported(&format!("{scheme}:// stages"))),
        _ => return Err(invalid_url(url)),
    }
    let rest = &url[scheme.len() + 3..];
    let (bucket, path) = rest.split_once('/').unwrap_or((rest, ""));
    if bucket.is_empty() { Err(invalid_url(url)) } else { Ok((bucket.to_owned(), path.to_owned())) }
}

fn invalid_url(url: &str) -> SfError {
    SfError::compile("001011", "42601", format!("invalid URL prefix found in: '{url}'"))
}

/// A PATTERN: it must match the whole path of a file.
///
/// # Errors
/// 100048 for what is no regular expression (or uses what the engine's expressions lack, such as looking around).
pub fn pattern(text: &str) -> SfResult<regex::Regex> {
    regex::Regex::new(&format!("^(?:{text})$")).map_err(|e| {
        let reason = e.to_string();
        let reason = reason.lines().last().unwrap_or("").trim().to_owned();
        SfError::compile("100048", "22023", format!("Invalid regular expression: '{text}', {reason}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(parts: &[&str], path: &str) -> StageRef {
        let name = ObjectName(parts.iter().map(|p| (*p).to_owned()).collect());
        StageRef { place: Place::Named(name), path: path.into() }
    }

    #[test]
    fn places() {
        assert_eq!(StageRef::parse("@st").unwrap(), named(&["ST"], ""));
        assert_eq!(StageRef::parse("@db.s.st/a/b=1/c.json").unwrap(), named(&["DB", "S", "ST"], "a/b=1/c.json"));
        assert_eq!(StageRef::parse("@s.\"My/St\"/x y").unwrap(), named(&["S", "My/St"], "x y"));
        assert_eq!(StageRef::parse("@~/f").unwrap(), StageRef { place: Place::User, path: "f".into() });
        let table = Place::Table(ObjectName(vec!["S".into(), "T".into()]));
        assert_eq!(StageRef::parse("@s.%t").unwrap().place, table);
        assert!(StageRef::parse("st").is_err());
    }

    #[test]
    fn a_place_ends_at_a_blank_or_bracket() {
        let mut c = Cursor::new("@db.st/2026-01-01/a.json PATTERN = 'x'").unwrap();
        assert_eq!(StageRef::take(&mut c).unwrap(), named(&["DB", "ST"], "2026-01-01/a.json"));
        assert!(c.accept("PATTERN"));
        let mut c = Cursor::new("'@st/my file' )").unwrap();
        assert_eq!(StageRef::take(&mut c).unwrap(), named(&["ST"], "my file"));
    }

    #[test]
    fn urls_and_patterns() {
        assert_eq!(split_url("s3://b/p/q").unwrap(), ("b".into(), "p/q".into()));
        assert_eq!(split_url("s3compat://b").unwrap(), ("b".into(), String::new()));
        assert_eq!(split_url("ftp://b").unwrap_err().code, "001011");
        let p = pattern(".*[.]csv").unwrap();
        assert!(p.is_match("a/b.csv") && !p.is_match("a/b.csv.gz") && !p.is_match("a/bcsv"));
    }
}
