//! Stages and COPY INTO through the engine's sessions, with files in an object store.

use snowdeck::jobs::SystemClock;
use snowdeck::local::s3::{PutOptions, Store};
use snowdeck::local::snowflake::engine::{Engine, Options};
use snowdeck::local::snowflake::error::SfError;
use snowdeck::local::snowflake::session::{Login, Request, Session};
use snowdeck::local::snowflake::wire::encode::cell_text;
use std::io::Write;
use std::sync::Arc;

struct Cloud {
    engine: Arc<Engine>,
    session: Arc<Session>,
    store: Store,
    _dir: tempfile::TempDir,
}

fn cloud() -> Cloud {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    store.create_bucket("lake").unwrap();
    let admin = ("ADMIN".to_owned(), "secret-for-tests".to_owned());
    let options = Options {
        objects: Some(store.clone()),
        clock: Arc::new(SystemClock),
        account: "LOCAL".into(),
        admin: admin.clone(),
    };
    let engine = Engine::open(None, options).unwrap();
    let login = Login { user: admin.0, password: Some(admin.1), ..Login::default() };
    let session = engine.login(&login).unwrap();
    let c = Cloud { engine, session, store, _dir: dir };
    for sql in [
        "CREATE DATABASE DB",
        "CREATE SCHEMA DB.S",
        "USE SCHEMA DB.S",
        "CREATE WAREHOUSE W",
        "CREATE FILE FORMAT IF NOT EXISTS S.CSV_WITH_HEADER TYPE = CSV SKIP_HEADER = 1 \
         FIELD_OPTIONALLY_ENCLOSED_BY = '\"' ESCAPE_UNENCLOSED_FIELD = NONE TRIM_SPACE = TRUE COMMENT = 'x'",
        "CREATE FILE FORMAT S.JSON_LINES TYPE = JSON COMMENT = 'One JSON document a line'",
        "CREATE OR REPLACE STAGE S.CSV_STAGE URL = 's3://lake/csv/' CREDENTIALS = (AWS_KEY_ID = 'AK' \
         AWS_SECRET_KEY = 'hidden') ENDPOINT = 'localhost:9' FILE_FORMAT = (FORMAT_NAME = 'S.CSV_WITH_HEADER') COMMENT = 'c'",
        "CREATE STAGE S.JSON_STAGE URL = 's3://lake/json/' FILE_FORMAT = (FORMAT_NAME = 'S.JSON_LINES')",
        "CREATE TABLE S.C (ID VARCHAR, SCORE NUMBER(10, 0), FILE_NAME VARCHAR NOT NULL, ROW_NO NUMBER(38, 0) NOT NULL, \
         CONTENT_KEY VARCHAR, LOADED_AT TIMESTAMP_LTZ NOT NULL)",
        "CREATE TABLE S.P (ID NUMBER(4, 0) NOT NULL, NAME VARCHAR(5))",
        "CREATE TABLE S.T (RECORD VARIANT, FILE_NAME VARCHAR NOT NULL, ROW_NO NUMBER(38, 0) NOT NULL)",
    ] {
        c.run(sql).unwrap_or_else(|e| panic!("{sql}\n{e}"));
    }
    c
}

impl Cloud {
    fn put(&self, key: &str, content: impl AsRef<[u8]>) {
        self.store.put("lake", key, content.as_ref(), PutOptions::default()).unwrap();
    }

    /// Rows as text, cells joined by `|`, rows by `;`.
    fn run(&self, sql: &str) -> Result<String, SfError> {
        let query_id = self.engine.new_query_id();
        let request = Request { query_id, sql: sql.to_owned(), ..Request::default() };
        let answer = self.session.execute(&request)?;
        let row = |r| {
            let cell = |c| cell_text(&answer, r, c).unwrap().unwrap_or_else(|| "NULL".into());
            (0..answer.fields.len()).map(cell).collect::<Vec<_>>().join("|")
        };
        Ok((0..answer.rows.len()).map(row).collect::<Vec<_>>().join(";"))
    }

    #[track_caller]
    fn is(&self, sql: &str, expected: &str) {
        match self.run(sql) {
            Ok(got) => assert_eq!(got, expected, "{sql}"),
            Err(e) => panic!("{sql}\n{e}"),
        }
    }

    #[track_caller]
    fn fails(&self, sql: &str, code: &str) -> String {
        let e = self.run(sql).expect_err(sql);
        assert_eq!(e.code, code, "{sql}\n{e}");
        e.message
    }
}

const COPY_C: &str = "COPY INTO S.C (ID, SCORE, FILE_NAME, ROW_NO, CONTENT_KEY, LOADED_AT) FROM ( SELECT $1, $2, \
     METADATA$FILENAME, METADATA$FILE_ROW_NUMBER, METADATA$FILE_CONTENT_KEY, CURRENT_TIMESTAMP() FROM @S.CSV_STAGE ) \
     PATTERN = '.*[.]csv' FILE_FORMAT = (FORMAT_NAME = 'S.CSV_WITH_HEADER') ON_ERROR = ABORT_STATEMENT";
const COPY_T: &str = "COPY INTO S.T (RECORD, FILE_NAME, ROW_NO) FROM (SELECT t.$1, METADATA$FILENAME, \
     METADATA$FILE_ROW_NUMBER FROM @S.JSON_STAGE t) PATTERN = '.*[.]json'";
const NOTHING: &str = "Copy executed with 0 files processed.";

#[test]
fn a_header_csv_is_loaded_once_and_again_when_it_changes() {
    let c = cloud();
    c.put("csv/a.csv", "id,score\nC1, 7\r\n\"C,2\",\n");
    c.put("csv/ignored.txt", "id,score\nX,1\n");
    c.is(COPY_C, "s3://lake/csv/a.csv|LOADED|2|2|1|0|NULL|NULL|NULL|NULL");
    c.is("SELECT ID, SCORE, FILE_NAME, ROW_NO FROM S.C ORDER BY ID", "C,2|NULL|csv/a.csv|2;C1|7|csv/a.csv|1");
    c.is("SELECT COUNT(DISTINCT LOADED_AT), COUNT(CONTENT_KEY) FROM S.C", "1|2");
    c.is(COPY_C, NOTHING);
    c.put("csv/a.csv", "id,score\nC1,8\n");
    c.is(COPY_C, "s3://lake/csv/a.csv|LOADED|1|1|1|0|NULL|NULL|NULL|NULL");
    c.is("SELECT COUNT(*) FROM S.C", "3");
    c.is(&format!("{COPY_C} FORCE = TRUE"), "s3://lake/csv/a.csv|LOADED|1|1|1|0|NULL|NULL|NULL|NULL");
    c.run("TRUNCATE TABLE S.C").unwrap();
    c.is(COPY_C, "s3://lake/csv/a.csv|LOADED|1|1|1|0|NULL|NULL|NULL|NULL");
    c.is(
        "SELECT FILE_NAME, STAGE_LOCATION, STATUS, ROW_COUNT FROM TABLE(INFORMATION_SCHEMA.COPY_HISTORY( \
         TABLE_NAME => 'S.C', START_TIME => DATEADD(HOUR, -1, CURRENT_TIMESTAMP())))",
        "a.csv|s3://lake/csv/|Loaded|1",
    );
    c.is("SELECT FILE_NAME, TABLE_NAME FROM INFORMATION_SCHEMA.LOAD_HISTORY", "s3://lake/csv/a.csv|C");
}

#[test]
fn json_documents_become_variants() {
    let c = cloud();
    c.put("json/d1.json", "{\"a\":1,\"b\":[1,2]}\n{\"b\": \"x\", \"a\": {\"z\":1,\"y\":null}}\n");
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(b"{\"a\":2}\n").unwrap();
    c.put("json/d2.json", gz.finish().unwrap());
    c.put("json/d3.json", zstd::encode_all(&b"{\"a\":3}{\"a\":4}"[..], 1).unwrap());
    c.run(COPY_T).unwrap();
    c.is(
        "SELECT RECORD:a::VARCHAR, FILE_NAME, ROW_NO FROM S.T ORDER BY FILE_NAME, ROW_NO",
        "1|json/d1.json|1;{\"y\":null,\"z\":1}|json/d1.json|2;2|json/d2.json|1;3|json/d3.json|1;4|json/d3.json|2",
    );
    c.is(COPY_T, NOTHING);
}

#[test]
fn a_malformed_line_is_named() {
    let c = cloud();
    c.put("json/good.json", "{\"a\":1}\n");
    c.put("json/poor.json", "{\"a\":1}\n{\"a\":\n\nnonsense\n{\"a\":2}\n");
    let text = c.fails(COPY_T, "100069");
    assert!(text.starts_with("Error parsing JSON: "), "{text}");
    assert!(text.contains("\n  File 'json/poor.json', line "), "{text}");
    assert!(text.contains("If you would like to continue loading"), "{text}");
    c.is("SELECT COUNT(*) FROM S.T", "0");
    let result = c.run(&format!("{COPY_T} ON_ERROR = CONTINUE")).unwrap();
    assert!(result.contains("good.json|LOADED|1|1|"), "{result}");
    assert!(result.contains("poor.json|PARTIALLY_LOADED|"), "{result}");
    c.is("SELECT LISTAGG(RECORD:a::VARCHAR, ',') WITHIN GROUP (ORDER BY FILE_NAME, ROW_NO) FROM S.T", "1,1,2");
    c.is(COPY_T, NOTHING);
}

#[test]
fn bad_values_abort_or_are_left_out() {
    let c = cloud();
    c.put("csv/p.csv", "1,one\nx,two\n3,longer than five\n,four\n5,five\n12345,six\n");
    let copy = |more: &str| format!("COPY INTO S.P FROM @S.CSV_STAGE/p.csv FILE_FORMAT = (TYPE = CSV) {more}");
    let text = c.fails(&copy(""), "100038");
    assert_eq!(
        text.lines().take(3).collect::<Vec<_>>(),
        [
            "Numeric value 'x' is not recognized",
            "  File 'csv/p.csv', line 2, character 1",
            "  Row 2, column \"P\"[\"ID\":1]"
        ]
    );
    c.is("SELECT COUNT(*) FROM S.P", "0");
    let skipped = c.run(&copy("ON_ERROR = SKIP_FILE")).unwrap();
    assert!(skipped.starts_with("s3://lake/csv/p.csv|LOAD_FAILED|6|0|1|4|Numeric value 'x'"), "{skipped}");
    let skipped = c.run(&copy("ON_ERROR = 'SKIP_FILE_50%'")).unwrap();
    assert!(skipped.contains("LOAD_FAILED"), "{skipped}");
    let partly = c.run(&copy("ON_ERROR = SKIP_FILE_5")).unwrap();
    assert_eq!(
        partly,
        "s3://lake/csv/p.csv|PARTIALLY_LOADED|6|2|5|4|Numeric value 'x' is not recognized|2|1|\"P\"[\"ID\":1]"
    );
    c.is("SELECT LISTAGG(ID, ',') WITHIN GROUP (ORDER BY ID) FROM S.P", "1,5");
    c.is(&copy("ON_ERROR = CONTINUE"), NOTHING);
    let again = c.run(&copy("ON_ERROR = CONTINUE TRUNCATECOLUMNS = TRUE FORCE = TRUE")).unwrap();
    assert!(again.contains("|PARTIALLY_LOADED|6|3|6|3|"), "{again}");
    c.is("SELECT NAME FROM S.P WHERE ID = 3", "longe");
}

#[test]
fn records_must_have_the_tables_columns() {
    let c = cloud();
    c.put("csv/p.csv", "1,one,extra\n");
    let copy =
        |more: &str| format!("COPY INTO S.P FROM @S.CSV_STAGE FILE_FORMAT = (TYPE = CSV {more}) FILES = ('p.csv')");
    let text = c.fails(&copy(""), "100080");
    assert!(
        text.contains("Number of columns in file (3) does not match that of the corresponding table (2)"),
        "{text}"
    );
    assert!(text.contains("File 'csv/p.csv', line 1"), "{text}");
    c.run(&copy("ERROR_ON_COLUMN_COUNT_MISMATCH = FALSE")).unwrap();
    c.is("SELECT * FROM S.P", "1|one");
    c.is(&copy(""), "s3://lake/csv/p.csv|LOAD_SKIPPED|0|0|NULL|1|File was loaded before.|NULL|NULL|NULL");
    let gone = c.fails("COPY INTO S.P FROM @S.CSV_STAGE FILES = ('gone.csv')", "091016");
    assert!(gone.contains("was not found"), "{gone}");
}

#[test]
fn fields_are_matched_by_name() {
    let c = cloud();
    c.put("json/m.json", "{\"name\":\"n1\",\"id\":1,\"more\":true}\n{\"ID\":2}\n");
    c.put("csv/m.csv", "name,zip,id\nn3,x,3\n");
    c.run("COPY INTO S.P FROM @S.JSON_STAGE MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE").unwrap();
    c.run(
        "COPY INTO S.P FROM @S.CSV_STAGE FILE_FORMAT = (TYPE = CSV PARSE_HEADER = TRUE) \
         MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE",
    )
    .unwrap();
    c.is("SELECT ID, NAME FROM S.P ORDER BY ID", "1|n1;2|NULL;3|n3");
    let text = c.fails("COPY INTO S.P FROM @S.JSON_STAGE FORCE = TRUE", "002019");
    assert!(text.contains("one and only one column"), "{text}");
}

#[test]
fn a_copy_in_a_transaction_goes_with_it() {
    let c = cloud();
    c.put("csv/p.csv", "1,one\n");
    let copy = "COPY INTO S.P FROM @S.CSV_STAGE FILE_FORMAT = (TYPE = CSV)";
    c.run("BEGIN").unwrap();
    c.run(copy).unwrap();
    c.fails("INSERT INTO S.P SELECT 'x', 'y'", "100038");
    c.is("SELECT COUNT(*) FROM S.P", "1");
    c.run("ROLLBACK").unwrap();
    c.is("SELECT COUNT(*) FROM S.P", "0");
    c.is(copy, "s3://lake/csv/p.csv|LOADED|1|1|1|0|NULL|NULL|NULL|NULL");
}

#[test]
fn staged_files_are_listed_and_queried() {
    let c = cloud();
    c.put("csv/sub/a.csv", "id,score\n1,2\n");
    c.put("csv/sub/b.csv", "id,score\n3,4\n5\n");
    c.put("json/a.json", "{\"a\":{\"b\":7}}\n");
    let listed = c.run("LIST @S.CSV_STAGE/su").unwrap();
    assert!(listed.starts_with("s3://lake/csv/sub/a.csv|13|"), "{listed}");
    assert!(listed.split(';').count() == 2 && listed.ends_with(" GMT"), "{listed}");
    c.is("LS @S.CSV_STAGE PATTERN = 'sub/.*'", "");
    assert!(c.run("LS @S.CSV_STAGE PATTERN = '.*sub/b.*'").unwrap().contains("b.csv"));
    c.is(
        "SELECT $1::NUMBER + t.$2::NUMBER, METADATA$FILENAME, METADATA$FILE_ROW_NUMBER FROM @S.CSV_STAGE/sub t \
         WHERE t.$2 IS NOT NULL ORDER BY 1",
        "3|csv/sub/a.csv|1;7|csv/sub/b.csv|1",
    );
    c.is("SELECT COUNT(*) FROM @S.CSV_STAGE", "3");
    c.is("SELECT $2 FROM @S.CSV_STAGE/sub/b.csv (FILE_FORMAT => 'S.CSV_WITH_HEADER') ORDER BY 1", "4;NULL");
    c.is("SELECT $1:a.b::NUMBER, $2 FROM @S.JSON_STAGE (FILE_FORMAT => S.JSON_LINES, PATTERN => '.*json')", "7|NULL");
    c.put("json/bad.json", "{\"a\":1}\nnope\n");
    let text = c.fails("SELECT COUNT(*) FROM @S.JSON_STAGE/bad", "100069");
    assert!(text.contains("File 's3://lake/json/bad.json', line 2, character"), "{text}");
    c.run("CREATE TABLE S.FROM_STAGE AS SELECT $1 AS A, $2 AS B FROM @S.CSV_STAGE/sub").unwrap();
    c.is("SELECT COUNT(*), COUNT(B) FROM S.FROM_STAGE", "3|2");
    c.is("SELECT * FROM @S.CSV_STAGE/sub/a.csv", "1|2");
    // Columns asked for beforehand leave no transaction behind.
    let ask = Request {
        query_id: c.engine.new_query_id(),
        sql: "SELECT $1 FROM @S.CSV_STAGE/sub".into(),
        describe_only: true,
        ..Request::default()
    };
    assert_eq!(c.session.execute(&ask).unwrap().fields.len(), 1);
    c.run("BEGIN").unwrap();
    c.run("INSERT INTO S.FROM_STAGE SELECT $1, $2 FROM @S.CSV_STAGE/sub").unwrap();
    c.fails("INSERT INTO S.P SELECT 'x', 'y'", "100038");
    c.is("SELECT COUNT(*) FROM S.FROM_STAGE", "6");
    c.run("ROLLBACK").unwrap();
    c.is("SELECT COUNT(*) FROM S.FROM_STAGE", "3");
    c.is("REMOVE @S.CSV_STAGE/sub PATTERN = '.*a[.]csv'", "s3://lake/csv/sub/a.csv|removed");
    c.is("SELECT COUNT(*) FROM @S.CSV_STAGE", "2");
}

#[test]
fn stages_are_described_without_their_secrets() {
    let c = cloud();
    let text = c.run("DESC STAGE S.CSV_STAGE").unwrap();
    assert!(text.contains("STAGE_LOCATION|URL|String|[\"s3://lake/csv/\"]|"), "{text}");
    assert!(text.contains("STAGE_CREDENTIALS|AWS_KEY_ID|String|AK|") && !text.contains("hidden"), "{text}");
    assert!(c.run("DESC FILE FORMAT S.CSV_WITH_HEADER").unwrap().contains("SKIP_HEADER|Integer|1|0"));
    c.run("ALTER STAGE S.CSV_STAGE SET URL = 's3://lake/other/'").unwrap();
    c.run("ALTER FILE FORMAT S.CSV_WITH_HEADER SET SKIP_HEADER = 2").unwrap();
    assert!(c.run("DESC FILE FORMAT S.CSV_WITH_HEADER").unwrap().contains("SKIP_HEADER|Integer|2|0"));
    assert!(c.run("SHOW STAGES IN SCHEMA S").unwrap().contains("CSV_STAGE|DB|S|s3://lake/other/|Y|N|ACCOUNTADMIN|c|"));
    assert!(c.run("SHOW FILE FORMATS").unwrap().contains("{\"TYPE\":\"CSV\",\"RECORD_DELIMITER\":"));
    c.fails("CREATE STAGE S.X URL = 'ftp://x'", "001011");
    c.fails("CREATE STAGE S.X URL = 's3://lake/' NO_SUCH = 1", "001420");
    c.fails("CREATE FILE FORMAT S.X TYPE = CSV NO_SUCH = 1", "001420");
    let text = c.fails("LIST @S.NOPE", "002003");
    assert!(text.contains("Stage 'DB.S.NOPE' does not exist or not authorized."), "{text}");
    c.run("CREATE STAGE S.AWAY URL = 's3://nowhere/'").unwrap();
    c.fails("LIST @S.AWAY", "091003");
    c.run(
        "CREATE STORAGE INTEGRATION IF NOT EXISTS SI TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' \
         STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::1:role/r' ENABLED = TRUE STORAGE_ALLOWED_LOCATIONS = ('s3://lake/')",
    )
    .unwrap();
    assert!(c.run("DESC INTEGRATION SI").unwrap().contains("STORAGE_ALLOWED_LOCATIONS|List|s3://lake/|[]"));
    c.run("CREATE STAGE S.VIA URL = 's3://lake/x/' STORAGE_INTEGRATION = SI").unwrap();
    c.fails("CREATE STAGE S.VIA2 URL = 's3://other/x/' STORAGE_INTEGRATION = SI", "093033");
}

#[test]
fn what_a_transformation_may_not_do_is_refused() {
    let c = cloud();
    c.fails("COPY INTO S.P FROM (SELECT $1, $2 FROM @S.CSV_STAGE WHERE $1 > 1)", "002134");
    c.fails("COPY INTO @S.CSV_STAGE FROM S.P VALIDATION_MODE = RETURN_ROWS", "000002");
    c.fails("COPY INTO S.P FROM (SELECT $1, $2 FROM @S.CSV_STAGE) VALIDATION_MODE = RETURN_ERRORS", "001008");
    c.fails("COPY INTO S.P FROM (SELECT $1 FROM @S.CSV_STAGE)", "002057");
}

/// The pipeline's own statements, from the account to the load, as they are in `sql/`.
#[test]
fn the_pipelines_landing_and_load_run_unchanged() {
    use snowdeck::jobs::deploy::{Pipeline, Variables};
    let c = cloud();
    let values = Variables::default()
        .with("ds_password", "a-Long-passw0rd")
        .with("aws_key_id", "AKIA")
        .with("aws_secret_key", "key")
        .with("bucket_url", "s3://lake");
    let deployment = Pipeline::builtin().unwrap().prepare(&values).unwrap();
    c.put("convex-customers/customers.csv", "customer_id,loyalty_score\nC1,7\nC2,3\n");
    c.put("convex-products/products.csv", "product_id,product_description,product_category\nP1,\"a, b\",house\n");
    for (day, doc) in [
        ("2026-01-01", r#"{"basket":[{"price":5,"product_id":"P1"}],"customer_id":"C1"}"#),
        ("2026-01-02", r#"{"customer_id":"C2","basket":[]}"#),
    ] {
        c.put(&format!("convex-transactions/d={day}/transactions.json"), format!("{doc}\n"));
    }
    let run = |stages: &[&str]| {
        for step in deployment.plan().stages.iter().filter(|s| stages.contains(&s.id.as_str())).flat_map(|s| &s.steps) {
            c.run(&step.sql).unwrap_or_else(|e| panic!("{}:{}\n{}\n{e}", step.file, step.line, step.sql));
        }
    };
    run(&["account", "landing", "stage", "pipes", "load"]);
    c.is("SELECT COUNT(*), COUNT(LOADED_AT), MAX(FILE_ROW_NUMBER) FROM CONVEX_STAGE.RAW_CUSTOMERS", "2|2|2");
    c.is("SELECT PRODUCT_ID, PRODUCT_DESCRIPTION FROM CONVEX_STAGE.RAW_PRODUCTS", "P1|a, b");
    c.is(
        "SELECT RECORD:customer_id::VARCHAR, RECORD:basket[0].price::NUMBER FROM CONVEX_STAGE.RAW_TRANSACTIONS ORDER BY 1",
        "C1|5;C2|NULL",
    );
    run(&["load"]);
    c.is("SELECT COUNT(*) FROM CONVEX_STAGE.RAW_TRANSACTIONS", "2");
    c.put("convex-transactions/d=2026-01-03/transactions.json", "{\"customer_id\":\"C3\",\"basket\":[]}\n");
    run(&["load"]);
    c.is("SELECT COUNT(*) FROM CONVEX_STAGE.RAW_TRANSACTIONS", "3");
}
