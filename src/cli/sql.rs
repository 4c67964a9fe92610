//! `snowdeck sql`.

use super::args::{Format, Global, Sql};
use super::desk::{self, Desk};
use super::failure::Failure;
use super::output::{self, Table};
use crate::domain::QueryOutcome;
use crate::jobs::deploy::split;
use crate::jobs::query;
use serde_json::{Value, json};
use std::io::Read;

/// What a statement may begin with under `--readonly`.
const READING: [&str; 9] = ["SELECT", "WITH", "SHOW", "DESC", "DESCRIBE", "LIST", "LS", "EXPLAIN", "USE"];

pub async fn run(global: &Global, args: Sql) -> Result<(), Failure> {
    let text = text(&args)?;
    if global.readonly {
        only_reads(&text)?;
    }
    let format = if global.json { Format::Json } else { args.format };
    let limit = (args.limit > 0).then_some(args.limit);
    desk::at(global, async |desk: &Desk| {
        let session = desk.session(args.role.as_deref()).await?;
        let result = query::run(&desk.context(), session.as_ref(), &text, limit).await;
        session.close().await;
        let answers = result?;
        desk.quiet();
        let mut documents = Vec::new();
        let mut failure = None;
        for answer in answers {
            match answer.result {
                Ok(outcome) if format == Format::Json => documents.push(document(&outcome)),
                Ok(outcome) => print(&outcome, format)?,
                Err(error) => failure = Some(Failure::from(error)),
            }
        }
        match failure {
            Some(failure) => Err(failure),
            None if format == Format::Json => output::json(&json!({ "ok": true, "answers": documents })),
            None => Ok(()),
        }
    })
    .await
}

fn text(args: &Sql) -> Result<String, Failure> {
    if let Some(query) = &args.query {
        return Ok(query.clone());
    }
    if let Some(file) = &args.file {
        return std::fs::read_to_string(file).map_err(|e| Failure::failed(format!("{}: {e}", file.display())));
    }
    let mut text = String::new();
    let read = std::io::stdin().read_to_string(&mut text);
    read.map_err(|e| Failure::failed(format!("standard input cannot be read: {e}")))?;
    Ok(text)
}

fn only_reads(text: &str) -> Result<(), Failure> {
    let statements = split(text).map_err(|e| Failure::usage(e.to_string()))?;
    for statement in statements {
        let word: String = code(&statement.sql).chars().take_while(char::is_ascii_alphabetic).collect();
        if !READING.iter().any(|reading| reading.eq_ignore_ascii_case(&word)) {
            let line = statement.line;
            return Err(Failure::usage(format!(
                "--readonly refuses the statement on line {line}: {word} may change something"
            )));
        }
    }
    Ok(())
}

/// The statement without the comments, blanks and brackets that it begins with.
fn code(mut sql: &str) -> &str {
    loop {
        sql = sql.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
        if sql.starts_with("--") || sql.starts_with("//") {
            sql = sql.split_once('\n').map_or("", |(_, rest)| rest);
        } else if sql.starts_with("/*") {
            sql = sql.split_once("*/").map_or("", |(_, rest)| rest);
        } else {
            return sql;
        }
    }
}

fn document(outcome: &QueryOutcome) -> Value {
    json!({
        "query_id": outcome.query_id,
        "columns": outcome.columns,
        "rows": outcome.rows,
        "total": outcome.total,
    })
}

fn print(outcome: &QueryOutcome, format: Format) -> Result<(), Failure> {
    if format == Format::Csv {
        return output::csv(outcome);
    }
    output::line(&Table::of(outcome).text())?;
    let shown = outcome.rows.len() as u64;
    let rows = if outcome.total == 1 { "1 row".to_owned() } else { format!("{} rows", outcome.total) };
    output::line(&if shown < outcome.total { format!("({shown} of {rows})\n") } else { format!("({rows})\n") })
}

#[cfg(test)]
mod tests {
    use super::only_reads;

    #[test]
    fn readonly_lets_reading_through() {
        for sql in
            ["select 1", "-- x\n/* y */ (SELECT 1); show tables", "with a as (select 1) select * from a", "ls @s"]
        {
            assert!(only_reads(sql).is_ok(), "{sql}");
        }
        for sql in ["delete from t", "select 1; drop table t", "/* select */ truncate t", "call p()", "EXECUTE TASK t"]
        {
            assert!(only_reads(sql).is_err(), "{sql}");
        }
    }
}
