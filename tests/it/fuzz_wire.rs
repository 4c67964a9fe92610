//! The wire under requests that no driver would send: an answer is HTTP 200 or a refusal, never a 5xx, which drivers
//! repeat for minutes. `SNOWDECK_FUZZ=100000` raises the count.

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus as Rng;
use reqwest::Client;
use serde_json::{Value, json};
use snowdeck::jobs::SystemClock;
use snowdeck::local::snowflake::engine::{Engine, Options};
use snowdeck::local::snowflake::wire::SnowflakeServer;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A request that takes longer than this hangs.
const PATIENCE: Duration = Duration::from_mins(1);

/// Requests in a usual run.
const USUAL: usize = 300;

struct Endpoint {
    base: String,
    http: Client,
    token: String,
    _server: SnowflakeServer,
}

impl Endpoint {
    async fn open() -> Self {
        let admin = ("ADMIN".to_owned(), "secret-for-tests".to_owned());
        let options = Options { objects: None, clock: Arc::new(SystemClock), account: "LOCAL".into(), admin };
        let engine = Engine::open(None, options).unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let server = SnowflakeServer::start(engine, listener).unwrap();
        let http = Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        let mut new =
            Self { base: format!("http://{}", server.address()), http, token: String::new(), _server: server };
        let login = json!({ "data": { "LOGIN_NAME": "ADMIN", "PASSWORD": "secret-for-tests" } });
        let reply = new.send("/session/v1/login-request", login.to_string().into_bytes()).await;
        let reply: Value = serde_json::from_slice(&reply).unwrap();
        reply["data"]["token"].as_str().unwrap().clone_into(&mut new.token);
        for sql in ["CREATE DATABASE DB", "CREATE SCHEMA DB.S", "CREATE TABLE T (ID INT, K VARCHAR, J VARIANT)"] {
            assert_eq!(new.sql(sql).await["success"], true, "{sql}");
        }
        new
    }

    /// Sends a body and gives the answer's; no answer may be a 5xx.
    async fn send(&self, path: &str, body: Vec<u8>) -> Vec<u8> {
        let told = String::from_utf8_lossy(&body).into_owned();
        let request = self.http.post(format!("{}{path}", self.base)).header("content-type", "application/json");
        let request = request.header("authorization", format!("Snowflake Token=\"{}\"", self.token));
        let reply = request.body(body).send().await.unwrap_or_else(|e| panic!("{e}: {path} {told}"));
        assert!(!reply.status().is_server_error(), "{}: {path} {told}", reply.status());
        reply.bytes().await.unwrap().to_vec()
    }

    /// An answer in the drivers' form.
    async fn sql(&self, sql: &str) -> Value {
        let reply = self.send("/queries/v1/query-request", json!({ "sqlText": sql }).to_string().into_bytes()).await;
        serde_json::from_slice(&reply).unwrap_or_else(|e| panic!("{e}: {sql}"))
    }
}

fn count() -> usize {
    std::env::var("SNOWDECK_FUZZ").ok().and_then(|n| n.parse().ok()).unwrap_or(USUAL)
}

/// The pipeline's own statements, roughly cut.
fn corpus() -> Vec<String> {
    let mut out = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("sql")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "sql") {
                out.extend(std::fs::read_to_string(path).unwrap().split(';').map(str::to_owned));
            }
        }
    }
    out.sort();
    out
}

/// Changes, drops or repeats some bytes.
fn mangle(rng: &mut Rng, bytes: &mut Vec<u8>) {
    for _ in 0..rng.random_range(1..6) {
        if bytes.is_empty() {
            return;
        }
        let at = rng.random_range(0..bytes.len());
        match rng.random_range(0..4) {
            0 => bytes[at] = rng.random(),
            1 => drop(bytes.remove(at)),
            2 => bytes.truncate(at),
            _ => bytes.insert(at, b"\"{}[]();,'$?@:\\\0"[rng.random_range(0..16)]),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_statements_are_refused_in_the_drivers_form() {
    let (endpoint, corpus, mut rng) = (Endpoint::open().await, corpus(), Rng::seed_from_u64(7));
    for _ in 0..count() {
        let mut sql = corpus[rng.random_range(0..corpus.len())].clone().into_bytes();
        mangle(&mut rng, &mut sql);
        let sql = String::from_utf8_lossy(&sql).into_owned();
        let reply = endpoint.sql(&sql).await;
        assert!(reply["success"].is_boolean(), "{reply}\n{sql}");
        if reply["success"] == false {
            let code = reply["code"].as_str().unwrap_or_default();
            assert!(code.len() == 6 && reply["data"]["queryId"].is_string(), "{reply}\n{sql}");
        }
    }
    assert_eq!(endpoint.sql("SELECT 1").await["success"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_requests_are_refused() {
    let (endpoint, mut rng) = (Endpoint::open().await, Rng::seed_from_u64(8));
    let bodies = [
        json!({ "sqlText": "SELECT ?", "bindings": { "1": { "type": "FIXED", "value": "7" } }, "asyncExec": false }),
        json!({ "sqlText": "SELECT 1; SELECT 2", "parameters": { "MULTI_STATEMENT_COUNT": 2 }, "describeOnly": true }),
        json!({ "sqlText": "INSERT INTO T (ID) VALUES (?)",
            "bindings": { "1": { "type": "TIMESTAMP_TZ", "value": ["1", null, "x"] } } }),
        json!({ "data": { "LOGIN_NAME": "ADMIN", "PASSWORD": "x", "SESSION_PARAMETERS": { "TIMEZONE": 5 } } }),
        json!({ "requestId": "1", "sqlText": "SELECT 1" }),
        json!({ "oldSessionToken": "x", "requestType": "RENEW" }),
    ];
    let paths = [
        "/queries/v1/query-request?requestId=%00",
        "/queries/v1/query-request",
        "/queries/v1/abort-request?requestId=x",
        "/queries/01/abort-request",
        "/session/v1/login-request?roleName=%ff",
        "/session/token-request?requestId=1",
        "/session/heartbeat",
        "/telemetry/send",
        "/session/authenticator-request",
        "/nowhere",
    ];
    for _ in 0..count() {
        let mut body = bodies[rng.random_range(0..bodies.len())].to_string().into_bytes();
        mangle(&mut rng, &mut body);
        endpoint.send(paths[rng.random_range(0..paths.len())], body).await;
    }
    assert_eq!(endpoint.sql("SELECT 1").await["success"], true);
}
