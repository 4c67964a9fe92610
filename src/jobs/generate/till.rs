//! Transactions that happen now, for a live feed.

use super::calendar::Calendar;
use super::customer::Customer;
use super::draw::Key;
use super::encode::Rows;
use super::model::{Model, Ready};
use super::sale::Writer;
use crate::domain::GenerateSpec;
use crate::jobs::JobError;
use chrono::{DateTime, NaiveDate, Timelike};

/// Streams of the draws, below the root.
const FEED: u64 = 0x6665_6564;

/// Rings up sales.
pub struct Till {
    root: Key,
    session: Key,
    customers: u64,
    ready: Ready,
    writer: Writer,
    rows: Rows,
    sold: u64,
}

/// Some sales of one moment.
#[derive(Debug)]
pub struct Batch {
    /// The day, `YYYY-MM-DD` (UTC).
    pub day: String,
    /// One JSON object a line.
    pub bytes: Vec<u8>,
    /// Their basket lines.
    pub lines: u64,
}

impl Till {
    /// For the customers `C1` to `C{customers}` of a seed; `session` tells feeds apart.
    ///
    /// # Errors
    /// [`JobError::Usage`] for no customers.
    pub fn new(seed: u64, customers: u64, model: &Model, session: u64) -> Result<Self, JobError> {
        let calendar = Calendar::new(&GenerateSpec { customers, seed, ..GenerateSpec::default() })?;
        let root = Key::root(seed);
        let ready = Ready::new(model, root, &calendar, false);
        let session = root.derive(FEED).derive(session);
        Ok(Self { root, session, customers, ready, writer: Writer::default(), rows: Rows::default(), sold: 0 })
    }

    /// The next `count` sales, at `now_ms` since 1970.
    #[must_use]
    pub fn batch(&mut self, count: u64, now_ms: i64) -> Batch {
        let now = DateTime::from_timestamp_millis(now_ms).unwrap_or_default().naive_utc();
        let day = NaiveDate::from(now).to_string();
        self.rows.clear();
        for _ in 0..count {
            let key = self.session.derive(self.sold);
            let part = u128::from(key.word(0).whole()) * u128::from(self.customers);
            let number = 1 + u64::try_from(part >> 64).unwrap_or(0);
            let draws = Customer::new(self.root, number).categories();
            let mut sale = self.ready.sale(number, &draws, key, 1);
            sale.second = now.num_seconds_from_midnight();
            self.writer.json(&mut self.rows, &sale, &day, false);
            self.sold += 1;
        }
        Batch { day, bytes: self.rows.bytes().to_vec(), lines: self.rows.lines }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sales_are_of_now_and_of_known_customers() {
        let mut till = Till::new(42, 5, &Model::default(), 7).unwrap();
        let batch = till.batch(200, 1_543_708_799_000);
        assert_eq!(batch.day, "2018-12-01");
        let mut seen = std::collections::BTreeSet::new();
        for line in std::str::from_utf8(&batch.bytes).unwrap().lines() {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(row["date_of_purchase"], "2018-12-01 23:59:59");
            seen.insert(row["customer_id"].as_str().unwrap().to_owned());
        }
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["C1", "C2", "C3", "C4", "C5"]);
        assert_ne!(till.batch(200, 1_543_708_799_000).bytes, batch.bytes, "sales go on");
    }
}
