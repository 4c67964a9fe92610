//! Rows as Arrow IPC streams in Snowflake's encoding: numbers as the narrowest integers that hold them, times as scaled
//! integers or structs, the real type in each field's metadata.

use super::super::super::answer::{Answer, Field};
use super::super::super::error::{SfError, SfResult};
use super::super::super::types::Ty;
use super::cells::{OFFSET_BASE, zoned};
use super::{passes_through, pretty, stored};
use arrow::array::{
    Array, ArrayRef, AsArray, Decimal128Array, Int8Array, Int16Array, Int32Array, Int64Array, RecordBatch, StringArray,
    StringBuilder, StructArray, TimestampMicrosecondArray,
};
use arrow::buffer::NullBuffer;
use arrow::compute::kernels::aggregate;
use arrow::datatypes::{DataType, Decimal128Type, Field as ArrowField, Fields, Schema, Time64MicrosecondType};
use arrow::ipc::writer::StreamWriter;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// How each column goes out; the same for every chunk of a result.
pub struct Plan {
    schema: Arc<Schema>,
    forms: Vec<Form>,
    indent: usize,
}

/// How one column goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As stored.
    Same,
    /// Pretty-printed JSON.
    Json,
    /// A decimal's digits in an integer of that many bits.
    Int(u8),
    /// A decimal's digits in 128 bits.
    Wide,
    /// Scaled seconds in 64 bits.
    Scaled(u8),
    /// Seconds and nanoseconds.
    Split,
    /// Seconds, nanoseconds and offset.
    Zoned,
}

/// Plans an answer's columns; `None` where it holds text that only the JSON form can carry.
///
/// # Errors
/// Internal, where a stored type is not what its field says.
pub fn plan(answer: &Answer, indent: usize) -> SfResult<Option<Plan>> {
    let mut extents = vec![Extent::default(); answer.fields.len()];
    for batch in answer.rows.batches() {
        for ((field, column), extent) in answer.fields.iter().zip(batch?.columns()).zip(&mut extents) {
            if passes_through(field.ty, column) {
                return Ok(None);
            }
            extent.widen(field, column)?;
        }
    }
    let forms: Vec<Form> = answer.fields.iter().zip(&extents).map(|(f, e)| form(f, *e, indent)).collect();
    let fields: Fields = answer.fields.iter().zip(&forms).map(|(f, form)| arrow_field(f, *form)).collect();
    Ok(Some(Plan { schema: Arc::new(Schema::new(fields)), forms, indent }))
}

/// Which values a column holds, as far as its form depends on them.
#[derive(Clone, Copy, Default)]
struct Extent {
    low: i128,
    high: i128,
}

impl Extent {
    fn widen(&mut self, field: &Field, column: &ArrayRef) -> SfResult<()> {
        let (low, high) = match field.ty {
            Ty::Number { .. } => {
                let array = stored(field, column)?;
                let decimals = array.as_primitive::<Decimal128Type>();
                (aggregate::min(decimals), aggregate::max(decimals))
            }
            Ty::Ntz { .. } | Ty::Ltz { .. } => {
                let array = stored(field, column)?;
                let stamps = stamps(&array)?;
                (aggregate::min(stamps).map(i128::from), aggregate::max(stamps).map(i128::from))
            }
            _ => return Ok(()),
        };
        self.low = self.low.min(low.unwrap_or(0));
        self.high = self.high.max(high.unwrap_or(0));
        Ok(())
    }

    /// Whether every value, times `factor`, is an integer of that many bits.
    fn fits(self, bits: u32, factor: i128) -> bool {
        self.low * factor >= -(1i128 << (bits - 1)) && self.high * factor < 1i128 << (bits - 1)
    }
}

fn form(field: &Field, extent: Extent, indent: usize) -> Form {
    match field.ty {
        Ty::Number { .. } => {
            [8u8, 16, 32, 64].into_iter().find(|bits| extent.fits(u32::from(*bits), 1)).map_or(Form::Wide, Form::Int)
        }
        Ty::Variant | Ty::Object | Ty::Array if indent > 0 => Form::Json,
        Ty::Time { scale } => Form::Scaled(scale),
        Ty::Ntz { scale } | Ty::Ltz { scale } => {
            let factor = 10i128.pow(u32::from(scale.saturating_sub(6)));
            if extent.fits(64, factor) { Form::Scaled(scale) } else { Form::Split }
        }
        Ty::Tz { .. } => Form::Zoned,
        _ => Form::Same,
    }
}

fn arrow_field(field: &Field, form: Form) -> Arc<ArrowField> {
    let (mut precision, mut scale, mut chars, mut bytes) = (0u32, 0u32, 0u64, 0u64);
    match field.ty {
        Ty::Number { p, s } => (precision, scale) = (u32::from(p), u32::from(s)),
        Ty::Text { len } => (chars, bytes) = super::super::rowtype::text_lengths(len),
        Ty::Null => (chars, bytes) = super::super::rowtype::text_lengths(super::super::super::types::TEXT_DEFAULT),
        Ty::Binary { len } => (chars, bytes) = (u64::from(len), u64::from(len)),
        Ty::Time { scale: s } | Ty::Ntz { scale: s } | Ty::Ltz { scale: s } | Ty::Tz { scale: s } => {
            scale = u32::from(s);
        }
        _ => {}
    }
    if form == Form::Zoned {
        bytes = 16;
    }
    let logical = field.ty.wire().to_ascii_uppercase();
    let metadata: HashMap<String, String> = [
        ("logicalType", logical),
        ("precision", precision.to_string()),
        ("scale", scale.to_string()),
        ("charLength", chars.to_string()),
        ("byteLength", bytes.to_string()),
        ("finalType", "T".to_owned()),
    ]
    .into_iter()
    .map(|(k, v)| (k.to_owned(), v))
    .collect();
    Arc::new(ArrowField::new(&field.name, data_type(field.ty, form), field.nullable).with_metadata(metadata))
}

fn data_type(ty: Ty, form: Form) -> DataType {
    match (form, ty) {
        (Form::Int(8), _) => DataType::Int8,
        (Form::Int(16), _) => DataType::Int16,
        (Form::Int(32), _) => DataType::Int32,
        (Form::Int(_) | Form::Scaled(_), _) => DataType::Int64,
        (Form::Wide, Ty::Number { p, s }) => DataType::Decimal128(p, i8::try_from(s).unwrap_or(0)),
        (Form::Split, _) => DataType::Struct(split_fields(false)),
        (Form::Zoned, _) => DataType::Struct(split_fields(true)),
        (_, Ty::Float) => DataType::Float64,
        (_, Ty::Boolean) => DataType::Boolean,
        (_, Ty::Date) => DataType::Date32,
        (_, Ty::Binary { .. }) => DataType::Binary,
        _ => DataType::Utf8,
    }
}

fn split_fields(zone: bool) -> Fields {
    let mut fields =
        vec![ArrowField::new("epoch", DataType::Int64, true), ArrowField::new("fraction", DataType::Int32, true)];
    if zone {
        fields.push(ArrowField::new("timezone", DataType::Int32, true));
    }
    fields.into()
}

impl Plan {
    /// The rows of a range as one IPC stream.
    ///
    /// # Errors
    /// Internal, where a stored type is not what its field says.
    pub fn stream(&self, answer: &Answer, rows: Range<usize>) -> SfResult<Vec<u8>> {
        let mut writer = StreamWriter::try_new(Vec::new(), &self.schema)?;
        for batch in answer.rows.range(rows) {
            writer.write(&self.batch(answer, &batch?)?)?;
        }
        Ok(writer.into_inner()?)
    }

    fn batch(&self, answer: &Answer, batch: &RecordBatch) -> SfResult<RecordBatch> {
        let columns = answer
            .fields
            .iter()
            .zip(batch.columns())
            .zip(&self.forms)
            .map(|((field, column), form)| self.column(field, &stored(field, column)?, *form))
            .collect::<SfResult<Vec<_>>>()?;
        Ok(RecordBatch::try_new(self.schema.clone(), columns)?)
    }

    fn column(&self, field: &Field, array: &ArrayRef, form: Form) -> SfResult<ArrayRef> {
        Ok(match form {
            Form::Same => array.clone(),
            Form::Json => Arc::new(self.json(array.as_string::<i32>())),
            Form::Wide => Arc::new(decimals(field, array.as_primitive::<Decimal128Type>())?),
            Form::Int(bits) => ints(array.as_primitive::<Decimal128Type>(), bits),
            Form::Scaled(scale) => scaled(array, scale)?,
            Form::Split => split(stamps(array)?, None, array.nulls().cloned())?,
            Form::Zoned => {
                let (s, t, o) = zoned(array.as_ref())
                    .ok_or_else(|| SfError::internal(format!("column {} has no offset", field.name)))?;
                split(t, Some(o), NullBuffer::union(s.nulls(), t.nulls()))?
            }
        })
    }

    fn json(&self, array: &StringArray) -> StringArray {
        let mut out = StringBuilder::with_capacity(array.len(), array.value_data().len() * 2);
        let mut cell = String::new();
        for value in array {
            match value {
                Some(text) => {
                    cell.clear();
                    pretty(text, self.indent, &mut cell);
                    out.append_value(&cell);
                }
                None => out.append_null(),
            }
        }
        out.finish()
    }
}

fn decimals(field: &Field, array: &Decimal128Array) -> SfResult<Decimal128Array> {
    let Ty::Number { p, s } = field.ty else { return Ok(array.clone()) };
    Ok(array.clone().with_precision_and_scale(p, i8::try_from(s).unwrap_or(0))?)
}

#[allow(clippy::cast_possible_truncation, reason = "the plan has found every value within these bits")]
fn ints(array: &Decimal128Array, bits: u8) -> ArrayRef {
    let nulls = array.nulls().cloned();
    match bits {
        8 => Arc::new(Int8Array::new(array.values().iter().map(|v| *v as i8).collect(), nulls)),
        16 => Arc::new(Int16Array::new(array.values().iter().map(|v| *v as i16).collect(), nulls)),
        32 => Arc::new(Int32Array::new(array.values().iter().map(|v| *v as i32).collect(), nulls)),
        _ => Arc::new(Int64Array::new(array.values().iter().map(|v| *v as i64).collect(), nulls)),
    }
}

fn stamps(array: &ArrayRef) -> SfResult<&TimestampMicrosecondArray> {
    array.as_any().downcast_ref().ok_or_else(|| SfError::internal("a timestamp is not stored in microseconds"))
}

/// Microseconds as units of `10^-scale` seconds.
fn scaled(array: &ArrayRef, scale: u8) -> SfResult<ArrayRef> {
    let values = match array.data_type() {
        DataType::Time64(_) => array.as_primitive::<Time64MicrosecondType>().values(),
        _ => stamps(array)?.values(),
    };
    let scaled = if scale >= 6 {
        let factor = 10i64.pow(u32::from(scale - 6));
        values.iter().map(|v| v.wrapping_mul(factor)).collect()
    } else {
        let unit = 10i64.pow(u32::from(6 - scale));
        values.iter().map(|v| v.div_euclid(unit)).collect()
    };
    Ok(Arc::new(Int64Array::new(scaled, array.nulls().cloned())))
}

#[allow(clippy::cast_possible_truncation, reason = "nanoseconds of one second fit 32 bits")]
fn split(
    stamps: &TimestampMicrosecondArray,
    zone: Option<&Int16Array>,
    nulls: Option<NullBuffer>,
) -> SfResult<ArrayRef> {
    let values = stamps.values();
    let epoch = Int64Array::new(values.iter().map(|v| v.div_euclid(1_000_000)).collect(), nulls.clone());
    let fraction =
        Int32Array::new(values.iter().map(|v| (v.rem_euclid(1_000_000) * 1000) as i32).collect(), nulls.clone());
    let mut columns: Vec<ArrayRef> = vec![Arc::new(epoch), Arc::new(fraction)];
    if let Some(zone) = zone {
        let minutes = zone.values().iter().map(|o| i32::from(*o) + OFFSET_BASE).collect();
        columns.push(Arc::new(Int32Array::new(minutes, nulls.clone())));
    }
    Ok(Arc::new(StructArray::try_new(split_fields(zone.is_some()), columns, nulls)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::snowflake::answer::kind;
    use arrow::ipc::reader::StreamReader;

    #[test]
    fn numbers_take_the_narrowest_integer_of_all_batches() {
        let field = Field::new("N", Ty::number(10, 2));
        let batch = |v: i128| {
            let a = Decimal128Array::from(vec![Some(v), None]).with_precision_and_scale(10, 2).unwrap();
            RecordBatch::try_from_iter_with_nullable([("c1", Arc::new(a) as ArrayRef, true)]).unwrap()
        };
        let answer = Answer::query(vec![field], vec![batch(150), batch(70_000)].into());
        let plan = plan(&answer, 2).unwrap().unwrap();
        let bytes = plan.stream(&answer, 1..3).unwrap();
        let read: Vec<_> =
            StreamReader::try_new(std::io::Cursor::new(bytes), None).unwrap().map(Result::unwrap).collect();
        assert_eq!(read.iter().map(RecordBatch::num_rows).sum::<usize>(), 2);
        assert_eq!(read[0].schema().field(0).data_type(), &DataType::Int32);
        assert_eq!(read[0].schema().field(0).metadata()["logicalType"], "FIXED");
        assert!(read[0].column(0).is_null(0));
        assert_eq!(read[1].column(0).as_primitive::<arrow::datatypes::Int32Type>().value(0), 70_000);
    }

    #[test]
    fn texts_in_the_wires_form_cannot_go_as_arrow() {
        let answer = Answer::texts(kind::SELECT, vec![Field::new("A", Ty::INT)], &[vec![Some("1".into())]]);
        assert!(plan(&answer, 2).unwrap().is_none());
    }
}
