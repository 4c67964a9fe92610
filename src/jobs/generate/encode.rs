//! Transactions straight to bytes: a row is a few copies of fixed size out of prepared pieces, so nothing is allocated
//! or formatted per row.

use super::catalogue::{CATEGORIES, PRODUCTS, product_id, product_range};
use super::customer::Draws;
use super::draw::Key;
use super::faults::Note;

/// No row is longer: 49 bytes of head, 3 × 34 of items, 44 of tail, and what the fixed-size copies write too far.
pub const ROW: usize = 256;
/// Prices run from 1 to this.
pub const TOP_PRICE: u32 = 2000;
/// The first minute of the day at which anyone buys, 02:48; the last is 23:59.
pub const FIRST_MINUTE: u32 = 2 * 60 + 48;
/// Minutes in which somebody buys.
pub const MINUTES: u32 = 24 * 60 - FIRST_MINUTE;
/// Most items of a basket.
pub const STARTER_ITEMS: u32 = 3;

const ITEM: usize = br#"{"product_id":"P00","price":"#.len();
const TAIL: usize = br#"],"date_of_purchase":"YYYY-MM-DD "#.len();
const HOUR: usize = b"HH:".len();

/// One file's rows so far.
#[derive(Debug, Default, Clone)]
pub struct Rows {
    bytes: Vec<u8>,
    used: usize,
    /// Rows.
    pub count: u64,
    /// Basket lines.
    pub lines: u64,
    /// Faults that were put in.
    pub notes: Vec<Note>,
}

impl Rows {
    /// What was written.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.used]
    }

    /// Forgets what was written; keeps the memory.
    pub fn clear(&mut self) {
        (self.used, self.count, self.lines) = (0, 0, 0);
        self.notes.clear();
    }

    /// How many bytes were written.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.used
    }

    /// Takes back what was written from byte `start` on; the counts stay.
    pub fn cut(&mut self, start: usize) {
        self.used = self.used.min(start);
    }

    /// Puts other bytes in the place of what was written; the counts stay.
    pub fn replace(&mut self, bytes: Vec<u8>) {
        self.used = bytes.len();
        self.bytes = bytes;
    }

    /// Appends text and counts `rows` rows: for the files that are not hot.
    pub fn append(&mut self, text: &[u8], rows: u64) {
        let end = self.used + text.len();
        if self.bytes.len() < end {
            self.bytes.resize(end.next_power_of_two(), 0);
        }
        self.bytes[self.used..end].copy_from_slice(text);
        self.used = end;
        self.count += rows;
    }

    #[inline]
    fn room(&mut self) -> &mut [u8; ROW] {
        if self.bytes.len() - self.used < ROW {
            self.grow();
        }
        // Just made sure of; the fallback never runs, but is cheaper than a panic path in the hot loop.
        match self.bytes[self.used..].first_chunk_mut() {
            Some(row) => row,
            None => unreachable!("room was made for a row"),
        }
    }

    #[cold]
    fn grow(&mut self) {
        let len = (self.bytes.len() * 3 / 2).max(16 * 1024) + ROW;
        self.bytes.resize(len, 0);
    }
}

/// The pieces that all rows share.
pub struct Pieces {
    items: [[u8; 32]; PRODUCTS],
    /// A price, the end of its item and a comma; the last byte is the text's length.
    prices: [[u8; 8]; TOP_PRICE as usize],
    hours: [[u8; 4]; 24],
    minutes: [[u8; 8]; 60],
    ranges: [(u32, u32); CATEGORIES.len()],
}

impl Default for Pieces {
    fn default() -> Self {
        Self {
            items: std::array::from_fn(|i| padded(&format!(r#"{{"product_id":"{}","price":"#, product_id(i)))),
            prices: std::array::from_fn(|i| {
                let text = format!("{}}},", i + 1);
                let mut piece = padded::<8>(&text);
                piece[7] = u8::try_from(text.len()).unwrap_or(0);
                piece
            }),
            hours: std::array::from_fn(|h| padded(&format!("{h:02}:"))),
            minutes: std::array::from_fn(|m| padded(&format!("{m:02}:00\"}}\n"))),
            ranges: std::array::from_fn(product_range),
        }
    }
}

fn padded<const N: usize>(text: &str) -> [u8; N] {
    let mut piece = [0; N];
    piece[..text.len()].copy_from_slice(text.as_bytes());
    piece
}

/// What all rows of one customer begin with.
#[derive(Debug, Clone)]
pub struct Head {
    bytes: [u8; 64],
    len: usize,
    number: u64,
}

const BEFORE: &[u8; 17] = br#"{"customer_id":"C"#;
const AFTER: &[u8; 12] = br#"","basket":["#;

impl Head {
    /// Of customer `number`.
    #[must_use]
    pub fn new(number: u64) -> Self {
        let mut digits = itoa::Buffer::new();
        let digits = digits.format(number).as_bytes();
        let mut bytes = [0; 64];
        let end = BEFORE.len() + digits.len();
        bytes[..BEFORE.len()].copy_from_slice(BEFORE);
        bytes[BEFORE.len()..end].copy_from_slice(digits);
        bytes[end..end + AFTER.len()].copy_from_slice(AFTER);
        Self { bytes, len: end + AFTER.len(), number }
    }

    /// The next customer's: counts in the text itself, as formatting every number costs more than the random draws.
    #[inline]
    pub fn advance(&mut self) {
        self.number += 1;
        let digits = &mut self.bytes[BEFORE.len()..self.len - AFTER.len()];
        for digit in digits.iter_mut().rev() {
            if *digit < b'9' {
                *digit += 1;
                return;
            }
            *digit = b'0';
        }
        *self = Self::new(self.number); // one digit more
    }
}

/// What is the same for all rows of one day.
#[derive(Debug, Clone)]
pub struct Day {
    tail: [u8; 40],
    ordinal: u64,
}

impl Day {
    /// Of the day written `YYYY-MM-DD`; `ordinal` tells its random streams apart.
    #[must_use]
    pub fn new(day: &str, ordinal: u64) -> Self {
        Self { tail: padded(&format!(r#"],"date_of_purchase":"{day} "#)), ordinal }
    }
}

impl Pieces {
    /// Appends one customer's purchase on one day.
    #[inline]
    pub fn row(&self, rows: &mut Rows, head: &Head, day: &Day, draws: &Draws, baskets: Key) {
        let mut what = baskets.word(2 * day.ordinal);
        let category = draws.categories[what.below(draws.len) as usize] as usize;
        let items = 1 + what.below(STARTER_ITEMS);
        let minute = FIRST_MINUTE + what.below(MINUTES);
        let (first, count) = self.ranges[category];

        let out = rows.room();
        put(out, 0, &head.bytes);
        let mut at = head.len;
        let mut which = baskets.word(2 * day.ordinal + 1);
        for item in 0..STARTER_ITEMS {
            let product = first + which.below(count);
            let price = &self.prices[which.below(TOP_PRICE) as usize];
            put(out, at, &self.items[product as usize % PRODUCTS]);
            put(out, at + ITEM, price);
            // All three are written and those that are too many are written over: cheaper than a branch that is
            // guessed wrong half of the time.
            at += if item < items { ITEM + price[7] as usize } else { 0 };
        }
        at -= 1; // the last comma
        put(out, at, &day.tail);
        put(out, at + TAIL, &self.hours[(minute / 60) as usize % 24]);
        put(out, at + TAIL + HOUR, &self.minutes[(minute % 60) as usize]);
        rows.used += at + TAIL + HOUR + 8;
        rows.count += 1;
        rows.lines += u64::from(items);
    }
}

#[inline]
fn put<const N: usize>(row: &mut [u8; ROW], at: usize, piece: &[u8; N]) {
    // As arrays, so that it is a move or two and never a call.
    match row[at..].first_chunk_mut::<N>() {
        Some(place) => *place = *piece,
        None => unreachable!("a row fits in {ROW} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::customer::Customer;
    use super::*;

    #[test]
    fn the_longest_and_the_shortest_row_fit() {
        let (pieces, mut rows) = (Pieces::default(), Rows::default());
        let day = Day::new("2018-12-01", 1);
        let mut lengths = std::collections::BTreeSet::new();
        for number in [1, 999_999_999_999] {
            let customer = Customer::new(Key::root(3), number);
            for i in 0..20_000 {
                rows.clear();
                let baskets = Key::root(i);
                pieces.row(&mut rows, &Head::new(number), &day, &customer.categories(), baskets);
                lengths.insert(rows.bytes().len());
                let row: serde_json::Value = serde_json::from_slice(rows.bytes()).unwrap();
                assert_eq!(row["customer_id"], format!("C{number}"));
                assert_eq!(row["basket"].as_array().unwrap().len() as u64, rows.lines);
            }
        }
        assert!(lengths.last() > Some(&180) && lengths.last() < Some(&ROW), "{lengths:?}");
    }

    #[test]
    fn heads_count_on() {
        for start in [1, 8, 98, 999_998, 1_234_567] {
            let mut head = Head::new(start);
            for number in start..start + 25 {
                let expected = format!("{{\"customer_id\":\"C{number}\",\"basket\":[");
                assert_eq!(&head.bytes[..head.len], expected.as_bytes());
                head.advance();
            }
        }
    }

    #[test]
    fn a_row_reads_as_promised() {
        let (pieces, mut rows) = (Pieces::default(), Rows::default());
        let draws = Draws { categories: [5; 6], len: 1 };
        pieces.row(&mut rows, &Head::new(7), &Day::new("2018-12-01", 1), &draws, Key::root(8));
        let text = std::str::from_utf8(rows.bytes()).unwrap();
        let shape = regex::Regex::new(
            r#"^\{"customer_id":"C7","basket":\[(\{"product_id":"P6[1-4]","price":\d{1,4}\},?){1,3}\],"date_of_purchase":"2018-12-01 \d\d:\d\d:00"\}\n$"#,
        )
        .unwrap();
        assert!(shape.is_match(text), "{text}");
    }
}
