//! The store by itself.

use super::*;
use std::io::Read;

fn open() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    store.create_bucket("bucket").unwrap();
    (dir, store)
}

fn put(store: &Store, key: &str, content: &[u8]) -> ObjectMeta {
    store.put("bucket", key, content, PutOptions::default()).unwrap()
}

fn text(store: &Store, key: &str) -> Vec<u8> {
    store.get("bucket", key).unwrap().1.into_bytes().unwrap().to_vec()
}

fn grouped(store: &Store, prefix: &str, after: &str, limit: usize) -> ListPage {
    store.list_grouped(&Query { bucket: "bucket", prefix, delimiter: "/", after, limit }).unwrap()
}

fn files(dir: &Path) -> usize {
    let mut count = 0;
    for folder in fs::read_dir(dir.join("blobs")).unwrap() {
        count += fs::read_dir(folder.unwrap().path()).unwrap().count();
    }
    count
}

/// Waits until the cleaning thread has done what it must do.
fn until(what: impl Fn() -> bool) {
    let start = std::time::Instant::now();
    while !what() {
        assert!(start.elapsed().as_secs() < 20, "it did not happen");
        std::thread::yield_now();
    }
}

#[test]
fn keys_come_back_unaltered_in_byte_order() {
    let (dir, store) = open();
    let keys =
        ["a//b", "a/../b", "./x", "a+b c", "/lead", "trail/", "ü/日本/🦀", "\u{1}\n\t", "a\0b", "%2F", "a&<>\"'", " "];
    for key in keys {
        put(&store, key, key.as_bytes());
    }
    drop(store);
    let store = Store::open(dir.path()).unwrap();
    let listed: Vec<_> = store.list("bucket", "", "", 1000).unwrap().objects.into_iter().map(|o| o.key).collect();
    let mut sorted = keys.map(str::to_owned).to_vec();
    sorted.sort();
    assert_eq!(listed, sorted);
    for key in keys {
        assert_eq!(text(&store, key), key.as_bytes());
    }
}

#[test]
fn groups_are_skipped_and_pages_neither_lose_nor_repeat() {
    let (_dir, store) = open();
    for key in ["a", "a/1", "a/2", "a/b/3", "a0", "b/", "b/1", "c", "ÿ/x", "ÿ/y"] {
        put(&store, key, b"x");
    }
    let all = grouped(&store, "", "", 1000);
    assert_eq!(all.prefixes, ["a/", "b/", "ÿ/"]);
    assert_eq!(all.objects.iter().map(|o| o.key.as_str()).collect::<Vec<_>>(), ["a", "a0", "c"]);
    assert_eq!(all.next, None);
    let below = grouped(&store, "b/", "", 1000);
    assert_eq!((below.objects.len(), below.prefixes.len()), (2, 0));
    let (mut names, mut after) = (Vec::new(), String::new());
    loop {
        let page = grouped(&store, "", &after, 1);
        names.extend(page.prefixes.into_iter().chain(page.objects.into_iter().map(|o| o.key)));
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(names, ["a", "a/", "a0", "b/", "c", "ÿ/"]);
}

#[test]
fn a_bucket_does_not_reach_into_its_neighbour() {
    let (_dir, store) = open();
    store.create_bucket("bucket2").unwrap();
    store.put("bucket2", "k", b"2", PutOptions::default()).unwrap();
    assert!(store.list("bucket", "", "", 10).unwrap().objects.is_empty());
    assert!(matches!(store.delete_bucket("bucket2"), Err(Error::BucketNotEmpty(_))));
    store.delete_bucket("bucket").unwrap();
    assert!(matches!(store.list("bucket", "", "", 10), Err(Error::NoSuchBucket(_))));
}

#[test]
fn contents_survive_reopening_and_orphans_do_not() {
    let (dir, store) = open();
    let big: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
    let meta = put(&store, "big", &big);
    assert_eq!(meta.etag, hex::encode(<md5::Md5 as md5::Digest>::digest(&big)));
    put(&store, "small", b"small");
    // What a kill in the middle of a put leaves: a file that was never committed.
    let mut writer = store.write_blob(&[]);
    writer.push(&big).unwrap();
    std::mem::forget(writer);
    assert_eq!(files(dir.path()), 2);
    drop(store);
    let store = Store::open(dir.path()).unwrap();
    until(|| files(dir.path()) == 1);
    assert_eq!(text(&store, "big"), big);
    assert_eq!(text(&store, "small"), b"small");
}

#[test]
fn a_reader_keeps_what_it_opened() {
    let (dir, store) = open();
    put(&store, "k", &[1; 50_000]);
    let (_, mut reader) = store.get("bucket", "k").unwrap();
    put(&store, "k", &[2; 60_000]);
    store.delete("bucket", &["k"]).unwrap();
    let mut old = Vec::new();
    reader.read_to_end(&mut old).unwrap();
    assert_eq!(old, [1; 50_000]);
    drop(reader);
    until(|| files(dir.path()) == 0);
    assert!(matches!(store.head("bucket", "k"), Err(Error::NoSuchKey(_))));
}

#[test]
fn a_condition_is_checked_against_what_is_there() {
    let (_dir, store) = open();
    let put_if = |condition| {
        let mut writer = store.write_blob(&[]);
        writer.push(b"x")?;
        store.put_staged("bucket", "k", writer.finish(), PutOptions::default(), condition)
    };
    assert!(matches!(put_if(Condition::Present), Err(Error::NoSuchKey(_))));
    let tag = put_if(Condition::Absent).unwrap().etag;
    assert!(matches!(put_if(Condition::Absent), Err(Error::PreconditionFailed(_))));
    assert!(matches!(put_if(Condition::Tag("0".into())), Err(Error::PreconditionFailed(_))));
    put_if(Condition::Tag(tag)).unwrap();
}

#[test]
fn subscribers_hear_of_what_was_stored() {
    let (_dir, store) = open();
    let mut events = store.subscribe();
    let meta = put(&store, "k", b"content");
    let event = events.try_recv().unwrap();
    assert_eq!((event.bucket.as_str(), event.key.as_str(), event.size), ("bucket", "k", 7));
    assert_eq!(event.etag, meta.etag);
    store.delete("bucket", &["k"]).unwrap();
    assert!(events.try_recv().is_err());
}

#[test]
fn parts_become_an_object_without_being_copied() {
    let (dir, store) = open();
    let id = store.create_upload("bucket", "k", PutOptions::default(), None, false).unwrap();
    let part = |number, content: &[u8]| {
        let mut writer = store.write_blob(&[]);
        writer.push(content).unwrap();
        store.put_part("bucket", "k", &id, number, writer.finish()).unwrap()
    };
    let (first, last) = (vec![7; 5 << 20], b"end".to_vec());
    part(2, b"replaced");
    let parts = [part(1, &first), part(2, &last), part(9, b"never named")];
    let named = |numbers: &[usize]| -> Vec<_> {
        let part = |i: &usize| CompletePart {
            number: parts[*i].number,
            etag: Some(parts[*i].etag.clone()),
            checksums: Checksums::default(),
        };
        numbers.iter().map(part).collect()
    };
    let complete = |named| store.complete_upload("bucket", "k", &id, named, Checksums::default(), Condition::Always);
    assert!(matches!(complete(named(&[1, 0])), Err(Error::InvalidPartOrder)));
    assert!(matches!(complete(named(&[1, 2])), Err(Error::PartTooSmall(2))));
    let meta = complete(named(&[0, 1])).unwrap();
    assert!(meta.etag.ends_with("-2"));
    assert_eq!(text(&store, "k"), [first, last].concat());
    assert!(matches!(complete(named(&[0, 1])), Err(Error::NoSuchUpload)));
    store.delete("bucket", &["k"]).unwrap();
    until(|| files(dir.path()) == 0);
}

#[test]
fn a_second_owner_is_refused_by_name() {
    let (dir, _store) = open();
    let refused = Store::open(dir.path()).err().map(|e| e.to_string());
    assert!(refused.is_some_and(|text| text.contains("in use by another process")));
}
