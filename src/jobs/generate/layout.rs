//! How the work is cut into units. Nothing here changes a row of the data: rows stand in the order of the customers'
//! numbers in every file, whatever the cut.

use super::calendar::Calendar;
use crate::domain::Dataset;
use std::ops::Range;

/// About how many bytes of transactions one unit makes: large enough that a file is written in sizeable pieces, small
/// enough that it stays in the processor's cache on its way, and that cancelling is prompt.
const UNIT_BYTES: u64 = 2 << 20;
/// Mean bytes of transactions per customer and day: about 155 a row, on 18.5 % of the days.
const BYTES_PER_CUSTOMER_DAY: u64 = 29;
/// Rows of `customers.csv` per unit.
const CUSTOMER_ROWS: u64 = 8 * 1024;
/// Most files that are written side by side.
const OPEN_FILES: u32 = 64;

/// How the output and the format want the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intake {
    /// Many files side by side: a customer's days are drawn once for all of them.
    SideBySide,
    /// A few side by side, because each costs memory.
    Few,
    /// One after the other.
    InOrder,
    /// So many days side by side and so many customers at a time, wherever it goes: compressed files hold a piece for
    /// each unit, so their bytes depend on the cut.
    Fixed {
        /// Days.
        days: u32,
        /// Customers.
        customers: u64,
    },
}

/// What a unit is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// `customers.csv`.
    Customers,
    /// Later days' changes of customers.
    Corrections,
    /// `products.csv`.
    Products,
    /// The days' transactions.
    Transactions,
}

impl Part {
    /// The data set that it belongs to.
    #[must_use]
    pub const fn dataset(self) -> Dataset {
        match self {
            Self::Customers | Self::Corrections => Dataset::Customers,
            Self::Products => Dataset::Products,
            Self::Transactions => Dataset::Transactions,
        }
    }
}

/// One piece of work: rows of some customers for one file or for several days' files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Of what.
    pub part: Part,
    /// Days' indices; `0..1` for the files that have no day.
    pub files: Range<u32>,
    /// Customers' numbers; empty for products.
    pub customers: Range<u64>,
    /// How many units make up these files.
    pub of: u64,
    /// Whether this is the files' first unit.
    pub opens: bool,
    /// Whether this is the files' last unit.
    pub closes: bool,
}

/// The cut.
#[derive(Debug, Clone)]
pub struct Layout {
    customers: Range<u64>,
    days: u32,
    group: u32,
    chunk: u64,
    parts: Vec<Part>,
}

impl Layout {
    /// For some customers' numbers over `calendar`, of these parts, in this order.
    #[must_use]
    pub fn new(customers: Range<u64>, calendar: &Calendar, intake: Intake, parts: Vec<Part>) -> Self {
        let most = match intake {
            Intake::SideBySide => OPEN_FILES,
            Intake::Few => 4,
            Intake::InOrder => {
                // Several whole days may share a unit when all customers fit in it: then they follow each other.
                let day = (customers.end - customers.start).saturating_mul(BYTES_PER_CUSTOMER_DAY).max(1);
                u32::try_from(UNIT_BYTES / day).unwrap_or(u32::MAX).clamp(1, OPEN_FILES)
            }
            Intake::Fixed { days, .. } => days,
        };
        let groups = calendar.days.div_ceil(most);
        let group = if let Intake::Fixed { days, .. } = intake { days } else { calendar.days.div_ceil(groups) };
        let chunk = match intake {
            Intake::Fixed { customers, .. } => customers,
            _ => (UNIT_BYTES / BYTES_PER_CUSTOMER_DAY).div_ceil(group.into()),
        };
        Self { customers, days: calendar.days, group, chunk, parts }
    }

    /// Whether a part is made.
    #[must_use]
    pub fn makes(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }

    /// Unit `index`, in the order in which their bytes are written; `None` after the last.
    #[must_use]
    pub fn unit(&self, index: u64) -> Option<Unit> {
        let mut index = index;
        for part in self.parts.iter().copied() {
            let (groups, of, rows) = self.shape(part);
            if index < groups * of {
                let (group, piece) = (u32::try_from(index / of).ok()?, index % of);
                let first = self.customers.start + piece * rows;
                let files = match part {
                    Part::Transactions | Part::Corrections => {
                        group * self.group..((group + 1) * self.group).min(self.days)
                    }
                    Part::Customers | Part::Products => 0..1,
                };
                let customers = match part {
                    Part::Products => 0..0,
                    _ => first..(first + rows).min(self.customers.end),
                };
                return Some(Unit { part, files, customers, of, opens: piece == 0, closes: piece + 1 == of });
            }
            index -= groups * of;
        }
        None
    }

    /// Groups of files, units per group, and customers per unit.
    fn shape(&self, part: Part) -> (u64, u64, u64) {
        let customers = self.customers.end - self.customers.start;
        // A shard without customers has its (empty) files too.
        let units = |rows: u64| customers.div_ceil(rows).max(1);
        match part {
            Part::Customers => (1, units(CUSTOMER_ROWS), CUSTOMER_ROWS),
            Part::Products => (1, 1, 0),
            Part::Transactions | Part::Corrections => {
                (self.days.div_ceil(self.group).into(), units(self.chunk), self.chunk)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::GenerateSpec;
    use std::collections::BTreeMap;

    #[test]
    fn units_cover_every_customer_and_day_once_and_in_order() {
        for (customers, from, intake) in [
            (1..138, "2018-12-01", Intake::SideBySide),
            (1..50_001, "2018-12-01", Intake::SideBySide),
            (1..50_001, "2018-01-01", Intake::Few),
            (1..1_000_001, "2018-12-01", Intake::InOrder),
            (1..16 * 1024, "2018-12-31", Intake::InOrder),
            (500_000..1_000_000, "2018-12-01", Intake::Fixed { days: 8, customers: 1 << 14 }),
            (7..7, "2018-12-01", Intake::SideBySide),
        ] {
            let spec = GenerateSpec { from: from.into(), ..GenerateSpec::default() };
            let calendar = Calendar::new(&spec).unwrap();
            let parts = vec![Part::Customers, Part::Corrections, Part::Products, Part::Transactions];
            let layout = Layout::new(customers.clone(), &calendar, intake, parts);
            let mut next: BTreeMap<(Part, u32), u64> = BTreeMap::new();
            let mut open = 0_i64;
            for unit in (0..).map_while(|i| layout.unit(i)) {
                open += i64::from(unit.opens);
                assert_eq!(open, 1, "one group of files at a time");
                open -= i64::from(unit.closes);
                for file in unit.files.clone() {
                    let at = next.entry((unit.part, file)).or_insert(customers.start);
                    if unit.part != Part::Products {
                        assert_eq!(unit.customers.start, *at);
                        *at = unit.customers.end;
                    }
                }
                assert!(intake != Intake::InOrder || unit.files.len() == 1 || unit.of == 1);
            }
            assert_eq!(next.len(), 2 + 2 * calendar.days as usize);
            assert!(next.iter().all(|((p, _), end)| *p == Part::Products || *end == customers.end));
        }
    }
}
