//! Where the bytes go.

mod directory;
mod store;
mod writer;

pub use directory::{Directory, strangers};
pub use store::{Store, upload};
pub use writer::{Null, Single};

use super::encode::Rows;
use super::files::Slot;
use super::layout::Unit;
use crate::jobs::JobError;

/// Takes units.
pub trait Output: Send + Sync {
    /// What [`Output::in_turn`] found out for [`Output::at_leisure`].
    type Ticket: Send;

    /// Called for one unit at a time, in the units' order; `slots` are the unit's files, `rows` has an
    /// entry for each.
    ///
    /// # Errors
    /// The place cannot be written to.
    fn in_turn(&self, unit: &Unit, slots: &[Slot], rows: &[Rows]) -> Result<Self::Ticket, JobError>;

    /// The rest, while other units have their turn.
    ///
    /// # Errors
    /// The place cannot be written to.
    fn at_leisure(&self, ticket: Self::Ticket, rows: &[Rows]) -> Result<(), JobError>;

    /// Called once, after the last unit.
    ///
    /// # Errors
    /// The place cannot be written to.
    fn finish(&self) -> Result<(), JobError> {
        Ok(())
    }
}
