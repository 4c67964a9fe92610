//! COPY's options.

use super::super::format;
use super::validate::Validation;
use crate::local::snowflake::catalog::Options;
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::sql::Cursor;
use sqlparser::tokenizer::Token;

/// What a bad record does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnError {
    /// ABORT_STATEMENT.
    Abort,
    /// CONTINUE.
    Continue,
    /// SKIP_FILE, SKIP_FILE_n: a file with this many bad records is left out.
    SkipFile(u64),
    /// SKIP_FILE_n%: a file with a greater share of bad records is left out.
    SkipShare(u64),
}

impl OnError {
    fn parse(text: &str) -> Option<Self> {
        let upper = text.trim().to_ascii_uppercase();
        Some(match upper.as_str() {
            "ABORT_STATEMENT" => Self::Abort,
            "CONTINUE" => Self::Continue,
            "SKIP_FILE" => Self::SkipFile(1),
            other => {
                let rest = other.strip_prefix("SKIP_FILE_")?;
                match rest.strip_suffix('%') {
                    Some(n) => Self::SkipShare(n.parse().ok().filter(|n| *n <= 100)?),
                    None => Self::SkipFile(rest.parse().ok().filter(|n| *n > 0)?),
                }
            }
        })
    }

    /// Whether a file with so many bad records among so many is left out.
    #[must_use]
    pub fn skips(self, errors: u64, rows: u64) -> bool {
        match self {
            Self::Abort => errors > 0,
            Self::Continue => false,
            Self::SkipFile(n) => errors >= n,
            Self::SkipShare(n) => errors * 100 > rows * n,
        }
    }

    /// The result's `error_limit`.
    #[must_use]
    pub fn limit(self, rows: u64) -> u64 {
        match self {
            Self::Abort => 1,
            Self::Continue => rows,
            Self::SkipFile(n) => n,
            Self::SkipShare(n) => rows * n / 100,
        }
    }
}

/// MATCH_BY_COLUMN_NAME.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchBy {
    /// NONE.
    Place,
    /// CASE_SENSITIVE.
    Exact,
    /// CASE_INSENSITIVE.
    AnyCase,
}

/// A COPY's options.
#[derive(Debug, Clone)]
pub struct CopyOptions {
    /// FILES.
    pub files: Vec<String>,
    /// PATTERN.
    pub pattern: Option<String>,
    /// FILE_FORMAT.
    pub format: Option<Options>,
    /// ON_ERROR.
    pub on_error: OnError,
    /// SIZE_LIMIT, bytes.
    pub size_limit: Option<u64>,
    /// PURGE.
    pub purge: bool,
    /// RETURN_FAILED_ONLY.
    pub failed_only: bool,
    /// MATCH_BY_COLUMN_NAME.
    pub match_by: MatchBy,
    /// TRUNCATECOLUMNS, or not ENFORCE_LENGTH.
    pub truncate: bool,
    /// FORCE.
    pub force: bool,
    /// VALIDATION_MODE.
    pub validation: Option<Validation>,
    /// LOAD_UNCERTAIN_FILES.
    pub uncertain: bool,
    /// INCLUDE_METADATA: column and METADATA$… name.
    pub metadata: Vec<(String, String)>,
    /// Which options were written.
    pub given: Vec<String>,
}

/// Options that a pipe's COPY may not have.
const NOT_IN_PIPES: &[&str] = &["FILES", "SIZE_LIMIT", "PURGE", "FORCE", "RETURN_FAILED_ONLY", "VALIDATION_MODE"];

impl CopyOptions {
    /// For a pipe: its own default of ON_ERROR, and no options of single statements.
    ///
    /// # Errors
    /// 001008 for an option that a pipe may not have.
    pub fn fit_for_pipe(&mut self) -> SfResult<()> {
        let refuse = |what: &str| {
            let text = format!("SQL compilation error: Invalid copy option '{what}' in pipe definition.");
            SfError::new("001008", "22023", text)
        };
        if let Some(key) = self.given.iter().find(|k| NOT_IN_PIPES.contains(&k.as_str())) {
            return Err(refuse(key));
        }
        match (self.on_error, self.given.iter().any(|k| k == "ON_ERROR")) {
            (OnError::Abort, true) => Err(refuse("ON_ERROR = ABORT_STATEMENT")),
            (OnError::Abort, false) => {
                self.on_error = OnError::SkipFile(1);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// Reads the options behind FROM.
///
/// # Errors
/// 001003, 001008 for a bad value, 000002 for options that are not supported.
pub fn parse(c: &mut Cursor<'_>, transformed: bool) -> SfResult<CopyOptions> {
    let mut o = CopyOptions {
        files: Vec::new(),
        pattern: None,
        format: None,
        on_error: OnError::Abort,
        size_limit: None,
        purge: false,
        failed_only: false,
        match_by: MatchBy::Place,
        truncate: false,
        force: false,
        validation: None,
        uncertain: false,
        metadata: Vec::new(),
        given: Vec::new(),
    };
    while !c.at_end() {
        let (key, mut value) = c.option()?;
        o.given.push(key.clone());
        let bad =
            |value: &str| SfError::compile("001008", "22023", format!("invalid value [{value}] for parameter '{key}'"));
        match key.as_str() {
            "FILES" => o.files = serde_json::from_str(&value).map_err(|_| bad(&value))?,
            "PATTERN" => o.pattern = Some(value),
            "FILE_FORMAT" => o.format = Some(format::parse(&value)?),
            "ON_ERROR" => {
                if c.accept_token(&Token::Mod) {
                    value.push('%');
                }
                o.on_error = OnError::parse(&value).ok_or_else(|| bad(&value))?;
            }
            "SIZE_LIMIT" => {
                o.size_limit = if value.eq_ignore_ascii_case("NULL") {
                    None
                } else {
                    Some(value.parse().map_err(|_| bad(&value))?)
                };
            }
            "MATCH_BY_COLUMN_NAME" => {
                o.match_by = match value.to_ascii_uppercase().as_str() {
                    "NONE" => MatchBy::Place,
                    "CASE_SENSITIVE" => MatchBy::Exact,
                    "CASE_INSENSITIVE" => MatchBy::AnyCase,
                    _ => return Err(bad(&value)),
                };
            }
            "PURGE" => o.purge = boolean(&value).ok_or_else(|| bad(&value))?,
            "RETURN_FAILED_ONLY" => o.failed_only = boolean(&value).ok_or_else(|| bad(&value))?,
            "FORCE" => o.force = boolean(&value).ok_or_else(|| bad(&value))?,
            "TRUNCATECOLUMNS" => o.truncate = boolean(&value).ok_or_else(|| bad(&value))?,
            "ENFORCE_LENGTH" => o.truncate = !boolean(&value).ok_or_else(|| bad(&value))?,
            "LOAD_UNCERTAIN_FILES" => o.uncertain = boolean(&value).ok_or_else(|| bad(&value))?,
            "VALIDATION_MODE" => o.validation = Some(Validation::parse(&value).ok_or_else(|| bad(&value))?),
            "INCLUDE_METADATA" => {
                let given: Options = serde_json::from_str(&value).map_err(|_| bad(&value))?;
                o.metadata = given.into_iter().map(|(c, m)| (c, m.to_ascii_uppercase())).collect();
            }
            "LOAD_MODE" if value.eq_ignore_ascii_case("FULL_INGEST") => {}
            _ => return Err(SfError::unsupported(&format!("{key} of COPY INTO"))),
        }
        c.accept_token(&Token::Comma);
    }
    together(&o, transformed)?;
    Ok(o)
}

/// Refuses options that exclude each other.
fn together(o: &CopyOptions, transformed: bool) -> SfResult<()> {
    let refuse = |text: &str| Err(SfError::compile("001008", "22023", text));
    let named = o.match_by != MatchBy::Place;
    if transformed && named {
        return refuse("match_by_column_name is not supported with copy transform.");
    }
    if o.validation.is_some() && transformed {
        return refuse("validation_mode is not supported with copy transform.");
    }
    if o.validation.is_some() && named {
        return refuse("validation_mode is not supported with match_by_column_name.");
    }
    if !o.metadata.is_empty() && !named {
        return refuse("include_metadata needs match_by_column_name.");
    }
    Ok(())
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_uppercase().as_str() {
        "TRUE" => Some(true),
        "FALSE" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_errors_do() {
        assert_eq!(OnError::parse("skip_file"), Some(OnError::SkipFile(1)));
        assert_eq!(OnError::parse("SKIP_FILE_3"), Some(OnError::SkipFile(3)));
        assert_eq!(OnError::parse("SKIP_FILE_10%"), Some(OnError::SkipShare(10)));
        assert_eq!(OnError::parse("SKIP"), None);
        assert!(!OnError::SkipShare(10).skips(1, 10) && OnError::SkipShare(10).skips(2, 10));
        assert!(OnError::SkipFile(2).skips(2, 9) && !OnError::SkipFile(2).skips(1, 9));
    }

    #[test]
    fn options_in_any_order() {
        let mut c = Cursor::new(
            "PATTERN = '.*[.]csv' FILE_FORMAT = (TYPE = CSV, SKIP_HEADER = 1), ON_ERROR = SKIP_FILE_5% FORCE=TRUE",
        )
        .unwrap();
        let o = parse(&mut c, false).unwrap();
        assert_eq!((o.on_error, o.force, o.pattern.as_deref()), (OnError::SkipShare(5), true, Some(".*[.]csv")));
        let mut c =
            Cursor::new("INCLUDE_METADATA = (F = metadata$filename) MATCH_BY_COLUMN_NAME = CASE_SENSITIVE").unwrap();
        assert_eq!(parse(&mut c, false).unwrap().metadata, [("F".to_owned(), "METADATA$FILENAME".to_owned())]);
        for text in [
            "NO_SUCH = 1",
            "INCLUDE_METADATA = (F = METADATA$FILENAME)",
            "VALIDATION_MODE = RETURN_ERRORS MATCH_BY_COLUMN_NAME = CASE_SENSITIVE",
        ] {
            assert!(parse(&mut Cursor::new(text).unwrap(), false).is_err(), "{text}");
        }
    }
}
