//! What a Rust scalar function sees of a call and how its results become a DuckDB column.

use super::super::error::{SfError, SfResult};
use arrow::array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int32Array, Int64Array,
    ListArray, ListBuilder, RecordBatch, StringArray, StringBuilder, Time64MicrosecondArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, TimeUnit};
use std::sync::Arc;

/// One row of a call's arguments.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    batch: &'a RecordBatch,
    row: usize,
}

macro_rules! getter {
    ($(#[$doc:meta])* $name:ident, $array:ty, $out:ty) => {
        $(#[$doc])*
        #[must_use]
        pub fn $name(&self, column: usize) -> Option<$out> {
            let array = self.batch.column(column).as_any().downcast_ref::<$array>()?;
            (!array.is_null(self.row)).then(|| array.value(self.row))
        }
    };
}

impl<'a> Row<'a> {
    getter!(
        /// A BIGINT.
        int, Int64Array, i64
    );
    getter!(
        /// A DOUBLE.
        float, Float64Array, f64
    );
    getter!(
        /// A BOOLEAN.
        boolean, BooleanArray, bool
    );
    getter!(
        /// A TIMESTAMP in microseconds.
        stamp, TimestampMicrosecondArray, i64
    );
    getter!(
        /// A DATE in days.
        day, Date32Array, i32
    );
    getter!(
        /// A DECIMAL's digits.
        decimal, Decimal128Array, i128
    );

    /// A VARCHAR.
    #[must_use]
    pub fn text(&self, column: usize) -> Option<&'a str> {
        let array = self.batch.column(column).as_any().downcast_ref::<StringArray>()?;
        (!array.is_null(self.row)).then(|| array.value(self.row))
    }

    /// A VARCHAR[].
    #[must_use]
    pub fn texts(&self, column: usize) -> Option<Vec<Option<&'a str>>> {
        let array = self.batch.column(column).as_any().downcast_ref::<ListArray>()?;
        if array.is_null(self.row) {
            return None;
        }
        let values = array.values().as_any().downcast_ref::<StringArray>()?;
        let (from, to) = (array.value_offsets()[self.row], array.value_offsets()[self.row + 1]);
        let range = usize::try_from(from).ok()?..usize::try_from(to).ok()?;
        Some(range.map(|i| (!values.is_null(i)).then(|| values.value(i))).collect())
    }

    /// A BLOB.
    #[must_use]
    pub fn bytes(&self, column: usize) -> Option<&'a [u8]> {
        let array = self.batch.column(column).as_any().downcast_ref::<BinaryArray>()?;
        (!array.is_null(self.row)).then(|| array.value(self.row))
    }

    /// How many arguments there are.
    #[must_use]
    pub fn width(&self) -> usize {
        self.batch.num_columns()
    }
}

/// A DuckDB type as functions take and give it.
pub trait Kind {
    /// A value that a function gives.
    type Value;
    /// Its Arrow type.
    fn data_type() -> DataType;
    /// Its column.
    fn column(values: Vec<Option<Self::Value>>) -> ArrayRef;
}

macro_rules! kind {
    ($(#[$doc:meta])* $name:ident, $value:ty, $dt:expr, $array:ty) => {
        $(#[$doc])*
        pub struct $name;
        impl Kind for $name {
            type Value = $value;
            fn data_type() -> DataType {
                $dt
            }
            fn column(values: Vec<Option<Self::Value>>) -> ArrayRef {
                Arc::new(<$array>::from_iter(values))
            }
        }
    };
}

kind!(
    /// VARCHAR.
    Text, String, DataType::Utf8, StringArray
);
kind!(
    /// BIGINT.
    Int, i64, DataType::Int64, Int64Array
);
kind!(
    /// INTEGER.
    Int4, i32, DataType::Int32, Int32Array
);
kind!(
    /// DOUBLE.
    Float, f64, DataType::Float64, Float64Array
);
kind!(
    /// BOOLEAN.
    Bool, bool, DataType::Boolean, BooleanArray
);
kind!(
    /// TIMESTAMP, microseconds.
    Stamp, i64, DataType::Timestamp(TimeUnit::Microsecond, None), TimestampMicrosecondArray
);
kind!(
    /// DATE, days.
    Day, i32, DataType::Date32, Date32Array
);
kind!(
    /// TIME, microseconds.
    Clock, i64, DataType::Time64(TimeUnit::Microsecond), Time64MicrosecondArray
);
kind!(
    /// BLOB.
    Bytes, Vec<u8>, DataType::Binary, BinaryArray
);

/// DECIMAL(38,0).
pub struct Big;

impl Kind for Big {
    type Value = i128;
    fn data_type() -> DataType {
        DataType::Decimal128(38, 0)
    }
    fn column(values: Vec<Option<i128>>) -> ArrayRef {
        let array = Decimal128Array::from_iter(values);
        Arc::new(array.with_precision_and_scale(38, 0).unwrap_or_else(|_| Decimal128Array::from(vec![] as Vec<i128>)))
    }
}

/// VARCHAR[].
pub struct Texts;

impl Kind for Texts {
    type Value = Vec<String>;
    fn data_type() -> DataType {
        DataType::List(Arc::new(Field::new("item", DataType::Utf8, true)))
    }
    fn column(values: Vec<Option<Vec<String>>>) -> ArrayRef {
        let mut builder = ListBuilder::new(StringBuilder::new());
        for list in values {
            let some = list.is_some();
            for item in list.into_iter().flatten() {
                builder.values().append_value(item);
            }
            builder.append(some);
        }
        Arc::new(builder.finish())
    }
}

/// Calls `f` for each row.
///
/// # Errors
/// The first failure, as the text that [`super::super::duck::map_error`] reads.
pub fn rows<'a, R: Kind>(
    batch: &'a RecordBatch,
    mut f: impl FnMut(Row<'a>) -> SfResult<Option<R::Value>>,
) -> Result<Arc<dyn Array>, Box<dyn std::error::Error>> {
    let mut out = Vec::with_capacity(batch.num_rows());
    for row in 0..batch.num_rows() {
        out.push(f(Row { batch, row }).map_err(|e| raise(&e))?);
    }
    Ok(R::column(out))
}

fn raise(e: &SfError) -> String {
    format!("SF|{}|{}|{}", e.code, e.state, e.message)
}

/// Keeps what was last made from a constant argument (a format, a zone), so that it is read once for many rows.
pub struct Last<T> {
    key: Option<String>,
    value: Option<T>,
}

impl<T> Default for Last<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Last<T> {
    /// Empty.
    #[must_use]
    pub fn new() -> Self {
        Self { key: None, value: None }
    }

    /// The value for `key`, made anew when the key changes.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn get(&mut self, key: &str, make: impl FnOnce(&str) -> SfResult<T>) -> SfResult<&T> {
        if self.key.as_deref() != Some(key) {
            self.value = None;
        }
        let value = if let Some(v) = self.value.take() {
            v
        } else {
            let v = make(key)?;
            self.key = Some(key.to_owned());
            v
        };
        Ok(self.value.insert(value))
    }
}
