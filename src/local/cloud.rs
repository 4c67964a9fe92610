//! The running cloud: both endpoints in this process, or those of another process that has the home.

use super::CloudError;
use super::home::{Address, CloudHome, Credentials, HomeLock};
use super::s3::{S3Config, S3Server, Store};
use super::snowflake::engine::{Engine, Options};
use super::snowflake::pipe::Ingest;
use super::snowflake::scheduler::Scheduler;
use super::snowflake::wire::SnowflakeServer;
use crate::jobs::SystemClock;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// How long a cloud that another process is starting may take until it answers.
const START_LIMIT: Duration = Duration::from_secs(30);
/// How long a port may take to accept.
const KNOCK_LIMIT: Duration = Duration::from_secs(2);
/// Pauses between two looks: short at first, longer later.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// The ports to listen on; 0 lets the system choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ports {
    /// Of the Snowflake endpoint.
    pub snowflake: u16,
    /// Of the S3 endpoint.
    pub s3: u16,
}

/// A cloud that answers. One that this process started ends with it.
pub struct Cloud {
    address: Address,
    credentials: Credentials,
    own: Option<Own>,
}

/// What this process runs. The order matters: the endpoints stop before the home is given free.
struct Own {
    pipes: Ingest,
    scheduler: Scheduler,
    snowflake: SnowflakeServer,
    s3: S3Server,
    home: CloudHome,
    _lock: HomeLock,
}

impl Cloud {
    /// Starts a cloud in this process.
    ///
    /// # Errors
    /// [`CloudError::Running`] where another process has the home; a port in use; a store that does not open.
    pub async fn start(home: &CloudHome, ports: Ports, region: &str) -> Result<Self, CloudError> {
        match home.try_lock()? {
            Some(lock) => Self::start_locked(home, lock, ports, region).await,
            None => Err(CloudError::Running {
                folder: home.folder().display().to_string(),
                pid: home.address()?.map(|a| a.pid),
            }),
        }
    }

    /// Finds the cloud that runs in the home, in this process or another, or starts it in this one. `ports` count only
    /// for a start.
    ///
    /// # Errors
    /// As [`Self::start`]; [`CloudError::NoAnswer`] where a process has the home and stays silent.
    pub async fn find_or_start(home: &CloudHome, ports: Ports, region: &str) -> Result<Self, CloudError> {
        let deadline = Instant::now() + START_LIMIT;
        let mut pause = FIRST_PAUSE;
        loop {
            if let Some(lock) = home.try_lock()? {
                return Self::start_locked(home, lock, ports, region).await;
            }
            let address = home.address()?;
            if let Some(address) = &address
                && answers(address).await
                && let Some(credentials) = home.credentials()?
            {
                return Ok(Self { address: address.clone(), credentials, own: None });
            }
            if Instant::now() >= deadline {
                return Err(CloudError::NoAnswer {
                    folder: home.folder().display().to_string(),
                    pid: address.map(|a| a.pid),
                });
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn start_locked(home: &CloudHome, lock: HomeLock, ports: Ports, region: &str) -> Result<Self, CloudError> {
        let credentials = home.make_credentials(&lock)?;
        // The ports first: a port in use is found before anything is opened.
        let for_snowflake = listen("Snowflake", ports.snowflake)?;
        let for_s3 = listen("S3", ports.s3)?;
        let store = open_store(home).await?;
        let engine = open_engine(home, &credentials, store.clone()).await?;
        let config = S3Config {
            access_key: credentials.access_key.clone(),
            secret_key: credentials.secret_key.expose().to_owned(),
            region: region.to_owned(),
        };
        let refused =
            |part, message: String| CloudError::Open { part, folder: home.folder().display().to_string(), message };
        let s3 = S3Server::serve(store, for_s3, config).map_err(|e| refused("S3 endpoint", e.to_string()))?;
        let scheduler = Scheduler::start(engine.clone()).map_err(|e| refused("task scheduler", e.to_string()))?;
        let pipes = Ingest::start(engine.clone()).map_err(|e| refused("pipes", e.to_string()))?;
        let snowflake =
            SnowflakeServer::start(engine, for_snowflake).map_err(|e| refused("Snowflake endpoint", e.to_string()))?;
        let address = Address {
            pid: std::process::id(),
            instance: lock.instance().to_owned(),
            host: Ipv4Addr::LOCALHOST.to_string(),
            snowflake_port: snowflake.address().port(),
            s3_port: s3.address().port(),
            region: region.to_owned(),
        };
        home.write_address(&lock, &address)?;
        let own = Own { pipes, scheduler, snowflake, s3, home: home.clone(), _lock: lock };
        Ok(Self { address, credentials, own: Some(own) })
    }

    /// Where it answers.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Who may use it.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Whether this process runs it.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.own.is_some()
    }

    /// Ends it where this process runs it: no new requests, those under way may finish; then the home is free.
    pub async fn shutdown(self) {
        let Some(own) = self.own else { return };
        if let Err(error) = own.home.forget_address() {
            tracing::warn!("the cloud's address file stays behind: {error}");
        }
        // It waits for running tasks to be interrupted; what they were doing is settled at the next start.
        let stop = move || {
            own.pipes.stop();
            own.scheduler.stop();
        };
        let _ = tokio::task::spawn_blocking(stop).await;
        own.snowflake.shutdown().await;
        own.s3.shutdown().await;
    }
}

fn listen(endpoint: &'static str, port: u16) -> Result<TcpListener, CloudError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|e| CloudError::listen(endpoint, port, e))
}

async fn answers(address: &Address) -> bool {
    let knock = |port: u16| async move {
        matches!(tokio::time::timeout(KNOCK_LIMIT, TcpStream::connect((address.host.as_str(), port))).await, Ok(Ok(_)))
    };
    knock(address.snowflake_port).await && knock(address.s3_port).await
}

async fn open_store(home: &CloudHome) -> Result<Store, CloudError> {
    let folder = home.objects();
    open("object store", home, move || Store::open(&folder).map_err(|e| e.to_string())).await
}

async fn open_engine(home: &CloudHome, who: &Credentials, store: Store) -> Result<Arc<Engine>, CloudError> {
    let file = home.database();
    let options = Options {
        objects: Some(store),
        clock: Arc::new(SystemClock),
        account: who.account.clone(),
        admin: (who.user.clone(), who.password.expose().to_owned()),
    };
    open("warehouse", home, move || Engine::open(Some(&file), options).map_err(|e| e.to_string())).await
}

/// Opens a part off the async threads.
async fn open<T: Send + 'static>(
    part: &'static str,
    home: &CloudHome,
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, CloudError> {
    let opened = tokio::task::spawn_blocking(work).await.map_err(|e| e.to_string()).and_then(|r| r);
    opened.map_err(|message| CloudError::Open { part, folder: home.folder().display().to_string(), message })
}
