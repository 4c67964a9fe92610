//! Models for tests, built the way that a session builds them: by messages.

use super::panes::query::{Answer, grid::Grid};
use super::{
    Counts, Env, Failure, Fetched, Jobs, Layer, LinkInfo, Model, Msg, Place, PrefixTotal, Preview, Reply, Settings,
    Slot, TableCount, Traits,
};
use crate::domain::{
    CallRecord, Chart, Column, Generated, JobId, LayerCheck, Load, MartInfo, ObjectInfo, ObjectPage, Plan,
    QueryOutcome, Rejects, Service, SqlError, Stage, Step, StepState, TaskNode, TaskRun, TaskState, TreeTiming,
    Uploaded,
};
use crate::jobs::query::Window;
use crate::jobs::{Event, Progress};

/// 2018-12-31 14:02:31 UTC.
pub const NOW: i64 = 1_546_264_951_000;

/// A console that has just been started.
pub fn fresh() -> Model {
    let env = Env {
        profile: "local".into(),
        local: true,
        readonly: false,
        utc_offset_s: 0,
        profiles: vec![],
        logs: "/home/ann/.local/state/snowdeck/logs".into(),
    };
    let mut model = Model::new(env, Settings::default(), NOW, (80, 24));
    super::start(&mut model);
    model
}

/// The id of the job in a slot.
pub fn id_of(jobs: &Jobs, slot: &Slot) -> JobId {
    jobs.in_slot(slot).expect("a job in the slot").0
}

/// Ends the job in a slot.
pub fn end(model: &mut Model, slot: &Slot, result: Result<Reply, Failure>) {
    let id = id_of(&model.jobs, slot);
    super::update(model, Msg::Ended(id, result));
}

/// What the services tell of themselves.
pub fn link() -> LinkInfo {
    let layer = |title: &str| Layer { title: title.into(), schema: format!("CONVEX_{title}") };
    LinkInfo {
        snowflake: "embedded".into(),
        bucket: "convex-insurance".into(),
        layers: ["STAGE", "VAULT", "WAREHOUSE", "DATAMART"].map(layer).to_vec(),
        prefixes: ["convex-customers/", "convex-products/", "convex-transactions/"].map(String::from).to_vec(),
        root: "LOAD_CONVEX".into(),
        database: "CONVEX_INSURANCE".into(),
        traits: Box::new(Traits { loads: vec![], warehouse_size: "XSMALL".into() }),
        marts: vec!["MART_CUSTOMER_PURCHASES".into(), "MART_DAILY_SALES".into()],
        about: about(),
    }
}

fn about() -> Vec<MartInfo> {
    let mart = |name: &str, grain: &str, chart| MartInfo {
        name: name.into(),
        table: format!("D.S.{name}"),
        grain: grain.into(),
        owner: "Sales".into(),
        freshness: "after each load".into(),
        chart,
    };
    let sales = Chart {
        title: "Sales a day".into(),
        x: "SALES_DATE".into(),
        value: "SUM(SALES_AMOUNT)".into(),
        ..Chart::default()
    };
    vec![
        mart("MART_CUSTOMER_PURCHASES", "one customer and one product", None),
        mart("MART_DAILY_SALES", "one day on which something was bought", Some(sales)),
    ]
}

/// What was read of the mart that has a chart.
pub fn sales() -> super::panes::marts::Seen {
    let column = |name: &str, kind: &str| Column { name: name.into(), kind: kind.into(), scale: None };
    let row = |day: i64| {
        let amount = 60_000 + (day * 7_919 % 31) * 4_500;
        vec![Some(format!("2018-12-{day:02}")), Some(amount.to_string())]
    };
    let values = QueryOutcome {
        columns: vec![column("SALES_DATE", "date"), column("SALES_AMOUNT", "fixed")],
        rows: (1..=31).map(row).collect(),
        total: 31,
        ..QueryOutcome::default()
    };
    super::panes::marts::Seen { sample: values.clone(), chart: Some(values) }
}

/// Connected to services that hold nothing.
pub fn empty() -> Model {
    let mut model = fresh();
    end(&mut model, &Slot::Connect, Ok(Reply::Connected(link())));
    end(&mut model, &Slot::Plan, Ok(Reply::Plan(plan())));
    end(&mut model, &Slot::Survey, Ok(Reply::Surveyed(crate::domain::Survey::default())));
    end(&mut model, &Slot::List(String::new()), Ok(Reply::Page(String::new(), ObjectPage::default())));
    end(&mut model, &Slot::Counts, Ok(Reply::Counts(Counts::default())));
    end(&mut model, &Slot::Tasks, Ok(Reply::Tasks(vec![], vec![], TreeTiming::default())));
    model
}

/// A plan of three stages.
pub fn plan() -> Plan {
    let step = |title: &str, caption: &str, sql: &str, line| Step {
        title: title.into(),
        caption: caption.into(),
        sql: sql.into(),
        file: "30_stage/10_raw.sql".into(),
        line,
    };
    let stage = |id: &str, title: &str, steps| Stage { id: id.into(), title: title.into(), steps };
    Plan {
        pipeline: "Convex Insurance".into(),
        stages: vec![
            stage(
                "account",
                "Account objects",
                vec![
                    step(
                        "ROLE CONVEX_ENGINEER",
                        "Owns everything that the pipeline makes.",
                        "CREATE ROLE IF NOT EXISTS CONVEX_ENGINEER",
                        3,
                    ),
                    step(
                        "DATABASE CONVEX_INSURANCE",
                        "One database, five schemas.",
                        "CREATE DATABASE IF NOT EXISTS CONVEX_INSURANCE",
                        7,
                    ),
                ],
            ),
            stage(
                "stage",
                "Stage",
                vec![
                    step(
                        "RAW_CUSTOMERS",
                        "As the files have them, with file name and row number.",
                        "CREATE TABLE IF NOT EXISTS CONVEX_STAGE.RAW_CUSTOMERS (\n  CUSTOMER_ID   VARCHAR,\n  LOYALTY_SCORE VARCHAR, -- checked later\n  FILE_NAME     VARCHAR NOT NULL\n)",
                        4,
                    ),
                    step(
                        "RAW_TRANSACTIONS_STREAM",
                        "A stream remembers what has been read. The vault load below reads it once, and its place moves only if that load commits.",
                        "CREATE OR REPLACE STREAM RAW_TRANSACTIONS_STREAM\n  ON TABLE RAW_TRANSACTIONS\n  APPEND_ONLY = TRUE",
                        12,
                    ),
                ],
            ),
            stage(
                "vault",
                "Vault",
                vec![step(
                    "HUB_CUSTOMER",
                    "One row for each customer that was ever seen.",
                    "CREATE TABLE HUB_CUSTOMER (HK BINARY)",
                    2,
                )],
            ),
        ],
    }
}

fn run(name: &str, state: TaskState, from: i64, to: Option<i64>) -> TaskRun {
    TaskRun {
        name: name.into(),
        state,
        run_id: NOW - 4_000,
        attempt: 1,
        query_id: Some("01b2c3d4-0000-0001-0000-000000000042".into()),
        scheduled_ms: Some(NOW - 4_000),
        started_ms: Some(NOW - 4_000 + from),
        completed_ms: to.map(|t| NOW - 4_000 + t),
        return_value: None,
        error_code: None,
        error_message: None,
    }
}

/// A tree of tasks.
pub fn tree() -> Vec<TaskNode> {
    let node = |name: &str, after: &[&str]| TaskNode {
        name: name.into(),
        predecessors: after.iter().map(|s| (*s).to_owned()).collect(),
        schedule: after.is_empty().then(|| "USING CRON 0 * * * * UTC".into()),
        condition: after.is_empty().then(|| "SYSTEM$STREAM_HAS_DATA('RAW_TRANSACTIONS_STREAM')".into()),
        started: true,
        finalizes: None,
        definition: format!("INSERT INTO {name} SELECT 1"),
        comment: "Does its part.".into(),
    };
    let mut finish = node("FINISH", &[]);
    finish.finalizes = Some("LOAD_CONVEX".into());
    finish.schedule = None;
    finish.condition = None;
    vec![
        finish,
        node("LOAD_CONVEX", &[]),
        node("FLATTEN", &["LOAD_CONVEX"]),
        node("VAULT_CUSTOMER", &["FLATTEN"]),
        node("VAULT_TRANSACTION", &["FLATTEN"]),
        node("DIM_CUSTOMER", &["VAULT_CUSTOMER", "VAULT_TRANSACTION"]),
        node("MARTS", &["DIM_CUSTOMER"]),
    ]
}

/// The task tree that ships, in the place of the small one.
pub fn whole_tree(model: &mut Model) {
    let shipped: [(&str, &[&str]); 16] = [
        ("LOAD_CONVEX", &[]),
        ("FLATTEN_TRANSACTIONS", &["LOAD_CONVEX"]),
        ("VAULT_CUSTOMER", &["FLATTEN_TRANSACTIONS"]),
        ("VAULT_PRODUCT", &["FLATTEN_TRANSACTIONS"]),
        ("VAULT_TRANSACTION", &["FLATTEN_TRANSACTIONS"]),
        ("VAULT_DELIVERY", &["FLATTEN_TRANSACTIONS"]),
        ("PIT_CUSTOMER", &["VAULT_CUSTOMER"]),
        ("PIT_PRODUCT", &["VAULT_PRODUCT"]),
        ("DIM_CUSTOMER", &["PIT_CUSTOMER"]),
        ("DIM_PRODUCT", &["PIT_PRODUCT"]),
        ("DIM_DATE", &["VAULT_TRANSACTION"]),
        ("FACT_PURCHASE_LINE", &["DIM_CUSTOMER", "DIM_PRODUCT", "DIM_DATE", "VAULT_DELIVERY"]),
        ("MART_CUSTOMER_PURCHASES", &["FACT_PURCHASE_LINE"]),
        ("MART_DAILY_SALES", &["FACT_PURCHASE_LINE"]),
        ("MART_CATEGORY_LOYALTY", &["FACT_PURCHASE_LINE"]),
        ("MART_CUSTOMER_RFM", &["FACT_PURCHASE_LINE"]),
    ];
    let small = tree();
    let mut nodes = vec![small[0].clone()];
    for (name, after) in shipped {
        let like = &small[if after.is_empty() { 1 } else { 2 }];
        let predecessors = after.iter().map(|s| (*s).to_owned()).collect();
        nodes.push(TaskNode { name: name.into(), predecessors, ..like.clone() });
    }
    model.tasks.take(nodes, runs());
}

/// The tree is due in 57:12 by a server that agrees on the time; told when [`loaded`] reads it.
pub const fn timing() -> TreeTiming {
    TreeTiming { server_ms: Some(NOW + 10_000), next_ms: Some(NOW + 3_432_000) }
}

/// Runs of the tree: one going on.
pub fn runs() -> Vec<TaskRun> {
    let mut failed = run("LOAD_CONVEX", TaskState::Failed, 0, Some(40));
    failed.run_id -= 3_600_000;
    failed.error_code = Some("002003".into());
    failed.error_message = Some("SQL compilation error: Object 'X' does not exist or not authorized.".into());
    vec![
        failed,
        run("LOAD_CONVEX", TaskState::Succeeded, 0, Some(120)),
        run("FLATTEN", TaskState::Succeeded, 150, Some(600)),
        run("VAULT_CUSTOMER", TaskState::Succeeded, 640, Some(950)),
        run("VAULT_TRANSACTION", TaskState::Succeeded, 640, Some(2_300)),
        run("DIM_CUSTOMER", TaskState::Executing, 2_400, None),
    ]
}

/// Counts of a loaded pipeline.
pub fn counts() -> Counts {
    let table =
        |schema: &str, table: &str, rows| TableCount { schema: format!("CONVEX_{schema}"), table: table.into(), rows };
    let prefix = |prefix: &str, objects, bytes| PrefixTotal { prefix: prefix.into(), objects, bytes, more: false };
    Counts {
        tables: vec![
            table("STAGE", "RAW_CUSTOMERS", 137),
            table("STAGE", "RAW_PRODUCTS", 64),
            table("STAGE", "RAW_TRANSACTIONS", 2_216),
            table("VAULT", "HUB_CUSTOMER", 138),
            table("VAULT", "HUB_PRODUCT", 65),
            table("VAULT", "HUB_TRANSACTION", 2_214),
            table("VAULT", "LINK_PURCHASE", 6_580),
            table("VAULT", "SAT_CUSTOMER", 138),
            table("VAULT", "SAT_PRODUCT", 65),
            table("WAREHOUSE", "DIM_CUSTOMER", 138),
            table("WAREHOUSE", "DIM_PRODUCT", 65),
            table("WAREHOUSE", "FACT_PURCHASE_LINE", 4_364),
            table("DATAMART", "MART_CUSTOMER_PURCHASES", 1_866),
            table("DATAMART", "MART_DAILY_SALES", 31),
        ],
        prefixes: vec![
            prefix("convex-customers/", 1, 1_231),
            prefix("convex-products/", 1, 2_040),
            prefix("convex-transactions/", 31, 809_000),
        ],
    }
}

/// A loaded pipeline in the middle of a second run.
pub fn loaded() -> Model {
    let mut model = empty();
    let made = Generated { customers: 137, products: 64, transactions: 2_216, lines: 4_364, files: 33, bytes: 812_271 };
    model.generate.last = Some((made, Some(Uploaded { objects: 33, bytes: 812_271 })));
    model.overview.files = Some(made);
    model.generate.last_order = model.generate.order().ok();
    super::update(&mut model, Msg::Clock(NOW + 10_000));
    end(&mut model, &Slot::Counts, Ok(Reply::Counts(counts())));
    end(&mut model, &Slot::Tasks, Ok(Reply::Tasks(tree(), runs(), timing())));
    super::update(&mut model, Msg::Clock(NOW));
    objects(&mut model);
    deployed(&mut model);
    let checks = ["stage.RAW_CUSTOMERS", "vault.HUB_CUSTOMER", "warehouse.FACT_PURCHASE_LINE"];
    let checks = checks.map(|l| LayerCheck { layer: l.into(), expected: 137, actual: 137, ok: true });
    model.marts.take_checks(checks.to_vec(), NOW, NOW);
    model.marts.checks[2] =
        LayerCheck { layer: "warehouse.FACT_PURCHASE_LINE".into(), expected: 4_364, actual: 4_361, ok: false };
    model.marts.seen.insert("MART_DAILY_SALES".into(), sales());
    model
        .marts
        .seen
        .insert("MART_CUSTOMER_PURCHASES".into(), super::panes::marts::Seen { sample: answer(), chart: None });
    if let Some(mart) = model.marts.all.first_mut() {
        mart.before = Some(mart.rows - 112);
    }
    calls(&mut model);
    model.query.set_text("-- the best customers\nSELECT customer_id, SUM(purchase_count) AS n\nFROM CONVEX_DATAMART.MART_CUSTOMER_PURCHASES\nWHERE product_category = 'food'\nGROUP BY ALL;\n\nSELECT 1;");
    let sql = model.query.statement().expect("a statement");
    model.query.take(Answer::Grid(Grid::whole(1, sql, answer(), 12)));
    model.query.place = Some(place());
    model
}

fn objects(model: &mut Model) {
    let object = |key: &str, size| ObjectInfo { key: key.into(), size, etag: None, modified_ms: Some(NOW) };
    let page = ObjectPage { prefixes: link().prefixes, objects: vec![], next: None };
    model.s3.page("", None, page);
    model.s3.folders.entry("convex-customers/".into()).or_default().open = true;
    let page =
        ObjectPage { prefixes: vec![], objects: vec![object("convex-customers/customers.csv", 1_231)], next: None };
    model.s3.page("convex-customers/", None, page);
    model.s3.cursor.set(1, 4);
    let lines = ["customer_id,loyalty_score", "C1,7", "C2,3", "C3,10 \x1b[31mred"].map(String::from).to_vec();
    let key = "convex-customers/customers.csv".to_owned();
    model.s3.take_preview(Preview { key: key.clone(), lines, cut: true, ..Preview::default() });
    let load = Load {
        key: key.clone(),
        table: "CONVEX_STAGE.RAW_CUSTOMERS".into(),
        status: "Partially loaded".into(),
        parsed: 137,
        loaded: 134,
        errors: 3,
        first_error: Some("Numeric value 'ten' is not recognized".into()),
        first_line: Some(40),
        at_ms: NOW - 4_000,
        rejects: vec![Rejects {
            kind: "bad_value".into(),
            rows: 2,
            first_row: Some(17),
            reason: "bad_value: loyalty score 11 is not from 1 to 10".into(),
        }],
        ..Load::default()
    };
    model.s3.loads = Some([(key, vec![load])].into());
}

fn deployed(model: &mut Model) {
    let done = |ms, summary: &str| StepState::Done {
        query_id: "01b2c3d4-0000-0001-0000-000000000042".into(),
        ms,
        summary: summary.into(),
    };
    model.deploy.follow = true;
    model.deploy.step(0, 0, done(12, "Role CONVEX_ENGINEER successfully created."), None);
    model.deploy.step(0, 1, done(9, "Database CONVEX_INSURANCE successfully created."), None);
    model.deploy.step(1, 0, done(1_240, "Table RAW_CUSTOMERS successfully created."), None);
    let error = SqlError {
        code: "002003".into(),
        sqlstate: "42S02".into(),
        message: "SQL compilation error:\nTable 'RAW_TRANSACTIONS' does not exist or not authorized.".into(),
        query_id: Some("01b2c3d4-0000-0001-0000-000000000043".into()),
        line: Some(2),
        position: Some(11),
    };
    model.deploy.step(1, 1, StepState::Failed { error }, None);
}

fn calls(model: &mut Model) {
    for i in 0..40 {
        let call = CallRecord {
            started_ms: NOW - 60_000 + i * 1_000,
            service: if i % 3 == 0 { Service::S3 } else { Service::Sql },
            text: if i % 3 == 0 {
                format!("PutObject convex-transactions/d=2018-12-{:02}/transactions.json", i % 31 + 1)
            } else {
                "INSERT ALL\n  WHEN TRUE THEN INTO HUB_CUSTOMER".into()
            },
            micros: 1_234 * u64::try_from(i * i).unwrap_or(1),
            id: Some(format!("01b2c3d4-0000-0001-0000-0000000000{i:02}")),
            outcome: if i == 38 {
                Err("002003 (42S02): Table 'X' does not exist".into())
            } else {
                Ok("137 rows".into())
            },
        };
        super::update(model, Msg::Call(call));
    }
}

/// An answer with text, numbers and NULL.
pub fn answer() -> QueryOutcome {
    let column = |name: &str, kind: &str| Column { name: name.into(), kind: kind.into(), scale: None };
    let cell = |t: &str| Some(t.to_owned());
    QueryOutcome {
        query_id: "01b2c3d4-0000-0001-0000-000000000044".into(),
        columns: vec![column("CUSTOMER_ID", "text"), column("N", "fixed"), column("NOTE", "text")],
        rows: (1..=30)
            .map(|i| {
                vec![
                    cell(&format!("C{i}")),
                    cell(&(i * 37).to_string()),
                    if i % 2 == 0 { None } else { cell("東京 tab\there") },
                ]
            })
            .collect(),
        total: 137,
    }
}

/// Where the session of the Query pane stands.
pub fn place() -> Place {
    Place {
        profile: "local".into(),
        account: false,
        role: "CONVEX_ENGINEER".into(),
        warehouse: "CONVEX_WH".into(),
        database: "CONVEX_INSURANCE".into(),
        schema: "CONVEX_STAGE".into(),
    }
}

/// A statement's answer as the runtime gives it.
pub fn fetched(outcome: QueryOutcome) -> Reply {
    let known = outcome.rows.len() as u64;
    let first = Window { columns: outcome.columns.clone().into(), from: 0, rows: outcome.rows.clone(), known };
    Reply::Fetched(Box::new(Fetched { outcome, first, place: Some(place()) }))
}

/// Adds a running job that uploads.
pub fn working(model: &mut Model) {
    model.pane = super::PaneId::Overview;
    super::update(model, Msg::Key(super::key::ch('r')));
    let id = id_of(&model.jobs, &Slot::Work);
    super::update(model, Msg::Event(id, Event::Phase("upload".into())));
    let progress = Progress {
        label: "objects".into(),
        done: 12,
        total: Some(33),
        bytes: 300_000,
        total_bytes: Some(812_271),
        ..Progress::default()
    };
    super::update(model, Msg::Progress(id, progress));
    super::update(model, Msg::Event(id, Event::Note("33 files written".into())));
    super::update(model, Msg::Clock(NOW + 1_400));
}
