//! The Query pane's work: statements whose rows go to disk, and what else it asks for.

use super::sessions::{Home, place};
use super::{Connected, Shared};
use crate::app::panes::query::{CELL, grid::WINDOW};
use crate::app::{Ask, Asked, Fetched, Reply};
use crate::domain::QueryOutcome;
use crate::jobs::query::export::{Format, export};
use crate::jobs::query::{Spill, catalog, fetch, memory};
use crate::jobs::{Context, JobError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes of a window's rows: what a screen can show of them is far less.
const WINDOW_BYTES: u64 = 4 << 20;

/// The last answer's rows, by its number.
pub type Results = parking_lot::Mutex<Option<(u64, Arc<Spill>)>>;

/// Runs a statement; its rows can be read by the number `result` as they come.
pub async fn query(
    ctx: &Context,
    shared: &Shared,
    on: &Connected,
    sql: String,
    result: u64,
) -> Result<Reply, JobError> {
    let folder = shared.options.paths.state.clone();
    let kept = sql.clone();
    blocking(move || {
        // A history that cannot be kept is no reason not to run the statement.
        if let Err(error) = memory::remember(&folder, &kept) {
            tracing::warn!("the history is not kept: {error}");
        }
        Ok(())
    })
    .await?;
    let open = on.sessions.query(home(shared, on)).await?;
    let spill = Arc::new(Spill::new().map_err(temporary)?);
    *on.results.lock() = Some((result, Arc::clone(&spill)));
    let outcome = fetch(ctx, open.session.as_ref(), &sql, Arc::clone(&spill)).await;
    let outcome = match outcome {
        Err(JobError::Sql(error)) if error.code.is_empty() || error.code.starts_with("390") => {
            on.sessions.forget().await;
            Err(JobError::Sql(error))
        }
        outcome => outcome,
    }?;
    let now = if moves(&sql) {
        place(open.session.as_ref(), &open.place.profile, open.place.account).await.ok()
    } else {
        open.fresh.then_some(open.place)
    };
    let first = blocking(move || spill.window(0, WINDOW, CELL, WINDOW_BYTES).map_err(temporary)).await?;
    let outcome = QueryOutcome { rows: Vec::new(), ..outcome };
    Ok(Reply::Fetched(Box::new(Fetched { outcome, first, place: now })))
}

/// Whether a statement may change where the session stands.
fn moves(sql: &str) -> bool {
    let upper = sql.to_uppercase();
    let mut words = upper.split_whitespace();
    match words.next() {
        Some("USE") => true,
        Some("CREATE" | "DROP" | "ALTER" | "UNDROP") => {
            words.take(4).any(|w| ["DATABASE", "SCHEMA", "WAREHOUSE", "ROLE"].contains(&w))
        }
        Some("CALL" | "EXECUTE" | "BEGIN" | "DECLARE") => true,
        // A comment before it: better once too often.
        Some(first) => first.starts_with("--") || first.starts_with("/*"),
        None => false,
    }
}

fn home<'a>(shared: &'a Shared, on: &'a Connected) -> Home<'a> {
    Home {
        profile: &shared.options.profile,
        account: !shared.options.local,
        to: on.services.warehouses.as_ref(),
        manifest: on.services.pipeline.manifest(),
    }
}

/// Does what the pane asks for.
pub async fn ask(ctx: &Context, shared: &Shared, on: &Connected, ask: Ask) -> Result<Reply, JobError> {
    let folder = shared.options.paths.state.clone();
    let asked = match ask {
        Ask::Window { result, from } => {
            let spill = of(on, result)?;
            let window = blocking(move || spill.window(from, WINDOW, CELL, WINDOW_BYTES).map_err(temporary)).await?;
            Asked::Window(result, window)
        }
        Ask::Cell { result, row, column } => {
            let spill = of(on, result)?;
            let named = spill.columns().get(column).cloned().unwrap_or_default();
            let text = blocking(move || spill.cell(row, column).map_err(temporary)).await?;
            Asked::Cell { column: named, row, text }
        }
        Ask::Export { result, path } => {
            let spill = of(on, result)?;
            let ctx = ctx.clone();
            let format = Format::of(&path)
                .ok_or_else(|| JobError::Usage(format!("{path}: the name must end in .csv, .json or .parquet")))?;
            let file = expanded(&path);
            let shown = file.display().to_string();
            let rows = blocking(move || export(&ctx, &spill, &file, format)).await?;
            Asked::Exported(rows, shown)
        }
        Ask::Databases => {
            let open = on.sessions.query(home(shared, on)).await?;
            let stands = place(open.session.as_ref(), &open.place.profile, open.place.account).await?;
            let session = on.sessions.names(home(shared, on)).await?;
            Asked::Databases(catalog::databases(session.as_ref(), &ctx.cancel).await?, stands)
        }
        Ask::Database(name) => {
            let session = on.sessions.names(home(shared, on)).await?;
            Asked::Database(catalog::database(session.as_ref(), &name, &ctx.cancel).await?)
        }
        Ask::Memory => Asked::Memory(blocking(move || memory::load(&folder)).await?),
        Ask::Remember(sql) => {
            blocking(move || memory::remember(&folder, &sql)).await?;
            Asked::Remembered
        }
        Ask::Save(query) => {
            let kept = query.clone();
            let path = blocking(move || memory::save(&folder, &kept)).await?;
            Asked::Saved(query, path.display().to_string())
        }
        Ask::Roles => Asked::Roles(roles(ctx, shared, on).await?),
        Ask::Switch { profile, role } => switch(shared, on, profile, role).await?,
    };
    Ok(Reply::Asked(asked))
}

/// The roles that the user may take.
async fn roles(ctx: &Context, shared: &Shared, on: &Connected) -> Result<Vec<String>, JobError> {
    let open = on.sessions.query(home(shared, on)).await?;
    let answer = open.session.query("SELECT CURRENT_AVAILABLE_ROLES()", Some(1), &ctx.cancel).await?;
    let list = answer.rows.first().and_then(|r| r.first()?.clone()).unwrap_or_default();
    let mut roles: Vec<String> = serde_json::from_str(&list).unwrap_or_default();
    roles.sort();
    Ok(roles)
}

async fn switch(
    shared: &Shared,
    on: &Connected,
    profile: Option<String>,
    role: Option<String>,
) -> Result<Asked, JobError> {
    let other = match profile.filter(|name| *name != shared.options.profile) {
        None => None,
        Some(name) => {
            let opened = match on.sessions.opened(&name).await {
                Some(opened) => opened,
                None => (shared.options.open)(name.clone(), shared.observer.clone()).await.map_err(JobError::Failed)?,
            };
            Some((name, opened))
        }
    };
    Ok(Asked::Switched(on.sessions.switch(home(shared, on), other, role).await?))
}

/// The rows of an answer that is still the last.
fn of(on: &Connected, result: u64) -> Result<Arc<Spill>, JobError> {
    let results = on.results.lock();
    let spill = results.as_ref().filter(|(number, _)| *number == result).map(|(_, spill)| Arc::clone(spill));
    spill.ok_or_else(|| JobError::Failed("the rows are gone: another statement has run since".into()))
}

/// A path as it was typed, with `~/` for the user's home.
pub fn expanded(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(path),
    }
}

fn temporary(source: std::io::Error) -> JobError {
    JobError::File { path: "temporary file of the result's rows".into(), source }
}

/// Work that blocks, off the async threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, JobError> + Send + 'static,
) -> Result<T, JobError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| JobError::Failed(format!("it ended early: {e}")))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_moves_the_session() {
        for sql in ["use role x", "CREATE OR REPLACE SCHEMA s", "-- x\nUSE DATABASE d", "BEGIN USE ROLE x; END"] {
            assert!(moves(sql), "{sql}");
        }
        assert!(!moves("SELECT 1") && !moves("CREATE TABLE t (a INT)"));
    }
}
