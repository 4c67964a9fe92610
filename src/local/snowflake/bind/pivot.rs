//! PIVOT and UNPIVOT.

use super::super::error::{SfError, SfResult};
use super::binder::Binder;
use super::from::Source;
use super::scope::{Rel, Scope};
use sqlparser::ast::TableFactor;

impl Binder<'_, '_> {
    /// PIVOT.
    ///
    /// # Errors
    /// Unsupported for now.
    pub fn pivot(&mut self, _factor: &TableFactor, _scope: &Scope<'_>) -> SfResult<(Source, Rel)> {
        Err(SfError::unsupported("PIVOT"))
    }

    /// UNPIVOT.
    ///
    /// # Errors
    /// Unsupported for now.
    pub fn unpivot(&mut self, _factor: &TableFactor, _scope: &Scope<'_>) -> SfResult<(Source, Rel)> {
        Err(SfError::unsupported("UNPIVOT"))
    }
}
