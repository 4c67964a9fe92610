//! The plan of the built-in pipeline, and of broken ones.

use snowdeck::domain::Plan;
use snowdeck::jobs::deploy::{Pipeline, Variables};
use sqlparser::dialect::SnowflakeDialect;
use sqlparser::parser::Parser;
use std::path::Path;

const SECRET: &str = "hunter'2\\;x";

fn values() -> Variables {
    Variables::default().with("ds_password", SECRET).with("aws_key_id", "AKIA").with("aws_secret_key", "s3cr3t")
}

fn builtin() -> Plan {
    let pipeline = Pipeline::builtin().expect("the built-in pipeline loads");
    pipeline.prepare(&values()).expect("it has all values").plan().clone()
}

#[test]
fn the_folder_and_what_is_compiled_in_are_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql");
    let pipeline = Pipeline::open(&folder).expect("the folder loads");
    assert_eq!(pipeline.prepare(&values()).expect("it has all values").plan(), &builtin());
    let undo = |p: &Pipeline| p.prepare_undo(&values(), "account").expect("undo files load").plan().clone();
    assert_eq!(undo(&pipeline), undo(&Pipeline::builtin().expect("it loads")));
}

#[test]
fn every_stage_has_steps_and_every_step_a_title_and_a_caption() {
    let plan = builtin();
    let ids: Vec<&str> = plan.stages.iter().map(|s| s.id.as_str()).collect();
    let expected = [
        "account",
        "landing",
        "stage",
        "pipes",
        "load",
        "vault",
        "warehouse",
        "datamart",
        "control",
        "rules",
        "alerts",
        "tasks",
        "access",
    ];
    assert_eq!(ids, expected);
    assert!(plan.stages.iter().all(|s| s.steps.len() >= 3));
    for (_, _, step) in plan.steps() {
        assert!(step.caption.len() > 10, "{}:{} has no caption", step.file, step.line);
        assert!(!step.title.is_empty() && step.title.len() < 80, "{}:{}: title {}", step.file, step.line, step.title);
    }
    let titles: Vec<&str> = plan.stages[4].steps.iter().map(|s| s.title.as_str()).collect();
    let copies = ["COPY customers", "COPY products", "COPY transactions"];
    assert!(titles.windows(3).any(|titles| titles == copies), "{titles:?}");
}

#[test]
fn lines_are_those_of_the_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql");
    for (_, _, step) in builtin().steps() {
        let text = std::fs::read_to_string(folder.join(&step.file)).expect("the file is there");
        let line = text.lines().nth(step.line as usize - 1).expect("the file has that line").trim_start();
        let words = |text: &str| {
            let words = text.trim_end_matches(';').split_whitespace().take(2);
            words.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(words(line), words(&step.sql), "{}:{}", step.file, step.line);
    }
}

#[test]
fn secrets_are_in_no_plan_and_in_no_debug_text() {
    let pipeline = Pipeline::builtin().expect("it loads");
    let deployment = pipeline.prepare(&values()).expect("it has all values");
    let json = serde_json::to_string(deployment.plan()).expect("a plan is JSON");
    for text in [json, format!("{deployment:?}"), format!("{:?}", values())] {
        assert!(!text.contains("hunter") && !text.contains("s3cr3t") && !text.contains("AKIA"), "{text}");
    }
    let user = deployment.plan().steps().find(|(_, _, s)| s.title == "CONVEX_DS_USER").expect("the user is made").2;
    assert!(user.sql.contains("PASSWORD = '***'"), "{}", user.sql);
    assert_eq!(deployment.redact(&format!("at {SECRET}: no")), "at ***: no");
}

#[test]
fn a_role_in_aws_takes_the_place_of_keys() {
    let pipeline = Pipeline::builtin().expect("it loads");
    let with_role = values().with("storage_role_arn", "arn:aws:iam::123456789012:role/convex");
    let plan = pipeline.prepare(&with_role).expect("it has all values").plan().clone();
    let sql: String = plan.steps().map(|(_, _, s)| s.sql.as_str()).collect::<Vec<_>>().join("\n");
    assert!(sql.contains("CREATE STORAGE INTEGRATION") && sql.contains("STORAGE_INTEGRATION = CONVEX_S3"));
    assert!(!sql.contains("AWS_KEY_ID"));
}

#[test]
fn a_missing_value_is_named_with_file_and_line() {
    let error =
        Pipeline::builtin().expect("it loads").prepare(&Variables::default()).expect_err("no password is given");
    let text = error.to_string();
    assert!(text.starts_with("95_access/10_data_science.sql:10: ") && text.contains("ds_password"), "{text}");
}

#[test]
fn an_open_string_is_named_with_file_and_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("it can be written");
    write("a.sql", "{% if x %}\n-- a\nSELECT 1;\n{% endif %}\nSELECT 'b;\n");
    write(
        "pipeline.toml",
        "name='P'\ndatabase='D'\nwarehouse='W'\nrole='R'\nvariables={x={default=''}}\n\
         stage=[{id='a',title='A',files=['a.sql']}]\n[tasks]\nschema='S'\nroot='T'\n",
    );
    let error =
        Pipeline::open(folder.path()).expect("it loads").prepare(&Variables::default()).expect_err("it is open");
    let place = folder.path().join("a.sql").display().to_string();
    assert_eq!(error.to_string(), format!("{place}:5: the string ' is never closed"));
}

/// Statements that sqlparser's Snowflake dialect does not read; the embedded endpoint has parsers of its own for these.
const BEYOND_SQLPARSER: &[&str] = &[
    "CREATE ROLE IF NOT EXISTS",
    "CREATE MASKING POLICY",
    "CREATE OR REPLACE FUNCTION",
    "CREATE SCHEMA IF NOT EXISTS",
    "CREATE STREAM",
    "CREATE OR REPLACE TASK",
    "ALTER TASK",
    "CREATE OR REPLACE PROCEDURE",
    "CREATE OR REPLACE ALERT",
    "ALTER ALERT",
    "DROP PIPE",
];

#[test]
fn sqlparser_reads_the_statements_or_they_are_known() {
    let mut unread: Vec<String> = Vec::new();
    let plan = builtin();
    for (_, _, step) in plan.steps() {
        let known = BEYOND_SQLPARSER.iter().any(|known| step.sql.starts_with(known));
        let sql = match step.sql.split_once("\nAS\n") {
            Some((head, body)) if head.contains(" TASK ") && !body.starts_with("BEGIN") => body,
            _ if known => continue,
            _ => &step.sql,
        };
        if let Err(error) = Parser::parse_sql(&SnowflakeDialect, sql) {
            unread.push(format!("{}:{} {}: {error}", step.file, step.line, step.title));
        }
    }
    assert!(unread.is_empty(), "{}", unread.join("\n"));
}
