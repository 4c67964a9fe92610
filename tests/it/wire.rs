//! The Snowflake endpoint's protocol, request by request.

use serde_json::{Value, json};
use snowdeck::jobs::Clock;
use snowdeck::local::snowflake::engine::{Engine, Options};
use snowdeck::local::snowflake::wire::SnowflakeServer;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A clock that the test moves.
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

struct Endpoint {
    server: SnowflakeServer,
    clock: Arc<Hand>,
    http: reqwest::Client,
}

impl Endpoint {
    fn start() -> Self {
        let clock = Arc::new(Hand(AtomicI64::new(1_700_000_000_000)));
        let options = Options {
            objects: None,
            clock: clock.clone(),
            account: "test".into(),
            admin: ("admin".into(), "secret".into()),
        };
        let engine = Engine::open(None, options).unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let server = SnowflakeServer::start(engine, listener).unwrap();
        Self { server, clock, http: reqwest::Client::new() }
    }

    async fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Value {
        let url = format!("http://{}{path}", self.server.address());
        let mut request = self.http.post(url).header("content-type", "application/json").body(body.to_string());
        if let Some(token) = token {
            request = request.header("authorization", format!("Snowflake Token=\"{token}\""));
        }
        let reply = request.send().await.unwrap();
        assert_eq!(reply.status(), 200);
        serde_json::from_slice(&reply.bytes().await.unwrap()).unwrap()
    }

    async fn login(&self, password: &str) -> Value {
        let body = json!({ "data": { "ACCOUNT_NAME": "test", "LOGIN_NAME": "Admin", "PASSWORD": password,
            "SESSION_PARAMETERS": { "QUERY_TAG": "t", "AUTOCOMMIT": true } } });
        self.post("/session/v1/login-request?request_id=1&warehouse=compute_wh", None, &body).await
    }

    async fn query(&self, token: &str, request: &str, sql: &str) -> Value {
        let path = format!("/queries/v1/query-request?requestId={request}&request_guid=x");
        self.post(&path, Some(token), &json!({ "sqlText": sql, "sequenceId": 1 })).await
    }
}

#[tokio::test]
async fn a_session_from_login_to_close() {
    let endpoint = Endpoint::start();
    let login = endpoint.login("secret").await;
    assert_eq!(login["success"], true, "{login}");
    assert_eq!(login["data"]["sessionInfo"]["warehouseName"], "COMPUTE_WH");
    assert_eq!(login["data"]["sessionInfo"]["roleName"], "ACCOUNTADMIN");
    let token = login["data"]["token"].as_str().unwrap();

    let refused = endpoint.query(token, "r1", "SELEC 1").await;
    assert_eq!(
        (&refused["code"], &refused["data"]["line"], &refused["data"]["pos"]),
        (&"001003".into(), &1.into(), &0.into())
    );
    assert!(refused["data"]["queryId"].as_str().unwrap().starts_with("01"));
    assert_eq!(refused["data"]["sqlState"], "42000");
    // The same request again is the same query.
    assert_eq!(endpoint.query(token, "r1", "SELEC 1").await["data"]["queryId"], refused["data"]["queryId"]);
    assert_ne!(endpoint.query(token, "r2", "SELEC 1").await["data"]["queryId"], refused["data"]["queryId"]);

    assert_eq!(endpoint.post("/session/heartbeat?requestId=2", Some(token), &json!({})).await["success"], true);
    assert_eq!(endpoint.post("/session?delete=true&requestId=3", Some(token), &json!({})).await["success"], true);
    assert_eq!(endpoint.query(token, "r3", "SELECT 1").await["code"], "390104");
    endpoint.server.shutdown().await;
}

#[tokio::test]
async fn wrong_credentials_are_refused() {
    let endpoint = Endpoint::start();
    let refused = endpoint.login("wrong").await;
    assert_eq!((&refused["code"], &refused["success"]), (&"390100".into(), &false.into()));
    let body = json!({ "sqlText": "SELECT 1" });
    assert_eq!(endpoint.post("/queries/v1/query-request", None, &body).await["code"], "390101");
    assert_eq!(endpoint.post("/queries/v1/query-request", Some("x"), &body).await["code"], "390104");
    let sso = endpoint.post("/session/authenticator-request", None, &json!({ "data": {} })).await;
    assert_eq!(sso["code"], "000002");
}

#[tokio::test]
async fn an_expired_session_is_renewed() {
    let endpoint = Endpoint::start();
    let login = endpoint.login("secret").await;
    let (token, master) = (login["data"]["token"].as_str().unwrap(), login["data"]["masterToken"].as_str().unwrap());
    endpoint.clock.0.fetch_add(3_600_000, Ordering::Relaxed);
    assert_eq!(endpoint.query(token, "r1", "SELEC 1").await["code"], "390112");
    let body = json!({ "oldSessionToken": token, "requestType": "RENEW" });
    let renewed = endpoint.post("/session/token-request?requestId=1", Some(master), &body).await;
    assert_eq!(renewed["data"]["sessionId"], login["data"]["sessionId"]);
    let token = renewed["data"]["sessionToken"].as_str().unwrap();
    assert_eq!(endpoint.query(token, "r1", "SELEC 1").await["code"], "001003");
    endpoint.clock.0.fetch_add(4 * 3_600_000, Ordering::Relaxed);
    assert_eq!(endpoint.post("/session/token-request", Some(master), &body).await["code"], "390114");
}

#[tokio::test]
async fn several_statements_must_be_asked_for() {
    let endpoint = Endpoint::start();
    let login = endpoint.login("secret").await;
    let token = login["data"]["token"].as_str().unwrap();
    let refused = endpoint.query(token, "r1", "SELECT 1; SELECT 2").await;
    assert_eq!(refused["code"], "000008", "{refused}");
    let body = json!({ "requestId": "nothing" });
    assert_eq!(endpoint.post("/queries/v1/abort-request", Some(token), &body).await["code"], "000605");
}

async fn session(endpoint: &Endpoint) -> String {
    endpoint.login("secret").await["data"]["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_asynchronous_statement_answers_at_once_and_is_fetched_later() {
    let endpoint = Endpoint::start();
    let token = session(&endpoint).await;
    let path = "/queries/v1/query-request?requestId=a1";
    let body = json!({ "sqlText": "SELECT SYSTEM$WAIT(900, 'MILLISECONDS') AS W", "asyncExec": true });
    let reply = endpoint.post(path, Some(&token), &body).await;
    assert_eq!((&reply["code"], &reply["success"]), (&"333334".into(), &true.into()), "{reply}");
    let id = reply["data"]["queryId"].as_str().unwrap();
    assert_eq!(reply["data"]["getResultUrl"], format!("/queries/{id}/result"));
    let url = |what: &str| format!("http://{}{what}", endpoint.server.address());
    let get = async |what: String| -> Value {
        let request = endpoint.http.get(url(&what)).header("authorization", format!("Snowflake Token=\"{token}\""));
        serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap()
    };
    let status = loop {
        // A statement that has only just been sent may wait for a thread.
        let status = get(format!("/monitoring/queries/{id}")).await;
        if status["data"]["queries"][0]["status"] != "QUEUED" {
            break status;
        }
    };
    assert_eq!(status["data"]["queries"][0]["status"], "RUNNING", "{status}");
    let result = get(format!("/queries/{id}/result")).await;
    assert_eq!(result["data"]["rowset"], json!([["waited 900 milliseconds"]]), "{result}");
    let status = get(format!("/monitoring/queries/{id}")).await;
    assert_eq!(status["data"]["queries"][0]["status"], "SUCCESS", "{status}");
}

#[tokio::test]
async fn a_statement_is_cancelled_by_its_request() {
    let endpoint = Endpoint::start();
    let token = session(&endpoint).await;
    let long = endpoint.query(&token, "long", "SELECT SYSTEM$WAIT(60)");
    let cancel = async {
        loop {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            let body = json!({ "requestId": "long" });
            if endpoint.post("/queries/v1/abort-request", Some(&token), &body).await["success"] == true {
                return;
            }
        }
    };
    let (reply, ()) = tokio::join!(long, cancel);
    assert_eq!((&reply["code"], &reply["data"]["sqlState"]), (&"000604".into(), &"57014".into()), "{reply}");
    assert_eq!(endpoint.query(&token, "after", "SELECT 1").await["success"], true);
}

#[tokio::test]
async fn a_statement_ends_when_its_time_is_over() {
    let endpoint = Endpoint::start();
    let token = session(&endpoint).await;
    let body = json!({ "sqlText": "SELECT SYSTEM$WAIT(60)", "parameters": { "STATEMENT_TIMEOUT_IN_SECONDS": 1 } });
    let reply = endpoint.post("/queries/v1/query-request?requestId=t", Some(&token), &body).await;
    assert_eq!((&reply["code"], &reply["data"]["sqlState"]), (&"000630".into(), &"57014".into()), "{reply}");
}

#[tokio::test]
async fn arrays_of_bound_values_are_one_statement() {
    let endpoint = Endpoint::start();
    let token = session(&endpoint).await;
    for sql in ["CREATE DATABASE DB", "CREATE TABLE DB.PUBLIC.T (A NUMBER(10,2), B VARCHAR, C DATE, D INT DEFAULT 7)"] {
        assert_eq!(endpoint.query(&token, sql, sql).await["success"], true);
    }
    let insert = |values: Value| {
        let sql = "INSERT INTO DB.PUBLIC.T (A, B, C) VALUES (? + 1, UPPER(?), ?)";
        json!({ "sqlText": sql, "bindings": {
            "1": { "type": "FIXED", "value": values },
            "2": { "type": "TEXT", "value": ["it's", null, "c"] },
            "3": { "type": "DATE", "value": ["0", "-86400000", null] },
        } })
    };
    let path = "/queries/v1/query-request";
    let reply = endpoint.post(path, Some(&token), &insert(json!(["1.5", "-2", "30"]))).await;
    assert_eq!(reply["data"]["rowset"], json!([["3"]]), "{reply}");
    let rows = endpoint.query(&token, "s", "SELECT * FROM DB.PUBLIC.T ORDER BY A").await;
    let expected = json!([["-1.00", null, "-1", "7"], ["2.50", "IT'S", "0", "7"], ["31.00", "C", null, "7"]]);
    assert_eq!(rows["data"]["rowset"], expected, "{rows}");
    // One bad value: nothing is inserted.
    let reply = endpoint.post(path, Some(&token), &insert(json!(["1", "999999999999", "3"]))).await;
    assert_eq!(reply["success"], false, "{reply}");
    assert_eq!(endpoint.query(&token, "c", "SELECT COUNT(*) FROM DB.PUBLIC.T").await["data"]["rowset"], json!([["3"]]));
}
