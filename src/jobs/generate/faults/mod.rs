//! Faults on purpose: which, how often, and the ledger of what was put where, so that a test can compare.
//!
//! A rate is a share: of the days' files for what happens to a whole file, of the transactions for what happens to a
//! row. A file, and a row, suffers one fault at most. Draws are of streams of their own: without faults, and in the
//! rows that have none, the data are the same.

mod ledger;
mod spoil;

pub use ledger::{Ledger, LedgerFile};
pub use spoil::spoil;

use super::draw::{Key, threshold};
use super::files::Fate;
use crate::jobs::JobError;

/// Most days that a late file is late.
const MOST_LATE: u32 = 5;
/// Streams of the draws.
const FILE_FAULTS: u64 = 0x6661_756c_7401;
/// The same for rows, below the customer's key.
pub const ROW_FAULTS: u64 = 0x6661_756c_7402;

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A day's file is there twice, under two names.
    DuplicateFile,
    /// A day's file lies in a later day's folder.
    LateFile,
    /// A day's file holds nothing.
    EmptyFile,
    /// A day's file ends in the middle of a line.
    TruncatedFile,
    /// All rows of a day's file have a key more.
    SchemaDrift,
    /// A row is there twice.
    DuplicateRow,
    /// A line is no JSON.
    Malformed,
    /// A value has another type.
    WrongType,
    /// A key is missing.
    MissingKey,
    /// The customer is not in `customers.csv`.
    UnknownCustomer,
    /// A product is not in `products.csv`.
    UnknownProduct,
    /// A value is null.
    Null,
    /// A text or the basket is empty.
    Empty,
    /// Bytes that are not UTF-8.
    Encoding,
    /// The date is not the file's.
    ClockSkew,
}

impl Kind {
    /// All, those of whole files first.
    pub const ALL: [Self; 15] = [
        Self::DuplicateFile,
        Self::LateFile,
        Self::EmptyFile,
        Self::TruncatedFile,
        Self::SchemaDrift,
        Self::DuplicateRow,
        Self::Malformed,
        Self::WrongType,
        Self::MissingKey,
        Self::UnknownCustomer,
        Self::UnknownProduct,
        Self::Null,
        Self::Empty,
        Self::Encoding,
        Self::ClockSkew,
    ];
    /// How many of them are of whole files.
    const OF_FILES: usize = 5;

    /// As on the command line, in recipes and in the ledger.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DuplicateFile => "duplicate_file",
            Self::LateFile => "late_file",
            Self::EmptyFile => "empty_file",
            Self::TruncatedFile => "truncated_file",
            Self::SchemaDrift => "schema_drift",
            Self::DuplicateRow => "duplicate_row",
            Self::Malformed => "malformed",
            Self::WrongType => "wrong_type",
            Self::MissingKey => "missing_key",
            Self::UnknownCustomer => "unknown_customer",
            Self::UnknownProduct => "unknown_product",
            Self::Null => "null",
            Self::Empty => "empty",
            Self::Encoding => "encoding",
            Self::ClockSkew => "clock_skew",
        }
    }

    /// By its name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }
}

/// A fault that was put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The line, from 1: in the file, or before the ledger has it, in the piece of it that was made.
    pub line: u64,
    /// What.
    pub kind: Kind,
    /// More about it.
    pub detail: String,
}

/// How often each fault happens.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rates([f64; Kind::ALL.len()]);

impl Rates {
    /// Sets one.
    ///
    /// # Errors
    /// What is wrong with the rate, in words without a place.
    pub fn set(&mut self, kind: Kind, rate: f64) -> Result<(), String> {
        if !(0.0..=1.0).contains(&rate) {
            return Err(format!("the rate of {} is {rate}: a rate is a share from 0 to 1, such as 0.001", kind.name()));
        }
        self.0[kind as usize] = rate;
        let (files, rows) = self.0.split_at(Kind::OF_FILES);
        for (of, rates) in [("files", files), ("rows", rows)] {
            let sum: f64 = rates.iter().sum();
            if sum > 1.0 + 1e-9 {
                return Err(format!(
                    "with {} the rates of faults of {of} come to {sum}: at most 1 in all",
                    kind.name()
                ));
            }
        }
        Ok(())
    }

    /// Adds `kind=rate,kind=rate…`; `all=rate` sets every kind.
    ///
    /// # Errors
    /// [`JobError::Usage`] with the part that does not read.
    pub fn add(&mut self, text: &str) -> Result<(), JobError> {
        for part in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
            let wrong = |why: String| JobError::Usage(format!("--faults {part:?}: {why}"));
            let (name, rate) =
                part.split_once('=').ok_or_else(|| wrong("write kind=rate, such as malformed=0.001".into()))?;
            let rate: f64 = rate.trim().parse().map_err(|_| wrong(format!("{rate:?} is not a number")))?;
            if name.trim() == "all" {
                Kind::ALL.into_iter().try_for_each(|k| self.set(k, rate)).map_err(wrong)?;
                continue;
            }
            let kind =
                Kind::of(name.trim()).ok_or_else(|| wrong(format!("there is no such fault; there are {}", names())))?;
            self.set(kind, rate).map_err(wrong)?;
        }
        Ok(())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.0.iter().all(|r| *r <= 0.0)
    }

    /// Prepared for drawing.
    #[must_use]
    pub fn draws(&self) -> Draws {
        let mut below = [0; Kind::ALL.len()];
        let mut sum = 0.0;
        for (i, rate) in self.0.iter().enumerate() {
            sum = if i == Kind::OF_FILES { *rate } else { sum + rate };
            below[i] = threshold(sum);
        }
        Draws { below }
    }
}

/// The names of all kinds.
#[must_use]
pub fn names() -> String {
    Kind::ALL.map(Kind::name).join(", ")
}

/// Decides what is spoiled.
#[derive(Debug, Clone, Copy)]
pub struct Draws {
    /// Sums of the rates up to each kind, of files and of rows.
    below: [u64; Kind::ALL.len()],
}

impl Draws {
    /// Whether any row can be spoiled.
    #[must_use]
    pub const fn any_row(&self) -> bool {
        self.below[Kind::ALL.len() - 1] > 0
    }

    /// What happens to the file of the day with this number, of a part with `customers` from `first` on.
    #[must_use]
    pub fn file(&self, root: Key, ordinal: u64, first: u64, customers: u64) -> Fate {
        let key = root.derive(FILE_FAULTS).derive(ordinal).derive(first);
        match self.pick(key.word(0).whole(), 0..Kind::OF_FILES) {
            Some(Kind::DuplicateFile) => Fate::Copy,
            Some(Kind::LateFile) => Fate::Late(1 + key.word(1).below(MOST_LATE)),
            Some(Kind::EmptyFile) => Fate::Empty,
            Some(Kind::TruncatedFile) => {
                let part = u128::from(key.word(1).whole()) * u128::from(customers);
                Fate::CutAt(first + u64::try_from(part >> 64).unwrap_or(0))
            }
            Some(Kind::SchemaDrift) => Fate::Drifted,
            _ => Fate::Whole,
        }
    }

    /// What happens to a row; `word` is its draw.
    #[inline]
    #[must_use]
    pub fn row(&self, word: u64) -> Option<Kind> {
        if word >= self.below[Kind::ALL.len() - 1] {
            return None;
        }
        self.pick(word, Kind::OF_FILES..Kind::ALL.len())
    }

    fn pick(&self, word: u64, among: std::ops::Range<usize>) -> Option<Kind> {
        among.into_iter().find(|i| word < self.below[*i]).map(|i| Kind::ALL[i])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_stand_in_the_order_of_their_numbers() {
        for (i, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!((kind as usize, Kind::of(kind.name())), (i, Some(kind)));
        }
    }

    #[test]
    fn rates_are_read_and_refused_with_the_part() {
        let mut rates = Rates::default();
        rates.add("malformed=0.25, late_file=0.5").unwrap();
        assert!(!rates.is_none());
        for (bad, part) in [
            ("malformed", "kind=rate"),
            ("malformed=x", "\"x\" is not a number"),
            ("mangled=0.1", "there are duplicate_file"),
            ("null=1.5", "share from 0 to 1"),
            ("null=0.9", "at most 1"),
            ("null=NaN", "share from 0 to 1"),
        ] {
            let said = rates.add(bad).unwrap_err().to_string();
            assert!(said.contains(part) && said.contains(bad), "{said}");
        }
    }

    #[test]
    fn draws_follow_the_rates() {
        let mut rates = Rates::default();
        rates.add("malformed=0.1,clock_skew=0.2,late_file=0.3").unwrap();
        let (draws, key) = (rates.draws(), Key::root(1));
        let mut seen = std::collections::BTreeMap::new();
        for i in 0..20_000 {
            *seen.entry(draws.row(key.word(i).whole())).or_insert(0_u32) += 1;
        }
        assert!((1_850..2_150).contains(&seen[&Some(Kind::Malformed)]), "{seen:?}");
        assert!((3_800..4_200).contains(&seen[&Some(Kind::ClockSkew)]), "{seen:?}");
        assert_eq!(seen.len(), 3);
        let late = (0..10_000).filter(|d| matches!(draws.file(key, *d, 1, 137), Fate::Late(1..=5))).count();
        assert!((2_850..3_150).contains(&late), "{late}");
        assert!(!Rates::default().draws().any_row());
    }
}
