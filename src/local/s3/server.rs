//! Listens, on loopback only.

use super::protocol::Service;
use super::store::{Error, Store};
use http::HeaderValue;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use s3s::auth::{S3Auth, SecretKey};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{S3Error, S3ErrorCode, S3Result};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long requests under way may take to finish when the server stops.
const GRACE: Duration = Duration::from_secs(5);

/// Who may come in, and what the endpoint calls itself.
#[derive(Clone)]
pub struct S3Config {
    /// The one access key id.
    pub access_key: String,
    /// Its secret.
    pub secret_key: String,
    /// The region that the endpoint says it is.
    pub region: String,
}

impl std::fmt::Debug for S3Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Config")
            .field("access_key", &self.access_key)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

/// A running S3 endpoint. Dropping it stops it without waiting for requests under way.
pub struct S3Server {
    store: Store,
    address: SocketAddr,
    stop: CancellationToken,
    task: Option<JoinHandle<()>>,
}

impl S3Server {
    /// Opens the store in `dir` and serves it on `listener`, inside the current tokio runtime. Blocks shortly on the
    /// disk.
    ///
    /// # Errors
    /// The store's; [`Error::InvalidArgument`] for a listener that is not on loopback.
    pub fn start(dir: &Path, listener: std::net::TcpListener, config: S3Config) -> Result<Self, Error> {
        Self::serve(Store::open(dir)?, listener, config)
    }

    /// As [`Self::start`], with a store that is open already.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a listener that is not on loopback, or cannot be used.
    pub fn serve(store: Store, listener: std::net::TcpListener, config: S3Config) -> Result<Self, Error> {
        let unusable = |e: std::io::Error| Error::InvalidArgument(format!("the listener cannot be used: {e}"));
        let address = listener.local_addr().map_err(unusable)?;
        if !address.ip().is_loopback() {
            return Err(Error::InvalidArgument(format!(
                "{address} is not a loopback address: the embedded S3 endpoint listens on loopback only"
            )));
        }
        listener.set_nonblocking(true).map_err(unusable)?;
        let listener = TcpListener::from_std(listener).map_err(unusable)?;
        let mut builder = S3ServiceBuilder::new(Service { store: store.clone(), region: config.region });
        builder.set_auth(OneKey { access_key: config.access_key, secret_key: SecretKey::from(config.secret_key) });
        let stop = CancellationToken::new();
        let task = tokio::spawn(accept(listener, builder.build(), stop.clone()));
        Ok(Self { store, address, stop, task: Some(task) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it serves.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Stops: no new connections, requests under way have a few seconds to finish.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        if let Some(task) = self.task.take() {
            drop(task.await);
        }
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

/// The one key pair.
struct OneKey {
    access_key: String,
    secret_key: SecretKey,
}

#[async_trait::async_trait]
impl S3Auth for OneKey {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if access_key == self.access_key {
            return Ok(self.secret_key.clone());
        }
        let message = "The AWS Access Key Id you provided does not exist in our records.";
        Err(S3Error::with_message(S3ErrorCode::InvalidAccessKeyId, message))
    }
}

async fn accept(listener: TcpListener, service: S3Service, stop: CancellationToken) {
    let graceful = GracefulShutdown::new();
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((socket, _)) => {
                connections.spawn(connection(socket, service.clone(), graceful.watcher()));
            }
            Err(e) => {
                // Out of file descriptors, most likely: let some connections end first.
                tracing::warn!(error = %e, "the S3 endpoint could not accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    connections.close();
    // Until the connections' tasks are gone too, they hold the store open.
    let finish = async {
        graceful.shutdown().await;
        connections.wait().await;
    };
    drop(tokio::time::timeout(GRACE, finish).await);
}

async fn connection(socket: TcpStream, service: S3Service, watcher: Watcher) {
    drop(socket.set_nodelay(true));
    let answer = service_fn(move |request: http::Request<Incoming>| {
        let service = service.clone();
        async move {
            let mut response = service.call(request.map(s3s::Body::from)).await?;
            let id = uuid::Uuid::new_v4().simple().to_string().to_uppercase();
            if let Ok(id) = HeaderValue::from_str(&id[..16]) {
                response.headers_mut().insert("x-amz-request-id", id);
            }
            Ok::<_, s3s::HttpError>(response)
        }
    });
    let builder = auto::Builder::new(TokioExecutor::new());
    let connection = builder.serve_connection(TokioIo::new(socket), answer);
    if let Err(e) = watcher.watch(connection.into_owned()).await {
        // Clients hang up as they please.
        tracing::debug!(error = %e, "an S3 connection ended early");
    }
}
