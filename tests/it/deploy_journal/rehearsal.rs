//! A rehearsal before the real thing.

use super::Place;
use crate::init::{edit, folder, json};
use crate::served::{run, said};
use snowdeck::jobs::Context;
use snowdeck::jobs::deploy::{Order, Target, rehearse};

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_out_differently_is_told() {
    let (stage, target) = (Place::new().await, Place::new().await);
    for place in [&stage, &target] {
        place.on.store.ensure_bucket().await.expect("a bucket");
        edit(
            &place.folder,
            "sql/40_serve.sql",
            "-- How much each station",
            "-- What is there.\nSELECT * FROM RAW.BIKE;\n\n-- How much each station",
        );
    }
    // The target has been deployed before, with another shape of a table, and rows in it.
    target.all().await;
    target.query("ALTER TABLE BIKE_HIRE.RAW.BIKE ADD COLUMN WHEELS NUMBER(3, 0)").await.expect("a column");
    edit(
        &target.folder,
        "sql/60_access.sql",
        "TO ROLE BIKE_HIRE_READER;\n\n-- come in",
        "TO ROLE NOBODY;\n\n-- come in",
    );
    let (here, there) = (stage.deployment(), target.deployment());
    let on = |place: &Place, deployment| (place.on.warehouses.clone(), deployment);
    let ((first, here), (second, there)) = (on(&stage, here), on(&target, there));
    let (stage_side, target_side) = (
        Target { warehouses: first.as_ref(), deployment: &here },
        Target { warehouses: second.as_ref(), deployment: &there },
    );
    let order = Order { again: true, ..Order::default() };
    let came = rehearse(&Context::silent(), &stage_side, Some((&target_side, &order))).await.expect("it runs");
    assert_eq!(came.rehearsed.failure, None);
    assert!(came.target.is_some_and(|t| t.failure.is_some()), "there is no such role");
    let (found, others): (Vec<_>, Vec<_>) = came.differences.iter().partition(|d| d.what == "object");
    assert!(found.iter().any(|d| d.target.contains("already exists")), "what was there before is told: {found:?}");
    let what: Vec<(&str, &str)> = others.iter().map(|d| (d.title.as_str(), d.what)).collect();
    assert_eq!(
        what,
        [("SELECT * FROM RAW", "columns"), ("GRANT USAGE ON WAREHOUSE BIKE_HIRE_WH", "error")],
        "{what:?}"
    );
    assert!(others[0].target.contains("WHEELS"), "{:?}", others[0]);
}

#[test]
fn a_rehearsal_that_fails_touches_nothing() {
    let (home, folder) = folder();
    let (home, folder) = (home.path(), folder.as_path());
    json(home, folder, &["run"], 0);
    let came = json(home, folder, &["deploy", "--rehearse"], 0);
    assert_eq!(
        (&came["ok"], &came["files"], &came["target"]["statements"]),
        (&true.into(), &3.into(), &0.into()),
        "{came}"
    );
    edit(
        folder,
        "sql/40_serve.sql",
        "CREATE TABLE IF NOT EXISTS SERVE.RIDE",
        "CREATE TABLE IF NOT EXISTS SERVICE.RIDE",
    );
    let output = run(home, &["deploy", "--rehearse", "--pipeline", folder.to_str().expect("UTF-8")]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(
        said(&output).contains("nothing else was touched") && said(&output).contains("sql/40_serve.sql:"),
        "{}",
        said(&output)
    );
    let plan = json(home, folder, &["deploy", "--plan"], 0);
    assert_eq!(plan["pending"], 1, "{plan}");
}
