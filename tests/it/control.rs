//! The control schema: what it tells of a load with every fault, of a failed task and of alerts; pipes beside COPY.
//!
//! `SNOWDECK_LEDGER_SEEDS=3,4,5` compares the ledgers of other seeds than the usual ones.

use crate::kill::Wire;
use crate::served::{Served, said, snowdeck};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Output;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Seeds whose data have, together, every fault.
const SEEDS: &str = "1,3,15";
/// Every kind of fault.
const KINDS: [&str; 15] = [
    "duplicate_file",
    "late_file",
    "empty_file",
    "truncated_file",
    "schema_drift",
    "duplicate_row",
    "malformed",
    "wrong_type",
    "missing_key",
    "unknown_customer",
    "unknown_product",
    "null",
    "empty",
    "encoding",
    "clock_skew",
];

/// A served cloud, and a session of its administrator.
struct House {
    home: tempfile::TempDir,
    served: Option<Served>,
    wire: Wire,
    runtime: tokio::runtime::Runtime,
    load_by: &'static str,
}

impl House {
    fn new(load_by: &'static str) -> Self {
        let home = tempfile::tempdir().expect("temp dir");
        let served = Served::start(home.path());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let wire = runtime.block_on(Wire::login(&served));
        Self { home, served: Some(served), wire, runtime, load_by }
    }

    /// Runs the binary.
    fn cli(&self, args: &[&str], code: i32) -> Output {
        self.cli_with(args, code, &[])
    }

    /// Kills the server and serves the same home again.
    fn kill(&mut self) {
        self.served.take().expect("it runs").kill();
        let served = Served::start(self.home.path());
        self.wire = self.runtime.block_on(Wire::login(&served));
        self.served = Some(served);
        self.enter();
    }

    /// Stores purchases of one line, which cost so much, under a name of that day.
    fn purchase(&self, name: &str, price: usize) {
        let file = self.home.path().join("purchase.json");
        let line = format!(
            "{{\"customer_id\":\"C1\",\"basket\":[{{\"product_id\":\"P01\",\"price\":{price}}}],\"date_of_purchase\":\"2018-12-01 10:00:{price:02}\"}}\n"
        );
        std::fs::write(&file, line).expect("written");
        let key = format!("s3://convex-insurance/convex-transactions/d=2018-12-01/{name}");
        self.cli(&["s3", "put", file.to_str().expect("UTF-8"), &key], 0);
    }

    fn cli_with(&self, args: &[&str], code: i32, environment: &[(&str, &str)]) -> Output {
        let mut command = snowdeck(self.home.path());
        command.args(args).env("SNOWDECK_VAR_LOAD_BY", self.load_by).envs(environment.iter().copied());
        let output = command.output().expect("the binary starts");
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", said(&output));
        output
    }

    fn json(&self, args: &[&str]) -> Value {
        serde_json::from_slice(&self.cli(args, 0).stdout).expect("one JSON document")
    }

    /// Makes data in the bucket.
    fn generate(&self, args: &[&str]) {
        self.cli(&[&["generate", "--out", "s3://convex-insurance"][..], args].concat(), 0);
    }

    /// Deploys, loads, and lets the session see it.
    fn deploy(&self) {
        self.cli(&["deploy"], 0);
        self.enter();
    }

    fn enter(&self) {
        for sql in [
            "USE WAREHOUSE CONVEX_WH",
            "USE DATABASE CONVEX_INSURANCE",
            "ALTER TASK CONVEX_CONTROL.LOAD_CONVEX SUSPEND",
        ] {
            self.rows(sql);
        }
    }

    fn rows(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        self.runtime.block_on(self.wire.run(sql)).unwrap_or_else(|e| panic!("{sql}\n{e:?}"))
    }

    /// Rows as text, cells joined by `|`.
    fn texts(&self, sql: &str) -> Vec<String> {
        let cell = |c: Option<String>| c.unwrap_or_default();
        self.rows(sql).into_iter().map(|row| row.into_iter().map(cell).collect::<Vec<_>>().join("|")).collect()
    }

    /// Asks again for up to a minute, until the answer is as expected.
    #[track_caller]
    fn becomes(&self, sql: &str, expected: &[&str]) {
        let until = Instant::now() + Duration::from_mins(1);
        loop {
            let got = self.texts(sql);
            if got == expected {
                return;
            }
            assert!(Instant::now() < until, "{sql}\nstill {got:?}, not {expected:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(served) = self.served.take() {
            served.stop();
        }
    }
}

/// What the ledger says of files and lines. A file that ends in the middle of a line is a line that cannot be read.
fn ledger(text: &str) -> BTreeSet<(String, Option<i64>, String)> {
    let entry = |line: &str| {
        let entry: Value = serde_json::from_str(line).expect("JSON");
        let kind = entry["kind"].as_str().expect("a kind");
        let kind = if kind == "truncated_file" { "malformed" } else { kind };
        (entry["file"].as_str().expect("a file").to_owned(), entry["line"].as_i64(), kind.to_owned())
    };
    text.lines().map(entry).collect()
}

#[test]
fn the_control_schema_explains_the_generators_ledger_row_by_row() {
    let given = std::env::var("SNOWDECK_LEDGER_SEEDS").ok();
    let seeds = given.clone().unwrap_or_else(|| SEEDS.to_owned());
    let mut kinds = BTreeSet::new();
    for seed in seeds.split(',') {
        kinds.extend(one_ledger(seed.trim()));
    }
    if given.is_none() {
        let missing: Vec<_> = KINDS.iter().filter(|k| !kinds.contains(**k)).collect();
        assert!(missing.is_empty(), "the seeds have no {missing:?}");
    }
}

/// Loads the data of a seed with all faults, compares, and gives the kinds of faults that there were.
fn one_ledger(seed: &str) -> BTreeSet<String> {
    let house = House::new("copy");
    let file = house.home.path().join("ledger.ndjson");
    let data = ["--seed", seed, "--customers", "150", "--to", "2019-01-09", "--faults", "all=0.05", "--ledger"];
    house.generate(&[&data[..], &[file.to_str().expect("UTF-8")][..]].concat());
    house.deploy();
    house.cli(&["tasks", "run"], 0);
    let text = std::fs::read_to_string(&file).expect("a ledger");
    let told: BTreeSet<_> = house
        .rows("SELECT FILE_NAME, FILE_ROW_NUMBER, KIND FROM CONVEX_CONTROL.EXPLANATION")
        .into_iter()
        .map(|row| {
            let cell = |i: usize| row[i].clone();
            (cell(0).unwrap_or_default(), cell(1).and_then(|n| n.parse().ok()), cell(2).unwrap_or_default())
        })
        .collect();
    let made = ledger(&text);
    assert!(made.len() > 100);
    let silent: Vec<_> = made.difference(&told).take(10).collect();
    let invented: Vec<_> = told.difference(&made).take(10).collect();
    assert!(silent.is_empty() && invented.is_empty(), "seed {seed}: not told {silent:?}; not made {invented:?}");
    // Refused lines are kept as they came.
    let lost = "SELECT COUNT(*) FROM CONVEX_CONTROL.REJECTED_ROW WHERE PAYLOAD IS NULL OR (CHARACTER_POS IS NULL \
                AND (REASON LIKE 'malformed%' OR REASON LIKE 'encoding%'))";
    assert_eq!(house.texts(lost), ["0"]);
    // Every rung of the ladder is explained, and an independent count of the files agrees.
    let off =
        "SELECT LAYER, EXPECTED, ACTUAL, EXPLAINED, EXPLANATION FROM CONVEX_CONTROL.RECONCILIATION WHERE NOT IS_OK";
    assert_eq!(house.texts(off), Vec::<String>::new());
    house.cli(&["marts"], 0);
    // Each object has its entry, with its size.
    let entries = "SELECT FILE_NAME || ' ' || FILE_SIZE FROM CONVEX_CONTROL.LOAD_AUDIT ORDER BY 1";
    let objects = house.json(&["s3", "ls", "-r", "s3://convex-insurance/", "--json"]);
    let mut listed: Vec<String> = objects["objects"]
        .as_array()
        .expect("objects")
        .iter()
        .map(|o| format!("{} {}", o["key"].as_str().expect("a key"), o["size"]))
        .collect();
    listed.sort();
    assert_eq!(house.texts(entries), listed);
    // What the console asks for: every delivery, and every kept row with its own.
    let pipeline = snowdeck::jobs::deploy::Pipeline::builtin().expect("it reads");
    let explain = pipeline.manifest().explain.as_ref().expect("queries");
    let loads = house.rows(explain.loads.as_ref().expect("of loads"));
    assert_eq!(loads.len(), listed.len());
    let rejects = house.rows(explain.rejects.as_ref().expect("of kept rows"));
    let deliveries: BTreeSet<_> = loads.iter().map(|l| (&l[0], &l[9])).collect();
    assert!(rejects.iter().all(|r| deliveries.contains(&(&r[0], &r[1]))), "{rejects:?}");
    let kept: i64 = rejects.iter().filter_map(|r| r[3].as_ref()?.parse::<i64>().ok()).sum();
    assert_eq!(house.texts("SELECT COUNT(*) FROM CONVEX_CONTROL.REJECTED_ROW"), [kept.to_string()]);
    let kind = |line: &str| {
        let entry: Value = serde_json::from_str(line).expect("JSON");
        entry["kind"].as_str().expect("a kind").to_owned()
    };
    text.lines().map(kind).collect()
}

/// Takes posts on a port of its own, answers them with `200 ok`, and keeps their bodies.
fn listener() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/hook", listener.local_addr().expect("its address"));
    let bodies = Arc::new(Mutex::new(Vec::new()));
    let kept = bodies.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let (mut request, mut piece) = (Vec::new(), [0; 4096]);
            let body = loop {
                let read = stream.read(&mut piece).unwrap_or(0);
                request.extend_from_slice(&piece[..read]);
                let text = String::from_utf8_lossy(&request).into_owned();
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                let length =
                    head.lines().find_map(|l| l.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
                let length = length.and_then(|n| n.trim().parse::<usize>().ok()).unwrap_or(0);
                if body.len() >= length || read == 0 {
                    break body.to_owned();
                }
            };
            kept.lock().expect("not poisoned").push(body);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
        }
    });
    (url, bodies)
}

#[test]
fn a_failed_task_is_told_and_every_alert_goes_out_once() {
    let house = House::new("copy");
    house.generate(&[
        "--customers",
        "60",
        "--to",
        "2018-12-20",
        "--seed",
        "5",
        "--faults",
        "malformed=0.1,empty_file=0.2",
    ]);
    house.deploy();
    house.rows("ALTER TABLE CONVEX_DATAMART.MART_DAILY_SALES RENAME COLUMN WEEKDAY_NAME TO GONE");
    house.cli(&["tasks", "run"], 1);
    // The finalizer has written what happened, the other branch is right.
    let job = "SELECT STATE, TASKS_FAILED, COUNTS_OFF > 0, ERROR_MESSAGE LIKE 'MART_DAILY_SALES: %WEEKDAY_NAME%' \
               FROM CONVEX_CONTROL.JOB_RUN";
    assert_eq!(house.texts(job), ["FAILED|1|1|1"]);
    let tasks = "SELECT TASK_NAME, STATE, ERROR_CODE IS NOT NULL, MILLISECONDS >= 0 FROM CONVEX_CONTROL.TASK_RUN \
                 WHERE TASK_NAME IN ('LOAD_CONVEX', 'MART_CUSTOMER_PURCHASES', 'MART_DAILY_SALES') ORDER BY 1";
    let told = ["LOAD_CONVEX|SUCCEEDED|0|1", "MART_CUSTOMER_PURCHASES|SUCCEEDED|0|1", "MART_DAILY_SALES|FAILED|1|1"];
    assert_eq!(house.texts(tasks), told);
    let steps = "SELECT COUNT(*), COUNT(ERROR_MESSAGE), COUNT_IF(MILLISECONDS >= 0) FROM CONVEX_CONTROL.STEP_RUN";
    assert_eq!(house.texts(steps), ["7|0|7"]);
    let empty = "SELECT LAYER FROM CONVEX_CONTROL.RECONCILIATION WHERE NOT IS_OK";
    assert_eq!(house.texts(empty), ["datamart.MART_DAILY_SALES lines"]);
    // Alerts: one a cause, however often somebody looks.
    let kinds = "SELECT DISTINCT KIND FROM CONVEX_CONTROL.ALERT ORDER BY 1";
    house.becomes(kinds, &["failed_task", "missing_day", "rejected_share"]);
    let causes = house.texts("SELECT CAUSE_KEY FROM CONVEX_CONTROL.ALERT ORDER BY 1");
    for kind in ["FAILED_TASK", "MISSING_DAY", "REJECTED_SHARE"] {
        assert_eq!(house.texts(&format!("CALL CONVEX_CONTROL.RAISE_ALERTS('{}')", kind.to_lowercase())), ["0"]);
    }
    assert_eq!(house.texts("SELECT CAUSE_KEY FROM CONVEX_CONTROL.ALERT ORDER BY 1"), causes);
    deliver_once(&house, causes.len());
    let missing = causes.iter().find(|c| c.starts_with("missing_day:")).expect("a missing day");
    house.cli(&["alerts", "ack", "no-such-cause"], 2);
    house.cli(&["alerts", "ack", missing], 0);
    let failed = causes.iter().find(|c| c.starts_with("failed_task:")).expect("a failed task");
    house.cli(&["alerts", "silence", failed], 0);
    let open = house.json(&["alerts", "ls", "--open", "--json"]);
    let open: Vec<&str> = open.as_array().expect("alerts").iter().filter_map(|a| a["cause"].as_str()).collect();
    assert_eq!(open.len(), causes.len() - 2, "{open:?}");
    assert!(!open.contains(&missing.as_str()) && !open.contains(&failed.as_str()), "{open:?}");
    // Mended, the run goes on where it stopped and is a success.
    house.rows("ALTER TABLE CONVEX_DATAMART.MART_DAILY_SALES RENAME COLUMN GONE TO WEEKDAY_NAME");
    house.cli(&["tasks", "retry"], 0);
    house.becomes("SELECT STATE, ATTEMPTS, TASKS_FAILED, COUNTS_OFF FROM CONVEX_CONTROL.JOB_RUN", &["SUCCEEDED|2|0|0"]);
    house.becomes("SELECT COUNT(*) FROM CONVEX_CONTROL.ALERT_CAUSE WHERE KIND = 'failed_task'", &["0"]);
    a_row_that_copy_refuses_is_kept_and_a_day_like_no_other_is_told(&house);
}

fn a_row_that_copy_refuses_is_kept_and_a_day_like_no_other_is_told(house: &House) {
    let purchase = |n: usize| {
        let time = format!("2018-12-06 {:02}:{:02}:00", 3 + n / 60, n % 60);
        format!(
            "{{\"customer_id\":\"C1\",\"basket\":[{{\"product_id\":\"P01\",\"price\":5}}],\"date_of_purchase\":\"{time}\"}}\n"
        )
    };
    let day: String = (0..400).map(purchase).collect();
    let list = "customer_id,loyalty_score\nC900,3\nC901,\"4\nC902,5\n".to_owned();
    for (key, content) in [("convex-customers/more.csv", list), ("convex-transactions/d=2018-12-06/more.json", day)] {
        let file = house.home.path().join("more");
        std::fs::write(&file, content).expect("written");
        house.cli(&["s3", "put", file.to_str().expect("UTF-8"), &format!("s3://convex-insurance/{key}")], 0);
    }
    house.cli(&["deploy", "--stage", "load", "--again"], 0);
    house.cli(&["tasks", "run"], 0);
    let kept = "SELECT FILE_ROW_NUMBER, CHARACTER_POS, PAYLOAD, SPLIT_PART(REASON, ':', 1) \
                FROM CONVEX_CONTROL.REJECTED_ROW WHERE FILE_NAME LIKE '%.csv'";
    assert_eq!(house.texts(kept), ["3|6|C901,\"4|refused_by_copy"]);
    let rung = "SELECT EXPECTED - ACTUAL, EXPLANATION, IS_OK FROM CONVEX_CONTROL.RECONCILIATION WHERE RUNG = 1 \
                ORDER BY COUNTED_AT DESC LIMIT 1";
    assert_eq!(house.texts(rung), ["1|1 refused by COPY|1"]);
    house.becomes(
        "SELECT CAUSE_KEY, SILENCED_UNTIL IS NULL FROM CONVEX_CONTROL.ALERT WHERE KIND = 'count_out_of_band'",
        &["count_out_of_band:2018-12-06|1"],
    );
}

fn deliver_once(house: &House, count: usize) {
    house.cli(&["alerts", "deliver"], 2);
    let nobody = [("SNOWDECK_ALERT_WEBHOOK", "http://127.0.0.1:9/secret-part")];
    let output = house.cli_with(&["alerts", "deliver"], 1, &nobody);
    assert!(said(&output).contains(&format!("0 delivered, {count} refused")), "{}", said(&output));
    assert!(!said(&output).contains("secret-part"), "{}", said(&output));
    let (url, bodies) = listener();
    let webhook = [("SNOWDECK_ALERT_WEBHOOK", url.as_str())];
    for sent in [count, 0] {
        let output = house.cli_with(&["alerts", "deliver"], 0, &webhook);
        assert!(said(&output).contains(&format!("{sent} delivered, 0 refused, 0 uncertain")), "{}", said(&output));
    }
    let bodies = bodies.lock().expect("not poisoned");
    assert_eq!(bodies.len(), count, "{bodies:?}");
    let message: Value =
        serde_json::from_str(bodies.iter().find(|b| b.contains("MART_DAILY_SALES")).expect("it")).expect("JSON");
    assert!(message["text"].as_str().expect("a text").starts_with("Error: Task MART_DAILY_SALES failed"), "{message}");
}

/// Starts the tree while another session holds the products' satellite, and waits until their task waits for it.
fn held_at_the_products(house: &House) -> Wire {
    let holder = house.runtime.block_on(Wire::login(house.served.as_ref().expect("it runs")));
    for sql in ["USE DATABASE CONVEX_INSURANCE", "BEGIN", "DELETE FROM CONVEX_VAULT.SAT_PRODUCT WHERE 1 = 0"] {
        house.runtime.block_on(holder.run(sql)).unwrap_or_else(|e| panic!("{sql}\n{e:?}"));
    }
    house.rows("EXECUTE TASK CONVEX_CONTROL.LOAD_CONVEX");
    let history = "TABLE(INFORMATION_SCHEMA.TASK_HISTORY(RESULT_LIMIT => 1000))";
    house.becomes(&format!("SELECT COUNT_IF(NAME = 'VAULT_PRODUCT' AND STATE = 'EXECUTING') FROM {history}"), &["1"]);
    house.becomes(&format!("SELECT COUNT_IF(NAME <> 'VAULT_PRODUCT' AND STATE = 'EXECUTING') FROM {history}"), &["0"]);
    holder
}

#[test]
fn a_run_without_its_finalizer_gets_its_end_nevertheless() {
    let mut house = House::new("copy");
    house.generate(&["--customers", "20", "--to", "2018-12-04"]);
    house.deploy();
    house.rows("ALTER TASK CONVEX_CONTROL.FINISH_CONVEX SUSPEND");
    let over = "SELECT COUNT(*) FROM TABLE(INFORMATION_SCHEMA.CURRENT_TASK_GRAPHS())";
    let states = "SELECT STATE, ERROR_MESSAGE LIKE 'VAULT_PRODUCT: %' FROM CONVEX_CONTROL.JOB_RUN ORDER BY STARTED_AT";
    // Cancelled.
    let holder = held_at_the_products(&house);
    house.cli(&["tasks", "cancel"], 0);
    house.runtime.block_on(holder.run("ROLLBACK")).expect("rolled back");
    house.becomes(over, &["0"]);
    house.rows("CALL CONVEX_CONTROL.SETTLE_RUNS(NULL)");
    assert_eq!(house.texts(states), ["CANCELLED|1"]);
    // Killed. The book says EXECUTING until somebody looks.
    drop(held_at_the_products(&house));
    house.kill();
    house.becomes(over, &["0"]);
    assert_eq!(house.texts(states), ["CANCELLED|1", "EXECUTING|"]);
    assert_eq!(house.texts("SELECT COUNT(*) FROM CONVEX_CONTROL.UNSETTLED_RUN"), ["1"]);
    // A run whose finalizer is suspended: the command sees to it that all books are closed.
    house.cli(&["tasks", "run"], 0);
    assert_eq!(house.texts(states), ["CANCELLED|1", "FAILED|1", "SUCCEEDED|0"]);
    let totals = "SELECT TASKS, TASKS_FAILED, FILES_LOADED, FINDINGS, COUNTS_OFF, ERROR_MESSAGE, ENDED_AT > STARTED_AT \
                  FROM CONVEX_CONTROL.JOB_RUN WHERE STATE = 'SUCCEEDED'";
    assert_eq!(house.texts(totals), ["16|0||||FINISH_CONVEX did not count it|1"]);
    // The next finalizer closes what even TASK_HISTORY knows nothing of.
    let lost = "INSERT INTO CONVEX_CONTROL.JOB_RUN (RUN_GROUP, STATE, STARTED_AT, STARTED_BY) \
                SELECT '7', 'EXECUTING', '2018-12-31'::TIMESTAMP_LTZ, 'NOBODY'";
    house.rows(lost);
    house.rows("ALTER TASK CONVEX_CONTROL.FINISH_CONVEX RESUME");
    house.purchase("more.json", 5);
    house.cli(&["deploy", "--stage", "load", "--again"], 0);
    house.cli(&["tasks", "run"], 0);
    assert_eq!(house.texts(states), ["UNKNOWN|0", "CANCELLED|1", "FAILED|1", "SUCCEEDED|0", "SUCCEEDED|"]);
    let totals = "SELECT TASKS, TASKS_FAILED, FILES_LOADED > 0, FINDINGS IS NOT NULL, COUNTS_OFF FROM CONVEX_CONTROL.JOB_RUN \
                  ORDER BY STARTED_AT DESC LIMIT 1";
    assert_eq!(house.texts(totals), ["16|0|1|1|0"]);
    assert_eq!(house.texts("SELECT COUNT(*) FROM CONVEX_CONTROL.UNSETTLED_RUN"), ["0"]);
}

#[test]
fn by_copy_and_by_pipe_in_turn_nothing_is_loaded_twice_or_left_out() {
    let mut house = House::new("copy");
    house.generate(&["--customers", "20", "--to", "2018-12-04"]);
    house.deploy();
    let raw = "SELECT COUNT(*) FROM CONVEX_STAGE.RAW_TRANSACTIONS";
    let first: usize = house.texts(raw)[0].parse().expect("a number");
    let after = |house: &House, more: usize| house.becomes(raw, &[&(first + more).to_string()]);
    // To pipes: what COPY has loaded is not sent to them, what it has not is.
    house.purchase("more-1.json", 1);
    house.load_by = "pipe";
    house.cli(&["deploy"], 0);
    after(&house, 1);
    house.purchase("more-2.json", 2);
    after(&house, 2);
    // Back: COPY is not begun, the way out is.
    house.load_by = "copy";
    let refused = house.cli(&["deploy"], 1);
    assert!(said(&refused).contains("load_by = copy_new"), "{}", said(&refused));
    house.purchase("more-3.json", 3);
    after(&house, 3);
    house.load_by = "copy_new";
    house.cli(&["deploy"], 0);
    after(&house, 3);
    house.purchase("more-4.json", 4);
    house.cli(&["deploy", "--stage", "load", "--again"], 0);
    house.cli(&["deploy", "--stage", "load", "--again"], 0);
    after(&house, 4);
    assert_eq!(house.rows("SHOW PIPES IN DATABASE CONVEX_INSURANCE").len(), 0);
    // And to pipes once more, which are made again, and again with another text.
    house.purchase("more-5.json", 5);
    house.load_by = "pipe";
    house.cli(&["deploy"], 0);
    after(&house, 5);
    let folder = house.home.path().join("pipeline");
    copy_sql(&folder);
    crate::init::edit(&folder, "40_load/10_copy.sql", "PATTERN = '.*[.]json'", "PATTERN = '.*[.](json|ndjson)'");
    let folder = folder.to_str().expect("UTF-8");
    house.cli(&["deploy", "--pipeline", folder], 0);
    house.cli(&["deploy", "--pipeline", folder, "--stage", "load", "--again"], 0);
    after(&house, 5);
    house.purchase("more-6.ndjson", 6);
    after(&house, 6);
    house.cli(&["tasks", "run"], 0);
    let twice = "SELECT COUNT(*) FROM (SELECT FILE_NAME FROM CONVEX_CONTROL.LOAD_AUDIT WHERE ROWS_LOADED > 0 \
                 GROUP BY FILE_NAME HAVING COUNT(*) > 1)";
    assert_eq!(house.texts(twice), ["0"]);
    assert_eq!(house.texts("SELECT COUNT(*) FROM CONVEX_CONTROL.RECONCILIATION WHERE NOT IS_OK"), ["0"]);
}

/// The built-in pipeline as a folder of one's own.
fn copy_sql(to: &std::path::Path) {
    let from = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("sql");
    for (name, content) in crate::convex::files(&from) {
        crate::convex::write(to, &name, &content);
    }
}

/// The rows of every vault table, without the columns that say when they were loaded.
fn vault(house: &House) -> Vec<(String, Vec<String>)> {
    let tables = "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'CONVEX_VAULT' \
                  AND TABLE_TYPE = 'BASE TABLE' ORDER BY 1";
    let content = |table: String| {
        let columns = house.rows(&format!("SHOW COLUMNS IN TABLE CONVEX_VAULT.{table}"));
        let names: Vec<String> =
            columns.into_iter().filter_map(|c| c[2].clone()).filter(|c| !c.contains("DTS")).collect();
        let mut rows = house.texts(&format!("SELECT {} FROM CONVEX_VAULT.{table}", names.join(", ")));
        rows.sort();
        (table, rows)
    };
    house.texts(tables).into_iter().map(content).collect()
}

#[test]
fn pipes_and_copy_fill_the_same_vault() {
    let data = ["run", "--customers", "50", "--to", "2018-12-10", "--json"];
    let [by_copy, by_pipe] = ["copy", "pipe"].map(|load_by| {
        let house = House::new(load_by);
        house.cli(&data, 0);
        house.enter();
        house
    });
    let vault_by_copy = vault(&by_copy);
    assert!(vault_by_copy.len() > 5 && vault_by_copy.iter().any(|(_, rows)| rows.len() > 50));
    assert_eq!(vault(&by_pipe), vault_by_copy);
    let ways = "SELECT DISTINCT LOADED_BY FROM CONVEX_CONTROL.LOAD_AUDIT ORDER BY 1";
    assert_eq!(by_copy.texts(ways), ["COPY"]);
    assert_eq!(by_pipe.texts(ways), ["pipe CUSTOMERS_PIPE", "pipe PRODUCTS_PIPE", "pipe TRANSACTIONS_PIPE"]);
    // A name is loaded once, whatever comes under it later; a new name by itself.
    let raw = "SELECT COUNT(*) FROM CONVEX_STAGE.RAW_TRANSACTIONS WHERE FILE_NAME LIKE '%d=2018-12-01/%'";
    let before = by_pipe.texts(raw)[0].parse::<usize>().expect("a number");
    let file = by_pipe.home.path().join("more.json");
    let line =
        r#"{"customer_id":"C1","basket":[{"product_id":"P01","price":5}],"date_of_purchase":"2018-12-01 10:00:00"}"#;
    std::fs::write(&file, line).expect("written");
    let path = file.to_str().expect("UTF-8");
    for name in ["transactions.json", "transactions-more.json"] {
        let key = format!("s3://convex-insurance/convex-transactions/d=2018-12-01/{name}");
        by_pipe.cli(&["s3", "put", path, &key], 0);
    }
    by_pipe.becomes(raw, &[&(before + 1).to_string()]);
    by_pipe.rows("ALTER PIPE CONVEX_STAGE.TRANSACTIONS_PIPE REFRESH");
    by_pipe.rows("CALL CONVEX_STAGE.AWAIT_PIPES()");
    assert_eq!(by_pipe.texts(raw), [(before + 1).to_string()]);
    by_pipe.cli(&["run", "--customers", "50", "--to", "2018-12-10"], 0);
}
