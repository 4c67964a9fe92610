//! From a profile to its services.

use super::{AccountSettings, ConfigError, LOCAL_PROFILE, Paths, Settings};
use crate::clients::Observer;
use crate::clients::s3::{S3Store, S3Target};
use crate::jobs::deploy::Variables;
use crate::jobs::ports::{ObjectStore, Warehouses};
#[cfg(feature = "local")]
use crate::local::{Cloud, CloudHome, Ports};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Environment variables that begin with this give the pipeline's template variables, secret ones too:
/// `SNOWDECK_VAR_DS_PASSWORD` is `ds_password`.
pub const VARIABLE_PREFIX: &str = "SNOWDECK_VAR_";

/// What a profile reaches. The screen shows it all the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProfileKind {
    /// The embedded cloud: nothing outside this machine.
    Local,
    /// A Snowflake account and AWS (or another S3): it costs, and others see it.
    Account,
}

impl ProfileKind {
    /// `LOCAL` or `ACCOUNT`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Local => "LOCAL",
            Self::Account => "ACCOUNT",
        }
    }
}

/// A profile's services, ready to use. No session is open yet.
pub struct Connected {
    /// The profile's name.
    pub profile: String,
    /// What it reaches.
    pub kind: ProfileKind,
    /// Opens Snowflake sessions.
    pub warehouses: Arc<dyn Warehouses>,
    /// The pipeline's bucket.
    pub store: Arc<dyn ObjectStore>,
    /// Values of the pipeline's template variables, some of them secret.
    pub variables: Variables,
    /// The Snowflake endpoint, for people.
    pub endpoint: String,
    /// What must be ended once the services are no longer used.
    pub ending: Ending,
}

/// What was started for a profile. Dropping it stops a cloud of our own at once; [`Ending::end`] does it in order.
#[derive(Default)]
pub struct Ending {
    #[cfg(feature = "local")]
    cloud: Option<Cloud>,
}

impl Ending {
    /// A cloud of our own finishes the requests under way and gives the home free.
    pub async fn end(self) {
        #[cfg(feature = "local")]
        if let Some(cloud) = self.cloud {
            cloud.shutdown().await;
        }
    }
}

/// Reaches a profile's services; for `local`, finds the running cloud or starts one that lives as long as the result.
///
/// # Errors
/// [`ConfigError`]: no such profile, a connection that lacks something, a cloud that does not start.
pub async fn connect(
    paths: &Paths,
    settings: &Settings,
    profile: &str,
    observer: Option<Observer>,
) -> Result<Connected, ConfigError> {
    if profile == LOCAL_PROFILE {
        return connect_local(paths, settings, observer).await;
    }
    connect_account(profile, settings.account(profile)?, observer).await
}

/// A fresh embedded cloud in a folder, to rehearse on: its bucket has the name of the profile's.
///
/// # Errors
/// [`ConfigError`]: the cloud does not start.
#[cfg(feature = "local")]
pub async fn rehearsal(
    folder: &std::path::Path,
    bucket: &str,
    variables: &Variables,
) -> Result<Connected, ConfigError> {
    let local = super::LocalSettings { bucket: bucket.to_owned(), ..super::LocalSettings::default() };
    let settings = Settings { local, ..Settings::default() };
    let there = connect_local(&Paths::in_home(folder), &settings, None).await?;
    // Its own place and keys over what the profile says; what leads to AWS has no meaning here.
    let mut variables = variables.clone().under(&there.variables);
    for name in ["storage_role_arn", "s3_endpoint", "aws_session_token"] {
        variables = variables.with(name, "");
    }
    Ok(Connected { variables, ..there })
}

#[cfg(feature = "local")]
async fn connect_local(
    paths: &Paths,
    settings: &Settings,
    observer: Option<Observer>,
) -> Result<Connected, ConfigError> {
    use crate::clients::{s3::Keys, snowflake::SnowflakeWarehouses};
    let local = &settings.local;
    let ports = Ports { snowflake: local.snowflake_port, s3: local.s3_port };
    let cloud = Cloud::find_or_start(&CloudHome::new(&paths.cloud), ports, &local.region).await?;
    let (address, who) = (cloud.address(), cloud.credentials());
    let refused = |message| ConfigError::Profile { profile: LOCAL_PROFILE.to_owned(), message };
    let mut warehouses =
        SnowflakeWarehouses::local(&address.host, address.snowflake_port, &who.account, &who.user, &who.password)
            .map_err(|e| refused(e.message))?;
    let target = S3Target {
        bucket: local.bucket.clone(),
        region: Some(address.region.clone()),
        endpoint: Some(format!("http://{}:{}", address.host, address.s3_port)),
        keys: Some(Keys {
            access_key: who.access_key.clone(),
            secret_key: who.secret_key.expose().to_owned(),
            session_token: None,
        }),
        ..S3Target::default()
    };
    let store = S3Store::connect(target, observer.clone()).await;
    if let Some(observer) = observer {
        warehouses = warehouses.observed(observer);
    }
    let variables = Variables::default()
        .with("bucket_url", format!("s3://{}", local.bucket))
        .with("aws_key_id", who.access_key.as_str())
        .with("aws_secret_key", who.secret_key.expose())
        .with("ds_password", who.science_password.expose());
    Ok(Connected {
        profile: LOCAL_PROFILE.to_owned(),
        kind: ProfileKind::Local,
        endpoint: warehouses.endpoint(),
        warehouses: Arc::new(warehouses),
        store: Arc::new(store),
        variables: overridden(variables, &local.variables),
        ending: Ending { cloud: Some(cloud) },
    })
}

#[cfg(not(feature = "local"))]
async fn connect_local(_: &Paths, _: &Settings, _: Option<Observer>) -> Result<Connected, ConfigError> {
    Err(ConfigError::Profile {
        profile: LOCAL_PROFILE.to_owned(),
        message: "this build has no embedded cloud; name an account profile with --profile".to_owned(),
    })
}

async fn connect_account(
    profile: &str,
    account: &AccountSettings,
    observer: Option<Observer>,
) -> Result<Connected, ConfigError> {
    let mut warehouses = account.warehouses(profile)?;
    let target = S3Target {
        bucket: account.bucket.clone(),
        region: account.region.clone(),
        endpoint: account.s3_endpoint.clone(),
        profile: account.aws_profile.clone(),
        ..S3Target::default()
    };
    let store = S3Store::connect(target, observer.clone()).await;
    if let Some(observer) = observer {
        warehouses = warehouses.observed(observer);
    }
    let variables = Variables::default().with("bucket_url", format!("s3://{}", account.bucket));
    Ok(Connected {
        profile: profile.to_owned(),
        kind: ProfileKind::Account,
        endpoint: warehouses.endpoint(),
        warehouses: Arc::new(warehouses),
        store: Arc::new(store),
        variables: overridden(variables, &account.variables),
        ending: Ending::default(),
    })
}

/// The profile's own values over the built-in ones, the environment's over both.
fn overridden(variables: Variables, file: &BTreeMap<String, String>) -> Variables {
    let variables = file.iter().fold(variables, |all, (name, value)| all.with(name, value.as_str()));
    std::env::vars()
        .filter_map(|(name, value)| Some((name.strip_prefix(VARIABLE_PREFIX)?.to_ascii_lowercase(), value)))
        .fold(variables, |all, (name, value)| all.with(&name, value))
}
