//! Continues a data set by days: reads what is there, and refuses to add to what this seed did not make.

use super::files::Naming;
use super::{Destination, Options, run_with};
use crate::domain::{Dataset, GenerateSpec};
use crate::jobs::ports::ObjectStore;
use crate::jobs::{Context, JobError};
use chrono::{Days, NaiveDate};
use parking_lot::Mutex;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// What is there of a data set.
#[derive(Debug, Default)]
pub struct There {
    /// The folder or bucket, for messages.
    pub place: String,
    /// `customers.csv`, as it is.
    pub customers: Vec<u8>,
    /// `products.csv`, as it is.
    pub products: Vec<u8>,
    /// Paths of the transactions' files below the folder, `transactions/d=2018-12-01/transactions.json`.
    pub transactions: Vec<String>,
}

impl There {
    /// Reads a folder.
    ///
    /// # Errors
    /// [`JobError::File`] where a file cannot be read, as where there is none.
    pub fn folder(root: &Path) -> Result<Self, JobError> {
        let at = |path: &Path, source| JobError::File { path: path.display().to_string(), source };
        let read = |name: &str| std::fs::read(root.join(name)).map_err(|e| at(&root.join(name), e));
        let mut there = Self {
            place: root.display().to_string(),
            customers: read("customers.csv")?,
            products: read("products.csv")?,
            transactions: Vec::new(),
        };
        let days = root.join("transactions");
        for day in std::fs::read_dir(&days).map_err(|e| at(&days, e))? {
            let day = day.map_err(|e| at(&days, e))?;
            for file in std::fs::read_dir(day.path()).map_err(|e| at(&day.path(), e))? {
                let file = file.map_err(|e| at(&day.path(), e))?;
                let (day, file) = (day.file_name(), file.file_name());
                there.transactions.push(format!("transactions/{}/{}", day.display(), file.display()));
            }
        }
        Ok(there)
    }

    /// Reads a bucket; `key` names its objects.
    ///
    /// # Errors
    /// S3's refusal, as where there is no `customers.csv`.
    pub async fn store(
        store: &dyn ObjectStore,
        key: &(dyn Fn(Dataset, &str) -> String + Send + Sync),
    ) -> Result<Self, JobError> {
        let customers = store.get(&key(Dataset::Customers, "customers.csv"), None).await?.to_vec();
        let products = store.get(&key(Dataset::Products, "products.csv"), None).await?.to_vec();
        let prefix = key(Dataset::Transactions, "transactions/");
        let (mut transactions, mut after) = (Vec::new(), None);
        loop {
            let page = store.list(&prefix, None, after.as_deref()).await?;
            let below = page.objects.iter().filter_map(|o| o.key.strip_prefix(&prefix));
            transactions.extend(below.map(|path| format!("transactions/{path}")));
            after = page.next;
            if after.is_none() {
                return Ok(Self { place: format!("s3://{}", store.bucket()), customers, products, transactions });
            }
        }
    }

    /// The days that were generated; a live feed's files are of their own days.
    fn days(&self) -> Vec<NaiveDate> {
        let day = |path: &String| path.split('/').find_map(|part| part.strip_prefix("d=")).map(str::to_owned);
        let mut days: Vec<NaiveDate> = self
            .transactions
            .iter()
            .filter(|p| !p.contains("/feed-"))
            .filter_map(day)
            .filter_map(|d| d.parse().ok())
            .collect();
        days.sort_unstable();
        days.dedup();
        days
    }

    fn refused(&self, why: &str) -> JobError {
        JobError::Usage(format!("{} cannot be continued: {why}", self.place))
    }

    /// The spec of the next `days` days: the same customers, as `spec`'s seed and shape make them.
    ///
    /// # Errors
    /// [`JobError::Usage`] where what is there is not what the seed, the shape and the options would have made.
    pub async fn next(&self, spec: &GenerateSpec, options: &Options, days: u32) -> Result<GenerateSpec, JobError> {
        let found = self.days();
        let (Some(first), Some(last)) = (found.first(), found.last()) else {
            return Err(self.refused("it has no day of transactions yet: generate without --append first"));
        };
        let naming = Naming { shard: options.shard, format: options.format, compression: options.compression };
        let named = naming.transactions(&last.to_string(), "");
        if !self.transactions.contains(&named) {
            return Err(self.refused(&format!(
                "its last day, {last}, has no file {named}: was it made in another format, or cut into shards?"
            )));
        }
        let rows = memchr::memchr_iter(b'\n', &self.customers).count();
        let was = GenerateSpec {
            customers: (rows as u64).saturating_sub(1).max(1),
            from: first.to_string(),
            to: last.to_string(),
            ..spec.clone()
        };
        for (dataset, there) in [(Dataset::Customers, &self.customers), (Dataset::Products, &self.products)] {
            if made(&was, dataset).await? != *there {
                return Err(self.refused(&format!(
                    "its {} are not those of seed {} and this shape: give the seed and the shape it was made with",
                    dataset.name(),
                    spec.seed
                )));
            }
        }
        let later = |n: u32| last.checked_add_days(Days::new(n.into())).map(|d| d.to_string()).unwrap_or_default();
        Ok(GenerateSpec { from: later(1), to: later(days.max(1)), ..was })
    }
}

/// A data set as this spec makes it.
async fn made(spec: &GenerateSpec, dataset: Dataset) -> Result<Vec<u8>, JobError> {
    let bytes = Kept::default();
    let out = Destination::Writer { dataset, writer: Box::new(bytes.clone()) };
    run_with(&Context::silent(), spec, &Options::default(), out, None).await?;
    Ok(std::mem::take(&mut bytes.0.lock()))
}

/// A writer into memory.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
