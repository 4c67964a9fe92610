//! Every layer of the built-in pipeline against `tests/pipeline/recount.py`, which computes it from the files alone.

use crate::convex::{Convex, generate, write};
use crate::kill::Dice;
use serde_json::Value;
use snowdeck::domain::{GenerateSpec, Shape};
use snowdeck::jobs::generate::Options;
use std::path::Path;
use std::process::Command;

/// A mart's columns in the order of the script's.
const MARTS: [(&str, &str); 4] = [
    ("MART_CUSTOMER_PURCHASES", "CUSTOMER_ID,LOYALTY_SCORE,PRODUCT_ID,PRODUCT_CATEGORY,PURCHASE_COUNT"),
    ("MART_DAILY_SALES", "SALES_DATE,WEEKDAY_NAME,TRANSACTION_COUNT,LINE_COUNT,CUSTOMER_COUNT,SALES_AMOUNT"),
    (
        "MART_CATEGORY_LOYALTY",
        "PRODUCT_CATEGORY,LOYALTY_SCORE,CUSTOMER_COUNT,TRANSACTION_COUNT,LINE_COUNT,SALES_AMOUNT,AVERAGE_PRICE",
    ),
    (
        "MART_CUSTOMER_RFM",
        "CUSTOMER_ID,LOYALTY_SCORE,FIRST_PURCHASE_DATE,LAST_PURCHASE_DATE,RECENCY_DAYS,FREQUENCY,MONETARY,\
         RECENCY_SCORE,FREQUENCY_SCORE,MONETARY_SCORE",
    ),
];

/// Rules that hold in the vault and the warehouse whatever was loaded; each query counts what breaks it.
const RULES: &[(&str, &str)] = &[
    ("a hub's key is there once", "SELECT COUNT(*) - COUNT(DISTINCT HK_TRANSACTION) FROM CONVEX_VAULT.HUB_TRANSACTION"),
    (
        "a link's key is there once",
        "SELECT COUNT(*) - COUNT(DISTINCT HK_TRANSACTION_LINE) FROM CONVEX_VAULT.LINK_TRANSACTION_LINE",
    ),
    (
        "a satellite holds one row at a time",
        "SELECT COUNT(*) FROM (SELECT 1 FROM CONVEX_VAULT.SAT_TRANSACTION_LINE GROUP BY HK_TRANSACTION_LINE, LOAD_DTS \
         HAVING COUNT(*) > 1)",
    ),
    (
        "the same state is not noted twice",
        "SELECT COUNT(*) FROM (SELECT 1 FROM CONVEX_VAULT.EFFSAT_TRANSACTION_LINE QUALIFY IS_DELIVERED = LAG(IS_DELIVERED) \
         OVER (PARTITION BY HK_TRANSACTION_LINE ORDER BY LOAD_DTS))",
    ),
    (
        "every line has its purchase and its product",
        "SELECT COUNT(*) FROM CONVEX_VAULT.LINK_TRANSACTION_LINE AS L \
         LEFT JOIN CONVEX_VAULT.HUB_TRANSACTION AS T ON L.HK_TRANSACTION = T.HK_TRANSACTION \
         LEFT JOIN CONVEX_VAULT.HUB_PRODUCT AS P ON L.HK_PRODUCT = P.HK_PRODUCT \
         WHERE T.HK_TRANSACTION IS NULL OR P.HK_PRODUCT IS NULL",
    ),
    (
        "a dimension's versions follow each other without gap and overlap",
        "SELECT COUNT(*) FROM (SELECT * FROM (SELECT 'C' || CUSTOMER_KEY AS K, VALID_FROM, VALID_TO, IS_CURRENT \
         FROM CONVEX_WAREHOUSE.DIM_CUSTOMER UNION ALL SELECT 'P' || PRODUCT_KEY, VALID_FROM, VALID_TO, IS_CURRENT \
         FROM CONVEX_WAREHOUSE.DIM_PRODUCT) QUALIFY VALID_TO <> LEAD(VALID_FROM, 1, CONVEX_VAULT.END_DTS()) OVER (PARTITION BY K ORDER BY VALID_FROM) \
         OR ROW_NUMBER() OVER (PARTITION BY K ORDER BY VALID_FROM) = 1 AND VALID_FROM <> CONVEX_VAULT.GHOST_DTS() \
         OR IS_CURRENT <> (VALID_TO = CONVEX_VAULT.END_DTS()))",
    ),
    (
        "every fact finds its members",
        "SELECT COUNT(*) FROM CONVEX_WAREHOUSE.FACT_PURCHASE_LINE AS F \
         LEFT JOIN CONVEX_WAREHOUSE.DIM_CUSTOMER AS C ON F.CUSTOMER_KEY = C.CUSTOMER_KEY AND C.IS_CURRENT \
         LEFT JOIN CONVEX_WAREHOUSE.DIM_PRODUCT AS P ON F.PRODUCT_KEY = P.PRODUCT_KEY AND P.IS_CURRENT \
         LEFT JOIN CONVEX_WAREHOUSE.DIM_DATE AS D ON F.DATE_KEY = D.DATE_KEY \
         WHERE C.CUSTOMER_KEY IS NULL OR P.PRODUCT_KEY IS NULL OR D.DATE_KEY IS NULL",
    ),
    (
        "every point in time finds its satellite rows",
        "SELECT COUNT(*) FROM CONVEX_VAULT.PIT_CUSTOMER AS P \
         LEFT JOIN CONVEX_VAULT.SAT_CUSTOMER AS A ON P.SAT_CUSTOMER_HK = A.HK_CUSTOMER AND P.SAT_CUSTOMER_DTS = A.LOAD_DTS \
         LEFT JOIN CONVEX_VAULT.SAT_CUSTOMER_PII AS B \
         ON P.SAT_CUSTOMER_PII_HK = B.HK_CUSTOMER AND P.SAT_CUSTOMER_PII_DTS = B.LOAD_DTS \
         WHERE A.HK_CUSTOMER IS NULL OR B.HK_CUSTOMER IS NULL",
    ),
    (
        "every task tells what went in and what came out",
        "SELECT COUNT(*) FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY(RESULT_LIMIT => 1000)) \
         WHERE STATE = 'SUCCEEDED' AND REGEXP_LIKE(NAME, '(FLATTEN|VAULT|PIT|DIM|FACT|MART)_.*') \
         AND (PARSE_JSON(RETURN_VALUE):rows_in IS NULL OR PARSE_JSON(RETURN_VALUE):rows_out IS NULL)",
    ),
];

/// What the script computes for the loads of these folders; `None` where there is no Python, and says so.
pub fn recount(snapshots: &[&Path]) -> Option<Value> {
    if Command::new("python3").arg("--version").output().is_err() {
        println!("LEFT OUT: there is no python3");
        return None;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pipeline/recount.py");
    let output = Command::new("python3").arg(script).args(snapshots).output().expect("Python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

/// Compares every count, every row of every mart and every rejected row, and tries the rules.
pub fn compare(convex: &Convex, expected: &Value, when: &str) {
    let victim = &convex.victim;
    let mut off = Vec::new();
    for (table, count) in expected["counts"].as_object().expect("counts") {
        let got = victim.text(&format!("SELECT COUNT(*) FROM {table}"));
        let wanted = count.to_string();
        if got != wanted {
            off.push(format!("{table}: {got}, the files say {count}"));
        }
    }
    for (mart, columns) in MARTS {
        let list: Vec<String> = columns.split(',').map(|c| format!("{c}::VARCHAR")).collect();
        let sql = format!("SELECT {} FROM CONVEX_DATAMART.{mart}", list.join(", "));
        let mut got = victim.run(&sql).unwrap_or_else(|(code, text)| panic!("{sql}\n{code}: {text}"));
        let mut want: Vec<Vec<Option<String>>> = serde_json::from_value(expected["marts"][mart].clone()).expect("rows");
        got.sort_unstable();
        want.sort_unstable();
        if got != want {
            let odd = got.iter().zip(&want).find(|(g, w)| g != w);
            off.push(format!("{mart}: {} rows, the files say {}; first {odd:?}", got.len(), want.len()));
        }
    }
    let kind = "SELECT FILE_NAME, FILE_ROW_NUMBER, SPLIT_PART(REASON, ':', 1) FROM CONVEX_CONTROL.REJECTED_ROW";
    let mut got: Vec<Vec<String>> =
        victim.run(kind).expect("rows").into_iter().map(|r| r.into_iter().flatten().collect()).collect();
    let told = expected["rejected"].as_array().expect("rows");
    let cell = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let mut want: Vec<Vec<String>> =
        told.iter().map(|r| r.as_array().expect("a row").iter().map(cell).collect()).collect();
    got.sort_unstable();
    want.sort_unstable();
    if got != want {
        let odd = got.iter().zip(&want).find(|(g, w)| g != w);
        off.push(format!("rejected: {} rows, the files say {}; first {odd:?}", got.len(), want.len()));
    }
    for (rule, sql) in RULES {
        let broken = victim.text(sql);
        if broken != "0" {
            off.push(format!("{rule}: broken {broken} times"));
        }
    }
    assert!(off.is_empty(), "{when}:\n{}", off.join("\n"));
}

fn load_and_run(convex: &mut Convex, folder: &Path) {
    convex.store(folder);
    convex.load();
    let failed = convex.run_tree();
    assert_eq!(failed, "");
}

/// A range of days that a seed stands for.
fn spec(seed: u64, dice: &mut Dice) -> GenerateSpec {
    let from = chrono::NaiveDate::from_ymd_opt(2015, 1, 1).expect("a day") + chrono::Days::new(dice.below(4000));
    let to = from + chrono::Days::new(5 + dice.below(60));
    let (from, to) = (from.to_string(), to.to_string());
    let shape = if seed.is_multiple_of(3) { Shape::Extended } else { Shape::Starter };
    GenerateSpec { seed, customers: 20 + dice.below(150), from, to, shape }
}

/// Two seeds of 1–20; all of them with `SNOWDECK_SEEDS=all`.
#[test]
fn every_layer_of_a_seed_is_as_the_files_say() {
    let mut dice = Dice::new();
    let all = std::env::var("SNOWDECK_SEEDS").is_ok_and(|v| v == "all");
    let seeds = if all { (1..=20).collect() } else { vec![1 + dice.below(10), 11 + dice.below(10)] };
    for seed in seeds {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let spec = spec(seed, &mut dice);
        let mut options = Options::default();
        if seed.is_multiple_of(2) {
            options.model.faults.add("all=0.02").expect("rates");
        }
        generate(folder.path(), &spec, &options);
        let Some(expected) = recount(&[folder.path()]) else { return };
        let mut convex = Convex::start();
        load_and_run(&mut convex, folder.path());
        compare(&convex, &expected, &format!("{spec:?}"));
    }
}

const HEADER: &str = "customer_id,loyalty_score";
const PRODUCTS: &str =
    "product_id,product_description,product_category\nP01,\"lamp, red\",house\nP02,apple,fruit_veg\n";

fn purchase(customer: &str, moment: &str, basket: &[(&str, &str)]) -> String {
    let items: Vec<String> =
        basket.iter().map(|(id, price)| format!(r#"{{"product_id":"{id}","price":{price}}}"#)).collect();
    let items = items.join(",");
    format!("{{\"customer_id\":\"{customer}\",\"basket\":[{items}],\"date_of_purchase\":\"{moment}\"}}\n")
}

/// The bucket at each of a story's loads.
fn story() -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let (customers, products) = ("convex-customers/customers.csv", "convex-products/products.csv");
    let (monday, tuesday) =
        ("convex-transactions/d=2024-01-01/transactions.json", "convex-transactions/d=2024-01-02/transactions.json");
    let (late, copy) =
        ("convex-transactions/d=2023-12-31/transactions.json", "convex-transactions/d=2024-01-02/transactions-1.json");
    let one = purchase("C1", "2024-01-01 10:00:00", &[("P01", "5"), ("P01", "7"), ("P02", "1")]);
    let twice = purchase("C2", "2024-01-01 11:00:00", &[("P02", "2")]);
    let tuesdays = purchase(" c1 ", "2024-01-02 09:00:00", &[("p02", "3")]);
    vec![
        (
            "the first load: equal purchases are two, a key twice in a list is one, a product is on no list",
            vec![
                (customers, format!("{HEADER}\nC1,3\nC2,4\nC2,5\n c3 ,6\n,7\nC5,many\nC6\n")),
                (products, PRODUCTS.into()),
                (monday, format!("{one}{twice}{twice}{}", purchase("C9", "2024-01-01 12:00:00", &[("P77", "9")]))),
                (tuesday, tuesdays.clone()),
            ],
        ),
        (
            "the same content under a new tag changes nothing",
            vec![
                (
                    monday,
                    format!("{one}{twice}{twice}{}\n", { purchase("C9", "2024-01-01 12:00:00", &[("P77", "9")]) }),
                ),
                (products, format!("{PRODUCTS}\n")),
            ],
        ),
        (
            "a corrected score and a new customer, a late day, a product gets its description",
            vec![
                (customers, format!("{HEADER}\nC1,8\nC2,5\nC3,6\nC9,1\n")),
                (products, format!("{PRODUCTS}P77,mystery,house\n")),
                (late, purchase("C3", "2023-12-31 23:59:00", &[("P02", "4")])),
            ],
        ),
        (
            "a day sent again: a price is corrected, a line and a purchase are taken back, one is spoilt, one has come",
            vec![(
                monday,
                format!(
                    "{}{twice}{{\"customer_id\":\"C9\"}}\n{}",
                    purchase("C1", "2024-01-01 10:00:00", &[("P01", "6"), ("P01", "7")]),
                    purchase("C4", "2024-01-01 13:00:00", &[("P01", "11")]),
                ),
            )],
        ),
        (
            "new columns come, and a day is there under two names",
            vec![
                (
                    customers,
                    "customer_id,shoe_size,loyalty_score,name,email,birth_date,city,joined_on\n\
                     C1,43,8,Ann,ann@example.org,1980-02-29,York,2020-01-01\nC2,,5,,,,,\nC3,38,6,Bob,,,,\n"
                        .into(),
                ),
                (
                    products,
                    "product_id,product_description,product_category,brand,unit,list_price,colour\n\
                     P01,\"lamp, red\",house,Lux,each,12,red\nP02,apple,fruit_veg,,kg,3,\n"
                        .into(),
                ),
                (copy, tuesdays),
            ],
        ),
        ("the first content of the day comes back", vec![(monday, format!("{one}{twice}{twice}"))]),
        (
            "one file becomes empty, another holds nothing that can be right: both take back what they held",
            vec![(late, String::new()), (monday, "{\"customer_id\":\"C9\"}\n".into())],
        ),
    ]
}

/// Writes the bucket after each load of the story into folders of their own.
pub fn snapshots(root: &Path) -> Vec<(&'static str, std::path::PathBuf)> {
    let mut bucket = std::collections::BTreeMap::new();
    let mut out = Vec::new();
    for (number, (what, changes)) in story().into_iter().enumerate() {
        bucket.extend(changes);
        let folder = root.join(number.to_string());
        for (key, content) in &bucket {
            write(&folder, key, content.as_bytes());
        }
        out.push((what, folder));
    }
    out
}

#[test]
fn late_and_corrected_data_fit_in() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let snapshots = snapshots(root.path());
    let mut convex = Convex::start();
    for (number, (what, folder)) in snapshots.iter().enumerate() {
        let so_far: Vec<&Path> = snapshots[..=number].iter().map(|(_, f)| f.as_path()).collect();
        let Some(expected) = recount(&so_far) else { return };
        load_and_run(&mut convex, folder);
        compare(&convex, &expected, what);
        // A run that finds nothing new changes nothing.
        convex.load();
        assert_eq!(convex.run_tree(), "");
        compare(&convex, &expected, &format!("{what}, again"));
    }
    a_batch_read_again_changes_nothing(&convex);
    personal_data_is_masked(&convex);
}

#[test]
fn several_deliveries_in_one_batch_are_as_if_one_by_one() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let snapshots = snapshots(root.path());
    let mut convex = Convex::start();
    let all: Vec<&Path> = snapshots.iter().map(|(_, f)| f.as_path()).collect();
    let Some(expected) = recount(&all) else { return };
    for folder in &all {
        convex.store(folder);
        convex.load();
    }
    assert_eq!(convex.run_tree(), "");
    compare(&convex, &expected, "all loads in one batch");
}

/// The streams begin again at the first row that ever landed, so that one run takes in everything a second time.
fn a_batch_read_again_changes_nothing(convex: &Convex) {
    let victim = &convex.victim;
    let tables = victim.text(
        "SELECT LISTAGG(TABLE_SCHEMA || '.' || TABLE_NAME, ' ') WITHIN GROUP (ORDER BY TABLE_NAME) FROM INFORMATION_SCHEMA.TABLES \
         WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA IN ('CONVEX_VAULT', 'CONVEX_WAREHOUSE', 'CONVEX_DATAMART')",
    );
    let sums = || -> Vec<String> {
        let sum = |table: &str| victim.text(&format!("SELECT '{table}', COUNT(*), HASH_AGG(*) FROM {table}"));
        tables.split(' ').map(sum).collect()
    };
    let before = sums();
    assert!(before.len() > 20, "{before:?}");
    for set in ["CUSTOMERS", "PRODUCTS", "TRANSACTIONS"] {
        victim.script(&[&format!(
            "CREATE OR REPLACE STREAM CONVEX_STAGE.RAW_{set}_STREAM ON TABLE CONVEX_STAGE.RAW_{set} \
             APPEND_ONLY = TRUE SHOW_INITIAL_ROWS = TRUE"
        )]);
    }
    assert_eq!(convex.run_tree(), "");
    assert_eq!(sums(), before);
}

/// Only the steward sees who the customers are; the pipeline's own role does not, data science is not let in.
fn personal_data_is_masked(convex: &Convex) {
    let victim = &convex.victim;
    let who =
        "SELECT NAME, EMAIL, BIRTH_DATE, CITY, MORE FROM CONVEX_WAREHOUSE.CUSTOMER_CONTACT WHERE CUSTOMER_ID = 'C1'";
    assert_eq!(victim.text(who), "***|***|NULL|***|NULL");
    assert_eq!(victim.text("SELECT COUNT(*) FROM CONVEX_VAULT.SAT_CUSTOMER_PII WHERE NAME = 'Ann'"), "0");
    victim.script(&["USE ROLE ACCOUNTADMIN", "USE SECONDARY ROLES NONE"]);
    assert_eq!(victim.text(who), "***|***|NULL|***|NULL");
    let me = victim.text("SELECT CURRENT_USER()");
    victim.script(&[&format!("GRANT ROLE CONVEX_STEWARD TO USER {me}"), "USE ROLE CONVEX_STEWARD"]);
    let told = victim.text(&who.replace("BIRTH_DATE", "BIRTH_DATE::VARCHAR").replace("MORE", "TO_JSON(MORE)"));
    assert_eq!(told, r#"Ann|ann@example.org|1980-02-29|York|{"SHOE_SIZE":43}"#);
    victim.script(&["USE ROLE ACCOUNTADMIN", &format!("GRANT ROLE CONVEX_DATA_SCIENTIST TO USER {me}")]);
    victim.script(&["USE ROLE CONVEX_DATA_SCIENTIST"]);
    for place in ["CONVEX_WAREHOUSE.CUSTOMER_CONTACT", "CONVEX_VAULT.SAT_CUSTOMER_PII", "CONVEX_STAGE.RAW_CUSTOMERS"] {
        let refused = victim.run(&format!("SELECT * FROM CONVEX_INSURANCE.{place}")).expect_err(place);
        assert_eq!(refused.0, "002003", "{place}: {}", refused.1);
    }
}
