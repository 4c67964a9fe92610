//! Counts what is in the files, to compare with what was written and what was loaded. Shares no code with the writer:
//! CSV goes through `csv`, every line of JSON through `serde_json`.
//!
//! Memory grows with the number of distinct ids and of (customer, product) pairs, not with rows; of malformed rows the
//! first [`FAULTS_KEPT`] are kept, all are counted.

pub mod open;
mod table;

use chrono::NaiveDateTime;
use open::Content;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, BufRead, BufReader};
use std::path::Path;

/// How many malformed rows are kept with place and reason.
pub const FAULTS_KEPT: usize = 1_000;

/// The counts. Rows count every well-formed row, also repeated ones; the distinct counts do not.
#[derive(Debug, Default)]
pub struct Recount {
    /// Files looked at.
    pub files: u64,
    /// Their bytes, decompressed.
    pub bytes: u64,
    /// Well-formed rows of customers.
    pub customer_rows: u64,
    /// Distinct customers among them.
    pub customers: u64,
    /// Well-formed rows of products.
    pub product_rows: u64,
    /// Distinct products among them.
    pub products: u64,
    /// Lines of transactions that are not blank, whatever they hold.
    pub transaction_rows: u64,
    /// Well-formed transactions.
    pub transactions: u64,
    /// Their basket lines.
    pub lines: u64,
    /// Distinct customers who bought something.
    pub buyers: u64,
    /// Distinct products bought.
    pub products_bought: u64,
    /// Distinct (customer, product) pairs bought.
    pub pairs: u64,
    /// Transactions whose date is not that of the `d=` in their key.
    pub misfiled: u64,
    /// Counts by date of purchase, `YYYY-MM-DD`.
    pub days: BTreeMap<String, DayCount>,
    /// Malformed rows, whatever the file.
    pub malformed: u64,
    /// The first malformed rows.
    pub faults: Vec<Fault>,
    known_customers: HashSet<Box<str>>,
    known_products: HashSet<Box<str>>,
    buying: Numbers,
    bought: Numbers,
    pair_set: HashSet<(u32, u32)>,
}

/// One day's counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DayCount {
    /// Transactions.
    pub transactions: u64,
    /// Basket lines.
    pub lines: u64,
    /// Sum of prices.
    pub amount: i64,
}

/// A row that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file or key.
    pub file: String,
    /// Its line, from 1.
    pub line: u64,
    /// What is wrong.
    pub reason: String,
}

/// Gives ids numbers, so that a pair takes eight bytes.
#[derive(Debug, Default)]
struct Numbers(HashMap<Box<str>, u32>);

impl Numbers {
    fn of(&mut self, id: &str) -> u32 {
        if let Some(n) = self.0.get(id) {
            return *n;
        }
        let n = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.insert(id.into(), n);
        n
    }
}

#[derive(Deserialize)]
struct Transaction<'a> {
    #[serde(borrow)]
    customer_id: Cow<'a, str>,
    #[serde(borrow)]
    basket: Vec<Item<'a>>,
    #[serde(borrow)]
    date_of_purchase: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow)]
    product_id: Cow<'a, str>,
    price: i64,
}

impl Recount {
    /// Counts a folder as the generator lays it out. Hidden files are passed over.
    ///
    /// # Errors
    /// A file cannot be read; one that is not there counts as nothing.
    pub fn folder(root: &Path) -> io::Result<Self> {
        let mut count = Self::default();
        for name in ["customers.csv", "products.csv"] {
            match std::fs::File::open(root.join(name)) {
                Ok(file) if name == "customers.csv" => count.read_customers(name, BufReader::new(file))?,
                Ok(file) => count.read_products(name, BufReader::new(file))?,
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                Err(e) => return Err(e),
            }
        }
        // Parts of a data set that was made in shards, and later days' changes.
        for below in entries(&root.join("customers"))? {
            let files = if below.is_dir() { entries(&below)? } else { vec![below] };
            for file in files {
                let key = file.strip_prefix(root).unwrap_or(&file).display().to_string();
                count.read_customers(&key, BufReader::new(std::fs::File::open(&file)?))?;
            }
        }
        for day in entries(&root.join("transactions"))? {
            for file in entries(&day)? {
                let key = file.strip_prefix(root).unwrap_or(&file).display().to_string();
                match open::content(&file) {
                    Some(Content::Table) => count.read_table(&key, open::text(&file)?)?,
                    _ => count.read_transactions(&key, open::text(&file)?)?,
                }
            }
        }
        Ok(count)
    }

    /// Adds a `customers.csv`.
    pub fn add_customers(&mut self, bytes: &[u8]) {
        // Reading from memory cannot fail.
        let _ = self.read_customers("customers.csv", bytes);
    }

    /// Adds a `products.csv`.
    pub fn add_products(&mut self, bytes: &[u8]) {
        let _ = self.read_products("products.csv", bytes);
    }

    /// Adds a file of transactions; `key` is its path or object key.
    pub fn add_transactions(&mut self, key: &str, bytes: &[u8]) {
        let _ = self.read_transactions(key, bytes);
    }

    /// Adds customers as they are read.
    ///
    /// # Errors
    /// The reader's.
    pub fn read_customers(&mut self, file: &str, from: impl io::Read) -> io::Result<()> {
        self.read_csv(file, from, ["customer_id", "loyalty_score"], |count, row| {
            row[1].parse::<i64>().map_err(|_| format!("loyalty_score {:?} is not a whole number", row[1]))?;
            count.customer_rows += 1;
            count.customers += u64::from(count.known_customers.insert(row[0].into()));
            Ok(())
        })
    }

    /// Adds products as they are read.
    ///
    /// # Errors
    /// The reader's.
    pub fn read_products(&mut self, file: &str, from: impl io::Read) -> io::Result<()> {
        let header = ["product_id", "product_description", "product_category"];
        self.read_csv(file, from, header, |count, row| {
            count.product_rows += 1;
            count.products += u64::from(count.known_products.insert(row[0].into()));
            Ok(())
        })
    }

    /// Adds transactions as they are read. Empty lines are passed over.
    ///
    /// # Errors
    /// The reader's.
    pub fn read_transactions(&mut self, key: &str, mut from: impl BufRead) -> io::Result<()> {
        self.files += 1;
        let filed = filed(key);
        let (mut line, mut number) = (Vec::new(), 0);
        loop {
            line.clear();
            let read = from.read_until(b'\n', &mut line)?;
            if read == 0 {
                return Ok(());
            }
            self.bytes += read as u64;
            number += 1;
            let text = line.trim_ascii();
            if text.is_empty() {
                continue;
            }
            self.transaction_rows += 1;
            if let Err(reason) = self.transaction(text, filed) {
                self.fault(key, number, reason);
            }
        }
    }

    /// Customers who bought something and are not in the customers' file.
    #[must_use]
    pub fn unknown_customers(&self) -> u64 {
        self.buying.0.keys().filter(|id| !self.known_customers.contains(*id)).count() as u64
    }

    /// Products that were bought and are not in the products' file.
    #[must_use]
    pub fn unknown_products(&self) -> u64 {
        self.bought.0.keys().filter(|id| !self.known_products.contains(*id)).count() as u64
    }

    fn transaction(&mut self, text: &[u8], filed: Option<&str>) -> Result<(), String> {
        let row: Transaction = serde_json::from_slice(text).map_err(|e| e.to_string())?;
        dated(&row.date_of_purchase)?;
        if row.customer_id.is_empty() || row.basket.iter().any(|i| i.product_id.is_empty()) {
            return Err("an id is empty".into());
        }
        if row.basket.is_empty() {
            return Err("the basket is empty".into());
        }
        let items = row.basket.iter().map(|i| (&*i.product_id, i.price));
        self.purchase(&row.customer_id, &row.date_of_purchase, items, filed);
        Ok(())
    }

    /// Counts a well-formed transaction.
    fn purchase<'a>(
        &mut self,
        customer: &str,
        time: &str,
        items: impl Iterator<Item = (&'a str, i64)>,
        filed: Option<&str>,
    ) {
        let date = time.split(' ').next().unwrap_or_default();
        self.misfiled += u64::from(filed.is_some_and(|d| d != date));
        let customer = self.buying.of(customer);
        let (mut lines, mut amount) = (0, 0_i64);
        for (product, price) in items {
            let product = self.bought.of(product);
            self.pairs += u64::from(self.pair_set.insert((customer, product)));
            (lines, amount) = (lines + 1, amount.saturating_add(price));
        }
        if !self.days.contains_key(date) {
            self.days.insert(date.to_owned(), DayCount::default());
        }
        if let Some(day) = self.days.get_mut(date) {
            day.transactions += 1;
            day.lines += lines;
            day.amount = day.amount.saturating_add(amount);
        }
        self.transactions += 1;
        self.lines += lines;
        self.buyers = self.buying.0.len() as u64;
        self.products_bought = self.bought.0.len() as u64;
    }

    /// Reads a CSV file whose header begins with `header` (more columns may follow) and gives its rows to `add`.
    fn read_csv<const N: usize>(
        &mut self,
        file: &str,
        from: impl io::Read,
        header: [&str; N],
        mut add: impl FnMut(&mut Self, [&str; N]) -> Result<(), String>,
    ) -> io::Result<()> {
        self.files += 1;
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(from);
        let mut row = csv::ByteRecord::new();
        let mut width = None;
        while reader.read_byte_record(&mut row)? {
            let line = row.position().map_or(0, csv::Position::line);
            let checked = fields::<N>(&row).and_then(|values| match width {
                None if values == header => {
                    width = Some(row.len());
                    Ok(())
                }
                None => Err(format!("the header is not {}", header.join(","))),
                Some(width) if width != row.len() => Err(format!("{} values instead of {width}", row.len())),
                Some(_) if values[0].is_empty() => Err("the id is empty".into()),
                Some(_) => add(self, values),
            });
            if let Err(reason) = checked {
                self.fault(file, line, reason);
                width = width.or(Some(N)); // a wrong header is told once
            }
        }
        self.bytes += reader.position().byte();
        Ok(())
    }

    fn fault(&mut self, file: &str, line: u64, reason: String) {
        self.malformed += 1;
        if self.faults.len() < FAULTS_KEPT {
            self.faults.push(Fault { file: file.to_owned(), line, reason });
        }
    }
}

/// The day of the folder that a key lies in.
fn filed(key: &str) -> Option<&str> {
    key.split('/').find_map(|part| part.strip_prefix("d="))
}

fn dated(time: &str) -> Result<(), String> {
    match NaiveDateTime::parse_from_str(time, "%Y-%m-%d %H:%M:%S") {
        Ok(_) => Ok(()),
        Err(_) => Err(format!("date_of_purchase {time:?} is not YYYY-MM-DD HH:MM:SS")),
    }
}

fn fields<const N: usize>(row: &csv::ByteRecord) -> Result<[&str; N], String> {
    if row.len() < N {
        return Err(format!("{} value(s) instead of {N}", row.len()));
    }
    let mut values = [""; N];
    for (value, bytes) in values.iter_mut().zip(row) {
        *value = std::str::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?;
    }
    Ok(values)
}

/// What is in a folder, in order, without hidden entries; nothing where there is no folder.
fn entries(folder: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    let found = match std::fs::read_dir(folder) {
        Ok(found) => found,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(e),
    };
    let mut paths = found.map(|e| e.map(|e| e.path())).collect::<io::Result<Vec<_>>>()?;
    paths.retain(|p| p.file_name().is_some_and(|n| !n.to_string_lossy().starts_with('.')));
    paths.sort_unstable();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"customer_id":"C1","basket":[{"product_id":"P01","price":5},{"product_id":"P01","price":7}],"date_of_purchase":"2018-12-01 10:00:00"}"#;

    #[test]
    fn counts_rows_lines_and_distinct_keys() {
        let mut count = Recount::default();
        count.add_customers(b"customer_id,loyalty_score\nC1,3\nC2,4\nC2,4\n");
        count.add_products(b"product_id,product_description,product_category\nP01,\"a, b\",food\n");
        let late = GOOD.replace("C1", "C9").replace("12-01 ", "12-03 ");
        count.add_transactions("convex-transactions/d=2018-12-01/x", format!("{GOOD}\n{GOOD}\r\n\n{late}").as_bytes());
        assert_eq!((count.customer_rows, count.customers, count.product_rows, count.products), (3, 2, 1, 1));
        assert_eq!((count.transactions, count.lines, count.pairs, count.buyers), (3, 6, 2, 2));
        assert_eq!((count.misfiled, count.malformed, count.files), (1, 0, 3));
        assert_eq!((count.unknown_customers(), count.unknown_products()), (1, 0));
        assert_eq!(count.days["2018-12-01"], DayCount { transactions: 2, lines: 4, amount: 24 });
    }

    #[test]
    fn malformed_rows_are_told_with_their_line() {
        let mut count = Recount::default();
        count.add_customers(b"customer_id,loyalty_score\nC1\nC2,many\n,3\nC3,\xff\nC4,5,6\nC5,5\n");
        count.add_transactions("t", b"{\"customer_id\":\n\xff\n[]\n");
        count.add_transactions("u", GOOD.replace("2018-12-01 10", "2018-12-32 10").as_bytes());
        count.add_transactions("v", GOOD.replace(":5}", ":\"5\"}").as_bytes());
        count.add_transactions("w", br#"{"customer_id":"C1","basket":[],"date_of_purchase":"2018-12-01 10:00:00"}"#);
        count.add_products(b"id\n");
        let places: Vec<_> = count.faults.iter().map(|f| (f.file.as_str(), f.line)).collect();
        let file = "customers.csv";
        assert_eq!(
            places,
            [
                (file, 2),
                (file, 3),
                (file, 4),
                (file, 5),
                (file, 6),
                ("t", 1),
                ("t", 2),
                ("t", 3),
                ("u", 1),
                ("v", 1),
                ("w", 1),
                ("products.csv", 1)
            ]
        );
        assert_eq!((count.malformed, count.customer_rows, count.transactions), (12, 1, 0));
        assert_eq!(count.transaction_rows, 6);
        assert!(count.faults[1].reason.contains("loyalty_score \"many\""));
    }

    #[test]
    fn faults_are_bounded_and_all_counted() {
        let mut count = Recount::default();
        count.add_transactions("t", "x\n".repeat(FAULTS_KEPT + 5).as_bytes());
        assert_eq!((count.faults.len(), count.malformed), (FAULTS_KEPT, FAULTS_KEPT as u64 + 5));
    }
}
