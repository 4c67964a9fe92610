//! `snowdeck run`: the whole job.

use super::args::{Global, Run};
use super::desk::{self, Desk};
use super::output::{self, Table};
use super::{failure::Failure, generate};
use crate::domain::RunReport;
use crate::jobs::generate::Options;
use crate::jobs::run::{self, RunSpec, Services};

pub async fn run(global: &Global, args: Run) -> Result<(), Failure> {
    desk::may_change(global, "load data")?;
    let pipeline = desk::pipeline(global)?;
    desk::at(global, async |desk: &Desk| {
        let services = Services { store: desk.services.store.clone(), warehouses: desk.services.warehouses.clone() };
        let spec = RunSpec {
            generate: generate::spec(&args.data),
            options: Options { threads: args.threads, ..Options::default() },
            variables: desk.services.variables.clone(),
        };
        let report = run::run(&desk.context(), &services, &pipeline, &spec, None).await?;
        desk.quiet();
        tell(global, &report)?;
        if report.ok { Ok(()) } else { Err(Failure::told()) }
    })
    .await
}

fn tell(global: &Global, report: &RunReport) -> Result<(), Failure> {
    if global.json {
        return output::json(report);
    }
    let made = &report.generated;
    let mut text = String::new();
    // A pipeline of one's own brings its files along.
    if made.customers + made.products + made.transactions > 0 {
        text.push_str(&format!(
            "generated   {} customers, {} products, {} transactions, {} lines\n",
            made.customers, made.products, made.transactions, made.lines
        ));
    }
    text.push_str(&format!(
        "uploaded    {} objects, {} bytes\ndeployed    {} statements, {} failed\n",
        report.uploaded.objects, report.uploaded.bytes, report.deploy.statements, report.deploy.failed
    ));
    let mut tasks = Table::new(&["TASK", "STATE", "MS>"]);
    for task in &report.tasks {
        tasks.row([task.name.clone(), task.state.clone(), task.ms.to_string()]);
    }
    text.push_str(&format!("\n{}\n\n{}", tasks.text(), counts(report)));
    output::line(&text)?;
    output::line(if report.ok {
        "\n✓ every layer holds what the files hold"
    } else {
        "\n✗ not everything succeeded"
    })
}

/// The marts and the ladder, as `marts` prints them too.
pub fn counts(report: &RunReport) -> String {
    let mut marts = Table::new(&["MART", "ROWS>"]);
    for mart in &report.marts {
        marts.row([mart.name.clone(), mart.rows.to_string()]);
    }
    let mut ladder = Table::new(&["LAYER", "EXPECTED>", "ACTUAL>", ""]);
    for check in &report.reconciliation {
        let mark = if check.ok { "✓" } else { "✗" };
        ladder.row([check.layer.clone(), check.expected.to_string(), check.actual.to_string(), mark.to_owned()]);
    }
    format!("{}\n\n{}", marts.text(), ladder.text())
}
