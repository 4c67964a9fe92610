//! CREATE STAGE, CREATE FILE FORMAT.

use super::super::ddl::create::{self, Made, New};
use super::super::{Class, CreateHead, Statement};
use super::{directory, format, integration, location};
use crate::local::snowflake::answer::Answer;
use crate::local::snowflake::catalog::{Body, FileFormat, Kind, ObjectName, Options, Stage};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::load;
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;

/// Stage options that are kept and listed, without effect in the embedded cloud.
const KEPT: &[&str] = &["ENCRYPTION", "DIRECTORY", "COPY_OPTIONS", "AWS_ACCESS_POINT_ARN", "USE_PRIVATELINK_ENDPOINT"];

/// Credentials that a stage may have.
const CREDENTIALS: &[&str] = &["AWS_KEY_ID", "AWS_SECRET_KEY", "AWS_TOKEN", "AWS_ROLE"];

/// Options as a statement writes them: separated by blanks, newlines or commas.
///
/// # Errors
/// 001003.
pub fn options(c: &mut Cursor<'_>) -> SfResult<Options> {
    let all = c.options()?;
    if c.sees(&["TAG"]) || c.sees(&["WITH", "TAG"]) {
        return Err(SfError::unsupported("TAG of a stage or file format"));
    }
    Ok(all)
}

/// Puts options into a stage; the comment comes back.
///
/// # Errors
/// 001420 for an unknown option, 001011 for a bad URL, 001008 for bad values.
pub fn apply(stage: &mut Stage, options: Options) -> SfResult<Option<String>> {
    let mut comment = None;
    for (key, value) in options {
        match key.as_str() {
            "COMMENT" => comment = Some(value),
            "URL" => {
                location::split_url(&value)?;
                stage.url = Some(value);
            }
            "STORAGE_INTEGRATION" => stage.integration = Some(value),
            "ENDPOINT" => stage.endpoint = Some(value),
            "CREDENTIALS" => {
                let given = object(&key, &value)?;
                if let Some(k) = given.keys().find(|k| !CREDENTIALS.contains(&k.as_str())) {
                    return Err(unknown(k));
                }
                stage.credentials = given;
            }
            "FILE_FORMAT" => stage.file_format = format::parse(&value)?,
            k if KEPT.contains(&k) => {
                stage.options.insert(key, value);
            }
            k => return Err(unknown(k)),
        }
    }
    if stage.integration.is_some() && !stage.credentials.is_empty() {
        return Err(SfError::compile("001008", "22023", "STORAGE_INTEGRATION and CREDENTIALS exclude each other."));
    }
    if stage.url.is_none() && (stage.integration.is_some() || !stage.credentials.is_empty()) {
        return Err(SfError::compile("002029", "42601", "Missing option(s): URL"));
    }
    Ok(comment)
}

fn object(key: &str, value: &str) -> SfResult<Options> {
    if value == "[]" {
        return Ok(Options::new());
    }
    // The value may be a secret: it is not repeated.
    serde_json::from_str(value)
        .map_err(|_| SfError::compile("001008", "22023", format!("invalid value for parameter '{key}'")))
}

fn unknown(option: &str) -> SfError {
    SfError::compile("001420", "22023", format!("invalid property '{option}' for 'STAGE'"))
}

/// Resolves what a stage names: its integration, which must allow the URL, and its file format.
///
/// # Errors
/// 002003, 003001.
pub fn resolve(cx: &Cx<'_>, stage: &mut Stage) -> SfResult<()> {
    if let (Some(name), Some(url)) = (&stage.integration, &stage.url) {
        integration::check(cx, name, url)?;
    }
    cx.in_scope("CREATE STAGE", |s| format::qualify(s, &mut stage.file_format))
}

struct CreateStage {
    head: CreateHead,
    if_not_exists: bool,
    name: ObjectName,
    stage: Stage,
    clone: Option<ObjectName>,
    comment: Option<String>,
}

/// Behind CREATE … STAGE.
///
/// # Errors
/// 001003; what the options refuse.
pub fn parse_stage(c: &mut Cursor<'_>, head: CreateHead) -> SfResult<Box<dyn Statement>> {
    if head.or_alter {
        return Err(SfError::unsupported("CREATE OR ALTER STAGE"));
    }
    let if_not_exists = c.accept("IF NOT EXISTS");
    let name = c.name()?;
    let clone = if c.accept("CLONE") { Some(c.name()?) } else { None };
    let mut stage = Stage { temporary: head.temporary, ..Stage::default() };
    let comment = apply(&mut stage, options(c)?)?;
    Ok(Box::new(CreateStage { head, if_not_exists, name, stage, clone, comment }))
}

impl Statement for CreateStage {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let mut this = *self;
        if let Some(source) = &this.clone {
            let source = cx.find(Kind::Stage, source)?;
            cx.require(&source, "USAGE")?;
            match &source.body {
                Body::Stage(s) if s.url.is_some() => this.stage = Stage { temporary: this.head.temporary, ..s.clone() },
                _ => return Err(SfError::unsupported("CLONE of an internal stage")),
            }
        }
        resolve(cx, &mut this.stage)?;
        let new = New {
            comment: this.comment.unwrap_or_default(),
            ..New::new(Kind::Stage, this.name, this.head, this.if_not_exists)
        };
        let made = create::create(cx, &new, |_, _, _| Ok(Body::Stage(this.stage)))?;
        if let Made::Created(stage) = &made {
            directory::created(cx, stage)?;
        }
        Ok(made.answer())
    }
}

struct CreateFormat {
    head: CreateHead,
    if_not_exists: bool,
    name: ObjectName,
    format: FileFormat,
    comment: String,
}

/// Behind CREATE … FILE FORMAT.
///
/// # Errors
/// 001003; what the options refuse.
pub fn parse_format(c: &mut Cursor<'_>, head: CreateHead) -> SfResult<Box<dyn Statement>> {
    if head.or_alter {
        return Err(SfError::unsupported("CREATE OR ALTER FILE FORMAT"));
    }
    let if_not_exists = c.accept("IF NOT EXISTS");
    let name = c.name()?;
    let mut options = options(c)?;
    let comment = options.remove("COMMENT").unwrap_or_default();
    let (ty, options) = format::split(&options);
    check(&ty, &options)?;
    let format = FileFormat { ty, options, temporary: head.temporary };
    Ok(Box::new(CreateFormat { head, if_not_exists, name, format, comment }))
}

/// Options of a format must make sense; types that are not read can be defined all the same.
///
/// # Errors
/// 001420, 001008.
pub fn check(ty: &str, options: &Options) -> SfResult<()> {
    load::known_options(ty)?;
    match load::Format::new(ty, options) {
        Err(e) if !matches!(ty, "CSV" | "JSON") && e.code == "000002" => Ok(()),
        other => other.map(|_| ()),
    }
}

impl Statement for CreateFormat {
    fn class(&self) -> Class {
        Class::Ddl
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let this = *self;
        let new = New { comment: this.comment, ..New::new(Kind::FileFormat, this.name, this.head, this.if_not_exists) };
        Ok(create::create(cx, &new, |_, _, _| Ok(Body::FileFormat(this.format)))?.answer())
    }
}
