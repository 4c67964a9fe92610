//! Snowflake over its driver protocol (`firn`): the same client for an account and for the embedded cloud.

mod decode;
mod display;
mod errors;
mod replies;
mod session;

pub use display::{Moment, real_text, scaled_text};
pub use snowflake_api::ConnectionConfig;

use super::Observer;
use crate::domain::{Secret, SqlError};
use crate::jobs::ports::{Warehouse, Warehouses};
use async_trait::async_trait;
use replies::ErrorReplies;
use session::Session;
use snowflake_api::{AuthArgs, SnowflakeApi, SnowflakeApiBuilder, connection::Connection};
use std::sync::Arc;
use std::time::Duration;

/// How long the connection to an account may take to open (TCP and TLS).
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a login to the embedded cloud may take.
const LOCAL_LOGIN_TIMEOUT: Duration = Duration::from_secs(20);

/// Opens Snowflake sessions for one profile.
pub struct SnowflakeWarehouses {
    config: ConnectionConfig,
    secrets: Arc<[Secret]>,
    observer: Option<Observer>,
    /// Set for the embedded cloud: one connection pool, no proxy, no retries (nothing between us can fail for a moment).
    local: Option<reqwest::Client>,
}

impl SnowflakeWarehouses {
    /// For an account. `secrets` are texts that must not reach a record (besides what the SQL's own form gives away).
    #[must_use]
    pub fn account(config: ConnectionConfig, secrets: Vec<Secret>) -> Self {
        Self { config, secrets: secrets.into(), observer: None, local: None }
    }

    /// For the embedded cloud on `host:port`.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn local(host: &str, port: u16, account: &str, user: &str, password: &Secret) -> Result<Self, SqlError> {
        let config = ConnectionConfig {
            account: Some(account.to_owned()),
            user: Some(user.to_owned()),
            password: Some(password.expose().to_owned().into()),
            host: Some(host.to_owned()),
            port: Some(port),
            protocol: Some("http".to_owned()),
            login_timeout: Some(LOCAL_LOGIN_TIMEOUT),
            ..ConnectionConfig::default()
        };
        let client = reqwest::Client::builder()
            .no_proxy()
            .build()
            .map_err(|e| SqlError::client(format!("the HTTP client cannot be made: {}", errors::chain(&e))))?;
        Ok(Self { config, secrets: Arc::new([password.clone()]), observer: None, local: Some(client) })
    }

    /// Reports every statement to `observer`.
    #[must_use]
    pub fn observed(mut self, observer: Observer) -> Self {
        self.observer = Some(observer);
        self
    }

    /// The host that it speaks to, for messages.
    #[must_use]
    pub fn endpoint(&self) -> String {
        self.config.base_url().map_or_else(|e| e.to_string(), |url| url.to_string())
    }

    fn api(&self, role: Option<&str>, replies: ErrorReplies) -> Result<SnowflakeApi, SqlError> {
        let failed = |e| errors::from_api(e, None, &self.endpoint());
        let mut config = self.config.clone();
        if let Some(role) = role {
            config.role = Some(role.to_owned());
        }
        config.application.get_or_insert_with(|| "snowdeck".to_owned());
        let builder = SnowflakeApiBuilder::from_connection_config(config).map_err(failed)?;
        let http = match &self.local {
            Some(client) => reqwest_middleware::ClientBuilder::new(client.clone()),
            None => Connection::client_builder_with_timeouts(CONNECT_TIMEOUT, None).map_err(|e| failed(e.into()))?,
        };
        builder.with_client(http.with(replies).build()).with_keep_alive(self.local.is_none()).build().map_err(failed)
    }
}

#[async_trait]
impl Warehouses for SnowflakeWarehouses {
    async fn connect(&self, role: Option<&str>) -> Result<Arc<dyn Warehouse>, SqlError> {
        let replies = ErrorReplies::default();
        let api = self.api(role, replies.clone())?;
        let session = Session::new(
            api,
            replies,
            session::Labels {
                endpoint: self.endpoint(),
                secrets: Arc::clone(&self.secrets),
                observer: self.observer.clone(),
            },
        );
        session.log_in().await?;
        Ok(Arc::new(session))
    }
}

impl std::fmt::Debug for SnowflakeWarehouses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SnowflakeWarehouses").field("endpoint", &self.endpoint()).finish_non_exhaustive()
    }
}

/// Makes sure that a configuration names all that its way of logging in needs.
///
/// # Errors
/// What is missing, in firn's words.
pub fn check(config: ConnectionConfig) -> Result<AuthArgs, SqlError> {
    config.into_auth_args().map_err(|e| SqlError::client(e.to_string()))
}
