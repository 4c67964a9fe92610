//! Answers of any size: to disk as they come, and from there to files that others can read.

use snowdeck::config::{self, LOCAL_PROFILE, Paths, Settings};
use snowdeck::jobs::Context;
use snowdeck::jobs::query::export::{Format, export};
use snowdeck::jobs::query::{Spill, catalog, fetch};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

const ROWS: u64 = 60_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_answer_goes_to_disk_and_from_there_to_files() {
    let home = tempfile::tempdir().unwrap();
    let paths = Paths::in_home(home.path());
    let connected = config::connect(&paths, &Settings::default(), LOCAL_PROFILE, None).await.unwrap();
    let session = connected.warehouses.connect(None).await.unwrap();
    let ctx = Context::silent();
    let sql = format!(
        "SELECT SEQ4() AS N, (N / 4)::NUMBER(12,2) AS Q, 'é' || N AS T, IFF(N % 2 = 0, NULL, N % 3 = 0) AS B,
                DATEADD(DAY, N % 100, '2018-12-01'::DATE) AS D, OBJECT_CONSTRUCT('n', N, 'a', ARRAY_CONSTRUCT(1, 'x y')) AS V
         FROM TABLE(GENERATOR(ROWCOUNT => {ROWS})) ORDER BY 1"
    );
    let spill = Arc::new(Spill::new().unwrap());
    let outcome = fetch(&ctx, session.as_ref(), &sql, Arc::clone(&spill)).await.unwrap();
    assert_eq!((outcome.total, spill.len(), outcome.rows.len()), (ROWS, ROWS, 0));
    let window = spill.window(ROWS - 3, 10, 100, 1 << 20).unwrap();
    let last: Vec<_> = window.rows.iter().map(|r| r[0].clone().unwrap()).collect();
    assert_eq!(last, ["59997", "59998", "59999"]);

    let file = |name: &str| home.path().join(name);
    let spilled = Arc::clone(&spill);
    let (json, parquet) = (file("x.json"), file("x.parquet"));
    let (to_json, to_parquet) = (json.clone(), parquet.clone());
    tokio::task::spawn_blocking(move || {
        assert_eq!(export(&ctx, &spilled, &to_json, Format::Json).unwrap(), ROWS);
        assert_eq!(export(&ctx, &spilled, &to_parquet, Format::Parquet).unwrap(), ROWS);
    })
    .await
    .unwrap();
    let text = std::fs::read_to_string(&json).unwrap();
    assert_eq!(text.lines().count() as u64, ROWS);
    let line: serde_json::Value = serde_json::from_str(text.lines().nth(4).unwrap()).unwrap();
    assert_eq!(line["V"], serde_json::json!({"a": [1, "x y"], "n": 4}));

    let database = duckdb::Connection::open_in_memory().unwrap();
    let sql = format!(
        "SELECT count(*)::BIGINT, sum(\"N\")::VARCHAR, sum(\"Q\")::VARCHAR, count(\"B\")::BIGINT, max(\"D\")::VARCHAR,
                any_value(typeof(\"Q\")), min(\"T\"), count(DISTINCT json_extract_string(\"V\", 'n'))::BIGINT
         FROM read_parquet('{}')",
        parquet.display()
    );
    let seen = database
        .query_row(&sql, [], |r| {
            Ok((
                (r.get::<_, i64>(0)?, r.get::<_, String>(1)?, r.get::<_, String>(2)?, r.get::<_, i64>(3)?),
                (r.get::<_, String>(4)?, r.get::<_, String>(5)?, r.get::<_, String>(6)?, r.get::<_, i64>(7)?),
            ))
        })
        .unwrap();
    assert_eq!(seen.0, (60_000, "1799970000".into(), "449992500.00".into(), 30_000));
    assert_eq!(seen.1, ("2019-03-10".into(), "DECIMAL(38,2)".into(), "é0".into(), 60_000));

    session.query("CREATE DATABASE NAMES", None, &CancellationToken::new()).await.unwrap();
    session.query("CREATE TABLE NAMES.PUBLIC.T (A INT, B VARIANT)", None, &CancellationToken::new()).await.unwrap();
    session
        .query("CREATE VIEW NAMES.PUBLIC.W AS SELECT A FROM NAMES.PUBLIC.T", None, &CancellationToken::new())
        .await
        .unwrap();
    let none = CancellationToken::new();
    assert!(catalog::databases(session.as_ref(), &none).await.unwrap().contains(&"NAMES".to_owned()));
    let found = catalog::database(session.as_ref(), "NAMES", &none).await.unwrap();
    let objects: Vec<_> = found.objects.iter().map(|o| (o.name.as_str(), o.kind.as_str(), o.columns.len())).collect();
    assert_eq!(objects, [("T", "table", 2), ("W", "view", 1)]);
    session.close().await;
    connected.ending.end().await;
}
