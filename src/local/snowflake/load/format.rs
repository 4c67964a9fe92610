//! File formats: options as text to what the readers need.

use super::super::catalog::Options;
use super::super::error::{SfError, SfResult};
use super::json::{JsonOptions, Texts};
use super::options::check;

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// By its first bytes.
    Auto,
    /// Not.
    None,
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
    /// zlib.
    Deflate,
    /// DEFLATE without a header.
    RawDeflate,
}

/// Options of delimited files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Csv {
    /// FIELD_DELIMITER; empty for NONE.
    pub field: Vec<u8>,
    /// RECORD_DELIMITER where it is no newline; empty for NONE.
    pub record: Vec<u8>,
    /// Records end with a newline.
    pub newline: bool,
    /// FIELD_OPTIONALLY_ENCLOSED_BY.
    pub quote: Option<u8>,
    /// ESCAPE.
    pub escape: Option<u8>,
    /// ESCAPE_UNENCLOSED_FIELD.
    pub escape_unenclosed: Option<u8>,
    /// SKIP_HEADER.
    pub skip_header: u64,
    /// PARSE_HEADER.
    pub parse_header: bool,
    /// SKIP_BLANK_LINES.
    pub skip_blank_lines: bool,
    /// TRIM_SPACE.
    pub trim_space: bool,
    /// NULL_IF.
    pub null_if: Vec<String>,
    /// EMPTY_FIELD_AS_NULL.
    pub empty_as_null: bool,
    /// ERROR_ON_COLUMN_COUNT_MISMATCH.
    pub mismatch_is_error: bool,
}

impl Default for Csv {
    fn default() -> Self {
        Self {
            field: b",".to_vec(),
            record: Vec::new(),
            newline: true,
            quote: None,
            escape: None,
            escape_unenclosed: Some(b'\\'),
            skip_header: 0,
            parse_header: false,
            skip_blank_lines: false,
            trim_space: false,
            null_if: vec!["\\N".into()],
            empty_as_null: true,
            mismatch_is_error: true,
        }
    }
}

/// What files hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Delimited fields.
    Csv(Csv),
    /// JSON documents.
    Json(JsonOptions),
    /// Parquet, each record as one document.
    Parquet {
        /// BINARY_AS_TEXT.
        binary_as_text: bool,
        /// TRIM_SPACE and NULL_IF.
        texts: Texts,
    },
}

/// A file format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Format {
    /// What files hold.
    pub kind: Kind,
    /// COMPRESSION.
    pub compression: Compression,
    /// REPLACE_INVALID_CHARACTERS, IGNORE_UTF8_ERRORS.
    pub lossy: bool,
    /// SKIP_BYTE_ORDER_MARK.
    pub skip_bom: bool,
    /// DATE_FORMAT, TIME_FORMAT, TIMESTAMP_FORMAT where they are not AUTO, under the session parameters' names.
    pub inputs: Vec<(&'static str, String)>,
    /// BINARY_FORMAT.
    pub binary: String,
}

/// An impossible value of an option.
pub(super) fn invalid(option: &str, value: &str) -> SfError {
    // Words are printed as the text that they are, numbers bare.
    let shown = if value.parse::<f64>().is_ok() { value.to_owned() } else { format!("'{value}'") };
    SfError::compile("001008", "22023", format!("invalid value [{shown}] for parameter '{option}'"))
}

/// Reads options with their defaults.
struct Reader<'a>(&'a Options);

impl Reader<'_> {
    fn boolean(&self, name: &str, default: bool) -> SfResult<bool> {
        match self.0.get(name).map(|v| v.to_ascii_uppercase()) {
            None => Ok(default),
            Some(v) if v == "TRUE" => Ok(true),
            Some(v) if v == "FALSE" => Ok(false),
            Some(v) => Err(invalid(name, &v)),
        }
    }

    /// A delimiter, its escape sequences resolved; `None` for NONE.
    fn delimiter(&self, name: &str, default: Option<&str>) -> Option<Vec<u8>> {
        let text = self.0.get(name).map_or(default, |v| Some(v.as_str()))?;
        if text.eq_ignore_ascii_case("NONE") || text.is_empty() { None } else { Some(sequence(text)) }
    }

    fn byte(&self, name: &str, default: Option<&str>) -> SfResult<Option<u8>> {
        match self.delimiter(name, default).as_deref() {
            None => Ok(None),
            Some([one]) => Ok(Some(*one)),
            Some(_) => Err(invalid(name, self.0.get(name).map_or("", String::as_str))),
        }
    }

    fn list(&self, name: &str, default: &[&str]) -> Vec<String> {
        match self.0.get(name) {
            None => default.iter().map(|s| (*s).to_owned()).collect(),
            Some(text) => serde_json::from_str(text).unwrap_or_else(|_| vec![text.clone()]),
        }
    }
}

/// `\t`, `\x01`, `0x01`, `\001` … to bytes.
fn sequence(text: &str) -> Vec<u8> {
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("\\x"))
        && let Ok(bytes) = hex::decode(hex)
    {
        return bytes;
    }
    let mut out = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied().filter(|_| c == '\\');
        let plain = match next {
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some('\\') => '\\',
            Some('\'') => '\'',
            Some('"') => '"',
            Some(d @ '0'..='7') => {
                let digits: String = std::iter::once(d)
                    .chain({
                        chars.next();
                        std::iter::from_fn(|| chars.next_if(|c| ('0'..='7').contains(c))).take(2)
                    })
                    .collect();
                out.push(u8::from_str_radix(&digits, 8).unwrap_or(b'?'));
                continue;
            }
            _ => {
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
        };
        chars.next();
        out.extend_from_slice(plain.encode_utf8(&mut [0; 4]).as_bytes());
    }
    out
}

impl Format {
    /// Of a type and its options.
    ///
    /// # Errors
    /// 001420 for an unknown option, 001008 for an impossible value, 000002 for what is not read here.
    pub fn new(ty: &str, options: &Options) -> SfResult<Self> {
        check(ty, options)?;
        let r = Reader(options);
        let lossy = r.boolean("REPLACE_INVALID_CHARACTERS", false)? || r.boolean("IGNORE_UTF8_ERRORS", false)?;
        let kind = match ty {
            "CSV" => Kind::Csv(csv(&r)?),
            "JSON" => {
                if r.boolean("ENABLE_OCTAL", false)? {
                    return Err(SfError::unsupported("ENABLE_OCTAL"));
                }
                Kind::Json(JsonOptions {
                    strip_outer_array: r.boolean("STRIP_OUTER_ARRAY", false)?,
                    strip_nulls: r.boolean("STRIP_NULL_VALUES", false)?,
                    allow_duplicates: r.boolean("ALLOW_DUPLICATE", false)?,
                    multi_line: r.boolean("MULTI_LINE", true)?,
                    texts: texts(&r)?,
                })
            }
            "PARQUET" => {
                // One reader reads all, by the files' logical types.
                for accepted in ["USE_LOGICAL_TYPE", "USE_VECTORIZED_SCANNER"] {
                    r.boolean(accepted, false)?;
                }
                Kind::Parquet { binary_as_text: r.boolean("BINARY_AS_TEXT", true)?, texts: texts(&r)? }
            }
            other => return Err(SfError::unsupported(&format!("reading of {other} files"))),
        };
        let mut inputs = Vec::new();
        for (option, parameter) in [
            ("DATE_FORMAT", "DATE_INPUT_FORMAT"),
            ("TIME_FORMAT", "TIME_INPUT_FORMAT"),
            ("TIMESTAMP_FORMAT", "TIMESTAMP_INPUT_FORMAT"),
        ] {
            if let Some(v) = options.get(option).filter(|v| !v.eq_ignore_ascii_case("AUTO")) {
                inputs.push((parameter, v.clone()));
            }
        }
        let encoding = options.get("ENCODING").map_or("UTF8", String::as_str).to_ascii_uppercase().replace('-', "");
        if encoding != "UTF8" {
            return Err(SfError::unsupported(&format!("ENCODING {encoding}")));
        }
        let binary = options.get("BINARY_FORMAT").map_or("HEX", String::as_str).to_ascii_uppercase().replace('-', "");
        if !matches!(binary.as_str(), "HEX" | "BASE64" | "UTF8") {
            return Err(invalid("BINARY_FORMAT", &binary));
        }
        Ok(Self {
            kind,
            compression: if ty == "PARQUET" { parquet_compression(options)? } else { compression(options)? },
            lossy,
            skip_bom: r.boolean("SKIP_BYTE_ORDER_MARK", true)?,
            inputs,
            binary,
        })
    }

    /// Whether records are documents, one VARIANT each.
    #[must_use]
    pub fn is_json(&self) -> bool {
        matches!(self.kind, Kind::Json(_) | Kind::Parquet { .. })
    }

    /// TYPE.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.kind {
            Kind::Csv(_) => "CSV",
            Kind::Json(_) => "JSON",
            Kind::Parquet { .. } => "PARQUET",
        }
    }
}

fn texts(r: &Reader<'_>) -> SfResult<Texts> {
    Ok(Texts { trim: r.boolean("TRIM_SPACE", false)?, null_if: r.list("NULL_IF", &["\\N"]) })
}

fn csv(r: &Reader<'_>) -> SfResult<Csv> {
    let record = r.delimiter("RECORD_DELIMITER", Some("\n"));
    let newline = record.as_deref().is_some_and(|d| matches!(d, b"\n" | b"\r\n"));
    let skip = r.0.get("SKIP_HEADER").map_or("0", String::as_str);
    if !r.boolean("MULTI_LINE", true)? {
        return Err(SfError::unsupported("MULTI_LINE = FALSE for CSV"));
    }
    let out = Csv {
        field: r.delimiter("FIELD_DELIMITER", Some(",")).unwrap_or_default(),
        record: record.filter(|_| !newline).unwrap_or_default(),
        newline,
        quote: r.byte("FIELD_OPTIONALLY_ENCLOSED_BY", None)?,
        escape: r.byte("ESCAPE", None)?,
        escape_unenclosed: r.byte("ESCAPE_UNENCLOSED_FIELD", Some("\\"))?,
        skip_header: skip.parse().map_err(|_| invalid("SKIP_HEADER", skip))?,
        parse_header: r.boolean("PARSE_HEADER", false)?,
        skip_blank_lines: r.boolean("SKIP_BLANK_LINES", false)?,
        trim_space: r.boolean("TRIM_SPACE", false)?,
        null_if: r.list("NULL_IF", &["\\N"]),
        empty_as_null: r.boolean("EMPTY_FIELD_AS_NULL", true)?,
        mismatch_is_error: r.boolean("ERROR_ON_COLUMN_COUNT_MISMATCH", true)?,
    };
    if out.parse_header && out.skip_header > 0 {
        return Err(SfError::compile("001008", "22023", "PARSE_HEADER and SKIP_HEADER exclude each other."));
    }
    Ok(out)
}

/// Parquet is compressed inside; the option says how to write.
fn parquet_compression(options: &Options) -> SfResult<Compression> {
    let text = options.get("COMPRESSION").map_or("AUTO", String::as_str).to_ascii_uppercase();
    match text.as_str() {
        "AUTO" | "SNAPPY" | "NONE" => Ok(Compression::None),
        "LZO" => Err(SfError::unsupported("COMPRESSION LZO")),
        _ => Err(invalid("COMPRESSION", &text)),
    }
}

fn compression(options: &Options) -> SfResult<Compression> {
    let text = options.get("COMPRESSION").map_or("AUTO", String::as_str).to_ascii_uppercase();
    Ok(match text.as_str() {
        "AUTO" => Compression::Auto,
        "NONE" => Compression::None,
        "GZIP" => Compression::Gzip,
        "ZSTD" => Compression::Zstd,
        "DEFLATE" => Compression::Deflate,
        "RAW_DEFLATE" => Compression::RawDeflate,
        "BZ2" | "BROTLI" => return Err(SfError::unsupported(&format!("COMPRESSION {text}"))),
        _ => return Err(invalid("COMPRESSION", &text)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters_may_be_written_as_sequences() {
        for (text, bytes) in
            [("\\t", "\t"), ("0x7C", "|"), ("\\x7c", "|"), ("\\174", "|"), ("||", "||"), ("\\", "\\"), ("\t", "\t")]
        {
            assert_eq!(sequence(text), bytes.as_bytes(), "{text}");
        }
    }

    #[test]
    fn options_are_read_and_unknown_ones_refused() {
        let options = |list: &[(&str, &str)]| list.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let f = Format::new("CSV", &options(&[("SKIP_HEADER", "2"), ("NULL_IF", r#"["","-"]"#)])).unwrap();
        let Kind::Csv(csv) = f.kind else { panic!("{f:?}") };
        assert_eq!((csv.skip_header, csv.null_if), (2, vec![String::new(), "-".into()]));
        assert_eq!(Format::new("CSV", &options(&[("NO_SUCH", "1")])).unwrap_err().code, "001420");
        assert_eq!(Format::new("PARQUET", &options(&[])).unwrap().name(), "PARQUET");
        for other in ["AVRO", "ORC", "XML"] {
            assert_eq!(Format::new(other, &options(&[])).unwrap_err().code, "000002");
        }
    }
}
