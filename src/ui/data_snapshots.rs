//! The panes of data and SQL in their states: loading, empty, full, failed, and with something on top.

use super::snapshots::{press, snap};
use crate::app::fixture::{self, end, id_of};
use crate::app::panes::query::catalog::Catalog;
use crate::app::{
    Asked, Bucketed, Code, Failure, Key, Made, Model, Msg, Order, Outlook, PaneId, Preview, Progress, Reply, Slot,
    update,
};
use crate::domain::{
    CatalogColumn, CatalogDatabase, CatalogObject, Moved, ObjectDetails, ObjectInfo, ObjectVersion, SqlError,
};

fn on(pane: PaneId) -> Model {
    let mut model = fixture::loaded();
    model.pane = pane;
    model
}

fn key(model: &mut Model, code: Code) {
    update(model, Msg::Key(Key { code, ctrl: false, alt: false, shift: false }));
}

fn catalog() -> Catalog {
    let column = |name: &str, kind: &str| CatalogColumn { name: name.into(), kind: kind.into() };
    let object = |schema: &str, name: &str, kind: &str| CatalogObject {
        schema: schema.into(),
        name: name.into(),
        kind: kind.into(),
        columns: vec![column("CUSTOMER_ID", "TEXT"), column("PURCHASE_COUNT", "NUMBER")],
    };
    let database = CatalogDatabase {
        name: "CONVEX_INSURANCE".into(),
        schemas: vec!["CONVEX_STAGE".into(), "CONVEX_DATAMART".into()],
        objects: vec![
            object("CONVEX_DATAMART", "MART_CUSTOMER_PURCHASES", "table"),
            object("CONVEX_DATAMART", "MART_DAILY_SALES", "view"),
        ],
    };
    Catalog { asked: true, names: vec!["CONVEX_INSURANCE".into()], databases: vec![database], left: vec![] }
}

#[test]
fn query_offers_names_while_typing() {
    let mut model = on(PaneId::Query);
    model.query.catalog = catalog();
    model.query.set_text("");
    press(&mut model, "iSELECT * FROM mart");
    snap("query_offers", &model);
}

#[test]
fn query_says_what_was_meant() {
    let mut model = on(PaneId::Query);
    model.query.catalog = catalog();
    model.query.set_text("SELECT *\nFROM MART_CUSTOMER_PURCHASE;");
    press(&mut model, "x");
    let error = SqlError {
        code: "002003".into(),
        sqlstate: "42S02".into(),
        message: "SQL compilation error:\nObject 'MART_CUSTOMER_PURCHASE' does not exist or not authorized.".into(),
        query_id: Some("01b2c3d4-0000-0001-0000-000000000043".into()),
        line: Some(2),
        position: Some(5),
    };
    end(&mut model, &Slot::Query, Err(Failure { text: error.to_string(), sql: Some(error), cancelled: false }));
    snap("query_failed", &model);
    press(&mut model, "X");
    let error = SqlError { code: "000002".into(), sqlstate: "0A000".into(), ..SqlError::default() };
    let error = SqlError { message: "Unsupported feature 'EXPLAIN of a DDL'.".into(), ..error };
    end(&mut model, &Slot::Query, Err(Failure { text: error.to_string(), sql: Some(error), cancelled: false }));
    snap("query_explain_refused", &model);
}

#[test]
fn query_shows_rows_while_they_come_and_a_cell_in_full() {
    let mut model = on(PaneId::Query);
    press(&mut model, "x");
    snap("query_running", &model);
    let mut stopped = model.clone();
    end(&mut stopped, &Slot::Query, Err(Failure { cancelled: true, ..Failure::default() }));
    assert!(super::snapshots::screen(&stopped, (80, 24), false).contains("ended on the server"));
    let id = id_of(&model.jobs, &Slot::Query);
    update(&mut model, Msg::Progress(id, Progress { done: 123_456, ..Progress::default() }));
    let outcome = fixture::answer();
    let window = crate::app::ResultWindow {
        columns: outcome.columns.clone().into(),
        from: 0,
        rows: outcome.rows.clone(),
        known: 123_456,
    };
    let job = model.jobs.iter().find_map(|(id, r)| (r.job.slot() == Slot::Ask("window")).then_some(id));
    let result = model.query.results();
    update(&mut model, Msg::Ended(job.expect("it reads"), Ok(Reply::Asked(Asked::Window(result, window)))));
    snap("query_streaming", &model);
    let text = r#"{"basket":[{"price":506,"product_id":"P03"},{"price":12.50,"product_id":"P11"}],"customer_id":"C1","note":null}"#;
    press(&mut model, "j");
    key(&mut model, Code::Enter);
    let column = crate::domain::Column { name: "V".into(), kind: "variant".into(), scale: None };
    end(&mut model, &Slot::Ask("cell"), Ok(Reply::Asked(Asked::Cell { column, row: 1, text: Some(text.into()) })));
    press(&mut model, "jj ");
    snap("query_cell", &model);
}

#[test]
fn texts_of_several_lines_are_marked_in_rows_and_shown_where_they_are_alone() {
    let answer = |rows: Vec<Vec<Option<String>>>, names: &[&str]| {
        let column = |n: &&str| crate::domain::Column { name: (*n).into(), kind: "text".into(), scale: None };
        let total = rows.len() as u64;
        let outcome = crate::domain::QueryOutcome {
            columns: names.iter().map(column).collect(),
            rows,
            total,
            ..crate::domain::QueryOutcome::default()
        };
        crate::app::panes::query::grid::Grid::whole(1, "SHOW PROCEDURES".into(), outcome, 7)
    };
    let body =
        "BEGIN\n  INSERT INTO CONVEX_CONTROL.LOAD_AUDIT (TABLE_NAME) SELECT 'RAW_CUSTOMERS';\n  RETURN 'done';\nEND";
    let row = |name: &str, text: &str| vec![Some(name.to_owned()), Some(text.to_owned()), Some("SQL".to_owned())];
    let mut model = on(PaneId::Query);
    let rows = vec![row("AUDIT", body), row("ONE", "RETURN 1"), row("PATH", "C:\\n stays")];
    model.query.take(crate::app::panes::query::Answer::Grid(answer(rows, &["name", "body", "language"])));
    snap("query_lines", &model);
    model.query.take(crate::app::panes::query::Answer::Grid(answer(vec![vec![Some(body.into())]], &["body"])));
    snap("query_text", &model);
    press(&mut model, "l");
    model.query.panel = 1;
    key(&mut model, Code::Enter);
    let column = crate::domain::Column { name: "body".into(), kind: "text".into(), scale: None };
    end(&mut model, &Slot::Ask("cell"), Ok(Reply::Asked(Asked::Cell { column, row: 0, text: Some(body.into()) })));
    snap("query_text_cell", &model);
}

#[test]
fn an_account_is_seen_with_its_credits() {
    let mut model = on(PaneId::Overview);
    (model.env.local, model.env.profile) = (false, "prod".into());
    model.overview.meter.ran(fixture::NOW - 90_000, fixture::NOW - 30_000);
    snap("account_Overview", &model);
    press(&mut model, "?");
    snap("account_help_top", &model);
    for _ in 0..60 {
        key(&mut model, Code::Down);
    }
    let end = super::snapshots::screen(&model, (80, 24), false);
    assert!(end.contains("Back to the shell"), "{end}");
    key(&mut model, Code::Up);
    let before = super::snapshots::screen(&model, (80, 24), false);
    key(&mut model, Code::Up);
    assert_ne!(super::snapshots::screen(&model, (80, 24), false), before, "no key is lost at the end");
}

#[test]
fn query_asks_and_lists() {
    let mut model = on(PaneId::Query);
    press(&mut model, "e");
    snap("query_export", &model);
    let mut model = on(PaneId::Query);
    model.query.history = vec!["SELECT 1".into(), "SELECT *\nFROM CONVEX_VAULT.HUB_CUSTOMER".into()];
    press(&mut model, "H");
    snap("query_history", &model);
}

#[test]
fn s3_in_its_states() {
    let mut model = fixture::fresh();
    end(&mut model, &Slot::Connect, Ok(Reply::Connected(fixture::link())));
    model.pane = PaneId::S3;
    snap("s3_listing", &model);
    let failure = Failure { text: "S3 ListObjectsV2 convex-insurance: Access Denied".into(), ..Failure::default() };
    end(&mut model, &Slot::List(String::new()), Err(failure));
    snap("s3_failed", &model);
    let mut model = on(PaneId::S3);
    press(&mut model, "v");
    let info = ObjectInfo {
        key: "convex-customers/customers.csv".into(),
        size: 1_231,
        etag: Some("9b2cf535f27731c974343645a3985328".into()),
        modified_ms: Some(fixture::NOW),
    };
    let details = ObjectDetails {
        info,
        properties: vec![("content type".into(), "text/csv".into()), ("storage class".into(), "STANDARD".into())],
        metadata: vec![("made-by".into(), "snowdeck".into())],
    };
    let version = |id: &str, latest| ObjectVersion { id: id.into(), latest, size: 1_231, ..ObjectVersion::default() };
    let reply = Bucketed::Details(Some(details), vec![version("3HL4kqtJ", true), version("null", false)]);
    end(&mut model, &Slot::Bucket("details".into()), Ok(Reply::Bucket(reply)));
    snap("s3_details", &model);
    press(&mut model, "v");
    snap("s3_loads", &model);
    press(&mut model, "r");
    let failure = Failure { text: "090105 (22000): no current database".into(), ..Failure::default() };
    end(&mut model, &Slot::Bucket("loads".into()), Err(failure));
    assert!(super::snapshots::screen(&model, (80, 24), false).contains("090105"), "a failure is not kept quiet");
}

#[test]
fn s3_moves_files_and_shows_documents() {
    let mut model = on(PaneId::S3);
    for path in ["/data/a.csv", "/data/b.csv", "/data/c.csv", "/data/d.csv"] {
        press(&mut model, "u");
        update(&mut model, Msg::Paste(path.into()));
        key(&mut model, Code::Enter);
    }
    let slot = Slot::Bucket("move 1".into());
    let id = id_of(&model.jobs, &slot);
    let progress = Progress {
        bytes: 3_000_000,
        total_bytes: Some(12_000_000),
        rate: Some(1_500_000),
        seconds_left: Some(6),
        ..Progress::default()
    };
    update(&mut model, Msg::Progress(id, progress));
    let moved = Moved { ok: true, ms: 420, ..Moved::default() };
    end(&mut model, &Slot::Bucket("move 2".into()), Ok(Reply::Bucket(Bucketed::Moved(moved))));
    let failure = Failure { text: "there is no file or folder /data/c.csv".into(), ..Failure::default() };
    end(&mut model, &Slot::Bucket("move 3".into()), Err(failure));
    update(&mut model, Msg::Clock(fixture::NOW + 60_000));
    let lines = vec![
        r#"{"customer_id":"C1","basket":[{"product_id":"P03","price":506}],"date_of_purchase":"2018-12-01 09:35:00"}"#
            .into(),
        r#"{"customer_id":"C2","basket":[]"#.into(),
    ];
    let key = "convex-customers/customers.csv".replace(".csv", ".json.gz");
    model.s3.take_preview(Preview { key, lines, gzip: true, ..Preview::default() });
    press(&mut model, " ");
    snap("s3_moving", &model);
}

fn outlook() -> Outlook {
    let days = (1..=31).map(|d| (format!("2018-12-{d:02}"), 40 + (d * 7) % 50)).collect();
    let categories =
        [("fruit_veg", 1_210), ("food", 1_090), ("sweets", 880), ("house", 640), ("bws", 410), ("clothes", 134)];
    let head = |lines: &[&str]| lines.iter().map(|l| (*l).to_owned()).collect();
    Outlook {
        part: 1,
        files: 33,
        customers: 137,
        products: 64,
        transactions: 2_216,
        lines: 4_364,
        bytes: 812_271,
        ms: 14,
        days,
        categories: categories.map(|(c, n)| (c.to_owned(), n)).to_vec(),
        odd: 0,
        head: [
            head(&["customer_id,loyalty_score", "C1,7", "C2,3"]),
            head(&["product_id,product_description,product_category", "P01,detergent,house"]),
            head(&[
                r#"{"customer_id":"C1","basket":[{"product_id":"P03","price":506}],"date_of_purchase":"2018-12-01 09:35:00"}"#,
            ]),
        ],
    }
}

/// The Generate pane with its outlook, before anything was made.
fn generate() -> Model {
    let mut model = on(PaneId::Overview);
    model.generate.last = None;
    press(&mut model, "2");
    end(&mut model, &Slot::Outlook, Ok(Reply::Made(Made::Outlook(Box::new(outlook())))));
    model
}

#[test]
fn generate_looks_ahead() {
    let mut model = on(PaneId::Overview);
    model.generate.last = None;
    press(&mut model, "2");
    snap("generate_looking", &model);
    let model = generate();
    snap("generate_charts", &model);
    let mut model = generate();
    press(&mut model, "v");
    snap("generate_rows", &model);
}

#[test]
fn generate_checks_what_is_typed_and_feeds() {
    let mut model = generate();
    key(&mut model, Code::Enter);
    press(&mut model, "x");
    snap("generate_typing", &model);
    let mut model = generate();
    for _ in 0..9 {
        press(&mut model, "j");
    }
    press(&mut model, " ");
    press(&mut model, "Gw");
    let id = id_of(&model.jobs, &Slot::Feed);
    update(&mut model, Msg::Progress(id, Progress { done: 498, ..Progress::default() }));
    update(&mut model, Msg::Clock(fixture::NOW + 10_000));
    snap("generate_feed", &model);
}

#[test]
fn generate_shows_each_data_set() {
    let mut model = generate();
    press(&mut model, "x");
    let id = id_of(&model.jobs, &Slot::Work);
    let part = |name: &str, done, total| crate::app::PartCount { name: name.into(), done, total };
    let progress = Progress {
        bytes: 120_000_000,
        rate: Some(90_000_000),
        seconds_left: Some(4),
        parts: vec![
            part("customers", 100_000, Some(100_000)),
            part("products", 64, Some(64)),
            part("transactions", 400_000, Some(1_600_000)),
        ],
        ..Progress::default()
    };
    update(&mut model, Msg::Event(id, crate::app::JobEvent::Phase("generate".into())));
    update(&mut model, Msg::Progress(id, progress));
    update(&mut model, Msg::Clock(fixture::NOW + 1_400));
    snap("generate_working", &model);
    let made = crate::domain::Generated {
        customers: 137,
        products: 64,
        transactions: 2_216,
        lines: 4_364,
        files: 33,
        bytes: 812_271,
    };
    end(&mut model, &Slot::Work, Ok(Reply::Generated(made, None)));
    snap("generate_made", &model);
    assert!(matches!(&model.generate.last_order, Some(Order { preset, .. }) if preset == "starter"));
}

#[test]
fn log_shows_what_failed() {
    let mut model = on(PaneId::Log);
    press(&mut model, "f");
    snap("log_failed", &model);
    press(&mut model, "vv");
    snap("log_nothing", &model);
}
