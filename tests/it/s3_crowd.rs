//! Many clients at once on the S3 endpoint, each with connections of its own: everyone reads what they wrote, listings keep
//! their order while others write, a key that all write holds one whole writing, and the end is exactly what must be there.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart, Delete, ObjectIdentifier};
use futures::future::join_all;
use snowdeck::local::s3::{S3Config, S3Server};
use std::collections::BTreeSet;
use std::net::TcpListener;

const BUCKET: &str = "crowd";
const CLIENTS: usize = 64;
const KEYS: usize = 20;
const PART: usize = 5 << 20;
const SHARED: &str = "shared/key";

fn client(server: &S3Server) -> Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("AK", "secret", None, None, "test"))
        .endpoint_url(format!("http://{}", server.address()))
        .force_path_style(true)
        .build();
    Client::from_conf(config)
}

/// What a client writes under a number: its own, of a length of its own.
fn content(who: usize, number: usize) -> Vec<u8> {
    let word = format!("{who:02}/{number:03};");
    word.repeat(1 + (who * 7 + number * 131) % 3_000).into_bytes()
}

async fn put(client: &Client, key: &str, body: Vec<u8>) {
    client.put_object().bucket(BUCKET).key(key).body(body.into()).send().await.unwrap();
}

async fn get(client: &Client, key: &str) -> Vec<u8> {
    let found = client.get_object().bucket(BUCKET).key(key).send().await.unwrap();
    found.body.collect().await.unwrap().to_vec()
}

/// Every key below a prefix, page by page; the pages' order is checked.
async fn keys(client: &Client, prefix: &str, page: i32) -> Vec<String> {
    let request = client.list_objects_v2().bucket(BUCKET).prefix(prefix).into_paginator().page_size(page);
    let mut pages = request.send();
    let mut keys: Vec<String> = Vec::new();
    while let Some(page) = pages.next().await {
        keys.extend(page.unwrap().contents().iter().map(|o| o.key().unwrap().to_owned()));
    }
    assert!(keys.is_sorted_by(|a, b| a < b), "a listing of {prefix} repeats keys or has lost its order");
    keys
}

async fn in_parts(client: &Client, key: &str, who: usize) {
    let begun = client.create_multipart_upload().bucket(BUCKET).key(key).send().await.unwrap();
    let id = begun.upload_id().unwrap();
    let byte = u8::try_from(who).unwrap();
    let mut parts = Vec::new();
    for (number, size) in [(1, PART), (2, 1_000 + who)] {
        let body = vec![byte; size].into();
        let request = client.upload_part().bucket(BUCKET).key(key).upload_id(id).part_number(number).body(body);
        let tag = request.send().await.unwrap().e_tag.unwrap();
        parts.push(CompletedPart::builder().part_number(number).e_tag(tag).build());
    }
    let whole = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let request = client.complete_multipart_upload().bucket(BUCKET).key(key).upload_id(id);
    request.multipart_upload(whole).send().await.unwrap();
}

async fn delete(client: &Client, keys: impl Iterator<Item = String>) {
    let objects = keys.map(|key| ObjectIdentifier::builder().key(key).build().unwrap()).collect();
    let delete = Delete::builder().set_objects(Some(objects)).build().unwrap();
    let done = client.delete_objects().bucket(BUCKET).delete(delete).send().await.unwrap();
    assert!(done.errors().is_empty(), "{:?}", done.errors());
}

/// One client's work; what it leaves behind.
async fn work(client: Client, who: usize) -> BTreeSet<String> {
    let own = |number: usize| format!("own/{who:02}/{number:03}");
    for number in 0..KEYS {
        put(&client, &own(number), content(who, number)).await;
        if number % 10 == 0 {
            put(&client, SHARED, content(who, number)).await;
            let all = keys(&client, "own/", 700).await;
            let mine = all.iter().filter(|k| k.starts_with(&format!("own/{who:02}/"))).count();
            assert_eq!(mine, number + 1, "client {who} does not see what it wrote");
        }
    }
    for number in 0..KEYS {
        assert!(get(&client, &own(number)).await == content(who, number), "client {who} reads another content");
    }
    if who.is_multiple_of(8) {
        let key = format!("parts/{who:02}");
        in_parts(&client, &key, who).await;
        let byte = u8::try_from(who).unwrap();
        assert!(
            get(&client, &key).await == vec![byte; PART + 1_000 + who],
            "client {who}: the parts make another object"
        );
    }
    delete(&client, (0..KEYS).filter(|n| n % 2 == 1).map(own)).await;
    let left = keys(&client, &format!("own/{who:02}/"), 7).await;
    assert_eq!(left, (0..KEYS).filter(|n| n % 2 == 0).map(own).collect::<Vec<_>>());
    left.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_clients_at_once_lose_and_mix_up_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let config = S3Config { access_key: "AK".into(), secret_key: "secret".into(), region: "eu-west-1".into() };
    let server = S3Server::start(dir.path(), listener, config).unwrap();
    server.store().create_bucket(BUCKET).unwrap();
    let all = (0..CLIENTS).map(|who| tokio::spawn(work(client(&server), who)));
    let mut left: BTreeSet<String> = join_all(all).await.into_iter().flat_map(Result::unwrap).collect();
    left.insert(SHARED.to_owned());
    left.extend((0..CLIENTS).filter(|who| who.is_multiple_of(8)).map(|who| format!("parts/{who:02}")));
    let client = client(&server);
    assert_eq!(keys(&client, "", 1_000).await, left.into_iter().collect::<Vec<_>>());
    // One whole writing of one of them, not a mixture.
    let shared = get(&client, SHARED).await;
    let writings = (0..CLIENTS).flat_map(|who| (0..KEYS).step_by(10).map(move |n| content(who, n)));
    assert!(writings.into_iter().any(|w| w == shared), "the shared key holds what nobody wrote");
}
