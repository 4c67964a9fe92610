//! Work of the Generate pane, and what comes back.

use crate::domain::GenerateSpec;
use crate::jobs::feed::Fed;
pub use crate::jobs::generate::outlook::Outlook;

/// What is to be made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Order {
    /// How much, when, from which seed.
    pub spec: GenerateSpec,
    /// The preset that the data are like.
    pub preset: String,
    /// Faults and their rates, `kind=rate,kind=rate…`; empty for none.
    pub faults: String,
}

/// One piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Make {
    /// Look ahead at what it would come to.
    Outlook(Order),
    /// Feed the bucket with transactions that happen now, until it is stopped.
    Feed {
        /// What customers and baskets are like.
        order: Order,
        /// Thousandths of transactions a second.
        rate_milli: u64,
        /// Milliseconds from file to file.
        every_ms: u64,
    },
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Made {
    /// What it would come to.
    Outlook(Box<Outlook>),
    /// The feed was stopped.
    Fed(Fed),
}

impl Make {
    /// What is going on.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        match self {
            Self::Outlook(_) => "looking ahead",
            Self::Feed { .. } => "live feed",
        }
    }
}
