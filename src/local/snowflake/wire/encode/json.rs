//! Rows as JSON: arrays of strings and nulls.

use super::super::super::answer::Answer;
use super::super::super::error::SfResult;
use super::cells::Cells;
use super::stored;
use arrow::array::ArrayRef;
use std::ops::Range;

/// Appends the rows of a range, separated by commas, without outer brackets.
///
/// # Errors
/// Internal, where a stored type is not what its field says.
pub fn write_rows(answer: &Answer, rows: Range<usize>, indent: usize, out: &mut String) -> SfResult<()> {
    let mut first = true;
    let mut cell = String::new();
    for batch in answer.rows.range(rows) {
        let batch = batch?;
        let arrays: Vec<ArrayRef> =
            answer.fields.iter().zip(batch.columns()).map(|(f, c)| stored(f, c)).collect::<SfResult<_>>()?;
        let cells: Vec<Cells<'_>> = answer
            .fields
            .iter()
            .zip(&arrays)
            .map(|(f, c)| Cells::new(f.ty, c.as_ref(), indent))
            .collect::<SfResult<_>>()?;
        for row in 0..batch.num_rows() {
            if !first {
                out.push(',');
            }
            first = false;
            write_row(&cells, row, &mut cell, out);
        }
    }
    Ok(())
}

fn write_row(cells: &[Cells<'_>], row: usize, cell: &mut String, out: &mut String) {
    out.push('[');
    for (i, c) in cells.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        if c.is_null(row) {
            out.push_str("null");
        } else if c.is_plain() {
            out.push('"');
            c.write(row, out);
            out.push('"');
        } else {
            cell.clear();
            c.write(row, cell);
            write_string(cell, out);
        }
    }
    out.push(']');
}

/// Appends a JSON string.
pub fn write_string(text: &str, out: &mut String) {
    if text.bytes().all(|b| b >= 0x20 && b != b'"' && b != b'\\') {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&serde_json::Value::from(text).to_string());
    }
}
