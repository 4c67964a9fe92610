//! An unload's options.

use super::super::format;
use crate::local::snowflake::catalog::Options;
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::sql::Cursor;
use sqlparser::tokenizer::Token;

/// MAX_FILE_SIZE without one, bytes.
const FILE_SIZE: u64 = 16 << 20;
/// The largest MAX_FILE_SIZE, bytes.
const LARGEST: u64 = 5 << 30;

/// What stands behind FROM.
pub struct UnloadOptions {
    /// FILE_FORMAT.
    pub format: Option<Options>,
    /// HEADER.
    pub header: bool,
    /// SINGLE.
    pub single: bool,
    /// OVERWRITE.
    pub overwrite: bool,
    /// INCLUDE_QUERY_ID.
    pub query_id: bool,
    /// DETAILED_OUTPUT.
    pub detailed: bool,
    /// MAX_FILE_SIZE, bytes.
    pub most: u64,
}

/// Reads them.
///
/// # Errors
/// 001003, 001008 for a bad value, 000002 for options that are not supported.
pub fn parse(c: &mut Cursor<'_>) -> SfResult<UnloadOptions> {
    let mut o = UnloadOptions {
        format: None,
        header: false,
        single: false,
        overwrite: false,
        query_id: false,
        detailed: false,
        most: FILE_SIZE,
    };
    while !c.at_end() {
        let (key, value) = c.option()?;
        let bad = || SfError::compile("001008", "22023", format!("invalid value [{value}] for parameter '{key}'"));
        let boolean = || match value.to_ascii_uppercase().as_str() {
            "TRUE" => Ok(true),
            "FALSE" => Ok(false),
            _ => Err(bad()),
        };
        match key.as_str() {
            "FILE_FORMAT" => o.format = Some(format::parse(&value)?),
            "HEADER" => o.header = boolean()?,
            "SINGLE" => o.single = boolean()?,
            "OVERWRITE" => o.overwrite = boolean()?,
            "INCLUDE_QUERY_ID" => o.query_id = boolean()?,
            "DETAILED_OUTPUT" => o.detailed = boolean()?,
            "MAX_FILE_SIZE" => {
                o.most = value.parse().ok().filter(|n| (1..=LARGEST).contains(n)).ok_or_else(bad)?;
            }
            _ => return Err(SfError::unsupported(&format!("{key} of COPY INTO a location"))),
        }
        c.accept_token(&Token::Comma);
    }
    if o.single && o.query_id {
        return Err(SfError::compile("001008", "22023", "SINGLE and INCLUDE_QUERY_ID exclude each other."));
    }
    Ok(o)
}
