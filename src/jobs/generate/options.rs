//! How the data is written: format, compression, and which part of the whole.

use crate::jobs::JobError;
use std::ops::Range;
use std::str::FromStr;

/// Most parts that a data set can be cut into: more would not fit in the names of the files.
const MOST_SHARDS: u32 = 9_999;

/// The form of the transactions. Customers and products are CSV always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// One JSON object a line.
    #[default]
    Ndjson,
    /// One line for each basket line: `customer_id,date_of_purchase,line,product_id,price`, with a header.
    Csv,
    /// One row for each transaction, the basket a list of structs.
    Parquet,
}

impl Format {
    /// What the files' names end with.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Ndjson => "json",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }
}

/// How the transactions are compressed: the whole file for text, page by page inside Parquet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// gzip, level 6; several members one after the other, which every reader takes as one.
    Gzip,
    /// zstd, level 3; several frames one after the other.
    Zstd,
}

impl Compression {
    /// What the names of compressed text files end with.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
        }
    }
}

/// One of several equal parts of a data set, cut by customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which, 1 to `of`.
    pub index: u32,
    /// Of how many.
    pub of: u32,
}

impl Shard {
    /// The whole.
    pub const WHOLE: Self = Self { index: 1, of: 1 };

    /// The part's customers' numbers, of `customers` in all. The parts of all shards follow each other and differ by
    /// one customer at most.
    #[must_use]
    pub fn customers(self, customers: u64) -> Range<u64> {
        let cut = |i: u32| {
            let cut = u128::from(customers) * u128::from(i) / u128::from(self.of.max(1));
            1 + u64::try_from(cut).unwrap_or(customers)
        };
        cut(self.index.saturating_sub(1))..cut(self.index)
    }

    /// Whether this is everything.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        self.of <= 1
    }

    /// What names of files carry: nothing for the whole, else `-2-of-4`.
    #[must_use]
    pub fn suffix(self) -> String {
        if self.is_whole() { String::new() } else { format!("-{}-of-{}", self.index, self.of) }
    }
}

impl Default for Shard {
    fn default() -> Self {
        Self::WHOLE
    }
}

impl FromStr for Shard {
    type Err = JobError;

    /// `I/N`, such as `2/4`.
    fn from_str(text: &str) -> Result<Self, JobError> {
        let parts = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        match parts {
            Some((index, of)) if 1 <= index && index <= of && of <= MOST_SHARDS => Ok(Self { index, of }),
            _ => Err(JobError::Usage(format!(
                "the shard {text:?} is not one: write I/N with I from 1 to N and N at most {MOST_SHARDS}, such as 2/4"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_cover_every_customer_once() {
        for (customers, of) in [(137, 1), (137, 4), (3, 7), (1_000_000_000_000, 9)] {
            let mut next = 1;
            for index in 1..=of {
                let part = Shard { index, of }.customers(customers);
                assert_eq!(part.start, next);
                let even = customers / u64::from(of);
                assert!((even..=even + 1).contains(&(part.end - part.start)));
                next = part.end;
            }
            assert_eq!(next, customers + 1);
        }
    }

    #[test]
    fn a_shard_is_written_i_of_n() {
        assert_eq!("2/4".parse::<Shard>().unwrap(), Shard { index: 2, of: 4 });
        assert_eq!("2/4".parse::<Shard>().unwrap().suffix(), "-2-of-4");
        for bad in ["0/4", "5/4", "2", "a/b", "1/0", "1/10000", "-1/2"] {
            assert!(bad.parse::<Shard>().unwrap_err().to_string().contains("I/N"), "{bad}");
        }
    }
}
