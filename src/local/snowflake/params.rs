//! Session parameters.

use std::collections::BTreeMap;

/// Every parameter that the engine knows: name, default, type as SHOW PARAMETERS prints it.
pub const KNOWN: &[(&str, &str, &str)] = &[
    ("ABORT_DETACHED_QUERY", "false", "BOOLEAN"),
    ("AUTOCOMMIT", "true", "BOOLEAN"),
    ("BINARY_INPUT_FORMAT", "HEX", "STRING"),
    ("BINARY_OUTPUT_FORMAT", "HEX", "STRING"),
    ("CLIENT_METADATA_REQUEST_USE_CONNECTION_CTX", "false", "BOOLEAN"),
    ("CLIENT_PREFETCH_THREADS", "4", "NUMBER"),
    ("CLIENT_RESULT_CHUNK_SIZE", "160", "NUMBER"),
    ("CLIENT_SESSION_KEEP_ALIVE", "false", "BOOLEAN"),
    ("CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY", "3600", "NUMBER"),
    ("CLIENT_STAGE_ARRAY_BINDING_THRESHOLD", "65280", "NUMBER"),
    ("CLIENT_TELEMETRY_ENABLED", "false", "BOOLEAN"),
    ("DATE_INPUT_FORMAT", "AUTO", "STRING"),
    ("DATE_OUTPUT_FORMAT", "YYYY-MM-DD", "STRING"),
    ("DEFAULT_NULL_ORDERING", "LAST", "STRING"),
    ("ERROR_ON_NONDETERMINISTIC_MERGE", "true", "BOOLEAN"),
    ("ERROR_ON_NONDETERMINISTIC_UPDATE", "false", "BOOLEAN"),
    ("GO_QUERY_RESULT_FORMAT", "JSON", "STRING"),
    ("JDBC_QUERY_RESULT_FORMAT", "JSON", "STRING"),
    ("JSON_INDENT", "2", "NUMBER"),
    ("LOCK_TIMEOUT", "43200", "NUMBER"),
    ("MULTI_STATEMENT_COUNT", "1", "NUMBER"),
    ("ODBC_QUERY_RESULT_FORMAT", "JSON", "STRING"),
    ("PYTHON_CONNECTOR_QUERY_RESULT_FORMAT", "ARROW", "STRING"),
    ("QUERY_RESULT_FORMAT", "ARROW", "STRING"),
    ("QUERY_TAG", "", "STRING"),
    ("QUOTED_IDENTIFIERS_IGNORE_CASE", "false", "BOOLEAN"),
    ("ROWS_PER_RESULTSET", "0", "NUMBER"),
    ("STATEMENT_QUEUED_TIMEOUT_IN_SECONDS", "0", "NUMBER"),
    ("STATEMENT_TIMEOUT_IN_SECONDS", "172800", "NUMBER"),
    ("STRICT_JSON_OUTPUT", "false", "BOOLEAN"),
    ("TIMESTAMP_DAY_IS_ALWAYS_24H", "false", "BOOLEAN"),
    ("TIMESTAMP_INPUT_FORMAT", "AUTO", "STRING"),
    ("TIMESTAMP_LTZ_OUTPUT_FORMAT", "", "STRING"),
    ("TIMESTAMP_NTZ_OUTPUT_FORMAT", "YYYY-MM-DD HH24:MI:SS.FF3", "STRING"),
    ("TIMESTAMP_OUTPUT_FORMAT", "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM", "STRING"),
    ("TIMESTAMP_TYPE_MAPPING", "TIMESTAMP_NTZ", "STRING"),
    ("TIMESTAMP_TZ_OUTPUT_FORMAT", "", "STRING"),
    ("TIMEZONE", "America/Los_Angeles", "STRING"),
    ("TIME_INPUT_FORMAT", "AUTO", "STRING"),
    ("TIME_OUTPUT_FORMAT", "HH24:MI:SS", "STRING"),
    ("TRANSACTION_ABORT_ON_ERROR", "false", "BOOLEAN"),
    ("TRANSACTION_DEFAULT_ISOLATION_LEVEL", "READ COMMITTED", "STRING"),
    ("TWO_DIGIT_CENTURY_START", "1970", "NUMBER"),
    ("USE_CACHED_RESULT", "true", "BOOLEAN"),
    ("WEEK_OF_YEAR_POLICY", "0", "NUMBER"),
    ("WEEK_START", "0", "NUMBER"),
];

/// A session's parameters: what was set, over the defaults.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    set: BTreeMap<String, String>,
}

/// What [`Parameters::overlay`] replaced.
pub type Saved = Vec<(String, Option<String>)>;

impl Parameters {
    /// The ones that a login asks for; unknown names are kept too, as clients send many.
    #[must_use]
    pub fn from_login(asked: &BTreeMap<String, String>) -> Self {
        Self { set: asked.iter().map(|(k, v)| (k.to_ascii_uppercase(), v.clone())).collect() }
    }

    /// A parameter's value; empty for an unknown name.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.set.get(name).map_or_else(
            || KNOWN.iter().find(|(n, _, _)| *n == name).map_or("", |(_, default, _)| default),
            String::as_str,
        )
    }

    /// Whether it was set in the session.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        self.set.contains_key(name)
    }

    /// Sets one.
    pub fn set(&mut self, name: &str, value: &str) {
        self.set.insert(name.to_ascii_uppercase(), value.to_owned());
    }

    /// Back to the default.
    pub fn unset(&mut self, name: &str) {
        self.set.remove(&name.to_ascii_uppercase());
    }

    /// Whether a boolean parameter is true.
    #[must_use]
    pub fn is_true(&self, name: &str) -> bool {
        self.get(name).eq_ignore_ascii_case("true")
    }

    /// Sets parameters for one statement.
    pub fn overlay(&mut self, more: &BTreeMap<String, String>) -> Saved {
        more.iter()
            .map(|(k, v)| {
                let key = k.to_ascii_uppercase();
                let old = self.set.insert(key.clone(), v.clone());
                (key, old)
            })
            .collect()
    }

    /// Undoes an overlay.
    pub fn restore(&mut self, saved: Saved) {
        for (key, old) in saved {
            match old {
                Some(v) => self.set.insert(key, v),
                None => self.set.remove(&key),
            };
        }
    }
}
