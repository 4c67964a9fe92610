//! A bad network in front of an endpoint: a proxy that fails, stalls, cuts, loses answers and damages content, by a fixed
//! plan. One request a connection.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What is done to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Nothing.
    None,
    /// 500 InternalError.
    Internal,
    /// 503 SlowDown.
    SlowDown,
    /// No answer for longer than the client waits.
    Stall,
    /// The connection ends in the middle of the request's body.
    CutRequest,
    /// The connection ends in the middle of the answer's body.
    CutAnswer,
    /// The request is carried out, its answer is lost.
    LoseAnswer,
    /// One byte of the answer's body is another.
    DamageAnswer,
    /// One byte of the request's body is another.
    DamageRequest,
}

/// Which faults, how many of a hundred requests, and how slow the rest is.
#[derive(Debug, Clone, Copy)]
pub struct Weather {
    pub percent: u64,
    pub faults: &'static [Fault],
    pub stall: Duration,
    /// How long each request is held before it is passed on.
    pub delay: Duration,
}

/// Everything that networks and services do.
pub const ALL: &[Fault] = &[
    Fault::Internal,
    Fault::SlowDown,
    Fault::CutRequest,
    Fault::CutAnswer,
    Fault::LoseAnswer,
    Fault::Stall,
    Fault::DamageAnswer,
    Fault::DamageRequest,
];

/// One request that was seen.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    /// Path and query.
    pub path: String,
    pub fault: Fault,
}

impl Seen {
    /// It brings content: an object or a part.
    pub fn is_content(&self) -> bool {
        self.method == "PUT" && (self.path.contains("x-id=PutObject") || self.path.contains("partNumber="))
    }
}

#[derive(Default)]
struct Log {
    seen: Mutex<Vec<Seen>>,
    answered: AtomicUsize,
    turn: AtomicU64,
}

/// The running proxy. It ends with the test's runtime.
pub struct Flaky {
    pub address: SocketAddr,
    log: Arc<Log>,
}

impl Flaky {
    pub async fn start(upstream: SocketAddr, weather: Weather) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Log::default());
        let shared = Arc::clone(&log);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let log = Arc::clone(&shared);
                // What fails here is a client that hung up, or is meant to fail.
                tokio::spawn(async move { drop(serve(client, upstream, weather, &log).await) });
            }
        });
        Self { address, log }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.log.seen.lock().unwrap().clone()
    }

    /// How many were answered to their end.
    pub fn answered(&self) -> usize {
        self.log.answered.load(Ordering::SeqCst)
    }

    /// Forgets what was seen.
    pub fn forget(&self) {
        self.log.seen.lock().unwrap().clear();
        self.log.answered.store(0, Ordering::SeqCst);
    }
}

/// The fault of a turn: mixed, but the same in each run.
fn fault(turn: u64, weather: Weather) -> Fault {
    let mixed = turn.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23).wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 33;
    if weather.faults.is_empty() || mixed % 100 >= weather.percent {
        return Fault::None;
    }
    weather.faults[usize::try_from(mixed / 100).unwrap() % weather.faults.len()]
}

async fn serve(mut client: TcpStream, upstream: SocketAddr, weather: Weather, log: &Log) -> std::io::Result<()> {
    let mut head = Vec::new();
    let end = loop {
        if let Some(at) = head.windows(4).position(|w| w == b"\r\n\r\n") {
            break at + 4;
        }
        if client.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    };
    let text = String::from_utf8_lossy(&head[..end]).into_owned();
    let mut words = text.split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let length = header(&text, "content-length").and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
    let fault = fault(log.turn.fetch_add(1, Ordering::SeqCst), weather);
    let seen = Seen { method, path, fault };
    // TCP and TLS see to the rest: only content passes through disks and memory that nothing else guards.
    let content = seen.is_content() || seen.path.contains("x-id=GetObject");
    log.seen.lock().unwrap().push(seen);
    tokio::time::sleep(weather.delay).await;
    let began = head.split_off(end);
    let mut body = Body { client: &mut client, began, left: length };
    match fault {
        Fault::Internal | Fault::SlowDown => {
            while body.next().await?.is_some() {}
            let (status, code) =
                if fault == Fault::Internal { ("500 Internal", "InternalError") } else { ("503 Slow", "SlowDown") };
            let xml = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>weather</Message></Error>");
            let answer =
                format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{xml}", xml.len());
            return client.write_all(answer.as_bytes()).await;
        }
        Fault::Stall => {
            tokio::time::sleep(weather.stall).await;
            return Ok(());
        }
        Fault::CutRequest => {
            let mut taken = 0;
            while taken < length / 2 {
                let Some(bytes) = body.next().await? else { break };
                taken += bytes.len() as u64;
            }
            return Ok(());
        }
        _ => {}
    }
    let mut server = TcpStream::connect(upstream).await?;
    let head = text.replacen("\r\n", "\r\nconnection: close\r\n", 1);
    server.write_all(head.as_bytes()).await?;
    let mut at = 0;
    while let Some(mut bytes) = body.next().await? {
        let middle = length / 2;
        if content && fault == Fault::DamageRequest && (at..at + bytes.len() as u64).contains(&middle) {
            bytes[usize::try_from(middle - at).unwrap()] ^= 1;
        }
        at += bytes.len() as u64;
        server.write_all(&bytes).await?;
    }
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).await?;
    let body_at = answer.windows(4).position(|w| w == b"\r\n\r\n").map_or(answer.len(), |at| at + 4);
    let middle = body_at + (answer.len() - body_at) / 2;
    match fault {
        Fault::LoseAnswer => return Ok(()),
        Fault::CutAnswer => return client.write_all(&answer[..middle]).await,
        Fault::DamageAnswer if content && middle < answer.len() => answer[middle] ^= 1,
        _ => {}
    }
    client.write_all(&answer).await?;
    client.shutdown().await?;
    log.answered.fetch_add(1, Ordering::SeqCst);
    Ok(())
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, v)| v.trim())
}

/// A request's body, as it arrives.
struct Body<'a> {
    client: &'a mut TcpStream,
    began: Vec<u8>,
    left: u64,
}

impl Body<'_> {
    async fn next(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        if self.left == 0 {
            return Ok(None);
        }
        let mut bytes = std::mem::take(&mut self.began);
        if bytes.is_empty() {
            bytes.reserve(64 << 10);
            if self.client.read_buf(&mut bytes).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        self.left = self.left.saturating_sub(bytes.len() as u64);
        Ok(Some(bytes))
    }
}
