//! S3's operations, answered from a store. What is not here is refused by `s3s` as NotImplemented, by name.

mod convert;
mod delete;
mod get;
mod list;
mod put;
mod upload;
mod versions;

use crate::local::s3::store::{Error, Store};
use convert::{error, owner, refuse, time};
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, Bucket, BucketLocationConstraint,
    CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CopyObjectInput, CopyObjectOutput, CreateBucketInput,
    CreateBucketOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput, DeleteBucketInput, DeleteBucketOutput,
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, GetBucketLocationInput,
    GetBucketLocationOutput, GetObjectInput, GetObjectOutput, HeadBucketInput, HeadBucketOutput, HeadObjectInput,
    HeadObjectOutput, ListBucketsInput, ListBucketsOutput, ListMultipartUploadsInput, ListMultipartUploadsOutput,
    ListObjectVersionsInput, ListObjectVersionsOutput, ListObjectsInput, ListObjectsOutput, ListObjectsV2Input,
    ListObjectsV2Output, ListPartsInput, ListPartsOutput, PutObjectInput, PutObjectOutput, UploadPartCopyInput,
    UploadPartCopyOutput, UploadPartInput, UploadPartOutput,
};
use s3s::{S3, S3ErrorCode, S3Request, S3Response, S3Result};

/// Answers S3 requests from a store.
pub(super) struct Service {
    pub store: Store,
    pub region: String,
}

/// Runs what blocks off the async threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> S3Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(refuse),
        Err(e) => Err(error(S3ErrorCode::InternalError, format!("the request's work was cut off: {e}"))),
    }
}

type Answer<T> = S3Result<S3Response<T>>;

#[allow(clippy::unnecessary_wraps, reason = "every operation ends with it")]
fn answer<T>(output: T) -> Answer<T> {
    Ok(S3Response::new(output))
}

#[async_trait::async_trait]
impl S3 for Service {
    async fn create_bucket(&self, req: S3Request<CreateBucketInput>) -> Answer<CreateBucketOutput> {
        let wanted = req.input.create_bucket_configuration.and_then(|c| c.location_constraint);
        if let Some(wanted) = wanted.filter(|w| !w.as_str().is_empty() && w.as_str() != self.region) {
            let (here, there) = (&self.region, wanted.as_str());
            let message = format!("this endpoint is region {here}, the location constraint asks for {there}");
            return Err(error(S3ErrorCode::IllegalLocationConstraintException, message));
        }
        if req.input.object_lock_enabled_for_bucket == Some(true) {
            return Err(convert::unsupported("x-amz-bucket-object-lock-enabled"));
        }
        let (store, bucket) = (self.store.clone(), req.input.bucket);
        let location = Some(format!("/{bucket}"));
        blocking(move || store.create_bucket(&bucket)).await?;
        answer(CreateBucketOutput { location })
    }

    async fn head_bucket(&self, req: S3Request<HeadBucketInput>) -> Answer<HeadBucketOutput> {
        let (store, bucket) = (self.store.clone(), req.input.bucket);
        blocking(move || store.head_bucket(&bucket)).await?;
        answer(HeadBucketOutput { bucket_region: Some(self.region.clone()), ..Default::default() })
    }

    async fn list_buckets(&self, req: S3Request<ListBucketsInput>) -> Answer<ListBucketsOutput> {
        if req.input.continuation_token.is_some() || req.input.max_buckets.is_some() {
            return Err(convert::unsupported("Paging through buckets"));
        }
        let store = self.store.clone();
        let prefix = req.input.prefix.unwrap_or_default();
        let buckets = blocking(move || store.list_buckets()).await?;
        let bucket = |(name, made)| Bucket {
            name: Some(name),
            creation_date: Some(time(made)),
            bucket_region: Some(self.region.clone()),
        };
        let buckets = buckets.into_iter().filter(|(name, _)| name.starts_with(&prefix)).map(bucket).collect();
        answer(ListBucketsOutput { buckets: Some(buckets), owner: Some(owner()), ..Default::default() })
    }

    async fn delete_bucket(&self, req: S3Request<DeleteBucketInput>) -> Answer<DeleteBucketOutput> {
        let (store, bucket) = (self.store.clone(), req.input.bucket);
        blocking(move || store.delete_bucket(&bucket)).await?;
        answer(DeleteBucketOutput::default())
    }

    async fn get_bucket_location(&self, req: S3Request<GetBucketLocationInput>) -> Answer<GetBucketLocationOutput> {
        let (store, bucket) = (self.store.clone(), req.input.bucket);
        blocking(move || store.head_bucket(&bucket)).await?;
        // S3 says nothing for its oldest region.
        let region = (self.region != "us-east-1").then(|| BucketLocationConstraint::from(self.region.clone()));
        answer(GetBucketLocationOutput { location_constraint: region })
    }

    async fn put_object(&self, req: S3Request<PutObjectInput>) -> Answer<PutObjectOutput> {
        put::put_object(&self.store, req).await
    }

    async fn copy_object(&self, req: S3Request<CopyObjectInput>) -> Answer<CopyObjectOutput> {
        put::copy_object(&self.store, req.input).await
    }

    async fn get_object(&self, req: S3Request<GetObjectInput>) -> Answer<GetObjectOutput> {
        get::get_object(&self.store, req.input).await
    }

    async fn head_object(&self, req: S3Request<HeadObjectInput>) -> Answer<HeadObjectOutput> {
        get::head_object(&self.store, req.input).await
    }

    async fn delete_object(&self, req: S3Request<DeleteObjectInput>) -> Answer<DeleteObjectOutput> {
        delete::delete_object(&self.store, req.input).await
    }

    async fn delete_objects(&self, req: S3Request<DeleteObjectsInput>) -> Answer<DeleteObjectsOutput> {
        delete::delete_objects(&self.store, req.input).await
    }

    async fn list_objects(&self, req: S3Request<ListObjectsInput>) -> Answer<ListObjectsOutput> {
        list::list_objects(&self.store, req.input).await
    }

    async fn list_objects_v2(&self, req: S3Request<ListObjectsV2Input>) -> Answer<ListObjectsV2Output> {
        list::list_objects_v2(&self.store, req.input).await
    }

    async fn list_object_versions(&self, req: S3Request<ListObjectVersionsInput>) -> Answer<ListObjectVersionsOutput> {
        versions::list_object_versions(&self.store, req.input).await
    }

    async fn create_multipart_upload(
        &self,
        req: S3Request<CreateMultipartUploadInput>,
    ) -> Answer<CreateMultipartUploadOutput> {
        upload::create(&self.store, req.input).await
    }

    async fn upload_part(&self, req: S3Request<UploadPartInput>) -> Answer<UploadPartOutput> {
        upload::part(&self.store, req).await
    }

    async fn upload_part_copy(&self, req: S3Request<UploadPartCopyInput>) -> Answer<UploadPartCopyOutput> {
        upload::part_copy(&self.store, req.input).await
    }

    async fn complete_multipart_upload(
        &self,
        req: S3Request<CompleteMultipartUploadInput>,
    ) -> Answer<CompleteMultipartUploadOutput> {
        upload::complete(&self.store, req.input).await
    }

    async fn abort_multipart_upload(
        &self,
        req: S3Request<AbortMultipartUploadInput>,
    ) -> Answer<AbortMultipartUploadOutput> {
        upload::abort(&self.store, req.input).await
    }

    async fn list_parts(&self, req: S3Request<ListPartsInput>) -> Answer<ListPartsOutput> {
        upload::list_parts(&self.store, req.input).await
    }

    async fn list_multipart_uploads(
        &self,
        req: S3Request<ListMultipartUploadsInput>,
    ) -> Answer<ListMultipartUploadsOutput> {
        upload::list_uploads(&self.store, req.input).await
    }
}
