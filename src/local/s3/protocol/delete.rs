//! DeleteObject and DeleteObjects.

use super::convert::{error, put_condition, refuse_fields};
use super::versions::only_null;
use super::{Answer, answer, blocking};
use crate::local::s3::store::{Condition, Store};
use s3s::S3ErrorCode;
use s3s::dto::{DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject};

/// S3's limit of keys in one DeleteObjects.
const BATCH_LIMIT: usize = 1000;

pub(super) async fn delete_object(store: &Store, input: DeleteObjectInput) -> Answer<DeleteObjectOutput> {
    refuse_fields!(input; mfa => "x-amz-mfa",
        if_match_last_modified_time => "x-amz-if-match-last-modified-time", if_match_size => "x-amz-if-match-size");
    only_null(input.version_id.as_deref())?;
    let condition = put_condition(input.if_match.as_ref(), None)?;
    let (store, bucket, key) = (store.clone(), input.bucket, input.key);
    blocking(move || match condition {
        Condition::Always => store.delete(&bucket, &[&key]),
        condition => store.delete_if(&bucket, &key, condition),
    })
    .await?;
    answer(DeleteObjectOutput::default())
}

pub(super) async fn delete_objects(store: &Store, input: DeleteObjectsInput) -> Answer<DeleteObjectsOutput> {
    refuse_fields!(input; mfa => "x-amz-mfa");
    let objects = input.delete.objects;
    if objects.is_empty() || objects.len() > BATCH_LIMIT {
        let message = format!("DeleteObjects takes 1 to {BATCH_LIMIT} keys, not {}", objects.len());
        return Err(error(S3ErrorCode::MalformedXML, message));
    }
    for object in &objects {
        refuse_fields!(object; e_tag => "ETag in DeleteObjects", size => "Size in DeleteObjects",
            last_modified_time => "LastModifiedTime in DeleteObjects");
        only_null(object.version_id.as_deref())?;
    }
    let keys: Vec<_> = objects.into_iter().map(|object| (object.key, object.version_id)).collect();
    let (store, bucket) = (store.clone(), input.bucket);
    let keys = blocking(move || {
        store.delete(&bucket, &keys.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>())?;
        Ok(keys)
    })
    .await?;
    let quiet = input.delete.quiet == Some(true);
    let deleted = |(key, version_id)| DeletedObject { key: Some(key), version_id, ..Default::default() };
    let deleted = (!quiet).then(|| keys.into_iter().map(deleted).collect());
    answer(DeleteObjectsOutput { deleted, ..Default::default() })
}
