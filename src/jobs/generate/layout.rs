//! How the work is cut into units. Nothing here changes a byte of the data: rows stand in the order of the customers'
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

/// How an output takes the days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intake {
    /// Many files side by side: a customer's days are drawn once for all of them.
    SideBySide,
    /// A few side by side, because each costs memory.
    Few,
    /// One after the other.
    InOrder,
}

/// One piece of work: rows of some customers for one file or for several days' files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Which data set.
    pub dataset: Dataset,
    /// Days' indices for transactions; `0..1` for the files that have no day.
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
    customers: u64,
    days: u32,
    group: u32,
    chunk: u64,
    wanted: Option<Dataset>,
}

impl Layout {
    /// For `customers` over `calendar`; of all data sets or the one that is wanted.
    #[must_use]
    pub fn new(customers: u64, calendar: &Calendar, intake: Intake, wanted: Option<Dataset>) -> Self {
        let most = match intake {
            Intake::SideBySide => OPEN_FILES,
            Intake::Few => 8,
            Intake::InOrder => {
                // Several whole days may share a unit when all customers fit in it: then they follow each other.
                let day = customers.saturating_mul(BYTES_PER_CUSTOMER_DAY).max(1);
                u32::try_from(UNIT_BYTES / day).unwrap_or(u32::MAX).clamp(1, OPEN_FILES)
            }
        };
        let groups = calendar.days.div_ceil(most);
        let group = calendar.days.div_ceil(groups);
        let chunk = (UNIT_BYTES / BYTES_PER_CUSTOMER_DAY).div_ceil(group.into());
        Self { customers, days: calendar.days, group, chunk, wanted }
    }

    /// Unit `index`, in the order in which their bytes are written; `None` after the last.
    #[must_use]
    pub fn unit(&self, index: u64) -> Option<Unit> {
        let mut index = index;
        for dataset in Dataset::ALL.into_iter().filter(|d| self.wanted.is_none_or(|w| w == *d)) {
            let (groups, of, rows) = self.shape(dataset);
            if index < groups * of {
                let (group, part) = (u32::try_from(index / of).ok()?, index % of);
                let first = 1 + part * rows;
                let files = match dataset {
                    Dataset::Transactions => group * self.group..((group + 1) * self.group).min(self.days),
                    _ => 0..1,
                };
                let customers = match dataset {
                    Dataset::Products => 0..0,
                    _ => first..(first + rows).min(self.customers + 1),
                };
                return Some(Unit { dataset, files, customers, of, opens: part == 0, closes: part + 1 == of });
            }
            index -= groups * of;
        }
        None
    }

    /// Groups of files, units per group, and customers per unit.
    fn shape(&self, dataset: Dataset) -> (u64, u64, u64) {
        match dataset {
            Dataset::Customers => (1, self.customers.div_ceil(CUSTOMER_ROWS), CUSTOMER_ROWS),
            Dataset::Products => (1, 1, 0),
            Dataset::Transactions => {
                (self.days.div_ceil(self.group).into(), self.customers.div_ceil(self.chunk), self.chunk)
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
            (137, "2018-12-01", Intake::SideBySide),
            (50_000, "2018-12-01", Intake::SideBySide),
            (50_000, "2018-01-01", Intake::Few),
            (1_000_000, "2018-12-01", Intake::InOrder),
            (16 * 1024, "2018-12-31", Intake::InOrder),
        ] {
            let spec = GenerateSpec { customers, from: from.into(), ..GenerateSpec::default() };
            let calendar = Calendar::new(&spec).unwrap();
            let layout = Layout::new(customers, &calendar, intake, None);
            let mut next: BTreeMap<(Dataset, u32), u64> = BTreeMap::new();
            let mut open = 0_i64;
            for unit in (0..).map_while(|i| layout.unit(i)) {
                open += i64::from(unit.opens);
                assert_eq!(open, 1, "one group of files at a time");
                open -= i64::from(unit.closes);
                for file in unit.files.clone() {
                    let at = next.entry((unit.dataset, file)).or_insert(1);
                    if unit.dataset != Dataset::Products {
                        assert_eq!(unit.customers.start, *at);
                        *at = unit.customers.end;
                    }
                }
                assert!(intake != Intake::InOrder || unit.files.len() == 1 || unit.of == 1);
            }
            assert_eq!(next.len(), 2 + calendar.days as usize);
            assert!(next.iter().all(|((d, _), end)| *d == Dataset::Products || *end == customers + 1));
        }
    }
}
