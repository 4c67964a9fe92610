//! Staged files as drivers move them: the addresses of PUT and GET, and Snowflake's own connector in both majors.

use crate::served::{Served, said};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use snowdeck::jobs::SystemClock;
use snowdeck::local::s3::Store;
use snowdeck::local::snowflake::engine::{Engine, Options};
use snowdeck::local::snowflake::wire::SnowflakeServer;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

struct Driver {
    server: Arc<SnowflakeServer>,
    http: Client,
    token: String,
    _dir: tempfile::TempDir,
}

/// A driver of that name and version, logged in; the schema has a stage BOX.
async fn driver(id: &str, version: &str) -> Driver {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        objects: Some(Store::open(dir.path()).unwrap()),
        clock: Arc::new(SystemClock),
        account: "test".into(),
        admin: ("admin".into(), "secret".into()),
    };
    let engine = Engine::open(None, options).unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let server = Arc::new(SnowflakeServer::start(engine, listener).unwrap());
    let mut driver = Driver { server, http: Client::new(), token: String::new(), _dir: dir };
    let login = json!({ "data": { "LOGIN_NAME": "admin", "PASSWORD": "secret", "CLIENT_APP_ID": id,
        "CLIENT_APP_VERSION": version } });
    let reply = driver.post("/session/v1/login-request", &login).await;
    driver.token = reply["data"]["token"].as_str().unwrap().to_owned();
    for sql in ["CREATE DATABASE D", "CREATE SCHEMA D.S", "CREATE STAGE BOX", "CREATE WAREHOUSE W"] {
        driver.sql(sql).await;
    }
    driver
}

impl Driver {
    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address())
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.http.post(self.url(path)).header("content-type", "application/json");
        let request = request.header("authorization", format!("Snowflake Token=\"{}\"", self.token));
        let reply = request.body(body.to_string()).send().await.unwrap();
        serde_json::from_slice(&reply.bytes().await.unwrap()).unwrap()
    }

    /// The `data` of a statement that succeeds.
    async fn sql(&self, sql: &str) -> Value {
        let mut reply = self.post("/queries/v1/query-request", &json!({ "sqlText": sql })).await;
        assert_eq!(reply["success"], true, "{sql}: {reply}");
        reply["data"].take()
    }

    async fn code(&self, sql: &str) -> Value {
        self.post("/queries/v1/query-request", &json!({ "sqlText": sql })).await["code"].take()
    }
}

#[tokio::test]
async fn a_signed_address_takes_one_file_and_gives_one_back() {
    let d = driver("JDBC", "3.20").await;
    let put = d.sql("PUT 'file:///tmp/some data.csv.gz' @box/in PARALLEL = 7").await;
    assert_eq!((&put["command"], &put["parallel"], &put["overwrite"]), (&"UPLOAD".into(), &7.into(), &false.into()));
    assert_eq!(put["src_locations"], json!(["/tmp/some data.csv.gz"]));
    let address = put["stageInfo"]["presignedUrl"].as_str().unwrap();
    let status = d.http.put(address).body("content").send().await.unwrap().status();
    assert_eq!(status, StatusCode::OK);
    // Without OVERWRITE what is there stays; an address for writing does not read.
    assert_eq!(d.http.put(address).body("other").send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(d.http.get(address).send().await.unwrap().status(), StatusCode::FORBIDDEN);
    let listed = d.sql("LIST @box").await;
    assert_eq!(listed["rowset"][0][0], "box/in/some data.csv.gz");
    assert_eq!(listed["rowset"][0][1], "7");
    assert_eq!(listed["rowset"][0][2], "9a0364b9e99bb480dd25e1f0284c8555");
    let get = d.sql("GET @box file:///tmp/back/ PATTERN = '.*in/.*'").await;
    assert_eq!((&get["command"], &get["localLocation"]), (&"DOWNLOAD".into(), &"/tmp/back/".into()));
    assert_eq!(get["src_locations"], json!(["in/some data.csv.gz"]));
    let from = get["presignedUrls"][0].as_str().unwrap();
    assert_eq!(d.http.get(from).send().await.unwrap().bytes().await.unwrap(), "content");
    let part = d.http.get(from).header("range", "bytes=2-4").send().await.unwrap();
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.bytes().await.unwrap(), "nte");
    // Its folder and its time are all that a token is for.
    let elsewhere = address.replace("/in/", "/out/");
    assert_eq!(d.http.put(elsewhere).body("x").send().await.unwrap().status(), StatusCode::FORBIDDEN);
    let unsigned = address.split('?').next().unwrap();
    assert_eq!(d.http.put(unsigned).body("x").send().await.unwrap().status(), StatusCode::FORBIDDEN);
    d.post("/session?delete=true", &json!({})).await;
    assert_eq!(d.http.get(from).send().await.unwrap().status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_token_moves_the_files_of_its_stage() {
    let d = driver("PythonConnector", "5.2.0").await;
    let put = d.sql("PUT file:///tmp/*.csv @box OVERWRITE = FALSE").await;
    let info = &put["stageInfo"];
    assert_eq!(info["presignedUrl"], Value::Null);
    let token = format!("Bearer {}", info["creds"]["GCS_ACCESS_TOKEN"].as_str().unwrap());
    let at =
        |name: &str| format!("{}/{}{name}", info["endPoint"].as_str().unwrap(), info["location"].as_str().unwrap());
    let head = d.http.head(at("a.csv.gz")).header("authorization", &token).send().await.unwrap();
    assert_eq!(head.status(), StatusCode::NOT_FOUND);
    for (name, expected) in
        [("a.csv.gz", StatusCode::OK), ("b.csv.gz", StatusCode::OK), ("a.csv.gz", StatusCode::PRECONDITION_FAILED)]
    {
        let put = d.http.put(at(name)).header("authorization", &token).header("x-goog-if-generation-match", "0");
        let put = put.header("x-goog-meta-sfc-digest", "dig").body("1\n");
        assert_eq!(put.send().await.unwrap().status(), expected, "{name}");
    }
    let head = d.http.head(at("a.csv.gz")).header("authorization", &token).send().await.unwrap();
    assert_eq!(
        (head.headers()["content-length"].clone(), head.headers()["x-goog-meta-sfc-digest"].clone()),
        ("2".parse().unwrap(), "dig".parse().unwrap())
    );
    d.sql("ALTER SESSION SET PYTHON_CONNECTOR_QUERY_RESULT_FORMAT = 'JSON'").await;
    assert_eq!(d.sql("SELECT COUNT(*) FROM @box").await["rowset"], json!([["2"]]));
    assert_eq!(d.sql("REMOVE @box PATTERN = '.*b[.].*'").await["rowset"], json!([["box/b.csv.gz", "removed"]]));
}

#[tokio::test]
async fn what_cannot_be_put_is_refused() {
    let d = driver("PythonConnector", "4.8.1").await;
    d.sql("CREATE STAGE OUTSIDE URL = 's3://lake/'").await;
    for (sql, code) in [
        ("PUT file:///tmp/x @nowhere", "002003"),
        ("PUT file:///tmp/x @outside", "000002"),
        ("GET @outside file:///tmp/", "000002"),
        ("PUT /tmp/x @box", "001003"),
        ("PUT file:///tmp/x @box PARALLEL = 1000", "001008"),
        ("PUT file:///tmp/x @box SOURCE_COMPRESSION = LZMA", "001008"),
        ("GET @box file:///tmp/ OVERWRITE = TRUE", "001420"),
    ] {
        assert_eq!(d.code(sql).await, code, "{sql}");
    }
}

#[tokio::test]
async fn arrays_are_bound_in_one_statement_from_the_request_or_a_stage() {
    let d = driver("JDBC", "3.20").await;
    d.sql("CREATE TABLE T (A NUMBER(10, 2), B VARCHAR DEFAULT 'none', C DATE, I INT IDENTITY)").await;
    let sql = "INSERT INTO T (A, B, C) VALUES (?, ?, ?)";
    let asked = d.post("/queries/v1/query-request", &json!({ "sqlText": sql, "describeOnly": true })).await;
    assert_eq!(asked["data"]["arrayBindSupported"], true, "{asked}");
    let lists = json!({ "1": { "type": "FIXED", "value": ["1", "2.5", null] }, "2": { "type": "TEXT", "value": ["x", null, "z"] },
        "3": { "type": "DATE", "value": ["86400000", null, "-86400000"] } });
    let reply = d.post("/queries/v1/query-request", &json!({ "sqlText": sql, "bindings": lists })).await;
    assert_eq!(reply["data"]["rowset"], json!([["3"]]), "{reply}");
    let put = d.sql("PUT file://1.csv @box/binds").await;
    let address = put["stageInfo"]["presignedUrl"].as_str().unwrap();
    assert!(d.http.put(address).body("7.25,seven,2024-05-06\n8,,\n").send().await.unwrap().status().is_success());
    let staged = json!({ "sqlText": sql, "bindStage": "@box/binds" });
    let reply = d.post("/queries/v1/query-request", &staged).await;
    assert_eq!(reply["data"]["rowset"], json!([["2"]]), "{reply}");
    let rows = d.sql("SELECT A, B, TO_CHAR(C), I FROM T ORDER BY I").await;
    let expected = json!([
        ["1.00", "x", "1970-01-02", "1"],
        ["2.50", null, null, "2"],
        [null, "z", "1969-12-31", "3"],
        ["7.25", "seven", "2024-05-06", "4"],
        ["8.00", null, null, "5"]
    ]);
    assert_eq!(rows["rowset"], expected);
    // One bad value: none of the rows.
    let bad = json!({ "1": { "type": "TEXT", "value": ["1", "no number"] }, "2": { "type": "TEXT", "value": ["x", "y"] },
        "3": { "type": "TEXT", "value": [null, null] } });
    let reply = d.post("/queries/v1/query-request", &json!({ "sqlText": sql, "bindings": bad })).await;
    assert_eq!(reply["code"], "100038", "{reply}");
    assert_eq!(d.sql("SELECT COUNT(*) FROM T").await["rowset"], json!([["5"]]));
}

#[tokio::test]
async fn what_is_unloaded_is_loaded_again() {
    let d = driver("JDBC", "3.20").await;
    d.sql("CREATE TABLE T (ID INT, NAME VARCHAR, D DATE, P NUMBER(10, 2))").await;
    d.sql("INSERT INTO T VALUES (1, 'a, \"b\"', '2024-01-02', 1.5), (2, NULL, NULL, NULL), (3, 'c', '2024-03-04', -2)")
        .await;
    let csv = "FILE_FORMAT = (TYPE = CSV FIELD_OPTIONALLY_ENCLOSED_BY = '\"' PARSE_HEADER = TRUE)";
    d.sql("CREATE FILE FORMAT HEADED TYPE = CSV FIELD_OPTIONALLY_ENCLOSED_BY = '\"' PARSE_HEADER = TRUE").await;
    d.sql("CREATE FILE FORMAT PQ TYPE = PARQUET").await;
    let rows = "[[\"1\",\"a, \\\"b\\\"\",\"2024-01-02\",\"1.50\"],[\"2\",null,null,null],[\"3\",\"c\",\"2024-03-04\",\"-2.00\"]]";
    for (folder, unload, format) in [
        ("csv", format!("HEADER = TRUE {csv}"), csv),
        ("pq", "HEADER = TRUE FILE_FORMAT = (TYPE = PARQUET)".to_owned(), "FILE_FORMAT = (FORMAT_NAME = 'PQ')"),
    ] {
        let told = d.sql(&format!("COPY INTO @box/{folder}/ FROM T {unload}")).await;
        assert_eq!(
            (&told["rowset"][0][0], &told["rowtype"][0]["name"]),
            (&"3".into(), &"rows_unloaded".into()),
            "{told}"
        );
        d.sql(&format!("CREATE TABLE BACK_{folder} LIKE T")).await;
        d.sql(&format!("COPY INTO BACK_{folder} FROM @box/{folder} {format} MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE"))
            .await;
        let back = d.sql(&format!("SELECT ID, NAME, TO_CHAR(D), P FROM BACK_{folder} ORDER BY ID")).await;
        assert_eq!(back["rowset"].to_string(), rows, "{folder}");
        assert_eq!(d.code(&format!("COPY INTO @box/{folder}/ FROM T {unload}")).await, "001030");
        d.sql(&format!("COPY INTO @box/{folder}/ FROM T {unload} OVERWRITE = TRUE")).await;
    }
    let listed = d.sql("LIST @box").await;
    let names: Vec<_> = listed["rowset"].as_array().unwrap().iter().map(|r| r[0].as_str().unwrap()).collect();
    assert_eq!(names, ["box/csv/data_0_0_0.csv.gz", "box/pq/data_0_0_0.snappy.parquet"]);

    let told = d.sql("COPY INTO @box/json/x FROM (SELECT OBJECT_CONSTRUCT('id', ID, 'n', NAME) FROM T) FILE_FORMAT = (TYPE = JSON COMPRESSION = NONE) DETAILED_OUTPUT = TRUE").await;
    assert_eq!((&told["rowset"][0][0], &told["rowset"][0][2]), (&"json/x_0_0_0.json".into(), &"3".into()));
    assert_eq!(d.code("COPY INTO @box/json/y FROM T FILE_FORMAT = (TYPE = JSON)").await, "002019");
    d.sql("COPY INTO @box/parts/ FROM T PARTITION BY ('id=' || ID) FILE_FORMAT = (TYPE = CSV)").await;
    assert_eq!(d.sql("LIST @box/parts/id=2/").await["total"], 1);
    d.sql("COPY INTO @box/one.csv FROM T SINGLE = TRUE FILE_FORMAT = (COMPRESSION = NONE)").await;
    assert_eq!(d.sql("SELECT $1, $2 FROM @box/one.csv WHERE $1 = '2'").await["rowset"], json!([["2", null]]));
}

#[tokio::test]
async fn parquet_options_are_kept_and_shown() {
    let d = driver("JDBC", "3.20").await;
    d.sql("CREATE FILE FORMAT PQ TYPE = PARQUET USE_LOGICAL_TYPE = TRUE USE_VECTORIZED_SCANNER = TRUE").await;
    d.sql("ALTER FILE FORMAT PQ SET USE_VECTORIZED_SCANNER = FALSE").await;
    let told = d.sql("DESC FILE FORMAT PQ").await;
    let rows = told["rowset"].as_array().unwrap();
    for (option, value) in [("USE_LOGICAL_TYPE", "true"), ("USE_VECTORIZED_SCANNER", "false")] {
        let row = rows.iter().find(|r| r[0] == option).unwrap_or_else(|| panic!("{option}: {told}"));
        assert_eq!(*row, json!([option, "Boolean", value, "false"]));
    }
    assert!(rows.iter().all(|r| r[0] != "STRIP_OUTER_ELEMENT"), "{told}");
    let shown = d.sql("SHOW FILE FORMATS").await;
    let options = shown["rowset"][0][7].as_str().unwrap();
    assert!(options.contains("\"USE_LOGICAL_TYPE\":true,\"USE_VECTORIZED_SCANNER\":false"), "{options}");
    assert_eq!(d.code("CREATE FILE FORMAT P2 TYPE = PARQUET USE_LOGICAL_TYPE = MAYBE").await, "001008");
    assert_eq!(d.code("CREATE FILE FORMAT P2 TYPE = PARQUET STRIP_OUTER_ELEMENT = TRUE").await, "001420");
}

#[tokio::test]
async fn schemas_are_inferred_and_make_tables() {
    let d = driver("JDBC", "3.20").await;
    for sql in [
        "CREATE FILE FORMAT PQ TYPE = PARQUET",
        "CREATE FILE FORMAT HEADED TYPE = CSV PARSE_HEADER = TRUE",
        "CREATE TABLE T AS SELECT 1 AS ID, 'x' AS \"na me\", 1.25 AS P, '2024-01-02'::TIMESTAMP_NTZ AS AT",
        "COPY INTO @box/pq/ FROM T HEADER = TRUE FILE_FORMAT = (TYPE = PARQUET)",
        "COPY INTO @box/csv/ FROM T HEADER = TRUE FILE_FORMAT = (TYPE = CSV)",
    ] {
        d.sql(sql).await;
    }
    let infer = "TABLE(INFER_SCHEMA(LOCATION => '@box/pq/', FILE_FORMAT => 'PQ'))";
    let told = d.sql(&format!("SELECT COLUMN_NAME, TYPE, EXPRESSION FROM {infer} ORDER BY ORDER_ID")).await;
    assert_eq!(told["rowset"][1], json!(["na me", "TEXT", "$1:\"na me\"::TEXT"]), "{told}");
    assert_eq!(told["rowset"][2], json!(["P", "NUMBER(3, 2)", "$1:P::NUMBER(3, 2)"]), "{told}");
    let told = d
        .sql("SELECT COLUMN_NAME, TYPE FROM TABLE(INFER_SCHEMA(LOCATION => '@box/csv/', FILE_FORMAT => 'HEADED'))")
        .await;
    let expected = json!([["ID", "NUMBER(1, 0)"], ["na me", "TEXT"], ["P", "NUMBER(3, 2)"], ["AT", "TIMESTAMP_NTZ"]]);
    assert_eq!(told["rowset"], expected, "{told}");
    d.sql(&format!("CREATE TABLE MADE USING TEMPLATE (SELECT ARRAY_AGG(OBJECT_CONSTRUCT(*)) FROM {infer})")).await;
    d.sql("COPY INTO MADE FROM @box/pq/ FILE_FORMAT = (FORMAT_NAME = 'PQ') MATCH_BY_COLUMN_NAME = CASE_SENSITIVE")
        .await;
    let back = d.sql("SELECT \"na me\", P, TO_CHAR(AT, 'YYYY-MM-DD') FROM MADE").await;
    assert_eq!(back["rowset"], json!([["x", "1.25", "2024-01-02"]]));
    assert_eq!(
        d.sql("SELECT $1:P::NUMBER(3, 2) FROM @box/pq/ (FILE_FORMAT => 'PQ')").await["rowset"],
        json!([["1.25"]])
    );
}

#[test]
fn connector_4_moves_files_and_binds_arrays() {
    with_connector("4");
}

#[test]
fn connector_5_moves_files_and_binds_arrays() {
    with_connector("5");
}

fn with_connector(major: &str) {
    let variable = format!("SNOWDECK_PYTHON_{major}");
    let Ok(python) = std::env::var(&variable) else {
        println!("LEFT OUT: {variable} names no Python with snowflake-connector-python {major}.x (.ci/run makes one)");
        return;
    };
    let home = tempfile::tempdir().expect("temp dir");
    let served = Served::start(home.path());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/stage_files.py");
    let output = Command::new(python)
        .arg(script)
        .env("SERVED", served.about.to_string()) // the environment, so that no secret stands on a command line
        .env("HOME", home.path())
        .output()
        .expect("Python starts");
    assert!(output.status.success(), "{}", said(&output));
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", said(&output)));
    files(&seen, major);
    let many = |n: u64| seen[if n == 500 { "few" } else { "many" }].clone();
    assert_eq!((&many(500)[0], &many(500)[1]), (&500.into(), &500.into()), "{seen}");
    assert_eq!((&many(10_000)[0], &many(10_000)[1]), (&10_000.into(), &10_000.into()), "{seen}");
    assert_eq!(many(500)[2], 250, "{seen}");
    if seen["frames"].is_null() {
        println!("LEFT OUT: data frames: this Python has no pandas with pyarrow");
        return;
    }
    assert_eq!(seen["frames"], json!([true, 2, 3]), "{seen}");
    let read = json!([
        [1, "a", 1.5, "2024-01-02T03:04:05.678", true],
        [2, null, null, null, false],
        [3, "c'c", -2.25, "1999-12-31T00:00:00.000", true]
    ]);
    assert_eq!(seen["read"], read, "{seen}");
    assert_eq!(
        seen["inferred"],
        json!([true, 3, ["NUMBER", "VARCHAR", "FLOAT", "TIMESTAMP_NTZ", "BOOLEAN"]]),
        "{seen}"
    );
    assert_eq!((&seen["overwritten"][0], &seen["overwritten"][1]), (&true.into(), &3.into()), "{seen}");
}

/// What PUT, LIST, COPY, GET and REMOVE showed.
fn files(seen: &Value, major: &str) {
    assert_eq!(seen["put"].as_array().map(Vec::len), Some(2), "{seen}");
    assert_eq!(seen["put"][0][1], "a 1.csv.gz", "{seen}");
    assert_eq!(seen["put"][0][6], "UPLOADED", "{seen}");
    // The connector 4 cannot ask whether a file is there: it says UPLOADED, and the file stays all the same.
    assert_eq!(seen["again"][0], if major == "4" { "UPLOADED" } else { "SKIPPED" }, "{seen}");
    assert_eq!((&seen["kept"], &seen["replaced"]), (&json!([["three"]]), &json!([["four"]])), "{seen}");
    let names: Vec<_> = seen["listed"].as_array().into_iter().flatten().map(|r| r[0].clone()).collect();
    assert_eq!(names, ["box/in/a 1.csv.gz", "box/in/a-2.csv.gz", "big/big.csv", "a-2.csv.gz"], "{seen}");
    assert_eq!(seen["loaded"].as_array().map(Vec::len), Some(2), "{seen}");
    assert_eq!(seen["got"].as_array().map(Vec::len), Some(2), "{seen}");
    assert_eq!(seen["back"], json!(["a 1.csv.gz", "a-2.csv.gz", "big.csv"]), "{seen}");
    assert_eq!(seen["whole"], true, "{seen}");
    assert_eq!(seen["removed"], json!([["box/in/a-2.csv.gz", "removed"]]), "{seen}");
    assert_eq!(seen["stream"], json!([["9", "nine"]]), "{seen}");
    assert_eq!(seen["refused"], 2, "{seen}");
}
