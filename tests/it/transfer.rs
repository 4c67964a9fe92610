//! Moving data: through a bad network, past kills, and what the commands say.

use crate::flaky::{ALL, Fault, Flaky, Weather};
use crate::served::{run, said, snowdeck};
use serde_json::Value;
use snowdeck::clients::s3::{Keys, Patience, S3Store, S3Target};
use snowdeck::jobs::ports::ObjectStore;
use snowdeck::jobs::transfer::Options;
use snowdeck::jobs::{Context, download, upload};
use snowdeck::local::s3::{PutOptions, S3Config, S3Server};
use std::collections::{BTreeMap, HashSet};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

const BUCKET: &str = "moving";
const SECRET: &str = "test-secret-never-shown";

fn serve(dir: &Path) -> S3Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let config = S3Config { access_key: "AK".into(), secret_key: SECRET.into(), region: "us-east-1".into() };
    let server = S3Server::start(dir, listener, config).unwrap();
    server.store().ensure_bucket(BUCKET).unwrap();
    server
}

async fn client(url: String) -> Arc<S3Store> {
    let keys = Keys { access_key: "AK".into(), secret_key: SECRET.into(), session_token: None };
    let patience = Patience {
        attempts: 15,
        pause: Duration::from_millis(5),
        longest_pause: Duration::from_millis(100),
        silence: Duration::from_secs(2),
    };
    let target = S3Target {
        bucket: BUCKET.into(),
        region: Some("us-east-1".into()),
        endpoint: Some(url),
        keys: Some(keys),
        patience,
        ..S3Target::default()
    };
    Arc::new(S3Store::connect(target, None).await)
}

/// Bytes that repeat nowhere near.
fn noise(seed: u64, size: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2) + 1;
    let mut step = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()
    };
    (0..size.div_ceil(8)).flat_map(|_| step()).take(size).collect()
}

/// `small` files of up to 30 KB in folders, and one of `large` bytes.
fn files(dir: &Path, small: usize, large: usize) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for n in 0..small {
        all.insert(format!("d={:02}/f{n:03}", n % 7), noise(n as u64, n * 1_009 % 30_000));
    }
    all.insert("large.bin".to_owned(), noise(99, large));
    for (name, content) in &all {
        let path = dir.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    all
}

fn stored(server: &S3Server, prefix: &str) -> BTreeMap<String, Vec<u8>> {
    let store = server.store();
    let mut all = BTreeMap::new();
    for object in store.list(BUCKET, prefix, "", 100_000).unwrap().objects {
        let content = store.get(BUCKET, &object.key).unwrap().1.into_bytes().unwrap().to_vec();
        all.insert(object.key[prefix.len()..].to_owned(), content);
    }
    all
}

fn on_disk(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let found = upload::tree(dir, "").unwrap();
    found.into_iter().map(|t| (t.key, std::fs::read(t.path).unwrap())).collect()
}

const CALM: Weather =
    Weather { percent: 0, faults: &[], stall: Duration::from_secs(3), delay: Duration::from_millis(0) };

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everything_arrives_whole_through_a_bad_network() {
    let home = tempfile::tempdir().unwrap();
    let server = serve(home.path());
    let flaky = Flaky::start(server.address(), Weather { percent: 20, faults: ALL, ..CALM }).await;
    let store = client(flaky.url()).await;
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let expected = files(from.path(), 150, 33 << 20);
    let options = Options { part_size: 5 << 20, ..Options::default() };
    let transfers = upload::tree(from.path(), "in/").unwrap();
    let sent = upload::send(&Context::silent(), store.clone(), transfers, options).await.unwrap();
    assert!(sent.ok && sent.moved.objects == 151, "{sent:?}");
    assert!(stored(&server, "in/") == expected, "what is stored differs from what was sent");
    let fetched = download::fetch(&Context::silent(), store, "in/", to.path(), options).await.unwrap();
    assert!(fetched.ok && fetched.moved == sent.moved, "{fetched:?}");
    assert!(on_disk(to.path()) == expected, "what was fetched differs, or hidden files were left");
    let met: HashSet<Fault> = flaky.seen().into_iter().map(|seen| seen.fault).collect();
    assert!(ALL.iter().all(|fault| met.contains(fault)), "not every fault was met: {met:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_gets_through_says_so_and_leaves_nothing_half() {
    let home = tempfile::tempdir().unwrap();
    let server = serve(home.path());
    server.store().put(BUCKET, "k", &noise(1, 50_000), PutOptions::default()).unwrap();
    let storm = Weather { percent: 100, faults: &[Fault::DamageAnswer], ..CALM };
    let flaky = Flaky::start(server.address(), storm).await;
    let store = client(flaky.url()).await;
    let dir = tempfile::tempdir().unwrap();
    let object = snowdeck::domain::ObjectInfo {
        key: "k".into(),
        size: 50_000,
        etag: Some(server.store().head(BUCKET, "k").unwrap().etag),
        modified_ms: None,
    };
    let slots = tokio::sync::Semaphore::new(1);
    let moving = snowdeck::jobs::ports::Moving { part_size: 8 << 20, slots: &slots, keep: true, moved: &|_, _| {} };
    let failed = store.fetch_file(&object, &dir.path().join("k"), &moving).await.unwrap_err();
    assert!(failed.to_string().contains("another MD5"), "{failed}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "a half file was left");
}

/// The command against an endpoint that is named, with keys from the environment.
fn s3(home: &Path, url: &str, args: &[&str]) -> Command {
    let mut command = snowdeck(home);
    command
        .env("AWS_ACCESS_KEY_ID", "AK")
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .env("AWS_EC2_METADATA_DISABLED", "true");
    command.env("HOME", home).arg("s3").args(args).args(["--endpoint-url", url]);
    command
}

async fn done(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().expect("the binary starts")).await.unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", said(output)))
}

/// Starts a command and kills it once so many requests were answered.
async fn killed_after(mut command: Command, flaky: &Flaky, answers: usize) {
    let mut child: Child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts");
    let began = Instant::now();
    while flaky.answered() < answers {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it could be killed: {:?}", flaky.seen());
        assert!(began.elapsed() < Duration::from_mins(1), "it got no further: {:?}", flaky.seen());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What was on its way arrives.
    tokio::time::sleep(Duration::from_millis(500)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_killed_put_sends_only_what_is_missing() {
    let home = tempfile::tempdir().unwrap();
    let server = serve(&home.path().join("cloud"));
    let flaky = Flaky::start(server.address(), Weather { delay: Duration::from_millis(40), ..CALM }).await;
    let from = tempfile::tempdir().unwrap();
    let expected = files(from.path(), 30, 43 << 20);
    let source = from.path().to_str().unwrap();
    let put = ["put", source, "s3://moving/in/", "--recursive", "--parallel", "2", "--part-size", "5M", "--json"];
    // Past the 30 small ones and into the parts of the large one, which comes last.
    killed_after(s3(home.path(), &flaky.url(), &put), &flaky, 3 + 30 + 4).await;
    let there = stored(&server, "in/").len();
    let open = server.store().list_uploads(BUCKET, "in/").unwrap();
    assert_eq!((there, open.len()), (30, 1), "killed too early or too late");
    let parts = server.store().list_parts(BUCKET, "in/large.bin", &open[0].id).unwrap().len();
    assert!((1..9).contains(&parts), "{parts} parts");
    flaky.forget();
    let again = done(s3(home.path(), &flaky.url(), &put)).await;
    assert!(again.status.success(), "{}", said(&again));
    let result = json(&again);
    assert_eq!(result["unchanged"]["objects"], 30, "{result}");
    assert_eq!(result["moved"]["objects"], 1, "{result}");
    assert!(result["resumed_bytes"].as_u64() >= Some(5 << 20), "{result}");
    let content = flaky.seen().into_iter().filter(crate::flaky::Seen::is_content).collect::<Vec<_>>();
    assert_eq!(content.len(), 9 - parts, "of 9 parts {parts} were there: {content:?}");
    assert!(stored(&server, "in/") == expected);
    // And once more: nothing at all.
    flaky.forget();
    let again = done(s3(home.path(), &flaky.url(), &put)).await;
    assert_eq!(json(&again)["unchanged"]["objects"], 31, "{}", said(&again));
    assert!(!flaky.seen().iter().any(|seen| seen.method == "PUT"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_killed_get_fetches_only_what_is_missing() {
    let home = tempfile::tempdir().unwrap();
    let server = serve(&home.path().join("cloud"));
    let content = noise(5, 43 << 20);
    server.store().put(BUCKET, "in/large.bin", &content, PutOptions::default()).unwrap();
    let flaky = Flaky::start(server.address(), Weather { delay: Duration::from_millis(80), ..CALM }).await;
    let to = tempfile::tempdir().unwrap();
    let target = to.path().join("large.bin");
    let args = ["get", "s3://moving/in/large.bin", target.to_str().unwrap(), "--parallel", "1", "--part-size", "5M"];
    killed_after(s3(home.path(), &flaky.url(), &args), &flaky, 2 + 5).await;
    assert!(!target.exists(), "a half file has the name of a whole one");
    flaky.forget();
    let again = done(s3(home.path(), &flaky.url(), &args)).await;
    assert!(again.status.success(), "{}", said(&again));
    assert!(said(&again).contains("by an earlier run"), "{}", said(&again));
    let gets = flaky.seen().iter().filter(|seen| seen.method == "GET").count();
    assert!((1..=5).contains(&gets), "{gets} of 9 stretches were fetched again");
    assert!(std::fs::read(&target).unwrap() == content);
    assert_eq!(std::fs::read_dir(to.path()).unwrap().count(), 1, "hidden files were left");
    let third = done(s3(home.path(), &flaky.url(), &args)).await;
    assert!(said(&third).contains("unchanged: 1 object"), "{}", said(&third));
}

#[test]
fn the_commands_move_ask_and_refuse() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let served = crate::served::Served::start(home);
    let (from, to) = (home.join("from"), home.join("to"));
    files(&from, 5, 6 << 20);
    std::fs::write(from.join(".hidden"), "h").unwrap();
    let (source, target) = (from.to_str().unwrap(), to.to_str().unwrap());
    let s3 = |args: &[&str]| run(home, &[&["s3"], args].concat());
    let ok = |args: &[&str], texts: &[&str]| {
        let output = s3(args);
        assert!(output.status.success(), "{args:?}: {}", said(&output));
        for text in texts {
            assert!(said(&output).contains(text), "{args:?}: {text}: {}", said(&output));
        }
        output
    };
    let refused = |args: &[&str], code: i32, texts: &[&str]| {
        let output = s3(args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", said(&output));
        for text in texts {
            assert!(said(&output).contains(text), "{args:?}: {text}: {}", said(&output));
        }
    };
    refused(&["put", source, "x/"], 2, &["is a folder", "--recursive"]);
    ok(&["put", source, "x", "-r", "--dry-run"], &["would be sent: 7 objects"]);
    refused(&["cat", "x/.hidden"], 1, &["no object"]);
    ok(&["put", source, "x", "-r"], &["sent: 7 objects"]);
    ok(&["put", source, "x", "-r"], &["unchanged: 7 objects"]);
    let listed = json(&ok(&["ls", "x/", "--json"], &[]));
    assert_eq!((listed["objects"].as_array().unwrap().len(), listed["prefixes"].as_array().unwrap().len()), (2, 5));
    assert_eq!(json(&ok(&["ls", "x/", "-r", "--json"], &[]))["objects"].as_array().unwrap().len(), 7);
    ok(&["ls", "x/"], &["x/d=00/", "x/large.bin"]);
    ok(&["get", "x/", target, "-r"], &["fetched: 7 objects"]);
    assert!(on_disk(&from) == on_disk(&to));
    ok(&["cp", "s3://convex-insurance/x/", "s3://convex-insurance/y/", "-r"], &["copied: 7 objects"]);
    refused(&["cp", "s3://convex-insurance/x", "s3://convex-insurance/x2/", "-r"], 2, &["copied again"]);
    refused(&["rm", "y/", "-r"], 2, &["Delete 7 objects", "--yes"]);
    refused(&["rm", "y/"], 2, &["is a folder", "--recursive"]);
    refused(&["rm", "y/none"], 1, &["no object"]);
    refused(&["rm", "y/", "-r", "--yes", "--readonly"], 2, &["--readonly"]);
    refused(&["put", source, "y/", "-r", "--readonly"], 2, &["--readonly"]);
    ok(&["rm", "y/", "-r", "-n"], &["would be deleted: 7 objects"]);
    ok(&["rm", "y/", "-r", "--yes"], &["deleted: 7 objects"]);
    ok(&["rm", "x/.hidden"], &["deleted: 1 object"]);
    refused(&["get", "x/.hidden", target], 1, &["no object"]);
    refused(&["put", source, "x", "--part-size", "1M"], 2, &["5M to 5G"]);
    refused(&["ls", "x", "--endpoint-url", "http://127.0.0.1:9"], 2, &["names no bucket"]);
    refused(&["ls", "s3://b/x", "--endpoint-url", "127.0.0.1:9"], 2, &["https://"]);
    assert!(served.stop().success());
}

#[test]
fn names_from_outside_stay_in_their_folder() {
    let home = tempfile::tempdir().unwrap();
    let server_home = home.path().join("cloud");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _inside = runtime.enter();
    let server = serve(&server_home);
    for key in ["in/good", "in/../../evil", "in//x", "in/folder/", "in/\u{1b}[2Jred"] {
        server.store().put(BUCKET, key, key.as_bytes(), PutOptions::default()).unwrap();
    }
    let to = home.path().join("a/b/c");
    let url = format!("http://{}", server.address());
    let output = s3(home.path(), &url, &["get", "s3://moving/in/", to.to_str().unwrap(), "-r"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(
        said(&output).contains("cannot be a file's path") && !said(&output).contains('\u{1b}'),
        "{}",
        said(&output)
    );
    assert_eq!(on_disk(&to).into_keys().collect::<Vec<_>>(), ["\u{1b}[2Jred", "good"]);
    assert!(!home.path().join("a/evil").exists() && !home.path().join("evil").exists());
}
