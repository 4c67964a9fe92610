//! The S3 endpoint killed at any moment under writes: what was acknowledged is whole, what was not is whole or absent, and
//! no content is left that nothing refers to.

use crate::served::Served;
use bytes::Bytes;
use futures::TryStreamExt;
use snowdeck::clients::s3::{Keys, Patience, S3Store, S3Target};
use snowdeck::jobs::ports::{Moving, ObjectStore};
use snowdeck::jobs::{Context, browse};
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Content that tells by itself whether it is whole: its number and size, then bytes that follow from the number.
fn content(number: u64, size: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(size);
    out.extend_from_slice(&number.to_be_bytes());
    out.extend_from_slice(&(size as u64).to_be_bytes());
    let mut state = number.wrapping_mul(2) + 1;
    while out.len() < size {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        out.extend_from_slice(&state.to_be_bytes());
    }
    out.truncate(size);
    out
}

/// The number of whole content; fails for any other.
fn number_of(bytes: &[u8]) -> u64 {
    let word = |at: usize| u64::from_be_bytes(bytes[at..at + 8].try_into().unwrap());
    let (number, size) = (word(0), usize::try_from(word(8)).unwrap());
    assert!(bytes == content(number, size), "content {number} is not whole: {} of {size} bytes", bytes.len());
    number
}

/// What was attempted and what was acknowledged, by key.
#[derive(Default, Clone)]
struct Written {
    acknowledged: Option<u64>,
    /// Attempts since then: they may be there or not.
    since: Vec<u64>,
}

type Ledger = Arc<Mutex<HashMap<String, Written>>>;

async fn client(served: &Served) -> Arc<S3Store> {
    let keys = Keys {
        access_key: served.text("access_key").into(),
        secret_key: served.text("secret_key").into(),
        session_token: None,
    };
    let target = S3Target {
        bucket: served.text("bucket").into(),
        region: Some(served.text("region").into()),
        endpoint: Some(served.text("s3_endpoint").into()),
        keys: Some(keys),
        patience: Patience { attempts: 1, ..Patience::default() },
        ..S3Target::default()
    };
    Arc::new(S3Store::connect(target, None).await)
}

/// Writes until told to stop or refused: small, large and multipart objects, new keys and the same ones again.
async fn write(
    store: Arc<S3Store>,
    dir: Arc<tempfile::TempDir>,
    ledger: Ledger,
    next: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
) {
    let slots = tokio::sync::Semaphore::new(4);
    let moving = Moving { part_size: 5 << 20, slots: &slots, keep: false, moved: &|_, _| {} };
    while !stop.load(Ordering::SeqCst) {
        let number = next.fetch_add(1, Ordering::SeqCst);
        let size = match number % 40 {
            39 => 11 << 20,
            n if n % 3 == 0 => 16 + usize::try_from(n).unwrap() * 60,
            n => 5_000 + usize::try_from(n).unwrap() * 3_000,
        };
        let key = if number.is_multiple_of(4) { format!("hot/{}", number / 4 % 7) } else { format!("new/{number:06}") };
        ledger.lock().unwrap().entry(key.clone()).or_default().since.push(number);
        let stored = if size > 5 << 20 {
            let file = dir.path().join(number.to_string());
            std::fs::write(&file, content(number, size)).unwrap();
            let stored = store.send_file(&key, &file, None, &moving).await;
            std::fs::remove_file(&file).unwrap();
            stored
        } else {
            store.put(&key, Bytes::from(content(number, size))).await
        };
        if stored.is_err() {
            return;
        }
        // Of two writers of one key, either may be the last: the acknowledgement of one does not settle the other.
        let mut ledger = ledger.lock().unwrap();
        let written = ledger.get_mut(&key).unwrap();
        written.acknowledged = written.acknowledged.max(Some(number));
    }
}

async fn verify(store: Arc<S3Store>, ledger: &Ledger) -> usize {
    let ctx = Context::silent();
    let listed: Vec<_> = browse::walk(&ctx, store.clone(), "").try_collect().await.unwrap();
    let mut there = HashMap::new();
    for object in listed {
        let bytes = store.get(&object.key, None).await.unwrap();
        assert_eq!(bytes.len() as u64, object.size, "{}", object.key);
        there.insert(object.key, number_of(&bytes));
    }
    let ledger = ledger.lock().unwrap();
    let mut acknowledged = 0;
    for (key, written) in ledger.iter() {
        let found = there.remove(key);
        if written.acknowledged.is_some() {
            acknowledged += 1;
            assert!(found.is_some(), "{key} was acknowledged and is gone");
        }
        assert!(found.is_none_or(|number| written.since.contains(&number)), "{key} holds what was never written to it");
        // A key that is written once: nothing older can be there.
        if key.starts_with("new/") && written.acknowledged.is_some() {
            assert_eq!(found, written.acknowledged, "{key}");
        }
    }
    assert!(there.is_empty(), "objects that nobody wrote: {there:?}");
    acknowledged
}

fn blob_files(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries.flatten().map(|e| if e.path().is_dir() { blob_files(&e.path()) } else { 1 }).sum()
}

/// The folder `blobs` below the home.
fn blobs(home: &Path) -> Option<std::path::PathBuf> {
    for entry in std::fs::read_dir(home).ok()?.flatten().filter(|e| e.path().is_dir()) {
        let path = entry.path();
        if path.file_name().is_some_and(|name| name == "blobs") {
            return Some(path);
        }
        if let Some(found) = blobs(&path) {
            return Some(found);
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_acknowledged_survives_kills() {
    let home = tempfile::tempdir().unwrap();
    let scratch = Arc::new(tempfile::tempdir().unwrap());
    let (ledger, next) = (Ledger::default(), Arc::new(AtomicU64::new(0)));
    let mut total = 0;
    for round in 0..4_u64 {
        let served = Served::start(home.path());
        let store = client(&served).await;
        store.ensure_bucket().await.unwrap();
        total = verify(store.clone(), &ledger).await;
        let (stop, before) = (Arc::new(AtomicBool::new(false)), next.load(Ordering::SeqCst));
        let writers: Vec<_> = (0..8)
            .map(|_| {
                let (store, scratch, ledger) = (store.clone(), scratch.clone(), ledger.clone());
                tokio::spawn(write(store, scratch, ledger, next.clone(), stop.clone()))
            })
            .collect();
        // In the middle of something, each time at another point.
        let began = Instant::now();
        while next.load(Ordering::SeqCst) < before + 60 + round * 17 && began.elapsed() < Duration::from_secs(30) {
            tokio::time::sleep(Duration::from_millis(3 + round)).await;
        }
        served.kill();
        stop.store(true, Ordering::SeqCst);
        for writer in writers {
            writer.await.unwrap();
        }
    }
    assert!(total > 50, "only {total} objects were acknowledged: the test says nothing");
    // Everything is deleted: all that is left on disk after a start is what a kill left behind, and that is swept.
    let served = Served::start(home.path());
    let store = client(&served).await;
    verify(store.clone(), &ledger).await;
    let keys: Vec<String> = ledger.lock().unwrap().keys().cloned().collect();
    store.delete(&keys).await.unwrap();
    for open in store.open_uploads("").await.unwrap() {
        store.abandon(&open).await.unwrap();
    }
    assert!(served.stop().success());
    let served = Served::start(home.path());
    let folder = blobs(home.path()).expect("a folder of blobs");
    let began = Instant::now();
    while blob_files(&folder) > 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "{} blob files belong to nothing", blob_files(&folder));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(served.stop().success());
}
