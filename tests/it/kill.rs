//! A server process to be killed: started on a home, spoken to over the wire, ended with SIGKILL at any moment, started
//! again on the same home.
//!
//! How often a test kills is its usual number, or what `SNOWDECK_KILLS` says; `SNOWDECK_KILL_SEED` repeats a run's moments.

use crate::served::Served;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::primitives::ByteStream;
use serde_json::{Value, json};
use std::future::Future;
use std::path::Path;
use std::time::{Duration, Instant};

/// How often to kill: `SNOWDECK_KILLS`, or `usual`.
pub fn rounds(usual: usize) -> usize {
    std::env::var("SNOWDECK_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

/// Moments that look random and can be had again.
pub struct Dice(u64);

impl Dice {
    /// With `SNOWDECK_KILL_SEED`, or a seed of the clock's that is printed.
    pub fn new() -> Self {
        let given = std::env::var("SNOWDECK_KILL_SEED").ok().and_then(|n| n.parse().ok());
        let clock = || std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(1, |t| t.as_secs());
        let seed = given.unwrap_or_else(clock);
        println!("SNOWDECK_KILL_SEED={seed}");
        Self(seed)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n.max(1)
    }

    /// A time up to `most`.
    pub fn time(&mut self, most: Duration) -> Duration {
        Duration::from_millis(self.below(u64::try_from(most.as_millis()).expect("a short time") + 1))
    }
}

/// What a statement gave: rows of cells in the wire's text form, or code and text of the refusal. A server that is gone
/// answers with the code `gone`.
pub type Outcome = Result<Vec<Vec<Option<String>>>, (String, String)>;

/// A session over the wire. Clones speak in the same session.
#[derive(Clone)]
pub struct Wire {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Wire {
    /// Logs in to a served cloud as its administrator.
    pub async fn login(served: &Served) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
        let base = format!("http://{}:{}", served.text("host"), served.about["port"]);
        let mut wire = Self { http, base, token: String::new() };
        let body = json!({ "data": {
            "ACCOUNT_NAME": served.text("account"), "LOGIN_NAME": served.text("user"), "PASSWORD": served.text("password"),
            "SESSION_PARAMETERS": { "QUERY_RESULT_FORMAT": "JSON", "PYTHON_CONNECTOR_QUERY_RESULT_FORMAT": "JSON" },
        } });
        let reply = wire.post("/session/v1/login-request?request_id=1", &body).await.expect("the login is answered");
        let token = reply["data"]["token"].as_str().unwrap_or_else(|| panic!("refused: {reply}"));
        token.clone_into(&mut wire.token);
        wire
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value, reqwest::Error> {
        let mut request = self.http.post(format!("{}{path}", self.base)).header("content-type", "application/json");
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Snowflake Token=\"{}\"", self.token));
        }
        let bytes = request.body(body.to_string()).send().await?.bytes().await?;
        Ok(serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// Runs one statement; a long one is waited for.
    pub async fn run(&self, sql: &str) -> Outcome {
        let id = uuid::Uuid::new_v4();
        let path = format!("/queries/v1/query-request?requestId={id}");
        let gone = |e: reqwest::Error| ("gone".to_owned(), e.to_string());
        let mut reply = self.post(&path, &json!({ "sqlText": sql, "sequenceId": 1 })).await.map_err(gone)?;
        while reply["code"] == "333333" {
            // The same request again waits on.
            reply = self.post(&path, &json!({ "sqlText": sql, "sequenceId": 1 })).await.map_err(gone)?;
        }
        if reply["success"] == true {
            return Ok(serde_json::from_value(reply["data"]["rowset"].clone()).unwrap_or_default());
        }
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        if reply["code"].is_null() {
            return Err(("gone".into(), reply.to_string()));
        }
        Err((text(&reply["code"]), text(&reply["message"])))
    }
}

/// The process and the ways to it.
pub struct Victim {
    home: tempfile::TempDir,
    runtime: tokio::runtime::Runtime,
    /// Run in each new session.
    context: Vec<String>,
    served: Option<Served>,
    wire: Option<Wire>,
    s3: Option<Client>,
    /// How often it was killed.
    pub kills: usize,
}

impl Victim {
    /// A fresh home and its server. `context` (USE …) is run in each new session, as soon as it can be.
    pub fn start(context: &[&str]) -> Self {
        Self::on(tempfile::tempdir().expect("a temporary folder"), context)
    }

    /// The server of a home that is there.
    pub fn on(home: tempfile::TempDir, context: &[&str]) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let mut new = Self {
            home,
            runtime: runtime.expect("a runtime"),
            context: context.iter().map(|s| (*s).to_owned()).collect(),
            served: None,
            wire: None,
            s3: None,
            kills: 0,
        };
        new.up();
        new
    }

    /// The home's folder.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    fn up(&mut self) {
        let served = Served::start(self.home.path());
        let keys = Credentials::new(served.text("access_key"), served.text("secret_key"), None, None, "test");
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(served.text("region").to_owned()))
            .credentials_provider(keys)
            .endpoint_url(served.text("s3_endpoint"))
            .force_path_style(true)
            .retry_config(aws_sdk_s3::config::retry::RetryConfig::disabled())
            .build();
        let wire = self.runtime.block_on(Wire::login(&served));
        for sql in &self.context {
            // Before the first round nothing that it names is there.
            let _ = self.runtime.block_on(wire.run(sql));
        }
        self.s3 = Some(Client::from_conf(config));
        self.wire = Some(wire);
        self.served = Some(served);
    }

    /// Ends the process with SIGKILL, now.
    pub fn kill(&mut self) {
        if let Some(served) = self.served.take() {
            served.kill();
            self.kills += 1;
        }
    }

    /// Starts it again on the same home.
    pub fn restart(&mut self) {
        if self.served.is_none() {
            self.up();
        }
    }

    /// Runs `work` (statements through the session, objects through the client, several of each if it likes) and kills the
    /// process after `delay`, whatever stands then; waits for the work to notice. Gives what the work gave.
    pub fn kill_during<T, F>(&mut self, delay: Duration, work: impl FnOnce(Wire, Client) -> F) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let running = self.runtime.spawn(work(self.wire(), self.s3()));
        std::thread::sleep(delay);
        self.kill();
        self.runtime.block_on(running).expect("the work ends")
    }

    /// A copy of the home as a kill would leave it now; the process goes on.
    pub fn copy(&self) -> tempfile::TempDir {
        self.served.as_ref().expect("it runs").copy_of(self.home.path())
    }

    /// Another session than [`Self::wire`]'s, without its context.
    pub fn another_session(&self) -> Wire {
        self.runtime.block_on(Wire::login(self.served.as_ref().expect("it runs")))
    }

    /// Runs one statement in a session.
    pub fn run_in(&self, wire: &Wire, sql: &str) -> Outcome {
        self.runtime.block_on(wire.run(sql))
    }

    /// The session, for statements beside each other.
    pub fn wire(&self) -> Wire {
        self.wire.clone().expect("it runs")
    }

    /// The S3 client.
    pub fn s3(&self) -> Client {
        self.s3.clone().expect("it runs")
    }

    /// Runs one statement.
    pub fn run(&self, sql: &str) -> Outcome {
        self.runtime.block_on(self.wire().run(sql))
    }

    /// Runs statements that must succeed.
    #[track_caller]
    pub fn script(&self, statements: &[&str]) {
        for sql in statements {
            if let Err((code, text)) = self.run(sql) {
                panic!("{sql}\n{code}: {text}");
            }
        }
    }

    /// The rows of a statement that must succeed: cells joined by `|`, rows by `;`.
    #[track_caller]
    pub fn text(&self, sql: &str) -> String {
        let rows = self.run(sql).unwrap_or_else(|(code, text)| panic!("{sql}\n{code}: {text}"));
        let row = |cells: &Vec<Option<String>>| {
            cells.iter().map(|c| c.clone().unwrap_or_else(|| "NULL".into())).collect::<Vec<_>>().join("|")
        };
        rows.iter().map(row).collect::<Vec<_>>().join(";")
    }

    /// Asks again until the answer is `expected`.
    #[track_caller]
    pub fn wait_for(&self, sql: &str, expected: &str, at_most: Duration) {
        let until = Instant::now() + at_most;
        loop {
            let got = self.text(sql);
            if got == expected {
                return;
            }
            assert!(Instant::now() < until, "{sql}\nstill {got} after {at_most:?}, not {expected}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Makes a bucket.
    pub fn bucket(&self, name: &str) {
        self.runtime.block_on(self.s3().create_bucket().bucket(name).send()).expect("a bucket");
    }

    /// Stores an object.
    pub fn put(&self, bucket: &str, key: &str, content: &[u8]) {
        assert!(self.runtime.block_on(put(&self.s3(), bucket, key, content.to_vec())), "{key} is stored");
    }
}

/// Stores an object; tells whether the server said that it is stored.
pub async fn put(s3: &Client, bucket: &str, key: &str, content: Vec<u8>) -> bool {
    s3.put_object().bucket(bucket).key(key).body(ByteStream::from(content)).send().await.is_ok()
}
