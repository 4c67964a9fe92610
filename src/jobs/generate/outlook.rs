//! What a generation would come to, from a part of it that is made and thrown away: the same seed gives the same rows, so
//! what is counted here is what is written later.

use super::{Destination, Options, Shard, run_with};
use crate::domain::{Dataset, GenerateSpec};
use crate::jobs::{Context, JobError, Silent};
use memchr::memmem;
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

/// Customers' days that are looked at, at most.
const SAMPLE: u64 = 1_500_000;
/// Most parts that a data set can be cut into.
const MOST_PARTS: u64 = 9_999;
/// Lines that are kept to be shown.
const LINES: usize = 60;
/// Bytes of one of them, at most.
const LINE: usize = 2_000;

/// What it would come to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outlook {
    /// One part in so many was made; 1 where everything was.
    pub part: u64,
    /// Files.
    pub files: u64,
    /// Rows of customers.
    pub customers: u64,
    /// Rows of products.
    pub products: u64,
    /// Transactions, faulty ones too.
    pub transactions: u64,
    /// Basket lines.
    pub lines: u64,
    /// Bytes of all data sets.
    pub bytes: u64,
    /// How long it takes to make, in milliseconds, at the pace of the part.
    pub ms: u64,
    /// Transactions by day of purchase, scaled to the whole.
    pub days: Vec<(String, u64)>,
    /// Basket lines by category, the most first, scaled to the whole.
    pub categories: Vec<(String, u64)>,
    /// Lines that name no date: faults.
    pub odd: u64,
    /// The first lines of customers, products and transactions.
    pub head: [Vec<String>; 3],
}

/// Looks ahead.
///
/// # Errors
/// As [`run_with`].
pub async fn outlook(ctx: &Context, spec: &GenerateSpec, options: &Options) -> Result<Outlook, JobError> {
    let days = super::Calendar::new(spec)?.days;
    let of = (spec.customers.saturating_mul(u64::from(days)) / SAMPLE + 1).min(spec.customers).clamp(1, MOST_PARTS);
    let shard = Shard { index: 1, of: u32::try_from(of).unwrap_or(1) };
    let options = Options { shard, ..options.clone() };
    let quiet = Context { sink: Arc::new(Silent), ..ctx.clone() };
    let part = |dataset, tally: &Arc<Mutex<Tally>>| {
        let writer = Box::new(Counting { tally: Arc::clone(tally), rest: Vec::new() });
        Destination::Writer { dataset, writer }
    };
    let products = Arc::<Mutex<Tally>>::default();
    run_with(&quiet, spec, &options, part(Dataset::Products, &products), None).await?;
    let customers = Arc::<Mutex<Tally>>::default();
    run_with(&quiet, spec, &options, part(Dataset::Customers, &customers), None).await?;
    let (products, customers) = (take(&products), take(&customers));
    let sales = Arc::new(Mutex::new(Tally { categories: categories(&products.head), ..Tally::default() }));
    let began = Instant::now();
    run_with(&quiet, spec, &options, part(Dataset::Transactions, &sales), None).await?;
    let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let sales = take(&sales);
    let whole = |n: u64| n.saturating_mul(of);
    let mut by_category: Vec<(String, u64)> = sales.by_category.into_iter().map(|(c, n)| (c, whole(n))).collect();
    by_category.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    Ok(Outlook {
        part: of,
        files: u64::from(days) + 2,
        customers: spec.customers,
        products: products.rows.saturating_sub(1),
        transactions: whole(sales.rows),
        lines: whole(sales.items),
        bytes: products.bytes + whole(customers.bytes) + whole(sales.bytes),
        ms: whole(ms),
        days: sales.by_day.into_iter().map(|(d, n)| (d, whole(n))).collect(),
        categories: by_category,
        odd: whole(sales.odd),
        head: [customers.head, products.head, sales.head],
    })
}

fn take(tally: &Arc<Mutex<Tally>>) -> Tally {
    std::mem::take(&mut *tally.lock())
}

/// Category by product, from the lines of `products.csv`.
fn categories(lines: &[String]) -> HashMap<Vec<u8>, String> {
    let mut found = HashMap::new();
    let text = lines.join("\n");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    for record in reader.records().map_while(Result::ok) {
        if let (Some(id), Some(category)) = (record.get(0), record.get(2)) {
            found.insert(id.as_bytes().to_vec(), category.to_owned());
        }
    }
    found
}

/// What is counted of one data set.
#[derive(Debug, Default)]
struct Tally {
    rows: u64,
    bytes: u64,
    items: u64,
    odd: u64,
    by_day: BTreeMap<String, u64>,
    by_category: BTreeMap<String, u64>,
    categories: HashMap<Vec<u8>, String>,
    head: Vec<String>,
}

impl Tally {
    fn line(&mut self, line: &[u8]) {
        self.rows += 1;
        // The catalogue is short and is read as a whole.
        if self.head.len() < LINES || (self.categories.is_empty() && self.head.len() < 100) {
            self.head.push(String::from_utf8_lossy(&line[..line.len().min(LINE)]).into_owned());
        }
        if self.categories.is_empty() {
            return;
        }
        match value(line, b"\"date_of_purchase\":\"", 10) {
            Some(day) => match self.by_day.get_mut(day) {
                Some(count) => *count += 1,
                None => {
                    self.by_day.insert(day.to_owned(), 1);
                }
            },
            None => self.odd += 1,
        }
        let name = b"\"product_id\":\"";
        for at in memmem::find_iter(line, name) {
            let rest = &line[at + name.len()..];
            let id = rest.split(|b| *b == b'"').next().unwrap_or_default();
            self.items += 1;
            let category = self.categories.get(id).map_or("unknown", String::as_str);
            match self.by_category.get_mut(category) {
                Some(count) => *count += 1,
                None => {
                    self.by_category.insert(category.to_owned(), 1);
                }
            }
        }
    }
}

/// So many bytes behind a key, where they look like a day.
fn value<'a>(line: &'a [u8], key: &[u8], length: usize) -> Option<&'a str> {
    let at = memmem::find(line, key)? + key.len();
    let text = std::str::from_utf8(line.get(at..at + length)?).ok()?;
    text.starts_with(|c: char| c.is_ascii_digit()).then_some(text)
}

/// Counts lines as they come.
struct Counting {
    tally: Arc<Mutex<Tally>>,
    rest: Vec<u8>,
}

impl Write for Counting {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut tally = self.tally.lock();
        tally.bytes += bytes.len() as u64;
        let mut from = 0;
        for end in memchr::memchr_iter(b'\n', bytes) {
            if self.rest.is_empty() {
                tally.line(&bytes[from..end]);
            } else {
                self.rest.extend_from_slice(&bytes[from..end]);
                tally.line(&self.rest);
                self.rest.clear();
            }
            from = end + 1;
        }
        self.rest.extend_from_slice(&bytes[from..]);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::generate::{Model, run};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_is_looked_at_is_what_is_made() {
        let ctx = Context::silent();
        let spec = GenerateSpec::default();
        let seen = outlook(&ctx, &spec, &Options::default()).await.unwrap();
        let made = run(&ctx, &spec, Destination::Null, 0).await.unwrap();
        assert_eq!(
            (seen.part, seen.customers, seen.products, seen.transactions, seen.lines, seen.files, seen.bytes),
            (1, made.customers, made.products, made.transactions, made.lines, made.files, made.bytes)
        );
        assert_eq!(seen.days.iter().map(|(_, n)| n).sum::<u64>(), made.transactions);
        assert_eq!(seen.categories.iter().map(|(_, n)| n).sum::<u64>(), made.lines);
        assert_eq!((seen.categories.len(), seen.odd), (6, 0));
        assert_eq!(seen.head.each_ref().map(|h| !h.is_empty()), [true; 3]);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn of_a_large_one_a_part_stands_for_the_whole() {
        let spec = GenerateSpec { customers: 400_000, ..GenerateSpec::default() };
        let seen = outlook(&Context::silent(), &spec, &Options::default()).await.unwrap();
        assert!(seen.part > 5);
        let each = seen.transactions as f64 / spec.customers as f64;
        assert!((4.0..7.0).contains(&each), "{each}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn faults_are_seen() {
        let mut model = Model::default();
        model.faults.add("malformed=0.2,unknown_product=0.2").unwrap();
        let options = Options { model, ..Options::default() };
        let seen = outlook(&Context::silent(), &GenerateSpec::default(), &options).await.unwrap();
        assert!(seen.odd > 0);
        assert!(seen.categories.iter().any(|(c, _)| c == "unknown"));
    }
}
