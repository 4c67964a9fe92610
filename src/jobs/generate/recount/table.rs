//! Transactions as a table: a line for each basket line, those of one transaction below each other and numbered from 1.

use super::{Recount, dated};
use std::io;

const HEADER: [&str; 5] = ["customer_id", "date_of_purchase", "line", "product_id", "price"];

/// A transaction whose lines are being read.
#[derive(Default)]
struct Open {
    customer: String,
    date: String,
    items: Vec<(String, i64)>,
}

impl Recount {
    /// Adds a table of transactions as it is read; `key` is its path.
    ///
    /// # Errors
    /// The reader's.
    pub fn read_table(&mut self, key: &str, from: impl io::Read) -> io::Result<()> {
        let filed = super::filed(key);
        let mut open = Open::default();
        self.read_csv(key, from, HEADER, |count, [customer, date, line, product, price]| {
            dated(date)?;
            let price = price.parse().map_err(|_| format!("price {price:?} is not a whole number"))?;
            if product.is_empty() {
                return Err("an id is empty".into());
            }
            if line == "1" {
                count.close(&mut open, filed);
                count.transaction_rows += 1;
                (open.customer, open.date) = (customer.to_owned(), date.to_owned());
            } else if open.customer != customer || open.date != date || line != (open.items.len() + 1).to_string() {
                return Err(format!("line {line} does not continue the transaction above it"));
            }
            open.items.push((product.to_owned(), price));
            Ok(())
        })?;
        self.close(&mut open, filed);
        Ok(())
    }

    fn close(&mut self, open: &mut Open, filed: Option<&str>) {
        let Open { customer, date, items } = std::mem::take(open);
        if !items.is_empty() {
            self.purchase(&customer, &date, items.iter().map(|(id, price)| (id.as_str(), *price)), filed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::generate::recount::DayCount;

    const KEY: &str = "transactions/d=2018-12-01/transactions.csv";

    fn counted(rows: &str) -> Recount {
        let mut count = Recount::default();
        count.read_table(KEY, format!("{}\n{rows}", HEADER.join(",")).as_bytes()).unwrap();
        count
    }

    #[test]
    fn lines_are_put_together() {
        let day = "2018-12-01 10:00:00";
        let count =
            counted(&format!("C1,{day},1,P01,5\nC1,{day},2,P01,7\nC1,{day},1,P02,1\nC2,2018-12-02 10:00:00,1,P01,2\n"));
        assert_eq!((count.transactions, count.transaction_rows, count.lines, count.malformed), (3, 3, 4, 0));
        assert_eq!((count.buyers, count.pairs, count.misfiled), (2, 3, 1));
        assert_eq!(count.days["2018-12-01"], DayCount { transactions: 2, lines: 3, amount: 13 });
    }

    #[test]
    fn what_does_not_read_is_told_with_its_line() {
        let day = "2018-12-01 10:00:00";
        let count = counted(&format!(
            "C1,{day},1,P01,5\nC1,{day},3,P01,7\nC1,{day},2,P01,x\nC1,{day},2,P01\nC1,today,2,P01,1\nC2,{day},2,P01,1\n"
        ));
        assert_eq!(count.faults.iter().map(|f| f.line).collect::<Vec<_>>(), [3, 4, 5, 6, 7]);
        assert!(count.faults[0].reason.contains("line 3 does not continue"), "{:?}", count.faults);
        assert_eq!((count.transactions, count.lines), (1, 1));
    }
}
