//! Tables.

mod alter;
mod change;
mod clone;
mod columns;
mod create;
mod ctas;
mod options;
mod template;
mod widen;

pub use alter::parse as parse_alter;
pub use clone::{Copies, copy_table, drop_physical};
pub use columns::{ColumnSpec, name_list};
pub use create::parse as parse_create;
pub use options::{boolean, retention};
