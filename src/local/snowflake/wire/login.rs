//! Logging in, renewing, staying alive, logging out.

use super::super::access::fold_name;
use super::super::error::{SfError, SfResult};
use super::super::session::Login;
use super::context::{Context, token};
use super::queries::{malformed, plain_text};
use super::reply;
use super::tokens::{MASTER_VALIDITY, SESSION_VALIDITY};
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::Arc;

type Shared = State<Arc<Context>>;
type Url = Query<HashMap<String, String>>;

/// POST /session/v1/login-request
pub async fn login(State(cx): Shared, Query(url): Url, body: Bytes) -> Response {
    let login = match read(&url, &body) {
        Ok(login) => login,
        Err(e) => return reply::failure(&e, ""),
    };
    // Hashing a password takes its time, on purpose.
    let done = tokio::task::spawn_blocking(move || open(&cx, &login)).await;
    match done.unwrap_or_else(|e| Err(SfError::internal(e))) {
        Ok(data) => reply::success(&data),
        Err(e) => reply::failure(&e, ""),
    }
}

fn read(url: &HashMap<String, String>, body: &[u8]) -> SfResult<Login> {
    let mut body: Value = serde_json::from_slice(body).map_err(|e| malformed(&e))?;
    let Value::Object(data) = body["data"].take() else {
        return Err(SfError::new("390400", "08000", "Bad request: no login data"));
    };
    let text = |name: &str| data.get(name).and_then(Value::as_str).filter(|s| !s.is_empty()).map(str::to_owned);
    let asked = |name: &str| url.get(name).filter(|s| !s.is_empty()).cloned();
    let empty = Map::new();
    let parameters = data.get("SESSION_PARAMETERS").and_then(Value::as_object).unwrap_or(&empty);
    Ok(Login {
        user: text("LOGIN_NAME").unwrap_or_default(),
        password: text("PASSWORD"),
        authenticator: text("AUTHENTICATOR").map(|a| a.to_ascii_uppercase()),
        token: text("TOKEN"),
        role: asked("roleName"),
        warehouse: asked("warehouse"),
        database: asked("databaseName"),
        schema: asked("schemaName"),
        parameters: parameters
            .iter()
            .filter(|(_, v)| !v.is_null())
            .map(|(k, v)| (k.to_ascii_uppercase(), plain_text(v)))
            .collect(),
        client: ["CLIENT_APP_ID", "CLIENT_APP_VERSION"].map(|name| text(name).unwrap_or_default()).join("/"),
    })
}

fn open(cx: &Context, login: &Login) -> SfResult<Value> {
    let now = cx.engine.clock.machine_ms();
    for session in cx.tokens.abandoned(now) {
        cx.close(session);
    }
    let session = cx.engine.login(login)?;
    cx.remember_client(session.id, &login.client);
    let pair = cx.tokens.issue(session.id, now);
    let info = session.info();
    let parameters = session.with(|s| reply::parameters(&s.params))?;
    Ok(json!({
        "token": pair.session, "masterToken": pair.master,
        "validityInSeconds": SESSION_VALIDITY, "masterValidityInSeconds": MASTER_VALIDITY,
        "displayUserName": session.user, "serverVersion": env!("CARGO_PKG_VERSION"), "firstLogin": false,
        "remMeToken": null, "remMeValidityInSeconds": 0, "healthCheckInterval": 45,
        "newClientForUpgrade": null, "sessionId": session.id, "parameters": parameters,
        "sessionInfo": {
            "databaseName": info.database, "schemaName": info.schema,
            "warehouseName": info.warehouse, "roleName": info.role,
        },
        "idToken": null, "idTokenValidityInSeconds": 0, "responseData": null,
        "mfaToken": null, "mfaTokenValidityInSeconds": 0,
    }))
}

/// POST /session/token-request
pub async fn renew(State(cx): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let kind = serde_json::from_slice::<Value>(&body).ok();
    let kind = kind.as_ref().and_then(|b| b["requestType"].as_str()).unwrap_or("RENEW");
    if kind != "RENEW" {
        return reply::failure(&SfError::unsupported(&format!("token request {}", fold_name(kind))), "");
    }
    match cx.tokens.renew(token(&headers), cx.engine.clock.machine_ms()) {
        Ok((session, pair)) => reply::success(&json!({
            "sessionToken": pair.session, "validityInSecondsST": SESSION_VALIDITY,
            "masterToken": pair.master, "validityInSecondsMT": MASTER_VALIDITY,
            "masterValidityInSeconds": MASTER_VALIDITY, "sessionId": session,
        })),
        Err(e) => reply::failure(&e, ""),
    }
}

/// POST /session/heartbeat
pub async fn heartbeat(State(cx): Shared, headers: HeaderMap) -> Response {
    match cx.session(&headers) {
        Ok(session) => {
            cx.tokens.touch(session.id, cx.engine.clock.machine_ms());
            reply::success(&Value::Null)
        }
        Err(e) => reply::failure(&e, ""),
    }
}

/// POST /session?delete=true
pub async fn close(State(cx): Shared, Query(url): Url, headers: HeaderMap) -> Response {
    let session = match cx.session(&headers) {
        Ok(session) => session,
        Err(e) => return reply::failure(&e, ""),
    };
    if url.get("delete").is_some_and(|d| d == "true") {
        // Ending waits for the running statement to be interrupted.
        let _ = tokio::task::spawn_blocking(move || cx.close(session.id)).await;
    }
    reply::success(&Value::Null)
}

/// POST /session/authenticator-request
pub async fn authenticator() -> Response {
    reply::failure(&SfError::unsupported("browser and identity provider login"), "")
}

/// POST /telemetry/send
pub async fn telemetry() -> Response {
    reply::success(&"Log Received".into())
}
