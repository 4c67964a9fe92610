//! Snowflake's data types and how each is stored in DuckDB.

use super::error::{SfError, SfResult};
use serde::{Deserialize, Serialize};

/// The length of a VARCHAR without one.
pub const TEXT_DEFAULT: u32 = 16_777_216;
/// The longest VARCHAR.
pub const TEXT_MAX: u32 = 134_217_728;
/// The length of a BINARY without one.
pub const BINARY_DEFAULT: u32 = 8_388_608;

/// A Snowflake type. Times carry their scale for display; storage is microseconds throughout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Ty {
    /// The type of a bare NULL.
    Null,
    /// NUMBER(p, s), stored as DECIMAL(p, s).
    Number {
        /// Digits in all, 1…38.
        p: u8,
        /// Digits after the point.
        s: u8,
    },
    /// FLOAT, stored as DOUBLE.
    Float,
    /// VARCHAR(len).
    Text {
        /// Longest length in characters.
        len: u32,
    },
    /// BOOLEAN.
    Boolean,
    /// DATE.
    Date,
    /// TIME(scale).
    Time {
        /// Digits of the second's fraction.
        scale: u8,
    },
    /// TIMESTAMP_NTZ(scale), stored as TIMESTAMP.
    Ntz {
        /// Digits of the second's fraction.
        scale: u8,
    },
    /// TIMESTAMP_LTZ(scale), stored as TIMESTAMP in UTC.
    Ltz {
        /// Digits of the second's fraction.
        scale: u8,
    },
    /// TIMESTAMP_TZ(scale), stored as STRUCT(t TIMESTAMP in UTC, o SMALLINT offset in minutes).
    Tz {
        /// Digits of the second's fraction.
        scale: u8,
    },
    /// BINARY(len), stored as BLOB.
    Binary {
        /// Longest length in bytes.
        len: u32,
    },
    /// VARIANT, stored as canonical JSON text (compact, keys sorted); JSON null is the text `null`.
    Variant,
    /// OBJECT, stored like VARIANT.
    Object,
    /// ARRAY, stored like VARIANT.
    Array,
}

impl Ty {
    /// NUMBER(38,0), which every integer type is.
    pub const INT: Self = Self::Number { p: 38, s: 0 };
    /// VARCHAR without a length.
    pub const TEXT: Self = Self::Text { len: TEXT_DEFAULT };
    /// BINARY without a length.
    pub const BINARY: Self = Self::Binary { len: BINARY_DEFAULT };
    /// TIMESTAMP_NTZ(9).
    pub const NTZ: Self = Self::Ntz { scale: 9 };
    /// TIMESTAMP_LTZ(9).
    pub const LTZ: Self = Self::Ltz { scale: 9 };
    /// TIMESTAMP_TZ(9).
    pub const TZ: Self = Self::Tz { scale: 9 };
    /// TIME(9).
    pub const TIME: Self = Self::Time { scale: 9 };

    /// NUMBER(p, s) with both held to what Snowflake allows.
    #[must_use]
    pub fn number(p: u32, s: u32) -> Self {
        let s = u8::try_from(s.min(37)).unwrap_or(37);
        let p = u8::try_from(p.clamp(1, 38)).unwrap_or(38).max(s);
        Self::Number { p, s }
    }

    /// VARCHAR(len), len held to what Snowflake allows.
    #[must_use]
    pub fn text(len: usize) -> Self {
        Self::Text { len: u32::try_from(len).unwrap_or(TEXT_MAX).clamp(1, TEXT_MAX) }
    }

    /// The DuckDB type that stores it.
    #[must_use]
    pub fn duck(self) -> String {
        match self {
            Self::Number { p, s } => format!("DECIMAL({p},{s})"),
            Self::Float => "DOUBLE".into(),
            Self::Null | Self::Text { .. } | Self::Variant | Self::Object | Self::Array => "VARCHAR".into(),
            Self::Boolean => "BOOLEAN".into(),
            Self::Date => "DATE".into(),
            Self::Time { .. } => "TIME".into(),
            Self::Ntz { .. } | Self::Ltz { .. } => "TIMESTAMP".into(),
            Self::Tz { .. } => "STRUCT(t TIMESTAMP, o SMALLINT)".into(),
            Self::Binary { .. } => "BLOB".into(),
        }
    }

    /// As DESC TABLE prints it: `NUMBER(38,0)`.
    #[must_use]
    pub fn display(self) -> String {
        match self {
            Self::Null => "VARCHAR(16777216)".into(),
            Self::Number { p, s } => format!("NUMBER({p},{s})"),
            Self::Float => "FLOAT".into(),
            Self::Text { len } => format!("VARCHAR({len})"),
            Self::Boolean => "BOOLEAN".into(),
            Self::Date => "DATE".into(),
            Self::Time { scale } => format!("TIME({scale})"),
            Self::Ntz { scale } => format!("TIMESTAMP_NTZ({scale})"),
            Self::Ltz { scale } => format!("TIMESTAMP_LTZ({scale})"),
            Self::Tz { scale } => format!("TIMESTAMP_TZ({scale})"),
            Self::Binary { len } => format!("BINARY({len})"),
            Self::Variant => "VARIANT".into(),
            Self::Object => "OBJECT".into(),
            Self::Array => "ARRAY".into(),
        }
    }

    /// The family's name in the information schema: `NUMBER`, `TEXT`, `TIMESTAMP_NTZ` …
    #[must_use]
    pub fn family(self) -> &'static str {
        match self {
            Self::Number { .. } => "NUMBER",
            Self::Float => "FLOAT",
            Self::Null | Self::Text { .. } => "TEXT",
            Self::Boolean => "BOOLEAN",
            Self::Date => "DATE",
            Self::Time { .. } => "TIME",
            Self::Ntz { .. } => "TIMESTAMP_NTZ",
            Self::Ltz { .. } => "TIMESTAMP_LTZ",
            Self::Tz { .. } => "TIMESTAMP_TZ",
            Self::Binary { .. } => "BINARY",
            Self::Variant => "VARIANT",
            Self::Object => "OBJECT",
            Self::Array => "ARRAY",
        }
    }

    /// The wire protocol's name, which error texts use too (in upper case): `fixed`, `real`, `text` …
    #[must_use]
    pub fn wire(self) -> &'static str {
        match self {
            Self::Number { .. } => "fixed",
            Self::Float => "real",
            Self::Null | Self::Text { .. } => "text",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Time { .. } => "time",
            Self::Ntz { .. } => "timestamp_ntz",
            Self::Ltz { .. } => "timestamp_ltz",
            Self::Tz { .. } => "timestamp_tz",
            Self::Binary { .. } => "binary",
            Self::Variant => "variant",
            Self::Object => "object",
            Self::Array => "array",
        }
    }

    /// VARIANT, OBJECT or ARRAY.
    #[must_use]
    pub fn is_semi(self) -> bool {
        matches!(self, Self::Variant | Self::Object | Self::Array)
    }

    /// VARCHAR of any length.
    #[must_use]
    pub fn is_text(self) -> bool {
        matches!(self, Self::Text { .. })
    }

    /// NUMBER or FLOAT.
    #[must_use]
    pub fn is_numeric(self) -> bool {
        matches!(self, Self::Number { .. } | Self::Float)
    }

    /// Any of the three timestamps.
    #[must_use]
    pub fn is_timestamp(self) -> bool {
        matches!(self, Self::Ntz { .. } | Self::Ltz { .. } | Self::Tz { .. })
    }

    /// Reads a type as SQL writes it: `NUMBER(10, 2)`, `string`, `timestamp_ntz(3)`, `double precision`.
    ///
    /// # Errors
    /// `Unsupported data type 'X'` for a name that is none.
    pub fn parse(text: &str) -> SfResult<Self> {
        let upper = text.trim().to_ascii_uppercase();
        let (name, args) = match upper.split_once('(') {
            Some((n, rest)) => (n.trim(), rest.trim_end_matches(|c: char| c == ')' || c.is_whitespace())),
            None => (upper.trim(), ""),
        };
        let args: Vec<u32> = args.split(',').filter_map(|a| a.trim().parse().ok()).collect();
        let scale = || u8::try_from(args.first().copied().unwrap_or(9).min(9)).unwrap_or(9);
        let len = |default: u32| args.first().copied().unwrap_or(default);
        Ok(match name.split_whitespace().collect::<Vec<_>>().join(" ").as_str() {
            "NUMBER" | "DECIMAL" | "DEC" | "NUMERIC" => Self::number(len(38), args.get(1).copied().unwrap_or(0)),
            "INT" | "INTEGER" | "BIGINT" | "SMALLINT" | "TINYINT" | "BYTEINT" => Self::INT,
            "FLOAT" | "FLOAT4" | "FLOAT8" | "DOUBLE" | "DOUBLE PRECISION" | "REAL" => Self::Float,
            "VARCHAR" | "STRING" | "TEXT" | "NVARCHAR" | "NVARCHAR2" | "CHAR VARYING" | "NCHAR VARYING"
            | "CHARACTER VARYING" => Self::Text { len: len(TEXT_DEFAULT) },
            "CHAR" | "CHARACTER" | "NCHAR" => Self::Text { len: len(1) },
            "BOOLEAN" | "BOOL" => Self::Boolean,
            "DATE" => Self::Date,
            "TIME" => Self::Time { scale: scale() },
            "TIMESTAMP" | "DATETIME" | "TIMESTAMP_NTZ" | "TIMESTAMPNTZ" | "TIMESTAMP WITHOUT TIME ZONE" => {
                Self::Ntz { scale: scale() }
            }
            "TIMESTAMP_LTZ" | "TIMESTAMPLTZ" | "TIMESTAMP WITH LOCAL TIME ZONE" => Self::Ltz { scale: scale() },
            "TIMESTAMP_TZ" | "TIMESTAMPTZ" | "TIMESTAMP WITH TIME ZONE" => Self::Tz { scale: scale() },
            "BINARY" | "VARBINARY" => Self::Binary { len: len(BINARY_DEFAULT) },
            "VARIANT" => Self::Variant,
            "OBJECT" => Self::Object,
            "ARRAY" => Self::Array,
            other => return Err(SfError::unsupported(&format!("data type {other}"))),
        })
    }

    /// Reads a type out of sqlparser's tree.
    ///
    /// # Errors
    /// As [`Ty::parse`].
    pub fn from_ast(ty: &sqlparser::ast::DataType) -> SfResult<Self> {
        Self::parse(&ty.to_string())
    }
}
