//! Functions that DuckDB lacks: SQL macros and Rust scalar functions, registered at start. All are called `sf_…`.

pub mod json;
pub mod number;
pub mod regexp;
pub mod row;
pub mod text;
pub mod time;

use super::error::SfResult;
use duckdb::Connection;

/// Registers Rust scalar functions: `udf!(conn; "sf_name"(Text, Int) -> Text = |row| …;)`. The expression behind `=` is
/// evaluated once a chunk and gives the closure that is called for each row.
macro_rules! udf {
    ($conn:expr; $($name:literal ($($arg:ident),*) -> $ret:ident = $f:expr;)*) => {
        $({
            struct Function;
            impl duckdb::vscalar::VArrowScalar for Function {
                type State = ();
                fn invoke(
                    _: &(),
                    input: arrow::array::RecordBatch,
                ) -> Result<std::sync::Arc<dyn arrow::array::Array>, Box<dyn std::error::Error>> {
                    $crate::local::snowflake::udf::row::rows::<$crate::local::snowflake::udf::row::$ret>(&input, $f)
                }
                fn signatures() -> Vec<duckdb::vscalar::ArrowFunctionSignature> {
                    use $crate::local::snowflake::udf::row::Kind;
                    vec![duckdb::vscalar::ArrowFunctionSignature::exact(
                        vec![$(<$crate::local::snowflake::udf::row::$arg as Kind>::data_type()),*],
                        <$crate::local::snowflake::udf::row::$ret as Kind>::data_type(),
                    )]
                }
            }
            $conn.register_scalar_function::<Function>($name)?;
        })*
    };
}
use udf;

/// Registers everything.
///
/// # Errors
/// DuckDB's.
pub fn register(conn: &Connection) -> SfResult<()> {
    number::register(conn)?;
    text::register(conn)?;
    regexp::register(conn)?;
    time::register(conn)?;
    json::register(conn)?;
    Ok(())
}
