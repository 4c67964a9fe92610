//! The S3 endpoint over HTTP, with the real AWS SDK and through snowdeck's own client and jobs.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart, Delete, EncodingType, ObjectIdentifier};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use snowdeck::clients::s3::{Keys, S3Store, S3Target};
use snowdeck::jobs::ports::ObjectStore;
use snowdeck::jobs::{Context, JobError, browse, upload};
use snowdeck::local::s3::{S3Config, S3Server};
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};

const BUCKET: &str = "convex-insurance";
const REGION: &str = "ap-southeast-1";
const SECRET: &str = "test-secret-never-shown";

struct Cloud {
    _dir: tempfile::TempDir,
    server: S3Server,
}

impl Cloud {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let server = serve(dir.path());
        Self { _dir: dir, server }
    }

    fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }

    fn sdk(&self, access_key: &str, secret: &str) -> Client {
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .credentials_provider(Credentials::new(access_key, secret, None, None, "test"))
            .endpoint_url(self.url())
            .force_path_style(true)
            .build();
        Client::from_conf(config)
    }

    fn bucket(&self) -> Client {
        let client = self.sdk("AK", SECRET);
        self.server.store().create_bucket(BUCKET).unwrap();
        client
    }

    async fn store(&self) -> Arc<S3Store> {
        let store = S3Store::connect(target(self.url(), SECRET), None).await;
        store.ensure_bucket().await.unwrap();
        Arc::new(store)
    }
}

fn serve(dir: &Path) -> S3Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let config = S3Config { access_key: "AK".into(), secret_key: SECRET.into(), region: REGION.into() };
    S3Server::start(dir, listener, config).unwrap()
}

fn target(endpoint: String, secret: &str) -> S3Target {
    let keys = Keys { access_key: "AK".into(), secret_key: secret.into(), session_token: None };
    let (bucket, region) = (BUCKET.to_owned(), Some(REGION.to_owned()));
    S3Target { bucket, region, endpoint: Some(endpoint), keys: Some(keys), ..S3Target::default() }
}

async fn put(client: &Client, key: &str, body: impl Into<Bytes>) -> String {
    let body = ByteStream::from(body.into());
    let output = client.put_object().bucket(BUCKET).key(key).body(body).send().await.unwrap();
    output.e_tag.unwrap()
}

async fn get(client: &Client, key: &str) -> Bytes {
    let output = client.get_object().bucket(BUCKET).key(key).send().await.unwrap();
    output.body.collect().await.unwrap().into_bytes()
}

/// Bytes that repeat nowhere near.
fn noise(size: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut step = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    (0..size).map(|_| step()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn contents_and_headers_come_back() {
    let cloud = Cloud::start();
    let client = cloud.bucket();
    for size in [0, 1, 4096, 4097, 3_000_000] {
        let content = noise(size);
        let request = client.put_object().bucket(BUCKET).key("k").body(content.clone().into());
        request.content_type("text/csv").cache_control("no-cache").metadata("owner", "Jo").send().await.unwrap();
        assert_eq!(get(&client, "k").await, content, "{size}");
        let head = client.head_object().bucket(BUCKET).key("k").send().await.unwrap();
        assert_eq!(head.content_length, Some(i64::try_from(size).unwrap()));
        assert_eq!(head.content_type.as_deref(), Some("text/csv"));
        assert_eq!(head.cache_control.as_deref(), Some("no-cache"));
        assert_eq!(head.metadata.unwrap().get("owner").map(String::as_str), Some("Jo"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_keys_come_back_byte_identical() {
    let cloud = Cloud::start();
    let client = cloud.bucket();
    let keys = [
        "a//b",
        "a/../b",
        "./x",
        "/lead",
        "trail/",
        "a+b c",
        "%2F%20",
        "ü/日本/🦀",
        "a&<>\"'=?#;:@$,",
        " x ",
        "~!*()'",
        "tab\tnew\nline\r\u{1}\u{7f}",
        "//",
        "..",
    ];
    for key in keys {
        put(&client, key, key.as_bytes().to_vec()).await;
    }
    for key in keys {
        assert_eq!(get(&client, key).await, key.as_bytes(), "{key:?}");
    }
    let store = cloud.store().await;
    let listed: Vec<_> = store.list("", None, None).await.unwrap().objects.into_iter().map(|o| o.key).collect();
    let mut sorted = keys.map(str::to_owned).to_vec();
    sorted.sort();
    assert_eq!(listed, sorted);
    for key in &sorted {
        let source = format!("{BUCKET}/{}", percent(key));
        client.copy_object().bucket(BUCKET).key(format!("copy/{key}")).copy_source(source).send().await.unwrap();
        assert_eq!(get(&client, &format!("copy/{key}")).await, key.as_bytes(), "{key:?}");
    }
    // XML cannot carry control characters, so neither can DeleteObjects: those go one by one.
    let (plain, control): (Vec<_>, Vec<_>) = sorted.into_iter().partition(|key| !key.contains('\u{1}'));
    store.delete(&plain).await.unwrap();
    for key in control {
        client.delete_object().bucket(BUCKET).key(key).send().await.unwrap();
    }
    let left: Vec<_> = store.list("", None, None).await.unwrap().objects;
    assert!(left.iter().all(|object| object.key.starts_with("copy/")), "{left:?}");
}

fn percent(key: &str) -> String {
    key.bytes().flat_map(|b| ['%'.to_string(), hex::encode_upper([b])]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ranges_and_conditions() {
    let cloud = Cloud::start();
    let client = cloud.bucket();
    let content = noise(2_000_000);
    let tag = put(&client, "k", content.clone()).await;
    for (range, from, to) in [
        ("bytes=0-0", 0, 1),
        ("bytes=600000-1300000", 600_000, 1_300_001),
        ("bytes=1999990-", 1_999_990, 2_000_000),
        ("bytes=-5", 1_999_995, 2_000_000),
    ] {
        let output = client.get_object().bucket(BUCKET).key("k").range(range).send().await.unwrap();
        let last = to - 1;
        assert_eq!(output.content_range.as_deref(), Some(format!("bytes {from}-{last}/2000000").as_str()));
        assert_eq!(output.body.collect().await.unwrap().into_bytes(), content[from..to], "{range}");
    }
    let request = client.get_object().bucket(BUCKET).key("k");
    let refused = request.clone().range("bytes=2000000-").send().await.unwrap_err();
    assert_eq!(refused.into_service_error().code(), Some("InvalidRange"));
    let same = request.clone().if_none_match(&tag).send().await.unwrap_err();
    assert_eq!(same.raw_response().map(|r| r.status().as_u16()), Some(304));
    let other = request.clone().if_match("\"0\"").send().await.unwrap_err();
    assert_eq!(other.into_service_error().code(), Some("PreconditionFailed"));
    let put = || client.put_object().bucket(BUCKET).key("k").body(Bytes::from("x").into());
    let there = put().if_none_match("*").send().await.unwrap_err();
    assert_eq!(there.into_service_error().code(), Some("PreconditionFailed"));
    put().if_match(&tag).send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_differs_from_its_checksum_is_refused() {
    let cloud = Cloud::start();
    let client = cloud.bucket();
    let put = || client.put_object().bucket(BUCKET).key("k").body(Bytes::from("content").into());
    let md5 = put().content_md5("AAAAAAAAAAAAAAAAAAAAAA==").send().await.unwrap_err();
    assert_eq!(md5.into_service_error().code(), Some("BadDigest"));
    let crc = put().checksum_crc32("AAAAAA==").send().await.unwrap_err();
    assert_eq!(crc.into_service_error().code(), Some("BadDigest"));
    let missing = client.head_object().bucket(BUCKET).key("k").send().await.unwrap_err();
    assert!(missing.into_service_error().is_not_found());
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_2500_keys_neither_lose_nor_repeat() {
    let cloud = Cloud::start();
    let client = cloud.bucket();
    let keys: Vec<_> = (0..2500).map(|n| format!("d={:02}/k{n:04}", n % 50)).collect();
    let puts = keys.iter().map(|key| put(&client, key, "x"));
    stream::iter(puts).buffer_unordered(64).collect::<Vec<_>>().await;
    let pages = client.list_objects_v2().bucket(BUCKET).max_keys(700).into_paginator().send();
    let pages: Vec<_> = pages.try_collect().await.unwrap();
    assert_eq!(pages.iter().map(|page| page.key_count.unwrap()).collect::<Vec<_>>(), [700, 700, 700, 400]);
    let listed: Vec<_> =
        pages.iter().flat_map(ListObjectsV2Output::contents).filter_map(|o| o.key().map(str::to_owned)).collect();
    let mut sorted = keys.clone();
    sorted.sort();
    assert_eq!(listed, sorted);
    let grouped = client.list_objects_v2().bucket(BUCKET).delimiter("/").max_keys(7).into_paginator().send();
    let grouped: Vec<_> = grouped.try_collect().await.unwrap();
    let prefixes: Vec<_> =
        grouped.iter().flat_map(ListObjectsV2Output::common_prefixes).filter_map(|p| p.prefix()).collect();
    assert_eq!(prefixes, (0..50).map(|n| format!("d={n:02}/")).collect::<Vec<_>>());
    let first = client.list_objects().bucket(BUCKET).delimiter("/").max_keys(2).encoding_type(EncodingType::Url);
    let first = first.send().await.unwrap();
    assert_eq!(first.next_marker.as_deref(), Some("d%3D01/"));
    let after = client.list_objects_v2().bucket(BUCKET).start_after("d=49/k2449").send().await.unwrap();
    assert_eq!(after.contents().iter().filter_map(|o| o.key()).collect::<Vec<_>>(), ["d=49/k2499"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_object_has_one_version_called_null() {
    let cloud = Cloud::start();
    let client = cloud.bucket();
    for key in ["a/1", "a/2", "b+c", "d"] {
        put(&client, key, "x").await;
    }
    put(&client, "d", "xyz").await;
    let ask = || client.list_object_versions().bucket(BUCKET);
    let all = ask().send().await.unwrap();
    let told: Vec<_> = all.versions().iter().map(|v| (v.key(), v.version_id(), v.is_latest(), v.size())).collect();
    let one = |key, size| (Some(key), Some("null"), Some(true), Some(size));
    assert_eq!(told, [one("a/1", 1), one("a/2", 1), one("b+c", 1), one("d", 3)]);
    assert!(all.delete_markers().is_empty() && all.is_truncated() == Some(false));

    // Page by page, groups counting as one name each; the marker of a group names no version.
    let (mut pages, mut marker, mut version) = (Vec::new(), None, None);
    loop {
        let page = ask().delimiter("/").max_keys(1).set_key_marker(marker).set_version_id_marker(version);
        let page = page.send().await.unwrap();
        let groups = page.common_prefixes().iter().filter_map(|p| p.prefix());
        pages.extend(page.versions().iter().filter_map(|v| v.key()).chain(groups).map(str::to_owned));
        (marker, version) =
            (page.next_key_marker().map(str::to_owned), page.next_version_id_marker().map(str::to_owned));
        assert_eq!(version.is_some(), marker.as_deref() == Some("b+c"), "{page:?}");
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(pages, ["a/", "b+c", "d"]);
    let refused = ask().version_id_marker("null").send().await.unwrap_err().into_service_error();
    assert_eq!(refused.code(), Some("InvalidArgument"));

    let get = |version: &str| client.get_object().bucket(BUCKET).key("d").version_id(version).send();
    assert_eq!(get("null").await.unwrap().content_length(), Some(3));
    assert_eq!(get("other").await.unwrap_err().into_service_error().code(), Some("NotImplemented"));
    client.delete_object().bucket(BUCKET).key("d").version_id("null").send().await.unwrap();
    assert_eq!(ask().prefix("d").send().await.unwrap().versions(), []);
    // The console's view: the only version is none to choose from, and no call was refused.
    let store = cloud.store().await;
    assert_eq!(store.versions("b+c").await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_make_an_object() {
    let cloud = Cloud::start();
    let client = cloud.bucket();
    let content = noise((5 << 20) + 1000);
    let create = client.create_multipart_upload().bucket(BUCKET).key("big").content_type("text/plain");
    let id = create.send().await.unwrap().upload_id.unwrap();
    let mut parts = Vec::new();
    for (number, piece) in (1..).zip(content.chunks(5 << 20)) {
        let request = client.upload_part().bucket(BUCKET).key("big").upload_id(&id).part_number(number);
        let tag = request.body(piece.to_vec().into()).send().await.unwrap().e_tag;
        parts.push(CompletedPart::builder().part_number(number).set_e_tag(tag).build());
    }
    let listed = client.list_parts().bucket(BUCKET).key("big").upload_id(&id).send().await.unwrap();
    assert_eq!(listed.parts().iter().filter_map(|p| p.size).collect::<Vec<_>>(), [5 << 20, 1000]);
    let uploads = client.list_multipart_uploads().bucket(BUCKET).send().await.unwrap();
    assert_eq!(uploads.uploads().len(), 1);
    let complete = client.complete_multipart_upload().bucket(BUCKET).key("big").upload_id(&id);
    let upload = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let done = complete.multipart_upload(upload).send().await.unwrap();
    assert!(done.e_tag.unwrap().ends_with("-2\""));
    assert_eq!(get(&client, "big").await, content);
    let over =
        client.get_object().bucket(BUCKET).key("big").range(format!("bytes={}-{}", (5 << 20) - 2, (5 << 20) + 1));
    let over = over.send().await.unwrap().body.collect().await.unwrap().into_bytes();
    assert_eq!(over, content[(5 << 20) - 2..=(5 << 20) + 1]);
    let second = client.get_object().bucket(BUCKET).key("big").part_number(2).send().await.unwrap();
    assert_eq!((second.content_length, second.parts_count), (Some(1000), Some(2)));
    let id = client.create_multipart_upload().bucket(BUCKET).key("gone").send().await.unwrap().upload_id.unwrap();
    client.abort_multipart_upload().bucket(BUCKET).key("gone").upload_id(&id).send().await.unwrap();
    let gone = client.list_parts().bucket(BUCKET).key("gone").upload_id(&id).send().await.unwrap_err();
    assert_eq!(gone.into_service_error().code(), Some("NoSuchUpload"));
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_refused() {
    let cloud = Cloud::start();
    cloud.bucket();
    let unknown = cloud.sdk("OTHER", SECRET).list_objects_v2().bucket(BUCKET).send().await.unwrap_err();
    assert_eq!(unknown.into_service_error().code(), Some("InvalidAccessKeyId"));
    let wrong = cloud.sdk("AK", "wrong").list_objects_v2().bucket(BUCKET).send().await.unwrap_err();
    assert_eq!(wrong.into_service_error().code(), Some("SignatureDoesNotMatch"));
    let store = S3Store::connect(target(cloud.url(), "wrong"), None).await;
    let refused = store.ensure_bucket().await.unwrap_err();
    assert_eq!(refused.code, "AccessDenied", "{refused}");
    let refused = store.list("", None, None).await.unwrap_err();
    assert_eq!(refused.code, "SignatureDoesNotMatch");
    assert!(refused.message.contains("the secret key does not belong"), "{refused}");
    assert!(!refused.to_string().contains("wrong"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_refused_by_name() {
    let cloud = Cloud::start();
    let client = cloud.bucket();
    let refused = client.get_bucket_acl().bucket(BUCKET).send().await.unwrap_err().into_service_error();
    assert_eq!(refused.code(), Some("NotImplemented"));
    assert!(refused.message().unwrap().contains("GetBucketAcl"));
    let put = client.put_object().bucket(BUCKET).key("k").body(Bytes::new().into()).tagging("a=b");
    let refused = put.send().await.unwrap_err().into_service_error();
    assert_eq!(refused.code(), Some("NotImplemented"));
    assert!(refused.message().unwrap().contains("x-amz-tagging"));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_deleted_at_once() {
    let cloud = Cloud::start();
    let client = cloud.bucket();
    for key in ["a", "b &amp;<", "c"] {
        put(&client, key, "x").await;
    }
    let object = |key: &str| ObjectIdentifier::builder().key(key).build().unwrap();
    let delete = Delete::builder().objects(object("a")).objects(object("b &amp;<")).objects(object("never")).build();
    let done = client.delete_objects().bucket(BUCKET).delete(delete.unwrap()).send().await.unwrap();
    assert_eq!(done.deleted().iter().filter_map(|d| d.key()).collect::<Vec<_>>(), ["a", "b &amp;<", "never"]);
    let left = client.list_objects_v2().bucket(BUCKET).send().await.unwrap();
    assert_eq!(left.contents().iter().filter_map(|o| o.key()).collect::<Vec<_>>(), ["c"]);
    let refused = client.delete_bucket().bucket(BUCKET).send().await.unwrap_err();
    assert_eq!(refused.into_service_error().code(), Some("BucketNotEmpty"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_sends_only_what_is_missing() {
    let cloud = Cloud::start();
    let store = cloud.store().await;
    let dir = tempfile::tempdir().unwrap();
    let days = dir.path().join("transactions");
    for day in 1..=5 {
        let day = days.join(format!("d=2018-12-{day:02}"));
        std::fs::create_dir_all(&day).unwrap();
        std::fs::write(day.join("transactions.json"), noise(day.as_os_str().len() * 100)).unwrap();
    }
    std::fs::write(dir.path().join("customers.csv"), "customer_id,loyalty_score\n").unwrap();
    // Large enough to go up in parts.
    std::fs::write(dir.path().join("products.csv"), noise(20 << 20)).unwrap();
    let run = || async {
        let transfers = upload::folder(dir.path(), "convex-").unwrap();
        upload::upload(&Context::silent(), store.clone(), transfers, upload::Options::default()).await.unwrap()
    };
    assert_eq!(run().await.objects, 7);
    assert_eq!(run().await.objects, 0);
    std::fs::write(dir.path().join("customers.csv"), "customer_id,loyalty_scorE\n").unwrap();
    store.delete(&["convex-transactions/d=2018-12-03/transactions.json".to_owned()]).await.unwrap();
    assert_eq!(run().await.objects, 2);
    let ctx = Context::silent();
    let all: Vec<_> = browse::walk(&ctx, store.clone(), "convex-").try_collect().await.unwrap();
    assert_eq!(all.len(), 7);
    let products = store.get("convex-products/products.csv", None).await.unwrap();
    assert_eq!(products, std::fs::read(dir.path().join("products.csv")).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_file_and_a_cancelled_upload_say_so() {
    let cloud = Cloud::start();
    let store = cloud.store().await;
    let transfers = vec![upload::Transfer { path: "no/such/file".into(), key: "k".into() }];
    let ctx = Context::silent();
    let missing = upload::upload(&ctx, store.clone(), transfers, upload::Options::default()).await.unwrap_err();
    assert!(missing.to_string().contains("no/such/file"), "{missing}");
    ctx.cancel.cancel();
    let cancelled = upload::upload(&ctx, store, Vec::new(), upload::Options::default()).await.unwrap_err();
    assert!(matches!(cancelled, JobError::Cancelled));
}

#[tokio::test(flavor = "multi_thread")]
async fn levels_and_previews() {
    let cloud = Cloud::start();
    let store = cloud.store().await;
    let ctx = Context::silent();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(b"line 1\nline 2\n").unwrap();
    store.put("in/text.gz", gzip.finish().unwrap().into()).await.unwrap();
    store.put("in/deep/x", Bytes::from_static(&[0, 1])).await.unwrap();
    store.put("empty", Bytes::new()).await.unwrap();
    let top = browse::level(&ctx, store.as_ref(), "", None).await.unwrap();
    assert_eq!((top.prefixes, top.objects[0].key.as_str()), (vec!["in/".to_owned()], "empty"));
    let text = browse::preview(&ctx, store.as_ref(), "in/text.gz", 1000).await.unwrap();
    assert_eq!(text.content, browse::Content::Text(vec!["line 1".into(), "line 2".into()]));
    assert!(text.gzip && !text.truncated);
    let binary = browse::preview(&ctx, store.as_ref(), "in/deep/x", 1000).await.unwrap();
    assert_eq!(binary.content, browse::Content::Binary(vec![0, 1]));
    let empty = browse::preview(&ctx, store.as_ref(), "empty", 1000).await.unwrap();
    assert_eq!(empty.content, browse::Content::Text(vec![]));
    assert!(browse::preview(&ctx, store.as_ref(), "gone", 10).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_recorded_and_failures_advise() {
    let cloud = Cloud::start();
    let calls = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&calls);
    let observer = Arc::new(move |call| seen.lock().unwrap().push(call));
    let store = S3Store::connect(target(cloud.url(), SECRET), Some(observer)).await;
    let missing = store.list("", None, None).await.unwrap_err();
    assert_eq!(missing.code, "NoSuchBucket");
    store.ensure_bucket().await.unwrap();
    store.put("k", Bytes::from("x")).await.unwrap();
    let calls = std::mem::take(&mut *calls.lock().unwrap());
    let texts: Vec<_> = calls.iter().map(|call| call.text.as_str()).collect();
    let put = format!("PutObject {BUCKET}/k");
    assert_eq!(texts[1..], [&format!("HeadBucket {BUCKET}"), &format!("CreateBucket {BUCKET}"), &put]);
    assert!(calls.iter().all(|call| call.id.is_some()), "{calls:?}");
    assert!(!format!("{calls:?}").contains(SECRET));
    let url = cloud.url();
    cloud.server.shutdown().await;
    let store = S3Store::connect(target(url, SECRET), None).await;
    let gone = store.list("", None, None).await.unwrap_err();
    assert!(gone.message.contains("nothing listens there"), "{gone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_outlive_the_server() {
    let dir = tempfile::tempdir().unwrap();
    let first = serve(dir.path());
    let url = format!("http://{}", first.address());
    let store = S3Store::connect(target(url, SECRET), None).await;
    store.ensure_bucket().await.unwrap();
    let put = store.put("k", noise(100_000).into()).await.unwrap();
    drop(store);
    first.shutdown().await;
    let second = serve(dir.path());
    let store = S3Store::connect(target(format!("http://{}", second.address()), SECRET), None).await;
    assert_eq!(store.head("k").await.unwrap().unwrap().etag, put.etag);
    assert_eq!(store.get("k", None).await.unwrap(), noise(100_000));
}
