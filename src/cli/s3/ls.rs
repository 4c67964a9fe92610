//! `snowdeck s3 ls`: written as it arrives, so that memory does not grow with the listing.

use super::place::Place;
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::domain::{ObjectInfo, printable};
use crate::jobs::browse;
use crate::jobs::ports::ObjectStore;
use chrono::DateTime;
use serde_json::json;
use std::io::{BufWriter, StdoutLock, Write};
use std::sync::Arc;

/// Where rows go, in one of two forms.
struct Rows {
    out: BufWriter<StdoutLock<'static>>,
    json: bool,
    first: bool,
}

impl Rows {
    fn new(json: bool, list: &str, header: &str) -> Result<Self, Failure> {
        let mut out = BufWriter::with_capacity(64 << 10, std::io::stdout().lock());
        if json {
            write!(out, "{{\n  \"{list}\": [")?;
        } else {
            writeln!(out, "{header}")?;
        }
        Ok(Self { out, json, first: true })
    }

    fn element(&mut self, value: &impl serde::Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(value).map_err(|e| Failure::failed(e.to_string()))?;
        let comma = if std::mem::take(&mut self.first) { "" } else { "," };
        Ok(write!(self.out, "{comma}\n    {text}")?)
    }

    fn object(&mut self, object: &ObjectInfo) -> Result<(), Failure> {
        if self.json {
            return self.element(object);
        }
        let modified = object.modified_ms.and_then(DateTime::from_timestamp_millis);
        let modified = modified.map(|m| m.format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default();
        Ok(writeln!(self.out, "{:>13}  {modified:19}  {}", object.size, printable(&object.key))?)
    }

    /// The last of the document: a second list, and its closing.
    fn end(mut self, more: Option<(&str, &[String])>) -> Result<(), Failure> {
        if self.json {
            let close = if self.first { "]" } else { "\n  ]" };
            write!(self.out, "{close}")?;
            if let Some((name, values)) = more {
                write!(self.out, ",\n  \"{name}\": {}", json!(values))?;
            }
            writeln!(self.out, "\n}}")?;
        }
        Ok(self.out.flush()?)
    }
}

const HEADER: &str = "         SIZE  MODIFIED (UTC)       KEY\n─────────────  ───────────────────  ───";

/// Objects, with the folders of one level or all keys below.
pub async fn objects(global: &Global, place: &Place<'_>, text: &str, recursive: bool) -> Result<(), Failure> {
    let (store, prefix) = place.find(text)?;
    let ctx = place.context();
    let delimiter = (!recursive).then_some(browse::DELIMITER);
    let mut page = first(store.as_ref(), &ctx, &prefix, delimiter).await?;
    place.quiet();
    let mut rows = Rows::new(global.json, "objects", HEADER)?;
    let mut prefixes = Vec::new();
    loop {
        for prefix in page.prefixes {
            if global.json {
                prefixes.push(prefix);
            } else {
                writeln!(rows.out, "{:>13}  {:19}  {}", "-", "", printable(&prefix))?;
            }
        }
        for object in &page.objects {
            rows.object(object)?;
        }
        rows.out.flush()?;
        let Some(next) = page.next else { break };
        page = browse::page(&ctx, store.as_ref(), &prefix, delimiter, Some(&next)).await?;
    }
    rows.end(Some(("prefixes", &prefixes)))
}

async fn first(
    store: &dyn ObjectStore,
    ctx: &crate::jobs::Context,
    prefix: &str,
    delimiter: Option<&str>,
) -> Result<crate::domain::ObjectPage, Failure> {
    Ok(browse::page(ctx, store, prefix, delimiter, None).await?)
}

/// Interrupted uploads.
pub async fn uploads(global: &Global, place: &Place<'_>, text: &str, _recursive: bool) -> Result<(), Failure> {
    let (store, prefix): (Arc<dyn ObjectStore>, String) = place.find(text)?;
    let open = store.open_uploads(&prefix).await?;
    place.quiet();
    let mut rows = Rows::new(global.json, "uploads", "BEGUN (UTC)          KEY  (UPLOAD)\n───────────────────  ───")?;
    for upload in open {
        if global.json {
            rows.element(&json!({ "key": upload.key, "id": upload.id, "begun_ms": upload.begun_ms }))?;
            continue;
        }
        let begun = upload.begun_ms.and_then(DateTime::from_timestamp_millis);
        let begun = begun.map(|m| m.format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default();
        writeln!(rows.out, "{begun:19}  {}  ({})", printable(&upload.key), printable(&upload.id))?;
    }
    rows.end(None)
}
