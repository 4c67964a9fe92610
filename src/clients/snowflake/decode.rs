//! Result chunks (Arrow IPC, or the JSON form that the driver hands on as text columns) to cells in display form.
//!
//! The chunks are read as the server sent them rather than through the driver's conversion, which drops the offset of
//! TIMESTAMP_TZ and fails on years that nanoseconds cannot hold.

use super::display::{Moment, date_text, real_text, scaled_text};
use crate::domain::{Cell, Column};
use arrow::array::{
    Array, ArrayRef, AsArray, PrimitiveArray, RecordBatch, StringArray, StructArray, types::ArrowPrimitiveType,
};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Field, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
};
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use std::io::Cursor;

/// Snowflake's time zone field of TIMESTAMP_TZ is the offset in minutes plus this.
const OFFSET_BASE: i32 = 1440;

/// Appends at most `room` rows of one chunk to `rows`.
///
/// # Errors
/// When the chunk is not what its metadata says.
pub fn append_rows(chunk: &[u8], columns: &[Column], room: usize, rows: &mut Vec<Vec<Cell>>) -> Result<(), ArrowError> {
    let end = rows.len().saturating_add(room);
    for batch in StreamReader::try_new(Cursor::new(chunk), None)? {
        let batch = batch?;
        let wanted = end.saturating_sub(rows.len());
        if wanted == 0 {
            break;
        }
        append_batch(&batch.slice(0, batch.num_rows().min(wanted)), columns, rows)?;
    }
    Ok(())
}

/// Rows that are decoded at a time.
const PIECE: usize = 2_048;

/// The rows of one chunk, some at a time.
pub fn pieces<'a>(
    chunk: &'a [u8],
    columns: &'a [Column],
) -> Result<impl Iterator<Item = Result<Vec<Vec<Cell>>, ArrowError>> + 'a, ArrowError> {
    let batches = StreamReader::try_new(Cursor::new(chunk), None)?;
    Ok(batches.flat_map(move |batch| {
        let (batch, failed) = match batch {
            Ok(batch) => (Some(batch), None),
            Err(error) => (None, Some(Err(error))),
        };
        let rows = batch.as_ref().map_or(0, RecordBatch::num_rows);
        let slices = (0..rows).step_by(PIECE).map(move |from| (from, PIECE.min(rows - from)));
        let decoded = slices.map(move |(from, count)| {
            let mut out = Vec::with_capacity(count);
            if let Some(batch) = &batch {
                append_batch(&batch.slice(from, count), columns, &mut out)?;
            }
            Ok(out)
        });
        decoded.chain(failed)
    }))
}

fn append_batch(batch: &RecordBatch, columns: &[Column], rows: &mut Vec<Vec<Cell>>) -> Result<(), ArrowError> {
    let mut texts = Vec::with_capacity(batch.num_columns());
    for (index, array) in batch.columns().iter().enumerate() {
        let schema = batch.schema();
        let field = schema.field(index);
        let column = columns.get(index);
        texts.push(if field.metadata().contains_key("logicalType") {
            from_arrow(field, array)?.into_iter()
        } else {
            from_wire(column, array).into_iter()
        });
    }
    for _ in 0..batch.num_rows() {
        rows.push(texts.iter_mut().map(|column| column.next().flatten()).collect());
    }
    Ok(())
}

/// A column of the JSON form, where every cell is text in the protocol's encoding.
fn from_wire(column: Option<&Column>, array: &ArrayRef) -> Vec<Cell> {
    let kind = column.map_or("text", |c| c.kind.as_str());
    match array.as_any().downcast_ref::<StringArray>() {
        Some(texts) => texts.iter().map(|text| text.map(|t| wire_text(kind, t))).collect(),
        None => vec![None; array.len()],
    }
}

/// One cell of the JSON form in display form. What does not read as its type is shown as it came.
pub fn wire_text(kind: &str, text: &str) -> String {
    let shown = match kind {
        "boolean" => Some(if matches!(text, "1" | "true" | "TRUE") { "true" } else { "false" }.to_owned()),
        "real" => text.parse().ok().map(real_text),
        "date" => text.parse().ok().and_then(date_text),
        "time" => Moment::parse(text).and_then(Moment::time),
        "timestamp_ntz" => Moment::parse(text).and_then(|m| m.timestamp(None)),
        "timestamp_ltz" => Moment::parse(text).and_then(|m| m.timestamp(Some(0))),
        "timestamp_tz" => text.split_once(' ').and_then(|(moment, zone)| {
            let offset = zone.trim().parse::<i32>().ok()? - OFFSET_BASE;
            Moment::parse(moment)?.timestamp(Some(offset))
        }),
        "binary" => Some(text.to_ascii_uppercase()),
        _ => None,
    };
    shown.unwrap_or_else(|| text.to_owned())
}

fn from_arrow(field: &Field, array: &ArrayRef) -> Result<Vec<Cell>, ArrowError> {
    let logical = field.metadata().get("logicalType").map_or("", String::as_str);
    let scale: u32 = field.metadata().get("scale").and_then(|s| s.trim().parse().ok()).unwrap_or(0);
    let moments = |show: fn(Moment) -> Option<String>| -> Result<Vec<Cell>, ArrowError> {
        Ok(moments_of(field, array, scale)?.into_iter().map(|m| m.and_then(|(moment, _)| show(moment))).collect())
    };
    match logical {
        "FIXED" => fixed(field, array, scale),
        "TIMESTAMP_NTZ" => moments(|m| m.timestamp(None)),
        "TIMESTAMP_LTZ" => moments(|m| m.timestamp(Some(0))),
        "TIMESTAMP_TZ" => Ok(moments_of(field, array, scale)?
            .into_iter()
            .map(|m| m.and_then(|(moment, offset)| moment.timestamp(Some(offset))))
            .collect()),
        "TIME" => moments(Moment::time),
        _ => plain(field, array),
    }
}

/// Types whose Arrow form says all.
fn plain(field: &Field, array: &ArrayRef) -> Result<Vec<Cell>, ArrowError> {
    Ok(match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().iter().map(|v| v.map(str::to_owned)).collect(),
        DataType::LargeUtf8 => array.as_string::<i64>().iter().map(|v| v.map(str::to_owned)).collect(),
        DataType::Boolean => array.as_boolean().iter().map(|v| v.map(|b| b.to_string())).collect(),
        DataType::Float64 => array.as_primitive::<Float64Type>().iter().map(|v| v.map(real_text)).collect(),
        DataType::Date32 => {
            array.as_primitive::<Date32Type>().iter().map(|v| v.and_then(|d| date_text(i64::from(d)))).collect()
        }
        DataType::Binary => array.as_binary::<i32>().iter().map(|v| v.map(hex::encode_upper)).collect(),
        DataType::LargeBinary => array.as_binary::<i64>().iter().map(|v| v.map(hex::encode_upper)).collect(),
        DataType::Null => vec![None; array.len()],
        other => return Err(unexpected(field, other)),
    })
}

fn unexpected(field: &Field, found: &DataType) -> ArrowError {
    ArrowError::SchemaError(format!("column {} arrived as {found}, which is not understood", field.name()))
}

fn fixed(field: &Field, array: &ArrayRef, scale: u32) -> Result<Vec<Cell>, ArrowError> {
    if let DataType::Decimal128(_, _) = array.data_type() {
        return Ok(array.as_primitive::<Decimal128Type>().iter().map(|v| v.map(|n| scaled_text(n, scale))).collect());
    }
    Ok(whole_numbers(field, array)?.into_iter().map(|v| v.map(|n| scaled_text(i128::from(n), scale))).collect())
}

fn whole_numbers(field: &Field, array: &dyn Array) -> Result<Vec<Option<i64>>, ArrowError> {
    fn widened<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>) -> Vec<Option<i64>>
    where
        i64: From<T::Native>,
    {
        array.iter().map(|v| v.map(i64::from)).collect()
    }
    Ok(match array.data_type() {
        DataType::Int8 => widened(array.as_primitive::<Int8Type>()),
        DataType::Int16 => widened(array.as_primitive::<Int16Type>()),
        DataType::Int32 => widened(array.as_primitive::<Int32Type>()),
        DataType::Int64 => widened(array.as_primitive::<Int64Type>()),
        other => return Err(unexpected(field, other)),
    })
}

/// Points in time with their offset in minutes (0 where the type has none).
fn moments_of(field: &Field, array: &ArrayRef, scale: u32) -> Result<Vec<Option<(Moment, i32)>>, ArrowError> {
    let Some(parts) = array.as_any().downcast_ref::<StructArray>() else {
        let values = whole_numbers(field, array)?;
        return Ok(values.into_iter().map(|v| v.map(|n| (Moment::from_scaled(n, scale), 0))).collect());
    };
    let child = |name: &str| parts.column_by_name(name).map(|column| whole_numbers(field, column)).transpose();
    let epochs = child("epoch")?.ok_or_else(|| unexpected(field, array.data_type()))?;
    let fractions = child("fraction")?;
    let zones = child("timezone")?;
    Ok((0..parts.len())
        .map(|row| {
            let epoch = if parts.is_null(row) { None } else { epochs[row] }?;
            let moment = match &fractions {
                Some(fractions) => {
                    Moment { seconds: epoch, nanos: fractions[row].and_then(|n| u32::try_from(n).ok()).unwrap_or(0) }
                }
                None => Moment::from_scaled(epoch, scale),
            };
            let zone = zones.as_ref().and_then(|z| z[row]).and_then(|z| i32::try_from(z).ok());
            Some((moment, zone.map_or(0, |z| z - OFFSET_BASE)))
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Decimal128Array, Int8Array, Int32Array, Int64Array};
    use arrow::datatypes::Schema;
    use arrow::ipc::writer::StreamWriter;
    use std::collections::HashMap;
    use std::sync::Arc;

    fn field(name: &str, array: &ArrayRef, logical: &str, scale: u32) -> Field {
        let metadata =
            HashMap::from([("logicalType".to_owned(), logical.to_owned()), ("scale".to_owned(), scale.to_string())]);
        Field::new(name, array.data_type().clone(), true).with_metadata(metadata)
    }

    fn chunk(columns: Vec<(Field, ArrayRef)>) -> Vec<u8> {
        let (fields, arrays): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).expect("batch");
        let mut bytes = Vec::new();
        let mut writer = StreamWriter::try_new(&mut bytes, &batch.schema()).expect("writer");
        writer.write(&batch).expect("write");
        writer.finish().expect("finish");
        bytes
    }

    fn rows_of(columns: Vec<(Field, ArrayRef)>, room: usize) -> Vec<Vec<Cell>> {
        let mut rows = Vec::new();
        append_rows(&chunk(columns), &[], room, &mut rows).expect("decode");
        rows
    }

    #[test]
    fn arrow_cells_in_display_form() {
        let small: ArrayRef = Arc::new(Int8Array::from(vec![Some(-5), None]));
        let wide: ArrayRef = Arc::new(
            Decimal128Array::from(vec![Some(123_456), Some(0)]).with_precision_and_scale(38, 0).expect("precision"),
        );
        let text: ArrayRef = Arc::new(StringArray::from(vec![Some("ü"), None]));
        let far: ArrayRef = Arc::new(StructArray::from(vec![
            (Arc::new(Field::new("epoch", DataType::Int64, true)), {
                Arc::new(Int64Array::from(vec![Some(253_402_300_799), None])) as ArrayRef
            }),
            (Arc::new(Field::new("fraction", DataType::Int32, true)), {
                Arc::new(Int32Array::from(vec![Some(999_000_000), None])) as ArrayRef
            }),
            (Arc::new(Field::new("timezone", DataType::Int32, true)), {
                Arc::new(Int32Array::from(vec![Some(1440 - 60), None])) as ArrayRef
            }),
        ]));
        let rows = rows_of(
            vec![
                (field("a", &small, "FIXED", 2), small.clone()),
                (field("b", &wide, "FIXED", 3), wide.clone()),
                (field("c", &text, "TEXT", 0), text.clone()),
                (field("d", &far, "TIMESTAMP_TZ", 9), far.clone()),
            ],
            10,
        );
        let some = |t: &str| Some(t.to_owned());
        assert_eq!(rows[0], [some("-0.05"), some("123.456"), some("ü"), some("9999-12-31 22:59:59.999 -0100")]);
        assert_eq!(rows[1], [None, some("0.000"), None, None]);
    }

    #[test]
    fn pieces_are_the_whole() {
        let numbers: ArrayRef = Arc::new(Int64Array::from((0..5_000).collect::<Vec<i64>>()));
        let bytes = chunk(vec![(field("n", &numbers, "FIXED", 0), numbers.clone())]);
        let pieces: Vec<Vec<Vec<Cell>>> = pieces(&bytes, &[]).expect("opens").collect::<Result<_, _>>().expect("reads");
        assert!(pieces.iter().all(|p| p.len() <= PIECE));
        let all: Vec<Cell> = pieces.into_iter().flatten().flatten().collect();
        assert_eq!(all, (0..5_000).map(|n| Some(n.to_string())).collect::<Vec<_>>());
    }

    #[test]
    fn no_more_rows_than_wanted() {
        let numbers: ArrayRef = Arc::new(Int64Array::from((0..100).collect::<Vec<i64>>()));
        assert_eq!(rows_of(vec![(field("n", &numbers, "FIXED", 0), numbers.clone())], 7).len(), 7);
    }

    #[test]
    fn wire_cells_in_display_form() {
        for (kind, wire, text) in [
            ("fixed", "1.50", "1.50"),
            ("boolean", "1", "true"),
            ("boolean", "false", "false"),
            ("date", "17866", "2018-12-01"),
            ("time", "45296.123000000", "12:34:56"),
            ("timestamp_ntz", "1704164645.000000000", "2024-01-02 03:04:05.000"),
            ("timestamp_ltz", "1704164645.000000000", "2024-01-02 03:04:05.000 +0000"),
            ("timestamp_tz", "1704164645.000000000 1500", "2024-01-02 04:04:05.000 +0100"),
            ("binary", "ab0f", "AB0F"),
            ("variant", "\"x\"", "\"x\""),
            ("real", "1.500000000e+00", "1.5"),
            ("date", "not a number", "not a number"),
        ] {
            assert_eq!(wire_text(kind, wire), text, "{kind} {wire}");
        }
    }
}
