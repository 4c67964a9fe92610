//! A webhook that takes messages as Slack does: `{"text": "…"}`.

use crate::domain::Secret;
use crate::jobs::ports::{NotSent, Notifier};
use async_trait::async_trait;
use reqwest::Client;
use std::time::Duration;

/// How long a post may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// Posts to one URL, which is a secret: whoever knows it can write there.
pub struct Webhook {
    client: Client,
    url: Secret,
}

impl Webhook {
    /// For this URL.
    ///
    /// # Errors
    /// A text that is no http or https URL, in words without it.
    pub fn new(url: Secret) -> Result<Self, String> {
        let parsed = reqwest::Url::parse(url.expose()).map_err(|e| format!("it is no URL: {e}"))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err("it must begin with https://".into());
        }
        let client = Client::builder().timeout(PATIENCE).build().map_err(|e| e.without_url().to_string())?;
        Ok(Self { client, url })
    }
}

#[async_trait]
impl Notifier for Webhook {
    async fn send(&self, text: &str) -> Result<(), NotSent> {
        let body = serde_json::json!({ "text": escaped(text) }).to_string();
        let request = self.client.post(self.url.expose()).header("content-type", "application/json").body(body);
        let answer = request.send().await.map_err(|e| {
            let (unreached, why) = (e.is_connect() || e.is_builder(), e.without_url().to_string());
            if unreached { NotSent::Refused(why) } else { NotSent::Unknown(why) }
        })?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        Err(NotSent::Refused(format!("the webhook answered {status}")))
    }
}

/// What Slack reads as markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_needed_and_never_repeated() {
        for bad in ["hooks.slack/secret-part", "file:///secret-part"] {
            let said = Webhook::new(Secret::new(bad)).err().expect("refused");
            assert!(!said.contains("secret-part"), "{said}");
        }
        assert!(Webhook::new(Secret::new("https://hooks.example/secret-part")).is_ok());
        assert_eq!(escaped("a<b & c>"), "a&lt;b &amp; c&gt;");
    }
}
