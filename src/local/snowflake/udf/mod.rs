//! Functions that DuckDB lacks: SQL macros and Rust scalar functions, registered at start. All are called `sf_…`.

mod crypt;
pub mod json;
pub mod number;
pub mod regexp;
pub mod row;
pub mod text;
pub mod time;
mod words;

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
    crypt::register(conn)?;
    words::register(conn)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_are_filtered_out_raise_nothing() {
        let home = tempfile::tempdir().unwrap();
        let conn = Connection::open(home.path().join("f.db")).unwrap();
        register(&conn).unwrap();
        // Few different values in a checkpointed file: DuckDB stores them as a dictionary and may work on that.
        conn.execute_batch(
            "CREATE TABLE t AS SELECT CASE WHEN i % 1000 = 0 THEN 'x' ELSE '2024-01-0' || (i % 9 + 1) END AS d, i \
             FROM range(300000) r(i); CHECKPOINT;",
        )
        .unwrap();
        let n: i64 = conn
            .query_row("SELECT count(sf_date(d, '')) FROM t WHERE i % 1000 <> 0 AND d <> 'x'", [], |r| r.get(0))
            .unwrap();
        assert_eq!(n, 299_700);
        let sql = "SELECT count(CASE WHEN d <> 'x' THEN sf_date(d, '') END) FROM t";
        assert_eq!(conn.query_row(sql, [], |r| r.get::<_, i64>(0)).unwrap(), 299_700);
        let e = conn.query_row("SELECT count(sf_date(d, '')) FROM t", [], |r| r.get::<_, i64>(0)).unwrap_err();
        assert_eq!(super::super::error::SfError::from(e).code, "100040");
    }
}
