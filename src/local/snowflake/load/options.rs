//! The options of each file type: names, types and defaults as DESC FILE FORMAT prints them.

use super::super::catalog::Options;
use super::super::error::{SfError, SfResult};
use super::format::invalid;

/// An option's name, type and default.
pub type Known = (&'static str, &'static str, &'static str);

/// CSV options: name, type, default as DESC FILE FORMAT prints them.
pub const CSV_OPTIONS: &[Known] = &[
    ("RECORD_DELIMITER", "String", "\\n"),
    ("FIELD_DELIMITER", "String", ","),
    ("FILE_EXTENSION", "String", ""),
    ("SKIP_HEADER", "Integer", "0"),
    ("PARSE_HEADER", "Boolean", "false"),
    ("DATE_FORMAT", "String", "AUTO"),
    ("TIME_FORMAT", "String", "AUTO"),
    ("TIMESTAMP_FORMAT", "String", "AUTO"),
    ("BINARY_FORMAT", "String", "HEX"),
    ("ESCAPE", "String", "NONE"),
    ("ESCAPE_UNENCLOSED_FIELD", "String", "\\\\"),
    ("TRIM_SPACE", "Boolean", "false"),
    ("FIELD_OPTIONALLY_ENCLOSED_BY", "String", "NONE"),
    ("NULL_IF", "List", "[\\\\N]"),
    ("COMPRESSION", "String", "AUTO"),
    ("ERROR_ON_COLUMN_COUNT_MISMATCH", "Boolean", "true"),
    ("VALIDATE_UTF8", "Boolean", "true"),
    ("SKIP_BLANK_LINES", "Boolean", "false"),
    ("REPLACE_INVALID_CHARACTERS", "Boolean", "false"),
    ("EMPTY_FIELD_AS_NULL", "Boolean", "true"),
    ("SKIP_BYTE_ORDER_MARK", "Boolean", "true"),
    ("ENCODING", "String", "UTF8"),
    ("MULTI_LINE", "Boolean", "true"),
];

/// JSON options: name, type, default as DESC FILE FORMAT prints them.
pub const JSON_OPTIONS: &[Known] = &[
    ("FILE_EXTENSION", "String", ""),
    ("DATE_FORMAT", "String", "AUTO"),
    ("TIME_FORMAT", "String", "AUTO"),
    ("TIMESTAMP_FORMAT", "String", "AUTO"),
    ("BINARY_FORMAT", "String", "HEX"),
    ("TRIM_SPACE", "Boolean", "false"),
    ("NULL_IF", "List", "[]"),
    ("COMPRESSION", "String", "AUTO"),
    ("ENABLE_OCTAL", "Boolean", "false"),
    ("ALLOW_DUPLICATE", "Boolean", "false"),
    ("STRIP_OUTER_ARRAY", "Boolean", "false"),
    ("STRIP_NULL_VALUES", "Boolean", "false"),
    ("IGNORE_UTF8_ERRORS", "Boolean", "false"),
    ("REPLACE_INVALID_CHARACTERS", "Boolean", "false"),
    ("SKIP_BYTE_ORDER_MARK", "Boolean", "true"),
    ("MULTI_LINE", "Boolean", "true"),
];

/// Parquet options.
const PARQUET_OPTIONS: &[Known] = &[
    ("TRIM_SPACE", "Boolean", "false"),
    ("NULL_IF", "List", "[]"),
    ("COMPRESSION", "String", "AUTO"),
    ("SNAPPY_COMPRESSION", "Boolean", "true"),
    ("BINARY_AS_TEXT", "Boolean", "true"),
    ("USE_LOGICAL_TYPE", "Boolean", "false"),
    ("USE_VECTORIZED_SCANNER", "Boolean", "false"),
    ("REPLACE_INVALID_CHARACTERS", "Boolean", "false"),
];

/// Options of Avro and ORC: such formats can be defined; reading such files is refused.
const OTHER_OPTIONS: &[Known] = &[
    ("COMPRESSION", "String", "AUTO"),
    ("TRIM_SPACE", "Boolean", "false"),
    ("REPLACE_INVALID_CHARACTERS", "Boolean", "false"),
    ("NULL_IF", "List", "[]"),
];

/// XML options: as with Avro, nothing is read.
const XML_OPTIONS: &[Known] = &[
    ("COMPRESSION", "String", "AUTO"),
    ("IGNORE_UTF8_ERRORS", "Boolean", "false"),
    ("PRESERVE_SPACE", "Boolean", "false"),
    ("STRIP_OUTER_ELEMENT", "Boolean", "false"),
    ("DISABLE_SNOWFLAKE_DATA", "Boolean", "false"),
    ("DISABLE_AUTO_CONVERT", "Boolean", "false"),
    ("REPLACE_INVALID_CHARACTERS", "Boolean", "false"),
    ("SKIP_BYTE_ORDER_MARK", "Boolean", "true"),
];

/// A type's options.
///
/// # Errors
/// 001008 for an unknown type.
pub fn known_options(ty: &str) -> SfResult<&'static [Known]> {
    match ty {
        "CSV" => Ok(CSV_OPTIONS),
        "JSON" => Ok(JSON_OPTIONS),
        "PARQUET" => Ok(PARQUET_OPTIONS),
        "AVRO" | "ORC" => Ok(OTHER_OPTIONS),
        "XML" => Ok(XML_OPTIONS),
        _ => Err(invalid("TYPE", ty)),
    }
}

/// Every option must be one of the type's.
///
/// # Errors
/// 001420.
pub fn check(ty: &str, options: &Options) -> SfResult<()> {
    let known = known_options(ty)?;
    match options.keys().find(|k| !known.iter().any(|(n, ..)| n == k)) {
        Some(unknown) => Err(unknown_option(ty, unknown)),
        None => Ok(()),
    }
}

/// The refusal of an option: another type's, or nobody's.
#[must_use]
pub fn unknown_option(ty: &str, option: &str) -> SfError {
    let elsewhere = [CSV_OPTIONS, JSON_OPTIONS, PARQUET_OPTIONS, OTHER_OPTIONS, XML_OPTIONS]
        .iter()
        .any(|l| l.iter().any(|(n, ..)| *n == option));
    let text = if elsewhere {
        format!("Option {option} is not valid for file format type {ty}.")
    } else {
        format!("invalid parameter '{option}'")
    };
    SfError::compile("001420", "22023", text)
}
