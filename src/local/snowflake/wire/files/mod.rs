//! Moving staged files: what a PUT or GET tells the driver, and the addresses that it then uses.
//!
//! Internal stages pose as Google Cloud storage, because that is the one kind that every driver can reach over plain HTTP on
//! a port of our choosing: S3 and Azure get `https://<bucket>.<endpoint>` from most drivers, and a local folder is refused by
//! the Python connector 5. Drivers use it in one of two ways: older ones (and most languages) move each file to or from a
//! signed address, asking again for each file; the Python connector 5 uses a token with the service's own address.

mod grants;
mod serve;

pub use grants::{Grant, Grants};
pub use serve::{download, head, upload};

use super::super::answer::Transfer;
use super::context::Context;
use serde_json::{Map, Value, json};

/// Where the addresses begin: the bucket's name as drivers see it.
const BUCKET: &str = "stage-files";
/// Above this many bytes a driver may upload in parts, where it can.
const THRESHOLD: u64 = 209_715_200;

/// The extra `data` members for a driver's PUT or GET. `base` is where the client reaches this server.
pub fn offer(cx: &Context, session: u64, t: &Transfer, base: &str) -> Map<String, Value> {
    let name = t.sources.first().map_or("", |s| s.rsplit(['/', '\\']).next().unwrap_or(s));
    let each = t.upload && name.contains(['*', '?']);
    let grant = Grant {
        session,
        bucket: t.bucket.clone(),
        prefix: t.root.clone(),
        write: t.upload,
        overwrite: t.overwrite,
        compressing: t.auto_compress && t.source_compression == "AUTO_DETECT",
        each,
    };
    let token = cx.grants.issue(grant, cx.engine.clock.now_ms());
    let signed = |key: &str| format!("{base}/{BUCKET}/{}?token={token}", escape(&format!("{}{key}", t.root)));
    let by_token = cx.reads_storage_tokens(session);
    let mut out = Map::new();
    let put = if each { "file-" } else { name };
    out.insert(
        "stageInfo".into(),
        json!({
            "locationType": "GCS", "location": format!("{BUCKET}/{}", t.root), "path": t.root, "region": "local",
            "storageAccount": null, "isClientSideEncrypted": false, "useRegionalUrl": false, "useVirtualUrl": false,
            "creds": if by_token { json!({ "GCS_ACCESS_TOKEN": token }) } else { json!({}) },
            "endPoint": by_token.then_some(base),
            "presignedUrl": (t.upload && !by_token).then(|| signed(put)),
        }),
    );
    if !t.upload && !by_token {
        out.insert("presignedUrls".into(), t.sources.iter().map(|s| signed(s)).collect());
    }
    let command = if t.upload { "UPLOAD" } else { "DOWNLOAD" };
    for (key, value) in [
        ("command", json!(command)),
        ("src_locations", json!(t.sources)),
        ("localLocation", json!(t.local)),
        ("parallel", json!(t.parallel)),
        ("threshold", json!(THRESHOLD)),
        ("autoCompress", json!(t.auto_compress)),
        ("overwrite", json!(t.overwrite)),
        ("sourceCompression", json!(t.source_compression.to_lowercase())),
        ("clientShowEncryptionParameter", json!(false)),
        // Drivers read one for an upload and a list for a download.
        ("encryptionMaterial", if t.upload { Value::Null } else { json!([]) }),
        ("operation", json!("Node")),
    ] {
        out.insert(key.into(), value);
    }
    out
}

/// A key as the path of a URL.
fn escape(key: &str) -> String {
    let mut out = String::with_capacity(key.len());
    for b in key.bytes() {
        match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(b)),
            _ => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}
