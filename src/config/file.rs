//! The settings file, `config.toml`. No secret belongs into it, and none is read from it.

use super::{AccountSettings, ConfigError};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The profile that is always there: the embedded cloud.
pub const LOCAL_PROFILE: &str = "local";

/// What the settings file may say.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The profile to use where no flag and no `SNOWDECK_PROFILE` names one.
    pub profile: Option<String>,
    /// The embedded cloud.
    pub local: LocalSettings,
    /// Profiles for accounts, by name.
    pub profiles: BTreeMap<String, AccountSettings>,
}

/// The embedded cloud's settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LocalSettings {
    /// Bucket of the pipeline's files.
    pub bucket: String,
    /// Region that the endpoints name.
    pub region: String,
    /// Port of the Snowflake endpoint; 0 lets the system choose.
    pub snowflake_port: u16,
    /// Port of the S3 endpoint; 0 lets the system choose.
    pub s3_port: u16,
    /// More template variables for the pipeline's SQL.
    pub variables: BTreeMap<String, String>,
}

impl Default for LocalSettings {
    fn default() -> Self {
        Self {
            bucket: "convex-insurance".to_owned(),
            region: "ap-southeast-1".to_owned(),
            snowflake_port: 0,
            s3_port: 0,
            variables: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// Reads the file; a file that is not there gives the defaults.
    ///
    /// # Errors
    /// When it cannot be read, or says something that is not understood (with line and column).
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, &path.display().to_string()),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(ConfigError::Io { path: path.display().to_string(), source }),
        }
    }

    fn parse(text: &str, name: &str) -> Result<Self, ConfigError> {
        let settings: Self = toml::from_str(text).map_err(|e| ConfigError::Syntax {
            place: place(text, name, e.span().map_or(0, |s| s.start)),
            message: e.message().trim().replace('\n', "; "),
        })?;
        if settings.profiles.contains_key(LOCAL_PROFILE) {
            return Err(ConfigError::Syntax {
                place: name.to_owned(),
                message: "the profile \"local\" is built in; put its settings under [local]".to_owned(),
            });
        }
        Ok(settings)
    }

    /// The profile's name: `flag` (which the command line fills from `SNOWDECK_PROFILE` too), else the file's, else `local`.
    #[must_use]
    pub fn profile_name<'a>(&'a self, flag: Option<&'a str>) -> &'a str {
        flag.or(self.profile.as_deref()).unwrap_or(LOCAL_PROFILE)
    }

    /// The account profile of that name.
    ///
    /// # Errors
    /// [`ConfigError::UnknownProfile`], which lists those that are there.
    pub fn account(&self, name: &str) -> Result<&AccountSettings, ConfigError> {
        self.profiles.get(name).ok_or_else(|| {
            let mut known: Vec<&str> = vec![LOCAL_PROFILE];
            known.extend(self.profiles.keys().map(String::as_str));
            ConfigError::UnknownProfile {
                name: name.to_owned(),
                known: format!("there are: {}. Add [profiles.{name}] to the settings file", known.join(", ")),
            }
        })
    }
}

/// `file:line:column` of a byte offset.
pub(super) fn place(text: &str, name: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
    format!("{name}:{line}:{column}")
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[test]
    fn an_empty_file_is_the_defaults() {
        let settings = Settings::parse("", "config.toml").expect("reads");
        assert_eq!(settings.profile_name(None), "local");
        assert_eq!(settings.local.bucket, "convex-insurance");
        assert_eq!(settings.profile_name(Some("prod")), "prod");
    }

    #[test]
    fn mistakes_name_their_place() {
        let text = "profile = \"prod\"\n[profiles.prod]\nbuckett = \"x\"\n";
        let error = Settings::parse(text, "config.toml").expect_err("refused").to_string();
        assert!(error.starts_with("config.toml:3:1: unknown field `buckett`"), "{error}");
        let error = Settings::parse("a = [\n", "config.toml").expect_err("refused").to_string();
        assert!(error.starts_with("config.toml:"), "{error}");
        let error = Settings::parse("[profiles.local]\nbucket = \"b\"\n", "c").expect_err("refused").to_string();
        assert!(error.contains("built in"), "{error}");
    }

    #[test]
    fn a_missing_profile_names_those_that_are_there() {
        let settings = Settings::parse("[profiles.prod]\nbucket=\"b\"\nregion=\"r\"\n", "c").expect("reads");
        assert!(settings.account("prod").is_ok());
        let error = settings.account("test").expect_err("refused").to_string();
        assert!(error.contains("local, prod"), "{error}");
    }
}
