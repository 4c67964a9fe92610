//! The addresses themselves: HEAD, GET and PUT of one staged file.

use super::super::context::Context;
use super::Grant;
use crate::local::s3::{Condition, Error, ObjectMeta, ObjectReader, PutOptions, Store};
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::response::Builder;
use axum::http::{Error as HttpError, HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;
use tokio::sync::mpsc::{Receiver, channel};
use tokio_stream::wrappers::ReceiverStream;

/// The driver's digest of a file, kept with it.
const DIGEST: &str = "x-goog-meta-sfc-digest";
/// `0` where the file must not be there yet.
const GENERATION: &str = "x-goog-if-generation-match";
/// Bytes read at a time.
const PIECE: usize = 1 << 20;
/// Any failure of ours: drivers would retry a 5xx for minutes.
const FAILED: StatusCode = StatusCode::BAD_REQUEST;
/// Pieces on their way.
const AHEAD: usize = 4;

type Shared = State<Arc<Context>>;
type Url = Query<HashMap<String, String>>;

/// The grant of a request and its store, or the refusal.
#[allow(clippy::result_large_err, reason = "the refusal is the answer")]
fn allowed(
    cx: &Context,
    headers: &HeaderMap,
    url: &HashMap<String, String>,
    key: &str,
    write: bool,
) -> Result<(Grant, Store), Response> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()?.strip_prefix("Bearer "));
    let token = url.get("token").map(String::as_str).or(bearer).unwrap_or("");
    let now = cx.engine.clock.now_ms();
    let grant = cx.grants.find(token, key, write, now);
    match (grant, cx.engine.objects.clone()) {
        (Some(grant), Some(store)) => Ok((grant, store)),
        _ => {
            Err((StatusCode::FORBIDDEN, "no such grant: the token is unknown, expired or for other files")
                .into_response())
        }
    }
}

fn failed(e: &Error) -> Response {
    let status = match e {
        Error::NoSuchKey(_) | Error::NoSuchBucket(_) => StatusCode::NOT_FOUND,
        Error::PreconditionFailed(_) => StatusCode::PRECONDITION_FAILED,
        _ => FAILED,
    };
    (status, e.to_string()).into_response()
}

fn describe(meta: &ObjectMeta) -> Builder {
    let mut out = Response::builder()
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::ETAG, format!("\"{}\"", meta.etag));
    if let Some(digest) = meta.options.user.get(DIGEST) {
        out = out.header(DIGEST, digest);
    }
    out
}

fn finished(built: Result<Response, HttpError>) -> Response {
    built.unwrap_or_else(|e| (FAILED, e.to_string()).into_response())
}

/// HEAD: whether the file is there.
pub async fn head(State(cx): Shared, Path(key): Path<String>, Query(url): Url, headers: HeaderMap) -> Response {
    let granted = allowed(&cx, &headers, &url, &key, false).or_else(|_| allowed(&cx, &headers, &url, &key, true));
    let (grant, store) = match granted {
        Ok(g) => g,
        Err(refusal) => return refusal,
    };
    match tokio::task::spawn_blocking(move || store.head(&grant.bucket, &key)).await {
        Ok(Ok(meta)) => finished(describe(&meta).header(header::CONTENT_LENGTH, meta.size).body(Body::empty())),
        Ok(Err(e)) => failed(&e),
        Err(e) => (FAILED, e.to_string()).into_response(),
    }
}

/// GET: the file, or a range of it.
pub async fn download(State(cx): Shared, Path(key): Path<String>, Query(url): Url, headers: HeaderMap) -> Response {
    let (grant, store) = match allowed(&cx, &headers, &url, &key, false) {
        Ok(g) => g,
        Err(refusal) => return refusal,
    };
    let (meta, reader) = match tokio::task::spawn_blocking(move || store.get(&grant.bucket, &key)).await {
        Ok(Ok(found)) => found,
        Ok(Err(e)) => return failed(&e),
        Err(e) => return (FAILED, e.to_string()).into_response(),
    };
    let asked = headers.get(header::RANGE).and_then(|v| v.to_str().ok()).and_then(|v| range(v, meta.size));
    let whole = 0..meta.size;
    let mut out = describe(&meta);
    if let Some(r) = &asked {
        let shown = format!("bytes {}-{}/{}", r.start, r.end.saturating_sub(1), meta.size);
        out = out.status(StatusCode::PARTIAL_CONTENT).header(header::CONTENT_RANGE, shown);
    }
    let part = asked.unwrap_or(whole);
    let out = out.header(header::CONTENT_LENGTH, part.end - part.start);
    finished(out.body(Body::from_stream(ReceiverStream::new(pieces(reader, part)))))
}

/// `bytes=from-to`, held to the file; `None` for what is no such range.
fn range(text: &str, size: u64) -> Option<Range<u64>> {
    let (from, to) = text.strip_prefix("bytes=")?.split_once('-')?;
    let from: u64 = from.parse().ok()?;
    let end = if to.is_empty() { size } else { to.parse::<u64>().ok()?.checked_add(1)?.min(size) };
    (from < end).then_some(from..end)
}

fn pieces(mut reader: ObjectReader, part: Range<u64>) -> Receiver<std::io::Result<Bytes>> {
    let (send, receive) = channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        let mut left = part.end - part.start;
        let mut next = reader.seek(SeekFrom::Start(part.start)).map(|_| ());
        while left > 0 {
            let mut piece = vec![0; usize::try_from(left).unwrap_or(PIECE).min(PIECE)];
            next = next.and_then(|()| reader.read_exact(&mut piece));
            left -= piece.len() as u64;
            let broken = next.is_err();
            let sent = std::mem::replace(&mut next, Ok(())).map(|()| Bytes::from(piece));
            // Where the client has gone, nobody misses the rest.
            if send.blocking_send(sent).is_err() || broken {
                return;
            }
        }
    });
    receive
}

/// PUT: stores the file.
pub async fn upload(
    State(cx): Shared,
    Path(key): Path<String>,
    Query(url): Url,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (grant, store) = match allowed(&cx, &headers, &url, &key, true) {
        Ok(g) => g,
        Err(refusal) => return refusal,
    };
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let asked_new = text(GENERATION).as_deref() == Some("0");
    let signed = url.contains_key("token");
    let mut options = PutOptions::default();
    if let Some(digest) = text(DIGEST) {
        options.user.insert(DIGEST.into(), digest);
    }
    let (send, receive) = channel(AHEAD);
    let stored =
        tokio::task::spawn_blocking(move || store_file(&store, &grant, key, signed, asked_new, options, receive));
    let mut body = body.into_data_stream();
    while let Some(piece) = body.next().await {
        let broken = piece.is_err();
        if send.send(piece.map_err(|e| e.to_string())).await.is_err() || broken {
            break;
        }
    }
    drop(send);
    match stored.await {
        Ok(Ok(Some(meta))) => finished(describe(&meta).body(Body::empty())),
        // Without OVERWRITE the file that is there stays; this driver has no way to ask before.
        Ok(Ok(None)) => StatusCode::OK.into_response(),
        Ok(Err(e)) => failed(&e),
        Err(e) => (FAILED, e.to_string()).into_response(),
    }
}

/// Takes the content in and records it; `None` where one is there already and stays.
fn store_file(
    store: &Store,
    grant: &Grant,
    mut key: String,
    signed: bool,
    asked_new: bool,
    options: PutOptions,
    mut content: Receiver<Result<Bytes, String>>,
) -> Result<Option<ObjectMeta>, Error> {
    let mut writer = store.write_blob(&[]);
    let mut start: Vec<u8> = Vec::with_capacity(2);
    while let Some(piece) = content.blocking_recv() {
        let piece = piece.map_err(|e| Error::InvalidArgument(format!("the upload ended early: {e}")))?;
        start.extend(piece.iter().take(2 - start.len()));
        writer.push(&piece)?;
    }
    if signed && grant.each {
        key.push_str(&uuid::Uuid::new_v4().simple().to_string());
    }
    if signed
        && grant.compressing
        && start == [0x1f, 0x8b]
        && !key.rsplit('.').next().is_some_and(|e| e.eq_ignore_ascii_case("gz"))
    {
        key.push_str(".gz");
    }
    let condition = if asked_new || !grant.overwrite { Condition::Absent } else { Condition::Always };
    match store.put_staged(&grant.bucket, &key, writer.finish(), options, condition) {
        Err(Error::PreconditionFailed(_)) if !asked_new => Ok(None),
        other => other.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_held_to_the_file() {
        for (text, expected) in [
            ("bytes=0-9", Some(0..10)),
            ("bytes=5-", Some(5..20)),
            ("bytes=5-99", Some(5..20)),
            ("bytes=20-", None),
            ("bytes=-5", None),
            ("lines=0-9", None),
        ] {
            assert_eq!(range(text, 20), expected, "{text}");
        }
    }
}
