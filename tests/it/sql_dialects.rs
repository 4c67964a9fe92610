//! All of the pipeline's SQL is read by two independent Snowflake parsers, sqlglot and sqlfluff.

use std::path::Path;
use std::process::Command;

#[test]
fn sqlglot_and_sqlfluff_accept_the_pipeline() {
    let variable = "SNOWDECK_PYTHON_SQL";
    let Ok(python) = std::env::var(variable) else {
        println!("LEFT OUT: {variable} names no Python with sqlglot and sqlfluff (.ci/run makes one)");
        return;
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = folder.join("tests/pipeline/check_sql.py");
    let output = Command::new(python).arg(script).arg(folder.join("sql")).output().expect("Python starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.trim_end().ends_with("0 problems"), "{text}");
}
