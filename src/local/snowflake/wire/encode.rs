//! Answers in the wire's forms.

use super::super::answer::Answer;
use super::super::error::{SfError, SfResult};
use arrow::array::{Array, StringArray};

/// One cell as text in the wire's JSON form; `None` for NULL or where there is no such row.
///
/// # Errors
/// Internal, where the stored type is not what the field says.
pub fn cell_text(answer: &Answer, row: usize, column: usize) -> SfResult<Option<String>> {
    let mut row = row;
    for batch in &answer.batches {
        if row >= batch.num_rows() {
            row -= batch.num_rows();
            continue;
        }
        let array = batch.column(column);
        return match array.as_any().downcast_ref::<StringArray>() {
            Some(s) => Ok((!s.is_null(row)).then(|| s.value(row).to_owned())),
            None => Err(SfError::internal("not text")),
        };
    }
    Ok(None)
}
