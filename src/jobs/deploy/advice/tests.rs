use super::*;
use crate::domain::Stage;

fn step(title: &str, sql: &str, line: u32) -> Step {
    Step { title: title.into(), caption: String::new(), sql: sql.into(), file: "a.sql".into(), line }
}

fn plan() -> Plan {
    let stage = |id: &str, steps| Stage { id: id.into(), title: id.into(), steps };
    Plan {
        pipeline: "P".into(),
        stages: vec![
            stage(
                "raw",
                vec![
                    step("USE ROLE ENGINEER", "USE ROLE ENGINEER", 1),
                    step("RAW_ORDERS", "CREATE TABLE RAW_ORDERS (ORDER_ID INT)", 3),
                ],
            ),
            stage(
                "mart",
                vec![
                    step("USE ROLE READER", "USE ROLE READER", 1),
                    step("ORDERS", "CREATE VIEW ORDERS AS\nSELECT ORDER_ID\n  FROM RAW_ORDERS", 3),
                ],
            ),
        ],
    }
}

fn refused(code: &str, message: &str) -> SqlError {
    SqlError { code: code.into(), message: message.into(), ..SqlError::default() }
}

fn advice(place: (usize, usize), error: &SqlError, done: bool) -> Advice {
    advise(&plan(), place, None, error, &|_, _| done)
}

#[test]
fn a_missing_object_leads_to_the_statement_that_makes_it() {
    let error = refused("002003", "SQL compilation error:\nObject 'D.S.RAW_ORDERS' does not exist or not authorized.");
    let told = advice((1, 1), &error, false);
    assert_eq!(told.place, "a.sql:5");
    assert_eq!(told.code, "  FROM RAW_ORDERS");
    assert_eq!(told.caret, Some(Caret { at: 7, length: 10 }));
    let suggestion = told.suggestion.expect("one");
    assert!(suggestion.contains("a.sql:3, stage raw") && suggestion.contains("deploy --through raw"), "{suggestion}");
    let suggestion = advice((1, 1), &error, true).suggestion.expect("one");
    assert!(suggestion.contains("the role READER") && suggestion.contains("--stage raw --again"), "{suggestion}");
    let suggestion = advice((0, 0), &error, false).suggestion.expect("one");
    assert!(suggestion.contains("made only later"), "{suggestion}");
}

#[test]
fn a_name_that_is_nearly_right_is_guessed() {
    let error = refused("002003", "Object 'RAW_ORDER' does not exist or not authorized.");
    assert_eq!(advice((1, 1), &error, true).suggestion.as_deref(), Some("did you mean RAW_ORDERS?"));
    let error = refused("000904", "error line 2 at position 7\ninvalid identifier 'ORDR_ID'");
    assert_eq!(advice((1, 1), &error, true).suggestion.as_deref(), Some("did you mean ORDER_ID?"));
    let edited = "SELCT 1";
    let error = SqlError {
        line: Some(1),
        position: Some(0),
        ..refused("001003", "SQL compilation error:\nsyntax error line 1 at position 0 unexpected 'SELCT'.")
    };
    let told = advise(&plan(), (1, 1), Some(edited), &error, &|_, _| true);
    assert_eq!(told.suggestion.as_deref(), Some("did you mean SELECT instead of SELCT?"));
    assert_eq!((told.code.as_str(), told.caret), (edited, Some(Caret { at: 0, length: 5 })));
}

#[test]
fn a_missing_right_names_role_and_grant() {
    let error = refused("003001", "SQL access control error:\nInsufficient privileges to operate on schema 'MART'");
    let suggestion = advice((1, 1), &error, true).suggestion.expect("one");
    assert!(suggestion.contains("READER lacks CREATE VIEW on schema MART"), "{suggestion}");
    assert!(suggestion.contains("GRANT CREATE VIEW ON SCHEMA MART TO ROLE READER"), "{suggestion}");
}

#[test]
fn a_closed_stage_and_a_policy_are_told_of() {
    let mut plan = plan();
    plan.stages[0].steps.push(step("S3_FILES", "CREATE OR REPLACE STAGE S3_FILES URL = 's3://b/'", 9));
    plan.stages[1].steps.push(step("HIDE", "CREATE MASKING POLICY HIDE AS (X INT) RETURNS INT -> 1", 9));
    let said = |place, error: &SqlError| advise(&plan, place, None, error, &|_, _| true).suggestion.unwrap_or_default();
    let closed = refused("091003", "Failure using stage area. Cause: [Access Denied (Status Code: 403)]");
    assert!(said((1, 1), &closed).contains("deploy --stage raw --again"), "{}", said((1, 1), &closed));
    let unknown = refused("000002", "Unsupported feature 'CREATE MASKING POLICY'.");
    assert!(said((1, 2), &unknown).contains("Enterprise Edition"), "{}", said((1, 2), &unknown));
}
