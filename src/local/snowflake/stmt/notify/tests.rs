//! Integrations, the outbox and the courier.

use crate::local::snowflake::notify::Courier;
use crate::local::snowflake::session::Session;
use crate::local::snowflake::testing::{check, engine_of, rows, run, session};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

const HISTORY: &str = "SELECT STATUS, ATTEMPT, MESSAGE_SOURCE, ERROR_MESSAGE FROM \
     TABLE(INFORMATION_SCHEMA.NOTIFICATION_HISTORY(INTEGRATION_NAME => 'HOOK')) ORDER BY ATTEMPT";

#[test]
fn emails_go_to_the_outbox_or_nowhere() {
    let s = session();
    check(
        &s,
        &[
            (
                "CREATE NOTIFICATION INTEGRATION MAIL TYPE = EMAIL ENABLED = TRUE ALLOWED_RECIPIENTS = ('a@x.org', 'b@x.org')",
                "Integration MAIL successfully created.",
            ),
            ("CALL SYSTEM$SEND_EMAIL('MAIL', 'a@x.org, b@x.org', 'Hello', 'World')", "1"),
            ("CALL SYSTEM$SEND_EMAIL('mail', 'a@x.org,c@x.org', 'Hello', 'World')", "~at indexes: [2] are not allowed"),
            ("CALL SYSTEM$SEND_EMAIL('NOPE', 'a@x.org', 'Hello', 'World')", "002003"),
            ("CALL SYSTEM$SEND_EMAIL('MAIL', 'a@x.org', 'Hello', 'World', 'text/rtf')", "001008"),
            ("CALL SYSTEM$SEND_EMAIL('MAIL')", "000938"),
            (
                "SELECT STATUS, PARSE_JSON(MESSAGE):subject::VARCHAR FROM TABLE(INFORMATION_SCHEMA.NOTIFICATION_HISTORY())",
                "=SUCCESS|Hello",
            ),
            ("SELECT * FROM TABLE(INFORMATION_SCHEMA.NOTIFICATION_HISTORY())", "#1"),
            (
                "CALL SYSTEM$SEND_SNOWFLAKE_NOTIFICATION(SNOWFLAKE.NOTIFICATION.TEXT_PLAIN('hi'), \
                 SNOWFLAKE.NOTIFICATION.EMAIL_INTEGRATION_CONFIG('MAIL', 'S', ARRAY_CONSTRUCT('b@x.org')))",
                "Enqueued notifications",
            ),
            (
                "CALL SYSTEM$SEND_SNOWFLAKE_NOTIFICATION('{\"text/plain\":\"hi\"}', '{\"MAIL\":{\"toAddress\":[\"z@x.org\"]}}')",
                "~are not allowed",
            ),
            ("CALL SYSTEM$SEND_SNOWFLAKE_NOTIFICATION('hi', '{\"MAIL\":{}}')", "001008"),
            ("ALTER NOTIFICATION INTEGRATION MAIL SET ENABLED = FALSE", ""),
            ("CALL SYSTEM$SEND_EMAIL('MAIL', 'a@x.org', 'Hello', 'World')", "~is not enabled"),
            ("SELECT * FROM TABLE(INFORMATION_SCHEMA.NOTIFICATION_HISTORY())", "#2"),
        ],
    );
}

#[test]
fn integrations_are_checked_and_listed() {
    let s = session();
    check(
        &s,
        &[
            ("CREATE NOTIFICATION INTEGRATION X TYPE = EMAIL", "002029"),
            ("CREATE NOTIFICATION INTEGRATION X TYPE = PIGEON ENABLED = TRUE", "000002"),
            ("CREATE NOTIFICATION INTEGRATION X TYPE = EMAIL ENABLED = TRUE COLOUR = 'red'", "001420"),
            (
                "CREATE NOTIFICATION INTEGRATION X TYPE = WEBHOOK ENABLED = TRUE WEBHOOK_URL = 'https://example.com'",
                "001008",
            ),
            (
                "CREATE NOTIFICATION INTEGRATION X TYPE = WEBHOOK ENABLED = TRUE WEBHOOK_URL = 'http://localhost' WEBHOOK_SECRET = S",
                "000002",
            ),
            (
                "CREATE NOTIFICATION INTEGRATION X TYPE = QUEUE ENABLED = TRUE NOTIFICATION_PROVIDER = AZURE_STORAGE_QUEUE",
                "000002",
            ),
            (
                "CREATE NOTIFICATION INTEGRATION Q TYPE = QUEUE ENABLED = TRUE DIRECTION = OUTBOUND NOTIFICATION_PROVIDER = AWS_SNS \
                 AWS_SNS_TOPIC_ARN = 'arn:aws:sns:us-east-1:1:t' AWS_SNS_ROLE_ARN = 'arn:aws:iam::1:role/r' COMMENT = 'c'",
                "",
            ),
            ("CREATE NOTIFICATION INTEGRATION M TYPE = EMAIL ENABLED = TRUE", ""),
            ("SHOW NOTIFICATION INTEGRATIONS", "#2"),
            ("ALTER NOTIFICATION INTEGRATION M SET DEFAULT_SUBJECT = 'Hi'", ""),
            ("ALTER NOTIFICATION INTEGRATION M SET WEBHOOK_URL = 'http://localhost'", "001420"),
            ("DROP NOTIFICATION INTEGRATION M", "M successfully dropped."),
            ("SHOW NOTIFICATION INTEGRATIONS", "#1"),
        ],
    );
    let rows = rows(&run(&s, "DESC NOTIFICATION INTEGRATION Q").unwrap());
    assert!(rows.iter().any(|r| r[0] == "AWS_SNS_TOPIC_ARN" && r[2] == "arn:aws:sns:us-east-1:1:t"), "{rows:?}");
}

fn until(s: &Session, done: impl Fn(&[Vec<String>]) -> bool) -> Vec<Vec<String>> {
    let limit = Instant::now() + Duration::from_mins(1);
    loop {
        let all = rows(&run(s, HISTORY).unwrap());
        if done(&all) {
            return all;
        }
        assert!(Instant::now() < limit, "{all:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A web server that answers each request with the next status and keeps what it was sent.
fn server(statuses: &'static [u16]) -> (u16, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || {
        let mut got = Vec::new();
        for status in statuses {
            let (mut socket, _) = listener.accept().unwrap();
            let mut text = Vec::new();
            let mut buffer = [0; 4096];
            loop {
                let n = socket.read(&mut buffer).unwrap();
                text.extend_from_slice(&buffer[..n]);
                let all = String::from_utf8_lossy(&text).to_string();
                let Some((head, body)) = all.split_once("\r\n\r\n") else { continue };
                let length = head
                    .to_ascii_lowercase()
                    .split("content-length: ")
                    .nth(1)
                    .and_then(|l| l.split("\r\n").next()?.parse().ok());
                if n == 0 || body.len() >= length.unwrap_or(0) {
                    got.push(all);
                    break;
                }
            }
            write!(socket, "HTTP/1.1 {status} X\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody").unwrap();
        }
        got
    });
    (port, thread)
}

#[test]
fn webhooks_are_carried_and_tried_again() {
    let s = session();
    let (port, thread) = server(&[503, 200]);
    let _courier = Courier::start(engine_of(&s)).unwrap();
    let create = format!(
        "CREATE NOTIFICATION INTEGRATION HOOK TYPE = WEBHOOK ENABLED = TRUE WEBHOOK_URL = 'http://127.0.0.1:{port}/in' \
         WEBHOOK_BODY_TEMPLATE = '{{\"text\":\"SNOWFLAKE_WEBHOOK_MESSAGE\"}}' WEBHOOK_HEADERS = ('X-Kind' = 'test')"
    );
    check(
        &s,
        &[
            (&create, ""),
            (
                "CALL SYSTEM$SEND_SNOWFLAKE_NOTIFICATION(SNOWFLAKE.NOTIFICATION.TEXT_PLAIN('it broke'), SNOWFLAKE.NOTIFICATION.INTEGRATION('hook'))",
                "Enqueued notifications",
            ),
        ],
    );
    let all = until(&s, |all| all.iter().any(|r| r[0] == "SUCCESS"));
    assert_eq!(all[0], ["RETRIABLE_FAILURE", "1", "SEND_NOTIFICATION", "HTTP 503: body"]);
    assert_eq!(all[1][..2], ["SUCCESS", "2"]);
    let got = thread.join().unwrap();
    assert!(got[1].starts_with("POST /in HTTP/1.1") && got[1].to_ascii_lowercase().contains("x-kind: test"), "{got:?}");
    assert!(got[1].ends_with("{\"text\":\"it broke\"}"), "{got:?}");
}

#[test]
fn a_webhook_that_nobody_answers_fails_for_good() {
    let s = session();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let _courier = Courier::start(engine_of(&s)).unwrap();
    run(&s, &format!("CREATE NOTIFICATION INTEGRATION HOOK TYPE = WEBHOOK ENABLED = TRUE WEBHOOK_URL = 'http://127.0.0.1:{port}/'")).unwrap();
    run(&s, "CALL SYSTEM$SEND_SNOWFLAKE_NOTIFICATION('{\"text/plain\":\"x\"}', '{\"HOOK\":{}}')").unwrap();
    let all = until(&s, |all| all.iter().any(|r| r[0] == "FAILURE"));
    let states: Vec<_> = all.iter().map(|r| r[0].as_str()).collect();
    assert_eq!(states, ["RETRIABLE_FAILURE", "RETRIABLE_FAILURE", "FAILURE"]);
}
