//! What every handler shares: the engine, the tokens, the jobs.

use super::super::engine::Engine;
use super::super::error::{SfError, SfResult};
use super::super::session::Session;
use super::files::Grants;
use super::job::Jobs;
use super::tokens::Tokens;
use axum::http::{HeaderMap, header};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// Shared by all requests.
pub struct Context {
    /// The engine.
    pub engine: Arc<Engine>,
    /// Logins' tokens.
    pub tokens: Tokens,
    /// Statements running and lately ended.
    pub jobs: Jobs,
    /// Tokens for staged files.
    pub grants: Grants,
    /// One statement of a session at a time: a cancellation must meet its own statement only.
    gates: Mutex<HashMap<u64, Arc<Mutex<()>>>>,
    /// CLIENT_APP_ID/CLIENT_APP_VERSION by session.
    clients: Mutex<HashMap<u64, String>>,
    /// Where a client without a Host header would reach this server.
    pub address: std::net::SocketAddr,
}

impl Context {
    /// For a server on that address.
    pub fn new(engine: Arc<Engine>, address: std::net::SocketAddr) -> Arc<Self> {
        Arc::new(Self {
            engine,
            tokens: Tokens::default(),
            jobs: Jobs::default(),
            grants: Grants::default(),
            gates: Mutex::default(),
            clients: Mutex::default(),
            address,
        })
    }

    /// The session of a request.
    ///
    /// # Errors
    /// The token's refusals; 390111 where the session has been closed.
    pub fn session(&self, headers: &HeaderMap) -> SfResult<Arc<Session>> {
        let id = self.tokens.session(token(headers), self.engine.clock.machine_ms())?;
        self.engine.session(id).ok_or_else(|| {
            SfError::new("390111", "08003", "Session no longer exists.  New login required to access the service.")
        })
    }

    /// A session's gate.
    pub fn gate(&self, session: u64) -> Arc<Mutex<()>> {
        self.gates.lock().entry(session).or_default().clone()
    }

    /// Which client opened a session: its CLIENT_APP_ID.
    pub fn client(&self, session: u64) -> String {
        self.clients.lock().get(&session).map_or("", |c| c.split('/').next().unwrap_or(c)).to_owned()
    }

    /// Whether a session's client moves staged files with a token and our own address: the Python connector from 5 on.
    /// Others are given a signed address for each file.
    pub fn reads_storage_tokens(&self, session: u64) -> bool {
        let clients = self.clients.lock();
        let version = clients.get(&session).and_then(|c| c.strip_prefix("PythonConnector/"));
        version.and_then(|v| v.split('.').next()?.parse::<u32>().ok()).is_some_and(|major| major >= 5)
    }

    /// Notes which client opened a session.
    pub fn remember_client(&self, session: u64, client: &str) {
        self.clients.lock().insert(session, client.to_owned());
    }

    /// Ends a session and forgets its tokens.
    pub fn close(&self, session: u64) {
        self.tokens.revoke(session);
        self.grants.revoke(session);
        self.gates.lock().remove(&session);
        self.clients.lock().remove(&session);
        if let Some(session) = self.engine.session(session) {
            session.close();
        }
    }
}

/// `Authorization: Snowflake Token="…"`.
pub fn token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let value = value.strip_prefix("Snowflake").unwrap_or(value).trim_start();
    let token = value.strip_prefix("Token=")?.trim_matches('"');
    (!token.is_empty() && token != "None").then_some(token)
}
