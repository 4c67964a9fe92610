//! One transaction as values, for every form but the starter's own (which [`super::encode`] writes without them).

use super::catalogue::product_range;
use super::customer::Draws;
use super::draw::Key;
use super::encode::{FIRST_MINUTE, MINUTES, Rows, STARTER_ITEMS, TOP_PRICE};

/// Most items that any basket holds.
pub const MOST_ITEMS: usize = 12;

/// What was bought, of what and for how much.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Item {
    /// Index into the catalogue's products.
    pub product: u32,
    /// Price, 1…2000 in the starter's data.
    pub price: u32,
}

/// One transaction of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sale {
    /// The customer's number.
    pub customer: u64,
    /// Second of the day.
    pub second: u32,
    /// How many of `items` count.
    pub count: usize,
    /// The basket.
    pub items: [Item; MOST_ITEMS],
}

impl Sale {
    /// The basket's lines.
    #[must_use]
    pub fn basket(&self) -> &[Item] {
        &self.items[..self.count]
    }

    /// By the starter's rules: the same draws as [`super::encode::Pieces::row`] takes, in the same order.
    #[must_use]
    pub fn starter(customer: u64, draws: &Draws, baskets: Key, ordinal: u64) -> Self {
        let mut what = baskets.word(2 * ordinal);
        let category = draws.categories[what.below(draws.len) as usize] as usize;
        let count = 1 + what.below(STARTER_ITEMS) as usize;
        let second = 60 * (FIRST_MINUTE + what.below(MINUTES));
        let (first, products) = product_range(category);
        let mut which = baskets.word(2 * ordinal + 1);
        let mut items = [Item::default(); MOST_ITEMS];
        for item in items.iter_mut().take(STARTER_ITEMS as usize) {
            let product = first + which.below(products);
            *item = Item { product, price: 1 + which.below(TOP_PRICE) };
        }
        Self { customer, second, count, items }
    }
}

/// Writes the text forms. Keeps its memory.
#[derive(Debug, Default)]
pub struct Writer {
    line: Vec<u8>,
}

impl Writer {
    /// Appends a line of JSON; `drifted` adds a key.
    pub fn json(&mut self, rows: &mut Rows, sale: &Sale, day: &str, drifted: bool) {
        let (line, mut digits) = (&mut self.line, itoa::Buffer::new());
        line.clear();
        line.extend_from_slice(br#"{"customer_id":"C"#);
        line.extend_from_slice(digits.format(sale.customer).as_bytes());
        line.extend_from_slice(br#"","basket":["#);
        for item in sale.basket() {
            line.extend_from_slice(br#"{"product_id":"P"#);
            line.extend_from_slice(&two(item.product + 1));
            line.extend_from_slice(br#"","price":"#);
            line.extend_from_slice(digits.format(item.price).as_bytes());
            line.extend_from_slice(b"},");
        }
        line.pop(); // the last comma; a basket is never empty
        line.extend_from_slice(br#"],"date_of_purchase":""#);
        time(line, day, sale.second);
        line.extend_from_slice(if drifted { br#"","channel":"app"}"# } else { br#""}"# });
        line.push(b'\n');
        rows.append(line, 1);
        rows.lines += sale.count as u64;
    }

    /// Appends a line of CSV for each item.
    pub fn csv(&mut self, rows: &mut Rows, sale: &Sale, day: &str) {
        for (number, item) in (1_u32..).zip(sale.basket()) {
            let (line, mut digits) = (&mut self.line, itoa::Buffer::new());
            line.clear();
            line.push(b'C');
            line.extend_from_slice(digits.format(sale.customer).as_bytes());
            line.push(b',');
            time(line, day, sale.second);
            line.push(b',');
            line.extend_from_slice(digits.format(number).as_bytes());
            line.extend_from_slice(b",P");
            line.extend_from_slice(&two(item.product + 1));
            line.push(b',');
            line.extend_from_slice(digits.format(item.price).as_bytes());
            line.push(b'\n');
            rows.append(line, 0);
        }
        rows.count += 1;
        rows.lines += sale.count as u64;
    }
}

/// The header of the CSV form.
pub const CSV_HEADER: &[u8] = b"customer_id,date_of_purchase,line,product_id,price\n";

fn two(n: u32) -> [u8; 2] {
    [b'0' + u8::try_from(n / 10 % 10).unwrap_or(0), b'0' + u8::try_from(n % 10).unwrap_or(0)]
}

fn time(line: &mut Vec<u8>, day: &str, second: u32) {
    line.extend_from_slice(day.as_bytes());
    for (before, n) in [(b' ', second / 3600), (b':', second / 60 % 60), (b':', second % 60)] {
        line.push(before);
        line.extend_from_slice(&two(n));
    }
}

#[cfg(test)]
mod tests {
    use super::super::customer::Customer;
    use super::super::encode::{Day, Head, Pieces};
    use super::*;

    #[test]
    fn both_ways_to_write_a_starter_row_agree() {
        let (pieces, mut fast, mut slow) = (Pieces::default(), Rows::default(), Rows::default());
        let mut writer = Writer::default();
        let day = Day::new("2018-12-07", 9);
        for number in [1, 9, 137, 65_536, 999_999_999_999] {
            for seed in 0..300 {
                let customer = Customer::new(Key::root(seed), number);
                let draws = customer.categories();
                pieces.row(&mut fast, &Head::new(number), &day, &draws, customer.baskets());
                let sale = Sale::starter(number, &draws, customer.baskets(), 9);
                writer.json(&mut slow, &sale, "2018-12-07", false);
            }
        }
        assert!(fast.bytes() == slow.bytes());
        assert_eq!((fast.count, fast.lines), (slow.count, slow.lines));
    }

    #[test]
    fn csv_has_a_line_for_each_item() {
        let (mut writer, mut rows) = (Writer::default(), Rows::default());
        let mut items = [Item::default(); MOST_ITEMS];
        items[0] = Item { product: 0, price: 5 };
        items[1] = Item { product: 63, price: 2000 };
        let sale = Sale { customer: 7, second: 3600 * 23 + 60 * 59, count: 2, items };
        writer.csv(&mut rows, &sale, "2018-12-01");
        let text = std::str::from_utf8(rows.bytes()).unwrap();
        assert_eq!(text, "C7,2018-12-01 23:59:00,1,P01,5\nC7,2018-12-01 23:59:00,2,P64,2000\n");
        assert_eq!((rows.count, rows.lines), (1, 2));
    }
}
