//! The server: routes, start, end.

use super::super::engine::Engine;
use super::super::error::SfError;
use super::context::Context;
use super::{files, login, queries, reply};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use futures::FutureExt;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower_http::decompression::RequestDecompressionLayer;

/// The largest request: a statement with its bound values.
const LARGEST_BODY: usize = 512 << 20;
/// How long open requests may take to end when the server does.
const FAREWELL: Duration = Duration::from_secs(3);

/// A running Snowflake endpoint.
pub struct SnowflakeServer {
    context: Arc<Context>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl SnowflakeServer {
    /// Serves the engine on a listener. Must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// Where the listener cannot be used.
    pub fn start(engine: Arc<Engine>, listener: std::net::TcpListener) -> std::io::Result<Self> {
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        // A reply must not wait for the acknowledgement of the one before.
        let listener = tokio::net::TcpListener::from_std(listener)?.tap_io(|tcp| {
            if let Err(e) = tcp.set_nodelay(true) {
                tracing::debug!("TCP_NODELAY: {e}");
            }
        });
        let context = Context::new(engine, address);
        let stop = CancellationToken::new();
        let ended = stop.clone();
        let serve = axum::serve(listener, router(context.clone()))
            .with_graceful_shutdown(async move { ended.cancelled().await });
        let task = tokio::spawn(async move {
            if let Err(e) = serve.await {
                tracing::error!("the Snowflake endpoint ended: {e}");
            }
        });
        Ok(Self { context, stop, task })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.context.address
    }

    /// Cancels what runs, ends every session and stops.
    pub async fn shutdown(mut self) {
        for job in self.context.jobs.running() {
            job.cancel();
        }
        self.stop.cancel();
        if tokio::time::timeout(FAREWELL, &mut self.task).await.is_err() {
            self.task.abort();
        }
        let context = self.context.clone();
        let closed = tokio::task::spawn_blocking(move || {
            for session in context.engine.sessions() {
                context.close(session.id);
            }
        });
        let _ = tokio::time::timeout(FAREWELL, closed).await;
    }
}

impl Drop for SnowflakeServer {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn router(context: Arc<Context>) -> Router {
    Router::new()
        .route("/session/v1/login-request", post(login::login))
        .route("/session/token-request", post(login::renew))
        .route("/session/heartbeat", post(login::heartbeat))
        .route("/session/authenticator-request", post(login::authenticator))
        .route("/session", post(login::close))
        .route("/queries/v1/query-request", post(queries::submit))
        .route("/queries/v1/abort-request", post(queries::abort_request))
        .route("/queries/{id}/result", get(queries::fetch))
        .route("/queries/{id}/abort-request", post(queries::abort_query))
        .route("/monitoring/queries/{id}", get(queries::monitor))
        // As the connector for Python 5.x writes it.
        .route("/monitoring/queries//{id}", get(queries::monitor))
        .route("/chunks/{id}/{n}", get(queries::chunk))
        .route("/telemetry/send", post(login::telemetry))
        .route("/__health", get(async || "ok"))
        .fallback(async || (StatusCode::NOT_FOUND, "no such endpoint").into_response())
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(RequestDecompressionLayer::new().gzip(true))
        // Staged files are of any size and kept as they come.
        .route("/stage-files/{*key}", get(files::download).head(files::head).put(files::upload))
        .layer(from_fn(no_panic))
        .with_state(context)
}

/// A defect in a handler is an answer too: a broken connection would make drivers retry.
async fn no_panic(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    AssertUnwindSafe(next.run(request)).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!("panic while answering {path}");
        reply::failure(&SfError::internal(format!("unknown defect while answering {path}")), "")
    })
}
