//! Fills a unit with its rows.

use super::Options;
use super::calendar::Calendar;
use super::catalogue::{product_id, products};
use super::customer::{Customer, Draws};
use super::draw::Key;
use super::encode::{Day, Head, Pieces, Rows};
use super::extended;
use super::faults::{self, Kind, Note, ROW_FAULTS};
use super::files::{Fate, Slot};
use super::layout::{Part, Unit};
use super::model::Ready;
use super::options::Format;
use super::parquet::Columns;
use super::sale::{CSV_HEADER, Writer};
use crate::domain::{GenerateSpec, Shape};
use std::ops::Range;

/// Everything that decides the bytes.
pub struct Recipe {
    root: Key,
    shape: Shape,
    /// The days.
    pub calendar: Calendar,
    /// How many customers there are in the whole data set.
    customers: u64,
    format: Format,
    ready: Ready,
    faults: faults::Draws,
    pieces: Pieces,
}

/// A thread's own memory, used again for every unit.
#[derive(Debug, Default)]
pub struct Scratch {
    /// One entry for each of the unit's files.
    pub rows: Vec<Rows>,
    /// The same as columns, where Parquet is made.
    pub columns: Vec<Columns>,
    days: Vec<Day>,
    plain: Vec<PlainDay>,
    set: Vec<u64>,
    line: Vec<u8>,
    writer: Writer,
}

/// What the general way needs to know of a day.
#[derive(Debug)]
struct PlainDay {
    text: String,
    ordinal: u64,
    midnight: i64,
    /// Index of the day's first file among the unit's.
    slot: usize,
}

impl Recipe {
    /// For a spec whose calendar was checked.
    #[must_use]
    pub fn new(spec: &GenerateSpec, calendar: Calendar, options: &Options) -> Self {
        let root = Key::root(spec.seed);
        Self {
            root,
            shape: spec.shape,
            calendar,
            customers: spec.customers,
            format: options.format,
            ready: Ready::new(&options.model, root, &calendar, options.daily),
            faults: options.model.faults.draws(),
            pieces: Pieces::default(),
        }
    }

    /// What happens to the days' files, of a part with these customers.
    #[must_use]
    pub fn fate(&self, day: u32, customers: &Range<u64>) -> Fate {
        let count = customers.end - customers.start;
        self.faults.file(self.root, self.calendar.ordinal(day), customers.start, count)
    }

    /// Whether customers change after the first day.
    #[must_use]
    pub const fn has_corrections(&self) -> bool {
        self.ready.has_corrections()
    }

    /// Makes the unit's rows into `scratch.rows` (or `scratch.columns`).
    pub fn fill(&self, unit: &Unit, slots: &[Slot], scratch: &mut Scratch) {
        scratch.rows.resize_with(slots.len(), Rows::default);
        scratch.rows.iter_mut().for_each(Rows::clear);
        match unit.part {
            Part::Customers => self.customers(unit, scratch),
            Part::Corrections => self.corrections(unit, scratch),
            Part::Products => self.products(&mut scratch.rows[0]),
            Part::Transactions if self.is_plain(slots) => self.transactions(unit, scratch),
            Part::Transactions => self.any_transactions(unit, slots, scratch),
        }
    }

    /// Whether the starter's rows are asked for, with nothing done to them.
    fn is_plain(&self, slots: &[Slot]) -> bool {
        self.format == Format::Ndjson
            && self.ready.is_starter()
            && !self.faults.any_row()
            && slots.iter().all(|s| matches!(s.fate, Fate::Whole | Fate::Late(_)))
    }

    /// How many transactions these customers make in all, where that can be told before: counted for up to four million
    /// (some milliseconds), beyond that the mean, which is then within a thousandth.
    #[must_use]
    pub fn transactions_of(&self, customers: &Range<u64>) -> Option<u64> {
        if self.ready.is_daily() {
            return None;
        }
        let all = customers.end - customers.start;
        let counted = all.min(4_000_000);
        let between = self.calendar.between();
        let some = customers.start..customers.start + counted;
        let sum: u64 = some.map(|c| u64::from(Customer::new(self.root, c).shopping_days(between))).sum();
        if counted == all {
            return Some(sum);
        }
        u64::try_from(u128::from(sum) * u128::from(all) / u128::from(counted)).ok()
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

impl Recipe {
    /// A line for each customer whose loyalty changes on a day.
    fn corrections(&self, unit: &Unit, scratch: &mut Scratch) {
        if unit.opens {
            scratch.rows.iter_mut().for_each(|rows| rows.append(b"customer_id,loyalty_score\n", 0));
        }
        for number in unit.customers.clone() {
            let customer = Customer::new(self.root, number);
            for (day, rows) in unit.files.clone().zip(&mut scratch.rows) {
                if let Some(score) = self.ready.correction(&customer, self.calendar.ordinal(day)) {
                    rows.append(format!("C{number},{score}\n").as_bytes(), 1);
                }
            }
        }
    }

    /// Transactions of any form and model, with faults.
    fn any_transactions(&self, unit: &Unit, slots: &[Slot], scratch: &mut Scratch) {
        let calendar = &self.calendar;
        self.prepare_days(unit, slots, scratch);
        if self.format == Format::Parquet {
            scratch.columns.resize_with(slots.len(), Columns::default);
            scratch.columns.iter_mut().for_each(Columns::clear);
        }
        if self.format == Format::Csv && unit.opens {
            scratch.rows.iter_mut().for_each(|rows| rows.append(CSV_HEADER, 0));
        }
        let cuts: Vec<(u64, u32)> = slots
            .iter()
            .filter_map(|s| if let Fate::CutAt(number) = s.fate { Some((number, s.day)) } else { None })
            .collect();
        scratch.set.resize(calendar.days.div_ceil(64) as usize, 0);
        let mut set = std::mem::take(&mut scratch.set);
        let (first, between) = (calendar.ordinal(0), calendar.between());
        for number in unit.customers.clone() {
            let customer = Customer::new(self.root, number);
            if self.ready.is_daily() {
                self.ready.fill_days(&customer, first, unit.files.clone(), &mut set);
            } else {
                customer.fill_days(first, calendar.days, customer.shopping_days(between), &mut set);
            }
            for (_, day) in cuts.iter().filter(|(cut, _)| *cut == number) {
                set[(day >> 6) as usize] |= 1 << (day & 63);
            }
            let draws = customer.categories();
            each_day(&set, unit.files.start, unit.files.end, |i| {
                let slot = scratch.plain[i].slot;
                self.any_row(number, &customer, &draws, i, slots[slot].fate, scratch);
            });
        }
        scratch.set = set;
        for (slot, _) in slots.iter().enumerate().filter(|(_, s)| s.fate == Fate::Copy) {
            scratch.rows[slot] = scratch.rows[slot - 1].clone();
        }
    }

    fn prepare_days(&self, unit: &Unit, slots: &[Slot], scratch: &mut Scratch) {
        let calendar = &self.calendar;
        scratch.plain.clear();
        scratch.plain.extend(unit.files.clone().map(|day| PlainDay {
            text: calendar.day(day),
            ordinal: calendar.ordinal(day),
            midnight: calendar.date(day).and_time(chrono::NaiveTime::MIN).and_utc().timestamp(),
            slot: slots.iter().position(|s| s.day == day).unwrap_or(0),
        }));
    }

    /// One customer's purchase on one day.
    fn any_row(&self, number: u64, customer: &Customer, draws: &Draws, i: usize, fate: Fate, scratch: &mut Scratch) {
        let day = &scratch.plain[i];
        match fate {
            Fate::Empty => return,
            Fate::CutAt(last) if number > last => return,
            _ => {}
        }
        let sale = self.ready.sale(number, draws, customer.baskets(), day.ordinal);
        let rows = &mut scratch.rows[day.slot];
        match self.format {
            Format::Parquet => {
                scratch.columns[day.slot].push(&sale, day.midnight);
                rows.count += 1;
                rows.lines += sale.count as u64;
                return;
            }
            Format::Csv => return scratch.writer.csv(rows, &sale, &day.text),
            Format::Ndjson => {}
        }
        let start = rows.len();
        scratch.writer.json(rows, &sale, &day.text, fate == Fate::Drifted);
        if fate == Fate::CutAt(number) {
            rows.cut(start + (rows.len() - start) / 2);
            let detail = "the file ends in this line".to_owned();
            rows.notes.push(Note { line: rows.count, kind: Kind::TruncatedFile, detail });
            return;
        }
        if self.faults.any_row() {
            let key = customer.stream(ROW_FAULTS).derive(day.ordinal);
            if let Some(kind) = self.faults.row(key.word(0).whole()) {
                faults::spoil(rows, start, kind, key, self.customers);
            }
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
