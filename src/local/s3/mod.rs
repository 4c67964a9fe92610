//! The S3 endpoint: `s3s` for the protocol over a store of our own.
