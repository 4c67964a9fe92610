//! The edge: every failure becomes what happened, where, and what to do, and an exit code.

use crate::config::ConfigError;
use crate::domain::{SqlError, printable_lines};
use crate::jobs::JobError;
use crate::jobs::ports::StoreError;
use serde_json::{Value, json};

/// Why a command ended without its result.
#[derive(Debug)]
pub struct Failure {
    /// What happened, and where.
    message: String,
    /// What to do about it.
    hint: Option<String>,
    /// Parts for `--json`.
    details: Value,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Something failed: exit code 1.
    Failed,
    /// It was asked for in a wrong way: exit code 2.
    Usage,
    /// The reader of our output went away: nothing to say, nothing failed.
    Quiet,
    /// The failure was told already (in a report): exit code 1.
    Told,
}

impl Failure {
    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, details: Value::Null, kind }
    }

    /// Something failed.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(Kind::Failed, message)
    }

    /// Wrong usage.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// Failed, and the printed report says so.
    pub fn told() -> Self {
        Self::new(Kind::Told, "")
    }

    /// With what to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With the place where it happened, before the text.
    pub fn at(mut self, place: &str) -> Self {
        self.message = format!("{place}: {}", self.message);
        if let Some(details) = self.details.as_object_mut() {
            details.insert("place".to_owned(), json!(place));
        }
        self
    }

    /// With more behind the text.
    pub fn and(mut self, more: &str) -> Self {
        self.message.push_str(more);
        self
    }

    /// With what to do about it, unless something better is known.
    pub fn or_hint(mut self, hint: &str) -> Self {
        self.hint.get_or_insert_with(|| hint.to_owned());
        self
    }

    /// The process's exit code.
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Failed | Kind::Told => 1,
            Kind::Usage => 2,
            Kind::Quiet => 0,
        }
    }

    /// For stderr; `None` where there is nothing to say.
    pub fn text(&self) -> Option<String> {
        if matches!(self.kind, Kind::Quiet | Kind::Told) {
            return None;
        }
        let mut text = format!("error: {}", printable_lines(self.message.trim_end()));
        if let Some(hint) = &self.hint {
            text.push_str("\n  → ");
            text.push_str(&printable_lines(hint));
        }
        Some(text)
    }

    /// For stdout with `--json`.
    pub fn json(&self) -> Option<Value> {
        if matches!(self.kind, Kind::Quiet | Kind::Told) {
            return None;
        }
        let mut error = json!({ "message": self.message });
        if let Some(hint) = &self.hint {
            error["hint"] = json!(hint);
        }
        if let (Some(error), Value::Object(details)) = (error.as_object_mut(), self.details.clone()) {
            error.extend(details);
        }
        Some(json!({ "ok": false, "error": error }))
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        match &error {
            ConfigError::UnknownProfile { .. } | ConfigError::Syntax { .. } | ConfigError::NoHome => {
                Self::usage(error.to_string())
            }
            #[cfg(feature = "local")]
            ConfigError::Cloud(_) => Self::failed(error.to_string()),
            ConfigError::Io { .. } | ConfigError::Profile { .. } => Self::failed(error.to_string()),
        }
    }
}

impl From<SqlError> for Failure {
    fn from(error: SqlError) -> Self {
        let hint = sql_hint(&error);
        let mut message = error.to_string();
        if let (Some(line), false) = (error.line, error.message.contains("line ")) {
            message.push_str(&format!(" (line {line}, position {})", error.position.unwrap_or(0)));
        }
        let mut details = serde_json::to_value(&error).unwrap_or(Value::Null);
        if let Some(details) = details.as_object_mut() {
            details.retain(|_, value| !value.is_null() && value != "");
        }
        Self { hint, details, ..Self::failed(message) }
    }
}

/// What to do about the refusals that people meet most.
fn sql_hint(error: &SqlError) -> Option<String> {
    Some(
        match error.code.as_str() {
            "390100" | "390422" => "the user name or the password is wrong: look at the profile's connection",
            "390189" | "390186" => "the role is not there or not granted to this user: give another with --role",
            "390144" | "394300" | "394304" => {
                "the key pair was refused: is this the user's key, and is the clock right?"
            }
            "390303" | "390318" | "394400" => "the token was refused or has expired: get a new one",
            "003001" => "the role may not do this: run as another role, or have it granted",
            "000606" => "no warehouse is in use: USE WAREHOUSE, or set one in the connection",
            _ => return None,
        }
        .to_owned(),
    )
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let hint = match error.code.as_str() {
            "NoSuchKey" => Some("list what is there with: snowdeck s3 ls"),
            "NoSuchBucket" => Some("the bucket is made by: snowdeck run, or by hand"),
            "InvalidAccessKeyId" | "SignatureDoesNotMatch" => Some("the AWS credentials are not accepted here"),
            "AccessDenied" => Some("these credentials may not do that on this bucket"),
            _ => None,
        };
        let details = json!({ "code": error.code, "operation": error.operation, "key": error.key });
        Self { hint: hint.map(str::to_owned), details, ..Self::failed(error.to_string()) }
    }
}

impl From<JobError> for Failure {
    fn from(error: JobError) -> Self {
        match error {
            JobError::Cancelled => Self::failed("cancelled"),
            JobError::Usage(message) => Self::usage(message),
            JobError::Store(error) => error.into(),
            JobError::Sql(error) => error.into(),
            JobError::File { source, .. } if source.kind() == std::io::ErrorKind::BrokenPipe => source.into(),
            other @ (JobError::File { .. } | JobError::Failed(_)) => Self::failed(other.to_string()),
        }
    }
}

/// What writing our own output can fail with.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            Self::new(Kind::Quiet, "")
        } else {
            Self::failed(format!("the output cannot be written: {error}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_has_its_exit_code() {
        assert_eq!(Failure::from(JobError::Usage("no".into())).exit_code(), 2);
        assert_eq!(Failure::from(JobError::Cancelled).exit_code(), 1);
        assert_eq!(Failure::from(std::io::Error::from(std::io::ErrorKind::BrokenPipe)).exit_code(), 0);
        assert_eq!(Failure::from(std::io::Error::other("full")).exit_code(), 1);
    }

    #[test]
    fn a_refused_login_says_what_to_do() {
        let refused = SqlError { code: "390100".into(), sqlstate: "08001".into(), ..SqlError::client("Incorrect") };
        let failure = Failure::from(refused);
        assert!(failure.text().is_some_and(|t| t.contains("390100 (08001): Incorrect\n  → the user name")));
        let json = failure.json().expect("json");
        assert_eq!(json["error"]["code"], "390100");
    }

    #[test]
    fn escapes_do_not_reach_the_terminal() {
        let text = Failure::failed("a\x1b[2Jb").text().expect("text");
        assert_eq!(text, "error: a\\u{1b}[2Jb");
    }
}
