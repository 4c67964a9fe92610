"""The same S3 calls against the embedded endpoint and against moto's server: whatever differs is printed.

Reads the endpoint from S3_PEER (JSON: s3_endpoint, access_key, secret_key, region). Prints one JSON document: the number
of cases, and what differs. Needs boto3 and moto[server].
"""

import base64
import datetime
import fnmatch
import hashlib
import json
import os
import sys
import zlib

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer

BUCKET = "peer-bucket"
ODD = [
    "plain", "a//b", "a/../b", "./x", "/lead", "folder/", "a+b c", "%2F%20", "ü/日本/🦀", "a&<>\"'=?#;:@$,", "~!*()'",
    "tab\tkey", "x" * 1024, "é" * 512, "..", "//", "a\\b", "^{}[]`|",
]
# What must not be compared: it names the service, or the moment.
LEFT_OUT = {
    "ResponseMetadata", "LastModified", "UploadId", "Initiated", "Initiator", "Owner", "HostId", "RequestId", "Location",
    "ServerSideEncryption", "CreationDate", "NextContinuationToken", "ContinuationToken", "CopySourceVersionId",
    "RequestCharged", "StorageClass", "BucketArn", "RestoreStatus",
}

# Where moto is not S3: place, and what S3's manual says.
MOTO_DIFFERS = {
    "*.ChecksumType": "S3 answers with the type of every checksum",
    "odd_keys.19*": "a key has at most 1024 bytes",
    "conditions_on_reads.7*": "If-Match that holds makes S3 leave If-Unmodified-Since alone",
    "conditions_on_reads.16*": "the same for HEAD",
    "listing.9.CommonPrefixes*": "moto encodes + as it stands, and clients read it as a blank",
    "listing.9.Contents.*.ChecksumAlgorithm": "S3 tells it in the first form of listing too",
    "listing.10.Contents.*.ChecksumAlgorithm": "the same",
    "listing.10.Marker": "S3 repeats the marker",
    "listing.10.NextMarker": "S3 gives it with a delimiter only",
    "multipart.4.refused": "the order of parts is looked at before their size",
    "deletions.1.Deleted": "a quiet deletion lists errors only",
    "versions.*.EncodingType": "S3 repeats it",
    "versions.*.Versions.*.ChecksumAlgorithm": "S3 tells it here too",
    "versions.7*": "without versioning, an object's version is called null: HEAD takes it as GET does",
    "wrong_sums*": "a body that differs from its Content-MD5 is refused",
}


def comparable(value):
    if isinstance(value, dict):
        return {k: comparable(v) for k, v in sorted(value.items()) if k not in LEFT_OUT and v not in (None, "", [], {})}
    if isinstance(value, (list, tuple)):
        return [comparable(v) for v in value]
    if isinstance(value, bytes):
        return f"{len(value)} bytes, {hashlib.md5(value).hexdigest()}"
    if isinstance(value, datetime.datetime):
        return "time"
    return value


class Peer:
    """One endpoint, with calls whose refusals are values."""

    def __init__(self, endpoint, access_key, secret_key, region, checksums="when_supported"):
        config = Config(
            s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, signature_version="s3v4",
            request_checksum_calculation=checksums, response_checksum_validation="when_supported",
        )
        self.client = boto3.client(
            "s3", endpoint_url=endpoint, aws_access_key_id=access_key, aws_secret_access_key=secret_key,
            region_name=region, config=config,
        )

    def __getattr__(self, name):
        def call(**arguments):
            if name not in ("list_buckets",):
                arguments.setdefault("Bucket", BUCKET)
            try:
                answer = getattr(self.client, name)(**arguments)
            except ClientError as e:
                status = e.response["ResponseMetadata"]["HTTPStatusCode"]
                return {"refused": e.response["Error"].get("Code"), "status": status}
            if "Body" in answer:
                answer["Body"] = answer["Body"].read()
            answer["status"] = answer["ResponseMetadata"]["HTTPStatusCode"]
            return answer

        return call


def crc32(content):
    return base64.b64encode(zlib.crc32(content).to_bytes(4, "big")).decode()


def sha256(content):
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


CASES = []


def case(function):
    CASES.append(function)
    return function


@case
def whole_and_headers(s3):
    put = s3.put_object(
        Key="head", Body=b"hello", ContentType="text/csv; charset=utf-8", CacheControl="no-cache", ContentLanguage="en",
        ContentDisposition='attachment; filename="x"', ContentEncoding="identity", Metadata={"owner": "Jo", "two": "b c"},
    )
    return [put, s3.head_object(Key="head"), s3.get_object(Key="head")]


@case
def default_content_type(s3):
    s3.put_object(Key="bare", Body=b"x")
    return [s3.head_object(Key="bare")["ContentType"], s3.put_object(Key="empty", Body=b""), s3.get_object(Key="empty")]


@case
def odd_keys(s3):
    out = []
    for key in ODD:
        out.append([s3.put_object(Key=key, Body=key.encode()), s3.get_object(Key=key), s3.head_object(Key=key)])
    out.append([o["Key"] for o in s3.list_objects_v2()["Contents"] if o["Key"] in ODD])
    out.append(s3.put_object(Key="y" * 1025, Body=b"x"))
    return out


@case
def refusals(s3):
    return [
        s3.get_object(Key="none"), s3.head_object(Key="none"), s3.delete_object(Key="none"),
        s3.get_object(Bucket="no-such-bucket", Key="k"), s3.list_objects_v2(Bucket="no-such-bucket"),
        s3.put_object(Bucket="no-such-bucket", Key="k", Body=b""), s3.head_bucket(Bucket="no-such-bucket"),
        s3.copy_object(Key="c", CopySource=f"{BUCKET}/none"),
        s3.list_parts(Key="k", UploadId="none"), s3.abort_multipart_upload(Key="k", UploadId="none"),
    ]


@case
def ranges(s3):
    s3.put_object(Key="range", Body=bytes(range(200)) * 10)
    spans = ["bytes=0-0", "bytes=5-9", "bytes=1990-", "bytes=-7", "bytes=100-99999", "bytes=2000-", "bytes=-0"]
    return [s3.get_object(Key="range", Range=span) for span in spans]


@case
def conditions_on_reads(s3):
    tag = s3.put_object(Key="cond", Body=b"condition")["ETag"]
    past, future = datetime.datetime(2001, 1, 1), datetime.datetime(2099, 1, 1)
    out = []
    for call in (s3.get_object, s3.head_object):
        out += [
            call(Key="cond", IfMatch=tag), call(Key="cond", IfMatch='"0"'), call(Key="cond", IfNoneMatch=tag),
            call(Key="cond", IfNoneMatch='"0"'), call(Key="cond", IfModifiedSince=past),
            call(Key="cond", IfUnmodifiedSince=past), call(Key="cond", IfUnmodifiedSince=future),
            call(Key="cond", IfMatch=tag, IfUnmodifiedSince=past),
            call(Key="cond", IfNoneMatch='"0"', IfModifiedSince=past),
        ]
    return out


@case
def conditions_on_writes(s3):
    first = s3.put_object(Key="new", Body=b"1", IfNoneMatch="*")
    second = s3.put_object(Key="new", Body=b"2", IfNoneMatch="*")
    return [first, second, s3.get_object(Key="new")]


@case
def listing(s3):
    keys = [f"l/{a}/{b}" for a in "abc" for b in range(4)] + ["l/top", "l/a", "l/z/", "m", "l/ü/x", "l/a+b/y"]
    for key in keys:
        s3.put_object(Key=key, Body=key.encode())
    out = [
        s3.list_objects_v2(Prefix="l/", Delimiter="/"), s3.list_objects_v2(Prefix="l/", Delimiter="/", MaxKeys=3),
        s3.list_objects_v2(Prefix="l/a"), s3.list_objects_v2(Prefix="l/", StartAfter="l/b/1"),
        s3.list_objects_v2(Prefix="l/", StartAfter="l/b/1", Delimiter="/"), s3.list_objects_v2(Prefix="none/"),
        s3.list_objects_v2(Prefix="l/", Delimiter="b"), s3.list_objects_v2(Prefix="l/", MaxKeys=0),
        s3.list_objects_v2(Prefix="l/", Delimiter="/", EncodingType="url"), s3.list_objects(Prefix="l/", Delimiter="/"),
        s3.list_objects(Prefix="l/", Marker="l/b/1", MaxKeys=2), s3.list_objects_v2(Prefix="l/", FetchOwner=True),
    ]
    for size in (1, 2, 5):
        names, token = [], None
        while True:
            more = {"ContinuationToken": token} if token else {}
            page = s3.list_objects_v2(Prefix="l/", Delimiter="/", MaxKeys=size, **more)
            names.append([o["Key"] for o in page.get("Contents", [])] + [p["Prefix"] for p in page.get("CommonPrefixes", [])])
            token = page.get("NextContinuationToken")
            if not page["IsTruncated"]:
                break
        out.append(sorted(name for page in names for name in page))
    return out


@case
def versions(s3):
    for key in ("v/a/1", "v/a/2", "v/b/1", "v/one", "v/two"):
        s3.put_object(Key=key, Body=key.encode())
    s3.put_object(Key="v/one", Body=b"again")
    out = [
        s3.list_object_versions(Prefix="v/"), s3.list_object_versions(Prefix="v/", Delimiter="/"),
        s3.list_object_versions(Prefix="v/one"), s3.list_object_versions(Prefix="none/"),
        s3.list_object_versions(Prefix="v/", KeyMarker="v/b/1"), s3.list_object_versions(Prefix="v/", MaxKeys=2),
        s3.list_object_versions(Bucket="no-such-bucket"),
        s3.head_object(Key="v/one", VersionId="null"), s3.get_object(Key="v/one", VersionId="null"),
    ]
    for size in (1, 2):
        names, at = [], {}
        while True:
            page = s3.list_object_versions(Prefix="v/", Delimiter="/", MaxKeys=size, **at)
            names += [v["Key"] for v in page.get("Versions", [])] + [p["Prefix"] for p in page.get("CommonPrefixes", [])]
            if not page["IsTruncated"]:
                break
            at = {"KeyMarker": page["NextKeyMarker"]}
        out.append(sorted(names))
    out.append(s3.delete_object(Key="v/two", VersionId="null"))
    out.append([v["Key"] for v in s3.list_object_versions(Prefix="v/")["Versions"]])
    return out


@case
def checksums(s3):
    content, out = b"checksum me" * 500, []
    for algorithm in ("CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME"):
        key = f"sum/{algorithm}"
        out += [
            s3.put_object(Key=key, Body=content, ChecksumAlgorithm=algorithm),
            s3.get_object(Key=key, ChecksumMode="ENABLED"), s3.head_object(Key=key, ChecksumMode="ENABLED"),
        ]
    out.append(s3.put_object(Key="sum/given", Body=content, ChecksumSHA256=sha256(content)))
    out.append(s3.put_object(Key="sum/crc", Body=content, ChecksumCRC32=crc32(content)))
    return out


@case
def multipart(s3):
    one, two = b"1" * (5 << 20), b"2" * 1234
    begun = s3.create_multipart_upload(Key="multi", ContentType="text/plain", Metadata={"k": "v"})
    upload = begun["UploadId"]
    parts = [
        s3.upload_part(Key="multi", UploadId=upload, PartNumber=n, Body=body) for n, body in ((1, one), (2, two))
    ]
    listed = s3.list_parts(Key="multi", UploadId=upload)
    open_uploads = [u["Key"] for u in s3.list_multipart_uploads(Prefix="multi").get("Uploads", [])]
    named = [{"PartNumber": n, "ETag": part["ETag"]} for n, part in ((1, parts[0]), (2, parts[1]))]
    wrong = s3.complete_multipart_upload(
        Key="multi", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": '"0"'}]}
    )
    backwards = s3.complete_multipart_upload(
        Key="multi", UploadId=upload, MultipartUpload={"Parts": list(reversed(named))}
    )
    done = s3.complete_multipart_upload(Key="multi", UploadId=upload, MultipartUpload={"Parts": named})
    return [
        [{k: v for k, v in p.items() if k in ("ETag", "status")} for p in parts],
        [(p["PartNumber"], p["Size"], p["ETag"]) for p in listed["Parts"]], open_uploads, wrong, backwards,
        {k: v for k, v in done.items() if k in ("ETag", "status", "Key", "Bucket")},
        {k: v for k, v in s3.get_object(Key="multi").items() if not k.startswith("Checksum")},
        s3.get_object(Key="multi", Range="bytes=5242870-5242890"),
    ]


@case
def small_part_refused(s3):
    upload = s3.create_multipart_upload(Key="small")["UploadId"]
    tags = [s3.upload_part(Key="small", UploadId=upload, PartNumber=n, Body=b"x")["ETag"] for n in (1, 2)]
    parts = [{"PartNumber": n + 1, "ETag": tag} for n, tag in enumerate(tags)]
    refused = s3.complete_multipart_upload(Key="small", UploadId=upload, MultipartUpload={"Parts": parts})
    given_up = s3.abort_multipart_upload(Key="small", UploadId=upload)
    return [refused, given_up, s3.list_parts(Key="small", UploadId=upload)]


@case
def copies(s3):
    s3.put_object(Key="from", Body=b"copy me", ContentType="text/x", Metadata={"a": "1"})
    plain = s3.copy_object(Key="to", CopySource={"Bucket": BUCKET, "Key": "from"})
    replaced = s3.copy_object(
        Key="to2", CopySource={"Bucket": BUCKET, "Key": "from"}, MetadataDirective="REPLACE", ContentType="text/y",
        Metadata={"b": "2"},
    )
    odd = s3.copy_object(Key="to3", CopySource={"Bucket": BUCKET, "Key": "a//b"})
    upload = s3.create_multipart_upload(Key="to4")["UploadId"]
    part = s3.upload_part_copy(
        Key="to4", UploadId=upload, PartNumber=1, CopySource={"Bucket": BUCKET, "Key": "from"}, CopySourceRange="bytes=2-5"
    )
    tag = part["CopyPartResult"]["ETag"]
    s3.complete_multipart_upload(
        Key="to4", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]}
    )
    tags = [a.get("CopyObjectResult", {}).get("ETag") for a in (plain, replaced, odd)]
    heads = [s3.head_object(Key=key) for key in ("to", "to2")]
    return [tags, tag, heads, s3.get_object(Key="to4")["Body"], s3.copy_object(Key="from", CopySource=f"{BUCKET}/from")]


@case
def deletions(s3):
    for key in ("d/1", "d/2 &<x>", "d/ü", "d/3"):
        s3.put_object(Key=key, Body=b"x")
    loud = s3.delete_objects(Delete={"Objects": [{"Key": k} for k in ("d/1", "d/2 &<x>", "d/none")]})
    quiet = s3.delete_objects(Delete={"Objects": [{"Key": "d/ü"}], "Quiet": True})
    loud["Deleted"] = sorted(loud.get("Deleted", []), key=lambda d: d["Key"])
    return [loud, quiet, s3.list_objects_v2(Prefix="d/"), s3.delete_object(Key="d/3"), s3.delete_bucket()]


@case
def wrong_sums(s3):
    return [
        s3.put_object(Key="bad", Body=b"x", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA=="), s3.head_object(Key="bad"),
    ]


def run(peer):
    peer.create_bucket(CreateBucketConfiguration={"LocationConstraint": peer.client.meta.region_name})
    out = {}
    for function in CASES:
        try:
            out[function.__name__] = comparable(function(peer))
        except Exception as e:  # the comparison goes on: the text is what differs
            out[function.__name__] = f"{type(e).__name__}: {e}"
    return out


def differences(ours, theirs, path):
    """Leaf by leaf, so that one difference does not hide another."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(set(ours) | set(theirs)):
            yield from differences(ours.get(key), theirs.get(key), f"{path}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (a, b) in enumerate(zip(ours, theirs)):
            yield from differences(a, b, f"{path}.{index}")
    elif ours != theirs:
        yield {"place": path, "ours": ours, "moto": theirs}


def main():
    about = json.loads(os.environ["S3_PEER"])
    moto = ThreadedMotoServer(port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    try:
        theirs = run(Peer(f"http://{host}:{port}", "AK", "SK", about["region"]))
    finally:
        moto.stop()
    ours = run(Peer(about["s3_endpoint"], about["access_key"], about["secret_key"], about["region"]))
    found = [d for name in ours for d in differences(ours[name], theirs[name], name)]
    known = [p for p in MOTO_DIFFERS if any(fnmatch.fnmatch(d["place"], p) for d in found)]
    found = [d for d in found if not any(fnmatch.fnmatch(d["place"], p) for p in MOTO_DIFFERS)]
    print(json.dumps({"cases": len(CASES), "differences": found, "moto_differs": known}, indent=1, ensure_ascii=False))


sys.exit(main())
