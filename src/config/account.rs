//! A profile for an account: which Snowflake connection, which bucket. The credentials stay where Snowflake's and AWS's own
//! tools keep them: `connections.toml`/`config.toml`, `SNOWFLAKE_*`, the AWS credential chain.

use super::ConfigError;
use crate::clients::snowflake::{self, ConnectionConfig, SnowflakeWarehouses};
use crate::domain::Secret;
use serde::Deserialize;
use snowflake_api::config as connections;
use snowflake_api::config::ConfigError as ConnectionError;
use std::collections::BTreeMap;

/// One `[profiles.NAME]` of the settings file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountSettings {
    /// Name of the connection in Snowflake's `connections.toml`; without it the default connection, or `SNOWFLAKE_*` alone.
    pub connection: Option<String>,
    /// Role, over the connection's.
    pub role: Option<String>,
    /// Warehouse, over the connection's.
    pub warehouse: Option<String>,
    /// Bucket of the pipeline's files.
    pub bucket: String,
    /// The bucket's region.
    pub region: Option<String>,
    /// Profile in AWS's configuration; without it `AWS_PROFILE` or the default chain.
    pub aws_profile: Option<String>,
    /// Another S3 endpoint than AWS's.
    pub s3_endpoint: Option<String>,
    /// Template variables for the pipeline's SQL (storage integration, role ARN …).
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
}

impl AccountSettings {
    /// The Snowflake side of the profile.
    ///
    /// # Errors
    /// When the connection is not there or lacks something.
    pub fn warehouses(&self, profile: &str) -> Result<SnowflakeWarehouses, ConfigError> {
        let refused = |message: String| ConfigError::Profile { profile: profile.to_owned(), message };
        let mut config = self.connection().map_err(|e| refused(hint(&e)))?;
        if self.role.is_some() {
            config.role.clone_from(&self.role);
        }
        if self.warehouse.is_some() {
            config.warehouse.clone_from(&self.warehouse);
        }
        snowflake::check(config.clone()).map_err(|e| refused(e.message))?;
        let secrets = secrets_of(&config);
        Ok(SnowflakeWarehouses::account(config, secrets))
    }

    fn connection(&self) -> Result<ConnectionConfig, ConnectionError> {
        match connections::load_connection(self.connection.as_deref()) {
            // Nobody asked for a file, and there is none: the environment alone may say it all.
            Err(ConnectionError::NoConnectionsFile { .. } | ConnectionError::ConnectionNotFound { .. })
                if self.connection.is_none() =>
            {
                ConnectionConfig::from_env()
            }
            other => other,
        }
    }
}

fn hint(error: &ConnectionError) -> String {
    match error {
        ConnectionError::InsecurePermissions { path, .. } => {
            format!("{error}; others could change it. Run: chmod 600 {}", path.display())
        }
        _ => error.to_string(),
    }
}

/// Every secret text of a connection, so that the clients can take them out of what they record.
fn secrets_of(config: &ConnectionConfig) -> Vec<Secret> {
    use secrecy::ExposeSecret;
    [&config.password, &config.token, &config.private_key, &config.private_key_file_pwd, &config.passcode]
        .into_iter()
        .flatten()
        .map(|secret| Secret::new(secret.expose_secret()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::AccountSettings;

    #[test]
    fn a_connection_that_is_not_there_is_named() {
        let settings = AccountSettings {
            connection: Some("surely-not-there".into()),
            bucket: "b".into(),
            ..AccountSettings::default()
        };
        let error = settings.warehouses("prod").expect_err("refused").to_string();
        assert!(error.starts_with("profile \"prod\": "), "{error}");
    }
}
