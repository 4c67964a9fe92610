//! The three data sets and what a generation is asked for.

use serde::{Deserialize, Serialize};

/// One of the pipeline's three data sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dataset {
    /// `customers.csv`.
    Customers,
    /// `products.csv`.
    Products,
    /// `transactions/d=YYYY-MM-DD/transactions.json`.
    Transactions,
}

impl Dataset {
    /// All three, in the order in which they are written, uploaded and drawn.
    pub const ALL: [Self; 3] = [Self::Customers, Self::Products, Self::Transactions];

    /// Lower-case plural name, as in paths and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Products => "products",
            Self::Transactions => "transactions",
        }
    }
}

/// Which columns are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// Exactly the starter project's files.
    #[default]
    Starter,
    /// The starter's, with personal data on customers and more on products.
    Extended,
}

/// What to generate. The same spec gives the same bytes, whatever the number of threads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GenerateSpec {
    /// How many customers, `C1`…`Cn`.
    pub customers: u64,
    /// First day, `YYYY-MM-DD`.
    pub from: String,
    /// Last day, `YYYY-MM-DD`, inclusive.
    pub to: String,
    /// Seed of every random draw.
    pub seed: u64,
    /// Which columns.
    pub shape: Shape,
}

impl Default for GenerateSpec {
    fn default() -> Self {
        Self { customers: 137, from: "2018-12-01".into(), to: "2018-12-31".into(), seed: 42, shape: Shape::Starter }
    }
}

/// What a generation wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Generated {
    /// Rows in `customers.csv`.
    pub customers: u64,
    /// Rows in `products.csv`.
    pub products: u64,
    /// JSON lines over all days.
    pub transactions: u64,
    /// Basket lines over all transactions.
    pub lines: u64,
    /// Files written.
    pub files: u64,
    /// Bytes written.
    pub bytes: u64,
}
