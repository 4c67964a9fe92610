//! Multipart uploads.

use super::convert::{
    algorithm, checksum_type, error, etag, owner, put_condition, put_options, refuse, refuse_fields, refuse_put_fields,
    sent_checksums, show_checksums, signed, time,
};
use super::get::{Conditions, check_conditions};
use super::list::{Names, page_size};
use super::put::{Expected, copy_content, copy_source, receive};
use super::{Answer, answer, blocking};
use crate::local::s3::store::{Checksums, CompletePart, Error, PartInfo, Store, UploadInfo};
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, ChecksumAlgorithm, ChecksumType,
    CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CompletedPart, CopyPartResult,
    CreateMultipartUploadInput, CreateMultipartUploadOutput, Initiator, ListMultipartUploadsInput,
    ListMultipartUploadsOutput, ListPartsInput, ListPartsOutput, MultipartUpload, Part, Range, StorageClass,
    UploadPartCopyInput, UploadPartCopyOutput, UploadPartInput, UploadPartOutput,
};
use s3s::{S3ErrorCode, S3Request, S3Result};

pub(super) async fn create(
    store: &Store,
    mut input: CreateMultipartUploadInput,
) -> Answer<CreateMultipartUploadOutput> {
    refuse_put_fields!(input);
    let chosen = algorithm(input.checksum_algorithm.as_ref().map(ChecksumAlgorithm::as_str))?;
    let full_object = input.checksum_type.as_ref().is_some_and(|t| t.as_str() == ChecksumType::FULL_OBJECT);
    let options = put_options!(input);
    let (bucket, key, store) = (input.bucket.clone(), input.key.clone(), store.clone());
    let id = blocking(move || store.create_upload(&bucket, &key, options, chosen, full_object)).await?;
    answer(CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(id),
        checksum_algorithm: input.checksum_algorithm,
        checksum_type: input.checksum_type,
        ..Default::default()
    })
}

fn number(number: i32) -> u32 {
    // The store refuses 0.
    u32::try_from(number).unwrap_or(0)
}

pub(super) async fn part(store: &Store, req: S3Request<UploadPartInput>) -> Answer<UploadPartOutput> {
    let input = req.input;
    refuse_fields!(input; sse_customer_algorithm => "x-amz-server-side-encryption-customer-algorithm");
    let (bucket, key, id) = (input.bucket.clone(), input.key.clone(), input.upload_id.clone());
    let asking = store.clone();
    // Before the body is taken in: an upload that is not there takes none.
    let info = blocking(move || asking.upload(&bucket, &key, &id)).await?;
    let md5 = input.content_md5.as_deref();
    let expected = Expected::new(input.content_length, md5, sent_checksums!(input), req.trailing_headers)?;
    let asked = input.checksum_algorithm.as_ref().map(ChecksumAlgorithm::as_str);
    let mut algorithms = expected.algorithms(&req.headers, asked)?;
    if let Some(wanted) = info.algorithm
        && !algorithms.contains(&wanted)
    {
        algorithms.push(wanted);
    }
    let (to, number) = (store.clone(), number(input.part_number));
    let finish = move |staged| to.put_part(&input.bucket, &input.key, &input.upload_id, number, staged);
    let part = receive(store, input.body, &algorithms, expected, finish).await?;
    let mut output = UploadPartOutput { e_tag: Some(etag(part.etag)), ..Default::default() };
    show_checksums!(output, &part.checksums);
    answer(output)
}

pub(super) async fn part_copy(store: &Store, mut input: UploadPartCopyInput) -> Answer<UploadPartCopyOutput> {
    refuse_fields!(input; sse_customer_algorithm => "x-amz-server-side-encryption-customer-algorithm",
        copy_source_sse_customer_algorithm => "x-amz-copy-source-server-side-encryption-customer-algorithm");
    let (from_bucket, from_key) = copy_source(input.copy_source)?;
    let conditions = Conditions {
        if_match: input.copy_source_if_match.take(),
        if_none_match: input.copy_source_if_none_match.take(),
        if_modified_since: input.copy_source_if_modified_since.take(),
        if_unmodified_since: input.copy_source_if_unmodified_since.take(),
    };
    let bad_range =
        || error(S3ErrorCode::InvalidArgument, "The x-amz-copy-source-range value must be bytes=first-last");
    let range = input.copy_source_range.as_deref().map(Range::parse).transpose().map_err(|_| bad_range())?;
    let store = store.clone();
    let work = move || {
        let info = store.upload(&input.bucket, &input.key, &input.upload_id).map_err(refuse)?;
        let (meta, reader) = store.get(&from_bucket, &from_key).map_err(refuse)?;
        check_conditions(&conditions, &meta, true)?;
        let range = match range {
            Some(range) => range.check(meta.size)?,
            None => 0..meta.size,
        };
        let algorithms: Vec<_> = info.algorithm.into_iter().collect();
        let staged = copy_content(&store, reader, range, &algorithms).map_err(refuse)?;
        let number = number(input.part_number);
        store.put_part(&input.bucket, &input.key, &input.upload_id, number, staged).map_err(refuse)
    };
    let part: PartInfo = blocking(move || Ok(work())).await??;
    let mut result = CopyPartResult {
        e_tag: Some(etag(part.etag)),
        last_modified: Some(time(part.modified_ms)),
        ..Default::default()
    };
    show_checksums!(result, &part.checksums);
    answer(UploadPartCopyOutput { copy_part_result: Some(result), ..Default::default() })
}

fn named(part: &CompletedPart) -> S3Result<CompletePart> {
    let missing = || error(S3ErrorCode::MalformedXML, "a part has no number");
    Ok(CompletePart {
        number: number(part.part_number.ok_or_else(missing)?),
        etag: part.e_tag.as_ref().map(|tag| tag.value().to_owned()),
        checksums: sent_checksums!(part),
    })
}

pub(super) async fn complete(
    store: &Store,
    input: CompleteMultipartUploadInput,
) -> Answer<CompleteMultipartUploadOutput> {
    refuse_fields!(input; sse_customer_algorithm => "x-amz-server-side-encryption-customer-algorithm");
    let condition = put_condition(input.if_match.as_ref(), input.if_none_match.as_ref())?;
    let parts = input.multipart_upload.as_ref().and_then(|upload| upload.parts.as_deref()).unwrap_or_default();
    if parts.is_empty() {
        return Err(error(S3ErrorCode::MalformedXML, "You must specify at least one part"));
    }
    let parts = parts.iter().map(named).collect::<S3Result<Vec<_>>>()?;
    let sent = sent_checksums!(input);
    let size = input.mpu_object_size.and_then(|size| u64::try_from(size).ok());
    let (store, bucket, key, id) = (store.clone(), input.bucket.clone(), input.key.clone(), input.upload_id);
    let meta = blocking(move || {
        let info = store.upload(&bucket, &key, &id)?;
        let whole = match info.algorithm {
            Some(algorithm) if info.full_object => store.checksum_parts(&bucket, &key, &id, &parts, algorithm)?,
            _ => Checksums::default(),
        };
        if info.full_object {
            whole.check(&sent)?;
        }
        let total = |part: &PartInfo| parts.iter().any(|p| p.number == part.number).then_some(part.size);
        if let Some(size) = size {
            let stored: u64 = store.list_parts(&bucket, &key, &id)?.iter().filter_map(total).sum();
            if stored != size {
                return Err(Error::InvalidArgument(format!("the parts have {stored} bytes, not {size}")));
            }
        }
        store.complete_upload(&bucket, &key, &id, parts, whole, condition)
    })
    .await?;
    let mut output = CompleteMultipartUploadOutput {
        location: Some(format!("/{}/{}", input.bucket, input.key)),
        bucket: Some(input.bucket),
        key: Some(input.key),
        e_tag: Some(etag(meta.etag)),
        ..Default::default()
    };
    show_checksums!(output, &meta.checksums);
    output.checksum_type = checksum_type(&meta.checksums);
    answer(output)
}

pub(super) async fn abort(store: &Store, input: AbortMultipartUploadInput) -> Answer<AbortMultipartUploadOutput> {
    refuse_fields!(input; if_match_initiated_time => "x-amz-if-match-initiated-time");
    let store = store.clone();
    blocking(move || store.abort_upload(&input.bucket, &input.key, &input.upload_id)).await?;
    answer(AbortMultipartUploadOutput::default())
}

pub(super) async fn list_parts(store: &Store, input: ListPartsInput) -> Answer<ListPartsOutput> {
    let limit = page_size(input.max_parts, "max-parts")?;
    let marker = number(input.part_number_marker.unwrap_or(0));
    let (store, bucket, key, id) = (store.clone(), input.bucket.clone(), input.key.clone(), input.upload_id.clone());
    let (info, mut parts) =
        blocking(move || Ok((store.upload(&bucket, &key, &id)?, store.list_parts(&bucket, &key, &id)?))).await?;
    parts.retain(|part| part.number > marker);
    let truncated = parts.len() > usize::try_from(limit).unwrap_or(0);
    parts.truncate(usize::try_from(limit).unwrap_or(0));
    let signed_number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let next = parts.last().map(|part| signed_number(part.number)).filter(|_| truncated);
    let shown = |part: PartInfo| {
        let mut shown = Part {
            part_number: Some(signed_number(part.number)),
            size: Some(signed(part.size)),
            e_tag: Some(etag(part.etag)),
            last_modified: Some(time(part.modified_ms)),
            ..Default::default()
        };
        show_checksums!(shown, &part.checksums);
        shown
    };
    answer(ListPartsOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        max_parts: Some(limit),
        part_number_marker: input.part_number_marker,
        is_truncated: Some(truncated),
        next_part_number_marker: next,
        parts: Some(parts.into_iter().map(shown).collect()),
        checksum_algorithm: info.algorithm.map(|a| ChecksumAlgorithm::from_static(a.name())),
        owner: Some(owner()),
        storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
        ..Default::default()
    })
}

pub(super) async fn list_uploads(
    store: &Store,
    input: ListMultipartUploadsInput,
) -> Answer<ListMultipartUploadsOutput> {
    refuse_fields!(input; delimiter => "delimiter in ListMultipartUploads");
    let names = Names::new(input.encoding_type.as_ref())?;
    let limit = page_size(input.max_uploads, "max-uploads")?;
    let prefix = input.prefix.clone().unwrap_or_default();
    let (store, bucket, from) = (store.clone(), input.bucket.clone(), prefix.clone());
    let mut uploads = blocking(move || store.list_uploads(&bucket, &from)).await?;
    if let Some(key) = input.key_marker.as_deref().filter(|key| !key.is_empty()) {
        let id = input.upload_id_marker.as_deref().filter(|id| !id.is_empty());
        uploads.retain(|u| u.key.as_str() > key || id.is_some_and(|id| u.key == key && u.id.as_str() > id));
    }
    let truncated = uploads.len() > usize::try_from(limit).unwrap_or(0);
    uploads.truncate(usize::try_from(limit).unwrap_or(0));
    let next = uploads.last().cloned().filter(|_| truncated);
    let shown = |upload: UploadInfo| MultipartUpload {
        key: Some(names.write(upload.key)),
        upload_id: Some(upload.id),
        initiated: Some(time(upload.initiated_ms)),
        initiator: Some(Initiator { display_name: Some("snowdeck".into()), id: Some("snowdeck".into()) }),
        owner: Some(owner()),
        storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
        checksum_algorithm: upload.algorithm.map(|a| ChecksumAlgorithm::from_static(a.name())),
        ..Default::default()
    };
    answer(ListMultipartUploadsOutput {
        bucket: Some(input.bucket),
        prefix: Some(names.write(prefix)),
        key_marker: input.key_marker,
        upload_id_marker: input.upload_id_marker,
        max_uploads: Some(limit),
        is_truncated: Some(truncated),
        next_key_marker: next.as_ref().map(|u| names.write(u.key.clone())),
        next_upload_id_marker: next.map(|u| u.id),
        uploads: Some(uploads.into_iter().map(shown).collect()),
        encoding_type: input.encoding_type,
        ..Default::default()
    })
}
