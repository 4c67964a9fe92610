//! Answers in the wire's forms: text cells for JSON results, Arrow IPC streams for clients that read them.

pub mod arrow;
pub mod cells;
mod json;
mod pretty;

pub use json::write_rows;
pub use pretty::pretty;

use super::super::answer::{Answer, Field};
use super::super::error::{SfError, SfResult};
use super::super::types::Ty;
use ::arrow::array::ArrayRef;
use ::arrow::compute;
use ::arrow::datatypes::{DataType, TimeUnit};
use cells::Cells;

/// One cell as text in the wire's JSON form; `None` for NULL or where there is no such row.
///
/// # Errors
/// Internal, where the stored type is not what the field says.
pub fn cell_text(answer: &Answer, row: usize, column: usize) -> SfResult<Option<String>> {
    let Some(field) = answer.fields.get(column) else { return Ok(None) };
    let Some((batch, row)) = answer.rows.holding(row)? else { return Ok(None) };
    // A cell alone: casting the batch for each of its cells would be its square.
    let array = stored(field, &batch.column(column).slice(row, 1))?;
    let cells = Cells::new(field.ty, array.as_ref(), 0)?;
    if cells.is_null(0) {
        return Ok(None);
    }
    let mut out = String::new();
    cells.write(0, &mut out);
    Ok(Some(out))
}

/// Whether a column holds text that is in the wire's form already (see [`Answer::texts`]).
#[must_use]
pub fn passes_through(ty: Ty, array: &ArrayRef) -> bool {
    !matches!(ty, Ty::Null | Ty::Text { .. }) && !ty.is_semi() && is_text(array.data_type())
}

fn is_text(ty: &DataType) -> bool {
    matches!(ty, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// A column in the one Arrow type that the encoders know for its Snowflake type. DuckDB may hand out a narrower or wider
/// one (a BIGINT from an aggregate, large strings); text stays text.
///
/// # Errors
/// Internal, where the two have nothing to do with each other.
pub fn stored(field: &Field, array: &ArrayRef) -> SfResult<ArrayRef> {
    let have = array.data_type();
    let want = match field.ty {
        _ if is_text(have) => DataType::Utf8,
        Ty::Number { p, s } => {
            let s = i8::try_from(s).unwrap_or(0);
            if let DataType::Decimal128(_, t) = have
                && *t == s
            {
                return Ok(array.clone());
            }
            DataType::Decimal128(p, s)
        }
        Ty::Float => DataType::Float64,
        Ty::Null | Ty::Text { .. } | Ty::Variant | Ty::Object | Ty::Array => DataType::Utf8,
        Ty::Boolean => DataType::Boolean,
        Ty::Date => DataType::Date32,
        Ty::Time { .. } => DataType::Time64(TimeUnit::Microsecond),
        Ty::Ntz { .. } | Ty::Ltz { .. } => DataType::Timestamp(TimeUnit::Microsecond, None),
        Ty::Tz { .. } => return Ok(array.clone()),
        Ty::Binary { .. } => DataType::Binary,
    };
    if *have == want {
        return Ok(array.clone());
    }
    compute::cast(array, &want).map_err(|e| {
        SfError::internal(format!("column {} is {have} in the store, not {}: {e}", field.name, field.ty.display()))
    })
}
