//! The ports' real implementations: Snowflake over the driver protocol, S3 over the AWS SDK.
