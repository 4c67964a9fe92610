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

impl Order {
    /// What it asks for, in a few words.
    #[must_use]
    pub fn words(&self) -> String {
        let GenerateSpec { customers, from, to, seed, .. } = &self.spec;
        let like = if self.preset == "starter" { String::new() } else { format!(" like {}", self.preset) };
        let faults = match self.faults.split(',').filter(|f| !f.is_empty()).count() {
            0 => String::new(),
            1 => ", 1 kind of fault".into(),
            n => format!(", {n} kinds of faults"),
        };
        let range = if from == to { from.clone() } else { format!("{from} to {to}") };
        format!("{customers} customers{like}{faults}, {range}, seed {seed}")
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_told_in_a_line() {
        let mut order = Order { preset: "starter".into(), ..Order::default() };
        assert_eq!(order.words(), "137 customers, 2018-12-01 to 2018-12-31, seed 42");
        (order.preset, order.faults) = ("retail".into(), "malformed=0.01,late_file=0.05".into());
        order.spec.to.clone_from(&order.spec.from);
        assert_eq!(order.words(), "137 customers like retail, 2 kinds of faults, 2018-12-01, seed 42");
    }
}
