//! The files of a run: where each lies and what becomes of it.

use super::calendar::Calendar;
use super::layout::{Part, Unit};
use super::options::{Compression, Format, Shard};
use std::ops::Range;

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Below the folder, with `/`: `transactions/d=2018-12-01/transactions.json`.
    pub path: String,
    /// The index of its day; 0 for the files that have none.
    pub day: u32,
    /// What happens to it.
    pub fate: Fate,
}

/// What happens to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fate {
    /// Nothing.
    #[default]
    Whole,
    /// It holds the same bytes as the file before it.
    Copy,
    /// It lies in a later day's folder, so many days later.
    Late(u32),
    /// It holds nothing.
    Empty,
    /// It ends in the middle of this customer's row.
    CutAt(u64),
    /// Its rows have a key more.
    Drifted,
}

/// All files, in the order in which they are made.
#[derive(Debug)]
pub struct Files {
    customers: Vec<Slot>,
    products: Vec<Slot>,
    corrections: Vec<Slot>,
    transactions: Vec<Slot>,
    /// Where each day's files begin in `transactions`, and their number at the end.
    starts: Vec<u32>,
}

/// How the files are called.
#[derive(Debug, Clone, Copy, Default)]
pub struct Naming {
    /// Which part of the whole.
    pub shard: Shard,
    /// The transactions' form.
    pub format: Format,
    /// The transactions' compression.
    pub compression: Compression,
}

impl Naming {
    /// A file of a day's transactions; `mark` tells apart the files of one folder.
    #[must_use]
    pub fn transactions(self, day: &str, mark: &str) -> String {
        let squeezed = if self.format == Format::Parquet { "" } else { self.compression.extension() };
        let (suffix, extension) = (self.shard.suffix(), self.format.extension());
        format!("transactions/d={day}/transactions{suffix}{mark}.{extension}{squeezed}")
    }

    fn customers(self) -> String {
        if self.shard.is_whole() {
            return "customers.csv".into();
        }
        format!("customers/customers{}.csv", self.shard.suffix())
    }

    fn corrections(self, day: &str) -> String {
        format!("customers/d={day}/customers{}.csv", self.shard.suffix())
    }
}

impl Files {
    /// For the days of `calendar`; `fate` decides over each day's file.
    #[must_use]
    pub fn new(naming: Naming, calendar: &Calendar, fate: impl Fn(u32) -> Fate) -> Self {
        let slot = |path, day, fate| Slot { path, day, fate };
        let (mut transactions, mut starts) = (Vec::new(), Vec::with_capacity(calendar.days as usize + 1));
        for day in 0..calendar.days {
            starts.push(small(transactions.len()));
            let name = calendar.day(day);
            match fate(day) {
                Fate::Copy => {
                    transactions.push(slot(naming.transactions(&name, ""), day, Fate::Whole));
                    transactions.push(slot(naming.transactions(&name, "-again"), day, Fate::Copy));
                }
                Fate::Late(days) => {
                    let folder = calendar.day_after(day, days);
                    let path = naming.transactions(&folder, &format!("-late-{name}"));
                    transactions.push(slot(path, day, Fate::Late(days)));
                }
                fate => transactions.push(slot(naming.transactions(&name, ""), day, fate)),
            }
        }
        starts.push(small(transactions.len()));
        Self {
            customers: vec![slot(naming.customers(), 0, Fate::Whole)],
            products: vec![slot("products.csv".into(), 0, Fate::Whole)],
            corrections: (0..calendar.days)
                .map(|day| slot(naming.corrections(&calendar.day(day)), day, Fate::Whole))
                .collect(),
            transactions,
            starts,
        }
    }

    /// The files of a unit.
    #[must_use]
    pub fn of(&self, unit: &Unit) -> &[Slot] {
        let days = unit.files.start as usize..unit.files.end as usize;
        match unit.part {
            Part::Customers => &self.customers,
            Part::Products => &self.products,
            Part::Corrections => &self.corrections[days],
            Part::Transactions => &self.transactions[self.range(days)],
        }
    }

    fn range(&self, days: Range<usize>) -> Range<usize> {
        self.starts[days.start] as usize..self.starts[days.end] as usize
    }
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
