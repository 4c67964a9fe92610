//! Fills a unit with its rows.

use super::calendar::Calendar;
use super::catalogue::{product_id, products};
use super::customer::Customer;
use super::draw::Key;
use super::encode::{Day, Head, Pieces, Rows};
use super::extended;
use super::layout::Unit;
use crate::domain::{Dataset, GenerateSpec, Shape};

/// Everything that decides the bytes.
pub struct Recipe {
    root: Key,
    shape: Shape,
    /// The days.
    pub calendar: Calendar,
    pieces: Pieces,
}

/// A thread's own memory, used again for every unit.
#[derive(Debug, Default)]
pub struct Scratch {
    /// One entry for each of the unit's files.
    pub rows: Vec<Rows>,
    days: Vec<Day>,
    set: Vec<u64>,
    line: Vec<u8>,
}

impl Recipe {
    /// For a spec whose calendar was checked.
    #[must_use]
    pub fn new(spec: &GenerateSpec, calendar: Calendar) -> Self {
        Self { root: Key::root(spec.seed), shape: spec.shape, calendar, pieces: Pieces::default() }
    }

    /// Makes the unit's rows into `scratch.rows`.
    pub fn fill(&self, unit: &Unit, scratch: &mut Scratch) {
        scratch.rows.resize_with(unit.files.len(), Rows::default);
        scratch.rows.iter_mut().for_each(Rows::clear);
        match unit.dataset {
            Dataset::Customers => self.customers(unit, scratch),
            Dataset::Products => self.products(&mut scratch.rows[0]),
            Dataset::Transactions => self.transactions(unit, scratch),
        }
    }

    /// How many transactions `customers` customers make in all: counted for up to four million (some milliseconds),
    /// beyond that the mean, which is then within a thousandth.
    #[must_use]
    pub fn transactions_of(&self, customers: u64) -> u64 {
        let counted = customers.min(4_000_000);
        let between = self.calendar.between();
        let sum: u64 = (1..=counted).map(|c| u64::from(Customer::new(self.root, c).shopping_days(between))).sum();
        if counted == customers {
            return sum;
        }
        u64::try_from(u128::from(sum) * u128::from(customers) / u128::from(counted)).unwrap_or(u64::MAX)
    }

    fn customers(&self, unit: &Unit, scratch: &mut Scratch) {
        let rows = &mut scratch.rows[0];
        if self.shape == Shape::Extended {
            return extended::customers_table(rows, self.root, &self.calendar, unit);
        }
        if unit.opens {
            rows.append(b"customer_id,loyalty_score\n", 0);
        }
        let (mut id, mut score) = (itoa::Buffer::new(), itoa::Buffer::new());
        for number in unit.customers.clone() {
            let loyalty = Customer::new(self.root, number).loyalty;
            scratch.line.clear();
            scratch.line.push(b'C');
            scratch.line.extend_from_slice(id.format(number).as_bytes());
            scratch.line.push(b',');
            scratch.line.extend_from_slice(score.format(loyalty).as_bytes());
            scratch.line.push(b'\n');
            rows.append(&scratch.line, 1);
        }
    }

    fn products(&self, rows: &mut Rows) {
        if self.shape == Shape::Extended {
            return extended::products_table(rows, self.root);
        }
        rows.append(b"product_id,product_description,product_category\n", 0);
        for (index, (description, category)) in products().enumerate() {
            rows.append(format!("{},{description},{category}\n", product_id(index)).as_bytes(), 1);
        }
    }

    fn transactions(&self, unit: &Unit, scratch: &mut Scratch) {
        let calendar = &self.calendar;
        scratch.days.clear();
        scratch.days.extend(unit.files.clone().map(|i| Day::new(&calendar.day(i), calendar.ordinal(i))));
        scratch.set.resize(calendar.days.div_ceil(64) as usize, 0);
        let (first, between) = (calendar.ordinal(0), calendar.between());
        let mut head = Head::new(unit.customers.start);
        for number in unit.customers.clone() {
            let customer = Customer::new(self.root, number);
            let count = customer.shopping_days(between);
            if count > 0 {
                customer.fill_days(first, calendar.days, count, &mut scratch.set);
                let (draws, baskets) = (customer.categories(), customer.baskets());
                each_day(&scratch.set, unit.files.start, unit.files.end, |i| {
                    self.pieces.row(&mut scratch.rows[i], &head, &scratch.days[i], &draws, baskets);
                });
            }
            head.advance();
        }
    }
}

/// Calls `with` for every set day from `start` to before `end`, counted from `start`.
#[inline]
fn each_day(set: &[u64], start: u32, end: u32, mut with: impl FnMut(usize)) {
    for (word, base) in set[(start / 64) as usize..].iter().zip((start / 64 * 64..end).step_by(64)) {
        let mut bits = *word;
        if base < start {
            bits &= u64::MAX << (start - base);
        }
        if end - base < 64 {
            bits &= (1 << (end - base)) - 1;
        }
        while bits != 0 {
            with((base + bits.trailing_zeros() - start) as usize);
            bits &= bits - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_day_is_visited_once_across_word_borders() {
        let set = [1 | 1 << 63, u64::MAX, 0b101];
        let all: Vec<u32> = (0..192).filter(|d| set[(d / 64) as usize] >> (d % 64) & 1 == 1).collect();
        for width in [1_u32, 5, 31, 63, 64, 65, 131] {
            let mut seen = Vec::new();
            let mut start = 0;
            while start < 131 {
                let end = (start + width).min(131);
                each_day(&set, start, end, |i| seen.push(start + u32::try_from(i).unwrap()));
                start = end;
            }
            assert_eq!(seen, all, "{width} days at a time");
        }
    }
}
