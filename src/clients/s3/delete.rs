//! Many keys at once.

use super::S3Store;
use crate::jobs::ports::StoreError;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use futures::{StreamExt, TryStreamExt, stream};

/// S3's limit of keys in one DeleteObjects.
const BATCH: usize = 1000;
/// Single deletions under way at once.
const SINGLE: usize = 16;

/// Deletes keys in batches; those that XML cannot carry, one by one.
pub(super) async fn all(store: &S3Store, keys: &[String]) -> Result<(), StoreError> {
    let (plain, odd): (Vec<&String>, Vec<&String>) = keys.iter().partition(|key| key.chars().all(in_xml));
    for keys in plain.chunks(BATCH) {
        batch(store, keys).await?;
    }
    let singles: Vec<_> = odd.into_iter().map(|key| single(store, key)).collect();
    stream::iter(singles).buffer_unordered(SINGLE).try_collect().await
}

async fn single(store: &S3Store, key: &str) -> Result<(), StoreError> {
    let request = store.client.delete_object().bucket(&store.bucket).key(key).send();
    store.call("DeleteObject", key, request, |_| "deleted".into()).await.map(drop)
}

/// Whether XML 1.0 has the character at all, and unchanged (it turns a carriage return into a line feed).
fn in_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | ' '..='\u{fffd}' | '\u{10000}'..)
}

async fn batch(store: &S3Store, keys: &[&String]) -> Result<(), StoreError> {
    let object = |key: &&String| ObjectIdentifier::builder().key(*key).build();
    let objects = keys.iter().map(object).collect::<Result<Vec<_>, _>>();
    let delete = objects.and_then(|objects| Delete::builder().set_objects(Some(objects)).quiet(true).build());
    let delete = delete.map_err(|e| store.failed("DeleteObjects", "", e.to_string()))?;
    let request = store.client.delete_objects().bucket(&store.bucket).delete(delete).send();
    let first = keys.first().map_or("", |key| key.as_str());
    let summary = |o: &aws_sdk_s3::operation::delete_objects::DeleteObjectsOutput| {
        format!("{} keys, {} refused", keys.len(), o.errors().len())
    };
    let output = store.call("DeleteObjects", first, request, summary).await?;
    let Some(refused) = output.errors().first() else { return Ok(()) };
    let message = format!(
        "{} of {} keys were not deleted, the first because: {}",
        output.errors().len(),
        keys.len(),
        refused.message().unwrap_or("S3 gave no reason")
    );
    let code = refused.code().unwrap_or("InternalError").to_owned();
    let key = store.place(refused.key().unwrap_or_default());
    Err(StoreError { operation: "DeleteObjects", key, code, message })
}

#[cfg(test)]
mod tests {
    use super::in_xml;

    #[test]
    fn what_xml_cannot_carry_is_told_apart() {
        assert!("a//b ü 🦀\t\n".chars().all(in_xml));
        for c in ['\0', '\u{1}', '\r', '\u{1b}', '\u{fffe}'] {
            assert!(!in_xml(c), "{c:?}");
        }
    }
}
