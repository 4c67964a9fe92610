//! Carries webhooks: one thread, several attempts each.

use super::super::catalog::{Kind, Options};
use super::super::engine::Engine;
use super::super::error::SfResult;
use super::{Notification, Status, options_of};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often a webhook is tried.
pub const ATTEMPTS: u32 = 3;
/// How long it waits before the next attempt, times the number of those made.
const PAUSE: Duration = Duration::from_millis(500);
/// How long an attempt may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How much of an answer is kept as the reason of a failure, characters.
const KEPT: usize = 500;

/// The running courier; dropping it ends it.
pub struct Courier {
    engine: Arc<Engine>,
    thread: Option<JoinHandle<()>>,
}

impl Courier {
    /// Starts the thread; what an earlier process left in the queue is carried too.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(engine: Arc<Engine>) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let inner = engine.clone();
        let thread = std::thread::Builder::new().name("notifications".into()).spawn(move || work(&inner, &runtime))?;
        Ok(Self { engine, thread: Some(thread) })
    }
}

impl Drop for Courier {
    fn drop(&mut self) {
        self.engine.outbox.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn work(engine: &Arc<Engine>, runtime: &tokio::runtime::Runtime) {
    let mut not_before: std::collections::HashMap<String, Instant> = std::collections::HashMap::new();
    loop {
        let mut sleep = None;
        for n in engine.outbox.queued() {
            let wait = not_before.get(&n.id).map_or(Duration::ZERO, |t| t.saturating_duration_since(Instant::now()));
            if !wait.is_zero() {
                sleep = Some(sleep.map_or(wait, |s: Duration| s.min(wait)));
                continue;
            }
            let out = runtime.block_on(deliver(engine, &n));
            not_before.insert(n.id.clone(), Instant::now() + PAUSE * n.attempt);
            if let Err(e) = note(engine, n, out) {
                tracing::error!("the outbox cannot be written: {e}");
                return;
            }
        }
        not_before.retain(|_, t| *t > Instant::now());
        if !engine.outbox.wait(sleep) {
            return;
        }
    }
}

/// Writes down an attempt and, where it failed and others are left, the next one.
fn note(engine: &Engine, mut n: Notification, out: Result<(), String>) -> SfResult<()> {
    n.processed_ms = Some(engine.clock.now_ms());
    let again = n.attempt < ATTEMPTS;
    n.status = match (&out, again) {
        (Ok(()), _) => Status::Success,
        (Err(_), true) => Status::RetriableFailure,
        (Err(_), false) => Status::Failure,
    };
    n.error = out.err();
    if n.status == Status::RetriableFailure {
        let next = Notification {
            attempt: n.attempt + 1,
            processed_ms: None,
            status: Status::Queued,
            error: None,
            ..n.clone()
        };
        engine.outbox.put(engine, next)?;
    }
    engine.outbox.put(engine, n)
}

async fn deliver(engine: &Engine, n: &Notification) -> Result<(), String> {
    let catalog = engine.catalog();
    let object = catalog.get(Kind::Integration, &[&n.integration]);
    let options = object.and_then(|o| options_of(o)).ok_or("The integration is gone.")?;
    if options.get("ENABLED").is_none_or(|e| !e.eq_ignore_ascii_case("true")) {
        return Err("The integration is disabled.".into());
    }
    let url = options.get("WEBHOOK_URL").ok_or("The integration has no WEBHOOK_URL.")?;
    let (mime, body) = body(options, &n.message).ok_or("The message has no text that a webhook takes.")?;
    // The name may hold a secret, so it is neither logged nor told.
    let hidden = |e: reqwest::Error| e.without_url().to_string();
    let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build().map_err(hidden)?;
    let mut request = client.post(url).header("Content-Type", mime).body(body);
    for (name, value) in headers(options) {
        request = request.header(name, value);
    }
    let answer = request.send().await.map_err(hidden)?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let text = answer.text().await.unwrap_or_default();
    Err(format!("HTTP {}: {}", status.as_u16(), text.chars().take(KEPT).collect::<String>()))
}

/// WEBHOOK_HEADERS.
fn headers(options: &Options) -> Vec<(String, String)> {
    let map: Map<String, Value> =
        options.get("WEBHOOK_HEADERS").and_then(|t| serde_json::from_str(t).ok()).unwrap_or_default();
    map.into_iter().map(|(k, v)| (k, v.as_str().map_or_else(|| v.to_string(), str::to_owned))).collect()
}

/// Content type and body: WEBHOOK_BODY_TEMPLATE with the message in the place of SNOWFLAKE_WEBHOOK_MESSAGE, or the message.
fn body(options: &Options, message: &str) -> Option<(String, String)> {
    let all: Map<String, Value> = serde_json::from_str(message).ok()?;
    let (mime, value) = ["application/json", "text/plain", "text/markdown", "text/html"]
        .iter()
        .find_map(|mime| all.get(*mime).map(|value| ((*mime).to_owned(), value)))?;
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match options.get("WEBHOOK_BODY_TEMPLATE") {
        Some(template) => {
            let json = serde_json::from_str::<Value>(template).is_ok();
            let kind = if json { "application/json".to_owned() } else { mime };
            Some((kind, template.replace("SNOWFLAKE_WEBHOOK_MESSAGE", &text)))
        }
        None => Some((mime, text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_takes_the_message() {
        let mut options = Options::new();
        let message = r#"{"text/plain":"hi"}"#;
        assert_eq!(body(&options, message), Some(("text/plain".into(), "hi".into())));
        options.insert("WEBHOOK_BODY_TEMPLATE".into(), r#"{"text":"SNOWFLAKE_WEBHOOK_MESSAGE"}"#.into());
        assert_eq!(body(&options, message), Some(("application/json".into(), r#"{"text":"hi"}"#.into())));
        options.insert("WEBHOOK_HEADERS".into(), r#"{"X-A":"b"}"#.into());
        assert_eq!(headers(&options), [("X-A".to_owned(), "b".to_owned())]);
    }
}
