//! The form of `snowdeck s3`.

use crate::jobs::transfer::{PARALLEL, PART_ABOVE, PART_LEAST};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// S3's largest part, in bytes.
const PART_MOST: u64 = 5 << 30;

/// `s3`.
#[derive(Debug, Subcommand)]
pub enum S3 {
    /// List objects
    Ls {
        /// Keys that start with this, or s3://BUCKET/PREFIX; folders are shown as such
        #[arg(default_value = "")]
        prefix: String,
        /// Every key below, not the folders
        #[arg(short, long)]
        recursive: bool,
        /// Interrupted uploads instead of objects
        #[arg(long)]
        uploads: bool,
        #[command(flatten)]
        reach: Reach,
    },
    /// Write an object's content to standard output
    Cat {
        /// Its key, or s3://BUCKET/KEY
        key: String,
        #[command(flatten)]
        reach: Reach,
    },
    /// Store a file, or with --recursive a folder; again, it sends only what is missing
    Put {
        /// The file or folder
        source: PathBuf,
        /// Its key, or s3://BUCKET/KEY; ending with / keeps the file's name
        #[arg(default_value = "")]
        key: String,
        #[command(flatten)]
        how: How,
        #[command(flatten)]
        reach: Reach,
    },
    /// Fetch an object, or with --recursive all below a prefix; again, it fetches only what is missing
    Get {
        /// Its key or the prefix, or s3://BUCKET/KEY
        key: String,
        /// The file or folder; the key's last name, or the current folder, where left out
        target: Option<PathBuf>,
        #[command(flatten)]
        how: How,
        #[command(flatten)]
        reach: Reach,
    },
    /// Delete an object, or with --recursive all below a prefix
    Rm {
        /// Its key or the prefix, or s3://BUCKET/KEY
        key: String,
        /// Every key that starts with it
        #[arg(short, long)]
        recursive: bool,
        /// Interrupted uploads of keys that start with it, instead of objects
        #[arg(long, conflicts_with = "recursive")]
        uploads: bool,
        /// Only tell what would be deleted
        #[arg(short = 'n', long)]
        dry_run: bool,
        /// Do not ask
        #[arg(short, long)]
        yes: bool,
        #[command(flatten)]
        reach: Reach,
    },
    /// Copy between files and S3, or within S3 without moving the content through this machine
    Cp {
        /// A file or folder, or s3://BUCKET/KEY
        from: String,
        /// A file or folder, or s3://BUCKET/KEY
        to: String,
        #[command(flatten)]
        how: How,
        #[command(flatten)]
        reach: Reach,
    },
}

impl S3 {
    /// Where the objects are.
    pub fn reach(&self) -> &Reach {
        match self {
            Self::Ls { reach, .. }
            | Self::Cat { reach, .. }
            | Self::Put { reach, .. }
            | Self::Get { reach, .. }
            | Self::Rm { reach, .. }
            | Self::Cp { reach, .. } => reach,
        }
    }
}

/// How to move.
#[derive(Debug, Clone, Args)]
pub struct How {
    /// A whole folder or prefix
    #[arg(short, long)]
    pub recursive: bool,
    /// Only tell what would be moved
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// So many requests at once
    #[arg(short, long, value_name = "N", default_value_t = PARALLEL, value_parser = parallel)]
    pub parallel: usize,
    /// Larger files go in parts of this size (5M to 5G); an S3 upload has 10 000 parts at most
    #[arg(long, value_name = "SIZE", default_value_t = PART_ABOVE, value_parser = part_size)]
    pub part_size: u64,
    /// Move what is there already, too
    #[arg(short, long)]
    pub force: bool,
}

/// Where the objects are.
#[derive(Debug, Clone, Args)]
pub struct Reach {
    /// Any S3-compatible store instead of the profile's; its keys come from AWS's chain (environment, files, roles)
    #[arg(long, value_name = "URL", env = "SNOWDECK_S3_ENDPOINT_URL", hide_env_values = true)]
    pub endpoint_url: Option<String>,
    /// With --endpoint-url: its region, where the AWS configuration has none
    #[arg(long, value_name = "REGION", requires = "endpoint_url")]
    pub region: Option<String>,
    /// With --endpoint-url: try again when it has been silent for so long
    #[arg(long, value_name = "SECONDS", default_value_t = 60, requires = "endpoint_url", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub silence: u64,
}

fn parallel(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n @ 1..=1024) => Ok(n),
        _ => Err("a number from 1 to 1024 is needed".to_owned()),
    }
}

/// A number of bytes; `K`, `M` and `G` are powers of 1024.
fn bytes(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_uppercase();
    let text = text.strip_suffix("IB").or(text.strip_suffix('B')).unwrap_or(&text);
    let (digits, shift) = match text.as_bytes().last()? {
        b'K' => (&text[..text.len() - 1], 10),
        b'M' => (&text[..text.len() - 1], 20),
        b'G' => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    digits.trim().parse::<u64>().ok()?.checked_shl(shift)
}

fn part_size(text: &str) -> Result<u64, String> {
    match bytes(text) {
        Some(size) if (PART_LEAST..=PART_MOST).contains(&size) => Ok(size),
        _ => Err("a size from 5M to 5G is needed, such as 64M".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, size) in
            [("8M", 8 << 20), ("8MiB", 8 << 20), ("64mb", 64 << 20), ("5G", 5 << 30), ("5242880", 5 << 20)]
        {
            assert_eq!(part_size(text), Ok(size), "{text}");
        }
        for text in ["1M", "6G", "x", "", "M", "-8M"] {
            assert!(part_size(text).is_err(), "{text}");
        }
        assert!(parallel("0").is_err() && parallel("16").is_ok());
    }
}
